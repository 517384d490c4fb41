//! Java's PKIX validator behind X509TrustManager. A chain that is in order and ends below a trusted name is
//! validated as it stands, from the top down; otherwise paths are built, and then all that is said of a failure
//! is that there is none. The anchor itself, then the leaf's usage and name come last.

use super::problem::{Judge, Judgement, Problem};
use crate::program::doctor::case::{ExpectedName, Role};
use crate::program::doctor::distinguished_name::Name;
use crate::program::doctor::extension::{self, AltName, NameConstraints};
use crate::program::doctor::facts::Facts;
use crate::program::doctor::key::{Curve, Hash, Key};
use crate::program::doctor::paths;
use crate::program::doctor::revocation;
use crate::program::doctor::subtrees::{self, LeadingDot};
use std::net::IpAddr;

/// jdk.tls.maxCertificateChainLength.
const LENGTH: usize = 10;
/// Intermediates on a path that is built: the default of PKIXBuilderParameters.
const BUILT_INTERMEDIATES: usize = 5;
/// Ours and not Java's: a mesh of cross-signs is not to keep the doctor busy.
const STEPS: usize = 2000;

pub(super) fn judge(judge: Judge<'_>) -> Judgement {
    for stored in &judge.case.store {
        loads(judge, stored)?;
    }
    let end = if judge.case.role == Role::Server { "server" } else { "client" };
    if judge.case.served.len() > LENGTH {
        // It stops to count at the first that is too many.
        return judge.refuse("path-too-long", &judge.case.served[0]);
    }
    for facts in &judge.case.served {
        if let Some(rule) = parse_rule(facts) {
            return Err(judge.problem_with(rule, facts, &[("end", end)]));
        }
    }
    let Some(leaf) = judge.case.served.first() else { return Ok(()) };
    find_path(judge)?;
    check_end_entity(judge, leaf)?;
    if judge.case.role == Role::Server {
        check_identity(judge, leaf)?;
    }
    match leaf.key {
        Key::Ec { curve: None | Some(Curve::Secp256k1 | Curve::Brainpool(_) | Curve::P224), .. } => {
            judge.refuse("unsupported-curve", leaf)
        }
        _ => Ok(()),
    }
}

/// The store is read with the same parser, which says more there.
fn loads(judge: Judge<'_>, stored: &Facts) -> Judgement {
    // A section of the file is one certificate; in the Certificate message what follows it is not looked at.
    if stored.has_trailing_bytes() {
        let words = "Unable to initialize, java.io.IOException: extra data at the end";
        return Err(Problem { error: words.to_owned(), ..judge.problem("trailing-bytes", stored) });
    }
    let words = match parse_rule(stored) {
        None => return Ok(()),
        Some("explicit-curve-parameters") => "java.io.IOException: Only named ECParameters supported",
        Some("empty-subject-alt-name-not-critical") => {
            "X.509 Certificate is incomplete: SubjectAlternativeName extension MUST be marked critical when subject \
             field is empty"
        }
        Some("empty-subject") => {
            "X.509 Certificate is incomplete: subject field is empty, and SubjectAlternativeName extension is absent"
        }
        Some("algorithm-mismatch") => "Signature algorithm mismatch",
        Some("empty-issuer") => "Empty issuer DN not allowed in X509Certificates",
        Some(_) => "java.io.IOException",
    };
    let rule = parse_rule(stored).unwrap_or("malformed-extension");
    Err(Problem { error: words.to_owned(), ..judge.problem(rule, stored) })
}

