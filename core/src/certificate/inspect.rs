//! Everything that is wrong with a chain, not just the first thing: for people who have to mend it.
//!
//! The rules are those of [`chain`](super::chain) and [`path`], told to go on. What
//! RFC 5280 demands of authorities, but no verifier has to check, is found as well: some consumers
//! do check it, and refuse.

use super::name_constraints::{Comparisons, ConstrainedNames, NameConstraints};
use super::tally::{Claim, Tally, fits};
use super::verifier::walk;
use super::{
    Certificate, CertificateError, ExpectedPeer, Rule, TrustAnchor, key_identifier, oid, path, rules,
};
use crate::crypto::{CryptoProvider, PublicKey, Signed};
use crate::limits::{MAX_PATH_LENGTH, MAX_PATH_SIGNATURE_CHECKS};
use core::fmt;

/// One thing that is wrong with a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// A rule for which this crate refuses the chain. The certificate, the rule with what was expected and
    /// found; its text has the section.
    Refused(CertificateError),
    /// Something for which only stricter consumers refuse it.
    Unorthodox {
        /// Which certificate, in the order served.
        index: u8,
        /// What is wrong with it.
        what: Unorthodox,
    },
}

/// What an authority, or whoever configured the server, did wrong, without Ferrule refusing it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unorthodox {
    /// It is not needed for the path that was found (RFC 8446 §4.4.2).
    Surplus,
    /// It comes after a certificate that it did not sign (RFC 8446 §4.4.2: each SHOULD certify the one before).
    OutOfOrder,
    /// It is an anchor, which whoever trusts it has (RFC 8446 §4.4.2: it MAY be omitted).
    AnchorServed,
    /// It does not say which key signed it (RFC 5280 §4.2.1.1: authorityKeyIdentifier MUST be there).
    NoAuthorityKeyIdentifier,
    /// It names another key than that of its issuer (RFC 5280 §4.2.1.1).
    WrongAuthorityKeyIdentifier,
    /// It signed others and does not name its key (RFC 5280 §4.2.1.2: subjectKeyIdentifier MUST be there).
    NoSubjectKeyIdentifier,
    /// It signed others, and its basicConstraints are not critical (RFC 5280 §4.2.1.9).
    BasicConstraintsNotCritical,
    /// It signed others, and has no keyUsage (RFC 5280 §4.2.1.3).
    NoKeyUsage,
    /// It has name constraints that are not critical (RFC 5280 §4.2.1.10).
    NameConstraintsNotCritical,
    /// It has name constraints without being an authority (RFC 5280 §4.2.1.10).
    NameConstraintsOfNoAuthority,
    /// It limits the length of paths without being an authority (RFC 5280 §4.2.1.9).
    PathLengthOfNoAuthority,
    /// It may sign certificates without being an authority (RFC 5280 §4.2.1.9).
    KeyCertSignOfNoAuthority,
    /// Its subject is empty, and its subjectAltName not critical (RFC 5280 §4.2.1.6).
    SubjectAltNameNotCritical,
    /// Its serial number is zero (RFC 5280 §4.1.2.2: a positive integer).
    SerialZero,
    /// Its dates are the wrong way round: nothing is ever inside of them (RFC 5280 §4.1.2.5).
    EmptyValidity,
}

/// Reports all that is wrong with a chain: why [`path`] refuses it, if it does, and whatever else
/// there is, certificate by certificate.
///
/// `chain` is what the peer served, its own certificate first; the path builder, which is asked as well, works
/// in `memory`: as many bytes as the certificates have, and one for each. The peer is believed exactly if there
/// is no [`Finding::Refused`]. Costs at most twice the signature checks of the path builder.
pub fn inspect<P: CryptoProvider>(
    chain: &[&[u8]],
    anchors: &[TrustAnchor<'_>],
    expected: &ExpectedPeer<'_>,
    provider: &mut P,
    memory: &mut [u8],
    found: impl FnMut(Finding),
) {
    let verifier = path::Verifier::new(anchors);
    let answer = walk(&verifier, chain, None, expected, provider, memory).map(|walk| walk.path(memory));
    let mut inspection = Inspection { chain, anchors, found };
    match answer {
        Ok(path) => inspection.believed(&path),
        Err(reason) => inspection.refused(reason, expected, provider),
    }
}

/// Places in the order served, from the leaf up.
type Path = heapless::Vec<u8, MAX_PATH_LENGTH, u8>;

struct Inspection<'a, F> {
    chain: &'a [&'a [u8]],
    anchors: &'a [TrustAnchor<'a>],
    found: F,
}

