//! The command line.

use super::doctor::arguments::DoctorArguments;
use super::outcome::Trouble;
use clap::{Args, Parser, Subcommand, ValueEnum};
use ferrule::certificate::ServerName;
use ferrule::certificate::revocation::Staple;
use ferrule::crypto::{CipherSuite, NamedGroup};
use ferrule_std::{Client, KeyLog, Roots, Watch};
use rustls_pki_types::CertificateRevocationListDer;
use rustls_pki_types::pem::PemObject;
use std::fmt::Display;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

/// TLS for places where no TLS fits today.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 fine, 1 the peer or its certificate was refused (or it refused us), \
                          2 usage, 3 network.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Shows a whole TLS 1.3 connection: no network, no files.
    Demo(DemoArguments),
    /// Fetches a page over HTTPS: the body goes to stdout, all else to stderr.
    Get(GetArguments),
    /// A full-duplex pipe between stdin/stdout and a TLS server.
    Connect(ConnectArguments),
    /// Serves files, or an echo, to many TLS clients at once.
    Serve(ServeArguments),
    /// Says which consumers refuse a certificate chain, with which words, why, and what to change.
    Doctor(DoctorArguments),
    /// Prints trust anchors as Rust constants, for firmware.
    Anchor(AnchorArguments),
}

#[derive(Debug, Args)]
pub(crate) struct DemoArguments {
    /// The group of the key exchange.
    #[arg(long, value_enum)]
    pub(crate) group: Option<Group>,
    /// The cipher suite.
    #[arg(long, value_enum)]
    pub(crate) cipher: Option<Cipher>,
}

#[derive(Debug, Args)]
pub(crate) struct GetArguments {
    /// https://HOST[:PORT]/PATH
    pub(crate) url: String,
    #[command(flatten)]
    pub(crate) peer: PeerArguments,
}

#[derive(Debug, Args)]
pub(crate) struct ConnectArguments {
    /// HOST:PORT; an IPv6 address stands in brackets.
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) peer: PeerArguments,
}

#[derive(Debug, Args)]
pub(crate) struct PeerArguments {
    /// Trust the certificates of this PEM file, instead of the operating system's.
    #[arg(long, value_name = "PEM")]
    cafile: Option<PathBuf>,
    /// Look the certificates up in the revocation lists of these PEM files.
    #[arg(long, value_delimiter = ',', value_name = "PEM")]
    crl: Vec<PathBuf>,
    /// What is demanded of the OCSP response that the server staples to its certificate.
    #[arg(long, value_enum, default_value_t = Ocsp::Checked)]
    ocsp: Ocsp,
    /// Application protocols to offer, in order of preference.
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    pub(crate) alpn: Vec<String>,
    /// Groups to offer, in order of preference; a key share is sent for the first.
    #[arg(long, value_enum, value_delimiter = ',')]
    group: Vec<Group>,
    /// Cipher suites to offer, in order of preference.
    #[arg(long, value_enum, value_delimiter = ',')]
    cipher: Vec<Cipher>,
    /// Take no record with more bytes than this in it: 64 to 16,385 (RFC 8449).
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u16).range(64..=16_385))]
    record_limit: Option<u16>,
    /// Connect to this address instead of the host's own; the name that is checked stays the host's.
    #[arg(long, value_name = "ADDR:PORT")]
    connect: Option<String>,
    /// The certificate chain for servers that ask for one, one's own certificate first.
    #[arg(long, value_name = "CHAIN.pem", requires = "key")]
    cert: Option<PathBuf>,
    /// The private key of that certificate: PKCS#8, SEC1 or PKCS#1; P-256, RSA or Ed25519.
    #[arg(long, value_name = "KEY.pem", requires = "cert")]
    key: Option<PathBuf>,
    /// Append the connection's secrets to this file (NSS format, for Wireshark).
    #[arg(long, value_name = "FILE")]
    keylog: Option<PathBuf>,
    /// Give up on a silent peer after so many seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    timeout: u64,
    /// Show the handshake on stderr.
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ServeArguments {
    /// The address to listen on; port 0 takes a free one, which is printed.
    #[arg(long, value_name = "ADDR:PORT")]
    pub(crate) listen: String,
    /// The certificate chain, the server's own certificate first.
    #[arg(long, value_name = "CHAIN.pem")]
    pub(crate) cert: PathBuf,
    /// The private key of the first certificate: PKCS#8, SEC1 or PKCS#1; P-256, RSA or Ed25519.
    #[arg(long, value_name = "KEY.pem")]
    pub(crate) key: PathBuf,
    /// An OCSP response about the certificate (DER), for clients that ask for it.
    #[arg(long, value_name = "FILE")]
    pub(crate) ocsp_response: Option<PathBuf>,
    /// Ask clients for a certificate of one of these authorities.
    #[arg(long, value_name = "ROOTS.pem")]
    pub(crate) client_ca: Option<PathBuf>,
    /// What becomes of clients that have none.
    #[arg(long, value_enum, default_value_t = ClientAuth::Required, requires = "client_ca")]
    pub(crate) client_auth: ClientAuth,
    /// Serve the files of this folder over HTTP.
    #[arg(long, value_name = "DIR", conflicts_with = "echo")]
    pub(crate) www: Option<PathBuf>,
    /// Send back what comes in.
    #[arg(long)]
    pub(crate) echo: bool,
    /// Application protocols, in order of preference: a client that offers others only is refused.
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    pub(crate) alpn: Vec<String>,
    /// Groups, in order of preference.
    #[arg(long, value_enum, value_delimiter = ',')]
    pub(crate) group: Vec<Group>,
    /// Cipher suites, in order of preference.
    #[arg(long, value_enum, value_delimiter = ',')]
    pub(crate) cipher: Vec<Cipher>,
    /// Take no record with more bytes than this in it from clients that understand it: 64 to 16,385 (RFC 8449).
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u16).range(64..=16_385))]
    pub(crate) record_limit: Option<u16>,
    /// Append all connections' secrets to this file (NSS format, for Wireshark).
    #[arg(long, value_name = "FILE")]
    pub(crate) keylog: Option<PathBuf>,
    /// Give up on a silent client after so many seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub(crate) timeout: u64,
    /// Show each connection on stderr.
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Args)]
pub(crate) struct AnchorArguments {
    /// Certificates of the authorities to trust.
    #[arg(value_name = "PEM")]
    pub(crate) pem: PathBuf,
}

