//! Why a certificate was refused: which one, by which rule, what was expected and what was found.

use super::der::Malformed;
use super::revocation::Reason;
use super::{Certificate, DistinguishedName, Oid, Role, UnixTime, subject_of_malformed};
use crate::alert::AlertDescription;
use crate::crypto::CryptoError;
use core::fmt;

/// A common name for people: at most 64 bytes (RFC 5280 Appendix A.1, ub-common-name), cut if longer.
pub type CommonName = heapless::String<64, u8>;

/// A name inside of a rule, for people: at most 40 bytes, cut if longer.
pub type ShortName = heapless::String<40, u8>;

/// One refused certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CertificateError {
    /// Which one, in the order served: 0 is the leaf, the peer's own.
    pub index: u8,
    /// Its common name, or what stands in for it; empty if it has none or could not be read.
    /// Not checked: whoever made the certificate chose it.
    pub subject: CommonName,
    /// The rule that it breaks.
    pub rule: Rule,
}

/// The rule that a certificate breaks, with what was expected and what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Rule {
    /// Its time is over (RFC 5280 §4.1.2.5).
    Expired {
        /// The last second at which it was valid.
        not_after: UnixTime,
        /// The time it was checked against.
        now: UnixTime,
    },
    /// Its time was over before this firmware was built (RFC 5280 §4.1.2.5).
    ExpiredBeforeBuild {
        /// The last second at which it was valid.
        not_after: UnixTime,
        /// When the firmware was built.
        built: UnixTime,
    },
    /// Its time has not come (RFC 5280 §4.1.2.5).
    NotYetValid {
        /// The first second at which it is valid.
        not_before: UnixTime,
        /// The time it was checked against.
        now: UnixTime,
    },
    /// None of its names is the one that was asked for (RFC 9525 §6).
    NameMismatch {
        /// The name that was asked for.
        expected: ShortName,
    },
    /// It has no subjectAltName; the common name is no substitute (RFC 9525 §2).
    NoSubjectAltName,
    /// No trust anchor and no served certificate is its issuer (RFC 5280 §6.1).
    UnknownIssuer {
        /// Who signed it, as it says.
        issuer: ShortName,
    },
    /// It is self-signed, and is not a trust anchor (RFC 5280 §6.1).
    SelfSigned,
    /// A trust anchor has its issuer's name, but a key that this crate does not use.
    UnusableAnchor {
        /// The anchor's name.
        issuer: ShortName,
    },
    /// No key of an issuer of that name made its signature (RFC 5280 §6.1.3 (a)(1)).
    BadSignature {
        /// Who signed it, as it says.
        issuer: ShortName,
    },
    /// It signed another certificate and is no certificate authority (RFC 5280 §4.2.1.9).
    NotACertificateAuthority,
    /// More intermediates than it allows lie below it (RFC 5280 §4.2.1.9).
    PathLength {
        /// How many it allows.
        allowed: u8,
        /// How many there are.
        found: u8,
    },
    /// It may not speak for a name of a certificate below it (RFC 5280 §4.2.1.10).
    NameConstraint {
        /// The name that is excluded, or not permitted.
        name: ShortName,
    },
    /// It leads to a trust anchor that may not speak for a name of a certificate on the way
    /// (RFC 5280 §4.2.1.10).
    AnchorNameConstraint {
        /// The name that is excluded, or not permitted.
        name: ShortName,
    },
    /// It does not say who signed it (RFC 5280 §4.1.2.4).
    EmptyIssuer,
    /// Its key must not be used so (RFC 5280 §4.2.1.3).
    KeyUsage {
        /// The usage that it lacks.
        needed: &'static str,
    },
    /// Its key must not be used for this end of a TLS connection (RFC 5280 §4.2.1.12).
    ExtendedKeyUsage {
        /// The end that it lacks.
        needed: Role,
    },
    /// It has a critical extension that this crate does not process (RFC 5280 §4.2).
    UnknownCriticalExtension {
        /// The extension.
        extension: Oid,
    },
    /// It has an extension twice (RFC 5280 §4.2).
    DuplicateExtension {
        /// The extension.
        extension: Oid,
    },
    /// It has more extensions than [`MAX_EXTENSIONS`](crate::limits::MAX_EXTENSIONS).
    TooManyExtensions {
        /// The limit.
        limit: usize,
    },
    /// Its inner and outer signature algorithms differ (RFC 5280 §4.1.1.2).
    AlgorithmMismatch,
    /// It is signed with an algorithm, or parameters, that this crate does not verify.
    UnsupportedSignatureAlgorithm {
        /// The algorithm.
        algorithm: Oid,
    },
    /// It is signed over SHA-1 or MD5, for which signatures can be forged (RFC 9155, RFC 8446 §4.4.2.4).
    WeakSignatureAlgorithm {
        /// The algorithm.
        algorithm: Oid,
    },
    /// Its key is of a kind, or on a curve, that this crate does not use.
    UnsupportedKey {
        /// The algorithm or the curve.
        algorithm: Oid,
    },
    /// Its RSA key is shorter than 2048 or longer than 4096 bits.
    KeySize {
        /// The length of its modulus.
        bits: usize,
    },
    /// A version that X.509 does not know, or that does not have the fields it has (RFC 5280 §4.1.2.1).
    Version {
        /// The version, as people count it.
        found: u8,
    },
    /// Its serial number is negative or longer than 20 bytes (RFC 5280 §4.1.2.2).
    Serial,
    /// It is no strict DER (RFC 5280 §4.1).
    Malformed {
        /// The structure that does not parse.
        structure: &'static str,
    },
    /// The chain asks for more signature checks than
    /// [`MAX_SIGNATURE_CHECKS`](crate::limits::MAX_SIGNATURE_CHECKS).
    TooManySignatureChecks {
        /// The limit.
        limit: usize,
    },
    /// The path that was being built has more certificates than
    /// [`MAX_PATH_LENGTH`](crate::limits::MAX_PATH_LENGTH).
    PathTooLong {
        /// The limit.
        limit: usize,
    },
    /// The chain asks for more comparisons of names with name constraints than
    /// [`MAX_NAME_COMPARISONS`](crate::limits::MAX_NAME_COMPARISONS).
    TooManyNameComparisons {
        /// The limit.
        limit: u32,
    },
    /// Its key is none of those that are pinned ([`pin`](super::pin)).
    KeyNotPinned,
    /// Its issuer has revoked it (RFC 5280 §5, RFC 6960).
    Revoked {
        /// Since when.
        since: UnixTime,
        /// Why.
        reason: Reason,
    },
    /// Nothing at hand says whether it was revoked, and it was configured that something must.
    RevocationUnknown,
    /// A revocation list or a stapled response about it is not of this time (RFC 5280 §5.1.2.5, RFC 6960 §3.2).
    StatusOutOfDate {
        /// When it was made.
        this_update: UnixTime,
        /// Before when the next was to be made. For a response that does not say: until when it counts
        /// ([`MAX_UNDATED_STAPLE_AGE`](crate::limits::MAX_UNDATED_STAPLE_AGE)).
        next_update: Option<UnixTime>,
    },
    /// A revocation list or a stapled response about it was not signed by its issuer, or for it.
    BadStatusSignature,
    /// A revocation list about it cannot be used (RFC 5280 §5).
    UnusableRevocationList {
        /// What is the matter with it.
        why: &'static str,
    },
    /// The response that was stapled to it cannot be used (RFC 6960).
    UnusableStaple {
        /// What is the matter with it.
        why: &'static str,
    },
    /// No OCSP response was stapled to it, though it, or the configuration, asks for one (RFC 7633).
    MissingStaple,
    /// It does not fit into the memory that was given to the walk.
    MemoryTooSmall {
        /// Bytes needed.
        needed: usize,
        /// Bytes given.
        room: usize,
    },
    /// The peer sent none (RFC 8446 §4.4.2.4).
    NoCertificate,
    /// A cryptographic operation of our own failed.
    Crypto(CryptoError),
    /// A case that cannot happen did: a bug of the caller or of Ferrule, at the named place.
    Internal(&'static str),
}

