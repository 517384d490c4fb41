//! The clock: CMSDK timer 0, 25 MHz.
//!
//! Under `qemu -icount shift=0` an instruction takes one nanosecond, so the timer ticks once every 40
//! instructions, the same in each run.

use super::register::registers;

registers! { 0x4000_0000: CONTROL = 0x0, VALUE = 0x4, RELOAD = 0x8, }

/// Instructions in a tick, with `-icount shift=0`.
pub const INSTRUCTIONS_PER_TICK: u32 = 40;

/// Starts the clock. It wraps after 171 seconds.
pub fn start() {
    RELOAD.write(u32::MAX);
    VALUE.write(u32::MAX);
    CONTROL.write(1);
}

/// Ticks since the start.
pub fn ticks() -> u32 {
    u32::MAX - VALUE.read()
}

/// Milliseconds since the start.
pub fn milliseconds() -> u32 {
    ticks() / 25_000
}

/// Counts the ticks that a transport takes, so that they can be left out.
#[derive(Debug)]
pub struct Metered<T> {
    transport: T,
    /// Ticks spent in the transport, mostly waiting.
    pub ticks: u32,
}

impl<T> Metered<T> {
    /// Meters `transport`.
    pub const fn new(transport: T) -> Self {
        Self { transport, ticks: 0 }
    }

    fn meter<R>(&mut self, action: impl FnOnce(&mut T) -> R) -> R {
        let start = ticks();
        let outcome = action(&mut self.transport);
        self.ticks = self.ticks.wrapping_add(ticks().wrapping_sub(start));
        outcome
    }
}

impl<T: embedded_io::ErrorType> embedded_io::ErrorType for Metered<T> {
    type Error = T::Error;
}

impl<T: embedded_io::Read> embedded_io::Read for Metered<T> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize, T::Error> {
        self.meter(|transport| transport.read(into))
    }
}

impl<T: embedded_io::Write> embedded_io::Write for Metered<T> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, T::Error> {
        self.meter(|transport| transport.write(bytes))
    }
    fn flush(&mut self) -> Result<(), T::Error> {
        self.meter(T::flush)
    }
}
