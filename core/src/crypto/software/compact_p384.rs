//! ECDSA verification on P-384 (FIPS 186-5 §6.4.2) on the engine of RSA: a third of the flash of the general curve
//! that `EcdsaP384` brings, for firmware that meets P-384 in its server's chain only.
//!
//! What it adds to a client on a Cortex-M4F that has RSA and P-256 already, in bytes (`embedded-demo/sizes.sh`):
//!
//! | P-384 by | flash, opt-level z | flash, opt-level s |
//! |---|---|---|
//! | `EcdsaP384` (crate `p384` 0.14) | 15,320 | 13,924 |
//! | [`CompactEcdsaP384`] | 4,332 | 4,088 |
//!
//! All that it sees is public, so nothing here is constant-time, and there is no signing and no key exchange.
//! Points are in projective coordinates, added by one complete formula: it knows no exceptions, so nothing depends on
//! noticing them.

use super::montgomery::{Modulus, Word, read, write};
use crate::crypto::{CryptoError, PublicKey, SignatureAlgorithm, SignatureScheme, Signed, Verifiers};
use der::asn1::UintRef;
use der::{Decode, Reader, SliceReader};

/// Of a coordinate, and of a scalar.
const BYTES: usize = 48;
/// The same in words.
const WORDS: usize = BYTES / size_of::<Word>();

// SEC 2 §2.5.1.
/// The prime p of the field.
const P: &[u8; BYTES] =
    b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\
    \xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff";
/// The curve's coefficient b.
const B: &[u8; BYTES] =
    b"\xb3\x31\x2f\xa7\xe2\x3e\xe7\xe4\x98\x8e\x05\x6b\xe3\xf8\x2d\x19\x18\x1d\x9c\x6e\xfe\x81\x41\x12\
    \x03\x14\x08\x8f\x50\x13\x87\x5a\xc6\x56\x39\x8d\x8a\x2e\xd1\x9d\x2a\x85\xc8\xed\xd3\xec\x2a\xef";
/// The base point: x.
const GX: &[u8; BYTES] =
    b"\xaa\x87\xca\x22\xbe\x8b\x05\x37\x8e\xb1\xc7\x1e\xf3\x20\xad\x74\x6e\x1d\x3b\x62\x8b\xa7\x9b\x98\
    \x59\xf7\x41\xe0\x82\x54\x2a\x38\x55\x02\xf2\x5d\xbf\x55\x29\x6c\x3a\x54\x5e\x38\x72\x76\x0a\xb7";
/// And y.
const GY: &[u8; BYTES] =
    b"\x36\x17\xde\x4a\x96\x26\x2c\x6f\x5d\x9e\x98\xbf\x92\x92\xdc\x29\xf8\xf4\x1d\xbd\x28\x9a\x14\x7c\
    \xe9\xda\x31\x13\xb5\xf0\xb8\xc0\x0a\x60\xb1\xce\x1d\x7e\x81\x9d\x7a\x43\x1d\x7c\x90\xea\x0e\x5f";
/// The order n of the base point, a prime.
const N: &[u8; BYTES] =
    b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\
    \xc7\x63\x4d\x81\xf4\x37\x2d\xdf\x58\x1a\x0d\xb2\x48\xb0\xa7\x7a\xec\xec\x19\x6a\xcc\xc5\x29\x73";

type Number = [Word; WORDS];
const ONE: Number = {
    let mut one = [0; WORDS];
    one[0] = 1;
    one
};

/// ECDSA with P-384 keys over SHA-256, SHA-384 and SHA-512, as `EcdsaP384` and as strict, in less
/// flash, without the feature `p384`. Not constant-time: for verification only.
#[derive(Debug, Clone, Copy, Default)]
pub struct CompactEcdsaP384;

impl Verifiers for CompactEcdsaP384 {
    fn schemes() -> impl Iterator<Item = SignatureScheme> {
        [SignatureScheme::ECDSA_SECP384R1_SHA384].into_iter()
    }

