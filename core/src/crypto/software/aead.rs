//! The record ciphers of TLS 1.3 (RFC 8446 §B.4): AES-GCM (NIST SP 800-38D, RFC 5116 §5) and
//! ChaCha20-Poly1305 (RFC 8439).

use super::super::{AeadAlgorithm, AeadKey, Aeads, CryptoError, NONCE_LENGTH, TAG_LENGTH};
use aes_gcm::aead::consts::{U12, U16};
use aes_gcm::aead::{AeadInOut, KeyInit};
use core::fmt;

/// A key made ready for the cipher `C`. Wiped on drop.
pub struct CipherKey<C>(C);

impl<C> fmt::Debug for CipherKey<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CipherKey")
    }
}

macro_rules! aead_part {
    ($(#[$doc:meta])* $name:ident, $cipher:ty) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default)]
        pub struct $name;

        impl Aeads for $name {
            type Key = CipherKey<$cipher>;

            fn algorithms() -> impl Iterator<Item = AeadAlgorithm> {
                [AeadAlgorithm::$name].into_iter()
            }
            // Its copies of the key schedule are off the stack when it returns.
            #[inline(never)]
            fn key(&mut self, algorithm: AeadAlgorithm, key: &[u8]) -> Result<Self::Key, CryptoError> {
                if algorithm != AeadAlgorithm::$name {
                    return Err(CryptoError::Unsupported);
                }
                <$cipher>::new_from_slice(key).map(CipherKey).map_err(|_| CryptoError::Unsupported)
            }
        }
    };
}

aead_part! {
    /// AES-128-GCM: what every TLS 1.3 peer has (RFC 8446 §9.1).
    Aes128Gcm, aes_gcm::Aes128Gcm
}
aead_part! {
    /// AES-256-GCM.
    Aes256Gcm, aes_gcm::Aes256Gcm
}
aead_part! {
    /// ChaCha20-Poly1305: the faster one where the processor has no AES instructions, and in
    /// constant time on every processor.
    ChaCha20Poly1305, chacha20poly1305::ChaCha20Poly1305
}

impl<C: AeadInOut<NonceSize = U12, TagSize = U16>> AeadKey for CipherKey<C> {
    /// [`CryptoError::Unsupported`] for a message longer than the cipher's counter reaches
    /// (64 GiB for AES-GCM): no TLS record is.
    fn seal(
        &mut self,
        nonce: &[u8; NONCE_LENGTH],
        associated: &[u8],
        in_out: &mut [u8],
    ) -> Result<[u8; TAG_LENGTH], CryptoError> {
        self.0
            .encrypt_inout_detached(nonce.into(), associated, in_out.into())
            .map(Into::into)
            .map_err(|_| CryptoError::Unsupported)
    }

    /// Both ciphers authenticate the ciphertext before they decrypt a byte, so on
    /// [`CryptoError::BadTag`] the buffer is what it was.
    fn open(
        &mut self,
        nonce: &[u8; NONCE_LENGTH],
        associated: &[u8],
        in_out: &mut [u8],
        tag: &[u8; TAG_LENGTH],
    ) -> Result<(), CryptoError> {
        self.0
            .decrypt_inout_detached(nonce.into(), associated, in_out.into(), tag.into())
            .map_err(|_| CryptoError::BadTag)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]
mod tests {
    use super::super::Aead;
    use super::*;
    use hex_literal::hex;
    use zeroize::ZeroizeOnDrop;

    const ALL: [AeadAlgorithm; 3] =
        [AeadAlgorithm::Aes128Gcm, AeadAlgorithm::Aes256Gcm, AeadAlgorithm::ChaCha20Poly1305];

    struct Case<'a> {
        algorithm: AeadAlgorithm,
        key: &'a [u8],
        nonce: [u8; NONCE_LENGTH],
        associated: &'a [u8],
        plaintext: &'a [u8],
        ciphertext: &'a [u8],
        tag: [u8; TAG_LENGTH],
    }

    impl Case<'_> {
        fn holds(&self) {
            let mut key = Aead::default().key(self.algorithm, self.key).unwrap();
            let mut room = [0; 128];
            let in_out = &mut room[..self.plaintext.len()];
            in_out.copy_from_slice(self.plaintext);
            assert_eq!(key.seal(&self.nonce, self.associated, in_out), Ok(self.tag));
            assert_eq!(in_out, self.ciphertext);
            assert_eq!(key.open(&self.nonce, self.associated, in_out, &self.tag), Ok(()));
            assert_eq!(in_out, self.plaintext);
        }
    }

    /// McGrew and Viega, "The Galois/Counter Mode of Operation (GCM)", appendix B: cases 1 to 4
    /// and 13 to 16.
    #[test]
    fn aes_gcm_meets_the_cases_of_its_authors() {
        let plaintext = hex!(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
            "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255"
        );
        let associated = hex!("feedfacedeadbeeffeedfacedeadbeefabaddad2");
        let nonce = hex!("cafebabefacedbaddecaf888");
        let key = hex!("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
        let ciphertext_128 = hex!(
            "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
            "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091473f5985"
        );
        let ciphertext_256 = hex!(
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
            "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad"
        );
        type Row<'a> = (usize, [u8; 16], &'a [u8], [u8; 16], [u8; 16], &'a [u8], [u8; 16], [u8; 16]);
        let rows: [Row<'_>; 2] = [
            (
                16,
                hex!("58e2fccefa7e3061367f1d57a4e7455a"),
                &hex!("0388dace60b6a392f328c2b971b2fe78"),
                hex!("ab6e47d42cec13bdf53a67b21257bddf"),
                hex!("4d5c2af327cd64a62cf35abd2ba6fab4"),
                &ciphertext_128,
                hex!("5bc94fbc3221a5db94fae95ae7121a47"),
                [0; 16],
            ),
            (
                32,
                hex!("530f8afbc74536b9a963b4f1c4cb738b"),
                &hex!("cea7403d4d606b6e074ec5d3baf39d18"),
                hex!("d0d1c8a799996bf0265b98b5d48ab919"),
                hex!("b094dac5d93471bdec1a502270e3cc6c"),
                &ciphertext_256,
                hex!("76fc6ece0f4e1768cddf8853bb2d551b"),
                [0; 16],
            ),
        ];
        for (length, empty_tag, block, block_tag, whole_tag, whole, short_tag, zeros) in rows {
            let algorithm = if length == 16 { AeadAlgorithm::Aes128Gcm } else { AeadAlgorithm::Aes256Gcm };
            let (zero_key, key) = (&[0; 32][..length], &key[..length]);
            let zero = |plaintext, ciphertext, tag| Case {
                algorithm,
                key: zero_key,
                nonce: [0; 12],
                associated: &[],
                plaintext,
                ciphertext,
                tag,
            };
            zero(&[], &[], empty_tag).holds();
            zero(&zeros, block, block_tag).holds();
            let full = |associated, length: usize, tag| Case {
                algorithm,
                key,
                nonce,
                associated,
                plaintext: &plaintext[..length],
                ciphertext: &whole[..length],
                tag,
            };
            full(&[], 64, whole_tag).holds();
            full(&associated, 60, short_tag).holds();
        }
    }

    #[test]
    fn chacha20_poly1305_meets_rfc_8439_section_2_8_2() {
        Case {
            algorithm: AeadAlgorithm::ChaCha20Poly1305,
            key: &hex!("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"),
            nonce: hex!("070000004041424344454647"),
            associated: &hex!("50515253c0c1c2c3c4c5c6c7"),
            plaintext: b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip \
                for the future, sunscreen would be it.",
            ciphertext: &hex!(
                "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
                "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
                "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
                "3ff4def08e4b7a9de576d26586cec64b6116"
            ),
            tag: hex!("1ae10b594f09e26a7e902ecbd0600691"),
        }
        .holds();
    }

    #[test]
    fn a_bad_tag_leaves_no_plaintext() {
        for algorithm in ALL {
            let mut key = Aead::default().key(algorithm, &[7; 32][..algorithm.key_length()]).unwrap();
            let (nonce, plaintext) = ([3; 12], *b"attack at dawn, attack at dawn, attack at dawn");
            let mut in_out = plaintext;
            let tag = key.seal(&nonce, b"header", &mut in_out).unwrap();
            let sealed = in_out;

            for bit in 0..128 {
                let mut forged = tag;
                forged[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(key.open(&nonce, b"header", &mut in_out, &forged), Err(CryptoError::BadTag));
                assert_eq!(in_out, sealed);
            }
            assert_eq!(key.open(&nonce, b"Header", &mut in_out, &tag), Err(CryptoError::BadTag));
            assert_eq!(key.open(&[4; 12], b"header", &mut in_out, &tag), Err(CryptoError::BadTag));
            assert_eq!(in_out, sealed);
            assert_eq!(key.open(&nonce, b"header", &mut in_out, &tag), Ok(()));
            assert_eq!(in_out, plaintext);
        }
    }

    #[test]
    fn a_key_of_another_length_is_refused() {
        for algorithm in ALL {
            for length in [0, 15, 17, 24, 31, 33] {
                let refused = Aead::default().key(algorithm, &[0; 33][..length]).err();
                assert_eq!(refused, Some(CryptoError::Unsupported));
            }
        }
        let refused = Aes128Gcm.key(AeadAlgorithm::Aes256Gcm, &[0; 32]).err();
        assert_eq!(refused, Some(CryptoError::Unsupported));
    }

    #[test]
    fn keys_are_wiped() {
        fn wiped<T: ZeroizeOnDrop>() {}
        wiped::<aes_gcm::Aes128Gcm>();
        wiped::<aes_gcm::Aes256Gcm>();
        wiped::<chacha20poly1305::ChaCha20Poly1305>();
    }
}
