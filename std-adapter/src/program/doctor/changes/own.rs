//! Changes of the leaf itself: names, key, usage, identifiers, validity, revocation.

use super::Change;
use crate::program::doctor::extension::{CLIENT_AUTH, Reading, SERVER_AUTH, SUBJECT_ALT_NAME};
use crate::program::doctor::facts::{Facts, TimeForm};
use crate::program::doctor::key::{Curve, Key, SignatureAlgorithm};
use crate::program::doctor::moment;
use std::collections::BTreeSet;

const DAY: i64 = 86_400;
/// Signed Certificate Timestamps (RFC 6962 §3.3).
const TIMESTAMPS: &str = "1.3.6.1.4.1.11129.2.4.2";
/// 2038-01-19 03:14:07 UTC: the end of 32-bit time.
const END_OF_32_BITS: i64 = i32::MAX as i64;

pub(super) fn changes(before: &Facts, after: &Facts) -> Vec<Change> {
    let aspects = [
        key,
        pin,
        signature,
        names,
        common_name,
        key_usage,
        extended_key_usage,
        authority_key_id,
        subject_key_id,
        validity,
        end,
        status,
        must_staple,
        timestamps,
    ];
    aspects.iter().filter_map(|aspect| aspect(before, after)).collect()
}

fn key(before: &Facts, after: &Facts) -> Option<Change> {
    let (old, new) = (before.key.to_string(), after.key.to_string());
    if old == new {
        return None;
    }
    let change = Change::new("key", &old, &new);
    Some(match (&before.key, &after.key) {
        (Key::Rsa { .. }, Key::Rsa { bits, .. }) if *bits > 2048 => change.hurting(
            "firmware and secure elements with room for smaller RSA keys",
            format!("they must take a modulus of {} bytes", bits.div_ceil(8)),
        ),
        (Key::Rsa { .. }, Key::Rsa { bits, .. }) if *bits < 2048 => change.hurting(
            "openssl, curl, python, rustls, mbedtls, and others that want 2048 bits",
            "the key is too small for them",
        ),
        (Key::Rsa { .. }, new_key) => {
            let change = change
                .hurting(
                    "TLS 1.2 clients that offer RSA suites only (TLS_RSA_*, ECDHE_RSA): no common cipher suite",
                    "alert handshake_failure; the server logs \"no shared cipher\"",
                )
                .hurting(
                    "TLS 1.3 clients whose signature_algorithms have RSA only",
                    "alert handshake_failure; the server logs \"no suitable signature algorithm\"",
                );
            match new_key {
                Key::Ec { curve: Some(Curve::P256 | Curve::P384), explicit: false } => change,
                _ => change
                    .hurting("browsers, and every client without this algorithm", format!("{new} is rare")),
            }
        }
        (_, Key::Rsa { .. }) => change
            .hurting(
                "clients that offer ECDSA only (firmware without RSA)",
                "they cannot verify the server's signature",
            )
            .hurting(
                "small servers and devices",
                "RSA signatures cost them more time, and the chain more bytes",
            ),
        _ => change.hurting("firmware built for one curve", format!("it must verify {new} now")),
    })
}

fn pin(before: &Facts, after: &Facts) -> Option<Change> {
    if before.spki == after.spki {
        return None;
    }
    Some(Change::new("public key", "the old one", "a new one").hurting(
        "clients that pin the server's own key (curl --pinnedpubkey, HPKP-like pins, DANE 3 1 1)",
        "the pin must be replaced",
    ))
}

fn signature(before: &Facts, after: &Facts) -> Option<Change> {
    let (old, new) = (before.algorithm.to_string(), after.algorithm.to_string());
    if old == new {
        return None;
    }
    let change = Change::new("signature algorithm", old, &new);
    Some(match &after.algorithm {
        SignatureAlgorithm::RsaPss(_) => change.hurting(
            "bearssl, and older libraries (Java before 8u251)",
            "certificates that are signed with RSA-PSS are unknown to them",
        ),
        SignatureAlgorithm::Ed25519 | SignatureAlgorithm::Ed448 => {
            change.hurting("browsers, mbedtls, bearssl, schannel", format!("they do not verify {new}"))
        }
        _ => {
            change.hurting("firmware built with the old algorithm alone", format!("it must verify {new} now"))
        }
    })
}

fn names(before: &Facts, after: &Facts) -> Option<Change> {
    let set = |facts: &Facts| -> BTreeSet<String> {
        let names = facts.alt_names.present().into_iter().flatten().map(ToString::to_string);
        names.map(|name| name.to_lowercase().replacen("dns:", "DNS:", 1).replacen("ip:", "IP:", 1)).collect()
    };
    let (old, new) = (set(before), set(after));
    let gone: Vec<_> = old.difference(&new).cloned().collect();
    let added: Vec<_> = new.difference(&old).cloned().collect();
    if gone.is_empty() && added.is_empty() {
        return None;
    }
    let counted = |count: usize| if count == 1 { "1 name".to_owned() } else { format!("{count} names") };
    let or_none = |names: &[String]| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    let change = Change::new(
        "names",
        format!("{}; gone: {}", counted(old.len()), or_none(&gone)),
        format!("{}; added: {}", counted(new.len()), or_none(&added)),
    );
    let uncovered: Vec<&str> =
        gone.iter().filter(|name| !is_covered(name, &new)).map(|name| bare(name)).collect();
    if new.is_empty() {
        return Some(change.hurting(
            "go, rustls, chrome, nss, apple",
            "they take no common name in place of a subjectAltName",
        ));
    }
    if uncovered.is_empty() {
        return Some(change);
    }
    let (who, why) = (uncovered.join(" or "), "no name in the certificate stands for it any more");
    Some(change.hurting(format!("every client that calls the server {who}"), why))
}

