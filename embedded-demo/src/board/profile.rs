//! The cryptography of the programs: one suite, one group, one kind of signature; for chains of the public web, all
//! kinds that are in those. What is not named here is not linked.

#[cfg(feature = "public")]
use ferrule::crypto::Or;
use ferrule::crypto::{Composed, CryptoError, Random, software};

#[cfg(feature = "assembly")]
use super::assembly::EcdsaP256;
#[cfg(not(feature = "assembly"))]
use ferrule::crypto::software::EcdsaP256;

#[cfg(feature = "x25519")]
type KeyExchange = software::X25519;
#[cfg(all(feature = "assembly", not(feature = "x25519")))]
type KeyExchange = super::assembly::Secp256r1;
#[cfg(not(any(feature = "assembly", feature = "x25519")))]
type KeyExchange = software::Secp256r1;

#[cfg(not(feature = "chacha20"))]
type Aead = software::Aes128Gcm;
#[cfg(feature = "chacha20")]
type Aead = software::ChaCha20Poly1305;

#[cfg(not(feature = "public"))]
type Hashes = software::Sha256;
#[cfg(not(feature = "public"))]
type Verifier = EcdsaP256;

/// Authorities on P-384 sign with SHA-384.
#[cfg(feature = "public")]
type Hashes = Or<software::Sha256, software::Sha384>;
#[cfg(feature = "public")]
type Verifier = Or<EcdsaP256, Or<P384, software::Rsa>>;

/// A third of the flash of the general curve, which does no more for a board that only verifies.
#[cfg(all(feature = "public", not(feature = "general-p384"), not(feature = "no-p384")))]
type P384 = software::CompactEcdsaP384;
#[cfg(all(feature = "public", feature = "general-p384"))]
type P384 = software::EcdsaP384;
/// What is there already: this is for measuring what the other two add.
#[cfg(all(feature = "public", feature = "no-p384"))]
type P384 = EcdsaP256;

/// What the programs negotiate with.
pub type Provider = Composed<NotRandom, Hashes, Aead, KeyExchange, Verifier>;

/// The provider.
pub fn provider() -> Provider {
    Composed {
        random: NotRandom::new(),
        hashes: Hashes::default(),
        aeads: Aead::default(),
        key_exchanges: KeyExchange::default(),
        verifiers: Verifier::default(),
    }
}

/// A stand-in for a random source: the emulated board has none. **Not random at all**: the same numbers after
/// every start, so whoever knows this program reads its connections. A real board has a generator in
/// hardware; its driver goes here.
#[derive(Debug)]
pub struct NotRandom(u64);

impl NotRandom {
    /// What must be said whenever it is used.
    pub const WARNING: &str =
        "WARNING: no random source on an emulated board; keys are predictable (NotRandom)\n";

    const fn new() -> Self {
        Self(0x9e37_79b9_7f4a_7c15)
    }
}

impl Random for NotRandom {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), CryptoError> {
        for byte in out {
            // xorshift64*: good to look at, worthless as a secret.
            self.0 ^= self.0 >> 12;
            self.0 ^= self.0 << 25;
            self.0 ^= self.0 >> 27;
            *byte = (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 56) as u8;
        }
        Ok(())
    }
}
