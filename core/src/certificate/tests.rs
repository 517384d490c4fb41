//! Certificates that other programs wrote, and the parts of a certificate that the walk does not
//! get to see.

extern crate std;
use super::draft::{Draft, NOW, TestKey, object, provider, sequence, tlv};
use super::*;
use crate::crypto::{HashAlgorithm, PublicKey, SignatureAlgorithm};
use rcgen::{BasicConstraints as CaLimit, CertificateParams, IsCa, Issuer, KeyPair};
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!("../../tests/fixtures/chains/", $name, ".der")).as_slice()
    };
}
/// 2030-01-01.
const LATER: u64 = 1_893_456_000;

fn walk(anchor: &[u8], chain: &[&[u8]], name: &str, now: u64) -> Result<(), CertificateError> {
    let anchors = [TrustAnchor::from_certificate(anchor).unwrap()];
    let name = ServerName::parse(name).unwrap();
    let expected =
        ExpectedPeer { name: Some(&name), role: Role::Server, validity: Validity::At(UnixTime(now)) };
    run(&chain::Verifier::new(&anchors), &expected, chain)
}

fn run<V: PeerVerifier>(
    verifier: &V,
    expected: &ExpectedPeer<'_>,
    chain: &[&[u8]],
) -> Result<(), CertificateError> {
    let (mut memory, mut provider) = (vec![0; 8192], provider());
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
                    memory[at..at + der.len()].copy_from_slice(der);
                    verifier.certificate(&mut walk, expected, &mut provider, &mut memory, der.len())?
                }
            },
        };
    }
}

const OPENSSL: [[&[u8]; 3]; 3] = [
    [fixture!("rsa-leaf"), fixture!("rsa-intermediate"), fixture!("rsa-root")],
    [fixture!("p384-leaf"), fixture!("p384-intermediate"), fixture!("p384-root")],
    [fixture!("ed25519-leaf"), fixture!("ed25519-intermediate"), fixture!("ed25519-root")],
];

#[test]
fn believes_what_openssl_issued() {
    for [leaf, intermediate, root] in OPENSSL {
        for name in ["example.org", "www.example.org", "192.0.2.1", "2001:db8::1"] {
            assert_eq!(walk(root, &[leaf, intermediate], name, LATER), Ok(()));
            assert_eq!(walk(root, &[leaf, intermediate, root], name, LATER), Ok(()));
        }
        let rule = |name, now| walk(root, &[leaf, intermediate], name, now).unwrap_err().rule;
        assert!(matches!(rule("example.com", LATER), Rule::NameMismatch { .. }));
        assert!(matches!(rule("192.0.2.2", LATER), Rule::NameMismatch { .. }));
        assert!(matches!(rule("example.org", 0), Rule::NotYetValid { .. }));
        assert!(matches!(rule("example.org", 10 * LATER), Rule::Expired { .. }));
        assert!(matches!(
            walk(root, &[leaf], "example.org", LATER).unwrap_err().rule,
            Rule::UnknownIssuer { .. }
        ));
    }
}

#[test]
fn no_flipped_bit_of_an_rsa_signature_is_believed() {
    let [leaf, intermediate, root] = OPENSSL[0];
    // All of RSA-PSS with RSA-4096 would take minutes without optimisation.
    for place in (intermediate.len() - 512..intermediate.len()).step_by(61) {
        let mut altered = Vec::from(intermediate);
        altered[place] ^= 1;
        let error = walk(root, &[leaf, &altered], "example.org", LATER).unwrap_err();
        assert!(matches!(error.rule, Rule::BadSignature { .. }), "{error}");
        assert_eq!(error.index, 1);
    }
}

