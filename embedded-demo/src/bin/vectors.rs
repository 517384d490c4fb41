//! Wycheproof's vectors for P-256, on the board: P-256 in assembly runs nowhere else. RustCrypto's answers the same
//! questions through the same traits.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use ferrule::crypto::{
    CryptoError, HashAlgorithm, Hashes, KeyExchanges, MAX_KEY_SHARE, NamedGroup, PublicKey, Random,
    SharedSecret, SignatureAlgorithm, Signed, Verifiers, software,
};
use ferrule_embedded_demo::board::{assembly, console};

/// A signature over SHA-256 of the message, and whether it is valid.
struct Ecdsa {
    id: u32,
    key: &'static [u8],
    message: &'static [u8],
    signature: &'static [u8],
    valid: bool,
}

/// A private key, a peer's share, and the secret that both make; none if the share must be refused.
struct Ecdh {
    id: u32,
    private: [u8; 32],
    public: &'static [u8],
    shared: Option<[u8; 32]>,
}

include!(concat!(env!("OUT_DIR"), "/vectors.rs"));

#[entry]
fn main() -> ! {
    let software = provider::<software::EcdsaP256, software::Secp256r1>("software");
    let assembly = provider::<assembly::EcdsaP256, assembly::Secp256r1>("assembly");
    if software + assembly == 0 { console::succeed() } else { console::fail() }
}

/// How many answers are not those of the vectors.
fn provider<V: Verifiers + Default, K: KeyExchanges + Default>(name: &str) -> u32 {
    let (mut valid, mut agreed, mut wrong) = (0, 0, 0);
    for vector in ECDSA {
        valid += u32::from(vector.valid);
        let expected = if vector.valid { Ok(()) } else { Err(CryptoError::BadSignature) };
        wrong += differs(name, "ecdsa", vector.id, verify::<V>(vector) == expected);
    }
    for vector in ECDH {
        agreed += u32::from(vector.shared.is_some());
        let answer = agree::<K>(vector);
        let right = match (&answer, vector.shared) {
            (Ok(shared), Some(expected)) => shared.expose() == expected,
            (answer, None) => answer.as_ref().err() == Some(&CryptoError::InvalidKeyShare),
            (Err(_), Some(_)) => false,
        };
        wrong += differs(name, "ecdh", vector.id, right);
    }
    console::text(name);
    console::text(": ");
    console::figure("signatures", ECDSA.len() as u32);
    console::figure("valid", valid);
    console::figure("agreements", ECDH.len() as u32);
    console::figure("agreed", agreed);
    console::figure("wrong", wrong);
    console::text("\n");
    wrong
}

fn differs(provider: &str, kind: &str, id: u32, right: bool) -> u32 {
    if !right {
        console::text(provider);
        console::text(": not as Wycheproof has it: ");
        console::figure(kind, id);
        console::text("\n");
    }
    u32::from(!right)
}

fn verify<V: Verifiers + Default>(vector: &Ecdsa) -> Result<(), CryptoError> {
    let mut running = software::Sha256.start(HashAlgorithm::Sha256)?;
    software::Sha256.update(&mut running, vector.message)?;
    let digest = software::Sha256.snapshot(&running)?;
    V::default().verify(
        &PublicKey::P256(vector.key),
        SignatureAlgorithm::Ecdsa(HashAlgorithm::Sha256),
        Signed::Digest(&digest),
        vector.signature,
    )
}

fn agree<K: KeyExchanges + Default>(vector: &Ecdh) -> Result<SharedSecret, CryptoError> {
    let mut exchange = K::default();
    let mut share = [0; MAX_KEY_SHARE];
    let (private, _) = exchange.start(NamedGroup::SECP256R1, &mut Scripted(vector.private), &mut share)?;
    let mut shared = SharedSecret::empty();
    exchange.finish(&private, vector.public, &mut shared)?;
    Ok(shared)
}

/// Gives the vector's private key to a key exchange that draws one.
struct Scripted([u8; 32]);

impl Random for Scripted {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), CryptoError> {
        out.copy_from_slice(&self.0);
        Ok(())
    }
}
