//! The presentation language (RFC 8446 §3): a reader that never indexes, a writer that never
//! overruns.

use crate::error::{Decode, Fault, Limit};

/// Reads one structure from front to back. Every error names the structure.
#[derive(Debug, Clone)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    structure: &'static str,
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8], structure: &'static str) -> Self {
        Self { rest: bytes, structure }
    }

    pub(crate) const fn fault(&self, fault: Fault) -> Decode {
        Decode { structure: self.structure, fault }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn take(&mut self, length: usize) -> Result<&'a [u8], Decode> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(self.fault(Fault::TooShort))?;
        self.rest = rest;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<&'a [u8; N], Decode> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(self.fault(Fault::TooShort))?;
        self.rest = rest;
        Ok(taken)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, Decode> {
        self.array().map(|&[byte]| byte)
    }

    pub(crate) fn u16(&mut self) -> Result<u16, Decode> {
        self.array().map(|&bytes| u16::from_be_bytes(bytes))
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Decode> {
        self.array().map(|&bytes| u32::from_be_bytes(bytes))
    }

    /// `opaque <min..2^8-1>`
    pub(crate) fn vector_u8(&mut self, min: usize) -> Result<&'a [u8], Decode> {
        let length = self.u8()?;
        self.vector(usize::from(length), min)
    }

    /// `opaque <min..2^16-1>`
    pub(crate) fn vector_u16(&mut self, min: usize) -> Result<&'a [u8], Decode> {
        let length = self.u16()?;
        self.vector(usize::from(length), min)
    }

    /// A vector of 16-bit values, at least one.
    pub(crate) fn u16_list(&mut self) -> Result<U16List<'a>, Decode> {
        let bytes = self.vector_u16(2)?;
        U16List::new(bytes).ok_or(self.fault(Fault::VectorLength))
    }

    fn vector(&mut self, length: usize, min: usize) -> Result<&'a [u8], Decode> {
        if length < min {
            return Err(self.fault(Fault::VectorLength));
        }
        self.take(length)
    }

    pub(crate) fn finish(self) -> Result<(), Decode> {
        if self.is_empty() { Ok(()) } else { Err(self.fault(Fault::TrailingBytes)) }
    }
}

/// A 24-bit length.
pub(crate) const fn u24([high, middle, low]: [u8; 3]) -> usize {
    u32::from_be_bytes([0, high, middle, low]) as usize
}

/// A list of 16-bit values, iterated where it lies: a peer may send any number.
#[derive(Debug, Clone, Copy)]
pub struct U16List<'a>(&'a [u8]);

impl<'a> U16List<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Option<Self> {
        if bytes.len().is_multiple_of(2) { Some(Self(bytes)) } else { None }
    }

    /// The values, in the peer's order of preference.
    pub fn iter(self) -> impl Iterator<Item = u16> + 'a {
        let (pairs, _) = self.0.as_chunks();
        pairs.iter().map(|&pair| u16::from_be_bytes(pair))
    }

    pub(crate) const fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// Whether `value` is in the list.
    pub fn contains(self, value: u16) -> bool {
        self.iter().any(|has| has == value)
    }
}

/// Writes structures into a buffer. It counts on where there is no room left, so that the one check
/// at the end can say how much would have been needed.
#[derive(Debug)]
pub(crate) struct Writer<'a> {
    buffer: &'a mut [u8],
    at: usize,
}

impl<'a> Writer<'a> {
    pub(crate) const fn new(buffer: &'a mut [u8]) -> Self {
        Self { buffer, at: 0 }
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        // Saturation ends in the "no room" of `finish`, whatever the sum.
        let end = self.at.saturating_add(bytes.len());
        if let Some(room) = self.buffer.get_mut(self.at..end) {
            room.copy_from_slice(bytes);
        }
        self.at = end;
    }

    pub(crate) fn u8(&mut self, value: u8) {
        self.bytes(&[value]);
    }

    pub(crate) fn u16(&mut self, value: u16) {
        self.bytes(&value.to_be_bytes());
    }

    /// A vector behind a length of `N` bytes.
    pub(crate) fn vector<const N: usize>(&mut self, fill: impl FnOnce(&mut Self)) {
        let start = self.at;
        self.bytes(&[0; N]);
        let body = self.at;
        fill(self);
        let length = self.at.saturating_sub(body).to_be_bytes();
        match length.split_last_chunk::<N>() {
            Some((high, low)) if high.iter().all(|&byte| byte == 0) => {
                if let Some(room) = self.buffer.get_mut(start..body) {
                    room.copy_from_slice(low);
                }
            }
            // Longer than its length field can say: reported as no room.
            _ => self.at = usize::MAX,
        }
    }

    /// How much was written, or how much room was missing.
    pub(crate) fn finish(self) -> Result<usize, Limit> {
        if self.at <= self.buffer.len() {
            Ok(self.at)
        } else {
            Err(Limit::Scratch { needed: self.at, room: self.buffer.len() })
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_that_is_shorter_than_its_minimum_is_refused() {
        let mut reader = Reader::new(&[0, 1, 7], "test");
        assert_eq!(reader.vector_u16(2).unwrap_err().fault, Fault::VectorLength);
    }

    #[test]
    fn what_is_written_reads_back_at_every_truncation_as_too_short() {
        let mut buffer = [0; 16];
        let mut writer = Writer::new(&mut buffer);
        writer.vector::<2>(|w| w.vector::<1>(|w| w.bytes(b"ferrule")));
        let length = writer.finish().unwrap();
        assert_eq!(&buffer[..length], b"\x00\x08\x07ferrule");
        for cut in 0..length {
            let mut reader = Reader::new(&buffer[..cut], "test");
            assert_eq!(reader.vector_u16(0).unwrap_err().fault, Fault::TooShort, "cut at {cut}");
        }
    }

    #[test]
    fn a_writer_without_room_says_how_much_it_needs() {
        let mut buffer = [0; 4];
        let mut writer = Writer::new(&mut buffer);
        writer.vector::<3>(|w| w.bytes(&[1; 9]));
        assert_eq!(writer.finish(), Err(Limit::Scratch { needed: 12, room: 4 }));
    }

    #[test]
    fn a_vector_too_long_for_its_length_field_is_refused() {
        let mut buffer = [0; 400];
        let mut writer = Writer::new(&mut buffer);
        writer.vector::<1>(|w| w.bytes(&[1; 300]));
        assert!(writer.finish().is_err());
    }
}
