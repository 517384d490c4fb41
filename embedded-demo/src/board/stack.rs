//! How deep the stack was: it is painted, and later the lowest word is found where the paint has gone.

const PAINT: u32 = 0xc0de_feed;

/// Left unpainted below the painter: its own frame, and room to spare.
const MARGIN: usize = 256;

#[allow(unsafe_code)] // names only: their addresses are taken, never their values
unsafe extern "C" {
    // From cortex-m-rt's linker script: the end of the statics, and the top of the stack.
    #[link_name = "__sheap"]
    static STACK_LIMIT: u32;
    #[link_name = "_stack_start"]
    static STACK_TOP: u32;
}

fn limit() -> usize {
    (&raw const STACK_LIMIT).addr()
}

fn top() -> usize {
    (&raw const STACK_TOP).addr()
}

/// Paints all memory between the statics and the stack in use.
#[inline(never)]
pub fn paint() {
    let end = cortex_m::register::msp::read() as usize - MARGIN;
    for address in (limit()..end).step_by(4) {
        // SAFETY: memory between the statics and the stack pointer belongs to nobody: there is no heap.
        #[allow(unsafe_code)]
        unsafe {
            core::ptr::with_exposed_provenance_mut::<u32>(address).write_volatile(PAINT);
        }
    }
}

/// The most bytes of stack that were in use since [`paint`].
#[inline(never)]
pub fn peak() -> u32 {
    let untouched = (limit()..top()).step_by(4).take_while(|&address| {
        // SAFETY: memory of the board, read only.
        #[allow(unsafe_code)]
        let word = unsafe { core::ptr::with_exposed_provenance::<u32>(address).read_volatile() };
        word == PAINT
    });
    (top() - limit() - 4 * untouched.count()) as u32
}
