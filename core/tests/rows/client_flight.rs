//! The flight of a client who was asked for a certificate (RFC 8446 §4.4).

use crate::common::evil::*;
use crate::{Row, check, decode};
use ferrule::crypto::SignatureScheme;
use ferrule::error::{Fault, Incompatible, Misbehaved};
use ferrule::handshake::{ExtensionType, HandshakeType};
use ferrule::{AlertDescription as Alert, Handshake};

fn server_that_asks_refuses<H: Handshake, const N: usize>(rows: [Row<H>; N], reach: impl Fn() -> Evil<H>) {
    rows.into_iter().for_each(|row| check(row, reach()));
}

fn say_verify(evil: &mut EvilAskedClient, scheme: [u8; 2], signature: &[u8]) {
    evil.say(&message(CERTIFICATE_VERIFY, &[&scheme[..], &vector(2, signature)].concat()));
}

#[test]
fn server_that_asks_refuses_wrong_certificates_and_signatures() {
    let rows = [
        Row {
            section: "4.4.2.4",
            name: "no certificate where one is required",
            deviates: |evil| drop(evil.say_hello().say(&certificate(&[], &[]))),
            error: Incompatible::ClientCertificate.into(),
            alert: Alert::CERTIFICATE_REQUIRED,
        },
        Row {
            section: "4.4.3",
            name: "CertificateVerify without a certificate",
            deviates: |evil| say_verify(evil.say_hello(), [4, 3], &[7; 70]),
            error: Misbehaved::UnexpectedMessage {
                expected: "Certificate",
                found: HandshakeType::CERTIFICATE_VERIFY,
            }
            .into(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "4.4.2",
            name: "a context that is not the request's",
            deviates: |evil| {
                let entries = evil.own_entries();
                evil.say_hello().say(&certificate(&[7], &entries));
            },
            error: Misbehaved::UnknownValue { field: "Certificate.certificate_request_context" }.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.4.2",
            name: "a staple that no CertificateRequest asked for",
            deviates: |evil| {
                let mut entries = evil.own_entries();
                entries[0].1 = vec![0, 5, 0, 5, 1, 0, 0, 1, 9];
                evil.say_hello().say(&certificate(&[], &entries));
            },
            error: Misbehaved::UnsolicitedExtension { extension: ExtensionType::STATUS_REQUEST }.into(),
            alert: Alert::UNSUPPORTED_EXTENSION,
        },
        Row {
            section: "4.4.2",
            name: "an empty certificate",
            deviates: |evil| drop(evil.say_hello().say(&certificate(&[], &[(vec![], vec![])]))),
            error: decode("Certificate", Fault::VectorLength),
            alert: Alert::DECODE_ERROR,
        },
        Row {
            section: "4.4.3",
            name: "a scheme that was not in CertificateRequest",
            deviates: |evil| {
                let signature = evil.say_hello().say_own_certificate().own_signature("client");
                say_verify(evil, [2, 3], &signature);
            },
            error: Misbehaved::SchemeNotOffered { found: SignatureScheme(0x0203) }.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.4.3",
            name: "a scheme of certificates only",
            deviates: |evil| say_verify(evil.say_hello().say_own_certificate(), [4, 1], &[7; 256]),
            error: Misbehaved::SchemeNotOffered { found: SignatureScheme::RSA_PKCS1_SHA256 }.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.4.3",
            name: "a scheme of another kind of key",
            deviates: |evil| say_verify(evil.say_hello().say_own_certificate(), [8, 7], &[7; 64]),
            error: Misbehaved::SchemeDoesNotFitKey { found: SignatureScheme::ED25519 }.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.4.3",
            name: "a signature with the server's context string",
            deviates: |evil| {
                let signature = evil.say_hello().say_own_certificate().own_signature("server");
                say_verify(evil, [4, 3], &signature);
            },
            error: Misbehaved::BadHandshakeSignature.into(),
            alert: Alert::DECRYPT_ERROR,
        },
        Row {
            section: "4.4.3",
            name: "a signature over another handshake",
            deviates: |evil| {
                let signature = evil.say_hello().own_signature("client");
                say_verify(evil.say_own_certificate(), [4, 3], &signature);
            },
            error: Misbehaved::BadHandshakeSignature.into(),
            alert: Alert::DECRYPT_ERROR,
        },
        Row {
            section: "4.4.4",
            name: "a Finished that is wrong after a signature that is right",
            deviates: |evil| {
                evil.say_hello().say_own_certificate().say_own_certificate_verify();
                evil.say(&message(FINISHED, &[7; 32]));
            },
            error: Misbehaved::BadFinished.into(),
            alert: Alert::DECRYPT_ERROR,
        },
    ];
    server_that_asks_refuses(rows, || EvilAskedClient::asked(true));
}

/// So that the rows above deviate in what their names say.
#[test]
fn server_that_asks_accepts_the_same_client_where_it_does_not_deviate() {
    for required in [true, false] {
        let mut evil = EvilAskedClient::asked(required);
        evil.say_hello().say_own_certificate().say_own_certificate_verify().say_own_finished();
        assert_eq!(evil.subject.error, None);
        assert!(evil.subject.established.as_ref().unwrap().negotiated().client_is_authenticated());
        assert_eq!(evil.subject.peer_certificate.as_ref(), Some(&identity().chain[0]));
    }
}
