//! Extensions (RFC 8446 §4.2): one file each.

pub(crate) mod alpn;
pub(crate) mod cookie;
pub(crate) mod key_share;
pub(crate) mod server_name;
pub(crate) mod signature_algorithms;
pub(crate) mod supported_groups;
pub(crate) mod supported_versions;

use super::HandshakeType;
use crate::codec::{Reader, Writer};
use crate::error::Misbehaved;
use crate::error::inner::Error;
use core::fmt;

/// The type of an extension (RFC 8446 §4.2). Unknown values stay values.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ExtensionType(pub u16);

macro_rules! extension_types {
    ($($(#[$doc:meta])* $name:ident = $value:literal, $text:literal;)*) => {
        impl ExtensionType {
            $($(#[$doc])* pub const $name: Self = Self($value);)*

            /// The registered name, if this crate knows it.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($value => Some($text),)*
                    _ => None,
                }
            }
        }
    };
}

extension_types! {
    /// RFC 6066 §3
    SERVER_NAME = 0, "server_name";
    /// RFC 6066 §4
    MAX_FRAGMENT_LENGTH = 1, "max_fragment_length";
    /// RFC 6066 §8
    STATUS_REQUEST = 5, "status_request";
    /// §4.2.7
    SUPPORTED_GROUPS = 10, "supported_groups";
    /// §4.2.3
    SIGNATURE_ALGORITHMS = 13, "signature_algorithms";
    /// RFC 7301
    ALPN = 16, "application_layer_protocol_negotiation";
    /// RFC 6962
    SIGNED_CERTIFICATE_TIMESTAMP = 18, "signed_certificate_timestamp";
    /// RFC 7685
    PADDING = 21, "padding";
    /// RFC 7627
    EXTENDED_MASTER_SECRET = 23, "extended_master_secret";
    /// RFC 8449
    RECORD_SIZE_LIMIT = 28, "record_size_limit";
    /// RFC 5077
    SESSION_TICKET = 35, "session_ticket";
    /// §4.2.11
    PRE_SHARED_KEY = 41, "pre_shared_key";
    /// §4.2.10
    EARLY_DATA = 42, "early_data";
    /// §4.2.1
    SUPPORTED_VERSIONS = 43, "supported_versions";
    /// §4.2.2
    COOKIE = 44, "cookie";
    /// §4.2.9
    PSK_KEY_EXCHANGE_MODES = 45, "psk_key_exchange_modes";
    /// §4.2.4
    CERTIFICATE_AUTHORITIES = 47, "certificate_authorities";
    /// §4.2.5
    OID_FILTERS = 48, "oid_filters";
    /// §4.2.6
    POST_HANDSHAKE_AUTH = 49, "post_handshake_auth";
    /// §4.2.3
    SIGNATURE_ALGORITHMS_CERT = 50, "signature_algorithms_cert";
    /// §4.2.8
    KEY_SHARE = 51, "key_share";
    /// RFC 5746
    RENEGOTIATION_INFO = 65281, "renegotiation_info";
}

impl fmt::Display for ExtensionType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "{:#06x}", self.0),
        }
    }
}

impl fmt::Debug for ExtensionType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl ExtensionType {
    /// Whether §4.2's table lets this extension stand in `message`. Unknown ones may stand anywhere
    /// as far as we know.
    const fn belongs_in(self, message: HandshakeType, retry_request: bool) -> bool {
        const CH: u8 = 1;
        const SH: u8 = 2;
        const EE: u8 = 4;
        const CR: u8 = 8;
        const HRR: u8 = 16;
        const CT: u8 = 32;
        const NST: u8 = 64;
        let place = match message {
            HandshakeType::CLIENT_HELLO => CH,
            HandshakeType::SERVER_HELLO if retry_request => HRR,
            HandshakeType::SERVER_HELLO => SH,
            HandshakeType::ENCRYPTED_EXTENSIONS => EE,
            HandshakeType::CERTIFICATE_REQUEST => CR,
            HandshakeType::CERTIFICATE => CT,
            HandshakeType::NEW_SESSION_TICKET => NST,
            _ => return true,
        };
        let places = match self {
            Self::SERVER_NAME
            | Self::MAX_FRAGMENT_LENGTH
            | Self::SUPPORTED_GROUPS
            | Self::ALPN
            | Self::RECORD_SIZE_LIMIT => CH | EE,
            Self::STATUS_REQUEST | Self::SIGNED_CERTIFICATE_TIMESTAMP => CH | CR | CT,
            Self::SIGNATURE_ALGORITHMS | Self::CERTIFICATE_AUTHORITIES | Self::SIGNATURE_ALGORITHMS_CERT => {
                CH | CR
            }
            Self::PADDING | Self::PSK_KEY_EXCHANGE_MODES | Self::POST_HANDSHAKE_AUTH => CH,
            Self::PRE_SHARED_KEY => CH | SH,
            Self::EARLY_DATA => CH | EE | NST,
            Self::SUPPORTED_VERSIONS | Self::KEY_SHARE => CH | SH | HRR,
            Self::COOKIE => CH | HRR,
            Self::OID_FILTERS => CR,
            // TLS 1.2's, which a ClientHello for both versions carries.
            Self::EXTENDED_MASTER_SECRET | Self::SESSION_TICKET | Self::RENEGOTIATION_INFO => CH,
            _ => return true,
        };
        places & place != 0
    }
}

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
#[derive(Default)]
struct Seen {
    low: [u64; 4],
    renegotiation_info: bool,
}

impl Seen {
    fn first_time(&mut self, extension: ExtensionType) -> bool {
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
