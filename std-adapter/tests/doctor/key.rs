//! Keys of every kind that a chain may hold, weak and odd ones too. RSA keys take seconds to make, so they lie in
//! files; the others come from their label. None of them protects anything.

use crate::encoding::{
    CONSTRUCTED, NULL, OCTET_STRING, bit_string, context, identifier, sequence, tlv, unsigned,
};
use ed25519_dalek::Signer as _;
use hex_literal::hex;
use p256::ecdsa::signature::hazmat::PrehashSigner as _;
use rsa::Pkcs1v15Sign;
use rsa::pkcs8::DecodePrivateKey as _;
use rsa::signature::{RandomizedSigner as _, SignatureEncoding as _};
use rsa::traits::PublicKeyParts as _;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use std::sync::OnceLock;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Rsa1024,
    Rsa2048,
    /// Its public exponent is 3.
    Rsa2048E3,
    Rsa3072,
    Rsa4096,
    P256,
    P384,
    P521,
    Secp256k1,
    Ed25519,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

/// A private key, by what it is and a label that tells it from others of its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) kind: Kind,
    pub(crate) label: String,
}

/// The RSA keys in `keys/`: kind, PKCS#8.
const RSA_KEYS: [(Kind, &[u8]); 10] = [
    (Kind::Rsa1024, include_bytes!("keys/rsa-1024-a.pk8")),
    (Kind::Rsa1024, include_bytes!("keys/rsa-1024-b.pk8")),
    (Kind::Rsa2048, include_bytes!("keys/rsa-2048-a.pk8")),
    (Kind::Rsa2048, include_bytes!("keys/rsa-2048-b.pk8")),
    (Kind::Rsa2048, include_bytes!("keys/rsa-2048-c.pk8")),
    (Kind::Rsa2048, include_bytes!("keys/rsa-2048-d.pk8")),
    (Kind::Rsa2048E3, include_bytes!("keys/rsa-2048-e3.pk8")),
    (Kind::Rsa3072, include_bytes!("keys/rsa-3072-a.pk8")),
    (Kind::Rsa4096, include_bytes!("keys/rsa-4096-a.pk8")),
    (Kind::Rsa4096, include_bytes!("keys/rsa-4096-b.pk8")),
];

impl Kind {
    pub(crate) fn is_rsa(self) -> bool {
        matches!(self, Self::Rsa1024 | Self::Rsa2048 | Self::Rsa2048E3 | Self::Rsa3072 | Self::Rsa4096)
    }

    /// The hash that goes with such a key where nothing else is asked for.
    pub(crate) fn hash(self) -> Hash {
        match self {
            Self::P384 => Hash::Sha384,
            Self::P521 => Hash::Sha512,
            _ => Hash::Sha256,
        }
    }

    fn curve(self) -> &'static str {
        match self {
            Self::P256 => "1.2.840.10045.3.1.7",
            Self::P384 => "1.3.132.0.34",
            Self::P521 => "1.3.132.0.35",
            Self::Secp256k1 => "1.3.132.0.10",
            other => panic!("{other:?} is on no such curve"),
        }
    }
}

impl Hash {
    fn digest(self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha1 => Sha1::digest(message).to_vec(),
            Self::Sha256 => Sha256::digest(message).to_vec(),
            Self::Sha384 => Sha384::digest(message).to_vec(),
            Self::Sha512 => Sha512::digest(message).to_vec(),
        }
    }
}

impl Key {
    pub(crate) fn new(kind: Kind, label: &str) -> Self {
        Self { kind, label: label.to_owned() }
    }

    fn seed(&self) -> [u8; 32] {
        Sha256::digest(format!("{:?} {}", self.kind, self.label)).into()
    }

    /// A scalar that is below the order of a curve of so many bytes.
    fn scalar(&self, length: usize) -> Vec<u8> {
        let mut scalar = vec![0; length - 32];
        if length > 32 {
            scalar[1] = 1;
        }
        scalar.extend(self.seed());
        scalar[length - 32] &= 0x7f;
        scalar
    }

