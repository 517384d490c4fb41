//! What is served and what is trusted: gaps, surplus, order, cross-signs, keys that changed.

use super::Defect;
use crate::draft::{Draft, Piece};
use crate::extension::{AltName, CLIENT_AUTH, DIGITAL_SIGNATURE, Extension, KEY_CERT_SIGN};
use crate::key::{Hash, Key, Kind};
use crate::recipe::{DAY, Recipe, Signature};

pub(super) const DEFECTS: &[Defect] = &[
    ("intermediate-missing", |draft, _| draft.unserve(1)),
    ("last-intermediate-missing", |draft, _| {
        let last = draft.root_position() - 1;
        if last > 0 {
            draft.unserve(last);
        }
    }),
    ("all-intermediates-missing", |draft, _| draft.served.truncate(1)),
    ("root-unknown", |draft, _| {
        draft.store.clear();
        let other = draft.other_root("Other Root");
        draft.store_self_signed(other);
    }),
    ("root-unknown-but-served", |draft, _| {
        draft.store.clear();
        let other = draft.other_root("Other Root");
        draft.store_self_signed(other);
        draft.served.push(Piece::Link(draft.root_position()));
    }),
    ("root-served", |draft, _| draft.served.push(Piece::Link(draft.root_position()))),
    ("two-roots-stored", |draft, _| {
        let other = draft.other_root("Other Root");
        draft.store_self_signed(other);
    }),
    ("intermediate-only-stored", |draft, _| draft.store = vec![Piece::Link(1)]),
    ("intermediate-only-stored-and-not-served", |draft, _| {
        draft.store = vec![Piece::Link(1)];
        draft.served.truncate(1);
    }),
    ("intermediate-stored-beside-root", |draft, _| {
        draft.store.push(Piece::Link(1));
        draft.served.truncate(1);
    }),
    ("leaf-only-stored", |draft, _| draft.store = vec![Piece::Link(0)]),
    ("leaf-stored-beside-root", |draft, _| draft.store.push(Piece::Link(0))),
    ("self-signed-leaf", |draft, _| {
        let leaf = draft.leaf().clone();
        draft.served.clear();
        draft.serve_self_signed(leaf);
    }),
    ("self-signed-leaf-stored", |draft, _| {
        let leaf = draft.leaf().clone();
        draft.served.clear();
        draft.store.clear();
        draft.serve_self_signed(leaf.clone());
        draft.store_self_signed(leaf);
    }),
    ("self-signed-authority-as-leaf-stored", |draft, _| {
        let mut leaf = draft.leaf().clone();
        leaf.set(Extension::basic_constraints(true, None));
        leaf.set(Extension::key_usage(&[DIGITAL_SIGNATURE, KEY_CERT_SIGN]));
        draft.served.clear();
        draft.store.clear();
        draft.serve_self_signed(leaf.clone());
        draft.store_self_signed(leaf);
    }),
    ("self-signed-bare-leaf-stored", |draft, _| {
        let mut leaf = draft.leaf().clone();
        leaf.extensions.retain(|extension| extension.oid == crate::extension::SUBJECT_ALT_NAME);
        draft.served.clear();
        draft.store.clear();
        draft.serve_self_signed(leaf.clone());
        draft.store_self_signed(leaf);
    }),
    ("order-reversed", |draft, _| {
        draft.served.push(Piece::Link(draft.root_position()));
        if let Some(rest) = draft.served.get_mut(1..) {
            rest.reverse();
        }
    }),
    ("unrelated-surplus", |draft, _| {
        let other = draft.other_root("Unrelated");
        draft.serve_self_signed(other);
    }),
    ("unrelated-between", |draft, _| {
        let other = draft.other_root("Unrelated");
        draft.serve_self_signed(other);
        if draft.served.len() > 1 {
            draft.served[1..].rotate_right(1);
        }
    }),
    ("expired-surplus", |draft, _| {
        let mut other = draft.other_root("Unrelated");
        other.not_after = draft.now - DAY;
        draft.serve_self_signed(other);
    }),
    ("leaf-twice", |draft, _| draft.served.insert(1.min(draft.served.len()), Piece::Link(0))),
    ("intermediate-twice", |draft, _| {
        if draft.root_position() > 1 {
            draft.served.push(Piece::Link(1));
        }
    }),
    ("cross-sign-served", |draft, _| {
        // The root of the store is older, and has signed the new one's key.
        let old = draft.other_root("Old Root");
        let mut cross = draft.root().renewed();
        cross.not_before = draft.now - 300 * DAY;
        draft.serve(cross, old.as_issuer());
        draft.store.clear();
        draft.store_self_signed(old);
    }),
    ("cross-sign-served-root-stored", |draft, _| {
        let old = draft.other_root("Old Root");
        let cross = draft.root().renewed();
        draft.serve(cross, old.as_issuer());
    }),
    ("cross-sign-expired-root-stored", |draft, _| {
        // What befell DST Root CA X3 in September 2021.
        let old = draft.other_root("Old Root");
        let mut cross = draft.root().renewed();
        cross.not_after = draft.now - 5 * DAY;
        draft.serve(cross, old.as_issuer());
    }),
    ("cross-sign-by-expired-root-both-stored", |draft, _| {
        let mut old = draft.other_root("Old Root");
        old.not_after = draft.now - 5 * DAY;
        let cross = draft.root().renewed();
        draft.serve(cross, old.as_issuer());
        draft.store.insert(0, Piece::Other(Box::new(old.clone()), Box::new(old.as_issuer())));
    }),
    ("cross-sign-by-expired-root-alone-stored", |draft, _| {
        let mut old = draft.other_root("Old Root");
        old.not_after = draft.now - 5 * DAY;
        let cross = draft.root().renewed();
        draft.serve(cross, old.as_issuer());
        draft.store.clear();
        draft.store_self_signed(old);
    }),
    ("cross-sign-missing", |draft, _| {
        let old = draft.other_root("Old Root");
        draft.store.clear();
        draft.store_self_signed(old);
        draft.served.push(Piece::Link(draft.root_position()));
    }),
    ("root-rekeyed-old-stored", |draft, _| {
        let mut old = draft.root().renewed();
        old.key = Key::new(Kind::P256, "the root's key of old");
        draft.store.clear();
        draft.store_self_signed(old);
    }),
    ("root-rekeyed-both-stored", |draft, _| {
        let mut old = draft.root().renewed();
        old.key = Key::new(Kind::P256, "the root's key of old");
        draft.store.insert(0, Piece::Other(Box::new(old.clone()), Box::new(old.as_issuer())));
    }),
    ("root-rekeyed-both-stored-without-key-identifiers", |draft, _| {
        for link in &mut draft.links {
            link.remove(crate::extension::AUTHORITY_KEY);
            link.remove(crate::extension::SUBJECT_KEY);
        }
        let mut old = draft.root().renewed();
        old.key = Key::new(Kind::P256, "the root's key of old");
        draft.store.insert(0, Piece::Other(Box::new(old.clone()), Box::new(old.as_issuer())));
    }),
    ("root-renewed-same-key", |draft, _| {
        let mut old = draft.root().renewed();
        old.not_after = draft.now + 100 * DAY;
        draft.store.clear();
        draft.store_self_signed(old);
    }),
    ("root-renewed-same-key-old-expired", |draft, _| {
        let mut old = draft.root().renewed();
        old.not_after = draft.now - 2 * DAY;
        draft.store.insert(0, Piece::Other(Box::new(old.clone()), Box::new(old.as_issuer())));
    }),
    ("intermediate-rekeyed-old-served", |draft, _| {
        if draft.root_position() < 2 {
            return;
        }
        let mut old: Recipe = draft.authority().renewed();
        old.key = Key::new(Kind::P256, "the authority's key of old");
        let issuer = draft.links[2].as_issuer();
        draft.unserve(1);
        draft.serve(old, issuer);
    }),
    ("intermediate-rekeyed-both-served", |draft, _| {
        if draft.root_position() < 2 {
            return;
        }
        let mut old: Recipe = draft.authority().renewed();
        old.key = Key::new(Kind::P256, "the authority's key of old");
        let issuer = draft.links[2].as_issuer();
        draft.served.insert(1.min(draft.served.len()), Piece::Other(Box::new(old), Box::new(issuer)));
    }),
    ("intermediate-rekeyed-under-one-serial", |draft, _| {
        // RFC 5280 §4.1.2.2: issuer and serial are of one certificate alone.
        if draft.root_position() < 2 {
            return;
        }
        let mut old: Recipe = draft.authority().clone();
        old.key = Key::new(Kind::P256, "the authority's key of old");
        let issuer = draft.links[2].as_issuer();
        draft.served.insert(1.min(draft.served.len()), Piece::Other(Box::new(old), Box::new(issuer)));
    }),
    ("intermediate-renewed-expired-one-served-first", |draft, _| {
        if draft.root_position() < 2 {
            return;
        }
        let mut old: Recipe = draft.authority().renewed();
        old.not_after = draft.now - 2 * DAY;
        let issuer = draft.links[2].as_issuer();
        draft.served.insert(1.min(draft.served.len()), Piece::Other(Box::new(old), Box::new(issuer)));
    }),
    ("intermediate-of-other-served", |draft, _| {
        draft.unserve(1);
        let other = draft.other_root("Unrelated");
        draft.serve_self_signed(other);
    }),
    ("root-renewed-same-key-new-one-served", |draft, _| {
        draft.served.push(Piece::Link(draft.root_position()));
        let mut old = draft.root().renewed();
        old.not_after = draft.now + 100 * DAY;
        draft.store.clear();
        draft.store_self_signed(old);
    }),
    ("many-unrelated", |draft, _| {
        for number in 0..12 {
            let other = draft.other_root(&format!("Unrelated {number}"));
            draft.serve_self_signed(other);
        }
    }),
    ("twin-for-clients-served-first", |draft, _| {
        twin(draft, |twin| twin.set(Extension::extended_key_usage(&[CLIENT_AUTH])));
    }),
    ("twin-without-authority-served-first", |draft, _| {
        twin(draft, |twin| twin.set(Extension::basic_constraints(false, None)));
    }),
    ("twin-in-sha1-served-first", |draft, _| twin(draft, |twin| twin.hash = Some(Hash::Sha1))),
    ("twin-constrained-to-others-served-first", |draft, _| {
        twin(draft, |twin| twin.set(Extension::name_constraints(&[AltName::dns("other.example")], &[])));
    }),
    ("twin-with-broken-signature-served-first", |draft, _| {
        twin(draft, |twin| twin.signature = Signature::Broken);
    }),
    ("authorities-sign-each-other", |draft, _| {
        // Neither has been signed by a root.
        let (one, other) = (draft.authority().clone(), draft.other_root("Example CA X"));
        draft.served.truncate(1);
        draft.serve(one.renewed(), other.as_issuer());
        draft.serve(other, one.as_issuer());
    }),
    ("authorities-sign-each-other-beside-the-way-up", |draft, _| {
        let (one, other) = (draft.authority().clone(), draft.other_root("Example CA X"));
        let served = draft.served.split_off(1.min(draft.served.len()));
        draft.serve(one.renewed(), other.as_issuer());
        draft.serve(other, one.as_issuer());
        draft.served.extend(served);
    }),
];

/// Serves the leaf's issuer twice, first in another form: the same name and key.
fn twin(draft: &mut Draft, edit: fn(&mut Recipe)) {
    if draft.root_position() < 2 {
        return;
    }
    let mut twin = draft.authority().renewed();
    edit(&mut twin);
    let issuer = draft.links[2].as_issuer();
    draft.served.insert(1.min(draft.served.len()), Piece::Other(Box::new(twin), Box::new(issuer)));
}
