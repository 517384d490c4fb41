//! What both sides agree on.

use crate::common::parties::*;
use ferrule::crypto::{CipherSuite, NamedGroup};
use ferrule::error::{Incompatible, Misbehaved, Misuse};
use ferrule::{AlertDescription, Error, ProtocolVersion};

const SUITES: [CipherSuite; 3] = [
    CipherSuite::TLS_AES_128_GCM_SHA256,
    CipherSuite::TLS_AES_256_GCM_SHA384,
    CipherSuite::TLS_CHACHA20_POLY1305_SHA256,
];
const GROUPS: [NamedGroup; 2] = [NamedGroup::X25519, NamedGroup::SECP256R1];

/// Data both ways, over ends that are established.
pub(crate) fn ping_pong(client: &mut ClientEnd<'_>, server: &mut ServerEnd<'_>) {
    let link = Link::default();
    client.send(b"ping", link);
    server.deliver(&mut client.wire, link);
    server.drive(None, link);
    assert_eq!(server.received, b"ping");
    server.send(b"pong", link);
    client.deliver(&mut server.wire, link);
    client.drive(None, link);
    assert_eq!(client.received, b"pong");
}

#[test]
fn every_suite_with_every_group_and_every_kind_of_key() {
    for kind in KEY_KINDS {
        let identity = Identity::new(kind);
        for suite in SUITES {
            for group in GROUPS {
                let setup =
                    Setup { suites: [&[suite], &SUITES], groups: [&[group], &GROUPS], ..Setup::default() };
                with_setup(&identity, setup, |mut client, mut server| {
                    ping_pong(&mut client, &mut server);
                    let (client, server) = (client.established.unwrap(), server.established.unwrap());
                    let negotiated = client.negotiated();
                    assert_eq!(negotiated, server.negotiated());
                    assert_eq!(negotiated.version, ProtocolVersion::Tls13);
                    assert_eq!((negotiated.cipher_suite, negotiated.group), (suite, group), "{kind:?}");
                    assert_eq!(negotiated.signature_scheme, identity.key.schemes()[0], "{kind:?}");
                    assert!(!negotiated.hello_retry_request);
                    assert_eq!(client.server_name().and_then(|name| name.as_dns()), Some(HOST));
                    assert_eq!(server.server_name().and_then(|name| name.as_dns()), Some(HOST));
                });
            }
        }
    }
}

#[test]
fn the_servers_order_decides_on_the_suite() {
    let identity = Identity::new(KeyKind::P256);
    let reverse: Vec<CipherSuite> = SUITES.into_iter().rev().collect();
    let setup = Setup { suites: [&SUITES, &reverse], ..Setup::default() };
    with_setup(&identity, setup, |client, _| {
        assert_eq!(client.established.unwrap().negotiated().cipher_suite, reverse[0]);
    });
}

#[test]
fn a_group_that_the_server_lacks_costs_one_retry_and_one_more_key_share() {
    let identity = Identity::new(KeyKind::P256);
    // A share, the shared secret, two links of the chain, CertificateVerify; the server: share and secret.
    for (server_groups, retried, works) in [(&GROUPS[..], false, 5), (&GROUPS[1..], true, 6)] {
        for suite in SUITES {
            let suites = [suite];
            let setup = Setup { suites: [&suites; 2], groups: [&GROUPS, server_groups], ..Setup::default() };
            with_setup(&identity, setup, |mut client, mut server| {
                ping_pong(&mut client, &mut server);
                assert_eq!((client.works, server.works), (works, 2));
                let (client, server) = (client.established.unwrap(), server.established.unwrap());
                assert_eq!(client.negotiated(), server.negotiated());
                assert_eq!(client.negotiated().hello_retry_request, retried);
                assert_eq!(client.negotiated().group, server_groups[0]);
            });
        }
    }
}

