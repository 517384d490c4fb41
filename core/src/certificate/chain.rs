//! The walk for firmware: up the chain in the order served, one certificate in memory at a time.
//!
//! ```text
//! memory:  | leaf | names below | link: issuer's name, signature | the certificate being read |
//! ```
//! The leaf stays. What must be kept of a certificate until its issuer's key is known, its *link*,
//! is the issuer's name, the signature and a digest of what was signed; so memory for the leaf and
//! the largest intermediate (and the link between them) is enough, but for the names of the
//! intermediates, which the name constraints of those above will ask about: some 100 bytes each.
//! (An Ed25519 signature is over the message itself, so there the link keeps that.)
//!
//! For every link, the anchors that have the issuer's name are asked first: one that verifies ends
//! the walk, whatever else was served. Otherwise the next served certificate of the issuer's name
//! may be the issuer; certificates of other names, or whose key did not make the signature, are
//! surplus and skipped. What was wrong with a skipped issuer is remembered: it is a better answer
//! than "unknown issuer" if the walk ends nowhere.
//!
//! Nothing is read twice, so a chain out of order is not put right, and of two served certificates of
//! one issuer, name and key, the first is followed.

mod link;

use self::link::Link;
use super::name_constraints::NameConstraints;
use super::revocation::{Authority, Inquiry, Matter, NotChecked, Revocation, Staple};
use super::tally::{Tally, fits};
use super::{
    Certificate, CertificateError, CommonName, ExpectedPeer, Next, PeerAuthenticated, PeerVerifier, Rule,
    TrustAnchor, rules, subject_of_malformed,
};
use crate::crypto::{CryptoProvider, PublicKey};
use crate::limits::MAX_SIGNATURE_CHECKS;
use core::mem;
use core::ops::Range;

/// Believes peers whose chain, in the order served, leads to one of these anchors
/// (RFC 5280 §6.1).
#[derive(Debug, Clone, Copy)]
pub struct Verifier<'a, R = NotChecked> {
    /// Whom to trust.
    pub anchors: &'a [TrustAnchor<'a>],
    /// What is demanded about revocation: [`NotChecked`], or a [`RevocationPolicy`](super::revocation::RevocationPolicy).
    pub revocation: R,
}

/// Where the walk stands: offsets and a digest, no references.
#[derive(Debug)]
pub struct Walk {
    step: Step,
    /// How many certificates were served so far.
    served: u8,
    /// Where the response that was stapled to the leaf lies.
    staple: Range<usize>,
    tally: Tally,
}

#[derive(Debug)]
enum Step {
    /// The leaf is awaited.
    Leaf,
    /// `work` checks the link against the anchor at this place of the list.
    Anchor { link: Link, anchor: usize },
    /// No (further) anchor has the issuer's name: the next served certificate is awaited.
    Issuer { link: Link },
    /// `work` checks the link against the served certificate that lies behind it.
    Candidate { link: Link, index: u8, length: usize },
    /// The issuer signed the link; `work` answers whether it has taken that back.
    Status { link: Link, issuer: Issuer, inquiry: Inquiry },
    /// Authenticated, or refused.
    Ended,
}

/// Who signed a link.
#[derive(Debug, Clone, Copy)]
enum Issuer {
    /// The anchor at this place of the list.
    Anchor(usize),
    /// The served certificate behind the link.
    Served { index: u8, length: usize },
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

    #[inline(never)]
    fn leaf<P: CryptoProvider>(
        &self,
        walk: &mut Walk,
        expected: &ExpectedPeer<'_>,
        provider: &mut P,
        memory: &mut [u8],
        length: usize,
    ) -> Result<Next, CertificateError> {
        let (_, leaf) = certificate_at(memory, 0, length, 0)?;
        let leaf = leaf.map_err(|rule| malformed(0, memory, 0, length, rule))?;
        rules::leaf(&leaf, expected, rules::first).map_err(|rule| CertificateError::of(0, &leaf, rule))?;
        let link = Link::of_leaf(&leaf, walk.staple.end, memory, provider)?;
        self.ask_anchors(walk, link, 0, memory)
    }

