//! The link from a certificate to its issuer, and where it lies in memory.

use super::super::der::Der;
use super::super::name_constraints::{Comparisons, ConstrainedNames, NameConstraints};
use super::super::revocation::Subject;
use super::super::tally::Claim;
use super::super::{Certificate, CertificateError, CommonName, DistinguishedName, GeneralNames, Rule, oid};
use crate::crypto::{CryptoProvider, Digest, SignatureAlgorithm, Signed};
use ::der::Tag;
use core::cell::Cell;
use core::ops::Range;

/// What is kept of a certificate until its issuer's key is known.
#[derive(Debug)]
pub(super) struct Link {
    /// Which certificate it is of, in the order served.
    pub(super) index: u8,
    pub(super) subject: CommonName,
    pub(super) self_issued: bool,
    pub(super) algorithm: SignatureAlgorithm,
    signed: LinkSigned,
    /// In memory: the serial number.
    serial: Range<usize>,
    /// In memory: the issuer's Name, with tag and length.
    issuer: Range<usize>,
    /// In memory: the certificate's subjectAltName, where name constraints will ask about it. Empty for the leaf,
    /// which is there whole, and for those that have none.
    alt_names: Range<usize>,
    /// In memory: the signature.
    signature: Range<usize>,
    /// How many intermediates below the issuer are not self-issued: this certificate's too, if it
    /// is an intermediate.
    pub(super) below: u8,
    /// Whether the first intermediate, the leaf's issuer, is one whose names count.
    leaf_issuer_counts: bool,
    /// Where the leaf, and what was stapled to it, ends, and the names of the intermediates below begin.
    leaf_end: usize,
    /// Where those end and this link begins.
    names_end: usize,
    /// Where this link's memory ends: the next certificate goes there.
    pub(super) end: usize,
}

#[derive(Debug)]
enum LinkSigned {
    Digest(Digest),
    /// In memory: the message.
    Message(Range<usize>),
}

impl Link {
    pub(super) fn of_leaf<P: CryptoProvider>(
        leaf: &Certificate<'_>,
        staple_end: usize,
        memory: &[u8],
        provider: &mut P,
    ) -> Result<Self, CertificateError> {
        // Nothing is copied: the leaf stays where it is.
        let link = Self::of(0, leaf, memory, provider)?;
        let end = link.end.max(staple_end);
        Ok(Self { leaf_end: end, names_end: end, end, ..link })
    }

    /// The link of the served certificate behind this one, which turned out to be its issuer: it takes this
    /// one's place in memory.
    pub(super) fn followed_by<P: CryptoProvider>(
        &self,
        index: u8,
        issuer: &Certificate<'_>,
        memory: &[u8],
        provider: &mut P,
    ) -> Result<Self, CertificateError> {
        let counts = !issuer.is_self_issued();
        let mut link = Self::of(index, issuer, memory, provider)?;
        if counts && let Some(alt_names) = issuer.extensions().find(oid::SUBJECT_ALT_NAME) {
            link.alt_names = range_in(memory, alt_names.value)
                .ok_or_else(|| link.error(Rule::Internal("names outside of memory")))?;
        }
        link.below = self.below.saturating_add(u8::from(counts));
        link.leaf_issuer_counts = if self.index == 0 { counts } else { self.leaf_issuer_counts };
        link.leaf_end = self.leaf_end;
        link.names_end = self.names_end;
        Ok(link)
    }

