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

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::super::super::{Digest, HashAlgorithm, Hashes};
    use super::super::Sha2;
    use super::*;
    use hex_literal::hex;

    /// RFC 6979 §A.2.5.
    const KEY: [u8; 65] = hex!(
        "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
        "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"
    );
    const SAMPLE_SHA256: [u8; 72] = hex!(
        "3046"
        "022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
        "022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
    );

    fn digest(algorithm: HashAlgorithm, message: &[u8]) -> Digest {
        let mut hashes = Sha2::default();
        let mut running = hashes.start(algorithm).unwrap();
        hashes.update(&mut running, message).unwrap();
        hashes.snapshot(&running).unwrap()
    }

    fn verify(hash: HashAlgorithm, key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
        EcdsaP256.verify(
            &PublicKey::P256(key),
            SignatureAlgorithm::Ecdsa(hash),
            Signed::Digest(&digest(hash, message)),
            signature,
        )
    }

    #[test]
    fn signatures_of_rfc_6979_verify_over_every_hash() {
        assert_eq!(verify(HashAlgorithm::Sha256, &KEY, b"sample", &SAMPLE_SHA256), Ok(()));
        let sha384 = hex!(
            "3044"
            "02200eafea039b20e9b42309fb1d89e213057cbf973dc0cfc8f129edddc800ef7719"
            "02204861f0491e6998b9455193e34e7b0d284ddd7149a74b95b9261f13abde940954"
        );
        assert_eq!(verify(HashAlgorithm::Sha384, &KEY, b"sample", &sha384), Ok(()));
        let sha512 = hex!(
            "3045"
            "0221008496a60b5e9b47c825488827e0495b0e3fa109ec4568fd3f8d1097678eb97f00"
            "02202362ab1adbe2b8adf9cb9edab740ea6049c028114f2460f96554f61fae3302fe"
        );
        assert_eq!(verify(HashAlgorithm::Sha512, &KEY, b"sample", &sha512), Ok(()));
        assert_eq!(verify(HashAlgorithm::Sha512, &KEY, b"simple", &sha512), Err(CryptoError::BadSignature));
    }

    #[test]
    fn a_changed_signature_is_refused() {
        for at in 0..SAMPLE_SHA256.len() {
            let mut changed = SAMPLE_SHA256;
            changed[at] ^= 1;
            assert_eq!(
                verify(HashAlgorithm::Sha256, &KEY, b"sample", &changed),
                Err(CryptoError::BadSignature)
            );
            let cut = &SAMPLE_SHA256[..at];
            assert_eq!(verify(HashAlgorithm::Sha256, &KEY, b"sample", cut), Err(CryptoError::BadSignature));
        }
        let mut longer = [0; 73];
        longer[..72].copy_from_slice(&SAMPLE_SHA256);
        assert_eq!(verify(HashAlgorithm::Sha256, &KEY, b"sample", &longer), Err(CryptoError::BadSignature));
    }

    #[test]
    fn zero_is_no_signature() {
        for signature in [hex!("3006020100020100"), hex!("3006020100020101"), hex!("3006020101020100")] {
            assert_eq!(
                verify(HashAlgorithm::Sha256, &KEY, b"sample", &signature),
                Err(CryptoError::BadSignature)
            );
        }
    }

    #[test]
    fn a_key_that_is_no_uncompressed_point_is_refused() {
        let mut off_curve = KEY;
        off_curve[64] ^= 1;
        let compressed: [u8; 33] = core::array::from_fn(|i| if i == 0 { 3 } else { KEY[i] });
        let keys: [&[u8]; 4] = [&off_curve, &compressed, &KEY[..64], &[0]];
        for key in keys {
            assert_eq!(
                verify(HashAlgorithm::Sha256, key, b"sample", &SAMPLE_SHA256),
                Err(CryptoError::InvalidPublicKey)
            );
        }
    }

    #[test]
    fn what_does_not_fit_is_unsupported() {
        let sha256 = digest(HashAlgorithm::Sha256, b"sample");
        let key = PublicKey::P256(&KEY);
        let p384 = PublicKey::P384(&KEY);
        let ecdsa = |hash| SignatureAlgorithm::Ecdsa(hash);
        let misfits = [
            (key, ecdsa(HashAlgorithm::Sha384), Signed::Digest(&sha256)),
            (key, ecdsa(HashAlgorithm::Sha256), Signed::Message(b"sample")),
            (key, SignatureAlgorithm::Ed25519, Signed::Digest(&sha256)),
            (p384, ecdsa(HashAlgorithm::Sha256), Signed::Digest(&sha256)),
        ];
        for (key, algorithm, signed) in misfits {
            let answer = EcdsaP256.verify(&key, algorithm, signed, &SAMPLE_SHA256);
            assert_eq!(answer, Err(CryptoError::Unsupported));
        }
    }
}
