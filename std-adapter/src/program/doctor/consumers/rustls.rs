//! rustls with webpki: the real one is run.

use super::problem::{Judge, Judgement, Problem};
use crate::program::doctor::case::{ExpectedName, Role};
use crate::program::doctor::facts::Facts;
use crate::program::doctor::key::{Curve, Key};
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, ServerName, UnixTime};
use rustls::server::WebPkiClientVerifier;
use std::sync::Arc;
use std::time::Duration;

pub(super) fn judge(judge: Judge<'_>) -> Judgement {
    let Some(leaf) = judge.case.served.first() else { return Ok(()) };
    // A server with such a key finds no scheme among those offered, and ends the handshake.
    if matches!(leaf.key, Key::Ec { curve: Some(Curve::P521), explicit: false } | Key::Ed448) {
        return judge.refuse("unsupported-key", leaf);
    }
    let verified = if judge.case.role == Role::Server { server(judge, leaf) } else { client(judge, leaf) };
    verified?;
    // The signature of the handshake itself.
    match &leaf.key {
        Key::Rsa { bits, .. } if !(2048..=8192).contains(bits) => judge.refuse("weak-leaf-key", leaf),
        Key::Ec { explicit: true, .. } => judge.refuse("explicit-curve-parameters", leaf),
        Key::Ec { curve: Some(Curve::P256 | Curve::P384), .. } | Key::Rsa { .. } | Key::Ed25519 => Ok(()),
        _ => judge.refuse("unsupported-curve", leaf),
    }
}

fn roots(judge: Judge<'_>) -> Arc<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for facts in &judge.case.store {
        // What it cannot use is as if it were not there.
        let _ = roots.add(CertificateDer::from(facts.der.as_slice()));
    }
    Arc::new(roots)
}

fn server(judge: Judge<'_>, leaf: &Facts) -> Judgement {
    let case = judge.case;
    let name = match &case.name {
        Some(ExpectedName::Ip(address)) => ServerName::IpAddress((*address).into()),
        Some(ExpectedName::Dns(name)) => match ServerName::try_from(name.as_str()) {
            Ok(name) => name,
            Err(_) => return judge.refuse("host-name-unlawful", leaf),
        },
        // Any name of the certificate will do.
        None => leaf
            .dns_names()
            .find_map(|name| ServerName::try_from(name.replacen('*', "a", 1)).ok())
            .or_else(|| leaf.addresses().next().map(|address| ServerName::IpAddress(address.into())))
            .unwrap_or(ServerName::IpAddress(std::net::Ipv4Addr::LOCALHOST.into())),
    };
    let verifier = WebPkiServerVerifier::builder_with_provider(roots(judge), Arc::new(default_provider()))
        .with_crls(case.crls.iter().map(|crl| CertificateRevocationListDer::from(crl.clone())))
        .allow_unknown_revocation_status()
        .build();
    let Ok(verifier) = verifier else { return judge.refuse("unknown-issuer", leaf) };
    let intermediates = intermediates(judge);
    let answer = rustls::client::danger::ServerCertVerifier::verify_server_cert(
        &*verifier,
        &CertificateDer::from(leaf.der.as_slice()),
        &intermediates,
        &name,
        &[],
        now(judge),
    );
    answer.map(|_| ()).or_else(|error| refusal(judge, leaf, &error))
}

fn client(judge: Judge<'_>, leaf: &Facts) -> Judgement {
    let verifier =
        WebPkiClientVerifier::builder_with_provider(roots(judge), Arc::new(default_provider())).build();
    let Ok(verifier) = verifier else { return judge.refuse("unknown-issuer", leaf) };
    let intermediates = intermediates(judge);
    let leaf_der = CertificateDer::from(leaf.der.as_slice());
    let answer = verifier.verify_client_cert(&leaf_der, &intermediates, now(judge));
    answer.map(|_| ()).or_else(|error| refusal(judge, leaf, &error))
}

fn intermediates(judge: Judge<'_>) -> Vec<CertificateDer<'_>> {
    judge.case.served.iter().skip(1).map(|facts| CertificateDer::from(facts.der.as_slice())).collect()
}

fn now(judge: Judge<'_>) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(judge.case.at.try_into().unwrap_or(0)))
}

/// Its own words, and the row that they belong to.
fn refusal(judge: Judge<'_>, leaf: &Facts, error: &rustls::Error) -> Judgement {
    const ROWS: [(&str, &str); 22] = [
        ("UnknownIssuer", "unknown-issuer"),
        ("expired", "expired"),
        ("Expired", "expired"),
        ("not valid yet", "not-yet-valid"),
        ("not valid for any names", "common-name-only"),
        ("not valid for name", "name-mismatch"),
        ("BadSignature", "bad-signature"),
        ("extended key usage", "extended-key-usage"),
        ("EmptyEku", "extended-key-usage"),
        ("NameConstraintViolation", "name-not-permitted"),
        ("UnsupportedCriticalExtension", "unknown-critical-extension"),
        ("EndEntityUsedAsCa", "not-a-ca"),
        ("CaUsedAsEndEntity", "leaf-is-ca"),
        ("PathLenConstraintViolated", "path-length"),
        ("MaximumPathDepthExceeded", "path-too-long"),
        ("Maximum", "path-budget"),
        ("UnsupportedCertVersion", "version"),
        ("ForPublicKeyContext", "unsupported-curve"),
        ("UnsupportedSignatureAlgorithm", "unsupported-signature"),
        ("SignatureAlgorithmMismatch", "algorithm-mismatch"),
        ("ExtensionValueInvalid", "duplicate-extension"),
        ("Revoked", "revoked"),
    ];
    let error = error.to_string();
    let rule =
        ROWS.iter().find(|(words, _)| error.contains(words)).map_or("malformed-extension", |(_, rule)| rule);
    let rule = if rule == "unsupported-signature" && judge.case.served.iter().any(has_weak_hash) {
        "weak-signature-hash"
    } else {
        rule
    };
    // Times and lists that follow are for debugging.
    let words = [": verification time", " { signature_algorithm_id"];
    let end = words.iter().find_map(|start| error.find(start)).unwrap_or(error.len());
    Err(Problem {
        rule,
        certificate: (rule != "unknown-issuer").then(|| judge.case.served_place(leaf)).flatten(),
        error: error[..end].to_owned(),
    })
}

fn has_weak_hash(facts: &Facts) -> bool {
    use crate::program::doctor::key::Hash;
    matches!(facts.algorithm.hash(), Some(Hash::Md5 | Hash::Sha1))
}
