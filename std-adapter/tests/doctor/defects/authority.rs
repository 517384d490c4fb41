//! Intermediates and roots: what makes them authorities, and what they may sign for.

use super::Defect;
use crate::extension::*;
use crate::key::{Hash, Key, Kind};
use crate::name::Name;
use crate::recipe::DAY;

pub(super) const DEFECTS: &[Defect] = &[
    ("ca-expired", |draft, random| {
        let end = draft.now - random.i64(1..25) * DAY;
        draft.any_authority(random).not_after = end;
    }),
    ("ca-not-yet-valid", |draft, random| {
        let start = draft.now + random.i64(1..25) * DAY;
        draft.any_authority(random).not_before = start;
    }),
    ("root-expired", |draft, _| draft.root().not_after = draft.now - 3 * DAY),
    ("root-not-yet-valid", |draft, _| draft.root().not_before = draft.now + 3 * DAY),
    ("ca-false", |draft, random| draft.any_authority(random).set(Extension::basic_constraints(false, None))),
    ("ca-without-basic-constraints", |draft, random| draft.any_authority(random).remove(BASIC_CONSTRAINTS)),
    ("ca-without-basic-constraints-and-key-usage", |draft, random| {
        let authority = draft.any_authority(random);
        authority.remove(BASIC_CONSTRAINTS);
        authority.remove(KEY_USAGE);
    }),
    ("ca-basic-constraints-not-critical", |draft, random| {
        draft.any_authority(random).set_critical(BASIC_CONSTRAINTS, false);
    }),
    ("root-basic-constraints-not-critical", |draft, _| draft.root().set_critical(BASIC_CONSTRAINTS, false)),
    ("root-without-basic-constraints", |draft, _| draft.root().remove(BASIC_CONSTRAINTS)),
    ("root-ca-false", |draft, _| draft.root().set(Extension::basic_constraints(false, None))),
    ("ca-without-key-usage", |draft, random| draft.any_authority(random).remove(KEY_USAGE)),
    ("root-without-key-usage", |draft, _| draft.root().remove(KEY_USAGE)),
    ("ca-without-cert-sign", |draft, random| {
        draft.any_authority(random).set(Extension::key_usage(&[DIGITAL_SIGNATURE, CRL_SIGN]));
    }),
    ("root-without-cert-sign", |draft, _| {
        draft.root().set(Extension::key_usage(&[DIGITAL_SIGNATURE, CRL_SIGN]));
    }),
    ("ca-key-usage-not-critical", |draft, random| draft.any_authority(random).set_critical(KEY_USAGE, false)),
    ("ca-path-length-zero", |draft, _| draft.authority().set(Extension::basic_constraints(true, Some(0)))),
    ("root-path-length-zero", |draft, _| draft.root().set(Extension::basic_constraints(true, Some(0)))),
    ("ca-path-length-exceeded", |draft, _| {
        let above = draft.root_position().min(2);
        draft.links[above].set(Extension::basic_constraints(true, Some(0)));
    }),
    ("ca-path-length-negative", |draft, random| {
        draft.any_authority(random).set(Extension::negative_path_length());
    }),
    ("ca-path-length-without-authority", |draft, random| {
        draft.any_authority(random).set(Extension::basic_constraints(false, Some(0)));
    }),
    ("ca-self-issued-below-path-length-zero", |draft, _| {
        // RFC 5280 §6.1.4 (l): a self-issued certificate does not count.
        let above = draft.root_position().min(2);
        draft.links[above].set(Extension::basic_constraints(true, Some(0)));
        draft.links[1].subject = draft.links[above].subject.clone();
    }),
    ("ca-client-auth-only", |draft, random| {
        draft.any_authority(random).set(Extension::extended_key_usage(&[CLIENT_AUTH]));
    }),
    ("ca-server-auth-only", |draft, random| {
        draft.any_authority(random).set(Extension::extended_key_usage(&[SERVER_AUTH]));
    }),
    ("ca-any-purpose", |draft, random| {
        draft.any_authority(random).set(Extension::extended_key_usage(&[ANY_PURPOSE]));
    }),
    ("root-client-auth-only", |draft, _| draft.root().set(Extension::extended_key_usage(&[CLIENT_AUTH]))),
    ("ca-sha1", |draft, random| draft.any_authority(random).hash = Some(Hash::Sha1)),
    ("root-sha1", |draft, _| draft.root().hash = Some(Hash::Sha1)),
    ("ca-rsa-1024", |draft, random| draft.any_authority(random).key = Key::new(Kind::Rsa1024, "ca")),
    ("root-rsa-1024", |draft, _| draft.root().key = Key::new(Kind::Rsa1024, "root")),
    ("ca-rsa-exponent-3", |draft, random| draft.any_authority(random).key = Key::new(Kind::Rsa2048E3, "ca")),
    ("ca-rsa-3072", |draft, random| draft.any_authority(random).key = Key::new(Kind::Rsa3072, "ca")),
    ("ca-p521", |draft, random| draft.any_authority(random).key = Key::new(Kind::P521, "ca")),
    ("ca-secp256k1", |draft, random| draft.any_authority(random).key = Key::new(Kind::Secp256k1, "ca")),
    ("ca-ed25519", |draft, random| draft.any_authority(random).key = Key::new(Kind::Ed25519, "ca")),
    ("ca-explicit-parameters", |draft, random| {
        let authority = draft.any_authority(random);
        authority.key = Key::new(Kind::P256, "ca");
        authority.explicit_parameters = true;
    }),
    ("root-explicit-parameters", |draft, _| {
        draft.root().key = Key::new(Kind::P256, "root");
        draft.root().explicit_parameters = true;
    }),
    ("ca-p384-signs-with-sha256", |draft, _| {
        draft.authority().key = Key::new(Kind::P384, "ca");
        draft.leaf().hash = Some(Hash::Sha256);
    }),
    ("ca-unknown-critical-extension", |draft, random| {
        draft.any_authority(random).set(Extension::unknown(true));
    }),
    ("root-unknown-critical-extension", |draft, _| draft.root().set(Extension::unknown(true))),
    ("ca-without-authority-key", |draft, random| draft.any_authority(random).remove(AUTHORITY_KEY)),
    ("ca-wrong-authority-key", |draft, random| {
        draft.any_authority(random).set(Extension::wrong_authority_key());
    }),
    ("root-without-authority-key", |draft, _| draft.root().remove(AUTHORITY_KEY)),
    ("ca-without-subject-key", |draft, random| draft.any_authority(random).remove(SUBJECT_KEY)),
    ("root-without-subject-key", |draft, _| draft.root().remove(SUBJECT_KEY)),
    ("ca-policies-critical", |draft, random| {
        draft.any_authority(random).set(Extension::policies(&["2.23.140.1.2.1"]).critical(true));
    }),
    ("ca-explicit-policy-required", |draft, random| {
        draft.any_authority(random).set(Extension::explicit_policy_required());
    }),
    ("ca-empty-subject", |draft, _| draft.authority().subject = Name::empty()),
    ("ca-must-staple", |draft, random| draft.any_authority(random).set(Extension::must_staple())),
    ("ca-version-1", |draft, random| draft.any_authority(random).make_version_1()),
    ("root-version-1", |draft, _| draft.root().make_version_1()),
    ("constraints-permitted", |draft, random| {
        let names = [AltName::dns("ferrule.example"), AltName::network("192.0.2.0", "255.255.255.0")];
        draft.any_authority(random).set(Extension::name_constraints(&names, &[]));
    }),
    ("constraints-permitted-not-critical", |draft, random| {
        let names = [AltName::dns("ferrule.example"), AltName::network("192.0.2.0", "255.255.255.0")];
        draft.any_authority(random).set(Extension::name_constraints(&names, &[]).critical(false));
    }),
    ("constraints-other-permitted", |draft, random| {
        let names = [AltName::dns("other.example"), AltName::network("198.51.100.0", "255.255.255.0")];
        draft.any_authority(random).set(Extension::name_constraints(&names, &[]));
    }),
    ("constraints-other-permitted-not-critical", |draft, random| {
        let names = [AltName::dns("other.example"), AltName::network("198.51.100.0", "255.255.255.0")];
        draft.any_authority(random).set(Extension::name_constraints(&names, &[]).critical(false));
    }),
    ("constraints-excluded", |draft, random| {
        let names = [AltName::dns("ferrule.example"), AltName::network("192.0.2.0", "255.255.255.0")];
        draft.any_authority(random).set(Extension::name_constraints(&[], &names));
    }),
    ("constraints-other-excluded", |draft, random| {
        draft.any_authority(random).set(Extension::name_constraints(&[], &[AltName::dns("other.example")]));
    }),
    ("constraints-leading-dot", |draft, random| {
        draft
            .any_authority(random)
            .set(Extension::name_constraints(&[AltName::dns(".ferrule.example")], &[]));
    }),
    ("constraints-directory-permitted", |draft, random| {
        let names = [AltName::Directory(Name::organization("Somebody Else"))];
        draft.any_authority(random).set(Extension::name_constraints(&names, &[]));
    }),
    ("constraints-email-permitted", |draft, random| {
        let names = [AltName::Email("ferrule.example".to_owned())];
        draft.any_authority(random).set(Extension::name_constraints(&names, &[]));
    }),
    ("constraints-address-permitted-only", |draft, random| {
        let names = [AltName::network("192.0.2.0", "255.255.255.0")];
        draft.any_authority(random).set(Extension::name_constraints(&names, &[]));
    }),
    ("constraints-all-excluded", |draft, random| {
        draft.any_authority(random).set(Extension::name_constraints(&[], &[AltName::dns("")]));
    }),
    ("root-constraints-other-permitted", |draft, _| {
        draft.root().set(Extension::name_constraints(&[AltName::dns("other.example")], &[]));
    }),
];