/// What becomes of clients without a certificate.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ClientAuth {
    /// They are served.
    Optional,
    /// They are refused.
    Required,
}

/// What is demanded of a stapled OCSP response.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Ocsp {
    /// It is not asked for.
    Ignored,
    /// It must be good if it comes, and must come if the certificate says so.
    Checked,
    /// It must come.
    Required,
}

/// Groups by their registered names.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Group {
    #[value(alias = "X25519")]
    X25519,
    #[value(name = "secp256r1", aliases = ["P-256", "p-256", "prime256v1"])]
    Secp256r1,
    #[value(name = "secp384r1", aliases = ["P-384", "p-384"])]
    Secp384r1,
}

/// Cipher suites by their registered names.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Cipher {
    #[value(name = "TLS_AES_128_GCM_SHA256")]
    Aes128Gcm,
    #[value(name = "TLS_AES_256_GCM_SHA384")]
    Aes256Gcm,
    #[value(name = "TLS_CHACHA20_POLY1305_SHA256")]
    ChaCha20Poly1305,
}

impl From<Group> for NamedGroup {
    fn from(group: Group) -> Self {
        match group {
            Group::X25519 => Self::X25519,
            Group::Secp256r1 => Self::SECP256R1,
            Group::Secp384r1 => Self::SECP384R1,
        }
    }
}

impl From<Cipher> for CipherSuite {
    fn from(cipher: Cipher) -> Self {
        match cipher {
            Cipher::Aes128Gcm => Self::TLS_AES_128_GCM_SHA256,
            Cipher::Aes256Gcm => Self::TLS_AES_256_GCM_SHA384,
            Cipher::ChaCha20Poly1305 => Self::TLS_CHACHA20_POLY1305_SHA256,
        }
    }
}

/// A host and a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let authority: ureq::http::uri::Authority = text.parse().map_err(|e| format!("no HOST:PORT: {e}"))?;
        let port = authority.port_u16().ok_or("no port: HOST:PORT is needed")?;
        Ok(Self { host: authority.host().trim_matches(['[', ']']).to_owned(), port })
    }
}

