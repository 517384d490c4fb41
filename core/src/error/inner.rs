//! [`Error`] as the states hand it to each other: small.

use super::{CryptoError, Decode, Incompatible, Limit, Misbehaved, Misuse};
use crate::alert::AlertDescription;
use crate::certificate::CertificateError;

/// As [`super::Error`], but for what is known of a refused certificate: that stays with the connection
/// (`Context::refused`) until the error is handed out. With its names it has 120 bytes, and each question mark
/// on the way up would copy them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Error {
    Decode(Decode),
    Incompatible(Incompatible),
    Misbehaved(Misbehaved),
    /// Why is in `Context::refused`.
    Certificate,
    AlertReceived(AlertDescription),
    Truncated,
    Limit(Limit),
    Crypto(CryptoError),
    Aborted(AlertDescription),
    Misuse(Misuse),
    Internal(&'static str),
}

impl Error {
    /// The error for the caller. `refused` is why a certificate was, if one was.
    #[inline(never)]
    pub(crate) fn into_public(self, refused: Option<&CertificateError>) -> super::Error {
        match (self, refused) {
            (Self::Certificate, Some(refused)) => super::Error::Certificate(refused.clone()),
            (Self::Certificate, None) => super::Error::Internal("error: a certificate without a reason"),
            (Self::Decode(e), _) => super::Error::Decode(e),
            (Self::Incompatible(e), _) => super::Error::Incompatible(e),
            (Self::Misbehaved(e), _) => super::Error::Misbehaved(e),
            (Self::AlertReceived(alert), _) => super::Error::AlertReceived(alert),
            (Self::Truncated, _) => super::Error::Truncated,
            (Self::Limit(e), _) => super::Error::Limit(e),
            (Self::Crypto(e), _) => super::Error::Crypto(e),
            (Self::Aborted(alert), _) => super::Error::Aborted(alert),
            (Self::Misuse(e), _) => super::Error::Misuse(e),
            (Self::Internal(place), _) => super::Error::Internal(place),
        }
    }
}

macro_rules! from {
    ($($name:ident($type:ty))*) => {
        $(impl From<$type> for Error {
            fn from(e: $type) -> Self {
                Self::$name(e)
            }
        })*
    };
}
from! { Decode(Decode) Incompatible(Incompatible) Misbehaved(Misbehaved) Limit(Limit) Crypto(CryptoError) Misuse(Misuse) }
