#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::panic)]

extern crate std;
use super::*;
use crate::crypto::software::{self, Provider};
use crate::crypto::{CipherSuite, CryptoError, Random};
use crate::record::Protection;
use std::vec::Vec;

struct NoRandom;

impl Random for NoRandom {
    fn fill(&mut self, _: &mut [u8]) -> Result<(), CryptoError> {
        Err(CryptoError::NoRandomness)
    }
}

type Side = Established<Provider<NoRandom>>;

/// An established client and server, of made-up traffic secrets.
fn pair(suite: CipherSuite) -> (Side, Side) {
    let secret = |byte| {
        let mut secret = Secret::empty();
        secret.set(&std::vec![byte; suite.hash().unwrap().length()]).unwrap();
        secret
    };
    let side = |role, reading, writing| {
        let mut context = Context::new(software::provider(NoRandom), None);
        context.negotiated.cipher_suite = suite;
        let (reading, writing) = (secret(reading), secret(writing));
        let mut wire = Wire::new();
        Protection::install(wire.inbound.records.slot(), &mut context.provider, suite, &reading).unwrap();
        Protection::install(wire.outbound.records.slot(), &mut context.provider, suite, &writing).unwrap();
        Established::new(context, wire, role)
    };
    (side(Role::Client, 1, 2), side(Role::Server, 2, 1))
}

/// Ages the client's writing key, and the server's of the same direction with it.
fn wear_out(client: &mut Side, server: &mut Side) {
    client.wear_out_writing_key();
    server.reader.inbound.records.protection_mut().unwrap().wear_out();
}

fn read(side: &mut Side, record: &mut [u8]) -> Vec<u8> {
    let whole = record.len();
    let received = side.read_record(record).unwrap();
    assert_eq!(received.consumed, whole);
    if let Event::ApplicationData(data) = received.event { data.to_vec() } else { Vec::new() }
}

const SUITES: [CipherSuite; 3] = [
    CipherSuite::TLS_AES_128_GCM_SHA256,
    CipherSuite::TLS_AES_256_GCM_SHA384,
    CipherSuite::TLS_CHACHA20_POLY1305_SHA256,
];

/// RFC 8446 §5.5, which RFC 9846 made a MUST.
#[test]
fn a_worn_key_is_replaced_before_anything_else_is_written_under_it() {
    for suite in SUITES {
        let (mut client, mut server) = pair(suite);
        assert!(!client.want().owes_output);
        wear_out(&mut client, &mut server);
        assert!(client.want().owes_output, "nobody has to ask for it");
        let mut out = [0; 200];
        let sent = client.write_data(b"data", &mut out).unwrap();
        assert_eq!((sent.taken, sent.written), (0, 27), "KeyUpdate goes first");
        assert!(read(&mut server, &mut out[..sent.written]).is_empty());
        // It asks for nothing in return: the peer's key is as good as new.
        assert!(!client.want().owes_output && !server.want().owes_output);
        let sent = client.write_data(b"data", &mut out).unwrap();
        assert_eq!(sent.taken, 4);
        assert_eq!(read(&mut server, &mut out[..sent.written]), b"data");
    }
}

#[test]
fn a_worn_key_is_replaced_by_write_record_too_and_by_the_writing_half() {
    for suite in SUITES {
        let (mut client, mut server) = pair(suite);
        wear_out(&mut client, &mut server);
        let mut out = [0; 200];
        let written = client.write_record(&mut out).unwrap();
        assert!(read(&mut server, &mut out[..written]).is_empty());
        wear_out(&mut client, &mut server);
        let (_, mut writer) = client.split(software::provider(NoRandom));
        assert!(writer.owes_output());
        let sent = writer.write_data(b"data", &mut out).unwrap();
        assert_eq!(sent.taken, 0);
        assert!(read(&mut server, &mut out[..sent.written]).is_empty());
        let sent = writer.write_data(b"data", &mut out).unwrap();
        assert_eq!(read(&mut server, &mut out[..sent.written]), b"data");
    }
}

#[test]
fn a_request_of_the_application_serves_a_worn_key_as_well() {
    let (mut client, mut server) = pair(SUITES[0]);
    wear_out(&mut client, &mut server);
    client.update_keys();
    let mut out = [0; 200];
    let written = client.write_record(&mut out).unwrap();
    assert!(read(&mut server, &mut out[..written]).is_empty());
    assert!(!client.want().owes_output && server.want().owes_output, "the one KeyUpdate asked for an answer");
}

#[test]
fn a_worn_key_still_protects_the_end() {
    let (mut client, mut server) = pair(SUITES[0]);
    wear_out(&mut client, &mut server);
    client.close();
    let mut out = [0; 200];
    let written = client.write_record(&mut out).unwrap();
    let closed = server.read_record(&mut out[..written]).unwrap();
    assert!(matches!(closed.event, Event::PeerClosed));
    assert!(!client.want().owes_output, "no KeyUpdate behind the end");
}
