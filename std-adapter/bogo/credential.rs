//! Certificate chains with their keys.

use super::Stop;
use super::flags::{CredentialFlags, Flags};
use ferrule::SigningRequest;
use ferrule::crypto::SignatureScheme;
use ferrule_std::PrivateKey;
use p384::ecdsa::signature::Signer;
use p384::pkcs8::DecodePrivateKey;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::path::Path;

pub(crate) struct Loaded {
    pub(crate) chain: Vec<Vec<u8>>,
    pub(crate) schemes: Vec<SignatureScheme>,
    key: Key,
}

enum Key {
    OfAdapter(PrivateKey),
    /// The adapter has no such key; whoever has one signs by themselves, as here.
    P384(p384::ecdsa::SigningKey),
}

impl Loaded {
    pub(crate) fn sign(&self, request: &SigningRequest<'_>) -> Result<Vec<u8>, Stop> {
        match &self.key {
            Key::OfAdapter(key) => key.sign(request).map_err(Stop::Failed),
            Key::P384(key) => {
                let signature: p384::ecdsa::DerSignature = key.sign(request.message);
                Ok(signature.as_bytes().to_vec())
            }
        }
    }
}

/// All that the flags name, in their order.
pub(crate) fn load_all(flags: &Flags) -> Result<Vec<Loaded>, Stop> {
    let legacy = flags.credential.cert_file.is_some() || flags.credential.key_file.is_some();
    flags.new_credentials.iter().chain(legacy.then_some(&flags.credential)).map(load).collect()
}

fn load(flags: &CredentialFlags) -> Result<Loaded, Stop> {
    let (Some(cert_file), Some(key_file)) = (&flags.cert_file, &flags.key_file) else {
        return Err(Stop::unimplemented("half a credential"));
    };
    let key = load_key(key_file)?;
    let able = match &key {
        Key::OfAdapter(key) => key.schemes(),
        Key::P384(_) => &[SignatureScheme::ECDSA_SECP384R1_SHA384],
    };
    let schemes = match flags.signing_prefs.as_slice() {
        [] => able.to_vec(),
        preferred => preferred.iter().copied().filter(|scheme| able.contains(scheme)).collect(),
    };
    Ok(Loaded { chain: certificates(cert_file)?, schemes, key })
}

fn load_key(path: &Path) -> Result<Key, Stop> {
    if let Ok(key) = PrivateKey::from_pem_file(path) {
        return Ok(Key::OfAdapter(key));
    }
    let der = PrivateKeyDer::from_pem_file(path).map_err(|e| Stop::failed(format!("{path:?}: {e}")))?;
    match p384::SecretKey::from_pkcs8_der(der.secret_der()) {
        Ok(key) => Ok(Key::P384(key.into())),
        Err(_) => Err(Stop::unimplemented("a private key of this kind")),
    }
}

pub(crate) fn certificates(path: &Path) -> Result<Vec<Vec<u8>>, Stop> {
    CertificateDer::pem_file_iter(path)
        .and_then(|certificates| certificates.map(|der| der.map(|der| der.to_vec())).collect())
        .map_err(|e| Stop::failed(format!("{path:?}: {e}")))
}
