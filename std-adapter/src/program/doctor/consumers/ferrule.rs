//! Ferrule itself: the real verifier is run, over the chain as it was served.

use super::problem::{Judge, Judgement, Problem};
use crate::program::doctor::case::{ExpectedName, Role};
use crate::program::doctor::facts::Facts;
use ferrule::certificate::chain::Verifier;
use ferrule::certificate::{
    CertificateError, DnsName, ExpectedPeer, Next, PeerVerifier, Role as PeerRole, Rule, ServerName,
    TrustAnchor, UnixTime, Validity,
};
use ferrule_std::StdProvider;

/// What a chain costs the firmware that verifies it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cost {
    /// Bytes of scratch that certificates took.
    pub(crate) scratch: usize,
    /// Bytes of the Certificate message (RFC 8446 §4.4.2).
    pub(crate) message: usize,
    /// Public-key operations.
    pub(crate) signatures: usize,
}

pub(super) fn judge(judge: Judge<'_>) -> Judgement {
    walk(judge).0.map_err(|error| {
        let certificate = usize::from(error.index);
        let rule = row(&error.rule);
        Problem { rule, certificate: Some(certificate), error: error.to_string() }
    })
}

/// What the walk up this chain costs, whether it ends well or not.
pub(crate) fn cost(judge: Judge<'_>) -> Cost {
    walk(judge).1
}

fn walk(judge: Judge<'_>) -> (Result<(), CertificateError>, Cost) {
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
    let chain: Vec<&[u8]> = case.served.iter().map(|facts| facts.der.as_slice()).collect();
    let total: usize = chain.iter().map(|der| der.len()).sum();
    // Enough for any walk: what is asked for is measured below.
    let mut memory = vec![0; total * 2 + 4096];
    let mut cost = Cost { scratch: 0, message: 4 + 1 + 3 + total + chain.len() * 5, signatures: 0 };
    let mut provider = StdProvider::new(None);
    let verifier = Verifier::new(&anchors);
    let mut walk = verifier.begin();
    let mut served = chain.iter();
    let mut next = Next::Certificate { at: 0 };
    loop {
        let answer = match next {
            Next::Authenticated(_) => return (Ok(()), cost),
            Next::Work => {
                cost.signatures += 1;
                verifier.work(&mut walk, &expected, &mut provider, &mut memory)
            }
            Next::Certificate { at } => match served.next() {
                None => verifier.end(&mut walk, &mut memory),
                Some(der) => {
                    if let Some(place) = memory.get_mut(at..at + der.len()) {
                        place.copy_from_slice(der);
                    }
                    cost.scratch = cost.scratch.max(at + der.len());
                    verifier.certificate(&mut walk, &expected, &mut provider, &mut memory, der.len())
                }
            },
        };
        match answer {
            Ok(more) => next = more,
            Err(error) => return (Err(error), cost),
        }
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

/// What a firmware must have compiled in for these certificates: kinds of keys and signatures.
pub(crate) fn features(path: &[Facts]) -> Vec<String> {
    let mut features: Vec<String> = Vec::new();
    for facts in path {
        for feature in [facts.key.to_string(), facts.algorithm.to_string()] {
            if !features.contains(&feature) {
                features.push(feature);
            }
        }
    }
    features
}
