//! BearSSL's minimal X.509 engine: it reads the certificates as they arrive, in the order served, each from its
//! first byte to its last, and stops at the first thing that is wrong. The first trusted issuer ends the chain.

use super::problem::{Judge, Judgement, Problem};
use crate::program::doctor::case::Role;
use crate::program::doctor::extension;
use crate::program::doctor::facts::{Facts, Oddity};
use crate::program::doctor::key::{Curve, Hash, Key, SignatureAlgorithm};

pub(super) fn judge(judge: Judge<'_>) -> Judgement {
    for stored in &judge.case.store {
        check_key(judge, stored)
            .map_err(|problem| Problem { error: format!("the store: {}", problem.error), ..problem })?;
    }
    let Some(leaf) = judge.case.served.first() else { return Ok(()) };
    if matches!(leaf.key, Key::Ed25519 | Key::Ed448) {
        return judge.refuse("unsupported-key", leaf);
    }
    chain(judge, leaf)?;
    // The usage is compared with the suite's when the chain is believed.
    if leaf.key_usage.present().is_some_and(|usage| !usage.digital_signature()) {
        let error = "28 BR_ERR_WRONG_KEY_USAGE".to_owned();
        return Err(Problem { error, ..judge.problem("key-usage", leaf) });
    }
    Ok(())
}

fn chain(judge: Judge<'_>, leaf: &Facts) -> Judgement {
    for (place, facts) in judge.case.served.iter().enumerate() {
        let below = place.checked_sub(1).and_then(|place| judge.case.served.get(place));
        read(judge, facts, below, place)?;
        if let Some(below) = below
            && !below.signed_by(facts)
        {
            let problem = judge.problem("bad-signature", below);
            let is_of_kind = match below.algorithm {
                SignatureAlgorithm::RsaPkcs1(_) => matches!(facts.key, Key::Rsa { .. }),
                _ => matches!(facts.key, Key::Ec { .. }),
            };
            let error = if is_of_kind { problem.error } else { "51 BR_ERR_X509_WRONG_KEY_TYPE".to_owned() };
            return Err(Problem { error, ..problem });
        }
        if is_trusted(judge, facts, place == 0) {
            return Ok(());
        }
    }
    let rule = match judge.case.served.last() {
        Some(last) if last.is_self_issued() && judge.case.served.len() == 1 => "self-signed-leaf",
        Some(last) if last.is_self_issued() => "untrusted-root-served",
        _ => "unknown-issuer",
    };
    judge.refuse(rule, leaf)
}

/// An anchor that is an authority and made the signature; or for one, leaf or authority, that is the anchor itself.
fn is_trusted(judge: Judge<'_>, facts: &Facts, is_leaf: bool) -> bool {
    judge.case.store.iter().any(|anchor| {
        let is_itself = anchor.subject.is_same(&facts.subject) && anchor.spki == facts.spki;
        let signed =
            anchor.is_authority() && anchor.subject.is_same(&facts.issuer) && facts.signed_by(anchor);
        (is_itself && is_leaf != anchor.is_authority()) || signed
    })
}

/// One certificate, field by field.
fn read(judge: Judge<'_>, facts: &Facts, below: Option<&Facts>, place: usize) -> Judgement {
    let refuse = |rule: &'static str, words: &str| -> Judgement {
        Err(Problem { error: words.to_owned(), ..judge.problem(rule, facts) })
    };
    let is_leaf = place == 0;
    if facts.version > 3 {
        return judge.refuse("version", facts);
    }
    if !facts.not_before.is_der() || !facts.not_after.is_der() {
        return judge.refuse("date-form", facts);
    }
    if !judge.case.is_in_time(facts) {
        let early = judge.case.is_early(facts);
        let rule = match (is_leaf, early) {
            (true, true) => "not-yet-valid",
            (true, false) => "expired",
            (false, true) => "issuer-not-yet-valid",
            (false, false) => "issuer-expired",
        };
        return judge.refuse(rule, facts);
    }
    if let Some(below) = below
        && !facts.subject.is_same(&below.issuer)
    {
        let is_elsewhere = judge.case.served.iter().any(|other| other.subject.is_same(&below.issuer));
        let rule = if is_elsewhere { "order" } else { "unknown-issuer" };
        return refuse(rule, "55 BR_ERR_X509_DN_MISMATCH");
    }
    check_key(judge, facts)?;
    if facts.path_length().is_some_and(|length| length < 0) && !is_leaf {
        return refuse("malformed-extension", "46 BR_ERR_X509_OVERFLOW");
    }
    check_extensions(judge, facts, place)?;
    if is_leaf {
        if judge.case.role == Role::Server && !name_fits(judge, facts) {
            return judge.refuse("name-mismatch", facts);
        }
    } else {
        check_authority(judge, facts, place)?;
    }
    if !is_supported(&facts.algorithm) {
        return judge.refuse("unsupported-signature", facts);
    }
    if facts.has_trailing_bytes() || facts.oddities.contains(&Oddity::SurplusFields) {
        return judge.refuse("trailing-bytes", facts);
    }
    Ok(())
}

