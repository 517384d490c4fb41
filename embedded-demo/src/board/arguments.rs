//! What the host passes at the start, by semihosting.

use cortex_m_semihosting::{nr, syscall1};

/// The port to connect to: the last argument. Zero if there is none.
pub fn port() -> u16 {
    let mut line = [0u8; 80];
    let mut block = [line.as_mut_ptr().expose_provenance(), line.len()];
    // SAFETY: SYS_GET_CMDLINE takes the address and length of a buffer, writes at most that many bytes into
    // it, and the length of what it wrote over the second word. Both outlive the call.
    #[allow(unsafe_code)]
    let failed = unsafe { syscall1(nr::GET_CMDLINE, block.as_mut_ptr().expose_provenance()) } != 0;
    let [_, length] = block;
    if failed {
        return 0;
    }
    let last = line.get(..length).unwrap_or_default().rsplit(|byte| *byte == b' ').next().unwrap_or_default();
    last.iter().fold(0, |port, digit| port * 10 + u16::from(digit.wrapping_sub(b'0')))
}
