//! Private keys in software: PKCS#8, SEC1 or PKCS#1; P-256, RSA or Ed25519.

use ferrule::SigningRequest;
use ferrule::certificate::Certificate;
use ferrule::crypto::software::signing::{EcdsaP256Key, Ed25519Key};
use ferrule::crypto::{PublicKey, SignatureScheme};
use getrandom::SysRng;
use rsa::pkcs1::DecodeRsaPrivateKey;
use rsa::pkcs8::DecodePrivateKey;
use rsa::pss::SigningKey;
use rsa::signature::{RandomizedSigner, SignatureEncoding};
use rsa::traits::PublicKeyParts;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Sha256, Sha384, Sha512};
use std::fmt;
use std::path::{Path, PathBuf};

/// A private key. `Debug` prints its kind alone.
pub struct PrivateKey(Kind);

enum Kind {
    P256(EcdsaP256Key),
    Ed25519(Ed25519Key),
    Rsa(Box<rsa::PrivateKey>),
}

/// Why a private key cannot be used.
#[derive(Debug)]
#[non_exhaustive]
pub enum InvalidKey {
    /// The file cannot be read, or has no private key in it.
    Pem {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// It is of no kind that can be used here: P-256, RSA of 2048 to 4096 bits, or Ed25519.
    Unsupported,
    /// It is not the key of the certificate.
    NotOfThisCertificate,
    /// The certificate cannot be read.
    Certificate(String),
}

impl fmt::Display for InvalidKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pem { path, reason } => write!(f, "{}: {reason}", path.display()),
            Self::Unsupported => {
                f.write_str("the private key is neither P-256, nor RSA of 2048 to 4096 bits, nor Ed25519")
            }
            Self::NotOfThisCertificate => {
                f.write_str("the private key does not belong to the first certificate")
            }
            Self::Certificate(reason) => write!(f, "the first certificate {reason}"),
        }
    }
}

impl std::error::Error for InvalidKey {}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::P256(_) => "PrivateKey(P-256)",
            Kind::Ed25519(_) => "PrivateKey(Ed25519)",
            Kind::Rsa(_) => "PrivateKey(RSA)",
        })
    }
}

/// The certificates of a PEM file, in order; at least one.
pub(crate) fn chain_from_pem_file(path: &Path) -> Result<Vec<Vec<u8>>, InvalidKey> {
    let invalid = |reason: String| InvalidKey::Pem { path: path.into(), reason };
    let certificates = CertificateDer::pem_file_iter(path).map_err(|e| invalid(e.to_string()))?;
    let chain = certificates
        .map(|der| der.map(|der| der.to_vec()).map_err(|e| invalid(e.to_string())))
        .collect::<Result<Vec<_>, _>>()?;
    if chain.is_empty() { Err(invalid("no certificate in it".to_owned())) } else { Ok(chain) }
}

impl PrivateKey {
    /// The first private key of a PEM file.
    pub fn from_pem_file(path: &Path) -> Result<Self, InvalidKey> {
        let key = PrivateKeyDer::from_pem_file(path)
            .map_err(|reason| InvalidKey::Pem { path: path.into(), reason: reason.to_string() })?;
        Self::from_der(key.secret_der())
    }

    /// A key in DER: PKCS#8, SEC1 (elliptic curves) or PKCS#1 (RSA).
    pub fn from_der(der: &[u8]) -> Result<Self, InvalidKey> {
        if let Ok(key) = EcdsaP256Key::from_der(der) {
            return Ok(Self(Kind::P256(key)));
        }
        if let Ok(key) = Ed25519Key::from_der(der) {
            return Ok(Self(Kind::Ed25519(key)));
        }
        let rsa = rsa::PrivateKey::from_pkcs8_der(der).or_else(|_| rsa::PrivateKey::from_pkcs1_der(der));
        match rsa {
            Ok(key) if (2048..=4096).contains(&key.n().bit_width_vartime()) => {
                Ok(Self(Kind::Rsa(Box::new(key))))
            }
            _ => Err(InvalidKey::Unsupported),
        }
    }

    /// Checks that this is the key of the certificate.
    pub fn check(&self, certificate: &[u8]) -> Result<(), InvalidKey> {
        let of_certificate = Certificate::parse(certificate).and_then(|certificate| certificate.public_key());
        let same = match (&self.0, of_certificate.map_err(|rule| InvalidKey::Certificate(rule.to_string()))?)
        {
            (Kind::P256(key), PublicKey::P256(point)) => key.public_key() == point,
            (Kind::Ed25519(key), PublicKey::Ed25519(public)) => key.public_key() == *public,
            (Kind::Rsa(key), PublicKey::Rsa { modulus, .. }) => {
                &*key.n().to_be_bytes_trimmed_vartime() == modulus
            }
            _ => false,
        };
        if same { Ok(()) } else { Err(InvalidKey::NotOfThisCertificate) }
    }

    /// What it can sign with, in order of preference.
    pub const fn schemes(&self) -> &'static [SignatureScheme] {
        match self.0 {
            Kind::P256(_) => &[SignatureScheme::ECDSA_SECP256R1_SHA256],
            Kind::Ed25519(_) => &[SignatureScheme::ED25519],
            Kind::Rsa(_) => &[
                SignatureScheme::RSA_PSS_RSAE_SHA256,
                SignatureScheme::RSA_PSS_RSAE_SHA384,
                SignatureScheme::RSA_PSS_RSAE_SHA512,
            ],
        }
    }

    /// Signs, for those who drive a [`Connection`](ferrule::Connection) by themselves; the reason where it
    /// cannot.
    pub fn sign(&self, request: &SigningRequest<'_>) -> Result<Vec<u8>, String> {
        let mut out = [0; ferrule::limits::MAX_SIGNATURE];
        let length = match &self.0 {
            Kind::P256(key) => key.sign(request.message, &mut out).map_err(|e| e.to_string())?,
            Kind::Ed25519(key) => key.sign(request.message, &mut out).map_err(|e| e.to_string())?,
            Kind::Rsa(key) => return sign_pss((**key).clone(), request),
        };
        Ok(out[..length].to_vec())
    }
}

/// RSASSA-PSS with a salt of the hash's length (RFC 8446 §4.2.3); blinded.
fn sign_pss(key: rsa::PrivateKey, request: &SigningRequest<'_>) -> Result<Vec<u8>, String> {
    let mut random = rsa::rand_core::UnwrapErr(SysRng);
    let message = request.message;
    let signature = match request.scheme {
        SignatureScheme::RSA_PSS_RSAE_SHA256 => {
            SigningKey::<Sha256>::new(key).try_sign_with_rng(&mut random, message)
        }
        SignatureScheme::RSA_PSS_RSAE_SHA384 => {
            SigningKey::<Sha384>::new(key).try_sign_with_rng(&mut random, message)
        }
        SignatureScheme::RSA_PSS_RSAE_SHA512 => {
            SigningKey::<Sha512>::new(key).try_sign_with_rng(&mut random, message)
        }
        scheme => return Err(format!("an RSA key cannot sign with {scheme}")),
    };
    Ok(signature.map_err(|e| e.to_string())?.to_vec())
}