impl CertificateError {
    /// A rule broken by a certificate that parses.
    pub(super) fn of(index: u8, certificate: &Certificate<'_>, rule: Rule) -> Self {
        Self { index, subject: certificate.subject().for_people(), rule }
    }

    /// A rule broken by something that may not even be a certificate.
    pub(crate) fn of_malformed(index: u8, der: &[u8], rule: Rule) -> Self {
        let subject = subject_of_malformed(der).map(|subject| subject.for_people());
        Self { index, subject: subject.unwrap_or_default(), rule }
    }

    /// The alert that this error calls for (RFC 8446 §6.2).
    pub const fn alert(&self) -> AlertDescription {
        self.rule.alert()
    }
}

impl From<Malformed> for Rule {
    fn from(Malformed { structure }: Malformed) -> Self {
        Self::Malformed { structure }
    }
}

impl Rule {
    /// The alert that a broken rule calls for (RFC 8446 §6.2).
    pub const fn alert(&self) -> AlertDescription {
        match self {
            Self::Expired { .. } | Self::ExpiredBeforeBuild { .. } | Self::NotYetValid { .. } => {
                AlertDescription::CERTIFICATE_EXPIRED
            }
            Self::UnknownIssuer { .. } | Self::SelfSigned | Self::UnusableAnchor { .. } => {
                AlertDescription::UNKNOWN_CA
            }
            Self::KeyUsage { .. }
            | Self::ExtendedKeyUsage { .. }
            | Self::UnknownCriticalExtension { .. }
            | Self::UnsupportedSignatureAlgorithm { .. }
            | Self::UnsupportedKey { .. }
            | Self::KeySize { .. }
            | Self::Version { .. } => AlertDescription::UNSUPPORTED_CERTIFICATE,
            Self::BadSignature { .. }
            | Self::NotACertificateAuthority
            | Self::PathLength { .. }
            | Self::NameConstraint { .. }
            | Self::AnchorNameConstraint { .. }
            | Self::EmptyIssuer
            | Self::DuplicateExtension { .. }
            | Self::TooManyExtensions { .. }
            | Self::AlgorithmMismatch
            // "Any endpoint receiving any certificate which it would need to validate using any
            // signature algorithm using an MD5 hash MUST abort the handshake with a
            // "bad_certificate" alert" (§4.4.2.4).
            | Self::WeakSignatureAlgorithm { .. }
            | Self::Serial
            | Self::Malformed { .. }
            | Self::TooManySignatureChecks { .. }
            | Self::PathTooLong { .. }
            | Self::TooManyNameComparisons { .. } => AlertDescription::BAD_CERTIFICATE,
            Self::Revoked { .. } => AlertDescription::CERTIFICATE_REVOKED,
            // "Clients requesting an OCSP response and receiving one or more OCSP responses in a
            // "CertificateStatus" message MUST check the OCSP response(s) and abort the handshake if the
            // response is [...] not satisfactory with bad_certificate_status_response(113)" (RFC 6066 §8).
            Self::StatusOutOfDate { .. }
            | Self::BadStatusSignature
            | Self::UnusableStaple { .. }
            | Self::MissingStaple => AlertDescription::BAD_CERTIFICATE_STATUS_RESPONSE,
            Self::KeyNotPinned | Self::RevocationUnknown | Self::UnusableRevocationList { .. } => {
                AlertDescription::CERTIFICATE_UNKNOWN
            }
            Self::NameMismatch { .. } | Self::NoSubjectAltName => AlertDescription::CERTIFICATE_UNKNOWN,
            // "If the server supplies an empty Certificate message, the client MUST abort the
            // handshake with a "decode_error" alert" (§4.4.2.4).
            Self::NoCertificate => AlertDescription::DECODE_ERROR,
            Self::MemoryTooSmall { .. } | Self::Crypto(_) | Self::Internal(_) => {
                AlertDescription::INTERNAL_ERROR
            }
        }
    }
}

