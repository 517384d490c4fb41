//! Certificate (RFC 8446 §4.4.2): streamed both ways, so that no chain needs to fit into memory.

use super::{ExtensionType, HandshakeType, MESSAGE_HEADER};
use crate::codec::u24;
use crate::error::inner::Error;
use crate::error::{Decode, Fault, Limit, Misbehaved};

/// Reads a Certificate message in pieces of any size. Each certificate is put together in memory that
/// the verifier names; what is around it is checked and dropped.
#[derive(Debug)]
pub(crate) struct CertificateReader {
    phase: Phase,
    /// A length that is being put together.
    field: [u8; 3],
    have: usize,
    /// What the message still holds.
    message_left: usize,
    certificates: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Context,
    ListLength,
    EntryLength,
    Entry { length: usize },
    ExtensionsLength,
    ExtensionType,
    End,
}

/// What the bytes taken have completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Nothing: more bytes are needed.
    More,
    /// A certificate of this length lies where it was wanted.
    Certificate { length: usize },
    /// The message is over.
    End,
}

const fn malformed(fault: Fault) -> Error {
    Error::Decode(Decode { structure: "Certificate", fault })
}

impl CertificateReader {
    /// For a message whose body has `length` bytes: at least a context's and a list's length.
    pub(crate) const fn new(length: usize) -> Result<Self, Error> {
        if length < 1 + 3 {
            return Err(malformed(Fault::TooShort));
        }
        Ok(Self { phase: Phase::Context, field: [0; 3], have: 0, message_left: length, certificates: 0 })
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.phase == Phase::End
    }

    /// How many certificates have been read.
    pub(crate) const fn certificates(&self) -> usize {
        self.certificates
    }

    /// Takes bytes up to the next [`Progress`]. Certificates are written to `memory` at `at`, or
    /// skipped where it is `None`. Returns how many bytes were taken.
    pub(crate) fn read(
        &mut self,
        bytes: &[u8],
        memory: &mut [u8],
        at: Option<usize>,
    ) -> Result<(usize, Progress), Error> {
        let mut rest = bytes;
        let progress = loop {
            if self.phase == Phase::End {
                break Progress::End;
            }
            if let Phase::Entry { length } = self.phase {
                let want = length.saturating_sub(self.have).min(rest.len());
                let (piece, behind) = rest.split_at_checked(want).unwrap_or((rest, &[]));
                self.place(piece, memory, at, length)?;
                rest = behind;
                if self.have < length {
                    break Progress::More;
                }
                self.enter(Phase::ExtensionsLength);
                self.certificates = self.certificates.saturating_add(1);
                break Progress::Certificate { length };
            }
            let Some((&byte, behind)) = rest.split_first() else {
                // The message is used up within an entry.
                if self.message_left == 0 {
                    return Err(malformed(Fault::TooShort));
                }
                break Progress::More;
            };
            rest = behind;
            self.spend(1)?;
            self.on_field_byte(byte)?;
        };
        Ok((bytes.len().saturating_sub(rest.len()), progress))
    }

    fn place(
        &mut self,
        piece: &[u8],
        memory: &mut [u8],
        at: Option<usize>,
        length: usize,
    ) -> Result<(), Error> {
        if let Some(at) = at {
            let needed = at.saturating_add(length);
            let no_room = Limit::Scratch { needed, room: memory.len() };
            let start = at.saturating_add(self.have);
            let end = start.saturating_add(piece.len());
            // Refused at its first byte: a certificate that will not fit is not worth beginning.
            if needed > memory.len() {
                return Err(no_room.into());
            }
            memory.get_mut(start..end).ok_or(no_room)?.copy_from_slice(piece);
        }
        self.spend(piece.len())?;
        self.have = self.have.saturating_add(piece.len());
        Ok(())
    }

