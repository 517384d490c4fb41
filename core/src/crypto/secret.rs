//! Fixed-size values: digests, which are public, and secrets, which are wiped on drop and never
//! printed.

use super::CryptoError;
use core::fmt;
use subtle::{Choice, ConstantTimeEq};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Longest digest of a hash that this crate knows (SHA-512).
const MAX_DIGEST: usize = 64;
/// Longest secret of the key schedule: one digest of the largest suite hash (SHA-384), kept at
/// 64 to serve HMAC with SHA-512 as well.
const MAX_SECRET: usize = 64;

/// A digest: up to 64 bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Digest {
    bytes: [u8; MAX_DIGEST],
    length: u8,
}

impl Digest {
    /// Takes a digest of at most 64 bytes; anything longer is [`CryptoError::Unsupported`].
    pub fn new(digest: &[u8]) -> Result<Self, CryptoError> {
        let mut bytes = [0; MAX_DIGEST];
        let room = bytes.get_mut(..digest.len()).ok_or(CryptoError::Unsupported)?;
        room.copy_from_slice(digest);
        let length = u8::try_from(digest.len()).map_err(|_| CryptoError::Unsupported)?;
        Ok(Self { bytes, length })
    }

    /// The bytes of the digest.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or(&[])
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(")?;
        for byte in self.as_bytes() {
            write!(f, "{byte:02x}")?;
        }
        f.write_str(")")
    }
}

/// A secret of up to 64 bytes. Wiped on drop; compared in constant time; `Debug` prints its
/// length alone. It is written in place ([`Secret::set`]) so that no copy stays on the stack.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Secret {
    bytes: [u8; MAX_SECRET],
    length: u8,
}

/// The result of a key exchange, of at most 64 bytes.
pub type SharedSecret = Secret;

impl Secret {
    /// An empty secret, to be written over.
    pub const fn empty() -> Self {
        Self { bytes: [0; MAX_SECRET], length: 0 }
    }

    /// Overwrites the secret. Longer than 64 bytes is [`CryptoError::Unsupported`].
    pub fn set(&mut self, secret: &[u8]) -> Result<(), CryptoError> {
        self.bytes.zeroize();
        self.length = 0;
        let length = u8::try_from(secret.len()).map_err(|_| CryptoError::Unsupported)?;
        let room = self.bytes.get_mut(..secret.len()).ok_or(CryptoError::Unsupported)?;
        room.copy_from_slice(secret);
        self.length = length;
        Ok(())
    }

    /// The bytes: to be handed to a primitive, never to a log.
    pub fn expose(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or(&[])
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Shortens to `length` bytes, wiping the rest.
    pub fn truncate(&mut self, length: usize) {
        if let (Ok(short), Some(rest)) = (u8::try_from(length), self.bytes.get_mut(length..)) {
            rest.zeroize();
            self.length = self.length.min(short);
        }
    }
}

impl ConstantTimeEq for Secret {
    /// Lengths are public; the bytes are compared without an early return.
    fn ct_eq(&self, other: &Self) -> Choice {
        self.expose().ct_eq(other.expose())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({} bytes)", self.length)
    }
}
