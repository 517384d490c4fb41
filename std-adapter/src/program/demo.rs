//! `ferrule demo`: a whole connection on one screen. No network but the loopback, no files.

use super::arguments::DemoArguments;
use super::outcome::Trouble;
use super::report::{self, Messages, heading, hex, line};
use super::site::Site;
use ferrule_std::{Client, Failure, PrivateKey, Roots, Server, TlsStream, Transport, Watch};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, SystemTime};

const HOST: &str = "demo.ferrule.test";
const HOUR: Duration = Duration::from_secs(3600);
const REQUEST: &str = "GET / HTTP/1.1\r\nHost: demo.ferrule.test\r\nConnection: close\r\n\r\n";
const PAGE: &str = "<!doctype html>\n<title>Ferrule</title>\n<p>This page was encrypted on its way from one thread to another.\n";

pub(crate) fn run(arguments: &DemoArguments) -> Result<(), Trouble> {
    let said = |what: &'static str| move |e: String| Trouble::network(format!("demo: {what}: {e}"));
    let (mut server, mut client) = identities().map_err(said("certificates"))?;
    if let Some(group) = arguments.group {
        // The server's group alone: a client that guesses another is asked to try again.
        server.groups = vec![group.into()];
    }
    if let Some(cipher) = arguments.cipher {
        client.cipher_suites = vec![cipher.into()];
    }
    anstream::println!("A throw-away authority and a server certificate for {HOST} were made in memory.");
    let server = Arc::new(server);
    exchange(&server, &client).map_err(|f| Trouble::of(HOST, &f))?;
    tampering(&server, &client)
}

/// A server with a certificate of a new authority, and a client that trusts that authority alone.
fn identities() -> Result<(Server, Client), String> {
    let text = |e: rcgen::Error| e.to_string();
    let mut authority = CertificateParams::default();
    authority.distinguished_name.push(DnType::CommonName, "Demo Root");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let authority_key = KeyPair::generate().map_err(text)?;
    let root = authority.self_signed(&authority_key).map_err(text)?;
    let issuer = Issuer::new(authority, authority_key);

    let mut params = CertificateParams::new(vec![HOST.to_owned()]).map_err(text)?;
    let now = SystemTime::now();
    params.not_before = (now - HOUR).into();
    params.not_after = (now + 24 * HOUR).into();
    params.distinguished_name.push(DnType::CommonName, HOST);
    let key = KeyPair::generate().map_err(text)?;
    let leaf = params.signed_by(&key, &issuer).map_err(text)?;

    let mut roots = Roots::default();
    roots.add(root.der());
    let key = PrivateKey::from_der(key.serialized_der()).map_err(|e| e.to_string())?;
    let server = Server::new(vec![leaf.der().to_vec()], key).map_err(|e| e.to_string())?;
    Ok((server, Client::new(roots)))
}

/// Messages in the order in which their receivers have read them: in clear, as only those can.
type Story = Arc<Mutex<Vec<String>>>;

struct Receiver {
    from: &'static str,
    messages: Messages,
    story: Story,
}

impl Receiver {
    fn new(from: &'static str, story: &Story) -> Self {
        Self { from, messages: Messages::default(), story: Arc::clone(story) }
    }
}

impl Watch for Receiver {
    fn received(&mut self, record: &[u8]) {
        if let Ok(mut story) = self.story.lock() {
            story.extend(
                self.messages
                    .of_record(record)
                    .iter()
                    .map(|passed| format!("  {} {}", self.from, line(passed))),
            );
        }
    }
}

