//! The walk, told as chains that servers send.

extern crate std;
use super::super::draft::{
    Draft, NOW, TestKey, basic_constraints, dns_names, extended_key_usage, extension, key_usage, name,
    object, provider, provider_with, sequence,
};
use super::super::{Role, ServerName, UnixTime, Validity, oid, path};
use super::*;
use crate::crypto::{CryptoError, SignatureAlgorithm, SignatureScheme, Signed, Verifiers, software};
use std::string::ToString;
use std::vec;
use std::vec::Vec;

/// What it took to be believed.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::certificate) struct Believed {
    /// Certificates that were read.
    pub(in crate::certificate) served: usize,
    /// Public-key operations.
    pub(in crate::certificate) works: usize,
}
pub(in crate::certificate) const fn believed(served: usize, works: usize) -> Result<Believed, Rule> {
    Ok(Believed { served, works })
}

/// Runs a walk as a handshake does, and returns the memory's high-water mark too.
fn walk_with<P: CryptoProvider>(
    provider: &mut P,
    anchors: &[TrustAnchor<'_>],
    expected: &ExpectedPeer<'_>,
    chain: &[Vec<u8>],
    room: usize,
) -> (Result<Believed, CertificateError>, usize) {
    run(&Verifier::new(anchors), provider, expected, chain, room)
}
pub(in crate::certificate) fn run<V: PeerVerifier, P: CryptoProvider>(
    verifier: &V,
    provider: &mut P,
    expected: &ExpectedPeer<'_>,
    chain: &[Vec<u8>],
    room: usize,
) -> (Result<Believed, CertificateError>, usize) {
    let mut memory = vec![0xee; room];
    let mut walk = verifier.begin();
    let (mut served, mut works, mut used) = (0, 0, 0);
    let mut next = Ok(Next::Certificate { at: 0 });
    let answer = loop {
        next = match next {
            Err(error) => break Err(error),
            Ok(Next::Authenticated(_)) => break Ok(Believed { served, works }),
            Ok(Next::Work) => {
                works += 1;
                verifier.work(&mut walk, expected, provider, &mut memory)
            }
            Ok(Next::Certificate { at }) => match chain.get(served) {
                None => verifier.end(&mut walk, expected, &mut memory),
                Some(der) => {
                    served += 1;
                    if let Some(place) = memory.get_mut(at..at + der.len()) {
                        place.copy_from_slice(der);
                        used = used.max(at + der.len());
                    }
                    verifier.certificate(&mut walk, expected, provider, &mut memory, der.len())
                }
            },
        };
    };
    if served > 0 && room >= chain[0].len() {
        assert_eq!(&memory[..chain[0].len()], chain[0], "the leaf must stay");
    }
    (answer, used)
}

pub(in crate::certificate) fn at(now: u64) -> Validity {
    Validity::At(UnixTime(now))
}
pub(in crate::certificate) fn server_name() -> ServerName {
    ServerName::parse("example.org").unwrap()
}
pub(in crate::certificate) fn outcome(
    anchors: &[TrustAnchor<'_>],
    chain: &[Vec<u8>],
) -> Result<Believed, CertificateError> {
    let name = server_name();
    let expected = ExpectedPeer { name: Some(&name), role: Role::Server, validity: at(NOW) };
    let answer = walk_with(&mut provider(), anchors, &expected, chain, 1 << 16).0;
    let path = run(&path::Verifier::new(anchors), &mut provider(), &expected, chain, 1 << 16).0;
    match (&answer, &path) {
        // Of two things that are missing or damaged either may be named.
        (Err(walk), Err(path)) if is_damage(walk) && is_damage(path) => {}
        (walk, path) => {
            assert_eq!(walk.as_ref().map(|_| ()), path.as_ref().map(|_| ()), "the path builder differs")
        }
    }
    answer
}
const fn is_damage(error: &CertificateError) -> bool {
    matches!(error.rule, Rule::UnknownIssuer { .. } | Rule::Malformed { .. } | Rule::Version { .. })
}
/// Where the walk and the path builder are not of one mind.
fn walk_alone(anchors: &[TrustAnchor<'_>], chain: &[Vec<u8>]) -> Result<Believed, Rule> {
    let name = server_name();
    let expected = ExpectedPeer { name: Some(&name), role: Role::Server, validity: at(NOW) };
    walk_with(&mut provider(), anchors, &expected, chain, 1 << 16).0.map_err(|error| error.rule)
}
pub(in crate::certificate) fn walk(anchors: &[TrustAnchor<'_>], chain: &[Vec<u8>]) -> Result<Believed, Rule> {
    outcome(anchors, chain).map_err(|error| error.rule)
}
/// The anchor in a self-signed certificate.
pub(in crate::certificate) fn anchor(der: &[u8]) -> TrustAnchor<'_> {
    TrustAnchor::from_certificate(der).unwrap()
}
pub(in crate::certificate) fn root(key: &TestKey) -> Vec<u8> {
    Draft::authority("Root", "Root", key).signed_by(key)
}
pub(in crate::certificate) fn bad_signature(issuer: &str) -> Result<Believed, Rule> {
    Err(Rule::BadSignature { issuer: issuer.try_into().unwrap() })
}
pub(in crate::certificate) fn unknown_issuer(issuer: &str) -> Result<Believed, Rule> {
    Err(Rule::UnknownIssuer { issuer: issuer.try_into().unwrap() })
}

fn name_element(common_name: &str) -> Vec<u8> {
    sequence(&[&super::super::draft::name(common_name)])
}

/// Leaf, then `depth` intermediates, then the root; all keys of one kind.
pub(in crate::certificate) fn chain_of(depth: u8, key: impl Fn(u8) -> TestKey) -> (Vec<Vec<u8>>, Vec<u8>) {
    let name = |level: u8| if level == depth { "Root".to_string() } else { std::format!("Issuing {level}") };
    let mut chain = vec![Draft::leaf(&name(0), &key(200)).signed_by(&key(1))];
    for level in 0..depth {
        let draft = Draft::authority(&name(level), &name(level + 1), &key(level + 1));
        chain.push(draft.signed_by(&key(level + 2)));
    }
    (chain, root(&key(depth + 1)))
}

#[test]
fn believes_chains_of_every_depth_and_every_key() {
    for key in [TestKey::p256, TestKey::p384, TestKey::ed25519] {
        for depth in 0..=5 {
            let (mut chain, root) = chain_of(depth, key);
            let links = usize::from(depth) + 1;
            assert_eq!(walk(&[anchor(&root)], &chain), believed(links, links));
            // The root may be served as well: it is not even read.
            chain.push(root.clone());
            assert_eq!(walk(&[anchor(&root)], &chain), believed(links, links));
        }
    }
}

#[test]
fn believes_a_chain_of_mixed_keys() {
    let key = |seed| match seed % 3 {
        0 => TestKey::p256(seed),
        1 => TestKey::ed25519(seed),
        _ => TestKey::p384(seed),
    };
    let (chain, root) = chain_of(5, key);
    assert_eq!(walk(&[anchor(&root)], &chain), believed(6, 6));
}

#[test]
fn stops_at_an_intermediate_that_is_trusted() {
    let (chain, _) = chain_of(3, TestKey::p256);
    assert_eq!(walk(&[anchor(&chain[2])], &chain), believed(2, 2));
    assert_eq!(walk(&[anchor(&chain[1])], &chain), believed(1, 1));
}

#[test]
fn needs_no_more_memory_than_leaf_link_and_largest_intermediate() {
    let name = server_name();
    let expected = ExpectedPeer { name: Some(&name), role: Role::Server, validity: at(NOW) };
    for key in [TestKey::p256, TestKey::ed25519] {
        let (chain, root) = chain_of(5, key);
        let anchors = [anchor(&root)];
        let (answer, used) = walk_with(&mut provider(), &anchors, &expected, &chain, 1 << 16);
        assert_eq!(answer, Ok(Believed { served: 6, works: 6 }));
        let leaf = chain[0].len();
        let largest = chain.iter().map(Vec::len).max().unwrap();
        // An Ed25519 link keeps the message, which is nearly the whole certificate.
        let link = if matches!(key(1), TestKey::Ed25519(_)) { largest } else { "Issuing 1".len() + 90 };
        // The names of the four intermediates below the last, for name constraints.
        let names = 4 * (name_element("Issuing 1").len());
        assert!(used <= leaf + largest + link + names, "{used} <= {leaf} + {largest} + {link} + {names}");

        let (answer, _) = walk_with(&mut provider(), &anchors, &expected, &chain, used);
        assert_eq!(answer, Ok(Believed { served: 6, works: 6 }));
        let (answer, _) = walk_with(&mut provider(), &anchors, &expected, &chain, used - 1);
        let error = answer.unwrap_err();
        assert_eq!(error.rule, Rule::MemoryTooSmall { needed: used, room: used - 1 });
        let (answer, _) = walk_with(&mut provider(), &anchors, &expected, &chain, leaf - 1);
        assert_eq!(answer.unwrap_err().rule, Rule::MemoryTooSmall { needed: leaf, room: leaf - 1 });
    }
}

#[test]
fn skips_surplus_certificates_of_other_names() {
    let (mut chain, root) = chain_of(2, TestKey::p256);
    let other = Draft::authority("Other", "Root", &TestKey::p256(77)).signed_by(&TestKey::p256(3));
    chain.insert(1, other.clone());
    chain.insert(3, other.clone());
    chain.insert(3, b"no certificate at all".to_vec());
    chain.push(other);
    assert_eq!(walk(&[anchor(&root)], &chain), believed(6, 3));
}

#[test]
fn skips_an_issuer_of_the_same_name_with_another_key() {
    let (mut chain, root) = chain_of(2, TestKey::p256);
    let renewed = Draft::authority("Issuing 0", "Issuing 1", &TestKey::p256(77)).signed_by(&TestKey::p256(2));
    chain.insert(1, renewed.clone());
    assert_eq!(walk(&[anchor(&root)], &chain), believed(4, 4));
    // Once the right one has come, the other is forgotten.
    assert_eq!(walk(&[], &chain), unknown_issuer("Root"));
    // If the right one never comes, that is what is said.
    assert_eq!(walk(&[anchor(&root)], &[chain[0].clone(), renewed]), bad_signature("Issuing 0"));
}

#[test]
fn tries_every_anchor_of_the_issuers_name() {
    let (chain, first) = chain_of(1, TestKey::p256);
    let other = root(&TestKey::p256(77));
    let other_kind = root(&TestKey::ed25519(78));
    assert_eq!(walk(&[anchor(&other), anchor(&first)], &chain), believed(2, 3));
    // A key of another kind cannot have signed: no work is spent on it.
    assert_eq!(walk(&[anchor(&other_kind), anchor(&first)], &chain), believed(2, 2));
    assert_eq!(walk(&[anchor(&other), anchor(&other_kind)], &chain), bad_signature("Root"));
    assert_eq!(walk(&[anchor(&other_kind)], &chain), bad_signature("Root"));
}

#[test]
fn an_expired_cross_sign_does_not_matter_where_an_anchor_vouches() {
    // As in September 2021: the chain served goes on to an expired certificate of the root.
    let (mut chain, root) = chain_of(1, TestKey::p256);
    let cross =
        Draft::authority("Root", "Old Root", &TestKey::p256(2)).valid("200101000000Z", "210930140115Z");
    chain.push(cross.signed_by(&TestKey::p256(77)));
    assert_eq!(walk(&[anchor(&root)], &chain), believed(2, 2));
}

#[test]
fn an_expired_issuer_is_passed_over_for_a_valid_one() {
    let (mut chain, root) = chain_of(1, TestKey::p256);
    let draft =
        Draft::authority("Issuing 0", "Root", &TestKey::p256(1)).valid("200101000000Z", "210101000000Z");
    let expired = draft.signed_by(&TestKey::p256(2));
    chain.insert(1, expired.clone());
    assert_eq!(walk(&[anchor(&root)], &chain), believed(3, 2));
    let error = outcome(&[anchor(&root)], &[chain[0].clone(), expired]).unwrap_err();
    assert_eq!((error.index, error.subject.as_str()), (1, "Issuing 0"));
    assert!(matches!(error.rule, Rule::Expired { .. }), "{error}");
}

#[test]
fn a_rule_that_an_issuer_broke_says_more_than_a_signature_that_another_did_not_make() {
    let (chain, root) = chain_of(1, TestKey::p256);
    let renewed = Draft::authority("Issuing 0", "Root", &TestKey::p256(77)).signed_by(&TestKey::p256(2));
    let draft = Draft::authority("Issuing 0", "Root", &TestKey::p256(1));
    let expired = draft.valid("200101000000Z", "210101000000Z").signed_by(&TestKey::p256(2));
    for served in [[&renewed, &expired], [&expired, &renewed]] {
        let chain = [&chain[0], served[0], served[1]].map(Clone::clone);
        assert!(matches!(walk(&[anchor(&root)], &chain), Err(Rule::Expired { .. })));
    }
}

#[test]
fn a_malformed_certificate_matters_only_if_it_could_be_the_issuer() {
    let (chain, root) = chain_of(1, TestKey::p256);
    let malformed = |name| {
        let mut der = Draft::authority(name, "Root", &TestKey::p256(1)).signed_by(&TestKey::p256(2));
        der.push(0);
        der
    };
    let walk = |der| walk(&[anchor(&root)], &[chain[0].clone(), der]);
    assert_eq!(walk(malformed("Other")), unknown_issuer("Issuing 0"));
    assert_eq!(walk(malformed("Issuing 0")), Err(Rule::Malformed { structure: "Certificate" }));
    assert_eq!(walk(b"no certificate at all".to_vec()), Err(Rule::Malformed { structure: "Certificate" }));
}

#[test]
fn follows_a_cross_sign_to_another_root() {
    let (mut chain, _unknown_root) = chain_of(1, TestKey::p256);
    let trusted = Draft::authority("Trusted", "Trusted", &TestKey::p256(9)).signed_by(&TestKey::p256(9));
    assert_eq!(walk(&[anchor(&trusted)], &chain), unknown_issuer("Root"));
    chain.push(Draft::authority("Root", "Trusted", &TestKey::p256(2)).signed_by(&TestKey::p256(9)));
    assert_eq!(walk(&[anchor(&trusted)], &chain), believed(3, 3));
}

#[test]
fn says_who_is_not_trusted() {
    let (mut chain, root) = chain_of(1, TestKey::p256);
    assert_eq!(walk(&[], &chain[..1]), unknown_issuer("Issuing 0"));
    assert_eq!(walk(&[anchor(&root)], &chain[..1]), unknown_issuer("Issuing 0"));
    assert_eq!(walk(&[], &chain), unknown_issuer("Root"));
    let error = outcome(&[], &chain).unwrap_err();
    assert_eq!(
        error.to_string(),
        "certificate 1 of the peer's chain (\"Issuing 0\") was signed by no trusted authority: its issuer \"Root\" is \
         neither trusted here nor in the chain that was sent (RFC 5280 section 6.1)"
    );
    chain.push(root);
    let error = outcome(&[], &chain).unwrap_err();
    assert_eq!((error.index, error.rule), (2, Rule::SelfSigned));
    // Nothing at all.
    assert_eq!(walk(&[], &[]), Err(Rule::NoCertificate));
}

#[test]
fn a_chain_served_out_of_order_is_not_put_right() {
    let (mut chain, root) = chain_of(2, TestKey::p256);
    chain.swap(1, 2);
    assert_eq!(walk_alone(&[anchor(&root)], &chain), unknown_issuer("Issuing 1"));
}

#[test]
fn a_self_signed_leaf_is_believed_only_if_it_is_configured() {
    let key = TestKey::p256(5);
    let leaf = Draft { subject: name("Board"), ..Draft::leaf("Board", &key) }.signed_by(&key);
    assert_eq!(walk(&[anchor(&leaf)], core::slice::from_ref(&leaf)), believed(1, 1));
    // Its own signature is checked: nobody alters its names or its dates.
    let mut altered = leaf.clone();
    *altered.last_mut().unwrap() ^= 1;
    assert_eq!(walk(&[anchor(&leaf)], &[altered]), bad_signature("Board"));
    assert_eq!(walk(&[], core::slice::from_ref(&leaf)), Err(Rule::SelfSigned));
    assert_eq!(walk(&[anchor(&root(&key))], core::slice::from_ref(&leaf)), Err(Rule::SelfSigned));
    // The same name with another key.
    let other = Draft { subject: name("Board"), ..Draft::leaf("Board", &TestKey::p256(6)) };
    let other = other.signed_by(&TestKey::p256(6));
    assert_eq!(walk(&[anchor(&leaf)], &[other]), bad_signature("Board"));
    // Its own rules hold all the same.
    let expired = Draft { subject: name("Board"), ..Draft::leaf("Board", &key) };
    let expired = expired.valid("200101000000Z", "210101000000Z").signed_by(&key);
    assert!(matches!(walk(&[anchor(&leaf)], &[expired]), Err(Rule::Expired { .. })));
}

#[test]
fn an_anchors_name_and_key_in_a_leaf_that_another_signed_need_a_signature() {
    let key = TestKey::p256(5);
    let anchor_der = Draft::authority("Board", "Board", &key).signed_by(&key);
    let leaf = Draft { subject: name("Board"), ..Draft::leaf("Nobody", &key) }.signed_by(&TestKey::p256(6));
    assert_eq!(walk(&[anchor(&anchor_der)], &[leaf]), unknown_issuer("Nobody"));
}

#[test]
fn an_altered_signature_is_refused_whoever_issued() {
    let (chain, root) = chain_of(1, TestKey::p256);
    for altered in 0..2 {
        let mut chain = chain.clone();
        // The last byte of s.
        *chain[altered].last_mut().unwrap() ^= 1;
        let error = outcome(&[anchor(&root)], &chain).unwrap_err();
        assert_eq!(usize::from(error.index), altered);
        assert!(matches!(error.rule, Rule::BadSignature { .. }), "{error}");
    }
}

#[test]
fn self_issued_intermediates_do_not_count_against_the_path_length() {
    let key = TestKey::p256;
    let chain = |path_length, rollover: bool| {
        let top = Draft::authority("Top", "Root", &key(3)).with(basic_constraints(Some(path_length)));
        let mut chain = vec![Draft::leaf("Top", &key(200)).signed_by(&key(if rollover { 4 } else { 3 }))];
        if rollover {
            chain.push(Draft::authority("Top", "Top", &key(4)).signed_by(&key(3)));
        }
        chain.push(top.signed_by(&key(9)));
        chain
    };
    let root = root(&key(9));
    assert_eq!(walk(&[anchor(&root)], &chain(0, false)), believed(2, 2));
    assert_eq!(walk(&[anchor(&root)], &chain(0, true)), believed(3, 3));
}

#[test]
fn path_length_counts_the_intermediates_below() {
    let key = TestKey::p256;
    for (allowed, below, lawful) in [(0, 0, true), (0, 1, false), (1, 1, true), (1, 2, false), (3, 3, true)] {
        let (mut chain, root) = chain_of(below + 1, key);
        let top = Draft::authority(&std::format!("Issuing {below}"), "Root", &key(below + 1));
        chain[usize::from(below) + 1] = top.with(basic_constraints(Some(allowed))).signed_by(&key(below + 2));
        let answer = walk(&[anchor(&root)], &chain);
        if lawful {
            assert!(answer.is_ok(), "{allowed} {below}");
        } else {
            assert_eq!(answer, Err(Rule::PathLength { allowed, found: below }));
        }
    }
}

#[test]
fn signature_checks_are_limited() {
    let (chain, last) = chain_of(0, TestKey::p256);
    let mut roots: Vec<_> = (0..20).map(|seed| root(&TestKey::p256(100 + seed))).collect();
    roots[15] = last.clone();
    let anchors: Vec<_> = roots.iter().map(|der| anchor(der)).collect();
    assert_eq!(walk_alone(&anchors, &chain), believed(1, 16));
    roots.swap(15, 16);
    let anchors: Vec<_> = roots.iter().map(|der| anchor(der)).collect();
    let too_many = Err(Rule::TooManySignatureChecks { limit: MAX_SIGNATURE_CHECKS });
    assert_eq!(walk_alone(&anchors, &chain), too_many);
    // One self-issued certificate without end.
    let mut chain = vec![chain[0].clone()];
    chain.extend(std::iter::repeat_n(last, 100));
    assert_eq!(walk_alone(&[], &chain), too_many);
}

/// Answers what it is told to.
struct Broken(CryptoError);
impl Verifiers for Broken {
    fn schemes() -> impl Iterator<Item = SignatureScheme> {
        core::iter::empty()
    }
    fn verify(
        &mut self,
        _: &PublicKey<'_>,
        _: SignatureAlgorithm,
        _: Signed<'_>,
        _: &[u8],
    ) -> Result<(), CryptoError> {
        Err(self.0)
    }
}

#[test]
fn broken_hardware_ends_the_walk_and_blames_no_one() {
    let (chain, root) = chain_of(1, TestKey::p256);
    let name = server_name();
    let expected = ExpectedPeer { name: Some(&name), role: Role::Server, validity: at(NOW) };
    let anchors = [anchor(&root)];
    let ask = |error| {
        walk_with(&mut provider_with(Broken(error)), &anchors, &expected, &chain, 4096).0.unwrap_err()
    };
    let error = ask(CryptoError::Hardware);
    assert_eq!((error.index, &error.rule), (0, &Rule::Crypto(CryptoError::Hardware)));
    assert_eq!(error.alert(), crate::alert::AlertDescription::INTERNAL_ERROR);
    assert_eq!(
        ask(CryptoError::BadSignature).rule,
        Rule::BadSignature { issuer: "Issuing 0".try_into().unwrap() }
    );
    assert_eq!(ask(CryptoError::Unsupported).rule, Rule::Crypto(CryptoError::Unsupported));
}

#[test]
fn a_provider_without_the_curve_says_so() {
    let (chain, root) = chain_of(1, TestKey::p384);
    let name = server_name();
    let expected = ExpectedPeer { name: Some(&name), role: Role::Server, validity: at(NOW) };
    let mut provider = provider_with(software::EcdsaP256);
    let (answer, _) = walk_with(&mut provider, &[anchor(&root)], &expected, &chain, 4096);
    assert_eq!(answer.unwrap_err().rule, Rule::Crypto(CryptoError::Unsupported));
}

#[test]
fn an_anchor_whose_key_cannot_be_used_is_named() {
    let (chain, _) = chain_of(0, TestKey::p256);
    let subject = name("Root");
    let nonsense = TrustAnchor::from_contents(&subject, &[0x30, 0]);
    assert_eq!(walk(&[nonsense], &chain), Err(Rule::UnusableAnchor { issuer: "Root".try_into().unwrap() }));
}

#[test]
fn calls_out_of_turn_are_refused() {
    let (chain, root) = chain_of(0, TestKey::p256);
    let anchors = [anchor(&root)];
    let verifier = Verifier::new(&anchors);
    let name = server_name();
    let expected = ExpectedPeer { name: Some(&name), role: Role::Server, validity: at(NOW) };
    let internal =
        |answer: Result<Next, CertificateError>| matches!(answer.unwrap_err().rule, Rule::Internal(_));
    let mut memory = chain[0].clone();

    let mut walk = verifier.begin();
    assert!(internal(verifier.work(&mut walk, &expected, &mut provider(), &mut memory)));
    assert!(internal(verifier.work(&mut walk, &expected, &mut provider(), &mut memory)));

    let mut walk = verifier.begin();
    let length = memory.len();
    assert!(matches!(
        verifier.certificate(&mut walk, &expected, &mut provider(), &mut memory, length),
        Ok(Next::Work)
    ));
    assert!(internal(verifier.certificate(&mut walk, &expected, &mut provider(), &mut memory, length)));
    assert!(internal(verifier.end(&mut walk, &expected, &mut memory)));
}

// ---- The rules, one by one: a chain of leaf, intermediate and root in which one thing is wrong.

fn refuses_leaf(change: impl Fn(Draft) -> Draft) -> Result<Believed, Rule> {
    let (mut chain, root) = chain_of(1, TestKey::p256);
    chain[0] = change(Draft::leaf("Issuing 0", &TestKey::p256(200))).signed_by(&TestKey::p256(1));
    let outcome = outcome(&[anchor(&root)], &chain);
    if let Err(error) = &outcome {
        assert_eq!(error.index, 0);
        assert!(!error.to_string().is_empty());
    }
    outcome.map_err(|error| error.rule)
}
fn refuses_intermediate(change: impl Fn(Draft) -> Draft) -> Result<Believed, Rule> {
    let (mut chain, root) = chain_of(1, TestKey::p256);
    chain[1] = change(Draft::authority("Issuing 0", "Root", &TestKey::p256(1))).signed_by(&TestKey::p256(2));
    let outcome = outcome(&[anchor(&root)], &chain);
    if let Err(error) = &outcome {
        assert_eq!((error.index, error.subject.as_str()), (1, "Issuing 0"));
    }
    outcome.map_err(|error| error.rule)
}
const LAWFUL: Result<Believed, Rule> = believed(2, 2);

#[test]
fn refuses_an_expired_certificate_and_one_that_is_not_valid_yet() {
    let expired = Err(Rule::Expired { not_after: UnixTime(NOW - 1), now: UnixTime(NOW) });
    let early = Err(Rule::NotYetValid { not_before: UnixTime(NOW + 1), now: UnixTime(NOW) });
    for refuses in [refuses_leaf as fn(fn(Draft) -> Draft) -> _, refuses_intermediate] {
        assert_eq!(refuses(|d| d.valid("260101000000Z", "260630235959Z")), expired);
        assert_eq!(refuses(|d| d.valid("260101000000Z", "260701000000Z")), LAWFUL);
        assert_eq!(refuses(|d| d.valid("260701000001Z", "270101000000Z")), early);
        assert_eq!(refuses(|d| d.valid("260701000000Z", "270101000000Z")), LAWFUL);
        assert_eq!(refuses(|d| d.valid("260101000000Z", "99991231235959Z")), LAWFUL);
        let malformed = Err(Rule::Malformed { structure: "Validity" });
        assert_eq!(refuses(|d| d.valid("260101000000Z", "20270101000000Z")), LAWFUL);
        assert_eq!(refuses(|d| d.valid("260101000000Z", "20270101000000.0Z")), malformed);
    }
}

#[test]
fn a_board_without_a_clock_or_without_time_checks_reads_old_chains() {
    let (chain, root) = chain_of(1, TestKey::p256);
    let name = server_name();
    let ask = |validity| {
        let expected = ExpectedPeer { name: Some(&name), role: Role::Server, validity };
        walk_with(&mut provider(), &[anchor(&root)], &expected, &chain, 4096).0.map_err(|error| error.rule)
    };
    let next_year = NOW + 365 * 86_400;
    assert!(matches!(ask(at(next_year)), Err(Rule::Expired { .. })));
    assert!(matches!(ask(Validity::NotBefore(UnixTime(next_year))), Err(Rule::ExpiredBeforeBuild { .. })));
    assert_eq!(ask(Validity::NotBefore(UnixTime(0))), LAWFUL);
    assert_eq!(ask(Validity::NotChecked), LAWFUL);
}

#[test]
fn refuses_a_leaf_for_other_names() {
    let mismatch = Err(Rule::NameMismatch { expected: "example.org".try_into().unwrap() });
    assert_eq!(refuses_leaf(|d| d.with(dns_names(&["example.com", "*.example.org"]))), mismatch);
    assert_eq!(refuses_leaf(|d| d.with(dns_names(&["a.example", "EXAMPLE.org"]))), LAWFUL);
    // The common name is no name of a server.
    let named = |d| Draft { subject: name("example.org"), ..d };
    assert_eq!(refuses_leaf(|d| named(d).with(dns_names(&["example.com"]))), mismatch);
    assert_eq!(refuses_leaf(|d| named(d).without(oid::SUBJECT_ALT_NAME)), Err(Rule::NoSubjectAltName));
    assert_eq!(
        refuses_leaf(|d| d.with(extension(oid::SUBJECT_ALT_NAME, false, &[0x30, 0]))),
        Err(Rule::Malformed { structure: "subjectAltName" })
    );
}

#[test]
fn an_address_is_matched_byte_for_byte() {
    let (mut chain, root) = chain_of(1, TestKey::p256);
    let san = extension(
        oid::SUBJECT_ALT_NAME,
        true,
        &[0x30, 12, 0x87, 4, 192, 0, 2, 1, 0x82, 4, b'1', b'.', b'2', b'3'],
    );
    chain[0] = Draft::leaf("Issuing 0", &TestKey::p256(200)).with(san).signed_by(&TestKey::p256(1));
    let ask = |text: &str| {
        let name = ServerName::parse(text).unwrap();
        let expected = ExpectedPeer { name: Some(&name), role: Role::Server, validity: at(NOW) };
        walk_with(&mut provider(), &[anchor(&root)], &expected, &chain, 4096).0.map_err(|error| error.rule)
    };
    assert_eq!(ask("192.0.2.1"), LAWFUL);
    assert_eq!(ask("192.0.2.2"), Err(Rule::NameMismatch { expected: "192.0.2.2".try_into().unwrap() }));
    assert_eq!(
        ask("::ffff:192.0.2.1"),
        Err(Rule::NameMismatch { expected: "::ffff:192.0.2.1".try_into().unwrap() })
    );
}

#[test]
fn refuses_a_leaf_whose_key_must_not_sign() {
    let needed = Err(Rule::KeyUsage { needed: "digitalSignature" });
    assert_eq!(refuses_leaf(|d| d.with(key_usage(0x20))), needed);
    assert_eq!(refuses_leaf(|d| d.with(key_usage(0xa0))), LAWFUL);
    assert_eq!(refuses_leaf(|d| d.without(oid::KEY_USAGE)), LAWFUL);
}

#[test]
fn refuses_an_intermediate_without_cert_sign() {
    let needed = Err(Rule::KeyUsage { needed: "keyCertSign" });
    assert_eq!(refuses_intermediate(|d| d.with(key_usage(0x82))), needed);
    assert_eq!(refuses_intermediate(|d| d.with(key_usage(0x86))), LAWFUL);
    assert_eq!(refuses_intermediate(|d| d.without(oid::KEY_USAGE)), LAWFUL);
}

#[test]
fn refuses_certificates_that_are_not_for_servers() {
    let needed = Err(Rule::ExtendedKeyUsage { needed: Role::Server });
    for refuses in [refuses_leaf as fn(fn(Draft) -> Draft) -> _, refuses_intermediate] {
        assert_eq!(refuses(|d| d.with(extended_key_usage(&[oid::CLIENT_AUTH]))), needed);
        assert_eq!(refuses(|d| d.with(extended_key_usage(&[oid::CLIENT_AUTH, oid::SERVER_AUTH]))), LAWFUL);
        assert_eq!(refuses(|d| d.with(extended_key_usage(&[oid::ANY_EXTENDED_KEY_USAGE]))), LAWFUL);
        assert_eq!(refuses(|d| d.without(oid::EXTENDED_KEY_USAGE)), LAWFUL);
        assert!(matches!(refuses(|d| d.with(extended_key_usage(&[]))), Err(Rule::Malformed { .. })));
    }
}

#[test]
fn a_client_is_known_by_client_auth_and_needs_no_name() {
    let (mut chain, root) = chain_of(1, TestKey::p256);
    let ask = |chain: &[Vec<u8>]| {
        let expected = ExpectedPeer { name: None, role: Role::Client, validity: at(NOW) };
        walk_with(&mut provider(), &[anchor(&root)], &expected, chain, 4096).0.map_err(|error| error.rule)
    };
    assert_eq!(ask(&chain), Err(Rule::ExtendedKeyUsage { needed: Role::Client }));
    let client = Draft::leaf("Issuing 0", &TestKey::p256(200)).with(extended_key_usage(&[oid::CLIENT_AUTH]));
    chain[0] = client.without(oid::SUBJECT_ALT_NAME).signed_by(&TestKey::p256(1));
    assert_eq!(ask(&chain), LAWFUL);
}

#[test]
fn refuses_an_intermediate_that_is_no_authority() {
    let no = Err(Rule::NotACertificateAuthority);
    assert_eq!(refuses_intermediate(|d| d.without(oid::BASIC_CONSTRAINTS)), no);
    assert_eq!(refuses_intermediate(|d| d.with(extension(oid::BASIC_CONSTRAINTS, true, &[0x30, 0]))), no);
    let v1 = |d| Draft { version: Vec::new(), extensions: Vec::new(), ..d };
    assert_eq!(refuses_intermediate(v1), no);
    // A leaf, which has a key that anybody may buy, as an issuer.
    let (mut chain, root) = chain_of(0, TestKey::p256);
    chain.insert(0, Draft::leaf("Leaf", &TestKey::p256(201)).signed_by(&TestKey::p256(200)));
    assert_eq!(walk(&[anchor(&root)], &chain), no);
}

#[test]
fn a_leaf_may_be_an_authority() {
    assert_eq!(refuses_leaf(|d| d.with(basic_constraints(None))), LAWFUL);
}

#[test]
fn refuses_critical_extensions_that_are_not_processed() {
    let unknown: &[u8] = &[0x2b, 6, 1, 4, 1, 0x99, 1];
    for id in [unknown, &[0x55, 29, 33], &[0x55, 29, 36]] {
        for refuses in [(|change| refuses_leaf(change)) as fn(&dyn Fn(Draft) -> Draft) -> _, |change| {
            refuses_intermediate(change)
        }] {
            let critical = Err(Rule::UnknownCriticalExtension { extension: oid::Oid::new(id) });
            assert_eq!(refuses(&|d: Draft| d.with(extension(id, true, &[5, 0]))), critical);
            assert_eq!(refuses(&|d: Draft| d.with(extension(id, false, &[5, 0]))), LAWFUL);
            assert_eq!(
                refuses(&|d: Draft| d.with(extension(oid::CERTIFICATE_POLICIES, true, &[0x30, 0]))),
                LAWFUL
            );
        }
    }
}

#[test]
fn refuses_an_extension_that_comes_twice() {
    let twice = |mut d: Draft, id: &[u8]| {
        let first = d.extensions.iter().find(|e| e[2..4 + id.len()] == object(id)).unwrap();
        let copy = first.clone();
        d.extensions.push(copy);
        d
    };
    let duplicate = |id| Err(Rule::DuplicateExtension { extension: oid::Oid::new(id) });
    for id in [oid::SUBJECT_ALT_NAME, oid::KEY_USAGE, oid::EXTENDED_KEY_USAGE] {
        assert_eq!(refuses_leaf(|d| twice(d, id)), duplicate(id));
    }
    assert_eq!(refuses_intermediate(|d| twice(d, oid::BASIC_CONSTRAINTS)), duplicate(oid::BASIC_CONSTRAINTS));
    let many = |count: u8| {
        move |mut d: Draft| {
            d.extensions.extend((0..count).map(|n| extension(&[0x2b, n], false, &[])));
            d
        }
    };
    let three = 3;
    let most = u8::try_from(crate::limits::MAX_EXTENSIONS).unwrap();
    assert_eq!(refuses_leaf(many(most - three)), LAWFUL);
    let limit = crate::limits::MAX_EXTENSIONS;
    assert_eq!(refuses_leaf(many(most - three + 1)), Err(Rule::TooManyExtensions { limit }));
}

#[test]
fn refuses_versions_that_do_not_fit() {
    let version = |bytes: &[u8]| {
        let bytes = bytes.to_vec();
        move |d| Draft { version: bytes.clone(), ..d }
    };
    assert_eq!(refuses_leaf(version(&[])), Err(Rule::Version { found: 1 }));
    assert_eq!(refuses_leaf(version(&[0xa0, 3, 2, 1, 0])), Err(Rule::Version { found: 1 }));
    assert_eq!(refuses_leaf(version(&[0xa0, 3, 2, 1, 1])), Err(Rule::Version { found: 2 }));
    assert_eq!(refuses_leaf(version(&[0xa0, 3, 2, 1, 3])), Err(Rule::Version { found: 4 }));
    assert_eq!(refuses_leaf(version(&[0xa0, 3, 2, 1, 2])), LAWFUL);
    for bad in [&[0xa0, 4, 2, 2, 0, 2][..], &[0xa0, 2, 2, 0], &[0xa0, 5, 2, 1, 2, 5, 0]] {
        assert_eq!(refuses_leaf(version(bad)), Err(Rule::Malformed { structure: "Version" }));
    }
}

#[test]
fn refuses_serial_numbers_that_are_negative_too_long_or_not_minimal() {
    let serial = |bytes: &[u8]| {
        let bytes = bytes.to_vec();
        move |d| Draft { serial: bytes.clone(), ..d }
    };
    let longest = [&[0][..], &[0xff; 20]].concat();
    for good in [&[0][..], &[0x7f; 20], &longest, &[0, 0x80]] {
        assert_eq!(refuses_leaf(serial(good)), LAWFUL);
    }
    let too_long = [&[0][..], &[0xff; 21]].concat();
    for bad in [&[0x80][..], &[0xff, 0x7f], &[1; 21], &too_long] {
        assert_eq!(refuses_leaf(serial(bad)), Err(Rule::Serial));
        assert_eq!(refuses_intermediate(serial(bad)), Err(Rule::Serial));
    }
    for bad in [&[][..], &[0, 1], &[0xff, 0x80]] {
        assert_eq!(refuses_leaf(serial(bad)), Err(Rule::Malformed { structure: "TBSCertificate" }));
    }
}

#[test]
fn refuses_inner_and_outer_algorithms_that_differ() {
    let sha384 = sequence(&[&object(oid::ECDSA_WITH_SHA384)]);
    let inner = |d| Draft { inner_algorithm: Some(sha384.clone()), ..d };
    let outer = |d| Draft { outer_algorithm: Some(sha384.clone()), ..d };
    for change in [&inner as &dyn Fn(Draft) -> Draft, &outer] {
        assert_eq!(refuses_leaf(change), Err(Rule::AlgorithmMismatch));
        assert_eq!(refuses_intermediate(change), Err(Rule::AlgorithmMismatch));
    }
}

#[test]
fn refuses_signature_algorithms_that_are_weak_or_not_supported() {
    let both = |id: &[u8]| {
        let algorithm = sequence(&[&object(id)]);
        move |d| Draft {
            inner_algorithm: Some(algorithm.clone()),
            outer_algorithm: Some(algorithm.clone()),
            ..d
        }
    };
    for id in [oid::SHA1_WITH_RSA, oid::MD5_WITH_RSA, oid::ECDSA_WITH_SHA1] {
        let weak = Err(Rule::WeakSignatureAlgorithm { algorithm: oid::Oid::new(id) });
        assert_eq!(refuses_leaf(both(id)), weak);
        assert_eq!(refuses_intermediate(both(id)), weak);
    }
    let ed448: &[u8] = &[0x2b, 0x65, 113];
    let unsupported = Err(Rule::UnsupportedSignatureAlgorithm { algorithm: oid::Oid::new(ed448) });
    assert_eq!(refuses_leaf(both(ed448)), unsupported);
}

#[test]
fn refuses_keys_that_are_not_supported() {
    let ed448 = [sequence(&[&object(&[0x2b, 0x65, 113])]), vec![3, 1, 0]];
    let change = |d| Draft { public_key_info: ed448.concat(), ..d };
    let unsupported = Err(Rule::UnsupportedKey { algorithm: oid::Oid::new(&[0x2b, 0x65, 113]) });
    assert_eq!(refuses_leaf(change), unsupported);
    assert_eq!(refuses_intermediate(change), unsupported);
}

// ---- Bytes that no authority wrote.

#[test]
fn every_truncation_of_a_chain_is_refused() {
    let (chain, root) = chain_of(1, TestKey::p256);
    for cut in 0..2 {
        for length in 0..chain[cut].len() {
            let mut chain = chain.clone();
            chain[cut].truncate(length);
            let error = outcome(&[anchor(&root)], &chain).unwrap_err();
            assert!(matches!(error.rule, Rule::Malformed { .. }), "{error}");
            assert_eq!(usize::from(error.index), cut);
        }
    }
}

#[test]
fn no_flipped_bit_is_ever_believed() {
    for key in [TestKey::p256, TestKey::ed25519] {
        let (chain, root) = chain_of(1, key);
        for flipped in 0..2 {
            for place in 0..chain[flipped].len() {
                let mut chain = chain.clone();
                chain[flipped][place] ^= 1 << (place % 8);
                let error = outcome(&[anchor(&root)], &chain).unwrap_err();
                assert!(!matches!(error.rule, Rule::Internal(_) | Rule::Crypto(_)), "{error}");
            }
        }
    }
}

#[test]
fn random_damage_never_panics_nor_is_believed() {
    let (chain, root) = chain_of(2, TestKey::p256);
    let mut state: u64 = 0x9e37_79b9_7f4a_7c15;
    // xorshift64: the same damage in every run.
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap()
    };
    let lawful = chain;
    for _ in 0..2000 {
        let mut chain = lawful.clone();
        let victim = random(chain.len());
        for _ in 0..=random(4) {
            let place = random(chain[victim].len());
            match random(3) {
                0 => chain[victim][place] = chain[victim][place].wrapping_add(1 + random(255) as u8),
                1 => chain[victim].insert(place, random(256) as u8),
                _ => drop(chain[victim].remove(place)),
            }
        }
        if chain[victim] != lawful[victim] {
            assert!(outcome(&[anchor(&root)], &chain).is_err());
        }
    }
}

#[test]
fn the_walk_is_small() {
    let size = size_of::<Walk>();
    assert!(size <= 440, "{size}");
}
