//! ExtensionType, and where each extension may stand (RFC 8446 §4.2).

use crate::handshake::handshake_type::HandshakeType;
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
    pub(in crate::handshake) const fn belongs_in(self, message: HandshakeType, retry_request: bool) -> bool {
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
