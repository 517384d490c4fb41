//! What two of our own say to each other when nobody is in between.

use crate::provider::Strength;
use crate::records::{HANDSHAKE, said};
use crate::subject::Subject;
use crate::world::{self, ClientSide, ServerSide, VARIANTS};
use std::sync::OnceLock;

/// An output buffer that holds any record.
pub const ROOM: usize = ferrule::record::MAX_RECORD;

/// A handshake message, header and all.
#[derive(Debug, Clone)]
pub struct Message {
    /// The whole of it.
    pub bytes: Vec<u8>,
    /// Whether it went out under keys.
    pub protected: bool,
}

/// One side's part of a whole conversation.
#[derive(Debug, Default)]
pub struct Part {
    /// All of it, as it went over the wire.
    pub wire: Vec<u8>,
    /// The handshake's messages.
    pub messages: Vec<Message>,
}

/// Takes turns until neither has anything to do; `[client, server]` is what each has said.
pub fn converse(client: &mut Subject<ClientSide>, server: &mut Subject<ServerSide>, said: &mut [Vec<u8>; 2]) {
    loop {
        client.drive(ROOM);
        server.drive(ROOM);
        let (from_client, from_server) =
            (std::mem::take(&mut client.output), std::mem::take(&mut server.output));
        if from_client.is_empty() && from_server.is_empty() {
            return;
        }
        server.deliver(&from_client);
        client.deliver(&from_server);
        said[0].extend(from_client);
        said[1].extend(from_server);
    }
}

/// A handshake, a few words in each direction, new keys, and the end.
fn conversation(variant: u8) -> [Part; 2] {
    let mut client = world::client(variant, Strength::Open);
    let mut server = world::server(variant, Strength::Open);
    let mut wires = [Vec::new(), Vec::new()];
    converse(&mut client, &mut server, &mut wires);
    assert!(client.is_established() && server.is_established(), "{:?} {:?}", client.error, server.error);
    let messages = wires.each_ref().map(|wire| messages(wire));
    client.write_data(b"GET / HTTP/1.1", ROOM);
    server.write_data(b"HTTP/1.1 200", ROOM);
    client.update_keys();
    converse(&mut client, &mut server, &mut wires);
    assert_eq!((&client.data()[..], &server.data()[..]), (&b"HTTP/1.1 200"[..], &b"GET / HTTP/1.1"[..]));
    client.close();
    server.close();
    converse(&mut client, &mut server, &mut wires);
    assert_eq!((client.error, server.error), (None, None));
    let [from_client, from_server] = messages;
    let [client, server] = wires;
    [Part { wire: client, messages: from_client }, Part { wire: server, messages: from_server }]
}

fn messages(wire: &[u8]) -> Vec<Message> {
    let mut all = Vec::new();
    for read in said(wire).into_iter().filter(|read| read.content_type == HANDSHAKE) {
        let mut rest = &read.content[..];
        while let [_, high, middle, low, ..] = *rest {
            let length = 4 + u32::from_be_bytes([0, high, middle, low]) as usize;
            all.push(Message { bytes: rest[..length].to_vec(), protected: read.protected });
            rest = &rest[length..];
        }
    }
    all
}

/// The conversation of a variant's pair, the client's part first.
pub fn parts(variant: u8) -> &'static [Part; 2] {
    static PARTS: [OnceLock<[Part; 2]>; VARIANTS as usize] = [const { OnceLock::new() }; VARIANTS as usize];
    let variant = variant % VARIANTS;
    PARTS[usize::from(variant)].get_or_init(|| conversation(variant))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variant_completes() {
        for variant in 0..VARIANTS {
            let [client, server] = parts(variant);
            let kinds = |part: &Part| part.messages.iter().map(|m| m.bytes[0]).collect::<Vec<_>>();
            let retried = variant & 1 != 0;
            assert_eq!(kinds(client), if retried { vec![1, 1, 20] } else { vec![1, 20] });
            let flight = [2, 8, 11, 15, 20];
            assert_eq!(kinds(server), if retried { [&[2][..], &flight].concat() } else { flight.to_vec() });
        }
    }
}
