//! Errors: grouped by who is to blame, each with one sentence, and one table from errors to alerts.

pub(crate) mod inner;

use crate::alert::AlertDescription;
use crate::certificate::CertificateError;
use crate::crypto::{CipherSuite, CryptoError, NamedGroup, SignatureScheme};
use crate::handshake::extension::extension_type::ExtensionType;
use crate::handshake::handshake_type::HandshakeType;
use crate::record::ContentType;
use core::fmt;

/// Why a connection ended. After a fatal error every later read returns the same one, and the alert
/// it calls for leaves by the normal write path.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error {
    /// The peer sent bytes that do not decode.
    Decode(Decode),
    /// Both sides are lawful, but have nothing in common.
    Incompatible(Incompatible),
    /// The peer broke a rule of the protocol.
    Misbehaved(Misbehaved),
    /// The peer's certificate was refused.
    Certificate(CertificateError),
    /// The peer ended the connection with a fatal alert.
    AlertReceived(AlertDescription),
    /// The transport ended without close_notify: what was read may be cut short (RFC 8446 §6.1).
    Truncated,
    /// A named limit of ours was too small for what the peer lawfully sent.
    Limit(Limit),
    /// A cryptographic operation of our own failed.
    Crypto(CryptoError),
    /// The caller ended the connection with [`abort`](crate::Connection::abort).
    Aborted(AlertDescription),
    /// The caller asked for what cannot be done; the connection is unharmed.
    Misuse(Misuse),
    /// A case that cannot happen did: a bug in Ferrule, at the named place. Please report it.
    Internal(&'static str),
}

/// Bytes that do not decode: where, and what is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Decode {
    /// The structure that was being read, in the RFC's name.
    pub structure: &'static str,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong with the bytes of a structure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Fault {
    /// It ends before its last field.
    TooShort,
    /// Bytes follow its last field.
    TrailingBytes,
    /// A vector's length is outside of what its definition allows.
    VectorLength,
}

