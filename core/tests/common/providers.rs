//! Providers that are not ours, to prove that the traits fit what they were made for: a firmware
//! with one suite, a chip that fails and keeps its state to itself, and no cryptography at all.

#![allow(dead_code, unreachable_pub)]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use ferrule::crypto::software::{self, EcdsaP256, KeyExchange, Secp256r1, Sha2};
use ferrule::crypto::{
    AeadAlgorithm, AeadKey, Aeads, Composed, CryptoError, Digest, HashAlgorithm, Hashes, KeyExchanges,
    MAX_KEY_SHARE, NONCE_LENGTH, NamedGroup, PublicKey, Random, Secret, SharedSecret, SignatureAlgorithm,
    SignatureScheme, Signed, TAG_LENGTH, Verifiers,
};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

/// A random source that repeats itself: SplitMix64 from a seed. For tests alone.
#[derive(Debug, Clone)]
pub struct TestRandom(u64);

impl TestRandom {
    /// The stream of `seed`; streams of different seeds have nothing in common.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x2545_f491_4f6c_dd1d))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

impl Random for TestRandom {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), CryptoError> {
        for piece in out.chunks_mut(8) {
            piece.copy_from_slice(&self.next().to_le_bytes()[..piece.len()]);
        }
        Ok(())
    }
}

/// (a) One suite: a firmware that has one algorithm of each kind, so that nothing is left to
/// negotiate and nothing else is linked.
pub type OneSuite<R> = Composed<R, software::Sha256, software::Aes128Gcm, Secp256r1, EcdsaP256>;

/// One algorithm of each kind over `random`.
pub fn one_suite<R: Random>(random: R) -> OneSuite<R> {
    Composed {
        random,
        hashes: software::Sha256,
        aeads: software::Aes128Gcm,
        key_exchanges: Secp256r1,
        verifiers: EcdsaP256,
    }
}

/// (b) A chip. Its operations can be made to fail; hash contexts, AEAD keys and ephemeral keys
/// lie in it, in few slots, and callers hold handles.
///
/// The traits have no call that gives a slot back, and need none: a handle frees its slot when it
/// is dropped. For that it must reach the chip without the part, which is what the shared
/// reference is for; in a firmware the chip is a `static` and the lock a critical section.
pub struct Chip {
    fuse: Fuse,
    /// Which hash contexts are held. The contexts themselves lie in the part.
    hash_slots: AtomicU32,
    aead_keys: Slots<<software::Aead as Aeads>::Key, AEAD_SLOTS>,
    private_keys: Slots<<KeyExchange as KeyExchanges>::Private, PRIVATE_SLOTS>,
}

/// Hash contexts of the chip: the transcript, and one to spare.
pub const HASH_SLOTS: usize = 2;
/// AEAD keys of the chip: two directions, and their successors while keys change.
pub const AEAD_SLOTS: usize = 4;
/// Ephemeral keys of the chip.
pub const PRIVATE_SLOTS: usize = 1;

/// When the chip fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    Never,
    /// The operation of this number, counted from zero, and no other.
    Once(u32),
    /// The operation of this number and all after it.
    From(u32),
}

impl Chip {
    pub fn new(failure: Failure) -> Self {
        Self {
            fuse: Fuse { burnt: AtomicU32::new(0), failure },
            hash_slots: AtomicU32::new(0),
            aead_keys: Slots::new(),
            private_keys: Slots::new(),
        }
    }

    /// A provider on this chip. Several may share it.
    pub fn provider(&self, random: TestRandom) -> Hardware<'_> {
        Composed {
            random: ChipRandom { chip: self, random },
            hashes: ChipHashes { chip: self, contexts: [const { None }; HASH_SLOTS] },
            aeads: ChipAeads { chip: self },
            key_exchanges: ChipKeyExchanges { chip: self },
            verifiers: ChipVerifiers { chip: self },
        }
    }

    /// How many operations were asked for.
    pub fn operations(&self) -> u32 {
        self.fuse.burnt.load(Ordering::Relaxed)
    }

    /// How many slots are held by a living handle.
    pub fn held(&self) -> usize {
        self.hash_slots.load(Ordering::Relaxed).count_ones() as usize
            + self.aead_keys.held()
            + self.private_keys.held()
    }
}

/// The provider on a [`Chip`].
pub type Hardware<'c> =
    Composed<ChipRandom<'c>, ChipHashes<'c>, ChipAeads<'c>, ChipKeyExchanges<'c>, ChipVerifiers<'c>>;

