//! Ferrule in memory.

use crate::null::AcceptAll;
use crate::providers::{NULL_SIGNATURE, NullAeads, NullKeyExchanges};
use crate::{BULK, Contender, HOST, Identity, Sides};
use ferrule::certificate::{ServerName, TrustAnchor, UnixTime, Validity, chain};
use ferrule::crypto::software::signing::EcdsaP256Key;
use ferrule::crypto::software::{self, Aead, KeyExchange, Sha2, Verifier};
use ferrule::crypto::{Aeads, CipherSuite, Composed, CryptoProvider, KeyExchanges, NamedGroup, Verifiers};
use ferrule::record::{Buffer, MAX_RECORD};
use ferrule::{
    Answer, Ask, ClientConfig, Connection, Credential, Established, Event, Handshake, ServerConfig,
};
use ferrule_std::OsRandom;
use std::time::Instant;

/// Ferrule with these parts; the key is `None` where signatures are constants.
pub struct Ferrule<A: Aeads, K: KeyExchanges, V: Verifiers> {
    identity: Identity,
    key: Option<EcdsaP256Key>,
    parts: fn() -> Parts<A, K, V>,
    bulk: Option<Pair<Parts<A, K, V>>>,
}

/// A provider whose hashes are real.
type Parts<A, K, V> = Composed<OsRandom, Sha2, A, K, V>;
type Pair<P> = (Established<P>, Established<P>);

pub fn software(identity: Identity) -> Ferrule<Aead, KeyExchange, Verifier> {
    let key = Some(EcdsaP256Key::from_der(&identity.key).unwrap());
    Ferrule { identity, key, parts: || software::provider(OsRandom), bulk: None }
}

pub fn null(identity: Identity) -> Ferrule<NullAeads, NullKeyExchanges, AcceptAll> {
    let parts = || Composed {
        random: OsRandom,
        hashes: Sha2::default(),
        aeads: NullAeads,
        key_exchanges: NullKeyExchanges,
        verifiers: AcceptAll,
    };
    Ferrule { identity, key: None, parts, bulk: None }
}

/// One end of the connection.
struct End<H: Handshake> {
    connection: Connection<H>,
    window: Buffer<Vec<u8>>,
}

impl<H: Handshake> End<H> {
    fn new(connection: Connection<H>) -> Self {
        Self { connection, window: Buffer::new(vec![0; MAX_RECORD]) }
    }

    /// Takes what came, and does all that can be done.
    fn drive(&mut self, from: &mut Vec<u8>, to: &mut Vec<u8>, key: Option<&EcdsaP256Key>) {
        self.window.free_mut()[..from.len()].copy_from_slice(from);
        self.window.commit(from.len());
        from.clear();
        loop {
            let want = self.connection.want();
            if want.owes_output {
                let mut record = [0; 4096];
                let length = self.connection.write_record(&mut record).unwrap();
                to.extend_from_slice(&record[..length]);
            } else if let Some(Ask::Sign(request)) = want.ask {
                let mut signature = [0; 72];
                let length = match key {
                    Some(key) => key.sign(request.message, &mut signature).unwrap(),
                    None => {
                        signature[..NULL_SIGNATURE.len()].copy_from_slice(&NULL_SIGNATURE);
                        NULL_SIGNATURE.len()
                    }
                };
                self.connection.answer(Answer::Signature(&signature[..length])).unwrap();
            } else if want.work {
                self.connection.work().unwrap();
            } else if want.read.is_some_and(|needed| self.window.len() >= needed) {
                let consumed = self.connection.read_record(self.window.filled_mut()).unwrap().consumed;
                self.window.consume(consumed);
            } else {
                return;
            }
        }
    }
}

impl<A: Aeads, K: KeyExchanges, V: Verifiers> Ferrule<A, K, V> {
    fn connect(&self) -> (Sides, Pair<Parts<A, K, V>>) {
        let anchors = [TrustAnchor::from_certificate(&self.identity.root).unwrap()];
        let mut client_config = ClientConfig::new(chain::Verifier::new(&anchors));
        client_config.cipher_suites = &[CipherSuite::TLS_AES_128_GCM_SHA256];
        client_config.groups = &[NamedGroup::X25519];
        let chain: [&[u8]; 1] = [&self.identity.leaf];
        let credentials = [Credential::new(&chain, &[EcdsaP256Key::SCHEME])];
        let server_config = ServerConfig::new(&credentials);
        let (name, now) = (ServerName::parse(HOST).unwrap(), Validity::At(UnixTime(1_780_000_000)));
        let mut sides = Sides::default();

        let began = Instant::now();
        let scratch = vec![0; ferrule::required_scratch(2048)];
        let client = Connection::client(&client_config, (self.parts)(), scratch, name, now).unwrap();
        let mut client = End::new(client);
        sides.client += began.elapsed();
        let began = Instant::now();
        let server =
            Connection::server(&server_config, (self.parts)(), vec![0; ferrule::REQUIRED_SCRATCH]).unwrap();
        let mut server = End::new(server);
        sides.server += began.elapsed();

        let (mut to_client, mut to_server) = (Vec::new(), Vec::new());
        while client.connection.want().work || !to_client.is_empty() || !to_server.is_empty() {
            let began = Instant::now();
            client.drive(&mut to_client, &mut to_server, None);
            sides.client += began.elapsed();
            let began = Instant::now();
            server.drive(&mut to_server, &mut to_client, self.key.as_ref());
            sides.server += began.elapsed();
        }
        let Ok((client, _)) = client.connection.into_established() else { panic!("the client is not done") };
        let Ok((server, _)) = server.connection.into_established() else { panic!("the server is not done") };
        (sides, (client, server))
    }
}

impl<A: Aeads, K: KeyExchanges, V: Verifiers> Contender for Ferrule<A, K, V> {
    fn handshake(&self) -> Sides {
        self.connect().0
    }

    fn bulk(&mut self) {
        let mut pair = self.bulk.take().unwrap_or_else(|| self.connect().1);
        transfer(&mut pair);
        self.bulk = Some(pair);
    }
}

fn transfer<P: CryptoProvider>((client, server): &mut Pair<P>) {
    let (data, mut record) = (vec![7; BULK], vec![0; MAX_RECORD]);
    let mut sent = 0;
    while sent < data.len() {
        let wrote = client.write_data(&data[sent..], &mut record).unwrap();
        sent += wrote.taken;
        match server.read_record(&mut record[..wrote.written]).unwrap().event {
            Event::ApplicationData(data) => assert!(!std::hint::black_box(data).is_empty()),
            event => panic!("{event:?}"),
        }
    }
}