/// A name without its kind.
fn bare(name: &str) -> &str {
    name.split_once(':').map_or(name, |(_, bare)| bare)
}

/// Whether a wildcard stands for this DNS name: for one label, the first (RFC 9525 §6.3).
fn is_covered(name: &str, by: &BTreeSet<String>) -> bool {
    let Some((_, parent)) = name.strip_prefix("DNS:").and_then(|name| name.split_once('.')) else {
        return false;
    };
    !name.starts_with("DNS:*") && by.contains(&format!("DNS:*.{parent}"))
}

fn common_name(before: &Facts, after: &Facts) -> Option<Change> {
    let (old, new) = (before.subject.common_name(), after.subject.common_name());
    if old == new {
        return None;
    }
    let shown = |name: Option<&str>| name.unwrap_or("none").to_owned();
    let change = Change::new("common name", shown(old), shown(new));
    let change = change.hurting(
        "code that finds certificates or clients by their common name",
        "it reads another one, or none",
    );
    // "If the subject field contains an empty sequence, ... [it] MUST include a subjectAltName extension that is
    // marked as critical" (RFC 5280 §4.2.1.6).
    Some(if after.subject.is_empty() && !after.is_critical(SUBJECT_ALT_NAME) {
        change.hurting(
            "java and python-3.13",
            "with an empty subject they want a subjectAltName that is critical",
        )
    } else {
        change
    })
}

fn key_usage(before: &Facts, after: &Facts) -> Option<Change> {
    let shown = |facts: &Facts| match &facts.key_usage {
        Reading::Absent => "none: every usage".to_owned(),
        Reading::Unreadable => "unreadable".to_owned(),
        Reading::Present(usage) => usage.names().join(", "),
    };
    if before.key_usage == after.key_usage {
        return None;
    }
    let mut change = Change::new("key usage", shown(before), shown(after));
    // Without the extension, everything is allowed (RFC 5280 §4.2.1.3).
    let lost = |allows: fn(&Facts) -> bool| allows(before) && !allows(after);
    if lost(|facts| facts.key_usage.present().is_none_or(|usage| usage.digital_signature())) {
        change = change.hurting(
            "clients that check keyUsage: in TLS 1.3, and with (EC)DHE suites",
            "the key may not sign handshakes any more (RFC 8446 section 4.4.2.2 wants digitalSignature)",
        );
    }
    if matches!(after.key, Key::Rsa { .. })
        && lost(|facts| facts.key_usage.present().is_none_or(|usage| usage.key_encipherment()))
    {
        change = change.hurting(
            "TLS 1.2 clients with static RSA key exchange (TLS_RSA_*)",
            "it needs keyEncipherment (RFC 5246 section 7.4.2)",
        );
    }
    Some(change)
}

fn extended_key_usage(before: &Facts, after: &Facts) -> Option<Change> {
    if before.extended_key_usage == after.extended_key_usage {
        return None;
    }
    let shown = |facts: &Facts| match &facts.extended_key_usage {
        Reading::Absent => "none: every purpose".to_owned(),
        Reading::Unreadable => "unreadable".to_owned(),
        Reading::Present(purposes) => purposes.iter().map(|oid| purpose(oid)).collect::<Vec<_>>().join(", "),
    };
    let allows = |facts: &Facts, oid: &str| {
        facts
            .extended_key_usage
            .present()
            .is_none_or(|purposes| purposes.iter().any(|purpose| purpose == oid))
    };
    let lost = |oid: &str| allows(before, oid) && !allows(after, oid);
    let mut change = Change::new("extended key usage", shown(before), shown(after));
    if lost(CLIENT_AUTH) {
        change = change.hurting(
            "mTLS: servers to which this certificate is shown as a client's, and SMTP or XMPP between servers",
            "clientAuth is gone. OpenSSL (and what is built on it): \"unsuitable certificate purpose\" (26), alert \
             unsupported_certificate; Go: \"x509: certificate specifies an incompatible key usage\"",
        );
    }
    if lost(SERVER_AUTH) {
        change = change.hurting("every client", "serverAuth is gone: it is no server's certificate any more");
    }
    Some(change)
}

fn purpose(oid: &str) -> String {
    match oid {
        SERVER_AUTH => "serverAuth".to_owned(),
        CLIENT_AUTH => "clientAuth".to_owned(),
        other => other.to_owned(),
    }
}

