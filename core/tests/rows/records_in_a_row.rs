//! Records that are lawful alone, but not here, or not so many of them (RFC 8446 §5).

use crate::common::evil::*;
use crate::rows::records::sealed;
use crate::{Row, client_refuses};
use ferrule::AlertDescription as Alert;
use ferrule::error::{Error, Misbehaved};

/// EncryptedExtensions in two records, with something between them.
fn interleave(evil: &mut EvilServer, between: impl FnOnce(&mut EvilServer) -> Vec<u8>) {
    evil.say_server_hello(|_| {}).send_record(HANDSHAKE, &[ENCRYPTED_EXTENSIONS, 0, 0]);
    let record = between(evil);
    evil.send(&record).send_record(HANDSHAKE, &[2, 0, 0]);
}

/// A ticket in two records, with something between them.
fn interleave_ticket(evil: &mut EvilServer, between: impl FnOnce(&mut EvilServer) -> Vec<u8>) {
    let ticket = message(NEW_SESSION_TICKET, &[0, 0, 0, 9, 0, 0, 0, 1, 0, 0, 1, 7, 0, 0]);
    evil.handshake().send_record(HANDSHAKE, &ticket[..9]);
    let record = between(evil);
    evil.send(&record).send_record(HANDSHAKE, &ticket[9..]);
}

