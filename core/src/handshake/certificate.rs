//! Certificate (RFC 8446 §4.4.2): streamed both ways, so that no chain needs to fit into memory.

use super::extension::status_request;
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
    /// What the extensions of this entry still hold.
    extensions_left: usize,
    certificates: usize,
    /// Whether status_request was offered.
    wants_staple: bool,
    /// Of this entry.
    certificate_length: usize,
    staple: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Context,
    ListLength,
    EntryLength,
    Entry { length: usize },
    ExtensionsLength,
    ExtensionType,
    ExtensionLength,
    StatusType,
    StatusLength,
    Status { length: usize },
    EntryEnd,
    End,
}

/// What the bytes taken have completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Nothing: more bytes are needed.
    More,
    /// A certificate of this length lies where it was wanted, and behind it the response that was stapled to it, if
    /// one was asked for.
    Certificate { length: usize, staple: Option<usize> },
    /// The message is over.
    End,
}

const fn malformed(fault: Fault) -> Error {
    Error::Decode(Decode { structure: "Certificate", fault })
}

impl CertificateReader {
    /// For a message whose body has `length` bytes: at least a context's and a list's length.
    pub(crate) const fn new(length: usize, wants_staple: bool) -> Result<Self, Error> {
        if length < 1 + 3 {
            return Err(malformed(Fault::TooShort));
        }
        Ok(Self {
            phase: Phase::Context,
            field: [0; 3],
            have: 0,
            message_left: length,
            extensions_left: 0,
            certificates: 0,
            wants_staple,
            certificate_length: 0,
            staple: None,
        })
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
            if self.phase == Phase::EntryEnd {
                self.next_entry();
                self.certificates = self.certificates.saturating_add(1);
                break Progress::Certificate { length: self.certificate_length, staple: self.staple.take() };
            }
            if let Phase::Entry { length } | Phase::Status { length } = self.phase {
                let want = length.saturating_sub(self.have).min(rest.len());
                let (piece, behind) = rest.split_at_checked(want).unwrap_or((rest, &[]));
                let is_status = matches!(self.phase, Phase::Status { .. });
                // Only the leaf's is of use.
                let at = at.filter(|_| !is_status || self.certificates == 0);
                let behind_certificate = if is_status { self.certificate_length } else { 0 };
                self.place(piece, memory, at.map(|at| at.saturating_add(behind_certificate)), length)?;
                rest = behind;
                if self.have < length {
                    break Progress::More;
                }
                if is_status {
                    self.extensions_left = self.extensions_left.saturating_sub(length);
                    self.staple = Some(length);
                    self.next_extension()?;
                } else {
                    self.certificate_length = length;
                    self.enter(Phase::ExtensionsLength);
                }
                continue;
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
            Phase::Context | Phase::StatusType => 1,
            Phase::ExtensionsLength | Phase::ExtensionType | Phase::ExtensionLength => 2,
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
            Phase::ExtensionsLength => {
                self.extensions_left = value;
                self.next_extension()?;
            }
            // "Extensions in the Certificate message from the server MUST correspond to ones from the
            // ClientHello message" (§4.4.2).
            Phase::ExtensionType => {
                let extension = ExtensionType(u16::try_from(value).unwrap_or_default());
                if !self.wants_staple || extension != ExtensionType::STATUS_REQUEST {
                    return Err(Misbehaved::UnsolicitedExtension { extension }.into());
                }
                if self.staple.is_some() {
                    return Err(Misbehaved::DuplicateExtension { extension }.into());
                }
                self.enter(Phase::ExtensionLength);
            }
            // The body of a CertificateStatus: a type, a length of three bytes, the response (§4.4.2.1).
            Phase::ExtensionLength if value < 1 + 3 => {
                return Err(malformed(Fault::TooShort));
            }
            Phase::ExtensionLength => {
                self.extensions_left =
                    self.extensions_left.checked_sub(2 + 2 + 1 + 3).ok_or(malformed(Fault::TooShort))?;
                self.staple = Some(value.saturating_sub(1 + 3));
                self.enter(Phase::StatusType);
            }
            Phase::StatusType if value != usize::from(status_request::OCSP) => {
                return Err(Misbehaved::UnknownValue { field: "CertificateStatus.status_type" }.into());
            }
            Phase::StatusType => self.enter(Phase::StatusLength),
            Phase::StatusLength
                if value == 0 || Some(value) != self.staple || value > self.extensions_left =>
            {
                return Err(malformed(Fault::VectorLength));
            }
            Phase::StatusLength => self.enter(Phase::Status { length: value }),
            Phase::Status { .. } | Phase::EntryEnd => {
                return Err(Error::Internal("certificate reader: phase"));
            }
            Phase::Entry { .. } | Phase::End => return Err(Error::Internal("certificate reader: phase")),
        }
        Ok(())
    }

