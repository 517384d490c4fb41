//! Ed25519 verification (RFC 8032 §5.1.7).

use super::super::{CryptoError, PublicKey, SignatureAlgorithm, SignatureScheme, Signed, Verifiers};
use ed25519_dalek::{Signature, VerifyingKey};

/// Ed25519 without context and without pre-hashing: the only form that TLS and certificates use
/// (RFC 8446 §4.2.3, RFC 8410 §3).
///
/// Stricter than RFC 8032 in one point and no looser in any: a key or an R of small order is
/// refused, because under such a key one signature fits almost every message, and it would prove
/// nothing about who sent it. The equation is checked without the cofactor, which the RFC allows.
/// No signature of an honest signer is lost by either.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ed25519;

impl Verifiers for Ed25519 {
    fn schemes() -> impl Iterator<Item = SignatureScheme> {
        [SignatureScheme::ED25519].into_iter()
    }

    fn verify(
        &mut self,
        key: &PublicKey<'_>,
        algorithm: SignatureAlgorithm,
        signed: Signed<'_>,
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        let (PublicKey::Ed25519(point), SignatureAlgorithm::Ed25519, Signed::Message(message)) =
            (key, algorithm, signed)
        else {
            return Err(CryptoError::Unsupported);
        };
        if !is_canonical(point) {
            return Err(CryptoError::InvalidPublicKey);
        }
        let key = VerifyingKey::from_bytes(point).map_err(|_| CryptoError::InvalidPublicKey)?;
        if key.is_weak() {
            return Err(CryptoError::InvalidPublicKey);
        }
        let signature = Signature::from_slice(signature).map_err(|_| CryptoError::BadSignature)?;
        key.verify_strict(message, &signature).map_err(|_| CryptoError::BadSignature)
    }
}

/// Whether y is below p = 2^255 - 19, as RFC 8032 §5.1.3 asks of a key; the decoder beneath
/// accepts the 19 values above, for the sake of ZIP 215.
fn is_canonical(point: &[u8; 32]) -> bool {
    let [low, middle @ .., high] = point;
    *low < 0xed || high & 0x7f != 0x7f || middle.iter().any(|byte| *byte != 0xff)
}
