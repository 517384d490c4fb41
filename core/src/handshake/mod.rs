//! The handshake's messages (RFC 8446 §4): one file a message, one file an extension, no side.

pub(crate) mod certificate;
pub(crate) mod certificate_request;
pub(crate) mod certificate_verify;
pub(crate) mod client_hello;
pub(crate) mod context;
pub(crate) mod encrypted_extensions;
pub mod extension;
pub(crate) mod finished;
pub(crate) mod flight;
pub(crate) mod joiner;
pub(crate) mod key_update;
pub(crate) mod new_session_ticket;
pub(crate) mod peer_chain;
pub(crate) mod server_hello;

pub use client_hello::ClientHello;
pub use context::{Negotiated, ProtocolVersion};
pub use extension::ExtensionType;
pub use new_session_ticket::SessionTicket;

use crate::codec::Writer;
use crate::error::Limit;
use crate::error::inner::Error;
use core::fmt;

/// Bytes of a message's header: type and length (§4).
pub(crate) const MESSAGE_HEADER: usize = 4;

/// The type of a handshake message (RFC 8446 §4). Unknown values stay values.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct HandshakeType(pub u8);

macro_rules! handshake_types {
    ($($(#[$doc:meta])* $name:ident = $value:literal, $text:literal;)*) => {
        impl HandshakeType {
            $($(#[$doc])* pub const $name: Self = Self($value);)*

            /// The RFC's name, if there is one.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($value => Some($text),)*
                    _ => None,
                }
            }
        }
    };
}

handshake_types! {
    /// TLS 1.2's request to negotiate again.
    HELLO_REQUEST = 0, "HelloRequest";
    /// §4.1.2
    CLIENT_HELLO = 1, "ClientHello";
    /// §4.1.3, and HelloRetryRequest, §4.1.4
    SERVER_HELLO = 2, "ServerHello";
    /// §4.6.1
    NEW_SESSION_TICKET = 4, "NewSessionTicket";
    /// §4.5
    END_OF_EARLY_DATA = 5, "EndOfEarlyData";
    /// §4.3.1
    ENCRYPTED_EXTENSIONS = 8, "EncryptedExtensions";
    /// §4.4.2
    CERTIFICATE = 11, "Certificate";
    /// TLS 1.2's key exchange of the server.
    SERVER_KEY_EXCHANGE = 12, "ServerKeyExchange";
    /// §4.3.2
    CERTIFICATE_REQUEST = 13, "CertificateRequest";
    /// TLS 1.2's end of the server's flight.
    SERVER_HELLO_DONE = 14, "ServerHelloDone";
    /// §4.4.3
    CERTIFICATE_VERIFY = 15, "CertificateVerify";
    /// TLS 1.2's key exchange of the client.
    CLIENT_KEY_EXCHANGE = 16, "ClientKeyExchange";
    /// §4.4.4
    FINISHED = 20, "Finished";
    /// §4.6.3
    KEY_UPDATE = 24, "KeyUpdate";
    /// §4.4.1: never on the wire.
    MESSAGE_HASH = 254, "message_hash";
}

impl fmt::Display for HandshakeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "unknown handshake message {}", self.0),
        }
    }
}

impl fmt::Debug for HandshakeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl HandshakeType {
    /// The longest that a message of this type can lawfully be where its fields bound it. What has no
    /// bound of its own is bounded by scratch, or streamed.
    pub(crate) const fn longest(self) -> Option<usize> {
        match self {
            // One hash (§4.4.4).
            Self::FINISHED => Some(64),
            // One byte (§4.6.3).
            Self::KEY_UPDATE => Some(1),
            // A scheme and opaque<0..2^16-1> (§4.4.3).
            Self::CERTIFICATE_VERIFY => Some(4 + 0xffff),
            // extensions<0..2^16-1> (§4.3.1).
            Self::ENCRYPTED_EXTENSIONS => Some(2 + 0xffff),
            // Fixed fields, a session id and extensions (§4.1.3).
            Self::SERVER_HELLO => Some(2 + 32 + 33 + 2 + 1 + 2 + 0xffff),
            _ => None,
        }
    }
}

/// Writes one message, header and body, and returns its length.
pub(crate) fn write_message(
    room: &mut [u8],
    kind: HandshakeType,
    body: impl FnOnce(&mut Writer<'_>),
) -> Result<usize, Limit> {
    let mut writer = Writer::new(room);
    writer.u8(kind.0);
    writer.vector::<3>(body);
    writer.finish()
}

/// Proof that a message ended where its record did, so that keys may change (§5.1: "Handshake
/// messages MUST NOT span key changes").
#[derive(Debug)]
pub(crate) struct MessageBoundary(());

impl MessageBoundary {
    /// From what the record still holds behind the message, and the proof that the record is sound.
    pub(crate) fn new(rest: &[u8], _: crate::record::RecordAuthenticated) -> Result<Self, Error> {
        if rest.is_empty() {
            Ok(Self(()))
        } else {
            Err(crate::error::Misbehaved::NotAtMessageBoundary.into())
        }
    }
}
