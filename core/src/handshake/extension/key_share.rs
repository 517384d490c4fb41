//! key_share (RFC 8446 §4.2.8).

use super::{ExtensionType, write};
use crate::codec::{Reader, Writer};
use crate::crypto::NamedGroup;
use crate::error::Decode;

/// `KeyShareEntry`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeyShareEntry<'a> {
    pub(crate) group: NamedGroup,
    pub(crate) key_exchange: &'a [u8],
}

impl<'a> KeyShareEntry<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Decode> {
        Ok(Self { group: NamedGroup(reader.u16()?), key_exchange: reader.vector_u16(1)? })
    }

    fn write(self, writer: &mut Writer<'_>) {
        writer.u16(self.group.0);
        writer.vector::<2>(|w| w.bytes(self.key_exchange));
    }
}

/// The shares of a ClientHello, in its order. There may be none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ClientShares<'a>(&'a [u8]);

impl<'a> ClientShares<'a> {
    pub(crate) fn parse(body: &'a [u8]) -> Result<Self, Decode> {
        let mut reader = Reader::new(body, "key_share");
        let list = reader.vector_u16(0)?;
        reader.finish()?;
        let mut entries = Reader::new(list, "key_share");
        while !entries.is_empty() {
            KeyShareEntry::read(&mut entries)?;
        }
        Ok(Self(list))
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = KeyShareEntry<'a>> {
        let mut entries = Reader::new(self.0, "key_share");
        core::iter::from_fn(move || KeyShareEntry::read(&mut entries).ok())
    }
}

/// The share of a ServerHello.
pub(crate) fn parse_server_share(body: &[u8]) -> Result<KeyShareEntry<'_>, Decode> {
    let mut reader = Reader::new(body, "key_share");
    let entry = KeyShareEntry::read(&mut reader)?;
    reader.finish()?;
    Ok(entry)
}

/// The group of a HelloRetryRequest.
pub(crate) fn parse_retry_group(body: &[u8]) -> Result<NamedGroup, Decode> {
    let mut reader = Reader::new(body, "key_share");
    let group = NamedGroup(reader.u16()?);
    reader.finish()?;
    Ok(group)
}

pub(crate) fn write_client_share(writer: &mut Writer<'_>, entry: KeyShareEntry<'_>) {
    write(writer, ExtensionType::KEY_SHARE, |w| w.vector::<2>(|w| entry.write(w)));
}

pub(crate) fn write_server_share(writer: &mut Writer<'_>, entry: KeyShareEntry<'_>) {
    write(writer, ExtensionType::KEY_SHARE, |w| entry.write(w));
}

pub(crate) fn write_retry_group(writer: &mut Writer<'_>, group: NamedGroup) {
    write(writer, ExtensionType::KEY_SHARE, |w| w.u16(group.0));
}
