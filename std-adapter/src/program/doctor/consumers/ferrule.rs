//! Ferrule itself: the real verifier is run, over the chain as it was served.

use super::problem::{Judge, Judgement, Problem};
use crate::program::doctor::case::{ExpectedName, Role};
use crate::program::doctor::consumers::Consumer;
use ferrule::certificate::revocation::{RevocationList, RevocationPolicy, Staple};
use ferrule::certificate::{
    self, CertificateError, DnsName, ExpectedPeer, Role as PeerRole, Rule, ServerName, UnixTime, Validity,
    chain, path,
};
use ferrule_std::{Roots, StdProvider};

pub(super) fn judge(judge: Judge<'_>) -> Judgement {
    let case = judge.case;
    let name = match &case.name {
        Some(ExpectedName::Ip(address)) => Some(ServerName::from(*address)),
        Some(ExpectedName::Dns(name)) => match DnsName::parse(name) {
            Ok(name) => Some(ServerName::from(name)),
            // Nobody can be asked for by such a name, whatever the certificate says.
            Err(why) => {
                let (rule, error) = ("host-name-unlawful", why.to_string());
                return Err(Problem { rule, certificate: None, error });
            }
        },
        None => None,
    };
    let expected = ExpectedPeer {
        name: name.as_ref(),
        role: if case.role == Role::Server { PeerRole::Server } else { PeerRole::Client },
        validity: Validity::At(UnixTime(case.at.try_into().unwrap_or(0))),
    };
    verify(judge, &expected).map_err(|error| {
        let certificate = usize::from(error.index);
        let rule = row(&error.rule);
        Problem { rule, certificate: Some(certificate), error: error.to_string() }
    })
}

fn verify(judge: Judge<'_>, expected: &ExpectedPeer<'_>) -> Result<(), CertificateError> {
    let case = judge.case;
    let mut roots = Roots::default();
    for facts in &case.store {
        roots.add(&facts.der);
    }
    let anchors = roots.as_anchors();
    let lists: Vec<RevocationList<'_>> =
        case.crls.iter().filter_map(|der| RevocationList::parse(der).ok()).collect();
    let policy = RevocationPolicy {
        // A client has nobody who would staple for it here.
        staple: if case.role == Role::Server { Staple::Checked } else { Staple::Ignored },
        ..RevocationPolicy::new(&lists)
    };
    let chain: Vec<&[u8]> = case.served.iter().map(|facts| facts.der.as_slice()).collect();
    let staple = case.staple.as_deref();
    let total: usize = chain.iter().map(|der| der.len()).sum();
    // Enough for any walk.
    let mut memory = vec![0; total * 2 + staple.map_or(0, <[u8]>::len) + 4096];
    let (provider, memory) = (&mut StdProvider::new(None), memory.as_mut_slice());
    let (one, many) = (chain::Verifier::new(&anchors), path::Verifier::new(&anchors));
    match judge.consumer {
        // As firmware is built: it asks for revocation where it is given something.
        Consumer::FerruleFirmware if lists.is_empty() => {
            certificate::verify(&one, &chain, None, expected, provider, memory)
        }
        Consumer::FerruleFirmware => {
            certificate::verify(&one.with_revocation(policy), &chain, staple, expected, provider, memory)
        }
        // As `ferrule get` does it.
        _ => certificate::verify(&many.with_revocation(policy), &chain, staple, expected, provider, memory),
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
        Rule::NameConstraint { .. } | Rule::AnchorNameConstraint { .. } => "name-not-permitted",
        Rule::EmptyIssuer => "empty-issuer",
        Rule::PathTooLong { .. } => "path-too-long",
        Rule::TooManySignatureChecks { .. } | Rule::TooManyNameComparisons { .. } => "path-budget",
        Rule::Revoked { .. } => "revoked",
        Rule::MissingStaple => "must-staple",
        Rule::RevocationUnknown
        | Rule::StatusOutOfDate { .. }
        | Rule::BadStatusSignature
        | Rule::UnusableRevocationList { .. }
        | Rule::UnusableStaple { .. } => "revocation-unknown",
        _ => "malformed-extension",
    }
}
