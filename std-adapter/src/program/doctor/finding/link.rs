//! The way up from the leaf: who issued whom, what is missing, and what the issuers may not do.

use super::{Findings, Severity};
use crate::program::doctor::case::{Case, Role};
use crate::program::doctor::extension;
use crate::program::doctor::facts::Facts;
use crate::program::doctor::subtrees::{self, LeadingDot};

pub(super) fn look(findings: &mut Findings<'_>) {
    let case = findings.case;
    let Some(leaf) = case.served.first() else { return };
    let path = path(case, leaf);
    look_at_end(findings, &path);
    for (place, issuer) in path.iter().enumerate().skip(1) {
        look_at_issuer(findings, issuer, place, place + 1 == path.len());
        look_at_name_constraints(findings, issuer, &path[..place]);
    }
    for pair in path.windows(2) {
        look_at_link(findings, pair[0], pair[1]);
    }
    if path.len() > LONG {
        let message = format!(
            "the path has {} certificates; rustls follows 6 intermediates, Mbed TLS 8, Java 10 certificates",
            path.len()
        );
        let fix = "serve a shorter path".to_owned();
        findings.add_with(Severity::Warning, "path-too-long", None, message, Some(fix));
    }
    look_at_order(findings, &path);
}

/// Certificates on a path, the anchor among them, that every consumer follows.
const LONG: usize = 8;

