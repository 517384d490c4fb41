//! Links that cut, delay and narrow; what is written does not depend on them.

use crate::common::parties::*;
use ferrule::Error;
use ferrule::crypto::NamedGroup;
use ferrule::error::Misuse;
use ferrule::record::MIN_OUTPUT;

const RETRY: [&[NamedGroup]; 2] = [&[NamedGroup::X25519, NamedGroup::SECP256R1], &[NamedGroup::SECP256R1]];
const USUAL: [&[NamedGroup]; 2] = [&[NamedGroup::X25519]; 2];

#[test]
fn hellos_cut_into_fragments_of_any_size() {
    for groups in [USUAL, RETRY] {
        for fragment in 1..300 {
            let link = Link { fragment, ..Link::default() };
            with_null(Setup { groups, link, ..Setup::default() }, |_, _| {});
        }
    }
}

#[test]
fn output_buffers_of_any_size_from_the_smallest_on() {
    for groups in [USUAL, RETRY] {
        for output in (MIN_OUTPUT..200).chain([255, 256, 257, 511, 512, 1000, 1500]) {
            let link = Link { output, ..Link::default() };
            with_null(Setup { groups, link, ..Setup::default() }, |mut client, mut server| {
                let data = [b'x'; 1000];
                client.send(&data, link);
                while server.deliver(&mut client.wire, link) | server.drive(None, link) {}
                assert_eq!(server.received, data, "{output}");
            });
        }
    }
}

#[test]
fn bytes_that_come_one_at_a_time_or_in_any_other_pieces() {
    for groups in [USUAL, RETRY] {
        for piece in (1..70).chain([100, 333, 1000]) {
            for output in [MIN_OUTPUT, 512] {
                let link = Link { piece, output, ..Link::default() };
                with_null(Setup { groups, link, ..Setup::default() }, |_, _| {});
            }
        }
    }
    // With keys and a chain that count.
    for kind in KEY_KINDS {
        with_established(
            &Identity::new(kind),
            Link { piece: 1, output: MIN_OUTPUT, ..Link::default() },
            |_, _| {},
        );
    }
}

/// Each side's bytes, delivered in two parts at every point of the whole handshake.
#[test]
fn the_stream_cut_once_at_every_byte() {
    for groups in [USUAL, RETRY] {
        let mut lengths = (0, 0);
        with_null(Setup { groups, ..Setup::default() }, |client, server| {
            lengths = (client.written.len(), server.written.len());
        });
        assert!(lengths.0 > 200 && lengths.1 > 500);
        for cut in 1..lengths.0.max(lengths.1) {
            cut_once(groups, cut);
        }
    }
}

fn cut_once(groups: [&[NamedGroup]; 2], cut: usize) {
    let (mut client, mut server) = null_pair(Setup { groups, ..Setup::default() });
    let link = Link::default();
    let mut passed = (0usize, 0usize);
    loop {
        let mut progress = client.drive(None, link);
        progress |= up_to(&mut server, &mut client.wire, &mut passed.0, cut);
        progress |= server.drive(Some(&Key::Null), link);
        progress |= up_to(&mut client, &mut server.wire, &mut passed.1, cut);
        if !progress {
            break;
        }
    }
    assert_eq!((&client.error, &server.error), (&None, &None), "cut at {cut}");
    assert!(client.established.is_some() && server.established.is_some(), "cut at {cut}");
}

/// Delivers up to the cut, then the rest.
fn up_to<H: ferrule::Handshake>(
    end: &mut End<H>,
    wire: &mut std::collections::VecDeque<u8>,
    passed: &mut usize,
    cut: usize,
) -> bool {
    let before = wire.len();
    let piece = if *passed < cut { cut - *passed } else { usize::MAX };
    let progress = end.deliver(wire, Link { piece, ..Link::default() });
    *passed += before - wire.len();
    progress
}

#[test]
fn windows_as_narrow_as_one_record() {
    for groups in [USUAL, RETRY] {
        for window in [1, 64, 100, 1000] {
            let link = Link { window, output: MIN_OUTPUT, ..Link::default() };
            with_null(Setup { groups, link, ..Setup::default() }, |_, _| {});
            let link = Link { window, ..Link::default() };
            with_null(Setup { groups, link, ..Setup::default() }, |_, _| {});
        }
    }
}

#[test]
fn both_windows_full_at_once_and_nobody_waits_for_ever() {
    const LENGTH: usize = 1 << 20;
    let data: Vec<u8> = (0..LENGTH).map(|at| (at % 251) as u8).collect();
    let link = Link { window: 1000, output: 600, ..Link::default() };
    with_null(Setup { link, ..Setup::default() }, |mut client, mut server| {
        let (mut up, mut down) = (0, 0);
        loop {
            let mut progress = client.drive(None, link) | server.drive(None, link);
            let sent = client.send(&data[up..], link);
            up += sent;
            let answered = server.send(&data[down..], link);
            down += answered;
            progress |= sent > 0 || answered > 0;
            // Both windows are full now, unless all is sent.
            assert!(up == LENGTH || client.wire.len() >= link.window);
            progress |= server.deliver(&mut client.wire, link);
            progress |= client.deliver(&mut server.wire, link);
            if !progress {
                break;
            }
        }
        assert!(client.received == data && server.received == data);
    });
}

