//! All that is wrong, told at once.

extern crate std;
use super::super::chain::tests::{anchor, at, chain_of, root, run, server_name};
use super::super::draft::{
    DIGITAL_SIGNATURE, Draft, KEY_CERT_SIGN, NOW, TestKey, basic_constraints, dns_names, extended_key_usage,
    extension, key_usage, object, provider, sequence, tlv,
};
use super::super::{Role, ServerName};
use super::*;
use std::string::ToString;
use std::vec;
use std::vec::Vec;

fn inspect_all(anchors: &[TrustAnchor<'_>], chain: &[Vec<u8>]) -> Vec<Finding> {
    let name = server_name();
    let mut found = Vec::new();
    let served: Vec<&[u8]> = chain.iter().map(Vec::as_slice).collect();
    let mut memory = vec![0; chain.iter().map(|der| der.len() + 1).sum()];
    inspect(&served, anchors, &expected(&name), &mut provider(), &mut memory, |finding| found.push(finding));
    // The promise of `inspect`.
    let path = run(&path::Verifier::new(anchors), &mut provider(), &expected(&name), chain, 1 << 16).0;
    let refused = found.iter().any(|finding| matches!(finding, Finding::Refused(_)));
    assert_eq!(path.is_err(), refused, "{path:?} {found:?}");
    if let Err(reason) = path {
        assert!(found.contains(&Finding::Refused(reason)));
    }
    found
}
fn expected(name: &ServerName) -> ExpectedPeer<'_> {
    ExpectedPeer { name: Some(name), role: Role::Server, validity: at(NOW) }
}
fn refusals(findings: &[Finding]) -> Vec<(u8, &Rule)> {
    let refused = findings.iter().filter_map(|finding| match finding {
        Finding::Refused(error) => Some((error.index, &error.rule)),
        Finding::Unorthodox { .. } => None,
    });
    refused.collect()
}
fn unorthodox(findings: &[Finding]) -> Vec<(u8, Unorthodox)> {
    let unorthodox = |finding| match finding {
        &Finding::Unorthodox { index, what } => Some((index, what)),
        Finding::Refused(_) => None,
    };
    findings.iter().filter_map(unorthodox).collect()
}
fn has(findings: &[Finding], index: u8, what: Unorthodox) -> bool {
    unorthodox(findings).contains(&(index, what))
}

fn subject_key_identifier(id: u8) -> Vec<u8> {
    extension(oid::SUBJECT_KEY_IDENTIFIER, false, &tlv(4, &[id; 20]))
}
fn authority_key_identifier(id: u8) -> Vec<u8> {
    extension(oid::AUTHORITY_KEY_IDENTIFIER, false, &sequence(&[&tlv(0x80, &[id; 20])]))
}

/// A leaf and its issuer as an authority should make them, by key 1 and below a root of key 2.
fn leaf() -> Draft {
    Draft::leaf("Issuing", &TestKey::p256(200)).with(authority_key_identifier(1))
}
fn issuing() -> Draft {
    let draft = Draft::authority("Issuing", "Root", &TestKey::p256(1));
    draft.with(authority_key_identifier(2)).with(subject_key_identifier(1))
}
fn with(leaf: &Draft, issuing: &Draft) -> Vec<Finding> {
    let trusted = root(&TestKey::p256(2));
    let chain = [leaf.signed_by(&TestKey::p256(1)), issuing.signed_by(&TestKey::p256(2))];
    inspect_all(&[anchor(&trusted)], &chain)
}

#[test]
fn finds_nothing_in_a_chain_as_it_should_be() {
    assert_eq!(with(&leaf(), &issuing()), []);
}

#[test]
fn reports_every_rule_that_is_broken_and_not_the_first_alone() {
    let leaf = leaf()
        .valid("200101000000Z", "210101000000Z")
        .with(key_usage(KEY_CERT_SIGN))
        .with(extended_key_usage(&[oid::CLIENT_AUTH]))
        .with(dns_names(&["example.com"]));
    let mut issuing = issuing().valid("300101000000Z", "310101000000Z").without(oid::BASIC_CONSTRAINTS);
    issuing.serial = vec![0x80];
    let findings = with(&leaf, &issuing);
    let of = |index| {
        refusals(&findings)
            .into_iter()
            .filter(move |(at, _)| *at == index)
            .map(|(_, rule)| rule)
            .collect::<Vec<_>>()
    };
    assert!(matches!(
        of(0)[..],
        [
            Rule::Expired { .. },
            Rule::ExtendedKeyUsage { needed: Role::Server },
            Rule::KeyUsage { needed: "digitalSignature" },
            Rule::NameMismatch { .. }
        ]
    ));
    assert!(matches!(of(1)[..], [Rule::Serial, Rule::NotYetValid { .. }, Rule::NotACertificateAuthority]));
}

#[test]
fn reports_names_that_are_not_permitted_where_they_were_forbidden() {
    let value = sequence(&[&tlv(0xa0, &sequence(&[&tlv(0x82, b"example.com")]))]);
    let findings = with(&leaf(), &issuing().with(extension(oid::NAME_CONSTRAINTS, false, &value)));
    assert_eq!(refusals(&findings), [(1, &Rule::NameConstraint { name: "example.org".try_into().unwrap() })]);
    assert_eq!(unorthodox(&findings), [(1, Unorthodox::NameConstraintsNotCritical)]);
}

