//! P-384: ECDH (RFC 8446 §7.4.2) and ECDSA verification (FIPS 186-5 §6.4.2). The public web's ECDSA chains
//! are signed with such keys. Apart from P-256 because of its flash: some 17 kB on a Cortex-M4F, optimised for size. Who only
//! verifies has `CompactEcdsaP384`.

use super::super::{
    CryptoError, KeyExchanges, MAX_KEY_SHARE, NamedGroup, PublicKey, Random, SharedSecret,
    SignatureAlgorithm, SignatureScheme, Signed, Verifiers,
};
use core::fmt;
use p384::ecdsa::signature::hazmat::PrehashVerifier;
use p384::ecdsa::{DerSignature, VerifyingKey};
use p384::elliptic_curve::sec1::{FromSec1Point, ToSec1Point};
use p384::{FieldBytes, NonZeroScalar, Sec1Point};
use zeroize::Zeroizing;

/// ECDH on P-384 (SEC 1 §3.3.1). A share is an uncompressed point of 97 bytes (RFC 8446 §4.2.8.2).
#[derive(Debug, Clone, Copy, Default)]
pub struct Secp384r1;

/// An ephemeral private key on P-384. Wiped on drop.
pub struct Secp384r1Private(Zeroizing<NonZeroScalar>);

impl fmt::Debug for Secp384r1Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secp384r1Private")
    }
}

/// How many scalars are drawn before the random source is called broken. Fewer than one in 2^190 is out of
/// range.
const DRAWS: usize = 2;

impl KeyExchanges for Secp384r1 {
    type Private = Secp384r1Private;

    fn groups() -> impl Iterator<Item = NamedGroup> {
        [NamedGroup::SECP384R1].into_iter()
    }

    fn start<R: Random>(
        &mut self,
        group: NamedGroup,
        random: &mut R,
        share: &mut [u8; MAX_KEY_SHARE],
    ) -> Result<(Secp384r1Private, usize), CryptoError> {
        if group != NamedGroup::SECP384R1 {
            return Err(CryptoError::Unsupported);
        }
        let private = Secp384r1Private(draw_scalar(random)?);
        let public = p384::PublicKey::from_secret_scalar(&private.0).to_sec1_point(false);
        let public = public.as_bytes();
        share.get_mut(..public.len()).ok_or(CryptoError::Unsupported)?.copy_from_slice(public);
        Ok((private, public.len()))
    }

    fn finish(
        &mut self,
        private: &Secp384r1Private,
        peer_share: &[u8],
        shared: &mut SharedSecret,
    ) -> Result<(), CryptoError> {
        let peer = uncompressed_point(peer_share).ok_or(CryptoError::InvalidKeyShare)?;
        let secret = p384::ecdh::diffie_hellman(&*private.0, peer.as_affine());
        shared.set(secret.raw_secret_bytes())
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

/// Reads a point in the one form that TLS 1.3 and our certificates allow: 97 bytes, beginning with 4
/// (SEC 1 §2.3.4).
fn uncompressed_point(bytes: &[u8]) -> Option<p384::PublicKey> {
    match bytes {
        [4, coordinates @ ..] => {
            let point = Sec1Point::from_untagged_bytes(coordinates.try_into().ok()?);
            p384::PublicKey::from_sec1_point(&point).into_option()
        }
        _ => None,
    }
}

/// ECDSA with P-384 keys over SHA-256, SHA-384 and SHA-512; handshakes are offered SHA-384 alone, since
/// TLS 1.3 binds the curve to its hash (RFC 8446 §4.2.3). Signatures are as strict as
/// [`EcdsaP256`](super::EcdsaP256)'s.
#[derive(Debug, Clone, Copy, Default)]
pub struct EcdsaP384;

impl Verifiers for EcdsaP384 {
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
        let key = uncompressed_point(point).ok_or(CryptoError::InvalidPublicKey)?;
        let signature = DerSignature::from_bytes(signature).map_err(|_| CryptoError::BadSignature)?;
        VerifyingKey::from(key)
            .verify_prehash(digest.as_bytes(), &signature)
            .map_err(|_| CryptoError::BadSignature)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::super::super::{Digest, HashAlgorithm};
    use super::*;
    use hex_literal::hex;
    use p384::ecdsa::signature::hazmat::PrehashSigner;

    struct Scripted([u8; 48]);

    impl Random for Scripted {
        fn fill(&mut self, out: &mut [u8]) -> Result<(), CryptoError> {
            out.copy_from_slice(&self.0);
            Ok(())
        }
    }

    /// RFC 5903 §8.2: i, g^i, r, g^r and the shared secret of the 384-bit group.
    #[test]
    fn ecdh_meets_rfc_5903_section_8_2() {
        let i = hex!(
            "099f3c7034d4a2c699884d73a375a67f7624ef7c6b3c0f160647b67414dce655e35b538041e649ee3faef896783ab194"
        );
        let gi = hex!(
            "04667842d7d180ac2cde6f74f37551f55755c7645c20ef73e31634fe72b4c55ee6de3ac808acb4bdb4c88732aee95f41aa"
            "9482ed1fc0eeb9cafc4984625ccfc23f65032149e0e144ada024181535a0f38eeb9fcff3c2c947dae69b4c634573a81c"
        );
        let gr = hex!(
            "04e558dbef53eecde3d3fccfc1aea08a89a987475d12fd950d83cfa41732bc509d0d1ac43a0336def96fda41d0774a3571"
            "dcfbec7aacf3196472169e838430367f66eebe3c6e70c416dd5f0c68759dd1fff83fa40142209dff5eaad96db9e6386c"
        );
        let z = hex!(
            "11187331c279962d93d604243fd592cb9d0a926f422e47187521287e7156c5c4d603135569b9e9d09cf5d4a270f59746"
        );
        let mut share = [0; MAX_KEY_SHARE];
        let (private, length) = Secp384r1.start(NamedGroup::SECP384R1, &mut Scripted(i), &mut share).unwrap();
        assert_eq!(&share[..length], gi);
        let mut shared = SharedSecret::empty();
        Secp384r1.finish(&private, &gr, &mut shared).unwrap();
        assert_eq!(shared.expose(), z);
        let mut off_curve = gr;
        off_curve[96] ^= 1;
        assert_eq!(Secp384r1.finish(&private, &off_curve, &mut shared), Err(CryptoError::InvalidKeyShare));
        assert_eq!(Secp384r1.finish(&private, &gr[1..], &mut shared), Err(CryptoError::InvalidKeyShare));
    }

    #[test]
    fn a_signature_verifies_over_its_own_digest_and_no_other() {
        let signer = p384::ecdsa::SigningKey::from_slice(&[7; 48]).unwrap();
        let signature: DerSignature = signer.sign_prehash(&[1; 48]).unwrap();
        let point = signer.verifying_key().to_sec1_point(false);
        let verify = |digest: &[u8]| {
            EcdsaP384.verify(
                &PublicKey::P384(point.as_bytes()),
                SignatureAlgorithm::Ecdsa(HashAlgorithm::Sha384),
                Signed::Digest(&Digest::new(digest).unwrap()),
                signature.as_bytes(),
            )
        };
        assert_eq!(verify(&[1; 48]), Ok(()));
        assert_eq!(verify(&[2; 48]), Err(CryptoError::BadSignature));
        assert_eq!(verify(&[1; 32]), Err(CryptoError::Unsupported));
    }
}
