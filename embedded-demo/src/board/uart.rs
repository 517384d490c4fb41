//! The smallest transport: UART 0 (CMSDK), eight bits at a time, polled.

use super::register::registers;
use core::convert::Infallible;
use embedded_io::{ErrorType, Read, Write};

registers! { 0x4000_4000: DATA = 0x0, STATE = 0x4, CONTROL = 0x8, BAUD_DIVIDER = 0x10, }

const TX_FULL: u32 = 1 << 0;
const RX_FULL: u32 = 1 << 1;

/// UART 0.
#[derive(Debug)]
pub struct Uart(());

impl Uart {
    /// Turns it on.
    pub fn start() -> Self {
        BAUD_DIVIDER.write(16);
        CONTROL.write(3);
        Self(())
    }
}

impl ErrorType for Uart {
    type Error = Infallible;
}

impl Read for Uart {
    /// Waits for the first byte, and takes what is there after it. A serial line has no end.
    fn read(&mut self, into: &mut [u8]) -> Result<usize, Infallible> {
        let mut read = 0;
        for byte in into {
            while read == 0 && STATE.read() & RX_FULL == 0 {}
            if STATE.read() & RX_FULL == 0 {
                break;
            }
            *byte = DATA.read() as u8;
            read += 1;
        }
        Ok(read)
    }
}

impl Write for Uart {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        for &byte in bytes {
            while STATE.read() & TX_FULL != 0 {}
            DATA.write(byte.into());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}
