//! CertificateRequest (RFC 8446 §4.3.2): answered as it streams by, since the names of certificate
//! authorities in it can fill 64 kB.

use super::extension::Seen;
use super::extension::certificate_authorities::{self, Issued};
use super::extension::signature_algorithms::{self, Accepted};
use super::{ExtensionType, HandshakeType};
use crate::certificate::DistinguishedName;
use crate::codec::Writer;
use crate::config::Credential;
use crate::crypto::SignatureScheme;
use crate::error::inner::Error;
use crate::error::{Decode, Fault, Misbehaved};

/// Writes the body of a request for these schemes, of these authorities.
pub(crate) fn write(
    writer: &mut Writer<'_>,
    schemes: impl Iterator<Item = SignatureScheme>,
    authorities: &[DistinguishedName<'_>],
) {
    // certificate_request_context: "SHALL be zero length unless used for the post-handshake authentication exchanges".
    writer.vector::<1>(|_| {});
    writer.vector::<2>(|w| {
        signature_algorithms::write_list(w, schemes);
        // DistinguishedName authorities<3..2^16-1> (§4.2.4): never empty.
        if !authorities.is_empty() {
            certificate_authorities::write_list(w, authorities);
        }
    });
}

/// What we answer to a request: nothing, or with one of the credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Choice {
    /// Which of the configured ones.
    pub(crate) credential: usize,
    pub(crate) scheme: SignatureScheme,
}

