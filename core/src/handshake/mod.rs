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
pub(crate) mod handshake_type;
pub(crate) mod joiner;
pub(crate) mod key_update;
pub(crate) mod new_session_ticket;
pub(crate) mod peer_chain;
pub(crate) mod server_hello;

pub use client_hello::ClientHello;
pub use context::{Negotiated, ProtocolVersion};
pub use extension::ExtensionType;
pub use handshake_type::HandshakeType;
pub use new_session_ticket::SessionTicket;
pub use server_hello::RETRY_RANDOM;

use crate::codec::Writer;
use crate::error::Limit;
use crate::error::inner::Error;

/// Bytes of a message's header: type and length (§4).
pub(crate) const MESSAGE_HEADER: usize = 4;

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
