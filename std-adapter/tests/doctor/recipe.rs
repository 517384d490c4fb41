//! A certificate as data: every field can be set, to invalid values too; then it is written and signed.

use crate::encoding::{
    BOOLEAN, CONSTRUCTED, INTEGER, OCTET_STRING, TimeForm, bit_string, context, identifier, sequence, time,
    tlv, unsigned,
};
use crate::extension::{
    AltName, CRL_SIGN, DIGITAL_SIGNATURE, Extension, KEY_CERT_SIGN, KEY_ENCIPHERMENT, SERVER_AUTH,
    SUBJECT_KEY, Value,
};
use crate::key::{Hash, Key, Kind};
use crate::name::Name;
use sha1::{Digest as _, Sha1};
use std::sync::atomic::{AtomicU64, Ordering};

pub(crate) const DAY: i64 = 86_400;

#[derive(Debug, Clone)]
pub(crate) struct Recipe {
    /// What the version field holds: 2 is v3 (RFC 5280 §4.1.2.1); `None` leaves it out, which is v1.
    pub(crate) version: Option<u8>,
    /// The content of the INTEGER.
    pub(crate) serial: Vec<u8>,
    pub(crate) subject: Name,
    /// Where it is not the issuer's subject.
    pub(crate) issuer: Option<Name>,
    pub(crate) not_before: i64,
    pub(crate) not_after: i64,
    pub(crate) time_form: TimeForm,
    pub(crate) key: Key,
    pub(crate) explicit_parameters: bool,
    /// The hash of the signature on it; the issuer's key has one of its own.
    pub(crate) hash: Option<Hash>,
    /// AlgorithmIdentifier inside the signed part, where it differs from the one outside.
    pub(crate) inner_algorithm: Option<Vec<u8>>,
    pub(crate) extensions: Vec<Extension>,
    pub(crate) signature: Signature,
    /// Bytes after the end of the Certificate.
    pub(crate) trailing: Vec<u8>,
    /// Something is changed at random before it is signed, by this seed.
    pub(crate) damage: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signature {
    Right,
    /// A bit of it is flipped.
    Broken,
    /// RSASSA-PSS, if the issuer's key is RSA.
    Pss,
    /// The algorithm's parameters are absent where RFC 4055 §5 has NULL; the issuer's key is RSA.
    WithoutNull,
}

/// What of an issuer goes into the certificates that it issues.
#[derive(Debug, Clone)]
pub(crate) struct Issuer {
    pub(crate) subject: Name,
    pub(crate) key: Key,
    /// subjectKeyIdentifier, if its certificate has one.
    key_identifier: Option<Vec<u8>>,
    /// Its own issuer's name and its serial, for the long form of authorityKeyIdentifier.
    pub(crate) issuer: Name,
    serial: Vec<u8>,
}

/// 16 bytes that no other certificate of this run has. The first is from 0x20 to 0x5f, so that it is a positive
/// INTEGER of full length.
fn fresh_serial() -> Vec<u8> {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    let mut serial = Sha1::digest(next.to_be_bytes())[..16].to_vec();
    serial[0] = serial[0] % 0x40 + 0x20;
    serial
}

impl Recipe {
    fn new(subject: Name, key: Key, now: i64) -> Self {
        Self {
            version: Some(2),
            serial: fresh_serial(),
            subject,
            issuer: None,
            not_before: now - 30 * DAY,
            not_after: now + 60 * DAY,
            time_form: TimeForm::Standard,
            key,
            explicit_parameters: false,
            hash: None,
            inner_algorithm: None,
            extensions: Vec::new(),
            signature: Signature::Right,
            trailing: Vec::new(),
            damage: None,
        }
    }

    /// An authority that no consumer finds fault with.
    pub(crate) fn authority(name: &str, key: Key, now: i64) -> Self {
        let mut recipe = Self::new(Name::authority(name), key, now);
        recipe.not_before = now - 400 * DAY;
        recipe.not_after = now + 1400 * DAY;
        recipe.extensions = vec![
            Extension::key_usage(&[DIGITAL_SIGNATURE, KEY_CERT_SIGN, CRL_SIGN]),
            Extension::basic_constraints(true, None),
            Extension::subject_key(),
            Extension::authority_key(),
        ];
        recipe
    }

    pub(crate) fn root(name: &str, key: Key, now: i64) -> Self {
        let mut recipe = Self::authority(name, key, now);
        recipe.not_before = now - 1000 * DAY;
        recipe.not_after = now + 3000 * DAY;
        recipe
    }

    /// A server's certificate that no consumer finds fault with.
    pub(crate) fn server(host: &str, key: Key, now: i64) -> Self {
        let alternative = match host.parse() {
            Ok(address) => AltName::Ip(address),
            Err(_) => AltName::dns(host),
        };
        let usage: &[u8] =
            if key.kind.is_rsa() { &[DIGITAL_SIGNATURE, KEY_ENCIPHERMENT] } else { &[DIGITAL_SIGNATURE] };
        let mut recipe = Self::new(Name::common(host), key, now);
        recipe.extensions = vec![
            Extension::key_usage(usage),
            Extension::extended_key_usage(&[SERVER_AUTH]),
            Extension::basic_constraints(false, None),
            Extension::subject_key(),
            Extension::authority_key(),
            Extension::subject_alt_name(&[alternative]),
        ];
        recipe
    }

