//! supported_groups (RFC 8446 §4.2.7).

use super::{ExtensionType, write};
use crate::codec::{Reader, U16List, Writer};
use crate::crypto::NamedGroup;
use crate::error::Decode;

pub(crate) fn parse(body: &[u8]) -> Result<U16List<'_>, Decode> {
    let mut reader = Reader::new(body, "supported_groups");
    let list = reader.u16_list()?;
    reader.finish()?;
    Ok(list)
}

pub(crate) fn write_list(writer: &mut Writer<'_>, groups: impl Iterator<Item = NamedGroup>) {
    write(writer, ExtensionType::SUPPORTED_GROUPS, |w| {
        w.vector::<2>(|w| groups.for_each(|group| w.u16(group.0)));
    });
}
