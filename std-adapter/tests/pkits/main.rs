//! NIST's Public Key Interoperability Test Suite (PKITS, in the public domain): some 220 leaves, the authorities and
//! revocation lists that they need, and what RFC 5280's path validation says of each. The path builder is given
//! everything at once and has to find the way itself.
//!
//! `certificates.pem` and `lists.pem` hold all of the suite's files, each under its file's name.

mod exceptions;

use exceptions::EXCEPTIONS;
use ferrule::certificate::revocation::{RevocationList, RevocationPolicy, Staple, Unknown};
use ferrule::certificate::{
    Certificate, CertificateError, ExpectedPeer, Role, TrustAnchor, UnixTime, Validity, path, verify,
};
use ferrule_std::StdProvider;
use rustls_pki_types::pem::{PemObject, SectionKind};
use std::collections::BTreeMap;

/// May 2026: within the suite's certificates, which run from 2010 to the end of 2030.
const NOW: UnixTime = UnixTime(1_780_000_000);

/// The suite's files in DER, by name.
type Files = BTreeMap<&'static str, Vec<u8>>;

fn files(mut text: &'static str) -> Files {
    const END: &str = "-----\n";
    let mut files = Files::new();
    while let Some((name, behind)) = text.split_once('\n') {
        let footer = behind.find("-----END").unwrap();
        let end = footer + behind[footer..].find(END).unwrap() + END.len();
        let (_, der) = <(SectionKind, Vec<u8>)>::from_pem_slice(&behind.as_bytes()[..end]).unwrap();
        assert!(files.insert(name, der).is_none(), "{name} twice");
        text = &behind[end..];
    }
    files
}

/// The leaf, and every certificate whose subject issued something in the list.
fn served<'a>(leaf: &'a [u8], all: &'a Files) -> Vec<&'a [u8]> {
    let mut served = vec![leaf];
    let mut place = 0;
    while let Some(&der) = served.get(place) {
        place += 1;
        let Ok(certificate) = Certificate::parse(der) else { continue };
        for candidate in all.values().filter(|candidate| *candidate != leaf) {
            let Ok(parsed) = Certificate::parse(candidate) else { continue };
            let is_issuer = parsed.subject().matches(&certificate.issuer());
            if is_issuer && !served.contains(&candidate.as_slice()) {
                served.push(candidate);
            }
        }
    }
    served
}

fn validate(
    leaf: &[u8],
    all: &Files,
    lists: &Files,
    unknown: Unknown,
    anchor: &[u8],
) -> Result<(), CertificateError> {
    let served = served(leaf, all);
    let issued = |issuer: &RevocationList<'_>| {
        let mut certificates = served.iter().filter_map(|der| Certificate::parse(der).ok());
        certificates.any(|certificate| certificate.issuer().matches(&issuer.issuer()))
    };
    // One that cannot be used is as good as none.
    let lists: Vec<_> =
        lists.values().filter_map(|der| RevocationList::parse(der).ok()).filter(issued).collect();
    let policy = RevocationPolicy { lists: &lists, staple: Staple::Ignored, unknown };
    let anchors = [TrustAnchor::from_certificate(anchor).unwrap()];
    let verifier = path::Verifier::new(&anchors).with_revocation(policy);

    let expected = ExpectedPeer { name: None, role: Role::Client, validity: Validity::At(NOW) };
    let mut memory = vec![0; 1 << 17];
    verify(&verifier, &served, None, &expected, &mut StdProvider::new(None), &mut memory)
}

#[test]
fn every_test_of_the_suite_ends_as_nist_says_or_for_a_reason_that_is_written_down() {
    let certificates = files(include_str!("certificates.pem"));
    let lists = files(include_str!("lists.pem"));
    let anchor = &certificates["TrustAnchorRootCertificate"];
    let (mut as_nist_says, mut excepted, mut wrong) = (0, 0, Vec::new());
    for (&name, leaf) in certificates.iter().filter(|(name, _)| name.ends_with("EE")) {
        let answer = validate(leaf, &certificates, &lists, Unknown::Refused, anchor);
        let exception = EXCEPTIONS.iter().find(|exception| exception.tests.contains(&name));
        // Tests of policies alone say in NIST's text, not in their name, what they expect.
        let expected = if name.starts_with("Invalid") {
            Some(false)
        } else if name.starts_with("Valid") {
            Some(true)
        } else {
            None
        };
        let shown = answer.as_ref().map_or_else(ToString::to_string, |()| "believed".to_owned());
        if let Some(exception) = exception {
            let answer = validate(leaf, &certificates, &Files::new(), Unknown::Accepted, anchor);
            assert_eq!(answer.is_ok(), exception.without_lists, "{name}: {answer:?}");
        }
        match (exception, expected) {
            (Some(exception), _) if exception.believed == answer.is_ok() => excepted += 1,
            (None, Some(expected)) if expected == answer.is_ok() => as_nist_says += 1,
            _ => wrong.push(format!("{name}: {shown}")),
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    println!("PKITS: {as_nist_says} as NIST says, {excepted} otherwise, for the reasons in exceptions.rs");
    assert_eq!(as_nist_says + excepted, 223);
    let listed: usize = EXCEPTIONS.iter().map(|exception| exception.tests.len()).sum();
    assert_eq!(listed, excepted, "an exception names a test that does not exist");
}
