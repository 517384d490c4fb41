//! Which names an authority may speak for.

extern crate std;
use super::super::chain::tests::{anchor, believed, root, walk};
use super::super::draft::{Draft, TestKey, dns_names, extension, name, sequence, tlv};
use super::super::oid;
use super::*;
use std::vec::Vec;

fn subtree(tag: u8, base: &[u8]) -> Vec<u8> {
    sequence(&[&tlv(tag, base)])
}
fn dns(base: &str) -> Vec<u8> {
    subtree(0x82, base.as_bytes())
}
fn ip(base: &[u8]) -> Vec<u8> {
    subtree(0x87, base)
}
fn directory(name: &[u8]) -> Vec<u8> {
    subtree(0xa4, &tlv(0x30, name))
}
fn constraints(permitted: &[Vec<u8>], excluded: &[Vec<u8>]) -> Vec<u8> {
    let list = |tag, list: &[Vec<u8>]| if list.is_empty() { Vec::new() } else { tlv(tag, &list.concat()) };
    sequence(&[&list(0xa0, permitted), &list(0xa1, excluded)])
}

/// Whether these constraints let a certificate with these names through.
fn lets_through(constraints: &[u8], alt_names: &[Vec<u8>]) -> bool {
    let alt_names = tlv(0x30, &alt_names.concat());
    let names = ConstrainedNames {
        subject: DistinguishedName::from_contents(&[]),
        alt_names: Some(GeneralNames::parse(&alt_names).unwrap()),
    };
    NameConstraints::parse(constraints).unwrap().check(names, &mut Comparisons::new()).is_ok()
}

#[test]
fn a_dns_subtree_holds_its_base_and_all_labels_below() {
    // The examples of RFC 5280 §4.2.1.10 come first.
    for (base, presented, within) in [
        ("host.example.com", "www.host.example.com", true),
        ("host.example.com", "host1.example.com", false),
        ("host.example.com", "host.example.com", true),
        ("Host.Example.COM", "WWW.host.example.com", true),
        ("example.com", "badexample.com", false),
        ("example.com", "com", false),
        (".example.com", "www.example.com", true),
        (".example.com", "example.com", false),
        ("", "anything.example", true),
        ("example.com", "*.example.com", true),
        ("www.example.com", "*.example.com", false),
        ("com", "*.example.com", true),
    ] {
        let presented = [tlv(0x82, presented.as_bytes())];
        assert_eq!(lets_through(&constraints(&[dns(base)], &[]), &presented), within, "{base} {presented:?}");
        if !base.starts_with("www") {
            assert_eq!(
                lets_through(&constraints(&[], &[dns(base)]), &presented),
                !within,
                "{base} {presented:?}"
            );
        }
    }
}

#[test]
fn a_wildcard_is_excluded_with_any_name_that_it_stands_for() {
    for (base, through) in [
        ("www.example.com", false),
        ("WWW.EXAMPLE.COM", false),
        ("a.www.example.com", true),
        ("example.org", true),
        ("example.com", false),
    ] {
        let excluded = constraints(&[], &[dns(base)]);
        assert_eq!(lets_through(&excluded, &[tlv(0x82, b"*.example.com")]), through, "{base}");
    }
}

#[test]
fn an_address_is_compared_under_the_mask() {
    let net = ip(&[192, 0, 2, 0, 255, 255, 255, 0]);
    let permitted = constraints(core::slice::from_ref(&net), &[]);
    let excluded = constraints(&[], &[net]);
    for (address, within) in [(&[192, 0, 2, 9][..], true), (&[192, 0, 3, 9], false)] {
        assert_eq!(lets_through(&permitted, &[tlv(0x87, address)]), within);
        assert_eq!(lets_through(&excluded, &[tlv(0x87, address)]), !within);
    }
    // An address of the other kind is not in a permitted net, and the constraint is on its form all the same.
    assert!(!lets_through(&permitted, &[tlv(0x87, &[0; 16])]));
    let six = [&[0x20, 1, 0xd, 0xb8][..], &[0; 12], &[0xff; 4], &[0; 12]].concat();
    let one = [&[0x20, 1, 0xd, 0xb8][..], &[7; 12]].concat();
    assert!(lets_through(&constraints(&[ip(&six)], &[]), &[tlv(0x87, &one)]));
}