#[test]
fn believes_what_rcgen_issued() {
    let key = || KeyPair::generate().unwrap();
    let authority = |name: &str| {
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(CaLimit::Constrained(1));
        params.key_usages = vec![rcgen::KeyUsagePurpose::KeyCertSign];
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params
    };
    let root = Issuer::new(authority("Root"), key());
    let root_der = authority("Root").self_signed(root.key()).unwrap();
    let (params, intermediate_key) = (authority("Intermediate"), key());
    let intermediate = params.signed_by(&intermediate_key, &root).unwrap();
    let issuer = Issuer::new(params, intermediate_key);
    let leaf =
        CertificateParams::new(vec!["example.org".to_string()]).unwrap().signed_by(&key(), &issuer).unwrap();
    let chain = [leaf.der().as_ref(), intermediate.der().as_ref()];
    assert_eq!(walk(root_der.der(), &chain, "example.org", NOW), Ok(()));
    let error = walk(root_der.der(), &chain, "example.net", NOW).unwrap_err();
    assert!(matches!(error.rule, Rule::NameMismatch { .. }), "{error}");
}

#[test]
fn says_what_stands_in_a_certificate() {
    let [leaf, intermediate, _] = OPENSSL[0];
    let leaf = Certificate::parse(leaf).unwrap();
    assert_eq!(leaf.version(), 3);
    assert_eq!(leaf.subject().to_string(), "C=DE, O=Example, CN=rsa leaf");
    assert_eq!(leaf.issuer().common_name(), Some("rsa intermediate"));
    assert!(!leaf.is_self_issued());
    assert!(leaf.not_before() < leaf.not_after());
    assert!(
        matches!(leaf.public_key(), Ok(PublicKey::Rsa { modulus, exponent: [1, 0, 1] }) if modulus.len() == 256)
    );
    assert_eq!(leaf.signature_algorithm(), Ok(SignatureAlgorithm::RsaPkcs1(HashAlgorithm::Sha256)));
    assert_eq!(leaf.signature().len(), 256);
    assert_eq!(leaf.extensions().iter().count(), 7);
    let names: Vec<_> = leaf.subject_alt_names().unwrap().unwrap().into_iter().collect();
    assert_eq!(names[..2], [GeneralName::Dns("example.org"), GeneralName::Dns("*.example.org")]);
    assert_eq!(names[2], GeneralName::Ip([192, 0, 2, 1].into()));
    assert_eq!(names[4], GeneralName::Email);
    let usage = leaf.extensions().key_usage().unwrap().unwrap();
    assert!(usage.digital_signature() && !usage.key_cert_sign());

    let intermediate = Certificate::parse(intermediate).unwrap();
    assert_eq!(intermediate.signature_algorithm(), Ok(SignatureAlgorithm::RsaPss(HashAlgorithm::Sha384)));
    let authority = BasicConstraints { authority: true, path_length: None };
    assert_eq!(intermediate.extensions().basic_constraints(), Ok(Some(authority)));
    assert!(intermediate.subject_alt_names().unwrap().is_none());
}

#[test]
fn refuses_what_openssl_made_too_small_too_large_or_of_another_kind() {
    let anchor = |der| TrustAnchor::from_certificate(der).unwrap_err();
    assert_eq!(anchor(fixture!("rsa1024-root")), Rule::KeySize { bits: 1024 });
    assert_eq!(anchor(fixture!("rsa8192-root")), Rule::KeySize { bits: 8192 });
    assert_eq!(anchor(fixture!("p521-root")).to_string().matches("secp521r1").count(), 1);
    assert_eq!(
        anchor(fixture!("pss-key-root")),
        Rule::UnsupportedKey { algorithm: Oid::new(oid::RSASSA_PSS) }
    );

    let algorithm = |der| Certificate::parse(der).unwrap().signature_algorithm();
    let pss = Err(Rule::UnsupportedSignatureAlgorithm { algorithm: Oid::new(oid::RSASSA_PSS) });
    assert_eq!(algorithm(fixture!("pss-salt20-root")), pss);
    assert_eq!(algorithm(fixture!("pss-mgf1sha1-root")), pss);
    let weak = Err(Rule::WeakSignatureAlgorithm { algorithm: Oid::new(oid::SHA1_WITH_RSA) });
    assert_eq!(algorithm(fixture!("sha1-root")), weak);
    // An anchor is believed because it is configured, however it was signed.
    assert!(TrustAnchor::from_certificate(fixture!("sha1-root")).is_ok());
}

