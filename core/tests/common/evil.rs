//! A TLS 1.3 peer that does what it is told: written on `ring` and on nothing of ours, so that a mistake
//! in ours is not made here again. TLS_AES_128_GCM_SHA256, x25519 or secp256r1, ECDSA with P-256.
//!
//! [`Evil::server`] plays the server against our client, [`Evil::client`] the client against our server.
//! Each `say_…` sends one lawful message that the row of a test may alter; [`Evil::send`] sends anything.

#![allow(dead_code, unreachable_pub)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod asked;
mod keys;
mod messages;

// Not every test file has a server that asks.
#[allow(unused_imports)]
pub use asked::*;
pub use keys::*;
pub use messages::*;

use super::parties::{self, ClientEnd, End, HOST, Identity, Key, KeyKind, Link, ServerEnd};
use ferrule::certificate::{TrustAnchor, chain};
use ferrule::crypto::{CipherSuite, NamedGroup};
use ferrule::{ClientConfig, Credential, Handshake, ServerConfig};
use ring::{agreement, rand, signature};
use std::collections::VecDeque;
use std::sync::OnceLock;

/// The secrets of RFC 8446 §7.1 that both sides share.
#[derive(Debug, Default, Clone)]
pub struct Secrets {
    handshake: Vec<u8>,
    pub client_handshake: Vec<u8>,
    pub server_handshake: Vec<u8>,
    pub client_application: Vec<u8>,
    pub server_application: Vec<u8>,
    pub exporter: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Client,
    Server,
}

/// The evil peer, and the end of ours that suffers it.
pub struct Evil<H: Handshake> {
    role: Role,
    pub subject: End<H>,
    identity: &'static Identity,
    /// All messages so far, as the transcript hash has them.
    pub transcript: Vec<u8>,
    pub secrets: Secrets,
    pub reading: Option<Keys>,
    pub writing: Option<Keys>,
    private: Option<(u16, agreement::EphemeralPrivateKey)>,
    share: Vec<u8>,
    /// What was heard: handshake messages, alerts with their levels, application data.
    pub messages: Vec<Vec<u8>>,
    pub alerts: Vec<[u8; 2]>,
    pub data: Vec<u8>,
    pub change_cipher_specs: usize,
    partial: Vec<u8>,
}

/// One identity for all rows.
pub fn identity() -> &'static Identity {
    static IDENTITY: OnceLock<Identity> = OnceLock::new();
    IDENTITY.get_or_init(|| Identity::new(KeyKind::P256))
}

pub type StaticClientConfig = ClientConfig<'static, chain::Verifier<'static>>;

