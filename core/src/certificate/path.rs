//! The path builder for hosts: the whole chain in memory, every way up to an anchor tried.
//!
//! ```text
//! memory:  | leaf | index, certificate | index, certificate | ...
//! ```
//! Whoever signed a certificate is looked for among the anchors first, then among all served
//! certificates, in whatever order they came: a chain out of order, with surplus certificates, with
//! cross-signs or with several keys of one name is followed to the first anchor that it leads to.
//! The search is depth first (RFC 4158 §2.3) and keeps its place in a fixed number of bytes. What it
//! may cost is bounded, since who serves the certificates may want it to be dear:
//! [`MAX_PATH_SIGNATURE_CHECKS`] and [`MAX_NAME_COMPARISONS`](crate::limits::MAX_NAME_COMPARISONS).
//!
//! Its rules are those of [`chain`](super::chain), which needs less memory.

use super::der::Der;
use super::name_constraints::{ConstrainedNames, NameConstraints};
use super::revocation::{Authority, Inquiry, Matter, NotChecked, Revocation, Staple, Subject};
use super::tally::{Claim, Tally, fits};
use super::{
    Certificate, CertificateError, CommonName, ExpectedPeer, Next, PeerAuthenticated, PeerVerifier, Rule,
    TrustAnchor, oid, rules,
};
use crate::crypto::{CryptoProvider, PublicKey, Signed};
use crate::limits::{MAX_PATH_LENGTH, MAX_PATH_SIGNATURE_CHECKS};
use ::der::Tag;
use core::mem;

/// Believes peers whose certificates hold a path to one of these anchors (RFC 5280 §6.1).
#[derive(Debug, Clone, Copy)]
pub struct Verifier<'a, R = NotChecked> {
    /// Whom to trust.
    pub anchors: &'a [TrustAnchor<'a>],
    /// What is demanded about revocation: [`NotChecked`], or a [`RevocationPolicy`](super::revocation::RevocationPolicy).
    pub revocation: R,
}

/// Where the search stands: offsets, no references.
#[derive(Debug)]
pub struct Walk {
    step: Step,
    /// How many certificates were served so far.
    served: u8,
    /// How long the response is that was stapled to the leaf, behind which it lies.
    staple: usize,
    /// Where the certificates after the leaf begin, and where they end.
    first: usize,
    end: usize,
    /// From the leaf to the certificate whose issuer is looked for.
    path: heapless::Vec<Hop, MAX_PATH_LENGTH, u8>,
    tally: Tally,
    /// The first certificate whose issuer was nowhere.
    dead_end: Option<CertificateError>,
    /// The first that did not parse: perhaps that issuer, perhaps surplus.
    malformed: Option<CertificateError>,
}

#[derive(Debug)]
enum Step {
    /// Certificates are still coming.
    Collect,
    /// `work` checks the last certificate of the path against this candidate.
    Check(Candidate),
    /// The candidate signed it; `work` answers whether it has taken that back.
    Status(Candidate, Inquiry),
    /// Authenticated, or refused.
    Ended,
}

/// One certificate of the path.
#[derive(Debug, Clone, Copy)]
struct Hop {
    /// Where it lies in memory.
    at: usize,
    /// Which candidate is to be looked at next.
    next: Candidate,
    /// Whether any was of the right name.
    had_candidates: bool,
}

/// Who may have signed a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Candidate {
    /// The anchor at this place of the list.
    Anchor(usize),
    /// The served certificate at this place of memory.
    Served(usize),
}

impl<'a> Verifier<'a> {
    /// Trusts these anchors, and does not ask about revocation.
    pub const fn new(anchors: &'a [TrustAnchor<'a>]) -> Self {
        Self { anchors, revocation: NotChecked }
    }
}

