//! NSS as its tools use it: SSL_AuthCertificate, which is CERT_VerifyCert and then the name. (Firefox verifies with
//! mozpkix, whose words for the same causes are alike.) The leaf by itself comes first, then one issuer after the
//! other, each found by name, key identifier and fitness; a trusted one ends it.

use super::problem::{Judge, Judgement, Problem};
use crate::program::doctor::case::ExpectedName;
use crate::program::doctor::extension::{self, AltName};
use crate::program::doctor::facts::Facts;
use crate::program::doctor::key::{Curve, Hash, Key};
use crate::program::doctor::revocation;
use crate::program::doctor::subtrees::{self, LeadingDot};

/// CERT_MAX_CERT_CHAIN.
const DEPTH: usize = 20;

pub(super) fn judge(judge: Judge<'_>) -> Judgement {
    let case = judge.case;
    let Some(leaf) = case.served.first() else { return Ok(()) };
    check_store(judge)?;
    // A server with such a key finds no scheme among those offered, and ends the handshake.
    if matches!(leaf.key, Key::Ed25519 | Key::Ed448) {
        return judge.refuse("unsupported-key", leaf);
    }
    check_import(judge)?;
    if matches!(leaf.key, Key::Ec { explicit: true, .. }) {
        return judge.refuse("explicit-curve-parameters", leaf);
    }
    if !case.is_in_time(leaf) {
        return judge.refuse(if case.is_early(leaf) { "not-yet-valid" } else { "expired" }, leaf);
    }
    check_usage(judge, leaf)?;
    check_chain(judge, leaf)?;
    check_name(judge, leaf)?;
    match leaf.key {
        Key::Ec { curve: None | Some(Curve::Secp256k1 | Curve::Brainpool(_) | Curve::P224), .. } => {
            judge.refuse("unsupported-curve", leaf)
        }
        _ => Ok(()),
    }
}

/// Certificates are known by issuer and serial number, and two of one number are not taken.
fn collides(one: &Facts, other: &Facts) -> bool {
    one.issuer.is_same(&other.issuer) && one.serial == other.serial && !one.is_same(other)
}

fn check_store(judge: Judge<'_>) -> Judgement {
    let store = &judge.case.store;
    for (place, stored) in store.iter().enumerate() {
        if store[..place].iter().any(|known| collides(known, stored)) {
            let problem = judge.problem("reused-serial", stored);
            return Err(Problem { error: format!("the store: {}", problem.error), ..problem });
        }
    }
    Ok(())
}

fn check_import(judge: Judge<'_>) -> Judgement {
    let case = judge.case;
    for (place, served) in case.served.iter().enumerate() {
        if served.has_trailing_bytes() {
            return judge.refuse("trailing-bytes", served);
        }
        if served.inner_algorithm != served.outer_algorithm {
            return judge.refuse("algorithm-mismatch", served);
        }
        if case.store.iter().chain(&case.served[..place]).any(|known| collides(known, served)) {
            return judge.refuse("reused-serial", served);
        }
    }
    Ok(())
}

fn check_usage(judge: Judge<'_>, leaf: &Facts) -> Judgement {
    // For RSA the key must be good for encipherment, which TLS 1.3 does not use any more.
    let fits = leaf.key_usage.present().is_none_or(|usage| match leaf.key {
        Key::Rsa { .. } => usage.key_encipherment(),
        _ => usage.digital_signature() || usage.key_agreement(),
    });
    if !fits {
        return judge.refuse("key-usage", leaf);
    }
    match leaf.extended_key_usage.present() {
        Some(usages) if !usages.iter().any(|usage| usage == extension::SERVER_AUTH) => {
            judge.refuse("extended-key-usage", leaf)
        }
        // An authority with that usage is one for servers, and no server.
        Some(_) if leaf.is_authority() => judge.refuse("leaf-is-ca", leaf),
        _ => Ok(()),
    }
}

