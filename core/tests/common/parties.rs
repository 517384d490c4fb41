//! A client and a server in memory, and a link between them that cuts, delays and looks in.

#![allow(dead_code, unreachable_pub)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use super::providers::{Null, TestRandom, null};
use ferrule::certificate::dangerous::NoVerification;
use ferrule::certificate::{PeerVerifier, ServerName, TrustAnchor, UnixTime, Validity, chain};
use ferrule::crypto::software::signing::{EcdsaP256Key, Ed25519Key};
use ferrule::crypto::software::{self, Provider};
use ferrule::crypto::{CipherSuite, CryptoProvider, NamedGroup, SignatureScheme};
use ferrule::record::{Buffer, MAX_RECORD};
use ferrule::{
    Answer, Ask, ClientConfig, ClientConnection, ClientHandshake, Connection, Credential, Error, Established,
    Event, Handshake, Received, ServerConfig, ServerConnection, ServerHandshake, SigningRequest, Want,
};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, PublicKeyData,
};

/// 2026-06-01: within the validity of what [`Identity`] makes.
pub const NOW: Validity = Validity::At(UnixTime(1_780_272_000));
/// The name in the servers' certificates.
pub const HOST: &str = "server.test";

/// What kind of key a certificate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    P256,
    Ed25519,
    Rsa2048,
}

/// All of them.
pub const KEY_KINDS: [KeyKind; 3] = [KeyKind::P256, KeyKind::Ed25519, KeyKind::Rsa2048];

/// A root, an intermediate, and a server's certificate with its key.
pub struct Identity {
    pub root: Vec<u8>,
    pub chain: Vec<Vec<u8>>,
    pub key: Key,
    /// The key once more, for peers that are not ours.
    pub pkcs8: Vec<u8>,
}

/// A private key that the tests hold.
pub enum Key {
    P256(EcdsaP256Key),
    Ed25519(Ed25519Key),
    Rsa(Box<ring::signature::RsaKeyPair>),
    /// Of the provider without cryptography.
    Null,
}

impl Key {
    fn load(kind: KeyKind, pkcs8: &[u8]) -> Self {
        match kind {
            KeyKind::P256 => Self::P256(EcdsaP256Key::from_der(pkcs8).unwrap()),
            // rcgen writes PKCS#8 v2, with the public key behind the seed.
            KeyKind::Ed25519 => Self::Ed25519(Ed25519Key::from_seed(pkcs8[16..48].try_into().unwrap())),
            KeyKind::Rsa2048 => Self::Rsa(Box::new(ring::signature::RsaKeyPair::from_pkcs8(pkcs8).unwrap())),
        }
    }

    pub fn schemes(&self) -> &'static [SignatureScheme] {
        match self {
            Self::P256(_) | Self::Null => &[SignatureScheme::ECDSA_SECP256R1_SHA256],
            Self::Ed25519(_) => &[SignatureScheme::ED25519],
            Self::Rsa(_) => &[
                SignatureScheme::RSA_PSS_RSAE_SHA256,
                SignatureScheme::RSA_PSS_RSAE_SHA384,
                SignatureScheme::RSA_PSS_RSAE_SHA512,
            ],
        }
    }

    pub fn sign(&self, request: &SigningRequest<'_>) -> Vec<u8> {
        let mut out = vec![0; 512];
        let length = match self {
            Self::Null => return super::providers::NULL_SIGNATURE.to_vec(),
            Self::P256(key) => key.sign(request.message, &mut out).unwrap(),
            Self::Ed25519(key) => key.sign(request.message, &mut out).unwrap(),
            Self::Rsa(key) => {
                use ring::signature::{RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding};
                let padding: &dyn RsaEncoding = match request.scheme {
                    SignatureScheme::RSA_PSS_RSAE_SHA256 => &RSA_PSS_SHA256,
                    SignatureScheme::RSA_PSS_RSAE_SHA384 => &RSA_PSS_SHA384,
                    _ => &RSA_PSS_SHA512,
                };
                let length = key.public().modulus_len();
                let random = ring::rand::SystemRandom::new();
                key.sign(padding, &random, request.message, &mut out[..length]).unwrap();
                length
            }
        };
        out.truncate(length);
        out
    }
}

