//! The software provider with the operating system's randomness, and the key log.

use ferrule::crypto::software::{self, Aead, KeyExchange, Provider, Sha2, Verifier};
use ferrule::crypto::{CryptoError, CryptoProvider, Random, Secret};
use std::fmt;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

/// The operating system's random source.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsRandom;

impl Random for OsRandom {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), CryptoError> {
        getrandom::fill(out).map_err(|_| CryptoError::NoRandomness)
    }
}

/// A file that receives every connection's secrets, in the NSS key log format. Whoever reads it reads the
/// connections: it is for debugging, and nothing writes it unless asked.
#[derive(Clone)]
pub struct KeyLog(Arc<Mutex<dyn Write + Send>>);

impl fmt::Debug for KeyLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyLog")
    }
}

impl KeyLog {
    /// Appends to the file at `path`, which only its owner can read if it is made here.
    pub fn append(path: &Path) -> io::Result<Self> {
        let mut options = std::fs::OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Ok(Self(Arc::new(Mutex::new(options.open(path)?))))
    }

    fn write(&self, label: &str, client_random: &[u8; 32], secret: &Secret) {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let line = format!("{label} {} {}\n", hex(client_random), hex(secret.expose()));
        // A log that cannot be written is no reason to end a connection.
        if let Ok(mut file) = self.0.lock() {
            let _ = file.write_all(line.as_bytes()).and_then(|()| file.flush());
        }
    }
}

/// The provider of this crate's connections: [`ferrule::crypto::software`] over [`OsRandom`].
#[derive(Debug)]
pub struct StdProvider {
    primitives: Provider<OsRandom>,
    key_log: Option<KeyLog>,
}

impl StdProvider {
    /// A provider that tells `key_log`, if there is one, each connection's secrets.
    pub fn new(key_log: Option<KeyLog>) -> Self {
        Self { primitives: software::provider(OsRandom), key_log }
    }

    /// Another one of the same kind, for the other half of a connection.
    pub(crate) fn sibling(&self) -> Self {
        Self::new(self.key_log.clone())
    }
}

impl CryptoProvider for StdProvider {
    type Random = OsRandom;
    type Hashes = Sha2;
    type Aeads = Aead;
    type KeyExchanges = KeyExchange;
    type Verifiers = Verifier;

    fn random(&mut self) -> &mut OsRandom {
        self.primitives.random()
    }
    fn hashes(&mut self) -> &mut Sha2 {
        self.primitives.hashes()
    }
    fn aeads(&mut self) -> &mut Aead {
        self.primitives.aeads()
    }
    fn key_exchanges(&mut self) -> (&mut KeyExchange, &mut OsRandom) {
        self.primitives.key_exchanges()
    }
    fn verifiers(&mut self) -> &mut Verifier {
        self.primitives.verifiers()
    }
    fn key_log(&mut self, label: &'static str, client_random: &[u8; 32], secret: &Secret) {
        if let Some(log) = &self.key_log {
            log.write(label, client_random, secret);
        }
    }
}