    /// The first anchor from `start` on that could have signed the link; or else the next
    /// certificate.
    #[inline(never)]
    fn ask_anchors(
        &self,
        walk: &mut Walk,
        link: Link,
        start: usize,
        memory: &[u8],
    ) -> Result<Next, CertificateError> {
        for (place, anchor) in self.anchors.iter().enumerate().skip(start) {
            if !anchor.subject().matches(&link.issuer(memory)) {
                continue;
            }
            match anchor.public_key() {
                Ok(key) if fits(link.algorithm, &key) => {}
                Ok(_) => {
                    walk.tally.remember(link.bad_signature(memory));
                    continue;
                }
                Err(_) => {
                    let issuer = link.issuer(memory).for_people();
                    walk.tally.remember(link.error(Rule::UnusableAnchor { issuer }));
                    continue;
                }
            }
            let names = match anchor.name_constraints() {
                Ok(None) => Ok(()),
                Ok(Some(constraints)) => walk.check_names(&link, &constraints, memory)?,
                Err(rule) => Err(rule),
            };
            match names {
                Ok(()) => {
                    walk.step = Step::Anchor { link, anchor: place };
                    return Ok(Next::Work);
                }
                Err(Rule::NameConstraint { name }) => {
                    walk.tally.remember(link.error(Rule::AnchorNameConstraint { name }));
                }
                Err(rule) => walk.tally.remember(link.error(rule)),
            }
        }
        Ok(walk.await_issuer(link))
    }

    /// A served certificate after the leaf: perhaps the issuer of the link.
    #[inline(never)]
    fn candidate(
        walk: &mut Walk,
        link: Link,
        index: u8,
        expected: &ExpectedPeer<'_>,
        memory: &[u8],
        length: usize,
    ) -> Result<Next, CertificateError> {
        let (der, candidate) = certificate_at(memory, link.end, length, index)?;
        let candidate = match candidate {
            Ok(candidate) => candidate,
            Err(rule) => {
                let surplus =
                    subject_of_malformed(der).is_some_and(|subject| !subject.matches(&link.issuer(memory)));
                if !surplus {
                    walk.tally.remember(CertificateError::of_malformed(index, der, rule));
                }
                return Ok(walk.await_issuer(link));
            }
        };
        if !candidate.subject().matches(&link.issuer(memory)) {
            return Ok(walk.await_issuer(link));
        }
        let names = match NameConstraints::of(&candidate) {
            Ok(Some(constraints)) => walk.check_names(&link, &constraints, memory)?,
            // What cannot be read is a matter of its form.
            Ok(None) | Err(_) => Ok(()),
        };
        if let Err(rule) = rules::issuer(&candidate, expected, link.below, rules::first).and(names) {
            walk.tally.remember(CertificateError::of(index, &candidate, rule));
            return Ok(walk.await_issuer(link));
        }
        match candidate.public_key() {
            Ok(key) if fits(link.algorithm, &key) => {
                walk.step = Step::Candidate { link, index, length };
                Ok(Next::Work)
            }
            _ => {
                walk.tally.remember(link.bad_signature(memory));
                Ok(walk.await_issuer(link))
            }
        }
    }

    #[inline(never)]
    fn check_anchor<P: CryptoProvider>(
        &self,
        walk: &mut Walk,
        link: Link,
        place: usize,
        provider: &mut P,
        memory: &mut [u8],
    ) -> Result<Next, CertificateError> {
        let anchor = self.anchors.get(place).map(TrustAnchor::public_key);
        let Some(Ok(key)) = anchor else {
            return Err(link.error(Rule::Internal("the anchors changed under the walk")));
        };
        if walk.check(&link, &key, provider, memory)? {
            return self.signed(walk, link, Issuer::Anchor(place), provider, memory);
        }
        self.ask_anchors(walk, link, place.saturating_add(1), memory)
    }

    #[inline(never)]
    fn check_candidate<P: CryptoProvider>(
        &self,
        walk: &mut Walk,
        link: Link,
        index: u8,
        length: usize,
        provider: &mut P,
        memory: &mut [u8],
    ) -> Result<Next, CertificateError> {
        if !check_key(walk, &link, index, length, provider, memory)? {
            return Ok(walk.await_issuer(link));
        }
        // Another key of the same name turned out to be the right one.
        walk.tally.forget_other_keys();
        self.signed(walk, link, Issuer::Served { index, length }, provider, memory)
    }

    /// The issuer of the link is known: has it taken its signature back?
    fn signed<P: CryptoProvider>(
        &self,
        walk: &mut Walk,
        link: Link,
        issuer: Issuer,
        provider: &mut P,
        memory: &mut [u8],
    ) -> Result<Next, CertificateError> {
        let Some(policy) = self.revocation.policy() else {
            return self.follow(walk, link, issuer, provider, memory);
        };
        let subject = link.subject(memory, &walk.staple).map_err(|rule| link.error(rule))?;
        match Inquiry::begin(policy, &subject).map_err(|rule| link.error(rule))? {
            None => self.follow(walk, link, issuer, provider, memory),
            Some(inquiry) => {
                walk.step = Step::Status { link, issuer, inquiry };
                Ok(Next::Work)
            }
        }
    }

