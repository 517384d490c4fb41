//! server_name (RFC 6066 §3).

use super::{ExtensionType, write};
use crate::certificate::ServerName;
use crate::codec::{Reader, Writer};
use crate::error::Misbehaved;
use crate::error::inner::Error;

const HOST_NAME: u8 = 0;

/// The host name of a ClientHello's list; `None` where it names none of a type that we know.
/// "The ServerNameList MUST NOT contain more than one name of the same name_type."
pub(crate) fn parse(body: &[u8]) -> Result<Option<ServerName>, Error> {
    let mut reader = Reader::new(body, "server_name");
    let mut list = Reader::new(reader.vector_u16(1)?, "server_name");
    reader.finish()?;
    let mut found = None;
    while !list.is_empty() {
        let name_type = list.u8()?;
        let name = list.vector_u16(1)?;
        if name_type == HOST_NAME {
            let name = core::str::from_utf8(name).map_err(|_| Misbehaved::ServerName)?;
            let name = ServerName::parse(name).map_err(|_| Misbehaved::ServerName)?;
            if found.replace(name).is_some() {
                return Err(Misbehaved::ServerName.into());
            }
        }
    }
    // "Literal IPv4 and IPv6 addresses are not permitted": clients that send one mean no name.
    Ok(found.filter(|name| name.as_dns().is_some()))
}

/// "Literal IPv4 and IPv6 addresses are not permitted in "HostName"": for those, nothing is written.
pub(crate) fn write_offer(writer: &mut Writer<'_>, name: &ServerName) {
    if let Some(host) = name.as_dns() {
        write(writer, ExtensionType::SERVER_NAME, |w| {
            w.vector::<2>(|w| {
                w.u8(HOST_NAME);
                w.vector::<2>(|w| w.bytes(host.as_bytes()));
            });
        });
    }
}

/// "The "extension_data" field of this extension SHALL be empty": the server has used the name.
pub(crate) fn write_acknowledgement(writer: &mut Writer<'_>) {
    write(writer, ExtensionType::SERVER_NAME, |_| {});
}
