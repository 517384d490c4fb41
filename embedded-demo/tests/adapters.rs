//! The adapters against each other, over pipes, on the host.

use embedded_io::{ErrorKind, ErrorType, Read, Write};
use ferrule::certificate::{ServerName, TrustAnchor, Validity, chain};
use ferrule::crypto::software::{self, signing::EcdsaP256Key};
use ferrule::crypto::{CryptoError, Random};
use ferrule::record::{MAX_RECORD, MIN_OUTPUT};
use ferrule::{ClientConfig, Connection, Credential, Error, ServerConfig};
use ferrule_embedded_demo::{Failure, asynchronous, blocking};
use std::pin::pin;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::task::{Context, Poll, Waker};
use std::thread;

const NAME: &str = "device.example";

/// One end of a pipe that hands out at most so many bytes a call. The end is gone when it is dropped.
struct Pipe {
    to: Sender<Vec<u8>>,
    from: Receiver<Vec<u8>>,
    held: Vec<u8>,
    at_most: usize,
}

fn pipes(at_most: usize) -> (Pipe, Pipe) {
    let ((to_b, from_a), (to_a, from_b)) = (channel(), channel());
    let pipe = |to, from| Pipe { to, from, held: Vec::new(), at_most };
    (pipe(to_b, from_b), pipe(to_a, from_a))
}

impl ErrorType for Pipe {
    type Error = ErrorKind;
}

impl Read for Pipe {
    fn read(&mut self, into: &mut [u8]) -> Result<usize, ErrorKind> {
        if self.held.is_empty() {
            self.held = self.from.recv().unwrap_or_default();
        }
        let length = self.held.len().min(into.len()).min(self.at_most);
        into[..length].copy_from_slice(&self.held[..length]);
        self.held.drain(..length);
        Ok(length)
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        let taken = &bytes[..bytes.len().min(self.at_most)];
        // A peer that is gone reads nothing.
        let _ = self.to.send(taken.to_vec());
        Ok(taken.len())
    }
    fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}

impl embedded_io_async::Read for Pipe {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, ErrorKind> {
        pause().await;
        Read::read(self, into)
    }
}

impl embedded_io_async::Write for Pipe {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        pause().await;
        Write::write(self, bytes)
    }
    async fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}

/// Is not ready when first asked.
async fn pause() {
    let mut asked = false;
    std::future::poll_fn(
        |_| {
            if std::mem::replace(&mut asked, true) { Poll::Ready(()) } else { Poll::Pending }
        },
    )
    .await;
}

fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
    }
}

/// For tests: counts.
struct Counter(u8);

impl Random for Counter {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), CryptoError> {
        for byte in out {
            self.0 = self.0.wrapping_mul(73).wrapping_add(41);
            *byte = self.0;
        }
        Ok(())
    }
}

