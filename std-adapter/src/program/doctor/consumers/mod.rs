//! The consumers: how each builds its path, and what it checks in which order.

mod bearssl;
mod ferrule;
mod gnutls;
mod go;
mod hostname;
mod java;
mod mbedtls;
mod nss;
mod openssl;
mod platform;
mod problem;
mod rustls;
mod wolfssl;

use self::problem::{Judge, Judgement};
use super::case::Case;
use super::key::{Key, SignatureAlgorithm};
use super::verdict::{Basis, Verdict};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Consumer {
    Openssl,
    Curl,
    /// `ssl.create_default_context` up to 3.12.
    Python312,
    /// From 3.13 on: VERIFY_X509_STRICT and VERIFY_X509_PARTIAL_CHAIN.
    Python313,
    Node,
    Go,
    Java,
    Gnutls,
    Nss,
    Chrome,
    Rustls,
    Mbedtls,
    Bearssl,
    Wolfssl,
    Schannel,
    Apple,
    /// The path builder.
    Ferrule,
    /// The streaming chain.
    FerruleFirmware,
}

impl Consumer {
    pub(crate) const ALL: [Self; 18] = [
        Self::Openssl,
        Self::Curl,
        Self::Python312,
        Self::Python313,
        Self::Node,
        Self::Go,
        Self::Java,
        Self::Gnutls,
        Self::Nss,
        Self::Chrome,
        Self::Rustls,
        Self::Mbedtls,
        Self::Bearssl,
        Self::Wolfssl,
        Self::Schannel,
        Self::Apple,
        Self::Ferrule,
        Self::FerruleFirmware,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Openssl => "openssl",
            Self::Curl => "curl",
            Self::Python312 => "python-3.12",
            Self::Python313 => "python-3.13",
            Self::Node => "node",
            Self::Go => "go",
            Self::Java => "java",
            Self::Gnutls => "gnutls",
            Self::Nss => "nss",
            Self::Chrome => "chrome",
            Self::Rustls => "rustls",
            Self::Mbedtls => "mbedtls",
            Self::Bearssl => "bearssl",
            Self::Wolfssl => "wolfssl",
            Self::Schannel => "schannel",
            Self::Apple => "apple",
            Self::Ferrule => "ferrule",
            Self::FerruleFirmware => "ferrule-firmware",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|consumer| consumer.name() == name)
    }

    /// The version whose behaviour is told.
    pub(crate) const fn version(self) -> &'static str {
        match self {
            Self::Openssl => "3.0",
            Self::Curl => "7.88 with OpenSSL 3.0",
            Self::Python312 => "3.12",
            Self::Python313 => "3.13",
            Self::Node => "20",
            Self::Go => "1.27",
            Self::Java => "17",
            Self::Gnutls => "3.7",
            Self::Nss => "3.87",
            Self::Chrome => "140",
            Self::Rustls => "0.23",
            Self::Mbedtls => "2.28",
            Self::Bearssl => "0.6",
            Self::Wolfssl => "5.5",
            Self::Schannel => "Windows 11",
            Self::Apple => "macOS 15",
            Self::Ferrule | Self::FerruleFirmware => env!("CARGO_PKG_VERSION"),
        }
    }

    /// How its verdicts are known.
    pub(crate) const fn basis(self) -> Basis {
        match self {
            Self::Chrome => Basis::Source,
            Self::Schannel | Self::Apple => Basis::Documentation,
            _ => Basis::Run,
        }
    }

    /// Words of a rule as this consumer says them, with what it puts before every error of its verification.
    pub(crate) fn says(self, words: &str) -> String {
        let is_of_handshake = [
            "SSL",
            "{queued}",
            "error:",
            "tls:",
            "wrong curve",
            "illegal padding",
            "cert length mismatch",
            "ASN1 lib",
            "received fatal",
        ];
        if is_of_handshake.iter().any(|start| words.starts_with(start)) {
            return words.to_owned();
        }
        match self {
            Self::Curl => format!("SSL certificate problem: {words}"),
            Self::Python312 | Self::Python313 => format!("certificate verify failed: {words}"),
            Self::Go => format!("x509: {words}"),
            Self::Rustls => format!("invalid peer certificate: {words}"),
            _ => words.to_owned(),
        }
    }
}

fn judgement(case: &Case, consumer: Consumer) -> Judgement {
    let judge = Judge { case, consumer };
    match consumer {
        Consumer::Openssl | Consumer::Curl | Consumer::Python312 | Consumer::Python313 | Consumer::Node => {
            openssl::judge(judge)
        }
        Consumer::Go => go::judge(judge),
        Consumer::Rustls => rustls::judge(judge),
        Consumer::Java => java::judge(judge),
        Consumer::Gnutls => gnutls::judge(judge),
        Consumer::Nss => nss::judge(judge),
        Consumer::Wolfssl => wolfssl::judge(judge),
        Consumer::Mbedtls => mbedtls::judge(judge),
        Consumer::Ferrule | Consumer::FerruleFirmware => ferrule::judge(judge),
        Consumer::Bearssl => bearssl::judge(judge),
        Consumer::Chrome | Consumer::Schannel | Consumer::Apple => platform::judge(judge),
    }
}

pub(super) fn verdict(case: &Case, consumer: Consumer) -> Verdict {
    let problem = judgement(case, consumer).err();
    Verdict {
        consumer: consumer.name(),
        version: consumer.version(),
        accepts: problem.is_none(),
        basis: consumer.basis(),
        rule: problem.as_ref().map(|problem| problem.rule),
        certificate: problem.as_ref().and_then(|problem| problem.certificate),
        error: problem.map(|problem| problem.error),
    }
}

/// Whether such a key can have made such a signature at all; where the algorithm is not known, it may have.
fn is_of_kind(key: &Key, algorithm: &SignatureAlgorithm) -> bool {
    match algorithm {
        SignatureAlgorithm::RsaPkcs1(_) | SignatureAlgorithm::RsaPss(_) => matches!(key, Key::Rsa { .. }),
        SignatureAlgorithm::Ecdsa(_) => matches!(key, Key::Ec { .. }),
        SignatureAlgorithm::Ed25519 => matches!(key, Key::Ed25519),
        SignatureAlgorithm::Ed448 => matches!(key, Key::Ed448),
        SignatureAlgorithm::Other(_) => true,
    }
}
