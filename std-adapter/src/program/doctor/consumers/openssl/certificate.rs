//! What OpenSSL asks of one certificate, or of two that may belong together, before any signature is checked.

use crate::program::doctor::extension::{self, Reading};
use crate::program::doctor::facts::{Facts, Oddity};
use crate::program::doctor::key::{Curve, Hash, Key, SignatureAlgorithm};

/// d2i_X509 wants minimal integers, and little else.
pub(super) fn parses(facts: &Facts) -> bool {
    !facts.oddities.contains(&Oddity::SerialNotMinimal)
}

/// TLS 1.3 has signature schemes for three curves (RFC 8446 §4.2.3).
pub(super) const fn is_unusable_curve(key: &Key) -> bool {
    matches!(key, Key::Ec { curve: Some(Curve::P224 | Curve::Secp256k1 | Curve::Brainpool(_)), .. })
}

pub(super) fn unreadable_rule(facts: &Facts) -> &'static str {
    if facts.duplicate_extension().is_some() { "duplicate-extension" } else { "malformed-extension" }
}

/// EXFLAG_SS: by names, key identifiers and kind of key, not by the signature.
pub(super) fn is_self_signed(facts: &Facts) -> bool {
    facts.is_self_issued()
        && key_ids_fit(facts, facts)
        && algorithm_fits(&facts.stated_algorithm(), &facts.key)
}

/// ossl_x509_likely_issued.
pub(super) fn likely_issued(issuer: &Facts, subject: &Facts) -> bool {
    issuer.subject.matches(&subject.issuer)
        && is_readable(issuer)
        && is_readable(subject)
        && key_ids_fit(issuer, subject)
        && algorithm_fits(&subject.stated_algorithm(), &issuer.key)
}

pub(super) fn key_ids_fit(issuer: &Facts, subject: &Facts) -> bool {
    let Some(id) = subject.authority_key_id.present() else { return true };
    let key = match (&id.key_id, issuer.subject_key_id.present()) {
        (Some(wanted), Some(found)) => wanted == found,
        _ => true,
    };
    let serial = id.serial.as_ref().is_none_or(|serial| *serial == issuer.serial);
    let name = id.issuer.as_ref().is_none_or(|name| name.matches(&issuer.issuer));
    key && serial && name
}

pub(super) const fn algorithm_fits(algorithm: &SignatureAlgorithm, key: &Key) -> bool {
    match algorithm {
        SignatureAlgorithm::RsaPkcs1(_) => matches!(key, Key::Rsa { pss_only: false, .. }),
        SignatureAlgorithm::RsaPss(_) => matches!(key, Key::Rsa { .. }),
        SignatureAlgorithm::Ecdsa(_) => matches!(key, Key::Ec { .. }),
        SignatureAlgorithm::Ed25519 => matches!(key, Key::Ed25519),
        SignatureAlgorithm::Ed448 => matches!(key, Key::Ed448),
        SignatureAlgorithm::Other(_) => true,
    }
}

/// Not EXFLAG_INVALID: extensions that it caches can be read, and stand there once.
pub(super) fn is_readable(facts: &Facts) -> bool {
    let cached = [
        extension::BASIC_CONSTRAINTS,
        extension::KEY_USAGE,
        extension::EXTENDED_KEY_USAGE,
        extension::SUBJECT_KEY_ID,
        extension::AUTHORITY_KEY_ID,
        extension::SUBJECT_ALT_NAME,
        extension::NAME_CONSTRAINTS,
        extension::CRL_DISTRIBUTION_POINTS,
    ];
    let twice = cached.iter().any(|oid| facts.extensions.iter().filter(|e| e.oid == *oid).count() > 1);
    let unreadable = facts.basic_constraints.is_unreadable()
        || facts.key_usage.is_unreadable()
        || facts.extended_key_usage.is_unreadable()
        || facts.subject_key_id.is_unreadable()
        || facts.authority_key_id.is_unreadable()
        || facts.alt_names.is_unreadable()
        || facts.name_constraints.is_unreadable()
        || facts.path_length().is_some_and(|length| length < 0)
        || facts.key_usage.present().is_some_and(|usage| usage.0 == 0);
    !twice && !unreadable
}

pub(super) fn has_unhandled_critical(facts: &Facts) -> bool {
    const HANDLED: [&str; 10] = [
        extension::KEY_USAGE,
        extension::SUBJECT_ALT_NAME,
        extension::BASIC_CONSTRAINTS,
        extension::CERTIFICATE_POLICIES,
        extension::CRL_DISTRIBUTION_POINTS,
        extension::EXTENDED_KEY_USAGE,
        extension::POLICY_CONSTRAINTS,
        extension::NAME_CONSTRAINTS,
        extension::POLICY_MAPPINGS,
        extension::INHIBIT_ANY_POLICY,
    ];
    // Netscape's certificate type, and OCSP's noCheck.
    const ALSO: [&str; 2] = ["2.16.840.1.113730.1.1", "1.3.6.1.5.5.7.48.1.5"];
    facts.extensions.iter().any(|extension| {
        let oid = extension.oid.as_str();
        extension.critical && !HANDLED.contains(&oid) && !ALSO.contains(&oid)
    })
}

/// X509_check_ca: 0 is none, 1 says so in basicConstraints, 3 is a self-signed v1, 4 has keyUsage alone.
pub(super) fn authority(facts: &Facts) -> u8 {
    if !is_readable(facts) || facts.key_usage.present().is_some_and(|usage| !usage.key_cert_sign()) {
        return 0;
    }
    match &facts.basic_constraints {
        Reading::Present(constraints) => u8::from(constraints.authority),
        _ if facts.version == 1 && is_self_signed(facts) => 3,
        _ if facts.key_usage.present().is_some() => 4,
        _ => 0,
    }
}

/// Why an issuer is none: three rows that OpenSSL says in one.
pub(super) fn not_a_ca_rule(facts: &Facts) -> &'static str {
    match &facts.basic_constraints {
        Reading::Unreadable => "malformed-extension",
        Reading::Absent if facts.version < 3 => "v1-issuer",
        Reading::Absent => "missing-basic-constraints",
        Reading::Present(constraints) if !constraints.authority => "not-a-ca",
        Reading::Present(_) => "key-cert-sign",
    }
}

/// The strength that is given to the hash of a signature.
pub(super) fn signature_bits(facts: &Facts) -> usize {
    match facts.algorithm.hash() {
        Some(Hash::Md5) => 39,
        Some(Hash::Sha1) => 63,
        Some(Hash::Sha224) => 112,
        Some(Hash::Sha256) => 128,
        Some(Hash::Sha384) => 192,
        Some(Hash::Sha512) => 256,
        None if facts.algorithm == SignatureAlgorithm::Ed448 => 224,
        None => 128,
    }
}
