//! Records of arbitrary types, lengths, padding and tags after the handshake, against a second reading of RFC
//! 8446 §5 that foretells each event and each error; and data that we write, read by the same.
#![no_main]

use ferrule::error::Misbehaved;
use ferrule::record::{Buffer, MAX_CIPHERTEXT, MAX_PLAINTEXT};
use ferrule::{AlertDescription, Error, Handshake};
use ferrule_fuzz::input::{Input, size};
use ferrule_fuzz::lawful::{self, ROOM};
use ferrule_fuzz::provider::{FuzzProvider, Strength, TAG};
use ferrule_fuzz::records::{ALERT, APPLICATION_DATA, CHANGE_CIPHER_SPEC, HANDSHAKE, read_all, record};
use ferrule_fuzz::subject::{Seen, Subject};
use ferrule_fuzz::{script, world};
use std::collections::VecDeque;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut input = Input::new(data);
    let choice = input.byte();
    let mut client = world::client(0, Strength::Open);
    let mut server = world::server(0, Strength::Open);
    lawful::converse(&mut client, &mut server, &mut Default::default());
    match choice & 3 {
        0 => reading(&mut client, input),
        1 => reading(&mut server, input),
        2 => writing(&mut server, input),
        _ => window(input),
    }
});

/// What the next record must bring.
#[derive(Debug)]
enum Foretold {
    Nothing,
    Seen(Seen),
    Error(Error),
    /// A handshake message: for another target.
    Unknown,
}

/// What has come in a row.
#[derive(Default)]
struct Rows {
    empty: u8,
    warnings: u8,
}

fn reading<H: Handshake<Provider = FuzzProvider>>(subject: &mut Subject<H>, mut input: Input<'_>) {
    let mut rows = Rows::default();
    while !input.is_empty() && subject.error.is_none() && !subject.seen.contains(&Seen::Closed) {
        let (outer, fragment) = next_record(&mut input);
        let foretold = foretell(outer, &fragment, &mut rows);
        let seen = subject.seen.len();
        let bytes = record(outer, &fragment);
        let cut = size(input.byte()).min(bytes.len());
        subject.deliver(&bytes[..cut]);
        subject.drive(ROOM);
        subject.deliver(&bytes[cut..]);
        subject.drive(ROOM);
        let news = subject.seen.get(seen..).unwrap_or_default();
        match foretold {
            Foretold::Nothing => assert!(news.is_empty() && subject.error.is_none(), "{:?}", subject.error),
            Foretold::Seen(event) => assert_eq!((news, &subject.error), (&[event][..], &None)),
            Foretold::Error(error) => assert_eq!((news, &subject.error), (&[][..], &Some(error))),
            Foretold::Unknown => return script::finish(subject),
        }
        if subject.error.is_none() {
            assert!(subject.window.is_empty(), "a whole record stays");
        }
    }
    script::finish(subject);
}

/// A record's outer type and its fragment, which is protected more often than not.
fn next_record(input: &mut Input<'_>) -> (u8, Vec<u8>) {
    let form = input.byte();
    let content = input.short_list();
    let blown_up = match form >> 6 {
        0 | 1 => content.to_vec(),
        2 => content.repeat(64),
        // Around the limits.
        _ => {
            content.iter().copied().cycle().take(if content.is_empty() { 0 } else { MAX_PLAINTEXT }).collect()
        }
    };
    if form & 8 != 0 {
        return (input.byte(), blown_up);
    }
    let inner_type = match form & 7 {
        0..=2 => APPLICATION_DATA,
        3 => ALERT,
        4 => HANDSHAKE,
        5 => CHANGE_CIPHER_SPEC,
        6 => 0,
        _ => input.byte(),
    };
    let padding = size(input.byte());
    let mut tag = TAG;
    if form & 0x30 == 0x30 {
        tag[usize::from(input.byte() & 15)] ^= input.byte();
    }
    (APPLICATION_DATA, [&blown_up[..], &[inner_type], &vec![0; padding], &tag].concat())
}

