//! Public keys and signature algorithms, as certificates name them (RFC 3279, 4055, 5480, 8410).

use super::ber::{BIT_STRING, Elements, INTEGER, OID, SEQUENCE, context, dotted};
use std::fmt;

/// What kind of key a certificate carries.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    Rsa {
        bits: usize,
        modulus: Vec<u8>,
        /// Big-endian, without leading zeros.
        exponent: Vec<u8>,
        /// id-RSASSA-PSS instead of rsaEncryption.
        pss_only: bool,
    },
    Ec {
        /// `None` where the curve is neither named nor known by its parameters.
        curve: Option<Curve>,
        /// Given by its parameters and not by name (RFC 5480 §2.1.1: "specifiedCurve MUST NOT be used").
        explicit: bool,
    },
    Ed25519,
    Ed448,
    Other {
        algorithm: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Curve {
    P224,
    P256,
    P384,
    P521,
    Secp256k1,
    Brainpool(u16),
}

impl Curve {
    fn from_oid(oid: &str) -> Option<Self> {
        Some(match oid {
            "1.3.132.0.33" => Self::P224,
            "1.2.840.10045.3.1.7" => Self::P256,
            "1.3.132.0.34" => Self::P384,
            "1.3.132.0.35" => Self::P521,
            "1.3.132.0.10" => Self::Secp256k1,
            "1.3.36.3.3.2.8.1.1.7" => Self::Brainpool(256),
            "1.3.36.3.3.2.8.1.1.11" => Self::Brainpool(384),
            "1.3.36.3.3.2.8.1.1.13" => Self::Brainpool(512),
            _ => return None,
        })
    }

    pub(crate) const fn bits(self) -> u16 {
        match self {
            Self::P224 => 224,
            Self::P256 | Self::Secp256k1 => 256,
            Self::P384 => 384,
            Self::P521 => 521,
            Self::Brainpool(bits) => bits,
        }
    }
}

impl fmt::Display for Curve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Secp256k1 => f.write_str("secp256k1"),
            Self::Brainpool(bits) => write!(f, "brainpoolP{bits}r1"),
            nist => write!(f, "P-{}", nist.bits()),
        }
    }
}

impl Key {
    /// From the contents of SubjectPublicKeyInfo; the second is the BIT STRING's bytes.
    pub(crate) fn parse(info: &[u8]) -> Option<(Self, Vec<u8>)> {
        let mut fields = Elements(info);
        let mut algorithm = Elements(fields.expect(SEQUENCE)?.contents);
        let (_unused, bits) = fields.expect(BIT_STRING)?.contents.split_first()?;
        let oid = dotted(algorithm.expect(OID)?.contents);
        let key = match oid.as_str() {
            "1.2.840.113549.1.1.1" | "1.2.840.113549.1.1.10" => {
                let mut numbers = Elements(Elements(bits).expect(SEQUENCE)?.contents);
                let modulus = without_zeros(numbers.expect(INTEGER)?.contents).to_vec();
                let exponent = without_zeros(numbers.expect(INTEGER)?.contents).to_vec();
                Self::Rsa { bits: bit_length(&modulus), modulus, exponent, pss_only: oid.ends_with(".10") }
            }
            "1.2.840.10045.2.1" => match algorithm.next() {
                Some(named) if named.tag == OID => {
                    Self::Ec { curve: Curve::from_oid(&dotted(named.contents)), explicit: false }
                }
                Some(parameters) => {
                    Self::Ec { curve: curve_of_parameters(parameters.contents), explicit: true }
                }
                None => Self::Ec { curve: None, explicit: false },
            },
            "1.3.101.112" => Self::Ed25519,
            "1.3.101.113" => Self::Ed448,
            _ => Self::Other { algorithm: oid },
        };
        Some((key, bits.to_vec()))
    }

    /// The strength in bits that OpenSSL, GnuTLS and others give such a key (NIST SP 800-57 part 1, table 2).
    pub(crate) const fn security_bits(&self) -> usize {
        match self {
            Self::Rsa { bits, .. } => match *bits {
                15360.. => 256,
                7680.. => 192,
                3072.. => 128,
                2048.. => 112,
                1024.. => 80,
                _ => 0,
            },
            Self::Ec { curve: Some(curve), .. } => (curve.bits() / 2) as usize,
            Self::Ec { curve: None, .. } | Self::Ed25519 => 128,
            Self::Ed448 => 224,
            Self::Other { .. } => 0,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa { bits, .. } => write!(f, "RSA-{bits}"),
            Self::Ec { curve: Some(curve), explicit: false } => curve.fmt(f),
            Self::Ec { curve: Some(curve), explicit: true } => write!(f, "{curve} (explicit parameters)"),
            Self::Ec { curve: None, .. } => f.write_str("EC over an unknown curve"),
            Self::Ed25519 => f.write_str("Ed25519"),
            Self::Ed448 => f.write_str("Ed448"),
            Self::Other { algorithm } => write!(f, "algorithm {algorithm}"),
        }
    }
}

