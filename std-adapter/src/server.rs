//! Connections from clients.

use crate::client::DEFAULT_HANDSHAKE_TIMEOUT;
use crate::driver::{Deadline, Unwatched, Watch, handshake};
use crate::failure::Failure;
use crate::key::{InvalidKey, PrivateKey};
use crate::provider::{KeyLog, StdProvider};
use crate::stream::TlsStream;
use crate::transport::Transport;
use crate::wire::Wire;
use ferrule::config::{DEFAULT_CIPHER_SUITES, DEFAULT_GROUPS};
use ferrule::crypto::{CipherSuite, NamedGroup};
use ferrule::{Connection, Credential, ServerConfig};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use std::path::Path;
use std::time::Duration;

/// A ClientHello may be as long as a record and more; hosts have the room.
const SCRATCH: usize = 32 * 1024;

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
    /// How long the handshake may take, from its first byte to its last.
    pub handshake_timeout: Option<Duration>,
    /// How long the peer may be silent, or deaf, afterwards.
    pub idle_timeout: Option<Duration>,
    /// Where the connections' secrets are written for debugging.
    pub key_log: Option<KeyLog>,
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
            handshake_timeout: Some(DEFAULT_HANDSHAKE_TIMEOUT),
            idle_timeout: None,
            key_log: None,
        })
    }

    /// The same from PEM files.
    pub fn from_pem_files(chain: &Path, key: &Path) -> Result<Self, InvalidKey> {
        let invalid = |reason: rustls_pki_types::pem::Error| InvalidKey::Pem {
            path: chain.into(),
            reason: reason.to_string(),
        };
        let certificates = CertificateDer::pem_file_iter(chain).map_err(invalid)?;
        let chain_der = certificates
            .map(|der| der.map(|der| der.to_vec()).map_err(invalid))
            .collect::<Result<Vec<_>, _>>()?;
        if chain_der.is_empty() {
            return Err(InvalidKey::Pem { path: chain.into(), reason: "no certificate in it".to_owned() });
        }
        Self::new(chain_der, PrivateKey::from_pem_file(key)?)
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

        let provider = StdProvider::new(self.key_log.clone());
        let for_writer = provider.sibling();
        let connection = Connection::server(&config, provider, vec![0; SCRATCH])?;
        let mut wire = Wire::new(transport);
        let deadline = Deadline::after(self.handshake_timeout);
        let done = handshake(connection, &mut wire, Some(&self.key), deadline, watch)?;
        TlsStream::new(wire, done, self.idle_timeout, for_writer)
    }
}