    fn verify(
        &mut self,
        key: &PublicKey<'_>,
        algorithm: SignatureAlgorithm,
        signed: Signed<'_>,
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        let (PublicKey::P384(point), SignatureAlgorithm::Ecdsa(hash), Signed::Digest(digest)) =
            (key, algorithm, signed)
        else {
            return Err(CryptoError::Unsupported);
        };
        if digest.as_bytes().len() != hash.length() {
            return Err(CryptoError::Unsupported);
        }
        let mut room = [0; WORDS];
        read(P, &mut room);
        let curve = Curve::new(&room).ok_or(CryptoError::InvalidPublicKey)?;
        let key = curve.uncompressed_point(point).ok_or(CryptoError::InvalidPublicKey)?;
        let (r, s) = parse_signature(signature).ok_or(CryptoError::BadSignature)?;
        match curve.recovered(&key, digest.as_bytes(), &r, &s) {
            Some(x) if x == r => Ok(()),
            _ => Err(CryptoError::BadSignature),
        }
    }
}

/// The DER of RFC 3279 §2.2.3, strictly; r and s from 1 to n - 1 (FIPS 186-5 §6.4.2 step 1).
#[inline(never)]
fn parse_signature(der: &[u8]) -> Option<([u8; BYTES], [u8; BYTES])> {
    let mut reader = SliceReader::new(der).ok()?;
    let read = |sequence: &mut SliceReader<'_>| -> der::Result<_> {
        Ok((scalar(UintRef::decode(sequence)?), scalar(UintRef::decode(sequence)?)))
    };
    let (r, s) = reader.sequence(read).ok()?;
    reader.finish().ok()?;
    Some((r?, s?))
}

fn scalar(number: UintRef<'_>) -> Option<[u8; BYTES]> {
    let bytes = right_aligned(number.as_bytes())?;
    (bytes != [0; BYTES] && bytes < *N).then_some(bytes)
}

/// A big-endian number in the bytes of a scalar, unless it is longer.
fn right_aligned(number: &[u8]) -> Option<[u8; BYTES]> {
    let mut bytes = [0; BYTES];
    let start = BYTES.checked_sub(number.len())?;
    bytes.get_mut(start..)?.copy_from_slice(number);
    Some(bytes)
}

type Pair<'n> = (&'n Number, &'n Number);

/// The integers modulo a prime.
struct Field<'a> {
    prime: &'a Number,
    modulus: Modulus<'a>,
    r_squared: Number,
}

impl<'a> Field<'a> {
    #[inline(never)]
    fn new(prime: &'a Number) -> Option<Self> {
        let modulus = Modulus::new(prime)?;
        let (mut number, mut spare) = ([0; WORDS], [0; WORDS]);
        let r_squared = (&*modulus.r_squared(&mut number, &mut spare).0).try_into().ok()?;
        Some(Self { prime, modulus, r_squared })
    }

    /// `a · b / R`: the product, if one of the two is in Montgomery's form; in that form, if both are.
    #[inline(never)]
    fn times(&self, a: &Number, b: &Number) -> Number {
        let mut product = [0; WORDS];
        self.modulus.multiply(a, b, &mut product);
        product
    }

    #[inline(never)]
    fn plus(&self, a: &Number, b: &Number) -> Number {
        let mut sum = *a;
        self.modulus.add(&mut sum, b);
        sum
    }

    #[inline(never)]
    fn minus(&self, a: &Number, b: &Number) -> Number {
        let mut difference = *a;
        self.modulus.subtract(&mut difference, b);
        difference
    }

    /// `(a1 + a2) · (b1 + b2) - a1·b1 - a2·b2`, which is `a1·b2 + a2·b1`, of numbers whose products are known.
    #[inline(never)]
    fn cross(&self, a: Pair<'_>, b: Pair<'_>, products: Pair<'_>) -> Number {
        let product = self.times(&self.plus(a.0, a.1), &self.plus(b.0, b.1));
        self.minus(&product, &self.plus(products.0, products.1))
    }

    #[inline(never)]
    fn three_times(&self, a: &Number) -> Number {
        self.plus(&self.plus(a, a), a)
    }