fn parse_rule(facts: &Facts) -> Option<&'static str> {
    let critical_unreadable = |oid, unreadable: bool| unreadable && facts.is_critical(oid);
    if matches!(facts.key, Key::Ec { explicit: true, .. }) {
        return Some("explicit-curve-parameters");
    }
    if facts.version > 3 {
        return Some("version");
    }
    if facts.issuer.is_empty() {
        return Some("empty-issuer");
    }
    if facts.version < 3 && !facts.extensions.is_empty() {
        return Some("extensions-without-v3");
    }
    if facts.duplicate_extension().is_some() {
        return Some("duplicate-extension");
    }
    if critical_unreadable(extension::BASIC_CONSTRAINTS, facts.basic_constraints.is_unreadable())
        || critical_unreadable(extension::KEY_USAGE, facts.key_usage.is_unreadable())
        || critical_unreadable(extension::EXTENDED_KEY_USAGE, facts.extended_key_usage.is_unreadable())
        || critical_unreadable(extension::SUBJECT_ALT_NAME, facts.alt_names.is_unreadable())
        || critical_unreadable(extension::NAME_CONSTRAINTS, facts.name_constraints.is_unreadable())
    {
        return Some("malformed-extension");
    }
    if facts.subject.is_empty() {
        if facts.alt_names.present().is_none_or(Vec::is_empty) {
            return Some("empty-subject");
        }
        if !facts.is_critical(extension::SUBJECT_ALT_NAME) {
            return Some("empty-subject-alt-name-not-critical");
        }
    }
    (facts.inner_algorithm != facts.outer_algorithm).then_some("algorithm-mismatch")
}

fn find_path(judge: Judge<'_>) -> Judgement {
    let (served, store) = (&judge.case.served, &judge.case.store);
    let mut issuer: Option<&Name> = None;
    for (place, facts) in served.iter().enumerate() {
        if issuer.is_some_and(|issuer| !facts.subject.matches(issuer)) {
            return build(judge);
        }
        let is_trusted = |anchor: &Facts| {
            anchor.is_same(facts)
                || (place > 0 && anchor.subject.matches(&facts.subject) && anchor.spki == facts.spki)
        };
        if store.iter().any(is_trusted) {
            // A trusted leaf is believed at once; above it the trusted one and all that follow are left out.
            return if place == 0 { Ok(()) } else { validate_against_store(judge, &served[..place]) };
        }
        issuer = Some(&facts.issuer);
    }
    match issuer {
        Some(issuer) if store.iter().any(|anchor| anchor.subject.matches(issuer)) => {
            validate_against_store(judge, served)
        }
        _ => build(judge),
    }
}

fn validate_against_store(judge: Judge<'_>, chain: &[Facts]) -> Judgement {
    let chain: Vec<&Facts> = chain.iter().collect();
    let Some(top) = chain.last() else { return Ok(()) };
    let mut last = None;
    for anchor in
        judge.case.store.iter().filter(|anchor| may_issue(anchor, top) && has_wanted_serial(anchor, top))
    {
        match validate(judge, &chain, anchor) {
            Ok(()) => return check_anchor(judge, anchor),
            Err(problem) => last = Some(problem),
        }
    }
    Err(last.unwrap_or_else(|| Problem {
        error: "PKIX path validation failed: java.security.cert.CertPathValidatorException: Path does not chain with \
                any of the trust anchors"
            .to_owned(),
        ..judge.problem("bad-signature", top)
    }))
}

/// By name, and by key identifier where both have one.
fn may_issue(issuer: &Facts, subject: &Facts) -> bool {
    let wanted = subject.authority_key_id.present().and_then(|id| id.key_id.as_ref());
    let fits = match (wanted, issuer.subject_key_id.present()) {
        (Some(wanted), Some(found)) => wanted == found,
        _ => true,
    };
    issuer.subject.matches(&subject.issuer) && fits
}

/// What the validator asks besides, of the anchor alone.
fn has_wanted_serial(anchor: &Facts, subject: &Facts) -> bool {
    let wanted = subject.authority_key_id.present().and_then(|id| id.serial.as_ref());
    wanted.is_none_or(|serial| *serial == anchor.serial)
}

