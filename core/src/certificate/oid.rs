//! Object identifiers: the encodings that this crate knows, and how any of them is written.

use core::fmt;

pub(super) const COMMON_NAME: &[u8] = &[0x55, 4, 3];
pub(super) const EMAIL_ADDRESS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 9, 1];
pub(super) const SUBJECT_KEY_IDENTIFIER: &[u8] = &[0x55, 29, 14];
pub(super) const KEY_USAGE: &[u8] = &[0x55, 29, 15];
pub(super) const SUBJECT_ALT_NAME: &[u8] = &[0x55, 29, 17];
pub(super) const BASIC_CONSTRAINTS: &[u8] = &[0x55, 29, 19];
pub(super) const NAME_CONSTRAINTS: &[u8] = &[0x55, 29, 30];
pub(super) const CRL_DISTRIBUTION_POINTS: &[u8] = &[0x55, 29, 31];
pub(super) const CERTIFICATE_POLICIES: &[u8] = &[0x55, 29, 32];
pub(super) const AUTHORITY_KEY_IDENTIFIER: &[u8] = &[0x55, 29, 35];
pub(super) const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 29, 37];
pub(super) const ANY_EXTENDED_KEY_USAGE: &[u8] = &[0x55, 29, 37, 0];
pub(super) const SERVER_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 1];
pub(super) const CLIENT_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 2];

pub(super) const OCSP_SIGNING: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 9];
pub(super) const OCSP_BASIC: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 48, 1, 1];
pub(super) const TLS_FEATURE: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 1, 24];
pub(super) const CRL_REASON: &[u8] = &[0x55, 29, 21];
pub(super) const DELTA_CRL_INDICATOR: &[u8] = &[0x55, 29, 27];
pub(super) const ISSUING_DISTRIBUTION_POINT: &[u8] = &[0x55, 29, 28];

pub(super) const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
pub(super) const SECP256R1: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
pub(super) const SECP384R1: &[u8] = &[0x2b, 0x81, 4, 0, 34];
pub(super) const ECDSA_WITH_SHA1: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1];
pub(super) const ECDSA_WITH_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
pub(super) const ECDSA_WITH_SHA384: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3];
pub(super) const ECDSA_WITH_SHA512: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4];
pub(super) const ED25519: &[u8] = &[0x2b, 0x65, 112];

pub(super) const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 1];
pub(super) const MD5_WITH_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 4];
pub(super) const SHA1_WITH_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 5];
pub(super) const MGF1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 8];
pub(super) const RSASSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 10];
pub(super) const SHA256_WITH_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 11];
pub(super) const SHA384_WITH_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 12];
pub(super) const SHA512_WITH_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 13];
pub(super) const SHA256: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
pub(super) const SHA384: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2];
pub(super) const SHA512: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3];

/// Names for those that errors speak of.
const NAMES: &[(&[u8], &str)] = &[
    (SUBJECT_KEY_IDENTIFIER, "subjectKeyIdentifier"),
    (AUTHORITY_KEY_IDENTIFIER, "authorityKeyIdentifier"),
    (KEY_USAGE, "keyUsage"),
    (SUBJECT_ALT_NAME, "subjectAltName"),
    (BASIC_CONSTRAINTS, "basicConstraints"),
    (NAME_CONSTRAINTS, "nameConstraints"),
    (CRL_DISTRIBUTION_POINTS, "cRLDistributionPoints"),
    (CERTIFICATE_POLICIES, "certificatePolicies"),
    (EXTENDED_KEY_USAGE, "extKeyUsage"),
    (TLS_FEATURE, "TLS feature"),
    (&[0x55, 29, 33], "policyMappings"),
    (&[0x55, 29, 36], "policyConstraints"),
    (&[0x55, 29, 54], "inhibitAnyPolicy"),
    (EC_PUBLIC_KEY, "id-ecPublicKey"),
    (SECP256R1, "secp256r1"),
    (SECP384R1, "secp384r1"),
    (&[0x2b, 0x81, 4, 0, 35], "secp521r1"),
    (&[0x2b, 0x81, 4, 0, 10], "secp256k1"),
    (&[0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1], "id-dsa"),
    (&[0x2b, 0x65, 113], "id-Ed448"),
    (ECDSA_WITH_SHA1, "ecdsa-with-SHA1"),
    (RSA_ENCRYPTION, "rsaEncryption"),
    (MD5_WITH_RSA, "md5WithRSAEncryption"),
    (SHA1_WITH_RSA, "sha1WithRSAEncryption"),
    (RSASSA_PSS, "id-RSASSA-PSS"),
];

/// Longest object identifier that is kept whole, in encoded bytes.
const MAX_OID: usize = 20;

/// An object identifier, kept by value so that an error can carry it. Longer ones than 20 encoded
/// bytes are cut, and say so when written.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Oid {
    bytes: [u8; MAX_OID],
    length: u8,
}

impl Oid {
    /// From the contents of an OBJECT IDENTIFIER.
    pub fn new(contents: &[u8]) -> Self {
        let mut bytes = [0; MAX_OID];
        for (to, from) in bytes.iter_mut().zip(contents) {
            *to = *from;
        }
        Self { bytes, length: u8::try_from(contents.len()).unwrap_or(u8::MAX) }
    }

    /// The encoded contents, at most 20 bytes of them.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or(&self.bytes)
    }

    /// The name, if this crate knows it.
    pub fn name(&self) -> Option<&'static str> {
        NAMES.iter().find(|(oid, _)| *oid == self.as_bytes()).map(|(_, name)| *name)
    }
}

/// Dotted decimal, with the name where it is known.
impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut arc: u64 = 0;
        let mut first = true;
        for byte in self.as_bytes() {
            // Twenty bytes could hold a number of 140 bits; nothing is assigned beyond 64.
            arc = arc.checked_shl(7).unwrap_or(0) | u64::from(byte & 0x7f);
            if byte & 0x80 != 0 {
                continue;
            }
            if first {
                // The first two arcs share a number (X.690 §8.19.4).
                let top = (arc / 40).min(2);
                write!(f, "{top}.{}", arc.saturating_sub(top.saturating_mul(40)))?;
            } else {
                write!(f, ".{arc}")?;
            }
            (arc, first) = (0, false);
        }
        if usize::from(self.length) > MAX_OID {
            f.write_str("...")?;
        }
        match self.name() {
            Some(name) => write!(f, " ({name})"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::string::ToString;

    #[test]
    fn writes_dotted_decimal_and_the_name() {
        assert_eq!(Oid::new(NAME_CONSTRAINTS).to_string(), "2.5.29.30 (nameConstraints)");
        assert_eq!(Oid::new(SHA1_WITH_RSA).to_string(), "1.2.840.113549.1.1.5 (sha1WithRSAEncryption)");
        assert_eq!(Oid::new(&[0x2b, 0x06, 0x01]).to_string(), "1.3.6.1");
        assert_eq!(Oid::new(&[0x88, 0x37, 3]).to_string(), "2.999.3");
        assert_eq!(Oid::new(&[]).to_string(), "");
        assert_eq!(Oid::new(&[0x2a; 30]).to_string().matches("...").count(), 1);
        assert!(!Oid::new(&[0xff; 255]).to_string().is_empty());
    }
}
