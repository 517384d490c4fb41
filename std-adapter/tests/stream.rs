//! The stream as a library: against rustls, over transports that dawdle, stall and break.

use ferrule_std::{Bare, Client, Failure, HalfRead, PrivateKey, Roots, Server, TlsStream};
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

const HOST: &str = "stream.test";

/// A certificate that is its own root, and its key.
struct Identity {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Identity {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![HOST.to_owned()]).unwrap().self_signed(&key).unwrap();
        Self { certificate: certificate.der().to_vec(), key: key.serialize_der() }
    }

    fn client(&self) -> Client {
        let mut roots = Roots::default();
        assert!(roots.add(&self.certificate));
        Client::new(roots)
    }

    fn server(&self) -> Server {
        Server::new(vec![self.certificate.clone()], PrivateKey::from_der(&self.key).unwrap()).unwrap()
    }

    fn rustls_server(&self) -> Arc<rustls::ServerConfig> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder =
            rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let key = PrivateKeyDer::try_from(self.key.clone()).unwrap();
        let chain = vec![CertificateDer::from(self.certificate.clone())];
        Arc::new(builder.unwrap().with_no_client_auth().with_single_cert(chain, key).unwrap())
    }

    fn rustls_client(&self) -> Arc<rustls::ClientConfig> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from(self.certificate.clone())).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder =
            rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        Arc::new(builder.unwrap().with_root_certificates(roots).with_no_client_auth())
    }
}

/// Two ends of a connection on loopback.
fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let near = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    (near, listener.accept().unwrap().0)
}

/// Gives and takes one byte at a time.
struct Dripping(TcpStream);

impl Read for Dripping {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = into.len().min(1);
        self.0.read(&mut into[..length])
    }
}

impl Write for Dripping {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(&bytes[..bytes.len().min(1)])
    }
    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// What a page is, here.
fn data() -> Vec<u8> {
    (0..100_000u32).map(|i| (i * 7 % 251) as u8).collect()
}

fn echo_once(stream: &mut (impl Read + Write), length: usize) {
    let mut received = vec![0; length];
    stream.read_exact(&mut received).unwrap();
    stream.write_all(&received).unwrap();
    stream.flush().unwrap();
}

fn ask_for_echo(stream: &mut (impl Read + Write)) {
    stream.write_all(&data()).unwrap();
    stream.flush().unwrap();
    let mut received = vec![0; data().len()];
    stream.read_exact(&mut received).unwrap();
    assert!(received == data(), "the echo differs");
}

#[test]
fn a_client_over_a_transport_of_one_byte_at_a_time() {
    let identity = Identity::new();
    let (near, mut far) = pair();
    let config = identity.rustls_server();
    let peer = thread::spawn(move || {
        let mut connection = rustls::ServerConnection::new(config).unwrap();
        echo_once(&mut rustls::Stream::new(&mut connection, &mut far), data().len());
    });
    let mut stream = identity.client().connect(HOST.parse().unwrap(), Bare(Dripping(near))).unwrap();
    ask_for_echo(&mut stream);
    peer.join().unwrap();
}

#[test]
fn a_server_over_a_transport_of_one_byte_at_a_time() {
    let identity = Identity::new();
    let (near, mut far) = pair();
    let config = identity.rustls_client();
    let peer = thread::spawn(move || {
        let mut connection = rustls::ClientConnection::new(config, HOST.try_into().unwrap()).unwrap();
        ask_for_echo(&mut rustls::Stream::new(&mut connection, &mut far));
    });
    let mut stream = identity.server().accept(Bare(Dripping(near))).unwrap();
    echo_once(&mut stream, data().len());
    peer.join().unwrap();
}

#[test]
fn a_peer_that_says_nothing_is_given_up() {
    let (near, _silent) = pair();
    let mut client = Identity::new().client();
    client.handshake_timeout = Some(Duration::from_millis(100));
    let failure = client.connect(HOST.parse().unwrap(), near).unwrap_err();
    assert!(matches!(failure, Failure::TimedOut { .. }), "{failure}");
}