struct Fuse {
    burnt: AtomicU32,
    failure: Failure,
}

impl Fuse {
    fn burn(&self) -> Result<(), CryptoError> {
        let number = self.burnt.fetch_add(1, Ordering::Relaxed);
        let fails = match self.failure {
            Failure::Never => false,
            Failure::Once(at) => number == at,
            Failure::From(at) => number >= at,
        };
        if fails { Err(CryptoError::Hardware) } else { Ok(()) }
    }
}

/// A fixed table in the chip.
struct Slots<T, const N: usize>(Mutex<[Option<T>; N]>);

/// A handle on a slot: not `Clone`; empties the slot when dropped.
pub struct Handle<'c, T, const N: usize> {
    slots: &'c Slots<T, N>,
    slot: usize,
}

impl<T, const N: usize> Slots<T, N> {
    fn new() -> Self {
        Self(Mutex::new([const { None }; N]))
    }

    /// The chip has no memory left for another: [`CryptoError::Hardware`].
    fn put(&self, value: T) -> Result<Handle<'_, T, N>, CryptoError> {
        let mut slots = self.0.lock().unwrap();
        let slot = slots.iter().position(Option::is_none).ok_or(CryptoError::Hardware)?;
        slots[slot] = Some(value);
        Ok(Handle { slots: self, slot })
    }

    fn held(&self) -> usize {
        self.0.lock().unwrap().iter().flatten().count()
    }
}

impl<T, const N: usize> Handle<'_, T, N> {
    fn with<A>(&self, operation: impl FnOnce(&mut T) -> Result<A, CryptoError>) -> Result<A, CryptoError> {
        let mut slots = self.slots.0.lock().unwrap();
        operation(slots[self.slot].as_mut().ok_or(CryptoError::Hardware)?)
    }
}

impl<T, const N: usize> Drop for Handle<'_, T, N> {
    fn drop(&mut self) {
        self.slots.0.lock().unwrap()[self.slot] = None;
    }
}

pub struct ChipRandom<'c> {
    chip: &'c Chip,
    random: TestRandom,
}

impl Random for ChipRandom<'_> {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), CryptoError> {
        self.chip.fuse.burn().map_err(|_| CryptoError::NoRandomness)?;
        self.random.fill(out)
    }
}

type HashContext = <Sha2 as Hashes>::Running;

/// One hash engine, whose context is swapped in and out of a table that lies in the part.
pub struct ChipHashes<'c> {
    chip: &'c Chip,
    contexts: [Option<HashContext>; HASH_SLOTS],
}

/// The number of a context. It cannot be cloned, and neither can the context.
pub struct HashHandle<'c> {
    chip: &'c Chip,
    slot: usize,
}

impl Drop for HashHandle<'_> {
    /// Marks the slot free; the part wipes what is in it when it next looks at its table.
    fn drop(&mut self) {
        self.chip.hash_slots.fetch_and(!(1 << self.slot), Ordering::Relaxed);
    }
}

impl ChipHashes<'_> {
    fn sweep(&mut self) {
        let held = self.chip.hash_slots.load(Ordering::Relaxed);
        for (slot, context) in self.contexts.iter_mut().enumerate() {
            if held & (1 << slot) == 0 {
                *context = None;
            }
        }
    }
}

impl<'c> Hashes for ChipHashes<'c> {
    type Running = HashHandle<'c>;

