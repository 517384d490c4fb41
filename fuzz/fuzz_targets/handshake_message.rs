//! One handshake message of arbitrary content in each state, against a second reading of the RFC: what core
//! accepts is well-formed there, and what core calls malformed is not. And what core itself has written is
//! read, written again, and is the same.
#![no_main]

use ferrule::{AlertDescription, Error, Handshake};
use ferrule_fuzz::input::{Input, size};
use ferrule_fuzz::lawful::{self, Message as Lawful, ROOM};
use ferrule_fuzz::messages::{FINISHED, Message, NEW_SESSION_TICKET, SERVER_HELLO};
use ferrule_fuzz::provider::{FuzzProvider, Strength};
use ferrule_fuzz::records::{HANDSHAKE, said, sealed};
use ferrule_fuzz::subject::Subject;
use ferrule_fuzz::{script, world};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut input = Input::new(data);
    let variant = input.byte();
    let position = input.byte();
    let [from_client, from_server] = lawful::parts(variant);
    if position & 1 == 0 {
        run(&mut world::server(variant, Strength::Open), &from_client.messages, position >> 1, input);
    } else {
        run(&mut world::client(variant, Strength::Open), &from_server.messages, position >> 1, input);
    }
});

fn run<H: Handshake<Provider = FuzzProvider>>(
    subject: &mut Subject<H>,
    lawful: &[Lawful],
    position: u8,
    mut input: Input<'_>,
) {
    let before = usize::from(position & 7).min(lawful.len());
    let goes_on = position & 8 != 0;
    subject.drive(ROOM);
    for message in &lawful[..before] {
        send(subject, message.protected, &message.bytes, ROOM);
    }
    assert_eq!(subject.error, None);

    let kind = input.byte();
    let cut = match size(input.byte()) {
        0 => 1 << 14,
        size => size,
    };
    let body = input.rest();
    let length = (body.len() as u32).to_be_bytes();
    let whole = [&[kind], &length[1..], body].concat();
    let protected = lawful.get(before).is_none_or(|message| message.protected);
    send(subject, protected, &whole, cut);
    // A Finished has no length of its own, but that of the hash (§4.4.4).
    let finished = lawful.last().map_or(0, |finished| finished.bytes.len() - 4);
    // A ticket that is split over records is skipped unread.
    if kind != NEW_SESSION_TICKET || whole.len() <= cut {
        check(subject.error.as_ref(), kind, body, finished);
    }
    if goes_on {
        for message in lawful.iter().skip(before + 1) {
            send(subject, message.protected, &message.bytes, ROOM);
        }
    }
    check_output(&subject.output);
    script::finish(subject);
}

fn send<H: Handshake<Provider = FuzzProvider>>(
    subject: &mut Subject<H>,
    protected: bool,
    bytes: &[u8],
    cut: usize,
) {
    for piece in bytes.chunks(cut.min(1 << 14)) {
        subject.deliver(&sealed(protected, HANDSHAKE, piece));
    }
    subject.drive(ROOM);
}

fn check(error: Option<&Error>, kind: u8, body: &[u8], finished: usize) {
    let parsed = Message::parse(kind, body).filter(|_| kind != FINISHED || body.len() == finished);
    if let Some(message) = &parsed {
        assert_eq!(message.emit(), body, "the second reading is not exact");
    }
    let is_retry = kind == SERVER_HELLO && body.get(2..34) == Some(&ferrule::handshake::RETRY_RANDOM);
    let is_good = parsed.as_ref().is_some_and(|message| message.has_good_extensions(is_retry));
    match error {
        None => {
            assert!(is_good, "accepted: {kind} {parsed:?}");
            assert!(parsed.is_some_and(|message| message.has_no_doubles()), "accepted an extension twice");
        }
        Some(error @ Error::Decode(_)) => {
            assert!(!is_good, "refused as malformed: {error}: {kind} {parsed:?}");
            assert_eq!(error.alert(), Some(AlertDescription::DECODE_ERROR));
        }
        Some(_) => {}
    }
}

/// All that was said is good, and stays the same when it is written again.
fn check_output(output: &[u8]) {
    for read in said(output).iter().filter(|read| read.content_type == HANDSHAKE) {
        let mut rest = &read.content[..];
        while let [kind, high, middle, low, behind @ ..] = rest {
            let length = u32::from_be_bytes([0, *high, *middle, *low]) as usize;
            // The last may be under way.
            let Some((body, behind)) = behind.split_at_checked(length) else {
                break;
            };
            let is_retry = body.get(2..34) == Some(&ferrule::handshake::RETRY_RANDOM);
            let message = Message::parse(*kind, body).expect("we write what can be read");
            assert!(
                message.has_good_extensions(is_retry) && message.has_no_doubles() && message.emit() == body
            );
            rest = behind;
        }
    }
}
