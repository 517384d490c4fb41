//! The key schedule (RFC 8446 §7.1), with its names, top to bottom.
//!
//! ```text
//!          0
//!          |
//!          v
//! PSK -> HKDF-Extract = Early Secret
//!          |
//!    Derive-Secret(., "derived", "")
//!          |
//!          v
//! (EC)DHE -> HKDF-Extract = Handshake Secret
//!          +-----> client_handshake_traffic_secret, server_handshake_traffic_secret
//!    Derive-Secret(., "derived", "")
//!          |
//!          v
//! 0 -> HKDF-Extract = Main Secret (RFC 9846's name; "Master Secret" in RFC 8446)
//!          +-----> client_application_traffic_secret_0, server_application_traffic_secret_0
//!          +-----> exporter_secret, resumption_secret
//! ```

use crate::crypto::{
    CipherSuite, CryptoError, CryptoProvider, Digest, HashAlgorithm, Hashes, NONCE_LENGTH, Secret,
};
use crate::error::Misuse;
use crate::error::inner::Error;
use zeroize::Zeroize;

/// Labels of the secrets that a handshake derives (§7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Label {
    ClientHandshakeTraffic,
    ServerHandshakeTraffic,
    ClientApplicationTraffic,
    ServerApplicationTraffic,
    Exporter,
}

impl Label {
    const fn bytes(self) -> &'static [u8] {
        match self {
            Self::ClientHandshakeTraffic => b"c hs traffic",
            Self::ServerHandshakeTraffic => b"s hs traffic",
            Self::ClientApplicationTraffic => b"c ap traffic",
            Self::ServerApplicationTraffic => b"s ap traffic",
            Self::Exporter => b"exp master",
        }
    }

    /// Its name in the NSS key log format.
    const fn key_log(self) -> &'static str {
        match self {
            Self::ClientHandshakeTraffic => "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
            Self::ServerHandshakeTraffic => "SERVER_HANDSHAKE_TRAFFIC_SECRET",
            Self::ClientApplicationTraffic => "CLIENT_TRAFFIC_SECRET_0",
            Self::ServerApplicationTraffic => "SERVER_TRAFFIC_SECRET_0",
            Self::Exporter => "EXPORTER_SECRET",
        }
    }
}

/// Where the schedule stands. It is rewritten in place: an earlier secret does not outlive the step
/// that consumes it.
#[derive(Debug)]
pub(crate) struct KeySchedule {
    hash: HashAlgorithm,
    /// Early, then Handshake, then Main Secret.
    secret: Secret,
    /// The client writes Finished under its handshake keys after the application secrets exist:
    /// both sides keep this one until then.
    pub(crate) client_application_traffic_secret: Secret,
    pub(crate) exporter_secret: Secret,
    client_random: [u8; 32],
}

impl KeySchedule {
    pub(crate) const fn new() -> Self {
        Self {
            hash: HashAlgorithm::Sha256,
            secret: Secret::empty(),
            client_application_traffic_secret: Secret::empty(),
            exporter_secret: Secret::empty(),
            client_random: [0; 32],
        }
    }

    /// Early Secret, without a PSK. `client_random` names the connection in a key log.
    pub(crate) fn early<P: CryptoProvider>(
        &mut self,
        provider: &mut P,
        hash: HashAlgorithm,
        client_random: &[u8; 32],
    ) -> Result<(), CryptoError> {
        self.hash = hash;
        self.client_random = *client_random;
        extract(provider, hash, &[], zeros(hash), &mut self.secret)
    }

    /// Handshake Secret.
    pub(crate) fn handshake<P: CryptoProvider>(
        &mut self,
        provider: &mut P,
        shared: &Secret,
    ) -> Result<(), CryptoError> {
        self.step(provider, shared.expose())
    }

    /// Main Secret.
    pub(crate) fn main<P: CryptoProvider>(&mut self, provider: &mut P) -> Result<(), CryptoError> {
        self.step(provider, zeros(self.hash))
    }