    fn on_field_byte(&mut self, byte: u8) -> Result<(), Error> {
        let width = match self.phase {
            Phase::Context => 1,
            Phase::ExtensionsLength | Phase::ExtensionType => 2,
            _ => 3,
        };
        self.field.rotate_left(1);
        if let Some(last) = self.field.last_mut() {
            *last = byte;
        }
        self.have = self.have.saturating_add(1);
        if self.have < width {
            return Ok(());
        }
        let value = u24(self.field);
        self.field = [0; 3];
        match self.phase {
            // "If the message is in response to a CertificateRequest, the value of
            // certificate_request_context in that message. Otherwise ... this field SHALL be zero length."
            Phase::Context if value != 0 => {
                return Err(
                    Misbehaved::UnknownValue { field: "Certificate.certificate_request_context" }.into()
                );
            }
            Phase::Context => self.enter(Phase::ListLength),
            Phase::ListLength => match value.cmp(&self.message_left) {
                core::cmp::Ordering::Less => return Err(malformed(Fault::TrailingBytes)),
                core::cmp::Ordering::Greater => return Err(malformed(Fault::TooShort)),
                core::cmp::Ordering::Equal => self.next_entry(),
            },
            // opaque cert_data<1..2^24-1>
            Phase::EntryLength if value == 0 => return Err(malformed(Fault::VectorLength)),
            Phase::EntryLength if value > self.message_left => return Err(malformed(Fault::TooShort)),
            Phase::EntryLength => self.enter(Phase::Entry { length: value }),
            Phase::ExtensionsLength if value > self.message_left => return Err(malformed(Fault::TooShort)),
            Phase::ExtensionsLength if value == 0 => self.next_entry(),
            Phase::ExtensionsLength if value < 4 => return Err(malformed(Fault::TooShort)),
            Phase::ExtensionsLength => self.enter(Phase::ExtensionType),
            // "Extensions in the Certificate message from the server MUST correspond to ones from the
            // ClientHello message" (§4.4.2), and none that may stand here was offered.
            Phase::ExtensionType => {
                let extension = ExtensionType(u16::try_from(value).unwrap_or_default());
                return Err(Misbehaved::UnsolicitedExtension { extension }.into());
            }
            Phase::Entry { .. } | Phase::End => return Err(Error::Internal("certificate reader: phase")),
        }
        Ok(())
    }

    fn next_entry(&mut self) {
        self.enter(if self.message_left == 0 { Phase::End } else { Phase::EntryLength });
    }

    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.have = 0;
    }

    fn spend(&mut self, bytes: usize) -> Result<(), Error> {
        self.message_left = self.message_left.checked_sub(bytes).ok_or(malformed(Fault::TooShort))?;
        Ok(())
    }
}

/// A Certificate message of ours, written from the configuration in pieces of any size.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CertificateWriter<'a> {
    /// DER, the leaf first.
    chain: &'a [&'a [u8]],
}

/// A piece of the message: a few bytes of lengths, or a certificate.
enum Segment<'a> {
    Message([u8; MESSAGE_HEADER + 1 + 3]),
    Entry([u8; 3]),
    Certificate(&'a [u8]),
    /// An entry's extensions: none.
    Extensions([u8; 2]),
}

impl Segment<'_> {
    const fn bytes(&self) -> &[u8] {
        match self {
            Self::Message(bytes) => bytes,
            Self::Entry(bytes) => bytes,
            Self::Certificate(bytes) => bytes,
            Self::Extensions(bytes) => bytes,
        }
    }
}

fn to_u24(length: usize) -> [u8; 3] {
    let [.., high, middle, low] = length.to_be_bytes();
    [high, middle, low]
}