#[test]
fn a_share_that_is_there_is_worth_more_than_the_servers_order() {
    let identity = Identity::new(KeyKind::P256);
    let setup = Setup { groups: [&GROUPS, &[NamedGroup::SECP256R1, NamedGroup::X25519]], ..Setup::default() };
    with_setup(&identity, setup, |client, _| {
        let established = client.established.unwrap();
        assert_eq!(established.negotiated().group, NamedGroup::X25519);
        assert!(!established.negotiated().hello_retry_request);
    });
}

#[test]
fn application_protocols_are_agreed_on_in_the_servers_order() {
    let identity = Identity::new(KeyKind::P256);
    let both: &[&[u8]] = &[b"http/1.1", b"h2"];
    let rows: [(&[&[u8]], &[&[u8]], Option<&[u8]>); 5] = [
        (both, &[b"h2", b"http/1.1"], Some(b"h2")),
        (both, &[b"h3", b"http/1.1"], Some(b"http/1.1")),
        (both, &[], None),
        (&[], both, None),
        (
            &[b"0123456789abcdef0123456789abcdef"],
            &[b"0123456789abcdef0123456789abcdef"],
            Some(b"0123456789abcdef0123456789abcdef"),
        ),
    ];
    for (client, server, agreed) in rows {
        with_setup(&identity, Setup { protocols: [client, server], ..Setup::default() }, |client, server| {
            assert_eq!(client.established.unwrap().alpn(), agreed);
            assert_eq!(server.established.unwrap().alpn(), agreed);
        });
    }
}

/// The errors of both sides of a handshake that fails.
fn errors(identity: &Identity, setup: Setup<'_>) -> (Option<Error>, Option<Error>) {
    let (client, server) = run_pair(identity, verifier(identity), setup, (provider(1), provider(2)));
    assert!(client.established.is_none() && server.established.is_none());
    (client.error, server.error)
}

#[test]
fn nothing_in_common_is_told_to_both_sides() {
    let identity = Identity::new(KeyKind::P256);
    let alert = |alert| Some(Error::AlertReceived(alert));
    let setup = Setup { protocols: [&[b"h2"], &[b"http/1.1"]], ..Setup::default() };
    let expected =
        (alert(AlertDescription::NO_APPLICATION_PROTOCOL), Some(Incompatible::ApplicationProtocol.into()));
    assert_eq!(errors(&identity, setup), expected);
    let setup = Setup { suites: [&SUITES[..1], &SUITES[1..]], ..Setup::default() };
    let expected = (alert(AlertDescription::HANDSHAKE_FAILURE), Some(Incompatible::CipherSuite.into()));
    assert_eq!(errors(&identity, setup), expected);
    let setup = Setup { groups: [&GROUPS[..1], &GROUPS[1..]], ..Setup::default() };
    let expected = (alert(AlertDescription::HANDSHAKE_FAILURE), Some(Incompatible::Group.into()));
    assert_eq!(errors(&identity, setup), expected);
}

#[test]
fn an_authority_that_is_not_trusted_is_told_to_the_server() {
    let (identity, stranger) = (Identity::new(KeyKind::P256), Identity::new(KeyKind::P256));
    let providers = (provider(1), provider(2));
    let (client, server) = run_pair(&identity, verifier(&stranger), Setup::default(), providers);
    let error = client.error.unwrap();
    assert!(matches!(error, Error::Certificate(_)), "{error:?}");
    // Both roots have the same name: the key is tried, and does not fit.
    assert_eq!(server.error, error.alert().map(Error::AlertReceived));
    assert!(client.established.is_none() && server.established.is_none());
}