    fn next_extension(&mut self) -> Result<(), Error> {
        // A type and a length.
        match self.extensions_left {
            0 => self.enter(Phase::EntryEnd),
            1..4 => return Err(malformed(Fault::TooShort)),
            _ => self.enter(Phase::ExtensionType),
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
    /// An OCSP response for the leaf.
    staple: Option<&'a [u8]>,
}

/// A piece of the message: a few bytes of lengths, a certificate or its status.
enum Segment<'a> {
    Message([u8; MESSAGE_HEADER + 1 + 3]),
    Entry([u8; 3]),
    Content(&'a [u8]),
    /// An entry's extensions: none.
    NoExtensions([u8; 2]),
    /// An entry's extensions: status_request, up to the response.
    Status([u8; STATUS_HEADER]),
}

/// The length of the extensions, type and length of the one, CertificateStatus' type and length.
const STATUS_HEADER: usize = 2 + 2 + 2 + 1 + 3;

impl Segment<'_> {
    const fn bytes(&self) -> &[u8] {
        match self {
            Self::Message(bytes) => bytes,
            Self::Entry(bytes) => bytes,
            Self::Content(bytes) => bytes,
            Self::NoExtensions(bytes) => bytes,
            Self::Status(bytes) => bytes,
        }
    }
}

fn to_u24(length: usize) -> [u8; 3] {
    let [.., high, middle, low] = length.to_be_bytes();
    [high, middle, low]
}

/// Longest response that fits into an extension (§4.2: 2^16 - 1 bytes), and that into the extensions of an entry.
const MAX_STAPLE: usize = 0xffff - (STATUS_HEADER - 2);

fn status_header<'a>(staple: usize) -> Segment<'a> {
    let u16_of = |length: usize| u16::try_from(length).unwrap_or_default().to_be_bytes();
    let [a, b] = u16_of(staple.saturating_add(STATUS_HEADER - 2));
    let [c, d] = ExtensionType::STATUS_REQUEST.0.to_be_bytes();
    let [e, f] = u16_of(staple.saturating_add(1 + 3));
    let [g, h, i] = to_u24(staple);
    Segment::Status([a, b, c, d, e, f, status_request::OCSP, g, h, i])
}

impl<'a> CertificateWriter<'a> {
    /// `None` where the chain or the staple is longer than the message can say.
    pub(crate) fn new(chain: &'a [&'a [u8]], staple: Option<&'a [u8]>) -> Option<Self> {
        if staple.is_some_and(|staple| staple.is_empty() || staple.len() > MAX_STAPLE) {
            return None;
        }
        let writer = Self { chain, staple };
        (writer.list_length() < (1 << 24) - MESSAGE_HEADER).then_some(writer)
    }

    fn list_length(&self) -> usize {
        let staple = self.staple.map_or(0, |staple| staple.len().saturating_add(STATUS_HEADER - 2));
        self.chain
            .iter()
            .fold(staple, |sum, certificate| sum.saturating_add(certificate.len()).saturating_add(3 + 2))
    }

