//! Every message cut short at every byte, with its length made to fit, and with a byte behind its end
//! (RFC 8446 §4: "decode_error").

use crate::common::evil::*;
use ferrule::error::{Fault, Incompatible, Misbehaved};
use ferrule::{AlertDescription as Alert, Error, Handshake};

/// Sends every truncation of `whole`'s body; `tolerated` says which errors may stand for decode_error.
fn truncate<H: Handshake>(
    whole: &[u8],
    reach: impl Fn() -> Evil<H>,
    tolerated: impl Fn(usize, &Error) -> bool,
) {
    for length in 0..whole.len() - 4 {
        let mut evil = reach();
        evil.send_record(HANDSHAKE, &message(whole[0], &whole[4..4 + length]));
        let error = evil
            .subject
            .error
            .clone()
            .unwrap_or_else(|| panic!("cut at {length} of {} is accepted", whole.len() - 4));
        let decode = matches!(error, Error::Decode(_)) && error.alert() == Some(Alert::DECODE_ERROR);
        assert!(decode || tolerated(length, &error), "cut at {length}: {error:?}");
    }
    let mut evil = reach();
    let mut longer = whole[4..].to_vec();
    longer.push(0);
    evil.send_record(HANDSHAKE, &message(whole[0], &longer));
    match evil.subject.error.clone() {
        Some(Error::Decode(decode)) => assert_eq!(decode.fault, Fault::TrailingBytes),
        error => panic!("a byte behind the end: {error:?}"),
    }
}

#[test]
fn client_refuses_every_truncation_of_every_message() {
    let hello = EvilServer::server().server_hello().server_message();
    // Where a TLS 1.2 ServerHello could end, this one is a TLS 1.2 ServerHello.
    let no_extensions = 2 + 32 + 33 + 2 + 1;
    truncate(&hello, EvilServer::server, |length, error| {
        length == no_extensions && *error == Incompatible::Version.into()
    });

    let mut request = EvilServer::server().server_hello();
    request.random = retry_random();
    request.set(KEY_SHARE, &[0, 23]);
    request.set(COOKIE, &[0, 2, 7, 7]);
    truncate(&request.server_message(), EvilServer::server, |length, error| {
        length == no_extensions && *error == Incompatible::Version.into()
    });

    let after_hello = || {
        let mut evil = EvilServer::server();
        evil.say_server_hello(|_| {});
        evil
    };
    let extensions = [&[0, 13][..], b"\x00\x10\x00\x05\x00\x03\x02h2", &[0, 0, 0, 0]].concat();
    truncate(&message(ENCRYPTED_EXTENSIONS, &extensions), after_hello, |_, _| false);

    let after_extensions = || {
        let mut evil = after_hello();
        evil.say_encrypted_extensions(&[]);
        evil
    };
    let chain = certificate(&[], &EvilServer::server().entries());
    truncate(&chain, after_extensions, |_, _| false);
    let request = message(CERTIFICATE_REQUEST, &[0, 0, 14, 0, 13, 0, 4, 0, 2, 4, 3, 0x12, 0x34, 0, 2, 7, 7]);
    truncate(&request, after_extensions, |_, _| false);

    let verify = message(CERTIFICATE_VERIFY, &[&[4, 3][..], &vector(2, &[7; 70])].concat());
    let after_certificate = || {
        let mut evil = after_extensions();
        evil.say_certificate();
        evil
    };
    truncate(&verify, after_certificate, |_, _| false);

    let before_finished = || {
        let mut evil = EvilServer::server();
        evil.until_finished();
        evil
    };
    truncate(&message(FINISHED, &[7; 32]), before_finished, |_, _| false);
}

#[test]
fn server_refuses_every_truncation_of_every_message() {
    let mut hello = EvilClient::client().client_hello(X25519);
    hello.set(ALPN, b"\x00\x03\x02h2");
    let whole = hello.client_message();
    let no_extensions = 2 + 32 + 33 + 4 + 2;
    truncate(&whole, EvilClient::client, |length, error| {
        length == no_extensions && *error == Incompatible::Version.into()
    });

    let retried = || {
        let mut evil = EvilClient::client();
        evil.get_retry_request(|_| {});
        evil
    };
    let second = EvilClient::client().client_hello(X25519).client_message();
    truncate(&second, retried, |length, error| {
        length == no_extensions && matches!(error, Error::Misbehaved(Misbehaved::SecondHelloDiffers { .. }))
    });

    let before_finished = || {
        let mut evil = EvilClient::client();
        evil.say_client_hello(|_| {});
        evil
    };
    truncate(&message(FINISHED, &[7; 32]), before_finished, |_, _| false);
}

/// Every extension of a hello cut short, its own length made to fit: the list stays well-formed, so that
/// the extension's own parser has to notice.
#[test]
fn every_truncation_of_every_extension_is_refused() {
    let whole = {
        let mut hello = EvilClient::client().client_hello(X25519);
        hello.set(ALPN, b"\x00\x03\x02h2");
        hello
    };
    for (extension, body) in &whole.extensions {
        for length in 0..body.len() {
            let mut evil = EvilClient::client();
            let mut hello = whole.clone();
            hello.set(*extension, &body[..length]);
            evil.say(&hello.client_message());
            let error = evil.subject.error.clone();
            assert!(matches!(error, Some(Error::Decode(_))), "{extension}, {length} bytes: {error:?}");
        }
        let mut evil = EvilClient::client();
        let mut hello = whole.clone();
        hello.set(*extension, &[&body[..], &[0]].concat());
        evil.say(&hello.client_message());
        let error = evil.subject.error.clone();
        assert!(matches!(error, Some(Error::Decode(_))), "{extension}, a byte too many: {error:?}");
    }
    let answer = EvilServer::server().server_hello();
    for (extension, body) in &answer.extensions {
        for length in 0..body.len() {
            let mut evil = EvilServer::server();
            let mut hello = answer.clone();
            hello.session_id = evil.client_hello().session_id;
            hello.set(*extension, &body[..length]);
            evil.say(&hello.server_message());
            let error = evil.subject.error.clone();
            assert!(matches!(error, Some(Error::Decode(_))), "{extension}, {length} bytes: {error:?}");
        }
    }
}
