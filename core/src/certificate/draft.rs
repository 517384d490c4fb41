//! For tests: certificates written field by field, so that any one field can be wrong, and a
//! provider to check them with.

extern crate std;
use super::oid;
use crate::crypto::software::signing::{EcdsaP256Key, Ed25519Key};
use crate::crypto::software::{self, Aead, KeyExchange, Sha2};
use crate::crypto::{
    Composed, CryptoError, Or, PublicKey, Random, SignatureAlgorithm, SignatureScheme, Signed, Verifiers,
};
use std::vec::Vec;

pub(super) fn tlv(tag: u8, contents: &[u8]) -> Vec<u8> {
    let length = contents.len();
    let mut out = Vec::from([tag]);
    match length {
        0..=0x7f => out.push(length as u8),
        0x80..=0xff => out.extend([0x81, length as u8]),
        _ => out.extend([0x82, (length >> 8) as u8, length as u8]),
    }
    out.extend_from_slice(contents);
    out
}
pub(super) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}
pub(super) fn object(id: &[u8]) -> Vec<u8> {
    tlv(6, id)
}
/// The contents of a Name with one common name.
pub(super) fn name(common_name: &str) -> Vec<u8> {
    tlv(0x31, &sequence(&[&object(oid::COMMON_NAME), &tlv(0x0c, common_name.as_bytes())]))
}
pub(super) fn extension(id: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if critical { &[1, 1, 0xff] } else { &[] };
    sequence(&[&object(id), critical, &tlv(4, value)])
}
pub(super) fn basic_constraints(path_length: Option<u8>) -> Vec<u8> {
    let length = path_length.map(|length| Vec::from([2, 1, length])).unwrap_or_default();
    extension(oid::BASIC_CONSTRAINTS, true, &sequence(&[&[1, 1, 0xff], &length]))
}
pub(super) fn key_usage(bits: u8) -> Vec<u8> {
    extension(oid::KEY_USAGE, true, &[3, 2, bits.trailing_zeros().min(7) as u8, bits])
}
pub(super) fn extended_key_usage(purposes: &[&[u8]]) -> Vec<u8> {
    let purposes: Vec<u8> = purposes.iter().flat_map(|id| object(id)).collect();
    extension(oid::EXTENDED_KEY_USAGE, false, &tlv(0x30, &purposes))
}
pub(super) fn dns_names(names: &[&str]) -> Vec<u8> {
    let names: Vec<u8> = names.iter().flat_map(|name| tlv(0x82, name.as_bytes())).collect();
    extension(oid::SUBJECT_ALT_NAME, false, &tlv(0x30, &names))
}

pub(super) const DIGITAL_SIGNATURE: u8 = 0x80;
pub(super) const KEY_CERT_SIGN: u8 = 0x04;
/// 2026-07-01 00:00:00 UTC: inside of every draft's validity period.
pub(super) const NOW: u64 = 1_782_864_000;

/// A private key, made from one number.
pub(super) enum TestKey {
    P256(EcdsaP256Key),
    P384(p384::ecdsa::SigningKey),
    Ed25519(Ed25519Key),
}

impl TestKey {
    pub(super) fn p256(seed: u8) -> Self {
        Self::P256(EcdsaP256Key::from_scalar(&[seed; 32]).unwrap())
    }
    pub(super) fn p384(seed: u8) -> Self {
        Self::P384(p384::ecdsa::SigningKey::from_slice(&[seed; 48]).unwrap())
    }
    pub(super) fn ed25519(seed: u8) -> Self {
        Self::Ed25519(Ed25519Key::from_seed(&[seed; 32]))
    }

    /// The contents of SubjectPublicKeyInfo.
    pub(super) fn public_key_info(&self) -> Vec<u8> {
        let (algorithm, key) = match self {
            Self::P256(key) => {
                (sequence(&[&object(oid::EC_PUBLIC_KEY), &object(oid::SECP256R1)]), key.public_key().to_vec())
            }
            Self::P384(key) => {
                let point = key.verifying_key().to_sec1_point(false).as_bytes().to_vec();
                (sequence(&[&object(oid::EC_PUBLIC_KEY), &object(oid::SECP384R1)]), point)
            }
            Self::Ed25519(key) => (sequence(&[&object(oid::ED25519)]), key.public_key().to_vec()),
        };
        [algorithm, tlv(3, &[&[0], key.as_slice()].concat())].concat()
    }

    pub(super) fn algorithm(&self) -> Vec<u8> {
        sequence(&[&object(match self {
            Self::P256(_) => oid::ECDSA_WITH_SHA256,
            Self::P384(_) => oid::ECDSA_WITH_SHA384,
            Self::Ed25519(_) => oid::ED25519,
        })])
    }

    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let mut out = [0; 72];
        match self {
            Self::P256(key) => {
                let length = key.sign(message, &mut out).unwrap();
                out[..length].to_vec()
            }
            Self::P384(key) => {
                use p384::ecdsa::signature::Signer;
                let signature: p384::ecdsa::Signature = key.sign(message);
                signature.to_der().as_bytes().to_vec()
            }
            Self::Ed25519(key) => {
                let length = key.sign(message, &mut out).unwrap();
                out[..length].to_vec()
            }
        }
    }
}

/// A certificate to be.
#[derive(Clone)]
pub(super) struct Draft {
    pub(super) version: Vec<u8>,
    pub(super) serial: Vec<u8>,
    /// Inner and outer algorithm, where they are not simply the signing key's.
    pub(super) inner_algorithm: Option<Vec<u8>>,
    pub(super) outer_algorithm: Option<Vec<u8>>,
    pub(super) issuer: Vec<u8>,
    pub(super) not_before: &'static str,
    pub(super) not_after: &'static str,
    pub(super) subject: Vec<u8>,
    pub(super) public_key_info: Vec<u8>,
    /// issuerUniqueID and subjectUniqueID.
    pub(super) unique_identifiers: Vec<u8>,
    pub(super) extensions: Vec<Vec<u8>>,
}

