//! Public keys, borrowed from the certificate that carries them.

/// A public key in a form that cannot be mistaken for another; the bytes lie in the certificate.
/// Whether a point is on its curve is checked by the verifier that uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PublicKey<'a> {
    /// A P-256 point, SEC1-encoded (65 bytes uncompressed; RFC 5480 §2.2).
    P256(&'a [u8]),
    /// A P-384 point, SEC1-encoded.
    P384(&'a [u8]),
    /// An RSA key (RFC 8017 §3.1): big-endian, without leading zeros.
    Rsa {
        /// The modulus n.
        modulus: &'a [u8],
        /// The public exponent e.
        exponent: &'a [u8],
    },
    /// An Ed25519 key (RFC 8410 §4).
    Ed25519(&'a [u8; 32]),
}
