//! The peers: how each is started as a server, and how each fetches a page as a client.

use crate::fixtures::Files;
use crate::http;
use crate::process::{DEADLINE, Ended, Running, ferrule, find, free_port, poll, run};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

pub(crate) const SUITES: [&str; 3] =
    ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"];

/// A server under way on loopback.
pub(crate) struct Server {
    pub(crate) process: Running,
    pub(crate) port: u16,
}

/// `openssl s_server` with more arguments; it serves the files of its folder with `-WWW`.
pub(crate) fn openssl_server(files: &Files, more: &[&str]) -> Option<Server> {
    let mut command = Command::new(find("openssl")?);
    command.current_dir(files.folder()).args(["s_server", "-accept", "127.0.0.1:0", "-key", "key.pem"]);
    command.args(["-cert", "leaf.pem", "-cert_chain", "chain.pem"]);
    if !more.contains(&"-tls1_2") {
        command.arg("-tls1_3");
    }
    let process = Running::start(command.args(more));
    let port = process.stdout_line("ACCEPT 127.0.0.1:").parse().unwrap();
    Some(Server { process, port })
}

/// nginx on the files of its folder.
pub(crate) fn nginx_server(files: &Files) -> Option<Server> {
    let nginx = find("nginx")?;
    Some(on_a_free_port("nginx", |port| {
        let config = include_str!("nginx.conf").replace("PORT", &port.to_string());
        let config = files.write("nginx.conf", config.replace("FOLDER", files.folder().to_str().unwrap()));
        let mut command = Command::new(&nginx);
        command.arg("-c").arg(config).args(["-e", "stderr"]);
        command
    }))
}

/// A server that cannot choose a port by itself.
pub(crate) fn on_a_free_port(name: &str, command: impl Fn(u16) -> Command) -> Server {
    let end = Instant::now() + DEADLINE;
    // The port may be taken between choosing and using it; then the server ends, and another is tried.
    poll(name, end, || {
        let port = free_port();
        let mut process = Running::start(&mut command(port));
        poll("the port", end, || match TcpStream::connect(("127.0.0.1", port)) {
            Ok(_) => Some(true),
            Err(_) => (!process.is_running()).then_some(false),
        })
        .then_some(Server { process, port })
    })
}

/// A server written in Python or Node, for `what`: a folder, or `echo`.
fn script_server(interpreter: &str, flag: &str, script: &str, files: &Files, what: &Path) -> Option<Server> {
    let mut command = Command::new(find(interpreter)?);
    command.args([flag, script]).arg(files.path("chain.pem")).arg(files.path("key.pem")).arg(what);
    let process = Running::start(&mut command);
    let port = process.stdout_line("listening on ").parse().unwrap();
    Some(Server { process, port })
}

pub(crate) fn python_server(files: &Files, what: &Path) -> Option<Server> {
    script_server("python3", "-c", include_str!("python_server.py"), files, what)
}

pub(crate) fn node_server(files: &Files, what: &Path) -> Option<Server> {
    script_server("node", "-e", include_str!("node_server.js"), files, what)
}

/// A rustls server for one client, in a thread; `serve` is given the stream. Returns its port.
pub(crate) fn rustls_server<F>(files: &Files, alpn: &[&[u8]], serve: F) -> u16
where
    F: FnOnce(&mut StreamOwned<ServerConnection, TcpStream>) -> io::Result<()> + Send + 'static,
{
    let chain = CertificateDer::pem_file_iter(files.path("chain.pem")).unwrap().map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_file(files.path("key.pem")).unwrap();
    let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let (socket, _) = listener.accept()?;
        socket.set_read_timeout(Some(DEADLINE))?;
        serve(&mut StreamOwned::new(ServerConnection::new(Arc::new(config)).unwrap(), socket))
    });
    port
}

/// Fetches a page with rustls.
pub(crate) fn rustls_fetch(files: &Files, port: u16, path: &str) -> io::Result<Vec<u8>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(files.path("root.pem")).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let socket = TcpStream::connect(("127.0.0.1", port))?;
    socket.set_read_timeout(Some(DEADLINE))?;
    let mut stream = StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), socket);
    stream.write_all(http::request(path).as_bytes())?;
    let mut response = Vec::new();
    stream.read_to_end(&mut response)?;
    Ok(http::body(&response).to_vec())
}

