//! The software provider, with the verifiers in the order that `-verify-prefs` asks for.

use ferrule::crypto::software::{Aead, KeyExchange, Sha2, Verifier};
use ferrule::crypto::{
    Composed, CryptoError, PublicKey, SignatureAlgorithm, SignatureScheme, Signed, Verifiers,
};
use ferrule_std::OsRandom;
use std::sync::OnceLock;

/// A provider's schemes are its type's; a program that is told them by a flag keeps them here.
static PREFERRED: OnceLock<Vec<SignatureScheme>> = OnceLock::new();

/// The schemes of all connections; none: all that there are.
pub(crate) fn prefer(schemes: Vec<SignatureScheme>) {
    let _ = PREFERRED.set(schemes);
}

#[derive(Debug, Default)]
pub(crate) struct Preferring(Verifier);

impl Verifiers for Preferring {
    fn schemes() -> impl Iterator<Item = SignatureScheme> {
        let preferred = PREFERRED.get().map(Vec::as_slice).unwrap_or_default();
        let all = preferred.is_empty();
        preferred.iter().copied().chain(Verifier::schemes().filter(move |_| all))
    }

    fn verify(
        &mut self,
        key: &PublicKey<'_>,
        algorithm: SignatureAlgorithm,
        signed: Signed<'_>,
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        self.0.verify(key, algorithm, signed, signature)
    }
}

pub(crate) type Provider = Composed<OsRandom, Sha2, Aead, KeyExchange, Preferring>;

pub(crate) fn provider() -> Provider {
    Composed {
        random: OsRandom,
        hashes: Sha2::default(),
        aeads: Aead::default(),
        key_exchanges: KeyExchange::default(),
        verifiers: Preferring::default(),
    }
}
