//! The provider in software: RustCrypto's primitives behind our traits.
//!
//! | part of a provider | alone | together |
//! |---|---|---|
//! | [`Hashes`](super::Hashes) | [`Sha256`], [`Sha384`], [`Sha512`] | [`Sha2`] |
//! | [`Aeads`](super::Aeads) | [`Aes128Gcm`], [`Aes256Gcm`], [`ChaCha20Poly1305`] | [`Aead`] |
//! | [`KeyExchanges`](super::KeyExchanges) | [`X25519`], [`Secp256r1`], `Secp384r1` | [`KeyExchange`] |
//! | [`Verifiers`](super::Verifiers) | [`EcdsaP256`], `EcdsaP384` or [`CompactEcdsaP384`], [`Ed25519`], [`Rsa`] | [`Verifier`] |
//!
//! Each part is a value without content and stands alone: a firmware that names [`Aes128Gcm`] as
//! its AEADs links no other cipher. [`provider`] is the whole of it, in the order of preference
//! in which it is offered. The parts on P-384 need the feature `p384`, on by default: they cost some
//! 17 kB of flash on a Cortex-M4F. [`CompactEcdsaP384`] needs no feature, and 4 kB beside [`Rsa`]: a firmware that
//! verifies the public web's chains names it. [`signing`] holds private keys for those who keep them in software;
//! the protocol itself never calls one.

mod aead;
mod compact_p384;
mod ecdsa;
mod ed25519;
mod hash;
mod key_exchange;
mod montgomery;
#[cfg(feature = "p384")]
mod p384;
mod rsa;
pub mod signing;

pub use aead::{Aes128Gcm, Aes256Gcm, ChaCha20Poly1305, CipherKey};
pub use compact_p384::CompactEcdsaP384;
pub use ecdsa::EcdsaP256;
pub use ed25519::Ed25519;
pub use hash::{Running, Sha256, Sha384, Sha512};
pub use key_exchange::{Secp256r1, Secp256r1Private, X25519, X25519Private};
#[cfg(feature = "p384")]
pub use p384::{EcdsaP384, Secp384r1, Secp384r1Private};
pub use rsa::Rsa;

use super::{Composed, Or, Random};

/// The hashes of this provider.
pub type Sha2 = Or<Sha256, Or<Sha384, Sha512>>;
/// The AEAD ciphers of this provider.
pub type Aead = Or<Aes128Gcm, Or<Aes256Gcm, ChaCha20Poly1305>>;
/// The key exchanges of this provider.
#[cfg(feature = "p384")]
pub type KeyExchange = Or<X25519, Or<Secp256r1, Secp384r1>>;
/// The key exchanges of this provider.
#[cfg(not(feature = "p384"))]
pub type KeyExchange = Or<X25519, Secp256r1>;
/// The signature verifiers of this provider.
#[cfg(feature = "p384")]
pub type Verifier = Or<EcdsaP256, Or<EcdsaP384, Or<Ed25519, Rsa>>>;
/// The signature verifiers of this provider.
#[cfg(not(feature = "p384"))]
pub type Verifier = Or<EcdsaP256, Or<Ed25519, Rsa>>;

/// All primitives of this module over a random source.
pub type Provider<R> = Composed<R, Sha2, Aead, KeyExchange, Verifier>;

/// All primitives of this module over `random`.
pub fn provider<R: Random>(random: R) -> Provider<R> {
    Composed {
        random,
        hashes: Sha2::default(),
        aeads: Aead::default(),
        key_exchanges: KeyExchange::default(),
        verifiers: Verifier::default(),
    }
}
