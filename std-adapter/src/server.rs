//! Connections from clients.

use crate::client::{DEFAULT_HANDSHAKE_TIMEOUT, now};
use crate::driver::{Deadline, Unwatched, Watch, handshake};
use crate::failure::Failure;
use crate::key::{InvalidKey, PrivateKey, chain_from_pem_file};
use crate::provider::{KeyLog, StdProvider};
use crate::roots::Roots;
use crate::stream::TlsStream;
use crate::transport::Transport;
use crate::wire::Wire;
use ferrule::certificate::{TrustAnchor, path};
use ferrule::config::{DEFAULT_CIPHER_SUITES, DEFAULT_GROUPS};
use ferrule::crypto::{CipherSuite, NamedGroup};
use ferrule::{Connection, Credential, ServerConfig, WhoIsAsked};
use std::path::Path;
use std::time::Duration;

/// A ClientHello may be as long as a record and more, and a client's whole chain or the names of authorities lie in it
/// later; hosts have the room.
const SCRATCH: usize = 32 * 1024;
const SCRATCH_TO_ASK: usize = ferrule::required_server_scratch(64 * 1024);

/// Whether clients are asked for a certificate.
#[derive(Debug, Clone, Default)]
pub enum ClientAuthentication {
    /// They are not.
    #[default]
    None,
    /// They are asked, and those that have none are served all the same:
    /// [`Negotiated::client_is_authenticated`](ferrule::Negotiated::client_is_authenticated) tells them apart. A
    /// certificate that these authorities do not vouch for is refused.
    Optional(Roots),
    /// Those that have none which these authorities vouch for are refused.
    Required(Roots),
}

/// What is decided once for many connections from clients.
#[derive(Debug)]
pub struct Server {
    chain: Vec<Vec<u8>>,
    key: PrivateKey,
    /// An OCSP response about the certificate, in DER, for clients that ask for it (RFC 8446 §4.4.2.1).
    pub staple: Option<Vec<u8>>,
    /// Suites in order of preference: this order decides.
    pub cipher_suites: Vec<CipherSuite>,
    /// Groups in order of preference.
    pub groups: Vec<NamedGroup>,
    /// Application protocols (RFC 7301) in order of preference; empty: the client's are ignored.
    pub protocols: Vec<Vec<u8>>,
    /// The largest record that is taken of clients that keep to it ([`ServerConfig::record_size_limit`]).
    pub record_size_limit: Option<u16>,
    /// How long the handshake may take, from its first byte to its last.
    pub handshake_timeout: Option<Duration>,
    /// How long the peer may be silent, or deaf, afterwards.
    pub idle_timeout: Option<Duration>,
    /// Where the connections' secrets are written for debugging.
    pub key_log: Option<KeyLog>,
    /// Whether clients are asked who they are. The authorities' names are sent along, so that clients know which of
    /// their certificates is meant (RFC 8446 §4.2.4).
    pub client_authentication: ClientAuthentication,
}

impl Server {
    /// A server with this chain (DER, its own certificate first) and the key of its first certificate.
    pub fn new(chain: Vec<Vec<u8>>, key: PrivateKey) -> Result<Self, InvalidKey> {
        key.check(chain.first().map_or(&[][..], Vec::as_slice))?;
        Ok(Self {
            chain,
            key,
            staple: None,
            cipher_suites: DEFAULT_CIPHER_SUITES.to_vec(),
            groups: DEFAULT_GROUPS.to_vec(),
            protocols: Vec::new(),
            record_size_limit: None,
            handshake_timeout: Some(DEFAULT_HANDSHAKE_TIMEOUT),
            idle_timeout: None,
            key_log: None,
            client_authentication: ClientAuthentication::None,
        })
    }

    /// The same from PEM files.
    pub fn from_pem_files(chain: &Path, key: &Path) -> Result<Self, InvalidKey> {
        Self::new(chain_from_pem_file(chain)?, PrivateKey::from_pem_file(key)?)
    }

    /// Makes a connection from a transport that a client has opened.
    pub fn accept<S: Transport>(&self, transport: S) -> Result<TlsStream<S>, Failure> {
        self.accept_watched(transport, &mut Unwatched)
    }

    /// [`accept`](Self::accept), with someone looking on.
    pub fn accept_watched<S: Transport>(
        &self,
        transport: S,
        watch: &mut dyn Watch,
    ) -> Result<TlsStream<S>, Failure> {
        let chain: Vec<&[u8]> = self.chain.iter().map(Vec::as_slice).collect();
        let staple = self.staple.as_deref();
        let credentials = [Credential { staple, ..Credential::new(&chain, self.key.schemes()) }];
        let protocols: Vec<&[u8]> = self.protocols.iter().map(Vec::as_slice).collect();
        let mut config = ServerConfig::new(&credentials);
        config.cipher_suites = &self.cipher_suites;
        config.groups = &self.groups;
        config.protocols = &protocols;
        config.record_size_limit = self.record_size_limit;

        let provider = StdProvider::new(self.key_log.clone());
        let for_writer = provider.sibling();
        let mut wire = Wire::new(transport);
        let deadline = Deadline::after(self.handshake_timeout);
        let key = Some(&self.key);
        let (roots, is_required) = match &self.client_authentication {
            ClientAuthentication::None => {
                let connection = Connection::server(&config, provider, vec![0; SCRATCH])?;
                let done = handshake(connection, &mut wire, key, deadline, watch)?;
                return TlsStream::new(wire, done, self.idle_timeout, for_writer);
            }
            ClientAuthentication::Optional(roots) => (roots, false),
            ClientAuthentication::Required(roots) => (roots, true),
        };
        let anchors = roots.as_anchors();
        let authorities: Vec<_> =
            anchors.iter().map(TrustAnchor::subject).filter(|name| !name.is_empty()).collect();
        let asked = WhoIsAsked { verifier: path::Verifier::new(&anchors), authorities: &authorities };
        let config = config.asking(if is_required {
            ferrule::ClientAuthentication::Required(asked)
        } else {
            ferrule::ClientAuthentication::Optional(asked)
        });
        let connection = Connection::server_that_asks(&config, provider, vec![0; SCRATCH_TO_ASK], now())?;
        let done = handshake(connection, &mut wire, key, deadline, watch)?;
        TlsStream::new(wire, done, self.idle_timeout, for_writer)
    }
}