impl Identity {
    /// Root and intermediate with P-256 keys, the server's own of the given kind.
    pub fn new(kind: KeyKind) -> Self {
        Self::altered(kind, "Test", |_| {})
    }

    /// The same of authorities by this name, and with a leaf that is not as usual.
    pub fn altered(kind: KeyKind, of: &str, alter: impl FnOnce(&mut CertificateParams)) -> Self {
        let authority = |name: &str| {
            let mut params = CertificateParams::new(Vec::new()).unwrap();
            params.distinguished_name.push(DnType::CommonName, name);
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
            params.not_before = rcgen::date_time_ymd(2026, 1, 1);
            params.not_after = rcgen::date_time_ymd(2027, 1, 1);
            params
        };
        let (root_params, middle_params) =
            (authority(&format!("{of} Root")), authority(&format!("{of} Intermediate")));
        let (root_key, middle_key) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let root = root_params.self_signed(&root_key).unwrap();
        let root_issuer = Issuer::new(root_params, root_key);
        let middle = middle_params.signed_by(&middle_key, &root_issuer).unwrap();
        let middle_issuer = Issuer::new(middle_params, middle_key);

        let mut leaf = CertificateParams::new(vec![HOST.to_string()]).unwrap();
        leaf.distinguished_name.push(DnType::CommonName, HOST);
        leaf.not_before = rcgen::date_time_ymd(2026, 1, 1);
        leaf.not_after = rcgen::date_time_ymd(2027, 1, 1);
        alter(&mut leaf);
        let leaf_key = match kind {
            KeyKind::P256 => KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap(),
            KeyKind::Ed25519 => KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap(),
            KeyKind::Rsa2048 => {
                let pkcs8 = include_bytes!("../fixtures/keys/rsa-2048.pkcs8");
                KeyPair::from_pkcs8_der_and_sign_algo(&pkcs8[..].into(), &rcgen::PKCS_RSA_SHA256).unwrap()
            }
        };
        let certificate = leaf.signed_by(&leaf_key, &middle_issuer).unwrap();
        assert!(!leaf_key.der_bytes().is_empty());
        Self {
            root: root.der().to_vec(),
            chain: vec![certificate.der().to_vec(), middle.der().to_vec()],
            key: Key::load(kind, leaf_key.serialized_der()),
            pkcs8: leaf_key.serialized_der().to_vec(),
        }
    }

    pub fn anchors(&self) -> [TrustAnchor<'_>; 1] {
        [TrustAnchor::from_certificate(&self.root).unwrap()]
    }

    pub fn chain(&self) -> Vec<&[u8]> {
        self.chain.iter().map(Vec::as_slice).collect()
    }
}

/// How a link treats what passes over it.
#[derive(Debug, Clone, Copy)]
pub struct Link {
    /// Bytes that arrive at once.
    pub piece: usize,
    /// The size of both sides' output buffers.
    pub output: usize,
    /// Bytes that may be under way in each direction: a TCP window.
    pub window: usize,
    /// Handshake records without protection are cut into fragments of this size on the way.
    pub fragment: usize,
}

impl Default for Link {
    fn default() -> Self {
        Self { piece: usize::MAX, output: MAX_RECORD, window: usize::MAX, fragment: usize::MAX }
    }
}

/// One end: a connection, its input window, and what it has written that the other has not read.
pub struct End<H: Handshake> {
    pub connection: Option<Connection<H>>,
    pub established: Option<Established<H::Provider>>,
    pub incoming: Buffer<Vec<u8>>,
    /// Written, not delivered.
    pub wire: std::collections::VecDeque<u8>,
    /// All that was ever written.
    pub written: Vec<u8>,
    pub error: Option<Error>,
    pub received: Vec<u8>,
    /// As it lay in scratch at the end of the handshake.
    pub peer_certificate: Option<Vec<u8>>,
    pub peer_closed: bool,
    /// Public-key operations done.
    pub works: usize,
    fragment: usize,
}

impl<H: Handshake> End<H> {
    pub fn new(connection: Connection<H>) -> Self {
        Self {
            connection: Some(connection),
            established: None,
            incoming: Buffer::new(vec![0; MAX_RECORD]),
            wire: Default::default(),
            written: Vec::new(),
            error: None,
            received: Vec::new(),
            peer_certificate: None,
            peer_closed: false,
            works: 0,
            fragment: usize::MAX,
        }
    }

