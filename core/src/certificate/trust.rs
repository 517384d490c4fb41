//! Whom the caller trusts.

use super::{Certificate, DistinguishedName, Rule, public_key};
use crate::crypto::PublicKey;

/// A trusted authority: a name and a key (RFC 5280 §6.1.1 (d)). When its certificate expires, or
/// who signed it, is no business of the path check: that it is configured is all there is to
/// believe in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrustAnchor<'a> {
    subject: DistinguishedName<'a>,
    public_key_info: &'a [u8],
}

impl<'a> TrustAnchor<'a> {
    /// Takes name and key out of a whole certificate, of any version. Only its form is checked,
    /// and that its key can be used ([`Rule::UnsupportedKey`], [`Rule::KeySize`]).
    pub fn from_certificate(der: &'a [u8]) -> Result<Self, Rule> {
        let certificate = Certificate::parse(der)?;
        certificate.public_key()?;
        Ok(Self { subject: certificate.subject(), public_key_info: certificate.public_key_info() })
    }

    /// A constant anchor, from the *contents* of the subject's Name and of SubjectPublicKeyInfo:
    /// without tag and length, as the crate `webpki-roots` has them. What does not parse
    /// anchors nothing.
    pub const fn from_contents(subject: &'a [u8], public_key_info: &'a [u8]) -> Self {
        Self { subject: DistinguishedName::from_contents(subject), public_key_info }
    }

    /// Its name.
    pub const fn subject(&self) -> DistinguishedName<'a> {
        self.subject
    }

    /// Its key.
    pub fn public_key(&self) -> Result<PublicKey<'a>, Rule> {
        public_key::parse(self.public_key_info)
    }

    /// Whether this certificate, name and key, is the anchor itself.
    pub(super) fn is(&self, certificate: &Certificate<'_>) -> bool {
        self.public_key_info == certificate.public_key_info() && self.subject.matches(&certificate.subject())
    }
}
