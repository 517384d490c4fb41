//! No cryptography but the hashes, for rustls; and, for both, signatures that always verify.

use crate::providers::{NULL_SHARED_SECRET, NULL_SIGNATURE, NULL_TAG};
use ferrule::crypto::{
    CryptoError, HashAlgorithm, Hashes, PublicKey, Secret, SignatureAlgorithm, SignatureScheme as Scheme,
    Signed, Verifiers, software,
};
use rustls::crypto::cipher::{
    AeadKey, InboundOpaqueMessage, InboundPlainMessage, Iv, MessageDecrypter, MessageEncrypter,
    OutboundOpaqueMessage, OutboundPlainMessage, PrefixedPayload, Tls13AeadAlgorithm,
    UnsupportedOperationError,
};
use rustls::crypto::tls13::HkdfUsingHmac;
use rustls::crypto::{
    ActiveKeyExchange, CryptoProvider, GetRandomFailed, KeyProvider, SecureRandom, SharedSecret,
    SupportedKxGroup, WebPkiSupportedAlgorithms, hash, hmac,
};
use rustls::pki_types::{
    AlgorithmIdentifier, InvalidSignature, PrivateKeyDer, SignatureVerificationAlgorithm, alg_id,
};
use rustls::sign::{Signer, SigningKey};
use rustls::{
    CipherSuite, CipherSuiteCommon, ConnectionTrafficSecrets, ContentType, Error, NamedGroup,
    ProtocolVersion, SignatureAlgorithm as RustlsAlgorithm, SignatureScheme, SupportedCipherSuite,
    Tls13CipherSuite,
};
use sha2::Digest;
use std::sync::Arc;

/// Accepts any signature that is there.
#[derive(Debug)]
pub struct AcceptAll;

impl Verifiers for AcceptAll {
    fn schemes() -> impl Iterator<Item = Scheme> {
        [Scheme::ECDSA_SECP256R1_SHA256].into_iter()
    }
    fn verify(
        &mut self,
        _: &PublicKey<'_>,
        _: SignatureAlgorithm,
        _: Signed<'_>,
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        if signature.is_empty() { Err(CryptoError::BadSignature) } else { Ok(()) }
    }
}

impl SignatureVerificationAlgorithm for AcceptAll {
    fn verify_signature(&self, _: &[u8], _: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        if signature.is_empty() { Err(InvalidSignature) } else { Ok(()) }
    }
    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_P256
    }
    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_SHA256
    }
}

pub fn provider() -> CryptoProvider {
    CryptoProvider {
        cipher_suites: vec![SupportedCipherSuite::Tls13(&SUITE)],
        kx_groups: vec![&Null],
        signature_verification_algorithms: WebPkiSupportedAlgorithms {
            all: &[&AcceptAll],
            mapping: &[(SignatureScheme::ECDSA_NISTP256_SHA256, &[&AcceptAll])],
        },
        secure_random: &Null,
        key_provider: &Null,
    }
}

static SUITE: Tls13CipherSuite = Tls13CipherSuite {
    common: CipherSuiteCommon {
        suite: CipherSuite::TLS13_AES_128_GCM_SHA256,
        hash_provider: &Null,
        confidentiality_limit: 1 << 24,
    },
    hkdf_provider: &HkdfUsingHmac(&Null),
    aead_alg: &Null,
    quic: None,
};

/// All of it.
#[derive(Debug)]
struct Null;

impl SecureRandom for Null {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), GetRandomFailed> {
        getrandom::fill(buffer).map_err(|_| GetRandomFailed)
    }
}

impl KeyProvider for Null {
    fn load_private_key(&self, _: PrivateKeyDer<'static>) -> Result<Arc<dyn SigningKey>, Error> {
        Ok(Arc::new(Null))
    }
}

impl SigningKey for Null {
    fn choose_scheme(&self, _: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        Some(Box::new(Null))
    }
    fn algorithm(&self) -> RustlsAlgorithm {
        RustlsAlgorithm::ECDSA
    }
}

impl Signer for Null {
    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(NULL_SIGNATURE.to_vec())
    }
    fn scheme(&self) -> SignatureScheme {
        SignatureScheme::ECDSA_NISTP256_SHA256
    }
}

const SHARE: [u8; 32] = [0x25; 32];