/// One sentence: the certificate, the rule, what was expected and found, the section.
impl fmt::Display for CertificateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.rule {
            Rule::NoCertificate => return self.rule.fmt(f),
            _ if self.index == 0 => f.write_str("the peer's own certificate")?,
            _ => write!(f, "certificate {} of the peer's chain", self.index)?,
        }
        if !self.subject.is_empty() {
            write!(f, " (\"{}\")", self.subject)?;
        }
        write!(f, " {}", self.rule)
    }
}

impl core::error::Error for CertificateError {}

/// What the certificate is or does: the predicate of the sentence of [`CertificateError`].
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expired { not_after, now } => {
                write!(f, "expired on {not_after}, and it is now {now} (RFC 5280 section 4.1.2.5)")
            }
            Self::ExpiredBeforeBuild { not_after, built } => write!(
                f,
                "expired on {not_after}, before this firmware was built on {built} (RFC 5280 section 4.1.2.5)"
            ),
            Self::NotYetValid { not_before, now } => write!(
                f,
                "is not valid before {not_before}, and it is now {now}: is this clock right? (RFC 5280 section 4.1.2.5)"
            ),
            Self::NameMismatch { expected } => write!(
                f,
                "is for other names than \"{expected}\": no subjectAltName of it matches (RFC 9525 section 6)"
            ),
            Self::NoSubjectAltName => f.write_str(
                "has no subjectAltName, and a common name does not count as a server's name (RFC 9525 section 2)",
            ),
            Self::UnknownIssuer { issuer } => write!(
                f,
                "was signed by no trusted authority: its issuer \"{issuer}\" is neither trusted here nor in the chain that was sent (RFC 5280 section 6.1)"
            ),
            Self::SelfSigned => {
                f.write_str("is self-signed, and is not among the trusted authorities (RFC 5280 section 6.1)")
            }
            Self::UnusableAnchor { issuer } => write!(
                f,
                "names the trusted authority \"{issuer}\" as its issuer, but that authority's configured key is of no supported kind"
            ),
            Self::BadSignature { issuer } => write!(
                f,
                "has a signature that no known key of its issuer \"{issuer}\" made: it was altered, or signed by another key of that name (RFC 5280 section 6.1.3)"
            ),
            Self::NotACertificateAuthority => f.write_str(
                "signed another certificate although its basicConstraints do not make it a certificate authority (RFC 5280 section 4.2.1.9)",
            ),
            Self::PathLength { allowed, found } => write!(
                f,
                "allows {allowed} intermediate certificates below it, and there are {found} (pathLenConstraint, RFC 5280 section 4.2.1.9)"
            ),
            Self::NameConstraint { name } => write!(
                f,
                "signed for \"{name}\", a name that its nameConstraints exclude or do not permit (RFC 5280 section 4.2.1.10)"
            ),
            Self::AnchorNameConstraint { name } => write!(
                f,
                "leads to a trusted authority that may not speak for \"{name}\" (nameConstraints, RFC 5280 section 4.2.1.10)"
            ),
            Self::EmptyIssuer => {
                f.write_str("does not say who signed it: its issuer is empty (RFC 5280 section 4.1.2.4)")
            }
            Self::KeyUsage { needed } => {
                write!(f, "has a keyUsage without {needed}, which is needed here (RFC 5280 section 4.2.1.3)")
            }
            Self::ExtendedKeyUsage { needed } => write!(
                f,
                "has an extKeyUsage without {}, which is needed here (RFC 5280 section 4.2.1.12)",
                match needed {
                    Role::Client => "clientAuth",
                    Role::Server => "serverAuth",
                }
            ),
            Self::UnknownCriticalExtension { extension } => write!(
                f,
                "has the critical extension {extension}, which is not processed here (RFC 5280 section 4.2)"
            ),
            Self::DuplicateExtension { extension } => {
                write!(f, "has the extension {extension} more than once (RFC 5280 section 4.2)")
            }
            Self::TooManyExtensions { limit } => {
                write!(f, "has more than {limit} extensions, the limit of this implementation")
            }
            Self::AlgorithmMismatch => f.write_str(
                "names one signature algorithm inside of what is signed and another outside (RFC 5280 section 4.1.1.2)",
            ),
            Self::UnsupportedSignatureAlgorithm { algorithm } => write!(
                f,
                "is signed with {algorithm}, or with parameters of it, that are not supported (RFC 8446 section 4.2.3)"
            ),
            Self::WeakSignatureAlgorithm { algorithm } => write!(
                f,
                "is signed with {algorithm}, whose hash can be forged: SHA-256 or better is expected (RFC 9155)"
            ),
            Self::UnsupportedKey { algorithm } => write!(
                f,
                "has a key of the kind {algorithm}, or in a form of it, that is not supported: P-256, P-384, RSA and Ed25519 are (RFC 5280 section 4.1.2.7)"
            ),
            Self::KeySize { bits } => {
                write!(f, "has an RSA key of {bits} bits, and 2048 to 4096 are accepted (RFC 8017 section 3.1)")
            }
            Self::Version { found } => write!(
                f,
                "is of version {found}, which does not exist or does not have such fields: 3 is expected (RFC 5280 section 4.1.2.1)"
            ),
            Self::Serial => f.write_str(
                "has a serial number that is negative or longer than 20 bytes (RFC 5280 section 4.1.2.2)",
            ),
            Self::Malformed { structure } => {
                write!(f, "is malformed: its {structure} is not what strict DER allows (RFC 5280 section 4.1)")
            }
            Self::TooManySignatureChecks { limit } => write!(
                f,
                "was not reached: the chain asks for more than {limit} signature checks, the limit of this implementation"
            ),
            Self::PathTooLong { limit } => write!(
                f,
                "was not added to the path: it has {limit} certificates already, the limit of this implementation"
            ),
            Self::TooManyNameComparisons { limit } => write!(
                f,
                "has constraints that ask for more than {limit} comparisons of names, the limit of this implementation"
            ),
            Self::KeyNotPinned => f.write_str("has another key than those that are pinned (RFC 7469 section 2.6)"),
            Self::Revoked { since, reason } => {
                write!(f, "was revoked by its issuer on {since}, {reason} (RFC 5280 section 5)")
            }
            Self::RevocationUnknown => {
                f.write_str("may have been revoked: no list and no stapled response says, and one must (configured so)")
            }
            Self::StatusOutOfDate { this_update, next_update: Some(next) } => write!(
                f,
                "has a revocation status that was made on {this_update} and is good until {next}, which is not now (RFC 6960 section 3.2)"
            ),
            Self::StatusOutOfDate { this_update, next_update: None } => write!(
                f,
                "has a revocation status that was made on {this_update}, which has not come yet (RFC 6960 section 3.2)"
            ),
            Self::BadStatusSignature => f.write_str(
                "has a revocation status that neither its issuer signed nor somebody whom that issuer certified for it (RFC 6960 section 4.2.2.2)",
            ),
            Self::UnusableRevocationList { why } => {
                write!(f, "has a revocation list that {why} (RFC 5280 section 5)")
            }
            Self::UnusableStaple { why } => {
                write!(f, "came with an OCSP response that {why} (RFC 6960 section 4.2)")
            }
            Self::MissingStaple => {
                f.write_str("came without the OCSP response that must be stapled to it (RFC 7633 section 4.2.3.1)")
            }
            Self::MemoryTooSmall { needed, room } => write!(
                f,
                "needs {needed} bytes of memory to be checked, and there are {room}: give the connection more scratch"
            ),
            Self::NoCertificate => {
                f.write_str("the peer sent no certificate at all (RFC 8446 section 4.4.2.4)")
            }
            Self::Crypto(error) => {
                write!(f, "could not be checked: the cryptographic provider failed with {error:?}")
            }
            Self::Internal(place) => write!(f, "met an internal error at {place}: please report it"),
        }
    }
}

