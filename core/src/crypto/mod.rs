//! What Ferrule asks of cryptography, and nothing else: five small traits, one for each kind of
//! primitive, bundled by [`CryptoProvider`].
//!
//! A provider is *composed*: take [`Composed`] with the parts of [`software`], and replace AES by
//! the chip's, or P-256 by assembly, by naming another type for that part. Two parts of a kind are
//! joined by [`Or`]. What a part can do is a list that never changes; what a connection negotiates at run
//! time is a value of the part's own type, so a firmware that names one algorithm has no choice
//! left to make and the compiler folds the match away.
//!
//! Every operation may fail (hardware does) and takes `&mut self` (hardware needs it). Nothing is
//! allocated: results have fixed sizes.

mod compose;
mod key;
mod registry;
mod secret;
#[cfg(feature = "software")]
pub mod software;

pub use compose::{Composed, Either, Or};
pub use key::PublicKey;
pub use registry::{
    AeadAlgorithm, CipherSuite, HashAlgorithm, NamedGroup, SignatureAlgorithm, SignatureScheme,
};
pub use secret::{Digest, Secret, SharedSecret};

/// Longest encoded key share of a group that this crate knows: an uncompressed P-384 point.
pub const MAX_KEY_SHARE: usize = 97;
/// Length of an AEAD nonce in every suite (RFC 8446 §5.3).
pub const NONCE_LENGTH: usize = 12;
/// Length of an AEAD tag in every suite.
pub const TAG_LENGTH: usize = 16;

/// Why a primitive gave no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum CryptoError {
    /// The part does not implement the algorithm it was asked for.
    Unsupported,
    /// The random source has no entropy to give.
    NoRandomness,
    /// Hardware failed, or refused the operation.
    Hardware,
    /// The peer's key share is no valid point, or the shared secret would be zero
    /// (RFC 8446 §4.2.8.2, RFC 7748 §6.1).
    InvalidKeyShare,
    /// The public key cannot be used: wrong size, wrong form, not on its curve.
    InvalidPublicKey,
    /// The signature does not verify.
    BadSignature,
    /// The tag does not authenticate the ciphertext.
    BadTag,
}

impl core::fmt::Display for CryptoError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Unsupported => "the cryptographic provider does not have an algorithm that is needed",
            Self::NoRandomness => "the random source failed: without it no key is safe",
            Self::Hardware => "the cryptographic hardware failed",
            Self::InvalidKeyShare => "the peer's key share is no valid point of its group",
            Self::InvalidPublicKey => "a public key cannot be used: it is malformed, or not on its curve",
            Self::BadSignature => "a signature does not verify",
            Self::BadTag => "an authentication tag does not verify",
        })
    }
}

impl core::error::Error for CryptoError {}

/// A source of random bytes, fit for keys.
pub trait Random {
    /// Fills `out` whole, or fails.
    fn fill(&mut self, out: &mut [u8]) -> Result<(), CryptoError>;
}

/// Hash functions and HMAC (RFC 2104) over them.
pub trait Hashes {
    /// A hash under way. It need not be `Clone`: [`Hashes::snapshot`] is all that is asked.
    type Running;
    /// The hash functions of this part.
    fn algorithms() -> impl Iterator<Item = HashAlgorithm>;
    /// Begins a hash.
    fn start(&mut self, algorithm: HashAlgorithm) -> Result<Self::Running, CryptoError>;
    /// Adds bytes to a hash.
    fn update(&mut self, running: &mut Self::Running, data: &[u8]) -> Result<(), CryptoError>;
    /// The digest of all bytes so far; the hash goes on afterwards.
    fn snapshot(&mut self, running: &Self::Running) -> Result<Digest, CryptoError>;
    /// HMAC under `key` of the concatenated `parts`, written over `out`, which takes its length.
    /// `key` may be empty or longer than a block.
    fn hmac(
        &mut self,
        algorithm: HashAlgorithm,
        key: &[u8],
        parts: &[&[u8]],
        out: &mut Secret,
    ) -> Result<(), CryptoError>;
}

/// Authenticated encryption: makes keys ready for use.
pub trait Aeads {
    /// A key ready for use; it is moved into one direction of a connection.
    type Key: AeadKey;
    /// The ciphers of this part.
    fn algorithms() -> impl Iterator<Item = AeadAlgorithm>;
    /// Makes a key ready. `key` has [`AeadAlgorithm::key_length`] bytes.
    fn key(&mut self, algorithm: AeadAlgorithm, key: &[u8]) -> Result<Self::Key, CryptoError>;
}