fn foretell(outer: u8, fragment: &[u8], rows: &mut Rows) -> Foretold {
    let length = fragment.len();
    let limit = if outer == APPLICATION_DATA { MAX_CIPHERTEXT } else { MAX_PLAINTEXT };
    let misbehaved = |what: Misbehaved| Foretold::Error(what.into());
    match (outer, fragment) {
        (..20 | 24.., _) => return misbehaved(Misbehaved::UnknownContentType { found: outer }),
        _ if length > limit => return misbehaved(Misbehaved::RecordOverflow { length, limit }),
        (CHANGE_CIPHER_SPEC, _) => return misbehaved(Misbehaved::ChangeCipherSpec),
        (ALERT, &[_, claim]) => {
            return misbehaved(Misbehaved::UnprotectedAlert { claim: AlertDescription(claim) });
        }
        (ALERT, _) => {
            return misbehaved(Misbehaved::UnprotectedRecord { found: ferrule::record::ContentType::Alert });
        }
        (HANDSHAKE, _) => {
            let found = ferrule::record::ContentType::Handshake;
            return misbehaved(Misbehaved::UnprotectedRecord { found });
        }
        _ => {}
    }
    let Some(inner) = fragment.strip_suffix(&TAG) else {
        return misbehaved(Misbehaved::BadRecordMac);
    };
    if inner.len() > MAX_PLAINTEXT + 1 {
        return misbehaved(Misbehaved::RecordOverflow { length: inner.len(), limit: MAX_PLAINTEXT + 1 });
    }
    let Some(end) = inner.iter().rposition(|&byte| byte != 0) else {
        return misbehaved(Misbehaved::NoContentType);
    };
    inside(inner[end], &inner[..end], rows)
}

fn inside(content_type: u8, content: &[u8], rows: &mut Rows) -> Foretold {
    let misbehaved = |what: Misbehaved| Foretold::Error(what.into());
    match (content_type, content) {
        (APPLICATION_DATA, []) => {
            rows.empty += 1;
            if rows.empty > ferrule::limits::MAX_EMPTY_RECORDS {
                return misbehaved(Misbehaved::TooManyEmptyRecords);
            }
            Foretold::Nothing
        }
        (APPLICATION_DATA, data) => {
            *rows = Rows::default();
            Foretold::Seen(Seen::Data(data.to_vec()))
        }
        (ALERT, []) => misbehaved(Misbehaved::EmptyFragment { found: ferrule::record::ContentType::Alert }),
        (ALERT, &[_, description]) => {
            rows.empty = 0;
            match AlertDescription(description) {
                AlertDescription::CLOSE_NOTIFY => Foretold::Seen(Seen::Closed),
                AlertDescription::USER_CANCELED => {
                    rows.warnings += 1;
                    if rows.warnings > ferrule::limits::MAX_WARNINGS {
                        return misbehaved(Misbehaved::TooManyWarnings);
                    }
                    Foretold::Nothing
                }
                alert => Foretold::Error(Error::AlertReceived(alert)),
            }
        }
        (ALERT, _) => misbehaved(Misbehaved::AlertLength),
        (HANDSHAKE, []) => {
            misbehaved(Misbehaved::EmptyFragment { found: ferrule::record::ContentType::Handshake })
        }
        (HANDSHAKE, _) => Foretold::Unknown,
        (CHANGE_CIPHER_SPEC, _) => misbehaved(Misbehaved::ChangeCipherSpec),
        (found, _) => misbehaved(Misbehaved::UnknownContentType { found }),
    }
}

/// Data of arbitrary length into buffers of arbitrary size: whole records that bring just that.
fn writing<H: Handshake<Provider = FuzzProvider>>(subject: &mut Subject<H>, mut input: Input<'_>) {
    subject.output.clear();
    let mut written = Vec::new();
    for _ in 0..64 {
        if input.is_empty() {
            break;
        }
        let room = size(input.byte()) + usize::from(input.byte());
        let data = input.short_list().repeat(1 << (input.byte() & 7));
        if let Some(taken) = subject.write_data(&data, room) {
            written.extend_from_slice(&data[..taken]);
        }
    }
    let read = read_all(&subject.output);
    assert!(read.iter().all(|read| read.protected && read.content_type == APPLICATION_DATA));
    assert!(read.iter().all(|read| read.content.len() <= MAX_PLAINTEXT && !read.content.is_empty()));
    assert_eq!(read.into_iter().flat_map(|read| read.content).collect::<Vec<_>>(), written);
}

/// The window that we offer to drivers is a queue.
fn window(mut input: Input<'_>) {
    let capacity = usize::from(input.byte());
    let mut window = Buffer::new(vec![0; capacity]);
    let mut queue = VecDeque::new();
    let mut next = 0u8;
    while !input.is_empty() {
        let free = window.free_mut();
        assert_eq!(free.len(), capacity - queue.len());
        let asked = usize::from(input.byte());
        let received = asked.min(free.len());
        for place in &mut free[..received] {
            *place = next;
            queue.push_back(next);
            next = next.wrapping_add(1);
        }
        // More than the room is cut to it.
        window.commit(asked);
        assert!(window.filled_mut() == queue.make_contiguous());
        let consumed = usize::from(input.byte());
        window.consume(consumed);
        queue.drain(..consumed.min(queue.len()));
        assert_eq!((window.len(), window.is_empty()), (queue.len(), queue.is_empty()));
        assert!(window.filled_mut() == queue.make_contiguous());
    }
}
