//! The record ciphers of TLS 1.3 (RFC 8446 §B.4): AES-GCM (NIST SP 800-38D, RFC 5116 §5) and
//! ChaCha20-Poly1305 (RFC 8439).

use super::super::{AeadAlgorithm, AeadKey, Aeads, CryptoError, NONCE_LENGTH, TAG_LENGTH};
use aes_gcm::aead::consts::{U12, U16};
use aes_gcm::aead::{AeadInOut, KeyInit};
use core::fmt;

/// A key made ready for the cipher `C`. Wiped on drop.
pub struct CipherKey<C>(C);

impl<C> fmt::Debug for CipherKey<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CipherKey")
    }
}

macro_rules! aead_part {
    ($(#[$doc:meta])* $name:ident, $cipher:ty) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default)]
        pub struct $name;

        impl Aeads for $name {
            type Key = CipherKey<$cipher>;

            fn algorithms() -> impl Iterator<Item = AeadAlgorithm> {
                [AeadAlgorithm::$name].into_iter()
            }
            fn key(&mut self, algorithm: AeadAlgorithm, key: &[u8]) -> Result<Self::Key, CryptoError> {
                if algorithm != AeadAlgorithm::$name {
                    return Err(CryptoError::Unsupported);
                }
                <$cipher>::new_from_slice(key).map(CipherKey).map_err(|_| CryptoError::Unsupported)
            }
        }
    };
}

aead_part! {
    /// AES-128-GCM: what every TLS 1.3 peer has (RFC 8446 §9.1).
    Aes128Gcm, aes_gcm::Aes128Gcm
}
aead_part! {
    /// AES-256-GCM.
    Aes256Gcm, aes_gcm::Aes256Gcm
}
aead_part! {
    /// ChaCha20-Poly1305: the faster one where the processor has no AES instructions, and in
    /// constant time on every processor.
    ChaCha20Poly1305, chacha20poly1305::ChaCha20Poly1305
}

impl<C: AeadInOut<NonceSize = U12, TagSize = U16>> AeadKey for CipherKey<C> {
    /// [`CryptoError::Unsupported`] for a message longer than the cipher's counter reaches
    /// (64 GiB for AES-GCM): no TLS record is.
    fn seal(
        &mut self,
        nonce: &[u8; NONCE_LENGTH],
        associated: &[u8],
        in_out: &mut [u8],
    ) -> Result<[u8; TAG_LENGTH], CryptoError> {
        self.0
            .encrypt_inout_detached(nonce.into(), associated, in_out.into())
            .map(Into::into)
            .map_err(|_| CryptoError::Unsupported)
    }

    /// Both ciphers authenticate the ciphertext before they decrypt a byte, so on
    /// [`CryptoError::BadTag`] the buffer is what it was.
    fn open(
        &mut self,
        nonce: &[u8; NONCE_LENGTH],
        associated: &[u8],
        in_out: &mut [u8],
        tag: &[u8; TAG_LENGTH],
    ) -> Result<(), CryptoError> {
        self.0
            .decrypt_inout_detached(nonce.into(), associated, in_out.into(), tag.into())
            .map_err(|_| CryptoError::BadTag)
    }
}
