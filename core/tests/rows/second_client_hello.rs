//! The second ClientHello, and the client's Finished, before our server.

use crate::common::evil::*;
use crate::rows::client_hello::{missing, share};
use crate::{Row, decode, server_refuses};
use ferrule::AlertDescription as Alert;
use ferrule::error::{Fault, Misbehaved};
use ferrule::handshake::ExtensionType;

#[test]
fn server_refuses_a_wrong_second_client_hello() {
    const NOT_THE_SHARE: &str = "not the one share that HelloRetryRequest asked for";
    server_refuses([
        Row {
            section: "4.1.2",
            name: "another random",
            deviates: |evil| {
                drop(evil.get_retry_request(|_| {}).say_client_hello(|hello| hello.random[0] ^= 1))
            },
            error: Misbehaved::SecondHelloDiffers { what: "more than HelloRetryRequest asked for" }.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.1.2",
            name: "another session id",
            deviates: |evil| {
                drop(evil.get_retry_request(|_| {}).say_client_hello(|hello| hello.session_id.clear()))
            },
            error: Misbehaved::SecondHelloDiffers { what: "more than HelloRetryRequest asked for" }.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.1.2",
            name: "other suites",
            deviates: |evil| {
                drop(evil.get_retry_request(|_| {}).say_client_hello(|hello| hello.suites.push(0x1302)))
            },
            error: Misbehaved::SecondHelloDiffers { what: "more than HelloRetryRequest asked for" }.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.1.2",
            name: "one extension less",
            deviates: |evil| {
                drop(evil.get_retry_request(|_| {}).say_client_hello(|hello| hello.remove(SERVER_NAME)))
            },
            error: Misbehaved::SecondHelloDiffers { what: "more than HelloRetryRequest asked for" }.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.1.2",
            name: "without TLS 1.3",
            deviates: |evil| {
                evil.get_retry_request(|_| {})
                    .say_client_hello(|hello| hello.set(SUPPORTED_VERSIONS, &[2, 3, 3]));
            },
            error: Misbehaved::SecondHelloDiffers { what: "more than HelloRetryRequest asked for" }.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.1.2",
            name: "still without the share",
            deviates: |evil| {
                drop(evil.get_retry_request(|_| {}).say_client_hello(|hello| hello.set(KEY_SHARE, &[0, 0])))
            },
            error: Misbehaved::KeyShare { reason: NOT_THE_SHARE }.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.1.2",
            name: "without key_share",
            deviates: |evil| {
                drop(evil.get_retry_request(|_| {}).say_client_hello(|hello| hello.remove(KEY_SHARE)))
            },
            error: missing(ExtensionType::KEY_SHARE),
            alert: Alert::MISSING_EXTENSION,
        },
        Row {
            section: "4.1.2",
            name: "a share of another group",
            deviates: |evil| {
                evil.get_retry_request(|_| {});
                let hello = evil.client_hello(P256).client_message();
                evil.say(&hello);
            },
            error: Misbehaved::KeyShare { reason: NOT_THE_SHARE }.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.1.2",
            name: "a second share beside the one asked for",
            deviates: |evil| {
                evil.get_retry_request(|_| {}).say_client_hello(|hello| {
                    let both = [share(X25519, &[9; 32]), share(P256, &[4; 65])].concat();
                    hello.set(KEY_SHARE, &vector(2, &both));
                });
            },
            error: Misbehaved::KeyShare { reason: NOT_THE_SHARE }.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.1.2",
            name: "still with early data",
            deviates: |evil| {
                let early = |hello: &mut Hello| hello.set(EARLY_DATA, b"");
                evil.get_retry_request(early).say_client_hello(early);
            },
            error: Misbehaved::SecondHelloDiffers { what: "still offering early data" }.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
    ]);
}

#[test]
fn server_refuses_a_wrong_finished() {
    server_refuses([
        Row {
            section: "4.4.4",
            name: "one bit wrong",
            deviates: |evil| {
                let mut wrong = evil.say_client_hello(|_| {}).verify_data();
                wrong[0] ^= 0x80;
                evil.say(&message(FINISHED, &wrong));
            },
            error: Misbehaved::BadFinished.into(),
            alert: Alert::DECRYPT_ERROR,
        },
        Row {
            section: "4.4.4",
            name: "31 bytes",
            deviates: |evil| {
                let wrong = evil.say_client_hello(|_| {}).verify_data();
                evil.say(&message(FINISHED, &wrong[..31]));
            },
            error: decode("Finished", Fault::TooShort),
            alert: Alert::DECODE_ERROR,
        },
        Row {
            section: "4.4.4",
            name: "33 bytes",
            deviates: |evil| {
                let wrong = [evil.say_client_hello(|_| {}).verify_data(), vec![0]].concat();
                evil.say(&message(FINISHED, &wrong));
            },
            error: decode("Finished", Fault::TrailingBytes),
            alert: Alert::DECODE_ERROR,
        },
        Row {
            section: "5.1",
            name: "bytes behind Finished in its record",
            deviates: |evil| {
                let finished = message(FINISHED, &evil.say_client_hello(|_| {}).verify_data());
                evil.say(&[&finished[..], &[KEY_UPDATE, 0, 0, 1, 0]].concat());
            },
            error: Misbehaved::NotAtMessageBoundary.into(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
    ]);
}

#[test]
fn server_does_its_part_for_an_honest_client_of_another_make() {
    let mut evil = EvilClient::client();
    evil.handshake();
    let mut evil = EvilClient::client();
    evil.get_retry_request(|_| {}).say_client_hello(|_| {}).say_finished();
    assert!(evil.subject.established.unwrap().negotiated().hello_retry_request);
}
