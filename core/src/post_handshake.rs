//! Messages after the handshake (RFC 8446 §4.6): NewSessionTicket and KeyUpdate.

use crate::certificate::Role;
use crate::codec::u24;
use crate::error::inner::Error;
use crate::error::{Decode, Fault, Misbehaved};
use crate::handshake::key_update::{self, KeyUpdateRequest};
use crate::handshake::{HandshakeType, MESSAGE_HEADER, SessionTicket, new_session_ticket};

/// Where the message that is being received stands. A KeyUpdate fits in here; a ticket that is split over
/// records is skipped.
#[derive(Debug)]
pub(crate) struct PostHandshake {
    /// Ours.
    role: Role,
    header: [u8; MESSAGE_HEADER],
    have: usize,
}

/// What was read.
#[derive(Debug)]
pub(crate) enum PostHandshakeMessage<'a> {
    /// Nothing whole yet, or a ticket that was skipped.
    None,
    SessionTicket(SessionTicket<'a>),
    KeyUpdate(KeyUpdateRequest),
}

impl PostHandshake {
    pub(crate) const fn new(role: Role) -> Self {
        Self { role, header: [0; MESSAGE_HEADER], have: 0 }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.have == 0
    }

    /// Takes at most one message from the front of `fragment`; returns how many bytes that was.
    pub(crate) fn read<'a>(
        &mut self,
        fragment: &'a [u8],
    ) -> Result<(usize, PostHandshakeMessage<'a>), Error> {
        let mut taken = 0usize;
        let started_here = self.have == 0;
        while self.have < MESSAGE_HEADER {
            let Some(&byte) = fragment.get(taken) else {
                return Ok((taken, PostHandshakeMessage::None));
            };
            if let Some(place) = self.header.get_mut(self.have) {
                *place = byte;
            }
            self.have = self.have.saturating_add(1);
            taken = taken.saturating_add(1);
        }
        let [kind, high, middle, low] = self.header;
        let length = u24([high, middle, low]);
        let left = length.saturating_add(MESSAGE_HEADER).saturating_sub(self.have);
        let rest = fragment.get(taken..).unwrap_or_default();
        match HandshakeType(kind) {
            HandshakeType::KEY_UPDATE => {
                if length != 1 {
                    let fault = if length == 0 { Fault::TooShort } else { Fault::TrailingBytes };
                    return Err(Decode { structure: "KeyUpdate", fault }.into());
                }
                if rest.is_empty() {
                    return Ok((taken, PostHandshakeMessage::None));
                }
                let request = key_update::parse(rest.get(..1).unwrap_or_default())?;
                self.have = 0;
                Ok((taken.saturating_add(1), PostHandshakeMessage::KeyUpdate(request)))
            }
            // "the server ... MAY send" it (§4.6.1), and nobody else.
            HandshakeType::NEW_SESSION_TICKET if self.role == Role::Client => {
                let piece = rest.get(..left.min(rest.len())).unwrap_or_default();
                taken = taken.saturating_add(piece.len());
                if piece.len() < left {
                    self.have = self.have.saturating_add(piece.len());
                    return Ok((taken, PostHandshakeMessage::None));
                }
                self.have = 0;
                if started_here {
                    return Ok((
                        taken,
                        PostHandshakeMessage::SessionTicket(new_session_ticket::parse(piece)?),
                    ));
                }
                Ok((taken, PostHandshakeMessage::None))
            }
            found => {
                let expected = match self.role {
                    Role::Client => "NewSessionTicket or KeyUpdate",
                    Role::Server => "KeyUpdate",
                };
                Err(Misbehaved::UnexpectedMessage { expected, found }.into())
            }
        }
    }
}
