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
//! [`MAX_PATH_SIGNATURE_CHECKS`](crate::limits::MAX_PATH_SIGNATURE_CHECKS) and [`MAX_NAME_COMPARISONS`](crate::limits::MAX_NAME_COMPARISONS).
//!
//! Its rules are those of [`chain`](super::chain), which needs less memory.

mod stored;
mod walk;

use self::stored::{internal, of_nothing, stored};
pub use self::walk::Walk;
use self::walk::{Candidate, Step};
use super::revocation::{Authority, Inquiry, Matter, NotChecked, Revocation, Staple};
use super::tally::Claim;
use super::{
    Certificate, CertificateError, ExpectedPeer, Next, PeerAuthenticated, PeerVerifier, Rule, TrustAnchor,
    rules,
};
use crate::crypto::{CryptoProvider, Signed};
use core::mem;

/// Believes peers whose certificates hold a path to one of these anchors (RFC 5280 §6.1).
#[derive(Debug, Clone, Copy)]
pub struct Verifier<'a, R = NotChecked> {
    /// Whom to trust.
    pub anchors: &'a [TrustAnchor<'a>],
    /// What is demanded about revocation: [`NotChecked`], or a [`RevocationPolicy`](super::revocation::RevocationPolicy).
    pub revocation: R,
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
        Walk::new()
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

/// Whether a certificate that did not parse, its subject if that could be read, is the one that was nowhere.
fn may_be_the_issuer_missed(malformed: &CertificateError, dead_end: &CertificateError) -> bool {
    match &dead_end.rule {
        Rule::UnknownIssuer { issuer } => {
            malformed.subject.is_empty() || malformed.subject.starts_with(issuer.as_str())
        }
        _ => false,
    }
}

#[cfg(all(test, feature = "software"))]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::panic)]
mod tests;
