//! ClientHello, the first and the second, and the rest of what a client says, before our server.

use crate::common::evil::*;
use crate::{Row, decode, server_refuses};
use ferrule::AlertDescription as Alert;
use ferrule::crypto::CryptoError;
use ferrule::error::{Fault, Incompatible, Limit, Misbehaved};
use ferrule::handshake::{ExtensionType, HandshakeType};

pub fn missing(extension: ExtensionType) -> ferrule::Error {
    Misbehaved::MissingExtension { extension }.into()
}

pub fn share(group: u16, bytes: &[u8]) -> Vec<u8> {
    [&group.to_be_bytes()[..], &vector(2, bytes)].concat()
}

fn psk() -> Vec<u8> {
    [vector(2, &[&vector(2, b"ticket")[..], &[0; 4]].concat()), vector(2, &vector(1, &[0; 32]))].concat()
}

#[test]
fn server_refuses_a_wrong_client_hello() {
    server_refuses([
        Row {
            section: "4.2.1",
            name: "no supported_versions",
            deviates: |evil| drop(evil.say_client_hello(|hello| hello.remove(SUPPORTED_VERSIONS))),
            error: Incompatible::Version.into(),
            alert: Alert::PROTOCOL_VERSION,
        },
        Row {
            section: "D.5",
            name: "SSL 3.0 in legacy_version",
            deviates: |evil| drop(evil.say_client_hello(|hello| hello.version = 0x0300)),
            error: Incompatible::Version.into(),
            alert: Alert::PROTOCOL_VERSION,
        },
        Row {
            section: "4.2.1",
            name: "TLS 1.3 in legacy_version alone",
            deviates: |evil| {
                evil.say_client_hello(|hello| {
                    hello.version = 0x0304;
                    hello.remove(SUPPORTED_VERSIONS);
                });
            },
            error: Incompatible::Version.into(),
            alert: Alert::PROTOCOL_VERSION,
        },
        Row {
            section: "4.2.1",
            name: "supported_versions without TLS 1.3",
            deviates: |evil| {
                drop(evil.say_client_hello(|hello| hello.set(SUPPORTED_VERSIONS, &[4, 3, 3, 3, 2])))
            },
            error: Incompatible::Version.into(),
            alert: Alert::PROTOCOL_VERSION,
        },
        Row {
            section: "4.1.2",
            name: "no extensions at all",
            deviates: |evil| {
                let mut whole = evil.client_hello(X25519);
                whole.extensions.clear();
                let bytes = whole.client_message();
                evil.say(&message(CLIENT_HELLO, &bytes[4..bytes.len() - 2]));
            },
            error: Incompatible::Version.into(),
            alert: Alert::PROTOCOL_VERSION,
        },
        Row {
            section: "4.1.2",
            name: "a compression method beside null",
            deviates: |evil| drop(evil.say_client_hello(|hello| hello.compression = vec![1, 0])),
            error: Misbehaved::LegacyField { field: "ClientHello.legacy_compression_methods" }.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.1.2",
            name: "no compression method",
            deviates: |evil| drop(evil.say_client_hello(|hello| hello.compression.clear())),
            error: decode("ClientHello", Fault::VectorLength),
            alert: Alert::DECODE_ERROR,
        },
        Row {
            section: "4.1.2",
            name: "a session id of 33 bytes",
            deviates: |evil| drop(evil.say_client_hello(|hello| hello.session_id.push(0))),
            error: decode("ClientHello", Fault::VectorLength),
            alert: Alert::DECODE_ERROR,
        },
        Row {
            section: "4.1.2",
            name: "no cipher suite",
            deviates: |evil| drop(evil.say_client_hello(|hello| hello.suites.clear())),
            error: decode("ClientHello", Fault::VectorLength),
            alert: Alert::DECODE_ERROR,
        },
        Row {
            section: "4.1.1",
            name: "no suite in common",
            deviates: |evil| drop(evil.say_client_hello(|hello| hello.suites = vec![0xc02f, 0x0a0a])),
            error: Incompatible::CipherSuite.into(),
            alert: Alert::HANDSHAKE_FAILURE,
        },
        Row {
            section: "4.1.1",
            name: "no group in common",
            deviates: |evil| {
                evil.say_client_hello(|hello| {
                    hello.set(SUPPORTED_GROUPS, &[0, 2, 0x01, 0x00]);
                    hello.set(KEY_SHARE, &[0, 0]);
                });
            },
            error: Incompatible::Group.into(),
            alert: Alert::HANDSHAKE_FAILURE,
        },
        Row {
            section: "4.4.2.2",
            name: "no signature scheme in common",
            deviates: |evil| {
                drop(evil.say_client_hello(|hello| hello.set(SIGNATURE_ALGORITHMS, &[0, 2, 8, 7])))
            },
            error: Incompatible::SignatureScheme.into(),
            alert: Alert::HANDSHAKE_FAILURE,
        },
        Row {
            section: "RFC 7301 3.2",
            name: "no application protocol in common",
            deviates: |evil| drop(evil.say_client_hello(|hello| hello.set(ALPN, b"\x00\x05\x04spdy"))),
            error: Incompatible::ApplicationProtocol.into(),
            alert: Alert::NO_APPLICATION_PROTOCOL,
        },
        Row {
            section: "RFC 7301 3.1",
            name: "an empty application protocol",
            deviates: |evil| drop(evil.say_client_hello(|hello| hello.set(ALPN, b"\x00\x04\x02h2\x00"))),
            error: decode("ALPN protocol list", Fault::VectorLength),
            alert: Alert::DECODE_ERROR,
        },
        Row {
            section: "9.2",
            name: "no signature_algorithms",
            deviates: |evil| drop(evil.say_client_hello(|hello| hello.remove(SIGNATURE_ALGORITHMS))),
            error: missing(ExtensionType::SIGNATURE_ALGORITHMS),
            alert: Alert::MISSING_EXTENSION,
        },
        Row {
            section: "9.2",
            name: "no supported_groups",
            deviates: |evil| drop(evil.say_client_hello(|hello| hello.remove(SUPPORTED_GROUPS))),
            error: missing(ExtensionType::SUPPORTED_GROUPS),
            alert: Alert::MISSING_EXTENSION,
        },
        Row {
            section: "9.2",
            name: "no key_share",
            deviates: |evil| drop(evil.say_client_hello(|hello| hello.remove(KEY_SHARE))),
            error: missing(ExtensionType::KEY_SHARE),
            alert: Alert::MISSING_EXTENSION,
        },
        Row {
            section: "4.2",
            name: "an extension twice",
            deviates: |evil| {
                evil.say_client_hello(|hello| hello.extensions.push((SUPPORTED_VERSIONS, vec![2, 3, 4])));
            },
            error: Misbehaved::DuplicateExtension { extension: ExtensionType::SUPPORTED_VERSIONS }.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.2",
            name: "an extension of CertificateRequest",
            deviates: |evil| drop(evil.say_client_hello(|hello| hello.set(48, b""))),
            error: Misbehaved::MisplacedExtension {
                extension: ExtensionType(48),
                message: HandshakeType::CLIENT_HELLO,
            }
            .into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.2.11",
            name: "pre_shared_key before the last place",
            deviates: |evil| {
                evil.say_client_hello(|hello| {
                    hello.set(PSK_KEY_EXCHANGE_MODES, &[1, 1]);
                    hello.set(PRE_SHARED_KEY, &psk());
                    hello.set(0x1234, b"");
                });
            },
            error: Misbehaved::MisplacedExtension {
                extension: ExtensionType::PRE_SHARED_KEY,
                message: HandshakeType::CLIENT_HELLO,
            }
            .into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.2.9",
            name: "pre_shared_key without psk_key_exchange_modes",
            deviates: |evil| drop(evil.say_client_hello(|hello| hello.set(PRE_SHARED_KEY, &psk()))),
            error: missing(ExtensionType::PSK_KEY_EXCHANGE_MODES),
            alert: Alert::MISSING_EXTENSION,
        },
        Row {
            section: "RFC 6066 3",
            name: "a server_name that is no host name",
            deviates: |evil| {
                drop(evil.say_client_hello(|hello| hello.set(SERVER_NAME, b"\x00\x06\x00\x00\x03a\xff.")))
            },
            error: Misbehaved::ServerName.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "RFC 6066 3",
            name: "two host names",
            deviates: |evil| {
                evil.say_client_hello(|hello| hello.set(SERVER_NAME, b"\x00\x08\x00\x00\x01a\x00\x00\x01b"));
            },
            error: Misbehaved::ServerName.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "5.1",
            name: "bytes behind ClientHello in its record",
            deviates: |evil| {
                let whole = [evil.client_hello(X25519).client_message(), vec![FINISHED]].concat();
                evil.say(&whole);
            },
            error: Misbehaved::NotAtMessageBoundary.into(),
            alert: Alert::UNEXPECTED_MESSAGE,
        },
        Row {
            section: "4",
            name: "a ClientHello of 16 MB",
            deviates: |evil| drop(evil.send_record(HANDSHAKE, &[CLIENT_HELLO, 0xff, 0xff, 0xff])),
            error: Limit::Scratch { needed: 0x100_0003, room: ferrule::REQUIRED_SCRATCH }.into(),
            alert: Alert::INTERNAL_ERROR,
        },
    ]);
}

