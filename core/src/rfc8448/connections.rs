//! Our connections over the traces, as far as they go.
//!
//! Our server answers the ClientHellos with the trace's very records up to ServerHello; its
//! EncryptedExtensions have other extensions, so the transcripts part there. Our client would refuse the
//! trace's server: it has not offered record_size_limit, which the EncryptedExtensions carry, and an
//! RSA key of 1,024 bits is too small for it. From the server's Finished on it is the trace's client, to
//! the last byte.

use super::*;
use crate::calling::Event;
use crate::certificate::ServerName;
use crate::certificate::dangerous::NoVerification;
use crate::connection::Connection;
use crate::crypto::{KeyExchanges, SignatureScheme};
use crate::handshake::context::{Context, Wire};
use crate::handshake::flight::Flight;
use crate::{ClientConfig, Credential, ServerConfig};
use std::vec;

#[test]
fn our_server_answers_with_the_records_of_the_trace() {
    let trace = Trace::simple();
    let pair = trace.step("{server}  create an ephemeral x25519");
    let hello = trace.message("server", "ServerHello", 0);
    // In the order in which we ask: the private key, then ServerHello.random.
    let script = Script([pair.get("private key"), &hello[6..38]].concat());
    let chain: [&[u8]; 1] = [b"not reached"];
    let credentials = [Credential::new(&chain, &[SignatureScheme::RSA_PSS_RSAE_SHA256])];
    let config = ServerConfig::new(&credentials);
    let mut server = Connection::server(&config, software::provider(script), vec![0; 4096]).unwrap();
    let mut record = trace.step("{client}  send handshake record").get("complete record").to_vec();
    let whole = record.len();
    assert_eq!(server.read_record(&mut record).unwrap().consumed, whole);
    server.work().unwrap();
    server.work().unwrap();
    let mut out = [0; 512];
    let length = server.write_record(&mut out).unwrap();
    assert_eq!(&out[..length], trace.step("{server}  send handshake record").get("complete record"));
}

#[test]
fn the_key_exchange_on_p256_of_the_retry_trace() {
    let trace = Trace::retry();
    let pair = trace.step("{server}  create an ephemeral P-256");
    let mut random = software::provider(Script(pair.get("private key").to_vec()));
    let mut share = [0; 97];
    let (private, length) =
        random.key_exchanges.start(NamedGroup::SECP256R1, &mut random.random, &mut share).unwrap();
    assert_eq!(&share[..length], pair.get("public key"));
    let mut shared = Secret::empty();
    let client = trace.step("{client}  create an ephemeral P-256").get("public key");
    random.key_exchanges.finish(&private, client, &mut shared).unwrap();
    assert_eq!(shared.expose(), trace.step("{server}  extract secret \"handshake\"").get("IKM"));
}

#[test]
fn from_finished_on_our_client_writes_and_reads_the_records_of_the_trace() {
    for trace in Trace::both() {
        let mut context = Context::new(provider(), Some(ServerName::parse("server").unwrap()));
        let provider = &mut context.provider;
        context.schedule.early(provider, HASH, &[0; 32]).unwrap();
        context
            .schedule
            .handshake(provider, &secret(trace.step("{server}  extract secret \"handshake\"").get("IKM")))
            .unwrap();
        context.transcript = trace.transcript(provider, trace.hellos() + 3);
        context.negotiated.cipher_suite = SUITE;
        context.negotiated.hello_retry_request = trace.retries();
        if !trace.retries() {
            context.flight = Flight::behind_change_cipher_spec();
        }
        let mut wire = Wire::new();
        let (reading, writing) = (trace.secret("s hs traffic"), trace.secret("c hs traffic"));
        Protection::install(wire.inbound.records.slot(), provider, SUITE, &reading).unwrap();
        Protection::install(wire.outbound.records.slot(), provider, SUITE, &writing).unwrap();
        let mut server = Protection::new(provider, SUITE, &trace.secret("s hs traffic")).unwrap();

        let config = ClientConfig::new(NoVerification);
        let mut client = Connection::expecting_finished(&config, vec![0; 1024], context, wire);
        // Finished alone, since what is in front of it in the trace's record has been seen.
        let finished = trace.message("server", "Finished", 0);
        let mut record = vec![0; 64];
        record[5..41].copy_from_slice(finished);
        let length = server.seal(ContentType::Handshake, finished.len(), &mut record).unwrap();
        assert_eq!(client.read_record(&mut record[..length]).unwrap().consumed, length);

        let mut out = [0; 512];
        if !trace.retries() {
            // For middleboxes, which the trace does not humour.
            let length = client.write_record(&mut out).unwrap();
            assert_eq!(out[..length], [20, 3, 3, 0, 1, 1]);
        }
        let length = client.write_record(&mut out).unwrap();
        let sent: Vec<&Step> =
            trace.all("{client}  send ").filter(|step| step.get("complete record")[0] == 23).collect();
        assert_eq!(&out[..length], sent[0].get("complete record"));

        let (mut established, _) = client.into_established().ok().unwrap();
        let mut sent = sent[1..].iter();
        let mut received =
            trace.all("{server}  send ").filter(|step| step.get("complete record")[0] == 23).skip(1);
        let step = if trace.retries() { None } else { received.next() };
        if let Some(step) = step {
            let mut record = step.get("complete record").to_vec();
            let event = established.read_record(&mut record).unwrap().event;
            assert!(matches!(event, Event::SessionTicket(ticket) if ticket.lifetime == 0x1e), "{event:?}");
            let data = sent.next().unwrap();
            let written = established.write_data(data.get("payload"), &mut out).unwrap();
            assert_eq!(&out[..written.written], data.get("complete record"));
            let step = received.next().unwrap();
            let mut record = step.get("complete record").to_vec();
            let event = established.read_record(&mut record).unwrap().event;
            assert!(matches!(event, Event::ApplicationData(data) if data == step.get("payload")));
        }
        established.close();
        let length = established.write_record(&mut out).unwrap();
        assert_eq!(&out[..length], sent.next().unwrap().get("complete record"));
        let mut record = received.next().unwrap().get("complete record").to_vec();
        assert!(matches!(established.read_record(&mut record).unwrap().event, Event::PeerClosed));
        assert!(sent.next().is_none() && received.next().is_none() && established.want().closed);
    }
}