#[test]
fn every_truncation_and_every_trailing_byte_is_malformed() {
    for der in OPENSSL.into_iter().flatten() {
        for length in 0..der.len() {
            assert!(matches!(Certificate::parse(&der[..length]), Err(Rule::Malformed { .. })));
        }
        let longer = [der, &[0]].concat();
        assert_eq!(Certificate::parse(&longer).unwrap_err(), Rule::Malformed { structure: "Certificate" });
    }
}

#[test]
fn no_damaged_byte_makes_reading_panic() {
    for der in OPENSSL.into_iter().flatten() {
        for place in 0..der.len() {
            for value in [0, 1, 0x30, 0x7f, 0x80, 0x81, 0x82, 0x84, 0xff] {
                let mut damaged = Vec::from(der);
                damaged[place] = value;
                let _ = subject_of_malformed(&damaged).map(|name| name.to_string());
                let Ok(certificate) = Certificate::parse(&damaged) else { continue };
                let _ = certificate.public_key();
                let _ = certificate.signature_algorithm();
                let _ =
                    certificate.subject_alt_names().map(|names| names.map(|names| names.into_iter().count()));
                let _ = certificate.extensions().basic_constraints();
                let _ = certificate.extensions().key_usage();
                let _ = certificate.extensions().extended_key_usage_allows(Role::Server);
                let _ = (certificate.subject().to_string(), certificate.is_self_issued());
            }
        }
    }
}

#[test]
fn lengths_that_are_not_minimal_or_indefinite_are_no_der() {
    let der = Draft::leaf("Root", &TestKey::p256(1)).signed_by(&TestKey::p256(2));
    let [0x30, 0x82, high, low, contents @ ..] = der.as_slice() else { panic!("a length of two bytes") };
    let with = |header: &[u8]| [header, contents].concat();
    assert!(Certificate::parse(&with(&[0x30, 0x82, *high, *low])).is_ok());
    assert!(Certificate::parse(&with(&[0x30, 0x83, 0, *high, *low])).is_err());
    assert!(Certificate::parse(&with(&[0x30, 0x84, 0, 0, *high, *low])).is_err());
    assert!(Certificate::parse(&[&with(&[0x30, 0x80])[..], &[0, 0]].concat()).is_err());
    assert!(Certificate::parse(&with(&[0x31, 0x82, *high, *low])).is_err());
    assert!(Certificate::parse(&with(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff])).is_err());
}

#[test]
fn a_malformed_certificate_is_still_called_by_its_name() {
    let mut der = Draft::authority("Sloppy", "Root", &TestKey::p256(1)).signed_by(&TestKey::p256(2));
    der.push(0);
    let error = CertificateError::of_malformed(3, &der, Certificate::parse(&der).unwrap_err());
    assert_eq!(
        error.to_string(),
        "certificate 3 of the peer's chain (\"Sloppy\") is malformed: its Certificate is not what strict DER allows \
         (RFC 5280 section 4.1)"
    );
}

#[test]
fn version_one_roots_are_anchors() {
    let key = TestKey::p256(1);
    let v1 = Draft { version: Vec::new(), extensions: Vec::new(), ..Draft::authority("Root", "Root", &key) };
    let v1 = v1.signed_by(&key);
    assert_eq!(Certificate::parse(&v1).unwrap().version(), 1);
    let leaf = Draft::leaf("Root", &TestKey::p256(2)).signed_by(&key);
    assert_eq!(walk(&v1, &[&leaf], "example.org", NOW), Ok(()));
}

