//! Bytes that nobody would send: random ones, and lawful flights with something changed. Whatever comes,
//! there is no panic, the work is bounded, and the end is an end.

#![cfg(feature = "software")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// A row ends with what its last step hands on for the next.
#![allow(dropping_references)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod common {
    pub(crate) mod evil;
    pub(crate) mod parties;
    pub(crate) mod providers;
}

use common::evil::{self, EvilClient, EvilServer};
use common::parties::{End, Key, Link, Setup, null_pair, with_null};
use common::providers::TestRandom;
use ferrule::crypto::Random;
use ferrule::{Handshake, Received};
use std::collections::VecDeque;

/// Numbers from a seed that a failure prints.
struct Dice(TestRandom);

impl Dice {
    fn new(seed: u64) -> Self {
        Self(TestRandom::new(seed))
    }

    fn below(&mut self, bound: usize) -> usize {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes).unwrap();
        (u64::from_le_bytes(bytes) % bound as u64) as usize
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.0.fill(&mut bytes).unwrap();
        bytes
    }
}

/// Feeds `bytes` to an end in random pieces and checks how it takes them.
fn feed<H: Handshake>(end: &mut End<H>, bytes: &[u8], dice: &mut Dice) {
    let mut wire: VecDeque<u8> = bytes.iter().copied().collect();
    let mut calls = 0;
    loop {
        let piece = 1 + dice.below(700);
        let link = Link { piece, output: 64 + dice.below(300), ..Link::default() };
        let mut progress = end.deliver(&mut wire, link);
        progress |= end.drive(Some(&Key::Null), link);
        calls += 1;
        assert!(calls <= bytes.len() + 10, "work without end");
        if !progress {
            break;
        }
    }
    // No more than the input can pay for: two operations for hellos, and one a certificate.
    assert!(end.works < 64, "{} public-key operations", end.works);
    if end.error.is_some() {
        assert_terminal(end);
    }
}

/// After an error: the same error, no output but the alert, nothing to wait for.
fn assert_terminal<H: Handshake>(end: &mut End<H>) {
    let error = end.error.clone().unwrap();
    let mut more = [22, 3, 3, 0, 1, 0];
    let (again, want) = match (&mut end.connection, &mut end.established) {
        (Some(connection), _) => {
            (connection.read_record(&mut more).map(drop_event), format!("{:?}", connection.want()))
        }
        (_, Some(established)) => {
            (established.read_record(&mut more).map(drop_event), format!("{:?}", established.want()))
        }
        _ => panic!("neither"),
    };
    assert_eq!(again, Err(error));
    assert_eq!(want, "Want { owes_output: false, read: None, ask: None, work: false, closed: true }");
}

fn drop_event(received: Received<'_>) -> usize {
    received.consumed
}

#[test]
fn random_bytes_before_the_first_message() {
    for seed in 0..3000 {
        let mut dice = Dice::new(seed);
        let (mut client, mut server) = null_pair(Setup::default());
        client.drive(None, Link::default());
        let length = dice.below(600);
        let mut bytes = dice.bytes(length);
        // Half of them look like records, and half of those like the message that is awaited.
        if seed % 2 == 0 && length > 9 {
            bytes[..5].copy_from_slice(&[20 + (seed / 2 % 4) as u8, 3, 3, 0, (length - 5).min(255) as u8]);
        }
        if seed % 4 == 0 && length > 9 {
            let body = (length - 9).min(200) as u8;
            bytes[..9].copy_from_slice(&[22, 3, 3, 0, body + 4, 2 - (seed / 4 % 2) as u8, 0, 0, body]);
        }
        feed(&mut client, &bytes, &mut dice);
        feed(&mut server, &bytes, &mut dice);
        assert!(client.established.is_none() && server.established.is_none(), "seed {seed}");
    }
}

/// One to four changes: a byte, a bit, a piece left out, a piece twice, a length.
fn mutate(bytes: &mut Vec<u8>, dice: &mut Dice) {
    for _ in 0..=dice.below(4) {
        if bytes.len() < 2 {
            return;
        }
        let at = dice.below(bytes.len());
        let until = at + dice.below((bytes.len() - at).min(40));
        match dice.below(6) {
            0 => bytes[at] ^= 1 << dice.below(8),
            1 => bytes[at] = dice.below(256) as u8,
            2 => drop(bytes.drain(at..until)),
            3 => {
                let piece = bytes[at..until].to_vec();
                bytes.splice(at..at, piece);
            }
            4 => bytes.truncate(at),
            _ => {
                let length = dice.below(20);
                bytes.splice(at..at, dice.bytes(length));
            }
        }
    }
}