/// Reads the message in pieces of any size.
#[derive(Debug)]
pub(crate) struct CertificateRequestReader {
    phase: Phase,
    field: u16,
    have: u8,
    message_left: usize,
    extension: ExtensionType,
    /// What the extension still holds.
    extension_left: usize,
    seen: Seen,
    /// The schemes that the server understands, once they were read.
    accepted: Option<Accepted>,
    /// Who was issued by the authorities that were named, if any were.
    issued: Option<Issued>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Context,
    ExtensionsLength,
    ExtensionType,
    ExtensionLength,
    /// Of an extension that says nothing to us.
    Skip,
    /// Of signature_algorithms.
    SchemesLength,
    Scheme,
    /// Of certificate_authorities.
    AuthoritiesLength,
    NameLength,
    /// So much of a name has been put at the front of memory.
    Name {
        length: usize,
        have: usize,
    },
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
            extension_left: 0,
            seen: Seen::default(),
            accepted: None,
            issued: None,
        })
    }

    /// Takes all of `bytes`, which must not reach beyond the message; says whether it is over. One name at a time is
    /// put together in `memory`.
    pub(crate) fn read(
        &mut self,
        bytes: &[u8],
        credentials: &[Credential<'_>],
        memory: &mut [u8],
    ) -> Result<bool, Error> {
        let mut rest = bytes;
        while let Some((&byte, behind)) = rest.split_first() {
            let wanted = match self.phase {
                Phase::Skip => self.extension_left,
                Phase::Name { length, have } => length.saturating_sub(have),
                _ => {
                    rest = behind;
                    self.message_left = self.message_left.saturating_sub(1);
                    self.on_field_byte(byte)?;
                    continue;
                }
            };
            let (piece, behind) = rest.split_at_checked(wanted).unwrap_or((rest, &[]));
            rest = behind;
            self.message_left = self.message_left.saturating_sub(piece.len());
            self.extension_left = self.extension_left.saturating_sub(piece.len());
            self.on_piece(piece, credentials, memory)?;
        }
        match (self.phase, self.message_left) {
            (Phase::End, _) => Ok(true),
            (_, 0) => Err(malformed(Fault::TooShort)),
            _ => Ok(false),
        }
    }

    /// The first credential that the whole request fits.
    pub(crate) fn choose(&self, credentials: &[Credential<'_>]) -> Option<Choice> {
        let accepted = self.accepted?;
        let is_issued = |index| self.issued.is_none_or(|issued| issued.contains(index));
        credentials.iter().enumerate().find_map(|(credential, candidate)| {
            let mut schemes = candidate.schemes.iter().copied();
            // "If sent by a client, the signature algorithm used in the signature MUST be one of those present in the
            // supported_signature_algorithms field of the "signature_algorithms" extension" (§4.4.3), and the authorities
            // named "SHOULD be used by the receiving endpoint to guide certificate selection" (§4.2.4).
            let scheme = schemes.find(|&scheme| accepted.contains(scheme))?;
            is_issued(credential).then_some(Choice { credential, scheme })
        })
    }

    fn on_piece(
        &mut self,
        piece: &[u8],
        credentials: &[Credential<'_>],
        memory: &mut [u8],
    ) -> Result<(), Error> {
        let Phase::Name { length, have } = self.phase else {
            return if self.extension_left == 0 { self.next_extension() } else { Ok(()) };
        };
        let end = have.saturating_add(piece.len());
        // A name that does not fit is longer than any of ours, whose certificates this memory is for.
        if length <= memory.len()
            && let Some(place) = memory.get_mut(have..end)
        {
            place.copy_from_slice(piece);
        }
        if end < length {
            self.phase = Phase::Name { length, have: end };
            return Ok(());
        }
        if let (Some(name), Some(issued)) = (memory.get(..length), self.issued.as_mut()) {
            issued.note(name, credentials);
        }
        self.next_in(Phase::NameLength)
    }

    fn on_field_byte(&mut self, byte: u8) -> Result<(), Error> {
        self.field = self.field << 8 | u16::from(byte);
        self.have = self.have.saturating_add(1);
        if self.have < 2 && self.phase != Phase::Context {
            return Ok(());
        }
        let field = core::mem::take(&mut self.field);
        let value = usize::from(field);
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
                self.extension = ExtensionType(field);
                self.phase = Phase::ExtensionLength;
            }
            Phase::ExtensionLength => self.on_extension(value)?,
            Phase::SchemesLength | Phase::AuthoritiesLength | Phase::Scheme | Phase::NameLength => {
                self.on_list_field(field)?;
            }
            Phase::Skip | Phase::Name { .. } => {
                return Err(Error::Internal("certificate request reader: phase"));
            }
            Phase::End => return Err(malformed(Fault::TrailingBytes)),
        }
        Ok(())
    }

    /// The header of an extension has been read.
    fn on_extension(&mut self, length: usize) -> Result<(), Error> {
        let extension = self.extension;
        if length > self.message_left {
            return Err(malformed(Fault::TooShort));
        }
        if !self.seen.first_time(extension) {
            return Err(Misbehaved::DuplicateExtension { extension }.into());
        }
        let message = HandshakeType::CERTIFICATE_REQUEST;
        if !extension.belongs_in(message, false) {
            return Err(Misbehaved::MisplacedExtension { extension, message }.into());
        }
        self.extension_left = length;
        self.phase = match extension {
            ExtensionType::SIGNATURE_ALGORITHMS => Phase::SchemesLength,
            ExtensionType::CERTIFICATE_AUTHORITIES => Phase::AuthoritiesLength,
            _ if length == 0 => return self.next_extension(),
            _ => Phase::Skip,
        };
        if self.phase != Phase::Skip && length < 2 {
            return Err(malformed(Fault::TooShort));
        }
        Ok(())
    }

    /// Within signature_algorithms or certificate_authorities, two bytes.
    fn on_list_field(&mut self, field: u16) -> Result<(), Error> {
        self.extension_left = self.extension_left.checked_sub(2).ok_or(malformed(Fault::TooShort))?;
        let value = usize::from(field);
        match self.phase {
            Phase::SchemesLength | Phase::AuthoritiesLength if value < self.extension_left => {
                return Err(malformed(Fault::TrailingBytes));
            }
            Phase::SchemesLength | Phase::AuthoritiesLength if value > self.extension_left => {
                return Err(malformed(Fault::TooShort));
            }
            // SignatureScheme supported_signature_algorithms<2..2^16-2> (§4.2.3): never empty, never odd.
            Phase::SchemesLength if value == 0 || !value.is_multiple_of(2) => {
                return Err(malformed(Fault::VectorLength));
            }
            Phase::SchemesLength => {
                self.accepted = Some(Accepted::default());
                self.phase = Phase::Scheme;
            }
            // DistinguishedName authorities<3..2^16-1> (§4.2.4).
            Phase::AuthoritiesLength if value < 3 => return Err(malformed(Fault::VectorLength)),
            Phase::AuthoritiesLength => {
                self.issued = Some(Issued::default());
                self.phase = Phase::NameLength;
            }
            Phase::Scheme => {
                if let Some(accepted) = &mut self.accepted {
                    accepted.note(SignatureScheme(field));
                }
                self.next_in(Phase::Scheme)?;
            }
            // opaque DistinguishedName<1..2^16-1>
            Phase::NameLength if value == 0 => return Err(malformed(Fault::VectorLength)),
            Phase::NameLength if value > self.extension_left => return Err(malformed(Fault::TooShort)),
            _ => self.phase = Phase::Name { length: value, have: 0 },
        }
        Ok(())
    }

    /// The list of the extension goes on with `phase`, unless it is over.
    fn next_in(&mut self, phase: Phase) -> Result<(), Error> {
        match self.extension_left {
            0 => return self.next_extension(),
            1 => return Err(malformed(Fault::TooShort)),
            _ => self.phase = phase,
        }
        Ok(())
    }

    fn next_extension(&mut self) -> Result<(), Error> {
        if self.message_left > 0 {
            self.phase = Phase::ExtensionType;
        } else if self.accepted.is_some() {
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
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests;
