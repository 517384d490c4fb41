//! Memory-mapped registers: the one place where the firmware touches hardware.

/// The 32-bit register at this address.
#[derive(Debug, Clone, Copy)]
pub(super) struct Register(usize);

impl Register {
    /// # Safety
    /// On this board the address must be that of a device register, never memory: reading and writing it
    /// at any time must be harmless to memory safety (no DMA is started).
    #[allow(unsafe_code)]
    pub(super) const unsafe fn at(address: usize) -> Self {
        Self(address)
    }

    pub(super) fn read(self) -> u32 {
        // SAFETY: whoever made the register vouched for its address.
        #[allow(unsafe_code)]
        unsafe {
            core::ptr::with_exposed_provenance::<u32>(self.0).read_volatile()
        }
    }

    pub(super) fn write(self, value: u32) {
        // SAFETY: as above.
        #[allow(unsafe_code)]
        unsafe {
            core::ptr::with_exposed_provenance_mut::<u32>(self.0).write_volatile(value);
        }
    }
}

/// The registers of one device: name = offset from its base.
macro_rules! registers {
    ($base:literal: $($name:ident = $offset:literal,)*) => {
        $(
            // SAFETY: a device of the mps2-an386 lies here (Arm application note 386, memory map); its
            // registers start no DMA.
            #[allow(unsafe_code)]
            const $name: $crate::board::register::Register =
                unsafe { $crate::board::register::Register::at($base + $offset) };
        )*
    };
}
pub(super) use registers;