    /// Does all that can be done without the other end. Says whether anything was done.
    pub fn drive(&mut self, key: Option<&Key>, link: Link) -> bool {
        self.fragment = link.fragment;
        let mut progress = false;
        while self.step(key, link) {
            progress = true;
        }
        progress
    }

    fn put(&mut self, record: &[u8]) {
        self.written.extend_from_slice(record);
        if record[0] == 22 {
            for piece in record[5..].chunks(self.fragment) {
                self.wire.extend([22, 3, 3]);
                self.wire.extend((piece.len() as u16).to_be_bytes());
                self.wire.extend(piece);
            }
        } else {
            self.wire.extend(record);
        }
    }

    fn step(&mut self, key: Option<&Key>, link: Link) -> bool {
        if self.established.is_some() {
            return self.step_established(link);
        }
        let Some(connection) = &mut self.connection else {
            return false;
        };
        let want = connection.want();
        assert_same(&want, &connection.want());
        if want.owes_output && self.wire.len() < link.window {
            let mut out = vec![0; link.output];
            match connection.write_record(&mut out) {
                Ok(length) => {
                    assert!(length > 0, "output was owed and nothing was written");
                    // What follows the record may have failed, and says so from now on.
                    self.error = connection.failure();
                    self.put(&out[..length]);
                }
                Err(error) => self.error = Some(error),
            }
            return true;
        }
        if let Some(Ask::Sign(request)) = want.ask {
            let signature = key.expect("a signer").sign(&request);
            if let Err(error) = connection.answer(Answer::Signature(&signature)) {
                self.error = Some(error);
            }
            return true;
        }
        if want.work {
            self.works += 1;
            if let Err(error) = connection.work() {
                self.error = Some(error);
            }
            return true;
        }
        if let Some(needed) = want.read
            && self.incoming.len() >= needed
        {
            match connection.read_record(self.incoming.filled_mut()) {
                Ok(Received { consumed, .. }) => self.incoming.consume(consumed),
                Err(error) => self.error = Some(error),
            }
            return true;
        }
        self.peer_certificate = connection.peer_certificate().map(|leaf| leaf.as_der().to_vec());
        match self.connection.take().unwrap().into_established() {
            Ok((established, _)) => {
                self.established = Some(established);
                true
            }
            Err(connection) => {
                self.connection = Some(connection);
                false
            }
        }
    }

    fn step_established(&mut self, link: Link) -> bool {
        let connection = self.established.as_mut().unwrap();
        let want = connection.want();
        assert_same(&want, &connection.want());
        if want.owes_output && self.wire.len() < link.window {
            let mut out = vec![0; link.output];
            match connection.write_record(&mut out) {
                Ok(length) => {
                    assert!(length > 0, "output was owed and nothing was written");
                    self.put(&out[..length]);
                }
                Err(error) => self.error = Some(error),
            }
            return true;
        }
        if let Some(needed) = want.read
            && self.incoming.len() >= needed
        {
            match connection.read_record(self.incoming.filled_mut()) {
                Ok(Received { consumed, event }) => {
                    match event {
                        Event::ApplicationData(data) => self.received.extend_from_slice(data),
                        Event::PeerClosed => self.peer_closed = true,
                        _ => {}
                    }
                    self.incoming.consume(consumed);
                }
                Err(error) => self.error = Some(error),
            }
            return true;
        }
        false
    }

    /// Sends as much of `data` as the link's window takes; returns how much that was.
    pub fn send(&mut self, data: &[u8], link: Link) -> usize {
        let mut sent = 0;
        while sent < data.len() && self.wire.len() < link.window {
            let mut out = vec![0; link.output];
            let wrote = self.established.as_mut().unwrap().write_data(&data[sent..], &mut out).unwrap();
            sent += wrote.taken;
            self.put(&out[..wrote.written]);
        }
        sent
    }

