//! Finished (RFC 8446 §4.4.4).

use crate::crypto::Secret;
use crate::error::inner::Error;
use crate::error::{Decode, Fault, Misbehaved};
use subtle::ConstantTimeEq;

/// Proof that the peer's Finished was right. Only with it does a handshake complete.
#[derive(Debug)]
pub(crate) struct FinishedVerified(());

/// Compares the peer's `verify_data` with what it must be.
pub(crate) fn verify(body: &[u8], expected: &Secret) -> Result<FinishedVerified, Error> {
    match body.len().cmp(&expected.expose().len()) {
        core::cmp::Ordering::Less => {
            return Err(Decode { structure: "Finished", fault: Fault::TooShort }.into());
        }
        core::cmp::Ordering::Greater => {
            return Err(Decode { structure: "Finished", fault: Fault::TrailingBytes }.into());
        }
        core::cmp::Ordering::Equal => {}
    }
    if bool::from(body.ct_eq(expected.expose())) {
        Ok(FinishedVerified(()))
    } else {
        Err(Misbehaved::BadFinished.into())
    }
}