#[test]
fn client_refuses_records_between_the_parts_of_a_message() {
    client_refuses([
        Row {
            section: "5.1",
            name: "application data between",
            deviates: |evil| interleave(evil, |evil| evil.record(DATA, b"x")),
            error: Misbehaved::Interleaved.into(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "5.1",
            name: "empty application data between",
            deviates: |evil| interleave(evil, |evil| evil.record(DATA, b"")),
            error: Misbehaved::Interleaved.into(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "5.1",
            name: "a warning between",
            deviates: |evil| interleave(evil, |evil| evil.record(ALERT, &[1, 90])),
            error: Misbehaved::Interleaved.into(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "5.1",
            name: "ChangeCipherSpec between",
            deviates: |evil| interleave(evil, |_| plain(CHANGE_CIPHER_SPEC, &[1])),
            error: Misbehaved::Interleaved.into(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "5.1",
            name: "ChangeCipherSpec within a Certificate, which streams",
            deviates: |evil| {
                let whole = certificate(&[], &evil.entries());
                evil.say_server_hello(|_| {})
                    .say_encrypted_extensions(&[])
                    .send_record(HANDSHAKE, &whole[..100]);
                evil.send(&plain(CHANGE_CIPHER_SPEC, &[1]));
            },
            error: Misbehaved::Interleaved.into(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "5.1",
            name: "data within a ticket",
            deviates: |evil| interleave_ticket(evil, |evil| evil.record(DATA, b"x")),
            error: Misbehaved::Interleaved.into(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "5.1",
            name: "empty data within a ticket",
            deviates: |evil| interleave_ticket(evil, |evil| evil.record(DATA, b"")),
            error: Misbehaved::Interleaved.into(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "5.1",
            name: "close_notify within a ticket",
            deviates: |evil| interleave_ticket(evil, |evil| evil.record(ALERT, &[1, 0])),
            error: Misbehaved::Interleaved.into(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
    ]);
}

#[test]
fn client_refuses_floods() {
    client_refuses([
        Row {
            section: "5.4",
            name: "33 empty records in a row",
            deviates: |evil| {
                evil.handshake();
                (0..33).for_each(|_| drop(evil.send_record(DATA, b"")));
            },
            error: Misbehaved::TooManyEmptyRecords.into(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "5.4",
            name: "33 records of padding in a row",
            deviates: |evil| {
                evil.handshake();
                (0..33).for_each(|_| sealed(evil, &[DATA, 0, 0, 0]));
            },
            error: Misbehaved::TooManyEmptyRecords.into(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "5",
            name: "33 ChangeCipherSpecs in a row",
            deviates: |evil| (0..33).for_each(|_| drop(evil.send(&plain(CHANGE_CIPHER_SPEC, &[1])))),
            error: Misbehaved::TooManyEmptyRecords.into(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "RFC 9846 6.1",
            name: "five user_canceled in a row",
            deviates: |evil| {
                evil.handshake();
                (0..5).for_each(|_| drop(evil.send_record(ALERT, &[1, 90])));
            },
            error: Misbehaved::TooManyWarnings.into(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "RFC 9846 6.1",
            name: "user_canceled without end, with empty records between",
            deviates: |evil| {
                evil.handshake();
                (0..5).for_each(|_| drop(evil.send_record(ALERT, &[1, 90]).send_record(DATA, b"")));
            },
            error: Misbehaved::TooManyWarnings.into(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "4.6.3",
            name: "33 KeyUpdates in a row",
            deviates: |evil| {
                evil.handshake();
                (0..33).for_each(|_| drop(evil.say(&message(KEY_UPDATE, &[0]))));
            },
            error: Misbehaved::TooManyKeyUpdates.into(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "4.6.3",
            name: "33 KeyUpdates that ask for an answer",
            deviates: |evil| {
                evil.handshake();
                (0..33).for_each(|_| drop(evil.say(&message(KEY_UPDATE, &[1]))));
            },
            error: Misbehaved::TooManyKeyUpdates.into(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
    ]);
}

#[test]
fn client_refuses_change_cipher_spec_where_it_has_no_place() {
    let error: Error = Misbehaved::ChangeCipherSpec.into();
    client_refuses([
        Row {
            section: "5",
            name: "with another value",
            deviates: |evil| drop(evil.send(&plain(CHANGE_CIPHER_SPEC, &[2]))),
            error: error.clone(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "5",
            name: "of two bytes",
            deviates: |evil| drop(evil.send(&plain(CHANGE_CIPHER_SPEC, &[1, 1]))),
            error: error.clone(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "5",
            name: "empty",
            deviates: |evil| drop(evil.send(&plain(CHANGE_CIPHER_SPEC, &[]))),
            error: error.clone(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "5",
            name: "protected",
            deviates: |evil| drop(evil.say_server_hello(|_| {}).send_record(CHANGE_CIPHER_SPEC, &[1])),
            error: error.clone(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "5",
            name: "after Finished",
            deviates: |evil| drop(evil.handshake().send(&plain(CHANGE_CIPHER_SPEC, &[1]))),
            error,
            alert: Alert::UNEXPECTED_MESSAGE,
        },
    ]);
}

#[test]
fn what_is_lawful_in_odd_places_is_accepted() {
    let mut evil = EvilServer::server();
    // §5: as many as anyone may send before it is a flood; §5.4: padding; RFC 9846 §6.1.
    (0..32).for_each(|_| drop(evil.send(&plain(CHANGE_CIPHER_SPEC, &[1]))));
    evil.say_server_hello(|_| {}).send(&plain(CHANGE_CIPHER_SPEC, &[1])).send_record(ALERT, &[1, 90]);
    let extensions = message(ENCRYPTED_EXTENSIONS, &[0, 0]);
    evil.count(&extensions);
    sealed(&mut evil, &[&extensions[..], &[HANDSHAKE], &[0; 0x4000 - 6]].concat());
    evil.say_certificate().say_certificate_verify().say_finished();
    assert_eq!(evil.subject.error, None);
    (0..32).for_each(|_| drop(evil.send_record(DATA, b"")));
    evil.send_record(DATA, &[b'x'; 0x4000]);
    (0..32).for_each(|_| drop(evil.send_record(DATA, b"")));
    (0..40).for_each(|_| drop(evil.say(&message(KEY_UPDATE, &[1])).send_record(DATA, b"y")));
    assert_eq!((&evil.subject.error, evil.subject.received.len()), (&None, 0x4000 + 40));
    // §4.6.3: every request was answered, and the answers' keys are the next generations.
    assert_eq!(evil.messages.iter().filter(|whole| **whole == message(KEY_UPDATE, &[0])).count(), 40);
    evil.send_record(ALERT, &[1, 90]).send_record(ALERT, &[1, 0]);
    assert!(evil.subject.peer_closed);
}
