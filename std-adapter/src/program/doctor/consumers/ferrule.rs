//! Ferrule itself: the real verifier is run, over the chain as it was served.

use super::problem::{Judge, Judgement, Problem};
use crate::program::doctor::case::{ExpectedName, Role};
use crate::program::doctor::consumers::Consumer;
use ferrule::certificate::revocation::{RevocationList, RevocationPolicy};
use ferrule::certificate::{
    CertificateError, DnsName, ExpectedPeer, Next, PeerVerifier, Role as PeerRole, Rule, ServerName,
    TrustAnchor, UnixTime, Validity, chain, path,
};
use ferrule_std::StdProvider;

pub(super) fn judge(judge: Judge<'_>) -> Judgement {
    verify(judge).map_err(|error| {
        let certificate = usize::from(error.index);
        let rule = row(&error.rule);
        Problem { rule, certificate: Some(certificate), error: error.to_string() }
    })
}

fn verify(judge: Judge<'_>) -> Result<(), CertificateError> {
    let case = judge.case;
    let anchors: Vec<TrustAnchor<'_>> =
        case.store.iter().filter_map(|facts| TrustAnchor::from_certificate(&facts.der).ok()).collect();
    let name = match &case.name {
        Some(ExpectedName::Ip(address)) => Some(ServerName::from(*address)),
        Some(ExpectedName::Dns(name)) => DnsName::parse(name).ok().map(ServerName::from),
        None => None,
    };
    let expected = ExpectedPeer {
        name: name.as_ref(),
        role: if case.role == Role::Server { PeerRole::Server } else { PeerRole::Client },
        validity: Validity::At(UnixTime(case.at.try_into().unwrap_or(0))),
    };
    let lists: Vec<RevocationList<'_>> =
        case.crls.iter().filter_map(|der| RevocationList::parse(der).ok()).collect();
    let revocation = RevocationPolicy::new(&lists);
    let chain: Vec<&[u8]> = case.served.iter().map(|facts| facts.der.as_slice()).collect();
    match (judge.consumer, lists.is_empty()) {
        (Consumer::FerruleFirmware, true) => walk(&chain::Verifier::new(&anchors), &expected, &chain),
        (Consumer::FerruleFirmware, false) => {
            walk(&chain::Verifier::new(&anchors).with_revocation(revocation), &expected, &chain)
        }
        (_, true) => walk(&path::Verifier::new(&anchors), &expected, &chain),
        (_, false) => walk(&path::Verifier::new(&anchors).with_revocation(revocation), &expected, &chain),
    }
}

/// As a handshake does it.
fn walk<V: PeerVerifier>(
    verifier: &V,
    expected: &ExpectedPeer<'_>,
    chain: &[&[u8]],
) -> Result<(), CertificateError> {
    let total: usize = chain.iter().map(|der| der.len()).sum();
    // Enough for any walk.
    let mut memory = vec![0; total * 2 + 4096];
    let mut provider = StdProvider::new(None);
    let mut walk = verifier.begin();
    let mut served = chain.iter();
    let mut next = Next::Certificate { at: 0 };
    loop {
        next = match next {
            Next::Authenticated(_) => return Ok(()),
            Next::Work => verifier.work(&mut walk, expected, &mut provider, &mut memory)?,
            Next::Certificate { at } => match served.next() {
                None => verifier.end(&mut walk, expected, &mut memory)?,
                Some(der) => {
                    if let Some(place) = memory.get_mut(at..at + der.len()) {
                        place.copy_from_slice(der);
                    }
                    verifier.certificate(&mut walk, expected, &mut provider, &mut memory, der.len())?
                }
            },
        };
    }
}

const fn row(rule: &Rule) -> &'static str {
    match rule {
        Rule::Expired { .. } | Rule::ExpiredBeforeBuild { .. } => "expired",
        Rule::NotYetValid { .. } => "not-yet-valid",
        Rule::NameMismatch { .. } => "name-mismatch",
        Rule::NoSubjectAltName => "common-name-only",
        Rule::SelfSigned => "self-signed-leaf",
        Rule::BadSignature { .. } => "bad-signature",
        Rule::NotACertificateAuthority => "not-a-ca",
        Rule::PathLength { .. } => "path-length",
        Rule::KeyUsage { .. } => "key-usage",
        Rule::ExtendedKeyUsage { .. } => "extended-key-usage",
        Rule::UnknownCriticalExtension { .. } => "unknown-critical-extension",
        Rule::DuplicateExtension { .. } => "duplicate-extension",
        Rule::AlgorithmMismatch => "algorithm-mismatch",
        Rule::UnsupportedSignatureAlgorithm { .. } => "unsupported-signature",
        Rule::WeakSignatureAlgorithm { .. } => "weak-signature-hash",
        Rule::UnknownIssuer { .. } | Rule::UnusableAnchor { .. } => "unknown-issuer",
        Rule::Serial => "negative-serial",
        Rule::Version { .. } => "version",
        Rule::UnsupportedKey { .. } => "unsupported-key",
        Rule::KeySize { .. } => "weak-leaf-key",
        _ => "malformed-extension",
    }
}
