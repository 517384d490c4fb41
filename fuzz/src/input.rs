//! How a target's bytes are read. Not by `arbitrary`: there a changed byte at the end of the input changes the
//! lengths of everything, and a seed can hardly be written by hand.

/// Reads an input from front to back. What is missing is zero.
#[derive(Debug, Clone)]
pub struct Input<'a> {
    rest: &'a [u8],
}

impl<'a> Input<'a> {
    /// The whole input.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// One byte.
    pub fn byte(&mut self) -> u8 {
        self.bytes(1).first().copied().unwrap_or_default()
    }

    /// A 16-bit number.
    pub fn word(&mut self) -> u16 {
        u16::from_be_bytes([self.byte(), self.byte()])
    }

    /// So many bytes, or what is left.
    pub fn bytes(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at(length.min(self.rest.len()));
        self.rest = rest;
        taken
    }

    /// As many bytes as the next one says.
    pub fn short_list(&mut self) -> &'a [u8] {
        let length = usize::from(self.byte());
        self.bytes(length)
    }

    /// As many bytes as the next two say.
    pub fn long_list(&mut self) -> &'a [u8] {
        let length = usize::from(self.word());
        self.bytes(length)
    }

    /// All that is left.
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Whether nothing is left.
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }
}

/// A size from four bits: small ones one by one, large ones by doubling.
pub const fn size(bits: u8) -> usize {
    match bits & 15 {
        0 => 0,
        few @ 1..=6 => few as usize,
        more => 1 << (more - 1),
    }
}