#[test]
fn unique_identifiers_came_with_version_two() {
    let key = TestKey::p256(1);
    let draft = Draft {
        version: Vec::new(),
        extensions: Vec::new(),
        unique_identifiers: [tlv(0x81, &[0, 1]), tlv(0x82, &[0, 2])].concat(),
        ..Draft::authority("Root", "Root", &key)
    };
    assert_eq!(Certificate::parse(&draft.signed_by(&key)).unwrap_err(), Rule::Version { found: 1 });
    let second = Draft { version: vec![0xa0, 3, 2, 1, 1], ..draft };
    assert_eq!(Certificate::parse(&second.signed_by(&key)).unwrap().version(), 2);
}

#[test]
fn anchors_are_made_from_contents_too() {
    let [leaf, intermediate, root] = OPENSSL[2];
    let root = Certificate::parse(root).unwrap();
    let anchor = TrustAnchor::from_contents(root.subject().as_contents(), root.public_key_info());
    assert_eq!(Ok(anchor), TrustAnchor::from_certificate(root.as_der()));
    let anchors = [anchor];
    let expected = ExpectedPeer { name: None, role: Role::Client, validity: Validity::At(UnixTime(LATER)) };
    assert_eq!(run(&chain::Verifier::new(&anchors), &expected, &[leaf, intermediate]), Ok(()));
}

#[test]
fn without_verification_anybody_is_believed_whose_leaf_parses() {
    let expected = ExpectedPeer { name: None, role: Role::Server, validity: Validity::At(UnixTime(0)) };
    let run = |chain: &[&[u8]]| run(&dangerous::NoVerification, &expected, chain).map_err(|error| error.rule);
    assert_eq!(run(&[OPENSSL[0][0]]), Ok(()));
    assert_eq!(run(&[fixture!("rsa1024-root")]), Err(Rule::KeySize { bits: 1024 }));
    assert!(matches!(run(&[b"0"]), Err(Rule::Malformed { .. })));
    assert_eq!(run(&[]), Err(Rule::NoCertificate));
}

// ---- Public keys.

fn info(algorithm: &[&[u8]], key: &[u8]) -> Vec<u8> {
    [sequence(algorithm), tlv(3, &[&[0], key].concat())].concat()
}
fn rsa_info(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    let key = sequence(&[&tlv(2, modulus), &tlv(2, exponent)]);
    info(&[&object(oid::RSA_ENCRYPTION), &[5, 0]], &key)
}
/// A modulus as an INTEGER of so many bits.
fn modulus(bits: usize) -> Vec<u8> {
    let mut modulus = vec![0xff; bits.div_ceil(8)];
    modulus[0] >>= (8 - bits % 8) % 8;
    if bits.is_multiple_of(8) {
        modulus.insert(0, 0);
    }
    modulus
}

#[test]
fn reads_rsa_keys_from_2048_to_4096_bits() {
    for bits in [2048, 2049, 2055, 3072, 4095, 4096] {
        let info = rsa_info(&modulus(bits), &[1, 0, 1]);
        assert!(matches!(public_key::parse(&info), Ok(PublicKey::Rsa { exponent: [1, 0, 1], .. })), "{bits}");
    }
    for bits in [512, 1024, 2047, 4097, 8192] {
        assert_eq!(public_key::parse(&rsa_info(&modulus(bits), &[1, 0, 1])), Err(Rule::KeySize { bits }));
    }
}

