//! OCSP responses (RFC 6960 §4.2), as servers staple them to their certificate (RFC 6066 §8).

use super::super::der::{Der, Malformed, context};
use super::super::extension::Extensions;
use super::super::{Certificate, DistinguishedName, Rule, UnixTime, oid, signature_algorithm};
use super::{Reason, Revoked};
use crate::crypto::SignatureAlgorithm;
use ::der::Tag;

/// A successful OCSP response of the basic type, borrowed from its DER.
#[derive(Debug, Clone, Copy)]
pub(super) struct Response<'a> {
    signed_part: &'a [u8],
    responder: Responder<'a>,
    /// The elements of responses: each has been found well-formed.
    responses: &'a [u8],
    algorithm: &'a [u8],
    signature: &'a [u8],
    /// The elements of certs.
    certificates: &'a [u8],
}

/// Who signed a response.
#[derive(Debug, Clone, Copy)]
enum Responder<'a> {
    Name(DistinguishedName<'a>),
    /// A SHA-1 of its key, which nothing here computes: keys are tried.
    Key,
}

/// What a response says of one certificate.
#[derive(Debug, Clone, Copy)]
pub(super) struct SingleResponse<'a> {
    /// Of which certificate of its issuer.
    serial: &'a [u8],
    pub(super) status: Status,
    pub(super) this_update: UnixTime,
    pub(super) next_update: Option<UnixTime>,
}

/// CertStatus (RFC 6960 §4.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Good,
    Revoked(Revoked),
    Unknown,
}

impl<'a> Response<'a> {
    /// Reads an OCSPResponse. [`Rule::UnusableStaple`] for one that is no answer, or of another type.
    pub(super) fn parse(der: &'a [u8]) -> Result<Self, Rule> {
        let mut outer = Der::whole_sequence(der, "OCSPResponse")?;
        let status = outer.expect(Tag::Enumerated)?;
        if status != [0] {
            return Err(unusable("is no answer: its responder failed"));
        }
        let bytes = outer.expect(context(0, true))?;
        outer.finish()?;
        let mut bytes = Der::whole_sequence(bytes, "ResponseBytes")?;
        if bytes.expect(Tag::ObjectIdentifier)? != oid::OCSP_BASIC {
            return Err(unusable("is of a type not processed here"));
        }
        let basic = bytes.expect(Tag::OctetString)?;
        bytes.finish()?;

        let mut basic = Der::whole_sequence(basic, "BasicOCSPResponse")?;
        let signed_part = basic.element(Tag::Sequence)?;
        let algorithm = basic.expect(Tag::Sequence)?;
        let signature = basic.bit_string_of_bytes()?;
        let certificates = match basic.optional(context(0, true))? {
            None => &[],
            Some(explicit) => {
                let mut explicit = Der::new(explicit, "BasicOCSPResponse")?;
                let certificates = explicit.expect(Tag::Sequence)?;
                explicit.finish()?;
                certificates
            }
        };
        basic.finish()?;

        let mut fields = Der::whole_sequence(signed_part, "ResponseData")?;
        // version [0] EXPLICIT DEFAULT v1: there is no other.
        if fields.optional(context(0, true))?.is_some_and(|version| version != [2, 1, 0]) {
            return Err(fields.malformed().into());
        }
        let responder = match fields.any()? {
            (tag, name) if tag == context(1, true) => {
                let mut explicit = Der::new(name, "ResponderID")?;
                let name = explicit.expect(Tag::Sequence)?;
                explicit.finish()?;
                Responder::Name(DistinguishedName::from_contents(name))
            }
            (tag, _) if tag == context(2, true) => Responder::Key,
            _ => return Err(fields.malformed().into()),
        };
        if fields.expect(Tag::GeneralizedTime)?.is_empty() {
            return Err(fields.malformed().into());
        }
        let responses = fields.expect(Tag::Sequence)?;
        let extensions = fields.optional(context(1, true))?;
        fields.finish()?;
        refuse_critical(extensions)?;
        let mut list = Der::new(responses, "ResponseData")?;
        while !list.is_finished() {
            SingleResponse::parse(&mut list)?;
        }
        Ok(Self { signed_part, responder, responses, algorithm, signature, certificates })
    }