    fn step<P: CryptoProvider>(&mut self, provider: &mut P, input: &[u8]) -> Result<(), CryptoError> {
        let empty = empty_hash(provider, self.hash)?;
        let mut salt = Secret::empty();
        expand_label(provider, self.hash, &self.secret, b"derived", empty.as_bytes(), &mut salt)?;
        extract(provider, self.hash, salt.expose(), input, &mut self.secret)
    }

    /// Derive-Secret from the current secret, with the hash of the transcript so far.
    pub(crate) fn derive<P: CryptoProvider>(
        &self,
        provider: &mut P,
        label: Label,
        transcript: &Digest,
        out: &mut Secret,
    ) -> Result<(), CryptoError> {
        expand_label(provider, self.hash, &self.secret, label.bytes(), transcript.as_bytes(), out)?;
        provider.key_log(label.key_log(), &self.client_random, out);
        Ok(())
    }

    /// [`derive`](Self::derive) into the field that waits for the client's Finished.
    pub(crate) fn derive_client_application<P: CryptoProvider>(
        &mut self,
        provider: &mut P,
        transcript: &Digest,
    ) -> Result<(), CryptoError> {
        let mut secret = core::mem::replace(&mut self.client_application_traffic_secret, Secret::empty());
        self.derive(provider, Label::ClientApplicationTraffic, transcript, &mut secret)?;
        self.client_application_traffic_secret.set(secret.expose())
    }

    /// The exporter secret, for later.
    pub(crate) fn derive_exporter<P: CryptoProvider>(
        &mut self,
        provider: &mut P,
        transcript: &Digest,
    ) -> Result<(), CryptoError> {
        let mut secret = Secret::empty();
        self.derive(provider, Label::Exporter, transcript, &mut secret)?;
        self.exporter_secret.set(secret.expose())
    }
}

/// "0": a string of Hash.length bytes set to zero (§7.1). As HMAC's key, where short keys are padded
/// with zeros, the empty string says the same.
fn zeros(hash: HashAlgorithm) -> &'static [u8] {
    const ZEROS: [u8; 64] = [0; 64];
    ZEROS.get(..hash.length()).unwrap_or_default()
}

/// HKDF-Extract (RFC 5869 §2.2).
fn extract<P: CryptoProvider>(
    provider: &mut P,
    hash: HashAlgorithm,
    salt: &[u8],
    input: &[u8],
    out: &mut Secret,
) -> Result<(), CryptoError> {
    provider.hashes().hmac(hash, salt, &[input], out)
}

/// The hash of nothing.
fn empty_hash<P: CryptoProvider>(provider: &mut P, hash: HashAlgorithm) -> Result<Digest, CryptoError> {
    let running = provider.hashes().start(hash)?;
    provider.hashes().snapshot(&running)
}

/// HKDF-Expand-Label (§7.1) of one hash length, which is all that secrets need.
pub(crate) fn expand_label<P: CryptoProvider>(
    provider: &mut P,
    hash: HashAlgorithm,
    secret: &Secret,
    label: &[u8],
    context: &[u8],
    out: &mut Secret,
) -> Result<(), CryptoError> {
    expand_label_block(provider, hash, secret, label, context, hash.length(), &[], 1, out)
}

/// One block T(n) of HKDF-Expand (RFC 5869 §2.3) over HkdfLabel (§7.1).
#[allow(clippy::too_many_arguments)]
fn expand_label_block<P: CryptoProvider>(
    provider: &mut P,
    hash: HashAlgorithm,
    secret: &Secret,
    label: &[u8],
    context: &[u8],
    length: usize,
    previous: &[u8],
    counter: u8,
    out: &mut Secret,
) -> Result<(), CryptoError> {
    let short = |length: usize| u8::try_from(length).map_err(|_| CryptoError::Unsupported);
    let length = u16::try_from(length).map_err(|_| CryptoError::Unsupported)?.to_be_bytes();
    let label_length = [short(label.len().saturating_add(PREFIX.len()))?];
    let context_length = [short(context.len())?];
    provider.hashes().hmac(
        hash,
        secret.expose(),
        &[previous, &length, &label_length, PREFIX, label, &context_length, context, &[counter]],
        out,
    )
}