impl<'a, R: Revocation> Verifier<'a, R> {
    /// The same with another policy about revocation.
    pub fn with_revocation<N: Revocation>(self, revocation: N) -> Verifier<'a, N> {
        Verifier { anchors: self.anchors, revocation }
    }

    fn leaf(
        &self,
        walk: &mut Walk,
        expected: &ExpectedPeer<'_>,
        memory: &[u8],
        length: usize,
    ) -> Result<Next, CertificateError> {
        let room = memory.len();
        let der = memory
            .get(..length)
            .ok_or_else(|| of_nothing(0, Rule::MemoryTooSmall { needed: length, room }))?;
        let leaf = Certificate::parse(der).map_err(|rule| CertificateError::of_malformed(0, der, rule))?;
        rules::leaf(&leaf, expected, rules::first).map_err(|rule| CertificateError::of(0, &leaf, rule))?;
        walk.end = length.saturating_add(walk.staple);
        walk.first = walk.slot();
        Ok(Next::Certificate { at: walk.slot() })
    }

    /// Looks on for an issuer of the last certificate of the path, up to the next signature to be
    /// checked.
    #[inline(never)]
    fn search(
        &self,
        walk: &mut Walk,
        expected: &ExpectedPeer<'_>,
        memory: &[u8],
    ) -> Result<Next, CertificateError> {
        while let Some(&hop) = walk.path.last() {
            let subject = stored(memory, walk.end, hop.at)?;
            walk.tally.comparisons.spend().map_err(|rule| subject.error(rule))?;
            let may_sign = match hop.next {
                Candidate::Anchor(place) => match self.anchors.get(place) {
                    Some(anchor) => {
                        walk.look_at_next(Candidate::Anchor(place.saturating_add(1)));
                        walk.anchor_may_sign(&subject, anchor, memory)?
                    }
                    None => {
                        walk.look_at_next(Candidate::Served(walk.first));
                        false
                    }
                },
                Candidate::Served(at) if at < walk.end => {
                    let issuer = stored(memory, walk.end, at)?;
                    walk.look_at_next(Candidate::Served(issuer.following(at)));
                    walk.served_may_sign(&subject, &issuer, expected, memory)?
                }
                Candidate::Served(_) => {
                    if !hop.had_candidates {
                        walk.dead_end.get_or_insert_with(|| subject.without_issuer());
                    }
                    walk.path.pop();
                    false
                }
            };
            if may_sign {
                walk.step = Step::Check(hop.next);
                return Ok(Next::Work);
            }
        }
        let leaf = stored(memory, walk.end, 0)?;
        let dead_end = walk.dead_end.take().unwrap_or_else(|| leaf.without_issuer());
        let failure = walk.tally.take_failure();
        let missing = || walk.malformed.take_if(|malformed| may_be_the_issuer_missed(malformed, &dead_end));
        Err(failure.or_else(missing).unwrap_or(dead_end))
    }

    /// The signature that [`search`](Self::search) came to.
    #[inline(never)]
    fn check<P: CryptoProvider>(
        &self,
        walk: &mut Walk,
        candidate: Candidate,
        provider: &mut P,
        memory: &[u8],
    ) -> Result<bool, CertificateError> {
        let subject = walk.last(memory)?;
        let key = match candidate {
            Candidate::Anchor(place) => self.anchors.get(place).map(TrustAnchor::public_key),
            Candidate::Served(at) => Some(stored(memory, walk.end, at)?.certificate.public_key()),
        };
        let Some(Ok(key)) = key else {
            return Err(subject.error(Rule::Internal("a candidate without a key")));
        };
        let certificate = &subject.certificate;
        let algorithm = certificate.signature_algorithm().map_err(|rule| subject.error(rule))?;
        let digest = certificate.digest(algorithm, provider).map_err(|e| subject.error(Rule::Crypto(e)))?;
        let signed = digest.as_ref().map_or(Signed::Message(certificate.to_be_signed()), Signed::Digest);
        let claim = Claim { algorithm, signed, signature: certificate.signature() };
        walk.tally.verify(&key, &claim, provider, |rule| match rule {
            Some(rule) => subject.error(rule),
            None => subject.bad_signature(),
        })
    }
}