struct Identity {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

fn identity(name: &str) -> Identity {
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    Identity { certificate: made.cert.der().to_vec(), key: made.signing_key.serialize_der() }
}

/// A server that returns what it reads, until the client closes.
fn echo(pipe: Pipe, identity: &Identity) -> Result<(), Failure<ErrorKind>> {
    let key = EcdsaP256Key::from_der(&identity.key).unwrap();
    let chain: [&[u8]; 1] = [&identity.certificate];
    let credentials = [Credential::new(&chain, &[EcdsaP256Key::SCHEME])];
    let config = ServerConfig::new(&credentials);
    let mut scratch = [0; ferrule::REQUIRED_SCRATCH];
    let (mut incoming, mut outgoing) = ([0; MAX_RECORD], [0; 512]);
    let mut connection = Connection::server(&config, software::provider(Counter(1)), &mut scratch[..])?;
    let mut wire = blocking::Wire::new(pipe, &mut incoming, &mut outgoing);
    blocking::handshake(&mut connection, &mut wire, |request, out| key.sign(request.message, out).ok())?;
    let (established, _) = connection.into_established().unwrap();
    let mut stream = blocking::Stream::new(wire, established);
    let mut data = [0; 100];
    loop {
        match stream.read(&mut data)? {
            0 => return stream.close(),
            length => stream.write_all(&data[..length])?,
        }
    }
}

fn trusted(identity: &Identity) -> [TrustAnchor<'_>; 1] {
    [TrustAnchor::from_certificate(&identity.certificate).unwrap()]
}

fn message() -> Vec<u8> {
    (0..=255).cycle().take(5_000).collect()
}

#[test]
fn blocking_streams_carry_data_over_a_byte_at_a_time() {
    let identity = identity(NAME);
    let (near, far) = pipes(1);
    thread::scope(|scope| {
        let server = scope.spawn(|| echo(far, &identity));
        let anchors = trusted(&identity);
        let config = ClientConfig::new(chain::Verifier::new(&anchors));
        let mut scratch = [0; ferrule::required_scratch(1024)];
        let (mut incoming, mut outgoing) = ([0; MAX_RECORD], [0; MIN_OUTPUT]);
        let name = ServerName::parse(NAME).unwrap();
        let provider = software::provider(Counter(2));
        let mut connection =
            Connection::client(&config, provider, &mut scratch[..], name, Validity::NotChecked).unwrap();
        let mut wire = blocking::Wire::new(near, &mut incoming, &mut outgoing);
        blocking::handshake(&mut connection, &mut wire, blocking::NO_KEY).unwrap();
        let (established, _) = connection.into_established().unwrap();
        let mut stream = blocking::Stream::new(wire, established);

        let mut back = vec![0; 5_000];
        for (sent, received) in message().chunks(700).zip(back.chunks_mut(700)) {
            stream.write_all(sent).unwrap();
            stream.read_exact(received).unwrap();
        }
        assert_eq!(back, message());
        stream.close().unwrap();
        assert_eq!(stream.read(&mut [0; 8]), Ok(0), "the server closes in turn");
        assert_eq!(stream.read(&mut [0; 8]), Ok(0), "and stays closed");
        server.join().unwrap().unwrap();
    });
}

#[test]
fn asynchronous_streams_carry_data() {
    let identity = identity(NAME);
    let (near, far) = pipes(333);
    thread::scope(|scope| {
        let server = scope.spawn(|| echo(far, &identity));
        let anchors = trusted(&identity);
        let config = ClientConfig::new(chain::Verifier::new(&anchors));
        let mut scratch = [0; ferrule::required_scratch(1024)];
        let (mut incoming, mut outgoing) = ([0; MAX_RECORD], [0; 512]);
        let name = ServerName::parse(NAME).unwrap();
        let provider = software::provider(Counter(2));
        let mut connection =
            Connection::client(&config, provider, &mut scratch[..], name, Validity::NotChecked).unwrap();
        block_on(async {
            use embedded_io_async::{Read, Write};
            let mut wire = asynchronous::Wire::new(near, &mut incoming, &mut outgoing);
            asynchronous::handshake(&mut connection, &mut wire, async |_, _| None).await.unwrap();
            let (established, _) = connection.into_established().unwrap();
            let mut stream = asynchronous::Stream::new(wire, established);
            stream.write_all(&message()).await.unwrap();
            let mut back = vec![0; 5_000];
            stream.read_exact(&mut back).await.unwrap();
            assert_eq!(back, message());
            stream.close().await.unwrap();
            assert_eq!(stream.read(&mut [0; 8]).await, Ok(0));
        });
        server.join().unwrap().unwrap();
    });
}

#[test]
fn a_transport_that_just_ends_is_no_close() {
    let identity = identity(NAME);
    let (near, far) = pipes(usize::MAX);
    thread::scope(|scope| {
        let server = scope.spawn(|| echo(far, &identity));
        let anchors = trusted(&identity);
        let config = ClientConfig::new(chain::Verifier::new(&anchors));
        let mut scratch = [0; ferrule::required_scratch(1024)];
        let (mut incoming, mut outgoing) = ([0; MAX_RECORD], [0; 512]);
        let name = ServerName::parse(NAME).unwrap();
        let provider = software::provider(Counter(2));
        let mut connection =
            Connection::client(&config, provider, &mut scratch[..], name, Validity::NotChecked).unwrap();
        let mut wire = blocking::Wire::new(near, &mut incoming, &mut outgoing);
        blocking::handshake(&mut connection, &mut wire, blocking::NO_KEY).unwrap();
        drop(wire);
        assert_eq!(server.join().unwrap(), Err(Failure::Tls(Error::Truncated)));
    });
}

#[test]
fn both_sides_learn_why_a_handshake_failed() {
    let (right, wrong) = (identity(NAME), identity("other.example"));
    let (near, far) = pipes(usize::MAX);
    thread::scope(|scope| {
        let server = scope.spawn(|| echo(far, &wrong));
        let anchors = trusted(&right);
        let config = ClientConfig::new(chain::Verifier::new(&anchors));
        let mut scratch = [0; ferrule::required_scratch(1024)];
        let (mut incoming, mut outgoing) = ([0; MAX_RECORD], [0; 512]);
        let name = ServerName::parse(NAME).unwrap();
        let provider = software::provider(Counter(2));
        let mut connection =
            Connection::client(&config, provider, &mut scratch[..], name, Validity::NotChecked).unwrap();
        let mut wire = blocking::Wire::new(near, &mut incoming, &mut outgoing);
        let failure = blocking::handshake(&mut connection, &mut wire, blocking::NO_KEY).unwrap_err();
        assert!(failure.to_string().contains("is for other names than \"device.example\""), "{failure}");
        assert_eq!(connection.failure().map(Failure::Tls), Some(failure));
        drop(wire);
        let alert = ferrule::AlertDescription::CERTIFICATE_UNKNOWN;
        assert_eq!(server.join().unwrap(), Err(Failure::Tls(Error::AlertReceived(alert))));
    });
}