const fn is_supported(algorithm: &SignatureAlgorithm) -> bool {
    match algorithm {
        SignatureAlgorithm::RsaPkcs1(hash) | SignatureAlgorithm::Ecdsa(hash) => !matches!(hash, Hash::Md5),
        _ => false,
    }
}

fn check_key(judge: Judge<'_>, facts: &Facts) -> Judgement {
    match &facts.key {
        Key::Ec { explicit: true, .. } => judge.refuse("explicit-curve-parameters", facts),
        Key::Ec { curve: Some(Curve::P256 | Curve::P384 | Curve::P521), .. } => Ok(()),
        Key::Rsa { bits: 0..1017, .. } => judge.refuse("weak-leaf-key", facts),
        Key::Rsa { pss_only: false, .. } => Ok(()),
        _ => judge.refuse("unsupported-curve", facts),
    }
}

fn check_authority(judge: Judge<'_>, facts: &Facts, place: usize) -> Judgement {
    if !facts.is_authority() {
        let rule = match facts.version {
            0..3 => "v1-issuer",
            _ if facts.basic_constraints.is_absent() => "missing-basic-constraints",
            _ => "not-a-ca",
        };
        return judge.refuse(rule, facts);
    }
    // Self-issued ones count.
    let below = i64::try_from(place).unwrap_or(i64::MAX) - 1;
    if facts.path_length().is_some_and(|allowed| allowed < below) {
        return judge.refuse("path-length", facts);
    }
    Ok(())
}

fn check_extensions(judge: Judge<'_>, facts: &Facts, place: usize) -> Judgement {
    let is_leaf = place == 0;
    for found in &facts.extensions {
        match found.oid.as_str() {
            extension::KEY_USAGE => {
                let usage = facts.key_usage.present();
                if is_leaf && usage.is_none_or(|usage| usage.0 == 0) {
                    return judge.refuse("key-usage", facts);
                }
                if !is_leaf && usage.is_none_or(|usage| !usage.key_cert_sign()) {
                    return judge.refuse("key-cert-sign", facts);
                }
            }
            extension::BASIC_CONSTRAINTS if !is_leaf => check_authority(judge, facts, place)?,
            extension::BASIC_CONSTRAINTS
            | extension::SUBJECT_ALT_NAME
            | extension::ISSUER_ALT_NAME
            | extension::AUTHORITY_KEY_ID
            | extension::SUBJECT_KEY_ID
            | extension::CERTIFICATE_POLICIES
            | extension::CRL_DISTRIBUTION_POINTS
            | extension::AUTHORITY_INFORMATION_ACCESS
            // subjectDirectoryAttributes, freshestCRL, subjectInfoAccess.
            | "2.5.29.9"
            | "2.5.29.46"
            | "1.3.6.1.5.5.7.1.11" => {}
            extension::NAME_CONSTRAINTS if found.critical => {
                return judge.refuse("name-constraints-unsupported", facts);
            }
            _ if found.critical => return judge.refuse("unknown-critical-extension", facts),
            _ => {}
        }
    }
    Ok(())
}

/// Names alone, as text; the common name where there is no subjectAltName.
fn name_fits(judge: Judge<'_>, leaf: &Facts) -> bool {
    let Some(name) = &judge.case.name else { return true };
    let wanted = name.to_string();
    let fits = |pattern: &str| {
        pattern.eq_ignore_ascii_case(&wanted)
            || pattern.strip_prefix("*.").is_some_and(|rest| {
                wanted.split_once('.').is_some_and(|(_, domain)| domain.eq_ignore_ascii_case(rest))
            })
    };
    if leaf.alt_names.is_absent() {
        leaf.subject.common_names().any(fits)
    } else {
        leaf.dns_names().any(fits)
    }
}
