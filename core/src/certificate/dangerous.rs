//! Ways around authentication. Nothing here is used by the rest of this crate; a review that
//! searches for `dangerous` finds every caller.

use super::{Certificate, CertificateError, ExpectedPeer, Next, PeerAuthenticated, PeerVerifier, Rule};
use crate::crypto::CryptoProvider;

/// Believes anybody. **The connection is then encrypted to whoever answered**: an
/// attacker on the way reads and alters all of it. For test benches, and for peers that are
/// authenticated by other means inside of the connection.
///
/// Only that the leaf parses is checked, because its key is needed.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoVerification;

impl PeerVerifier for NoVerification {
    type Walk = ();

    fn begin(&self) -> Self::Walk {}

    fn certificate<P: CryptoProvider>(
        &self,
        _walk: &mut Self::Walk,
        _expected: &ExpectedPeer<'_>,
        _provider: &mut P,
        memory: &mut [u8],
        length: usize,
    ) -> Result<Next, CertificateError> {
        let room = memory.len();
        let leaf = memory.get(..length).ok_or_else(|| {
            CertificateError::of_malformed(0, &[], Rule::MemoryTooSmall { needed: length, room })
        })?;
        match Certificate::parse(leaf).and_then(|leaf| leaf.public_key()) {
            Ok(_) => Ok(Next::Authenticated(assume_peer_authenticated())),
            Err(rule) => Err(CertificateError::of_malformed(0, leaf, rule)),
        }
    }

    fn end(
        &self,
        _walk: &mut Self::Walk,
        _expected: &ExpectedPeer<'_>,
        _memory: &mut [u8],
    ) -> Result<Next, CertificateError> {
        Err(CertificateError::of_malformed(0, &[], Rule::NoCertificate))
    }

    fn work<P: CryptoProvider>(
        &self,
        _walk: &mut Self::Walk,
        _expected: &ExpectedPeer<'_>,
        _provider: &mut P,
        _memory: &mut [u8],
    ) -> Result<Next, CertificateError> {
        Err(CertificateError::of_malformed(0, &[], Rule::Internal("work of NoVerification")))
    }
}

/// Makes the proof that a peer is who it should be, out of nothing: for a [`PeerVerifier`] of your
/// own, once it is satisfied. Whoever calls this vouches for the peer.
pub fn assume_peer_authenticated() -> PeerAuthenticated {
    PeerAuthenticated(())
}