macro_rules! sentences {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident $({ $($(#[$fdoc:meta])* $field:ident: $type:ty),* })? => $alert:ident, $($text:literal $(, $value:expr)*)?;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        #[non_exhaustive]
        pub enum $name { $($(#[$vdoc])* $variant $({ $($(#[$fdoc])* $field: $type),* })?,)* }

        impl $name {
            /// The alert that this error calls for.
            pub const fn alert(self) -> AlertDescription {
                match self { $(Self::$variant $({ $($field: _),* })? => AlertDescription::$alert,)* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self { $(Self::$variant $({ $($field),* })? => write!(f, $($text $(, $value)*)?),)* }
            }
        }
    };
}

sentences! {
    /// Both sides are lawful, but have nothing in common.
    Incompatible {
        /// The peer does not speak a version that we do.
        Version => PROTOCOL_VERSION, "the peer offers no TLS version that is enabled here";
        /// No common cipher suite.
        CipherSuite => HANDSHAKE_FAILURE, "the client offers no cipher suite that is enabled here";
        /// No common group for key exchange.
        Group => HANDSHAKE_FAILURE, "the client supports no key exchange group that is enabled here";
        /// None of our certificates can be used with this client.
        SignatureScheme => HANDSHAKE_FAILURE, "the client accepts no signature scheme that a configured certificate's key can make";
        /// No common application protocol (RFC 7301 §3.2).
        ApplicationProtocol => NO_APPLICATION_PROTOCOL, "the client offers no application protocol (ALPN) that is enabled here";
        /// The client was asked for a certificate, and sent none (RFC 8446 §4.4.2.4).
        ClientCertificate => CERTIFICATE_REQUIRED, "the client sent no certificate, and this server requires one";
    }
}

sentences! {
    /// The peer broke a rule of the protocol.
    Misbehaved {
        /// A handshake message that has no place here (RFC 8446 §4).
        UnexpectedMessage {
            /// What was awaited.
            expected: &'static str,
            /// What came.
            found: HandshakeType
        } => UNEXPECTED_MESSAGE, "the peer sent {} where {} was expected", found, expected;
        /// A record of a type that has no place here (RFC 8446 §5).
        UnexpectedRecord {
            /// What came.
            found: ContentType
        } => UNEXPECTED_MESSAGE, "the peer sent a record of type {} where it has no place (RFC 8446 section 5)", found;
        /// A record's type is not known (RFC 8446 §5).
        UnknownContentType {
            /// The byte that came.
            found: u8
        } => UNEXPECTED_MESSAGE, "the peer sent bytes that are no TLS record: content type {} (is this a TLS port?)", found;
        /// A record longer than the protocol allows (RFC 8446 §5.1, §5.2).
        RecordOverflow {
            /// Its length.
            length: usize,
            /// The greatest lawful length.
            limit: usize
        } => RECORD_OVERFLOW, "the peer sent a record of {} bytes where at most {} are allowed", length, limit;
        /// A record failed its authentication: someone has touched it (RFC 8446 §5.2).
        BadRecordMac => BAD_RECORD_MAC, "a record failed its authentication: it was altered on the way, or the peer uses other keys";
        /// An unprotected record came where protection is due.
        UnprotectedRecord {
            /// Its type.
            found: ContentType
        } => UNEXPECTED_MESSAGE, "the peer sent an unprotected {} record although keys are in use", found;
        /// An unprotected alert came where protection is due: anyone may have written it.
        UnprotectedAlert {
            /// What it says.
            claim: AlertDescription
        } => UNEXPECTED_MESSAGE, "an unprotected alert came although keys are in use; it says {}", claim;
        /// An inner plaintext has no content type: zeros only (RFC 8446 §5.4).
        NoContentType => UNEXPECTED_MESSAGE, "the peer sent a protected record of padding alone, without a content type (RFC 8446 section 5.4)";
        /// A zero-length handshake or alert fragment (RFC 8446 §5.1).
        EmptyFragment {
            /// Its type.
            found: ContentType
        } => UNEXPECTED_MESSAGE, "the peer sent an empty {} record (RFC 8446 section 5.1)", found;
        /// Too many records without content in a row.
        TooManyEmptyRecords => UNEXPECTED_MESSAGE, "the peer sends empty records without end";
        /// Too many warning alerts in a row.
        TooManyWarnings => UNEXPECTED_MESSAGE, "the peer sends warning alerts without end";
        /// Too many KeyUpdates without application data between them.
        TooManyKeyUpdates => UNEXPECTED_MESSAGE, "the peer sends KeyUpdate without end";
        /// An alert is not two bytes (RFC 8446 §6).
        AlertLength => DECODE_ERROR, "the peer sent an alert that is not two bytes long";
        /// A ChangeCipherSpec that is not the single byte 1 (RFC 8446 §5).
        ChangeCipherSpec => UNEXPECTED_MESSAGE, "the peer sent a ChangeCipherSpec where RFC 8446 section 5 does not allow it";
        /// Other records between the fragments of a handshake message (RFC 8446 §5.1).
        Interleaved => UNEXPECTED_MESSAGE, "the peer put another record between the parts of a handshake message (RFC 8446 section 5.1)";
        /// Handshake bytes follow a message after which keys change (RFC 8446 §5.1).
        NotAtMessageBoundary => UNEXPECTED_MESSAGE, "the peer sent more handshake bytes before a change of keys (RFC 8446 section 5.1)";
        /// The ServerHello selects a version that was not offered.
        VersionNotOffered {
            /// What was selected.
            found: u16
        } => ILLEGAL_PARAMETER, "the server chose TLS version {:#06x}, which was not offered", found;
        /// A field that must keep its historic value does not.
        LegacyField {
            /// The field.
            field: &'static str
        } => ILLEGAL_PARAMETER, "the peer sent a forbidden value in {}", field;
        /// The server's random says that it could do better (RFC 8446 §4.1.3).
        Downgrade => ILLEGAL_PARAMETER, "the server's random carries the downgrade mark: someone talked the connection down to an older version";
        /// The server chose a cipher suite that was not offered.
        SuiteNotOffered {
            /// The suite.
            found: CipherSuite
        } => ILLEGAL_PARAMETER, "the server chose cipher suite {}, which was not offered", found;
        /// The server chose another suite after its HelloRetryRequest (RFC 8446 §4.1.4).
        SuiteChanged {
            /// The suite of the ServerHello.
            found: CipherSuite
        } => ILLEGAL_PARAMETER, "the server chose {} after it had named another cipher suite in its HelloRetryRequest", found;
        /// The server chose a group that was not offered.
        GroupNotOffered {
            /// The group.
            found: NamedGroup
        } => ILLEGAL_PARAMETER, "the server chose the group {}, which was not offered", found;
        /// A HelloRetryRequest for a group whose share it already has (RFC 8446 §4.2.8).
        RetryWithoutChange => ILLEGAL_PARAMETER, "the server's HelloRetryRequest asks for nothing that it did not already have";
        /// A second HelloRetryRequest (RFC 8446 §4.1.4).
        SecondRetryRequest => UNEXPECTED_MESSAGE, "the server sent a second HelloRetryRequest";
        /// The second ClientHello changes what it must not (RFC 8446 §4.1.2).
        SecondHelloDiffers {
            /// What changed.
            what: &'static str
        } => ILLEGAL_PARAMETER, "the client's second ClientHello differs from its first in {}", what;
        /// The session id was not echoed (RFC 8446 §4.1.3).
        SessionIdNotEchoed => ILLEGAL_PARAMETER, "the server did not echo the session id";
        /// An extension came twice in one message (RFC 8446 §4.2).
        DuplicateExtension {
            /// The extension.
            extension: ExtensionType
        } => ILLEGAL_PARAMETER, "the peer sent the extension {} twice", extension;
        /// An extension that was not asked for (RFC 8446 §4.2).
        UnsolicitedExtension {
            /// The extension.
            extension: ExtensionType
        } => UNSUPPORTED_EXTENSION, "the peer sent the extension {}, which was not asked for", extension;
        /// An extension that does not belong into this message (RFC 8446 §4.2).
        MisplacedExtension {
            /// The extension.
            extension: ExtensionType,
            /// The message.
            message: HandshakeType
        } => ILLEGAL_PARAMETER, "the peer sent the extension {} in {}, where it does not belong", extension, message;
        /// An extension that must be there is not (RFC 8446 §9.2).
        MissingExtension {
            /// The extension.
            extension: ExtensionType
        } => MISSING_EXTENSION, "the peer left out the extension {}", extension;
        /// The key share does not match the groups (RFC 8446 §4.2.8).
        KeyShare {
            /// What is wrong.
            reason: &'static str
        } => ILLEGAL_PARAMETER, "the peer's key_share is wrong: {}", reason;
        /// An application protocol that was not offered (RFC 7301 §3.1).
        ProtocolNotOffered => ILLEGAL_PARAMETER, "the server chose an application protocol (ALPN) that was not offered";
        /// The name in server_name is not a host name (RFC 6066 §3).
        ServerName => ILLEGAL_PARAMETER, "the client's server_name is not a host name";
        /// A value that is not defined for its field.
        UnknownValue {
            /// The field.
            field: &'static str
        } => ILLEGAL_PARAMETER, "the peer sent an undefined value in {}", field;
        /// The server sent no certificate (RFC 8446 §4.4.2.4).
        NoCertificate => DECODE_ERROR, "the server sent an empty certificate list";
        /// CertificateVerify uses a scheme that was not offered (RFC 8446 §4.4.3).
        SchemeNotOffered {
            /// The scheme.
            found: SignatureScheme
        } => ILLEGAL_PARAMETER, "the peer signed with {}, which was not offered or may not sign a handshake", found;
        /// CertificateVerify uses a scheme that does not fit the certificate's key.
        SchemeDoesNotFitKey {
            /// The scheme.
            found: SignatureScheme
        } => ILLEGAL_PARAMETER, "the peer signed with {}, which does not fit its certificate's key", found;
        /// The signature in CertificateVerify is wrong (RFC 8446 §4.4.3).
        BadHandshakeSignature => DECRYPT_ERROR, "the peer's signature over the handshake is wrong: it does not hold the certificate's private key";
        /// The verify data in Finished is wrong (RFC 8446 §4.4.4).
        BadFinished => DECRYPT_ERROR, "the peer's Finished is wrong: someone altered the handshake";
    }
}

sentences! {
    /// A named limit of ours (see [`crate::limits`]) was too small for what the peer lawfully sent.
    Limit {
        /// A handshake message does not fit into scratch.
        Scratch {
            /// The bytes that are needed.
            needed: usize,
            /// The room that there is.
            room: usize
        } => INTERNAL_ERROR, "a handshake message needs {} bytes of scratch and there is room for {}: give the connection more scratch", needed, room;
        /// A handshake message is longer than any of its kind can be.
        MessageLength {
            /// The length asked.
            length: usize,
            /// The most that is accepted.
            limit: usize
        } => DECODE_ERROR, "the peer announced a handshake message of {} bytes where at most {} are accepted", length, limit;
        /// The cookie of a HelloRetryRequest is longer than [`crate::limits::MAX_COOKIE`].
        Cookie {
            /// Its length.
            length: usize,
            /// The most that is echoed.
            limit: usize
        } => INTERNAL_ERROR, "the server's cookie has {} bytes and at most {} are echoed", length, limit;
        /// A key of ours has protected all the records that it may.
        SequenceNumber => INTERNAL_ERROR, "a key has protected all the records that it may (RFC 8446 section 5.5)";
    }
}

/// The caller asked for what cannot be done; nothing has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Misuse {
    /// The configuration has nothing in common with the provider.
    NothingToOffer(&'static str),
    /// An application protocol in the configuration is empty, or longer than
    /// [`crate::limits::MAX_ALPN_PROTOCOL`].
    ApplicationProtocol,
    /// A configured record size limit is not 64 to 16,385 (RFC 8449 §4).
    RecordSizeLimit(u16),
    /// The server has no credential, or one is without a certificate.
    NoCredential,
    /// A client has more credentials than [`crate::limits::MAX_CLIENT_CREDENTIALS`].
    TooManyCredentials(usize),
    /// The authorities that a server names to clients are more than a CertificateRequest can say (RFC 8446 §4.2.4).
    AuthoritiesTooLong,
    /// An answer that nothing asked for, or of another kind than asked.
    UnaskedAnswer,
    /// A signature longer than [`crate::limits::MAX_SIGNATURE`].
    SignatureLength(usize),
    /// [`work`](crate::Connection::work) without `want().work`.
    NoWork,
    /// A certificate chain is longer than a Certificate message can say.
    ChainTooLong,
    /// Data was to be written after close, or after a failure.
    Closed,
    /// The output buffer is smaller than every call needs; nothing was written.
    OutputTooSmall {
        /// Bytes needed.
        needed: usize,
        /// Bytes given.
        room: usize,
    },
    /// The exporter's label or length is out of range (RFC 8446 §7.5).
    Export,
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NothingToOffer(what) => {
                write!(f, "the configuration and the provider have no {what} in common")
            }
            Self::ApplicationProtocol => {
                f.write_str("a configured application protocol (ALPN) is empty or too long")
            }
            Self::RecordSizeLimit(limit) => {
                write!(f, "a configured record size limit of {limit} is not within 64 to 16,385")
            }
            Self::NoCredential => f.write_str("the configuration has no certificate, or an empty chain"),
            Self::TooManyCredentials(count) => {
                write!(
                    f,
                    "a client configuration has {count} credentials, which is more than can be chosen among"
                )
            }
            Self::AuthoritiesTooLong => f.write_str(
                "the configured authorities are too many for a CertificateRequest, or one has no name",
            ),
            Self::UnaskedAnswer => f.write_str("an answer was given that nothing asked for"),
            Self::SignatureLength(length) => {
                write!(f, "a signature of {length} bytes is longer than any that TLS carries")
            }
            Self::NoWork => f.write_str("work() was called where want().work is false"),
            Self::ChainTooLong => {
                f.write_str("a configured certificate chain is too long for a Certificate message")
            }
            Self::Closed => {
                f.write_str("nothing can be written any more: this side has closed the connection")
            }
            Self::OutputTooSmall { needed, room } => {
                write!(f, "an output buffer of {room} bytes is too small: at least {needed} are needed")
            }
            Self::Export => f.write_str("an exporter's label or length is out of range"),
        }
    }
}

impl fmt::Display for Decode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fault = match self.fault {
            Fault::TooShort => "it ends before its last field",
            Fault::TrailingBytes => "bytes follow its last field",
            Fault::VectorLength => "a length in it is out of range",
        };
        write!(f, "the peer sent a malformed {}: {fault}", self.structure)
    }
}

impl Error {
    /// The alert that this error calls for; `None` where the peer is to hear nothing (it is gone,
    /// it has said so itself, or the connection is unharmed).
    pub const fn alert(&self) -> Option<AlertDescription> {
        Some(match self {
            Self::Decode(_) => AlertDescription::DECODE_ERROR,
            Self::Incompatible(e) => e.alert(),
            Self::Misbehaved(e) => e.alert(),
            Self::Certificate(e) => e.alert(),
            Self::Limit(e) => e.alert(),
            Self::Aborted(alert) => *alert,
            Self::Crypto(CryptoError::InvalidKeyShare) => AlertDescription::ILLEGAL_PARAMETER,
            Self::Crypto(_) | Self::Internal(_) => AlertDescription::INTERNAL_ERROR,
            Self::AlertReceived(_) | Self::Truncated | Self::Misuse(_) => return None,
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decode(e) => e.fmt(f),
            Self::Incompatible(e) => e.fmt(f),
            Self::Misbehaved(e) => e.fmt(f),
            Self::Certificate(e) => e.fmt(f),
            Self::AlertReceived(alert) => write!(f, "the peer ended the connection with the alert {alert}"),
            Self::Truncated => f.write_str("the transport ended without close_notify: data may be missing"),
            Self::Limit(e) => e.fmt(f),
            Self::Crypto(e) => e.fmt(f),
            Self::Aborted(alert) => write!(f, "the connection was aborted on this side with {alert}"),
            Self::Misuse(e) => e.fmt(f),
            Self::Internal(place) => write!(f, "internal error at {place}: please report it"),
        }
    }
}

impl core::error::Error for Error {}

impl From<Decode> for Error {
    fn from(e: Decode) -> Self {
        Self::Decode(e)
    }
}
impl From<Incompatible> for Error {
    fn from(e: Incompatible) -> Self {
        Self::Incompatible(e)
    }
}
impl From<Misbehaved> for Error {
    fn from(e: Misbehaved) -> Self {
        Self::Misbehaved(e)
    }
}
impl From<CertificateError> for Error {
    fn from(e: CertificateError) -> Self {
        Self::Certificate(e)
    }
}
impl From<Limit> for Error {
    fn from(e: Limit) -> Self {
        Self::Limit(e)
    }
}
impl From<CryptoError> for Error {
    fn from(e: CryptoError) -> Self {
        Self::Crypto(e)
    }
}
impl From<Misuse> for Error {
    fn from(e: Misuse) -> Self {
        Self::Misuse(e)
    }
}
