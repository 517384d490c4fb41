//! SubjectPublicKeyInfo (RFC 5280 §4.1.2.7): the keys that this crate uses.

use super::der::Der;
use super::{Oid, Rule, oid};
use crate::crypto::PublicKey;
use ::der::Tag;

/// RSA moduli that are accepted, in bits: below, they can be factored; above, a handshake takes
/// seconds on a microcontroller, and no public authority uses them.
const RSA_BITS: core::ops::RangeInclusive<usize> = 2048..=4096;

/// Reads the contents of a SubjectPublicKeyInfo.
pub(super) fn parse(public_key_info: &[u8]) -> Result<PublicKey<'_>, Rule> {
    let mut info = Der::new(public_key_info, "SubjectPublicKeyInfo")?;
    let mut algorithm = info.sequence("AlgorithmIdentifier of the public key")?;
    let id = algorithm.expect(Tag::ObjectIdentifier)?;
    let key = info.bit_string_of_bytes()?;
    let malformed = info.malformed();
    info.finish()?;

    match id {
        oid::EC_PUBLIC_KEY => {
            // "implicitCurve and specifiedCurve MUST NOT be used" (RFC 5480 §2.1.1).
            let curve = algorithm.expect(Tag::ObjectIdentifier)?;
            algorithm.finish()?;
            match (curve, key) {
                (oid::SECP256R1, [0x04, xy @ ..]) if xy.len() == 64 => Ok(PublicKey::P256(key)),
                (oid::SECP384R1, [0x04, xy @ ..]) if xy.len() == 96 => Ok(PublicKey::P384(key)),
                // Compressed points (RFC 5480 §2.2 leaves them optional).
                (oid::SECP256R1, [0x02 | 0x03, x @ ..]) if x.len() == 32 => Err(unsupported(curve)),
                (oid::SECP384R1, [0x02 | 0x03, x @ ..]) if x.len() == 48 => Err(unsupported(curve)),
                (oid::SECP256R1 | oid::SECP384R1, _) => Err(malformed.into()),
                _ => Err(unsupported(curve)),
            }
        }
        oid::RSA_ENCRYPTION => {
            // "The parameters field MUST have ASN.1 type NULL" (RFC 3279 §2.3.1).
            if !algorithm.expect(Tag::Null)?.is_empty() {
                return Err(malformed.into());
            }
            algorithm.finish()?;
            rsa(key)
        }
        oid::ED25519 => {
            // "the parameters MUST be absent" (RFC 8410 §3).
            algorithm.finish()?;
            key.try_into().map(PublicKey::Ed25519).map_err(|_| malformed.into())
        }
        _ => Err(unsupported(id)),
    }
}

/// RSAPublicKey (RFC 8017 §A.1.1).
fn rsa(key: &[u8]) -> Result<PublicKey<'_>, Rule> {
    let mut fields = Der::whole_sequence(key, "RSAPublicKey")?;
    let modulus = fields.positive_integer()?;
    let exponent = fields.positive_integer()?;
    let malformed = fields.malformed();
    fields.finish()?;

    let unused = modulus.first().map_or(0, |first| first.leading_zeros());
    let bits = modulus.len().saturating_mul(8).saturating_sub(unused as usize);
    if !RSA_BITS.contains(&bits) {
        return Err(Rule::KeySize { bits });
    }
    // Both are odd, and 3 <= e (RFC 8017 §3.1); an e beyond 32 bits has no use, and costs time.
    let odd = |number: &[u8]| number.last().is_some_and(|last| last & 1 == 1);
    if !odd(modulus) || !odd(exponent) || exponent == [1] || exponent.len() > 5 {
        return Err(malformed.into());
    }
    Ok(PublicKey::Rsa { modulus, exponent })
}

fn unsupported(id: &[u8]) -> Rule {
    Rule::UnsupportedKey { algorithm: Oid::new(id) }
}
