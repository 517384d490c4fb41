use super::*;
use crate::program::doctor::case::{ExpectedName, Role};
use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};

/// A root, and a leaf below it as `change` leaves it.
fn case(change: impl FnOnce(&mut CertificateParams)) -> Case {
    let key = || KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
    let mut root = CertificateParams::default();
    root.distinguished_name.push(DnType::CommonName, "Root");
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    root.key_usages = vec![rcgen::KeyUsagePurpose::KeyCertSign];
    let root_key = key();
    let stored = root.self_signed(&root_key).unwrap();
    let mut leaf = CertificateParams::new(vec!["api.example".to_owned()]).unwrap();
    leaf.distinguished_name.push(DnType::CommonName, "api.example");
    leaf.use_authority_key_identifier_extension = true;
    leaf.not_before = rcgen::date_time_ymd(2026, 1, 1);
    leaf.not_after = rcgen::date_time_ymd(2026, 12, 31);
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    change(&mut leaf);
    let served = leaf.signed_by(&key(), &Issuer::new(root, root_key)).unwrap();
    Case {
        served: vec![Facts::parse(served.der()).unwrap()],
        store: vec![Facts::parse(stored.der()).unwrap()],
        name: Some(ExpectedName::Dns("api.example".to_owned())),
        role: Role::Server,
        // 2026-06-01
        at: 1_780_272_000,
        crls: Vec::new(),
        staple: None,
    }
}

fn rules_of(case: &Case) -> Vec<&'static str> {
    findings(case).iter().map(|finding| finding.rule).collect()
}

#[test]
fn a_sound_chain_has_no_findings() {
    assert_eq!(rules_of(&case(|_| {})), [""; 0]);
}

#[test]
fn an_expired_leaf_is_an_error_with_both_times() {
    let case = case(|leaf| leaf.not_after = rcgen::date_time_ymd(2026, 3, 1));
    let found = findings(&case);
    assert_eq!(
        (found[0].rule, found[0].severity, found[0].certificate),
        ("expired", Severity::Error, Some(0))
    );
    assert!(found[0].message.contains("2026-03-01") && found[0].message.contains("2026-06-01"), "{found:?}");
}

#[test]
fn a_missing_issuer_is_named_with_what_to_append() {
    let mut case = case(|_| {});
    case.store.clear();
    let found = findings(&case);
    assert_eq!(found[0].rule, "unknown-issuer");
    assert!(found[0].fix.as_ref().unwrap().contains("CN=Root"), "{found:?}");
}

#[test]
fn a_server_certificate_used_by_a_client_lacks_client_auth() {
    let mut case = case(|_| {});
    (case.role, case.name) = (Role::Client, None);
    assert_eq!(rules_of(&case), ["extended-key-usage"]);
}

#[test]
fn a_common_name_alone_is_told_from_a_wrong_name() {
    let bare = case(|leaf| leaf.subject_alt_names.clear());
    assert_eq!(rules_of(&bare), ["common-name-only"]);
    let mut other = case(|_| {});
    other.name = Some(ExpectedName::Dns("other.example".to_owned()));
    assert_eq!(rules_of(&other), ["name-mismatch"]);
}