impl Draft {
    fn new(subject: &str, issuer: &str, key: &TestKey, extensions: &[Vec<u8>]) -> Self {
        Self {
            version: Vec::from([0xa0, 3, 2, 1, 2]),
            serial: Vec::from([1]),
            inner_algorithm: None,
            outer_algorithm: None,
            issuer: name(issuer),
            not_before: "260101000000Z",
            not_after: "270101000000Z",
            subject: name(subject),
            public_key_info: key.public_key_info(),
            unique_identifiers: Vec::new(),
            extensions: extensions.to_vec(),
        }
    }
    /// The leaf of a server, for example.org.
    pub(super) fn leaf(issuer: &str, key: &TestKey) -> Self {
        let extensions = [
            key_usage(DIGITAL_SIGNATURE),
            extended_key_usage(&[oid::SERVER_AUTH]),
            dns_names(&["example.org", "*.example.org"]),
        ];
        Self::new("Leaf", issuer, key, &extensions)
    }
    /// A certificate authority.
    pub(super) fn authority(subject: &str, issuer: &str, key: &TestKey) -> Self {
        Self::new(subject, issuer, key, &[basic_constraints(None), key_usage(KEY_CERT_SIGN)])
    }
    /// With this in place of the extension with the same identifier, or added.
    pub(super) fn with(mut self, extension: Vec<u8>) -> Self {
        // SEQUENCE, OBJECT IDENTIFIER and their short lengths come first.
        let same = |other: &Vec<u8>| {
            other[2..4 + usize::from(other[3])] == extension[2..4 + usize::from(extension[3])]
        };
        match self.extensions.iter().position(same) {
            Some(place) => self.extensions[place] = extension,
            None => self.extensions.push(extension),
        }
        self
    }
    pub(super) fn without(mut self, id: &[u8]) -> Self {
        self.extensions.retain(|extension| extension[2..2 + 2 + id.len()] != object(id));
        self
    }
    pub(super) fn valid(mut self, not_before: &'static str, not_after: &'static str) -> Self {
        (self.not_before, self.not_after) = (not_before, not_after);
        self
    }

    pub(super) fn signed_by(&self, key: &TestKey) -> Vec<u8> {
        let algorithm = key.algorithm();
        let tbs = self.to_be_signed(self.inner_algorithm.as_ref().unwrap_or(&algorithm));
        let outer = self.outer_algorithm.as_ref().unwrap_or(&algorithm);
        sequence(&[&tbs, outer, &tlv(3, &[&[0], key.sign(&tbs).as_slice()].concat())])
    }

    fn to_be_signed(&self, algorithm: &[u8]) -> Vec<u8> {
        let time = |text: &str| tlv(if text.len() == 13 { 0x17 } else { 0x18 }, text.as_bytes());
        let extensions = match self.extensions.as_slice() {
            [] => Vec::new(),
            extensions => tlv(0xa3, &tlv(0x30, &extensions.concat())),
        };
        sequence(&[
            &self.version,
            &tlv(2, &self.serial),
            algorithm,
            &tlv(0x30, &self.issuer),
            &sequence(&[&time(self.not_before), &time(self.not_after)]),
            &tlv(0x30, &self.subject),
            &tlv(0x30, &self.public_key_info),
            &self.unique_identifiers,
            &extensions,
        ])
    }
}

/// P-384 for tests alone, in place of a part that this crate does not have.
#[derive(Default)]
pub(super) struct TestP384;

impl Verifiers for TestP384 {
    fn schemes() -> impl Iterator<Item = SignatureScheme> {
        core::iter::once(SignatureScheme::ECDSA_SECP384R1_SHA384)
    }
    fn verify(
        &mut self,
        key: &PublicKey<'_>,
        algorithm: SignatureAlgorithm,
        signed: Signed<'_>,
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        use p384::ecdsa::{Signature, VerifyingKey, signature::hazmat::PrehashVerifier};
        let (PublicKey::P384(point), SignatureAlgorithm::Ecdsa(_), Signed::Digest(digest)) =
            (key, algorithm, signed)
        else {
            return Err(CryptoError::Unsupported);
        };
        let key = VerifyingKey::from_sec1_bytes(point).map_err(|_| CryptoError::InvalidPublicKey)?;
        let signature = Signature::from_der(signature).map_err(|_| CryptoError::BadSignature)?;
        key.verify_prehash(digest.as_bytes(), &signature).map_err(|_| CryptoError::BadSignature)
    }
}

/// No randomness is needed to check certificates.
pub(super) struct NoRandom;

impl Random for NoRandom {
    fn fill(&mut self, _out: &mut [u8]) -> Result<(), CryptoError> {
        Err(CryptoError::NoRandomness)
    }
}

pub(super) type TestProvider<V> = Composed<NoRandom, Sha2, Aead, KeyExchange, V>;

pub(super) fn provider_with<V: Verifiers>(verifiers: V) -> TestProvider<V> {
    Composed {
        random: NoRandom,
        hashes: Sha2::default(),
        aeads: Aead::default(),
        key_exchanges: KeyExchange::default(),
        verifiers,
    }
}

/// Everything that this crate can verify.
pub(super) fn provider() -> TestProvider<Or<software::Verifier, TestP384>> {
    provider_with(Or::default())
}