    /// Takes bytes from the other end's wire. Says whether there were any.
    pub fn deliver(&mut self, wire: &mut std::collections::VecDeque<u8>, link: Link) -> bool {
        let room = self.incoming.free_mut();
        let length = room.len().min(wire.len()).min(link.piece);
        for (place, byte) in room.iter_mut().zip(wire.drain(..length)) {
            *place = byte;
        }
        self.incoming.commit(length);
        length > 0
    }
}

/// A level and not an edge: asked twice, it says the same.
fn assert_same(want: &Want<'_>, again: &Want<'_>) {
    let facts = |want: &Want<'_>| (want.owes_output, want.read, want.ask.is_some(), want.work, want.closed);
    assert_eq!(facts(want), facts(again));
}

/// Runs both ends until neither can go on.
pub fn run<A: Handshake, B: Handshake>(client: &mut End<A>, server: &mut End<B>, key: &Key, link: Link) {
    run_with_keys(client, server, (None, key), link);
}

/// The same where a client may have a key as well.
pub fn run_with_keys<A: Handshake, B: Handshake>(
    client: &mut End<A>,
    server: &mut End<B>,
    (client_key, server_key): (Option<&Key>, &Key),
    link: Link,
) {
    loop {
        let mut progress = client.drive(client_key, link);
        progress |= server.deliver(&mut client.wire, link);
        progress |= server.drive(Some(server_key), link);
        progress |= client.deliver(&mut server.wire, link);
        if !progress {
            return;
        }
    }
}

/// The usual pair's types.
pub type Client<'a, P = Provider<TestRandom>> =
    ClientConnection<P, &'a ClientConfig<'a, chain::Verifier<'a>>, Vec<u8>>;
pub type Server<'a, P = Provider<TestRandom>> = ServerConnection<P, &'a ServerConfig<'a>, Vec<u8>>;

/// Their ends of a link.
pub type ClientEnd<'a, P = Provider<TestRandom>> =
    End<ClientHandshake<P, &'a ClientConfig<'a, chain::Verifier<'a>>, Vec<u8>>>;
pub type ServerEnd<'a, P = Provider<TestRandom>> = End<ServerHandshake<P, &'a ServerConfig<'a>, Vec<u8>>>;

/// A client of [`HOST`].
pub fn client<'a, P: CryptoProvider>(
    config: &'a ClientConfig<'a, chain::Verifier<'a>>,
    provider: P,
) -> Client<'a, P> {
    let name = ServerName::parse(HOST).unwrap();
    Connection::client(config, provider, vec![0; ferrule::required_scratch(2048)], name, NOW).unwrap()
}

/// A server.
pub fn server<'a, P: CryptoProvider>(config: &'a ServerConfig<'a>, provider: P) -> Server<'a, P> {
    Connection::server(config, provider, vec![0; ferrule::REQUIRED_SCRATCH]).unwrap()
}

/// The software provider with a repeatable random source.
pub fn provider(seed: u64) -> Provider<TestRandom> {
    software::provider(TestRandom::new(seed))
}

/// What a pair is made of, beside the identity.
#[derive(Debug, Clone, Copy)]
pub struct Setup<'s> {
    pub suites: [&'s [CipherSuite]; 2],
    pub groups: [&'s [NamedGroup]; 2],
    pub protocols: [&'s [&'s [u8]]; 2],
    pub scratch: [usize; 2],
    /// Record size limits (RFC 8449).
    pub limits: [Option<u16>; 2],
    pub link: Link,
}

impl Default for Setup<'_> {
    /// The defaults of both configurations; the client's part first in each pair.
    fn default() -> Self {
        Self {
            suites: [ferrule::config::DEFAULT_CIPHER_SUITES; 2],
            groups: [ferrule::config::DEFAULT_GROUPS; 2],
            protocols: [&[]; 2],
            scratch: [ferrule::required_scratch(2048), ferrule::REQUIRED_SCRATCH],
            limits: [None; 2],
            link: Link::default(),
        }
    }
}

/// Configurations are lent, and tests are short: what they lend is never given back.
pub fn leak<T: Clone>(list: &[T]) -> &'static [T] {
    Box::leak(list.to_vec().into_boxed_slice())
}

/// A verifier that trusts the identity's root.
pub fn verifier(identity: &Identity) -> chain::Verifier<'static> {
    let anchor = TrustAnchor::from_certificate(leak(&identity.root)).unwrap();
    chain::Verifier::new(Box::leak(Box::new([anchor])))
}

