//! TLS that serves any chain, whatever is wrong with it: rustls, which does not look at its own certificates. Each
//! case has a port of its own. For the case of a client, it is the consumer that plays the server, over a
//! connection that it has made all the same.

use crate::draft::{Case, Role};
use crate::key::{Hash, Key, Kind};
use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::{CertifiedKey, Signer, SigningKey};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, Error, ServerConfig, ServerConnection,
    SignatureAlgorithm, SignatureScheme, Stream, version,
};
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(20);
const PAGE: &[u8] = b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nok\n";

/// Serves the case to whoever connects, until the test ends. Returns the port.
pub(crate) fn serve(case: &Case) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let chain = Arc::new(certified(case));
    let role = case.role;
    let tls_1_2_only = case.leaf_key.kind == Kind::Secp256k1;
    thread::Builder::new()
        .stack_size(128 << 10)
        .spawn(move || {
            for socket in listener.incoming().flatten() {
                let chain = chain.clone();
                // How it ends is told by the consumer.
                thread::spawn(move || match role {
                    Role::Server => talk_as_server(socket, chain, tls_1_2_only),
                    Role::Client => talk_as_client(socket, chain),
                });
            }
        })
        .unwrap();
    port
}

fn certified(case: &Case) -> CertifiedKey {
    let chain = case.served.iter().map(|der| CertificateDer::from(der.clone())).collect();
    CertifiedKey::new(chain, Arc::new(Hand(case.leaf_key.clone())))
}

fn talk_as_server(mut socket: TcpStream, chain: Arc<CertifiedKey>, tls_1_2_only: bool) -> io::Result<()> {
    socket.set_read_timeout(Some(PATIENCE))?;
    // TLS 1.3 has no scheme for every key; a server that has such a one falls back.
    let versions = if tls_1_2_only { &[&version::TLS12][..] } else { &[&version::TLS12, &version::TLS13] };
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(Chain(chain)));
    config.send_tls13_tickets = 0;
    let mut connection = ServerConnection::new(Arc::new(config)).unwrap();
    let mut stream = Stream::new(&mut connection, &mut socket);
    let mut request = [0; 4096];
    if stream.read(&mut request)? > 0 {
        stream.write_all(PAGE)?;
    }
    stream.conn.send_close_notify();
    stream.flush()?;
    // What has come and is not read would turn the end into a reset.
    while stream.read(&mut request)? > 0 {}
    Ok(())
}

/// Plays the client to a server at the other end.
pub(crate) fn talk_as_client(mut socket: TcpStream, chain: Arc<CertifiedKey>) -> io::Result<()> {
    socket.set_read_timeout(Some(PATIENCE))?;
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AnyServer))
        .with_client_cert_resolver(Arc::new(Chain(chain)));
    let name = ServerName::try_from("server.ferrule.example").unwrap();
    let mut connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = Stream::new(&mut connection, &mut socket);
    // Some servers say nothing until they are spoken to.
    stream.write_all(b"hello\n")?;
    stream.conn.send_close_notify();
    stream.flush()?;
    let mut answer = [0; 4096];
    while stream.read(&mut answer)? > 0 {}
    Ok(())
}

/// Plays the client of this case to a server at that port.
pub(crate) fn visit(case: &Case, port: u16) -> io::Result<()> {
    talk_as_client(TcpStream::connect(("127.0.0.1", port))?, Arc::new(certified(case)))
}

#[derive(Debug)]
struct Chain(Arc<CertifiedKey>);

impl ResolvesServerCert for Chain {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.clone())
    }
}

impl ResolvesClientCert for Chain {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(self.0.clone())
    }

    fn has_certs(&self) -> bool {
        true
    }
}

#[derive(Debug)]
struct Hand(Key);

impl SigningKey for Hand {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        let schemes: &[SignatureScheme] = match self.0.kind {
            // In TLS 1.2 this scheme is ECDSA with SHA-256 on any curve.
            Kind::P256 | Kind::Secp256k1 => &[SignatureScheme::ECDSA_NISTP256_SHA256],
            Kind::P384 => &[SignatureScheme::ECDSA_NISTP384_SHA384],
            Kind::P521 => &[SignatureScheme::ECDSA_NISTP521_SHA512],
            Kind::Ed25519 => &[SignatureScheme::ED25519],
            _ => &[SignatureScheme::RSA_PSS_SHA256, SignatureScheme::RSA_PKCS1_SHA256],
        };
        let scheme = *schemes.iter().find(|scheme| offered.contains(scheme))?;
        Some(Box::new(Signing { key: self.0.clone(), scheme }))
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        match self.0.kind {
            Kind::Ed25519 => SignatureAlgorithm::ED25519,
            kind if kind.is_rsa() => SignatureAlgorithm::RSA,
            _ => SignatureAlgorithm::ECDSA,
        }
    }
}

#[derive(Debug)]
struct Signing {
    key: Key,
    scheme: SignatureScheme,
}

impl Signer for Signing {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(match self.scheme {
            SignatureScheme::RSA_PSS_SHA256 => self.key.sign_pss(message),
            SignatureScheme::ECDSA_NISTP384_SHA384 => self.key.sign(message, Hash::Sha384),
            SignatureScheme::ECDSA_NISTP521_SHA512 => self.key.sign(message, Hash::Sha512),
            _ => self.key.sign(message, Hash::Sha256),
        })
    }

    fn scheme(&self) -> SignatureScheme {
        self.scheme
    }
}

/// The server is the consumer: nobody doubts it.
#[derive(Debug)]
struct AnyServer;

impl ServerCertVerifier for AnyServer {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        default_provider().signature_verification_algorithms.supported_schemes()
    }
}
