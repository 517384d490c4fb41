//! The traces of RFC 8448: §3, a simple 1-RTT handshake, and §5, one with HelloRetryRequest. Every expected
//! value in these tests is the RFC's. The files beside this one are its text, without page breaks.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod connections;

extern crate std;
use crate::crypto::software::{self, Provider};
use crate::crypto::{CipherSuite, CryptoError, Digest, HashAlgorithm, NamedGroup, Random, Secret};
use crate::handshake::certificate::{CertificateReader, CertificateWriter, Progress};
use crate::handshake::certificate_verify::CertificateVerify;
use crate::handshake::client_hello::ClientHello;
use crate::handshake::context::body;
use crate::handshake::extension::{cookie, key_share, supported_versions};
use crate::handshake::server_hello::{self, RETRY_RANDOM, ServerHello};
use crate::handshake::{
    ExtensionType, HandshakeType, encrypted_extensions, finished, new_session_ticket, write_message,
};
use crate::key_schedule::{self, KeySchedule, Label};
use crate::record::{ContentType, Protection};
use crate::transcript::Transcript;
use std::string::String;
use std::vec::Vec;

const SUITE: CipherSuite = CipherSuite::TLS_AES_128_GCM_SHA256;
const HASH: HashAlgorithm = HashAlgorithm::Sha256;

/// A trace: its steps in the RFC's order.
struct Trace {
    steps: Vec<Step>,
}

/// `{server}  derive secret "tls13 c hs traffic":` and the values below it.
struct Step {
    title: String,
    fields: Vec<(String, Vec<u8>)>,
}

impl Trace {
    fn simple() -> Self {
        Self::parse(include_str!("rfc8448/simple_1_rtt.txt"))
    }

    fn retry() -> Self {
        Self::parse(include_str!("rfc8448/hello_retry_request.txt"))
    }

    fn both() -> [Self; 2] {
        [Self::simple(), Self::retry()]
    }

    fn parse(text: &str) -> Self {
        let mut steps: Vec<Step> = Vec::new();
        let mut announced = Vec::new();
        for line in text.lines() {
            let words = line.trim_start();
            if line.starts_with("   {") {
                steps.push(Step { title: words.into(), fields: Vec::new() });
            } else if let Some((name, hex)) = words.split_once(" octets):")
                && let Some((name, length)) = name.rsplit_once(" (")
            {
                let step = steps.last_mut().unwrap();
                step.fields.push((name.into(), bytes(hex.trim_start_matches("  (empty)"))));
                announced.push((steps.len() - 1, length.parse::<usize>().unwrap()));
            } else if line.starts_with("         ")
                && let Some((_, value)) = steps.last_mut().and_then(|step| step.fields.last_mut())
            {
                value.extend(bytes(words));
            }
        }
        // The RFC says how long each value is: nothing was lost between two pages.
        let lengths = steps
            .iter()
            .enumerate()
            .flat_map(|(at, step)| step.fields.iter().map(move |(_, v)| (at, v.len())));
        assert!(lengths.eq(announced));
        Self { steps }
    }

    /// The steps whose titles begin so, in order.
    fn all<'t, 's>(&'t self, title: &'s str) -> impl Iterator<Item = &'t Step> + use<'t, 's> {
        self.steps.iter().filter(move |step| step.title.starts_with(title) && !step.fields.is_empty())
    }

    fn step(&self, title: &str) -> &Step {
        self.all(title).next().unwrap_or_else(|| panic!("no step {title}"))
    }

    /// A message, whole; `nth` counts those of one kind.
    fn message(&self, who: &str, kind: &str, nth: usize) -> &[u8] {
        let article = if kind.starts_with('E') { "an" } else { "a" };
        let title = std::format!("{{{who}}}  construct {article} {kind} ");
        let found = self.all(&title).nth(nth);
        found.unwrap_or_else(|| panic!("no {title}")).get(kind)
    }

    /// `derive secret "tls13 .."`
    fn secret(&self, label: &str) -> Secret {
        secret(self.step(&std::format!("{{server}}  derive secret \"tls13 {label}\"")).get("expanded"))
    }

    fn retries(&self) -> bool {
        self.all("{client}  construct a ClientHello").count() == 2
    }

    /// ClientHello up to and with the server's Finished, in order, and then the client's.
    fn messages(&self) -> Vec<&[u8]> {
        let mut messages = Vec::new();
        if self.retries() {
            messages.push(self.message("client", "ClientHello", 0));
            messages.push(self.message("server", "ServerHello", 0));
        }
        let last = usize::from(self.retries());
        messages.push(self.message("client", "ClientHello", last));
        messages.push(self.message("server", "ServerHello", last));
        for kind in ["EncryptedExtensions", "Certificate", "CertificateVerify", "Finished"] {
            messages.push(self.message("server", kind, 0));
        }
        messages.push(self.message("client", "Finished", 0));
        messages
    }

    /// Our transcript after so many of [`messages`](Self::messages).
    fn transcript(&self, provider: &mut Provider<Script>, count: usize) -> Transcript<Provider<Script>> {
        let messages = self.messages();
        let mut transcript = Transcript::new();
        transcript.start(provider, HASH, messages[0]).unwrap();
        if self.retries() {
            transcript.replace_by_message_hash(provider, HASH).unwrap();
        }
        messages[1..count].iter().for_each(|message| transcript.add(provider, message).unwrap());
        transcript
    }

    /// How many messages there are up to ServerHello.
    fn hellos(&self) -> usize {
        if self.retries() { 4 } else { 2 }
    }

    fn hash(&self, provider: &mut Provider<Script>, count: usize) -> Digest {
        self.transcript(provider, count).hash(provider).unwrap()
    }
}