type ClientOf<P, V> = End<ClientHandshake<P, &'static ClientConfig<'static, V>, Vec<u8>>>;

/// The two ends of these providers, before the first byte.
pub fn pair<C: CryptoProvider, S: CryptoProvider, V: PeerVerifier>(
    identity: &Identity,
    verifier: V,
    setup: Setup<'_>,
    providers: (C, S),
) -> (ClientOf<C, V>, ServerEnd<'static, S>) {
    let protocols = setup.protocols.map(|list| leak(&list.iter().map(|name| leak(name)).collect::<Vec<_>>()));
    let mut client_config = ClientConfig::new(verifier);
    client_config.cipher_suites = leak(setup.suites[0]);
    client_config.groups = leak(setup.groups[0]);
    client_config.protocols = protocols[0];
    client_config.record_size_limit = setup.limits[0];
    let chain = leak(&identity.chain.iter().map(|der| leak(der)).collect::<Vec<_>>());
    let mut server_config = ServerConfig::new(leak(&[Credential::new(chain, identity.key.schemes())]));
    server_config.cipher_suites = leak(setup.suites[1]);
    server_config.groups = leak(setup.groups[1]);
    server_config.protocols = protocols[1];
    server_config.record_size_limit = setup.limits[1];
    let [client_scratch, server_scratch] = setup.scratch.map(|length| vec![0; length]);
    let name = ServerName::parse(HOST).unwrap();
    let client_config = Box::leak(Box::new(client_config));
    let client = Connection::client(&*client_config, providers.0, client_scratch, name, NOW).unwrap();
    let server_config = Box::leak(Box::new(server_config));
    let server = Connection::server(&*server_config, providers.1, server_scratch).unwrap();
    (End::new(client), End::new(server))
}

/// Runs a handshake between these providers, and hands out its two ends, however it went.
pub fn run_pair<C: CryptoProvider, S: CryptoProvider, V: PeerVerifier>(
    identity: &Identity,
    verifier: V,
    setup: Setup<'_>,
    providers: (C, S),
) -> (ClientOf<C, V>, ServerEnd<'static, S>) {
    let (mut client, mut server) = pair(identity, verifier, setup, providers);
    run(&mut client, &mut server, &identity.key, setup.link);
    (client, server)
}

/// As [`run_pair`], of software providers, and the handshake must succeed.
pub fn with_setup(
    identity: &Identity,
    setup: Setup<'_>,
    story: impl FnOnce(ClientEnd<'static>, ServerEnd<'static>),
) {
    let (client, server) = run_pair(identity, verifier(identity), setup, (provider(1), provider(2)));
    assert_eq!((&client.error, &server.error), (&None, &None), "{setup:?}");
    assert!(client.established.is_some() && server.established.is_some(), "{setup:?}");
    story(client, server);
}

/// Runs `story` with a handshake's two ends, established over `link`.
pub fn with_established(
    identity: &Identity,
    link: Link,
    story: impl FnOnce(ClientEnd<'static>, ServerEnd<'static>),
) {
    with_setup(identity, Setup { link, ..Setup::default() }, story);
}

/// Most of the time of a handshake goes into public keys: this pair has none.
pub fn null_pair(setup: Setup<'_>) -> (NullClient, ServerEnd<'static, Null>) {
    static IDENTITY: std::sync::OnceLock<Identity> = std::sync::OnceLock::new();
    let identity = IDENTITY.get_or_init(|| Identity { key: Key::Null, ..Identity::new(KeyKind::P256) });
    pair(identity, NoVerification, setup, (null(TestRandom::new(1)), null(TestRandom::new(2))))
}

/// As [`with_setup`], with [`null_pair`].
pub fn with_null(setup: Setup<'_>, story: impl FnOnce(NullClient, ServerEnd<'static, Null>)) {
    let (mut client, mut server) = null_pair(setup);
    run(&mut client, &mut server, &Key::Null, setup.link);
    assert_eq!((&client.error, &server.error), (&None, &None), "{setup:?}");
    assert!(client.established.is_some() && server.established.is_some(), "{setup:?}");
    story(client, server);
}

pub type NullClient = ClientOf<Null, NoVerification>;
