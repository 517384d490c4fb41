//! What an application decides once for many connections. A configuration is lent to each of them: as a
//! reference from firmware, in an `Arc` from a host.

mod client_authentication;

pub use client_authentication::{ClientAuthentication, Nobody, WhoIsAsked};

use crate::certificate::PeerVerifier;
use crate::crypto::{CipherSuite, CryptoProvider, KeyExchanges, NamedGroup, SignatureScheme, Verifiers};
use crate::error::Misuse;
use crate::handshake::certificate::CertificateWriter;
use crate::handshake::extension::record_size_limit;
use crate::limits::{MAX_ALPN_PROTOCOL, MAX_CLIENT_CREDENTIALS};

/// The suites of TLS 1.3 in our order of preference: first the one that most chips speed up.
pub const DEFAULT_CIPHER_SUITES: &[CipherSuite] = &[
    CipherSuite::TLS_AES_128_GCM_SHA256,
    CipherSuite::TLS_AES_256_GCM_SHA384,
    CipherSuite::TLS_CHACHA20_POLY1305_SHA256,
];

/// The groups in our order of preference.
pub const DEFAULT_GROUPS: &[NamedGroup] = &[NamedGroup::X25519, NamedGroup::SECP256R1, NamedGroup::SECP384R1];

/// A client's configuration.
#[derive(Debug, Clone, Copy)]
pub struct ClientConfig<'a, V> {
    /// Suites in order of preference; those that the provider lacks are left out.
    pub cipher_suites: &'a [CipherSuite],
    /// Groups in order of preference; those that the provider lacks are left out. A key share is sent for
    /// the first, the others cost a round trip (RFC 8446 §4.1.4).
    pub groups: &'a [NamedGroup],
    /// Application protocols in order of preference (RFC 7301); empty: the extension is not sent. Each has
    /// 1 to [`MAX_ALPN_PROTOCOL`] bytes.
    pub protocols: &'a [&'a [u8]],
    /// The largest record that the client takes once records are protected, if its window is small: bytes of content,
    /// one for its type, and padding (RFC 8449), 64 to 16,385. A window of
    /// [`window_for`](crate::record::window_for) this limit then holds every protected record of a server that keeps
    /// to it; records of one that does not are refused. `max_fragment_length` (RFC 6066 §4) is sent as well, for
    /// servers that know nothing else. `None`: nothing is sent, and any lawful record is taken.
    pub record_size_limit: Option<u16>,
    /// What to show to a server that asks for a certificate, in order of preference, at most
    /// [`MAX_CLIENT_CREDENTIALS`]. The first is taken whose key can sign as the server understands and, where the
    /// server names authorities, whose chain one of them has issued (RFC 8446 §4.2.4). If none fits, as where there is
    /// none, an empty Certificate is sent, and the server decides what becomes of that. A
    /// [`staple`](Credential::staple) is not sent.
    pub credentials: &'a [Credential<'a>],
    /// Decides whether the server is who it should be.
    pub verifier: V,
}

impl<V> ClientConfig<'_, V> {
    /// All that the provider can do, no application protocol, no certificate of its own.
    pub const fn new(verifier: V) -> Self {
        Self {
            cipher_suites: DEFAULT_CIPHER_SUITES,
            groups: DEFAULT_GROUPS,
            protocols: &[],
            record_size_limit: None,
            credentials: &[],
            verifier,
        }
    }
}

/// A server's configuration. `V` verifies the certificates of clients, where they are asked for any.
#[derive(Debug, Clone, Copy)]
pub struct ServerConfig<'a, V = Nobody> {
    /// Suites in order of preference: the server's order decides.
    pub cipher_suites: &'a [CipherSuite],
    /// Groups in order of preference. Among those that the client has sent a key share for, the server's
    /// order decides; only where there is none of them, a HelloRetryRequest asks for one.
    pub groups: &'a [NamedGroup],
    /// Application protocols in order of preference (RFC 7301). Empty: the client's extension is ignored.
    /// Else a client that offers others only is refused.
    pub protocols: &'a [&'a [u8]],
    /// The largest record that the server takes once records are protected, as
    /// [`ClientConfig::record_size_limit`]: of clients that say that they understand it. What clients ask for is kept to
    /// in any case.
    pub record_size_limit: Option<u16>,
    /// Certificates with their keys' schemes, in order of preference: the first that the client can verify
    /// is used.
    pub credentials: &'a [Credential<'a>],
    /// Whether clients are asked for a certificate.
    pub client_authentication: ClientAuthentication<'a, V>,
}

impl<'a> ServerConfig<'a> {
    /// All that the provider can do, no application protocol; clients are not asked who they are.
    pub const fn new(credentials: &'a [Credential<'a>]) -> Self {
        Self {
            cipher_suites: DEFAULT_CIPHER_SUITES,
            groups: DEFAULT_GROUPS,
            protocols: &[],
            record_size_limit: None,
            credentials,
            client_authentication: ClientAuthentication::None,
        }
    }

    /// The same, of clients who are asked for a certificate:
    /// [`Connection::server_that_asks`](crate::Connection::server_that_asks) takes it.
    pub const fn asking<V>(self, client_authentication: ClientAuthentication<'a, V>) -> ServerConfig<'a, V> {
        let Self { cipher_suites, groups, protocols, record_size_limit, credentials, .. } = self;
        ServerConfig {
            cipher_suites,
            groups,
            protocols,
            record_size_limit,
            credentials,
            client_authentication,
        }
    }
}