/// Copies text for people: cut to what fits, control characters (which could forge log lines) and
/// quotation marks replaced.
pub(super) fn legible<const N: usize>(text: &str) -> heapless::String<N, u8> {
    let mut out = heapless::String::new();
    for c in text.chars() {
        let c = if c.is_control() || c == '"' { '?' } else { c };
        if out.push(c).is_err() {
            break;
        }
    }
    out
}

impl DistinguishedName<'_> {
    /// The common name, or else the last attribute that is text: for errors.
    pub(super) fn for_people<const N: usize>(&self) -> heapless::String<N, u8> {
        self.common_name().or_else(|| self.last_text()).map(legible).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::string::ToString;

    fn error(index: u8, subject: &str, rule: Rule) -> CertificateError {
        CertificateError { index, subject: legible(subject), rule }
    }

    #[test]
    fn a_sentence_names_certificate_rule_and_section() {
        assert_eq!(
            error(0, "example.org", Rule::Expired { not_after: UnixTime(0), now: UnixTime(86_400) })
                .to_string(),
            "the peer's own certificate (\"example.org\") expired on 1970-01-01 00:00:00 UTC, and it is now \
             1970-01-02 00:00:00 UTC (RFC 5280 section 4.1.2.5)"
        );
        assert_eq!(
            error(2, "", Rule::UnknownIssuer { issuer: legible("Old Root") }).to_string(),
            "certificate 2 of the peer's chain was signed by no trusted authority: its issuer \"Old Root\" is \
             neither trusted here nor in the chain that was sent (RFC 5280 section 6.1)"
        );
        assert_eq!(
            error(0, "", Rule::NoCertificate).to_string(),
            "the peer sent no certificate at all (RFC 8446 section 4.4.2.4)"
        );
    }

    #[test]
    fn names_cannot_forge_log_lines() {
        assert_eq!(legible::<64>("a\nERROR \"b\"\u{1b}[0m").as_str(), "a?ERROR ?b??[0m");
        assert_eq!(legible::<4>("abcdef").as_str(), "abcd");
        assert_eq!(legible::<4>("abcüx").as_str(), "abc");
    }

    #[test]
    fn fits_into_a_result_that_is_cheap_to_return() {
        assert!(
            core::mem::size_of::<CertificateError>() <= 120,
            "{}",
            core::mem::size_of::<CertificateError>()
        );
    }
}