impl<'a, F: FnMut(Finding)> Inspection<'a, F> {
    /// Certificates that parse, with their places.
    fn certificates(&self) -> impl Iterator<Item = (u8, Certificate<'a>)> + use<'a, F> {
        let chain = self.chain;
        (0..=u8::MAX).zip(chain).filter_map(|(index, der)| Some((index, Certificate::parse(der).ok()?)))
    }

    fn certificate(&self, index: u8) -> Option<Certificate<'a>> {
        Certificate::parse(self.chain.get(usize::from(index))?).ok()
    }

    fn believed(&mut self, path: &Path) {
        for (index, certificate) in self.certificates() {
            self.unorthodox(index, &certificate, path);
        }
        self.order(path);
    }

    fn refused<P: CryptoProvider>(
        &mut self,
        reason: CertificateError,
        expected: &ExpectedPeer<'_>,
        provider: &mut P,
    ) {
        let mut reason_was_told = false;
        let mut tell = |error: CertificateError, found: &mut F| {
            reason_was_told |= error == reason;
            found(Finding::Refused(error));
        };
        for (index, der) in (0..=u8::MAX).zip(self.chain) {
            if let Err(rule) = Certificate::parse(der) {
                tell(CertificateError::of_malformed(index, der, rule), &mut self.found);
            }
        }
        let (path, broken_link) = self.signed_path(provider);
        let mut below = 0u8;
        let mut comparisons = Comparisons::new();
        for (place, index) in path.iter().enumerate() {
            let Some(certificate) = self.certificate(*index) else { continue };
            let error = |rule| CertificateError::of(*index, &certificate, rule);
            let report = |rule| {
                tell(error(rule), &mut self.found);
                Ok(())
            };
            let _all_told = if place == 0 {
                rules::leaf(&certificate, expected, report)
            } else {
                rules::issuer(&certificate, expected, below, report)
            };
            if place > 0 {
                let under = path.get(..place).unwrap_or_default();
                if let Ok(Some(constraints)) = NameConstraints::of(&certificate)
                    && let Err(rule) = self.check_names(&constraints, under, &mut comparisons)
                {
                    tell(error(rule), &mut self.found);
                }
                below = below.saturating_add(u8::from(!certificate.is_self_issued()));
            }
        }
        if let Some(error) = broken_link {
            tell(error, &mut self.found);
        }
        if !reason_was_told {
            (self.found)(Finding::Refused(reason));
        }
        for (index, certificate) in self.certificates() {
            self.unorthodox(index, &certificate, &path);
        }
        self.order(&path);
    }

    /// Up from the leaf as far as signatures lead, whatever rules are broken on the way; and what is wrong with
    /// the last link, if it does not end at an anchor.
    fn signed_path<P: CryptoProvider>(&self, provider: &mut P) -> (Path, Option<CertificateError>) {
        let mut path = Path::new();
        let mut tally = Tally::new(MAX_PATH_SIGNATURE_CHECKS);
        let Some(mut current) = self.certificate(0) else {
            return (path, None);
        };
        let mut index = 0;
        loop {
            if path.push(index).is_err() {
                return (
                    path,
                    Some(CertificateError::of(index, &current, Rule::PathTooLong { limit: MAX_PATH_LENGTH })),
                );
            }
            let issuer = current.issuer();
            let error = |rule: Option<Rule>| {
                let bad = Rule::BadSignature { issuer: issuer.for_people() };
                CertificateError::of(index, &current, rule.unwrap_or(bad))
            };
            let mut link = Link { certificate: &current, tally: &mut tally, named: false };
            for anchor in self.anchors.iter().filter(|anchor| anchor.subject().matches(&issuer)) {
                match link.is_signed_by(anchor.public_key(), provider, error) {
                    Ok(true) => return (path, None),
                    Ok(false) => {}
                    Err(error) => return (path, Some(error)),
                }
            }
            let mut next = None;
            for (at, candidate) in self.certificates() {
                if path.contains(&at) || !candidate.subject().matches(&issuer) {
                    continue;
                }
                match link.is_signed_by(candidate.public_key(), provider, error) {
                    Ok(true) => {
                        next = Some((at, candidate));
                        break;
                    }
                    Ok(false) => {}
                    Err(error) => return (path, Some(error)),
                }
            }
            match next {
                Some((at, candidate)) => (index, current) = (at, candidate),
                None if link.named => return (path, Some(error(None))),
                None if current.is_self_issued() => return (path, Some(error(Some(Rule::SelfSigned)))),
                None => {
                    let unknown = Rule::UnknownIssuer { issuer: issuer.for_people() };
                    return (path, Some(error(Some(unknown))));
                }
            }
        }
    }

