//! The provider traits under providers unlike ours: what a handshake asks of one, asked directly.

#![cfg(feature = "software")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]
#![allow(unreachable_pub, dead_code)]

mod common {
    pub mod providers;
}

use common::providers::{
    AEAD_SLOTS, Chip, Failure, HASH_SLOTS, NULL_SHARED_SECRET, NULL_SIGNATURE, TestRandom, null, null_share,
    one_suite,
};
use ferrule::crypto::software::{self, signing};
use ferrule::crypto::{
    AeadKey, Aeads, CipherSuite, Composed, CryptoError, CryptoProvider, Either, HashAlgorithm, Hashes, Key,
    KeyExchanges, MAX_KEY_SHARE, NamedGroup, Or, PublicKey, Random, RunningHash, Secret, SharedSecret,
    SignatureAlgorithm, Signed, Verifiers,
};

const SUITES: [CipherSuite; 3] = [
    CipherSuite::TLS_AES_128_GCM_SHA256,
    CipherSuite::TLS_AES_256_GCM_SHA384,
    CipherSuite::TLS_CHACHA20_POLY1305_SHA256,
];

/// Who signs for the peer.
enum Signer {
    Ecdsa(signing::EcdsaP256Key),
    Null,
}

impl Signer {
    fn ecdsa() -> Self {
        Self::Ecdsa(signing::EcdsaP256Key::from_scalar(&[0x31; 32]).unwrap())
    }

    fn sign(&self, message: &[u8]) -> ([u8; 65], Vec<u8>) {
        match self {
            Self::Null => ([4; 65], NULL_SIGNATURE.to_vec()),
            Self::Ecdsa(key) => {
                let mut signature = vec![0; signing::MAX_SIGNATURE];
                let length = key.sign(message, &mut signature).unwrap();
                signature.truncate(length);
                (key.public_key(), signature)
            }
        }
    }
}

/// What a handshake asks for, in its order: randomness, a transcript, a key exchange, HMACs, a
/// signature, two keys, a record each way. Returns what both sides would have to agree on.
fn ask_all<P: CryptoProvider>(
    provider: &mut P,
    suite: CipherSuite,
    group: NamedGroup,
    signer: &Signer,
) -> Result<Vec<u8>, CryptoError> {
    let hash = suite.hash().unwrap();
    let aead = suite.aead().unwrap();
    let mut seen = Vec::new();

    let mut hello = [0; 32];
    provider.random().fill(&mut hello)?;
    let mut transcript: RunningHash<P> = provider.hashes().start(hash)?;
    provider.hashes().update(&mut transcript, &hello)?;

    let mut share = [0; MAX_KEY_SHARE];
    let (exchanges, random) = provider.key_exchanges();
    let (private, length) = exchanges.start(group, random, &mut share)?;
    // The peer is the software provider, or for the null provider its own constant.
    let mut shared = SharedSecret::empty();
    let expected = match signer {
        Signer::Null => {
            exchanges.finish(&private, &null_share(group).unwrap(), &mut shared)?;
            NULL_SHARED_SECRET.to_vec()
        }
        Signer::Ecdsa(_) => {
            let mut peer = software::provider(TestRandom::new(77));
            let (peer_exchanges, peer_random) = peer.key_exchanges();
            let mut peer_share = [0; MAX_KEY_SHARE];
            let (peer_private, peer_length) =
                peer_exchanges.start(group, peer_random, &mut peer_share).unwrap();
            let mut expected = SharedSecret::empty();
            peer_exchanges.finish(&peer_private, &share[..length], &mut expected).unwrap();
            exchanges.finish(&private, &peer_share[..peer_length], &mut shared)?;
            expected.expose().to_vec()
        }
    };
    assert_eq!(shared.expose(), expected);
    drop(private);

    let at_hello = provider.hashes().snapshot(&transcript)?;
    provider.hashes().update(&mut transcript, b"Certificate")?;
    let at_certificate = provider.hashes().snapshot(&transcript)?;
    assert_ne!(at_hello, at_certificate);
    seen.extend_from_slice(at_certificate.as_bytes());

    let mut secret = Secret::empty();
    provider.hashes().hmac(hash, shared.expose(), &[b"label", at_hello.as_bytes()], &mut secret)?;
    assert_eq!(secret.expose().len(), hash.length());

    let (public, signature) = signer.sign(b"CertificateVerify");
    let mut message = provider.hashes().start(HashAlgorithm::Sha256)?;
    provider.hashes().update(&mut message, b"CertificateVerify")?;
    let digest = provider.hashes().snapshot(&message)?;
    drop(message);
    provider.verifiers().verify(
        &PublicKey::P256(&public),
        SignatureAlgorithm::Ecdsa(HashAlgorithm::Sha256),
        Signed::Digest(&digest),
        &signature,
    )?;

    let key = &secret.expose()[..aead.key_length()];
    let mut write: Key<P> = provider.aeads().key(aead, key)?;
    let mut read: Key<P> = provider.aeads().key(aead, key)?;
    let mut record = *b"application data";
    let tag = write.seal(&[1; 12], b"header", &mut record)?;
    read.open(&[1; 12], b"header", &mut record, &tag)?;
    assert_eq!(&record, b"application data");
    write.seal(&[1; 12], b"header", &mut record)?;
    assert_eq!(read.open(&[1; 12], b"header", &mut record, &[0; 16]), Err(CryptoError::BadTag));
    assert_ne!(&record, b"application data");
    seen.extend_from_slice(&tag);
    Ok(seen)
}

