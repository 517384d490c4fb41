//! SHA-2 (FIPS 180-4) and HMAC over it (RFC 2104).

use super::super::{CryptoError, Digest, HashAlgorithm, Hashes, Secret};
use core::fmt;
use hmac::digest::FixedOutput;
use hmac::{Hmac, KeyInit, Mac};
use zeroize::Zeroizing;

/// A hash under way: its chaining value and at most one block of input. Wiped on drop, since
/// HMAC and pre-shared keys put secrets through it.
pub struct Running<D>(D);

impl<D> fmt::Debug for Running<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Running")
    }
}

macro_rules! hash_part {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default)]
        pub struct $name;

        impl Hashes for $name {
            type Running = Running<sha2::$name>;

            fn algorithms() -> impl Iterator<Item = HashAlgorithm> {
                [HashAlgorithm::$name].into_iter()
            }
            fn start(&mut self, algorithm: HashAlgorithm) -> Result<Self::Running, CryptoError> {
                if algorithm != HashAlgorithm::$name {
                    return Err(CryptoError::Unsupported);
                }
                Ok(Running(<sha2::$name as sha2::Digest>::new()))
            }
            fn update(&mut self, running: &mut Self::Running, data: &[u8]) -> Result<(), CryptoError> {
                sha2::Digest::update(&mut running.0, data);
                Ok(())
            }
            fn snapshot(&mut self, running: &Self::Running) -> Result<Digest, CryptoError> {
                Digest::new(&sha2::Digest::finalize(running.0.clone()))
            }
            fn hmac(
                &mut self,
                algorithm: HashAlgorithm,
                key: &[u8],
                parts: &[&[u8]],
                out: &mut Secret,
            ) -> Result<(), CryptoError> {
                if algorithm != HashAlgorithm::$name {
                    return Err(CryptoError::Unsupported);
                }
                hmac::<Hmac<sha2::$name>>(key, parts, out)
            }
        }
    };
}

hash_part! {
    /// SHA-256 (FIPS 180-4 §6.2).
    Sha256
}
hash_part! {
    /// SHA-384 (FIPS 180-4 §6.5).
    Sha384
}
hash_part! {
    /// SHA-512 (FIPS 180-4 §6.4).
    Sha512
}

fn hmac<M: Mac + KeyInit + FixedOutput>(
    key: &[u8],
    parts: &[&[u8]],
    out: &mut Secret,
) -> Result<(), CryptoError> {
    // No key length is refused: RFC 2104 §2 hashes a key longer than a block.
    let mut mac = <M as KeyInit>::new_from_slice(key).map_err(|_| CryptoError::Unsupported)?;
    for part in parts {
        Mac::update(&mut mac, part);
    }
    // In the key schedule an HMAC is a secret; no copy of it may stay on the stack.
    let mut code = Zeroizing::new(hmac::digest::Output::<M>::default());
    mac.finalize_into(&mut code);
    out.set(&code)
}