#[test]
fn a_handshake_that_drips_in_for_ever_is_given_up() {
    let (near, mut far) = pair();
    let mut server = Identity::new().server();
    server.handshake_timeout = Some(Duration::from_millis(300));
    // A ClientHello of 16 kB is announced, and comes a byte at a time: no single read takes long.
    thread::spawn(move || {
        let mut bytes = [22, 3, 1, 0x3f, 0xff, 1, 0, 0x3f, 0xfb].into_iter().chain(std::iter::repeat(0));
        while far.write_all(&[bytes.next().unwrap()]).is_ok() {
            thread::sleep(Duration::from_millis(20));
        }
    });
    let failure = server.accept(near).unwrap_err();
    assert!(matches!(failure, Failure::TimedOut { .. }), "{failure}");
}

/// An established pair of ours; the server side is handed to `serve` in a thread of its own.
fn connected<T: Send + 'static>(
    identity: &Identity,
    idle_timeout: Option<Duration>,
    serve: impl FnOnce(TlsStream<TcpStream>) -> T + Send + 'static,
) -> (TlsStream<TcpStream>, thread::JoinHandle<T>) {
    let (near, far) = pair();
    let server = identity.server();
    let served = thread::spawn(move || serve(server.accept(far).unwrap()));
    let mut client = identity.client();
    client.idle_timeout = idle_timeout;
    (client.connect(HOST.parse().unwrap(), near).unwrap(), served)
}

#[test]
fn an_idle_peer_is_given_up_and_can_be_waited_for_again() {
    let (tell, told) = std::sync::mpsc::channel::<()>();
    let (mut stream, served) =
        connected(&Identity::new(), Some(Duration::from_millis(50)), move |mut server| {
            told.recv().unwrap();
            server.write_all(b"at last").unwrap();
            server.close_write().unwrap();
        });
    let mut text = [0; 7];
    assert_eq!(stream.read(&mut text).unwrap_err().kind(), io::ErrorKind::TimedOut);
    tell.send(()).unwrap();
    while let Err(error) = stream.read_exact(&mut text) {
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
    assert_eq!(&text, b"at last");
    served.join().unwrap();
}

#[test]
fn a_transport_that_just_ends_is_told_apart_from_a_close() {
    let (mut stream, served) = connected(&Identity::new(), None, |mut server| {
        server.write_all(b"half of it").unwrap();
        drop(server);
    });
    let error = io::copy(&mut stream, &mut io::sink()).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    served.join().unwrap();
    let (mut stream, served) = connected(&Identity::new(), None, |server| server.close().unwrap());
    assert_eq!(stream.read(&mut [0; 1]).unwrap(), 0);
    stream.close_write().unwrap();
    served.join().unwrap();
}

#[test]
fn both_ends_export_the_same() {
    let exported = |stream: &mut TlsStream<TcpStream>| {
        let mut key = [0; 100];
        stream.export(b"EXPERIMENTAL ferrule", b"context", &mut key).unwrap();
        key
    };
    let (mut stream, served) = connected(&Identity::new(), None, move |mut server| exported(&mut server));
    assert_eq!(exported(&mut stream), served.join().unwrap());
}

#[test]
fn two_halves_work_in_two_threads_and_a_key_update_passes_between_them() {
    let (stream, served) = connected(&Identity::new(), None, |mut server| {
        server.update_keys();
        server.write_all(b"under new keys").unwrap();
        let mut received = String::new();
        server.read_to_string(&mut received).unwrap();
        server.close_write().unwrap();
        received
    });
    let second = stream.transport().try_clone().unwrap();
    let (mut reader, mut writer) = stream.into_halves(second).unwrap();
    let (news, hear) = std::sync::mpsc::channel();
    let reading = thread::spawn(move || {
        let (mut received, mut closed) = (Vec::new(), false);
        while !closed {
            let (outcome, said) = reader.read(|read| match read {
                HalfRead::Data(data) => received.extend_from_slice(data),
                HalfRead::Nothing => {}
                HalfRead::Closed => closed = true,
            });
            outcome.unwrap();
            news.send(said).unwrap();
        }
        received
    });
    // The first news is the request for new keys; its answer goes out before the data.
    writer.tell(hear.recv().unwrap()).unwrap();
    writer.write_all(b"and so is this").unwrap();
    writer.close().unwrap();
    assert_eq!(served.join().unwrap(), "and so is this");
    assert_eq!(reading.join().unwrap(), b"under new keys");
}