    /// What it says of the certificate with this serial number, the contents of its INTEGER.
    ///
    /// The hashes of its issuer are not compared, since most are SHA-1, which this crate does not have. The response
    /// counts only if that issuer's own key signed it, or one that it certified for this, and an issuer's serial
    /// numbers are unique (RFC 5280 §4.1.2.2); but a key that answers for several issuers may speak of the
    /// same number of another. So where several answers have this number, the first that is not good counts.
    /// (One that stands alone and is another issuer's is mistaken for this one's.)
    pub(super) fn find(&self, serial: &[u8]) -> Option<SingleResponse<'a>> {
        let mut list = Der::new(self.responses, "ResponseData").ok()?;
        let mut found = None;
        while let Ok(response) = SingleResponse::parse(&mut list) {
            if response.serial == serial {
                if response.status != Status::Good {
                    return Some(response);
                }
                found.get_or_insert(response);
            }
        }
        found
    }

    /// The certificate of a responder other than the issuer itself, if it brings one (RFC 6960 §4.2.2.2). Only
    /// the first is looked at: more have no use.
    pub(super) fn delegate(&self, issuer: &DistinguishedName<'_>) -> Result<Option<Certificate<'a>>, Rule> {
        if self.certificates.is_empty() {
            return Ok(None);
        }
        if let Responder::Name(name) = self.responder
            && name.matches(issuer)
        {
            return Ok(None);
        }
        let mut certificates = Der::new(self.certificates, "BasicOCSPResponse")?;
        let certificate = Certificate::parse(certificates.element(Tag::Sequence)?)?;
        Ok(Some(certificate))
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

impl<'a> SingleResponse<'a> {
    fn parse(list: &mut Der<'a>) -> Result<Self, Rule> {
        let mut response = list.sequence("SingleResponse")?;
        let mut id = response.sequence("CertID")?;
        id.expect(Tag::Sequence)?;
        id.expect(Tag::OctetString)?;
        id.expect(Tag::OctetString)?;
        let serial = id.integer()?;
        id.finish()?;
        let status = Status::parse(&mut response)?;
        let this_update = time(&mut response)?;
        let next_update = match response.optional(context(0, true))? {
            None => None,
            Some(explicit) => {
                let mut explicit = Der::new(explicit, "SingleResponse")?;
                let at = time(&mut explicit)?;
                explicit.finish()?;
                Some(at)
            }
        };
        let extensions = response.optional(context(1, true))?;
        response.finish()?;
        refuse_critical(extensions)?;
        Ok(Self { serial, status, this_update, next_update })
    }
}

impl Status {
    fn parse(response: &mut Der<'_>) -> Result<Self, Rule> {
        match response.any()? {
            (tag, []) if tag == context(0, false) => Ok(Self::Good),
            (tag, info) if tag == context(1, true) => {
                let mut info = Der::new(info, "RevokedInfo")?;
                let since = time(&mut info)?;
                let reason = match info.optional(context(0, true))? {
                    None => Reason::UNSPECIFIED,
                    Some(explicit) => Reason::parse(explicit)?,
                };
                info.finish()?;
                Ok(Self::Revoked(Revoked { since, reason }))
            }
            (tag, []) if tag == context(2, false) => Ok(Self::Unknown),
            _ => Err(response.malformed().into()),
        }
    }
}

/// GeneralizedTime alone, whatever the year.
fn time(fields: &mut Der<'_>) -> Result<UnixTime, Malformed> {
    if fields.is_at(Tag::GeneralizedTime) { UnixTime::parse(fields) } else { Err(fields.malformed()) }
}

/// Critical extensions of a response (RFC 6960 §4.4): none is known.
fn refuse_critical(explicit: Option<&[u8]>) -> Result<(), Rule> {
    let extensions = Extensions::parse(explicit)?;
    if extensions.iter().any(|extension| extension.critical) {
        return Err(unusable("has a critical extension not processed here"));
    }
    Ok(())
}

const fn unusable(why: &'static str) -> Rule {
    Rule::UnusableStaple { why }
}
