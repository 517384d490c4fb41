//! supported_versions (RFC 8446 §4.2.1).

use super::{ExtensionType, write};
use crate::codec::{Reader, U16List, Writer};
use crate::error::{Decode, Fault};

/// SSL 3.0 on the wire.
pub(crate) const SSL_3: u16 = 0x0300;
/// TLS 1.2 on the wire.
pub(crate) const TLS_1_2: u16 = 0x0303;
/// TLS 1.3 on the wire.
pub(crate) const TLS_1_3: u16 = 0x0304;

/// `ProtocolVersion versions<2..254>` of a ClientHello.
pub(crate) fn parse_offer(body: &[u8]) -> Result<U16List<'_>, Decode> {
    let mut reader = Reader::new(body, "supported_versions");
    let versions = reader.vector_u8(2)?;
    let list = U16List::new(versions).ok_or(reader.fault(Fault::VectorLength))?;
    reader.finish()?;
    Ok(list)
}

/// `ProtocolVersion selected_version` of a ServerHello.
pub(crate) fn parse_selection(body: &[u8]) -> Result<u16, Decode> {
    let mut reader = Reader::new(body, "supported_versions");
    let version = reader.u16()?;
    reader.finish()?;
    Ok(version)
}

pub(crate) fn write_offer(writer: &mut Writer<'_>, versions: &[u16]) {
    write(writer, ExtensionType::SUPPORTED_VERSIONS, |w| {
        w.vector::<1>(|w| versions.iter().for_each(|&version| w.u16(version)));
    });
}

pub(crate) fn write_selection(writer: &mut Writer<'_>, version: u16) {
    write(writer, ExtensionType::SUPPORTED_VERSIONS, |w| w.u16(version));
}
