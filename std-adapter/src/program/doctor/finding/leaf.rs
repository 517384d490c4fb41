//! The leaf: its name, and what it may be used for.

use super::{Findings, Severity};
use crate::program::doctor::case::{ExpectedName, Role};
use crate::program::doctor::extension;
use crate::program::doctor::facts::Facts;
use crate::program::doctor::key::{Curve, Key};

const DAY: i64 = 86_400;

pub(super) fn look(findings: &mut Findings<'_>) {
    let Some(leaf) = findings.case.served.first().cloned() else { return };
    let leaf = &leaf;
    if findings.case.role == Role::Server {
        look_at_name(findings, leaf);
    }
    look_at_usage(findings, leaf);
    let days = (leaf.not_after.unix - leaf.not_before.unix) / DAY;
    if days > 398 {
        let message =
            format!("is valid for {days} days; browsers accept 398 at most from a public authority");
        findings.add(Severity::Warning, "validity-too-long", leaf, message);
    }
    if leaf.must_staple && findings.case.staple.is_none() && findings.case.role == Role::Server {
        let message =
            "demands a stapled OCSP response (TLS feature status_request), and none is at hand".to_owned();
        findings.add(Severity::Warning, "must-staple", leaf, message);
    }
    match &leaf.key {
        Key::Ec { curve: Some(Curve::P521), .. } => findings.add(
            Severity::Warning,
            "unsupported-key",
            leaf,
            "has a key on P-521, which BoringSSL, ring and many devices do not use".to_owned(),
        ),
        Key::Ed25519 | Key::Ed448 => findings.add(
            Severity::Warning,
            "unsupported-key",
            leaf,
            format!("has a key of kind {}, which browsers and older libraries do not use", leaf.key),
        ),
        Key::Ec { curve: Some(curve @ (Curve::Secp256k1 | Curve::P224 | Curve::Brainpool(_))), .. } => {
            findings.add(
                Severity::Error,
                "unsupported-curve",
                leaf,
                format!("has a key on {curve}, for which TLS 1.3 has no signature"),
            )
        }
        _ => {}
    }
}

fn look_at_name(findings: &mut Findings<'_>, leaf: &Facts) {
    let has_names = leaf.dns_names().next().is_some() || leaf.addresses().next().is_some();
    let in_common_name =
        |name: &str| leaf.subject.common_names().any(|common| common.eq_ignore_ascii_case(name));
    let Some(name) = findings.case.name.clone() else {
        if !has_names {
            let message = "has no subjectAltName with a host name or address".to_owned();
            findings.add(Severity::Error, "common-name-only", leaf, message);
        }
        return;
    };
    let wanted = name.to_string();
    let listed: Vec<String> =
        leaf.alt_names.present().into_iter().flatten().map(ToString::to_string).collect();
    let found = if listed.is_empty() { "no subjectAltName".to_owned() } else { listed.join(", ") };
    match &name {
        ExpectedName::Ip(address) => {
            if leaf.addresses().any(|found| found == *address) {
                let message =
                    format!("is for the address {address}; Mbed TLS before 3.5 and BearSSL know names alone");
                return findings.add(Severity::Note, "address-mismatch", leaf, message);
            }
            let rule = if leaf.dns_names().any(|dns| dns == wanted) {
                "address-as-dns-name"
            } else {
                "address-mismatch"
            };
            findings.add(
                Severity::Error,
                rule,
                leaf,
                format!("is not for the address {wanted}: it has {found}"),
            );
        }
        ExpectedName::Dns(host) => {
            if host.contains('_') {
                let message =
                    format!("is asked for by a name with an underscore, {host}, which Java refuses");
                findings.add(Severity::Warning, "host-name-unlawful", leaf, message);
            }
            if leaf.dns_names().any(|pattern| matches_by_rfc(pattern, host)) {
                return;
            }
            if leaf.dns_names().next().is_none() && in_common_name(host) {
                let message = format!("has {host} as its common name alone: it has {found}");
                findings.add(Severity::Error, "common-name-only", leaf, message);
            } else {
                let message = format!("is not for {host}: it has {found}");
                findings.add(Severity::Error, "name-mismatch", leaf, message);
            }
        }
    }
}

/// RFC 9525 §6.3: the star is the whole first label.
fn matches_by_rfc(pattern: &str, host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    match pattern.strip_prefix("*.") {
        Some(rest) => host.split_once('.').is_some_and(|(_, domain)| domain.eq_ignore_ascii_case(rest)),
        None => pattern.eq_ignore_ascii_case(host),
    }
}

fn look_at_usage(findings: &mut Findings<'_>, leaf: &Facts) {
    if let Some(usage) = leaf.key_usage.present()
        && !usage.digital_signature()
    {
        let message = format!("may not sign a handshake: its keyUsage is {}", usage.names().join(", "));
        findings.add(Severity::Error, "key-usage", leaf, message);
    }
    let (needed, end) = match findings.case.role {
        Role::Server => (extension::SERVER_AUTH, "serverAuth"),
        Role::Client => (extension::CLIENT_AUTH, "clientAuth"),
    };
    if let Some(usages) = leaf.extended_key_usage.present()
        && !usages.iter().any(|usage| usage == needed)
    {
        let found: Vec<&str> = usages.iter().map(|usage| purpose(usage)).collect();
        let message = format!("lacks {end} in extKeyUsage, which has {}", found.join(", "));
        let fix = format!("reissue with {end} in extKeyUsage");
        findings.add_with(Severity::Error, "extended-key-usage", Some(leaf), message, Some(fix));
    }
    if leaf.is_authority() {
        let message = "is a certificate authority (CA:TRUE), and is used as a leaf".to_owned();
        findings.add(Severity::Warning, "leaf-is-ca", leaf, message);
    }
}

/// The names of RFC 5280 §4.2.1.12.
fn purpose(oid: &str) -> &str {
    match oid {
        extension::SERVER_AUTH => "serverAuth",
        extension::CLIENT_AUTH => "clientAuth",
        extension::ANY_EXTENDED_KEY_USAGE => "anyExtendedKeyUsage",
        "1.3.6.1.5.5.7.3.3" => "codeSigning",
        "1.3.6.1.5.5.7.3.4" => "emailProtection",
        "1.3.6.1.5.5.7.3.8" => "timeStamping",
        "1.3.6.1.5.5.7.3.9" => "OCSPSigning",
        other => other,
    }
}
