//! Trust anchors: the operating system's, or a PEM file's.

use ferrule::certificate::{Certificate, TrustAnchor};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use std::fmt;
use std::path::{Path, PathBuf};

/// Trust anchors, owned: the authorities that may vouch for a server.
#[derive(Debug, Clone, Default)]
pub struct Roots {
    anchors: Vec<Anchor>,
}

/// The parts of a [`TrustAnchor`].
#[derive(Debug, Clone)]
struct Anchor {
    subject: Vec<u8>,
    public_key_info: Vec<u8>,
    name_constraints: Option<Vec<u8>>,
}

/// id-ce-nameConstraints (RFC 5280 §4.2.1.10).
const NAME_CONSTRAINTS: &[u8] = &[0x55, 29, 30];

/// Why there are no trust anchors.
#[derive(Debug)]
#[non_exhaustive]
pub enum InvalidRoots {
    /// The file cannot be read as PEM.
    Pem {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The file has no certificate in it that can be an anchor.
    Empty {
        /// Which file.
        path: PathBuf,
    },
    /// The operating system's store has none, or cannot be read.
    NoSystemStore {
        /// What it said.
        reason: String,
    },
}

impl fmt::Display for InvalidRoots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pem { path, reason } => write!(f, "{}: {reason}", path.display()),
            Self::Empty { path } => write!(f, "{}: no usable certificate in it", path.display()),
            Self::NoSystemStore { reason } => {
                write!(f, "the operating system offers no trust anchors ({reason}): name a PEM file instead")
            }
        }
    }
}

impl std::error::Error for InvalidRoots {}

impl Roots {
    /// The operating system's trust store, or Mozilla's, which is built in, where that is empty: in a bare
    /// container, for one.
    pub fn system_or_mozilla() -> Self {
        Self::system().unwrap_or_else(|_| Self::mozilla())
    }

    /// The authorities that Mozilla trusts for servers, as the crate `webpki-root-certs` had them when this
    /// was built.
    pub fn mozilla() -> Self {
        let mut roots = Self::default();
        for certificate in webpki_root_certs::TLS_SERVER_ROOT_CERTS {
            roots.add(certificate);
        }
        roots
    }

    /// The operating system's trust store. Certificates in it that cannot be read are left out, as they
    /// can vouch for nothing.
    pub fn system() -> Result<Self, InvalidRoots> {
        let found = rustls_native_certs::load_native_certs();
        let mut roots = Self::default();
        for certificate in &found.certs {
            roots.add(certificate);
        }
        if roots.anchors.is_empty() {
            let reason = found.errors.first().map_or_else(|| "it is empty".to_owned(), ToString::to_string);
            return Err(InvalidRoots::NoSystemStore { reason });
        }
        Ok(roots)
    }

    /// The certificates of a PEM file.
    pub fn from_pem_file(path: &Path) -> Result<Self, InvalidRoots> {
        let pem = |reason: rustls_pki_types::pem::Error| InvalidRoots::Pem {
            path: path.into(),
            reason: reason.to_string(),
        };
        let mut roots = Self::default();
        for certificate in CertificateDer::pem_file_iter(path).map_err(pem)? {
            roots.add(&certificate.map_err(pem)?);
        }
        if roots.anchors.is_empty() { Err(InvalidRoots::Empty { path: path.into() }) } else { Ok(roots) }
    }

    /// Adds one certificate in DER; says whether it can be an anchor.
    pub fn add(&mut self, der: &[u8]) -> bool {
        match Certificate::parse(der) {
            Ok(certificate) => {
                let name_constraints = certificate.extensions().find(NAME_CONSTRAINTS);
                self.anchors.push(Anchor {
                    subject: certificate.subject().as_contents().to_vec(),
                    public_key_info: certificate.public_key_info().to_vec(),
                    name_constraints: name_constraints.map(|extension| extension.value.to_vec()),
                });
                true
            }
            Err(_) => false,
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.anchors.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.anchors.is_empty()
    }

    /// As verifiers of core take them.
    pub fn as_anchors(&self) -> Vec<TrustAnchor<'_>> {
        let anchors = self.anchors.iter().map(|anchor| {
            let whole = TrustAnchor::from_contents(&anchor.subject, &anchor.public_key_info);
            match &anchor.name_constraints {
                Some(constraints) => whole.with_name_constraints(constraints),
                None => whole,
            }
        });
        anchors.collect()
    }
}
