//! Key identifiers (RFC 5280 §4.2.1.1, §4.2.1.2): hints which key signed. The path check never relies on them.

use super::der::{Der, context};
use super::{Certificate, oid};
use ::der::Tag;

/// keyIdentifier of the authorityKeyIdentifier.
pub(super) fn authority<'a>(certificate: &Certificate<'a>) -> Option<&'a [u8]> {
    let extension = certificate.extensions().find(oid::AUTHORITY_KEY_IDENTIFIER)?;
    let mut fields = Der::whole_sequence(extension.value, "authorityKeyIdentifier").ok()?;
    fields.optional(context(0, false)).ok()?
}

/// The subjectKeyIdentifier.
pub(super) fn subject<'a>(certificate: &Certificate<'a>) -> Option<&'a [u8]> {
    let extension = certificate.extensions().find(oid::SUBJECT_KEY_IDENTIFIER)?;
    let mut value = Der::new(extension.value, "subjectKeyIdentifier").ok()?;
    value.expect(Tag::OctetString).ok()
}