#[test]
fn refuses_rsa_keys_that_are_none() {
    let malformed = Err(Rule::Malformed { structure: "RSAPublicKey" });
    let good = modulus(2048);
    let mut even = good.clone();
    *even.last_mut().unwrap() = 0xfe;
    let padded = [&[0][..], &good].concat();
    for (modulus, exponent) in [
        (&even[..], &[1, 0, 1][..]),
        (&padded, &[1, 0, 1]),
        (&good[1..], &[1, 0, 1]),
        (&[], &[1, 0, 1]),
        (&[0], &[1, 0, 1]),
        (&good, &[]),
        (&good, &[0]),
        (&good, &[1]),
        (&good, &[2]),
        (&good, &[0, 3]),
        (&good, &[0x83]),
        (&good, &[1, 0, 0]),
        (&good, &[1, 0, 0, 0, 0, 1]),
    ] {
        assert_eq!(public_key::parse(&rsa_info(modulus, exponent)), malformed, "{exponent:?}");
    }
    for exponent in [&[3][..], &[1, 0, 1], &[0, 0xff, 0xff, 0xff, 0xff]] {
        assert!(public_key::parse(&rsa_info(&good, exponent)).is_ok(), "{exponent:?}");
    }
    // NULL must be there, and be alone.
    let key = sequence(&[&tlv(2, &good), &tlv(2, &[3])]);
    for parameters in [&[][..], &[5, 1, 0], &[5, 0, 5, 0], &[0x30, 0]] {
        assert!(public_key::parse(&info(&[&object(oid::RSA_ENCRYPTION), parameters], &key)).is_err());
    }
}

#[test]
fn reads_points_of_two_curves_uncompressed() {
    let ec = |curve: &[u8], key: &[u8]| info(&[&object(oid::EC_PUBLIC_KEY), &object(curve)], key);
    let point = |first: u8, length| [&[first][..], &vec![7; length]].concat();
    let unsupported = |id| Err(Rule::UnsupportedKey { algorithm: Oid::new(id) });
    let malformed = Err(Rule::Malformed { structure: "SubjectPublicKeyInfo" });

    assert!(
        matches!(public_key::parse(&ec(oid::SECP256R1, &point(4, 64))), Ok(PublicKey::P256(p)) if p.len() == 65)
    );
    assert!(
        matches!(public_key::parse(&ec(oid::SECP384R1, &point(4, 96))), Ok(PublicKey::P384(p)) if p.len() == 97)
    );
    assert_eq!(public_key::parse(&ec(oid::SECP256R1, &point(2, 32))), unsupported(oid::SECP256R1));
    assert_eq!(public_key::parse(&ec(oid::SECP384R1, &point(3, 48))), unsupported(oid::SECP384R1));
    let secp521r1: &[u8] = &[0x2b, 0x81, 4, 0, 35];
    assert_eq!(public_key::parse(&ec(secp521r1, &point(4, 132))), unsupported(secp521r1));
    for bad in
        [point(4, 63), point(4, 65), point(4, 96), point(6, 64), point(5, 64), vec![], vec![0], vec![4]]
    {
        assert_eq!(public_key::parse(&ec(oid::SECP256R1, &bad)), malformed);
    }
    // Curves that are spelled out could be anything (CVE-2020-0601).
    let spelled_out = info(&[&object(oid::EC_PUBLIC_KEY), &[0x30, 0]], &point(4, 64));
    assert!(matches!(public_key::parse(&spelled_out), Err(Rule::Malformed { .. })));
    let none = info(&[&object(oid::EC_PUBLIC_KEY)], &point(4, 64));
    assert!(matches!(public_key::parse(&none), Err(Rule::Malformed { .. })));
}

#[test]
fn reads_ed25519_keys_without_parameters() {
    let good = info(&[&object(oid::ED25519)], &[9; 32]);
    assert_eq!(public_key::parse(&good), Ok(PublicKey::Ed25519(&[9; 32])));
    assert!(public_key::parse(&info(&[&object(oid::ED25519)], &[9; 31])).is_err());
    assert!(public_key::parse(&info(&[&object(oid::ED25519), &[5, 0]], &[9; 32])).is_err());
    assert!(public_key::parse(&[good, vec![0]].concat()).is_err());
    // Bits that are not a whole number of bytes.
    let odd = [sequence(&[&object(oid::ED25519)]), tlv(3, &[&[1][..], &[8; 32]].concat())].concat();
    assert!(public_key::parse(&odd).is_err());
}

// ---- Signature algorithms.

