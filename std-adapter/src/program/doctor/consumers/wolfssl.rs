//! wolfSSL 5.5. The certificates of a chain are taken from its end to its beginning, and each that verifies is
//! added to the authorities; those that do not are dropped without a word, so that mostly there is no signer in
//! the end. Its name for the cause is told for the leaf alone.

use super::problem::{Judge, Judgement, Problem};
use crate::program::doctor::case::{ExpectedName, Role};
use crate::program::doctor::extension::{self, AltName};
use crate::program::doctor::facts::{Facts, Oddity, TimeForm};
use crate::program::doctor::key::Key;
use crate::program::doctor::revocation;
use crate::program::doctor::subtrees::{self, LeadingDot};
use sha1::{Digest, Sha1};
use std::net::IpAddr;

/// MAX_CHAIN_DEPTH: the leaf among them.
const CHAIN: usize = 9;

pub(super) fn judge(judge: Judge<'_>) -> Judgement {
    let mut authorities: Vec<Authority<'_>> = Vec::new();
    let mut refused = None;
    for stored in &judge.case.store {
        match loads(judge, stored) {
            // Authorities are known by their keys, and a second name for a key is not taken.
            Ok(()) if authorities.iter().any(|known| key_id(known.facts) == key_id(stored)) => {}
            Ok(()) => authorities.push(Authority { facts: stored, below: None }),
            Err(problem) => refused = Some(problem),
        }
    }
    if let (true, Some(problem)) = (authorities.is_empty(), refused) {
        return Err(Problem { error: format!("the store: {}", problem.error), ..problem });
    }
    let Some(leaf) = judge.case.served.first() else { return Ok(()) };
    // What was wrong with the first of the intermediates is said after all, if nothing is wrong with the leaf; a
    // second one, just above the leaf, ends it at once.
    let (mut remembered, mut fatal) = (None, None);
    let mut dropped = Vec::new();
    for facts in judge.case.served.iter().take(CHAIN).skip(1).rev() {
        fatal = None;
        match verifies(judge, facts, &authorities) {
            Ok(signer) => {
                let below = signer.and_then(|signer| signer.below).map(|below| below.saturating_sub(1));
                let own = facts.path_length().and_then(|length| usize::try_from(length).ok());
                let below = [below, own].into_iter().flatten().min();
                // A chain's authority must say in keyUsage that it may sign; a stored one need not.
                let signs = facts.key_usage.present().is_some_and(|usage| usage.key_cert_sign());
                let is_known = authorities.iter().any(|known| key_id(known.facts) == key_id(facts));
                if is_known {
                    // Nor is one that was served for a key that is known.
                } else if facts.is_authority() && signs {
                    authorities.push(Authority { facts, below });
                } else {
                    dropped.push((dropped_rule(facts), facts));
                }
            }
            Err(problem) => {
                dropped.push((problem.rule, facts));
                // That an authority has no signer does no harm: the leaf may have another way up.
                let is_end = matches!(problem.rule, "unknown-issuer" | "self-signed-leaf");
                match (is_end && facts.is_authority(), &remembered) {
                    (true, _) => {}
                    (false, None) => remembered = Some(problem),
                    (false, Some(_)) => fatal = Some(problem),
                }
            }
        }
    }
    if let (Some(problem), false) = (fatal, judge.case.is_stored(leaf)) {
        return Err(problem);
    }
    if let Err(problem) = verifies(judge, leaf, &authorities) {
        return Err(blame(judge, leaf, problem, &dropped));
    }
    if judge.case.role == Role::Server && !name_fits(judge, leaf) {
        return judge.refuse("name-mismatch", leaf);
    }
    let needed = match judge.case.role {
        Role::Server => extension::SERVER_AUTH,
        Role::Client => extension::CLIENT_AUTH,
    };
    let fits = leaf.extended_key_usage.present().is_none_or(|usages| {
        usages.iter().any(|usage| usage == needed || usage == extension::ANY_EXTENDED_KEY_USAGE)
    });
    if !fits {
        return judge.refuse("extended-key-usage", leaf);
    }
    // A leaf that is stored itself needs nobody above it.
    match remembered {
        Some(problem) if !judge.case.is_stored(leaf) => return Err(problem),
        _ => {}
    }
    // What it did not read of a longer chain it takes for the next message, of a size that no message may have.
    if judge.case.served.len() > CHAIN {
        let error = "-404 Handshake message too large Error".to_owned();
        return Err(Problem { error, ..judge.problem("path-too-long", leaf) });
    }
    Ok(())
}

/// One whose signatures are believed.
#[derive(Debug, Clone, Copy)]
struct Authority<'a> {
    facts: &'a Facts,
    /// How many authorities may stand below it; a stored one's limit is not looked at.
    below: Option<usize>,
}