    fn segments(self) -> impl Iterator<Item = Segment<'a>> {
        let list = self.list_length();
        let [a, b, c] = to_u24(list.saturating_add(1 + 3));
        let [d, e, f] = to_u24(list);
        let head = Segment::Message([HandshakeType::CERTIFICATE.0, a, b, c, 0, d, e, f]);
        let entries = self.chain.iter().enumerate().flat_map(move |(place, &certificate)| {
            let staple = self.staple.filter(|_| place == 0);
            let extensions =
                staple.map_or(Segment::NoExtensions([0; 2]), |staple| status_header(staple.len()));
            [
                Segment::Entry(to_u24(certificate.len())),
                Segment::Content(certificate),
                extensions,
                Segment::Content(staple.unwrap_or_default()),
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
        CertificateWriter::new(&CHAIN, None)
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
        let mut reader = CertificateReader::new(body.len(), false)?;
        let mut memory = [0; 64];
        let mut found = Vec::new();
        for mut piece in body.chunks(size) {
            loop {
                let (taken, progress) = reader.read(piece, &mut memory, Some(0))?;
                piece = &piece[taken..];
                match progress {
                    Progress::Certificate { length, .. } => found.push(memory[..length].to_vec()),
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
        let writer = CertificateWriter::new(&CHAIN, None).unwrap();
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
        let mut reader = CertificateReader::new(body.len(), false).unwrap();
        let error = reader.read(body, &mut [0; 4], Some(0)).unwrap_err();
        assert_eq!(error, Limit::Scratch { needed: 8, room: 4 }.into());
    }

    /// What a reader that has asked for a staple finds: the leaf, and the response behind it.
    fn read_stapled(body: &[u8], size: usize) -> Result<(Vec<u8>, Vec<u8>), Error> {
        let mut reader = CertificateReader::new(body.len(), true)?;
        let (mut memory, mut found) = ([0; 64], None);
        for mut piece in body.chunks(size) {
            loop {
                let at = if found.is_none() { Some(0) } else { None };
                let (taken, progress) = reader.read(piece, &mut memory, at)?;
                piece = &piece[taken..];
                match progress {
                    Progress::Certificate { length, staple } if found.is_none() => {
                        let end = length + staple.unwrap_or_default();
                        found = Some((memory[..length].to_vec(), memory[length..end].to_vec()));
                    }
                    Progress::Certificate { .. } => {}
                    Progress::More => break,
                    Progress::End => return Ok(found.unwrap()),
                }
            }
        }
        Err(malformed(Fault::TooShort))
    }

    #[test]
    fn a_staple_written_and_read_in_pieces_of_any_size_is_the_same_staple() {
        let writer = CertificateWriter::new(&CHAIN, Some(b"all is well")).unwrap();
        let mut whole = std::vec![0; writer.length()];
        assert_eq!(writer.copy(0, &mut whole), whole.len());
        let body = &whole[MESSAGE_HEADER..];
        for size in 1..body.len() {
            let found = read_stapled(body, size).unwrap();
            assert_eq!(found, (CHAIN[0].to_vec(), b"all is well".to_vec()), "pieces of {size}");
            assert!(read_stapled(&body[..size], body.len()).is_err(), "cut at {size}");
        }
        let again = &message()[MESSAGE_HEADER..];
        assert_eq!(read_stapled(again, 7).unwrap(), (CHAIN[0].to_vec(), Vec::new()));
    }

    #[test]
    fn a_staple_is_read_strictly() {
        let with = |extensions: &[u8]| {
            let mut body = std::vec![0, 0, 0, 0, 0, 0, 1, 7];
            body.extend_from_slice(&u16::try_from(extensions.len()).unwrap().to_be_bytes());
            body.extend_from_slice(extensions);
            body[3] = u8::try_from(body.len() - 4).unwrap();
            read_stapled(&body, 3)
        };
        assert!(with(&[0, 5, 0, 5, 1, 0, 0, 1, 9]).is_ok());
        let extension = ExtensionType::STATUS_REQUEST;
        let twice = [0, 5, 0, 5, 1, 0, 0, 1, 9, 0, 5, 0, 5, 1, 0, 0, 1, 9];
        assert_eq!(with(&twice).unwrap_err(), Misbehaved::DuplicateExtension { extension }.into());
        let extension = ExtensionType::SIGNED_CERTIFICATE_TIMESTAMP;
        let timestamp = [0, 18, 0, 1, 0];
        assert_eq!(with(&timestamp).unwrap_err(), Misbehaved::UnsolicitedExtension { extension }.into());
        for bad in [
            &[0, 5, 0, 5, 2, 0, 0, 1, 9][..], // another type of status
            &[0, 5, 0, 4, 1, 0, 0, 0],        // an empty response
            &[0, 5, 0, 5, 1, 0, 0, 2, 9],     // its length is not the extension's
            &[0, 5, 0, 6, 1, 0, 0, 2, 9],     // longer than the extensions
            &[0, 5, 0, 3, 1, 0, 0],
            &[0, 5, 0, 0],
            &[0, 5, 0],
            &[0],
        ] {
            assert!(with(bad).is_err(), "{bad:?}");
        }
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
