//! Whether a key made a signature, for every algorithm that some consumer accepts.

use super::key::{Curve, Hash, Key, SignatureAlgorithm};
use rsa::traits::SignatureScheme as _;
use rsa::{BoxedUint, Pkcs1v15Sign, Pss, PublicKey};
use sha2::Digest;

fn digest(hash: Hash, message: &[u8]) -> Vec<u8> {
    match hash {
        Hash::Md5 => md5::Md5::digest(message).to_vec(),
        Hash::Sha1 => sha1::Sha1::digest(message).to_vec(),
        Hash::Sha224 => sha2::Sha224::digest(message).to_vec(),
        Hash::Sha256 => sha2::Sha256::digest(message).to_vec(),
        Hash::Sha384 => sha2::Sha384::digest(message).to_vec(),
        Hash::Sha512 => sha2::Sha512::digest(message).to_vec(),
    }
}

/// `key_bits` are the bytes of the BIT STRING of SubjectPublicKeyInfo. A signature under an algorithm that is
/// not known here is believed: then names decide, and consumers that know it no better refuse it for that.
pub(crate) fn verifies(
    key: &Key,
    key_bits: &[u8],
    algorithm: &SignatureAlgorithm,
    message: &[u8],
    signature: &[u8],
) -> bool {
    match (algorithm, key) {
        (SignatureAlgorithm::RsaPkcs1(hash), Key::Rsa { modulus, exponent, .. }) => {
            let padding = match hash {
                Hash::Md5 => Pkcs1v15Sign::new::<md5::Md5>(),
                Hash::Sha1 => Pkcs1v15Sign::new::<sha1::Sha1>(),
                Hash::Sha224 => Pkcs1v15Sign::new::<sha2::Sha224>(),
                Hash::Sha256 => Pkcs1v15Sign::new::<sha2::Sha256>(),
                Hash::Sha384 => Pkcs1v15Sign::new::<sha2::Sha384>(),
                Hash::Sha512 => Pkcs1v15Sign::new::<sha2::Sha512>(),
            };
            rsa(modulus, exponent)
                .is_some_and(|key| padding.verify(&key, &digest(*hash, message), signature).is_ok())
        }
        (SignatureAlgorithm::RsaPss(hash), Key::Rsa { modulus, exponent, .. }) => {
            let Some(key) = rsa(modulus, exponent) else { return false };
            let digest = digest(*hash, message);
            match hash {
                Hash::Md5 => false,
                Hash::Sha1 => Pss::<sha1::Sha1>::new_with_salt(20).verify(&key, &digest, signature).is_ok(),
                Hash::Sha224 => {
                    Pss::<sha2::Sha224>::new_with_salt(28).verify(&key, &digest, signature).is_ok()
                }
                Hash::Sha256 => {
                    Pss::<sha2::Sha256>::new_with_salt(32).verify(&key, &digest, signature).is_ok()
                }
                Hash::Sha384 => {
                    Pss::<sha2::Sha384>::new_with_salt(48).verify(&key, &digest, signature).is_ok()
                }
                Hash::Sha512 => {
                    Pss::<sha2::Sha512>::new_with_salt(64).verify(&key, &digest, signature).is_ok()
                }
            }
        }
        (SignatureAlgorithm::Ecdsa(hash), Key::Ec { curve, .. }) => {
            let digest = digest(*hash, message);
            match curve {
                Some(Curve::P256) => p256_verifies(key_bits, &digest, signature),
                Some(Curve::P384) => p384_verifies(key_bits, &digest, signature),
                Some(Curve::P521) => p521_verifies(key_bits, &digest, signature),
                Some(Curve::Secp256k1) => k256_verifies(key_bits, &digest, signature),
                _ => true,
            }
        }
        (SignatureAlgorithm::Ed25519, Key::Ed25519) => ed25519_verifies(key_bits, message, signature),
        (SignatureAlgorithm::Ed448, Key::Ed448) => true,
        (SignatureAlgorithm::Other(_), _) => true,
        _ => false,
    }
}

/// Unchecked: a key of 512 bits, or with exponent 3, signs as well, and what is thought of it is each consumer's
/// own. An even modulus is no key (and one that the crate would stumble on).
fn rsa(modulus: &[u8], exponent: &[u8]) -> Option<PublicKey> {
    modulus.last().filter(|last| **last & 1 == 1)?;
    let modulus = BoxedUint::from_be_slice_vartime(modulus);
    Some(PublicKey::new_unchecked(modulus, BoxedUint::from_be_slice_vartime(exponent)))
}

macro_rules! ecdsa {
    ($name:ident, $curve:ident, $half_of_order:literal) => {
        fn $name(key: &[u8], digest: &[u8], signature: &[u8]) -> bool {
            use $curve::ecdsa::signature::hazmat::PrehashVerifier;
            // The crate wants half the order's length at least; a digest is a number (SEC 1 §4.1.4), which zeros
            // before it do not change.
            let mut number = vec![0; $half_of_order.max(digest.len()) - digest.len()];
            number.extend_from_slice(digest);
            let key = $curve::ecdsa::VerifyingKey::from_sec1_bytes(key);
            let signature = $curve::ecdsa::Signature::from_der(signature);
            match (key, signature) {
                // Of the two values of s, consumers take either.
                (Ok(key), Ok(signature)) => key.verify_prehash(&number, &signature.normalize_s()).is_ok(),
                _ => false,
            }
        }
    };
}
ecdsa!(p256_verifies, p256, 16);
ecdsa!(p384_verifies, p384, 24);
ecdsa!(p521_verifies, p521, 33);
ecdsa!(k256_verifies, k256, 16);

fn ed25519_verifies(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, key).verify(message, signature).is_ok()
}
