//! Over the serial line: fetches a page over TLS.
#![no_std]
#![no_main]
#![allow(unsafe_code, reason = "cortex-m-rt's entry makes the references to the statics")]

use cortex_m_rt::entry;
use ferrule_embedded_demo::board::{app, uart::Uart};

#[entry]
fn main() -> ! {
    static mut MEMORY: app::ClientMemory = app::ClientMemory::new();
    app::start();
    app::end(app::client(&mut Uart::start(), MEMORY))
}
