//! Over TCP/IP: fetches a page without TLS: what the firmware takes but for it.
#![no_std]
#![no_main]
#![allow(unsafe_code, reason = "cortex-m-rt's entry makes the references to the statics")]

use cortex_m_rt::entry;
use ferrule_embedded_demo::Failure;
use ferrule_embedded_demo::board::network::{self, Network};
use ferrule_embedded_demo::board::{app, arguments, console};

#[entry]
fn main() -> ! {
    static mut NETWORK: network::Memory = network::Memory::new();
    static mut SOCKETS: network::Sockets = network::NO_SOCKETS;
    app::start();
    let Some(mut network) = Network::start(NETWORK, SOCKETS) else {
        console::text("there is no Ethernet controller\n");
        console::fail()
    };
    let outcome = network.connect(arguments::port()).map_err(Failure::Transport);
    let outcome = outcome.and_then(|()| app::plain(&mut network));
    network.close();
    app::end(outcome)
}