/// One AEAD key. It wipes itself when dropped.
pub trait AeadKey {
    /// Encrypts `in_out` where it lies and returns the tag.
    fn seal(
        &mut self,
        nonce: &[u8; NONCE_LENGTH],
        associated: &[u8],
        in_out: &mut [u8],
    ) -> Result<[u8; TAG_LENGTH], CryptoError>;
    /// Checks the tag, then decrypts `in_out` where it lies.
    /// On [`CryptoError::BadTag`] no plaintext is left in `in_out`.
    fn open(
        &mut self,
        nonce: &[u8; NONCE_LENGTH],
        associated: &[u8],
        in_out: &mut [u8],
        tag: &[u8; TAG_LENGTH],
    ) -> Result<(), CryptoError>;
}

/// Ephemeral key exchange. Each call is one public-key operation.
pub trait KeyExchanges {
    /// An ephemeral private key. It wipes itself when dropped.
    type Private;
    /// The groups of this part.
    fn groups() -> impl Iterator<Item = NamedGroup>;
    /// Makes an ephemeral key pair; the public half, encoded as a key share
    /// (RFC 8446 §4.2.8), is written into `share`, and its length returned.
    fn start<R: Random>(
        &mut self,
        group: NamedGroup,
        random: &mut R,
        share: &mut [u8; MAX_KEY_SHARE],
    ) -> Result<(Self::Private, usize), CryptoError>;
    /// The shared secret with the peer's key share. Checks the share as RFC 8446 §4.2.8.2 and
    /// §7.4.2 ask: on the curve, not the identity, not all zeros.
    fn finish(
        &mut self,
        private: &Self::Private,
        peer_share: &[u8],
        shared: &mut SharedSecret,
    ) -> Result<(), CryptoError>;
}

/// What a signature was made over.
#[derive(Debug, Clone, Copy)]
pub enum Signed<'a> {
    /// The digest, under the algorithm's own hash ([`SignatureAlgorithm::hash`]).
    Digest(&'a Digest),
    /// The message itself, for algorithms that hash on their own (Ed25519).
    Message(&'a [u8]),
}

/// Signature verification. Public data only: it need not be constant-time.
pub trait Verifiers {
    /// What is offered in `signature_algorithms`, in order of preference (RFC 8446 §4.2.3).
    fn schemes() -> impl Iterator<Item = SignatureScheme>;
    /// Verifies one signature: one public-key operation.
    /// [`CryptoError::Unsupported`] if key and algorithm do not fit together or are unknown.
    fn verify(
        &mut self,
        key: &PublicKey<'_>,
        algorithm: SignatureAlgorithm,
        signed: Signed<'_>,
        signature: &[u8],
    ) -> Result<(), CryptoError>;
}

/// All that a connection asks of cryptography. Usually a [`Composed`].
pub trait CryptoProvider {
    /// The random source.
    type Random: Random;
    /// Hash functions.
    type Hashes: Hashes;
    /// Record protection.
    type Aeads: Aeads;
    /// Key exchange.
    type KeyExchanges: KeyExchanges;
    /// Signature verification.
    type Verifiers: Verifiers;

    /// The random source.
    fn random(&mut self) -> &mut Self::Random;
    /// Hash functions.
    fn hashes(&mut self) -> &mut Self::Hashes;
    /// Record protection.
    fn aeads(&mut self) -> &mut Self::Aeads;
    /// Key exchange, with the random source that it draws from.
    fn key_exchanges(&mut self) -> (&mut Self::KeyExchanges, &mut Self::Random);
    /// Signature verification.
    fn verifiers(&mut self) -> &mut Self::Verifiers;

    /// Told each traffic secret, with its label in the NSS key log format and the client's random.
    /// Does nothing unless a provider chooses to: whoever holds these secrets reads the connection.
    fn key_log(&mut self, label: &'static str, client_random: &[u8; 32], secret: &Secret) {
        let _ = (label, client_random, secret);
    }

    /// Whether this provider can run `suite`: it has both its AEAD and its hash.
    fn supports(suite: CipherSuite) -> bool {
        match (suite.aead(), suite.hash()) {
            (Some(aead), Some(hash)) => {
                <Self::Aeads as Aeads>::algorithms().any(|has| has == aead)
                    && <Self::Hashes as Hashes>::algorithms().any(|has| has == hash)
            }
            _ => false,
        }
    }
}

/// The hash under way of a provider.
pub type RunningHash<P> = <<P as CryptoProvider>::Hashes as Hashes>::Running;
/// The AEAD key of a provider.
pub type Key<P> = <<P as CryptoProvider>::Aeads as Aeads>::Key;
/// The ephemeral private key of a provider.
pub type Private<P> = <<P as CryptoProvider>::KeyExchanges as KeyExchanges>::Private;
