//! Messages after the handshake (RFC 8446 §4.6).

use crate::common::evil::*;
use crate::{Row, assert_refused, client_refuses, decode, server_refuses};
use ferrule::AlertDescription as Alert;
use ferrule::error::{Error, Fault, Misbehaved};
use ferrule::handshake::{ExtensionType, HandshakeType};

fn ticket(lifetime: u32, extensions: &[u8]) -> Vec<u8> {
    let front =
        [&lifetime.to_be_bytes()[..], &[0, 0, 0, 1], &vector(1, b"n"), &vector(2, b"ticket")].concat();
    message(NEW_SESSION_TICKET, &[front, vector(2, extensions)].concat())
}

fn unexpected(found: u8) -> Error {
    let expected = "NewSessionTicket or KeyUpdate";
    Misbehaved::UnexpectedMessage { expected, found: HandshakeType(found) }.into()
}

#[test]
fn client_refuses_wrong_messages_after_the_handshake() {
    client_refuses([
        Row {
            section: "4.6.3",
            name: "KeyUpdate with the value 2",
            deviates: |evil| drop(evil.handshake().send_record(HANDSHAKE, &message(KEY_UPDATE, &[2]))),
            error: Misbehaved::UnknownValue { field: "KeyUpdate.request_update" }.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.6.3",
            name: "KeyUpdate of no bytes",
            deviates: |evil| drop(evil.handshake().send_record(HANDSHAKE, &message(KEY_UPDATE, &[]))),
            error: decode("KeyUpdate", Fault::TooShort),
            alert: Alert::DECODE_ERROR,
        },
        Row {
            section: "4.6.3",
            name: "KeyUpdate of two bytes",
            deviates: |evil| drop(evil.handshake().send_record(HANDSHAKE, &message(KEY_UPDATE, &[0, 0]))),
            error: decode("KeyUpdate", Fault::TrailingBytes),
            alert: Alert::DECODE_ERROR,
        },
        Row {
            section: "5.1",
            name: "bytes behind KeyUpdate in its record",
            deviates: |evil| {
                let both = [message(KEY_UPDATE, &[0]), message(KEY_UPDATE, &[0])].concat();
                evil.handshake().send_record(HANDSHAKE, &both);
            },
            error: Misbehaved::NotAtMessageBoundary.into(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "4.6.3",
            name: "a record under old keys after KeyUpdate",
            deviates: |evil| {
                evil.handshake();
                let mut old = Keys::new(&evil.secrets.server_application);
                evil.say(&message(KEY_UPDATE, &[0]));
                old.sequence = 1;
                evil.send(&old.seal(&[b'x', DATA]));
            },
            error: Misbehaved::BadRecordMac.into(),
            alert: Alert::BAD_RECORD_MAC,
        },
        Row {
            section: "4.6.1",
            name: "a ticket for longer than seven days",
            deviates: |evil| drop(evil.handshake().send_record(HANDSHAKE, &ticket(604_801, &[]))),
            error: Misbehaved::UnknownValue { field: "NewSessionTicket.ticket_lifetime" }.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.6.1",
            name: "an empty ticket",
            deviates: |evil| {
                let body = [&[0, 0, 0, 9, 0, 0, 0, 1, 0, 0, 0, 0, 0][..]].concat();
                evil.handshake().send_record(HANDSHAKE, &message(NEW_SESSION_TICKET, &body));
            },
            error: decode("NewSessionTicket", Fault::VectorLength),
            alert: Alert::DECODE_ERROR,
        },
        Row {
            section: "4.2",
            name: "key_share in a ticket",
            deviates: |evil| drop(evil.handshake().send_record(HANDSHAKE, &ticket(9, &[0, 51, 0, 0]))),
            error: Misbehaved::MisplacedExtension {
                extension: ExtensionType::KEY_SHARE,
                message: HandshakeType::NEW_SESSION_TICKET,
            }
            .into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.6.2",
            name: "CertificateRequest without post_handshake_auth",
            deviates: |evil| {
                let request = message(CERTIFICATE_REQUEST, &[1, 7, 0, 8, 0, 13, 0, 4, 0, 2, 4, 3]);
                evil.handshake().send_record(HANDSHAKE, &request);
            },
            error: unexpected(CERTIFICATE_REQUEST),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "4.1.2",
            name: "HelloRequest: TLS 1.3 has no renegotiation",
            deviates: |evil| drop(evil.handshake().send_record(HANDSHAKE, &message(0, &[]))),
            error: unexpected(0),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
    ]);
}

#[test]
fn server_refuses_wrong_messages_after_the_handshake() {
    server_refuses([
        Row {
            section: "4.6.1",
            name: "a NewSessionTicket, which only servers send",
            deviates: |evil| drop(evil.handshake().send_record(HANDSHAKE, &ticket(9, &[]))),
            error: Misbehaved::UnexpectedMessage {
                expected: "KeyUpdate",
                found: HandshakeType::NEW_SESSION_TICKET,
            }
            .into(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "4.1.2",
            name: "a ClientHello: TLS 1.3 has no renegotiation",
            deviates: |evil| {
                let hello = evil.handshake().client_hello(X25519).client_message();
                evil.send_record(HANDSHAKE, &hello);
            },
            error: Misbehaved::UnexpectedMessage {
                expected: "KeyUpdate",
                found: HandshakeType::CLIENT_HELLO,
            }
            .into(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "4.6.3",
            name: "KeyUpdate with the value 2",
            deviates: |evil| drop(evil.handshake().send_record(HANDSHAKE, &message(KEY_UPDATE, &[2]))),
            error: Misbehaved::UnknownValue { field: "KeyUpdate.request_update" }.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
    ]);
}

#[test]
fn client_reads_tickets_that_share_a_record_and_skips_those_that_are_split() {
    let mut evil = EvilServer::server();
    evil.handshake();
    let both = [ticket(604_800, &[0, 42, 0, 4, 0, 0, 1, 0]), ticket(0, &[0x12, 0x34, 0, 0])].concat();
    let mut record = evil.record(HANDSHAKE, &both);
    let established = evil.subject.established.as_mut().unwrap();
    for (lifetime, early, consumed) in [(604_800, Some(256), 0), (0, None, record.len())] {
        let received = established.read_record(&mut record).unwrap();
        assert_eq!(received.consumed, consumed);
        let ferrule::Event::SessionTicket(found) = received.event else { panic!("{received:?}") };
        assert_eq!((found.lifetime, found.age_add, found.max_early_data), (lifetime, 1, early));
        assert_eq!((found.nonce, found.ticket), (&b"n"[..], &b"ticket"[..]));
    }
    let whole = ticket(9, &[]);
    for cut in 1..whole.len() {
        evil.send_record(HANDSHAKE, &whole[..cut]).send_record(HANDSHAKE, &whole[cut..]);
        assert_eq!(evil.subject.error, None, "cut at {cut}");
    }
    evil.send_record(DATA, b"still here");
    assert_eq!(evil.subject.received, b"still here");
}

#[test]
fn a_record_that_is_half_taken_is_waited_for_where_the_window_has_become_shorter() {
    let mut evil = EvilServer::server();
    evil.handshake();
    let mut record = evil.record(HANDSHAKE, &[ticket(9, &[]), ticket(8, &[])].concat());
    let whole = record.len();
    let established = evil.subject.established.as_mut().unwrap();
    assert_eq!(established.read_record(&mut record).unwrap().consumed, 0);
    // All of the content is there, and not all of the tag behind it.
    for shorter in [whole - 1, whole - 16, 5, 0] {
        let received = established.read_record(&mut record[..shorter]).unwrap();
        assert_eq!(received.consumed, 0, "of {shorter} bytes");
        assert!(matches!(received.event, ferrule::Event::None), "{received:?}");
        assert_eq!(established.want().read, Some(whole));
    }
    let received = established.read_record(&mut record).unwrap();
    assert_eq!(received.consumed, whole);
    assert!(matches!(received.event, ferrule::Event::SessionTicket(found) if found.lifetime == 8));
}

#[test]
fn key_update_cut_anywhere_is_one_key_update() {
    for cut in 1..5 {
        let mut evil = EvilServer::server();
        evil.handshake();
        let update = message(KEY_UPDATE, &[1]);
        evil.send_record(HANDSHAKE, &update[..cut]).send_record(HANDSHAKE, &update[cut..]);
        evil.change_keys_after(&update).send_record(DATA, b"new");
        assert_eq!((&evil.subject.error, &evil.subject.received[..]), (&None, &b"new"[..]), "cut at {cut}");
    }
}

#[test]
fn every_truncation_of_a_ticket_is_refused() {
    let whole = ticket(9, &[0, 42, 0, 4, 0, 0, 1, 0]);
    for length in 0..whole.len() - 4 {
        let mut evil = EvilServer::server();
        evil.handshake().send_record(HANDSHAKE, &message(NEW_SESSION_TICKET, &whole[4..4 + length]));
        let error = evil.subject.error.clone().unwrap();
        assert!(matches!(error, Error::Decode(_)), "{length}: {error:?}");
        assert_refused("a ticket cut short", &mut evil, &error, Some(Alert::DECODE_ERROR));
    }
}

/// §7.5, computed by a make that is not ours.
#[test]
fn exported_keying_material_is_what_the_other_make_exports() {
    let empty = ring::digest::digest(&ring::digest::SHA256, b"");
    let context = ring::digest::digest(&ring::digest::SHA256, b"some context");
    let theirs = |exporter: &[u8]| {
        let secret = expand_label(exporter, "EXPORTER-test", empty.as_ref(), 32);
        expand_label(&secret, "exporter", context.as_ref(), 32)
    };
    let mut ours = [0; 32];
    let mut evil = EvilServer::server();
    evil.handshake();
    evil.subject.established.as_mut().unwrap().export(b"EXPORTER-test", b"some context", &mut ours).unwrap();
    assert_eq!(ours[..], theirs(&evil.secrets.exporter));
    let mut evil = EvilClient::client();
    evil.handshake();
    evil.subject.established.as_mut().unwrap().export(b"EXPORTER-test", b"some context", &mut ours).unwrap();
    assert_eq!(ours[..], theirs(&evil.secrets.exporter));
}

#[test]
fn messages_that_share_a_record_with_a_ticket_are_not_lost() {
    let update = message(KEY_UPDATE, &[0]);
    // A ticket, and a KeyUpdate behind it.
    let mut evil = EvilServer::server();
    evil.handshake().send_record(HANDSHAKE, &[ticket(9, &[]), update.clone()].concat());
    evil.change_keys_after(&update).send_record(DATA, b"new");
    assert_eq!((&evil.subject.error, &evil.subject.received[..]), (&None, &b"new"[..]));

    // The rest of a ticket that is skipped, and a KeyUpdate behind it: one call takes both.
    let mut evil = EvilServer::server();
    let whole = ticket(9, &[]);
    evil.handshake().send_record(HANDSHAKE, &whole[..9]);
    let mut record = evil.record(HANDSHAKE, &[&whole[9..], &update].concat());
    let length = record.len();
    let received = evil.subject.established.as_mut().unwrap().read_record(&mut record).unwrap();
    assert!(received.consumed == length && matches!(received.event, ferrule::Event::None), "{received:?}");
    evil.change_keys_after(&update).send_record(DATA, b"new");
    assert_eq!((&evil.subject.error, &evil.subject.received[..]), (&None, &b"new"[..]));
}

#[test]
fn data_right_behind_finished_waits_for_the_established_connection() {
    let mut evil = EvilServer::server();
    let finished = message(FINISHED, &evil.until_finished().verify_data());
    evil.count(&finished);
    let record = evil.record(HANDSHAKE, &finished);
    let data = Keys::new(&evil.secrets.server_application).seal(b"early bird\x17");
    evil.send(&[record, data].concat());
    assert_eq!((&evil.subject.error, &evil.subject.received[..]), (&None, &b"early bird"[..]));

    let mut evil = EvilClient::client();
    let finished = message(FINISHED, &evil.say_client_hello(|_| {}).verify_data());
    let record = evil.record(HANDSHAKE, &finished);
    let data = Keys::new(&evil.secrets.client_application).seal(b"request\x17");
    evil.send(&[record, data].concat());
    assert_eq!((&evil.subject.error, &evil.subject.received[..]), (&None, &b"request"[..]));
}

/// The server's whole flight in one record, and each message in records of one byte.
#[test]
fn a_flight_in_one_record_and_in_records_of_one_byte() {
    for size in [1, 2, 3, 5, 1000, usize::MAX] {
        let mut evil = EvilServer::server();
        evil.say_server_hello(|_| {});
        let mut flight = message(ENCRYPTED_EXTENSIONS, &[0, 0]);
        flight.extend(certificate(&[], &evil.entries()));
        evil.count(&flight);
        let verify = message(CERTIFICATE_VERIFY, &[&[4, 3][..], &vector(2, &evil.signature())].concat());
        evil.count(&verify);
        let finished = message(FINISHED, &evil.verify_data());
        evil.count(&finished);
        flight.extend([verify, finished].concat());
        let mut records = Vec::new();
        for piece in flight.chunks(size) {
            records.extend(evil.record(HANDSHAKE, piece));
        }
        evil.send(&records);
        assert_eq!(evil.subject.error, None, "records of {size}");
        assert!(evil.subject.established.is_some(), "records of {size}");
    }
}
