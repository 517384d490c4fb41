//! Over the serial line: fetches a page without TLS: what the firmware takes but for it.
#![no_std]
#![no_main]
#![allow(unsafe_code, reason = "cortex-m-rt's entry makes the references to the statics")]

use cortex_m_rt::entry;
use ferrule_embedded_demo::board::{app, uart::Uart};

#[entry]
fn main() -> ! {
    app::start();
    app::end(app::plain(&mut Uart::start()))
}
