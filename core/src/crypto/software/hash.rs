//! SHA-2 (FIPS 180-4) and HMAC over it (RFC 2104).

use super::super::{CryptoError, Digest, HashAlgorithm, Hashes, Secret};
use core::fmt;
use sha2::digest::block_api::{Block, BlockSizeUser};
use sha2::digest::{FixedOutput, Output};
use zeroize::Zeroizing;

/// A hash under way: its chaining value and at most one block of input. Wiped on drop, since
/// HMAC and pre-shared keys put secrets through it.
pub struct Running<D>(D);

impl<D> fmt::Debug for Running<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Running")
    }
}

macro_rules! hash_part {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default)]
        pub struct $name;

        impl Hashes for $name {
            type Running = Running<sha2::$name>;

            fn algorithms() -> impl Iterator<Item = HashAlgorithm> {
                [HashAlgorithm::$name].into_iter()
            }
            fn start(&mut self, algorithm: HashAlgorithm) -> Result<Self::Running, CryptoError> {
                if algorithm != HashAlgorithm::$name {
                    return Err(CryptoError::Unsupported);
                }
                Ok(Running(<sha2::$name as sha2::Digest>::new()))
            }
            fn update(&mut self, running: &mut Self::Running, data: &[u8]) -> Result<(), CryptoError> {
                sha2::Digest::update(&mut running.0, data);
                Ok(())
            }
            fn snapshot(&mut self, running: &Self::Running) -> Result<Digest, CryptoError> {
                Digest::new(&sha2::Digest::finalize(running.0.clone()))
            }
            fn hmac(
                &mut self,
                algorithm: HashAlgorithm,
                key: &[u8],
                parts: &[&[u8]],
                out: &mut Secret,
            ) -> Result<(), CryptoError> {
                if algorithm != HashAlgorithm::$name {
                    return Err(CryptoError::Unsupported);
                }
                hmac::<sha2::$name>(key, parts, out)
            }
        }
    };
}

hash_part! {
    /// SHA-256 (FIPS 180-4 §6.2).
    Sha256
}
hash_part! {
    /// SHA-384 (FIPS 180-4 §6.5).
    Sha384
}
hash_part! {
    /// SHA-512 (FIPS 180-4 §6.4).
    Sha512
}

/// H(K XOR opad, H(K XOR ipad, text)) (RFC 2104 §2). Written out here because the `hmac` crate
/// leaves the padded key and the inner hash on the stack: in the key schedule both are secrets.
fn hmac<H: sha2::Digest + FixedOutput + BlockSizeUser>(
    key: &[u8],
    parts: &[&[u8]],
    out: &mut Secret,
) -> Result<(), CryptoError> {
    let mut hash = Zeroizing::new(Output::<H>::default());
    let mut pad = Zeroizing::new(Block::<H>::default());
    if let Some(room) = pad.get_mut(..key.len()) {
        room.copy_from_slice(key);
    } else {
        FixedOutput::finalize_into(H::new_with_prefix(key), &mut hash);
        pad.iter_mut().zip(hash.iter()).for_each(|(byte, key)| *byte = *key);
    }

    pad.iter_mut().for_each(|byte| *byte ^= INNER);
    let mut inner = H::new_with_prefix(pad.as_slice());
    for part in parts {
        sha2::Digest::update(&mut inner, part);
    }
    FixedOutput::finalize_into(inner, &mut hash);

    pad.iter_mut().for_each(|byte| *byte ^= INNER ^ OUTER);
    let mut outer = H::new_with_prefix(pad.as_slice());
    sha2::Digest::update(&mut outer, hash.as_slice());
    FixedOutput::finalize_into(outer, &mut hash);
    out.set(&hash)
}

/// The bytes of ipad and opad (RFC 2104 §2).
const INNER: u8 = 0x36;
const OUTER: u8 = 0x5c;

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::type_complexity)]
mod tests {
    use super::super::Sha2;
    use super::*;
    use hex_literal::hex;
    use zeroize::ZeroizeOnDrop;

    const ALL: [HashAlgorithm; 3] = [HashAlgorithm::Sha256, HashAlgorithm::Sha384, HashAlgorithm::Sha512];

    fn digest(algorithm: HashAlgorithm, pieces: &[&[u8]]) -> Digest {
        let mut hashes = Sha2::default();
        let mut running = hashes.start(algorithm).unwrap();
        for piece in pieces {
            hashes.update(&mut running, piece).unwrap();
        }
        hashes.snapshot(&running).unwrap()
    }

    fn code(algorithm: HashAlgorithm, key: &[u8], parts: &[&[u8]]) -> Secret {
        let mut out = Secret::empty();
        Sha2::default().hmac(algorithm, key, parts, &mut out).unwrap();
        out
    }