fn dropped_rule(facts: &Facts) -> &'static str {
    match (facts.is_authority(), facts.key_usage.present()) {
        (true, None) => "ca-without-key-usage",
        (true, Some(_)) => "key-cert-sign",
        (false, _) if facts.version < 3 => "v1-issuer",
        (false, _) if facts.basic_constraints.is_absent() => "missing-basic-constraints",
        (false, _) => "not-a-ca",
    }
}

/// It says that there is no signer; what is to blame is the one that was dropped.
fn blame(judge: Judge<'_>, leaf: &Facts, problem: Problem, dropped: &[(&'static str, &Facts)]) -> Problem {
    let is_end = matches!(problem.rule, "unknown-issuer" | "self-signed-leaf");
    let issuer = dropped.iter().rev().find(|(_, facts)| facts.subject.is_same(&leaf.issuer));
    match issuer.or(dropped.iter().rev().find(|(rule, _)| *rule != "unknown-issuer")) {
        Some((rule, facts)) if is_end => {
            Problem { rule, certificate: judge.case.served_place(facts), error: problem.error }
        }
        _ => problem,
    }
}

fn parses(judge: Judge<'_>, facts: &Facts) -> Judgement {
    let refuse = |rule: &'static str, words: &str| -> Judgement {
        Err(Problem { error: words.to_owned(), ..judge.problem(rule, facts) })
    };
    let parsing = "-140 ASN parsing error, invalid input";
    if facts.oddities.contains(&Oddity::SerialNotMinimal) {
        return judge.refuse("serial-not-minimal", facts);
    }
    if [facts.not_before, facts.not_after].iter().any(|time| time.form == TimeForm::WithoutSeconds) {
        return refuse("date-form", parsing);
    }
    if facts.version < 3 && !facts.extensions.is_empty() {
        return judge.refuse("extensions-without-v3", facts);
    }
    if matches!(facts.key, Key::Ec { explicit: true, .. } | Key::Ec { curve: None, .. }) {
        return judge.refuse("explicit-curve-parameters", facts);
    }
    for (place, found) in facts.extensions.iter().enumerate() {
        let is_known = is_known(&found.oid);
        if is_known && facts.extensions[..place].iter().any(|before| before.oid == found.oid) {
            return judge.refuse("duplicate-extension", facts);
        }
        let is_empty = match found.oid.as_str() {
            extension::SUBJECT_ALT_NAME => {
                facts.alt_names.present().is_none_or(Vec::is_empty) || !AltName::are_strict(&found.value)
            }
            extension::KEY_USAGE => facts.key_usage.present().is_none_or(|usage| usage.0 == 0),
            extension::BASIC_CONSTRAINTS => facts.basic_constraints.is_unreadable(),
            extension::NAME_CONSTRAINTS => facts.name_constraints.present().is_none_or(|constraints| {
                let is_empty = |base: &AltName| matches!(base, AltName::Dns(name) if name.is_empty());
                constraints.permitted.iter().chain(&constraints.excluded).any(is_empty)
            }),
            _ => false,
        };
        if is_empty {
            return refuse("malformed-extension", parsing);
        }
        // Name constraints belong to authorities (RFC 5280 §4.2.1.10).
        if found.oid == extension::NAME_CONSTRAINTS && !facts.is_authority() {
            return judge.refuse("name-constraints-unsupported", facts);
        }
        if found.critical && !is_known {
            return judge.refuse("unknown-critical-extension", facts);
        }
    }
    if facts.inner_algorithm != facts.outer_algorithm {
        return judge.refuse("algorithm-mismatch", facts);
    }
    Ok(())
}

fn is_known(oid: &str) -> bool {
    matches!(
        oid,
        extension::BASIC_CONSTRAINTS
            | extension::KEY_USAGE
            | extension::EXTENDED_KEY_USAGE
            | extension::SUBJECT_ALT_NAME
            | extension::NAME_CONSTRAINTS
            | extension::CERTIFICATE_POLICIES
            | extension::CRL_DISTRIBUTION_POINTS
            | extension::POLICY_CONSTRAINTS
            | extension::INHIBIT_ANY_POLICY
            | extension::AUTHORITY_INFORMATION_ACCESS
    )
}

fn loads(judge: Judge<'_>, stored: &Facts) -> Judgement {
    parses(judge, stored)?;
    let said = |rule: &'static str, like: &'static str| -> Judgement {
        Err(judge.problem_saying(rule, like, stored))
    };
    if judge.case.is_expired(stored) {
        return said("root-expired", "expired");
    }
    if judge.case.is_early(stored) {
        return said("root-not-yet-valid", "not-yet-valid");
    }
    Ok(())
}

