//! The emulated board: QEMU's `mps2-an386`, a Cortex-M4F.
//!
//! | | |
//! |---|---|
//! | [`app`] | what the programs do: client, server, and the same without TLS |
//! | `assembly` | P-256 in assembly |
//! | [`profile`] | which cryptography they are built with |
//! | [`uart`] | the smallest transport: a serial line |
//! | [`network`], [`lan9118`] | TCP/IP by smoltcp over the board's Ethernet |
//! | [`clock`], [`stack`] | what is measured |
//! | [`console`] | the host's terminal, by semihosting |

pub mod app;
pub mod arguments;
#[cfg(feature = "assembly")]
pub mod assembly;
pub mod clock;
pub mod console;
pub mod lan9118;
pub mod network;
pub mod profile;
mod register;
pub mod stack;
pub mod uart;

use core::panic::PanicInfo;

/// There is nobody to read a message; the location would cost flash.
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    console::text("panic\n");
    console::fail()
}

/// The board's 32 interrupts: none is used.
#[allow(unsafe_code)] // the linker script wants this name in this place
#[unsafe(link_section = ".vector_table.interrupts")]
#[unsafe(no_mangle)]
pub static __INTERRUPTS: [extern "C" fn() -> !; 32] = [unexpected; 32];

extern "C" fn unexpected() -> ! {
    console::text("an interrupt that nobody asked for\n");
    console::fail()
}
