//! Ephemeral key exchange: X25519 (RFC 7748) and ECDH on P-256 (RFC 8446 §7.4.2).

use super::super::{CryptoError, KeyExchanges, MAX_KEY_SHARE, NamedGroup, Random, SharedSecret};
use core::fmt;
use p256::elliptic_curve::sec1::{FromSec1Point, ToSec1Point};
use p256::{FieldBytes, NonZeroScalar, PublicKey, Sec1Point};
use subtle::ConstantTimeEq;
use x25519_dalek::x25519;
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
        let length = write_share(share, &x25519_public(&private.0))?;
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

/// The ladder that `finish` needs anyway, so that a firmware links one multiplication.
#[cfg(not(feature = "fast"))]
fn x25519_public(private: &[u8; 32]) -> [u8; 32] {
    x25519(*private, x25519_dalek::X25519_BASEPOINT_BYTES)
}

/// A comb over a table of 30 kB.
#[cfg(feature = "fast")]
fn x25519_public(private: &[u8; 32]) -> [u8; 32] {
    x25519_dalek::PublicKey::from(&x25519_dalek::StaticSecret::from(*private)).to_bytes()
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
        [4, coordinates @ ..] => {
            let point = Sec1Point::from_untagged_bytes(coordinates.try_into().ok()?);
            PublicKey::from_sec1_point(&point).into_option()
        }
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

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]
mod tests {
    use super::super::KeyExchange;
    use super::*;
    use hex_literal::hex;
    use x25519_dalek::X25519_BASEPOINT_BYTES;

