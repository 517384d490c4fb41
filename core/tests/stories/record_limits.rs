//! Small windows: record_size_limit (RFC 8449).

use crate::common::parties::*;
use ferrule::AlertDescription;
use ferrule::error::{Misbehaved, Misuse};
use ferrule::record::{Buffer, MAX_PLAINTEXT, window_for};
use ferrule::{ClientConfig, Connection, Error, Received};

const PROTECTED: u8 = 23;
/// What a tag adds to an inner plaintext.
const TAG: usize = 16;

/// The longest protected fragment among these records.
fn longest(mut records: &[u8]) -> usize {
    let mut longest = 0;
    while let [kind, _, _, high, low, rest @ ..] = records {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        if *kind == PROTECTED {
            longest = longest.max(length);
        }
        records = &rest[length..];
    }
    longest
}

fn send_both_ways(client: &mut ClientEnd<'_>, server: &mut ServerEnd<'_>, data: &[u8], link: Link) {
    client.send(data, link);
    while server.deliver(&mut client.wire, link) {
        server.drive(None, link);
    }
    server.send(data, link);
    while client.deliver(&mut server.wire, link) {
        client.drive(None, link);
    }
    assert_eq!((&client.error, &server.error), (&None, &None));
    assert!(server.received == data && client.received == data);
}

#[test]
fn no_protected_record_is_longer_than_the_other_side_takes() {
    let identity = Identity::new(KeyKind::P256);
    let data: Vec<u8> = (0..40_000u32).map(|number| number as u8).collect();
    let whole = MAX_PLAINTEXT as u16 + 1;
    // The client's limit, the server's, and the longest inner plaintext that each may send.
    for (limits, [client_sends, server_sends]) in [
        ([None, None], [whole, whole]),
        // Who does not offer it is not bound.
        ([None, Some(64)], [whole, whole]),
        ([Some(64), None], [whole, 64]),
        ([Some(512), Some(1024)], [1024, 512]),
        ([Some(whole), Some(64)], [64, whole]),
    ] {
        for fragment in [usize::MAX, 33] {
            let link = Link { fragment, ..Link::default() };
            let setup = Setup { limits, link, ..Setup::default() };
            with_setup(&identity, setup, |mut client, mut server| {
                send_both_ways(&mut client, &mut server, &data, link);
                for (end, limit) in [(&client.written, client_sends), (&server.written, server_sends)] {
                    // Data fills records to the last byte that is allowed.
                    assert_eq!(longest(end), usize::from(limit) + TAG, "{limits:?}");
                }
            });
        }
    }
}

#[test]
fn a_client_with_a_window_of_its_limit_can_do_without_a_larger_one() {
    let identity = Identity::new(KeyKind::P256);
    for limit in [256, 512, 1000, 4096] {
        let link = Link { piece: 7, ..Link::default() };
        let setup = Setup { limits: [Some(limit), None], link, ..Setup::default() };
        let (mut client, mut server) =
            pair(&identity, verifier(&identity), setup, (provider(1), provider(2)));
        client.incoming = Buffer::new(vec![0; window_for(limit)]);
        run(&mut client, &mut server, &identity.key, link);
        assert!(client.established.is_some(), "{limit}: {:?}", client.error);
        send_both_ways(&mut client, &mut server, &[9; 9000], link);
    }
}

#[test]
fn a_record_beyond_the_limit_is_refused_with_the_numbers() {
    let identity = Identity::new(KeyKind::P256);
    let config = ClientConfig { record_size_limit: Some(512), ..ClientConfig::new(verifier(&identity)) };
    let mut client = client(&config, provider(1));
    client.work().unwrap();
    while client.want().owes_output {
        let _hello = client.write_record(&mut [0; 1024]).unwrap();
    }
    // Its header is enough to know.
    let mut header = [PROTECTED, 3, 3, 0x02, 0x11];
    let overflow = Error::Misbehaved(Misbehaved::RecordOverflow { length: 529, limit: 528 });
    assert_eq!(client.read_record(&mut header).unwrap_err(), overflow);
    assert_eq!(overflow.alert(), Some(AlertDescription::RECORD_OVERFLOW));
    // One byte less might be lawful.
    let config = ClientConfig { record_size_limit: Some(513), ..config };
    let mut client = crate::common::parties::client(&config, provider(1));
    client.work().unwrap();
    while client.want().owes_output {
        let _hello = client.write_record(&mut [0; 1024]).unwrap();
    }
    assert!(matches!(client.read_record(&mut header), Ok(Received { consumed: 0, .. })));
}

#[test]
fn a_limit_that_rfc_8449_does_not_have_is_misuse() {
    let identity = Identity::new(KeyKind::P256);
    for limit in [0, 63, 16_386, u16::MAX] {
        let config =
            ClientConfig { record_size_limit: Some(limit), ..ClientConfig::new(verifier(&identity)) };
        let name = ferrule::certificate::ServerName::parse(HOST).unwrap();
        let refused = Connection::client(&config, provider(1), vec![0; 5120], name, NOW).err();
        assert_eq!(refused, Some(Error::Misuse(Misuse::RecordSizeLimit(limit))));
    }
}
