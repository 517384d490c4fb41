//! X.509 certificates (RFC 5280): read where they lie, checked by one set of rules, and walked from
//! the peer's own certificate up to a trust anchor.
//!
//! Reading order: [`Certificate`] (one certificate, borrowed), `extension`, [`ServerName`] and
//! [`DistinguishedName`], [`Validity`], `rules` (what is demanded of a leaf and of an issuer),
//! [`TrustAnchor`], [`chain`] (the walk) and [`path`] (the search), and last [`dangerous`] (the way around).

pub mod chain;
pub mod dangerous;
mod der;
mod distinguished_name;
#[cfg(all(test, feature = "software"))]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]
mod draft;
mod error;
mod extension;
pub mod inspect;
mod key_identifier;
mod name;
mod name_constraints;
mod oid;
pub mod path;
pub mod pin;
mod public_key;
pub mod revocation;
mod rules;
mod signature_algorithm;
mod tally;
mod trust;
mod validity;
mod verifier;

pub use distinguished_name::DistinguishedName;
pub use error::{CertificateError, CommonName, Rule, ShortName};
pub use extension::{BasicConstraints, Extension, Extensions, KeyUsage};
pub use name::{DnsName, GeneralName, GeneralNames, InvalidServerName, Names, ServerName};
pub use oid::Oid;
pub use trust::TrustAnchor;
pub use validity::{UnixTime, Validity};
pub use verifier::{ExpectedPeer, Next, PeerAuthenticated, PeerVerifier, Role, verify};

use self::der::{Der, context};
use crate::crypto::{CryptoError, CryptoProvider, Digest, PublicKey, SignatureAlgorithm};
use ::der::Tag;

/// One X.509 certificate (RFC 5280 §4.1), borrowed from the bytes that carry it.
///
/// That it parses says that its outer form is strict DER; it says nothing about whom it belongs to.
#[derive(Debug, Clone, Copy)]
pub struct Certificate<'a> {
    der: &'a [u8],
    tbs: &'a [u8],
    version: u8,
    serial: &'a [u8],
    inner_algorithm: &'a [u8],
    issuer: DistinguishedName<'a>,
    not_before: UnixTime,
    not_after: UnixTime,
    subject: DistinguishedName<'a>,
    public_key_info: &'a [u8],
    extensions: Extensions<'a>,
    outer_algorithm: &'a [u8],
    signature: &'a [u8],
}

impl<'a> Certificate<'a> {
    /// Reads one certificate, of any version, that fills `der` exactly.
    ///
    /// [`Rule::Malformed`] where the outer structure, the dates or the frame of an extension are no
    /// strict DER; [`Rule::Version`] for one that X.509 does not know, and for extensions
    /// in a certificate that is not v3 (RFC 5280 §4.1.2.9); [`Rule::TooManyExtensions`] beyond
    /// [`MAX_EXTENSIONS`](crate::limits::MAX_EXTENSIONS).
    pub fn parse(der: &'a [u8]) -> Result<Self, Rule> {
        let mut certificate = Der::whole_sequence(der, "Certificate")?;
        let tbs = certificate.element(Tag::Sequence)?;
        let outer_algorithm = certificate.expect(Tag::Sequence)?;
        let signature = certificate.bit_string_of_bytes()?;
        certificate.finish()?;

        let mut fields = Der::whole_sequence(tbs, "TBSCertificate")?;
        let version = version(&mut fields)?;
        let serial = fields.integer()?;
        let inner_algorithm = fields.expect(Tag::Sequence)?;
        let issuer = DistinguishedName::from_contents(fields.expect(Tag::Sequence)?);
        let mut validity = fields.sequence("Validity")?;
        let not_before = UnixTime::parse(&mut validity)?;
        let not_after = UnixTime::parse(&mut validity)?;
        validity.finish()?;
        let subject = DistinguishedName::from_contents(fields.expect(Tag::Sequence)?);
        let public_key_info = fields.expect(Tag::Sequence)?;
        let unique_identifiers = [fields.optional(context(1, false))?, fields.optional(context(2, false))?];
        let extensions = Extensions::parse(fields.optional(context(3, true))?)?;
        fields.finish()?;

        // "These fields MUST only appear if the version is 2 or 3" (§4.1.2.8), "... is 3" (§4.1.2.9).
        let has_unique_identifier = unique_identifiers.iter().any(Option::is_some);
        if (has_unique_identifier && version < 2) || (!extensions.is_empty() && version < 3) {
            return Err(Rule::Version { found: version });
        }
        Ok(Self {
            der,
            tbs,
            version,
            serial,
            inner_algorithm,
            issuer,
            not_before,
            not_after,
            subject,
            public_key_info,
            extensions,
            outer_algorithm,
            signature,
        })
    }