#[test]
fn exported_keying_material_is_the_same_on_both_sides_and_nowhere_else() {
    let identity = Identity::new(KeyKind::P256);
    for suite in SUITES {
        with_setup(&identity, Setup { suites: [&[suite]; 2], ..Setup::default() }, |client, server| {
            let (mut client, mut server) = (client.established.unwrap(), server.established.unwrap());
            let mut seen = Vec::new();
            for (label, context) in
                [(&b"EXPORTER-a"[..], &b""[..]), (b"EXPORTER-b", b""), (b"EXPORTER-a", b"context")]
            {
                for length in [1, 31, 32, 33, 48, 49, 1000] {
                    let (mut ours, mut theirs) = (vec![0; length], vec![1; length]);
                    client.export(label, context, &mut ours).unwrap();
                    server.export(label, context, &mut theirs).unwrap();
                    assert_eq!(ours, theirs);
                    if length > 1 {
                        assert!(
                            !seen.contains(&ours[..31].to_vec()),
                            "lengths, labels and contexts all matter"
                        );
                        seen.push(ours[..31].to_vec());
                    }
                }
            }
            let misuse = Err(Error::Misuse(Misuse::Export));
            assert_eq!(client.export(&[b'a'; 250], b"", &mut [0]), misuse);
            let longest = 255 * suite.hash().unwrap().length();
            assert_eq!(client.export(b"a", b"", &mut vec![0; longest + 1]), misuse);
            assert_eq!(client.export(&[b'a'; 249], b"", &mut vec![0; longest]), Ok(()));
            assert_eq!(client.failure(), None);
        });
    }
}

#[test]
fn a_signer_that_refuses_ends_the_handshake_with_its_alert() {
    let identity = Identity::new(KeyKind::P256);
    let providers = (provider(1), provider(2));
    let (mut client, mut server) = pair(&identity, verifier(&identity), Setup::default(), providers);
    let link = Link::default();
    client.drive(None, link);
    server.deliver(&mut client.wire, link);
    let connection = server.connection.as_mut().unwrap();
    let mut taken = 0;
    while connection.want().ask.is_none() {
        if connection.want().work {
            connection.work().unwrap();
        } else if connection.want().owes_output {
            let mut out = [0; 512];
            let length = connection.write_record(&mut out).unwrap();
            server.wire.extend(&out[..length]);
        } else {
            taken = connection.read_record(server.incoming.filled_mut()).unwrap().consumed;
        }
    }
    assert!(taken > 0);
    // A signature that is too long is the signer's mistake: it may answer again.
    let long = [0; ferrule::limits::MAX_SIGNATURE + 1];
    assert_eq!(
        connection.answer(ferrule::Answer::Signature(&long)),
        Err(Error::Misuse(Misuse::SignatureLength(long.len())))
    );
    assert!(connection.want().ask.is_some());
    assert_eq!(connection.work(), Err(Error::Misuse(Misuse::NoWork)));
    connection.answer(ferrule::Answer::Refuse(AlertDescription::INTERNAL_ERROR)).unwrap();
    assert!(connection.want().ask.is_none());
    assert_eq!(connection.failure(), Some(Error::Aborted(AlertDescription::INTERNAL_ERROR)));
    let answer = connection.answer(ferrule::Answer::Signature(&[]));
    assert_eq!(answer, Err(Error::Misuse(Misuse::UnaskedAnswer)));
    // The alert is the first record with protection, so ChangeCipherSpec goes ahead of it.
    for content_type in [20, 23] {
        let mut out = [0; 512];
        let length = connection.write_record(&mut out).unwrap();
        assert_eq!(out[0], content_type);
        server.wire.extend(&out[..length]);
    }
    assert!(connection.want().closed);
    while client.deliver(&mut server.wire, link) | client.drive(None, link) {}
    assert_eq!(client.error, Some(Error::AlertReceived(AlertDescription::INTERNAL_ERROR)));
}

#[test]
fn a_signature_by_another_key_is_refused() {
    let (identity, other) = (Identity::new(KeyKind::P256), Identity::new(KeyKind::P256));
    let impostor = Identity { key: other.key, ..identity };
    let (client, server) = errors(&impostor, Setup::default());
    assert_eq!(client, Some(Misbehaved::BadHandshakeSignature.into()));
    assert_eq!(server, Some(Error::AlertReceived(AlertDescription::DECRYPT_ERROR)));
}