#[test]
fn server_refuses_a_wrong_key_share() {
    server_refuses([
        Row {
            section: "4.2.8",
            name: "two shares of one group",
            deviates: |evil| {
                evil.say_client_hello(|hello| {
                    let both = [share(X25519, &[9; 32]), share(X25519, &[9; 32])].concat();
                    hello.set(KEY_SHARE, &vector(2, &both));
                });
            },
            error: Misbehaved::KeyShare { reason: "two shares for one group" }.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.2.8",
            name: "a share of a group that supported_groups does not list",
            deviates: |evil| drop(evil.say_client_hello(|hello| hello.set(SUPPORTED_GROUPS, &[0, 2, 0, 23]))),
            error: Misbehaved::KeyShare { reason: "a share for a group that is not in supported_groups" }
                .into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "7.4.2",
            name: "an x25519 share of zeros",
            deviates: |evil| {
                evil.say_client_hello(|hello| hello.set(KEY_SHARE, &vector(2, &share(X25519, &[0; 32]))));
            },
            error: CryptoError::InvalidKeyShare.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.2.8.2",
            name: "an x25519 share of 33 bytes",
            deviates: |evil| {
                evil.say_client_hello(|hello| hello.set(KEY_SHARE, &vector(2, &share(X25519, &[9; 33]))));
            },
            error: CryptoError::InvalidKeyShare.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.2.8.2",
            name: "a point that is not on P-256",
            deviates: |evil| {
                drop(evil.say_client_hello(|hello| hello.set(KEY_SHARE, &vector(2, &share(P256, &[4; 65])))))
            },
            error: CryptoError::InvalidKeyShare.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.2.8.2",
            name: "a compressed point",
            deviates: |evil| {
                drop(evil.say_client_hello(|hello| hello.set(KEY_SHARE, &vector(2, &share(P256, &[2; 33])))))
            },
            error: CryptoError::InvalidKeyShare.into(),
            alert: Alert::ILLEGAL_PARAMETER,
        },
        Row {
            section: "4.2.8",
            name: "an empty share",
            deviates: |evil| {
                drop(evil.say_client_hello(|hello| hello.set(KEY_SHARE, &vector(2, &share(X25519, &[])))))
            },
            error: decode("key_share", Fault::VectorLength),
            alert: Alert::DECODE_ERROR,
        },
    ]);
}