    fn algorithms() -> impl Iterator<Item = HashAlgorithm> {
        [HashAlgorithm::Sha256, HashAlgorithm::Sha384].into_iter()
    }
    fn start(&mut self, algorithm: HashAlgorithm) -> Result<HashHandle<'c>, CryptoError> {
        self.chip.fuse.burn()?;
        if !Self::algorithms().any(|has| has == algorithm) {
            return Err(CryptoError::Unsupported);
        }
        self.sweep();
        let slot = (0..HASH_SLOTS).find(|slot| {
            // Another provider on the same chip may ask at the same time.
            self.chip.hash_slots.fetch_or(1 << slot, Ordering::Relaxed) & (1 << slot) == 0
        });
        let handle = HashHandle { chip: self.chip, slot: slot.ok_or(CryptoError::Hardware)? };
        self.contexts[handle.slot] = Some(Sha2::default().start(algorithm)?);
        Ok(handle)
    }
    fn update(&mut self, running: &mut HashHandle<'c>, data: &[u8]) -> Result<(), CryptoError> {
        // Restored into the engine; the table has no copy while the engine runs, so that a
        // failure here loses the context, as it would on a chip.
        let mut engine = self.contexts[running.slot].take().ok_or(CryptoError::Hardware)?;
        self.chip.fuse.burn()?;
        Sha2::default().update(&mut engine, data)?;
        self.contexts[running.slot] = Some(engine);
        Ok(())
    }
    fn snapshot(&mut self, running: &HashHandle<'c>) -> Result<Digest, CryptoError> {
        let context = self.contexts[running.slot].as_ref().ok_or(CryptoError::Hardware)?;
        self.chip.fuse.burn()?;
        Sha2::default().snapshot(context)
    }
    fn hmac(
        &mut self,
        algorithm: HashAlgorithm,
        key: &[u8],
        parts: &[&[u8]],
        out: &mut Secret,
    ) -> Result<(), CryptoError> {
        self.chip.fuse.burn()?;
        Sha2::default().hmac(algorithm, key, parts, out)
    }
}

pub struct ChipAeads<'c> {
    chip: &'c Chip,
}

/// The number of a key in the chip's engine.
pub struct ChipKey<'c> {
    chip: &'c Chip,
    key: Handle<'c, <software::Aead as Aeads>::Key, AEAD_SLOTS>,
}

impl<'c> Aeads for ChipAeads<'c> {
    type Key = ChipKey<'c>;

    fn algorithms() -> impl Iterator<Item = AeadAlgorithm> {
        [AeadAlgorithm::Aes128Gcm, AeadAlgorithm::Aes256Gcm].into_iter()
    }
    fn key(&mut self, algorithm: AeadAlgorithm, key: &[u8]) -> Result<ChipKey<'c>, CryptoError> {
        self.chip.fuse.burn()?;
        if !Self::algorithms().any(|has| has == algorithm) {
            return Err(CryptoError::Unsupported);
        }
        let key = self.chip.aead_keys.put(software::Aead::default().key(algorithm, key)?)?;
        Ok(ChipKey { chip: self.chip, key })
    }
}

impl AeadKey for ChipKey<'_> {
    /// An engine that fails has run over part of the buffer: nothing in it is of use.
    fn seal(
        &mut self,
        nonce: &[u8; NONCE_LENGTH],
        associated: &[u8],
        in_out: &mut [u8],
    ) -> Result<[u8; TAG_LENGTH], CryptoError> {
        self.chip.fuse.burn().inspect_err(|_| in_out.fill(0xee))?;
        self.key.with(|key| key.seal(nonce, associated, in_out))
    }
    fn open(
        &mut self,
        nonce: &[u8; NONCE_LENGTH],
        associated: &[u8],
        in_out: &mut [u8],
        tag: &[u8; TAG_LENGTH],
    ) -> Result<(), CryptoError> {
        self.chip.fuse.burn().inspect_err(|_| in_out.fill(0xee))?;
        self.key.with(|key| key.open(nonce, associated, in_out, tag))
    }
}

pub struct ChipKeyExchanges<'c> {
    chip: &'c Chip,
}

impl<'c> KeyExchanges for ChipKeyExchanges<'c> {
    type Private = Handle<'c, <KeyExchange as KeyExchanges>::Private, PRIVATE_SLOTS>;

    fn groups() -> impl Iterator<Item = NamedGroup> {
        KeyExchange::groups()
    }
    fn start<R: Random>(
        &mut self,
        group: NamedGroup,
        random: &mut R,
        share: &mut [u8; MAX_KEY_SHARE],
    ) -> Result<(Self::Private, usize), CryptoError> {
        self.chip.fuse.burn()?;
        let (private, length) = KeyExchange::default().start(group, random, share)?;
        Ok((self.chip.private_keys.put(private)?, length))
    }
    fn finish(
        &mut self,
        private: &Self::Private,
        peer_share: &[u8],
        shared: &mut SharedSecret,
    ) -> Result<(), CryptoError> {
        self.chip.fuse.burn()?;
        private.with(|private| KeyExchange::default().finish(private, peer_share, shared))
    }
}

pub struct ChipVerifiers<'c> {
    chip: &'c Chip,
}