    /// The link of a certificate, while it still lies whole in memory.
    #[inline(never)]
    fn of<P: CryptoProvider>(
        index: u8,
        certificate: &Certificate<'_>,
        memory: &[u8],
        provider: &mut P,
    ) -> Result<Self, CertificateError> {
        let refuse = |rule| CertificateError::of(index, certificate, rule);
        let place =
            |part| range_in(memory, part).ok_or_else(|| refuse(Rule::Internal("link outside of memory")));
        let algorithm = certificate.signature_algorithm().map_err(refuse)?;
        let digest = certificate.digest(algorithm, provider).map_err(|error| refuse(Rule::Crypto(error)))?;
        let signed = match digest {
            Some(digest) => LinkSigned::Digest(digest),
            None => LinkSigned::Message(place(certificate.to_be_signed())?),
        };
        let issuer = certificate.issuer_element().and_then(|issuer| range_in(memory, issuer));
        let end = certificate.as_der().len();
        Ok(Self {
            index,
            subject: certificate.subject().for_people(),
            self_issued: certificate.is_self_issued(),
            algorithm,
            signed,
            serial: place(certificate.serial())?,
            issuer: issuer.ok_or_else(|| refuse(Rule::Internal("issuer outside of memory")))?,
            alt_names: 0..0,
            signature: place(certificate.signature())?,
            below: 0,
            leaf_issuer_counts: false,
            leaf_end: end,
            names_end: end,
            end,
        })
    }

    /// Moves what must be kept down over what is done with. What stays of `below`, the link below, are the
    /// names of its issuer, which is the certificate of this one (if they count), and of its own
    /// subjectAltName. Each part moves towards the front, in the order in which the parts lie in
    /// memory, so none runs over another that is still to be moved.
    #[inline(never)]
    pub(super) fn compact(mut self, below: &Self, memory: &mut [u8]) -> Result<Self, CertificateError> {
        let mut kept = Kept { memory, end: self.names_end };
        match self.move_down(below, &mut kept) {
            Some(()) => {
                self.end = kept.end;
                Ok(self)
            }
            None => Err(self.error(Rule::Internal("link cannot be compacted"))),
        }
    }

    fn move_down(&mut self, below: &Self, kept: &mut Kept<'_>) -> Option<()> {
        // The leaf keeps its own names.
        if below.index > 0 {
            if self.below > below.below {
                kept.keep(&below.issuer)?;
            }
            if !below.alt_names.is_empty() {
                kept.keep(&below.alt_names)?;
            }
        }
        self.names_end = kept.end;
        let has_alt_names = !self.alt_names.is_empty();
        match &mut self.signed {
            LinkSigned::Digest(_) => {
                self.serial = kept.keep(&self.serial)?;
                self.issuer = kept.keep(&self.issuer)?;
                if has_alt_names {
                    self.alt_names = kept.keep(&self.alt_names)?;
                }
            }
            // The names lie inside of the message.
            LinkSigned::Message(message) => {
                let moved = kept.keep(message)?;
                let by = message.start.checked_sub(moved.start)?;
                let shift =
                    |part: &Range<usize>| Some(part.start.checked_sub(by)?..part.end.checked_sub(by)?);
                self.serial = shift(&self.serial)?;
                self.issuer = shift(&self.issuer)?;
                if has_alt_names {
                    self.alt_names = shift(&self.alt_names)?;
                }
                *message = moved;
            }
        }
        self.signature = kept.keep(&self.signature)?;
        Some(())
    }

