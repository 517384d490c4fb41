//! Every certificate by itself: its dates, its keys, its encoding, and what RFC 5280 wants to stand in it.

use super::{Findings, Severity, moment};
use crate::program::doctor::extension;
use crate::program::doctor::facts::{Facts, Oddity};
use crate::program::doctor::key::{Hash, Key};
use crate::program::doctor::revocation;

const TWO_WEEKS: i64 = 14 * 86_400;

pub(super) fn look(findings: &mut Findings<'_>, facts: &Facts) {
    let is_leaf = findings.case.served_place(facts) == Some(0);
    look_at_dates(findings, facts, is_leaf);
    look_at_date_forms(findings, facts);
    look_at_keys(findings, facts, is_leaf);
    look_at_serial(findings, facts);
    look_at_extensions(findings, facts);
    look_at_profile(findings, facts);
    if revocation::is_revoked(findings.case, facts) {
        findings.add(
            Severity::Error,
            "revoked",
            facts,
            "is on its issuer's list of revoked certificates".to_owned(),
        );
    }
}

fn look_at_dates(findings: &mut Findings<'_>, facts: &Facts, is_leaf: bool) {
    let (case, now) = (findings.case, moment(findings.case.at));
    if case.is_expired(facts) {
        let rule = dated(findings, facts, is_leaf, ["expired", "issuer-expired", "root-expired"]);
        let message = format!("expired on {}, and it is now {now}", moment(facts.not_after.unix));
        findings.add(Severity::Error, rule, facts, message);
    } else if case.at + TWO_WEEKS > facts.not_after.unix {
        let message = format!("ends on {}", moment(facts.not_after.unix));
        findings.add(Severity::Warning, "expires-soon", facts, message);
    }
    if case.is_early(facts) {
        let rules = ["not-yet-valid", "issuer-not-yet-valid", "root-not-yet-valid"];
        let rule = dated(findings, facts, is_leaf, rules);
        let message = format!("begins on {}, and it is now {now}", moment(facts.not_before.unix));
        findings.add(Severity::Error, rule, facts, message);
    }
}

/// For a leaf, an intermediate, an anchor.
fn dated(findings: &Findings<'_>, facts: &Facts, is_leaf: bool, rules: [&'static str; 3]) -> &'static str {
    match (is_leaf, findings.case.is_stored(facts)) {
        (true, _) => rules[0],
        (false, false) => rules[1],
        (false, true) => rules[2],
    }
}

fn look_at_date_forms(findings: &mut Findings<'_>, facts: &Facts) {
    if !facts.not_before.is_der() || !facts.not_after.is_der() {
        let message = "has dates without seconds, or not in UTC".to_owned();
        findings.add(Severity::Error, "date-form", facts, message);
    }
}

fn look_at_keys(findings: &mut Findings<'_>, facts: &Facts, is_leaf: bool) {
    match &facts.key {
        Key::Rsa { bits, .. } if *bits < 2048 => {
            let rule = if is_leaf { "weak-leaf-key" } else { "weak-issuer-key" };
            findings.add(
                Severity::Error,
                rule,
                facts,
                format!("has an RSA key of {bits} bits; 2048 are the least"),
            );
        }
        Key::Rsa { exponent, .. } if exponent.len() < 3 => {
            let message = "has an RSA key with a small public exponent; 65537 is what all accept".to_owned();
            findings.add(Severity::Note, "small-exponent", facts, message);
        }
        Key::Ec { explicit: true, .. } => {
            let message = "gives its curve by parameters and not by name".to_owned();
            findings.add(Severity::Error, "explicit-curve-parameters", facts, message);
        }
        _ => {}
    }
    // Nobody checks the signature of a certificate that is trusted by itself.
    if let (Some(hash @ (Hash::Md5 | Hash::Sha1)), false) = (facts.algorithm.hash(), facts.is_self_issued()) {
        findings.add(Severity::Error, "weak-signature-hash", facts, format!("is signed over {hash}"));
    }
    if facts.inner_algorithm != facts.outer_algorithm {
        let message = "names another signature algorithm inside than beside the signature".to_owned();
        findings.add(Severity::Error, "algorithm-mismatch", facts, message);
    }
}

fn look_at_serial(findings: &mut Findings<'_>, facts: &Facts) {
    let length = facts.serial.iter().skip_while(|byte| **byte == 0).count();
    if facts.serial.first().is_some_and(|first| first & 0x80 != 0) {
        findings.add(Severity::Error, "negative-serial", facts, "has a negative serial number".to_owned());
    } else if length == 0 {
        findings.add(Severity::Warning, "zero-serial", facts, "has the serial number 0".to_owned());
    } else if length > 20 {
        findings.add(
            Severity::Warning,
            "long-serial",
            facts,
            format!("has a serial number of {length} bytes"),
        );
    }
    if facts.oddities.contains(&Oddity::SerialNotMinimal) {
        let message = "has a serial number with surplus leading bytes".to_owned();
        findings.add(Severity::Error, "serial-not-minimal", facts, message);
    }
    if facts.oddities.iter().any(|oddity| {
        matches!(oddity, Oddity::LengthNotMinimal | Oddity::TrailingBytes | Oddity::SurplusFields)
    }) {
        findings.add(Severity::Error, "not-der", facts, "is not encoded in strict DER".to_owned());
    }
}