impl Verifiers for ChipVerifiers<'_> {
    fn schemes() -> impl Iterator<Item = SignatureScheme> {
        EcdsaP256::schemes()
    }
    fn verify(
        &mut self,
        key: &PublicKey<'_>,
        algorithm: SignatureAlgorithm,
        signed: Signed<'_>,
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        self.chip.fuse.burn()?;
        EcdsaP256.verify(key, algorithm, signed, signature)
    }
}

/// (c) Null: key exchange, ciphers and signatures are constants; the hashes are real, so that
/// the key schedule and Finished still prove that both sides saw the same handshake.
pub type Null = Composed<TestRandom, Sha2, NullAeads, NullKeyExchanges, NullVerifiers>;

/// No cryptography but the hashes.
pub fn null(random: TestRandom) -> Null {
    Composed {
        random,
        hashes: Sha2::default(),
        aeads: NullAeads,
        key_exchanges: NullKeyExchanges,
        verifiers: NullVerifiers,
    }
}

/// The one tag of [`NullAeads`].
pub const NULL_TAG: [u8; TAG_LENGTH] = *b"tag of nullness.";
/// The one signature of [`NullVerifiers`], by any key over any message.
pub const NULL_SIGNATURE: [u8; 16] = *b"signed: nobody..";
/// The one shared secret of [`NullKeyExchanges`].
pub const NULL_SHARED_SECRET: [u8; 32] = [0x55; 32];

/// Leaves the plaintext as it is.
pub struct NullAeads;
pub struct NullKey;

impl Aeads for NullAeads {
    type Key = NullKey;

    fn algorithms() -> impl Iterator<Item = AeadAlgorithm> {
        software::Aead::algorithms()
    }
    fn key(&mut self, algorithm: AeadAlgorithm, key: &[u8]) -> Result<NullKey, CryptoError> {
        if key.len() != algorithm.key_length() {
            return Err(CryptoError::Unsupported);
        }
        Ok(NullKey)
    }
}

impl AeadKey for NullKey {
    fn seal(
        &mut self,
        _: &[u8; NONCE_LENGTH],
        _: &[u8],
        _: &mut [u8],
    ) -> Result<[u8; TAG_LENGTH], CryptoError> {
        Ok(NULL_TAG)
    }
    /// Wipes what was not authenticated: here it is plaintext already.
    fn open(
        &mut self,
        _: &[u8; NONCE_LENGTH],
        _: &[u8],
        in_out: &mut [u8],
        tag: &[u8; TAG_LENGTH],
    ) -> Result<(), CryptoError> {
        if *tag != NULL_TAG {
            in_out.fill(0);
            return Err(CryptoError::BadTag);
        }
        Ok(())
    }
}

/// Shares of the right length whose bytes are all the same.
pub struct NullKeyExchanges;

/// The share of a group: as long as the real one.
pub fn null_share(group: NamedGroup) -> Option<Vec<u8>> {
    match group {
        NamedGroup::X25519 => Some(vec![0x25; 32]),
        NamedGroup::SECP256R1 => Some(vec![4; 65]),
        _ => None,
    }
}

impl KeyExchanges for NullKeyExchanges {
    type Private = NamedGroup;

    fn groups() -> impl Iterator<Item = NamedGroup> {
        KeyExchange::groups()
    }
    fn start<R: Random>(
        &mut self,
        group: NamedGroup,
        _: &mut R,
        share: &mut [u8; MAX_KEY_SHARE],
    ) -> Result<(NamedGroup, usize), CryptoError> {
        let public = null_share(group).ok_or(CryptoError::Unsupported)?;
        share[..public.len()].copy_from_slice(&public);
        Ok((group, public.len()))
    }
    fn finish(
        &mut self,
        group: &NamedGroup,
        peer_share: &[u8],
        shared: &mut SharedSecret,
    ) -> Result<(), CryptoError> {
        if null_share(*group).as_deref() != Some(peer_share) {
            return Err(CryptoError::InvalidKeyShare);
        }
        shared.set(&NULL_SHARED_SECRET)
    }
}

/// Accepts [`NULL_SIGNATURE`].
pub struct NullVerifiers;

impl Verifiers for NullVerifiers {
    fn schemes() -> impl Iterator<Item = SignatureScheme> {
        software::Verifier::schemes()
    }
    fn verify(
        &mut self,
        _: &PublicKey<'_>,
        _: SignatureAlgorithm,
        _: Signed<'_>,
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        if signature == NULL_SIGNATURE { Ok(()) } else { Err(CryptoError::BadSignature) }
    }
}
