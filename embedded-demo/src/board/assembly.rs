//! P-256 in assembly for Cortex-M4 (`p256-cortex-m4`), as two parts of a provider.

use core::fmt;
use der::asn1::UintRef;
use der::{Decode, Reader, SliceReader};
use ferrule::crypto::{
    CryptoError, KeyExchanges, MAX_KEY_SHARE, NamedGroup, PublicKey, Random, SharedSecret,
    SignatureAlgorithm, SignatureScheme, Signed, Verifiers,
};
use p256_cortex_m4 as p256;
use zeroize::{Zeroize, Zeroizing};

/// ECDH on P-256 (RFC 8446 §7.4.2).
#[derive(Debug, Clone, Copy, Default)]
pub struct Secp256r1;

/// An ephemeral private key on P-256. Wiped on drop.
pub struct Private(p256::SecretKey);

impl Drop for Private {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Private")
    }
}

/// How many scalars are drawn before the random source is called broken: one in 2^32 is out of range.
const DRAWS: usize = 4;

impl KeyExchanges for Secp256r1 {
    type Private = Private;

    fn groups() -> impl Iterator<Item = NamedGroup> {
        [NamedGroup::SECP256R1].into_iter()
    }

    fn start<R: Random>(
        &mut self,
        group: NamedGroup,
        random: &mut R,
        share: &mut [u8; MAX_KEY_SHARE],
    ) -> Result<(Private, usize), CryptoError> {
        if group != NamedGroup::SECP256R1 {
            return Err(CryptoError::Unsupported);
        }
        let mut drawn = Zeroizing::new([0; 32]);
        for _ in 0..DRAWS {
            random.fill(drawn.as_mut_slice())?;
            if let Ok(private) = p256::SecretKey::from_bytes(drawn.as_slice()).map(Private) {
                let public = private.0.public_key().to_uncompressed_sec1_bytes();
                share.get_mut(..public.len()).ok_or(CryptoError::Unsupported)?.copy_from_slice(&public);
                return Ok((private, public.len()));
            }
        }
        Err(CryptoError::NoRandomness)
    }

    fn finish(
        &mut self,
        private: &Private,
        peer_share: &[u8],
        shared: &mut SharedSecret,
    ) -> Result<(), CryptoError> {
        let peer = uncompressed_point(peer_share).ok_or(CryptoError::InvalidKeyShare)?;
        let mut secret = private.0.agree(&peer);
        let outcome = shared.set(secret.as_bytes());
        secret.zeroize();
        outcome
    }
}

/// ECDSA on P-256 (FIPS 186-5 §6.4.2), as [`EcdsaP256`](ferrule::crypto::software::EcdsaP256).
#[derive(Debug, Clone, Copy, Default)]
pub struct EcdsaP256;

impl Verifiers for EcdsaP256 {
    fn schemes() -> impl Iterator<Item = SignatureScheme> {
        [SignatureScheme::ECDSA_SECP256R1_SHA256].into_iter()
    }

    fn verify(
        &mut self,
        key: &PublicKey<'_>,
        algorithm: SignatureAlgorithm,
        signed: Signed<'_>,
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        let (PublicKey::P256(point), SignatureAlgorithm::Ecdsa(hash), Signed::Digest(digest)) =
            (key, algorithm, signed)
        else {
            return Err(CryptoError::Unsupported);
        };
        if digest.as_bytes().len() != hash.length() {
            return Err(CryptoError::Unsupported);
        }
        let key = uncompressed_point(point).ok_or(CryptoError::InvalidPublicKey)?;
        let signature = parse_signature(signature).ok_or(CryptoError::BadSignature)?;
        if key.verify_prehashed(digest.as_bytes(), &signature) {
            Ok(())
        } else {
            Err(CryptoError::BadSignature)
        }
    }
}

/// 65 bytes that begin with 4 (SEC 1 §2.3.3); `None` for another form, and for a point that is not on the
/// curve.
#[inline(never)]
fn uncompressed_point(bytes: &[u8]) -> Option<p256::PublicKey> {
    match bytes {
        [4, ..] if bytes.len() == 65 => p256::PublicKey::from_sec1_bytes(bytes).ok(),
        _ => None,
    }
}

/// The DER of RFC 3279 §2.2.3. That r and s are in range is checked by the verification.
#[inline(never)]
fn parse_signature(der: &[u8]) -> Option<p256::Signature> {
    let mut reader = SliceReader::new(der).ok()?;
    let parts: Option<[u8; 64]> = reader
        .sequence(|sequence| -> der::Result<_> {
            let (r, s) = (UintRef::decode(sequence)?, UintRef::decode(sequence)?);
            let mut parts = [0; 64];
            let (front, back) = parts.split_at_mut(32);
            Ok((put(front, r.as_bytes()).and(put(back, s.as_bytes()))).map(|()| parts))
        })
        .ok()?;
    reader.finish().ok()?;
    p256::Signature::from_untagged_bytes(&parts?).ok()
}

/// Right-aligned, as numbers are.
fn put(room: &mut [u8], number: &[u8]) -> Option<()> {
    let start = room.len().checked_sub(number.len())?;
    room.get_mut(start..)?.copy_from_slice(number);
    Some(())
}