/// By its field: no two curves in use share one, but P-256 with another base point would be taken for P-256.
fn curve_of_parameters(parameters: &[u8]) -> Option<Curve> {
    let mut fields = Elements(parameters);
    fields.expect(INTEGER)?;
    let mut field = Elements(fields.expect(SEQUENCE)?.contents);
    field.expect(OID)?;
    let prime = without_zeros(field.expect(INTEGER)?.contents);
    match (prime.len(), prime.first_chunk::<8>()?, prime.last_chunk::<4>()?) {
        (32, [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1], _) => Some(Curve::P256),
        (32, _, [0xff, 0xff, 0xfc, 0x2f]) => Some(Curve::Secp256k1),
        (48, [0xff, ..], _) => Some(Curve::P384),
        (66, [0x01, 0xff, ..], _) => Some(Curve::P521),
        (28, [0xff, ..], _) => Some(Curve::P224),
        _ => None,
    }
}

fn without_zeros(integer: &[u8]) -> &[u8] {
    let zeros = integer.iter().take_while(|byte| **byte == 0).count();
    &integer[zeros..]
}

fn bit_length(magnitude: &[u8]) -> usize {
    magnitude.first().map_or(0, |first| magnitude.len() * 8 - first.leading_zeros() as usize)
}

/// How a certificate was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SignatureAlgorithm {
    RsaPkcs1(Hash),
    RsaPss(Hash),
    Ecdsa(Hash),
    Ed25519,
    Ed448,
    Other(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Hash {
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    fn from_oid(oid: &str) -> Option<Self> {
        Some(match oid {
            "1.3.14.3.2.26" => Self::Sha1,
            "2.16.840.1.101.3.4.2.4" => Self::Sha224,
            "2.16.840.1.101.3.4.2.1" => Self::Sha256,
            "2.16.840.1.101.3.4.2.2" => Self::Sha384,
            "2.16.840.1.101.3.4.2.3" => Self::Sha512,
            _ => return None,
        })
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA-1",
            Self::Sha224 => "SHA-224",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        })
    }
}

impl SignatureAlgorithm {
    /// From the contents of an AlgorithmIdentifier.
    pub(crate) fn parse(identifier: &[u8]) -> Self {
        let mut fields = Elements(identifier);
        let oid = fields.expect(OID).map(|oid| dotted(oid.contents)).unwrap_or_default();
        match oid.as_str() {
            "1.2.840.113549.1.1.4" => Self::RsaPkcs1(Hash::Md5),
            "1.2.840.113549.1.1.5" => Self::RsaPkcs1(Hash::Sha1),
            "1.2.840.113549.1.1.14" => Self::RsaPkcs1(Hash::Sha224),
            "1.2.840.113549.1.1.11" => Self::RsaPkcs1(Hash::Sha256),
            "1.2.840.113549.1.1.12" => Self::RsaPkcs1(Hash::Sha384),
            "1.2.840.113549.1.1.13" => Self::RsaPkcs1(Hash::Sha512),
            "1.2.840.113549.1.1.10" => Self::RsaPss(pss_hash(fields.next().map_or(&[], |p| p.contents))),
            "1.2.840.10045.4.1" => Self::Ecdsa(Hash::Sha1),
            "1.2.840.10045.4.3.1" => Self::Ecdsa(Hash::Sha224),
            "1.2.840.10045.4.3.2" => Self::Ecdsa(Hash::Sha256),
            "1.2.840.10045.4.3.3" => Self::Ecdsa(Hash::Sha384),
            "1.2.840.10045.4.3.4" => Self::Ecdsa(Hash::Sha512),
            "1.3.101.112" => Self::Ed25519,
            "1.3.101.113" => Self::Ed448,
            _ => Self::Other(oid),
        }
    }

    pub(crate) const fn hash(&self) -> Option<Hash> {
        match self {
            Self::RsaPkcs1(hash) | Self::RsaPss(hash) | Self::Ecdsa(hash) => Some(*hash),
            _ => None,
        }
    }
}

/// RFC 4055 §3.1: the hash defaults to SHA-1.
fn pss_hash(parameters: &[u8]) -> Hash {
    let named = || {
        let mut explicit = Elements(Elements(parameters).expect(context(0, true))?.contents);
        let mut algorithm = Elements(explicit.expect(SEQUENCE)?.contents);
        Hash::from_oid(&dotted(algorithm.expect(OID)?.contents))
    };
    named().unwrap_or(Hash::Sha1)
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RsaPkcs1(hash) => write!(f, "RSA with {hash}"),
            Self::RsaPss(hash) => write!(f, "RSA-PSS with {hash}"),
            Self::Ecdsa(hash) => write!(f, "ECDSA with {hash}"),
            Self::Ed25519 => f.write_str("Ed25519"),
            Self::Ed448 => f.write_str("Ed448"),
            Self::Other(oid) => write!(f, "algorithm {oid}"),
        }
    }
}
