//! The host's terminal, by semihosting. Numbers are written without `core::fmt`, which would be the larger
//! part of a small firmware.

use core::fmt;
use cortex_m_semihosting::{debug, hio};

/// Prints bytes.
pub fn bytes(bytes: &[u8]) {
    if let Ok(mut out) = hio::hstdout() {
        // Without a host there is nobody to tell.
        let _ = out.write_all(bytes);
    }
}

/// Prints text.
pub fn text(line: &str) {
    bytes(line.as_bytes());
}

/// Prints a number.
pub fn number(mut value: u32) {
    let mut digits = [0; 10];
    let mut start = digits.len();
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (value % 10) as u8;
        value /= 10;
        start -= 1;
        if value == 0 {
            break;
        }
    }
    bytes(digits.get(start..).unwrap_or_default());
}

/// Prints `name=value` and a space.
pub fn figure(name: &str, value: u32) {
    text(name);
    text("=");
    number(value);
    text(" ");
}

/// Ends the emulation in order.
pub fn succeed() -> ! {
    leave(debug::EXIT_SUCCESS)
}

/// Ends the emulation with an error.
pub fn fail() -> ! {
    leave(debug::EXIT_FAILURE)
}

fn leave(status: debug::ExitStatus) -> ! {
    loop {
        debug::exit(status);
    }
}

/// For those who have `core::fmt` anyway.
#[derive(Debug, Clone, Copy)]
pub struct Console;

impl fmt::Write for Console {
    fn write_str(&mut self, line: &str) -> fmt::Result {
        text(line);
        Ok(())
    }
}