impl<R: Revocation> PeerVerifier for Verifier<'_, R> {
    type Walk = Walk;

    fn wants_staple(&self) -> bool {
        self.revocation.policy().is_some_and(|policy| policy.staple != Staple::Ignored)
    }

    fn staple(&self, walk: &mut Walk, _at: usize, length: usize) {
        walk.staple = length;
    }

    fn begin(&self) -> Walk {
        Walk {
            step: Step::Collect,
            served: 0,
            staple: 0,
            first: 0,
            end: 0,
            path: heapless::Vec::new(),
            tally: Tally::new(MAX_PATH_SIGNATURE_CHECKS),
            dead_end: None,
            malformed: None,
        }
    }

    fn certificate<P: CryptoProvider>(
        &self,
        walk: &mut Walk,
        expected: &ExpectedPeer<'_>,
        _provider: &mut P,
        memory: &mut [u8],
        length: usize,
    ) -> Result<Next, CertificateError> {
        let index = walk.served;
        walk.served = walk.served.saturating_add(1);
        match walk.step {
            Step::Collect if index == 0 => self.leaf(walk, expected, memory, length),
            Step::Collect => walk.store(index, memory, length),
            Step::Check(_) | Step::Status(..) | Step::Ended => {
                Err(internal(index, "a certificate that the walk did not ask for"))
            }
        }
    }

    fn end(
        &self,
        walk: &mut Walk,
        expected: &ExpectedPeer<'_>,
        memory: &mut [u8],
    ) -> Result<Next, CertificateError> {
        match mem::replace(&mut walk.step, Step::Ended) {
            Step::Collect if walk.served == 0 => Err(of_nothing(0, Rule::NoCertificate)),
            Step::Collect => {
                walk.extend(0, memory)?;
                self.search(walk, expected, memory)
            }
            Step::Check(_) | Step::Status(..) | Step::Ended => {
                Err(internal(walk.served, "the end of a chain before the walk's work"))
            }
        }
    }

    fn work<P: CryptoProvider>(
        &self,
        walk: &mut Walk,
        expected: &ExpectedPeer<'_>,
        provider: &mut P,
        memory: &mut [u8],
    ) -> Result<Next, CertificateError> {
        let (candidate, answer) = match mem::replace(&mut walk.step, Step::Ended) {
            Step::Check(candidate) => {
                if !self.check(walk, candidate, provider, memory)? {
                    return self.search(walk, expected, memory);
                }
                (candidate, self.inquire(walk, memory))
            }
            Step::Status(candidate, inquiry) => {
                (candidate, self.check_status(walk, candidate, inquiry, expected, provider, memory))
            }
            Step::Collect | Step::Ended => {
                return Err(internal(walk.served, "work that the walk did not ask for"));
            }
        };
        match (answer, candidate) {
            (Ok(Some(inquiry)), _) => {
                walk.step = Step::Status(candidate, inquiry);
                return Ok(Next::Work);
            }
            (Ok(None), Candidate::Anchor(_)) => return Ok(Next::Authenticated(PeerAuthenticated(()))),
            (Ok(None), Candidate::Served(at)) => {
                walk.tally.forget_other_keys();
                walk.extend(at, memory)?;
            }
            // Ours, not the certificate's.
            (Err(error), _)
                if matches!(error.rule, Rule::Crypto(_) | Rule::TooManySignatureChecks { .. }) =>
            {
                return Err(error);
            }
            // Another way may do without what was revoked.
            (Err(error), _) => walk.tally.remember(error),
        }
        self.search(walk, expected, memory)
    }
}

impl<R: Revocation> Verifier<'_, R> {
    /// The first question about the last certificate of the path.
    fn inquire(&self, walk: &Walk, memory: &[u8]) -> Result<Option<Inquiry>, CertificateError> {
        let Some(policy) = self.revocation.policy() else {
            return Ok(None);
        };
        let stored = walk.last(memory)?;
        let subject = walk.revocable(&stored, memory)?;
        Inquiry::begin(policy, &subject).map_err(|rule| stored.error(rule))
    }

    fn check_status<P: CryptoProvider>(
        &self,
        walk: &mut Walk,
        candidate: Candidate,
        inquiry: Inquiry,
        expected: &ExpectedPeer<'_>,
        provider: &mut P,
        memory: &[u8],
    ) -> Result<Option<Inquiry>, CertificateError> {
        let last = walk.last(memory)?;
        let Some(policy) = self.revocation.policy() else {
            return Err(last.error(Rule::Internal("the policy changed under the search")));
        };
        let subject = walk.revocable(&last, memory)?;
        let authority = match candidate {
            Candidate::Anchor(place) => match self.anchors.get(place).map(TrustAnchor::public_key) {
                Some(Ok(key)) => Authority { key, may_sign_lists: true },
                _ => return Err(last.error(Rule::Internal("the anchors changed under the search"))),
            },
            Candidate::Served(at) => {
                let issuer = stored(memory, walk.end, at)?;
                Authority::of(&issuer.certificate).map_err(|rule| issuer.error(rule))?
            }
        };
        let validity = expected.validity;
        let matter = Matter { policy, subject: &subject, authority: &authority, validity };
        inquiry.answer(&matter, provider, &mut walk.tally, |rule| last.error(rule))
    }
}

impl Walk {
    /// The certificates of the path, by their places in the order served.
    pub(super) fn path(&self, memory: &[u8]) -> heapless::Vec<u8, MAX_PATH_LENGTH, u8> {
        let places = self.path.iter().map(|hop| match hop.at.checked_sub(1) {
            None => 0,
            Some(before) => memory.get(before).copied().unwrap_or_default(),
        });
        places.collect()
    }

