//! Certificates as they lie in the search's memory.

use super::super::der::Der;
use super::super::tally::fits;
use super::super::{Certificate, CertificateError, CommonName, Rule};
use crate::crypto::PublicKey;
use ::der::Tag;

/// A certificate in memory, with its place in the order served.
pub(super) struct Stored<'m> {
    pub(super) index: u8,
    pub(super) certificate: Certificate<'m>,
}

/// The certificate that was stored at `at`.
pub(super) fn stored(memory: &[u8], end: usize, at: usize) -> Result<Stored<'_>, CertificateError> {
    let lost = || internal(0, "the certificates in memory changed");
    let index = match at.checked_sub(1) {
        None => 0,
        Some(before) => *memory.get(before).ok_or_else(lost)?,
    };
    let mut elements = Der::new(memory.get(at..end).ok_or_else(lost)?, "Certificate").map_err(|_| lost())?;
    let der = elements.element(Tag::Sequence).map_err(|_| lost())?;
    let certificate = Certificate::parse(der).map_err(|_| lost())?;
    Ok(Stored { index, certificate })
}

impl Stored<'_> {
    /// Where the next certificate lies, if there is one: this one lies at `at`.
    pub(super) fn following(&self, at: usize) -> usize {
        at.saturating_add(self.certificate.as_der().len()).saturating_add(1)
    }

    pub(super) fn fits(&self, key: &PublicKey<'_>) -> bool {
        self.certificate.signature_algorithm().is_ok_and(|algorithm| fits(algorithm, key))
    }

    pub(super) fn error(&self, rule: Rule) -> CertificateError {
        CertificateError::of(self.index, &self.certificate, rule)
    }

    pub(super) fn bad_signature(&self) -> CertificateError {
        self.error(Rule::BadSignature { issuer: self.certificate.issuer().for_people() })
    }

    pub(super) fn without_issuer(&self) -> CertificateError {
        self.error(if self.certificate.is_self_issued() {
            Rule::SelfSigned
        } else {
            Rule::UnknownIssuer { issuer: self.certificate.issuer().for_people() }
        })
    }
}

pub(super) fn internal(index: u8, place: &'static str) -> CertificateError {
    of_nothing(index, Rule::Internal(place))
}

pub(super) fn of_nothing(index: u8, rule: Rule) -> CertificateError {
    CertificateError { index, subject: CommonName::new(), rule }
}
