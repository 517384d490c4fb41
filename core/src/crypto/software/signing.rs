//! Private keys for those who keep them in software. The protocol never calls them: it asks its
//! caller for a signature, and the caller may have one of these, a secure element, or a service.

use super::super::{CryptoError, SignatureScheme};
use core::fmt;
use ed25519_dalek::Signer;
use p256::ecdsa::DerSignature;

/// The longest signature that a key of this module makes, in bytes: ECDSA on P-256 in DER.
pub const MAX_SIGNATURE: usize = 72;

/// The bytes are no private key of the kind asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct InvalidPrivateKey;

impl fmt::Display for InvalidPrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the bytes are no private key of this kind")
    }
}

impl core::error::Error for InvalidPrivateKey {}

/// A P-256 private key for ECDSA with SHA-256. Wiped on drop.
pub struct EcdsaP256Key(p256::ecdsa::SigningKey);

impl EcdsaP256Key {
    /// What this key signs handshakes with.
    pub const SCHEME: SignatureScheme = SignatureScheme::ECDSA_SECP256R1_SHA256;

    /// Takes the private scalar, big-endian (RFC 5915 §3). Zero and what is not below the order
    /// of the curve are refused.
    pub fn from_scalar(scalar: &[u8; 32]) -> Result<Self, InvalidPrivateKey> {
        p256::ecdsa::SigningKey::from_slice(scalar).map(Self).map_err(|_| InvalidPrivateKey)
    }

    /// Takes a DER file: PKCS#8 (RFC 5958 §2) or the older `EC PRIVATE KEY` (RFC 5915 §3). A
    /// public key within must be the private key's.
    pub fn from_der(der: &[u8]) -> Result<Self, InvalidPrivateKey> {
        let key = p256::SecretKey::from_der(der).map_err(|_| InvalidPrivateKey)?;
        Ok(Self(p256::ecdsa::SigningKey::from(&key)))
    }

    /// The public key: an uncompressed point (SEC 1 §2.3.3), as
    /// [`PublicKey::P256`](crate::crypto::PublicKey::P256) takes it.
    pub fn public_key(&self) -> [u8; 65] {
        let mut public = [0; 65];
        public.copy_from_slice(self.0.verifying_key().to_sec1_point(false).as_bytes());
        public
    }

    /// Signs `message` into `out` and returns the length of the signature, which is DER
    /// (RFC 3279 §2.2.3) and differs from one signature to the next. Deterministic: the nonce
    /// comes from key and message (RFC 6979 §3.2), no randomness is needed.
    ///
    /// [`CryptoError::Unsupported`] if `out` has fewer than [`MAX_SIGNATURE`] bytes, whatever
    /// this signature would need: a buffer that is too small one time in two is found at once.
    pub fn sign(&self, message: &[u8], out: &mut [u8]) -> Result<usize, CryptoError> {
        let out = out.get_mut(..MAX_SIGNATURE).ok_or(CryptoError::Unsupported)?;
        let signature: DerSignature = self.0.try_sign(message).map_err(|_| CryptoError::Hardware)?;
        let signature = signature.as_bytes();
        out.get_mut(..signature.len()).ok_or(CryptoError::Unsupported)?.copy_from_slice(signature);
        Ok(signature.len())
    }
}

/// An Ed25519 private key. Wiped on drop.
pub struct Ed25519Key(ed25519_dalek::SigningKey);

impl Ed25519Key {
    /// What this key signs handshakes with.
    pub const SCHEME: SignatureScheme = SignatureScheme::ED25519;

    /// Takes the 32-byte private key of RFC 8032 §5.1.5, often called the seed.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(seed))
    }

    /// Takes a DER file: PKCS#8 (RFC 8410 §7). A public key within must be the private key's.
    pub fn from_der(der: &[u8]) -> Result<Self, InvalidPrivateKey> {
        use ed25519_dalek::pkcs8::DecodePrivateKey;
        ed25519_dalek::SigningKey::from_pkcs8_der(der).map(Self).map_err(|_| InvalidPrivateKey)
    }

    /// The public key (RFC 8032 §5.1.5).
    pub fn public_key(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    /// Signs `message` into `out` and returns the length of the signature, always 64.
    ///
    /// [`CryptoError::Unsupported`] if `out` has fewer than 64 bytes.
    pub fn sign(&self, message: &[u8], out: &mut [u8]) -> Result<usize, CryptoError> {
        let out = out.first_chunk_mut::<64>().ok_or(CryptoError::Unsupported)?;
        *out = self.0.try_sign(message).map_err(|_| CryptoError::Hardware)?.to_bytes();
        Ok(out.len())
    }
}

impl fmt::Debug for EcdsaP256Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EcdsaP256Key")
    }
}

impl fmt::Debug for Ed25519Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ed25519Key")
    }
}
