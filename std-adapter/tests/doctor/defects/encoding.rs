//! Fields that RFC 5280 and X.690 have rules for, and signatures.

use super::Defect;
use crate::encoding::TimeForm;
use crate::extension::{AltName, BASIC_CONSTRAINTS, Extension, SUBJECT_ALT_NAME};
use crate::key::{Hash, Key, Kind};
use crate::name::Name;
use crate::recipe::Signature;

pub(super) const DEFECTS: &[Defect] = &[
    ("serial-negative", |draft, _| draft.leaf().serial = vec![0x9a, 1, 2, 3]),
    ("serial-zero", |draft, _| draft.leaf().serial = vec![0]),
    ("serial-one", |draft, _| draft.leaf().serial = vec![1]),
    ("serial-20-octets", |draft, _| draft.leaf().serial = [&[0x51][..], &[7; 19]].concat()),
    // RFC 5280 §4.1.2.2: at most 20.
    ("serial-21-octets", |draft, _| draft.leaf().serial = [&[0][..], &[0x91; 20]].concat()),
    ("serial-30-octets", |draft, _| draft.leaf().serial = [&[0x51][..], &[7; 29]].concat()),
    ("serial-leading-zero", |draft, _| draft.leaf().serial = vec![0, 0x1a, 1, 2]),
    ("ca-serial-negative", |draft, random| draft.any_authority(random).serial = vec![0x9a, 1, 2, 3]),
    ("ca-serial-zero", |draft, random| draft.any_authority(random).serial = vec![0]),
    ("root-serial-zero", |draft, _| draft.root().serial = vec![0]),
    ("root-serial-negative", |draft, _| draft.root().serial = vec![0x9a, 1, 2, 3]),
    ("version-1", |draft, _| draft.leaf().make_version_1()),
    ("version-1-with-extensions", |draft, _| draft.leaf().version = None),
    ("version-2", |draft, _| {
        draft.leaf().version = Some(1);
        draft.leaf().extensions.clear();
    }),
    ("version-4", |draft, _| draft.leaf().version = Some(3)),
    ("version-3-without-extensions", |draft, _| draft.leaf().extensions.clear()),
    ("dates-generalized", |draft, _| draft.leaf().time_form = TimeForm::Generalized),
    ("dates-without-seconds", |draft, _| draft.leaf().time_form = TimeForm::WithoutSeconds),
    ("dates-with-offset", |draft, _| draft.leaf().time_form = TimeForm::WithOffset),
    ("trailing-bytes", |draft, _| draft.leaf().trailing = vec![0, 0]),
    ("ca-trailing-bytes", |draft, random| draft.any_authority(random).trailing = vec![5, 0]),
    ("ca-boolean-as-one", |draft, random| {
        draft.any_authority(random).set(Extension::basic_constraints_true_as_one());
    }),
    ("alternative-names-long-length", |draft, _| {
        let name = AltName::dns(&draft.host);
        draft.leaf().set(Extension::subject_alt_name_with_long_length(&name));
    }),
    ("signature-pss", |draft, _| {
        draft.authority().key = Key::new(Kind::Rsa2048, "ca");
        draft.leaf().signature = Signature::Pss;
    }),
    ("signature-algorithm-without-null", |draft, _| {
        draft.authority().key = Key::new(Kind::Rsa2048, "ca");
        draft.leaf().signature = Signature::WithoutNull;
    }),
    ("algorithms-differ", |draft, _| {
        draft.leaf().inner_algorithm = Some(Key::new(Kind::P256, "any").signature_algorithm(Hash::Sha512));
    }),
    ("signature-broken", |draft, _| draft.leaf().signature = Signature::Broken),
    ("ca-signature-broken", |draft, random| draft.any_authority(random).signature = Signature::Broken),
    ("root-signature-broken", |draft, _| draft.root().signature = Signature::Broken),
    ("extension-twice", |draft, _| draft.leaf().add(Extension::basic_constraints(false, None))),
    ("alternative-names-twice", |draft, _| {
        let again = draft.leaf().extensions.iter().find(|e| e.oid == SUBJECT_ALT_NAME).cloned();
        if let Some(again) = again {
            draft.leaf().add(again);
        }
    }),
    ("unknown-extension-twice", |draft, _| {
        draft.leaf().add(Extension::unknown(false));
        draft.leaf().add(Extension::unknown(false));
    }),
    ("basic-constraints-garbage", |draft, _| {
        draft.leaf().set(Extension::new(BASIC_CONSTRAINTS, true, vec![0x30, 0x05, 0x01]));
    }),
    ("issuer-name-in-other-string-type", |draft, _| {
        let printable = draft.authority().subject.in_printable_strings();
        draft.leaf().issuer = Some(printable);
    }),
    ("issuer-name-of-other", |draft, _| draft.leaf().issuer = Some(Name::authority("Somebody Else"))),
];