/// ParseCertRelative: its form, its signer, its signature, its names, its dates. Returns the signer; none for a
/// leaf that is stored itself.
fn verifies<'a>(
    judge: Judge<'_>,
    facts: &Facts,
    authorities: &[Authority<'a>],
) -> Result<Option<Authority<'a>>, Problem> {
    parses(judge, facts)?;
    let signer = authorities.iter().rev().find(|authority| may_sign(authority.facts, facts)).copied();
    let is_stored = judge.case.is_stored(facts);
    let Some(signer) = signer else {
        if is_stored {
            return Ok(None);
        }
        let rule = if facts.is_self_issued() { "self-signed-leaf" } else { "unknown-issuer" };
        return judge.refuse(rule, facts);
    };
    if facts.is_authority() && signer.below == Some(0) && !facts.is_self_issued() {
        return judge.refuse("path-length", facts);
    }
    let signed = authorities
        .iter()
        .filter(|authority| may_sign(authority.facts, facts))
        .find(|authority| facts.signed_by(authority.facts))
        .copied();
    let Some(signer) = signed.or(is_stored.then_some(signer)) else {
        return judge.refuse("bad-signature", facts);
    };
    check_names(judge, facts, signer.facts)?;
    // What is said last stays.
    if judge.case.is_expired(facts) {
        return judge.refuse("expired", facts);
    }
    if judge.case.is_early(facts) {
        return judge.refuse("not-yet-valid", facts);
    }
    if revocation::is_revoked(judge.case, facts) {
        return judge.refuse("revoked", facts);
    }
    Ok(Some(signer))
}

/// By name, and by key identifier; one that has none is known by its key's hash. A stored one that is neither root
/// nor authority signs itself at most.
fn may_sign(issuer: &Facts, subject: &Facts) -> bool {
    if !issuer.is_authority() && !issuer.is_self_issued() && !subject.is_self_issued() {
        return false;
    }
    let wanted = subject.authority_key_id.present().and_then(|id| id.key_id.clone());
    issuer.subject.is_same(&subject.issuer) && wanted.is_none_or(|wanted| wanted == key_id(issuer))
}

fn key_id(facts: &Facts) -> Vec<u8> {
    match facts.subject_key_id.present() {
        Some(id) => id.clone(),
        None => Sha1::digest(&facts.key_bits).to_vec(),
    }
}

/// The constraints of the signer alone, not of those above it; a common name stands for a host name where there is
/// no alternative name, in an authority's certificate too.
fn check_names(judge: Judge<'_>, facts: &Facts, signer: &Facts) -> Judgement {
    let Some(constraints) = signer.name_constraints.present() else { return Ok(()) };
    let mut names = subtrees::constrained_names(facts);
    names.retain(|name| !matches!(name, AltName::Ip(_) | AltName::Uri(_)));
    if facts.alt_names.present().is_none_or(Vec::is_empty) {
        names.extend(facts.subject.common_names().map(|common| AltName::Dns(common.to_owned())));
    }
    let breach =
        names.iter().find_map(|name| subtrees::allow(constraints, name, LeadingDot::OnlyBelow).err());
    let rule = match breach {
        None => return Ok(()),
        Some(subtrees::Breach::NotPermitted) => "name-not-permitted",
        Some(subtrees::Breach::Excluded) => "name-excluded",
    };
    Err(judge.problem_saying(rule, "name-constraints-unsupported", facts))
}

/// Names and addresses are compared as text, with stars anywhere within labels; an IPv6 address is written out in
/// full, so that the usual form of it is not found.
fn name_fits(judge: Judge<'_>, leaf: &Facts) -> bool {
    let Some(name) = &judge.case.name else { return true };
    let wanted = name.to_string();
    let in_dns = leaf.dns_names().any(|pattern| glob_matches(pattern, &wanted));
    let in_addresses = leaf.addresses().any(|found| match (name, found) {
        (ExpectedName::Ip(IpAddr::V4(wanted)), IpAddr::V4(found)) => *wanted == found,
        _ => false,
    });
    let is_other = |name: &AltName| matches!(name, AltName::Dns(_) | AltName::Ip(_) | AltName::Uri(_));
    let has_names = leaf.alt_names.present().into_iter().flatten().any(is_other);
    let in_common_name = leaf.subject.common_name().is_some_and(|common| glob_matches(common, &wanted));
    in_dns || in_addresses || (!has_names && in_common_name)
}

fn glob_matches(pattern: &str, host: &str) -> bool {
    let (pattern, host) = (pattern.to_ascii_lowercase(), host.to_ascii_lowercase());
    let (patterns, hosts): (Vec<&str>, Vec<&str>) = (pattern.split('.').collect(), host.split('.').collect());
    patterns.len() == hosts.len()
        && patterns.iter().zip(&hosts).all(|(pattern, label)| match pattern.split_once('*') {
            None => pattern == label,
            Some((prefix, suffix)) => {
                label.len() >= prefix.len() + suffix.len()
                    && label.starts_with(prefix)
                    && label.ends_with(suffix)
            }
        })
}