/// A certificate chain and what its private key can do. The key itself is elsewhere: it is asked by
/// [`Ask::Sign`](crate::Ask::Sign).
#[derive(Debug, Clone, Copy)]
pub struct Credential<'a> {
    /// Certificates in DER, one's own first, each certified by the next (RFC 8446 §4.4.2). The root
    /// may be left out.
    pub chain: &'a [&'a [u8]],
    /// The schemes that the key can sign with, in order of preference.
    pub schemes: &'a [SignatureScheme],
    /// The authority's OCSP response about the certificate, in DER: it is sent to clients that ask for it
    /// (RFC 8446 §4.4.2.1). At most 65,527 bytes. Whoever runs the server renews it before it expires.
    pub staple: Option<&'a [u8]>,
}

impl<'a> Credential<'a> {
    /// A chain and its key's schemes, with no OCSP response.
    pub const fn new(chain: &'a [&'a [u8]], schemes: &'a [SignatureScheme]) -> Self {
        Self { chain, schemes, staple: None }
    }
}

/// What a client's handshake reads from its configuration. Only [`ClientConfig`] is one; the trait spares
/// the types of a connection one more parameter.
pub trait ClientSettings {
    /// The verifier's type.
    type Verifier: PeerVerifier;
    /// The configuration.
    fn settings(&self) -> &ClientConfig<'_, Self::Verifier>;
}

impl<V: PeerVerifier> ClientSettings for ClientConfig<'_, V> {
    type Verifier = V;
    fn settings(&self) -> &ClientConfig<'_, V> {
        self
    }
}

/// What a server's handshake reads from its configuration. Only [`ServerConfig`] is one.
pub trait ServerSettings {
    /// The type of the verifier of clients.
    type Verifier: PeerVerifier;
    /// The configuration.
    fn settings(&self) -> &ServerConfig<'_, Self::Verifier>;
}

impl<V: PeerVerifier> ServerSettings for ServerConfig<'_, V> {
    type Verifier = V;
    fn settings(&self) -> &ServerConfig<'_, V> {
        self
    }
}

/// The configured suites that this provider can run.
pub(crate) fn suites<P: CryptoProvider>(configured: &[CipherSuite]) -> impl Iterator<Item = CipherSuite> {
    configured.iter().copied().filter(|&suite| P::supports(suite))
}

/// The configured groups that this provider can run.
pub(crate) fn groups<P: CryptoProvider>(configured: &[NamedGroup]) -> impl Iterator<Item = NamedGroup> {
    configured.iter().copied().filter(|&group| P::KeyExchanges::groups().any(|has| has == group))
}

/// Refuses a configuration with which no handshake can succeed.
pub(crate) fn check<P: CryptoProvider>(
    configured_suites: &[CipherSuite],
    configured_groups: &[NamedGroup],
    protocols: &[&[u8]],
    record_size_limit: Option<u16>,
) -> Result<(), Misuse> {
    if suites::<P>(configured_suites).next().is_none() {
        return Err(Misuse::NothingToOffer("cipher suite"));
    }
    if groups::<P>(configured_groups).next().is_none() {
        return Err(Misuse::NothingToOffer("group"));
    }
    if P::Verifiers::schemes().next().is_none() {
        return Err(Misuse::NothingToOffer("signature scheme"));
    }
    if protocols.iter().any(|name| name.is_empty() || name.len() > MAX_ALPN_PROTOCOL) {
        return Err(Misuse::ApplicationProtocol);
    }
    let lawful = record_size_limit::SMALLEST..=record_size_limit::LARGEST;
    match record_size_limit {
        Some(limit) if !lawful.contains(&limit) => Err(Misuse::RecordSizeLimit(limit)),
        _ => Ok(()),
    }
}

/// Refuses credentials that no Certificate message can carry.
pub(crate) fn check_credentials(credentials: &[Credential<'_>]) -> Result<(), Misuse> {
    if credentials.iter().any(|credential| credential.chain.is_empty()) {
        return Err(Misuse::NoCredential);
    }
    if credentials.iter().any(|c| CertificateWriter::new(c.chain, c.staple).is_none()) {
        return Err(Misuse::ChainTooLong);
    }
    Ok(())
}

/// The same for a client's: it chooses among them while CertificateRequest streams by.
pub(crate) fn check_client_credentials(credentials: &[Credential<'_>]) -> Result<(), Misuse> {
    if credentials.len() > MAX_CLIENT_CREDENTIALS {
        return Err(Misuse::TooManyCredentials(credentials.len()));
    }
    check_credentials(credentials)
}