    #[inline(never)]
    fn check_status<P: CryptoProvider>(
        &self,
        walk: &mut Walk,
        (link, issuer, inquiry): (Link, Issuer, Inquiry),
        expected: &ExpectedPeer<'_>,
        provider: &mut P,
        memory: &mut [u8],
    ) -> Result<Next, CertificateError> {
        let Some(policy) = self.revocation.policy() else {
            return Err(link.error(Rule::Internal("the policy changed under the walk")));
        };
        let subject = link.subject(memory, &walk.staple).map_err(|rule| link.error(rule))?;
        let authority = match issuer {
            Issuer::Anchor(place) => match self.anchors.get(place).map(TrustAnchor::public_key) {
                Some(Ok(key)) => Authority { key, may_sign_lists: true },
                _ => return Err(link.error(Rule::Internal("the anchors changed under the walk"))),
            },
            Issuer::Served { index, length } => {
                let (_, certificate) = certificate_at(memory, link.end, length, index)?;
                certificate.and_then(|issuer| Authority::of(&issuer)).map_err(|rule| link.error(rule))?
            }
        };
        let validity = expected.validity;
        let matter = Matter { policy, subject: &subject, authority: &authority, validity };
        match inquiry.answer(&matter, provider, &mut walk.tally, |rule| link.error(rule))? {
            None => self.follow(walk, link, issuer, provider, memory),
            Some(inquiry) => {
                walk.step = Step::Status { link, issuer, inquiry };
                Ok(Next::Work)
            }
        }
    }

    /// The link is good: on to its issuer's.
    fn follow<P: CryptoProvider>(
        &self,
        walk: &mut Walk,
        link: Link,
        issuer: Issuer,
        provider: &mut P,
        memory: &mut [u8],
    ) -> Result<Next, CertificateError> {
        match issuer {
            Issuer::Anchor(_) => Ok(Next::Authenticated(PeerAuthenticated(()))),
            Issuer::Served { index, length } => {
                let next = link_of_issuer(&link, index, length, provider, memory)?;
                self.ask_anchors(walk, next, 0, memory)
            }
        }
    }
}

/// Whether the key of the served certificate behind the link made its signature. A function of its own, so
/// that little lies on the stack under the public-key operation.
#[inline(never)]
fn check_key<P: CryptoProvider>(
    walk: &mut Walk,
    link: &Link,
    index: u8,
    length: usize,
    provider: &mut P,
    memory: &[u8],
) -> Result<bool, CertificateError> {
    let key = key_at(memory, link.end, length, index)?;
    walk.check(link, &key, provider, memory)
}

#[inline(never)]
fn key_at(memory: &[u8], at: usize, length: usize, index: u8) -> Result<PublicKey<'_>, CertificateError> {
    let (_, certificate) = certificate_at(memory, at, length, index)?;
    let certificate = certificate.map_err(|rule| malformed(index, memory, at, length, rule))?;
    certificate.public_key().map_err(|rule| CertificateError::of(index, &certificate, rule))
}

/// The link from the served certificate that turned out to be the issuer of `link`, which it replaces.
#[inline(never)]
fn link_of_issuer<P: CryptoProvider>(
    link: &Link,
    index: u8,
    length: usize,
    provider: &mut P,
    memory: &mut [u8],
) -> Result<Link, CertificateError> {
    let (_, issuer) = certificate_at(memory, link.end, length, index)?;
    let issuer = issuer.map_err(|rule| malformed(index, memory, link.end, length, rule))?;
    link.followed_by(index, &issuer, memory, provider)?.compact(link, memory)
}

