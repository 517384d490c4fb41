//! Extensions (RFC 8446 §4.2): one file each.

pub(crate) mod alpn;
pub(crate) mod certificate_authorities;
pub(crate) mod cookie;
pub(crate) mod extension_type;
pub(crate) mod key_share;
pub(crate) mod max_fragment_length;
pub(crate) mod record_size_limit;
pub(crate) mod server_name;
pub(crate) mod signature_algorithms;
pub(crate) mod status_request;
pub(crate) mod supported_groups;
pub(crate) mod supported_versions;

pub use extension_type::ExtensionType;

use super::HandshakeType;
use crate::codec::{Reader, Writer};
use crate::error::Misbehaved;
use crate::error::inner::Error;

/// The extensions of one message, as they lie there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extensions<'a> {
    bytes: &'a [u8],
}

impl<'a> Extensions<'a> {
    pub(crate) const NONE: Self = Self { bytes: &[] };

    /// Reads `Extension extensions<0..2^16-1>` and checks its form, and that none comes twice (§4.2).
    pub(crate) fn parse(reader: &mut Reader<'a>) -> Result<Self, Error> {
        let bytes = reader.vector_u16(0)?;
        let mut check = Reader::new(bytes, "extension list");
        let mut seen = Seen::default();
        while !check.is_empty() {
            let (extension, _) = read_one(&mut check)?;
            if !seen.first_time(extension) {
                return Err(Misbehaved::DuplicateExtension { extension }.into());
            }
        }
        Ok(Self { bytes })
    }

    /// "If an implementation receives an extension which it recognizes and which is not specified for the
    /// message in which it appears, it MUST abort the handshake" (§4.2).
    pub(crate) fn check_places(self, message: HandshakeType, retry_request: bool) -> Result<(), Error> {
        match self.iter().find(|(extension, _)| !extension.belongs_in(message, retry_request)) {
            Some((extension, _)) => Err(Misbehaved::MisplacedExtension { extension, message }.into()),
            None => Ok(()),
        }
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = (ExtensionType, &'a [u8])> {
        let mut reader = Reader::new(self.bytes, "extension list");
        // The form was checked by `parse`, so the list ends where its bytes do.
        core::iter::from_fn(move || read_one(&mut reader).ok())
    }

    pub(crate) fn find(self, wanted: ExtensionType) -> Option<&'a [u8]> {
        self.iter().find_map(|(extension, body)| (extension == wanted).then_some(body))
    }

    pub(crate) fn last(self) -> Option<ExtensionType> {
        self.iter().last().map(|(extension, _)| extension)
    }
}

fn read_one<'a>(reader: &mut Reader<'a>) -> Result<(ExtensionType, &'a [u8]), crate::error::Decode> {
    let extension = ExtensionType(reader.u16()?);
    Ok((extension, reader.vector_u16(0)?))
}

/// Which extension types a list has had, in constant memory however long it is: types 0 to 255, and the
/// one above them that means anything to us. What is beyond (GREASE, private use) is not acted upon,
/// so a repetition there changes nothing.
#[derive(Debug, Default)]
pub(super) struct Seen {
    low: [u64; 4],
    renegotiation_info: bool,
}

impl Seen {
    pub(super) fn first_time(&mut self, extension: ExtensionType) -> bool {
        if extension == ExtensionType::RENEGOTIATION_INFO {
            return !core::mem::replace(&mut self.renegotiation_info, true);
        }
        let Ok(value) = u8::try_from(extension.0) else {
            return true;
        };
        let bit = 1u64 << (value & 63);
        match self.low.get_mut(usize::from(value >> 6)) {
            Some(word) => {
                let first = *word & bit == 0;
                *word |= bit;
                first
            }
            None => true,
        }
    }
}

/// Writes one extension.
pub(crate) fn write(writer: &mut Writer<'_>, extension: ExtensionType, body: impl FnOnce(&mut Writer<'_>)) {
    writer.u16(extension.0);
    writer.vector::<2>(body);
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn list(bytes: &[u8]) -> Result<Extensions<'_>, Error> {
        let extensions = Extensions::parse(&mut Reader::new(bytes, "test"))?;
        extensions.check_places(HandshakeType::CLIENT_HELLO, false)?;
        Ok(extensions)
    }

    #[test]
    fn the_same_extension_twice_is_refused() {
        let twice = [0, 8, 0, 43, 0, 0, 0, 43, 0, 0];
        let extension = ExtensionType::SUPPORTED_VERSIONS;
        assert_eq!(list(&twice).unwrap_err(), Misbehaved::DuplicateExtension { extension }.into());
        let grease = [0, 8, 0x0a, 0x0a, 0, 0, 0x1a, 0x1a, 0, 0];
        assert_eq!(list(&grease).unwrap().iter().count(), 2);
    }

    #[test]
    fn an_extension_of_another_message_is_refused() {
        let (extension, message) = (ExtensionType::OID_FILTERS, HandshakeType::CLIENT_HELLO);
        assert_eq!(
            list(&[0, 4, 0, 48, 0, 0]).unwrap_err(),
            Misbehaved::MisplacedExtension { extension, message }.into()
        );
    }

    #[test]
    fn every_truncation_is_refused() {
        let whole = [0, 9, 0, 16, 0, 5, 0, 3, 2, b'h', b'2'];
        for cut in 0..whole.len() {
            assert!(list(whole.get(..cut).unwrap()).is_err(), "cut at {cut}");
        }
        assert_eq!(list(&whole).unwrap().find(ExtensionType::ALPN), Some(&[0, 3, 2, b'h', b'2'][..]));
    }
}
