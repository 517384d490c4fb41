//! [`FuzzProvider`]: deterministic, cheap, and as weak as a target needs it.
//!
//! A fuzzer cannot guess a tag or a Finished: under real cryptography all that it changes ends as
//! `BadRecordMac`. Here the tag and HMAC can each be a constant that is still *checked*, so that the branches
//! for wrong ones are there to be found, and everything behind them too.

use ferrule::crypto::{
    AeadAlgorithm, AeadKey, Aeads, Composed, CryptoError, Digest, HashAlgorithm, Hashes, KeyExchanges,
    MAX_KEY_SHARE, NONCE_LENGTH, NamedGroup, PublicKey, Random, Secret, SharedSecret, SignatureAlgorithm,
    SignatureScheme, Signed, TAG_LENGTH, Verifiers,
};

/// How much of the cryptography is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strength {
    /// One tag, one HMAC: a record and a flight may be altered at will, Finished fits all the same.
    Open,
    /// One tag for all records, but HMAC depends on all it is given: Finished proves the transcript.
    Finished,
    /// Tags depend on key, nonce and content as well, and records are scrambled.
    Sealed,
}

/// The one tag of [`Strength::Open`] and [`Strength::Finished`].
pub const TAG: [u8; TAG_LENGTH] = [0x7a; TAG_LENGTH];
/// All bytes of the one HMAC of [`Strength::Open`].
pub const HMAC_BYTE: u8 = 0x4d;
/// A signature that every key makes of every message. Any other is good too, unless it ends in zero.
pub const SIGNATURE: [u8; 8] = *b"signed!!";

/// The provider.
pub type FuzzProvider = Composed<FuzzRandom, FuzzHashes, FuzzAeads, FuzzKeyExchanges, FuzzVerifiers>;

/// A provider whose random bytes follow from `seed`.
pub fn provider(strength: Strength, seed: u64) -> FuzzProvider {
    Composed {
        random: FuzzRandom(seed),
        hashes: FuzzHashes(strength),
        aeads: FuzzAeads(strength),
        key_exchanges: FuzzKeyExchanges,
        verifiers: FuzzVerifiers,
    }
}

/// SplitMix64.
#[derive(Debug, Clone)]
pub struct FuzzRandom(pub u64);

const fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

impl FuzzRandom {
    /// The next word.
    pub fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }
}

impl Random for FuzzRandom {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), CryptoError> {
        for piece in out.chunks_mut(8) {
            piece.copy_from_slice(&self.word().to_le_bytes()[..piece.len()]);
        }
        Ok(())
    }
}

/// 64 bits of state: no hash, but no fuzzer inverts it by chance, and how the input is cut makes no
/// difference.
#[derive(Debug, Clone, Copy)]
pub struct Sum(u64, u64);

impl Sum {
    const fn new(key: u64) -> Self {
        Self(key ^ 0xcbf2_9ce4_8422_2325, 0)
    }

    fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(23);
        }
        self.1 += bytes.len() as u64;
    }

    /// A part whose end is a part of what is summed.
    fn add_part(&mut self, bytes: &[u8]) {
        self.add(bytes);
        self.0 = mix(self.0 ^ bytes.len() as u64);
    }

    fn stream(self) -> FuzzRandom {
        FuzzRandom(mix(self.0 ^ mix(self.1)))
    }

    fn bytes<const N: usize>(self, length: usize) -> [u8; N] {
        let mut bytes = [0; N];
        for piece in bytes[..length].chunks_mut(8).scan(self.stream(), |s, p| Some((s.word(), p))) {
            piece.1.copy_from_slice(&piece.0.to_le_bytes()[..piece.1.len()]);
        }
        bytes
    }
}

/// Hashes that are sums.
pub struct FuzzHashes(Strength);

impl Hashes for FuzzHashes {
    type Running = (HashAlgorithm, Sum);

    fn algorithms() -> impl Iterator<Item = HashAlgorithm> {
        [HashAlgorithm::Sha256, HashAlgorithm::Sha384, HashAlgorithm::Sha512].into_iter()
    }
    fn start(&mut self, algorithm: HashAlgorithm) -> Result<Self::Running, CryptoError> {
        Ok((algorithm, Sum::new(algorithm.length() as u64)))
    }
    fn update(&mut self, running: &mut Self::Running, data: &[u8]) -> Result<(), CryptoError> {
        running.1.add(data);
        Ok(())
    }
    fn snapshot(&mut self, running: &Self::Running) -> Result<Digest, CryptoError> {
        let length = running.0.length();
        Digest::new(&running.1.bytes::<64>(length)[..length])
    }
    fn hmac(
        &mut self,
        algorithm: HashAlgorithm,
        key: &[u8],
        parts: &[&[u8]],
        out: &mut Secret,
    ) -> Result<(), CryptoError> {
        let length = algorithm.length();
        if self.0 == Strength::Open {
            return out.set(&[HMAC_BYTE; 64][..length]);
        }
        let mut sum = Sum::new(algorithm.length() as u64);
        sum.add_part(key);
        // HMAC is of the parts' concatenation.
        parts.iter().for_each(|part| sum.add(part));
        out.set(&sum.bytes::<64>(length)[..length])
    }
}

