//! application_layer_protocol_negotiation (RFC 7301 §3.1).

use super::{ExtensionType, write};
use crate::codec::{Reader, Writer};
use crate::error::{Decode, Fault};
use crate::limits::MAX_ALPN_PROTOCOL;

/// The application protocol that was agreed on.
pub(crate) type Protocol = heapless::Vec<u8, MAX_ALPN_PROTOCOL>;

/// The protocols of a ClientHello, in its order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Protocols<'a>(&'a [u8]);

impl<'a> Protocols<'a> {
    pub(crate) fn parse(body: &'a [u8]) -> Result<Self, Decode> {
        let mut reader = Reader::new(body, "ALPN protocol list");
        let list = reader.vector_u16(2)?;
        reader.finish()?;
        let mut names = Reader::new(list, "ALPN protocol list");
        while !names.is_empty() {
            names.vector_u8(1)?;
        }
        Ok(Self(list))
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = &'a [u8]> {
        let mut names = Reader::new(self.0, "ALPN protocol list");
        core::iter::from_fn(move || names.vector_u8(1).ok())
    }
}

/// The one protocol of a server's answer.
pub(crate) fn parse_selection(body: &[u8]) -> Result<&[u8], Decode> {
    let mut names = Protocols::parse(body)?.iter();
    match (names.next(), names.next()) {
        (Some(name), None) => Ok(name),
        _ => Err(Decode { structure: "ALPN protocol list", fault: Fault::VectorLength }),
    }
}

pub(crate) fn write_list<'a>(writer: &mut Writer<'_>, protocols: impl Iterator<Item = &'a [u8]>) {
    write(writer, ExtensionType::ALPN, |w| {
        w.vector::<2>(|w| protocols.for_each(|name| w.vector::<1>(|w| w.bytes(name))));
    });
}