#[test]
fn reads_signature_algorithms_with_the_parameters_they_must_have() {
    use HashAlgorithm::*;
    let read = |id: &[u8], parameters: &[u8]| signature_algorithm::parse(&[&object(id), parameters].concat());
    for (id, algorithm) in [
        (oid::ECDSA_WITH_SHA256, SignatureAlgorithm::Ecdsa(Sha256)),
        (oid::ECDSA_WITH_SHA384, SignatureAlgorithm::Ecdsa(Sha384)),
        (oid::ECDSA_WITH_SHA512, SignatureAlgorithm::Ecdsa(Sha512)),
        (oid::ED25519, SignatureAlgorithm::Ed25519),
    ] {
        assert_eq!(read(id, &[]), Ok(algorithm));
        assert!(matches!(read(id, &[5, 0]), Err(Rule::Malformed { .. })));
    }
    for (id, hash) in
        [(oid::SHA256_WITH_RSA, Sha256), (oid::SHA384_WITH_RSA, Sha384), (oid::SHA512_WITH_RSA, Sha512)]
    {
        assert_eq!(read(id, &[]), Ok(SignatureAlgorithm::RsaPkcs1(hash)));
        assert_eq!(read(id, &[5, 0]), Ok(SignatureAlgorithm::RsaPkcs1(hash)));
        for bad in [&[5, 1, 0][..], &[5, 0, 5, 0], &[0x30, 0]] {
            assert!(matches!(read(id, bad), Err(Rule::Malformed { .. })));
        }
    }
}

#[test]
fn reads_pss_parameters_that_fit_together() {
    let hash = |id: &[u8], null: &[u8]| sequence(&[&object(id), null]);
    let mask = |id: &[u8], hash: &[u8]| sequence(&[&object(id), hash]);
    let read = |parts: &[Vec<u8>]| {
        signature_algorithm::parse(&[object(oid::RSASSA_PSS), tlv(0x30, &parts.concat())].concat())
    };
    let part = |number: u8, contents: &[u8]| tlv(0xa0 | number, contents);
    let unsupported = Err(Rule::UnsupportedSignatureAlgorithm { algorithm: Oid::new(oid::RSASSA_PSS) });
    for null in [&[][..], &[5, 0]] {
        for (id, algorithm) in [
            (oid::SHA256, HashAlgorithm::Sha256),
            (oid::SHA384, HashAlgorithm::Sha384),
            (oid::SHA512, HashAlgorithm::Sha512),
        ] {
            let salt = u8::try_from(algorithm.length()).unwrap();
            let parts = [
                part(0, &hash(id, null)),
                part(1, &mask(oid::MGF1, &hash(id, null))),
                part(2, &[2, 1, salt]),
            ];
            assert_eq!(read(&parts), Ok(SignatureAlgorithm::RsaPss(algorithm)));
            // Each part has a default, and none is ours.
            for absent in 0..3 {
                let mut parts = parts.to_vec();
                parts.remove(absent);
                assert_eq!(read(&parts), unsupported);
            }
            let mut other = parts.clone();
            other[2] = part(2, &[2, 1, salt - 1]);
            assert_eq!(read(&other), unsupported);
            other[2] = part(2, &[2, 2, 0, 0xff]);
            assert_eq!(read(&other), unsupported);
            let mut other = parts.clone();
            other[1] = part(
                1,
                &mask(oid::MGF1, &hash(if id == oid::SHA256 { oid::SHA512 } else { oid::SHA256 }, null)),
            );
            assert_eq!(read(&other), unsupported);
            other[1] = part(1, &mask(oid::SHA256, &hash(id, null)));
            assert_eq!(read(&other), unsupported);
            // The trailer's default, spelled out, is no DER.
            let trailer = [&parts[..], &[part(3, &[2, 1, 1])]].concat();
            assert!(matches!(read(&trailer), Err(Rule::Malformed { .. })));
            let mut swapped = parts.to_vec();
            swapped.swap(0, 1);
            assert!(matches!(read(&swapped), Err(Rule::Malformed { .. })));
        }
    }
    assert_eq!(read(&[]), unsupported);
    assert!(matches!(signature_algorithm::parse(&object(oid::RSASSA_PSS)), Err(Rule::Malformed { .. })));
}

