//! NewSessionTicket (RFC 8446 §4.6.1).

use super::extension::Extensions;
use super::{ExtensionType, HandshakeType};
use crate::codec::Reader;
use crate::error::Misbehaved;
use crate::error::inner::Error;

/// A ticket for a later resumption, as it lies in the caller's window.
#[derive(Debug, Clone, Copy)]
pub struct SessionTicket<'a> {
    /// Seconds that it may be used for, at most 604,800 (seven days).
    pub lifetime: u32,
    /// Added to the ticket's age when it is used.
    pub age_add: u32,
    /// Tells this ticket's pre-shared key from those of its siblings.
    pub nonce: &'a [u8],
    /// The ticket.
    pub ticket: &'a [u8],
    /// How many bytes of early data the server would take, if any.
    pub max_early_data: Option<u32>,
}

pub(crate) fn parse(body: &[u8]) -> Result<SessionTicket<'_>, Error> {
    let mut reader = Reader::new(body, "NewSessionTicket");
    let lifetime = reader.u32()?;
    // "Servers MUST NOT use any value greater than 604800 seconds (7 days)."
    if lifetime > 604_800 {
        return Err(Misbehaved::UnknownValue { field: "NewSessionTicket.ticket_lifetime" }.into());
    }
    let age_add = reader.u32()?;
    let nonce = reader.vector_u8(0)?;
    let ticket = reader.vector_u16(1)?;
    let extensions = Extensions::parse(&mut reader)?;
    reader.finish()?;
    extensions.check_places(HandshakeType::NEW_SESSION_TICKET, false)?;
    let max_early_data = match extensions.find(ExtensionType::EARLY_DATA) {
        Some(body) => {
            let mut reader = Reader::new(body, "early_data");
            let max = reader.u32()?;
            reader.finish()?;
            Some(max)
        }
        None => None,
    };
    Ok(SessionTicket { lifetime, age_add, nonce, ticket, max_early_data })
}