    /// Gives the listed draws, then nothing.
    struct Scripted<'a>(&'a [[u8; 32]]);

    impl Random for Scripted<'_> {
        fn fill(&mut self, out: &mut [u8]) -> Result<(), CryptoError> {
            let (draw, rest) = self.0.split_first().ok_or(CryptoError::NoRandomness)?;
            out.copy_from_slice(draw);
            self.0 = rest;
            Ok(())
        }
    }

    type Started = (<KeyExchange as KeyExchanges>::Private, [u8; MAX_KEY_SHARE], usize);

    fn start(group: NamedGroup, draws: &[[u8; 32]]) -> Result<Started, CryptoError> {
        let mut share = [0; MAX_KEY_SHARE];
        let (private, length) = KeyExchange::default().start(group, &mut Scripted(draws), &mut share)?;
        Ok((private, share, length))
    }

    fn agree(group: NamedGroup, private: [u8; 32], peer: &[u8]) -> Result<[u8; 32], CryptoError> {
        let (private, ..) = start(group, &[private])?;
        let mut shared = SharedSecret::empty();
        KeyExchange::default().finish(&private, peer, &mut shared)?;
        Ok(shared.expose().try_into().unwrap())
    }

    #[test]
    fn x25519_meets_rfc_7748_section_5_2() {
        let first = agree(
            NamedGroup::X25519,
            hex!("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"),
            &hex!("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c"),
        );
        assert_eq!(first, Ok(hex!("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552")));
        let second = agree(
            NamedGroup::X25519,
            hex!("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d"),
            &hex!("e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493"),
        );
        assert_eq!(second, Ok(hex!("95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957")));
    }

    #[test]
    fn x25519_meets_the_iterations_of_rfc_7748_section_5_2() {
        let (mut k, mut u) = (X25519_BASEPOINT_BYTES, X25519_BASEPOINT_BYTES);
        for round in 1..=1000 {
            (u, k) = (k, agree(NamedGroup::X25519, k, &u).unwrap());
            if round == 1 {
                assert_eq!(k, hex!("422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"));
            }
        }
        assert_eq!(k, hex!("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51"));
    }

    #[test]
    fn x25519_meets_rfc_7748_section_6_1() {
        let alice = hex!("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
        let bob = hex!("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
        let alice_public = hex!("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
        let bob_public = hex!("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
        let shared = hex!("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");

        for (private, public) in [(alice, alice_public), (bob, bob_public)] {
            let (_, share, length) = start(NamedGroup::X25519, &[private]).unwrap();
            assert_eq!(share[..length], public);
        }
        assert_eq!(agree(NamedGroup::X25519, alice, &bob_public), Ok(shared));
        assert_eq!(agree(NamedGroup::X25519, bob, &alice_public), Ok(shared));
    }

    /// The points of order 1, 2, 4 and 8, in every encoding that 32 bytes allow.
    #[test]
    fn x25519_refuses_points_of_small_order() {
        let mut points = [
            hex!("0000000000000000000000000000000000000000000000000000000000000000"),
            hex!("0100000000000000000000000000000000000000000000000000000000000000"),
            hex!("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
            hex!("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
            hex!("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
            hex!("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
            hex!("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        ];
        for _ in 0..2 {
            for point in &points {
                assert_eq!(agree(NamedGroup::X25519, [0x42; 32], point), Err(CryptoError::InvalidKeyShare));
            }
            // RFC 7748 §5: the highest bit of u is ignored.
            points.iter_mut().for_each(|point| point[31] |= 0x80);
        }
    }

    #[test]
    fn a_share_of_another_length_is_refused() {
        for length in [0, 31, 33, 64, 65] {
            let share = &[9; 65][..length];
            assert_eq!(agree(NamedGroup::X25519, [1; 32], share), Err(CryptoError::InvalidKeyShare));
            assert_eq!(agree(NamedGroup::SECP256R1, [1; 32], share), Err(CryptoError::InvalidKeyShare));
        }
    }

    /// NIST CAVP, KAS ECC CDH Primitive, P-256, count 0.
    const PRIVATE: [u8; 32] = hex!("7d7dc5f71eb29ddaf80d6214632eeae03d9058af1fb6d22ed80badb62bc1a534");
    const PUBLIC: [u8; 65] = hex!(
        "04ead218590119e8876b29146ff89ca61770c4edbbf97d38ce385ed281d8a6b230"
        "28af61281fd35e2fa7002523acc85a429cb06ee6648325389f59edfce1405141"
    );
    const PEER: [u8; 65] = hex!(
        "04700c48f77f56584c5cc632ca65640db91b6bacce3a4df6b42ce7cc838833d287"
        "db71e509e3fd9b060ddb20ba5c51dcc5948d46fbf640dfe0441782cab85fa4ac"
    );
    const ORDER: [u8; 32] = hex!("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");

    #[test]
    fn p256_meets_the_cavp_vector() {
        let (_, share, length) = start(NamedGroup::SECP256R1, &[PRIVATE]).unwrap();
        assert_eq!(share[..length], PUBLIC);
        assert_eq!(
            agree(NamedGroup::SECP256R1, PRIVATE, &PEER),
            Ok(hex!("46fc62106420ff012e54a434fbdd2d25ccc5852060561e68040dd7778997bd7b"))
        );
    }

    #[test]
    fn p256_refuses_every_form_but_the_uncompressed() {
        let compressed: [u8; 33] = core::array::from_fn(|i| if i == 0 { 2 } else { PEER[i] });
        let mut hybrid = PEER;
        hybrid[0] = 6;
        let mut off_curve = PEER;
        off_curve[64] ^= 1;
        let mut x_too_large = PEER;
        x_too_large[1..33].fill(0xff);
        let mut longer = [0; 66];
        longer[..65].copy_from_slice(&PEER);
        let mut zeros = [0; 65];
        zeros[0] = 4;
        let refused: [&[u8]; 7] = [&compressed, &hybrid, &off_curve, &x_too_large, &longer, &zeros, &[0]];
        for share in refused {
            assert_eq!(agree(NamedGroup::SECP256R1, PRIVATE, share), Err(CryptoError::InvalidKeyShare));
        }
    }

    #[test]
    fn p256_draws_again_when_the_scalar_is_out_of_range() {
        let (_, share, length) =
            start(NamedGroup::SECP256R1, &[[0xff; 32], [0; 32], ORDER, PRIVATE]).unwrap();
        assert_eq!(share[..length], PUBLIC);
    }

    #[test]
    fn p256_gives_a_broken_random_source_up() {
        let refused = start(NamedGroup::SECP256R1, &[[0xff; 32]; DRAWS + 1]).err();
        assert_eq!(refused, Some(CryptoError::NoRandomness));
    }

    #[test]
    fn without_randomness_there_is_no_key() {
        for group in [NamedGroup::X25519, NamedGroup::SECP256R1] {
            assert_eq!(start(group, &[]).err(), Some(CryptoError::NoRandomness));
        }
        #[cfg(not(feature = "p384"))]
        assert_eq!(start(NamedGroup::SECP384R1, &[[1; 32]]).err(), Some(CryptoError::Unsupported));
    }
}