#[test]
fn an_excluded_net_holds_its_addresses_as_ipv6_writes_them() {
    let excluded = constraints(&[], &[ip(&[192, 0, 2, 0, 255, 255, 255, 0])]);
    let mapped = |last: [u8; 4]| [&[0; 10][..], &[0xff; 2], &last].concat();
    assert!(!lets_through(&excluded, &[tlv(0x87, &mapped([192, 0, 2, 9]))]));
    assert!(lets_through(&excluded, &[tlv(0x87, &mapped([192, 0, 3, 9]))]));
}

#[test]
fn names_of_another_form_are_not_constrained() {
    let permitted = constraints(&[dns("example.com")], &[]);
    assert!(lets_through(&permitted, &[tlv(0x87, &[192, 0, 2, 1])]));
    assert!(lets_through(&permitted, &[tlv(0x81, b"a@example.org")]));
}

#[test]
fn forms_that_are_not_processed_let_no_such_name_through() {
    for tag in [0x81, 0x86, 0x88] {
        let base = subtree(tag, &[0x2a, 3]);
        let named = [tlv(tag, &[0x2a, 3])];
        assert!(!lets_through(&constraints(core::slice::from_ref(&base), &[]), &named), "{tag:x}");
        assert!(!lets_through(&constraints(&[], core::slice::from_ref(&base)), &named), "{tag:x}");
        assert!(lets_through(&constraints(&[base], &[]), &[tlv(0x82, b"example.com")]), "{tag:x}");
    }
}

#[test]
fn refuses_constraints_that_are_not_der_or_mean_nothing() {
    let minimum = sequence(&[&tlv(0x82, b"a"), &tlv(0x80, &[1])]);
    let maximum = sequence(&[&tlv(0x82, b"a"), &tlv(0x81, &[1])]);
    let default = sequence(&[&tlv(0x82, b"a"), &tlv(0x80, &[0])]);
    assert!(NameConstraints::parse(&constraints(&[default], &[])).is_ok());
    for bad in [
        sequence(&[]),
        sequence(&[&tlv(0xa0, &[])]),
        constraints(&[minimum], &[]),
        constraints(&[maximum], &[]),
        constraints(&[subtree(0x82, &[0xe4])], &[]),
        // What is no host name holds no name: as an excluded subtree it would exclude nothing.
        constraints(&[], &[dns("*.example.com")]),
        constraints(&[], &[dns("example.com.")]),
        constraints(&[], &[dns("..example.com")]),
        constraints(&[], &[dns(".")]),
        constraints(&[], &[dns("example com")]),
        // The tags of dNSName, iPAddress and directoryName, but constructed or primitive where those are not.
        constraints(&[], &[subtree(0xa2, b"a")]),
        constraints(&[], &[subtree(0xa7, &[0; 8])]),
        constraints(&[], &[subtree(0x84, &[0x30, 0])]),
        constraints(&[], &[subtree(0xa4, &[0x30, 2, 0x31, 0])]),
        constraints(&[ip(&[192, 0, 2, 0])], &[]),
        constraints(&[ip(&[192, 0, 2, 0, 255, 0, 255, 0])], &[]),
        constraints(&[subtree(0xa4, &[])], &[]),
        constraints(&[subtree(0x0c, b"a")], &[]),
        [constraints(&[dns("a")], &[]), Vec::from([0])].concat(),
    ] {
        assert!(NameConstraints::parse(&bad).is_err(), "{bad:x?}");
    }
    let whole = constraints(&[dns("example.com"), ip(&[0; 8])], &[directory(&name("x"))]);
    assert!(NameConstraints::parse(&whole).is_ok());
    for length in 0..whole.len() {
        assert!(NameConstraints::parse(&whole[..length]).is_err(), "{length}");
    }
}

