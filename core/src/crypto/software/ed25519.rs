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

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use super::*;
    use hex_literal::hex;

    fn verify(key: &[u8; 32], message: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
        Ed25519.verify(
            &PublicKey::Ed25519(key),
            SignatureAlgorithm::Ed25519,
            Signed::Message(message),
            signature,
        )
    }

    /// RFC 8032 §7.1, test 3.
    const KEY: [u8; 32] = hex!("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025");
    const MESSAGE: [u8; 2] = hex!("af82");
    const SIGNATURE: [u8; 64] = hex!(
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
    );

    #[test]
    fn signature_of_rfc_8032_verifies() {
        assert_eq!(verify(&KEY, &MESSAGE, &SIGNATURE), Ok(()));
        assert_eq!(verify(&KEY, b"", &SIGNATURE), Err(CryptoError::BadSignature));
    }

    #[test]
    fn a_changed_signature_is_refused() {
        for at in 0..SIGNATURE.len() {
            let mut changed = SIGNATURE;
            changed[at] ^= 1;
            assert_eq!(verify(&KEY, &MESSAGE, &changed), Err(CryptoError::BadSignature));
            assert_eq!(verify(&KEY, &MESSAGE, &SIGNATURE[..at]), Err(CryptoError::BadSignature));
        }
        let mut longer = [0; 65];
        longer[..64].copy_from_slice(&SIGNATURE);
        assert_eq!(verify(&KEY, &MESSAGE, &longer), Err(CryptoError::BadSignature));
    }

    /// Under the identity as key, R = identity and s = 0 satisfy the equation for any message.
    #[test]
    fn a_key_of_small_order_is_refused() {
        let mut identity = [0; 32];
        identity[0] = 1;
        let mut universal = [0; 64];
        universal[0] = 1;
        assert_eq!(verify(&identity, b"any message", &universal), Err(CryptoError::InvalidPublicKey));
        // The same with an honest key: only R is of small order.
        assert_eq!(verify(&KEY, &MESSAGE, &universal), Err(CryptoError::BadSignature));
    }

    #[test]
    fn a_key_above_the_prime_is_refused() {
        for low in 0xed..=0xff {
            for high in [0x7f, 0xff] {
                let mut key = [0xff; 32];
                (key[0], key[31]) = (low, high);
                assert_eq!(verify(&key, &MESSAGE, &SIGNATURE), Err(CryptoError::InvalidPublicKey));
            }
        }
        assert!(is_canonical(&hex!("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")));
    }

    #[test]
    fn what_does_not_fit_is_unsupported() {
        let answer = Ed25519.verify(
            &PublicKey::P256(&KEY),
            SignatureAlgorithm::Ed25519,
            Signed::Message(&MESSAGE),
            &SIGNATURE,
        );
        assert_eq!(answer, Err(CryptoError::Unsupported));
    }
}