/// Appends to a key log, and says so: whoever reads the file reads the connections.
pub(crate) fn key_log(path: Option<&PathBuf>) -> Result<Option<KeyLog>, Trouble> {
    let Some(path) = path else {
        return Ok(None);
    };
    eprintln!("warning: whoever reads {} can read these connections", path.display());
    let log =
        KeyLog::append(path).map_err(|e| Trouble::usage(format!("--keylog {}: {e}", path.display())))?;
    Ok(Some(log))
}

/// The revocation lists of a PEM file, in DER.
fn revocation_lists(path: &Path) -> Result<Vec<Vec<u8>>, Trouble> {
    let trouble = |reason: &dyn Display| Trouble::usage(format!("--crl {}: {reason}", path.display()));
    let lists = CertificateRevocationListDer::pem_file_iter(path).map_err(|e| trouble(&e))?;
    let lists: Vec<_> =
        lists.map(|der| der.map(|der| der.to_vec())).collect::<Result<_, _>>().map_err(|e| trouble(&e))?;
    if lists.is_empty() { Err(trouble(&"no revocation list in it")) } else { Ok(lists) }
}

impl PeerArguments {
    /// A client as these arguments ask for it.
    pub(crate) fn client(&self, default_protocol: Option<&str>) -> Result<Client, Trouble> {
        let roots = match &self.cafile {
            Some(path) => Roots::from_pem_file(path),
            None => Ok(Roots::system_or_mozilla()),
        };
        let mut client = Client::new(roots.map_err(|e| Trouble::usage(e.to_string()))?);
        for path in &self.crl {
            client.revocation_lists.extend(revocation_lists(path)?);
        }
        client.staple = match self.ocsp {
            Ocsp::Ignored => Staple::Ignored,
            Ocsp::Checked => Staple::Checked,
            Ocsp::Required => Staple::Required,
        };
        if !self.group.is_empty() {
            client.groups = self.group.iter().map(|&group| group.into()).collect();
        }
        if !self.cipher.is_empty() {
            client.cipher_suites = self.cipher.iter().map(|&cipher| cipher.into()).collect();
        }
        client.record_size_limit = self.record_limit;
        if let (Some(chain), Some(key)) = (&self.cert, &self.key) {
            client.show_pem_files(chain, key).map_err(|e| Trouble::usage(e.to_string()))?;
        }
        let given = self.alpn.iter().map(String::as_str);
        client.protocols = match default_protocol {
            Some(protocol) if self.alpn.is_empty() => vec![protocol.as_bytes().to_vec()],
            _ => given.map(|name| name.as_bytes().to_vec()).collect(),
        };
        client.handshake_timeout = Some(self.timeout());
        client.key_log = key_log(self.keylog.as_ref())?;
        Ok(client)
    }

    pub(crate) const fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout)
    }

    /// Where to connect to for `target`.
    pub(crate) fn addresses(&self, target: &Target) -> Result<Vec<SocketAddr>, Trouble> {
        let (shown, found) = match &self.connect {
            Some(address) => (address.clone(), address.to_socket_addrs()),
            None => (target.host.clone(), (target.host.as_str(), target.port).to_socket_addrs()),
        };
        let addresses: Vec<_> = found.map_err(|e| Trouble::network(format!("{shown}: {e}")))?.collect();
        if addresses.is_empty() {
            Err(Trouble::network(format!("{shown}: no address")))
        } else {
            Ok(addresses)
        }
    }

    /// A transport to the first of the addresses that answers.
    pub(crate) fn dial(&self, addresses: &[SocketAddr]) -> Result<TcpStream, Trouble> {
        let mut last = None;
        for address in addresses {
            match TcpStream::connect_timeout(address, self.timeout()) {
                Ok(socket) => {
                    let _ = socket.set_nodelay(true);
                    return Ok(socket);
                }
                Err(error) => last = Some(format!("{address}: {error}")),
            }
        }
        Err(Trouble::network(last.unwrap_or_else(|| "no address to connect to".to_owned())))
    }

    /// Someone who looks at the handshake, if asked.
    pub(crate) fn watch(&self) -> Box<dyn Watch> {
        if self.verbose {
            Box::new(super::report::Narrator::default())
        } else {
            Box::new(ferrule_std::Unwatched)
        }
    }
}

/// The name that a server's certificate must carry.
pub(crate) fn server_name(host: &str) -> Result<ServerName, Trouble> {
    host.trim_matches(['[', ']'])
        .parse()
        .map_err(|_| Trouble::usage(format!("{host:?} is neither a host name nor an IP address")))
}