impl<R: Revocation> PeerVerifier for Verifier<'_, R> {
    type Walk = Walk;

    fn wants_staple(&self) -> bool {
        self.revocation.policy().is_some_and(|policy| policy.staple != Staple::Ignored)
    }

    fn staple(&self, walk: &mut Walk, at: usize, length: usize) {
        walk.staple = at..at.saturating_add(length);
    }

    fn begin(&self) -> Walk {
        Walk { step: Step::Leaf, served: 0, staple: 0..0, tally: Tally::new(MAX_SIGNATURE_CHECKS) }
    }

    #[inline(never)]
    fn certificate<P: CryptoProvider>(
        &self,
        walk: &mut Walk,
        expected: &ExpectedPeer<'_>,
        provider: &mut P,
        memory: &mut [u8],
        length: usize,
    ) -> Result<Next, CertificateError> {
        let index = walk.served;
        walk.served = walk.served.saturating_add(1);
        match mem::replace(&mut walk.step, Step::Ended) {
            Step::Leaf => self.leaf(walk, expected, provider, memory, length),
            Step::Issuer { link } => Self::candidate(walk, link, index, expected, memory, length),
            Step::Anchor { .. } | Step::Candidate { .. } | Step::Status { .. } | Step::Ended => {
                Err(not_asked_for(index, "a certificate that the walk did not ask for"))
            }
        }
    }

    #[inline(never)]
    fn end(
        &self,
        walk: &mut Walk,
        _expected: &ExpectedPeer<'_>,
        memory: &mut [u8],
    ) -> Result<Next, CertificateError> {
        match mem::replace(&mut walk.step, Step::Ended) {
            Step::Leaf => Err(not_asked_for_rule(0, Rule::NoCertificate)),
            Step::Issuer { link } => Err(walk.tally.take_failure().unwrap_or_else(|| {
                link.error(if link.self_issued {
                    Rule::SelfSigned
                } else {
                    Rule::UnknownIssuer { issuer: link.issuer(memory).for_people() }
                })
            })),
            Step::Anchor { .. } | Step::Candidate { .. } | Step::Status { .. } | Step::Ended => {
                Err(not_asked_for(walk.served, "the end of a chain before the walk's work"))
            }
        }
    }

    #[inline(never)]
    fn work<P: CryptoProvider>(
        &self,
        walk: &mut Walk,
        expected: &ExpectedPeer<'_>,
        provider: &mut P,
        memory: &mut [u8],
    ) -> Result<Next, CertificateError> {
        match mem::replace(&mut walk.step, Step::Ended) {
            Step::Status { link, issuer, inquiry } => {
                self.check_status(walk, (link, issuer, inquiry), expected, provider, memory)
            }
            Step::Anchor { link, anchor } => self.check_anchor(walk, link, anchor, provider, memory),
            Step::Candidate { link, index, length } => {
                self.check_candidate(walk, link, index, length, provider, memory)
            }
            Step::Leaf | Step::Issuer { .. } | Step::Ended => {
                Err(not_asked_for(walk.served, "work that the walk did not ask for"))
            }
        }
    }
}

impl Walk {
    fn await_issuer(&mut self, link: Link) -> Next {
        let at = link.end;
        self.step = Step::Issuer { link };
        Next::Certificate { at }
    }

    /// Whether `key` made the link's signature: one public-key operation.
    #[inline(never)]
    fn check<P: CryptoProvider>(
        &mut self,
        link: &Link,
        key: &PublicKey<'_>,
        provider: &mut P,
        memory: &[u8],
    ) -> Result<bool, CertificateError> {
        self.tally.verify(key, &link.claim(memory), provider, |rule| match rule {
            Some(rule) => link.error(rule),
            None => link.bad_signature(memory),
        })
    }

    /// Whether an authority with these constraints may be the link's issuer. An error of its own if it cost
    /// too much to find out.
    #[inline(never)]
    fn check_names(
        &mut self,
        link: &Link,
        constraints: &NameConstraints<'_>,
        memory: &[u8],
    ) -> Result<Result<(), Rule>, CertificateError> {
        match link.check_names(constraints, &mut self.tally.comparisons, memory) {
            Err(rule @ Rule::TooManyNameComparisons { .. }) => Err(link.error(rule)),
            answer => Ok(answer),
        }
    }
}

/// The certificate at `at`, as bytes and parsed.
#[inline(never)]
fn certificate_at(
    memory: &[u8],
    at: usize,
    length: usize,
    index: u8,
) -> Result<(&[u8], Result<Certificate<'_>, Rule>), CertificateError> {
    let needed = at.saturating_add(length);
    let der = memory
        .get(at..needed)
        .ok_or_else(|| not_asked_for_rule(index, Rule::MemoryTooSmall { needed, room: memory.len() }))?;
    Ok((der, Certificate::parse(der)))
}

#[inline(never)]
fn malformed(index: u8, memory: &[u8], at: usize, length: usize, rule: Rule) -> CertificateError {
    let der = memory.get(at..at.saturating_add(length)).unwrap_or_default();
    CertificateError::of_malformed(index, der, rule)
}

fn not_asked_for(index: u8, place: &'static str) -> CertificateError {
    not_asked_for_rule(index, Rule::Internal(place))
}

fn not_asked_for_rule(index: u8, rule: Rule) -> CertificateError {
    CertificateError { index, subject: CommonName::new(), rule }
}

#[cfg(all(test, feature = "software"))]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::panic)]
pub(super) mod tests;
