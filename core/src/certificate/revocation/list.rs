//! Certificate revocation lists (RFC 5280 §5), read where they lie.

use super::super::der::{Der, Malformed, context};
use super::super::extension::{Extension, Extensions};
use super::super::{DistinguishedName, Oid, Rule, UnixTime, oid, signature_algorithm};
use super::distribution_point::DistributionPointName;
use super::{Reason, Revoked};
use crate::crypto::SignatureAlgorithm;
use ::der::Tag;

/// A certificate revocation list, borrowed from its DER. That it parses says nothing about who made it: the
/// verifier that it is given to checks its signature, against the issuer's key, and its dates.
#[derive(Debug, Clone, Copy)]
pub struct RevocationList<'a> {
    signed_part: &'a [u8],
    issuer: DistinguishedName<'a>,
    this_update: UnixTime,
    next_update: Option<UnixTime>,
    /// The elements of revokedCertificates: each has been found well-formed.
    entries: &'a [u8],
    scope: Scope<'a>,
    algorithm: &'a [u8],
    signature: &'a [u8],
}

/// Whose certificates a list speaks of (RFC 5280 §5.2.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Scope<'a> {
    /// Certificates of users, of authorities.
    users: bool,
    authorities: bool,
    /// It is one of several that its issuer makes: it speaks of the certificates that name this distribution point.
    point: Option<DistributionPointName<'a>>,
}

/// One line of a list.
struct Entry<'a> {
    serial: &'a [u8],
    revoked: Revoked,
}

impl<'a> RevocationList<'a> {
    /// Reads the DER of a CertificateList.
    ///
    /// [`Rule::Malformed`] where it is no strict DER; [`Rule::UnusableRevocationList`] for those that cannot be
    /// used alone: delta lists, lists of other issuers' certificates or of some reasons only, and critical
    /// extensions that this crate does not know (RFC 5280 §5.2, §5.3: it then "MUST NOT use that CRL").
    pub fn parse(der: &'a [u8]) -> Result<Self, Rule> {
        let mut list = Der::whole_sequence(der, "CertificateList")?;
        let signed_part = list.element(Tag::Sequence)?;
        let algorithm = list.expect(Tag::Sequence)?;
        let signature = list.bit_string_of_bytes()?;
        list.finish()?;

        let mut fields = Der::whole_sequence(signed_part, "TBSCertList")?;
        let version = fields.optional(Tag::Integer)?;
        // "If present, MUST be v2."
        if version.is_some_and(|version| version != [1]) {
            return Err(fields.malformed().into());
        }
        // "This field MUST contain the same algorithm identifier as the signatureAlgorithm field in the
        // sequence CertificateList" (§5.1.2.2).
        if fields.expect(Tag::Sequence)? != algorithm {
            return Err(Rule::AlgorithmMismatch);
        }
        let issuer = DistinguishedName::from_contents(fields.expect(Tag::Sequence)?);
        let this_update = UnixTime::parse(&mut fields)?;
        let next_update = if fields.is_at(Tag::UtcTime) || fields.is_at(Tag::GeneralizedTime) {
            Some(UnixTime::parse(&mut fields)?)
        } else {
            None
        };
        let entries = fields.optional(Tag::Sequence)?.unwrap_or_default();
        let extensions = Extensions::parse(fields.optional(context(0, true))?)?;
        fields.finish()?;
        let scope = Scope::of(&extensions)?;
        let mut list = Der::new(entries, "revokedCertificates")?;
        while !list.is_finished() {
            Entry::parse(&mut list)?;
        }
        Ok(Self { signed_part, issuer, this_update, next_update, entries, scope, algorithm, signature })
    }