/// One HTTPS exchange, told step by step.
fn exchange(server: &Arc<Server>, client: &Client) -> Result<(), Failure> {
    let story = Story::default();
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let serving = {
        let (server, story) = (Arc::clone(server), Arc::clone(&story));
        thread::spawn(move || -> io::Result<()> {
            let mut stream = server
                .accept_watched(listener.accept()?.0, &mut Receiver::new("client --> server", &story))?;
            Site::Page(PAGE.to_owned()).serve(&mut stream, |_, _| {})?;
            stream.close_write()
        })
    };
    let tapped = Tapped { socket: TcpStream::connect(address)?, sent: Vec::new(), received: Vec::new() };
    let name = HOST.parse().map_err(|_| ferrule::Error::Internal("demo: host name"))?;
    let mut stream = client.connect_watched(name, tapped, &mut Receiver::new("client <-- server", &story))?;
    let (sent_before, received_before) = (stream.transport().sent.len(), stream.transport().received.len());
    let page = ask_for_page(&mut stream)?;
    // The server has read all of the handshake once it has answered.
    let served = serving.join().map_err(|_| ferrule::Error::Internal("demo: the server's thread"))?;
    served?;

    heading("The handshake");
    for step in story.lock().map(|story| story.clone()).unwrap_or_default() {
        anstream::println!("{step}");
    }
    anstream::println!("  negotiated: {}", report::negotiated(stream.negotiated()));
    if let Some(der) = stream.peer_certificate() {
        anstream::println!("  certificate: {}", report::certificate(der));
    }
    anstream::println!("  verified: signed by the trusted root, valid today, made for {HOST};");
    anstream::println!("            the server holds its private key; nobody altered a message (Finished)");

    let tapped = stream.transport();
    heading("What an eavesdropper sees of the request");
    anstream::print!("{}", hex(&tapped.sent[sent_before..][..64.min(tapped.sent.len() - sent_before)]));
    heading("... and of the answer");
    anstream::print!(
        "{}",
        hex(&tapped.received[received_before..][..64.min(tapped.received.len() - received_before)])
    );
    heading("What the client reads");
    anstream::println!("{page}");
    Ok(())
}

fn ask_for_page<S: Transport>(stream: &mut TlsStream<S>) -> io::Result<String> {
    stream.write_all(REQUEST.as_bytes())?;
    stream.flush()?;
    let mut page = String::new();
    stream.read_to_string(&mut page)?;
    stream.close_write()?;
    Ok(page)
}

/// The same exchange, with someone between the two who flips one bit of the answer.
fn tampering(server: &Arc<Server>, client: &Client) -> Result<(), Trouble> {
    heading("Now someone in the middle flips one bit of the answer");
    let network = |e: io::Error| Trouble::network(format!("demo: {e}"));
    let listener = TcpListener::bind("127.0.0.1:0").map_err(network)?;
    let address = listener.local_addr().map_err(network)?;
    {
        let server = Arc::clone(server);
        thread::spawn(move || -> io::Result<()> {
            let mut stream = server.accept(listener.accept()?.0)?;
            Site::Page(PAGE.to_owned()).serve(&mut stream, |_, _| {})?;
            stream.close_write()
        });
    }
    let name = HOST.parse().map_err(|_| Trouble::usage("demo: host name".to_owned()))?;
    let socket = TcpStream::connect(address).map_err(network)?;
    let flipping = Flipping { socket, armed: false };
    let mut stream = client.connect(name, flipping).map_err(|f| Trouble::of(HOST, &f))?;
    stream.transport_mut().armed = true;
    match ask_for_page(&mut stream) {
        Err(error) => {
            anstream::println!("  refused: {error}");
            anstream::println!("  not one byte of that answer reached the application");
            Ok(())
        }
        Ok(_) => {
            Err(Trouble::network("demo: a tampered record was accepted: this must never happen".to_owned()))
        }
    }
}

/// A transport that remembers what passes.
struct Tapped {
    socket: TcpStream,
    sent: Vec<u8>,
    received: Vec<u8>,
}

impl Read for Tapped {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.socket.read(into)?;
        self.received.extend_from_slice(&into[..length]);
        Ok(length)
    }
}

impl Write for Tapped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = self.socket.write(bytes)?;
        self.sent.extend_from_slice(&bytes[..length]);
        Ok(length)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}

/// A transport that flips one bit of the next bytes it receives once it is armed.
struct Flipping {
    socket: TcpStream,
    armed: bool,
}

impl Read for Flipping {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.socket.read(into)?;
        if length > 0 && std::mem::take(&mut self.armed) {
            // In the middle of what came: well behind the record's header.
            into[length / 2] ^= 1;
        }
        Ok(length)
    }
}

impl Write for Flipping {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.socket.write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}

macro_rules! timeouts_of_socket {
    ($type:ty) => {
        impl Transport for $type {
            fn set_read_timeout(&mut self, timeout: Option<Duration>) -> io::Result<()> {
                self.socket.set_read_timeout(timeout)
            }
            fn set_write_timeout(&mut self, timeout: Option<Duration>) -> io::Result<()> {
                self.socket.set_write_timeout(timeout)
            }
            fn shutdown_write(&mut self) -> io::Result<()> {
                self.socket.shutdown_write()
            }
        }
    };
}

timeouts_of_socket!(Tapped);
timeouts_of_socket!(Flipping);