    /// The name of the issuer.
    pub(super) fn issuer<'m>(&self, memory: &'m [u8]) -> DistinguishedName<'m> {
        let element = memory.get(self.issuer.clone()).and_then(|element| Der::new(element, "Name").ok());
        let contents = element.and_then(|mut element| element.expect(Tag::Sequence).ok());
        DistinguishedName::from_contents(contents.unwrap_or_default())
    }

    /// The signature that the issuer's key should have made.
    pub(super) fn claim<'l>(&'l self, memory: &'l [u8]) -> Claim<'l> {
        Claim {
            algorithm: self.algorithm,
            signed: match &self.signed {
                LinkSigned::Digest(digest) => Signed::Digest(digest),
                LinkSigned::Message(message) => {
                    Signed::Message(memory.get(message.clone()).unwrap_or_default())
                }
            },
            signature: memory.get(self.signature.clone()).unwrap_or_default(),
        }
    }

    fn leaf<'m>(&self, memory: &'m [u8]) -> Result<Certificate<'m>, Rule> {
        let mut elements = Der::new(memory.get(..self.leaf_end).unwrap_or_default(), "Certificate")?;
        Certificate::parse(elements.element(Tag::Sequence)?)
    }

    /// What the issuer may have revoked.
    pub(super) fn subject<'m>(&self, memory: &'m [u8], staple: &Range<usize>) -> Result<Subject<'m>, Rule> {
        let subject = Subject {
            serial: memory.get(self.serial.clone()).unwrap_or_default(),
            issuer: self.issuer(memory),
            is_leaf: false,
            is_authority: true,
            distribution_points: None,
            must_staple: false,
            staple: None,
        };
        if self.index > 0 {
            return Ok(subject);
        }
        let leaf = self.leaf(memory)?;
        let extensions = leaf.extensions();
        Ok(Subject {
            is_leaf: true,
            is_authority: extensions.basic_constraints()?.is_some_and(|basic| basic.authority),
            distribution_points: extensions.find(oid::CRL_DISTRIBUTION_POINTS).map(|points| points.value),
            must_staple: extensions.must_staple()?,
            staple: if staple.is_empty() { None } else { memory.get(staple.clone()) },
            ..subject
        })
    }

    /// Whether an authority with these constraints may be the issuer: asks about the names of the leaf and of
    /// every intermediate up to this certificate that is not self-issued (RFC 5280 §6.1.3 (b), (c)).
    #[inline(never)]
    pub(super) fn check_names(
        &self,
        constraints: &NameConstraints<'_>,
        budget: &mut Comparisons,
        memory: &[u8],
    ) -> Result<(), Rule> {
        let leaf = self.leaf(memory)?;
        constraints.check(ConstrainedNames::of(&leaf)?, budget)?;
        let mut check = |subject, alt_names: Option<&[u8]>| {
            let alt_names = alt_names.map(GeneralNames::parse).transpose()?;
            constraints.check(ConstrainedNames { subject, alt_names }, budget)
        };
        let nobody = DistinguishedName::from_contents(&[]);
        if self.leaf_issuer_counts {
            check(leaf.issuer(), None)?;
        }
        if !self.alt_names.is_empty() {
            check(nobody, memory.get(self.alt_names.clone()))?;
        }
        let mut rest = memory.get(self.leaf_end..self.names_end).unwrap_or_default();
        while !rest.is_empty() {
            let mut elements = Der::new(rest, "names below")?;
            let element = elements.element(Tag::Sequence)?;
            rest = rest.get(element.len()..).unwrap_or_default();
            let contents = Der::new(element, "names below")?.expect(Tag::Sequence)?;
            // The relative distinguished names of a Name are SETs, alternative names are tagged by context.
            match contents.first() {
                Some(0x31) => check(DistinguishedName::from_contents(contents), None)?,
                _ => check(nobody, Some(element))?,
            }
        }
        Ok(())
    }

    pub(super) fn bad_signature(&self, memory: &[u8]) -> CertificateError {
        self.error(Rule::BadSignature { issuer: self.issuer(memory).for_people() })
    }

    pub(super) fn error(&self, rule: Rule) -> CertificateError {
        CertificateError { index: self.index, subject: self.subject.clone(), rule }
    }
}

/// What is kept of memory, growing towards the back.
struct Kept<'m> {
    memory: &'m mut [u8],
    end: usize,
}

impl Kept<'_> {
    /// Moves a part to the end of what is kept. `None` if that would run over what is still to be kept.
    fn keep(&mut self, part: &Range<usize>) -> Option<Range<usize>> {
        let to = self.end;
        let end = to.checked_add(part.len())?;
        let by = part.start.checked_sub(to)?;
        let bytes = Cell::from_mut(self.memory.get_mut(to..part.end)?).as_slice_of_cells();
        for (to, from) in bytes.iter().zip(bytes.iter().skip(by)) {
            to.set(from.get());
        }
        self.end = end;
        Some(to..end)
    }
}

/// Where `part`, a slice of `whole`, lies in it. A part that is empty lies anywhere.
fn range_in(whole: &[u8], part: &[u8]) -> Option<Range<usize>> {
    let start = part.as_ptr().addr().checked_sub(whole.as_ptr().addr())?;
    let range = start..start.checked_add(part.len())?;
    (range.end <= whole.len()).then_some(range)
}