impl Step {
    fn get(&self, name: &str) -> &[u8] {
        let found = self.fields.iter().find_map(|(has, value)| (has == name).then_some(value.as_slice()));
        found.unwrap_or_else(|| panic!("no {name} in {}", self.title))
    }
}

fn bytes(hex: &str) -> Vec<u8> {
    hex.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
}

fn secret(bytes: &[u8]) -> Secret {
    let mut secret = Secret::empty();
    secret.set(bytes).unwrap();
    secret
}

/// Gives out the RFC's own random values, in the order in which we ask for them.
#[derive(Debug, Default)]
struct Script(Vec<u8>);

impl Random for Script {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), CryptoError> {
        if self.0.len() < out.len() {
            return Err(CryptoError::NoRandomness);
        }
        let rest = self.0.split_off(out.len());
        out.copy_from_slice(&core::mem::replace(&mut self.0, rest));
        Ok(())
    }
}

fn provider() -> Provider<Script> {
    software::provider(Script::default())
}

#[test]
fn hkdf_expand_label_of_every_derivation() {
    for trace in Trace::both() {
        let mut count = 0;
        for step in trace.steps.iter().filter(|step| step.fields.iter().any(|(name, _)| name == "expanded")) {
            let label = step.title.split('"').nth(1).unwrap().strip_prefix("tls13 ").unwrap();
            let mut out = Secret::empty();
            let (prk, hash) = (secret(step.get("PRK")), step.get("hash"));
            key_schedule::expand_label(&mut provider(), HASH, &prk, label.as_bytes(), hash, &mut out)
                .unwrap();
            assert_eq!(out.expose(), step.get("expanded"), "{}", step.title);
            count += 1;
        }
        assert!(count >= 10, "{count}");
    }
}

#[test]
fn traffic_keys_of_every_derivation() {
    for trace in Trace::both() {
        let mut count = 0;
        for step in
            trace.steps.iter().filter(|step| step.fields.iter().any(|(name, _)| name == "key expanded"))
        {
            let keys = key_schedule::traffic_keys(&mut provider(), SUITE, &secret(step.get("PRK"))).unwrap();
            assert_eq!(keys.key.expose(), step.get("key expanded"), "{}", step.title);
            assert_eq!(keys.iv, step.get("iv expanded"), "{}", step.title);
            count += 1;
        }
        assert_eq!(count, 4);
    }
}