    /// Where the next certificate is to be written: behind one byte for its index.
    fn slot(&self) -> usize {
        self.end.saturating_add(1)
    }

    /// Keeps a certificate after the leaf. One that does not parse is surplus, or would have been needed:
    /// that is remembered.
    fn store(&mut self, index: u8, memory: &mut [u8], length: usize) -> Result<Next, CertificateError> {
        let (at, room) = (self.slot(), memory.len());
        let end = at.saturating_add(length);
        let too_small = || of_nothing(index, Rule::MemoryTooSmall { needed: end, room });
        let der = memory.get(at..end).ok_or_else(too_small)?;
        match Certificate::parse(der) {
            Ok(_) => {
                *memory.get_mut(self.end).ok_or_else(too_small)? = index;
                self.end = end;
            }
            Err(rule) => {
                self.malformed.get_or_insert_with(|| CertificateError::of_malformed(index, der, rule));
            }
        }
        Ok(Next::Certificate { at: self.slot() })
    }

    /// The certificate at this place goes on the path.
    fn extend(&mut self, at: usize, memory: &[u8]) -> Result<(), CertificateError> {
        let hop = Hop { at, next: Candidate::Anchor(0), had_candidates: false };
        if self.path.push(hop).is_err() {
            let subject = stored(memory, self.end, at)?;
            self.tally.remember(subject.error(Rule::PathTooLong { limit: MAX_PATH_LENGTH }));
        }
        Ok(())
    }

    fn look_at_next(&mut self, candidate: Candidate) {
        if let Some(hop) = self.path.last_mut() {
            hop.next = candidate;
        }
    }

    /// Whether there is somebody of the right name.
    fn has_candidate(&mut self) {
        if let Some(hop) = self.path.last_mut() {
            hop.had_candidates = true;
        }
    }

    /// Whether an anchor may have signed the last certificate of the path, as far as can be told before
    /// its signature is looked at.
    fn anchor_may_sign(
        &mut self,
        subject: &Stored<'_>,
        anchor: &TrustAnchor<'_>,
        memory: &[u8],
    ) -> Result<bool, CertificateError> {
        if !anchor.subject().matches(&subject.certificate.issuer()) {
            return Ok(false);
        }
        self.has_candidate();
        let refused = match (anchor.public_key(), anchor.name_constraints()) {
            (Ok(key), _) if !subject.fits(&key) => subject.bad_signature(),
            (Err(_), _) => {
                let issuer = subject.certificate.issuer().for_people();
                subject.error(Rule::UnusableAnchor { issuer })
            }
            (_, Err(rule)) => subject.error(rule),
            (Ok(_), Ok(None)) => return Ok(true),
            (Ok(_), Ok(Some(constraints))) => match self.check_names(&constraints, memory) {
                Ok(()) => return Ok(true),
                Err(rule @ Rule::TooManyNameComparisons { .. }) => return Err(subject.error(rule)),
                Err(Rule::NameConstraint { name }) => subject.error(Rule::AnchorNameConstraint { name }),
                Err(rule) => subject.error(rule),
            },
        };
        self.tally.remember(refused);
        Ok(false)
    }

    /// The same of a served certificate.
    fn served_may_sign(
        &mut self,
        subject: &Stored<'_>,
        issuer: &Stored<'_>,
        expected: &ExpectedPeer<'_>,
        memory: &[u8],
    ) -> Result<bool, CertificateError> {
        if !issuer.certificate.subject().matches(&subject.certificate.issuer())
            || self.holds(&issuer.certificate, memory)?
        {
            return Ok(false);
        }
        self.has_candidate();
        let below = self.path.iter().skip(1).try_fold(0u8, |below, hop| {
            let counts = !stored(memory, self.end, hop.at)?.certificate.is_self_issued();
            Ok(below.saturating_add(u8::from(counts)))
        })?;
        let names = match NameConstraints::of(&issuer.certificate) {
            Ok(Some(constraints)) => self.check_names(&constraints, memory),
            // What cannot be read is a matter of its form.
            Ok(None) | Err(_) => Ok(()),
        };
        if let Err(rule @ Rule::TooManyNameComparisons { .. }) = names {
            return Err(issuer.error(rule));
        }
        if let Err(rule) = rules::issuer(&issuer.certificate, expected, below, rules::first).and(names) {
            self.tally.remember(issuer.error(rule));
            return Ok(false);
        }
        match issuer.certificate.public_key() {
            Ok(key) if subject.fits(&key) => Ok(true),
            _ => {
                self.tally.remember(subject.bad_signature());
                Ok(false)
            }
        }
    }

