//! AlgorithmIdentifier of a signature (RFC 5280 §4.1.1.2): the algorithms that this crate verifies.

use super::der::{Der, Malformed, context};
use super::{Oid, Rule, oid};
use crate::crypto::{HashAlgorithm, SignatureAlgorithm};
use ::der::Tag;

const STRUCTURE: &str = "AlgorithmIdentifier of the signature";

/// Reads the contents of a signature's AlgorithmIdentifier.
pub(super) fn parse(contents: &[u8]) -> Result<SignatureAlgorithm, Rule> {
    let mut identifier = Der::new(contents, STRUCTURE)?;
    let id = identifier.expect(Tag::ObjectIdentifier)?;
    let algorithm = match id {
        oid::ECDSA_WITH_SHA256 => SignatureAlgorithm::Ecdsa(HashAlgorithm::Sha256),
        oid::ECDSA_WITH_SHA384 => SignatureAlgorithm::Ecdsa(HashAlgorithm::Sha384),
        oid::ECDSA_WITH_SHA512 => SignatureAlgorithm::Ecdsa(HashAlgorithm::Sha512),
        oid::SHA256_WITH_RSA => SignatureAlgorithm::RsaPkcs1(HashAlgorithm::Sha256),
        oid::SHA384_WITH_RSA => SignatureAlgorithm::RsaPkcs1(HashAlgorithm::Sha384),
        oid::SHA512_WITH_RSA => SignatureAlgorithm::RsaPkcs1(HashAlgorithm::Sha512),
        oid::RSASSA_PSS => {
            let parameters = identifier.sequence("RSASSA-PSS-params")?;
            identifier.finish()?;
            let unsupported = Rule::UnsupportedSignatureAlgorithm { algorithm: Oid::new(id) };
            return pss_hash(parameters)?.map(SignatureAlgorithm::RsaPss).ok_or(unsupported);
        }
        oid::ED25519 => SignatureAlgorithm::Ed25519,
        oid::MD5_WITH_RSA | oid::SHA1_WITH_RSA | oid::ECDSA_WITH_SHA1 => {
            return Err(Rule::WeakSignatureAlgorithm { algorithm: Oid::new(id) });
        }
        _ => return Err(Rule::UnsupportedSignatureAlgorithm { algorithm: Oid::new(id) }),
    };
    // RSA: "the parameters MUST be NULL. Implementations MUST accept the parameters being absent as
    // well as present" (RFC 4055 §5). Others: absent (RFC 5758 §3.2, RFC 8410 §3).
    if matches!(algorithm, SignatureAlgorithm::RsaPkcs1(_)) {
        null_or_absent(&mut identifier)?;
    }
    identifier.finish()?;
    Ok(algorithm)
}

/// The hash of RSASSA-PSS-params (RFC 4055 §3.1), if all of it fits together as RFC 8446 §4.2.3
/// asks: MGF1 over the same hash, and a salt as long as its digest. `None` if it does not, or if the
/// default, SHA-1, is left in a place.
fn pss_hash(mut parameters: Der<'_>) -> Result<Option<HashAlgorithm>, Malformed> {
    let hash = match parameters.optional(context(0, true))? {
        Some(explicit) => sha2(explicit)?,
        None => None,
    };
    let mask_hash = match parameters.optional(context(1, true))? {
        Some(explicit) => {
            let mut explicit = Der::new(explicit, "MaskGenAlgorithm")?;
            let mut mask = explicit.sequence("MaskGenAlgorithm")?;
            explicit.finish()?;
            match mask.expect(Tag::ObjectIdentifier)? {
                oid::MGF1 => {
                    let hash = mask.element(Tag::Sequence)?;
                    mask.finish()?;
                    sha2(hash)?
                }
                _ => None,
            }
        }
        None => None,
    };
    let salt = match parameters.optional(context(2, true))? {
        Some(explicit) => {
            let mut explicit = Der::new(explicit, "saltLength")?;
            let salt = explicit.integer()?;
            explicit.finish()?;
            match salt {
                [length @ 0..=0x7f] => Some(usize::from(*length)),
                _ => None,
            }
        }
        None => None,
    };
    // trailerField [3] has one lawful value, which is its default, and so is absent in DER.
    parameters.finish()?;
    Ok(hash.filter(|hash| mask_hash == Some(*hash) && salt == Some(hash.length())))
}

/// The hash that one AlgorithmIdentifier with nothing behind it names.
fn sha2(element: &[u8]) -> Result<Option<HashAlgorithm>, Malformed> {
    let mut identifier = Der::whole_sequence(element, "HashAlgorithm")?;
    let hash = match identifier.expect(Tag::ObjectIdentifier)? {
        oid::SHA256 => HashAlgorithm::Sha256,
        oid::SHA384 => HashAlgorithm::Sha384,
        oid::SHA512 => HashAlgorithm::Sha512,
        _ => return Ok(None),
    };
    null_or_absent(&mut identifier)?;
    identifier.finish()?;
    Ok(Some(hash))
}

fn null_or_absent(identifier: &mut Der<'_>) -> Result<(), Malformed> {
    match identifier.optional(Tag::Null)? {
        None | Some([]) => Ok(()),
        Some(_) => Err(identifier.malformed()),
    }
}
