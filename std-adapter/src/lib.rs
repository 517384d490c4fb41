//! Ferrule on std: TLS over any blocking [`Read`](std::io::Read) + [`Write`](std::io::Write).
//!
//! There is no protocol in here: [`ferrule`] is the protocol, and this crate brings it the bytes of a
//! socket, the time, randomness, keys and trust anchors.
//!
//! | | |
//! |---|---|
//! | [`Client`], [`Server`] | what is decided once for many connections |
//! | [`TlsStream`] | one established connection: `Read + Write` |
//! | [`TlsReader`], [`TlsWriter`] | its two halves, for two threads |
//! | [`Transport`] | what is asked of a socket: timeouts and shutting down; [`Bare`] for what has none |
//! | [`Roots`] | trust anchors: the operating system's, or a PEM file's |
//! | [`PrivateKey`] | PKCS#8, SEC1 or PKCS#1; P-256, RSA or Ed25519 |
//! | [`Failure`] | why there is no connection (any more): TLS, transport, or time |
//!
//! ```no_run
//! use ferrule_std::{Client, Roots};
//! use std::io::{Read, Write};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::new(Roots::system()?);
//! let socket = std::net::TcpStream::connect("example.org:443")?;
//! let mut stream = client.connect("example.org".parse()?, socket)?;
//! stream.write_all(b"GET / HTTP/1.0\r\nHost: example.org\r\n\r\n")?;
//! stream.close_write()?;
//! std::io::copy(&mut stream, &mut std::io::stdout())?;
//! # Ok(())
//! # }
//! ```

mod client;
mod driver;
mod failure;
mod halves;
mod key;
mod provider;
mod roots;
mod server;
mod stream;
mod transport;
mod wire;

pub use client::{Client, DEFAULT_HANDSHAKE_TIMEOUT};
pub use driver::{Unwatched, Watch};
pub use failure::Failure;
pub use halves::{Read as HalfRead, TlsReader, TlsWriter};
pub use key::{InvalidKey, PrivateKey};
pub use provider::{KeyLog, OsRandom, StdProvider};
pub use roots::{InvalidRoots, Roots};
pub use server::{ClientAuthentication, Server};
pub use stream::TlsStream;
pub use transport::{Bare, Transport};
