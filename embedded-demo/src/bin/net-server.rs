//! Over TCP/IP: serves a page over TLS.
#![no_std]
#![no_main]
#![allow(unsafe_code, reason = "cortex-m-rt's entry makes the references to the statics")]

use cortex_m_rt::entry;
use ferrule_embedded_demo::Failure;
use ferrule_embedded_demo::board::network::{self, Network};
use ferrule_embedded_demo::board::{app, console};

#[entry]
fn main() -> ! {
    static mut MEMORY: app::ServerMemory = app::ServerMemory::new();
    static mut NETWORK: network::Memory = network::Memory::new();
    static mut SOCKETS: network::Sockets = network::NO_SOCKETS;
    app::start();
    let Some(mut network) = Network::start(NETWORK, SOCKETS) else {
        console::text("there is no Ethernet controller\n");
        console::fail()
    };
    let outcome = network.accept(443).map_err(Failure::Transport);
    let outcome = outcome.and_then(|()| app::server(&mut network, MEMORY));
    network.close();
    app::end(outcome)
}
