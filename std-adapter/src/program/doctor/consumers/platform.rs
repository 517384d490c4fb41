//! Chrome, Schannel and Apple, as their documentation and sources describe them: every path is tried, over what
//! was served and the store (the missing intermediates that they fetch or remember are not counted on), and the
//! gravest of what is wrong is said.

use super::Consumer;
use super::hostname;
use super::problem::{Judge, Judgement, Problem};
use crate::program::doctor::case::{ExpectedName, Role};
use crate::program::doctor::extension;
use crate::program::doctor::facts::Facts;
use crate::program::doctor::key::{Curve, Hash, Key, SignatureAlgorithm};
use crate::program::doctor::revocation;
use crate::program::doctor::subtrees::{self, LeadingDot};

pub(super) fn judge(judge: Judge<'_>) -> Judgement {
    let Some(leaf) = judge.case.served.first() else { return Ok(()) };
    let mut problems = Vec::new();
    check_form(judge, leaf, &mut problems);
    let mut best: Option<Vec<Problem>> = None;
    walk(judge, &mut vec![leaf], &mut best, &mut 0);
    match best {
        Some(found) => problems.extend(found),
        None => problems.push(judge.problem(end_rule(judge, leaf), leaf)),
    }
    if let Some(problem) = leaf_problem(judge, leaf) {
        problems.push(problem);
    }
    problems.sort_by_key(|problem| gravity(judge.consumer, problem.rule));
    match problems.into_iter().next() {
        Some(problem) => Err(problem),
        None => Ok(()),
    }
}

/// Chrome: the order in which certificate errors are mapped; the others stop at the path, then at the name.
fn gravity(consumer: Consumer, rule: &str) -> u8 {
    let is_date = matches!(
        rule,
        "expired"
            | "issuer-expired"
            | "root-expired"
            | "not-yet-valid"
            | "issuer-not-yet-valid"
            | "root-not-yet-valid"
    );
    let is_name =
        matches!(rule, "name-mismatch" | "address-mismatch" | "address-as-dns-name" | "common-name-only");
    match rule {
        "unsupported-key" | "unsupported-curve" => 0,
        "revoked" => 2,
        "unknown-issuer"
        | "self-signed-leaf"
        | "untrusted-root-served"
        | "bad-signature"
        | "not-a-ca"
        | "missing-basic-constraints"
        | "v1-issuer"
        | "key-cert-sign" => 3,
        "name-not-permitted" | "name-excluded" => 5,
        "weak-signature-hash" => 6,
        "weak-leaf-key" | "weak-issuer-key" => 7,
        "validity-too-long" => 9,
        _ if is_name => 4,
        _ if is_date && consumer == Consumer::Chrome => 8,
        _ if is_date => 3,
        _ => 1,
    }
}

fn end_rule(judge: Judge<'_>, leaf: &Facts) -> &'static str {
    if leaf.is_self_signed() {
        "self-signed-leaf"
    } else if judge.case.served.iter().skip(1).any(Facts::is_self_signed) {
        "untrusted-root-served"
    } else {
        "unknown-issuer"
    }
}

/// Depth first; keeps the path with the fewest problems.
fn walk<'a>(judge: Judge<'a>, path: &mut Vec<&'a Facts>, best: &mut Option<Vec<Problem>>, steps: &mut usize) {
    const STEPS: usize = 2000;
    *steps += 1;
    let Some(top) = path.last().copied() else { return };
    if *steps > STEPS || best.as_ref().is_some_and(Vec::is_empty) {
        return;
    }
    if judge.case.is_stored(top) {
        let problems = path_problems(judge, path);
        if best.as_ref().is_none_or(|best| problems.len() < best.len()) {
            *best = Some(problems);
        }
        return;
    }
    let known = judge.case.store.iter().chain(judge.case.served.iter().skip(1));
    for issuer in known.filter(|facts| facts.subject.matches(&top.issuer)) {
        if !path.iter().any(|step| step.is_same(issuer)) && top.signed_by(issuer) {
            path.push(issuer);
            walk(judge, path, best, steps);
            path.pop();
        }
    }
}