const PREFIX: &[u8] = b"tls13 ";

/// A key and an IV (§7.3).
pub(crate) struct TrafficKeys {
    pub(crate) key: Secret,
    pub(crate) iv: [u8; NONCE_LENGTH],
}

impl Drop for TrafficKeys {
    fn drop(&mut self) {
        self.iv.zeroize();
    }
}

/// `[sender]_write_key` and `[sender]_write_iv` (§7.3).
pub(crate) fn traffic_keys<P: CryptoProvider>(
    provider: &mut P,
    suite: CipherSuite,
    secret: &Secret,
) -> Result<TrafficKeys, Error> {
    let (Some(aead), Some(hash)) = (suite.aead(), suite.hash()) else {
        return Err(Error::Internal("key schedule: unknown suite"));
    };
    let mut keys = TrafficKeys { key: Secret::empty(), iv: [0; NONCE_LENGTH] };
    expand_label_block(provider, hash, secret, b"key", &[], aead.key_length(), &[], 1, &mut keys.key)?;
    keys.key.truncate(aead.key_length());
    let mut iv = Secret::empty();
    expand_label_block(provider, hash, secret, b"iv", &[], NONCE_LENGTH, &[], 1, &mut iv)?;
    keys.iv = *iv.expose().first_chunk().ok_or(Error::Internal("key schedule: short hash"))?;
    Ok(keys)
}

/// `application_traffic_secret_N+1` (§7.2).
pub(crate) fn next_traffic_secret<P: CryptoProvider>(
    provider: &mut P,
    suite: CipherSuite,
    secret: &Secret,
    out: &mut Secret,
) -> Result<(), Error> {
    let hash = suite.hash().ok_or(Error::Internal("key schedule: unknown suite"))?;
    Ok(expand_label(provider, hash, secret, b"traffic upd", &[], out)?)
}

/// `verify_data` of a Finished under this base key (§4.4.4).
pub(crate) fn verify_data<P: CryptoProvider>(
    provider: &mut P,
    hash: HashAlgorithm,
    base_key: &Secret,
    transcript: &Digest,
    out: &mut Secret,
) -> Result<(), CryptoError> {
    let mut finished_key = Secret::empty();
    expand_label(provider, hash, base_key, b"finished", &[], &mut finished_key)?;
    provider.hashes().hmac(hash, finished_key.expose(), &[transcript.as_bytes()], out)
}

/// TLS-Exporter (§7.5): fills `out`, at most 255 hash lengths.
pub(crate) fn export<P: CryptoProvider>(
    provider: &mut P,
    hash: HashAlgorithm,
    exporter_secret: &Secret,
    label: &[u8],
    context: &[u8],
    out: &mut [u8],
) -> Result<(), Error> {
    // HkdfLabel's label has at most 255 bytes, "tls13 " among them.
    if label.len() > 249 || out.len() > 255usize.saturating_mul(hash.length()) {
        return Err(Misuse::Export.into());
    }
    let mut secret = Secret::empty();
    let empty = empty_hash(provider, hash)?;
    expand_label(provider, hash, exporter_secret, label, empty.as_bytes(), &mut secret)?;
    let mut running = provider.hashes().start(hash)?;
    provider.hashes().update(&mut running, context)?;
    let context = provider.hashes().snapshot(&running)?;
    let length = out.len();
    let mut previous = Secret::empty();
    for (counter, piece) in (1..=255).zip(out.chunks_mut(hash.length())) {
        let mut block = Secret::empty();
        let so_far = previous.expose();
        expand_label_block(
            provider,
            hash,
            &secret,
            b"exporter",
            context.as_bytes(),
            length,
            so_far,
            counter,
            &mut block,
        )?;
        let bytes = block.expose().get(..piece.len()).ok_or(Error::Internal("key schedule: short hash"))?;
        piece.copy_from_slice(bytes);
        previous = block;
    }
    Ok(())
}
