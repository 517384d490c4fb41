//! Private keys for those who keep them in software. The protocol never calls them: it asks its
//! caller for a signature, and the caller may have one of these, a secure element, or a service.

use super::super::{CryptoError, SignatureScheme};
use core::fmt;
use ed25519_dalek::Signer;
use p256::ecdsa::DerSignature;

/// The longest signature that a key of this module makes, in bytes: ECDSA on P-256 in DER.
pub const MAX_SIGNATURE: usize = 72;

/// The bytes are no private key of the kind asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct InvalidPrivateKey;

impl fmt::Display for InvalidPrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the bytes are no private key of this kind")
    }
}

impl core::error::Error for InvalidPrivateKey {}

/// A P-256 private key for ECDSA with SHA-256. Wiped on drop.
pub struct EcdsaP256Key(p256::ecdsa::SigningKey);

impl EcdsaP256Key {
    /// What this key signs handshakes with.
    pub const SCHEME: SignatureScheme = SignatureScheme::ECDSA_SECP256R1_SHA256;

    /// Takes the private scalar, big-endian (RFC 5915 §3). Zero and what is not below the order
    /// of the curve are refused.
    pub fn from_scalar(scalar: &[u8; 32]) -> Result<Self, InvalidPrivateKey> {
        p256::ecdsa::SigningKey::from_slice(scalar).map(Self).map_err(|_| InvalidPrivateKey)
    }

    /// Takes a DER file: PKCS#8 (RFC 5958 §2) or the older `EC PRIVATE KEY` (RFC 5915 §3). A
    /// public key within must be the private key's.
    pub fn from_der(der: &[u8]) -> Result<Self, InvalidPrivateKey> {
        let key = p256::SecretKey::from_der(der).map_err(|_| InvalidPrivateKey)?;
        Ok(Self(p256::ecdsa::SigningKey::from(&key)))
    }

    /// The public key: an uncompressed point (SEC 1 §2.3.3), as
    /// [`PublicKey::P256`](crate::crypto::PublicKey::P256) takes it.
    pub fn public_key(&self) -> [u8; 65] {
        let mut public = [0; 65];
        public.copy_from_slice(self.0.verifying_key().to_sec1_point(false).as_bytes());
        public
    }

    /// Signs `message` into `out` and returns the length of the signature, which is DER
    /// (RFC 3279 §2.2.3) and differs from one signature to the next. Deterministic: the nonce
    /// comes from key and message (RFC 6979 §3.2), no randomness is needed.
    ///
    /// [`CryptoError::Unsupported`] if `out` has fewer than [`MAX_SIGNATURE`] bytes, whatever
    /// this signature would need: a buffer that is too small one time in two is found at once.
    pub fn sign(&self, message: &[u8], out: &mut [u8]) -> Result<usize, CryptoError> {
        let out = out.get_mut(..MAX_SIGNATURE).ok_or(CryptoError::Unsupported)?;
        let signature: DerSignature = self.0.try_sign(message).map_err(|_| CryptoError::Hardware)?;
        let signature = signature.as_bytes();
        out.get_mut(..signature.len()).ok_or(CryptoError::Unsupported)?.copy_from_slice(signature);
        Ok(signature.len())
    }
}

/// An Ed25519 private key. Wiped on drop.
pub struct Ed25519Key(ed25519_dalek::SigningKey);

impl Ed25519Key {
    /// What this key signs handshakes with.
    pub const SCHEME: SignatureScheme = SignatureScheme::ED25519;

    /// Takes the 32-byte private key of RFC 8032 §5.1.5, often called the seed.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(seed))
    }

    /// Takes a DER file: PKCS#8 (RFC 8410 §7). A public key within must be the private key's.
    pub fn from_der(der: &[u8]) -> Result<Self, InvalidPrivateKey> {
        use ed25519_dalek::pkcs8::DecodePrivateKey;
        ed25519_dalek::SigningKey::from_pkcs8_der(der).map(Self).map_err(|_| InvalidPrivateKey)
    }

    /// The public key (RFC 8032 §5.1.5).
    pub fn public_key(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    /// Signs `message` into `out` and returns the length of the signature, always 64.
    ///
    /// [`CryptoError::Unsupported`] if `out` has fewer than 64 bytes.
    pub fn sign(&self, message: &[u8], out: &mut [u8]) -> Result<usize, CryptoError> {
        let out = out.first_chunk_mut::<64>().ok_or(CryptoError::Unsupported)?;
        *out = self.0.try_sign(message).map_err(|_| CryptoError::Hardware)?.to_bytes();
        Ok(out.len())
    }
}

impl fmt::Debug for EcdsaP256Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EcdsaP256Key")
    }
}

impl fmt::Debug for Ed25519Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ed25519Key")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::type_complexity)]
mod tests {
    use super::super::super::{
        Digest, HashAlgorithm, Hashes, PublicKey, SignatureAlgorithm, Signed, Verifiers,
    };
    use super::super::{EcdsaP256, Ed25519, Sha2};
    use super::*;
    use core::fmt::Write;
    use hex_literal::hex;
    use zeroize::ZeroizeOnDrop;

    /// RFC 6979 §A.2.5.
    const SCALAR: [u8; 32] = hex!("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721");
    const POINT: [u8; 65] = hex!(
        "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
        "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"
    );

    fn sha256(message: &[u8]) -> Digest {
        let mut hashes = Sha2::default();
        let mut running = hashes.start(HashAlgorithm::Sha256).unwrap();
        hashes.update(&mut running, message).unwrap();
        hashes.snapshot(&running).unwrap()
    }

