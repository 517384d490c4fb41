//! rustls in memory.

use crate::{BULK, Contender, HOST, Identity, Sides};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, ClientConnection, ConnectionCommon, ServerConfig, ServerConnection};
use std::io::{Read, Write};
use std::sync::Arc;
use std::time::Instant;

/// rustls with a provider, held to the suite and the group that ours uses.
pub struct Rustls {
    client: Arc<ClientConfig>,
    server: Arc<ServerConfig>,
    bulk: Option<(ClientConnection, ServerConnection)>,
}

impl Rustls {
    pub fn new(identity: Identity, mut provider: CryptoProvider) -> Self {
        provider.cipher_suites.retain(|suite| suite.suite() == rustls::CipherSuite::TLS13_AES_128_GCM_SHA256);
        provider.kx_groups.retain(|group| group.name() == rustls::NamedGroup::X25519);
        let provider = Arc::new(provider);
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from(identity.root)).unwrap();
        let versions = &[&rustls::version::TLS13];
        let mut client = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        // Full handshakes are what is compared.
        client.resumption = rustls::client::Resumption::disabled();
        let key = PrivateKeyDer::try_from(identity.key).unwrap();
        let mut server = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![CertificateDer::from(identity.leaf)], key)
            .unwrap();
        server.send_tls13_tickets = 0;
        Self { client: Arc::new(client), server: Arc::new(server), bulk: None }
    }

    fn connect(&self) -> (Sides, ClientConnection, ServerConnection) {
        let mut sides = Sides::default();
        let began = Instant::now();
        let mut client = ClientConnection::new(Arc::clone(&self.client), HOST.try_into().unwrap()).unwrap();
        sides.client += began.elapsed();
        let began = Instant::now();
        let mut server = ServerConnection::new(Arc::clone(&self.server)).unwrap();
        sides.server += began.elapsed();
        let (mut to_client, mut to_server) = (Vec::new(), Vec::new());
        while client.is_handshaking() || server.is_handshaking() {
            let began = Instant::now();
            drive(&mut client, &mut to_client, &mut to_server);
            sides.client += began.elapsed();
            let began = Instant::now();
            drive(&mut server, &mut to_server, &mut to_client);
            sides.server += began.elapsed();
        }
        (sides, client, server)
    }
}

fn drive<D>(connection: &mut ConnectionCommon<D>, from: &mut Vec<u8>, to: &mut Vec<u8>) {
    let mut rest = from.as_slice();
    while !rest.is_empty() {
        connection.read_tls(&mut rest).unwrap();
        connection.process_new_packets().unwrap();
    }
    from.clear();
    while connection.wants_write() {
        connection.write_tls(to).unwrap();
    }
}

impl Contender for Rustls {
    fn handshake(&self) -> Sides {
        self.connect().0
    }

    fn bulk(&mut self) {
        let (mut client, mut server) = self.bulk.take().unwrap_or_else(|| {
            let (_, client, server) = self.connect();
            (client, server)
        });
        let (data, mut plain) = (vec![7; BULK], vec![0; 1 << 14]);
        let mut wire = Vec::new();
        for piece in data.chunks(1 << 14) {
            client.writer().write_all(piece).unwrap();
            drive(&mut client, &mut Vec::new(), &mut wire);
            let mut rest = wire.as_slice();
            let mut received = 0;
            while received < piece.len() {
                server.read_tls(&mut rest).unwrap();
                server.process_new_packets().unwrap();
                received += std::hint::black_box(server.reader().read(&mut plain)).unwrap_or(0);
            }
            wire.clear();
        }
        self.bulk = Some((client, server));
    }
}
