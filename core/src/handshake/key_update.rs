//! KeyUpdate (RFC 8446 §4.6.3).

use super::HandshakeType;
use crate::codec::Reader;
use crate::error::Misbehaved;
use crate::error::inner::Error;

/// Whether the sender wants the receiver to update too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyUpdateRequest {
    NotRequested = 0,
    Requested = 1,
}

pub(crate) fn parse(body: &[u8]) -> Result<KeyUpdateRequest, Error> {
    let mut reader = Reader::new(body, "KeyUpdate");
    let request = match reader.u8()? {
        0 => KeyUpdateRequest::NotRequested,
        1 => KeyUpdateRequest::Requested,
        _ => return Err(Misbehaved::UnknownValue { field: "KeyUpdate.request_update" }.into()),
    };
    reader.finish()?;
    Ok(request)
}

/// The whole message.
pub(crate) const fn message(request: KeyUpdateRequest) -> [u8; 5] {
    [HandshakeType::KEY_UPDATE.0, 0, 0, 1, request as u8]
}
