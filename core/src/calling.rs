//! The words between a connection and its caller: what it wants, what came, what is asked and answered.

use crate::alert::AlertDescription;
use crate::crypto::{Digest, SignatureScheme};
use crate::error::Misuse;
use crate::handshake::SessionTicket;
use crate::limits::MAX_SIGNATURE;

/// What a connection waits for: independent facts, each a level and not an edge. Asked twice without a
/// call between, it says the same twice.
#[derive(Debug)]
#[must_use]
pub struct Want<'c> {
    /// [`write_record`](crate::Connection::write_record) has something to write.
    pub owes_output: bool,
    /// [`read_record`](crate::Connection::read_record) can do something once the window holds this many bytes,
    /// counted from its front. Bytes that are held already count.
    pub read: Option<usize>,
    /// A question for the caller, for [`answer`](crate::Connection::answer).
    pub ask: Option<Ask<'c>>,
    /// A public-key operation is due: [`work`](crate::Connection::work).
    pub work: bool,
    /// The connection has ended, and what it owed has been written.
    pub closed: bool,
}

/// A question that only the caller can answer.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Ask<'c> {
    /// Sign, with the private key of a configured credential. The key may be anywhere: in memory, in a
    /// secure element, behind a network.
    Sign(SigningRequest<'c>),
}

/// What is to be signed, in both forms that owners of keys take.
#[derive(Debug, Clone, Copy)]
pub struct SigningRequest<'c> {
    /// Which of the configured credentials, counted from 0.
    pub credential: usize,
    /// The scheme: one of those that the credential names.
    pub scheme: SignatureScheme,
    /// The message (RFC 8446 §4.4.3).
    pub message: &'c [u8],
    /// Its digest under the scheme's hash; `None` for schemes that hash on their own (Ed25519).
    pub digest: Option<&'c Digest>,
}

/// The answer to an [`Ask`].
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Answer<'a> {
    /// The signature: ECDSA in DER, RSA and Ed25519 as they are; at most
    /// [`MAX_SIGNATURE`](crate::limits::MAX_SIGNATURE) bytes.
    Signature(&'a [u8]),
    /// There will be no answer: the connection ends with this alert.
    Refuse(AlertDescription),
}

impl<'a> Answer<'a> {
    /// The signature, where one was asked for.
    pub(crate) const fn signature(self) -> Result<&'a [u8], Misuse> {
        match self {
            Self::Signature(signature) if signature.len() > MAX_SIGNATURE => {
                Err(Misuse::SignatureLength(signature.len()))
            }
            Self::Signature(signature) => Ok(signature),
            Self::Refuse(_) => Err(Misuse::UnaskedAnswer),
        }
    }
}

/// What [`read_record`](crate::Connection::read_record) did.
#[derive(Debug)]
#[must_use]
pub struct Received<'r> {
    /// Bytes at the front of the window that are used up. Zero: the record is not all there yet, or must
    /// be given again after the work or the answer that is wanted now.
    pub consumed: usize,
    /// What came.
    pub event: Event<'r>,
}

/// What a record brought.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'r> {
    /// Nothing for the application.
    None,
    /// Decrypted data, where it lies in the caller's own window.
    ApplicationData(&'r mut [u8]),
    /// A ticket to resume with.
    SessionTicket(SessionTicket<'r>),
    /// The peer has said close_notify: it writes no more. We still may.
    PeerClosed,
}
