//! What goes wrong, what to do about it, and the exit code that says so.

use ferrule::certificate::{CertificateError, Rule};
use ferrule::error::{Incompatible, Misbehaved};
use ferrule::{AlertDescription, Error};
use ferrule_std::Failure;
use std::io;
use std::process::ExitCode;

/// Why the program ends without success.
#[derive(Debug)]
pub(crate) struct Trouble {
    code: u8,
    sentence: String,
    advice: Option<String>,
}

/// The peer or its certificate was refused, or it refused us.
const REFUSED: u8 = 1;
const USAGE: u8 = 2;
const NETWORK: u8 = 3;

impl Trouble {
    pub(crate) const fn usage(sentence: String) -> Self {
        Self { code: USAGE, sentence, advice: None }
    }

    pub(crate) const fn network(sentence: String) -> Self {
        Self { code: NETWORK, sentence, advice: None }
    }

    /// From a failure on the way to `peer`.
    pub(crate) fn of(peer: &str, failure: &Failure) -> Self {
        let code = match failure {
            Failure::Tls(Error::Truncated) | Failure::Transport(_) | Failure::TimedOut { .. } => NETWORK,
            Failure::Tls(Error::Misuse(_)) | Failure::Signing(_) | Failure::RevocationList(_) => USAGE,
            _ => REFUSED,
        };
        let advice = match failure {
            Failure::Tls(error) => advice(error, peer),
            _ => None,
        };
        Self { code, sentence: format!("{peer}: {failure}"), advice }
    }

    /// From an input or output error that may carry a failure.
    pub(crate) fn of_io(peer: &str, error: &io::Error) -> Self {
        let failure = error.get_ref().and_then(|inner| inner.downcast_ref::<Failure>());
        failure.map_or_else(|| Self::network(format!("{peer}: {error}")), |failure| Self::of(peer, failure))
    }

    /// Prints itself on stderr.
    pub(crate) fn report(&self) -> ExitCode {
        eprintln!("ferrule: {}", self.sentence);
        if let Some(advice) = &self.advice {
            eprintln!("  what to do: {advice}");
        }
        ExitCode::from(self.code)
    }
}

/// What the reader can do about it.
fn advice(error: &Error, peer: &str) -> Option<String> {
    Some(match error {
        Error::Certificate(error) => return certificate_advice(error, peer),
        Error::Incompatible(Incompatible::Version) => {
            "this program speaks TLS 1.3 only so far; enable TLS 1.3 on the other side".to_owned()
        }
        Error::Misbehaved(Misbehaved::UnknownContentType { .. }) => {
            "check the port: something there does not speak TLS (plain HTTP?)".to_owned()
        }
        Error::Misbehaved(Misbehaved::Downgrade) => {
            "something between here and the server rewrites the handshake: find the proxy or the attacker"
                .to_owned()
        }
        Error::AlertReceived(AlertDescription::PROTOCOL_VERSION) => {
            "the other side has no TLS 1.3: this program speaks nothing older so far".to_owned()
        }
        Error::AlertReceived(AlertDescription::HANDSHAKE_FAILURE) => {
            "no common cipher suite, group or signature scheme: try without --cipher and --group".to_owned()
        }
        Error::AlertReceived(AlertDescription::NO_APPLICATION_PROTOCOL) => {
            "the other side knows none of the protocols of --alpn".to_owned()
        }
        Error::AlertReceived(AlertDescription::UNRECOGNIZED_NAME) => {
            format!("no server is configured for the name of {peer}: check the host name")
        }
        Error::AlertReceived(AlertDescription::CERTIFICATE_REQUIRED) => {
            "the server demands a client certificate: name one of an authority that it trusts with --cert and --key".to_owned()
        }
        Error::AlertReceived(AlertDescription::UNKNOWN_CA | AlertDescription::BAD_CERTIFICATE) => {
            "the other side does not trust our certificate: it needs the root of our chain".to_owned()
        }
        Error::Truncated => "the peer, or something on the way, cut the connection: try again".to_owned(),
        Error::Internal(_) => "this is a bug in Ferrule: please report it with the command line".to_owned(),
        _ => return None,
    })
}

fn certificate_advice(error: &CertificateError, peer: &str) -> Option<String> {
    Some(match &error.rule {
        Rule::Expired { .. } if error.index == 0 => {
            "renew the server's certificate; if it is new, check the clock of this machine".to_owned()
        }
        Rule::Expired { .. } => {
            "replace this intermediate in the server's chain file by the issuer's current one".to_owned()
        }
        Rule::NotYetValid { .. } => "check the clock of this machine, then that of the certificate's issuer".to_owned(),
        Rule::NameMismatch { .. } | Rule::NoSubjectAltName => {
            format!("ask for the server by a name that its certificate carries, or reissue it with a subjectAltName for {peer}")
        }
        Rule::UnknownIssuer { .. } => "if a private authority issued it, name its root with --cafile; else the server leaves \
             out an intermediate: append that to its chain file"
            .to_owned(),
        Rule::SelfSigned => "if it is meant to be trusted, name it with --cafile".to_owned(),
        Rule::BadSignature { .. } => {
            "the issuer's key is another one than signed it: is an old root or intermediate of the same name in use?".to_owned()
        }
        Rule::NotACertificateAuthority | Rule::PathLength { .. } | Rule::KeyUsage { .. } | Rule::ExtendedKeyUsage { .. } => {
            "have this certificate reissued by its authority with the right extensions".to_owned()
        }
        Rule::WeakSignatureAlgorithm { .. } | Rule::KeySize { .. } => {
            "have it reissued with SHA-256 and a key of P-256, Ed25519, or RSA of 2048 bits and more".to_owned()
        }
        _ => return None,
    })
}
