//! Connections to servers.

use crate::driver::{Deadline, Unwatched, Watch, handshake};
use crate::failure::Failure;
use crate::key::{InvalidKey, PrivateKey, chain_from_pem_file};
use crate::provider::{KeyLog, StdProvider};
use crate::roots::Roots;
use crate::stream::TlsStream;
use crate::transport::Transport;
use crate::wire::Wire;
use ferrule::certificate::revocation::{RevocationList, RevocationPolicy, Staple, Unknown};
use ferrule::certificate::{ServerName, UnixTime, Validity, path};
use ferrule::config::{DEFAULT_CIPHER_SUITES, DEFAULT_GROUPS};
use ferrule::crypto::{CipherSuite, NamedGroup};
use ferrule::{ClientConfig, Connection, Credential, required_scratch};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How long a handshake may take unless told otherwise.
pub const DEFAULT_HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(30);
/// Room for all certificates of a server together: chains of the public web have some 5 kB.
const LARGEST_CHAIN: usize = 64 * 1024;

/// What is decided once for many connections to servers.
#[derive(Debug, Clone)]
pub struct Client {
    /// Who may vouch for a server.
    pub roots: Roots,
    /// Revocation lists, in DER, that certificates are looked up in ([`RevocationPolicy::lists`]).
    pub revocation_lists: Vec<Vec<u8>>,
    /// Whether the server is asked for an OCSP response about its certificate.
    pub staple: Staple,
    /// What becomes of a certificate about which neither says anything.
    pub unknown: Unknown,
    /// Suites in order of preference.
    pub cipher_suites: Vec<CipherSuite>,
    /// Groups in order of preference.
    pub groups: Vec<NamedGroup>,
    /// Application protocols (RFC 7301) in order of preference.
    pub protocols: Vec<Vec<u8>>,
    /// The largest record that is taken, if the server keeps to it ([`ClientConfig::record_size_limit`]).
    pub record_size_limit: Option<u16>,
    /// How long the handshake may take, from its first byte to its last.
    pub handshake_timeout: Option<Duration>,
    /// How long the peer may be silent, or deaf, afterwards.
    pub idle_timeout: Option<Duration>,
    /// Where the connections' secrets are written for debugging.
    pub key_log: Option<KeyLog>,
    /// What is shown to servers that ask for a certificate: the chain in DER, one's own certificate first, and its key.
    /// Servers that name authorities are shown it only if one of them has issued it. [`Client::show`] checks that the
    /// two belong together.
    pub credential: Option<(Vec<Vec<u8>>, Arc<PrivateKey>)>,
}

impl Client {
    /// All suites and groups, no application protocol, 30 seconds for the handshake, no idle timeout; no
    /// revocation lists, and an OCSP response is checked if the server sends one, as it must if its certificate
    /// says so.
    pub fn new(roots: Roots) -> Self {
        Self {
            roots,
            revocation_lists: Vec::new(),
            staple: Staple::Checked,
            unknown: Unknown::Accepted,
            cipher_suites: DEFAULT_CIPHER_SUITES.to_vec(),
            groups: DEFAULT_GROUPS.to_vec(),
            protocols: Vec::new(),
            record_size_limit: None,
            handshake_timeout: Some(DEFAULT_HANDSHAKE_TIMEOUT),
            idle_timeout: None,
            key_log: None,
            credential: None,
        }
    }

    /// From now on shows this chain (DER, one's own certificate first) to servers that ask for a certificate; `key` is
    /// the key of its first certificate.
    pub fn show(&mut self, chain: Vec<Vec<u8>>, key: PrivateKey) -> Result<(), InvalidKey> {
        key.check(chain.first().map_or(&[][..], Vec::as_slice))?;
        self.credential = Some((chain, Arc::new(key)));
        Ok(())
    }

    /// The same from PEM files.
    pub fn show_pem_files(&mut self, chain: &Path, key: &Path) -> Result<(), InvalidKey> {
        self.show(chain_from_pem_file(chain)?, PrivateKey::from_pem_file(key)?)
    }

    /// Makes a connection to the server of this name over a transport that leads there.
    pub fn connect<S: Transport>(&self, name: ServerName, transport: S) -> Result<TlsStream<S>, Failure> {
        self.connect_watched(name, transport, &mut Unwatched)
    }

    /// [`connect`](Self::connect), with someone looking on.
    pub fn connect_watched<S: Transport>(
        &self,
        name: ServerName,
        transport: S,
        watch: &mut dyn Watch,
    ) -> Result<TlsStream<S>, Failure> {
        let anchors = self.roots.as_anchors();
        let protocols: Vec<&[u8]> = self.protocols.iter().map(Vec::as_slice).collect();
        let lists = self.revocation_lists.iter().map(|der| RevocationList::parse(der));
        let lists = lists.collect::<Result<Vec<_>, _>>().map_err(Failure::RevocationList)?;
        let policy = RevocationPolicy { lists: &lists, staple: self.staple, unknown: self.unknown };
        let mut config = ClientConfig::new(path::Verifier::new(&anchors).with_revocation(&policy));
        config.cipher_suites = &self.cipher_suites;
        config.groups = &self.groups;
        config.protocols = &protocols;
        config.record_size_limit = self.record_size_limit;
        let (chain, key) = self.credential.as_ref().map(|(chain, key)| (chain, key)).unzip();
        let chain: Vec<&[u8]> = chain.into_iter().flatten().map(Vec::as_slice).collect();
        let credential = key.map(|key| Credential::new(&chain, key.schemes()));
        config.credentials = credential.as_slice();
        let key = key.map(Arc::as_ref);

        let provider = StdProvider::new(self.key_log.clone());
        let for_writer = provider.sibling();
        let scratch = vec![0; required_scratch(LARGEST_CHAIN)];
        let connection = Connection::client(&config, provider, scratch, name, now())?;
        let mut wire = Wire::new(transport);
        let deadline = Deadline::after(self.handshake_timeout);
        let done = handshake(connection, &mut wire, key, deadline, watch)?;
        TlsStream::new(wire, done, self.idle_timeout, for_writer)
    }
}

/// The host's clock. One that stands before 1970 says 1970: every certificate is not valid yet then.
pub(crate) fn now() -> Validity {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Validity::At(UnixTime(since.as_secs()))
}