impl SupportedKxGroup for Null {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        Ok(Box::new(Null))
    }
    fn name(&self) -> NamedGroup {
        NamedGroup::X25519
    }
}

impl ActiveKeyExchange for Null {
    fn complete(self: Box<Self>, peer: &[u8]) -> Result<SharedSecret, Error> {
        assert_eq!(peer, SHARE);
        Ok(SharedSecret::from(&NULL_SHARED_SECRET[..]))
    }
    fn pub_key(&self) -> &[u8] {
        &SHARE
    }
    fn group(&self) -> NamedGroup {
        NamedGroup::X25519
    }
}

impl Tls13AeadAlgorithm for Null {
    fn encrypter(&self, _: AeadKey, _: Iv) -> Box<dyn MessageEncrypter> {
        Box::new(Null)
    }
    fn decrypter(&self, _: AeadKey, _: Iv) -> Box<dyn MessageDecrypter> {
        Box::new(Null)
    }
    fn key_len(&self) -> usize {
        16
    }
    fn extract_keys(&self, _: AeadKey, _: Iv) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        Err(UnsupportedOperationError)
    }
}

impl MessageEncrypter for Null {
    fn encrypt(&mut self, message: OutboundPlainMessage<'_>, _: u64) -> Result<OutboundOpaqueMessage, Error> {
        let mut payload = PrefixedPayload::with_capacity(self.encrypted_payload_len(message.payload.len()));
        payload.extend_from_chunks(&message.payload);
        payload.extend_from_slice(&message.typ.to_array());
        payload.extend_from_slice(&NULL_TAG);
        Ok(OutboundOpaqueMessage::new(ContentType::ApplicationData, ProtocolVersion::TLSv1_2, payload))
    }
    fn encrypted_payload_len(&self, length: usize) -> usize {
        length + 1 + NULL_TAG.len()
    }
}

impl MessageDecrypter for Null {
    fn decrypt<'a>(
        &mut self,
        mut message: InboundOpaqueMessage<'a>,
        _: u64,
    ) -> Result<InboundPlainMessage<'a>, Error> {
        let payload = &mut message.payload;
        let inner = payload.len().checked_sub(NULL_TAG.len()).ok_or(Error::DecryptError)?;
        if payload[inner..] != NULL_TAG {
            return Err(Error::DecryptError);
        }
        payload.truncate(inner);
        message.into_tls13_unpadded_message()
    }
}

/// The same SHA-256 as on our side, which holds it behind a trait of ours.
#[derive(Clone)]
struct Running(sha2::Sha256);

impl hash::Hash for Null {
    fn start(&self) -> Box<dyn hash::Context> {
        Box::new(Running(sha2::Sha256::new()))
    }
    fn hash(&self, data: &[u8]) -> hash::Output {
        hash::Output::new(&sha2::Sha256::digest(data))
    }
    fn output_len(&self) -> usize {
        32
    }
    fn algorithm(&self) -> hash::HashAlgorithm {
        hash::HashAlgorithm::SHA256
    }
}

impl hash::Context for Running {
    fn fork_finish(&self) -> hash::Output {
        hash::Output::new(&self.0.clone().finalize())
    }
    fn fork(&self) -> Box<dyn hash::Context> {
        Box::new(self.clone())
    }
    fn finish(self: Box<Self>) -> hash::Output {
        hash::Output::new(&self.0.finalize())
    }
    fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }
}

/// The same HMAC as on our side.
struct HmacKey(Vec<u8>);

impl hmac::Hmac for Null {
    fn with_key(&self, key: &[u8]) -> Box<dyn hmac::Key> {
        Box::new(HmacKey(key.to_vec()))
    }
    fn hash_output_len(&self) -> usize {
        32
    }
}

impl hmac::Key for HmacKey {
    fn sign_concat(&self, first: &[u8], middle: &[&[u8]], last: &[u8]) -> hmac::Tag {
        let parts: Vec<&[u8]> = std::iter::once(first).chain(middle.iter().copied()).chain([last]).collect();
        let mut code = Secret::empty();
        software::Sha256.hmac(HashAlgorithm::Sha256, &self.0, &parts, &mut code).unwrap();
        hmac::Tag::new(code.expose())
    }
    fn tag_len(&self) -> usize {
        32
    }
}
