//! The peer's certificates on their way from a Certificate message to its verifier: no side.

use super::certificate::{CertificateReader, Progress};
use super::context::refuse;
use crate::certificate::{CertificateError, ExpectedPeer, Next, PeerAuthenticated, PeerVerifier};
use crate::crypto::CryptoProvider;
use crate::error::inner::Error;

/// A chain that is being read and verified.
#[derive(Debug)]
pub(crate) struct PeerChain<W> {
    reader: CertificateReader,
    walk: W,
    step: Step,
    leaf_length: usize,
}

#[derive(Debug)]
enum Step {
    /// The next certificate goes to this offset of memory.
    Read { at: usize },
    /// A public-key operation is due.
    Work,
    /// Done; what still comes is skipped.
    Authenticated(PeerAuthenticated),
    /// The message is over, and had no certificate in it.
    Empty,
}

impl From<Next> for Step {
    fn from(next: Next) -> Self {
        match next {
            Next::Certificate { at } => Self::Read { at },
            Next::Work => Self::Work,
            Next::Authenticated(proof) => Self::Authenticated(proof),
        }
    }
}

/// What a Certificate message was, once it is over.
#[derive(Debug)]
pub(crate) enum Presented {
    /// It had no certificate in it: lawful from clients only.
    Nothing,
    Chain(Authenticated),
}

/// A chain whose end was read and whose verifier is satisfied.
#[derive(Debug)]
pub(crate) struct Authenticated {
    pub(crate) proof: PeerAuthenticated,
    /// The leaf lies at the front of memory.
    pub(crate) leaf_length: usize,
}

impl<W> PeerChain<W> {
    /// For a Certificate message whose body has `length` bytes, from a peer who was asked for a staple, or not.
    pub(crate) fn new(
        length: usize,
        verifier: &impl PeerVerifier<Walk = W>,
        asked_for_staple: bool,
    ) -> Result<Self, Error> {
        let (reader, walk) = (CertificateReader::new(length, asked_for_staple)?, verifier.begin());
        Ok(Self { reader, walk, step: Step::Read { at: 0 }, leaf_length: 0 })
    }

    /// Whether nothing more can be read before [`work`](Self::work).
    pub(crate) const fn needs_work(&self) -> bool {
        matches!(self.step, Step::Work)
    }

    /// Takes bytes of the message, until they are used up or work is due.
    #[inline(never)]
    pub(crate) fn read<P: CryptoProvider>(
        &mut self,
        bytes: &[u8],
        verifier: &impl PeerVerifier<Walk = W>,
        expected: &ExpectedPeer<'_>,
        provider: &mut P,
        refused: &mut Option<CertificateError>,
        memory: &mut [u8],
    ) -> Result<usize, Error> {
        let mut taken = 0usize;
        while !self.needs_work() {
            let at = match self.step {
                Step::Read { at } => Some(at),
                Step::Work | Step::Authenticated(_) | Step::Empty => None,
            };
            let rest = bytes.get(taken..).unwrap_or_default();
            let (used, progress) = self.reader.read(rest, memory, at)?;
            taken = taken.saturating_add(used);
            match progress {
                Progress::More => break,
                Progress::Certificate { length, staple } if at.is_some() => {
                    if self.reader.certificates() == 1 {
                        self.leaf_length = length;
                        if let Some(staple) = staple {
                            verifier.staple(&mut self.walk, length, staple);
                        }
                    }
                    let next = verifier.certificate(&mut self.walk, expected, provider, memory, length);
                    self.step = next.map_err(|reason| refuse(refused, reason))?.into();
                }
                Progress::Certificate { .. } => {}
                Progress::End => {
                    self.at_end(verifier, expected, refused, memory)?;
                    break;
                }
            }
        }
        Ok(taken)
    }

    /// The public-key operation that was due.
    #[inline(never)]
    pub(crate) fn work<P: CryptoProvider>(
        &mut self,
        verifier: &impl PeerVerifier<Walk = W>,
        expected: &ExpectedPeer<'_>,
        provider: &mut P,
        refused: &mut Option<CertificateError>,
        memory: &mut [u8],
    ) -> Result<(), Error> {
        let next = verifier.work(&mut self.walk, expected, provider, memory);
        self.step = next.map_err(|reason| refuse(refused, reason))?.into();
        // What was read while work was due may have been the last of the message: its end, or too early a one.
        self.read(&[], verifier, expected, provider, refused, memory).map(|_| ())
    }

    #[inline(never)]
    fn at_end(
        &mut self,
        verifier: &impl PeerVerifier<Walk = W>,
        expected: &ExpectedPeer<'_>,
        refused: &mut Option<CertificateError>,
        memory: &mut [u8],
    ) -> Result<(), Error> {
        // What becomes of it is a matter of sides (§4.4.2.4).
        if self.reader.certificates() == 0 {
            self.step = Step::Empty;
        }
        if let Step::Read { .. } = self.step {
            let next = verifier.end(&mut self.walk, expected, memory);
            self.step = match next.map_err(|reason| refuse(refused, reason))? {
                Next::Certificate { .. } => {
                    return Err(Error::Internal("peer chain: more wanted after its end"));
                }
                next => next.into(),
            };
        }
        Ok(())
    }

    /// The proof, once the message is over and the verifier satisfied; the chain itself before that.
    pub(crate) fn finish(self) -> Result<Presented, Self> {
        match self.step {
            Step::Authenticated(proof) if self.reader.is_at_end() => {
                Ok(Presented::Chain(Authenticated { proof, leaf_length: self.leaf_length }))
            }
            Step::Empty => Ok(Presented::Nothing),
            _ => Err(self),
        }
    }
}