    /// The last certificate of the path.
    fn last<'m>(&self, memory: &'m [u8]) -> Result<Stored<'m>, CertificateError> {
        match self.path.last() {
            Some(hop) => stored(memory, self.end, hop.at),
            None => Err(internal(self.served, "a signature of no certificate")),
        }
    }

    /// What the issuer of this certificate may have revoked.
    fn revocable<'m>(&self, stored: &Stored<'m>, memory: &'m [u8]) -> Result<Subject<'m>, CertificateError> {
        let certificate = &stored.certificate;
        let extensions = certificate.extensions();
        let error = |rule| stored.error(rule);
        let is_leaf = self.path.len() == 1;
        let leaf_end = certificate.as_der().len();
        let staple = leaf_end..leaf_end.saturating_add(self.staple);
        Ok(Subject {
            serial: certificate.serial(),
            issuer: certificate.issuer(),
            is_leaf,
            is_authority: extensions.basic_constraints().map_err(error)?.is_some_and(|basic| basic.authority),
            distribution_points: extensions.find(oid::CRL_DISTRIBUTION_POINTS).map(|points| points.value),
            must_staple: extensions.must_staple().map_err(error)?,
            staple: if !is_leaf || staple.is_empty() { None } else { memory.get(staple) },
        })
    }

    /// Whether this name and key are on the path already: with them twice it would be longer, and prove no more.
    fn holds(&self, issuer: &Certificate<'_>, memory: &[u8]) -> Result<bool, CertificateError> {
        self.path.iter().try_fold(false, |found, hop| {
            let other = stored(memory, self.end, hop.at)?.certificate;
            let same_key = other.public_key_info() == issuer.public_key_info();
            Ok(found || (same_key && other.subject().matches(&issuer.subject())))
        })
    }

    /// Asks about the names of the path: the leaf's, and those of every intermediate that is not
    /// self-issued (RFC 5280 §6.1.3 (b), (c)).
    fn check_names(&mut self, constraints: &NameConstraints<'_>, memory: &[u8]) -> Result<(), Rule> {
        for hop in &self.path {
            let below = stored(memory, self.end, hop.at).map_err(|error| error.rule)?.certificate;
            if hop.at == 0 || !below.is_self_issued() {
                constraints.check(ConstrainedNames::of(&below)?, &mut self.tally.comparisons)?;
            }
        }
        Ok(())
    }
}

/// A certificate in memory, with its place in the order served.
struct Stored<'m> {
    index: u8,
    certificate: Certificate<'m>,
}

/// The certificate that was stored at `at`.
fn stored(memory: &[u8], end: usize, at: usize) -> Result<Stored<'_>, CertificateError> {
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
    fn following(&self, at: usize) -> usize {
        at.saturating_add(self.certificate.as_der().len()).saturating_add(1)
    }

    fn fits(&self, key: &PublicKey<'_>) -> bool {
        self.certificate.signature_algorithm().is_ok_and(|algorithm| fits(algorithm, key))
    }

    fn error(&self, rule: Rule) -> CertificateError {
        CertificateError::of(self.index, &self.certificate, rule)
    }

    fn bad_signature(&self) -> CertificateError {
        self.error(Rule::BadSignature { issuer: self.certificate.issuer().for_people() })
    }

    fn without_issuer(&self) -> CertificateError {
        self.error(if self.certificate.is_self_issued() {
            Rule::SelfSigned
        } else {
            Rule::UnknownIssuer { issuer: self.certificate.issuer().for_people() }
        })
    }
}

/// Whether a certificate that did not parse, its subject if that could be read, is the one that was nowhere.
fn may_be_the_issuer_missed(malformed: &CertificateError, dead_end: &CertificateError) -> bool {
    match &dead_end.rule {
        Rule::UnknownIssuer { issuer } => {
            malformed.subject.is_empty() || malformed.subject.starts_with(issuer.as_str())
        }
        _ => false,
    }
}

fn internal(index: u8, place: &'static str) -> CertificateError {
    of_nothing(index, Rule::Internal(place))
}

fn of_nothing(index: u8, rule: Rule) -> CertificateError {
    CertificateError { index, subject: CommonName::new(), rule }
}

#[cfg(all(test, feature = "software"))]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::panic)]
mod tests;