/// `ferrule get` of a page of the server at `port`, which it is told to be `localhost`.
pub(crate) fn get(files: &Files, port: u16, path: &str, more: &[&str]) -> Ended {
    let mut command = ferrule();
    command.args(["get", &format!("https://localhost:{port}{path}")]);
    command.args(["--connect", &format!("127.0.0.1:{port}"), "--cafile"]).arg(files.path("root.pem"));
    run(command.args(more))
}

/// `ferrule connect` to the server at `port`.
pub(crate) fn connect(files: &Files, port: u16) -> Running {
    let mut command = ferrule();
    command.args(["connect", &format!("localhost:{port}"), "--connect", &format!("127.0.0.1:{port}")]);
    Running::start(command.arg("--cafile").arg(files.path("root.pem")))
}

/// `ferrule serve` with its chain and key, and more arguments: `--www DIR` or `--echo`.
pub(crate) fn serve(files: &Files, more: &[&str]) -> Server {
    serve_with_key(files, "key.pem", more)
}

pub(crate) fn serve_with_key(files: &Files, key: &str, more: &[&str]) -> Server {
    let mut command = ferrule();
    command.current_dir(files.folder()).args(["serve", "--listen", "127.0.0.1:0", "--cert", "chain.pem"]);
    let process = Running::start(command.args(["--key", key]).args(more));
    let port = process.stdout_line("listening on 127.0.0.1:").parse().unwrap();
    Server { process, port }
}

/// curl, with more arguments.
pub(crate) fn curl_fetch(files: &Files, port: u16, path: &str, more: &[&str]) -> Option<Ended> {
    let mut command = Command::new(find("curl")?);
    command.args([
        "--disable",
        "--noproxy",
        "*",
        "--silent",
        "--show-error",
        "--fail",
        "--tlsv1.3",
        "--cacert",
    ]);
    command.arg(files.path("root.pem")).args(["--connect-to", &format!("localhost::127.0.0.1:{port}")]);
    Some(run(command.args(more).arg(format!("https://localhost:{port}{path}"))))
}

/// `openssl s_client`, ready to be spoken to; it checks the chain and the name.
pub(crate) fn openssl_client(files: &Files, port: u16, more: &[&str]) -> Option<Running> {
    let mut command = Command::new(find("openssl")?);
    command.args([
        "s_client",
        "-connect",
        &format!("127.0.0.1:{port}"),
        "-servername",
        "localhost",
        "-CAfile",
    ]);
    command.arg(files.path("root.pem"));
    command.args(["-tls1_3", "-verify_return_error", "-verify_hostname", "localhost"]).args(more);
    Some(Running::start(&mut command))
}

/// Fetches a page with `openssl s_client`.
pub(crate) fn openssl_fetch(files: &Files, port: u16, path: &str, more: &[&str]) -> Option<Ended> {
    let mut client = openssl_client(files, port, &[&["-quiet"], more].concat())?;
    client.say(http::request(path).as_bytes());
    // Its input's end would make it hang up; -quiet implies -ign_eof.
    Some(client.wait())
}

fn script_fetch(
    interpreter: &str,
    flag: &str,
    script: &str,
    files: &Files,
    port: u16,
    path: &str,
) -> Option<Ended> {
    let mut command = Command::new(find(interpreter)?);
    command.args([flag, script]).arg(files.path("root.pem")).args([&port.to_string(), path]);
    Some(run(&mut command))
}

pub(crate) fn python_fetch(files: &Files, port: u16, path: &str) -> Option<Ended> {
    script_fetch("python3", "-c", include_str!("python_client.py"), files, port, path)
}

pub(crate) fn node_fetch(files: &Files, port: u16, path: &str) -> Option<Ended> {
    script_fetch("node", "-e", include_str!("node_client.js"), files, port, path)
}
