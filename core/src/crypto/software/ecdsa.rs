//! ECDSA verification on P-256 (FIPS 186-5 §6.4.2).

use super::super::{CryptoError, PublicKey, SignatureAlgorithm, SignatureScheme, Signed, Verifiers};
use super::key_exchange::uncompressed_point;
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use p256::ecdsa::{DerSignature, VerifyingKey};

/// ECDSA with P-256 keys over SHA-256, SHA-384 and SHA-512.
///
/// Handshakes are offered SHA-256 alone, since TLS 1.3 binds the curve to its hash
/// (RFC 8446 §4.2.3); certificates may carry the other two (RFC 5758 §3.2). A signature is the
/// DER of RFC 3279 §2.2.3 and nothing else: no BER, no superfluous zero, nothing behind it. Both
/// s and its negation verify, as FIPS 186-5 has it.
#[derive(Debug, Clone, Copy, Default)]
pub struct EcdsaP256;

impl Verifiers for EcdsaP256 {
    fn schemes() -> impl Iterator<Item = SignatureScheme> {
        [SignatureScheme::ECDSA_SECP256R1_SHA256].into_iter()
    }

    fn verify(
        &mut self,
        key: &PublicKey<'_>,
        algorithm: SignatureAlgorithm,
        signed: Signed<'_>,
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        let (PublicKey::P256(point), SignatureAlgorithm::Ecdsa(hash), Signed::Digest(digest)) =
            (key, algorithm, signed)
        else {
            return Err(CryptoError::Unsupported);
        };
        if digest.as_bytes().len() != hash.length() {
            return Err(CryptoError::Unsupported);
        }
        let key = uncompressed_point(point).ok_or(CryptoError::InvalidPublicKey)?;
        let signature = DerSignature::from_bytes(signature).map_err(|_| CryptoError::BadSignature)?;
        VerifyingKey::from(key)
            .verify_prehash(digest.as_bytes(), &signature)
            .map_err(|_| CryptoError::BadSignature)
    }
}
