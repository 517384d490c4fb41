//! Why there is no connection, or no longer one.

use std::fmt;
use std::io;

/// Why there is no connection, or no longer one: whom to blame, and so where to look.
#[derive(Debug)]
#[non_exhaustive]
pub enum Failure {
    /// TLS: the peer, its certificate, or what it sent was refused, or it refused us.
    Tls(ferrule::Error),
    /// The transport failed.
    Transport(io::Error),
    /// It took too long.
    TimedOut {
        /// What did.
        what: &'static str,
    },
    /// The owner of the private key gave no signature.
    Signing(String),
    /// A configured revocation list cannot be used.
    RevocationList(ferrule::certificate::Rule),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tls(error) => error.fmt(f),
            Self::Transport(error) => write!(f, "the transport failed: {error}"),
            Self::TimedOut { what } => write!(f, "{what} took too long"),
            Self::RevocationList(rule) => write!(f, "a configured revocation list {rule}"),
            Self::Signing(reason) => write!(f, "the private key gave no signature: {reason}"),
        }
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Tls(error) => Some(error),
            Self::Transport(error) => Some(error),
            Self::TimedOut { .. } | Self::Signing(_) | Self::RevocationList(_) => None,
        }
    }
}

impl From<ferrule::Error> for Failure {
    fn from(error: ferrule::Error) -> Self {
        Self::Tls(error)
    }
}

impl From<io::Error> for Failure {
    /// A time-out of the transport's own stays one.
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
                Self::TimedOut { what: "the peer's next bytes" }
            }
            _ => Self::Transport(error),
        }
    }
}

impl From<Failure> for io::Error {
    /// The failure stays inside, and [`io::Error::get_ref`] finds it.
    fn from(failure: Failure) -> Self {
        let kind = match &failure {
            Failure::Transport(error) => error.kind(),
            Failure::TimedOut { .. } => io::ErrorKind::TimedOut,
            Failure::Tls(ferrule::Error::Truncated) => io::ErrorKind::UnexpectedEof,
            Failure::Tls(ferrule::Error::AlertReceived(_)) => io::ErrorKind::ConnectionAborted,
            Failure::Tls(_) => io::ErrorKind::InvalidData,
            Failure::Signing(_) | Failure::RevocationList(_) => io::ErrorKind::Other,
        };
        Self::new(kind, failure)
    }
}
