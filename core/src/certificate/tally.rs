//! What every walk up to an anchor keeps: how much it has cost so far, and the most useful answer
//! should it end nowhere.

use super::name_constraints::Comparisons;
use super::{CertificateError, Rule};
use crate::crypto::{
    CryptoError, CryptoProvider, Digest, Hashes, PublicKey, SignatureAlgorithm, Signed, Verifiers,
};

/// The work budget of one chain, and its best failure yet.
#[derive(Debug)]
pub(super) struct Tally {
    signature_checks: usize,
    limit: usize,
    pub(super) comparisons: Comparisons,
    failure: Option<CertificateError>,
}

/// One signature to be checked.
pub(super) struct Claim<'a> {
    pub(super) algorithm: SignatureAlgorithm,
    pub(super) signed: Signed<'a>,
    pub(super) signature: &'a [u8],
}

impl Tally {
    /// For at most `limit` signature checks.
    pub(super) const fn new(limit: usize) -> Self {
        Self { signature_checks: 0, limit, comparisons: Comparisons::new(), failure: None }
    }

    /// Whether `key` made the signature: one public-key operation. Only what is wrong with this key is
    /// a no, and remembered under the name that `blame` gives it; what is wrong with us ends the walk.
    #[inline(never)]
    pub(super) fn verify<P: CryptoProvider>(
        &mut self,
        key: &PublicKey<'_>,
        claim: &Claim<'_>,
        provider: &mut P,
        blame: impl Fn(Option<Rule>) -> CertificateError,
    ) -> Result<bool, CertificateError> {
        if self.signature_checks >= self.limit {
            return Err(blame(Some(Rule::TooManySignatureChecks { limit: self.limit })));
        }
        self.signature_checks = self.signature_checks.saturating_add(1);
        match provider.verifiers().verify(key, claim.algorithm, claim.signed, claim.signature) {
            Ok(()) => Ok(true),
            Err(CryptoError::BadSignature | CryptoError::InvalidPublicKey) => {
                self.remember(blame(None));
                Ok(false)
            }
            Err(error @ CryptoError::Unsupported) => {
                self.remember(blame(Some(Rule::Crypto(error))));
                Ok(false)
            }
            Err(error) => Err(blame(Some(Rule::Crypto(error)))),
        }
    }

    /// Keeps the first failure, except that a rule which an issuer broke says more than a signature
    /// that some key did not make.
    #[inline(never)]
    pub(super) fn remember(&mut self, failure: CertificateError) {
        let better = match &self.failure {
            None => true,
            Some(known) => is_rule_of_an_issuer(&failure.rule) && !is_rule_of_an_issuer(&known.rule),
        };
        if better {
            self.failure = Some(failure);
        }
    }

    /// Another key of the same name turned out to be the right one: those that were not are no news.
    pub(super) fn forget_other_keys(&mut self) {
        self.failure.take_if(|failure| !is_rule_of_an_issuer(&failure.rule));
    }

    /// The answer of a walk that ended nowhere.
    pub(super) fn take_failure(&mut self) -> Option<CertificateError> {
        self.failure.take()
    }
}

const fn is_rule_of_an_issuer(rule: &Rule) -> bool {
    !matches!(rule, Rule::BadSignature { .. })
}

/// The digest that a signature of this algorithm is over; `None` for one that signs the message itself.
pub(super) fn digest<P: CryptoProvider>(
    algorithm: SignatureAlgorithm,
    message: &[u8],
    provider: &mut P,
) -> Result<Option<Digest>, CryptoError> {
    let Some(hash) = algorithm.hash() else {
        return Ok(None);
    };
    let hashes = provider.hashes();
    let mut running = hashes.start(hash)?;
    hashes.update(&mut running, message)?;
    hashes.snapshot(&running).map(Some)
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
