//! A private PKI, made anew in each test's own folder: root, intermediate, leaf; and the ways in
//! which a chain can be wrong.

use crate::process::{find, run};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PKCS_ED25519, PKCS_RSA_SHA256, date_time_ymd,
};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

pub(crate) const ROOT: &str = "Ferrule Test Root";
pub(crate) const INTERMEDIATE: &str = "Ferrule Test Intermediate";
pub(crate) const LEAF: &str = "Ferrule Test Leaf";

/// What keys a chain has, from root to leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keys {
    P256,
    Rsa2048,
    Ed25519,
}

/// What is wrong with a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flaw {
    None,
    /// The leaf is for `other.example`.
    WrongName,
    ExpiredLeaf,
    LeafNotYetValid,
    ExpiredIntermediate,
    /// The intermediate is not in what is served.
    MissingIntermediate,
    /// The intermediate's basicConstraints say that it is no CA.
    IntermediateIsNoCa,
    /// The leaf may be used for clients alone.
    ClientLeaf,
    /// The root that the client is given is another of the same name.
    UntrustedRoot,
}

/// The files of one test. The folder goes when this is dropped.
pub(crate) struct Files {
    folder: TempDir,
}

impl Files {
    /// The files of a good P-256 chain for `localhost`, `127.0.0.1` and `::1`.
    pub(crate) fn new() -> Self {
        Self::with(Keys::P256, Flaw::None).expect("P-256 needs no tool")
    }

    /// A chain's files: `root.pem`, `intermediate.pem` and its `intermediate-key.pem`, `leaf.pem`, `chain.pem` and
    /// `key.pem`. `None`, announced, if keys of this kind cannot be made here.
    pub(crate) fn with(keys: Keys, flaw: Flaw) -> Option<Self> {
        let folder = TempDir::with_prefix_in("peers-", env!("CARGO_TARGET_TMPDIR")).unwrap();
        let root = CertifiedIssuer::self_signed(authority(ROOT), key(keys)?).unwrap();

        let mut params = authority(INTERMEDIATE);
        match flaw {
            Flaw::ExpiredIntermediate => params.not_after = date_time_ymd(2024, 1, 2),
            Flaw::IntermediateIsNoCa => params.is_ca = IsCa::ExplicitNoCa,
            _ => (),
        }
        let intermediate = CertifiedIssuer::signed_by(params, key(keys)?, &root).unwrap();

        let names = match flaw {
            Flaw::WrongName => vec!["other.example".into()],
            _ => vec!["localhost".into(), "127.0.0.1".into(), "::1".into()],
        };
        let mut params = CertificateParams::new(names).unwrap();
        common(&mut params, LEAF);
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![match flaw {
            Flaw::ClientLeaf => ExtendedKeyUsagePurpose::ClientAuth,
            _ => ExtendedKeyUsagePurpose::ServerAuth,
        }];
        match flaw {
            Flaw::ExpiredLeaf => params.not_after = date_time_ymd(2024, 1, 2),
            Flaw::LeafNotYetValid => params.not_before = date_time_ymd(2090, 1, 1),
            _ => (),
        }
        let leaf_key = key(keys)?;
        let leaf = params.signed_by(&leaf_key, &intermediate).unwrap();

        let trusted = match flaw {
            Flaw::UntrustedRoot => CertifiedIssuer::self_signed(authority(ROOT), key(keys)?).unwrap().pem(),
            _ => root.pem(),
        };
        let served = match flaw {
            Flaw::MissingIntermediate => leaf.pem(),
            _ => leaf.pem() + &intermediate.pem(),
        };
        let files = Self { folder };
        files.write("root.pem", trusted);
        files.write("intermediate.pem", intermediate.pem());
        files.write("intermediate-key.pem", intermediate.key().serialize_pem());
        files.write("leaf.pem", leaf.pem());
        files.write("chain.pem", served);
        files.write("key.pem", leaf_key.serialize_pem());
        Some(files)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }
}

fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    common(&mut params, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn common(params: &mut CertificateParams, name: &str) {
    params.distinguished_name = Default::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(2024, 1, 1);
    params.not_after = date_time_ymd(2099, 1, 1);
    params.use_authority_key_identifier_extension = true;
}

fn key(keys: Keys) -> Option<KeyPair> {
    // ring makes no RSA keys, and its Ed25519 keys are of a PKCS#8 version that OpenSSL 3.0 cannot read.
    let (options, algorithm) = match keys {
        Keys::P256 => return Some(KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap()),
        Keys::Ed25519 => (["-algorithm", "ED25519"].as_slice(), &PKCS_ED25519),
        Keys::Rsa2048 => {
            (["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"].as_slice(), &PKCS_RSA_SHA256)
        }
    };
    let openssl = run(Command::new(find("openssl")?).args(["genpkey", "-quiet"]).args(options));
    let pem = String::from_utf8(openssl.success()).unwrap();
    Some(KeyPair::from_pkcs8_pem_and_sign_algo(&pem, algorithm).unwrap())
}

pub(crate) const MIB: usize = 1 << 20;

/// Bytes that compress badly and repeat nowhere, so that a lost or swapped record shows.
pub(crate) fn page(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// Compares without printing megabytes.
#[track_caller]
pub(crate) fn assert_same(got: &[u8], wanted: &[u8]) {
    if got != wanted {
        let same = got.iter().zip(wanted).take_while(|(a, b)| a == b).count();
        panic!("{} bytes came, {} were sent; they agree up to byte {same}", got.len(), wanted.len());
    }
}