#[test]
fn comparisons_are_limited() {
    let permitted: Vec<_> = (0..600).map(|_| dns("example.org")).collect();
    let constraints = constraints(&permitted, &[]);
    let many: Vec<u8> = (0..600).flat_map(|_| tlv(0x82, b"example.org")).collect();
    let many = tlv(0x30, &many);
    let names = ConstrainedNames {
        subject: DistinguishedName::from_contents(&[]),
        alt_names: Some(GeneralNames::parse(&many).unwrap()),
    };
    let constraints = NameConstraints::parse(&constraints).unwrap();
    let mut budget = Comparisons::new();
    let too_many = Err(Rule::TooManyNameComparisons { limit: MAX_NAME_COMPARISONS });
    assert_eq!(constraints.check(names, &mut budget), too_many);
}

// ---- In chains: each is asked of the walk and of the path builder.

fn constrained(subject: &str, key: u8, issuer: &str, value: &[u8]) -> Draft {
    let draft = Draft::authority(subject, issuer, &TestKey::p256(key));
    draft.with(extension(oid::NAME_CONSTRAINTS, true, value))
}
fn leaf() -> Vec<u8> {
    Draft::leaf("Issuing", &TestKey::p256(200)).signed_by(&TestKey::p256(1))
}
fn refused(name: &str) -> Result<super::super::chain::tests::Believed, Rule> {
    Err(Rule::NameConstraint { name: name.try_into().unwrap() })
}

#[test]
fn the_issuers_constraints_reach_the_leaf() {
    let trusted = root(&TestKey::p256(2));
    let with = |value: &[u8]| {
        let issuing = constrained("Issuing", 1, "Root", value).signed_by(&TestKey::p256(2));
        walk(&[anchor(&trusted)], &[leaf(), issuing])
    };
    assert_eq!(with(&constraints(&[dns("example.org")], &[])), believed(2, 2));
    assert_eq!(with(&constraints(&[dns("example.com")], &[])), refused("example.org"));
    assert_eq!(with(&constraints(&[], &[dns("example.org")])), refused("example.org"));
    assert_eq!(with(&constraints(&[directory(&name("Somebody"))], &[])), refused("Leaf"));
    assert_eq!(with(&constraints(&[directory(&name("leaf"))], &[])), believed(2, 2));
    assert!(matches!(with(&[0x30, 0]), Err(Rule::Malformed { structure: "nameConstraints" })));
}

#[test]
fn constraints_from_far_above_reach_every_certificate_below() {
    for signs in [TestKey::p256, TestKey::ed25519] {
        let trusted = Draft::authority("Root", "Root", &signs(4)).signed_by(&signs(4));
        let with = |value: &[u8], middle: Draft| {
            let chain = [
                Draft::leaf("Issuing", &signs(200)).signed_by(&signs(1)),
                Draft::authority("Issuing", "Middle", &signs(1)).signed_by(&signs(2)),
                middle.signed_by(&signs(3)),
                Draft::authority("Upper", "Root", &signs(3))
                    .with(extension(oid::NAME_CONSTRAINTS, true, value))
                    .signed_by(&signs(4)),
            ];
            walk(&[anchor(&trusted)], &chain)
        };
        let middle = || Draft::authority("Middle", "Upper", &signs(2));
        assert_eq!(with(&constraints(&[dns("example.org")], &[]), middle()), believed(4, 4));
        assert_eq!(with(&constraints(&[], &[dns("example.org")]), middle()), refused("example.org"));
        for below in ["Leaf", "Issuing", "Middle"] {
            assert_eq!(with(&constraints(&[], &[directory(&name(below))]), middle()), refused(below));
        }
        for not_below in ["Upper", "Root"] {
            assert_eq!(with(&constraints(&[], &[directory(&name(not_below))]), middle()), believed(4, 4));
        }
        // An intermediate's own alternative names, too.
        let named = || middle().with(dns_names(&["middle.example"]));
        assert_eq!(with(&constraints(&[], &[dns("middle.example")]), named()), refused("middle.example"));
        assert_eq!(with(&constraints(&[], &[dns("other.example")]), named()), believed(4, 4));
    }
}

