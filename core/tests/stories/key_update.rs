//! KeyUpdate (RFC 8446 §4.6.3), while data flows.

use crate::common::parties::*;
use ferrule::crypto::CipherSuite;

/// Streams `length` bytes both ways; `at_each` may meddle between pieces.
fn stream(
    client: &mut ClientEnd<'_>,
    server: &mut ServerEnd<'_>,
    length: usize,
    mut at_each: impl FnMut(usize, &mut ClientEnd<'_>, &mut ServerEnd<'_>),
) {
    let link = Link { window: 3000, output: 600, piece: 700, ..Link::default() };
    let data: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
    let (mut up, mut down) = (0, 0);
    for turn in 0.. {
        if up < length && down < length {
            at_each(turn, client, server);
        }
        let mut progress = client.drive(None, link) | server.drive(None, link);
        let (sent, answered) = (client.send(&data[up..], link), server.send(&data[down..], link));
        (up, down) = (up + sent, down + answered);
        progress |= sent > 0 || answered > 0;
        progress |= server.deliver(&mut client.wire, link) | client.deliver(&mut server.wire, link);
        if !progress {
            break;
        }
    }
    assert_eq!((&client.error, &server.error), (&None, &None));
    assert!(client.received == data && server.received == data);
}

fn established(suite: CipherSuite, story: impl FnOnce(ClientEnd<'_>, ServerEnd<'_>)) {
    let suites = [suite];
    let setup = Setup { suites: [&suites; 2], ..Setup::default() };
    with_setup(&Identity::new(KeyKind::P256), setup, story);
}

#[test]
fn either_side_updates_while_data_flows() {
    for suite in ferrule::config::DEFAULT_CIPHER_SUITES {
        established(*suite, |mut client, mut server| {
            stream(&mut client, &mut server, 60_000, |turn, client, server| match turn % 4 {
                1 => client.established.as_mut().unwrap().update_keys(),
                3 => server.established.as_mut().unwrap().update_keys(),
                _ => {}
            });
        });
    }
}

#[test]
fn both_sides_update_at_the_same_time() {
    established(CipherSuite::TLS_AES_128_GCM_SHA256, |mut client, mut server| {
        stream(&mut client, &mut server, 60_000, |turn, client, server| {
            if turn % 3 == 0 {
                client.established.as_mut().unwrap().update_keys();
                server.established.as_mut().unwrap().update_keys();
            }
        });
    });
}

#[test]
fn an_update_without_any_data_is_answered_once_and_the_answer_is_not() {
    established(CipherSuite::TLS_AES_256_GCM_SHA384, |mut client, mut server| {
        let before = (client.written.len(), server.written.len());
        client.established.as_mut().unwrap().update_keys();
        let link = Link::default();
        while client.drive(None, link)
            | server.deliver(&mut client.wire, link)
            | server.drive(None, link)
            | client.deliver(&mut server.wire, link)
        {}
        // One record each: 5 bytes of header, 5 of message, type, tag.
        assert_eq!(client.written.len() - before.0, 27);
        assert_eq!(server.written.len() - before.1, 27);
        stream(&mut client, &mut server, 1000, |_, _, _| {});
    });
}

/// Each answer is a KeyUpdate without data: one that was asked for is no flood.
#[test]
fn a_side_that_only_listens_may_answer_any_number_of_updates() {
    established(CipherSuite::TLS_AES_128_GCM_SHA256, |mut client, mut server| {
        let link = Link::default();
        for turn in 0..100 {
            client.established.as_mut().unwrap().update_keys();
            client.drive(None, link);
            client.send(b"upload", link);
            while server.deliver(&mut client.wire, link)
                | server.drive(None, link)
                | client.deliver(&mut server.wire, link)
                | client.drive(None, link)
            {}
            assert_eq!((&client.error, &server.error), (&None, &None), "turn {turn}");
        }
    });
}

#[test]
fn requests_that_nobody_had_time_to_answer_get_one_answer() {
    established(CipherSuite::TLS_AES_128_GCM_SHA256, |mut client, mut server| {
        let open = Link::default();
        let before = server.written.len();
        for _ in 0..5 {
            client.established.as_mut().unwrap().update_keys();
            client.drive(None, open);
            while server.deliver(&mut client.wire, open) | server.drive(None, Link { window: 0, ..open }) {}
        }
        server.drive(None, open);
        assert_eq!(server.written.len() - before, 27);
        stream(&mut client, &mut server, 1000, |_, _, _| {});
    });
}