#[test]
fn key_schedule_from_top_to_bottom_over_the_transcript() {
    for trace in Trace::both() {
        let (provider, mut schedule, mut out) = (&mut provider(), KeySchedule::new(), Secret::empty());
        schedule.early(provider, HASH, &[0; 32]).unwrap();
        schedule
            .handshake(provider, &secret(trace.step("{server}  extract secret \"handshake\"").get("IKM")))
            .unwrap();
        let hellos = trace.hash(provider, trace.hellos());
        assert_eq!(
            hellos.as_bytes(),
            trace.step("{server}  derive secret \"tls13 c hs traffic\"").get("hash")
        );
        for (label, name) in
            [(Label::ClientHandshakeTraffic, "c hs traffic"), (Label::ServerHandshakeTraffic, "s hs traffic")]
        {
            schedule.derive(provider, label, &hellos, &mut out).unwrap();
            assert_eq!(out.expose(), trace.secret(name).expose(), "{name}");
        }
        schedule.main(provider).unwrap();
        let flight = trace.hash(provider, trace.hellos() + 4);
        assert_eq!(
            flight.as_bytes(),
            trace.step("{server}  derive secret \"tls13 c ap traffic\"").get("hash")
        );
        for (label, name) in [
            (Label::ClientApplicationTraffic, "c ap traffic"),
            (Label::ServerApplicationTraffic, "s ap traffic"),
            (Label::Exporter, "exp master"),
        ] {
            schedule.derive(provider, label, &flight, &mut out).unwrap();
            assert_eq!(out.expose(), trace.secret(name).expose(), "{name}");
        }
        schedule.derive_client_application(provider, &flight).unwrap();
        assert_eq!(
            schedule.client_application_traffic_secret.expose(),
            trace.secret("c ap traffic").expose()
        );
        schedule.derive_exporter(provider, &flight).unwrap();
        assert_eq!(schedule.exporter_secret.expose(), trace.secret("exp master").expose());
        let whole = trace.hash(provider, trace.hellos() + 5);
        assert_eq!(whole.as_bytes(), trace.step("{client}  derive secret \"tls13 res master\"").get("hash"));
    }
}

#[test]
fn verify_data_of_both_sides() {
    for trace in Trace::both() {
        let rows = [("server", "s hs traffic", 3), ("client", "c hs traffic", 4)];
        for (who, base_key, behind) in rows {
            let (provider, mut expected) = (&mut provider(), Secret::empty());
            let transcript = trace.hash(provider, trace.hellos() + behind);
            key_schedule::verify_data(provider, HASH, &trace.secret(base_key), &transcript, &mut expected)
                .unwrap();
            let step = std::format!("{{{who}}}  calculate finished \"tls13 finished\"");
            assert_eq!(expected.expose(), trace.step(&step).get("finished"), "{who}");
            assert!(finished::verify(body(trace.message(who, "Finished", 0)), &expected).is_ok());
        }
    }
}

#[test]
fn every_protected_record_opens_to_its_payload_and_seals_to_the_same_bytes() {
    for trace in Trace::both() {
        let mut count = 0;
        for (who, handshake, application) in
            [("client", "c hs traffic", "c ap traffic"), ("server", "s hs traffic", "s ap traffic")]
        {
            let provider = &mut provider();
            let mut new = |label| Protection::new(provider, SUITE, &trace.secret(label)).unwrap();
            let (mut opens, mut seals) = (new(handshake), new(handshake));
            let title = std::format!("{{{who}}}  send ");
            let protected = trace.all(&title).filter(|step| step.get("complete record")[0] == 23);
            for (nth, step) in protected.enumerate() {
                // Each side's first protected record ends with its Finished.
                if nth == 1 {
                    (opens, seals) = (new(application), new(application));
                }
                let (payload, record) = (step.get("payload"), step.get("complete record"));
                let content_type = match step.title.as_str() {
                    title if title.contains("handshake") => ContentType::Handshake,
                    title if title.contains("alert") => ContentType::Alert,
                    _ => ContentType::ApplicationData,
                };
                let (header, fragment) = record.split_first_chunk().unwrap();
                let mut fragment = fragment.to_vec();
                let (found, length) = opens.open(header, &mut fragment).unwrap();
                assert_eq!((found, &fragment[..length]), (content_type, payload), "{}", step.title);
                let mut sealed = std::vec![0; record.len()];
                sealed[5..5 + payload.len()].copy_from_slice(payload);
                let length = seals.seal(content_type, payload.len(), &mut sealed).unwrap();
                assert_eq!(&sealed[..length], record, "{}", step.title);
                count += 1;
            }
        }
        assert!(count >= 4, "{count}");
    }
}