#[test]
fn server_tolerates_grease_and_unknown_values_everywhere() {
    let mut evil = EvilClient::client();
    evil.say_client_hello(|hello| {
        hello.suites.insert(0, 0x0a0a);
        hello.extensions.insert(0, (0x1a1a, vec![]));
        hello.set(SUPPORTED_GROUPS, &[0, 4, 0x2a, 0x2a, 0, 29]);
        hello.set(SUPPORTED_VERSIONS, &[6, 0x3a, 0x3a, 3, 4, 3, 3]);
        hello.set(SIGNATURE_ALGORITHMS, &[0, 4, 0x4a, 0x4a, 4, 3]);
        hello.set(ALPN, b"\x00\x06\x02\x5a\x5a\x02h2");
        let own = hello.find(KEY_SHARE).unwrap()[2..].to_vec();
        hello.set(KEY_SHARE, &vector(2, &[share(0x2a2a, &[0]), own].concat()));
        hello.extensions.push((0xfafa, vec![0]));
    });
    evil.say_finished();
    assert_eq!(evil.subject.error, None);
    assert_eq!(evil.subject.established.unwrap().alpn(), Some(&b"h2"[..]));
}

/// RFC 6066 §3 bounds names by what DNS allows; what people call their hosts is wider than what RFC 1123
/// allows, and literal addresses mean no name.
#[test]
fn server_takes_the_names_that_clients_really_send() {
    let rows: [(&str, Option<&str>); 6] = [
        ("server.test", Some("server.test")),
        ("SERVER.test", Some("server.test")),
        ("my_host.test", Some("my_host.test")),
        ("xn--bcher-kva.test", Some("xn--bcher-kva.test")),
        ("localhost", Some("localhost")),
        ("127.0.0.1", None),
    ];
    for (sent, seen) in rows {
        let mut evil = EvilClient::client();
        let name = [&[0][..], &vector(2, sent.as_bytes())].concat();
        evil.say_client_hello(|hello| hello.set(SERVER_NAME, &vector(2, &name))).say_finished();
        assert_eq!(evil.subject.error, None, "{sent}");
        let established = evil.subject.established.unwrap();
        let name = established.server_name().and_then(|name| name.as_dns());
        assert_eq!(name.map(str::to_ascii_lowercase).as_deref(), seen, "{sent}");
    }
}