    /// The whole certificate.
    pub const fn as_der(&self) -> &'a [u8] {
        self.der
    }
    /// What the signature is over: TBSCertificate with its tag and length.
    pub const fn to_be_signed(&self) -> &'a [u8] {
        self.tbs
    }
    /// The version as people count it: 1, 2 or 3.
    pub const fn version(&self) -> u8 {
        self.version
    }
    /// The serial number, big-endian in two's complement, minimal, at least one byte.
    pub const fn serial(&self) -> &'a [u8] {
        self.serial
    }
    /// Who signed it.
    pub const fn issuer(&self) -> DistinguishedName<'a> {
        self.issuer
    }
    /// Whom it speaks for. TLS servers are not known by this name, but by their
    /// [`subject_alt_names`](Self::subject_alt_names).
    pub const fn subject(&self) -> DistinguishedName<'a> {
        self.subject
    }
    /// The first second at which it is valid.
    pub const fn not_before(&self) -> UnixTime {
        self.not_before
    }
    /// The last second at which it is valid.
    pub const fn not_after(&self) -> UnixTime {
        self.not_after
    }
    /// The contents of SubjectPublicKeyInfo, without its tag and length.
    pub const fn public_key_info(&self) -> &'a [u8] {
        self.public_key_info
    }
    /// The subject's key. [`Rule::UnsupportedKey`] or [`Rule::KeySize`] if this crate does not use
    /// such keys.
    pub fn public_key(&self) -> Result<PublicKey<'a>, Rule> {
        public_key::parse(self.public_key_info)
    }
    /// How it was signed. [`Rule::UnsupportedSignatureAlgorithm`] or
    /// [`Rule::WeakSignatureAlgorithm`] if this crate does not verify such signatures.
    pub fn signature_algorithm(&self) -> Result<SignatureAlgorithm, Rule> {
        signature_algorithm::parse(self.outer_algorithm)
    }
    /// The issuer's signature.
    pub const fn signature(&self) -> &'a [u8] {
        self.signature
    }
    /// All extensions, in order.
    pub const fn extensions(&self) -> Extensions<'a> {
        self.extensions
    }
    /// The names that it speaks for (RFC 5280 §4.2.1.6); `None` without that extension.
    pub fn subject_alt_names(&self) -> Result<Option<GeneralNames<'a>>, Rule> {
        Ok(self.extensions.find(oid::SUBJECT_ALT_NAME).map(|e| GeneralNames::parse(e.value)).transpose()?)
    }
    /// The issuer's Name with its tag and length.
    fn issuer_element(&self) -> Option<&'a [u8]> {
        self.element_behind(1)
    }
    /// The whole SubjectPublicKeyInfo, with its tag and length.
    fn public_key_element(&self) -> Option<&'a [u8]> {
        self.element_behind(4)
    }
    /// The element behind the serial number and so many SEQUENCEs more.
    fn element_behind(&self, sequences: usize) -> Option<&'a [u8]> {
        let mut fields = Der::whole_sequence(self.tbs, "TBSCertificate").ok()?;
        fields.optional(context(0, true)).ok()?;
        fields.expect(Tag::Integer).ok()?;
        for _ in 0..sequences {
            fields.expect(Tag::Sequence).ok()?;
        }
        fields.element(Tag::Sequence).ok()
    }
    /// The digest that the signature is over; `None` for an algorithm that signs the message itself.
    fn digest<P: CryptoProvider>(
        &self,
        algorithm: SignatureAlgorithm,
        provider: &mut P,
    ) -> Result<Option<Digest>, CryptoError> {
        tally::digest(algorithm, self.tbs, provider)
    }
    /// Whether issuer and subject are the same name (RFC 5280 §6.1: self-issued).
    pub fn is_self_issued(&self) -> bool {
        self.issuer.matches(&self.subject)
    }
}

/// `[0] EXPLICIT Version DEFAULT v1`, as people count it.
fn version(fields: &mut Der<'_>) -> Result<u8, Rule> {
    let Some(explicit) = fields.optional(context(0, true))? else {
        return Ok(1);
    };
    let mut explicit = Der::new(explicit, "Version")?;
    let version = match explicit.integer()? {
        // An explicit default: as with BOOLEAN, it can be read in one way only.
        [0] => 1,
        [1] => 2,
        [2] => 3,
        [other] => return Err(Rule::Version { found: other.saturating_add(1) }),
        _ => return Err(explicit.malformed().into()),
    };
    explicit.finish()?;
    Ok(version)
}

/// The subject of something that does not parse as a certificate, if it gets that far: so that the
/// error can name it.
fn subject_of_malformed(der: &[u8]) -> Option<DistinguishedName<'_>> {
    let mut certificate = Der::new(der, "Certificate").ok()?.sequence("Certificate").ok()?;
    let mut fields = certificate.sequence("TBSCertificate").ok()?;
    fields.optional(context(0, true)).ok()?;
    fields.expect(Tag::Integer).ok()?;
    for _algorithm_issuer_validity in 0..3 {
        fields.expect(Tag::Sequence).ok()?;
    }
    fields.expect(Tag::Sequence).ok().map(DistinguishedName::from_contents)
}

#[cfg(all(test, feature = "software"))]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::panic)]
mod tests;