impl<'a> CertificateWriter<'a> {
    /// `None` where the chain is longer than the message can say.
    pub(crate) fn new(chain: &'a [&'a [u8]]) -> Option<Self> {
        let writer = Self { chain };
        (writer.list_length() < (1 << 24) - MESSAGE_HEADER).then_some(writer)
    }

    fn list_length(&self) -> usize {
        self.chain
            .iter()
            .fold(0usize, |sum, certificate| sum.saturating_add(certificate.len()).saturating_add(3 + 2))
    }

    fn segments(self) -> impl Iterator<Item = Segment<'a>> {
        let list = self.list_length();
        let [a, b, c] = to_u24(list.saturating_add(1 + 3));
        let [d, e, f] = to_u24(list);
        let head = Segment::Message([HandshakeType::CERTIFICATE.0, a, b, c, 0, d, e, f]);
        let entries = self.chain.iter().flat_map(|&certificate| {
            [
                Segment::Entry(to_u24(certificate.len())),
                Segment::Certificate(certificate),
                Segment::Extensions([0; 2]),
            ]
        });
        core::iter::once(head).chain(entries)
    }

    /// Copies the message from `position` on, as much as fits. Returns how much that was: less than
    /// the room only at the end.
    pub(crate) fn copy(self, position: usize, room: &mut [u8]) -> usize {
        let mut skip = position;
        let mut copied = 0usize;
        for segment in self.segments() {
            let bytes = segment.bytes();
            let from = skip.min(bytes.len());
            skip = skip.saturating_sub(from);
            let (Some(piece), Some(free)) = (bytes.get(from..), room.get_mut(copied..)) else {
                return copied;
            };
            let length = piece.len().min(free.len());
            if let (Some(piece), Some(free)) = (piece.get(..length), free.get_mut(..length)) {
                free.copy_from_slice(piece);
            }
            copied = copied.saturating_add(length);
            if copied == room.len() {
                break;
            }
        }
        copied
    }

    /// The length of the message.
    pub(crate) fn length(self) -> usize {
        self.list_length().saturating_add(MESSAGE_HEADER + 1 + 3)
    }

    /// Hands the whole message to `each`, piece by piece.
    pub(crate) fn for_each(self, mut each: impl FnMut(&[u8]) -> Result<(), Error>) -> Result<(), Error> {
        self.segments().try_for_each(|segment| each(segment.bytes()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]
mod tests {
    use super::*;
    extern crate std;
    use std::vec::Vec;

    const CHAIN: [&[u8]; 3] = [b"the leaf", b"an intermediate, longer", b"a root"];

    fn message() -> Vec<u8> {
        let mut whole = Vec::new();
        CertificateWriter::new(&CHAIN)
            .unwrap()
            .for_each(|piece| {
                whole.extend_from_slice(piece);
                Ok(())
            })
            .unwrap();
        whole
    }

    /// The certificates that a reader finds when the message comes in pieces of `size`.
    fn read_in_pieces(body: &[u8], size: usize) -> Result<Vec<Vec<u8>>, Error> {
        let mut reader = CertificateReader::new(body.len())?;
        let mut memory = [0; 64];
        let mut found = Vec::new();
        for mut piece in body.chunks(size) {
            loop {
                let (taken, progress) = reader.read(piece, &mut memory, Some(0))?;
                piece = &piece[taken..];
                match progress {
                    Progress::Certificate { length } => found.push(memory[..length].to_vec()),
                    Progress::More => break,
                    Progress::End => return Ok(found),
                }
            }
        }
        Err(malformed(Fault::TooShort))
    }

    #[test]
    fn a_chain_written_in_pieces_of_any_size_is_the_same_chain() {
        let whole = message();
        let writer = CertificateWriter::new(&CHAIN).unwrap();
        assert_eq!(whole.len(), writer.length());
        for size in 1..whole.len() {
            let mut again = Vec::new();
            while again.len() < whole.len() {
                let mut room = std::vec![0; size];
                let copied = writer.copy(again.len(), &mut room);
                again.extend_from_slice(&room[..copied]);
            }
            assert_eq!(again, whole, "pieces of {size}");
        }
    }

    #[test]
    fn a_chain_read_in_pieces_of_any_size_is_the_same_chain() {
        let whole = message();
        for size in 1..whole.len() {
            assert_eq!(read_in_pieces(&whole[MESSAGE_HEADER..], size).unwrap(), CHAIN, "pieces of {size}");
        }
    }

    #[test]
    fn a_body_cut_short_anywhere_is_refused() {
        let whole = message();
        let body = &whole[MESSAGE_HEADER..];
        for cut in 0..body.len() {
            assert!(read_in_pieces(&body[..cut], body.len()).is_err(), "cut at {cut}");
        }
    }

    #[test]
    fn a_certificate_that_does_not_fit_says_how_much_room_it_needs() {
        let body = &message()[MESSAGE_HEADER..];
        let mut reader = CertificateReader::new(body.len()).unwrap();
        let error = reader.read(body, &mut [0; 4], Some(0)).unwrap_err();
        assert_eq!(error, Limit::Scratch { needed: 8, room: 4 }.into());
    }

    #[test]
    fn extensions_of_an_entry_that_were_not_asked_for_are_refused() {
        let body = [0, 0, 0, 10, 0, 0, 1, 7, 0, 4, 0, 5, 0, 0];
        let extension = ExtensionType::STATUS_REQUEST;
        assert_eq!(
            read_in_pieces(&body, 3).unwrap_err(),
            Misbehaved::UnsolicitedExtension { extension }.into()
        );
    }
}
