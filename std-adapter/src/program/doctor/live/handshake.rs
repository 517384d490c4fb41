//! One handshake that takes whatever certificate is served. No application data is ever sent, and what is
//! heard is believed of nobody: it is looked at, and the connection closed.

use crate::program::report::{Messages, Passed};
use ferrule::certificate::dangerous::{NoVerification, assume_peer_authenticated};
use ferrule::certificate::{
    CertificateError, ExpectedPeer, Next, PeerVerifier, ServerName, UnixTime, Validity,
};
use ferrule::crypto::{CipherSuite, CryptoProvider, NamedGroup};
use ferrule::handshake::HandshakeType;
use ferrule::record::{Buffer, HEADER_LENGTH, MAX_RECORD};
use ferrule::{ClientConfig, Connection, Error, Negotiated, required_scratch};
use ferrule_std::{Failure, StdProvider};
use std::cell::RefCell;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::ops::Range;
use std::time::{Duration, Instant};

/// The largest certificate that is taken.
const LARGEST_CERTIFICATE: usize = 64 * 1024;
/// How long a server may take to say something more, once all was said.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// What a client asks for.
#[derive(Debug, Clone)]
pub(super) struct Offer {
    /// An address is not sent: that is how a client without SNI looks (RFC 6066 §3).
    pub(super) name: ServerName,
    pub(super) cipher_suites: Vec<CipherSuite>,
    pub(super) groups: Vec<NamedGroup>,
    pub(super) protocols: Vec<&'static str>,
}

/// What a server said.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// The chain in DER, as served; empty if it did not get that far.
    pub(super) chain: Vec<Vec<u8>>,
    /// The stapled OCSP response.
    pub(super) staple: Option<Vec<u8>>,
    pub(super) negotiated: Option<Negotiated>,
    pub(super) certificate_message: Option<usize>,
    pub(super) largest_record: usize,
    pub(super) asks_for_certificate: bool,
    pub(super) retried: bool,
    /// Why the handshake did not come to its end, or what was said right behind it.
    pub(super) failure: Option<Failure>,
}

/// Makes a handshake with this address. The outer error: there is nobody to speak to.
pub(super) fn shake(address: SocketAddr, offer: &Offer, timeout: Duration) -> io::Result<Heard> {
    let transport = TcpStream::connect_timeout(&address, timeout)?;
    transport.set_nodelay(true)?;
    let collector = Collector::default();
    let protocols: Vec<&[u8]> = offer.protocols.iter().map(|name| name.as_bytes()).collect();
    let mut config = ClientConfig::new(&collector);
    config.cipher_suites = &offer.cipher_suites;
    config.groups = &offer.groups;
    config.protocols = &protocols;
    let mut line = Line {
        transport,
        incoming: Buffer::new(vec![0; MAX_RECORD].into_boxed_slice()),
        outgoing: vec![0; MAX_RECORD],
        end: Instant::now() + timeout,
        messages: Messages::default(),
        heard: Heard::default(),
    };
    if let Err(failure) = line.run(&config, offer.name.clone()) {
        line.heard.failure = Some(failure);
    }
    let mut heard = line.heard;
    heard.chain = collector.chain.take();
    heard.staple = collector.staple.take();
    Ok(heard)
}

/// Keeps every certificate and believes everybody.
#[derive(Debug, Default)]
struct Collector {
    chain: RefCell<Vec<Vec<u8>>>,
    staple: RefCell<Option<Vec<u8>>>,
}

/// Where the next certificate goes, and what there is to say against the leaf: its key must be usable, or
/// the handshake cannot go on.
struct Walk {
    behind_leaf: usize,
    staple: Range<usize>,
    leaf: Result<(), CertificateError>,
}

impl PeerVerifier for &Collector {
    type Walk = Walk;

    fn begin(&self) -> Walk {
        Walk { behind_leaf: 0, staple: 0..0, leaf: Ok(()) }
    }

    fn wants_staple(&self) -> bool {
        true
    }

    fn staple(&self, walk: &mut Walk, at: usize, length: usize) {
        walk.staple = at..at + length;
    }

    fn certificate<P: CryptoProvider>(
        &self,
        walk: &mut Walk,
        expected: &ExpectedPeer<'_>,
        provider: &mut P,
        memory: &mut [u8],
        length: usize,
    ) -> Result<Next, CertificateError> {
        let at = walk.behind_leaf;
        let Some(der) = memory.get(at..at + length) else {
            return NoVerification.certificate(&mut (), expected, provider, &mut [], length);
        };
        self.chain.borrow_mut().push(der.to_vec());
        if at == 0 {
            walk.behind_leaf = length;
            let staple = memory.get(walk.staple.clone()).filter(|staple| !staple.is_empty());
            self.staple.replace(staple.map(<[u8]>::to_vec));
            walk.leaf =
                NoVerification.certificate(&mut (), expected, provider, memory, length).map(|_believed| ());
        }
        Ok(Next::Certificate { at: walk.behind_leaf })
    }

    fn end(
        &self,
        walk: &mut Walk,
        expected: &ExpectedPeer<'_>,
        memory: &mut [u8],
    ) -> Result<Next, CertificateError> {
        if walk.behind_leaf == 0 {
            return NoVerification.end(&mut (), expected, memory);
        }
        std::mem::replace(&mut walk.leaf, Ok(())).map(|()| Next::Authenticated(assume_peer_authenticated()))
    }