    /// Into Montgomery's form, from big-endian bytes: any number of 48 bytes.
    #[inline(never)]
    fn read(&self, bytes: &[u8; BYTES]) -> Number {
        let mut number = [0; WORDS];
        read(bytes, &mut number);
        self.times(&number, &self.r_squared)
    }

    /// `1 / a`, both in Montgomery's form: a^(prime - 2) (Fermat). Of zero, zero.
    #[inline(never)]
    fn inverse(&self, a: &Number) -> Number {
        let mut power = self.times(&ONE, &self.r_squared);
        let mut exponent = *self.prime;
        if let Some(lowest) = exponent.first_mut() {
            // Neither prime ends in a word that is less than 2.
            *lowest = lowest.wrapping_sub(2);
        }
        for bit in bits(&exponent) {
            power = self.times(&power, &power);
            if bit {
                power = self.times(&power, a);
            }
        }
        power
    }
}

/// From the highest on.
fn bits(number: &Number) -> impl Iterator<Item = bool> {
    let bit =
        |word: Word| (0..Word::BITS).rev().map(move |place| word.checked_shr(place).unwrap_or(0) & 1 == 1);
    number.iter().rev().flat_map(move |word| bit(*word))
}

/// y² = x³ - 3x + b; x = X / Z, y = Y / Z, in Montgomery's form. Z is zero at infinity.
#[derive(Clone, Copy)]
struct Point {
    x: Number,
    y: Number,
    z: Number,
}

struct Curve<'a> {
    field: Field<'a>,
    b: Number,
    one: Number,
}

impl<'a> Curve<'a> {
    fn new(p: &'a Number) -> Option<Self> {
        let field = Field::new(p)?;
        let b = field.read(B);
        let one = field.times(&ONE, &field.r_squared);
        Some(Self { field, b, one })
    }

    fn point(&self, x: &[u8; BYTES], y: &[u8; BYTES]) -> Point {
        Point { x: self.field.read(x), y: self.field.read(y), z: self.one }
    }

    /// 97 bytes that begin with 4 (SEC 1 §2.3.4), if it is a point of the curve. There are n points and
    /// infinity, which has no such form, so each is of order n.
    #[inline(never)]
    fn uncompressed_point(&self, bytes: &[u8]) -> Option<Point> {
        let [4, coordinates @ ..] = bytes else { return None };
        let (x, y) = coordinates.split_first_chunk::<BYTES>()?;
        let y: &[u8; BYTES] = y.try_into().ok()?;
        if x >= P || y >= P {
            return None;
        }
        let (f, point) = (&self.field, self.point(x, y));
        let cube = f.times(&f.times(&point.x, &point.x), &point.x);
        let right = f.plus(&f.minus(&cube, &f.three_times(&point.x)), &self.b);
        (f.times(&point.y, &point.y) == right).then_some(point)
    }

    /// The sum of any two points of the curve: Renes, Costello and Batina, "Complete addition formulas for prime
    /// order elliptic curves" (2016), algorithm 4; steps as numbered there.
    #[inline(never)]
    fn add(&self, p: &Point, q: &Point) -> Point {
        let f = &self.field;
        let xx = f.times(&p.x, &q.x); // 1
        let yy = f.times(&p.y, &q.y); // 2
        let zz = f.times(&p.z, &q.z); // 3
        let xy = f.cross((&p.x, &p.y), (&q.x, &q.y), (&xx, &yy)); // 4 to 8
        let yz = f.cross((&p.y, &p.z), (&q.y, &q.z), (&yy, &zz)); // 9 to 13
        let xz = f.cross((&p.x, &p.z), (&q.x, &q.z), (&xx, &zz)); // 14 to 18
        let part = f.three_times(&f.minus(&xz, &f.times(&self.b, &zz))); // 19 to 22
        let (less, more) = (f.minus(&yy, &part), f.plus(&yy, &part)); // 23, 24
        let zz = f.three_times(&zz); // 26, 27
        let part = f.minus(&f.minus(&f.times(&self.b, &xz), &zz), &xx); // 25, 28, 29
        let part = f.three_times(&part); // 30, 31
        let xx = f.minus(&f.three_times(&xx), &zz); // 32 to 34
        Point {
            x: f.minus(&f.times(&xy, &more), &f.times(&yz, &part)), // 35, 39, 40
            y: f.plus(&f.times(&more, &less), &f.times(&xx, &part)), // 36 to 38
            z: f.plus(&f.times(&yz, &less), &f.times(&xy, &xx)),    // 41 to 43
        }
    }

