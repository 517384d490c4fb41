//! Why a stream ended.

use core::fmt;
use embedded_io::ErrorKind;

/// Why a handshake or a stream ended: whose fault it is decides the variant.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure<E> {
    /// TLS: the peer, its certificate, or someone in between.
    Tls(ferrule::Error),
    /// The transport failed.
    Transport(E),
    /// The transport takes no more bytes.
    TransportFull,
    /// The owner of the private key gave no signature.
    Signing,
}

impl<E> From<ferrule::Error> for Failure<E> {
    fn from(error: ferrule::Error) -> Self {
        Self::Tls(error)
    }
}

impl<E: fmt::Display> fmt::Display for Failure<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tls(error) => error.fmt(f),
            Self::Transport(error) => error.fmt(f),
            Self::TransportFull => f.write_str("the transport takes no more bytes"),
            Self::Signing => f.write_str("the private key gave no signature"),
        }
    }
}

impl<E: core::error::Error> core::error::Error for Failure<E> {}

impl<E: embedded_io::Error> embedded_io::Error for Failure<E> {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Tls(ferrule::Error::Truncated) => ErrorKind::ConnectionReset,
            Self::Tls(ferrule::Error::AlertReceived(_)) => ErrorKind::ConnectionAborted,
            Self::Tls(ferrule::Error::Misuse(_)) => ErrorKind::InvalidInput,
            Self::Tls(_) => ErrorKind::InvalidData,
            Self::Transport(error) => error.kind(),
            Self::TransportFull => ErrorKind::WriteZero,
            Self::Signing => ErrorKind::Other,
        }
    }
}
