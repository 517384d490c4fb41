//! Where Ferrule's path builder answers otherwise than OpenSSL, Go or rustls, and why.

use crate::consumers::Measured;
use crate::corpus::HOST;
use crate::draft::{Case, Draft, Role};
use crate::files::Filed;
use crate::key::Kind;
use crate::recipe::damaged;
use fastrand::Rng;
use ferrule::certificate::{
    self, CertificateError, ExpectedPeer, Rule, ServerName, UnixTime, Validity, path,
};
use ferrule_std::{Roots, StdProvider};
use std::collections::BTreeMap;

/// Those that are compared with.
pub(crate) const OTHERS: [&str; 3] = ["openssl", "go", "rustls"];

/// Cases in which one byte of one certificate was changed, left out or doubled: half of them after the
/// certificate was signed, and half before, so that the signature is good.
pub(crate) fn mutations(cases: &[Case], count: u64, now: i64) -> Vec<Case> {
    let after = |seed| {
        let mut random = Rng::with_seed(seed);
        let mut case = cases[random.usize(..cases.len())].clone();
        let certificate = random.usize(..case.served.len());
        case.served[certificate] = damaged(std::mem::take(&mut case.served[certificate]), seed);
        case.name = format!("mutation-{seed}-of-{certificate}-{}", case.name);
        case
    };
    let before = |seed| {
        let kinds = [Kind::P256, Kind::Rsa2048][seed as usize % 2];
        let mut draft = Draft::new(HOST, &[kinds; 3], now);
        let position = Rng::with_seed(seed).usize(..2);
        draft.links[position].damage = Some(seed);
        draft.case(&format!("mutation-{seed}-before-the-signature-of-{position}"))
    };
    (0..count / 2).map(after).chain((count / 2..count).map(before)).collect()
}

/// Why Ferrule refuses what another accepts: by its own rule.
fn reason_to_refuse(rule: &Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::NoSubjectAltName => "a common name is no name (RFC 9525 §2)",
        Rule::NameMismatch { .. } => {
            "OpenSSL still takes common names, and wildcards that are a part of a label (RFC 9525 §6.3)"
        }
        Rule::KeySize { .. } | Rule::UnusableAnchor { .. } => {
            "RSA keys have 2048 to 4096 bits, an anchor's too"
        }
        Rule::UnsupportedKey { .. } | Rule::UnsupportedSignatureAlgorithm { .. } => {
            "keys and algorithms beyond those of TLS 1.3 that public authorities use"
        }
        Rule::WeakSignatureAlgorithm { .. } => "no signature over SHA-1 (RFC 9155)",
        Rule::KeyUsage { .. } => "keyUsage is enforced: rustls does not look at it, Go not at the leaf's",
        Rule::UnknownCriticalExtension { .. } => {
            "others process policies, or do not look at anchors and leaves"
        }
        Rule::Serial => "serial numbers are positive and have 20 bytes at most (§4.1.2.2)",
        Rule::EmptyIssuer => "an issuer has a name (§4.1.2.4)",
        Rule::Version { .. } => "version 3, which has extensions (§4.1.2.1)",
        Rule::NotACertificateAuthority => "an authority says that it is one (§4.2.1.9), version 1 cannot",
        Rule::Malformed { .. } => "strict DER where others read BER",
        Rule::DuplicateExtension { .. } => "an extension comes once (§4.2)",
        Rule::AlgorithmMismatch => {
            "inner and outer algorithm are the same (§4.1.1.2): rustls compares, Go does not"
        }
        Rule::ExtendedKeyUsage { .. } => "anyExtendedKeyUsage and absent ones are read alike by few",
        Rule::NameConstraint { .. } | Rule::AnchorNameConstraint { .. } => {
            "constraints of forms not processed here, or on anchors, which OpenSSL does not ask"
        }
        Rule::PathLength { .. } => "pathLenConstraint of a leaf's issuer, self-issued ones counted otherwise",
        Rule::MissingStaple => "must-staple is enforced (RFC 7633)",
        _ => return None,
    })
}

/// Defects that put the leaf itself into the store.
const LEAF_STORED: [&str; 3] = ["leaf-only-stored", "leaf-stored-beside-root", "self-signed-leaf-stored"];

/// Compares all, prints how often for which reason, and returns a line for each difference without one.
pub(crate) fn compare(cases: &[Filed], measured: &[Measured]) -> Vec<String> {
    let mut unexplained = Vec::new();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for filed in cases {
        let Some(answer) = verify(&filed.case) else { continue };
        let of_case: Vec<_> = measured.iter().filter(|one| one.case == filed.case.name).collect();
        let accepting: Vec<_> = of_case.iter().filter(|one| one.accepts).map(|one| one.consumer).collect();
        let shown = || {
            let refusals = of_case.iter().filter(|one| !one.accepts);
            let said: Vec<_> = refusals.map(|one| format!("{}: {:?}", one.consumer, one.error)).collect();
            format!("{}: {answer:?}, accepted by {accepting:?}\n    {}", filed.case.name, said.join("\n    "))
        };
        match &answer {
            Ok(()) if accepting.len() == of_case.len() => *counts.entry("all accept").or_default() += 1,
            // Each of the three has a limit of its own that Ferrule has not; what none accepts is no such thing.
            Ok(()) if !accepting.is_empty() => *counts.entry("accepted, as by some").or_default() += 1,
            Ok(()) => unexplained.push(shown()),
            Err(_) if accepting.is_empty() => *counts.entry("all refuse").or_default() += 1,
            // "leaf-stored": Go believes a leaf that is in its store whoever signed it. An anchor of Ferrule's is a
            // name and a key that must have signed the leaf, its own or not.
            Err(_)
                if accepting == ["go"]
                    && LEAF_STORED.iter().any(|defect| filed.case.name.contains(defect)) =>
            {
                *counts.entry("a leaf in Go's store needs no issuer").or_default() += 1;
            }
            Err(error) => match reason_to_refuse(&error.rule) {
                Some(reason) => *counts.entry(reason).or_default() += 1,
                None => unexplained.push(shown()),
            },
        }
    }
    for (reason, count) in counts {
        println!("{count:5} {reason}");
    }
    unexplained
}

/// What the path builder says; `None` for a name that cannot be asked for.
fn verify(case: &Case) -> Option<Result<(), CertificateError>> {
    let name =
        case.host.as_deref().map(|host| ServerName::parse(host).ok()).map_or(Some(None), |n| n.map(Some))?;
    let role = match case.role {
        Role::Server => certificate::Role::Server,
        Role::Client => certificate::Role::Client,
    };
    let validity = Validity::At(UnixTime(case.at.try_into().ok()?));
    let expected = ExpectedPeer { name: name.as_ref(), role, validity };
    let mut roots = Roots::default();
    for der in &case.store {
        roots.add(der);
    }
    let anchors = roots.as_anchors();
    let served: Vec<&[u8]> = case.served.iter().map(Vec::as_slice).collect();
    let (mut provider, mut memory) = (StdProvider::new(None), vec![0; 1 << 18]);
    let verifier = path::Verifier::new(&anchors);
    Some(certificate::verify(&verifier, &served, None, &expected, &mut provider, &mut memory))
}