    /// `x mod n` of the point that the signature was made with: steps 2 to 7 of FIPS 186-5 §6.4.2; it must be r.
    #[inline(never)]
    fn recovered(&self, key: &Point, digest: &[u8], r: &[u8; BYTES], s: &[u8; BYTES]) -> Option<[u8; BYTES]> {
        let mut room = [0; WORDS];
        read(N, &mut room);
        let scalars = Field::new(&room)?;
        // The leftmost bits of a longer digest, all of a shorter one.
        let digest = right_aligned(digest.get(..BYTES).unwrap_or(digest))?;
        let s_inverse = scalars.inverse(&scalars.read(s));
        // In Montgomery's form, times 1 is out of it.
        let scalar = |number| scalars.times(&scalars.times(&scalars.read(number), &s_inverse), &ONE);
        let (u, v) = (scalar(&digest), scalar(r));

        // u·G + v·Q, both at once (Shamir).
        let base = self.point(GX, GY);
        let both = self.add(&base, key);
        let mut sum = Point { x: [0; WORDS], y: self.one, z: [0; WORDS] };
        for bits in bits(&u).zip(bits(&v)) {
            sum = self.add(&sum, &sum);
            let summand = match bits {
                (false, false) => continue,
                (true, false) => &base,
                (false, true) => key,
                (true, true) => &both,
            };
            sum = self.add(&sum, summand);
        }

        // At infinity that is zero, which r is not. p is less than 2n.
        let x = self.field.times(&sum.x, &self.field.inverse(&sum.z));
        let mut x = self.field.times(&x, &ONE);
        scalars.modulus.reduce_once(&mut x, 0);
        let mut bytes = [0; BYTES];
        write(&x, &mut bytes);
        Some(bytes)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]
mod tests {
    use super::super::super::{Digest, HashAlgorithm};
    use super::*;
    extern crate std;
    use hex_literal::hex;
    use p384::ecdsa::signature::hazmat::PrehashSigner;
    use p384::ecdsa::{DerSignature, SigningKey};

    fn verify(point: &[u8], digest: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
        let hash = if digest.len() == 32 { HashAlgorithm::Sha256 } else { HashAlgorithm::Sha384 };
        CompactEcdsaP384.verify(
            &PublicKey::P384(point),
            SignatureAlgorithm::Ecdsa(hash),
            Signed::Digest(&Digest::new(digest).unwrap()),
            signature,
        )
    }

    /// RFC 6979 §A.2.6: the message "sample", with SHA-256 and SHA-384. Its digests are by `openssl dgst`.
    #[test]
    fn verifies_the_signatures_of_rfc_6979() {
        let key = hex!(
            "04ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64def8f0ea9055866064a254515480bc13"
            "8015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9f54ca84b3f1c9db1288b231c3ae0d4fe7344fd2533264720"
        );
        let sha256 = hex!("af2bdbe1aa9b6ec1e2ade1d694f41fc71a831d0268e9891562113d8a62add1bf");
        let signature = hex!(
            "3065023021b13d1e013c7fa1392d03c5f99af8b30c570c6f98d4ea8e354b63a21d3daa33bde1e888e63355d92fa2b3c36d8fb2cd"
            "023100f3aa443fb107745bf4bd77cb3891674632068a10ca67e3d45db2266fa7d1feebefdc63eccd1ac42ec0cb8668a4fa0ab0"
        );
        assert_eq!(verify(&key, &sha256, &signature), Ok(()));
        let sha384 = hex!(
            "9a9083505bc92276aec4be312696ef7bf3bf603f4bbd381196a029f340585312313bca4a9b5b890efee42c77b1ee25fe"
        );
        let signature = hex!(
            "306602310094edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46"
            "02310099ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8"
        );
        assert_eq!(verify(&key, &sha384, &signature), Ok(()));
    }

