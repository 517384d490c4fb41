//! Mbed TLS 2.28: certificates are parsed first, then names, keys, dates and the path are all looked at, and all
//! that is wrong is said at once. A parent is looked for among the trusted, then among those that were served
//! after the child.

use super::problem::{Judge, Judgement, Problem};
use crate::program::doctor::case::Role;
use crate::program::doctor::distinguished_name::Name;
use crate::program::doctor::extension;
use crate::program::doctor::facts::{Facts, Oddity};
use crate::program::doctor::key::{Curve, Hash, Key, SignatureAlgorithm};
use crate::program::doctor::paths::{Place, Step};
use crate::program::doctor::revocation;

/// MBEDTLS_X509_MAX_INTERMEDIATE_CA.
const INTERMEDIATES: usize = 8;

/// In the order in which they are said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Flag {
    Expired,
    Revoked,
    Name,
    NotTrusted,
    Future,
    KeyUsage,
    ExtendedKeyUsage,
    Hash,
    Key,
}

pub(super) fn judge(judge: Judge<'_>) -> Judgement {
    let mut store = Vec::new();
    for step in judge.case.stored_steps() {
        match parses(judge, step.facts) {
            Ok(true) => store.push(step),
            Ok(false) => {}
            // A file with a certificate that does not parse is loaded without it; and not at all if it is alone.
            Err(problem) if judge.case.store.len() == 1 => {
                return Err(Problem { error: format!("the store: {}", problem.error), ..problem });
            }
            Err(_) => {}
        }
    }
    // A server with such a key finds no scheme among those offered, and ends the connection.
    if let Some(leaf) = judge.case.served.first().filter(|leaf| matches!(leaf.key, Key::Ed25519 | Key::Ed448))
    {
        return judge.refuse("unsupported-key", leaf);
    }
    let mut served = Vec::new();
    for step in judge.case.served_steps() {
        if parses(judge, step.facts)? {
            served.push(step);
        }
    }
    let Some(leaf) = served.first().copied() else {
        return match judge.case.served.first() {
            Some(leaf) => judge.refuse("unsupported-signature", leaf),
            None => Ok(()),
        };
    };
    let mut flags: Vec<(Flag, &'static str, &Facts)> = Vec::new();
    if judge.case.role == Role::Server && !name_fits(judge, leaf.facts) {
        flags.push((Flag::Name, "name-mismatch", leaf.facts));
    }
    if is_weak(&leaf.facts.key) {
        flags.push((Flag::Key, "weak-leaf-key", leaf.facts));
    }
    walk(judge, &served, &store, &mut flags)?;
    if let Some(usage) = leaf.facts.key_usage.present()
        && !usage.digital_signature()
    {
        flags.push((Flag::KeyUsage, "key-usage", leaf.facts));
    }
    if let Some(usages) = leaf.facts.extended_key_usage.present() {
        let needed = match judge.case.role {
            Role::Server => extension::SERVER_AUTH,
            Role::Client => extension::CLIENT_AUTH,
        };
        if !usages.iter().any(|usage| usage == needed || usage == extension::ANY_EXTENDED_KEY_USAGE) {
            flags.push((Flag::ExtendedKeyUsage, "extended-key-usage", leaf.facts));
        }
    }
    flags.sort_by_key(|(flag, ..)| *flag);
    flags.dedup_by_key(|(flag, ..)| *flag);
    let Some((_, rule, facts)) = flags.first() else { return Ok(()) };
    let said: Vec<String> = flags.iter().map(|(_, rule, facts)| judge.problem(rule, facts).error).collect();
    Err(Problem { error: said.join(" "), ..judge.problem(rule, facts) })
}

fn walk<'a>(
    judge: Judge<'a>,
    served: &[Step<'a>],
    store: &[Step<'a>],
    flags: &mut Vec<(Flag, &'static str, &'a Facts)>,
) -> Judgement {
    let Some(mut child) = served.first().copied() else { return Ok(()) };
    let (mut length, mut self_issued, mut is_trusted) = (0usize, 0usize, false);
    loop {
        length += 1;
        let facts = child.facts;
        let (expired, early) = match (length, is_trusted) {
            (1, _) => ("expired", "not-yet-valid"),
            (_, false) => ("issuer-expired", "issuer-not-yet-valid"),
            (_, true) => ("root-expired", "root-not-yet-valid"),
        };
        if judge.case.is_expired(facts) {
            flags.push((Flag::Expired, expired, facts));
        }
        if judge.case.is_early(facts) {
            flags.push((Flag::Future, early, facts));
        }
        if is_trusted {
            return Ok(());
        }
        if matches!(facts.algorithm.hash(), Some(Hash::Md5 | Hash::Sha1)) {
            flags.push((Flag::Hash, "weak-signature-hash", facts));
        }
        if length == 1
            && names_match(&facts.subject, &facts.issuer)
            && store.iter().any(|s| s.facts.is_same(facts))
        {
            return Ok(());
        }
        let below = length - 1;
        let trusted = parent(judge, facts, store.iter().copied(), true, below, self_issued);
        let found = trusted.map(|found| (found, true)).or_else(|| {
            let after = served.iter().skip_while(|step| step.place != child.place).skip(1).copied();
            parent(judge, facts, after, false, below, self_issued).map(|found| (found, false))
        });
        let Some(((parent, is_signed), parent_is_trusted)) = found else {
            flags.push((Flag::NotTrusted, untrusted_rule(judge, facts, served, child.place, below), facts));
            return Ok(());
        };
        if length != 1 && names_match(&facts.issuer, &facts.subject) {
            self_issued += 1;
        }
        if !parent_is_trusted && length > INTERMEDIATES {
            return judge.refuse("path-too-long", facts);
        }
        if !is_signed {
            flags.push((Flag::NotTrusted, "bad-signature", facts));
        }
        if revocation::is_revoked(judge.case, facts) {
            flags.push((Flag::Revoked, "revoked", facts));
        }
        if is_weak(&parent.facts.key) {
            flags.push((Flag::Key, "weak-issuer-key", parent.facts));
        }
        child = parent;
        is_trusted = parent_is_trusted;
    }
}

/// x509_crt_find_parent_in: the first that may be one; one that is out of time only if there is no other.
fn parent<'a>(
    judge: Judge<'_>,
    child: &Facts,
    candidates: impl Iterator<Item = Step<'a>>,
    is_top: bool,
    below: usize,
    self_issued: usize,
) -> Option<(Step<'a>, bool)> {
    let mut fallback = None;
    for candidate in candidates {
        if !may_be_parent(child, candidate.facts, is_top) {
            continue;
        }
        let allowed = candidate.facts.path_length().and_then(|allowed| usize::try_from(allowed).ok());
        if candidate.facts.is_authority() && allowed.is_some_and(|allowed| allowed < below - self_issued) {
            continue;
        }
        let is_signed = child.signed_by(candidate.facts);
        if is_top && !is_signed {
            continue;
        }
        if judge.case.is_in_time(candidate.facts) {
            return Some((candidate, is_signed));
        }
        fallback.get_or_insert((candidate, is_signed));
    }
    fallback
}

fn may_be_parent(child: &Facts, parent: &Facts, is_top: bool) -> bool {
    if !names_match(&child.issuer, &parent.subject) {
        return false;
    }
    // A trusted one that is older than version 3 need not say that it is an authority.
    if is_top && parent.version < 3 {
        return true;
    }
    parent.is_authority() && parent.key_usage.present().is_none_or(|usage| usage.key_cert_sign())
}

/// Why there is no parent: what the nearest one broke.
fn untrusted_rule(
    judge: Judge<'_>,
    child: &Facts,
    served: &[Step<'_>],
    place: Place,
    below: usize,
) -> &'static str {
    let named = judge.case.served_steps().chain(judge.case.stored_steps());
    let mut named =
        named.filter(|step| names_match(&child.issuer, &step.facts.subject)).filter(|s| s.place != place);
    match named.next() {
        _ if child.is_self_issued() && below == 0 => "self-signed-leaf",
        _ if child.is_self_issued() => "untrusted-root-served",
        None => "unknown-issuer",
        Some(step) if !step.facts.is_authority() && step.facts.basic_constraints.is_absent() => {
            "missing-basic-constraints"
        }
        Some(step) if !step.facts.is_authority() => "not-a-ca",
        Some(step) if step.facts.key_usage.present().is_some_and(|usage| !usage.key_cert_sign()) => {
            "key-cert-sign"
        }
        Some(step) if !child.signed_by(step.facts) => "bad-signature",
        Some(step) if step.facts.path_length().is_some() => "path-length",
        Some(step) if served.iter().any(|served| served.place == step.place) => "order",
        Some(_) => "unknown-issuer",
    }
}

/// x509_name_cmp: strings of two types, without regard to case, and to nothing else.
fn names_match(one: &Name, other: &Name) -> bool {
    const UTF8_AND_PRINTABLE: [u8; 2] = [0x0c, 0x13];
    one.attributes.len() == other.attributes.len()
        && one.attributes.iter().zip(&other.attributes).all(|(one, other)| {
            let folds = UTF8_AND_PRINTABLE.contains(&one.tag) && UTF8_AND_PRINTABLE.contains(&other.tag);
            one.oid == other.oid
                && ((one.tag == other.tag && one.value == other.value)
                    || (folds && one.value.eq_ignore_ascii_case(&other.value)))
        })
}

const fn is_weak(key: &Key) -> bool {
    matches!(key, Key::Rsa { bits: 0..2048, .. })
}

/// Addresses are compared with names as text: those in iPAddress are not looked at before version 3.5.
fn name_fits(judge: Judge<'_>, leaf: &Facts) -> bool {
    let Some(name) = &judge.case.name else { return true };
    let name = name.to_string();
    let fits = |pattern: &str| {
        pattern.eq_ignore_ascii_case(&name)
            || pattern.strip_prefix("*.").is_some_and(|rest| {
                !rest.is_empty()
                    && name.split_once('.').is_some_and(|(_, domain)| domain.eq_ignore_ascii_case(rest))
            })
    };
    if leaf.alt_names.is_absent() {
        leaf.subject.common_names().any(fits)
    } else {
        leaf.dns_names().any(fits)
    }
}

/// mbedtls_x509_crt_parse_der; `Ok(false)` for one that is passed over, whose signature algorithm is not known.
fn parses(judge: Judge<'_>, facts: &Facts) -> Result<bool, Problem> {
    let said = |rule: &'static str, words: &str| -> Result<bool, Problem> {
        Err(Problem { error: words.to_owned(), ..judge.problem(rule, facts) })
    };
    if facts.version > 3 {
        return judge.refuse("version", facts);
    }
    if !matches!(
        facts.algorithm,
        SignatureAlgorithm::RsaPkcs1(_) | SignatureAlgorithm::RsaPss(_) | SignatureAlgorithm::Ecdsa(_)
    ) {
        // Alone in a store it is an error, in a chain it is passed over.
        return if judge.case.is_stored(facts) {
            judge.refuse("unsupported-signature", facts)
        } else {
            Ok(false)
        };
    }
    if facts.issuer.is_empty() {
        return judge.refuse("empty-issuer", facts);
    }
    if !facts.not_before.is_der() || !facts.not_after.is_der() {
        return judge.refuse("date-form", facts);
    }
    match &facts.key {
        Key::Ec { explicit: true, .. } => return judge.refuse("explicit-curve-parameters", facts),
        Key::Ec { curve: None, .. } => return judge.refuse("unsupported-curve", facts),
        Key::Ed25519 | Key::Ed448 | Key::Other { .. } | Key::Rsa { pss_only: true, .. } => {
            return judge.refuse("unsupported-issuer-key", facts);
        }
        Key::Ec { curve: Some(Curve::P224), .. } | Key::Ec { .. } | Key::Rsa { .. } => {}
    }
    if facts.version < 2 && !facts.extensions.is_empty() {
        return judge.refuse("extensions-without-v3", facts);
    }
    let mut seen: Vec<&str> = Vec::new();
    for found in &facts.extensions {
        let oid = found.oid.as_str();
        let is_known = matches!(
            oid,
            extension::BASIC_CONSTRAINTS
                | extension::KEY_USAGE
                | extension::EXTENDED_KEY_USAGE
                | extension::SUBJECT_ALT_NAME
                | extension::CERTIFICATE_POLICIES
                | "2.16.840.1.113730.1.1"
        );
        if !is_known {
            if found.critical {
                let rule = if oid == extension::NAME_CONSTRAINTS {
                    "name-constraints-unsupported"
                } else {
                    "unknown-critical-extension"
                };
                return judge.refuse(rule, facts);
            }
            continue;
        }
        if seen.contains(&oid) {
            return judge.refuse("duplicate-extension", facts);
        }
        seen.push(oid);
        let length = "-0x2564 X509 - The extension tag or value is invalid : ASN1 - Error when trying to determine \
                      the length or invalid length";
        match oid {
            extension::BASIC_CONSTRAINTS if facts.basic_constraints.is_unreadable() => {
                return judge.refuse("malformed-extension", facts);
            }
            extension::BASIC_CONSTRAINTS if facts.path_length().is_some_and(|allowed| allowed < 0) => {
                return said("malformed-extension", length);
            }
            extension::KEY_USAGE if facts.key_usage.present().is_none_or(|usage| usage.0 == 0) => {
                return said("malformed-extension", length);
            }
            extension::EXTENDED_KEY_USAGE if facts.extended_key_usage.present().is_none_or(Vec::is_empty) => {
                return said("malformed-extension", length);
            }
            extension::SUBJECT_ALT_NAME if facts.alt_names.is_unreadable() => {
                return judge.refuse("malformed-extension", facts);
            }
            extension::CERTIFICATE_POLICIES if found.critical => {
                let any =
                    facts.policies.present().is_some_and(|p| p.iter().all(|policy| policy == "2.5.29.32.0"));
                if !any {
                    return said(
                        "unknown-critical-extension",
                        "-0x2080 X509 - Unavailable feature, e.g. RSA hashing/encryption combination",
                    );
                }
            }
            _ => {}
        }
    }
    if facts.oddities.contains(&Oddity::SurplusFields) {
        return judge.refuse("extensions-without-v3", facts);
    }
    if facts.inner_algorithm != facts.outer_algorithm {
        return judge.refuse("algorithm-mismatch", facts);
    }
    Ok(true)
}