fn path_problems(judge: Judge<'_>, path: &[&Facts]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut add = |rule: &'static str, facts: &Facts| problems.push(judge.problem(rule, facts));
    let needed = match judge.case.role {
        Role::Server => extension::SERVER_AUTH,
        Role::Client => extension::CLIENT_AUTH,
    };
    for (place, facts) in path.iter().copied().enumerate() {
        let is_anchor = place + 1 == path.len() && path.len() > 1;
        let kind = match (place, is_anchor) {
            (0, _) => ["not-yet-valid", "expired"],
            (_, false) => ["issuer-not-yet-valid", "issuer-expired"],
            (_, true) => ["root-not-yet-valid", "root-expired"],
        };
        // Chrome takes an anchor for its name and key alone.
        if !(is_anchor && judge.consumer == Consumer::Chrome) {
            if judge.case.is_early(facts) {
                add(kind[0], facts);
            }
            if judge.case.is_expired(facts) {
                add(kind[1], facts);
            }
        }
        if place > 0 && !is_anchor {
            let rule = match facts.version {
                0..3 => Some("v1-issuer"),
                _ if facts.basic_constraints.is_absent() => Some("missing-basic-constraints"),
                _ => (!facts.is_authority()).then_some("not-a-ca"),
            };
            if let Some(rule) = rule {
                add(rule, facts);
            }
            if facts.key_usage.present().is_some_and(|usage| !usage.key_cert_sign()) {
                add("key-cert-sign", facts);
            }
        }
        let below = path[..place].iter().skip(1).filter(|facts| !facts.is_self_issued()).count();
        let allowed = facts.path_length().and_then(|allowed| usize::try_from(allowed).ok());
        if place > 0 && !is_anchor && allowed.is_some_and(|allowed| below > allowed) {
            add("path-length", facts);
        }
        let allows = |usages: &Vec<String>| {
            usages.iter().any(|usage| usage == needed || usage == extension::ANY_EXTENDED_KEY_USAGE)
        };
        if !is_anchor && facts.extended_key_usage.present().is_some_and(|usages| !allows(usages)) {
            add(if place == 0 { "extended-key-usage" } else { "issuer-extended-key-usage" }, facts);
        }
        if !is_anchor && matches!(facts.algorithm.hash(), Some(Hash::Md5 | Hash::Sha1)) {
            add("weak-signature-hash", facts);
        }
        let least = if judge.consumer == Consumer::Apple { 2048 } else { 1024 };
        if matches!(&facts.key, Key::Rsa { bits, .. } if *bits < least) {
            add(if place == 0 { "weak-leaf-key" } else { "weak-issuer-key" }, facts);
        }
        if !is_anchor && has_unknown_critical(facts) {
            add("unknown-critical-extension", facts);
        }
        if revocation::is_revoked(judge.case, facts) {
            add("revoked", facts);
        }
        let Some(constraints) = facts.name_constraints.present() else { continue };
        for below in &path[..place] {
            for name in subtrees::constrained_names(below) {
                match subtrees::allow(constraints, &name, LeadingDot::Ignored) {
                    Ok(()) => {}
                    Err(subtrees::Breach::NotPermitted) => add("name-not-permitted", below),
                    Err(subtrees::Breach::Excluded) => add("name-excluded", below),
                }
            }
        }
    }
    problems
}

fn check_form(judge: Judge<'_>, leaf: &Facts, problems: &mut Vec<Problem>) {
    for facts in std::iter::once(leaf) {
        let rule = if facts.has_trailing_bytes() {
            "trailing-bytes"
        } else if facts.version < 3 && !facts.extensions.is_empty() {
            "extensions-without-v3"
        } else if facts.duplicate_extension().is_some() {
            "duplicate-extension"
        } else if facts.inner_algorithm != facts.outer_algorithm {
            "algorithm-mismatch"
        } else if matches!(facts.key, Key::Ec { explicit: true, .. }) {
            "explicit-curve-parameters"
        } else {
            continue;
        };
        // Who has no words for it takes no notice of it.
        let words = crate::program::doctor::rules::find(rule);
        if words.is_some_and(|rule| rule.refusal(judge.consumer).is_some()) {
            problems.push(judge.problem(rule, facts));
        }
    }
}

/// What is asked of the leaf alone: its name, its key, its length.
fn leaf_problem(judge: Judge<'_>, leaf: &Facts) -> Option<Problem> {
    let is_chrome = judge.consumer == Consumer::Chrome;
    match &leaf.key {
        Key::Ed25519 | Key::Ed448 | Key::Other { .. } => return Some(judge.problem("unsupported-key", leaf)),
        Key::Ec { curve: Some(Curve::P521), .. } if is_chrome => {
            return Some(judge.problem("unsupported-key", leaf));
        }
        Key::Ec {
            curve: None | Some(Curve::Secp256k1 | Curve::P224 | Curve::Brainpool(_)),
            explicit: false,
        } => {
            return Some(judge.problem("unsupported-curve", leaf));
        }
        _ => {}
    }
    if matches!(leaf.algorithm, SignatureAlgorithm::Other(_)) {
        return Some(judge.problem("unsupported-signature", leaf));
    }
    if judge.case.role == Role::Server {
        if is_chrome && leaf.key_usage.present().is_some_and(|usage| !usage.digital_signature()) {
            return Some(judge.problem("key-usage", leaf));
        }
        let name = judge.case.name.as_ref()?;
        let fits = match name {
            ExpectedName::Ip(address) => leaf.addresses().any(|found| found == *address),
            ExpectedName::Dns(host) => {
                let in_common_name = judge.consumer == Consumer::Schannel
                    && leaf.alt_names.is_absent()
                    && leaf.subject.common_names().any(|common| hostname::whole_label_wildcard(common, host));
                in_common_name
                    || leaf.dns_names().any(|pattern| hostname::whole_label_wildcard(pattern, host))
            }
        };
        if !fits {
            let rule = if leaf.alt_names.is_absent() && judge.consumer != Consumer::Schannel {
                "common-name-only"
            } else {
                "name-mismatch"
            };
            return Some(judge.problem(rule, leaf));
        }
    }
    // Apple's rule of 825 days is for private roots as well (support.apple.com/103769).
    let days = (leaf.not_after.unix - leaf.not_before.unix) / 86_400;
    let is_too_long = judge.consumer == Consumer::Apple && judge.case.role == Role::Server && days > 825;
    is_too_long.then(|| judge.problem("validity-too-long", leaf))
}

fn has_unknown_critical(facts: &Facts) -> bool {
    facts.extensions.iter().any(|found| {
        found.critical
            && !matches!(
                found.oid.as_str(),
                extension::KEY_USAGE
                    | extension::EXTENDED_KEY_USAGE
                    | extension::SUBJECT_ALT_NAME
                    | extension::BASIC_CONSTRAINTS
                    | extension::NAME_CONSTRAINTS
                    | extension::CERTIFICATE_POLICIES
                    | extension::POLICY_CONSTRAINTS
                    | extension::POLICY_MAPPINGS
                    | extension::INHIBIT_ANY_POLICY
            )
    })
}