#[test]
fn says_where_the_chain_breaks() {
    let (chain, trusted) = chain_of(2, TestKey::p256);
    let trusted = [anchor(&trusted)];
    let unknown = |issuer: &str| Rule::UnknownIssuer { issuer: issuer.try_into().unwrap() };
    assert_eq!(refusals(&inspect_all(&trusted, &chain[..1])), [(0, &unknown("Issuing 0"))]);
    assert_eq!(refusals(&inspect_all(&trusted, &chain[..2])), [(1, &unknown("Issuing 1"))]);
    assert_eq!(refusals(&inspect_all(&[], &chain)), [(2, &unknown("Root"))]);
    let mut altered = chain.clone();
    *altered[1].last_mut().unwrap() ^= 1;
    let bad = Rule::BadSignature { issuer: "Issuing 1".try_into().unwrap() };
    assert_eq!(refusals(&inspect_all(&trusted, &altered)), [(1, &bad)]);
    let mut cut = chain;
    cut[1].pop();
    let findings = inspect_all(&trusted, &cut);
    assert!(refusals(&findings).contains(&(1, &Rule::Malformed { structure: "Certificate" })));
    assert!(refusals(&inspect_all(&trusted, &[])).contains(&(0, &Rule::NoCertificate)));
}

#[test]
fn says_which_certificates_are_surplus_or_out_of_order() {
    let (mut chain, trusted) = chain_of(2, TestKey::p256);
    chain.swap(1, 2);
    chain.push(trusted.clone());
    chain.push(root(&TestKey::p256(77)));
    let findings = inspect_all(&[anchor(&trusted)], &chain);
    let places = [Unorthodox::OutOfOrder, Unorthodox::AnchorServed, Unorthodox::Surplus];
    let found: Vec<_> = unorthodox(&findings).into_iter().filter(|(_, what)| places.contains(what)).collect();
    assert_eq!(found, [(2, Unorthodox::OutOfOrder), (3, Unorthodox::AnchorServed), (4, Unorthodox::Surplus)]);
}

#[test]
fn finds_what_only_stricter_consumers_refuse() {
    use Unorthodox::*;
    let constraints = |critical| extension(oid::BASIC_CONSTRAINTS, critical, &sequence(&[&[1, 1, 0xff]]));
    for (leaf, issuing, index, what) in [
        (leaf().without(oid::AUTHORITY_KEY_IDENTIFIER), issuing(), 0, NoAuthorityKeyIdentifier),
        (leaf().with(authority_key_identifier(9)), issuing(), 0, WrongAuthorityKeyIdentifier),
        (leaf(), issuing().without(oid::AUTHORITY_KEY_IDENTIFIER), 1, NoAuthorityKeyIdentifier),
        (leaf(), issuing().without(oid::SUBJECT_KEY_IDENTIFIER), 1, NoSubjectKeyIdentifier),
        (leaf(), issuing().with(constraints(false)), 1, BasicConstraintsNotCritical),
        (leaf(), issuing().without(oid::KEY_USAGE), 1, NoKeyUsage),
        (leaf().with(key_usage(DIGITAL_SIGNATURE | KEY_CERT_SIGN)), issuing(), 0, KeyCertSignOfNoAuthority),
        (
            leaf().with(extension(oid::BASIC_CONSTRAINTS, true, &sequence(&[&[2, 1, 0]]))),
            issuing(),
            0,
            PathLengthOfNoAuthority,
        ),
        (Draft { subject: Vec::new(), ..leaf() }, issuing(), 0, SubjectAltNameNotCritical),
        (Draft { serial: vec![0], ..leaf() }, issuing(), 0, SerialZero),
    ] {
        let findings = with(&leaf, &issuing);
        assert_eq!(refusals(&findings), [], "{what}");
        assert_eq!(unorthodox(&findings), [(index, what)]);
        assert!(what.to_string().ends_with(')'));
    }
    let never = leaf().valid("270101000000Z", "260101000000Z");
    assert!(has(&with(&never, &issuing()), 0, EmptyValidity));
    let value = sequence(&[&tlv(0xa0, &sequence(&[&tlv(0x82, b"example.org")]))]);
    let constrained = leaf().with(extension(oid::NAME_CONSTRAINTS, true, &value));
    assert!(has(&with(&constrained, &issuing()), 0, NameConstraintsOfNoAuthority));
}

#[test]
fn agrees_with_the_path_builder_on_any_mixture_of_defects() {
    // `inspect_all` compares; here are 2^10 mixtures.
    let policy: &[u8] = &[0x2a, 3, 4];
    type Defect<'a> = &'a dyn Fn(&mut Draft, &mut Draft);
    let defects: [Defect<'_>; 10] = [
        &|leaf, _| *leaf = leaf.clone().valid("200101000000Z", "210101000000Z"),
        &|leaf, _| *leaf = leaf.clone().with(dns_names(&["example.com"])),
        &|leaf, _| *leaf = leaf.clone().with(extension(policy, true, &[5, 0])),
        &|leaf, _| leaf.issuer = super::super::draft::name("Somebody"),
        &|_, issuing| *issuing = issuing.clone().with(basic_constraints(Some(0))),
        &|_, issuing| *issuing = issuing.clone().without(oid::BASIC_CONSTRAINTS),
        &|_, issuing| *issuing = issuing.clone().with(extended_key_usage(&[oid::CLIENT_AUTH])),
        &|_, issuing| issuing.inner_algorithm = Some(sequence(&[&object(oid::ED25519)])),
        &|_, issuing| issuing.extensions.extend_from_within(..1),
        &|_, issuing| issuing.issuer = Vec::new(),
    ];
    for mixture in 0..1u32 << defects.len() {
        let (mut leaf, mut issuing) = (leaf(), issuing());
        for (place, defect) in defects.iter().enumerate() {
            if mixture & 1 << place != 0 {
                defect(&mut leaf, &mut issuing);
            }
        }
        let findings = with(&leaf, &issuing);
        // What leaves the certificate unrefused by itself.
        let harmless = 0b10000;
        assert_eq!(refusals(&findings).is_empty(), mixture & !harmless == 0, "{mixture:b}");
    }
}