    #[test]
    fn ecdsa_signs_as_rfc_6979() {
        let key = EcdsaP256Key::from_scalar(&SCALAR).unwrap();
        assert_eq!(key.public_key(), POINT);
        let cases: [(&[u8], &[u8]); 2] = [
            (
                b"sample",
                &hex!(
                    "3046"
                    "022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
                    "022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
                ),
            ),
            (
                b"test",
                &hex!(
                    "3045"
                    "022100f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367"
                    "0220019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083"
                ),
            ),
        ];
        for (message, expected) in cases {
            let mut out = [0; MAX_SIGNATURE];
            let length = key.sign(message, &mut out).unwrap();
            assert_eq!(&out[..length], expected);
            let answer = EcdsaP256.verify(
                &PublicKey::P256(&POINT),
                SignatureAlgorithm::Ecdsa(HashAlgorithm::Sha256),
                Signed::Digest(&sha256(message)),
                expected,
            );
            assert_eq!(answer, Ok(()));
        }
    }

    #[test]
    fn scalars_out_of_range_are_refused() {
        let order = hex!("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
        for scalar in [[0; 32], order, [0xff; 32]] {
            assert_eq!(EcdsaP256Key::from_scalar(&scalar).err(), Some(InvalidPrivateKey));
        }
    }

    /// The key of RFC 6979 §A.2.5 in the two DER forms that OpenSSL writes.
    #[test]
    fn ecdsa_keys_come_from_sec1_and_pkcs8() {
        let sec1 = hex!(
            "30770201010420"
            "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721"
            "a00a06082a8648ce3d030107a144034200"
            "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
            "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"
        );
        let pkcs8 = hex!(
            "308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420"
            "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721"
            "a144034200"
            "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
            "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"
        );
        let forms: [&[u8]; 2] = [&sec1, &pkcs8];
        for der in forms {
            assert_eq!(EcdsaP256Key::from_der(der).unwrap().public_key(), POINT);
            assert!(EcdsaP256Key::from_der(&der[..der.len().checked_sub(1).unwrap()]).is_err());
            assert!(Ed25519Key::from_der(der).is_err());
        }
        let mut of_another = sec1;
        *of_another.last_mut().unwrap() ^= 1;
        assert!(EcdsaP256Key::from_der(&of_another).is_err());
    }

    #[test]
    fn ed25519_signs_as_rfc_8032() {
        let cases: [([u8; 32], [u8; 32], &[u8], [u8; 64]); 3] = [
            (
                hex!("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"),
                hex!("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"),
                &[],
                hex!(
                    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                    "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
                ),
            ),
            (
                hex!("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"),
                hex!("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"),
                &hex!("72"),
                hex!(
                    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
                ),
            ),
            (
                hex!("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7"),
                hex!("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"),
                &hex!("af82"),
                hex!(
                    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
                    "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
                ),
            ),
        ];
        for (seed, public, message, expected) in cases {
            let key = Ed25519Key::from_seed(&seed);
            assert_eq!(key.public_key(), public);
            let mut out = [0; 64];
            assert_eq!(key.sign(message, &mut out), Ok(64));
            assert_eq!(out, expected);
            let answer = Ed25519.verify(
                &PublicKey::Ed25519(&public),
                SignatureAlgorithm::Ed25519,
                Signed::Message(message),
                &out,
            );
            assert_eq!(answer, Ok(()));
        }
    }

    /// RFC 8410 §10.3: the same key without and with its public half.
    #[test]
    fn ed25519_keys_come_from_pkcs8() {
        let public = hex!("19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1");
        let short = hex!(
            "302e020100300506032b657004220420"
            "d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842"
        );
        let long = hex!(
            "3072020101300506032b657004220420"
            "d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842"
            "a01f301d060a2a864886f70d01090914310f0c0d437572646c6520436861697273"
            "812100"
            "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1"
        );
        let forms: [&[u8]; 2] = [&short, &long];
        for der in forms {
            assert_eq!(Ed25519Key::from_der(der).unwrap().public_key(), public);
            assert!(EcdsaP256Key::from_der(der).is_err());
        }
        let mut of_another = long;
        *of_another.last_mut().unwrap() ^= 1;
        assert!(Ed25519Key::from_der(&of_another).is_err());
    }

    #[test]
    fn a_buffer_that_might_be_too_small_is_refused() {
        let ecdsa = EcdsaP256Key::from_scalar(&SCALAR).unwrap();
        assert_eq!(ecdsa.sign(b"test", &mut [0; MAX_SIGNATURE - 1]), Err(CryptoError::Unsupported));
        let ed25519 = Ed25519Key::from_seed(&SCALAR);
        assert_eq!(ed25519.sign(b"test", &mut [0; 63]), Err(CryptoError::Unsupported));
    }

    #[test]
    fn keys_are_wiped_and_not_printed() {
        fn wiped<T: ZeroizeOnDrop>() {}
        wiped::<p256::ecdsa::SigningKey>();
        wiped::<ed25519_dalek::SigningKey>();
        let mut text = heapless::String::<64>::new();
        let (ecdsa, ed25519) = (EcdsaP256Key::from_scalar(&SCALAR).unwrap(), Ed25519Key::from_seed(&SCALAR));
        write!(text, "{ecdsa:?} {ed25519:?}").unwrap();
        assert_eq!(text, "EcdsaP256Key Ed25519Key");
    }
}