    /// The examples of FIPS 180-4, published with the standard.
    #[test]
    fn sha2_meets_the_examples_of_fips_180() {
        let two_blocks = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
        let two_long_blocks = b"abcdefghbcdefghicdefghijdefghijkefghijklfghijklm\
            ghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu";
        let cases: [(HashAlgorithm, &[u8], &[u8]); 6] = [
            (
                HashAlgorithm::Sha256,
                b"abc",
                &hex!("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            ),
            (
                HashAlgorithm::Sha256,
                two_blocks,
                &hex!("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
            ),
            (
                HashAlgorithm::Sha384,
                b"abc",
                &hex!(
                    "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded163"
                    "1a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"
                ),
            ),
            (
                HashAlgorithm::Sha384,
                two_long_blocks,
                &hex!(
                    "09330c33f71147e83d192fc782cd1b4753111b173b3b05d2"
                    "2fa08086e3b0f712fcc7c71a557e2db966c3e9fa91746039"
                ),
            ),
            (
                HashAlgorithm::Sha512,
                b"abc",
                &hex!(
                    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
                ),
            ),
            (
                HashAlgorithm::Sha512,
                two_long_blocks,
                &hex!(
                    "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018"
                    "501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909"
                ),
            ),
        ];
        for (algorithm, message, expected) in cases {
            assert_eq!(digest(algorithm, &[message]).as_bytes(), expected);
            let (head, tail) = message.split_at(message.len() / 3);
            assert_eq!(digest(algorithm, &[head, &[], tail]).as_bytes(), expected);
        }
    }

    #[test]
    fn a_hash_goes_on_after_a_snapshot() {
        for algorithm in ALL {
            let mut hashes = Sha2::default();
            let mut running = hashes.start(algorithm).unwrap();
            hashes.update(&mut running, b"Client").unwrap();
            let early = hashes.snapshot(&running).unwrap();
            hashes.update(&mut running, b"Hello").unwrap();
            assert_eq!(early, digest(algorithm, &[b"Client"]));
            assert_eq!(hashes.snapshot(&running).unwrap(), digest(algorithm, &[b"ClientHello"]));
            assert_eq!(early.as_bytes().len(), algorithm.length());
        }
    }

    #[test]
    fn hmac_meets_rfc_4231() {
        let counting: [u8; 25] = core::array::from_fn(|i| i as u8 + 1);
        let cases: [(&[u8], &[u8], &[u8], &[u8], &[u8]); 7] = [
            (
                &[0x0b; 20],
                b"Hi There",
                &hex!("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
                &hex!(
                    "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec6"
                    "82aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6"
                ),
                &hex!(
                    "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
                    "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"
                ),
            ),
            (
                b"Jefe",
                b"what do ya want for nothing?",
                &hex!("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
                &hex!(
                    "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47"
                    "e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649"
                ),
                &hex!(
                    "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
                    "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
                ),
            ),
            (
                &[0xaa; 20],
                &[0xdd; 50],
                &hex!("773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
                &hex!(
                    "88062608d3e6ad8a0aa2ace014c8a86f0aa635d947ac9feb"
                    "e83ef4e55966144b2a5ab39dc13814b94e3ab6e101a34f27"
                ),
                &hex!(
                    "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39"
                    "bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb"
                ),
            ),
            (
                &counting,
                &[0xcd; 50],
                &hex!("82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
                &hex!(
                    "3e8a69b7783c25851933ab6290af6ca77a9981480850009c"
                    "c5577c6e1f573b4e6801dd23c4a7d679ccf8a386c674cffb"
                ),
                &hex!(
                    "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3db"
                    "a91ca5c11aa25eb4d679275cc5788063a5f19741120c4f2de2adebeb10a298dd"
                ),
            ),
            // Case 5 of the RFC gives the first 16 bytes alone.
            (
                &[0x0c; 20],
                b"Test With Truncation",
                &hex!("a3b6167473100ee06e0c796c2955552b"),
                &hex!("3abf34c3503b2a23a46efc619baef897"),
                &hex!("415fad6271580a531d4179bc891d87a6"),
            ),
            (
                &[0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                &hex!("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
                &hex!(
                    "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f"
                    "3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952"
                ),
                &hex!(
                    "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
                    "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"
                ),
            ),
            (
                &[0xaa; 131],
                b"This is a test using a larger than block-size key and a larger than block-size data. \
                  The key needs to be hashed before being used by the HMAC algorithm.",
                &hex!("9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"),
                &hex!(
                    "6617178e941f020d351e2f254e8fd32c602420feb0b8fb9a"
                    "dccebb82461e99c5a678cc31e799176d3860e6110c46523e"
                ),
                &hex!(
                    "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944"
                    "b6022cac3c4982b10d5eeb55c3e4de15134676fb6de0446065c97440fa8c6a58"
                ),
            ),
        ];
        for (key, data, sha256, sha384, sha512) in cases {
            for (algorithm, expected) in ALL.into_iter().zip([sha256, sha384, sha512]) {
                let whole = code(algorithm, key, &[data]);
                assert_eq!(whole.expose().len(), algorithm.length());
                assert_eq!(&whole.expose()[..expected.len()], expected);
                let (head, tail) = data.split_at(data.len() / 2);
                assert_eq!(code(algorithm, key, &[head, &[], tail]).expose(), whole.expose());
            }
        }
    }

    #[test]
    fn hmac_takes_an_empty_key() {
        assert_eq!(
            code(HashAlgorithm::Sha256, &[], &[]).expose(),
            hex!("b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
        );
    }

    #[test]
    fn a_hash_alone_refuses_the_others() {
        assert_eq!(Sha256.start(HashAlgorithm::Sha384).err(), Some(CryptoError::Unsupported));
        let mut out = Secret::empty();
        assert_eq!(
            Sha384.hmac(HashAlgorithm::Sha512, &[], &[], &mut out).err(),
            Some(CryptoError::Unsupported)
        );
    }

    #[test]
    fn hash_states_are_wiped() {
        fn wiped<T: ZeroizeOnDrop>() {}
        wiped::<sha2::Sha256>();
        wiped::<sha2::Sha384>();
        wiped::<sha2::Sha512>();
    }
}
