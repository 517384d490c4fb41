//! Strict DER (X.690) over borrowed bytes: just what a certificate needs, on the `der` crate's
//! header decoding, which refuses indefinite and non-minimal lengths.

use der::{Decode, Header, Length, Reader, SliceReader, Tag, TagNumber};

/// Bytes that are no strict DER: becomes [`Rule::Malformed`](super::Rule::Malformed) on the way up. Small,
/// since every element that is read returns it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed {
    pub(super) structure: &'static str,
}

/// Reads the elements of one structure, front to back. Every error names that structure.
#[derive(Clone)]
pub(super) struct Der<'a> {
    reader: SliceReader<'a>,
    structure: &'static str,
}

/// Context tag `[number]`, as a primitive or constructed element.
pub(super) const fn context(number: u32, constructed: bool) -> Tag {
    Tag::ContextSpecific { constructed, number: TagNumber(number) }
}

impl<'a> Der<'a> {
    /// A reader over the elements in `bytes`, named `structure` in errors.
    pub(super) fn new(bytes: &'a [u8], structure: &'static str) -> Result<Self, Malformed> {
        let reader = SliceReader::new(bytes).map_err(|_| Malformed { structure })?;
        Ok(Self { reader, structure })
    }

    /// Reads `bytes` as one SEQUENCE with nothing behind it, and gives a reader over its contents.
    pub(super) fn whole_sequence(bytes: &'a [u8], structure: &'static str) -> Result<Self, Malformed> {
        let mut outer = Self::new(bytes, structure)?;
        let inner = outer.sequence(structure)?;
        outer.finish()?;
        Ok(inner)
    }

    /// The error of this structure.
    pub(super) fn malformed(&self) -> Malformed {
        Malformed { structure: self.structure }
    }

    /// The next element, whatever its tag: tag and contents.
    pub(super) fn any(&mut self) -> Result<(Tag, &'a [u8]), Malformed> {
        let structure = self.structure;
        let header = Header::decode(&mut self.reader).map_err(|_| Malformed { structure })?;
        let contents = self.reader.read_slice(header.length()).map_err(|_| Malformed { structure })?;
        Ok((header.tag(), contents))
    }

    /// The contents of the next element, which must have this tag.
    pub(super) fn expect(&mut self, tag: Tag) -> Result<&'a [u8], Malformed> {
        match self.any()? {
            (found, contents) if found == tag => Ok(contents),
            _ => Err(self.malformed()),
        }
    }

    /// The contents of the next element if it has this tag; else nothing is consumed.
    pub(super) fn optional(&mut self, tag: Tag) -> Result<Option<&'a [u8]>, Malformed> {
        if self.is_finished() {
            return Ok(None);
        }
        match Header::peek(&self.reader) {
            Ok(header) if header.tag() == tag => self.expect(tag).map(Some),
            Ok(_) => Ok(None),
            Err(_) => Err(self.malformed()),
        }
    }

    /// Whether the next element has this tag.
    pub(super) fn is_at(&self, tag: Tag) -> bool {
        !self.is_finished() && Header::peek(&self.reader).is_ok_and(|header| header.tag() == tag)
    }

    /// Enters the next element, a SEQUENCE, named `structure` in errors.
    pub(super) fn sequence(&mut self, structure: &'static str) -> Result<Der<'a>, Malformed> {
        Der::new(self.expect(Tag::Sequence)?, structure)
    }

    /// The next element with its header, which must have this tag.
    pub(super) fn element(&mut self, tag: Tag) -> Result<&'a [u8], Malformed> {
        let structure = self.structure;
        match Header::peek(&self.reader) {
            Ok(header) if header.tag() == tag => self.reader.tlv_bytes().map_err(|_| Malformed { structure }),
            _ => Err(self.malformed()),
        }
    }

    /// A BOOLEAN that defaults to FALSE. An explicit FALSE is accepted although DER leaves defaults
    /// out (X.690 §11.5): deployed certificates carry it, and it can be read in one way only.
    pub(super) fn boolean_default_false(&mut self) -> Result<bool, Malformed> {
        match self.optional(Tag::Boolean)? {
            None | Some([0x00]) => Ok(false),
            Some([0xff]) => Ok(true),
            Some(_) => Err(self.malformed()),
        }
    }

    /// An INTEGER's contents in two's complement: minimal (X.690 §8.3.2), so never empty.
    pub(super) fn integer(&mut self) -> Result<&'a [u8], Malformed> {
        match self.expect(Tag::Integer)? {
            [] | [0x00, 0x00..=0x7f, ..] | [0xff, 0x80..=0xff, ..] => Err(self.malformed()),
            contents => Ok(contents),
        }
    }

    /// A positive INTEGER's magnitude, big-endian, without leading zeros.
    pub(super) fn positive_integer(&mut self) -> Result<&'a [u8], Malformed> {
        match self.integer()? {
            [0x00] | [0x80..=0xff, ..] => Err(self.malformed()),
            [0x00, magnitude @ ..] => Ok(magnitude),
            magnitude => Ok(magnitude),
        }
    }

    /// A BIT STRING of whole bytes, as keys and signatures are.
    pub(super) fn bit_string_of_bytes(&mut self) -> Result<&'a [u8], Malformed> {
        match self.expect(Tag::BitString)? {
            [0, bytes @ ..] => Ok(bytes),
            _ => Err(self.malformed()),
        }
    }

    /// How many bytes are still to be read.
    pub(super) fn remaining(&self) -> Length {
        self.reader.remaining_len()
    }

    /// Whether all has been read.
    pub(super) fn is_finished(&self) -> bool {
        self.remaining().is_zero()
    }

    /// Nothing may follow.
    pub(super) fn finish(self) -> Result<(), Malformed> {
        if self.is_finished() { Ok(()) } else { Err(self.malformed()) }
    }
}
