//! Putting a provider together from parts.

use super::*;

/// A provider made of one part of each kind.
#[derive(Debug)]
pub struct Composed<R, H, A, K, V> {
    /// The random source.
    pub random: R,
    /// Hash functions.
    pub hashes: H,
    /// Record protection.
    pub aeads: A,
    /// Key exchange.
    pub key_exchanges: K,
    /// Signature verification.
    pub verifiers: V,
}

impl<R: Random, H: Hashes, A: Aeads, K: KeyExchanges, V: Verifiers> CryptoProvider
    for Composed<R, H, A, K, V>
{
    type Random = R;
    type Hashes = H;
    type Aeads = A;
    type KeyExchanges = K;
    type Verifiers = V;

    fn random(&mut self) -> &mut R {
        &mut self.random
    }
    fn hashes(&mut self) -> &mut H {
        &mut self.hashes
    }
    fn aeads(&mut self) -> &mut A {
        &mut self.aeads
    }
    fn key_exchanges(&mut self) -> (&mut K, &mut R) {
        (&mut self.key_exchanges, &mut self.random)
    }
    fn verifiers(&mut self) -> &mut V {
        &mut self.verifiers
    }
}

/// Two parts of one kind as one: what the first can do is done by the first, the rest by the
/// second. `Or<MyP256, Or<X25519, ..>>` is how one primitive is replaced or added. What both can
/// do is listed once, in the first's place.
#[derive(Debug, Clone, Copy, Default)]
pub struct Or<A, B>(pub A, pub B);

/// A value made by one of the two parts of an [`Or`].
#[derive(Debug)]
pub enum Either<A, B> {
    /// The first part's.
    First(A),
    /// The second part's.
    Second(B),
}

impl<A: Hashes, B: Hashes> Hashes for Or<A, B> {
    type Running = Either<A::Running, B::Running>;
    fn algorithms() -> impl Iterator<Item = HashAlgorithm> {
        A::algorithms().chain(B::algorithms().filter(|other| A::algorithms().all(|has| has != *other)))
    }
    fn start(&mut self, algorithm: HashAlgorithm) -> Result<Self::Running, CryptoError> {
        if A::algorithms().any(|has| has == algorithm) {
            self.0.start(algorithm).map(Either::First)
        } else {
            self.1.start(algorithm).map(Either::Second)
        }
    }
    fn update(&mut self, running: &mut Self::Running, data: &[u8]) -> Result<(), CryptoError> {
        match running {
            Either::First(running) => self.0.update(running, data),
            Either::Second(running) => self.1.update(running, data),
        }
    }
    fn snapshot(&mut self, running: &Self::Running) -> Result<Digest, CryptoError> {
        match running {
            Either::First(running) => self.0.snapshot(running),
            Either::Second(running) => self.1.snapshot(running),
        }
    }
    fn hmac(
        &mut self,
        algorithm: HashAlgorithm,
        key: &[u8],
        parts: &[&[u8]],
        out: &mut Secret,
    ) -> Result<(), CryptoError> {
        if A::algorithms().any(|has| has == algorithm) {
            self.0.hmac(algorithm, key, parts, out)
        } else {
            self.1.hmac(algorithm, key, parts, out)
        }
    }
}

impl<A: Aeads, B: Aeads> Aeads for Or<A, B> {
    type Key = Either<A::Key, B::Key>;
    fn algorithms() -> impl Iterator<Item = AeadAlgorithm> {
        A::algorithms().chain(B::algorithms().filter(|other| A::algorithms().all(|has| has != *other)))
    }
    fn key(&mut self, algorithm: AeadAlgorithm, key: &[u8]) -> Result<Self::Key, CryptoError> {
        if A::algorithms().any(|has| has == algorithm) {
            self.0.key(algorithm, key).map(Either::First)
        } else {
            self.1.key(algorithm, key).map(Either::Second)
        }
    }
}

impl<A: AeadKey, B: AeadKey> AeadKey for Either<A, B> {
    fn seal(
        &mut self,
        nonce: &[u8; NONCE_LENGTH],
        associated: &[u8],
        in_out: &mut [u8],
    ) -> Result<[u8; TAG_LENGTH], CryptoError> {
        match self {
            Self::First(key) => key.seal(nonce, associated, in_out),
            Self::Second(key) => key.seal(nonce, associated, in_out),
        }
    }
    fn open(
        &mut self,
        nonce: &[u8; NONCE_LENGTH],
        associated: &[u8],
        in_out: &mut [u8],
        tag: &[u8; TAG_LENGTH],
    ) -> Result<(), CryptoError> {
        match self {
            Self::First(key) => key.open(nonce, associated, in_out, tag),
            Self::Second(key) => key.open(nonce, associated, in_out, tag),
        }
    }
}

impl<A: KeyExchanges, B: KeyExchanges> KeyExchanges for Or<A, B> {
    type Private = Either<A::Private, B::Private>;
    fn groups() -> impl Iterator<Item = NamedGroup> {
        A::groups().chain(B::groups().filter(|other| A::groups().all(|has| has != *other)))
    }
    fn start<R: Random>(
        &mut self,
        group: NamedGroup,
        random: &mut R,
        share: &mut [u8; MAX_KEY_SHARE],
    ) -> Result<(Self::Private, usize), CryptoError> {
        if A::groups().any(|has| has == group) {
            self.0.start(group, random, share).map(|(private, length)| (Either::First(private), length))
        } else {
            self.1.start(group, random, share).map(|(private, length)| (Either::Second(private), length))
        }
    }
    fn finish(
        &mut self,
        private: &Self::Private,
        peer_share: &[u8],
        shared: &mut SharedSecret,
    ) -> Result<(), CryptoError> {
        match private {
            Either::First(private) => self.0.finish(private, peer_share, shared),
            Either::Second(private) => self.1.finish(private, peer_share, shared),
        }
    }
}

impl<A: Verifiers, B: Verifiers> Verifiers for Or<A, B> {
    fn schemes() -> impl Iterator<Item = SignatureScheme> {
        A::schemes().chain(B::schemes().filter(|other| A::schemes().all(|has| has != *other)))
    }
    /// The second is asked where the first says [`CryptoError::Unsupported`].
    fn verify(
        &mut self,
        key: &PublicKey<'_>,
        algorithm: SignatureAlgorithm,
        signed: Signed<'_>,
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        match self.0.verify(key, algorithm, signed, signature) {
            Err(CryptoError::Unsupported) => self.1.verify(key, algorithm, signed, signature),
            answer => answer,
        }
    }
}
