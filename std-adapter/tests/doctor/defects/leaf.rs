//! The peer's own certificate: dates, purposes, keys.

use super::Defect;
use crate::extension::*;
use crate::key::{Hash, Key, Kind};
use crate::recipe::DAY;

pub(super) const DEFECTS: &[Defect] = &[
    ("leaf-expired", |draft, random| {
        let days = random.i64(1..25);
        draft.leaf().not_after = draft.now - days * DAY;
    }),
    ("leaf-not-yet-valid", |draft, random| {
        let days = random.i64(1..25);
        draft.leaf().not_before = draft.now + days * DAY;
    }),
    ("leaf-validity-reversed", |draft, _| {
        draft.leaf().not_before = draft.now + 10 * DAY;
        draft.leaf().not_after = draft.now - 10 * DAY;
    }),
    ("leaf-ten-years", |draft, _| {
        draft.leaf().not_before = draft.now - 10 * DAY;
        draft.leaf().not_after = draft.now + 3650 * DAY;
    }),
    ("leaf-400-days", |draft, _| draft.leaf().not_after = draft.now + 400 * DAY),
    ("leaf-until-9999", |draft, _| draft.leaf().not_after = 253_402_300_799),
    ("leaf-client-auth-only", |draft, _| draft.leaf().set(Extension::extended_key_usage(&[CLIENT_AUTH]))),
    ("leaf-code-signing-only", |draft, _| draft.leaf().set(Extension::extended_key_usage(&[CODE_SIGNING]))),
    ("leaf-client-auth-only-critical", |draft, _| {
        draft.leaf().set(Extension::extended_key_usage(&[CLIENT_AUTH]).critical(true));
    }),
    ("leaf-any-purpose", |draft, _| draft.leaf().set(Extension::extended_key_usage(&[ANY_PURPOSE]))),
    ("leaf-any-purpose-and-client-auth", |draft, _| {
        draft.leaf().set(Extension::extended_key_usage(&[CLIENT_AUTH, ANY_PURPOSE]));
    }),
    ("leaf-server-auth-critical", |draft, _| {
        draft.leaf().set(Extension::extended_key_usage(&[SERVER_AUTH]).critical(true));
    }),
    ("leaf-both-purposes", |draft, _| {
        draft.leaf().set(Extension::extended_key_usage(&[SERVER_AUTH, CLIENT_AUTH]));
    }),
    ("leaf-without-extended-key-usage", |draft, _| draft.leaf().remove(EXTENDED_KEY_USAGE)),
    ("leaf-empty-extended-key-usage", |draft, _| draft.leaf().set(Extension::extended_key_usage(&[]))),
    ("leaf-without-key-usage", |draft, _| draft.leaf().remove(KEY_USAGE)),
    ("leaf-key-encipherment-only", |draft, _| draft.leaf().set(Extension::key_usage(&[KEY_ENCIPHERMENT]))),
    ("leaf-key-agreement-only", |draft, _| draft.leaf().set(Extension::key_usage(&[KEY_AGREEMENT]))),
    ("leaf-crl-sign-only", |draft, _| draft.leaf().set(Extension::key_usage(&[CRL_SIGN]))),
    ("leaf-empty-key-usage", |draft, _| draft.leaf().set(Extension::key_usage(&[]))),
    ("leaf-key-usage-not-critical", |draft, _| draft.leaf().set_critical(KEY_USAGE, false)),
    ("leaf-cert-sign-without-authority", |draft, _| {
        draft.leaf().set(Extension::key_usage(&[DIGITAL_SIGNATURE, KEY_CERT_SIGN]));
    }),
    ("leaf-is-authority", |draft, _| draft.leaf().set(Extension::basic_constraints(true, None))),
    ("leaf-is-authority-with-cert-sign", |draft, _| {
        draft.leaf().set(Extension::basic_constraints(true, None));
        draft.leaf().set(Extension::key_usage(&[DIGITAL_SIGNATURE, KEY_CERT_SIGN]));
    }),
    ("leaf-without-basic-constraints", |draft, _| draft.leaf().remove(BASIC_CONSTRAINTS)),
    ("leaf-basic-constraints-false-spelled-out", |draft, _| {
        draft.leaf().set(Extension::basic_constraints_false_spelled_out());
    }),
    ("leaf-path-length-without-authority", |draft, _| {
        draft.leaf().set(Extension::basic_constraints(false, Some(0)));
    }),
    ("leaf-must-staple", |draft, _| draft.leaf().set(Extension::must_staple())),
    ("leaf-must-staple-critical", |draft, _| draft.leaf().set(Extension::must_staple().critical(true))),
    ("leaf-sha1", |draft, _| draft.leaf().hash = Some(Hash::Sha1)),
    ("leaf-sha512", |draft, _| draft.leaf().hash = Some(Hash::Sha512)),
    ("leaf-rsa-1024", |draft, _| draft.leaf().key = Key::new(Kind::Rsa1024, "leaf")),
    ("leaf-rsa-exponent-3", |draft, _| draft.leaf().key = Key::new(Kind::Rsa2048E3, "leaf")),
    ("leaf-p521", |draft, _| draft.leaf().key = Key::new(Kind::P521, "leaf")),
    ("leaf-secp256k1", |draft, _| draft.leaf().key = Key::new(Kind::Secp256k1, "leaf")),
    ("leaf-ed25519", |draft, _| draft.leaf().key = Key::new(Kind::Ed25519, "leaf")),
    ("leaf-explicit-parameters", |draft, _| {
        draft.leaf().key = Key::new(Kind::P256, "leaf");
        draft.leaf().explicit_parameters = true;
    }),
    ("leaf-unknown-critical-extension", |draft, _| draft.leaf().set(Extension::unknown(true))),
    ("leaf-unknown-extension", |draft, _| draft.leaf().set(Extension::unknown(false))),
    ("leaf-without-authority-key", |draft, _| draft.leaf().remove(AUTHORITY_KEY)),
    ("leaf-wrong-authority-key", |draft, _| draft.leaf().set(Extension::wrong_authority_key())),
    ("leaf-authority-key-critical", |draft, _| draft.leaf().set_critical(AUTHORITY_KEY, true)),
    ("leaf-authority-key-and-serial", |draft, _| draft.leaf().set(Extension::authority_key_and_serial())),
    // What is left after an intermediate was renewed with its key.
    ("leaf-authority-key-and-wrong-serial", |draft, _| {
        let key = draft.authority().key_identifier();
        draft.leaf().set(Extension::authority_key_and_wrong_serial(&key));
    }),
    ("leaf-without-subject-key", |draft, _| draft.leaf().remove(SUBJECT_KEY)),
    ("leaf-subject-key-critical", |draft, _| draft.leaf().set_critical(SUBJECT_KEY, true)),
    ("leaf-policies-critical", |draft, _| {
        draft.leaf().set(Extension::policies(&["2.23.140.1.2.1"]).critical(true));
    }),
    ("leaf-crl-and-issuer-urls", |draft, _| {
        draft.leaf().set(Extension::crl_distribution_point("http://crl.ferrule.example/1.crl"));
        draft.leaf().set(Extension::authority_information("http://ca.ferrule.example/1.crt"));
    }),
    ("leaf-crl-distribution-point-critical", |draft, _| {
        draft
            .leaf()
            .set(Extension::crl_distribution_point("http://crl.ferrule.example/1.crl").critical(true));
    }),
    ("leaf-name-constraints", |draft, _| {
        draft.leaf().set(Extension::name_constraints(&[AltName::dns("ferrule.example")], &[]));
    }),
];