#[test]
fn every_rule_has_a_sentence_and_an_alert() {
    let oid = Oid::new(oid::NAME_CONSTRAINTS);
    let name: ShortName = "Root".try_into().unwrap();
    let time = UnixTime(NOW);
    for (rule, alert, says) in [
        (Rule::Expired { not_after: time, now: time }, "certificate_expired", "2026-07-01 00:00:00 UTC"),
        (
            Rule::ExpiredBeforeBuild { not_after: time, built: time },
            "certificate_expired",
            "firmware was built",
        ),
        (Rule::NotYetValid { not_before: time, now: time }, "certificate_expired", "clock"),
        (Rule::NameMismatch { expected: name.clone() }, "certificate_unknown", "Root"),
        (Rule::NoSubjectAltName, "certificate_unknown", "9525"),
        (Rule::UnknownIssuer { issuer: name.clone() }, "unknown_ca", "Root"),
        (Rule::SelfSigned, "unknown_ca", "self-signed"),
        (Rule::UnusableAnchor { issuer: name.clone() }, "unknown_ca", "Root"),
        (Rule::BadSignature { issuer: name }, "bad_certificate", "Root"),
        (Rule::NotACertificateAuthority, "bad_certificate", "basicConstraints"),
        (
            Rule::PathLength { allowed: 3, found: 4 },
            "bad_certificate",
            "allows 3 intermediate certificates below it, and there are 4",
        ),
        (Rule::KeyUsage { needed: "keyCertSign" }, "unsupported_certificate", "keyCertSign"),
        (Rule::ExtendedKeyUsage { needed: Role::Client }, "unsupported_certificate", "clientAuth"),
        (
            Rule::UnknownCriticalExtension { extension: oid },
            "unsupported_certificate",
            "2.5.29.30 (nameConstraints)",
        ),
        (Rule::DuplicateExtension { extension: oid }, "bad_certificate", "more than once"),
        (Rule::TooManyExtensions { limit: 64 }, "bad_certificate", "64"),
        (Rule::AlgorithmMismatch, "bad_certificate", "4.1.1.2"),
        (Rule::UnsupportedSignatureAlgorithm { algorithm: oid }, "unsupported_certificate", "2.5.29.30"),
        (Rule::WeakSignatureAlgorithm { algorithm: oid }, "bad_certificate", "SHA-256"),
        (Rule::UnsupportedKey { algorithm: oid }, "unsupported_certificate", "2.5.29.30"),
        (Rule::KeySize { bits: 1024 }, "unsupported_certificate", "1024"),
        (Rule::Version { found: 1 }, "unsupported_certificate", "version 1"),
        (Rule::Serial, "bad_certificate", "serial"),
        (Rule::Malformed { structure: "Validity" }, "bad_certificate", "Validity"),
        (Rule::TooManySignatureChecks { limit: 16 }, "bad_certificate", "16"),
        (Rule::MemoryTooSmall { needed: 5, room: 4 }, "internal_error", "needs 5 bytes"),
        (Rule::NoCertificate, "decode_error", "4.4.2.4"),
        (Rule::Crypto(crate::crypto::CryptoError::Hardware), "internal_error", "Hardware"),
        (Rule::Internal("here"), "internal_error", "here"),
    ] {
        let error = CertificateError { index: 0, subject: CommonName::new(), rule };
        assert_eq!(error.alert().name(), Some(alert), "{error}");
        let sentence = error.to_string();
        assert!(sentence.contains(says), "{sentence}");
        assert!(sentence.starts_with("the peer") && !sentence.ends_with('.'), "{sentence}");
    }
}