    fn rsa_file(&self) -> &'static [u8] {
        let of_kind: Vec<_> = RSA_KEYS.iter().filter(|(kind, _)| *kind == self.kind).collect();
        of_kind[usize::from(self.seed()[0]) % of_kind.len()].1
    }

    fn rsa(&self) -> &'static rsa::PrivateKey {
        static PARSED: OnceLock<Vec<(&'static [u8], rsa::PrivateKey)>> = OnceLock::new();
        let parsed = PARSED.get_or_init(|| {
            RSA_KEYS.map(|(_, file)| (file, rsa::PrivateKey::from_pkcs8_der(file).unwrap())).to_vec()
        });
        let file = self.rsa_file();
        &parsed.iter().find(|(known, _)| *known == file).unwrap().1
    }

    /// The same key material: two labels may share one RSA key of the pool.
    pub(crate) fn public(&self) -> Vec<u8> {
        match self.kind {
            Kind::P256 => {
                let key = p256::ecdsa::SigningKey::from_slice(&self.scalar(32)).unwrap();
                key.verifying_key().to_sec1_point(false).as_bytes().to_vec()
            }
            Kind::P384 => {
                let key = p384::ecdsa::SigningKey::from_slice(&self.scalar(48)).unwrap();
                key.verifying_key().to_sec1_point(false).as_bytes().to_vec()
            }
            Kind::P521 => {
                let key = p521::ecdsa::SigningKey::from_slice(&self.scalar(66)).unwrap();
                key.verifying_key().to_sec1_point(false).as_bytes().to_vec()
            }
            Kind::Secp256k1 => {
                let key = k256::ecdsa::SigningKey::from_slice(&self.scalar(32)).unwrap();
                key.verifying_key().to_sec1_point(false).as_bytes().to_vec()
            }
            Kind::Ed25519 => {
                ed25519_dalek::SigningKey::from_bytes(&self.seed()).verifying_key().to_bytes().into()
            }
            _ => {
                let key = self.rsa();
                sequence(&[unsigned(&key.n_bytes()), unsigned(&key.e_bytes())])
            }
        }
    }

    /// SubjectPublicKeyInfo.
    pub(crate) fn spki(&self, explicit_parameters: bool) -> Vec<u8> {
        let algorithm = match self.kind {
            Kind::Ed25519 => sequence(&[identifier("1.3.101.112")]),
            kind if kind.is_rsa() => sequence(&[identifier("1.2.840.113549.1.1.1"), tlv(NULL, &[])]),
            _ if explicit_parameters => sequence(&[identifier("1.2.840.10045.2.1"), p256_parameters()]),
            kind => sequence(&[identifier("1.2.840.10045.2.1"), identifier(kind.curve())]),
        };
        sequence(&[algorithm, bit_string(&self.public())])
    }

    /// PKCS#8, for the programs that serve with this key.
    pub(crate) fn pkcs8(&self) -> Vec<u8> {
        let version = unsigned(&[0]);
        match self.kind {
            kind if kind.is_rsa() => self.rsa_file().to_vec(),
            Kind::Ed25519 => sequence(&[
                version,
                sequence(&[identifier("1.3.101.112")]),
                tlv(OCTET_STRING, &tlv(OCTET_STRING, &self.seed())),
            ]),
            kind => {
                let length = match kind {
                    Kind::P384 => 48,
                    Kind::P521 => 66,
                    _ => 32,
                };
                // RFC 5915 §3
                let private = sequence(&[
                    unsigned(&[1]),
                    tlv(OCTET_STRING, &self.scalar(length)),
                    context(CONSTRUCTED | 1, &bit_string(&self.public())),
                ]);
                sequence(&[
                    version,
                    sequence(&[identifier("1.2.840.10045.2.1"), identifier(kind.curve())]),
                    tlv(OCTET_STRING, &private),
                ])
            }
        }
    }

    /// AlgorithmIdentifier of this key's signature with `hash`.
    pub(crate) fn signature_algorithm(&self, hash: Hash) -> Vec<u8> {
        let null = tlv(NULL, &[]);
        if self.kind == Kind::Ed25519 {
            return sequence(&[identifier("1.3.101.112")]);
        }
        if self.kind.is_rsa() {
            let dotted = match hash {
                Hash::Sha1 => "1.2.840.113549.1.1.5",
                Hash::Sha256 => "1.2.840.113549.1.1.11",
                Hash::Sha384 => "1.2.840.113549.1.1.12",
                Hash::Sha512 => "1.2.840.113549.1.1.13",
            };
            return sequence(&[identifier(dotted), null]);
        }
        let dotted = match hash {
            Hash::Sha1 => "1.2.840.10045.4.1",
            Hash::Sha256 => "1.2.840.10045.4.3.2",
            Hash::Sha384 => "1.2.840.10045.4.3.3",
            Hash::Sha512 => "1.2.840.10045.4.3.4",
        };
        sequence(&[identifier(dotted)])
    }

    /// AlgorithmIdentifier of RSASSA-PSS with SHA-256 and a salt of 32 bytes (RFC 4055 §3.1).
    pub(crate) fn pss_algorithm() -> Vec<u8> {
        let sha256 = sequence(&[identifier("2.16.840.1.101.3.4.2.1"), tlv(NULL, &[])]);
        let mask = sequence(&[identifier("1.2.840.113549.1.1.8"), sha256.clone()]);
        let parameters = sequence(&[
            context(CONSTRUCTED, &sha256),
            context(CONSTRUCTED | 1, &mask),
            context(CONSTRUCTED | 2, &unsigned(&[32])),
        ]);
        sequence(&[identifier("1.2.840.113549.1.1.10"), parameters])
    }

    /// The signature of a certificate: PKCS#1 v1.5, ECDSA or Ed25519.
    pub(crate) fn sign(&self, message: &[u8], hash: Hash) -> Vec<u8> {
        let digest = hash.digest(message);
        match self.kind {
            Kind::P256 => {
                let key = p256::ecdsa::SigningKey::from_slice(&self.scalar(32)).unwrap();
                let signature: p256::ecdsa::Signature = key.sign_prehash(&digest).unwrap();
                signature.to_der().as_bytes().to_vec()
            }
            Kind::P384 => {
                let key = p384::ecdsa::SigningKey::from_slice(&self.scalar(48)).unwrap();
                let signature: p384::ecdsa::Signature = key.sign_prehash(&digest).unwrap();
                signature.to_der().as_bytes().to_vec()
            }
            Kind::P521 => {
                let key = p521::ecdsa::SigningKey::from_slice(&self.scalar(66)).unwrap();
                let signature: p521::ecdsa::Signature = key.sign_prehash(&digest).unwrap();
                signature.to_der().as_bytes().to_vec()
            }
            Kind::Secp256k1 => {
                let key = k256::ecdsa::SigningKey::from_slice(&self.scalar(32)).unwrap();
                let signature: k256::ecdsa::Signature = key.sign_prehash(&digest).unwrap();
                signature.to_der().as_bytes().to_vec()
            }
            Kind::Ed25519 => {
                ed25519_dalek::SigningKey::from_bytes(&self.seed()).sign(message).to_bytes().to_vec()
            }
            _ => {
                let padding = match hash {
                    Hash::Sha1 => Pkcs1v15Sign::new::<Sha1>(),
                    Hash::Sha256 => Pkcs1v15Sign::new::<Sha256>(),
                    Hash::Sha384 => Pkcs1v15Sign::new::<Sha384>(),
                    Hash::Sha512 => Pkcs1v15Sign::new::<Sha512>(),
                };
                self.rsa().sign(padding, &digest).unwrap()
            }
        }
    }

    /// The signature of a TLS handshake with RSA: PSS with SHA-256.
    pub(crate) fn sign_pss(&self, message: &[u8]) -> Vec<u8> {
        let key = rsa::pss::SigningKey::<Sha256>::new(self.rsa().clone());
        let mut random = rsa::rand_core::UnwrapErr(getrandom::SysRng);
        key.sign_with_rng(&mut random, message).to_vec()
    }
}

/// P-256 spelled out (RFC 3279 §2.3.5), which RFC 5480 §2.1.1 forbids: the form that CVE-2020-0601 lived on.
fn p256_parameters() -> Vec<u8> {
    let prime = hex!("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
    let a = hex!("ffffffff00000001000000000000000000000000fffffffffffffffffffffffc");
    let b = hex!("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b");
    let base = hex!(
        "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
        "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
    );
    let order = hex!("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    sequence(&[
        unsigned(&[1]),
        sequence(&[identifier("1.2.840.10045.1.1"), unsigned(&prime)]),
        sequence(&[tlv(OCTET_STRING, &a), tlv(OCTET_STRING, &b)]),
        tlv(OCTET_STRING, &base),
        unsigned(&order),
        unsigned(&[1]),
    ])
}