fn supported<P: CryptoProvider>(_: &P) -> Vec<CipherSuite> {
    SUITES.into_iter().filter(|suite| P::supports(*suite)).collect()
}

#[test]
fn ours_has_every_suite_and_group() {
    let mut provider = software::provider(TestRandom::new(1));
    assert_eq!(supported(&provider), SUITES);
    for suite in SUITES {
        for group in [NamedGroup::X25519, NamedGroup::SECP256R1] {
            ask_all(&mut provider, suite, group, &Signer::ecdsa()).unwrap();
        }
    }
}

#[test]
fn the_same_randomness_gives_the_same_answers() {
    let run = |seed| {
        let mut provider = software::provider(TestRandom::new(seed));
        ask_all(&mut provider, SUITES[0], NamedGroup::X25519, &Signer::ecdsa()).unwrap()
    };
    assert_eq!(run(5), run(5));
    assert_ne!(run(5), run(6));
}

#[test]
fn one_suite_offers_and_does_one_of_each() {
    let mut provider = one_suite(TestRandom::new(2));
    assert_eq!(supported(&provider), [CipherSuite::TLS_AES_128_GCM_SHA256]);
    ask_all(&mut provider, SUITES[0], NamedGroup::SECP256R1, &Signer::ecdsa()).unwrap();
    for suite in &SUITES[1..] {
        let refused = ask_all(&mut provider, *suite, NamedGroup::SECP256R1, &Signer::ecdsa());
        assert_eq!(refused, Err(CryptoError::Unsupported));
    }
    let refused = ask_all(&mut provider, SUITES[0], NamedGroup::X25519, &Signer::ecdsa());
    assert_eq!(refused, Err(CryptoError::Unsupported));
}

/// The whole provider is its random source, and a key is its cipher's: no table, no tag.
#[test]
fn one_suite_costs_nothing_to_hold() {
    assert_eq!(size_of_val(&one_suite(TestRandom::new(0))), size_of::<TestRandom>());
    assert!(size_of_val(&software::Aes128Gcm.key(SUITES[0].aead().unwrap(), &[0; 16]).unwrap()) < 1024);
}

#[test]
fn null_does_every_suite() {
    let mut provider = null(TestRandom::new(3));
    assert_eq!(supported(&provider), SUITES);
    for suite in SUITES {
        for group in [NamedGroup::X25519, NamedGroup::SECP256R1] {
            ask_all(&mut provider, suite, group, &Signer::Null).unwrap();
        }
    }
    let refused = ask_all(&mut provider, SUITES[0], NamedGroup::X25519, &Signer::ecdsa());
    assert_eq!(refused, Err(CryptoError::InvalidKeyShare));
}

#[test]
fn hardware_answers_as_software_does() {
    let chip = Chip::new(Failure::Never);
    let mut hardware = chip.provider(TestRandom::new(4));
    let mut ours = software::provider(TestRandom::new(4));
    assert_eq!(supported(&hardware), SUITES[..2]);
    for suite in &SUITES[..2] {
        for group in [NamedGroup::X25519, NamedGroup::SECP256R1] {
            assert_eq!(
                ask_all(&mut hardware, *suite, group, &Signer::ecdsa()),
                ask_all(&mut ours, *suite, group, &Signer::ecdsa())
            );
            assert_eq!(chip.held(), 0);
        }
    }
}