    fn check_names(
        &self,
        constraints: &NameConstraints<'_>,
        under: &[u8],
        comparisons: &mut Comparisons,
    ) -> Result<(), Rule> {
        for (place, index) in under.iter().enumerate() {
            let Some(below) = self.certificate(*index) else { continue };
            if place == 0 || !below.is_self_issued() {
                constraints.check(ConstrainedNames::of(&below)?, comparisons)?;
            }
        }
        Ok(())
    }

    /// Where certificates stand that are, or are not, part of the path.
    fn order(&mut self, path: &Path) {
        let mut reached = 0;
        for (index, certificate) in self.certificates().skip_while(|(index, _)| *index == 0) {
            let what = match path.iter().position(|on_path| *on_path == index) {
                Some(place) if place < reached => Unorthodox::OutOfOrder,
                Some(place) => {
                    reached = place;
                    continue;
                }
                None if self.anchors.iter().any(|anchor| anchor.is(&certificate)) => Unorthodox::AnchorServed,
                None => Unorthodox::Surplus,
            };
            (self.found)(Finding::Unorthodox { index, what });
        }
    }

    /// What one certificate should have, or should not.
    fn unorthodox(&mut self, index: u8, certificate: &Certificate<'_>, path: &Path) {
        let extensions = certificate.extensions();
        let has = |id| extensions.find(id).is_some();
        let is_critical = |id| extensions.find(id).is_some_and(|extension| extension.critical);
        let constraints = extensions.basic_constraints().ok().flatten();
        let is_authority = constraints.is_some_and(|constraints| constraints.authority);
        let signs =
            extensions.key_usage().is_ok_and(|usage| usage.is_some_and(|usage| usage.key_cert_sign()));
        let place = path.iter().position(|on_path| *on_path == index);
        let issuer =
            place.and_then(|place| path.get(place.saturating_add(1))).and_then(|i| self.certificate(*i));
        let wrong_key_identifier = issuer.is_some_and(|issuer| {
            let theirs = key_identifier::subject(&issuer);
            let ours = key_identifier::authority(certificate);
            ours.is_some() && theirs.is_some() && ours != theirs
        });
        for (applies, what) in [
            (
                !has(oid::AUTHORITY_KEY_IDENTIFIER) && !certificate.is_self_issued(),
                Unorthodox::NoAuthorityKeyIdentifier,
            ),
            (wrong_key_identifier, Unorthodox::WrongAuthorityKeyIdentifier),
            (is_authority && !has(oid::SUBJECT_KEY_IDENTIFIER), Unorthodox::NoSubjectKeyIdentifier),
            (is_authority && !is_critical(oid::BASIC_CONSTRAINTS), Unorthodox::BasicConstraintsNotCritical),
            (is_authority && !has(oid::KEY_USAGE), Unorthodox::NoKeyUsage),
            (
                has(oid::NAME_CONSTRAINTS) && !is_critical(oid::NAME_CONSTRAINTS),
                Unorthodox::NameConstraintsNotCritical,
            ),
            (has(oid::NAME_CONSTRAINTS) && !is_authority, Unorthodox::NameConstraintsOfNoAuthority),
            (
                !is_authority && constraints.is_some_and(|constraints| constraints.path_length.is_some()),
                Unorthodox::PathLengthOfNoAuthority,
            ),
            (signs && !is_authority, Unorthodox::KeyCertSignOfNoAuthority),
            (
                certificate.subject().is_empty()
                    && has(oid::SUBJECT_ALT_NAME)
                    && !is_critical(oid::SUBJECT_ALT_NAME),
                Unorthodox::SubjectAltNameNotCritical,
            ),
            (certificate.serial() == [0], Unorthodox::SerialZero),
            (certificate.not_after() < certificate.not_before(), Unorthodox::EmptyValidity),
        ] {
            if applies {
                (self.found)(Finding::Unorthodox { index, what });
            }
        }
    }
}