fn check_chain(judge: Judge<'_>, leaf: &Facts) -> Judgement {
    let case = judge.case;
    let mut subject = leaf;
    let mut below: Vec<&Facts> = Vec::new();
    let mut authorities = 0i64;
    for depth in 0..DEPTH {
        if depth == 0 || !subject.is_self_issued() {
            below.push(subject);
        }
        if has_unknown_critical(subject) {
            return judge.refuse("unknown-critical-extension", subject);
        }
        let Some(issuer) = find_issuer(judge, subject) else {
            return judge.refuse(unknown_rule(judge, subject), subject);
        };
        let is_trusted = case.is_stored(issuer);
        if !case.is_in_time(issuer) {
            let kind = match (is_trusted, case.is_early(issuer)) {
                (true, true) => "root-not-yet-valid",
                (true, false) => "root-expired",
                (false, true) => "issuer-not-yet-valid",
                (false, false) => "issuer-expired",
            };
            return judge.refuse(kind, issuer);
        }
        check_signature(judge, subject, issuer)?;
        // A path length where there is no authority is none that it reads.
        let is_odd = issuer.path_length().is_some_and(|length| length < 0 || !issuer.is_authority());
        if issuer.basic_constraints.is_unreadable() || is_odd {
            let words = "SEC_ERROR_BAD_DER: security library: improperly formatted DER-encoded message.";
            return Err(Problem { error: words.to_owned(), ..judge.problem("malformed-extension", issuer) });
        }
        if issuer.basic_constraints.present().is_some_and(|constraints| !constraints.authority) {
            let rule = match (depth, subject.is_same(issuer)) {
                (0, true) => "self-signed-leaf",
                _ => "root-not-a-ca",
            };
            return judge.refuse(rule, issuer);
        }
        if issuer.path_length().is_some_and(|allowed| authorities > allowed) {
            return judge.refuse("path-length", issuer);
        }
        if revocation::is_revoked(case, subject) {
            return judge.refuse("revoked", subject);
        }
        check_name_constraints(judge, issuer, &below, leaf)?;
        if is_trusted {
            return Ok(());
        }
        check_authority(judge, issuer)?;
        if issuer.is_self_signed() {
            return judge.refuse("untrusted-root-served", issuer);
        }
        subject = issuer;
        if !subject.is_self_issued() {
            authorities += 1;
        }
    }
    judge.refuse("path-too-long", leaf)
}

/// CERT_FindCertIssuer: of those that fit, one in time if there is one, and of these the newest.
fn find_issuer<'a>(judge: Judge<'a>, subject: &'a Facts) -> Option<&'a Facts> {
    if subject.is_self_signed() {
        return Some(judge.case.store.iter().find(|stored| stored.is_same(subject)).unwrap_or(subject));
    }
    let known = judge.case.store.iter().chain(&judge.case.served);
    let fits = |facts: &&Facts| {
        facts.subject.is_same(&subject.issuer)
            && key_ids_fit(facts, subject)
            && !facts.is_same(subject)
            && (judge.case.is_stored(facts)
                || (facts.is_authority() && facts.path_length().is_none_or(|length| length >= 0)))
    };
    known.filter(fits).max_by_key(|facts| {
        let is_root = facts.is_self_issued() && judge.case.is_stored(facts);
        (judge.case.is_in_time(facts), is_root, facts.not_before.unix)
    })
}

fn key_ids_fit(issuer: &Facts, subject: &Facts) -> bool {
    let wanted = subject.authority_key_id.present().and_then(|id| id.key_id.as_ref());
    match (wanted, issuer.subject_key_id.present()) {
        (Some(wanted), Some(found)) => wanted == found,
        _ => true,
    }
}