    fn work<P: CryptoProvider>(
        &self,
        _: &mut Walk,
        expected: &ExpectedPeer<'_>,
        provider: &mut P,
        memory: &mut [u8],
    ) -> Result<Next, CertificateError> {
        NoVerification.work(&mut (), expected, provider, memory)
    }
}

/// A socket, the windows over it, and the account of what passed.
struct Line {
    transport: TcpStream,
    incoming: Buffer<Box<[u8]>>,
    outgoing: Vec<u8>,
    end: Instant,
    messages: Messages,
    heard: Heard,
}

impl Line {
    fn run(&mut self, config: &ClientConfig<'_, &Collector>, name: ServerName) -> Result<(), Failure> {
        let scratch = vec![0; required_scratch(LARGEST_CERTIFICATE)];
        // The time is not looked at: the collector checks nothing.
        let validity = Validity::At(UnixTime(0));
        let mut connection = Connection::client(config, StdProvider::new(None), scratch, name, validity)?;
        let outcome = loop {
            let want = connection.want();
            let step = if want.owes_output {
                connection.write_record(&mut self.outgoing).map_err(Failure::from).and_then(|n| self.send(n))
            } else if want.work {
                connection.work().map_err(Failure::from)
            } else if let Some(at_least) = want.read {
                if self.incoming.len() < at_least {
                    match self.receive() {
                        Ok(0) => connection.end_of_input().map_err(Failure::from),
                        Ok(_) => Ok(()),
                        Err(failure) => Err(failure),
                    }
                } else {
                    self.measure();
                    let read = connection.read_record(self.incoming.filled_mut()).map(|r| r.consumed);
                    read.map(|consumed| self.account(consumed)).map_err(Failure::from)
                }
            } else {
                break Ok(());
            };
            if let Err(failure) = step {
                break Err(failure);
            }
        };
        if let Err(failure) = outcome {
            self.say_owed(|outgoing| connection.write_record(outgoing));
            return Err(failure);
        }
        let mut established = match connection.into_established() {
            Ok((established, _)) => established,
            Err(connection) => {
                let silent = Error::Internal("doctor: nothing wanted, nothing established");
                return Err(connection.failure().unwrap_or(silent).into());
            }
        };
        self.heard.negotiated = Some(established.negotiated().clone());
        established.close();
        self.say_owed(|outgoing| established.write_record(outgoing));
        // A server that demands a client's certificate says so only now (RFC 8446 §4.4.2.4).
        self.end = self.end.min(Instant::now() + LAST_WORDS);
        while let Some(at_least) = established.want().read {
            if self.incoming.len() < at_least {
                match self.receive() {
                    Ok(1..) => continue,
                    _ => break,
                }
            }
            match established.read_record(self.incoming.filled_mut()).map(|received| received.consumed) {
                Ok(consumed) => self.incoming.consume(consumed),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn left(&self) -> Result<Duration, Failure> {
        match self.end.saturating_duration_since(Instant::now()) {
            Duration::ZERO => Err(Failure::TimedOut { what: "the handshake" }),
            left => Ok(left),
        }
    }

    fn send(&mut self, length: usize) -> Result<(), Failure> {
        self.transport.set_write_timeout(Some(self.left()?))?;
        Ok(self.transport.write_all(&self.outgoing[..length])?)
    }

    fn receive(&mut self) -> Result<usize, Failure> {
        self.transport.set_read_timeout(Some(self.left()?))?;
        let length = self.transport.read(self.incoming.free_mut())?;
        self.incoming.commit(length);
        Ok(length)
    }

    /// Writes what is owed, and says that nothing more comes. That this fails is no news any more.
    fn say_owed(&mut self, mut write_record: impl FnMut(&mut [u8]) -> Result<usize, Error>) {
        while let Ok(length @ 1..) = write_record(&mut self.outgoing) {
            if self.transport.write_all(&self.outgoing[..length]).is_err() {
                break;
            }
        }
        let _ = self.transport.shutdown(Shutdown::Write);
    }

    /// Takes the size of the next record from its header, since what is in it may end the handshake.
    fn measure(&mut self) {
        if let Some(&[_, _, _, high, low]) = self.incoming.filled_mut().first_chunk::<HEADER_LENGTH>() {
            let record = HEADER_LENGTH + usize::from(u16::from_be_bytes([high, low]));
            self.heard.largest_record = self.heard.largest_record.max(record);
        }
    }

    /// Looks at a record that was read, decrypted where it lies.
    fn account(&mut self, consumed: usize) {
        let record = &self.incoming.filled_mut()[..consumed];
        for Passed { kind, bytes, retry, .. } in self.messages.of_record(record) {
            self.heard.retried |= retry;
            match kind {
                Some(HandshakeType::CERTIFICATE) => self.heard.certificate_message = Some(bytes),
                Some(HandshakeType::CERTIFICATE_REQUEST) => self.heard.asks_for_certificate = true,
                _ => (),
            }
        }
        self.incoming.consume(consumed);
    }
}