/// Ciphers that are sums, or nothing.
pub struct FuzzAeads(Strength);

/// A key: its sum.
pub struct FuzzKey(Strength, Sum);

impl Aeads for FuzzAeads {
    type Key = FuzzKey;

    fn algorithms() -> impl Iterator<Item = AeadAlgorithm> {
        [AeadAlgorithm::Aes128Gcm, AeadAlgorithm::Aes256Gcm, AeadAlgorithm::ChaCha20Poly1305].into_iter()
    }
    fn key(&mut self, algorithm: AeadAlgorithm, key: &[u8]) -> Result<FuzzKey, CryptoError> {
        assert_eq!(key.len(), algorithm.key_length(), "a key of another length than the algorithm's");
        let mut sum = Sum::new(key.len() as u64);
        sum.add_part(key);
        Ok(FuzzKey(self.0, sum))
    }
}

impl FuzzKey {
    fn scramble(&self, nonce: &[u8], in_out: &mut [u8]) {
        let mut sum = self.1;
        sum.add_part(nonce);
        let mut stream = sum.stream();
        for piece in in_out.chunks_mut(8) {
            let word = stream.word().to_le_bytes();
            piece.iter_mut().zip(word).for_each(|(byte, key)| *byte ^= key);
        }
    }

    fn tag(&self, nonce: &[u8], associated: &[u8], ciphertext: &[u8]) -> [u8; TAG_LENGTH] {
        let mut sum = self.1;
        [nonce, associated, ciphertext].iter().for_each(|part| sum.add_part(part));
        sum.bytes(TAG_LENGTH)
    }
}

impl AeadKey for FuzzKey {
    fn seal(
        &mut self,
        nonce: &[u8; NONCE_LENGTH],
        associated: &[u8],
        in_out: &mut [u8],
    ) -> Result<[u8; TAG_LENGTH], CryptoError> {
        if self.0 != Strength::Sealed {
            return Ok(TAG);
        }
        self.scramble(nonce, in_out);
        Ok(self.tag(nonce, associated, in_out))
    }
    fn open(
        &mut self,
        nonce: &[u8; NONCE_LENGTH],
        associated: &[u8],
        in_out: &mut [u8],
        tag: &[u8; TAG_LENGTH],
    ) -> Result<(), CryptoError> {
        let sealed = self.0 == Strength::Sealed;
        let expected = if sealed { self.tag(nonce, associated, in_out) } else { TAG };
        if *tag != expected {
            in_out.fill(0);
            return Err(CryptoError::BadTag);
        }
        if sealed {
            self.scramble(nonce, in_out);
        }
        Ok(())
    }
}

/// One share and one secret a group.
pub struct FuzzKeyExchanges;

/// The share of a group: as long as the real one.
pub fn share(group: NamedGroup) -> Option<&'static [u8]> {
    match group {
        NamedGroup::X25519 => Some(&[0x25; 32]),
        NamedGroup::SECP256R1 => Some(&[4; 65]),
        NamedGroup::SECP384R1 => Some(&[4; 97]),
        _ => None,
    }
}

impl KeyExchanges for FuzzKeyExchanges {
    type Private = NamedGroup;

    fn groups() -> impl Iterator<Item = NamedGroup> {
        [NamedGroup::X25519, NamedGroup::SECP256R1, NamedGroup::SECP384R1].into_iter()
    }
    fn start<R: Random>(
        &mut self,
        group: NamedGroup,
        _: &mut R,
        room: &mut [u8; MAX_KEY_SHARE],
    ) -> Result<(NamedGroup, usize), CryptoError> {
        let public = share(group).ok_or(CryptoError::Unsupported)?;
        room[..public.len()].copy_from_slice(public);
        Ok((group, public.len()))
    }
    /// Refuses shares of another length, and, as a stand-in for points off the curve, those that end in zero.
    fn finish(
        &mut self,
        group: &NamedGroup,
        peer_share: &[u8],
        shared: &mut SharedSecret,
    ) -> Result<(), CryptoError> {
        let length = share(*group).ok_or(CryptoError::Unsupported)?.len();
        if peer_share.len() != length || peer_share.ends_with(&[0]) {
            return Err(CryptoError::InvalidKeyShare);
        }
        shared.set(&[0x55; 32])
    }
}

/// Believes every signature that has bytes and does not end in zero.
pub struct FuzzVerifiers;

impl Verifiers for FuzzVerifiers {
    fn schemes() -> impl Iterator<Item = SignatureScheme> {
        [
            SignatureScheme::ECDSA_SECP256R1_SHA256,
            SignatureScheme::ECDSA_SECP384R1_SHA384,
            SignatureScheme::ED25519,
            SignatureScheme::RSA_PSS_RSAE_SHA256,
            SignatureScheme::RSA_PKCS1_SHA256,
        ]
        .into_iter()
    }
    fn verify(
        &mut self,
        _: &PublicKey<'_>,
        _: SignatureAlgorithm,
        _: Signed<'_>,
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        if signature.is_empty() || signature.ends_with(&[0]) {
            return Err(CryptoError::BadSignature);
        }
        Ok(())
    }
}
