//! Each handshake message in each state that does not await it (RFC 8446 §4, §A).

use crate::assert_refused;
use crate::common::evil::*;
use ferrule::error::Misbehaved;
use ferrule::handshake::HandshakeType;
use ferrule::{AlertDescription, Error, Handshake};

const REQUEST: [u8; 15] = [CERTIFICATE_REQUEST, 0, 0, 11, 0, 0, 8, 0, 13, 0, 4, 0, 2, 4, 3];

/// Sends each message but the awaited ones, as a whole and as its bare header.
fn refuses_all_but<H: Handshake>(awaited: &[u8], expected: &'static str, reach: impl Fn() -> Evil<H>) {
    let kinds = (0..=26).chain([67, 253, 254, 255]).filter(|kind| !awaited.contains(kind));
    for kind in kinds {
        for bytes in [message(kind, &[0; 8]), vec![kind, 0, 0, 0], vec![kind, 0xff, 0xff, 0xff]] {
            let mut evil = reach();
            evil.send_record(HANDSHAKE, &bytes);
            let error: Error = Misbehaved::UnexpectedMessage { expected, found: HandshakeType(kind) }.into();
            let row = format!("{kind} where {expected} is awaited");
            assert_refused(&row, &mut evil, &error, Some(AlertDescription::UNEXPECTED_MESSAGE));
        }
    }
}

/// A client that `steps` have led to some state.
fn client_after(steps: impl Fn(&mut EvilServer)) -> impl Fn() -> EvilServer {
    move || {
        let mut evil = EvilServer::server();
        steps(&mut evil);
        assert_eq!(evil.subject.error, None);
        evil
    }
}

fn server_after(steps: impl Fn(&mut EvilClient)) -> impl Fn() -> EvilClient {
    move || {
        let mut evil = EvilClient::client();
        steps(&mut evil);
        assert_eq!(evil.subject.error, None);
        evil
    }
}

#[test]
fn client_refuses_every_message_that_it_does_not_await() {
    refuses_all_but(&[SERVER_HELLO], "ServerHello or HelloRetryRequest", client_after(|_| {}));
    refuses_all_but(
        &[SERVER_HELLO],
        "ServerHello",
        client_after(|evil| drop(evil.say_retry_request(|_| {}))),
    );
    let hello = |evil: &mut EvilServer| drop(evil.say_server_hello(|_| {}));
    refuses_all_but(&[ENCRYPTED_EXTENSIONS], "EncryptedExtensions", client_after(hello));
    let extensions =
        |evil: &mut EvilServer| drop(evil.say_server_hello(|_| {}).say_encrypted_extensions(&[]));
    let either = "Certificate or CertificateRequest";
    refuses_all_but(&[CERTIFICATE, CERTIFICATE_REQUEST], either, client_after(extensions));
    let request = |evil: &mut EvilServer| {
        evil.say_server_hello(|_| {}).say_encrypted_extensions(&[]).say(&REQUEST);
    };
    refuses_all_but(&[CERTIFICATE], "Certificate", client_after(request));
    let certificate = |evil: &mut EvilServer| {
        evil.say_server_hello(|_| {}).say_encrypted_extensions(&[]).say_certificate();
    };
    refuses_all_but(&[CERTIFICATE_VERIFY], "CertificateVerify", client_after(certificate));
    refuses_all_but(&[FINISHED], "Finished", client_after(|evil| drop(evil.until_finished())));
    let after = "NewSessionTicket or KeyUpdate";
    refuses_all_but(&[NEW_SESSION_TICKET, KEY_UPDATE], after, client_after(|evil| drop(evil.handshake())));
}

#[test]
fn server_refuses_every_message_that_it_does_not_await() {
    refuses_all_but(&[CLIENT_HELLO], "ClientHello", server_after(|_| {}));
    let retried = |evil: &mut EvilClient| drop(evil.get_retry_request(|_| {}));
    refuses_all_but(&[CLIENT_HELLO], "a second ClientHello", server_after(retried));
    refuses_all_but(&[FINISHED], "Finished", server_after(|evil| drop(evil.say_client_hello(|_| {}))));
    refuses_all_but(&[KEY_UPDATE], "KeyUpdate", server_after(|evil| drop(evil.handshake())));
}

#[test]
fn server_that_asks_who_its_client_is_refuses_every_message_that_it_does_not_await() {
    for required in [true, false] {
        let after = |steps: fn(&mut EvilAskedClient)| {
            move || {
                let mut evil = EvilAskedClient::asked(required);
                steps(&mut evil);
                assert_eq!(evil.subject.error, None);
                evil
            }
        };
        // Whoever leaves out Certificate, or CertificateVerify, does not reach Finished.
        refuses_all_but(&[CERTIFICATE], "Certificate", after(|evil| drop(evil.say_hello())));
        let certificate = |evil: &mut EvilAskedClient| drop(evil.say_hello().say_own_certificate());
        refuses_all_but(&[CERTIFICATE_VERIFY], "CertificateVerify", after(certificate));
        let verified = |evil: &mut EvilAskedClient| {
            evil.say_hello().say_own_certificate().say_own_certificate_verify();
        };
        refuses_all_but(&[FINISHED], "Finished", after(verified));
    }
    let declined = || {
        let mut evil = EvilAskedClient::asked(false);
        evil.say_hello().say(&certificate(&[], &[]));
        evil
    };
    refuses_all_but(&[FINISHED], "Finished", declined);
}
