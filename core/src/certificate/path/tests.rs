//! The search, told as chains that servers send.

extern crate std;
use super::super::chain::tests::{
    Believed, anchor, at, chain_of, root, run, server_name, unknown_issuer, walk,
};
use super::super::draft::{Draft, NOW, TestKey, provider};
use super::super::{Role, ServerName};
use super::*;
use crate::limits::{MAX_PATH_LENGTH, MAX_PATH_SIGNATURE_CHECKS};
use std::string::{String, ToString};
use std::vec::Vec;

fn expected(name: &ServerName) -> ExpectedPeer<'_> {
    ExpectedPeer { name: Some(name), role: Role::Server, validity: at(NOW) }
}
fn search(anchors: &[TrustAnchor<'_>], chain: &[Vec<u8>]) -> Result<Believed, CertificateError> {
    run(&Verifier::new(anchors), &mut provider(), &expected(&server_name()), chain, 1 << 16).0
}
fn is_believed(anchors: &[TrustAnchor<'_>], chain: &[Vec<u8>]) -> bool {
    search(anchors, chain).is_ok()
}
fn rule(anchors: &[TrustAnchor<'_>], chain: &[Vec<u8>]) -> Rule {
    search(anchors, chain).unwrap_err().rule
}
fn authority(subject: &str, key: u8, issuer: &str, signer: u8) -> Vec<u8> {
    Draft::authority(subject, issuer, &TestKey::p256(key)).signed_by(&TestKey::p256(signer))
}
fn leaf(issuer: &str, signer: u8) -> Vec<u8> {
    Draft::leaf(issuer, &TestKey::p256(200)).signed_by(&TestKey::p256(signer))
}

#[test]
fn puts_any_order_of_the_intermediates_right() {
    let (chain, root) = chain_of(3, TestKey::p256);
    for order in [[1, 2, 3], [1, 3, 2], [2, 1, 3], [2, 3, 1], [3, 1, 2], [3, 2, 1]] {
        let mut served = std::vec![chain[0].clone()];
        served.extend(order.map(|place| chain[place].clone()));
        assert_eq!(search(&[anchor(&root)], &served), Ok(Believed { served: 4, works: 4 }), "{order:?}");
        // With the root served in between, and everything twice.
        served.insert(1, root.clone());
        served.extend_from_within(1..);
        assert!(is_believed(&[anchor(&root)], &served), "{order:?}");
    }
}

#[test]
fn comes_back_from_a_way_that_ends_nowhere() {
    // Two certificates of one authority and key: the first leads to a root that nobody trusts.
    let served = [
        leaf("Issuing", 1),
        authority("Issuing", 1, "Gone", 9),
        authority("Gone", 9, "Long gone", 8),
        authority("Issuing", 1, "Root", 2),
    ];
    let trusted = root(&TestKey::p256(2));
    assert!(is_believed(&[anchor(&trusted)], &served));
    // The walk of one certificate at a time cannot: it followed the first.
    assert_eq!(walk_rule(&[anchor(&trusted)], &served), unknown_issuer("Long gone").unwrap_err());
    // Without the second, the answer is the dead end.
    assert_eq!(rule(&[anchor(&trusted)], &served[..3]), unknown_issuer("Long gone").unwrap_err());
}

fn walk_rule(anchors: &[TrustAnchor<'_>], served: &[Vec<u8>]) -> Rule {
    let verifier = super::super::chain::Verifier::new(anchors);
    let name = server_name();
    run(&verifier, &mut provider(), &expected(&name), served, 1 << 16).0.unwrap_err().rule
}

#[test]
fn passes_over_an_expired_cross_sign() {
    let expired = Draft::authority("Issuing", "Old root", &TestKey::p256(1))
        .valid("200101000000Z", "210101000000Z")
        .signed_by(&TestKey::p256(3));
    let served = [leaf("Issuing", 1), expired, authority("Issuing", 1, "Root", 2)];
    let roots = [authority("Old root", 3, "Old root", 3), root(&TestKey::p256(2))];
    assert!(is_believed(&[anchor(&roots[0]), anchor(&roots[1])], &served));
    assert!(matches!(rule(&[anchor(&roots[0])], &served[..2]), Rule::Expired { .. }));
}

#[test]
fn an_authority_that_changed_its_key_is_told_from_its_old_self() {
    let served = [leaf("Issuing", 5), authority("Issuing", 4, "Root", 2), authority("Issuing", 5, "Root", 2)];
    let trusted = root(&TestKey::p256(2));
    assert_eq!(search(&[anchor(&trusted)], &served), Ok(Believed { served: 3, works: 3 }));
}

#[test]
fn authorities_that_signed_each_other_end_no_search_in_a_circle() {
    let served = [leaf("A", 1), authority("A", 1, "B", 2), authority("B", 2, "A", 1)];
    assert!(!is_believed(&[], &served));
    let trusted = root(&TestKey::p256(3));
    let served = [&served[..], &[authority("B", 2, "Root", 3)]].concat();
    assert!(is_believed(&[anchor(&trusted)], &served));
}

#[test]
fn a_mesh_of_cross_signs_costs_no_more_than_its_budget() {
    // Every layer of two authorities is signed by both of the next: ways double with every layer, and none
    // of them ends at an anchor.
    let name =
        |layer: u8, side: u8| std::format!("Layer {layer} {}", if side == 0 { "left" } else { "right" });
    let key = |layer: u8, side: u8| 10 + 2 * layer + side;
    let mut served = std::vec![leaf(&name(0, 0), key(0, 0))];
    for layer in 0..12 {
        for (side, above) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            served.push(authority(
                &name(layer, side),
                key(layer, side),
                &name(layer + 1, above),
                key(layer + 1, above),
            ));
        }
    }
    assert_eq!(rule(&[], &served), Rule::TooManySignatureChecks { limit: MAX_PATH_SIGNATURE_CHECKS });
    // With an anchor at the end of the first way it is found at once.
    let top = authority(&name(12, 0), key(12, 0), &name(12, 0), key(12, 0));
    assert_eq!(search(&[anchor(&top)], &served), Ok(Believed { served: served.len(), works: 13 }));
}

#[test]
fn a_path_has_a_longest_length() {
    let depth = u8::try_from(MAX_PATH_LENGTH).unwrap();
    let (chain, root) = chain_of(depth - 1, TestKey::p256);
    assert!(is_believed(&[anchor(&root)], &chain));
    let (chain, root) = chain_of(depth, TestKey::p256);
    assert_eq!(rule(&[anchor(&root)], &chain), Rule::PathTooLong { limit: MAX_PATH_LENGTH });
}

#[test]
fn says_how_much_memory_it_needs() {
    let (chain, root) = chain_of(2, TestKey::p256);
    let whole: usize = chain.iter().map(Vec::len).sum::<usize>() + 2;
    let anchors = [anchor(&root)];
    let name = server_name();
    let with = |room| run(&Verifier::new(&anchors), &mut provider(), &expected(&name), &chain, room).0;
    assert!(with(whole).is_ok());
    let error = with(whole - 1).unwrap_err();
    assert_eq!((error.index, error.rule), (2, Rule::MemoryTooSmall { needed: whole, room: whole - 1 }));
}

#[test]
fn every_error_names_a_certificate_by_its_place_in_the_order_served() {
    let (mut chain, root) = chain_of(2, TestKey::p256);
    // A malformed one before it does not shift the count.
    chain.insert(1, std::vec![0x30, 0]);
    let expired =
        Draft::authority("Issuing 1", "Root", &TestKey::p256(2)).valid("200101000000Z", "210101000000Z");
    chain[3] = expired.signed_by(&TestKey::p256(3));
    let error = search(&[anchor(&root)], &chain).unwrap_err();
    assert_eq!((error.index, error.subject.to_string()), (3, String::from("Issuing 1")));
    assert!(matches!(error.rule, Rule::Expired { .. }));
}

#[test]
fn agrees_with_the_walk_where_that_is_enough() {
    let (chain, root) = chain_of(4, TestKey::p384);
    assert!(walk(&[anchor(&root)], &chain).is_ok());
    assert_eq!(walk(&[], &chain), unknown_issuer("Root"));
}
