//! Where the search stands, and whether a candidate may have signed, as far as can be told without looking at its
//! signature.

use super::super::name_constraints::{ConstrainedNames, NameConstraints};
use super::super::revocation::{Inquiry, Subject};
use super::super::tally::Tally;
use super::super::{Certificate, CertificateError, ExpectedPeer, Next, Rule, TrustAnchor, oid, rules};
use super::stored::{Stored, internal, of_nothing, stored};
use crate::limits::{MAX_PATH_LENGTH, MAX_PATH_SIGNATURE_CHECKS};

/// Where the search stands: offsets, no references.
#[derive(Debug)]
pub struct Walk {
    pub(super) step: Step,
    /// How many certificates were served so far.
    pub(super) served: u8,
    /// How long the response is that was stapled to the leaf, behind which it lies.
    pub(super) staple: usize,
    /// Where the certificates after the leaf begin, and where they end.
    pub(super) first: usize,
    pub(super) end: usize,
    /// From the leaf to the certificate whose issuer is looked for.
    pub(super) path: heapless::Vec<Hop, MAX_PATH_LENGTH, u8>,
    pub(super) tally: Tally,
    /// The first certificate whose issuer was nowhere.
    pub(super) dead_end: Option<CertificateError>,
    /// The first that did not parse: perhaps that issuer, perhaps surplus.
    pub(super) malformed: Option<CertificateError>,
}

#[derive(Debug)]
pub(super) enum Step {
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
pub(super) struct Hop {
    /// Where it lies in memory.
    pub(super) at: usize,
    /// Which candidate is to be looked at next.
    pub(super) next: Candidate,
    /// Whether any was of the right name.
    pub(super) had_candidates: bool,
}

/// Who may have signed a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Candidate {
    /// The anchor at this place of the list.
    Anchor(usize),
    /// The served certificate at this place of memory.
    Served(usize),
}

impl Walk {
    pub(super) const fn new() -> Self {
        Self {
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

    /// The certificates of the path, by their places in the order served.
    pub(in super::super) fn path(&self, memory: &[u8]) -> heapless::Vec<u8, MAX_PATH_LENGTH, u8> {
        let places = self.path.iter().map(|hop| match hop.at.checked_sub(1) {
            None => 0,
            Some(before) => memory.get(before).copied().unwrap_or_default(),
        });
        places.collect()
    }

    /// Where the next certificate is to be written: behind one byte for its index.
    pub(super) fn slot(&self) -> usize {
        self.end.saturating_add(1)
    }

    /// Keeps a certificate after the leaf. One that does not parse is surplus, or would have been needed:
    /// that is remembered.
    pub(super) fn store(
        &mut self,
        index: u8,
        memory: &mut [u8],
        length: usize,
    ) -> Result<Next, CertificateError> {
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
    pub(super) fn extend(&mut self, at: usize, memory: &[u8]) -> Result<(), CertificateError> {
        let hop = Hop { at, next: Candidate::Anchor(0), had_candidates: false };
        if self.path.push(hop).is_err() {
            let subject = stored(memory, self.end, at)?;
            self.tally.remember(subject.error(Rule::PathTooLong { limit: MAX_PATH_LENGTH }));
        }
        Ok(())
    }

    pub(super) fn look_at_next(&mut self, candidate: Candidate) {
        if let Some(hop) = self.path.last_mut() {
            hop.next = candidate;
        }
    }

    /// Whether there is somebody of the right name.
    pub(super) fn has_candidate(&mut self) {
        if let Some(hop) = self.path.last_mut() {
            hop.had_candidates = true;
        }
    }

    /// Whether an anchor may have signed the last certificate of the path, as far as can be told before
    /// its signature is looked at.
    pub(super) fn anchor_may_sign(
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
    pub(super) fn served_may_sign(
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
    pub(super) fn last<'m>(&self, memory: &'m [u8]) -> Result<Stored<'m>, CertificateError> {
        match self.path.last() {
            Some(hop) => stored(memory, self.end, hop.at),
            None => Err(internal(self.served, "a signature of no certificate")),
        }
    }

    /// What the issuer of this certificate may have revoked.
    pub(super) fn revocable<'m>(
        &self,
        stored: &Stored<'m>,
        memory: &'m [u8],
    ) -> Result<Subject<'m>, CertificateError> {
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
            must_staple: is_leaf && extensions.must_staple().map_err(error)?,
            staple: if !is_leaf || staple.is_empty() { None } else { memory.get(staple) },
        })
    }

    /// Whether this name and key are on the path already: with them twice it would be longer, and prove no more.
    pub(super) fn holds(&self, issuer: &Certificate<'_>, memory: &[u8]) -> Result<bool, CertificateError> {
        self.path.iter().try_fold(false, |found, hop| {
            let other = stored(memory, self.end, hop.at)?.certificate;
            let same_key = other.public_key_info() == issuer.public_key_info();
            Ok(found || (same_key && other.subject().matches(&issuer.subject())))
        })
    }

    /// Asks about the names of the path: the leaf's, and those of every intermediate that is not
    /// self-issued (RFC 5280 §6.1.3 (b), (c)).
    pub(super) fn check_names(
        &mut self,
        constraints: &NameConstraints<'_>,
        memory: &[u8],
    ) -> Result<(), Rule> {
        for hop in &self.path {
            let below = stored(memory, self.end, hop.at).map_err(|error| error.rule)?.certificate;
            if hop.at == 0 || !below.is_self_issued() {
                constraints.check(ConstrainedNames::of(&below)?, &mut self.tally.comparisons)?;
            }
        }
        Ok(())
    }
}