#[test]
fn every_message_is_read() {
    for trace in Trace::both() {
        let last = usize::from(trace.retries());
        for nth in 0..=last {
            let hello = ClientHello::parse(body(trace.message("client", "ClientHello", nth))).unwrap();
            assert_eq!(hello.server_name().unwrap().unwrap().as_dns(), Some("server"));
            assert!(hello.cipher_suites().iter().eq([0x1301, 0x1303, 0x1302]));
            assert!(hello.supported_versions().unwrap().unwrap().iter().eq([0x0304]));
            let share = hello.key_shares().unwrap().unwrap().iter().next().unwrap();
            let pair = if nth == 0 {
                "{client}  create an ephemeral x25519"
            } else {
                "{client}  create an ephemeral P-256"
            };
            assert_eq!(share.key_exchange, trace.step(pair).get("public key"));
            let cookie = hello.extensions.find(ExtensionType::COOKIE);
            assert_eq!(cookie.is_some(), nth == 1);
        }
        let hello = ServerHello::parse(body(trace.message("server", "ServerHello", last))).unwrap();
        assert!(!hello.is_retry_request() && hello.cipher_suite == SUITE && !hello.is_marked_as_downgrade());
        hello.extensions.check_places(HandshakeType::SERVER_HELLO, false).unwrap();
        let share =
            key_share::parse_server_share(hello.extensions.find(ExtensionType::KEY_SHARE).unwrap()).unwrap();
        let pair = if trace.retries() {
            "{server}  create an ephemeral P-256"
        } else {
            "{server}  create an ephemeral x25519"
        };
        assert_eq!(share.key_exchange, trace.step(pair).get("public key"));

        encrypted_extensions::parse(body(trace.message("server", "EncryptedExtensions", 0))).unwrap();
        let verify = CertificateVerify::parse(body(trace.message("server", "CertificateVerify", 0))).unwrap();
        assert_eq!((verify.algorithm.0, verify.signature.len()), (0x0804, 128));

        // The one certificate, and our writer makes the same message of it.
        let message = trace.message("server", "Certificate", 0);
        let (mut reader, mut memory) = (CertificateReader::new(message.len() - 4, false).unwrap(), [0; 1024]);
        let (taken, progress) = reader.read(body(message), &mut memory, Some(0)).unwrap();
        let Progress::Certificate { length, .. } = progress else { panic!("{progress:?}") };
        let end = reader.read(&body(message)[taken..], &mut [], None).unwrap();
        assert_eq!(end, (0, Progress::End));
        let mut again = Vec::new();
        let chain = [&memory[..length]];
        CertificateWriter::new(&chain, None)
            .unwrap()
            .for_each(|piece| {
                again.extend_from_slice(piece);
                Ok(())
            })
            .unwrap();
        assert_eq!(again, message);
    }
    let trace = Trace::simple();
    let ticket = new_session_ticket::parse(body(trace.message("server", "NewSessionTicket", 0))).unwrap();
    assert_eq!((ticket.lifetime, ticket.age_add), (0x1e, 0xfad6_aac5));
    assert_eq!((ticket.nonce, ticket.ticket.len(), ticket.max_early_data), (&[0, 0][..], 0xb2, Some(1024)));
}

#[test]
fn our_writers_write_the_messages_of_the_trace() {
    for trace in Trace::both() {
        let last = usize::from(trace.retries());
        let message = trace.message("server", "ServerHello", last);
        let hello = ServerHello::parse(body(message)).unwrap();
        let share =
            key_share::parse_server_share(hello.extensions.find(ExtensionType::KEY_SHARE).unwrap()).unwrap();
        let mut room = [0; 512];
        let length = write_message(&mut room, HandshakeType::SERVER_HELLO, |w| {
            server_hello::write(w, hello.random, &[], SUITE, |w| {
                key_share::write_server_share(w, share);
                supported_versions::write_selection(w, supported_versions::TLS_1_3);
            });
        });
        assert_eq!(&room[..length.unwrap()], message);
        for who in ["client", "server"] {
            let step = std::format!("{{{who}}}  calculate finished \"tls13 finished\"");
            let verify_data = trace.step(&step).get("finished");
            let length = write_message(&mut room, HandshakeType::FINISHED, |w| w.bytes(verify_data));
            assert_eq!(&room[..length.unwrap()], trace.message(who, "Finished", 0));
        }
    }
    let trace = Trace::retry();
    let message = trace.message("server", "ServerHello", 0);
    let request = ServerHello::parse(body(message)).unwrap();
    assert!(request.is_retry_request());
    request.extensions.check_places(HandshakeType::SERVER_HELLO, true).unwrap();
    let echoed = cookie::parse(request.extensions.find(ExtensionType::COOKIE).unwrap()).unwrap();
    let mut room = [0; 512];
    let length = write_message(&mut room, HandshakeType::SERVER_HELLO, |w| {
        server_hello::write(w, &RETRY_RANDOM, &[], SUITE, |w| {
            key_share::write_retry_group(w, NamedGroup::SECP256R1);
            cookie::write_cookie(w, echoed);
            supported_versions::write_selection(w, supported_versions::TLS_1_3);
        });
    });
    assert_eq!(&room[..length.unwrap()], message);
    // And the second ClientHello has the same cookie.
    let second = ClientHello::parse(body(trace.message("client", "ClientHello", 1))).unwrap();
    assert_eq!(cookie::parse(second.extensions.find(ExtensionType::COOKIE).unwrap()).unwrap(), echoed);
}