#[test]
fn the_same_seeds_write_the_same_bytes_however_they_are_delivered() {
    for groups in [USUAL, RETRY] {
        let identity = Identity::new(KeyKind::P256);
        let mut first = None;
        for piece in [usize::MAX, 1, 7, 100] {
            let link = Link { piece, ..Link::default() };
            with_setup(&identity, Setup { groups, link, ..Setup::default() }, |mut client, mut server| {
                crate::stories::negotiation::ping_pong(&mut client, &mut server);
                let written = (client.written, server.written);
                assert!(*first.get_or_insert_with(|| written.clone()) == written, "pieces of {piece}");
            });
        }
    }
}

/// The server's whole flight in one record, where the signature is there before anything is written.
#[test]
fn a_flight_that_shares_one_record() {
    let narrow = Link { window: 1, ..Link::default() };
    let identity = Identity::new(KeyKind::P256);
    let providers = (provider(1), provider(2));
    let (mut client, mut server) = pair(&identity, verifier(&identity), Setup::default(), providers);
    client.drive(None, Link::default());
    server.deliver(&mut client.wire, Link::default());
    // ServerHello fills the window; the signature is given meanwhile.
    server.drive(Some(&identity.key), narrow);
    let hello = server.written.len();
    server.drive(Some(&identity.key), Link::default());
    let flight = &server.written[hello..];
    let (dummy, record) = flight.split_at(6);
    assert_eq!(dummy, [20, 3, 3, 0, 1, 1]);
    assert_eq!(record.len(), 5 + usize::from(u16::from_be_bytes([record[3], record[4]])), "one record");
    run(&mut client, &mut server, &identity.key, Link::default());
    assert!(client.established.is_some() && server.established.is_some());
}

#[test]
fn an_output_buffer_that_is_too_small_changes_nothing() {
    let identity = Identity::new(KeyKind::P256);
    let (client, _) = pair(&identity, verifier(&identity), Setup::default(), (provider(1), provider(2)));
    let mut connection = client.connection.unwrap();
    connection.work().unwrap();
    for room in 0..MIN_OUTPUT {
        let refused = connection.write_record(&mut vec![0; room]);
        assert_eq!(refused, Err(Error::Misuse(Misuse::OutputTooSmall { needed: MIN_OUTPUT, room })));
        assert!(connection.want().owes_output && connection.failure().is_none());
    }
    assert_eq!(connection.write_record(&mut [0; MIN_OUTPUT]), Ok(MIN_OUTPUT));

    with_established(&identity, Link::default(), |client, _| {
        let mut established = client.established.unwrap();
        let small = Err(Error::Misuse(Misuse::OutputTooSmall { needed: MIN_OUTPUT, room: MIN_OUTPUT - 1 }));
        assert_eq!(established.write_data(b"x", &mut [0; MIN_OUTPUT - 1]).map(|_| ()), small);
        established.update_keys();
        assert_eq!(established.write_record(&mut [0; MIN_OUTPUT - 1]).map(|_| ()), small);
        assert!(established.want().owes_output);
        assert!(established.write_record(&mut [0; MIN_OUTPUT]).unwrap() > 0);
        established.close();
        assert_eq!(established.write_record(&mut [0; MIN_OUTPUT - 1]).map(|_| ()), small);
        assert!(established.write_record(&mut [0; MIN_OUTPUT]).unwrap() > 0);
        assert!(!established.want().owes_output && established.failure().is_none());
    });
}

/// The client may answer HelloRetryRequest while the server still owes the ChangeCipherSpec behind it.
#[test]
fn a_second_client_hello_that_overtakes_change_cipher_spec() {
    let (mut client, mut server) = null_pair(Setup { groups: RETRY, ..Setup::default() });
    let (open, narrow, shut) =
        (Link::default(), Link { window: 1, ..Link::default() }, Link { window: 0, ..Link::default() });
    client.drive(None, open);
    server.deliver(&mut client.wire, open);
    server.drive(None, narrow);
    assert!(server.connection.as_ref().unwrap().want().owes_output, "ChangeCipherSpec is owed");
    client.deliver(&mut server.wire, open);
    client.drive(None, open);
    server.deliver(&mut client.wire, open);
    server.drive(None, shut);
    run(&mut client, &mut server, &Key::Null, open);
    assert_eq!((&client.error, &server.error), (&None, &None));
    assert!(client.established.is_some() && server.established.is_some());
    // It left all the same, and once.
    let (mut records, mut dummies) = (&server.written[..], 0);
    while let [content_type, _, _, high, low, ..] = *records {
        dummies += usize::from(content_type == 20);
        records = &records[5 + usize::from(u16::from_be_bytes([high, low]))..];
    }
    assert_eq!(dummies, 1);
}