    /// Who made it: the issuer of all certificates on it.
    pub const fn issuer(&self) -> DistinguishedName<'a> {
        self.issuer
    }
    /// When it was made.
    pub const fn this_update(&self) -> UnixTime {
        self.this_update
    }
    /// Before when the next will be made.
    pub const fn next_update(&self) -> Option<UnixTime> {
        self.next_update
    }
    /// The line of the certificate with this serial number, the contents of its INTEGER.
    pub fn find(&self, serial: &[u8]) -> Option<Revoked> {
        let mut entries = Der::new(self.entries, "revokedCertificates").ok()?;
        while let Ok(entry) = Entry::parse(&mut entries) {
            if entry.serial == serial {
                return Some(entry.revoked);
            }
        }
        None
    }

    /// Whether who is not on it is not revoked. `points` is the value of the certificate's cRLDistributionPoints.
    pub(super) fn is_complete_for(&self, is_authority: bool, points: Option<&[u8]>) -> bool {
        let of_this_kind = if is_authority { self.scope.authorities } else { self.scope.users };
        of_this_kind
            && self.scope.point.is_none_or(|point| points.is_some_and(|points| point.is_among(points)))
    }
    /// Whether the certificate may be on it. Those of an authority's lists that speak of others need not be checked:
    /// there may be hundreds. Where the certificate's distribution points are not at hand, it may.
    pub(super) fn may_speak_of(&self, is_authority: bool, points: Option<&[u8]>) -> bool {
        let of_this_kind = if is_authority { self.scope.authorities } else { self.scope.users };
        of_this_kind
            && self.scope.point.is_none_or(|point| points.is_none_or(|points| point.is_among(points)))
    }
    pub(super) const fn signed_part(&self) -> &'a [u8] {
        self.signed_part
    }
    pub(super) const fn signature(&self) -> &'a [u8] {
        self.signature
    }
    pub(super) fn signature_algorithm(&self) -> Result<SignatureAlgorithm, Rule> {
        signature_algorithm::parse(self.algorithm)
    }
}

impl<'a> Scope<'a> {
    fn of(extensions: &Extensions<'a>) -> Result<Self, Rule> {
        let mut scope = Self { users: true, authorities: true, point: None };
        let mut rest = extensions.iter();
        while let Some(extension) = rest.next() {
            if rest.clone().any(|other| other.id == extension.id) {
                return Err(Rule::DuplicateExtension { extension: Oid::new(extension.id) });
            }
            match extension.id {
                oid::ISSUING_DISTRIBUTION_POINT => scope = Self::parse(extension.value)?,
                oid::DELTA_CRL_INDICATOR => return Err(unusable("is a delta list")),
                _ if extension.critical => {
                    return Err(unusable("has a critical extension not processed here"));
                }
                _ => {}
            }
        }
        Ok(scope)
    }

    /// Reads an IssuingDistributionPoint.
    fn parse(value: &'a [u8]) -> Result<Self, Rule> {
        let mut fields = Der::whole_sequence(value, "issuingDistributionPoint")?;
        let point = fields.optional(context(0, true))?.map(DistributionPointName::parse).transpose()?;
        let (only_users, only_authorities) = (flag(&mut fields, 1)?, flag(&mut fields, 2)?);
        if fields.optional(context(3, false))?.is_some() {
            return Err(unusable("speaks of some reasons only"));
        }
        let (indirect, only_attributes) = (flag(&mut fields, 4)?, flag(&mut fields, 5)?);
        fields.finish()?;
        if indirect {
            return Err(unusable("speaks of other issuers' certificates"));
        }
        if only_attributes || (only_users && only_authorities) {
            return Err(unusable("speaks of no certificates that TLS uses"));
        }
        Ok(Self { users: !only_authorities, authorities: !only_users, point })
    }
}

/// `[number] BOOLEAN DEFAULT FALSE`.
fn flag(fields: &mut Der<'_>, number: u32) -> Result<bool, Malformed> {
    match fields.optional(context(number, false))? {
        None | Some([0]) => Ok(false),
        Some([0xff]) => Ok(true),
        Some(_) => Err(fields.malformed()),
    }
}

const fn unusable(why: &'static str) -> Rule {
    Rule::UnusableRevocationList { why }
}

impl<'a> Entry<'a> {
    fn parse(list: &mut Der<'a>) -> Result<Self, Rule> {
        let mut entry = list.sequence("revokedCertificates")?;
        let serial = entry.integer()?;
        let since = UnixTime::parse(&mut entry)?;
        let mut reason = Reason::UNSPECIFIED;
        if let Some(extensions) = entry.optional(Tag::Sequence)? {
            let mut extensions = Der::new(extensions, "crlEntryExtensions")?;
            while !extensions.is_finished() {
                let extension = Extension::parse(&mut extensions)?;
                match extension.id {
                    oid::CRL_REASON => reason = Reason::parse(extension.value)?,
                    _ if extension.critical => {
                        return Err(Rule::UnknownCriticalExtension { extension: Oid::new(extension.id) });
                    }
                    _ => {}
                }
            }
        }
        entry.finish()?;
        Ok(Self { serial, revoked: Revoked { since, reason } })
    }
}
