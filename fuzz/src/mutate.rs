//! A mutator that knows records: without it, almost every byte that comes or goes on the wire is the end at the
//! next header, and nothing behind an optional message is ever reached.

use crate::input::Input;
use crate::messages::{CERTIFICATE_REQUEST, FINISHED, KEY_UPDATE, NEW_SESSION_TICKET};
use crate::provider::{FuzzRandom, HMAC_BYTE, TAG};
use crate::records::{ALERT, APPLICATION_DATA, CHANGE_CIPHER_SPEC, HANDSHAKE, record, sealed};

/// Handshake messages that no flight of ours has, and what else a peer may say at any time.
const POOL: &[(u8, &[u8])] = &[
    (HANDSHAKE, &[CERTIFICATE_REQUEST, 0, 0, 11, 0, 0, 8, 0, 13, 0, 4, 0, 2, 4, 3]),
    (HANDSHAKE, &[NEW_SESSION_TICKET, 0, 0, 14, 0, 0, 1, 0, 0, 0, 0, 7, 0, 0, 1, b't', 0, 0]),
    (HANDSHAKE, &[KEY_UPDATE, 0, 0, 1, 0]),
    (HANDSHAKE, &[KEY_UPDATE, 0, 0, 1, 1]),
    (HANDSHAKE, &[FINISHED, 0, 0, 4, HMAC_BYTE, HMAC_BYTE, HMAC_BYTE, HMAC_BYTE]),
    (ALERT, &[1, 0]),
    (ALERT, &[1, 90]),
    (ALERT, &[2, 40]),
    (APPLICATION_DATA, &[]),
    (APPLICATION_DATA, b"data"),
    (CHANGE_CIPHER_SPEC, &[1]),
];

/// Types that a server skips or ignores, but must look at: early data, and one that nobody knows.
const OFFERS: &[[u8; 4]] = &[[0, 42, 0, 0], [0x1a, 0x1a, 0, 0], [0, 45, 0, 0], [0, 21, 0, 0]];

/// Changes the input's wire, which begins behind the variant, a short list and so many bytes more. Every fourth
/// time that is left to libFuzzer.
pub fn wire(data: &mut [u8], size: usize, max_size: usize, seed: u32, behind_list: usize) -> usize {
    let mut random = FuzzRandom(seed.into());
    let mut below = |bound: usize| (random.word() % bound.max(1) as u64) as usize;
    let mut input = Input::new(&data[..size]);
    input.byte();
    input.short_list();
    input.bytes(behind_list);
    let start = size - input.rest().len();
    if below(4) == 0 || start == size {
        return libfuzzer_sys::fuzzer_mutate(data, size, max_size);
    }
    if below(4) == 0 {
        return list(data, size, max_size, below);
    }
    let mut records = split(&data[start..size]);
    let at = below(records.len());
    match below(10) {
        0 => drop(records.remove(at)),
        1 => records.insert(at, records[at].clone()),
        2 => {
            let other = below(records.len());
            records.swap(at, other);
        }
        3 | 4 => {
            let (content_type, content) = POOL[below(POOL.len())];
            if content_type == HANDSHAKE && records[at].content_type == HANDSHAKE {
                // Most flights are one record: among their messages.
                let places = boundaries(&records[at].content);
                let place = places[below(places.len())];
                records[at].content.splice(place..place, content.iter().copied());
            }
            let is_protected = records[at].is_protected && content_type != CHANGE_CIPHER_SPEC;
            records
                .insert(at, Piece { content_type, is_protected, content: content.to_vec(), is_whole: true });
        }
        5 => {
            let content = records[at].content.clone();
            let places = boundaries(&content);
            let place = if below(2) == 0 { places[below(places.len())] } else { below(content.len()) };
            let (front, back) = content.split_at(place);
            records[at].content = back.to_vec();
            let front = Piece { content: front.to_vec(), ..records[at].clone() };
            records.insert(at, front);
        }
        6 => add_offer(&mut records[at].content, OFFERS[below(OFFERS.len())]),
        _ => {
            let place = below(8);
            change(&mut records[at], place);
        }
    }
    let wire: Vec<u8> = records.iter().flat_map(Piece::bytes).collect();
    let length = wire.len().min(max_size - start);
    data[start..start + length].copy_from_slice(&wire[..length]);
    start + length
}

