//! Whom a server asks for a certificate (RFC 8446 §4.3.2), and what it says then.

use crate::certificate::{CertificateError, DistinguishedName, ExpectedPeer, Next, PeerVerifier};
use crate::crypto::CryptoProvider;
use core::convert::Infallible;

/// Whether a server asks its clients for a certificate (RFC 8446 §4.3.2).
#[derive(Debug, Clone, Copy)]
pub enum ClientAuthentication<'a, V> {
    /// No client is asked.
    None,
    /// Clients are asked. One that sends no certificate is served all the same, and
    /// [`Negotiated::client_is_authenticated`](crate::Negotiated::client_is_authenticated) tells the two apart; one
    /// that sends a certificate which the verifier refuses is refused.
    Optional(WhoIsAsked<'a, V>),
    /// Clients are asked, and one that sends no certificate is refused with the alert `certificate_required`.
    Required(WhoIsAsked<'a, V>),
}

impl<'a, V> ClientAuthentication<'a, V> {
    /// What is asked, where anything is.
    pub(crate) const fn asked(&self) -> Option<&WhoIsAsked<'a, V>> {
        match self {
            Self::None => None,
            Self::Optional(asked) | Self::Required(asked) => Some(asked),
        }
    }
}

/// Whose certificate is asked for, and who believes it.
#[derive(Debug, Clone, Copy)]
pub struct WhoIsAsked<'a, V> {
    /// Decides whether a client's certificate is believed. It is told no name to look for, and the role
    /// [`Role::Client`](crate::certificate::Role::Client): a certificate with an extendedKeyUsage must allow
    /// clientAuth. No OCSP response is asked for, so a policy that demands a staple refuses everybody.
    pub verifier: V,
    /// Names of acceptable authorities, for clients that have certificates of several to choose from (RFC 8446
    /// §4.2.4), such as [`TrustAnchor::subject`](crate::certificate::TrustAnchor::subject); empty: the extension is
    /// not sent. It is a hint to clients and nothing more: the verifier decides. The names lie in scratch until they
    /// are sent, at about 100 bytes each.
    pub authorities: &'a [DistinguishedName<'a>],
}

impl<V> WhoIsAsked<'_, V> {
    /// Believes what this verifier does, and names no authorities.
    pub const fn new(verifier: V) -> Self {
        Self { verifier, authorities: &[] }
    }
}

/// The verifier of a server that asks no client for a certificate: there is no such value, so there can be no
/// [`ClientAuthentication`] but `None`, and no code for any other is compiled.
#[derive(Debug, Clone, Copy)]
pub enum Nobody {}

impl PeerVerifier for Nobody {
    type Walk = Infallible;

    fn begin(&self) -> Infallible {
        match *self {}
    }

    fn certificate<P: CryptoProvider>(
        &self,
        _walk: &mut Infallible,
        _expected: &ExpectedPeer<'_>,
        _provider: &mut P,
        _memory: &mut [u8],
        _length: usize,
    ) -> Result<Next, CertificateError> {
        match *self {}
    }

    fn end(
        &self,
        _walk: &mut Infallible,
        _expected: &ExpectedPeer<'_>,
        _memory: &mut [u8],
    ) -> Result<Next, CertificateError> {
        match *self {}
    }

    fn work<P: CryptoProvider>(
        &self,
        _walk: &mut Infallible,
        _expected: &ExpectedPeer<'_>,
        _provider: &mut P,
        _memory: &mut [u8],
    ) -> Result<Next, CertificateError> {
        match *self {}
    }
}
