//! `ferrule get`: HTTP is ureq's, the connection under it ours.

use super::arguments::{GetArguments, PeerArguments, Target, server_name};
use super::outcome::Trouble;
use super::report;
use ferrule::certificate::ServerName;
use ferrule_std::{Client, TlsStream};
use std::fmt;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use ureq::http::Uri;
use ureq::unversioned::resolver::{ArrayVec, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout, Transport,
};

pub(crate) fn run(arguments: &GetArguments) -> Result<(), Trouble> {
    let uri: Uri = arguments.url.parse().map_err(|e| Trouble::usage(format!("{}: {e}", arguments.url)))?;
    let host = match (uri.scheme_str(), uri.host()) {
        (Some("https"), Some(host)) => host.trim_matches(['[', ']']).to_owned(),
        _ => return Err(Trouble::usage(format!("{}: not an https://HOST[:PORT]/PATH", arguments.url))),
    };
    let target = Target { port: uri.port_u16().unwrap_or(443), host };
    let peer = &arguments.peer;
    let (mut client, name) = (peer.client(Some("http/1.1"))?, server_name(&target.host)?);
    client.idle_timeout = Some(peer.timeout());
    let addresses = peer.addresses(&target)?;
    let socket = peer.dial(&addresses)?;
    let stream = open(&client, name, socket, peer, &target.host)?;

    // The connection is made: ureq finds it ready, and never makes one of its own.
    let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build();
    let agent =
        ureq::Agent::with_parts(config, Ready(std::sync::Mutex::new(Some(stream))), Nowhere(addresses[0]));
    let mut response = agent.get(&uri).call().map_err(|e| trouble(&target.host, e))?;
    if peer.verbose || !response.status().is_success() {
        eprintln!("{:?} {}", response.version(), response.status());
    }
    let mut body = response.body_mut().as_reader();
    let mut stdout = io::stdout().lock();
    let mut piece = vec![0; 64 * 1024];
    loop {
        let length = body.read(&mut piece).map_err(|e| Trouble::of_io(&target.host, &e))?;
        if length == 0 {
            return stdout.flush().map_err(|e| Trouble::network(format!("stdout: {e}")));
        }
        stdout.write_all(&piece[..length]).map_err(|e| Trouble::network(format!("stdout: {e}")))?;
    }
}

/// Makes the TLS connection and tells of it if asked.
pub(crate) fn open(
    client: &Client,
    name: ServerName,
    socket: TcpStream,
    peer: &PeerArguments,
    host: &str,
) -> Result<TlsStream<TcpStream>, Trouble> {
    let shown = name.to_string();
    let connected = client.connect_watched(name, socket, &mut *peer.watch());
    let stream = connected.map_err(|failure| Trouble::of(host, &failure))?;
    if peer.verbose {
        eprintln!("negotiated: {}", report::negotiated(stream.negotiated()));
        if let Some(der) = stream.peer_certificate() {
            eprintln!("certificate: {}", report::certificate(der));
        }
        eprintln!("verified: the chain up to a trusted root, and the name {shown}");
        if stream.negotiated().client_is_authenticated() {
            eprintln!("shown: our certificate, for which the server has asked");
        }
    }
    Ok(stream)
}

fn trouble(host: &str, error: ureq::Error) -> Trouble {
    match error {
        ureq::Error::Io(error) => Trouble::of_io(host, &error),
        error => Trouble::network(format!("{host}: {error}")),
    }
}

/// Hands out the one connection there is.
struct Ready(std::sync::Mutex<Option<TlsStream<TcpStream>>>);

impl fmt::Debug for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ready")
    }
}

impl Connector for Ready {
    type Out = Https;

    fn connect(&self, details: &ConnectionDetails<'_>, _: Option<()>) -> Result<Option<Https>, ureq::Error> {
        let stream =
            self.0.lock().ok().and_then(|mut stream| stream.take()).ok_or(ureq::Error::ConnectionFailed)?;
        let (input, output) = (details.config.input_buffer_size(), details.config.output_buffer_size());
        Ok(Some(Https { stream, buffers: LazyBuffers::new(input, output) }))
    }
}

/// Names were resolved already.
#[derive(Debug)]
struct Nowhere(SocketAddr);

impl Resolver for Nowhere {
    fn resolve(
        &self,
        _: &Uri,
        _: &ureq::config::Config,
        _: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let mut addresses: ResolvedSocketAddrs = ArrayVec::from_fn(|_| self.0);
        addresses.push(self.0);
        Ok(addresses)
    }
}

/// Our stream as ureq's transport.
#[derive(Debug)]
struct Https {
    stream: TlsStream<TcpStream>,
    buffers: LazyBuffers,
}

impl Drop for Https {
    /// The server is told that this was all; it may have gone already.
    fn drop(&mut self) {
        let _ = self.stream.close_write();
    }
}

impl Transport for Https {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), ureq::Error> {
        let output = &self.buffers.output()[..amount];
        self.stream.write_all(output)?;
        self.stream.flush()?;
        Ok(())
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, ureq::Error> {
        // ureq takes a torn connection for the end of a body without a length; to us only close_notify is
        // one (RFC 8446 §6.1).
        let length = self.stream.read(self.buffers.input_append_buf()).map_err(|e| match e.kind() {
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset => {
                e.into_inner().map_or_else(|| io::ErrorKind::Other.into(), io::Error::other)
            }
            _ => e,
        })?;
        self.buffers.input_appended(length);
        Ok(length > 0)
    }

    fn is_open(&mut self) -> bool {
        // One request a connection.
        false
    }

    fn is_tls(&self) -> bool {
        true
    }
}