/// Changes the list in front of the wire: a few bytes among many, which chance would leave alone.
fn list(data: &mut [u8], size: usize, max_size: usize, mut below: impl FnMut(usize) -> usize) -> usize {
    const START: usize = 2;
    let end = (START + usize::from(data[1])).min(size);
    let mut list = data[START..end].to_vec();
    for _ in 0..=below(3) {
        let at = below(list.len() + 1);
        let byte = below(256) as u8;
        match (below(3), at < list.len()) {
            (0, true) => list[at] = byte,
            (1, true) => drop(list.remove(at)),
            _ if list.len() < 255 && size - (end - START) + list.len() < max_size => list.insert(at, byte),
            _ => {}
        }
    }
    let behind = data[end..size].to_vec();
    data[1] = list.len() as u8;
    let wire = START + list.len();
    data[START..wire].copy_from_slice(&list);
    data[wire..wire + behind.len()].copy_from_slice(&behind);
    wire + behind.len()
}

/// A record, or what is left of one.
#[derive(Debug, Clone)]
struct Piece {
    content_type: u8,
    is_protected: bool,
    content: Vec<u8>,
    is_whole: bool,
}

impl Piece {
    fn bytes(&self) -> Vec<u8> {
        match self.is_whole {
            true => sealed(self.is_protected, self.content_type, &self.content),
            false => self.content.clone(),
        }
    }
}

fn split(mut wire: &[u8]) -> Vec<Piece> {
    let mut all = Vec::new();
    while let [outer, _, _, high, low, rest @ ..] = wire {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let Some((fragment, behind)) = rest.split_at_checked(length) else {
            break;
        };
        let inner = fragment.strip_suffix(&TAG).and_then(|inner| inner.split_last());
        all.push(match inner.filter(|_| *outer == APPLICATION_DATA) {
            Some((&content_type, content)) => {
                Piece { content_type, is_protected: true, content: content.to_vec(), is_whole: true }
            }
            None => {
                let content = record(*outer, fragment);
                let is_plain = (CHANGE_CIPHER_SPEC..=HANDSHAKE).contains(outer);
                let content = if is_plain { fragment.to_vec() } else { content };
                Piece { content_type: *outer, is_protected: false, content, is_whole: is_plain }
            }
        });
        wire = behind;
    }
    if !wire.is_empty() || all.is_empty() {
        all.push(Piece { content_type: 0, is_protected: false, content: wire.to_vec(), is_whole: false });
    }
    all
}

/// Lets libFuzzer change the content, or one message's body, whose length is put right then.
fn change(piece: &mut Piece, place: usize) {
    let places = if piece.content_type == HANDSHAKE { boundaries(&piece.content) } else { vec![0] };
    let message = places.windows(2).nth(place % places.len());
    let (start, end) = message.map_or((0, piece.content.len()), |message| (message[0] + 4, message[1]));
    let mut body = piece.content[start..end].to_vec();
    let room = body.len() + 64;
    body.resize(room, 0);
    let length = libfuzzer_sys::fuzzer_mutate(&mut body, end - start, room);
    body.truncate(length);
    piece.content.splice(start..end, body);
    if message.is_some() {
        set_length(&mut piece.content[start - 4..start + length]);
    }
}

fn message_length(content: &[u8]) -> Option<usize> {
    match content {
        [_, high, middle, low, ..] => Some(4 + u32::from_be_bytes([0, *high, *middle, *low]) as usize),
        _ => None,
    }
}

/// Where messages begin and end, as far as they can be told.
fn boundaries(content: &[u8]) -> Vec<usize> {
    let mut all = vec![0];
    let mut at = 0;
    while let Some(length) = message_length(&content[at..]).filter(|length| at + length <= content.len()) {
        at += length;
        all.push(at);
    }
    all
}

fn set_length(content: &mut [u8]) {
    let length = (content.len() as u32 - 4).to_be_bytes();
    content[1..4].copy_from_slice(&length[1..]);
}

/// Adds an extension to the end of a ClientHello.
fn add_offer(content: &mut Vec<u8>, offer: [u8; 4]) {
    if content.first() != Some(&1) || message_length(content) != Some(content.len()) {
        return;
    }
    // Behind version, random, and three vectors lies the list's length.
    let list = (|| {
        let mut at = 4 + 34;
        at += 1 + usize::from(*content.get(at)?);
        at += 2 + usize::from(u16::from_be_bytes([*content.get(at)?, *content.get(at + 1)?]));
        at += 1 + usize::from(*content.get(at)?);
        (at + 2 <= content.len()).then_some(at)
    })();
    if let Some(at) = list {
        content.extend_from_slice(&offer);
        let length = (content.len() - at - 2) as u16;
        content[at..at + 2].copy_from_slice(&length.to_be_bytes());
        set_length(content);
    }
}
