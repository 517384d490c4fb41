//! The transcript hash (RFC 8446 §4.4.1).

use crate::crypto::{CryptoProvider, Digest, HashAlgorithm, Hashes, RunningHash};
use crate::error::inner::Error;

/// The running hash of all handshake messages; begun once the suite, and so the hash, is known.
pub(crate) struct Transcript<P: CryptoProvider> {
    running: Option<RunningHash<P>>,
}

const NOT_STARTED: Error = Error::Internal("transcript: not started");

impl<P: CryptoProvider> Transcript<P> {
    pub(crate) const fn new() -> Self {
        Self { running: None }
    }

    /// Begins with the first ClientHello.
    pub(crate) fn start(
        &mut self,
        provider: &mut P,
        hash: HashAlgorithm,
        client_hello: &[u8],
    ) -> Result<(), Error> {
        self.running = Some(provider.hashes().start(hash)?);
        self.add(provider, client_hello)
    }

    /// Adds a message, or part of one, header included.
    pub(crate) fn add(&mut self, provider: &mut P, message: &[u8]) -> Result<(), Error> {
        let running = self.running.as_mut().ok_or(NOT_STARTED)?;
        Ok(provider.hashes().update(running, message)?)
    }

    /// "when the server responds to a ClientHello with a HelloRetryRequest, the value of ClientHello1 is
    /// replaced with a special synthetic handshake message of handshake type "message_hash" containing
    /// Hash(ClientHello1)" (§4.4.1).
    pub(crate) fn replace_by_message_hash(
        &mut self,
        provider: &mut P,
        hash: HashAlgorithm,
    ) -> Result<(), Error> {
        let digest = self.hash(provider)?;
        let length = u8::try_from(digest.as_bytes().len())
            .map_err(|_| Error::Internal("transcript: digest length"))?;
        self.start(provider, hash, &[254, 0, 0, length])?;
        self.add(provider, digest.as_bytes())
    }

    /// Transcript-Hash of all messages so far.
    pub(crate) fn hash(&self, provider: &mut P) -> Result<Digest, Error> {
        let running = self.running.as_ref().ok_or(NOT_STARTED)?;
        Ok(provider.hashes().snapshot(running)?)
    }
}
