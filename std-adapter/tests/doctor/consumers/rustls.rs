//! rustls with webpki and the provider `ring`.

use super::{Bench, Measured};
use crate::draft::Case;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection, Stream};
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

pub(super) fn measure(bench: &Bench<'_>) -> Option<Vec<Measured>> {
    let lock = include_str!("../../../../Cargo.lock");
    let at = lock.find("name = \"rustls\"\nversion = \"0.23").map(|at| &lock[at..]).unwrap_or_default();
    let version = at.split('"').nth(3).unwrap_or("0.23").to_owned();
    let each = |(filed, port): (&crate::files::Filed, &u16)| {
        let outcome = attempt(&filed.case, *port, bench);
        Measured {
            case: filed.case.name.clone(),
            consumer: "rustls",
            version: version.clone(),
            accepts: outcome.is_ok(),
            error: outcome.err(),
        }
    };
    Some(bench.cases.iter().zip(&bench.ports).map(each).collect())
}

fn attempt(case: &Case, port: u16, bench: &Bench<'_>) -> Result<(), String> {
    let mut roots = RootCertStore::empty();
    for der in &case.store {
        roots.add(CertificateDer::from(der.clone())).map_err(|error| format!("the store: {error}"))?;
    }
    let mut socket = TcpStream::connect(("127.0.0.1", port)).unwrap();
    match &case.host {
        Some(host) => meet_server(roots, host, &mut socket),
        None => meet_client(roots, bench, &mut socket),
    }
}

fn meet_server(roots: RootCertStore, host: &str, socket: &mut TcpStream) -> Result<(), String> {
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned()).map_err(|error| error.to_string())?;
    let mut connection = ClientConnection::new(Arc::new(config), name).unwrap();
    settle(Stream::new(&mut connection, socket))
}

fn meet_client(roots: RootCertStore, bench: &Bench<'_>, socket: &mut TcpStream) -> Result<(), String> {
    use rustls::pki_types::PrivateKeyDer;
    use rustls::pki_types::pem::PemObject as _;
    let provider = Arc::new(default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone())
        .build()
        .map_err(|error| error.to_string())?;
    let chain = vec![CertificateDer::from_pem_file(bench.identity.with_extension("pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_file(bench.identity.with_extension("key")).unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, key)
        .unwrap();
    let mut connection = ServerConnection::new(Arc::new(config)).unwrap();
    settle(Stream::new(&mut connection, socket))
}

/// Makes the handshake, and one exchange after it.
fn settle<C, D>(mut stream: Stream<'_, C, TcpStream>) -> Result<(), String>
where
    C: std::ops::DerefMut<Target = rustls::ConnectionCommon<D>>,
    D: rustls::SideData,
{
    let mut outcome = || -> io::Result<()> {
        stream.write_all(b"GET / HTTP/1.0\r\n\r\n")?;
        stream.read(&mut [0; 100]).map(drop)
    };
    outcome().map_err(|error| error.to_string())
}