/// A certificate whose signer is looked for.
struct Link<'a, 'd> {
    certificate: &'a Certificate<'d>,
    tally: &'a mut Tally,
    /// Whether somebody has the issuer's name.
    named: bool,
}

impl Link<'_, '_> {
    fn is_signed_by<P: CryptoProvider>(
        &mut self,
        key: Result<PublicKey<'_>, Rule>,
        provider: &mut P,
        error: impl Fn(Option<Rule>) -> CertificateError,
    ) -> Result<bool, CertificateError> {
        self.named = true;
        let (Ok(key), Ok(algorithm)) = (key, self.certificate.signature_algorithm()) else {
            return Ok(false);
        };
        if !fits(algorithm, &key) {
            return Ok(false);
        }
        let digest = self.certificate.digest(algorithm, provider);
        let digest = digest.map_err(|failure| error(Some(Rule::Crypto(failure))))?;
        let message = Signed::Message(self.certificate.to_be_signed());
        let signed = digest.as_ref().map_or(message, Signed::Digest);
        let claim = Claim { algorithm, signed, signature: self.certificate.signature() };
        self.tally.verify(&key, &claim, provider, error)
    }
}

impl Unorthodox {
    /// Where RFC 5280 or RFC 8446 says so.
    pub const fn section(self) -> &'static str {
        match self {
            Self::Surplus | Self::OutOfOrder | Self::AnchorServed => "RFC 8446 section 4.4.2",
            Self::NoAuthorityKeyIdentifier | Self::WrongAuthorityKeyIdentifier => "RFC 5280 section 4.2.1.1",
            Self::NoSubjectKeyIdentifier => "RFC 5280 section 4.2.1.2",
            Self::BasicConstraintsNotCritical
            | Self::PathLengthOfNoAuthority
            | Self::KeyCertSignOfNoAuthority => "RFC 5280 section 4.2.1.9",
            Self::NoKeyUsage => "RFC 5280 section 4.2.1.3",
            Self::NameConstraintsNotCritical | Self::NameConstraintsOfNoAuthority => {
                "RFC 5280 section 4.2.1.10"
            }
            Self::SubjectAltNameNotCritical => "RFC 5280 section 4.2.1.6",
            Self::SerialZero => "RFC 5280 section 4.1.2.2",
            Self::EmptyValidity => "RFC 5280 section 4.1.2.5",
        }
    }
}

/// What the certificate is or does, as in the sentences of [`Rule`].
impl fmt::Display for Unorthodox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Surplus => "is not needed to reach a trusted authority",
            Self::OutOfOrder => "comes after a certificate that it did not sign",
            Self::AnchorServed => "is the trusted authority itself, which whoever trusts it has already",
            Self::NoAuthorityKeyIdentifier => "has no authorityKeyIdentifier",
            Self::WrongAuthorityKeyIdentifier => {
                "has an authorityKeyIdentifier that is not its issuer's subjectKeyIdentifier"
            }
            Self::NoSubjectKeyIdentifier => "is an authority without a subjectKeyIdentifier",
            Self::BasicConstraintsNotCritical => "is an authority whose basicConstraints are not critical",
            Self::NoKeyUsage => "is an authority without a keyUsage",
            Self::NameConstraintsNotCritical => "has nameConstraints that are not critical",
            Self::NameConstraintsOfNoAuthority => "has nameConstraints and is no authority",
            Self::PathLengthOfNoAuthority => "has a pathLenConstraint and is no authority",
            Self::KeyCertSignOfNoAuthority => "has a keyUsage with keyCertSign and is no authority",
            Self::SubjectAltNameNotCritical => {
                "has an empty subject and a subjectAltName that is not critical"
            }
            Self::SerialZero => "has the serial number zero",
            Self::EmptyValidity => "ends to be valid before it begins",
        })?;
        write!(f, " ({})", self.section())
    }
}

#[cfg(all(test, feature = "software"))]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::panic)]
mod tests;