/// Our client's configuration: not all that exists is offered.
pub fn client_config() -> StaticClientConfig {
    static ANCHORS: OnceLock<[TrustAnchor<'static>; 1]> = OnceLock::new();
    let anchors = ANCHORS.get_or_init(|| identity().anchors());
    let mut config = ClientConfig::new(chain::Verifier::new(anchors));
    config.cipher_suites = &[CipherSuite::TLS_AES_128_GCM_SHA256, CipherSuite::TLS_AES_256_GCM_SHA384];
    config.groups = &[NamedGroup::X25519, NamedGroup::SECP256R1];
    config.protocols = &[b"h2", b"http/1.1"];
    config
}

/// Our server's configuration.
pub fn server_config() -> ServerConfig<'static> {
    static CHAIN: OnceLock<Vec<&'static [u8]>> = OnceLock::new();
    static CREDENTIALS: OnceLock<[Credential<'static>; 1]> = OnceLock::new();
    let chain = CHAIN.get_or_init(|| identity().chain());
    let credentials = CREDENTIALS.get_or_init(|| [Credential::new(chain, identity().key.schemes())]);
    let mut config = ServerConfig::new(credentials);
    config.protocols = &[b"h2"];
    config
}

pub type EvilServer = Evil<
    ferrule::ClientHandshake<
        ferrule::crypto::software::Provider<super::providers::TestRandom>,
        &'static StaticClientConfig,
        Vec<u8>,
    >,
>;
pub type EvilClient = Evil<
    ferrule::ServerHandshake<
        ferrule::crypto::software::Provider<super::providers::TestRandom>,
        &'static ServerConfig<'static>,
        Vec<u8>,
    >,
>;

impl EvilServer {
    /// Against our client, whose ClientHello has been heard.
    pub fn server() -> Self {
        Self::server_for(client_config())
    }

    pub fn server_for(config: StaticClientConfig) -> Self {
        let subject: ClientEnd<'static> =
            End::new(parties::client(Box::leak(Box::new(config)), parties::provider(1)));
        let mut evil = Self::new(Role::Server, subject);
        evil.drive();
        evil
    }

    /// The last ClientHello.
    pub fn client_hello(&self) -> Hello {
        Hello::read(self.messages.iter().rfind(|message| message[0] == CLIENT_HELLO).unwrap())
    }

    fn answer_hello(&self, random: [u8; 32]) -> Hello {
        Hello {
            version: 0x0303,
            random,
            session_id: self.client_hello().session_id,
            suites: vec![0x1301],
            compression: vec![0],
            extensions: vec![(SUPPORTED_VERSIONS, vec![3, 4])],
        }
    }

    /// A lawful ServerHello to the last ClientHello.
    pub fn server_hello(&mut self) -> Hello {
        let mut hello = self.answer_hello([0x5e; 32]);
        let group =
            u16::from_be_bytes(self.client_hello().find(KEY_SHARE).unwrap()[2..4].try_into().unwrap());
        self.make_share(group);
        hello.set(KEY_SHARE, &[&group.to_be_bytes()[..], &vector(2, &self.share)].concat());
        hello
    }

    /// ServerHello; keys are in use afterwards.
    pub fn say_server_hello(&mut self, alter: impl FnOnce(&mut Hello)) -> &mut Self {
        let mut hello = self.server_hello();
        alter(&mut hello);
        self.say(&hello.server_message());
        let hello = self.client_hello();
        self.agree(&hello.find(KEY_SHARE).unwrap()[6..]);
        self
    }

    /// A HelloRetryRequest for secp256r1.
    pub fn say_retry_request(&mut self, alter: impl FnOnce(&mut Hello)) -> &mut Self {
        let mut hello = self.answer_hello(retry_random());
        hello.set(KEY_SHARE, &P256.to_be_bytes());
        alter(&mut hello);
        self.transcript = [&[254, 0, 0, 32][..], &sha256(&self.transcript)].concat();
        self.say(&hello.server_message());
        self
    }

    pub fn say_encrypted_extensions(&mut self, extensions: &[(u16, Vec<u8>)]) -> &mut Self {
        let mut hello = self.answer_hello([0; 32]);
        hello.extensions = extensions.to_vec();
        let list = vector(2, &hello.list());
        self.say(&message(ENCRYPTED_EXTENSIONS, &list))
    }

    pub fn say_certificate(&mut self) -> &mut Self {
        let entries = self.entries();
        self.say(&certificate(&[], &entries))
    }

    /// The entries of our chain, without extensions.
    pub fn entries(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        self.identity.chain.iter().map(|der| (der.clone(), Vec::new())).collect()
    }

    /// A good signature over the transcript so far.
    pub fn signature(&self) -> Vec<u8> {
        let context = b"TLS 1.3, server CertificateVerify\0";
        sign(self.identity, &[&[0x20; 64][..], context, &sha256(&self.transcript)].concat())
    }

    pub fn say_certificate_verify(&mut self) -> &mut Self {
        let body = [&[4, 3][..], &vector(2, &self.signature())].concat();
        self.say(&message(CERTIFICATE_VERIFY, &body))
    }

    /// Finished; application keys are in use afterwards.
    pub fn say_finished(&mut self) -> &mut Self {
        let finished = message(FINISHED, &self.verify_data());
        self.say(&finished)
    }

    /// All up to and with CertificateVerify.
    pub fn until_finished(&mut self) -> &mut Self {
        self.say_server_hello(|_| {}).say_encrypted_extensions(&[]).say_certificate().say_certificate_verify()
    }

    /// A whole handshake, the client's Finished checked.
    pub fn handshake(&mut self) -> &mut Self {
        self.until_finished().say_finished();
        assert_eq!(self.subject.error, None);
        assert!(self.subject.established.is_some());
        assert_eq!(self.messages.last().unwrap()[0], FINISHED);
        self
    }
}

impl EvilClient {
    /// Against our server; nothing has been said.
    pub fn client() -> Self {
        Self::client_for(server_config())
    }

    pub fn client_for(config: ServerConfig<'static>) -> Self {
        let subject: ServerEnd<'static> =
            End::new(parties::server(Box::leak(Box::new(config)), parties::provider(2)));
        Self::new(Role::Client, subject)
    }

    /// A lawful ClientHello with a share for `group`.
    pub fn client_hello(&mut self, group: u16) -> Hello {
        lawful_hello(self, group)
    }

    /// ClientHello, whose answer has been heard afterwards.
    pub fn say_client_hello(&mut self, alter: impl FnOnce(&mut Hello)) -> &mut Self {
        let mut hello = self.client_hello(X25519);
        alter(&mut hello);
        self.say(&hello.client_message())
    }

    /// A ClientHello without a share, and its HelloRetryRequest for x25519.
    pub fn get_retry_request(&mut self, alter: impl FnOnce(&mut Hello)) -> &mut Self {
        self.say_client_hello(|hello| {
            hello.set(KEY_SHARE, &[0, 0]);
            alter(hello);
        });
        assert_eq!(self.subject.error, None);
        self
    }

    pub fn say_finished(&mut self) -> &mut Self {
        let finished = message(FINISHED, &self.verify_data());
        self.say(&finished)
    }

    pub fn handshake(&mut self) -> &mut Self {
        self.say_client_hello(|_| {}).say_finished();
        assert_eq!(self.subject.error, None);
        assert!(self.subject.established.is_some());
        self
    }
}

/// A lawful ClientHello with a share for `group`.
fn lawful_hello<H: Handshake>(evil: &mut Evil<H>, group: u16) -> Hello {
    evil.make_share(group);
    let name = [&[0][..], &vector(2, HOST.as_bytes())].concat();
    let share = [&group.to_be_bytes()[..], &vector(2, &evil.share)].concat();
    Hello {
        version: 0x0303,
        random: [0xc1; 32],
        session_id: vec![0x1d; 32],
        suites: vec![0x1301],
        compression: vec![0],
        extensions: vec![
            (SERVER_NAME, vector(2, &name)),
            (SUPPORTED_GROUPS, vector(2, &[X25519.to_be_bytes(), P256.to_be_bytes()].concat())),
            (SIGNATURE_ALGORITHMS, vector(2, &[4, 3, 8, 4, 8, 7])),
            (SUPPORTED_VERSIONS, vector(1, &[3, 4])),
            (KEY_SHARE, vector(2, &share)),
        ],
    }
}

fn sign(identity: &Identity, content: &[u8]) -> Vec<u8> {
    let random = rand::SystemRandom::new();
    let algorithm = &signature::ECDSA_P256_SHA256_ASN1_SIGNING;
    let key = signature::EcdsaKeyPair::from_pkcs8(algorithm, &identity.pkcs8, &random).unwrap();
    key.sign(&random, content).unwrap().as_ref().to_vec()
}

impl<H: Handshake> Evil<H> {
    fn new(role: Role, subject: End<H>) -> Self {
        Self {
            role,
            subject,
            identity: identity(),
            transcript: Vec::new(),
            secrets: Secrets::default(),
            reading: None,
            writing: None,
            private: None,
            share: Vec::new(),
            messages: Vec::new(),
            alerts: Vec::new(),
            data: Vec::new(),
            change_cipher_specs: 0,
            partial: Vec::new(),
        }
    }

    fn make_share(&mut self, group: u16) {
        let algorithm = if group == X25519 { &agreement::X25519 } else { &agreement::ECDH_P256 };
        let private =
            agreement::EphemeralPrivateKey::generate(algorithm, &rand::SystemRandom::new()).unwrap();
        self.share = private.compute_public_key().unwrap().as_ref().to_vec();
        self.private = Some((group, private));
    }

    /// Handshake keys from the peer's share.
    fn agree(&mut self, peer_share: &[u8]) {
        let Some((group, private)) = self.private.take() else { return };
        let algorithm = if group == X25519 { &agreement::X25519 } else { &agreement::ECDH_P256 };
        let public = agreement::UnparsedPublicKey::new(algorithm, peer_share);
        let shared = agreement::agree_ephemeral(private, &public, <[u8]>::to_vec).unwrap();
        let early = hmac_sha256(&[], &[0; 32]);
        let derived = expand_label(&early, "derived", &sha256(b""), 32);
        let handshake = hmac_sha256(&derived, &shared);
        let hash = sha256(&self.transcript);
        self.secrets.client_handshake = expand_label(&handshake, "c hs traffic", &hash, 32);
        self.secrets.server_handshake = expand_label(&handshake, "s hs traffic", &hash, 32);
        self.secrets.handshake = handshake;
        let (client, server) = (&self.secrets.client_handshake, &self.secrets.server_handshake);
        let (own, peer) = if self.role == Role::Client { (client, server) } else { (server, client) };
        (self.writing, self.reading) = (Some(Keys::new(own)), Some(Keys::new(peer)));
    }

    /// Application secrets, once the transcript ends with the server's Finished.
    fn derive_application_secrets(&mut self) {
        let derived = expand_label(&self.secrets.handshake, "derived", &sha256(b""), 32);
        let main = hmac_sha256(&derived, &[0; 32]);
        let hash = sha256(&self.transcript);
        self.secrets.client_application = expand_label(&main, "c ap traffic", &hash, 32);
        self.secrets.server_application = expand_label(&main, "s ap traffic", &hash, 32);
        self.secrets.exporter = expand_label(&main, "exp master", &hash, 32);
    }

    /// The verify_data of our own Finished, now.
    pub fn verify_data(&self) -> Vec<u8> {
        let own = match self.role {
            Role::Client => &self.secrets.client_handshake,
            Role::Server => &self.secrets.server_handshake,
        };
        hmac_sha256(&expand_label(own, "finished", b"", 32), &sha256(&self.transcript))
    }

    /// Sends a handshake message as one record, and counts it.
    pub fn say(&mut self, whole: &[u8]) -> &mut Self {
        self.count(whole);
        let record = self.record(HANDSHAKE, whole);
        self.send(&record);
        self.change_keys_after(whole)
    }

    /// Adds a message of ours to the transcript.
    pub fn count(&mut self, whole: &[u8]) {
        self.transcript.extend_from_slice(whole);
        if whole[0] == FINISHED && self.role == Role::Server {
            self.derive_application_secrets();
        }
    }

    /// New keys where a message of ours calls for them.
    pub fn change_keys_after(&mut self, whole: &[u8]) -> &mut Self {
        if whole[0] == FINISHED {
            if self.role == Role::Server {
                // The client has answered already: its Finished was heard under the old keys.
                self.writing = Some(Keys::new(&self.secrets.server_application));
            } else {
                self.writing = Some(Keys::new(&self.secrets.client_application));
            }
        }
        if whole[0] == KEY_UPDATE {
            self.writing = self.writing.take().map(|keys| keys.next());
        }
        self
    }

    /// A record of ours, protected if keys are in use.
    pub fn record(&mut self, content_type: u8, content: &[u8]) -> Vec<u8> {
        match &mut self.writing {
            Some(keys) => keys.seal(&[content, &[content_type]].concat()),
            None => plain(content_type, content),
        }
    }

    /// Sends a record.
    pub fn send_record(&mut self, content_type: u8, content: &[u8]) -> &mut Self {
        let record = self.record(content_type, content);
        self.send(&record)
    }

    /// Sends any bytes, lets ours do what it will, and listens.
    pub fn send(&mut self, bytes: &[u8]) -> &mut Self {
        let mut wire: VecDeque<u8> = bytes.iter().copied().collect();
        loop {
            let mut progress = self.subject.deliver(&mut wire, Link::default());
            progress |= self.drive();
            if !progress {
                return self;
            }
        }
    }

    fn drive(&mut self) -> bool {
        let key: Option<&Key> = Some(&self.identity.key);
        let progress = self.subject.drive(key, Link::default());
        self.listen();
        progress
    }

    fn listen(&mut self) {
        while self.subject.wire.len() >= 5 {
            let length = usize::from(u16::from_be_bytes([self.subject.wire[3], self.subject.wire[4]]));
            if self.subject.wire.len() < 5 + length {
                return;
            }
            let record: Vec<u8> = self.subject.wire.drain(..5 + length).collect();
            let (content_type, content) = match (&mut self.reading, record[0]) {
                (Some(keys), DATA) => {
                    // For middleboxes; ahead of an alert too, if that is the first thing with protection.
                    assert!(self.change_cipher_specs > 0, "§D.4: a protected record before ChangeCipherSpec");
                    keys.open(&record)
                }
                (_, content_type) => (content_type, record[5..].to_vec()),
            };
            match content_type {
                CHANGE_CIPHER_SPEC => self.change_cipher_specs += 1,
                ALERT => self.alerts.push(content.try_into().expect("an alert of two bytes")),
                DATA => self.data.extend(content),
                _ => {
                    self.partial.extend(content);
                    self.on_messages();
                }
            }
        }
    }

    fn on_messages(&mut self) {
        while self.partial.len() >= 4 {
            let [_, high, middle, low] = self.partial[..4].try_into().unwrap();
            let length = 4 + u32::from_be_bytes([0, high, middle, low]) as usize;
            if self.partial.len() < length {
                return;
            }
            let whole: Vec<u8> = self.partial.drain(..length).collect();
            self.on_message(&whole);
            self.messages.push(whole);
        }
    }

    fn on_message(&mut self, whole: &[u8]) {
        match (whole[0], self.role) {
            (KEY_UPDATE, _) => self.reading = self.reading.take().map(|keys| keys.next()),
            (SERVER_HELLO, Role::Client) => {
                let hello = Hello::read(whole);
                if hello.random == retry_random() {
                    self.transcript = [&[254, 0, 0, 32][..], &sha256(&self.transcript)].concat();
                    self.transcript.extend_from_slice(whole);
                } else {
                    self.transcript.extend_from_slice(whole);
                    self.agree(&hello.find(KEY_SHARE).unwrap()[4..]);
                }
            }
            (FINISHED, Role::Client) => {
                let key = expand_label(&self.secrets.server_handshake, "finished", b"", 32);
                assert_eq!(whole[4..], hmac_sha256(&key, &sha256(&self.transcript)), "the server's Finished");
                self.transcript.extend_from_slice(whole);
                self.derive_application_secrets();
                self.reading = Some(Keys::new(&self.secrets.server_application));
            }
            (FINISHED, Role::Server) => {
                let key = expand_label(&self.secrets.client_handshake, "finished", b"", 32);
                let hash = sha256(&self.transcript);
                assert_eq!(whole[4..], hmac_sha256(&key, &hash), "the client's Finished");
                self.reading = Some(Keys::new(&self.secrets.client_application));
            }
            _ => self.transcript.extend_from_slice(whole),
        }
    }
}
