//! The server's flight, from EncryptedExtensions to Finished, before our client.

use crate::common::evil::*;
use crate::{Row, client_refuses, decode};
use ferrule::AlertDescription as Alert;
use ferrule::crypto::SignatureScheme;
use ferrule::error::{Error, Fault, Limit, Misbehaved};
use ferrule::handshake::{ExtensionType, HandshakeType};

fn unexpected(expected: &'static str, found: u8) -> Error {
    Misbehaved::UnexpectedMessage { expected, found: HandshakeType(found) }.into()
}

/// CertificateVerify with any scheme and signature.
fn say_verify(evil: &mut EvilServer, scheme: u16, signature: &[u8]) {
    evil.say_server_hello(|_| {}).say_encrypted_extensions(&[]).say_certificate();
    let body = [&scheme.to_be_bytes()[..], &vector(2, signature)].concat();
    evil.say(&message(CERTIFICATE_VERIFY, &body));
}

fn say_certificate(evil: &mut EvilServer, whole: &[u8]) {
    evil.say_server_hello(|_| {}).say_encrypted_extensions(&[]).say(whole);
}

#[test]
fn client_refuses_a_server_that_leaves_out_its_authentication() {
    client_refuses([
        Row {
            section: "4.4",
            name: "Finished without Certificate and CertificateVerify",
            deviates: |evil| {
                evil.say_server_hello(|_| {}).say_encrypted_extensions(&[]).say_finished();
            },
            error: unexpected("Certificate or CertificateRequest", FINISHED),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "4.4.3",
            name: "Finished without CertificateVerify",
            deviates: |evil| {
                evil.say_server_hello(|_| {}).say_encrypted_extensions(&[]).say_certificate().say_finished();
            },
            error: unexpected("CertificateVerify", FINISHED),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "4.4.2",
            name: "CertificateVerify without Certificate",
            deviates: |evil| {
                evil.say_server_hello(|_| {}).say_encrypted_extensions(&[]).say_certificate_verify();
            },
            error: unexpected("Certificate or CertificateRequest", CERTIFICATE_VERIFY),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "4.3.1",
            name: "no EncryptedExtensions",
            deviates: |evil| {
                evil.say_server_hello(|_| {}).say_certificate();
            },
            error: unexpected("EncryptedExtensions", CERTIFICATE),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "4.4.2",
            name: "a second Certificate",
            deviates: |evil| {
                evil.say_server_hello(|_| {})
                    .say_encrypted_extensions(&[])
                    .say_certificate()
                    .say_certificate();
            },
            error: unexpected("CertificateVerify", CERTIFICATE),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "4.4.3",
            name: "a second CertificateVerify",
            deviates: |evil| {
                evil.until_finished().say_certificate_verify();
            },
            error: unexpected("Finished", CERTIFICATE_VERIFY),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "4.4.2",
            name: "a message that ends before its entry's extensions",
            deviates: |evil| {
                let (leaf, _) = evil.entries().remove(0);
                let [.., high, middle, low] = (leaf.len() as u32).to_be_bytes();
                let entry = [&[high, middle, low][..], &leaf].concat();
                let [.., high, middle, low] = (entry.len() as u32).to_be_bytes();
                say_certificate(evil, &message(CERTIFICATE, &[&[0, high, middle, low][..], &entry].concat()));
            },
            error: decode("Certificate", Fault::TooShort),
            alert: Alert::DECODE_ERROR,
        },
        Row {
            section: "4.4.2.4",
            name: "an empty certificate list",
            deviates: |evil| say_certificate(evil, &certificate(&[], &[])),
            error: Misbehaved::NoCertificate.into(),
            alert: Alert::DECODE_ERROR,
        },
        Row {
            section: "4.4.2",
            name: "an empty certificate",
            deviates: |evil| say_certificate(evil, &certificate(&[], &[(vec![], vec![])])),
            error: decode("Certificate", Fault::VectorLength),
            alert: Alert::DECODE_ERROR,
        },
        Row {
            section: "4.4.2",
            name: "a context in a Certificate that no request asked for",
            deviates: |evil| {
                let entries = evil.entries();
                say_certificate(evil, &certificate(&[7], &entries));
            },
            error: Misbehaved::UnknownValue { field: "Certificate.certificate_request_context" }.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.4.2",
            name: "an extension in a certificate's entry that was not asked for",
            deviates: |evil| {
                let mut entries = evil.entries();
                entries[0].1 = vec![0, 5, 0, 0];
                say_certificate(evil, &certificate(&[], &entries));
            },
            error: Misbehaved::UnsolicitedExtension { extension: ExtensionType::STATUS_REQUEST }.into(),
            alert: Alert::UNSUPPORTED_EXTENSION,
        },
        Row {
            section: "4.4.2",
            name: "an extension in the last entry, behind a chain that is believed",
            deviates: |evil| {
                let mut entries = evil.entries();
                entries.last_mut().unwrap().1 = vec![0x12, 0x34, 0, 0];
                say_certificate(evil, &certificate(&[], &entries));
            },
            error: Misbehaved::UnsolicitedExtension { extension: ExtensionType(0x1234) }.into(),
            alert: Alert::UNSUPPORTED_EXTENSION,
        },
        Row {
            section: "4.4.2",
            name: "bytes behind the certificate list",
            deviates: |evil| {
                let mut whole = certificate(&[], &evil.entries());
                whole.push(0);
                let length = whole.len() - 4;
                whole[2..4].copy_from_slice(&(length as u16).to_be_bytes());
                say_certificate(evil, &whole);
            },
            error: decode("Certificate", Fault::TrailingBytes),
            alert: Alert::DECODE_ERROR,
        },
        Row {
            section: "4.4.2",
            name: "a Certificate of 16 MB whose list does not say so",
            deviates: |evil| {
                evil.say_server_hello(|_| {}).say_encrypted_extensions(&[]);
                evil.send_record(HANDSHAKE, &[CERTIFICATE, 0xff, 0xff, 0xff, 0, 0, 1, 0]);
            },
            error: decode("Certificate", Fault::TrailingBytes),
            alert: Alert::DECODE_ERROR,
        },
    ]);
}

