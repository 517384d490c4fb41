//! Whom the caller trusts.

use super::name_constraints::NameConstraints;
use super::{Certificate, DistinguishedName, Rule, oid, public_key};
use crate::crypto::PublicKey;

/// A trusted authority: a name and a key (RFC 5280 §6.1.1 (d)), perhaps with the names that it may
/// speak for. When its certificate expires, or
/// who signed it, is no business of the path check: that it is configured is all there is to
/// believe in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrustAnchor<'a> {
    subject: DistinguishedName<'a>,
    public_key_info: &'a [u8],
    name_constraints: Option<&'a [u8]>,
}

impl<'a> TrustAnchor<'a> {
    /// Takes name, key and name constraints out of a whole certificate, of any version. Only its form
    /// is checked, and that its key can be used ([`Rule::UnsupportedKey`], [`Rule::KeySize`]).
    pub fn from_certificate(der: &'a [u8]) -> Result<Self, Rule> {
        let certificate = Certificate::parse(der)?;
        certificate.public_key()?;
        NameConstraints::of(&certificate)?;
        let name_constraints = certificate.extensions().find(oid::NAME_CONSTRAINTS);
        Ok(Self {
            subject: certificate.subject(),
            public_key_info: certificate.public_key_info(),
            name_constraints: name_constraints.map(|extension| extension.value),
        })
    }

    /// A constant anchor, from the *contents* of the subject's Name and of SubjectPublicKeyInfo:
    /// without tag and length, as the crate `webpki-roots` has them. What does not parse
    /// anchors nothing.
    pub const fn from_contents(subject: &'a [u8], public_key_info: &'a [u8]) -> Self {
        Self { subject: DistinguishedName::from_contents(subject), public_key_info, name_constraints: None }
    }

    /// The same, for these names only: the DER of a NameConstraints (RFC 5280 §4.2.1.10), the value of
    /// the extension. What does not parse lets no chain through.
    pub const fn with_name_constraints(mut self, name_constraints: &'a [u8]) -> Self {
        self.name_constraints = Some(name_constraints);
        self
    }

    /// Its name.
    pub const fn subject(&self) -> DistinguishedName<'a> {
        self.subject
    }

    /// Its key.
    pub fn public_key(&self) -> Result<PublicKey<'a>, Rule> {
        public_key::parse(self.public_key_info)
    }

    /// The names that it may speak for, if it may not for all.
    pub(super) fn name_constraints(&self) -> Result<Option<NameConstraints<'a>>, Rule> {
        Ok(self.name_constraints.map(NameConstraints::parse).transpose()?)
    }

    /// Whether this certificate, name and key, is the anchor itself.
    pub(super) fn is(&self, certificate: &Certificate<'_>) -> bool {
        self.public_key_info == certificate.public_key_info() && self.subject.matches(&certificate.subject())
    }
}
