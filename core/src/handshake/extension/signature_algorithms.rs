//! signature_algorithms (RFC 8446 §4.2.3).

use super::{ExtensionType, write};
use crate::codec::{Reader, U16List, Writer};
use crate::crypto::SignatureScheme;
use crate::error::Decode;

pub(crate) fn parse(body: &[u8]) -> Result<U16List<'_>, Decode> {
    let mut reader = Reader::new(body, "signature_algorithms");
    let list = reader.u16_list()?;
    reader.finish()?;
    Ok(list)
}

pub(crate) fn write_list(writer: &mut Writer<'_>, schemes: impl Iterator<Item = SignatureScheme>) {
    write(writer, ExtensionType::SIGNATURE_ALGORITHMS, |w| {
        w.vector::<2>(|w| schemes.for_each(|scheme| w.u16(scheme.0)));
    });
}