#[test]
fn client_refuses_a_wrong_certificate_verify_or_finished() {
    client_refuses([
        Row {
            section: "4.4.3",
            name: "a scheme that was not offered",
            deviates: |evil| {
                let signature = evil.signature();
                say_verify(evil, 0x0603, &signature);
            },
            error: Misbehaved::SchemeNotOffered { found: SignatureScheme(0x0603) }.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.4.3",
            name: "PKCS#1 v1.5, which is for certificates alone",
            deviates: |evil| say_verify(evil, 0x0401, &[1; 256]),
            error: Misbehaved::SchemeNotOffered { found: SignatureScheme::RSA_PKCS1_SHA256 }.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.4.3",
            name: "SHA-1",
            deviates: |evil| say_verify(evil, 0x0203, &[1; 70]),
            error: Misbehaved::SchemeNotOffered { found: SignatureScheme(0x0203) }.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.4.3",
            name: "an offered scheme that does not fit the certificate's key",
            deviates: |evil| say_verify(evil, 0x0807, &[1; 64]),
            error: Misbehaved::SchemeDoesNotFitKey { found: SignatureScheme::ED25519 }.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.4.3",
            name: "a signature over another transcript",
            deviates: |evil| {
                let signature = evil.signature();
                say_verify(evil, 0x0403, &signature);
            },
            error: Misbehaved::BadHandshakeSignature.into(),
            alert: Alert::DECRYPT_ERROR,
        },
        Row {
            section: "4.4.3",
            name: "a signature that is no DER",
            deviates: |evil| say_verify(evil, 0x0403, &[0xff; 70]),
            error: Misbehaved::BadHandshakeSignature.into(),
            alert: Alert::DECRYPT_ERROR,
        },
        Row {
            section: "4.4.3",
            name: "an empty signature",
            deviates: |evil| say_verify(evil, 0x0403, &[]),
            error: Misbehaved::BadHandshakeSignature.into(),
            alert: Alert::DECRYPT_ERROR,
        },
        Row {
            section: "4.4.3",
            name: "bytes behind the signature",
            deviates: |evil| {
                evil.say_server_hello(|_| {}).say_encrypted_extensions(&[]).say_certificate();
                evil.say(&message(CERTIFICATE_VERIFY, &[4, 3, 0, 0, 0]));
            },
            error: decode("CertificateVerify", Fault::TrailingBytes),
            alert: Alert::DECODE_ERROR,
        },
        Row {
            section: "4.4.4",
            name: "Finished with one bit wrong",
            deviates: |evil| {
                let mut wrong = evil.until_finished().verify_data();
                wrong[31] ^= 1;
                evil.say(&message(FINISHED, &wrong));
            },
            error: Misbehaved::BadFinished.into(),
            alert: Alert::DECRYPT_ERROR,
        },
        Row {
            section: "4.4.4",
            name: "Finished of 31 bytes",
            deviates: |evil| {
                let wrong = evil.until_finished().verify_data();
                evil.say(&message(FINISHED, &wrong[..31]));
            },
            error: decode("Finished", Fault::TooShort),
            alert: Alert::DECODE_ERROR,
        },
        Row {
            section: "4.4.4",
            name: "Finished of no bytes",
            deviates: |evil| {
                evil.until_finished().say(&message(FINISHED, &[]));
            },
            error: decode("Finished", Fault::TooShort),
            alert: Alert::DECODE_ERROR,
        },
        Row {
            section: "4.4.4",
            name: "Finished of 33 bytes",
            deviates: |evil| {
                let wrong = [evil.until_finished().verify_data(), vec![0]].concat();
                evil.say(&message(FINISHED, &wrong));
            },
            error: decode("Finished", Fault::TrailingBytes),
            alert: Alert::DECODE_ERROR,
        },
        Row {
            section: "4.4.4",
            name: "Finished longer than any hash",
            deviates: |evil| {
                evil.until_finished().say(&message(FINISHED, &[0; 65]));
            },
            error: Limit::MessageLength { length: 65, limit: 64 }.into(),
            alert: Alert::DECODE_ERROR,
        },
        Row {
            section: "5.1",
            name: "bytes behind Finished in its record",
            deviates: |evil| {
                let finished = message(FINISHED, &evil.until_finished().verify_data());
                evil.say(&[&finished[..], &[NEW_SESSION_TICKET]].concat());
            },
            error: Misbehaved::NotAtMessageBoundary.into(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
    ]);
}

#[test]
fn client_refuses_wrong_encrypted_extensions_and_certificate_requests() {
    client_refuses([
        Row {
            section: "RFC 7301 3.1",
            name: "an application protocol that was not offered",
            deviates: |evil| {
                evil.say_server_hello(|_| {})
                    .say_encrypted_extensions(&[(ALPN, vec![0, 5, 4, b's', b'p', b'd', b'y'])]);
            },
            error: Misbehaved::ProtocolNotOffered.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "RFC 7301 3.1",
            name: "two application protocols",
            deviates: |evil| {
                let both = b"\x00\x0c\x02h2\x08http/1.1".to_vec();
                evil.say_server_hello(|_| {}).say_encrypted_extensions(&[(ALPN, both)]);
            },
            error: decode("ALPN protocol list", Fault::VectorLength),
            alert: Alert::DECODE_ERROR,
        },
        Row {
            section: "4.2.7",
            name: "supported_groups whose list does not end",
            deviates: |evil| {
                evil.say_server_hello(|_| {})
                    .say_encrypted_extensions(&[(SUPPORTED_GROUPS, vec![0, 4, 0, 29])]);
            },
            error: decode("supported_groups", Fault::TooShort),
            alert: Alert::DECODE_ERROR,
        },
        Row {
            section: "RFC 6066 3",
            name: "a server_name that says something",
            deviates: |evil| {
                evil.say_server_hello(|_| {}).say_encrypted_extensions(&[(SERVER_NAME, vec![0])]);
            },
            error: decode("server_name", Fault::TrailingBytes),
            alert: Alert::DECODE_ERROR,
        },
        Row {
            section: "4.2",
            name: "an extension in EncryptedExtensions that was not asked for",
            deviates: |evil| {
                evil.say_server_hello(|_| {}).say_encrypted_extensions(&[(0x1234, vec![])]);
            },
            error: Misbehaved::UnsolicitedExtension { extension: ExtensionType(0x1234) }.into(),
            alert: Alert::UNSUPPORTED_EXTENSION,
        },
        Row {
            section: "4.2.10",
            name: "early data accepted that was not offered",
            deviates: |evil| {
                evil.say_server_hello(|_| {}).say_encrypted_extensions(&[(EARLY_DATA, vec![])]);
            },
            error: Misbehaved::UnsolicitedExtension { extension: ExtensionType::EARLY_DATA }.into(),
            alert: Alert::UNSUPPORTED_EXTENSION,
        },
        Row {
            section: "4.2",
            name: "key_share in EncryptedExtensions",
            deviates: |evil| {
                evil.say_server_hello(|_| {}).say_encrypted_extensions(&[(KEY_SHARE, vec![])]);
            },
            error: Misbehaved::MisplacedExtension {
                extension: ExtensionType::KEY_SHARE,
                message: HandshakeType::ENCRYPTED_EXTENSIONS,
            }
            .into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.2",
            name: "an extension twice in EncryptedExtensions",
            deviates: |evil| {
                let twice = [(SERVER_NAME, vec![]), (SERVER_NAME, vec![])];
                evil.say_server_hello(|_| {}).say_encrypted_extensions(&twice);
            },
            error: Misbehaved::DuplicateExtension { extension: ExtensionType::SERVER_NAME }.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.3.2",
            name: "CertificateRequest without signature_algorithms",
            deviates: |evil| {
                evil.say_server_hello(|_| {}).say_encrypted_extensions(&[]);
                evil.say(&message(CERTIFICATE_REQUEST, &[0, 0, 0]));
            },
            error: Misbehaved::MissingExtension { extension: ExtensionType::SIGNATURE_ALGORITHMS }.into(),
            alert: Alert::MISSING_EXTENSION,
        },
        Row {
            section: "4.3.2",
            name: "CertificateRequest with a context, during the handshake",
            deviates: |evil| {
                evil.say_server_hello(|_| {}).say_encrypted_extensions(&[]);
                evil.say(&message(CERTIFICATE_REQUEST, &[1, 7, 0, 8, 0, 13, 0, 4, 0, 2, 4, 3]));
            },
            error: Misbehaved::UnknownValue { field: "CertificateRequest.certificate_request_context" }
                .into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.2",
            name: "key_share in CertificateRequest",
            deviates: |evil| {
                evil.say_server_hello(|_| {}).say_encrypted_extensions(&[]);
                evil.say(&message(CERTIFICATE_REQUEST, &[0, 0, 12, 0, 13, 0, 4, 0, 2, 4, 3, 0, 51, 0, 0]));
            },
            error: Misbehaved::MisplacedExtension {
                extension: ExtensionType::KEY_SHARE,
                message: HandshakeType::CERTIFICATE_REQUEST,
            }
            .into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.2",
            name: "certificate_authorities twice in CertificateRequest",
            deviates: |evil| {
                evil.say_server_hello(|_| {}).say_encrypted_extensions(&[]);
                let schemes = [0, 0, 26, 0, 13, 0, 4, 0, 2, 4, 3];
                let authorities = [0, 47, 0, 5, 0, 3, 0, 1, 9];
                let body = [&schemes[..], &authorities, &authorities].concat();
                evil.say(&message(CERTIFICATE_REQUEST, &body));
            },
            error: Misbehaved::DuplicateExtension { extension: ExtensionType(47) }.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.3.2",
            name: "a second CertificateRequest",
            deviates: |evil| {
                evil.say_server_hello(|_| {}).say_encrypted_extensions(&[]);
                let request = message(CERTIFICATE_REQUEST, &[0, 0, 8, 0, 13, 0, 4, 0, 2, 4, 3]);
                evil.say(&request).say(&request);
            },
            error: unexpected("Certificate", CERTIFICATE_REQUEST),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
    ]);
}

#[test]
fn client_that_is_asked_for_a_certificate_answers_with_an_empty_one() {
    let mut evil = EvilServer::server();
    evil.say_server_hello(|_| {}).say_encrypted_extensions(&[]);
    evil.say(&message(CERTIFICATE_REQUEST, &[0, 0, 8, 0, 13, 0, 4, 0, 2, 4, 3]));
    evil.say_certificate().say_certificate_verify().say_finished();
    assert_eq!(evil.subject.error, None);
    let heard: Vec<&[u8]> = evil.messages.iter().skip(1).map(Vec::as_slice).collect();
    // §4.4.2: "the client MUST send a Certificate message containing no certificates".
    assert_eq!(heard[0], message(CERTIFICATE, &[0, 0, 0, 0]));
    assert_eq!((heard[1][0], heard.len()), (FINISHED, 2));
}
