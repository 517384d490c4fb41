//! Certificates of clients, for mutual TLS: each edits a sound chain with clientAuth.

use super::Defect;
use crate::extension::*;
use crate::key::{Hash, Key, Kind};
use crate::name::Name;
use crate::recipe::DAY;

pub(super) const DEFECTS: &[Defect] = &[
    ("sound", |_, _| ()),
    ("both-purposes", |draft, _| {
        draft.leaf().set(Extension::extended_key_usage(&[SERVER_AUTH, CLIENT_AUTH]));
    }),
    // What public authorities have issued since 2026.
    ("server-auth-only", |draft, _| draft.leaf().set(Extension::extended_key_usage(&[SERVER_AUTH]))),
    ("any-purpose", |draft, _| draft.leaf().set(Extension::extended_key_usage(&[ANY_PURPOSE]))),
    ("without-extended-key-usage", |draft, _| draft.leaf().remove(EXTENDED_KEY_USAGE)),
    ("ca-server-auth-only", |draft, _| {
        draft.authority().set(Extension::extended_key_usage(&[SERVER_AUTH]));
    }),
    ("intermediate-missing", |draft, _| draft.unserve(1)),
    ("root-unknown", |draft, _| {
        draft.store.clear();
        let other = draft.other_root("Other Root");
        draft.store_self_signed(other);
    }),
    ("expired", |draft, _| draft.leaf().not_after = draft.now - DAY),
    ("without-names", |draft, _| draft.leaf().remove(SUBJECT_ALT_NAME)),
    ("key-agreement-only", |draft, _| draft.leaf().set(Extension::key_usage(&[KEY_AGREEMENT]))),
    ("subject-empty", |draft, _| draft.leaf().subject = Name::empty()),
    ("rsa-1024", |draft, _| draft.leaf().key = Key::new(Kind::Rsa1024, "client")),
    ("sha1", |draft, _| draft.leaf().hash = Some(Hash::Sha1)),
    ("must-staple", |draft, _| draft.leaf().set(Extension::must_staple())),
];
