//! The link from a certificate to its issuer, and where it lies in memory.

use super::super::{Certificate, CertificateError, CommonName, DistinguishedName, Rule};
use crate::crypto::{CryptoProvider, Digest, Hashes, PublicKey, SignatureAlgorithm};
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
    pub(super) signed: LinkSigned,
    /// In memory: the contents of the issuer's name.
    pub(super) issuer: Range<usize>,
    /// In memory: the signature.
    pub(super) signature: Range<usize>,
    /// How many intermediates below the issuer are not self-issued: this certificate's too, if it
    /// is an intermediate.
    pub(super) below: u8,
    /// Where the leaf ends and the links' memory begins.
    pub(super) leaf_end: usize,
    /// Where this link's memory ends: the next certificate goes there.
    pub(super) end: usize,
}

#[derive(Debug)]
pub(super) enum LinkSigned {
    Digest(Digest),
    /// In memory: the message.
    Message(Range<usize>),
}

impl Link {
    pub(super) fn of_leaf<P: CryptoProvider>(
        leaf: &Certificate<'_>,
        memory: &[u8],
        provider: &mut P,
    ) -> Result<Self, CertificateError> {
        // Nothing is copied: the leaf stays where it is.
        Self::of(0, leaf, memory, leaf.as_der().len(), 0, provider)
    }

    /// The link of a certificate, while it still lies whole in memory.
    #[inline(never)]
    pub(super) fn of<P: CryptoProvider>(
        index: u8,
        certificate: &Certificate<'_>,
        memory: &[u8],
        leaf_end: usize,
        below: u8,
        provider: &mut P,
    ) -> Result<Self, CertificateError> {
        let refuse = |rule| CertificateError::of(index, certificate, rule);
        let place =
            |part| range_in(memory, part).ok_or_else(|| refuse(Rule::Internal("link outside of memory")));
        let algorithm = certificate.signature_algorithm().map_err(refuse)?;
        let signed = match algorithm.hash() {
            Some(hash) => {
                let mut digest = || {
                    let hashes = provider.hashes();
                    let mut running = hashes.start(hash)?;
                    hashes.update(&mut running, certificate.to_be_signed())?;
                    hashes.snapshot(&running)
                };
                LinkSigned::Digest(digest().map_err(|error| refuse(Rule::Crypto(error)))?)
            }
            None => LinkSigned::Message(place(certificate.to_be_signed())?),
        };
        Ok(Self {
            index,
            subject: certificate.subject().for_people(),
            self_issued: certificate.is_self_issued(),
            algorithm,
            signed,
            issuer: place(certificate.issuer().as_contents())?,
            signature: place(certificate.signature())?,
            below,
            leaf_end,
            end: leaf_end,
        })
    }

    /// Moves what must be kept down to the end of the leaf, over the link below, which is done with.
    /// Each part moves towards the front, in the order in which the parts lie in the certificate,
    /// so none runs over another that is still to be moved.
    #[inline(never)]
    pub(super) fn compact(mut self, memory: &mut [u8]) -> Result<Self, CertificateError> {
        let mut end = self.leaf_end;
        let mut keep = |part: &Range<usize>| {
            let to = end;
            end = to.checked_add(part.len())?;
            // A part that lay before its new place would run over another.
            let by = part.start.checked_sub(to)?;
            let bytes = Cell::from_mut(memory.get_mut(to..part.end)?).as_slice_of_cells();
            for (to, from) in bytes.iter().zip(bytes.iter().skip(by)) {
                to.set(from.get());
            }
            Some(to..end)
        };
        let moved = match &mut self.signed {
            LinkSigned::Digest(_) => {
                keep(&self.issuer).and_then(|issuer| Some((issuer, keep(&self.signature)?)))
            }
            // The issuer's name lies inside of the message.
            LinkSigned::Message(message) => keep(message).and_then(|moved| {
                let by = message.start.checked_sub(moved.start)?;
                let issuer = self.issuer.start.checked_sub(by)?..self.issuer.end.checked_sub(by)?;
                *message = moved;
                Some((issuer, keep(&self.signature)?))
            }),
        };
        match moved {
            Some((issuer, signature)) => {
                (self.issuer, self.signature, self.end) = (issuer, signature, end);
                Ok(self)
            }
            None => Err(self.error(Rule::Internal("link cannot be compacted"))),
        }
    }

    pub(super) fn issuer<'m>(&self, memory: &'m [u8]) -> DistinguishedName<'m> {
        DistinguishedName::from_contents(memory.get(self.issuer.clone()).unwrap_or_default())
    }

    pub(super) fn error(&self, rule: Rule) -> CertificateError {
        CertificateError { index: self.index, subject: self.subject.clone(), rule }
    }
}

/// Whether a key of this kind makes signatures of this algorithm: decided before any work is done.
pub(super) const fn fits(algorithm: SignatureAlgorithm, key: &PublicKey<'_>) -> bool {
    matches!(
        (algorithm, key),
        (SignatureAlgorithm::Ecdsa(_), PublicKey::P256(_) | PublicKey::P384(_))
            | (SignatureAlgorithm::RsaPkcs1(_) | SignatureAlgorithm::RsaPss(_), PublicKey::Rsa { .. })
            | (SignatureAlgorithm::Ed25519, PublicKey::Ed25519(_))
    )
}

/// Where `part`, a slice of `whole`, lies in it. A part that is empty lies anywhere.
fn range_in(whole: &[u8], part: &[u8]) -> Option<Range<usize>> {
    let start = part.as_ptr().addr().checked_sub(whole.as_ptr().addr())?;
    let range = start..start.checked_add(part.len())?;
    (range.end <= whole.len()).then_some(range)
}