/// The null cipher has one tag for everything: what is changed within records reaches the states.
#[test]
fn lawful_flights_with_something_changed() {
    use ferrule::crypto::NamedGroup;
    let groups: [[&[NamedGroup]; 2]; 2] = [
        [&[NamedGroup::X25519]; 2],
        [&[NamedGroup::X25519, NamedGroup::SECP256R1], &[NamedGroup::SECP256R1]],
    ];
    for groups in groups {
        let mut flights = (Vec::new(), Vec::new());
        with_null(Setup { groups, ..Setup::default() }, |client, server| {
            flights = (client.written, server.written)
        });
        let (mut refused, mut rounds) = (0, 0);
        for seed in 0..3000 {
            let mut dice = Dice::new(seed);
            let (mut client, mut server) = null_pair(Setup { groups, ..Setup::default() });
            client.drive(None, Link::default());
            let (mut to_server, mut to_client) = flights.clone();
            mutate(&mut to_server, &mut dice);
            mutate(&mut to_client, &mut dice);
            feed(&mut client, &to_client, &mut dice);
            feed(&mut server, &to_server, &mut dice);
            refused += usize::from(client.error.is_some()) + usize::from(server.error.is_some());
            rounds += 2;
            // Nothing that was changed is ever believed: the transcripts are not the same any more.
            assert!(
                client.established.is_none() || to_client == flights.1 || harmless(&to_client, &flights.1),
                "seed {seed}"
            );
        }
        assert!(refused * 2 > rounds, "{refused} of {rounds}: the changes do not reach the states");
    }
}

/// Record versions are ignored by rule (§5.1), ChangeCipherSpec is dropped (§5), and so may be what comes
/// behind the flight: a change of these is no change of the handshake.
fn harmless(changed: &[u8], flight: &[u8]) -> bool {
    messages(changed).starts_with(&messages(flight))
}

/// The content of all handshake records, the null cipher's tags and types left out.
fn messages(mut bytes: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    while let [content_type, _, _, high, low, rest @ ..] = bytes {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(rest.len());
        match content_type {
            22 => all.extend_from_slice(&rest[..length]),
            23 => {
                let inner = &rest[..length.saturating_sub(16)];
                let end = inner.iter().rposition(|&byte| byte != 0).unwrap_or(0);
                all.extend_from_slice(&inner[..end]);
            }
            _ => {}
        }
        bytes = &rest[length..];
    }
    all
}

/// Under real keys, from a peer that has them: messages of random bytes in every state.
#[test]
fn random_messages_under_the_right_keys() {
    let kinds = [0, 1, 2, 4, 5, 8, 11, 13, 15, 20, 24, 254];
    for seed in 0..400 {
        let mut dice = Dice::new(seed);
        let mut server = EvilServer::server();
        match seed % 7 {
            0 => {}
            1 => drop(server.say_retry_request(|_| {})),
            2 => drop(server.say_server_hello(|_| {})),
            3 => drop(server.say_server_hello(|_| {}).say_encrypted_extensions(&[])),
            4 => drop(server.say_server_hello(|_| {}).say_encrypted_extensions(&[]).say_certificate()),
            5 => drop(server.until_finished()),
            _ => drop(server.handshake()),
        }
        let mut client = EvilClient::client();
        match seed % 4 {
            0 => {}
            1 => drop(client.get_retry_request(|_| {})),
            2 => drop(client.say_client_hello(|_| {})),
            _ => drop(client.handshake()),
        }
        // The kind that each state awaits comes up often enough among twelve, in eight messages.
        for _ in 0..8 {
            let length = dice.below(300);
            let body = dice.bytes(length);
            let whole = evil::message(kinds[dice.below(kinds.len())], &body);
            let content_type = if dice.below(8) == 0 { 20 + dice.below(4) as u8 } else { 22 };
            if server.alerts.is_empty() && server.subject.error.is_none() {
                server.send_record(content_type, &whole);
            }
            if client.alerts.is_empty() && client.subject.error.is_none() {
                client.send_record(content_type, &whole);
            }
        }
        if server.subject.error.is_some() {
            assert_terminal(&mut server.subject);
        }
        if client.subject.error.is_some() {
            assert_terminal(&mut client.subject);
        }
        let established = |state: bool, handshake: bool| assert!(handshake || !state, "seed {seed}");
        established(server.subject.established.is_some(), seed % 7 == 6);
        established(client.subject.established.is_some(), seed % 4 == 3);
    }
}