fn authority_key_id(before: &Facts, after: &Facts) -> Option<Change> {
    presence(
        "authority key identifier",
        !before.authority_key_id.is_absent(),
        !after.authority_key_id.is_absent(),
    )
    .map(|(change, gone)| {
        if gone {
            change.hurting("python-3.13 (VERIFY_X509_STRICT)", "\"Missing Authority Key Identifier\"")
        } else {
            change
        }
    })
}

fn subject_key_id(before: &Facts, after: &Facts) -> Option<Change> {
    presence("subject key identifier", !before.subject_key_id.is_absent(), !after.subject_key_id.is_absent())
        .map(|(change, _)| change)
}

/// A change if something came or went, and whether it went.
fn presence(what: &'static str, old: bool, new: bool) -> Option<(Change, bool)> {
    let shown = |present: bool| if present { "there" } else { "none" };
    (old != new).then(|| (Change::new(what, shown(old), shown(new)), old))
}

fn validity(before: &Facts, after: &Facts) -> Option<Change> {
    let days = |facts: &Facts| (facts.not_after.unix - facts.not_before.unix + DAY / 2) / DAY;
    let (old, new) = (days(before), days(after));
    // Authorities are not exact to the hour.
    if (old - new).abs() <= 1 {
        return None;
    }
    let change = Change::new("validity", format!("{old} days"), format!("{new} days"));
    let crossed = |limit: i64| old <= limit && new > limit;
    Some(if new < old {
        change.hurting(
            "whoever renews, or copies certificates and pins, by hand",
            format!("it must be done every {new} days now"),
        )
    } else if crossed(825) {
        change.hurting("apple", "more than 825 days are refused, below private roots too").hurting(
            "chrome and nss (Firefox)",
            "below public roots the limit is 398 days, and 200 days since 2026-03-15",
        )
    } else if new > 398 {
        change.hurting("apple and chrome", "below public roots more than 398 days are refused")
    } else {
        change
    })
}

fn end(before: &Facts, after: &Facts) -> Option<Change> {
    let (old, new) = (before.not_after, after.not_after);
    let change = || Change::new("expiry", moment::day(old.unix), moment::day(new.unix));
    if new.form != TimeForm::Utc && old.form == TimeForm::Utc {
        return Some(change().hurting(
            "old or small date readers",
            "the year is written as GeneralizedTime now (RFC 5280 section 4.1.2.5)",
        ));
    }
    (old.unix <= END_OF_32_BITS && new.unix > END_OF_32_BITS).then(|| {
        change().hurting(
            "devices with 32-bit time (mbedtls, wolfssl and bearssl on them)",
            "it lies beyond 2038-01-19",
        )
    })
}

fn status(before: &Facts, after: &Facts) -> Option<Change> {
    let sources = |facts: &Facts| (!facts.responder_urls.is_empty(), !facts.crl_urls.is_empty());
    let (old, new) = (sources(before), sources(after));
    if old == new {
        return None;
    }
    let shown = |(ocsp, crl)| match (ocsp, crl) {
        (true, true) => "OCSP and CRL",
        (true, false) => "OCSP",
        (false, true) => "CRL",
        (false, false) => "none",
    };
    let mut change = Change::new("revocation source", shown(old), shown(new));
    if old.0 && !new.0 {
        change = change.hurting(
            "servers that staple (nginx ssl_stapling, Apache SSLUseStapling)",
            "\"no OCSP responder URL in the certificate\": nothing is stapled any more",
        );
        change = change.hurting(
            "clients that insist on OCSP (Java with ocsp.enable, strict proxies)",
            "there is no responder to ask",
        );
    }
    if new.1 && !old.1 {
        change = change.hurting(
            "schannel, and clients that check CRLs behind a firewall",
            "they fetch the CRL: its address must be reachable (CRYPT_E_REVOCATION_OFFLINE)",
        );
    }
    if new == (false, false) {
        change = change.hurting("schannel (curl on Windows)", "CRYPT_E_NO_REVOCATION_CHECK (0x80092012)");
    }
    Some(change)
}

fn must_staple(before: &Facts, after: &Facts) -> Option<Change> {
    presence("must-staple", before.must_staple, after.must_staple).map(|(change, gone)| {
        if gone {
            change.hurting(
                "nobody who calls; policies that rely on hard revocation do",
                "a client does not demand a stapled response any more (RFC 7633)",
            )
        } else {
            change.hurting(
                "gnutls and nss (Firefox)",
                "they refuse a handshake without a stapled response (RFC 7633)",
            )
        }
    })
}

fn timestamps(before: &Facts, after: &Facts) -> Option<Change> {
    let has = |facts: &Facts| facts.extension(TIMESTAMPS).is_some();
    presence("certificate transparency", has(before), has(after)).map(|(change, gone)| {
        if gone {
            change.hurting(
                "chrome and apple",
                "below public roots they want signed timestamps (ERR_CERTIFICATE_TRANSPARENCY_REQUIRED)",
            )
        } else {
            change
        }
    })
}