fn unknown_rule(judge: Judge<'_>, subject: &Facts) -> &'static str {
    let named = judge.case.served.iter().find(|facts| facts.subject.is_same(&subject.issuer));
    match named {
        Some(facts) if facts.version < 3 => "v1-issuer",
        Some(facts) if facts.basic_constraints.is_absent() => "missing-basic-constraints",
        Some(facts) if !facts.is_authority() => "not-a-ca",
        _ => "unknown-issuer",
    }
}

fn check_signature(judge: Judge<'_>, subject: &Facts, issuer: &Facts) -> Judgement {
    match &issuer.key {
        Key::Ec { explicit: true, .. } | Key::Ec { curve: None | Some(Curve::Secp256k1), .. } => {
            return judge.refuse("unsupported-issuer-curve", issuer);
        }
        Key::Ed25519 | Key::Ed448 | Key::Other { .. } => {
            return judge.refuse("unsupported-issuer-key", issuer);
        }
        _ => {}
    }
    if subject.algorithm.hash() == Some(Hash::Md5) {
        return judge.refuse("weak-signature-hash", subject);
    }
    if subject.signed_by(issuer) { Ok(()) } else { judge.refuse("bad-signature", subject) }
}

/// What an intermediate needs; a trusted one does not.
fn check_authority(judge: Judge<'_>, issuer: &Facts) -> Judgement {
    let is_for_tls = issuer.extended_key_usage.present().is_none_or(|usages| {
        usages.iter().any(|usage| usage == extension::SERVER_AUTH || usage == extension::CLIENT_AUTH)
    });
    if !is_for_tls {
        return judge.refuse("issuer-extended-key-usage", issuer);
    }
    // A self-signed one of before version 3 cannot say what it is.
    let may_sign = issuer.is_authority() || (issuer.version < 3 && issuer.is_self_issued());
    if !may_sign {
        return judge.refuse("self-signed-leaf", issuer);
    }
    if issuer.key_usage.present().is_some_and(|usage| !usage.key_cert_sign()) {
        return judge.refuse("key-cert-sign", issuer);
    }
    Ok(())
}

/// Of an issuer, trusted or not, for every certificate below it.
fn check_name_constraints(judge: Judge<'_>, issuer: &Facts, below: &[&Facts], leaf: &Facts) -> Judgement {
    let Some(constraints) = issuer.name_constraints.present() else { return Ok(()) };
    for facts in below {
        let mut names = subtrees::constrained_names(facts);
        let has_names = facts.dns_names().next().is_some() || facts.addresses().next().is_some();
        if facts.is_same(leaf) && !has_names {
            names.extend(facts.subject.common_names().map(|common| AltName::Dns(common.to_owned())));
        }
        for name in &names {
            if let Err(breach) = subtrees::allow(constraints, name, LeadingDot::OnlyBelow) {
                let rule = match breach {
                    subtrees::Breach::NotPermitted => "name-not-permitted",
                    subtrees::Breach::Excluded => "name-excluded",
                };
                return judge.refuse(rule, facts);
            }
        }
    }
    Ok(())
}

fn has_unknown_critical(facts: &Facts) -> bool {
    facts.extensions.iter().any(|found| {
        found.critical
            && !matches!(
                found.oid.as_str(),
                extension::SUBJECT_KEY_ID
                    | extension::KEY_USAGE
                    | extension::SUBJECT_ALT_NAME
                    | extension::BASIC_CONSTRAINTS
                    | extension::NAME_CONSTRAINTS
                    | extension::EXTENDED_KEY_USAGE
                    | extension::AUTHORITY_KEY_ID
                    | extension::AUTHORITY_INFORMATION_ACCESS
                    | "2.16.840.1.113730.1.1"
            )
    })
}

/// CERT_VerifyCertName: the common name will do if there is no alternative name of the kind that is asked for.
fn check_name(judge: Judge<'_>, leaf: &Facts) -> Judgement {
    let found = match &judge.case.name {
        None => true,
        Some(ExpectedName::Ip(address)) => {
            if leaf.addresses().next().is_some() {
                leaf.addresses().any(|found| found.to_canonical() == *address)
            } else {
                leaf.subject.common_name().is_some_and(|common| common == address.to_string())
            }
        }
        Some(ExpectedName::Dns(host)) => {
            let fits = |pattern: &str| name_matches(pattern, host);
            if leaf.dns_names().next().is_some() {
                leaf.dns_names().any(fits)
            } else {
                leaf.subject.common_name().is_some_and(fits)
            }
        }
    };
    if found { Ok(()) } else { judge.refuse("name-mismatch", leaf) }
}

/// cert_TestHostName: one star, at the end of a first label, and two labels behind it.
fn name_matches(pattern: &str, host: &str) -> bool {
    let Some(star) = pattern.find('*') else { return pattern.eq_ignore_ascii_case(host) };
    let (Some((first, rest)), Some((label, domain))) = (pattern.split_once('.'), host.split_once('.')) else {
        return false;
    };
    let Some((second, top)) = rest.split_once('.') else { return false };
    let (prefix, is_xn) = (&first[..star.min(first.len())], host.to_ascii_lowercase().starts_with("xn--"));
    star + 1 == first.len()
        && !rest.contains('*')
        && !second.is_empty()
        && !top.is_empty()
        && label.get(..star).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
        && domain.eq_ignore_ascii_case(rest)
        && (!is_xn || star == 0)
}
