//! The record layer (RFC 8446 §5) and alerts (§6), before our client and our server.

use crate::common::evil::*;
use crate::{Row, assert_refused, client_refuses, server_refuses};
use ferrule::error::{Error, Misbehaved};
use ferrule::record::ContentType;
use ferrule::{AlertDescription as Alert, Handshake};

pub fn sealed<H: Handshake>(evil: &mut Evil<H>, inner: &[u8]) {
    let record = evil.writing.as_mut().unwrap().seal(inner);
    evil.send(&record);
}

fn unprotected(found: ContentType) -> Error {
    Misbehaved::UnprotectedRecord { found }.into()
}

fn overflow(length: usize, limit: usize) -> Error {
    Misbehaved::RecordOverflow { length, limit }.into()
}

#[test]
fn client_refuses_wrong_records() {
    client_refuses([
        Row {
            section: "5",
            name: "an answer in HTTP",
            deviates: |evil| drop(evil.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")),
            error: Misbehaved::UnknownContentType { found: b'H' }.into(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "5.1",
            name: "a plaintext record of 2^14 + 1 bytes",
            deviates: |evil| drop(evil.send(&[HANDSHAKE, 3, 3, 0x40, 1])),
            error: overflow(0x4001, 0x4000),
            alert: Alert::RECORD_OVERFLOW,
        },
        Row {
            section: "5.2",
            name: "a protected record of 2^14 + 257 bytes",
            deviates: |evil| drop(evil.say_server_hello(|_| {}).send(&[DATA, 3, 3, 0x41, 1])),
            error: overflow(0x4101, 0x4100),
            alert: Alert::RECORD_OVERFLOW,
        },
        Row {
            section: "5.4",
            name: "an inner plaintext longer than 2^14 + 1 bytes",
            deviates: |evil| {
                evil.say_server_hello(|_| {});
                sealed(evil, &[&[HANDSHAKE; 2][..], &[0; 0x4000]].concat());
            },
            error: overflow(0x4002, 0x4001),
            alert: Alert::RECORD_OVERFLOW,
        },
        Row {
            section: "5",
            name: "application data before any key",
            deviates: |evil| drop(evil.send(&plain(DATA, &[1; 32]))),
            error: Misbehaved::UnexpectedRecord { found: ContentType::ApplicationData }.into(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "5.2",
            name: "a plaintext handshake record after keys are in use",
            deviates: |evil| {
                evil.say_server_hello(|_| {});
                let record = plain(HANDSHAKE, &message(ENCRYPTED_EXTENSIONS, &[0, 0]));
                evil.send(&record);
            },
            error: unprotected(ContentType::Handshake),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "5.2",
            name: "a plaintext alert after keys are in use",
            deviates: |evil| drop(evil.say_server_hello(|_| {}).send(&plain(ALERT, &[2, 40]))),
            error: Misbehaved::UnprotectedAlert { claim: Alert::HANDSHAKE_FAILURE }.into(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "6.1",
            name: "a plaintext close_notify after the handshake",
            deviates: |evil| drop(evil.handshake().send(&plain(ALERT, &[1, 0]))),
            error: Misbehaved::UnprotectedAlert { claim: Alert::CLOSE_NOTIFY }.into(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "5.2",
            name: "a record without so much as a tag, after the handshake",
            deviates: |evil| drop(evil.handshake().send(&[DATA, 3, 3, 0, 0])),
            error: Misbehaved::BadRecordMac.into(),
            alert: Alert::BAD_RECORD_MAC,
        },
        Row {
            section: "5",
            name: "an empty record of application data before any key",
            deviates: |evil| drop(evil.send(&[DATA, 3, 3, 0, 0])),
            error: Misbehaved::UnexpectedRecord { found: ContentType::ApplicationData }.into(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "2",
            name: "empty application data within the handshake",
            deviates: |evil| {
                evil.say_server_hello(|_| {});
                sealed(evil, &[DATA]);
            },
            error: Misbehaved::UnexpectedRecord { found: ContentType::ApplicationData }.into(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "5.4",
            name: "an inner plaintext of zeros only",
            deviates: |evil| {
                evil.say_server_hello(|_| {});
                sealed(evil, &[0; 17]);
            },
            error: Misbehaved::NoContentType.into(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "5.4",
            name: "an empty inner plaintext",
            deviates: |evil| {
                evil.say_server_hello(|_| {});
                sealed(evil, &[]);
            },
            error: Misbehaved::NoContentType.into(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "5.2",
            name: "an unknown inner content type",
            deviates: |evil| {
                evil.say_server_hello(|_| {});
                sealed(evil, &[0, 99, 0, 0]);
            },
            error: Misbehaved::UnknownContentType { found: 99 }.into(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "5.2",
            name: "a wrong tag",
            deviates: |evil| {
                evil.say_server_hello(|_| {});
                let mut record = evil.record(HANDSHAKE, &message(ENCRYPTED_EXTENSIONS, &[0, 0]));
                *record.last_mut().unwrap() ^= 1;
                evil.send(&record);
            },
            error: Misbehaved::BadRecordMac.into(),
            alert: Alert::BAD_RECORD_MAC,
        },
        Row {
            section: "5.2",
            name: "a protected record that is shorter than its tag",
            deviates: |evil| drop(evil.say_server_hello(|_| {}).send(&plain(DATA, &[0; 15]))),
            error: Misbehaved::BadRecordMac.into(),
            alert: Alert::BAD_RECORD_MAC,
        },
        Row {
            section: "5.3",
            name: "a record twice",
            deviates: |evil| {
                evil.handshake();
                let record = evil.record(
                    HANDSHAKE,
                    &message(NEW_SESSION_TICKET, &[0, 0, 0, 9, 0, 0, 0, 1, 0, 0, 1, 7, 0, 0]),
                );
                evil.send(&record).send(&record);
            },
            error: Misbehaved::BadRecordMac.into(),
            alert: Alert::BAD_RECORD_MAC,
        },
        Row {
            section: "5.1",
            name: "an empty handshake record",
            deviates: |evil| drop(evil.send(&plain(HANDSHAKE, &[]))),
            error: Misbehaved::EmptyFragment { found: ContentType::Handshake }.into(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "5.1",
            name: "an empty protected handshake record",
            deviates: |evil| drop(evil.say_server_hello(|_| {}).send_record(HANDSHAKE, &[])),
            error: Misbehaved::EmptyFragment { found: ContentType::Handshake }.into(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "5.1",
            name: "an empty alert",
            deviates: |evil| drop(evil.say_server_hello(|_| {}).send_record(ALERT, &[])),
            error: Misbehaved::EmptyFragment { found: ContentType::Alert }.into(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "6",
            name: "an alert of one byte",
            deviates: |evil| drop(evil.send(&plain(ALERT, &[2]))),
            error: Misbehaved::AlertLength.into(),
            alert: Alert::DECODE_ERROR,
        },
        Row {
            section: "5.1",
            name: "two alerts in one record",
            deviates: |evil| drop(evil.send(&plain(ALERT, &[1, 90, 1, 0]))),
            error: Misbehaved::AlertLength.into(),
            alert: Alert::DECODE_ERROR,
        },
        Row {
            section: "5.1",
            name: "application data in the handshake",
            deviates: |evil| drop(evil.until_finished().send_record(DATA, b"early")),
            error: Misbehaved::UnexpectedRecord { found: ContentType::ApplicationData }.into(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
    ]);
}

#[test]
fn server_refuses_wrong_records() {
    let ccs: Error = Misbehaved::ChangeCipherSpec.into();
    server_refuses([
        Row {
            section: "5",
            name: "an HTTP request",
            deviates: |evil| drop(evil.send(b"GET / HTTP/1.1\r\n\r\n")),
            error: Misbehaved::UnknownContentType { found: b'G' }.into(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "5",
            name: "ChangeCipherSpec before ClientHello",
            deviates: |evil| drop(evil.send(&plain(CHANGE_CIPHER_SPEC, &[1]))),
            error: ccs.clone(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "5",
            name: "ChangeCipherSpec within ClientHello",
            deviates: |evil| {
                let hello = evil.client_hello(X25519).client_message();
                evil.send(&plain(HANDSHAKE, &hello[..50])).send(&plain(CHANGE_CIPHER_SPEC, &[1]));
            },
            error: ccs.clone(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "5",
            name: "ChangeCipherSpec after Finished",
            deviates: |evil| drop(evil.handshake().send(&plain(CHANGE_CIPHER_SPEC, &[1]))),
            error: ccs,
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "5",
            name: "application data before ClientHello",
            deviates: |evil| drop(evil.send(&plain(DATA, b"x"))),
            error: Misbehaved::UnexpectedRecord { found: ContentType::ApplicationData }.into(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "5.2",
            name: "a plaintext Finished",
            deviates: |evil| {
                let finished = message(FINISHED, &evil.say_client_hello(|_| {}).verify_data());
                evil.send(&plain(HANDSHAKE, &finished));
            },
            error: unprotected(ContentType::Handshake),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "5.2",
            name: "Finished under keys of its own making",
            deviates: |evil| {
                evil.say_client_hello(|_| {}).writing = Some(Keys::new(&[7; 32]));
                evil.send_record(HANDSHAKE, &message(FINISHED, &[0; 32]));
            },
            error: Misbehaved::BadRecordMac.into(),
            alert: Alert::BAD_RECORD_MAC,
        },
        Row {
            section: "4.4.4",
            name: "application data instead of Finished",
            deviates: |evil| drop(evil.say_client_hello(|_| {}).send_record(DATA, b"x")),
            error: Misbehaved::UnexpectedRecord { found: ContentType::ApplicationData }.into(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "5.1",
            name: "an empty handshake record",
            deviates: |evil| drop(evil.send(&plain(HANDSHAKE, &[]))),
            error: Misbehaved::EmptyFragment { found: ContentType::Handshake }.into(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "5.1",
            name: "a plaintext record of 2^14 + 1 bytes",
            deviates: |evil| drop(evil.send(&[HANDSHAKE, 3, 1, 0x40, 1])),
            error: overflow(0x4001, 0x4000),
            alert: Alert::RECORD_OVERFLOW,
        },
    ]);
}

#[test]
fn an_alert_of_the_peer_is_reported_and_not_answered() {
    for (level, alert) in [(2, 40), (1, 40), (2, 0), (1, 0), (2, 112), (7, 255)] {
        let mut evil = EvilServer::server();
        evil.send(&plain(ALERT, &[level, alert]));
        let error = Error::AlertReceived(Alert(alert));
        assert_refused("before keys", &mut evil, &error, None);

        // Between the parts of a message too: that the peer gives up is worth more than where it did.
        let mut evil = EvilServer::server();
        evil.say_server_hello(|_| {}).send_record(HANDSHAKE, &[ENCRYPTED_EXTENSIONS, 0]);
        if alert != 0 {
            evil.send_record(ALERT, &[level, alert]);
            assert_refused("within a message", &mut evil, &error, None);
        }

        let mut evil = EvilClient::client();
        evil.say_client_hello(|_| {}).send_record(ALERT, &[level, alert]);
        assert_refused("before our server", &mut evil, &error, None);
    }
}
