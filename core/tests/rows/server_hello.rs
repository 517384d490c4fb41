//! ServerHello and HelloRetryRequest, before our client.

use crate::common::evil::*;
use crate::{Row, check, client_refuses, decode};
use ferrule::AlertDescription as Alert;
use ferrule::crypto::{CipherSuite, CryptoError, NamedGroup};
use ferrule::error::{Fault, Incompatible, Limit, Misbehaved};
use ferrule::handshake::{ExtensionType, HandshakeType};

fn say_hello(evil: &mut EvilServer, alter: impl FnOnce(&mut Hello)) {
    let mut hello = evil.server_hello();
    alter(&mut hello);
    evil.say(&hello.server_message());
}

#[test]
fn client_refuses_a_wrong_server_hello() {
    client_refuses([
        Row {
            section: "4.1.3",
            name: "a version that was not offered",
            deviates: |evil| say_hello(evil, |hello| hello.set(SUPPORTED_VERSIONS, &[3, 3])),
            error: Misbehaved::VersionNotOffered { found: 0x0303 }.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.2.1",
            name: "a version beyond TLS 1.3",
            deviates: |evil| say_hello(evil, |hello| hello.set(SUPPORTED_VERSIONS, &[3, 5])),
            error: Misbehaved::VersionNotOffered { found: 0x0305 }.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.1.3",
            name: "TLS 1.2 without a downgrade mark",
            deviates: |evil| say_hello(evil, |hello| hello.extensions.clear()),
            error: Incompatible::Version.into(),
            alert: Alert::PROTOCOL_VERSION,
        },
        Row {
            section: "D.5",
            name: "SSL 3.0 in legacy_version",
            deviates: |evil| say_hello(evil, |hello| hello.version = 0x0300),
            error: Incompatible::Version.into(),
            alert: Alert::PROTOCOL_VERSION,
        },
        Row {
            section: "4.1.3",
            name: "TLS 1.2 with the mark of a server that can do better",
            deviates: |evil| {
                say_hello(evil, |hello| {
                    hello.extensions.clear();
                    hello.random[24..].copy_from_slice(b"DOWNGRD\x01");
                });
            },
            error: Misbehaved::Downgrade.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.1.3",
            name: "TLS 1.1 with its downgrade mark",
            deviates: |evil| {
                say_hello(evil, |hello| {
                    hello.version = 0x0302;
                    hello.extensions.clear();
                    hello.random[24..].copy_from_slice(b"DOWNGRD\x00");
                });
            },
            error: Misbehaved::Downgrade.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.1.3",
            name: "legacy_version that is not TLS 1.2's",
            deviates: |evil| say_hello(evil, |hello| hello.version = 0x0304),
            error: Misbehaved::LegacyField { field: "ServerHello.legacy_version" }.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.1.3",
            name: "a compression method",
            deviates: |evil| say_hello(evil, |hello| hello.compression = vec![1]),
            error: Misbehaved::LegacyField { field: "ServerHello.legacy_compression_method" }.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.1.3",
            name: "another session id",
            deviates: |evil| say_hello(evil, |hello| hello.session_id[31] ^= 1),
            error: Misbehaved::SessionIdNotEchoed.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.1.3",
            name: "no session id",
            deviates: |evil| say_hello(evil, |hello| hello.session_id.clear()),
            error: Misbehaved::SessionIdNotEchoed.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.1.3",
            name: "a session id of 33 bytes",
            deviates: |evil| say_hello(evil, |hello| hello.session_id.push(0)),
            error: decode("ServerHello", Fault::VectorLength),
            alert: Alert::DECODE_ERROR,
        },
        Row {
            section: "4.1.3",
            name: "a suite of TLS 1.3 that was not offered",
            deviates: |evil| say_hello(evil, |hello| hello.suites = vec![0x1303]),
            error: Misbehaved::SuiteNotOffered { found: CipherSuite::TLS_CHACHA20_POLY1305_SHA256 }.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.1.3",
            name: "a suite of TLS 1.2",
            deviates: |evil| say_hello(evil, |hello| hello.suites = vec![0xc02f]),
            error: Misbehaved::SuiteNotOffered { found: CipherSuite(0xc02f) }.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.2.8",
            name: "a share of an offered group that the client sent no share for",
            deviates: |evil| {
                say_hello(evil, |hello| hello.set(KEY_SHARE, &[&[0, 23, 0, 65][..], &[4; 65]].concat()))
            },
            error: Misbehaved::GroupNotOffered { found: NamedGroup::SECP256R1 }.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.2.8",
            name: "a share of a group that was not offered",
            deviates: |evil| {
                say_hello(evil, |hello| hello.set(KEY_SHARE, &[&[0, 24, 0, 97][..], &[4; 97]].concat()))
            },
            error: Misbehaved::GroupNotOffered { found: NamedGroup::SECP384R1 }.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "7.4.2",
            name: "an x25519 share of zeros",
            deviates: |evil| {
                say_hello(evil, |hello| hello.set(KEY_SHARE, &[&[0, 29, 0, 32][..], &[0; 32]].concat()))
            },
            error: CryptoError::InvalidKeyShare.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.2.8.2",
            name: "an x25519 share of 31 bytes",
            deviates: |evil| {
                say_hello(evil, |hello| hello.set(KEY_SHARE, &[&[0, 29, 0, 31][..], &[9; 31]].concat()))
            },
            error: CryptoError::InvalidKeyShare.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "9.2",
            name: "no key_share",
            deviates: |evil| say_hello(evil, |hello| hello.remove(KEY_SHARE)),
            error: Misbehaved::MissingExtension { extension: ExtensionType::KEY_SHARE }.into(),
            alert: Alert::MISSING_EXTENSION,
        },
        Row {
            section: "4.2",
            name: "an extension that the client did not send",
            deviates: |evil| say_hello(evil, |hello| hello.set(0x1234, b"")),
            error: Misbehaved::UnsolicitedExtension { extension: ExtensionType(0x1234) }.into(),
            alert: Alert::UNSUPPORTED_EXTENSION,
        },
        Row {
            section: "4.2.11",
            name: "a pre-shared key that was not offered",
            deviates: |evil| say_hello(evil, |hello| hello.set(PRE_SHARED_KEY, &[0, 0])),
            error: Misbehaved::UnsolicitedExtension { extension: ExtensionType::PRE_SHARED_KEY }.into(),
            alert: Alert::UNSUPPORTED_EXTENSION,
        },
        Row {
            section: "4.2",
            name: "an extension that belongs into EncryptedExtensions",
            deviates: |evil| say_hello(evil, |hello| hello.set(ALPN, &[0, 3, 2, b'h', b'2'])),
            error: Misbehaved::MisplacedExtension {
                extension: ExtensionType::ALPN,
                message: HandshakeType::SERVER_HELLO,
            }
            .into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.2",
            name: "an extension twice",
            deviates: |evil| say_hello(evil, |hello| hello.extensions.push((SUPPORTED_VERSIONS, vec![3, 4]))),
            error: Misbehaved::DuplicateExtension { extension: ExtensionType::SUPPORTED_VERSIONS }.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "5.1",
            name: "bytes behind ServerHello in its record",
            deviates: |evil| {
                let whole = [evil.server_hello().server_message(), vec![8]].concat();
                evil.say(&whole);
            },
            error: Misbehaved::NotAtMessageBoundary.into(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "4",
            name: "a ServerHello of 16 MB",
            deviates: |evil| {
                evil.send_record(HANDSHAKE, &[SERVER_HELLO, 0xff, 0xff, 0xff]);
            },
            error: Limit::MessageLength { length: 0xff_ffff, limit: 2 + 32 + 33 + 2 + 1 + 2 + 0xffff }.into(),
            alert: Alert::DECODE_ERROR,
        },
    ]);
}

#[test]
fn client_refuses_a_wrong_retry_request() {
    client_refuses([
        Row {
            section: "4.1.4",
            name: "a second HelloRetryRequest",
            deviates: |evil| {
                evil.say_retry_request(|_| {}).say_retry_request(|hello| hello.set(COOKIE, &[0, 1, 7]));
            },
            error: Misbehaved::SecondRetryRequest.into(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "4.2.8",
            name: "HelloRetryRequest for the group that it has a share of",
            deviates: |evil| {
                evil.say_retry_request(|hello| hello.set(KEY_SHARE, &[0, 29]));
            },
            error: Misbehaved::RetryWithoutChange.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.1.4",
            name: "HelloRetryRequest that asks for nothing",
            deviates: |evil| {
                evil.say_retry_request(|hello| hello.remove(KEY_SHARE));
            },
            error: Misbehaved::RetryWithoutChange.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.2.8",
            name: "HelloRetryRequest for a group that was not offered",
            deviates: |evil| {
                evil.say_retry_request(|hello| hello.set(KEY_SHARE, &[0, 24]));
            },
            error: Misbehaved::GroupNotOffered { found: NamedGroup::SECP384R1 }.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.1.4",
            name: "HelloRetryRequest with a suite that was not offered",
            deviates: |evil| {
                evil.say_retry_request(|hello| hello.suites = vec![0x1303]);
            },
            error: Misbehaved::SuiteNotOffered { found: CipherSuite::TLS_CHACHA20_POLY1305_SHA256 }.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.1.4",
            name: "another suite after HelloRetryRequest",
            deviates: |evil| {
                evil.say_retry_request(|_| {});
                say_hello(evil, |hello| hello.suites = vec![0x1302]);
            },
            error: Misbehaved::SuiteChanged { found: CipherSuite::TLS_AES_256_GCM_SHA384 }.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.2.8",
            name: "another group after HelloRetryRequest",
            deviates: |evil| {
                evil.say_retry_request(|_| {});
                say_hello(evil, |hello| hello.set(KEY_SHARE, &[&[0, 29, 0, 32][..], &[9; 32]].concat()));
            },
            error: Misbehaved::GroupNotOffered { found: NamedGroup::X25519 }.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.2.8.2",
            name: "a point that is not on P-256",
            deviates: |evil| {
                evil.say_retry_request(|_| {});
                say_hello(evil, |hello| hello.set(KEY_SHARE, &[&[0, 23, 0, 65][..], &[4; 65]].concat()));
            },
            error: CryptoError::InvalidKeyShare.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.1.4",
            name: "TLS 1.2 after HelloRetryRequest",
            deviates: |evil| {
                evil.say_retry_request(|_| {});
                say_hello(evil, |hello| hello.set(SUPPORTED_VERSIONS, &[3, 3]));
            },
            error: Misbehaved::VersionNotOffered { found: 0x0303 }.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.1.4",
            name: "HelloRetryRequest without supported_versions",
            deviates: |evil| {
                evil.say_retry_request(|hello| hello.remove(SUPPORTED_VERSIONS));
            },
            error: Incompatible::Version.into(),
            alert: Alert::PROTOCOL_VERSION,
        },
        Row {
            section: "4.1.4",
            name: "HelloRetryRequest with another session id",
            deviates: |evil| {
                evil.say_retry_request(|hello| hello.session_id[0] ^= 1);
            },
            error: Misbehaved::SessionIdNotEchoed.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.1.4",
            name: "HelloRetryRequest with an extension that was not offered",
            deviates: |evil| {
                evil.say_retry_request(|hello| hello.set(0x1234, b""));
            },
            error: Misbehaved::UnsolicitedExtension { extension: ExtensionType(0x1234) }.into(),
            alert: Alert::UNSUPPORTED_EXTENSION,
        },
        Row {
            section: "4.2",
            name: "a cookie in ServerHello",
            deviates: |evil| say_hello(evil, |hello| hello.set(COOKIE, &[0, 1, 7])),
            error: Misbehaved::MisplacedExtension {
                extension: ExtensionType::COOKIE,
                message: HandshakeType::SERVER_HELLO,
            }
            .into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.2.2",
            name: "an empty cookie",
            deviates: |evil| {
                evil.say_retry_request(|hello| hello.set(COOKIE, &[0, 0]));
            },
            error: decode("cookie", Fault::VectorLength),
            alert: Alert::DECODE_ERROR,
        },
        Row {
            section: "4.2.2",
            name: "a cookie longer than our limit",
            deviates: |evil| {
                evil.say_retry_request(|hello| hello.set(COOKIE, &vector(2, &[7; 513])));
            },
            error: Limit::Cookie { length: 513, limit: 512 }.into(),
            alert: Alert::INTERNAL_ERROR,
        },
        Row {
            section: "4.1.4",
            name: "ServerHello in the record of its HelloRetryRequest",
            deviates: |evil| {
                let hello = evil.server_hello().server_message();
                let mut request = evil.server_hello();
                request.random = retry_random();
                request.set(KEY_SHARE, &[0, 23]);
                evil.say(&[request.server_message(), hello].concat());
            },
            error: Misbehaved::NotAtMessageBoundary.into(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
    ]);
}

#[test]
fn client_echoes_the_longest_cookie_with_and_without_another_group() {
    for group in [true, false] {
        let mut evil = EvilServer::server();
        let first = evil.client_hello();
        let cookie = vector(2, &[7; 512]);
        evil.say_retry_request(|hello| {
            hello.set(COOKIE, &cookie);
            if !group {
                hello.remove(KEY_SHARE);
            }
        });
        let second = evil.client_hello();
        assert_eq!(second.find(COOKIE), Some(&cookie[..]));
        // §4.1.2: nothing else has changed.
        let without = |hello: &Hello| {
            let mut hello = hello.clone();
            hello.remove(COOKIE);
            hello.remove(KEY_SHARE);
            hello.client_message()
        };
        assert_eq!(without(&first), without(&second));
        assert_eq!(second.find(KEY_SHARE) == first.find(KEY_SHARE), !group);
        evil.handshake();
    }
}

#[test]
fn client_refuses_an_application_protocol_where_it_offered_none() {
    let mut config = client_config();
    config.protocols = &[];
    let row = Row {
        section: "RFC 7301 3.1",
        name: "ALPN that was not asked for",
        deviates: |evil: &mut EvilServer| {
            evil.say_server_hello(|_| {}).say_encrypted_extensions(&[(ALPN, vec![0, 3, 2, b'h', b'2'])]);
        },
        error: Misbehaved::UnsolicitedExtension { extension: ExtensionType::ALPN }.into(),
        alert: Alert::UNSUPPORTED_EXTENSION,
    };
    check(row, EvilServer::server_for(config));
}
