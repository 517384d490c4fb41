//! CertificateRequest (RFC 8446 §4.3.2): checked as it streams by, since the names of certificate
//! authorities in it can fill 64 kB.

use super::extension::Seen;
use super::{ExtensionType, HandshakeType};
use crate::error::inner::Error;
use crate::error::{Decode, Fault, Misbehaved};

/// Reads the message in pieces of any size.
#[derive(Debug)]
pub(crate) struct CertificateRequestReader {
    phase: Phase,
    field: u16,
    have: u8,
    message_left: usize,
    extension: ExtensionType,
    seen: Seen,
    has_signature_algorithms: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Context,
    ExtensionsLength,
    ExtensionType,
    ExtensionLength,
    Extension { left: usize },
    End,
}

const fn malformed(fault: Fault) -> Error {
    Error::Decode(Decode { structure: "CertificateRequest", fault })
}

impl CertificateRequestReader {
    /// For a message whose body has `length` bytes: refused here where that is nothing, since nothing would
    /// come to be read.
    pub(crate) fn new(length: usize) -> Result<Self, Error> {
        // A context's and a list's length.
        if length < 1 + 2 {
            return Err(malformed(Fault::TooShort));
        }
        Ok(Self {
            phase: Phase::Context,
            field: 0,
            have: 0,
            message_left: length,
            extension: ExtensionType(0),
            seen: Seen::default(),
            has_signature_algorithms: false,
        })
    }

    /// Takes all of `bytes`, which must not reach beyond the message; says whether it is over.
    pub(crate) fn read(&mut self, bytes: &[u8]) -> Result<bool, Error> {
        let mut rest = bytes;
        while let Some((&byte, behind)) = rest.split_first() {
            if let Phase::Extension { left } = self.phase {
                let skipped = left.min(rest.len());
                rest = rest.get(skipped..).unwrap_or_default();
                self.message_left = self.message_left.saturating_sub(skipped);
                match left.saturating_sub(skipped) {
                    0 => self.next_extension()?,
                    left => self.phase = Phase::Extension { left },
                }
                continue;
            }
            rest = behind;
            self.message_left = self.message_left.saturating_sub(1);
            self.on_field_byte(byte)?;
        }
        match (self.phase, self.message_left) {
            (Phase::End, _) => Ok(true),
            (_, 0) => Err(malformed(Fault::TooShort)),
            _ => Ok(false),
        }
    }

    fn on_field_byte(&mut self, byte: u8) -> Result<(), Error> {
        self.field = self.field << 8 | u16::from(byte);
        self.have = self.have.saturating_add(1);
        if self.have < 2 && self.phase != Phase::Context {
            return Ok(());
        }
        let value = usize::from(core::mem::take(&mut self.field));
        self.have = 0;
        match self.phase {
            // "SHALL be zero length unless used for the post-handshake authentication exchanges" (§4.3.2).
            Phase::Context if value != 0 => {
                return Err(Misbehaved::UnknownValue {
                    field: "CertificateRequest.certificate_request_context",
                }
                .into());
            }
            Phase::Context => self.phase = Phase::ExtensionsLength,
            Phase::ExtensionsLength if value < self.message_left => {
                return Err(malformed(Fault::TrailingBytes));
            }
            Phase::ExtensionsLength if value > self.message_left => return Err(malformed(Fault::TooShort)),
            Phase::ExtensionsLength => self.next_extension()?,
            Phase::ExtensionType => {
                self.extension = ExtensionType(u16::try_from(value).unwrap_or_default());
                self.phase = Phase::ExtensionLength;
            }
            Phase::ExtensionLength if value > self.message_left => return Err(malformed(Fault::TooShort)),
            Phase::ExtensionLength => {
                let extension = self.extension;
                if !self.seen.first_time(extension) {
                    return Err(Misbehaved::DuplicateExtension { extension }.into());
                }
                let message = HandshakeType::CERTIFICATE_REQUEST;
                if !extension.belongs_in(message, false) {
                    return Err(Misbehaved::MisplacedExtension { extension, message }.into());
                }
                self.has_signature_algorithms |= extension == ExtensionType::SIGNATURE_ALGORITHMS;
                if value == 0 {
                    self.next_extension()?;
                } else {
                    self.phase = Phase::Extension { left: value };
                }
            }
            Phase::Extension { .. } => return Err(Error::Internal("certificate request reader: phase")),
            Phase::End => return Err(malformed(Fault::TrailingBytes)),
        }
        Ok(())
    }

    fn next_extension(&mut self) -> Result<(), Error> {
        if self.message_left > 0 {
            self.phase = Phase::ExtensionType;
        } else if self.has_signature_algorithms {
            self.phase = Phase::End;
        } else {
            // "The "signature_algorithms" extension MUST be specified" (§4.3.2).
            return Err(
                Misbehaved::MissingExtension { extension: ExtensionType::SIGNATURE_ALGORITHMS }.into()
            );
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const BODY: [u8; 19] = [0, 0, 16, 0, 13, 0, 4, 0, 2, 4, 3, 0, 47, 0, 4, 0, 2, 0, 0];

    #[test]
    fn every_cut_reads_the_same_and_every_truncation_is_not_over() {
        for size in 1..BODY.len() {
            let mut reader = CertificateRequestReader::new(BODY.len()).unwrap();
            let over = BODY.chunks(size).map(|piece| reader.read(piece).unwrap()).last();
            assert_eq!(over, Some(true), "pieces of {size}");
        }
        for cut in 0..BODY.len() {
            let over = CertificateRequestReader::new(cut)
                .and_then(|mut reader| reader.read(BODY.get(..cut).unwrap()));
            assert!(!matches!(over, Ok(true)), "cut at {cut}");
        }
    }

    #[test]
    fn a_request_without_signature_algorithms_is_refused() {
        let body = [0, 0, 4, 0, 47, 0, 0];
        let extension = ExtensionType::SIGNATURE_ALGORITHMS;
        let refused = CertificateRequestReader::new(body.len()).unwrap().read(&body).unwrap_err();
        assert_eq!(refused, Misbehaved::MissingExtension { extension }.into());
    }
}
