//! Rows of the IANA TLS registries that this crate knows. Unknown values stay values: a peer may
//! offer anything.

use core::fmt;

macro_rules! registry {
    ($(#[$doc:meta])* $name:ident, $kind:literal { $($(#[$row:meta])* $constant:ident = $value:literal, $text:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        pub struct $name(pub u16);

        impl $name {
            $($(#[$row])* pub const $constant: Self = Self($value);)*

            /// The registered name, if this crate knows it.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($value => Some($text),)*
                    _ => None,
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.name() {
                    Some(name) => f.write_str(name),
                    None => write!(f, concat!("unknown ", $kind, " {:#06x}"), self.0),
                }
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

registry! {
    /// A cipher suite (RFC 8446 §B.4).
    CipherSuite, "cipher suite" {
        /// AES-128-GCM with SHA-256: the one every TLS 1.3 peer has (RFC 8446 §9.1).
        TLS_AES_128_GCM_SHA256 = 0x1301, "TLS_AES_128_GCM_SHA256";
        /// AES-256-GCM with SHA-384.
        TLS_AES_256_GCM_SHA384 = 0x1302, "TLS_AES_256_GCM_SHA384";
        /// ChaCha20-Poly1305 with SHA-256.
        TLS_CHACHA20_POLY1305_SHA256 = 0x1303, "TLS_CHACHA20_POLY1305_SHA256";
    }
}

registry! {
    /// A group for key exchange (RFC 8446 §4.2.7).
    NamedGroup, "group" {
        /// NIST P-256.
        SECP256R1 = 0x0017, "secp256r1";
        /// NIST P-384.
        SECP384R1 = 0x0018, "secp384r1";
        /// Curve25519.
        X25519 = 0x001d, "x25519";
    }
}

registry! {
    /// A signature scheme (RFC 8446 §4.2.3).
    SignatureScheme, "signature scheme" {
        /// RSASSA-PKCS1-v1_5 with SHA-256: in certificates only.
        RSA_PKCS1_SHA256 = 0x0401, "rsa_pkcs1_sha256";
        /// RSASSA-PKCS1-v1_5 with SHA-384: in certificates only.
        RSA_PKCS1_SHA384 = 0x0501, "rsa_pkcs1_sha384";
        /// RSASSA-PKCS1-v1_5 with SHA-512: in certificates only.
        RSA_PKCS1_SHA512 = 0x0601, "rsa_pkcs1_sha512";
        /// ECDSA on P-256 with SHA-256.
        ECDSA_SECP256R1_SHA256 = 0x0403, "ecdsa_secp256r1_sha256";
        /// ECDSA on P-384 with SHA-384.
        ECDSA_SECP384R1_SHA384 = 0x0503, "ecdsa_secp384r1_sha384";
        /// RSASSA-PSS with SHA-256 and an rsaEncryption key.
        RSA_PSS_RSAE_SHA256 = 0x0804, "rsa_pss_rsae_sha256";
        /// RSASSA-PSS with SHA-384 and an rsaEncryption key.
        RSA_PSS_RSAE_SHA384 = 0x0805, "rsa_pss_rsae_sha384";
        /// RSASSA-PSS with SHA-512 and an rsaEncryption key.
        RSA_PSS_RSAE_SHA512 = 0x0806, "rsa_pss_rsae_sha512";
        /// Ed25519 (RFC 8032).
        ED25519 = 0x0807, "ed25519";
    }
}

/// A hash function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum HashAlgorithm {
    /// SHA-256: 32 bytes.
    Sha256,
    /// SHA-384: 48 bytes.
    Sha384,
    /// SHA-512: 64 bytes.
    Sha512,
}

impl HashAlgorithm {
    /// Length of a digest in bytes.
    pub const fn length(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

/// An AEAD cipher of the suites (RFC 8446 §B.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum AeadAlgorithm {
    /// AES-128 in Galois/Counter Mode.
    Aes128Gcm,
    /// AES-256 in Galois/Counter Mode.
    Aes256Gcm,
    /// ChaCha20 with Poly1305 (RFC 8439).
    ChaCha20Poly1305,
}

impl AeadAlgorithm {
    /// Length of a key in bytes.
    pub const fn key_length(self) -> usize {
        match self {
            Self::Aes128Gcm => 16,
            Self::Aes256Gcm | Self::ChaCha20Poly1305 => 32,
        }
    }

    /// How many full-size records one key may protect before it must be replaced
    /// (RFC 8446 §5.5: 2^24.5 for AES-GCM, rounded down here; the sequence number's own
    /// end for ChaCha20-Poly1305).
    pub const fn record_limit(self) -> u64 {
        match self {
            Self::Aes128Gcm | Self::Aes256Gcm => 1 << 24,
            Self::ChaCha20Poly1305 => 1 << 62,
        }
    }
}

impl CipherSuite {
    /// The cipher of a suite that this crate knows.
    pub const fn aead(self) -> Option<AeadAlgorithm> {
        match self {
            Self::TLS_AES_128_GCM_SHA256 => Some(AeadAlgorithm::Aes128Gcm),
            Self::TLS_AES_256_GCM_SHA384 => Some(AeadAlgorithm::Aes256Gcm),
            Self::TLS_CHACHA20_POLY1305_SHA256 => Some(AeadAlgorithm::ChaCha20Poly1305),
            _ => None,
        }
    }

    /// The hash of a suite that this crate knows.
    pub const fn hash(self) -> Option<HashAlgorithm> {
        match self {
            Self::TLS_AES_128_GCM_SHA256 | Self::TLS_CHACHA20_POLY1305_SHA256 => Some(HashAlgorithm::Sha256),
            Self::TLS_AES_256_GCM_SHA384 => Some(HashAlgorithm::Sha384),
            _ => None,
        }
    }
}

/// How a signature is made, whatever key made it: certificates name this and the key apart
/// (RFC 5280 §4.1.1.2), TLS 1.3 names both in one [`SignatureScheme`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum SignatureAlgorithm {
    /// ECDSA over the given hash (RFC 5758 §3.2); the curve is the key's.
    Ecdsa(HashAlgorithm),
    /// RSASSA-PKCS1-v1_5 (RFC 8017 §8.2).
    RsaPkcs1(HashAlgorithm),
    /// RSASSA-PSS with MGF1 of the same hash and a salt of its length (RFC 8446 §4.2.3).
    RsaPss(HashAlgorithm),
    /// Ed25519 (RFC 8032): signs the message, not a digest.
    Ed25519,
}

impl SignatureAlgorithm {
    /// The hash whose digest is signed; `None` where the message itself is.
    pub const fn hash(self) -> Option<HashAlgorithm> {
        match self {
            Self::Ecdsa(hash) | Self::RsaPkcs1(hash) | Self::RsaPss(hash) => Some(hash),
            Self::Ed25519 => None,
        }
    }
}

impl SignatureScheme {
    /// The algorithm of a scheme that this crate knows.
    pub const fn algorithm(self) -> Option<SignatureAlgorithm> {
        Some(match self {
            Self::RSA_PKCS1_SHA256 => SignatureAlgorithm::RsaPkcs1(HashAlgorithm::Sha256),
            Self::RSA_PKCS1_SHA384 => SignatureAlgorithm::RsaPkcs1(HashAlgorithm::Sha384),
            Self::RSA_PKCS1_SHA512 => SignatureAlgorithm::RsaPkcs1(HashAlgorithm::Sha512),
            Self::ECDSA_SECP256R1_SHA256 => SignatureAlgorithm::Ecdsa(HashAlgorithm::Sha256),
            Self::ECDSA_SECP384R1_SHA384 => SignatureAlgorithm::Ecdsa(HashAlgorithm::Sha384),
            Self::RSA_PSS_RSAE_SHA256 => SignatureAlgorithm::RsaPss(HashAlgorithm::Sha256),
            Self::RSA_PSS_RSAE_SHA384 => SignatureAlgorithm::RsaPss(HashAlgorithm::Sha384),
            Self::RSA_PSS_RSAE_SHA512 => SignatureAlgorithm::RsaPss(HashAlgorithm::Sha512),
            Self::ED25519 => SignatureAlgorithm::Ed25519,
            _ => return None,
        })
    }

    /// Whether TLS 1.3 lets it sign a handshake: PKCS#1 v1.5 is for certificates only
    /// (RFC 8446 §4.4.3).
    pub const fn signs_handshakes(self) -> bool {
        matches!(
            self.algorithm(),
            Some(SignatureAlgorithm::Ecdsa(_) | SignatureAlgorithm::RsaPss(_) | SignatureAlgorithm::Ed25519)
        )
    }

    /// Whether a key of this kind makes signatures of this scheme. In TLS 1.3 an ECDSA scheme
    /// binds its curve (RFC 8446 §4.2.3).
    pub const fn fits(self, key: &super::PublicKey<'_>) -> bool {
        matches!(
            (self, key),
            (Self::ECDSA_SECP256R1_SHA256, super::PublicKey::P256(_))
                | (Self::ECDSA_SECP384R1_SHA384, super::PublicKey::P384(_))
                | (Self::ED25519, super::PublicKey::Ed25519(_))
                | (
                    Self::RSA_PKCS1_SHA256
                        | Self::RSA_PKCS1_SHA384
                        | Self::RSA_PKCS1_SHA512
                        | Self::RSA_PSS_RSAE_SHA256
                        | Self::RSA_PSS_RSAE_SHA384
                        | Self::RSA_PSS_RSAE_SHA512,
                    super::PublicKey::Rsa { .. }
                )
        )
    }
}