fn look_at_extensions(findings: &mut Findings<'_>, facts: &Facts) {
    if let Some(oid) = facts.duplicate_extension() {
        let message = format!("has the extension {oid} twice");
        findings.add(Severity::Error, "duplicate-extension", facts, message);
    }
    let unreadable = [
        (facts.basic_constraints.is_unreadable(), "basicConstraints"),
        (facts.key_usage.is_unreadable(), "keyUsage"),
        (facts.extended_key_usage.is_unreadable(), "extKeyUsage"),
        (facts.alt_names.is_unreadable(), "subjectAltName"),
        (facts.name_constraints.is_unreadable(), "nameConstraints"),
        (facts.authority_key_id.is_unreadable(), "authorityKeyIdentifier"),
        (facts.subject_key_id.is_unreadable(), "subjectKeyIdentifier"),
    ];
    for (_, name) in unreadable.iter().filter(|(is_unreadable, _)| *is_unreadable) {
        findings.add(
            Severity::Error,
            "malformed-extension",
            facts,
            format!("has a {name} that cannot be read"),
        );
    }
    for found in facts.extensions.iter().filter(|extension| extension.critical) {
        let is_common = matches!(
            found.oid.as_str(),
            extension::KEY_USAGE
                | extension::EXTENDED_KEY_USAGE
                | extension::BASIC_CONSTRAINTS
                | extension::SUBJECT_ALT_NAME
                | extension::NAME_CONSTRAINTS
        );
        if !is_common {
            let message = format!("has the critical extension {}, which not every consumer knows", found.oid);
            findings.add(Severity::Error, "unknown-critical-extension", facts, message);
        }
    }
    if facts.version < 3 && !facts.extensions.is_empty() {
        let message = format!("has extensions, and is of version {}", facts.version);
        findings.add(Severity::Error, "extensions-without-v3", facts, message);
    } else if facts.version != 3 {
        findings.add(Severity::Error, "version", facts, format!("is of version {}", facts.version));
    }
}

/// What VERIFY_X509_STRICT asks, and few others.
fn look_at_profile(findings: &mut Findings<'_>, facts: &Facts) {
    let is_root = facts.is_self_issued();
    let (warning, authority) = (Severity::Warning, facts.is_authority());
    if facts.version >= 3 && !is_root && facts.authority_key_id.present().is_none_or(|id| id.key_id.is_none())
    {
        findings.add(warning, "missing-authority-key-id", facts, "has no authorityKeyIdentifier".to_owned());
    }
    if authority && facts.subject_key_id.is_absent() {
        findings.add(warning, "missing-subject-key-id", facts, "has no subjectKeyIdentifier".to_owned());
    }
    if authority && !facts.is_critical(extension::BASIC_CONSTRAINTS) {
        let message = "has basicConstraints that are not critical".to_owned();
        findings.add(warning, "basic-constraints-not-critical", facts, message);
    }
    if authority && facts.key_usage.is_absent() {
        findings.add(warning, "ca-without-key-usage", facts, "is an authority without keyUsage".to_owned());
    }
    if !authority && facts.key_usage.present().is_some_and(|usage| usage.key_cert_sign()) {
        let message = "has keyCertSign, and is no authority".to_owned();
        findings.add(warning, "key-cert-sign-without-ca", facts, message);
    }
    if !authority && facts.path_length().is_some() {
        let message = "has a pathLenConstraint, and is no authority".to_owned();
        findings.add(warning, "path-length-without-ca", facts, message);
    }
    if facts.issuer.is_empty() {
        findings.add(Severity::Error, "empty-issuer", facts, "has an empty issuer".to_owned());
    }
    if facts.subject.is_empty() {
        if authority || facts.alt_names.is_absent() {
            findings.add(Severity::Error, "empty-subject", facts, "has an empty subject".to_owned());
        } else if !facts.is_critical(extension::SUBJECT_ALT_NAME) {
            let message = "has an empty subject, and its subjectAltName is not critical".to_owned();
            findings.add(Severity::Error, "empty-subject-alt-name-not-critical", facts, message);
        }
    }
    if facts.alt_names.present().is_some_and(Vec::is_empty) {
        findings.add(
            Severity::Error,
            "alt-name-empty",
            facts,
            "has a subjectAltName without names".to_owned(),
        );
    }
    for (oid, rule, name) in [
        (extension::AUTHORITY_KEY_ID, "authority-key-id-critical", "authorityKeyIdentifier"),
        (extension::SUBJECT_KEY_ID, "subject-key-id-critical", "subjectKeyIdentifier"),
    ] {
        if facts.is_critical(oid) {
            findings.add(warning, rule, facts, format!("has a critical {name}"));
        }
    }
}