#[test]
fn names_of_self_issued_intermediates_do_not_count() {
    let trusted = root(&TestKey::p256(3));
    // "Name constraints are not applied to self-issued certificates (unless the certificate is the final
    // certificate in the path)" (§4.2.1.10).
    let upper = |value: &[u8]| {
        let chain = [
            Draft::leaf("CA", &TestKey::p256(200)).signed_by(&TestKey::p256(1)),
            Draft::authority("CA", "CA", &TestKey::p256(1)).signed_by(&TestKey::p256(2)),
            constrained("CA", 2, "Root", value).signed_by(&TestKey::p256(3)),
        ];
        walk(&[anchor(&trusted)], &chain)
    };
    assert_eq!(upper(&constraints(&[], &[directory(&name("CA"))])), believed(3, 3));
    assert_eq!(upper(&constraints(&[], &[directory(&name("Leaf"))])), refused("Leaf"));
}

#[test]
fn anchors_have_constraints_as_well() {
    let value = constraints(&[dns("example.com")], &[]);
    let trusted = constrained("Root", 2, "Root", &value).signed_by(&TestKey::p256(2));
    let issuing = Draft::authority("Issuing", "Root", &TestKey::p256(1)).signed_by(&TestKey::p256(2));
    let chain = [leaf(), issuing];
    let not_permitted = Err(Rule::AnchorNameConstraint { name: "example.org".try_into().unwrap() });
    assert_eq!(walk(&[anchor(&trusted)], &chain), not_permitted);
    let unconstrained = root(&TestKey::p256(2));
    let lets_through = constraints(&[dns("example.org")], &[]);
    assert_eq!(walk(&[anchor(&unconstrained).with_name_constraints(&lets_through)], &chain), believed(2, 2));
    assert_eq!(walk(&[anchor(&unconstrained).with_name_constraints(&value)], &chain), not_permitted);
    let garbage = anchor(&unconstrained).with_name_constraints(&[0x30, 0]);
    assert!(matches!(walk(&[garbage], &chain), Err(Rule::Malformed { .. })));
    // Another anchor of that name and key without constraints is as good.
    assert!(walk(&[anchor(&trusted), anchor(&unconstrained)], &chain).is_ok());
}

#[test]
fn a_subject_that_is_no_name_does_not_escape_constraints_on_names() {
    // What stands in place of a Name here reads as a subjectAltName, of a form that is not constrained.
    let nonsense = tlv(0x82, b"a");
    let trusted = root(&TestKey::p256(4));
    let upper = |value: &[u8]| constrained("Upper", 3, "Root", value).signed_by(&TestKey::p256(4));
    let malformed = Err(Rule::Malformed { structure: "Name" });
    let permitted = constraints(&[directory(&name("Leaf")), directory(&name("Issuing"))], &[]);
    let chain = [
        leaf(),
        Draft { issuer: nonsense.clone(), ..Draft::authority("Issuing", "", &TestKey::p256(1)) }
            .signed_by(&TestKey::p256(2)),
        Draft { subject: nonsense.clone(), ..Draft::authority("", "Upper", &TestKey::p256(2)) }
            .signed_by(&TestKey::p256(3)),
        upper(&permitted),
    ];
    assert_eq!(walk(&[anchor(&trusted)], &chain), malformed);

    // An attribute with something behind it is in no subtree, and so not in one that is excluded.
    let excluded = constraints(&[], &[directory(&name("Leaf"))]);
    let attribute =
        [sequence(&[&super::super::draft::object(oid::COMMON_NAME), &tlv(0x0c, b"Leaf"), &[5, 0]])];
    let draft = Draft::leaf("Upper", &TestKey::p256(200));
    let of = |subject: Vec<u8>| {
        let draft = Draft { subject, ..draft.clone() }.signed_by(&TestKey::p256(3));
        walk(&[anchor(&trusted)], &[draft, upper(&excluded)])
    };
    assert_eq!(of(name("Leaf")), refused("Leaf"));
    assert_eq!(of(name("Other")), believed(2, 2));
    assert!(matches!(of(tlv(0x31, &attribute.concat())), Err(Rule::Malformed { .. })));
    assert!(matches!(of(tlv(0x31, &[])), Err(Rule::Malformed { .. })));
}
