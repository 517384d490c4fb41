//! Alerts (RFC 8446 §6; RFC 9846 §6 for `general_error`).

use core::fmt;

macro_rules! alerts {
    ($($(#[$doc:meta])* $name:ident = $value:literal, $text:literal;)*) => {
        /// What an alert says (RFC 8446 §6.2). Unknown values stay values.
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        pub struct AlertDescription(pub u8);

        impl AlertDescription {
            $($(#[$doc])* pub const $name: Self = Self($value);)*

            /// The registered name, if there is one.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($value => Some($text),)*
                    _ => None,
                }
            }
        }
    };
}

alerts! {
    /// The sender writes no more (§6.1).
    CLOSE_NOTIFY = 0, "close_notify";
    /// A message arrived that is lawful elsewhere, but not here.
    UNEXPECTED_MESSAGE = 10, "unexpected_message";
    /// A record could not be deprotected.
    BAD_RECORD_MAC = 20, "bad_record_mac";
    /// A record was too long.
    RECORD_OVERFLOW = 22, "record_overflow";
    /// No common parameters.
    HANDSHAKE_FAILURE = 40, "handshake_failure";
    /// A certificate was corrupt.
    BAD_CERTIFICATE = 42, "bad_certificate";
    /// A certificate of a kind that cannot be used.
    UNSUPPORTED_CERTIFICATE = 43, "unsupported_certificate";
    /// A certificate was revoked.
    CERTIFICATE_REVOKED = 44, "certificate_revoked";
    /// A certificate has expired, or is not valid yet.
    CERTIFICATE_EXPIRED = 45, "certificate_expired";
    /// Something else is wrong with a certificate.
    CERTIFICATE_UNKNOWN = 46, "certificate_unknown";
    /// A field was out of range or inconsistent with others.
    ILLEGAL_PARAMETER = 47, "illegal_parameter";
    /// No trusted authority vouches for the chain.
    UNKNOWN_CA = 48, "unknown_ca";
    /// The peer may not do what it asks.
    ACCESS_DENIED = 49, "access_denied";
    /// A message could not be decoded.
    DECODE_ERROR = 50, "decode_error";
    /// A cryptographic check of the handshake failed.
    DECRYPT_ERROR = 51, "decrypt_error";
    /// The protocol version is not supported.
    PROTOCOL_VERSION = 70, "protocol_version";
    /// The parameters are too weak.
    INSUFFICIENT_SECURITY = 71, "insufficient_security";
    /// The sender failed for reasons of its own.
    INTERNAL_ERROR = 80, "internal_error";
    /// The client was talked down to a lower version.
    INAPPROPRIATE_FALLBACK = 86, "inappropriate_fallback";
    /// The sender cancels the handshake for reasons of its own.
    USER_CANCELED = 90, "user_canceled";
    /// TLS 1.2: no renegotiation, thank you.
    NO_RENEGOTIATION = 100, "no_renegotiation";
    /// An extension that must be there is not.
    MISSING_EXTENSION = 109, "missing_extension";
    /// An extension that must not be there is.
    UNSUPPORTED_EXTENSION = 110, "unsupported_extension";
    /// There is no server of that name here.
    UNRECOGNIZED_NAME = 112, "unrecognized_name";
    /// The stapled OCSP response is bad.
    BAD_CERTIFICATE_STATUS_RESPONSE = 113, "bad_certificate_status_response";
    /// The pre-shared key is not known.
    UNKNOWN_PSK_IDENTITY = 115, "unknown_psk_identity";
    /// The server demands a client certificate.
    CERTIFICATE_REQUIRED = 116, "certificate_required";
    /// An error that no other alert fits (RFC 9846 §6.2).
    GENERAL_ERROR = 117, "general_error";
    /// No common application protocol (RFC 7301 §3.2).
    NO_APPLICATION_PROTOCOL = 120, "no_application_protocol";
}

impl fmt::Display for AlertDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name} ({})", self.0),
            None => write!(f, "unknown alert {}", self.0),
        }
    }
}

impl fmt::Debug for AlertDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