fn build(judge: Judge<'_>) -> Judgement {
    let Some(leaf) = judge.case.served.first() else { return Ok(()) };
    let mut anchor_problem = None;
    if extend(judge, &mut vec![leaf], &mut anchor_problem, &mut 0) {
        return Ok(());
    }
    if let Some(problem) = anchor_problem {
        return Err(problem);
    }
    let rule = match judge.case.served.len() {
        1 if leaf.is_self_issued() => "self-signed-leaf",
        _ if judge.case.served.iter().skip(1).any(Facts::is_self_issued) => "untrusted-root-served",
        _ => "unknown-issuer",
    };
    judge.refuse(rule, leaf)
}

/// Depth first: an anchor if one fits, else every served certificate that may be the issuer.
fn extend<'a>(
    judge: Judge<'a>,
    path: &mut Vec<&'a Facts>,
    anchor_problem: &mut Option<Problem>,
    steps: &mut usize,
) -> bool {
    *steps += 1;
    if *steps > STEPS {
        return false;
    }
    let Some(subject) = path.last().copied() else { return false };
    for anchor in judge.case.store.iter().filter(|anchor| may_issue(anchor, subject)) {
        if validate(judge, path, anchor).is_ok() {
            match check_anchor(judge, anchor) {
                Ok(()) => return true,
                // The path was found, and is judged as the validator's would be.
                Err(problem) => anchor_problem.get_or_insert(Problem {
                    error: problem.error.replacen("path validation", "path building", 1),
                    ..problem
                }),
            };
        }
    }
    let intermediates = path.iter().skip(1).filter(|facts| !facts.is_self_issued()).count();
    for candidate in judge.case.served.iter().skip(1) {
        let repeats = path.iter().any(|facts| facts.is_same(candidate));
        if repeats || !may_issue(candidate, subject) {
            continue;
        }
        if !candidate.is_self_issued() && intermediates >= BUILT_INTERMEDIATES {
            continue;
        }
        path.push(candidate);
        if extend(judge, path, anchor_problem, steps) {
            return true;
        }
        path.pop();
    }
    false
}

/// PKIXCertPathValidator: each certificate below the anchor, from the top down, by each checker in turn.
fn validate(judge: Judge<'_>, path: &[&Facts], anchor: &Facts) -> Judgement {
    let mut issuer = anchor;
    let mut allowed = path.len();
    let mut constraints: Vec<&NameConstraints> = Vec::new();
    for (depth, facts) in path.iter().copied().enumerate().rev() {
        if matches!(facts.key, Key::Rsa { bits: 0..1024, .. }) {
            return judge.refuse(if depth == 0 { "weak-leaf-key" } else { "weak-issuer-key" }, facts);
        }
        if facts.algorithm.hash() == Some(Hash::Md5) {
            return judge.refuse("weak-signature-hash", facts);
        }
        if facts.key_usage.present().is_some_and(|usage| usage.0 & 0b111_1111 == 0) {
            let words = "PKIX path validation failed: java.security.cert.CertPathValidatorException: incorrect KeyUsage \
                         extension bits";
            return Err(Problem { error: words.to_owned(), ..judge.problem("key-usage", facts) });
        }
        if depth > 0 && facts.key_usage.present().is_some_and(|usage| !usage.key_cert_sign()) {
            return judge.refuse("key-cert-sign", facts);
        }
        if depth > 0 {
            check_basic_constraints(judge, facts, depth + 1 == path.len(), &mut allowed)?;
        }
        if depth == 0 || !facts.is_self_issued() {
            check_name_constraints(judge, facts, &constraints)?;
        }
        constraints.extend(facts.name_constraints.present());
        check_policy(judge, path, anchor, depth)?;
        if judge.case.is_early(facts) {
            return judge.refuse(if depth == 0 { "not-yet-valid" } else { "issuer-not-yet-valid" }, facts);
        }
        if judge.case.is_expired(facts) {
            return judge.refuse(if depth == 0 { "expired" } else { "issuer-expired" }, facts);
        }
        let is_usable = !matches!(issuer.key, Key::Ec { curve: Some(Curve::Secp256k1), .. });
        if !is_usable {
            return judge.refuse("unsupported-issuer-curve", facts);
        }
        if !facts.signed_by(issuer) {
            return judge.refuse("bad-signature", facts);
        }
        if revocation::is_revoked(judge.case, facts) {
            return judge.refuse("revoked", facts);
        }
        if facts.extensions.iter().any(|found| found.critical && !is_known(&found.oid)) {
            return judge.refuse("unknown-critical-extension", facts);
        }
        issuer = facts;
    }
    Ok(())
}