    /// The keys 1 and n - 1 are the base point and its negation: with them the sum meets equal points, and infinity.
    #[test]
    fn agrees_with_the_general_curve_on_what_that_signs() {
        let mut one = [0; BYTES];
        one[47] = 1;
        let mut last = *N;
        last[47] -= 1;
        let others = (0..40).map(|seed: u8| [seed.wrapping_mul(83) / 2 + 1; BYTES]);
        for (place, key) in [one, last].into_iter().chain(others).enumerate() {
            let signer = SigningKey::from_slice(&key).unwrap();
            let point = signer.verifying_key().to_sec1_point(false);
            let mut digest = [0xff; BYTES];
            digest[place] = 7;
            let signature: DerSignature = signer.sign_prehash(&digest).unwrap();
            assert_eq!(verify(point.as_bytes(), &digest, signature.as_bytes()), Ok(()), "{place}");
            digest[47] ^= 1;
            let other = verify(point.as_bytes(), &digest, signature.as_bytes());
            assert_eq!(other, Err(CryptoError::BadSignature), "{place}");
        }
    }

    #[test]
    fn refuses_keys_that_are_no_points() {
        let signer = SigningKey::from_slice(&[7; BYTES]).unwrap();
        let point = signer.verifying_key().to_sec1_point(false);
        let signature: DerSignature = signer.sign_prehash(&[1; BYTES]).unwrap();
        let verify = |point: &[u8]| verify(point, &[1; BYTES], signature.as_bytes());
        let invalid = Err(CryptoError::InvalidPublicKey);
        assert_eq!(verify(point.as_bytes()), Ok(()));
        let mut off_curve = point.as_bytes().to_vec();
        off_curve[96] ^= 1;
        assert_eq!(verify(&off_curve), invalid);
        // 2 and this are the coordinates of a point; p + 2, which is the same modulo p, has no business here
        // (SEC 1 §2.3.6 step 5).
        let y = hex!(
            "8cdeadbbd04911a3c1931e26df3fa6439dca9c7eb286fbd46fc319f0e2bb780232baf57825fc0c1912ada2fefe84024c"
        );
        let mut x = [0; BYTES];
        x[47] = 2;
        assert_eq!(verify(&[&[4], &x[..], &y].concat()), Err(CryptoError::BadSignature));
        x = *P;
        // p ends in ff ff ff ff, above that are eight zeros.
        x[44..].fill(0);
        x[43] = 1;
        x[47] = 1;
        assert_eq!(verify(&[&[4], &x[..], &y].concat()), invalid);
        assert_eq!(verify(&[&[4][..], &[0; 96]].concat()), invalid);
        assert_eq!(verify(signer.verifying_key().to_sec1_point(true).as_bytes()), invalid);
        assert_eq!(verify(&point.as_bytes()[..96]), invalid);
        assert_eq!(verify(&[point.as_bytes(), &[0]].concat()), invalid);
        assert_eq!(verify(&[]), invalid);
    }

    #[test]
    fn says_unsupported_to_what_is_not_its_own() {
        let digest = Digest::new(&[1; 32]).unwrap();
        let ask = |key, algorithm, signed| CompactEcdsaP384.verify(&key, algorithm, signed, &[]);
        let (p256, p384) = (PublicKey::P256(&[4; 65]), PublicKey::P384(&[4; 97]));
        let ecdsa = SignatureAlgorithm::Ecdsa(HashAlgorithm::Sha256);
        let long = SignatureAlgorithm::Ecdsa(HashAlgorithm::Sha384);
        let unsupported = Err(CryptoError::Unsupported);
        assert_eq!(ask(p256, ecdsa, Signed::Digest(&digest)), unsupported);
        assert_eq!(ask(p384, SignatureAlgorithm::Ed25519, Signed::Digest(&digest)), unsupported);
        assert_eq!(ask(p384, long, Signed::Digest(&digest)), unsupported);
        assert_eq!(ask(p384, ecdsa, Signed::Message(&[1; 32])), unsupported);
    }
}