/// Whether two that belong together by name do so by key, and in the eyes of those who compare bytes.
fn look_at_link(findings: &mut Findings<'_>, subject: &Facts, issuer: &Facts) {
    let wanted = subject.authority_key_id.present().and_then(|id| id.key_id.as_ref());
    if let (Some(wanted), Some(found)) = (wanted, issuer.subject_key_id.present())
        && wanted != found
    {
        let message = format!(
            "names the issuer's key {} in authorityKeyIdentifier; {} has {}",
            hexadecimal(wanted),
            issuer.subject.for_people(),
            hexadecimal(found)
        );
        findings.add(Severity::Error, "authority-key-id-mismatch", subject, message);
    }
    if !subject.issuer.is_same(&issuer.subject) {
        let message =
            format!("writes its issuer's name in another way than {} does", issuer.subject.for_people());
        findings.add(Severity::Warning, "name-encoding", subject, message);
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// From the leaf to the first anchor, else as far as it goes: issuers that signed before those that only bear the
/// name, stored ones first.
fn path<'a>(case: &'a Case, leaf: &'a Facts) -> Vec<&'a Facts> {
    let mut path = vec![leaf];
    while let Some(top) = path.last().copied()
        && !case.is_stored(top)
        && !top.is_self_signed()
    {
        let named = || {
            let all = case.store.iter().chain(case.served.iter().skip(1));
            all.filter(|facts| facts.subject.matches(&top.issuer))
                .filter(|facts| !path.iter().any(|known| known.is_same(facts)))
        };
        let signers = || named().filter(|facts| top.signed_by(facts));
        let next = signers().find(|facts| case.is_in_time(facts)).or_else(|| signers().next());
        let Some(next) = next.or_else(|| named().next()) else { break };
        path.push(next);
    }
    path
}

/// The stored certificate that the path ends in, if it does.
pub(super) fn anchor(case: &Case) -> Option<&Facts> {
    let path = path(case, case.served.first()?);
    path.last().copied().filter(|top| case.is_stored(top))
}

fn look_at_end(findings: &mut Findings<'_>, path: &[&Facts]) {
    let case = findings.case;
    let Some(top) = path.last().copied() else { return };
    if case.is_stored(top) {
        if !top.is_self_issued() && path.len() > 1 {
            let message = format!(
                "is trusted and no root ({} issued it); OpenSSL without partial chains looks for that",
                top.issuer.for_people()
            );
            findings.add(Severity::Warning, "only-intermediate-stored", top, message);
        } else if path.len() == 1 && !top.is_self_issued() {
            let message = "is in the store itself, which not every consumer takes for an anchor".to_owned();
            findings.add(Severity::Warning, "stored-leaf", top, message);
        }
        return;
    }
    if top.is_self_signed() {
        let rule = if path.len() == 1 { "self-signed-leaf" } else { "untrusted-root-served" };
        let message = format!("is self-signed ({}), and is not in the consumer's store", top.subject);
        let fix = format!(
            "ask the consumer to add {} to its store, or serve a path to a root that it has",
            top.subject
        );
        return findings.add_with(Severity::Error, rule, Some(top), message, Some(fix));
    }
    let from = match top.issuer_urls.first() {
        Some(url) => format!(", from its AIA URL {url}"),
        None => ", from whoever issued it".to_owned(),
    };
    let fix = format!(
        "append the intermediate with subject {}{from}; if that is a root, ask the consumer to add it",
        top.issuer
    );
    let message = format!("was issued by {}, which was not served and is not in the store", top.issuer);
    findings.add_with(Severity::Error, "unknown-issuer", Some(top), message, Some(fix));
}

fn look_at_issuer(findings: &mut Findings<'_>, issuer: &Facts, place: usize, is_top: bool) {
    let is_anchor = is_top && findings.case.is_stored(issuer);
    let error = Severity::Error;
    if issuer.version < 3 && !is_anchor {
        findings.add(
            error,
            "v1-issuer",
            issuer,
            format!("signed a certificate, and is of version {}", issuer.version),
        );
    } else if issuer.basic_constraints.is_absent() {
        let severity = if is_anchor { Severity::Warning } else { error };
        let message = "signed a certificate, and has no basicConstraints".to_owned();
        findings.add(severity, "missing-basic-constraints", issuer, message);
    } else if !issuer.is_authority() {
        let rule = if is_anchor { "root-not-a-ca" } else { "not-a-ca" };
        let message = "signed a certificate, and its basicConstraints say CA:FALSE".to_owned();
        findings.add(error, rule, issuer, message);
    }
    if let Some(usage) = issuer.key_usage.present()
        && !usage.key_cert_sign()
    {
        let message = format!("signed a certificate, and its keyUsage is {}", usage.names().join(", "));
        findings.add(error, "key-cert-sign", issuer, message);
    }
    if let Some(allowed) = issuer.path_length()
        && allowed < i64::try_from(place).unwrap_or(i64::MAX) - 1
    {
        let message = format!("allows {allowed} intermediates below it, and there are {}", place - 1);
        findings.add(error, "path-length", issuer, message);
    }
    let needed = match findings.case.role {
        Role::Server => extension::SERVER_AUTH,
        Role::Client => extension::CLIENT_AUTH,
    };
    if let Some(usages) = issuer.extended_key_usage.present()
        && !usages.iter().any(|usage| usage == needed)
    {
        let message = "is an issuer whose extKeyUsage does not name this end of the connection".to_owned();
        findings.add(error, "issuer-extended-key-usage", issuer, message);
    }
}

fn look_at_name_constraints(findings: &mut Findings<'_>, issuer: &Facts, below: &[&Facts]) {
    let Some(constraints) = issuer.name_constraints.present() else { return };
    for facts in below {
        for name in subtrees::constrained_names(facts) {
            let Err(breach) = subtrees::allow(constraints, &name, LeadingDot::OnlyBelow) else { continue };
            let (rule, what) = match breach {
                subtrees::Breach::NotPermitted => ("name-not-permitted", "does not permit"),
                subtrees::Breach::Excluded => ("name-excluded", "excludes"),
            };
            let message = format!("has {name}, which its issuer {} {what}", issuer.subject.for_people());
            findings.add(Severity::Error, rule, facts, message);
        }
    }
    if issuer.is_critical(extension::NAME_CONSTRAINTS) {
        let message = "has critical name constraints, which Mbed TLS and BearSSL do not know".to_owned();
        findings.add(Severity::Warning, "name-constraints-unsupported", issuer, message);
    }
}

fn look_at_order(findings: &mut Findings<'_>, path: &[&Facts]) {
    let case = findings.case;
    let places: Vec<usize> = path.iter().filter_map(|facts| case.served_place(facts)).collect();
    if !places.is_sorted() {
        let message = "the certificates are not in the order of issue".to_owned();
        let fix = "serve the leaf first, then each issuer in turn".to_owned();
        findings.add_with(Severity::Warning, "order", None, message, Some(fix));
    }
    for (place, facts) in case.served.iter().enumerate().skip(1) {
        let is_on_path = path.iter().any(|step| step.is_same(facts));
        if facts.is_self_signed() && case.is_stored(facts) {
            let message = format!("is a root, and {} bytes that nobody needs", facts.der.len());
            findings.add(Severity::Note, "root-served", facts, message);
        } else if case.served[..place].iter().any(|before| before.is_same(facts)) {
            findings.add(Severity::Note, "surplus-certificate", facts, "was served twice".to_owned());
        } else if !is_on_path {
            let signs = case.served.iter().any(|other| !other.is_same(facts) && other.signed_by(facts));
            let (rule, message) = if signs {
                ("cross-signed", format!("is another way up, to {}", facts.issuer))
            } else {
                ("surplus-certificate", format!("({}) issued none of the others", facts.subject.for_people()))
            };
            findings.add(Severity::Note, rule, facts, message);
        }
    }
    for pair in path.windows(2) {
        if !pair[0].signed_by(pair[1]) {
            let message =
                format!("was not signed by the key of {} that is at hand", pair[1].subject.for_people());
            findings.add(Severity::Error, "bad-signature", pair[0], message);
        }
    }
}