    /// The same certificate issued once more: all but the serial is the same.
    pub(crate) fn renewed(&self) -> Self {
        Self { serial: fresh_serial(), ..self.clone() }
    }

    /// Puts an extension in place of those with its identifier.
    pub(crate) fn set(&mut self, extension: Extension) {
        let at = self.extensions.iter().position(|other| other.oid == extension.oid);
        self.extensions.retain(|other| other.oid != extension.oid);
        let at = at.unwrap_or(self.extensions.len()).min(self.extensions.len());
        self.extensions.insert(at, extension);
    }

    /// Adds an extension, though there may be one with its identifier already.
    pub(crate) fn add(&mut self, extension: Extension) {
        self.extensions.push(extension);
    }

    pub(crate) fn remove(&mut self, oid: &str) {
        self.extensions.retain(|extension| extension.oid != oid);
    }

    pub(crate) fn set_critical(&mut self, oid: &str, critical: bool) {
        for extension in self.extensions.iter_mut().filter(|extension| extension.oid == oid) {
            extension.critical = critical;
        }
    }

    pub(crate) fn make_version_1(&mut self) {
        self.version = None;
        self.extensions.clear();
    }

    pub(crate) fn key_identifier(&self) -> Vec<u8> {
        Sha1::digest(self.key.public()).to_vec()
    }

    pub(crate) fn as_issuer(&self) -> Issuer {
        let identified = self.extensions.iter().any(|extension| extension.oid == SUBJECT_KEY);
        Issuer {
            subject: self.subject.clone(),
            key: self.key.clone(),
            key_identifier: identified.then(|| self.key_identifier()),
            issuer: self.issuer.clone().unwrap_or_else(|| self.subject.clone()),
            serial: self.serial.clone(),
        }
    }

    pub(crate) fn self_signed(&self) -> Vec<u8> {
        self.issued_by(&self.as_issuer())
    }

    /// The certificate, DER.
    pub(crate) fn issued_by(&self, issuer: &Issuer) -> Vec<u8> {
        let hash = self.hash.unwrap_or_else(|| issuer.key.kind.hash());
        let rsa = issuer.key.kind.is_rsa();
        let outer = match self.signature {
            Signature::Pss if rsa => Key::pss_algorithm(),
            Signature::WithoutNull if rsa => sequence(&[identifier("1.2.840.113549.1.1.11")]),
            _ => issuer.key.signature_algorithm(hash),
        };
        let issuer_name = self.issuer.as_ref().unwrap_or(&issuer.subject);
        let extensions: Vec<_> =
            self.extensions.iter().filter_map(|extension| self.extension(extension, issuer)).collect();
        let mut parts = Vec::new();
        if let Some(version) = self.version {
            parts.push(context(CONSTRUCTED, &unsigned(&[version])));
        }
        parts.extend([
            tlv(INTEGER, &self.serial),
            self.inner_algorithm.clone().unwrap_or_else(|| outer.clone()),
            issuer_name.der(),
            sequence(&[time(self.not_before, self.time_form), time(self.not_after, self.time_form)]),
            self.subject.der(),
            self.key.spki(self.explicit_parameters && self.key.kind == Kind::P256),
        ]);
        if !extensions.is_empty() {
            parts.push(context(CONSTRUCTED | 3, &sequence(&extensions)));
        }
        if let Some(seed) = self.damage {
            // Not to the key: then the handshake fails, whatever the path check says.
            let key = parts.iter().position(|part| *part == self.key.spki(false));
            let at = fastrand::Rng::with_seed(!seed).usize(..parts.len());
            if key != Some(at) {
                parts[at] = damaged(std::mem::take(&mut parts[at]), seed);
            }
        }
        let signed = sequence(&parts);
        let mut signature = match self.signature {
            Signature::Pss if rsa => issuer.key.sign_pss(&signed),
            _ => issuer.key.sign(&signed, hash),
        };
        if self.signature == Signature::Broken {
            // Not the first bytes: those of ECDSA are structure.
            let at = signature.len() - 5;
            signature[at] ^= 0x10;
        }
        let mut certificate = sequence(&[signed, outer, bit_string(&signature)]);
        certificate.extend(&self.trailing);
        certificate
    }

    fn extension(&self, extension: &Extension, issuer: &Issuer) -> Option<Vec<u8>> {
        let value = match &extension.value {
            Value::Fixed(value) => value.clone(),
            Value::OwnKey => tlv(OCTET_STRING, &self.key_identifier()),
            Value::IssuerKey => sequence(&[context(0, issuer.key_identifier.as_ref()?)]),
            Value::IssuerKeyAndSerial => sequence(&[
                context(0, issuer.key_identifier.as_ref()?),
                context(CONSTRUCTED | 1, &context(CONSTRUCTED | 4, &issuer.issuer.der())),
                context(2, &issuer.serial),
            ]),
        };
        let mut parts = vec![identifier(extension.oid)];
        if extension.critical {
            parts.push(tlv(BOOLEAN, &[0xff]));
        }
        parts.push(tlv(OCTET_STRING, &value));
        Some(sequence(&parts))
    }
}

/// With one byte changed, left out or doubled.
pub(crate) fn damaged(mut der: Vec<u8>, seed: u64) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(seed);
    let at = random.usize(..der.len());
    match random.u8(..4) {
        0 => {
            der.remove(at);
        }
        1 => der.insert(at, der[at]),
        2 => der[at] ^= 1 << random.u8(..8),
        _ => der[at] = random.u8(..),
    }
    der
}
