//! TLS 1.3 as a function from bytes in to bytes out: client and server, handshake and records.
//!
//! No sockets, no clock, no allocation, no `unsafe`. A connection is fed from a buffer of the caller's, and
//! writes into another; time, randomness, keys and configuration come in by argument. The same inputs
//! give the same bytes out, under a blocking socket, an async runtime, a DMA ring or a fuzzer.
//!
//! # The map
//! ```text
//!  caller's bytes --> record::Reader --> Joiner --> messages --> State --> KeySchedule --+
//!  caller's bytes <-- record::Writer <-- Flight <-- State <------------------------------+
//! ```
//! Layers, in reading order; a file carries the RFC's noun, one message or extension each:
//!
//! | | |
//! |---|---|
//! | [`Connection`], [`Established`] | the calling loop: while the handshake runs, and after it |
//! | `client`, `server` | the states of RFC 8446 §A, in the figures' order; each owns what is true in it |
//! | [`handshake`] | messages and [`extensions`](handshake::extension), without a side |
//! | `key_schedule`, `transcript` | RFC 8446 §7.1 and §4.4.1, with their names |
//! | [`record`] | records: read in place, written in place |
//! | [`certificate`] | X.509: the walk from a server's certificate up to a trust anchor, the path builder for hosts, revocation, and `inspect`, which finds all that is wrong |
//! | [`crypto`] | what is asked of cryptography: five small traits; [`crypto::software`] has it all |
//! | [`error`], [`alert`], [`limits`] | who is to blame; what the peer is told; every bound, with its reason |
//!
//! # The loop
//! [`Connection::want`] says what a connection waits for: independent facts that stay true until acted
//! upon. A driver acts upon one and asks again. This is a whole one, for either side; here its transport is
//! a pair of vectors, and a client and a server take turns:
//!
//! ```
//! use ferrule::certificate::{ServerName, TrustAnchor, UnixTime, Validity, chain};
//! use ferrule::crypto::software::{self, signing::EcdsaP256Key};
//! use ferrule::record::{Buffer, MAX_RECORD};
//! use ferrule::{Answer, Ask, ClientConfig, Connection, Credential, Error, Event, Handshake, ServerConfig};
//!
//! /// Does what the connection wants, until it wants bytes that are not there yet.
//! fn drive<H: Handshake>(
//!     connection: &mut Connection<H>,
//!     key: Option<&EcdsaP256Key>,
//!     incoming: &mut Buffer<Vec<u8>>,
//!     peer: &mut Vec<u8>,
//! ) -> Result<(), Error> {
//!     loop {
//!         let want = connection.want();
//!         if want.owes_output {
//!             let mut outgoing = [0; 1024]; // 64 bytes would do
//!             let written = connection.write_record(&mut outgoing)?;
//!             peer.extend_from_slice(&outgoing[..written]);
//!         } else if let (Some(Ask::Sign(request)), Some(key)) = (want.ask, key) {
//!             let mut signature = [0; 72]; // the key could as well be in a secure element
//!             let length = key.sign(request.message, &mut signature)?;
//!             connection.answer(Answer::Signature(&signature[..length]))?;
//!         } else if want.work {
//!             connection.work()?; // one public-key operation: feed the watchdog before and after
//!         } else if want.read.is_some_and(|at_least| incoming.len() >= at_least) {
//!             let received = connection.read_record(incoming.filled_mut())?;
//!             let consumed = received.consumed;
//!             incoming.consume(consumed);
//!         } else {
//!             return Ok(());
//!         }
//!     }
//! }
//!
//! /// What a transport would do.
//! fn deliver(wire: &mut Vec<u8>, window: &mut Buffer<Vec<u8>>) {
//!     window.free_mut()[..wire.len()].copy_from_slice(wire);
//!     window.commit(wire.len());
//!     wire.clear();
//! }
//! # struct Weak(u64); // a random source for this page: never use such a one
//! # impl ferrule::crypto::Random for Weak {
//! #     fn fill(&mut self, out: &mut [u8]) -> Result<(), ferrule::crypto::CryptoError> {
//! #         for byte in out {
//! #             self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
//! #             *byte = (self.0 >> 56) as u8;
//! #         }
//! #         Ok(())
//! #     }
//! # }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let made = rcgen::generate_simple_self_signed(["device.example".to_string()])?;
//! # let (certificate, key_der) = (made.cert.der().to_vec(), made.signing_key.serialize_der());
//! // The client trusts one certificate; the server has it, and its key.
//! let anchors = [TrustAnchor::from_certificate(&certificate).map_err(|rule| rule.to_string())?];
//! let client_config = ClientConfig::new(chain::Verifier::new(&anchors));
//! let key = EcdsaP256Key::from_der(&key_der).map_err(|_| "no P-256 key")?;
//! let chain: [&[u8]; 1] = [&certificate];
//! let credentials = [Credential::new(&chain, &[EcdsaP256Key::SCHEME])];
//! let server_config = ServerConfig::new(&credentials);
//!
//! let (name, now) = (ServerName::parse("device.example")?, Validity::At(UnixTime(1_780_000_000)));
//! let scratch = vec![0; ferrule::required_scratch(2048)];
//! let mut client = Connection::client(&client_config, software::provider(Weak(1)), scratch, name, now)?;
//! let scratch = vec![0; ferrule::REQUIRED_SCRATCH];
//! let mut server = Connection::server(&server_config, software::provider(Weak(2)), scratch)?;
//!
//! let window = || Buffer::new(vec![0; MAX_RECORD]);
//! let (mut to_client, mut to_server) = (window(), window());
//! let (mut from_client, mut from_server) = (Vec::new(), Vec::new());
//! while client.want().read.is_some() || client.want().work || server.want().read.is_some() {
//!     drive(&mut client, None, &mut to_client, &mut from_client)?;
//!     deliver(&mut from_client, &mut to_server);
//!     drive(&mut server, Some(&key), &mut to_server, &mut from_server)?;
//!     deliver(&mut from_server, &mut to_client);
//! }
//! let (mut client, _scratch) = client.into_established().map_err(|_| "the client is not done")?;
//! let (mut server, _scratch) = server.into_established().map_err(|_| "the server is not done")?;
//!
//! // Data is encrypted into the caller's buffer, and decrypted where it lies.
//! let mut record = [0; 256];
//! let sent = client.write_data(b"21.5 degrees", &mut record)?;
//! match server.read_record(&mut record[..sent.written])?.event {
//!     Event::ApplicationData(data) => assert_eq!(data, b"21.5 degrees"),
//!     other => panic!("{other:?}"),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Rules of the loop
//! - Too few bytes are no error: nothing is consumed, and `want().read` says how many there must be at the
//!   window's front. Bytes that are held already count, so `read_record` comes before the socket.
//! - A record whose messages need work or an answer between them stays in the window, decrypted; give the
//!   same bytes again.
//! - Reading needs no output buffer and is lawful while output is owed. Output goes out in pieces of any
//!   size from [`record::MIN_OUTPUT`] up.
//! - After an error every later read returns the same one. The alert that it calls for leaves by
//!   `write_record`; then shut down writing and drain, or a reset eats it.
//! - When the transport ends, say so with `end_of_input`: only that tells an attacker's cut from a close.
//!
//! # Proof before power
//! Keys change only between messages (`MessageBoundary`), of records that were authenticated
//! (`RecordAuthenticated`); a handshake completes only with a verified Finished (`FinishedVerified`), and for
//! a client, or a server that requires a certificate, only with [`certificate::PeerAuthenticated`], which no one can
//! make but a verifier, or who says [`certificate::dangerous`].
//!
//! # Standards
//! TLS 1.3 is RFC 8446, whose section numbers are cited; where RFC 9846, which replaced it, changed a rule,
//! the new rule holds:
//!
//! | rule | RFC 8446 | RFC 9846 | here |
//! |---|---|---|---|
//! | `user_canceled` | a warning | ignored | ignored, a few in a row |
//! | limits on keys | SHOULD | MUST | `record_limit` of each AEAD; a KeyUpdate is owed then |
//! | the third stage of the key schedule | Master Secret | Main Secret | Main Secret |
//! | SHA-1, TLS 1.0, TLS 1.1 | discouraged | gone | never there |
//!
//! Certificates are RFC 5280, with names by RFC 9525, OCSP by RFC 6960 and must-staple by RFC 7633.
//!
//! # Not here (yet)
//! TLS 1.2, resumption and early data, post-quantum groups, client certificates asked for after the handshake. Of
//! certificates: policy processing beyond "any will do" (critical policyMappings, policyConstraints and
//! inhibitAnyPolicy are refused by name), delta and indirect revocation lists.
#![no_std]
#![forbid(unsafe_code)]

pub mod alert;
mod calling;
pub mod certificate;
mod client;
mod codec;
pub mod config;
mod connection;
pub mod crypto;
pub mod error;
mod established;
pub mod handshake;
mod key_schedule;
pub mod limits;
mod link;
mod post_handshake;
pub mod record;
#[cfg(all(test, feature = "software"))]
mod rfc8448;
mod server;
mod transcript;

pub use alert::AlertDescription;
pub use calling::{Answer, Ask, Event, Received, SigningRequest, Want};
pub use client::{ClientConnection, ClientHandshake, required_scratch};
pub use config::{ClientAuthentication, ClientConfig, Credential, ServerConfig, WhoIsAsked};
pub use connection::{Connection, Handshake};
pub use error::Error;
pub use established::{Established, ReadHalf, Sent, WriteHalf};
pub use handshake::{Negotiated, ProtocolVersion};
pub use link::ForWriter;
pub use server::{REQUIRED_SCRATCH, ServerConnection, ServerHandshake, required_server_scratch};
