//! Ephemeral key exchange: X25519 (RFC 7748) and ECDH on P-256 (RFC 8446 §7.4.2).

use super::super::{CryptoError, KeyExchanges, MAX_KEY_SHARE, NamedGroup, Random, SharedSecret};
use core::fmt;
use p256::elliptic_curve::sec1::ToSec1Point;
use p256::{FieldBytes, NonZeroScalar, PublicKey};
use subtle::ConstantTimeEq;
use x25519_dalek::{X25519_BASEPOINT_BYTES, x25519};
use zeroize::Zeroizing;

/// Key exchange on Curve25519 (RFC 7748 §6.1). A share is 32 bytes (RFC 8446 §4.2.8.2).
#[derive(Debug, Clone, Copy, Default)]
pub struct X25519;

/// An ephemeral private key on Curve25519. Wiped on drop.
pub struct X25519Private(Zeroizing<[u8; 32]>);

impl KeyExchanges for X25519 {
    type Private = X25519Private;

    fn groups() -> impl Iterator<Item = NamedGroup> {
        [NamedGroup::X25519].into_iter()
    }

    fn start<R: Random>(
        &mut self,
        group: NamedGroup,
        random: &mut R,
        share: &mut [u8; MAX_KEY_SHARE],
    ) -> Result<(X25519Private, usize), CryptoError> {
        if group != NamedGroup::X25519 {
            return Err(CryptoError::Unsupported);
        }
        let mut private = X25519Private(Zeroizing::new([0; 32]));
        random.fill(private.0.as_mut_slice())?;
        // The ladder, not the Edwards comb, here too: a firmware links one multiplication.
        let length = write_share(share, &x25519(*private.0, X25519_BASEPOINT_BYTES))?;
        Ok((private, length))
    }

    fn finish(
        &mut self,
        private: &X25519Private,
        peer_share: &[u8],
        shared: &mut SharedSecret,
    ) -> Result<(), CryptoError> {
        let peer_share = peer_share.try_into().map_err(|_| CryptoError::InvalidKeyShare)?;
        let secret = Zeroizing::new(x25519(*private.0, peer_share));
        // RFC 8446 §7.4.2: "implementations MUST check whether the computed Diffie-Hellman
        // shared secret is the all-zero value and abort if so". In constant time, since the
        // secret of an honest peer goes through here as well (RFC 7748 §6.1).
        if bool::from(secret.ct_eq(&[0; 32])) {
            return Err(CryptoError::InvalidKeyShare);
        }
        shared.set(secret.as_slice())
    }
}

/// ECDH on P-256 (SEC 1 §3.3.1). A share is an uncompressed point of 65 bytes
/// (RFC 8446 §4.2.8.2).
#[derive(Debug, Clone, Copy, Default)]
pub struct Secp256r1;

/// An ephemeral private key on P-256. Wiped on drop.
pub struct Secp256r1Private(Zeroizing<NonZeroScalar>);

/// How many scalars are drawn before the random source is called broken. One in 2^32 is out of
/// range, so a sound source fails here once in 2^128.
const DRAWS: usize = 4;

impl KeyExchanges for Secp256r1 {
    type Private = Secp256r1Private;

    fn groups() -> impl Iterator<Item = NamedGroup> {
        [NamedGroup::SECP256R1].into_iter()
    }

    fn start<R: Random>(
        &mut self,
        group: NamedGroup,
        random: &mut R,
        share: &mut [u8; MAX_KEY_SHARE],
    ) -> Result<(Secp256r1Private, usize), CryptoError> {
        if group != NamedGroup::SECP256R1 {
            return Err(CryptoError::Unsupported);
        }
        let private = Secp256r1Private(draw_scalar(random)?);
        let public = PublicKey::from_secret_scalar(&private.0).to_sec1_point(false);
        let length = write_share(share, public.as_bytes())?;
        Ok((private, length))
    }

    fn finish(
        &mut self,
        private: &Secp256r1Private,
        peer_share: &[u8],
        shared: &mut SharedSecret,
    ) -> Result<(), CryptoError> {
        let peer = uncompressed_point(peer_share).ok_or(CryptoError::InvalidKeyShare)?;
        let secret = p256::ecdh::diffie_hellman(&*private.0, peer.as_affine());
        shared.set(secret.raw_secret_bytes())
    }
}

/// Reads a point in the one form that TLS 1.3 and our certificates allow: 65 bytes, beginning
/// with 4 (SEC 1 §2.3.4). `None` for another form or length, and for a point that is not on the
/// curve. The identity has no such form.
pub(super) fn uncompressed_point(bytes: &[u8]) -> Option<PublicKey> {
    match bytes {
        [4, coordinates @ ..] if coordinates.len() == 64 => PublicKey::from_sec1_bytes(bytes).ok(),
        _ => None,
    }
}

/// A uniform scalar between 1 and the order less 1, by rejection (FIPS 186-5 §A.2.2).
fn draw_scalar<R: Random>(random: &mut R) -> Result<Zeroizing<NonZeroScalar>, CryptoError> {
    let mut drawn = Zeroizing::new(FieldBytes::default());
    for _ in 0..DRAWS {
        random.fill(&mut drawn)?;
        if let Some(scalar) = NonZeroScalar::from_repr(*drawn).into_option() {
            return Ok(Zeroizing::new(scalar));
        }
    }
    Err(CryptoError::NoRandomness)
}

fn write_share(share: &mut [u8; MAX_KEY_SHARE], public: &[u8]) -> Result<usize, CryptoError> {
    share.get_mut(..public.len()).ok_or(CryptoError::Unsupported)?.copy_from_slice(public);
    Ok(public.len())
}

impl fmt::Debug for X25519Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("X25519Private")
    }
}

impl fmt::Debug for Secp256r1Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secp256r1Private")
    }
}