fn check_basic_constraints(judge: Judge<'_>, facts: &Facts, is_top: bool, allowed: &mut usize) -> Judgement {
    let length = match facts.path_length() {
        _ if facts.version < 3 && is_top && facts.is_self_issued() => usize::MAX,
        _ if !facts.is_authority() => return judge.refuse(not_a_ca_rule(facts), facts),
        None => usize::MAX,
        Some(length) => match usize::try_from(length) {
            Ok(length) => length,
            Err(_) => return judge.refuse("not-a-ca", facts),
        },
    };
    if !facts.is_self_issued() {
        if *allowed == 0 {
            return judge.refuse("path-length", facts);
        }
        *allowed -= 1;
    }
    *allowed = length.min(*allowed);
    Ok(())
}

fn not_a_ca_rule(facts: &Facts) -> &'static str {
    match facts.version {
        0..3 => "v1-issuer",
        _ if facts.basic_constraints.is_absent() => "missing-basic-constraints",
        _ => "not-a-ca",
    }
}

/// Those of an anchor are not asked. Without a subjectAltName the common name stands for one, if it can.
fn check_name_constraints(judge: Judge<'_>, facts: &Facts, constraints: &[&NameConstraints]) -> Judgement {
    let mut names = subtrees::constrained_names(facts);
    if facts.alt_names.is_absent() {
        for common in facts.subject.common_names() {
            names.push(match common.parse::<IpAddr>() {
                Ok(IpAddr::V4(address)) => AltName::Ip(address.octets().to_vec()),
                Ok(IpAddr::V6(address)) => AltName::Ip(address.octets().to_vec()),
                Err(_) if subtrees::looks_like_host(common) || is_label(common) => {
                    AltName::Dns(common.to_owned())
                }
                Err(_) => continue,
            });
        }
    }
    for constraints in constraints {
        let is_empty = |base: &AltName| matches!(base, AltName::Dns(name) if name.is_empty());
        let asks = names.iter().any(|name| matches!(name, AltName::Dns(_)));
        if asks && constraints.permitted.iter().chain(&constraints.excluded).any(is_empty) {
            // Not foreseen by its parser of names.
            let words = "String index out of range: 0";
            return Err(Problem { error: words.to_owned(), ..judge.problem("name-excluded", facts) });
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

fn is_label(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Said as soon as a certificate finds the policies of those above it, and its own, without one in common.
fn check_policy(judge: Judge<'_>, path: &[&Facts], anchor: &Facts, depth: usize) -> Judgement {
    let mut above: Vec<&Facts> = path[depth..].to_vec();
    above.push(anchor);
    let demanded_below = depth > 0 && path[depth].require_explicit_policy.is_some();
    if demanded_below || paths::has_demanded_policy(&above) {
        Ok(())
    } else {
        judge.refuse("policy", path[depth])
    }
}

fn is_known(oid: &str) -> bool {
    matches!(
        oid,
        extension::KEY_USAGE
            | extension::EXTENDED_KEY_USAGE
            | extension::SUBJECT_ALT_NAME
            | extension::BASIC_CONSTRAINTS
            | extension::NAME_CONSTRAINTS
            | extension::CERTIFICATE_POLICIES
            | extension::POLICY_MAPPINGS
            | extension::POLICY_CONSTRAINTS
            | extension::INHIBIT_ANY_POLICY
    )
}

/// Its dates are not asked.
fn check_anchor(judge: Judge<'_>, anchor: &Facts) -> Judgement {
    if anchor.version < 3 {
        return Ok(());
    }
    let mut attributes: Vec<String> = Name {
        attributes: anchor.subject.attributes.iter().rev().cloned().collect(),
        ..anchor.subject.clone()
    }
    .to_string()
    .split(", ")
    .map(str::to_owned)
    .collect();
    attributes.retain(|attribute| !attribute.is_empty());
    let subject = attributes.join(", ");
    if !anchor.is_authority() {
        return Err(judge.problem_with("root-not-a-ca", anchor, &[("subject_java", &subject)]));
    }
    if anchor.key_usage.present().is_some_and(|usage| !usage.key_cert_sign()) {
        return Err(judge.problem_with("root-without-key-cert-sign", anchor, &[("subject_java", &subject)]));
    }
    Ok(())
}

fn check_end_entity(judge: Judge<'_>, leaf: &Facts) -> Judgement {
    if leaf.key_usage.present().is_some_and(|usage| !usage.digital_signature()) {
        return judge.refuse("key-usage", leaf);
    }
    let (needed, purpose) = match judge.case.role {
        Role::Server => (extension::SERVER_AUTH, "server"),
        Role::Client => (extension::CLIENT_AUTH, "client"),
    };
    let fits = leaf.extended_key_usage.present().is_none_or(|usages| {
        usages.iter().any(|usage| usage == needed || usage == extension::ANY_EXTENDED_KEY_USAGE)
    });
    if fits { Ok(()) } else { Err(judge.problem_with("extended-key-usage", leaf, &[("purpose", purpose)])) }
}

/// HostnameChecker for TLS: wildcards anywhere but in the last label, and parts of labels too.
fn check_identity(judge: Judge<'_>, leaf: &Facts) -> Judgement {
    let names = leaf.alt_names.present();
    match &judge.case.name {
        None => Ok(()),
        Some(ExpectedName::Ip(address)) => {
            if leaf.addresses().any(|found| found.to_canonical() == *address) {
                return Ok(());
            }
            let what = match names.filter(|names| !names.is_empty()) {
                None => "No subject alternative names present".to_owned(),
                Some(_) => format!("No subject alternative names matching IP address {address} found"),
            };
            let rule = if leaf.dns_names().any(|name| name == address.to_string()) {
                "address-as-dns-name"
            } else {
                "address-mismatch"
            };
            Err(judge.problem_with(rule, leaf, &[("what", &what)]))
        }
        Some(ExpectedName::Dns(host)) => {
            if !is_host_name(host) {
                return judge.refuse("host-name-unlawful", leaf);
            }
            let fits = |template: &str| name_matches(host, template);
            if leaf.dns_names().any(fits) {
                return Ok(());
            }
            if leaf.dns_names().next().is_some() {
                let what = format!("No subject alternative DNS name matching {host} found.");
                return Err(judge.problem_with("name-mismatch", leaf, &[("what", &what)]));
            }
            if leaf.subject.common_name().is_some_and(fits) {
                return Ok(());
            }
            let what = format!("No name matching {host} found");
            Err(judge.problem_with("name-mismatch", leaf, &[("what", &what)]))
        }
    }
}

/// SNIHostName: labels of letters, digits and inner hyphens, and no dot at the end.
fn is_host_name(name: &str) -> bool {
    name.split('.').all(|label| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    })
}

fn name_matches(host: &str, template: &str) -> bool {
    if !is_host_name(&template.replace('*', "z")) || template == "*" {
        return false;
    }
    if template.rsplit('.').next().is_some_and(|last| last.contains('*')) {
        return false;
    }
    let (host, template) = (host.to_ascii_lowercase(), template.to_ascii_lowercase());
    let (hosts, templates): (Vec<&str>, Vec<&str>) =
        (host.split('.').collect(), template.split('.').collect());
    hosts.len() == templates.len()
        && hosts.iter().zip(&templates).all(|(host, template)| label_matches(host, template))
}

fn label_matches(host: &str, template: &str) -> bool {
    let mut parts = template.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = host.strip_prefix(first) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(found) => rest = &rest[found + part.len()..],
            None => return false,
        }
    }
    true
}
