//! Links core and its default provider for a Cortex-M4F. It is never run: it shows that they need
//! neither std nor an allocator, and how much flash they take.
#![no_std]
#![no_main]

use core::hint::black_box;
use core::panic::PanicInfo;
use ferrule::crypto::*;

#[panic_handler]
fn panic(_: &PanicInfo) -> ! {
    loop {}
}

/// What the vector table points at.
#[unsafe(no_mangle)]
extern "C" fn reset() -> ! {
    let mut provider = software::provider(NoEntropy);
    let _ = black_box(every_primitive(&mut provider, black_box(&mut [0; 256])));
    loop {}
}

/// A board's random source goes here.
struct NoEntropy;

impl Random for NoEntropy {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), CryptoError> {
        let _ = black_box(out);
        black_box(Err(CryptoError::NoRandomness))
    }
}

/// Calls each operation of the provider with choices that the optimiser cannot see through, so that
/// every algorithm is linked.
#[inline(never)]
fn every_primitive<P: CryptoProvider>(provider: &mut P, bytes: &mut [u8; 256]) -> Result<(), CryptoError> {
    let hash = black_box(HashAlgorithm::Sha256);
    let hashes = provider.hashes();
    let mut running = hashes.start(hash)?;
    hashes.update(&mut running, bytes)?;
    let digest = hashes.snapshot(&running)?;
    let mut secret = Secret::empty();
    hashes.hmac(hash, bytes, &[digest.as_bytes()], &mut secret)?;

    let mut key = provider.aeads().key(black_box(AeadAlgorithm::Aes128Gcm), secret.expose())?;
    let tag = key.seal(&[0; NONCE_LENGTH], &[], bytes)?;
    key.open(&[1; NONCE_LENGTH], &[], bytes, &tag)?;

    let (key_exchanges, random) = provider.key_exchanges();
    let mut share = [0; MAX_KEY_SHARE];
    let (private, length) = key_exchanges.start(black_box(NamedGroup::SECP256R1), random, &mut share)?;
    key_exchanges.finish(&private, share.get(..length).unwrap_or(&[]), &mut secret)?;

    let key = match black_box(0) {
        0 => PublicKey::P256(share.get(..65).unwrap_or(&[])),
        1 => PublicKey::Rsa { modulus: bytes, exponent: &[1, 0, 1] },
        _ => PublicKey::Ed25519(share.first_chunk().ok_or(CryptoError::InvalidPublicKey)?),
    };
    let signed = match black_box(0) {
        0 => Signed::Digest(&digest),
        _ => Signed::Message(bytes),
    };
    provider.verifiers().verify(&key, black_box(SignatureAlgorithm::Ecdsa(hash)), signed, bytes)
}
