//! The place where a peer is believed, or not.

use super::{CertificateError, ServerName, Validity};
use crate::crypto::CryptoProvider;

/// Who the peer should be.
#[derive(Debug, Clone, Copy)]
pub struct ExpectedPeer<'a> {
    /// The name that the leaf must carry; `None` for a client's certificate.
    pub name: Option<&'a ServerName>,
    /// Which end of the connection the certificate is for: decides the extended key usage.
    pub role: Role,
    /// Against which time certificates are checked.
    pub validity: Validity,
}

/// The end of the connection that a certificate speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Role {
    /// The client: id-kp-clientAuth.
    Client,
    /// The server: id-kp-serverAuth.
    Server,
}

/// Proof that a [`PeerVerifier`] was satisfied. A handshake cannot complete without one, and only
/// this crate's verifiers, and those who call [`crate::certificate::dangerous`] by name, can make it.
#[derive(Debug)]
#[must_use]
pub struct PeerAuthenticated(pub(super) ());

/// What a verifier wants next.
#[derive(Debug)]
#[must_use]
pub enum Next {
    /// The next certificate of the chain, to be written at this offset of `memory`.
    /// What lies before that offset belongs to the verifier.
    Certificate {
        /// Offset into `memory`.
        at: usize,
    },
    /// One public-key operation: call [`PeerVerifier::work`].
    Work,
    /// Nothing more: the peer is believed. Certificates that still follow are skipped unread.
    Authenticated(PeerAuthenticated),
}

/// Decides whether the peer is who it should be, while its certificates arrive one by one.
///
/// All calls for one chain get the same `memory` (part of the connection's scratch). The leaf is
/// written at its start and must stay there, unchanged, to the end: the handshake takes the key
/// for CertificateVerify from it. No call but [`work`](Self::work) does a public-key operation, and
/// that one does exactly one.
pub trait PeerVerifier {
    /// Where the walk up one chain stands: offsets and digests, no references.
    type Walk;

    /// Before the first certificate, which will be written at the start of `memory`.
    fn begin(&self) -> Self::Walk;

    /// Whether the peer is to be asked for an OCSP response about its own certificate (status_request, RFC 8446
    /// §4.4.2.1).
    fn wants_staple(&self) -> bool {
        false
    }

    /// The peer stapled a response to its certificate. It lies behind the leaf, at `memory[at..at + length]`, and
    /// belongs to the verifier. Comes right before [`certificate`](Self::certificate) for the leaf, and
    /// only where [`wants_staple`](Self::wants_staple). If it does not fit, none of it need be written.
    fn staple(&self, _walk: &mut Self::Walk, _at: usize, _length: usize) {}

    /// A certificate lies whole at `memory[at..at + length]`: `at` is 0 for the leaf, then what
    /// [`Next::Certificate`] asked for. If it does not fit there, none of it need be written: the
    /// answer is [`Rule::MemoryTooSmall`](super::Rule::MemoryTooSmall), with its place in the chain.
    fn certificate<P: CryptoProvider>(
        &self,
        walk: &mut Self::Walk,
        expected: &ExpectedPeer<'_>,
        provider: &mut P,
        memory: &mut [u8],
        length: usize,
    ) -> Result<Next, CertificateError>;

    /// The chain has ended without [`Next::Authenticated`]. A verifier that has nothing more to try
    /// says here why the peer is not believed.
    fn end(
        &self,
        walk: &mut Self::Walk,
        expected: &ExpectedPeer<'_>,
        memory: &mut [u8],
    ) -> Result<Next, CertificateError>;

    /// Does the public-key operation that [`Next::Work`] announced.
    fn work<P: CryptoProvider>(
        &self,
        walk: &mut Self::Walk,
        expected: &ExpectedPeer<'_>,
        provider: &mut P,
        memory: &mut [u8],
    ) -> Result<Next, CertificateError>;
}

/// Asks a verifier about a chain that is there whole, the peer's own certificate first, with the OCSP response that
/// was stapled to it, if there was one: as a handshake does, but at once. For tools and tests; that the peer has the
/// key of its certificate, only a handshake shows.
///
/// `memory` is what the handshake would have in scratch. What the verifier says, and
/// [`Rule::MemoryTooSmall`](super::Rule::MemoryTooSmall) where that is too little.
pub fn verify<V: PeerVerifier, P: CryptoProvider>(
    verifier: &V,
    chain: &[&[u8]],
    staple: Option<&[u8]>,
    expected: &ExpectedPeer<'_>,
    provider: &mut P,
    memory: &mut [u8],
) -> Result<(), CertificateError> {
    walk(verifier, chain, staple, expected, provider, memory).map(|_| ())
}

/// The same; gives the walk at its end.
pub(super) fn walk<V: PeerVerifier, P: CryptoProvider>(
    verifier: &V,
    chain: &[&[u8]],
    staple: Option<&[u8]>,
    expected: &ExpectedPeer<'_>,
    provider: &mut P,
    memory: &mut [u8],
) -> Result<V::Walk, CertificateError> {
    let put = |memory: &mut [u8], at: usize, bytes: &[u8]| {
        // What does not fit is not written: the verifier says so.
        if let Some(place) = memory.get_mut(at..at.saturating_add(bytes.len())) {
            place.copy_from_slice(bytes);
        }
    };
    let mut walk = verifier.begin();
    let mut served = chain.iter();
    let mut staple = staple.filter(|_| verifier.wants_staple());
    let mut next = Next::Certificate { at: 0 };
    loop {
        next = match next {
            Next::Authenticated(_) => return Ok(walk),
            Next::Work => verifier.work(&mut walk, expected, provider, memory)?,
            Next::Certificate { at } => match served.next() {
                None => verifier.end(&mut walk, expected, memory)?,
                Some(der) => {
                    put(memory, at, der);
                    if let Some(staple) = staple.take() {
                        put(memory, der.len(), staple);
                        verifier.staple(&mut walk, der.len(), staple.len());
                    }
                    verifier.certificate(&mut walk, expected, provider, memory, der.len())?
                }
            },
        };
    }
}