/// Each operation in turn fails: the error comes back, no slot stays taken, and the next attempt
/// on the same chip works.
#[test]
fn hardware_may_fail_at_any_operation() {
    let ask = |chip: &Chip| {
        let mut provider = chip.provider(TestRandom::new(4));
        ask_all(&mut provider, SUITES[0], NamedGroup::X25519, &Signer::ecdsa())
    };
    let sound = Chip::new(Failure::Never);
    let expected = ask(&sound);
    // The last operation is an open that must fail anyway.
    for at in 0..sound.operations() - 1 {
        let chip = Chip::new(Failure::Once(at));
        assert!(
            matches!(ask(&chip), Err(CryptoError::Hardware | CryptoError::NoRandomness)),
            "operation {at}"
        );
        assert_eq!(chip.held(), 0, "operation {at}");
        assert_eq!(ask(&chip), expected, "after operation {at}");

        let dead = Chip::new(Failure::From(at));
        assert!(ask(&dead).is_err() && ask(&dead).is_err());
        assert_eq!(dead.held(), 0);
    }
}

#[test]
fn hash_slots_come_back_when_their_handles_go() {
    let chip = Chip::new(Failure::Never);
    let mut provider = chip.provider(TestRandom::new(0));
    let hashes = provider.hashes();
    for _ in 0..3 {
        let mut held: Vec<_> =
            (0..HASH_SLOTS).map(|_| hashes.start(HashAlgorithm::Sha256).unwrap()).collect();
        assert_eq!(hashes.start(HashAlgorithm::Sha256).err(), Some(CryptoError::Hardware));
        // One slot's bytes do not reach another.
        hashes.update(&mut held[0], b"first").unwrap();
        hashes.update(&mut held[1], b"second").unwrap();
        assert_ne!(hashes.snapshot(&held[0]).unwrap(), hashes.snapshot(&held[1]).unwrap());
        let before = hashes.snapshot(&held[1]).unwrap();
        held.remove(0);
        let _fresh = hashes.start(HashAlgorithm::Sha384).unwrap();
        assert_eq!(hashes.snapshot(&held[0]).unwrap(), before);
    }
    assert_eq!(chip.held(), 0);
}

/// The two halves of a connection hold keys of one chip in two threads.
#[test]
fn hardware_keys_work_apart_from_their_provider() {
    let chip = Chip::new(Failure::Never);
    let mut provider = chip.provider(TestRandom::new(0));
    let aead = SUITES[0].aead().unwrap();
    let keys: Vec<_> = (0..AEAD_SLOTS).map(|_| provider.aeads().key(aead, &[7; 16]).unwrap()).collect();
    assert_eq!(provider.aeads().key(aead, &[7; 16]).err(), Some(CryptoError::Hardware));
    std::thread::scope(|scope| {
        for mut key in keys {
            scope.spawn(move || {
                let mut record = [9; 64];
                let tag = key.seal(&[0; 12], &[], &mut record).unwrap();
                key.open(&[0; 12], &[], &mut record, &tag).unwrap();
                assert_eq!(record, [9; 64]);
            });
        }
    });
    assert_eq!(chip.held(), 0);
}

/// Ours with one primitive taken from the chip: asked first, and for that primitive alone.
#[test]
fn one_primitive_can_be_replaced() {
    let chip = Chip::new(Failure::Never);
    let hardware = chip.provider(TestRandom::new(0));
    let ours = software::provider(TestRandom::new(8));
    let mut mixed = Composed {
        random: ours.random,
        hashes: ours.hashes,
        aeads: Or(hardware.aeads, ours.aeads),
        key_exchanges: ours.key_exchanges,
        verifiers: ours.verifiers,
    };
    for suite in SUITES {
        ask_all(&mut mixed, suite, NamedGroup::X25519, &Signer::ecdsa()).unwrap();
    }
    let of = |mixed: &mut Composed<_, _, Or<_, software::Aead>, _, _>, suite: CipherSuite| {
        let aead = suite.aead().unwrap();
        Aeads::key(&mut mixed.aeads, aead, &[0; 32][..aead.key_length()]).unwrap()
    };
    assert!(matches!(of(&mut mixed, SUITES[0]), Either::First(_)));
    assert!(matches!(of(&mut mixed, SUITES[2]), Either::Second(_)));
}

/// What an `Or` lists twice is offered twice: a hello with doubled values would be malformed.
#[test]
fn what_both_parts_can_do_is_listed_once() {
    fn listed<A: Aeads>(_: &A) -> usize {
        A::algorithms().count()
    }
    let chip = Chip::new(Failure::Never);
    let mixed = Or(chip.provider(TestRandom::new(0)).aeads, software::Aead::default());
    assert_eq!(listed(&mixed), 3);
    let groups = software::KeyExchange::groups().count();
    assert_eq!(<Or<software::Secp256r1, software::KeyExchange>>::groups().count(), groups);
    assert_eq!(<Or<software::Sha256, software::Sha2>>::algorithms().count(), 3);
    assert_eq!(
        <Or<software::EcdsaP256, software::Verifier>>::schemes().collect::<Vec<_>>(),
        software::Verifier::schemes().collect::<Vec<_>>()
    );
}
