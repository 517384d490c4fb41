//! More peers: toolkits and runtimes that serve one small page, and fetch one.

use crate::fixtures::Files;
use crate::http;
use crate::peer::{Server, on_a_free_port};
use crate::process::{Running, find, run};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What every server here serves, and every client finds at `/page`.
pub(crate) const SMALL: &str = "small\n";
const PASSWORD: &str = "password";
/// What `.ci/install` builds from the crates openssl-src and wolfssl-sys.
const OPENSSL_4: &str = "openssl-4.0";
const WOLFSSL_CLIENT: &str = "wolfssl-client";
const WOLFSSL_SERVER: &str = "wolfssl-server";

/// A client that prints what it reads; the page must be in it.
fn says_the_request(mut client: Running) {
    client.say(http::request("/page").as_bytes());
    client.stdout_line("small");
}

/// A client that speaks for itself; the page must be in what it prints.
fn prints_the_page(command: &mut Command) {
    let output = run(command).success();
    assert!(String::from_utf8_lossy(&output).ends_with(SMALL), "{}", String::from_utf8_lossy(&output));
}

/// The chain and its key as PKCS #12.
fn pkcs12(files: &Files) -> Option<PathBuf> {
    let mut command = Command::new(find("openssl")?);
    command.current_dir(files.folder()).args(["pkcs12", "-export", "-in", "chain.pem", "-inkey", "key.pem"]);
    let password = format!("pass:{PASSWORD}");
    run(command.args(["-name", "leaf", "-out", "leaf.p12", "-passout", &password])).success();
    Some(files.path("leaf.p12"))
}

pub(crate) fn openssl_4_server(files: &Files) -> Option<Server> {
    let mut command = Command::new(find(OPENSSL_4)?);
    command.current_dir(files.folder()).args(["s_server", "-accept", "127.0.0.1:0", "-tls1_3", "-WWW"]);
    let process =
        Running::start(command.args(["-key", "key.pem", "-cert", "leaf.pem", "-cert_chain", "chain.pem"]));
    let port = process.stdout_line("ACCEPT 127.0.0.1:").parse().unwrap();
    Some(Server { process, port })
}

pub(crate) fn openssl_4_fetch(files: &Files, port: u16) -> Option<()> {
    let mut command = Command::new(find(OPENSSL_4)?);
    command.args(["s_client", "-quiet", "-tls1_3", "-connect", &format!("127.0.0.1:{port}"), "-CAfile"]);
    command.arg(files.path("root.pem")).args(["-servername", "localhost", "-verify_hostname", "localhost"]);
    says_the_request(Running::start(command.arg("-verify_return_error")));
    Some(())
}

const GNUTLS_PRIORITY: &str = "NORMAL:-VERS-ALL:+VERS-TLS1.3";

pub(crate) fn gnutls_server(files: &Files) -> Option<Server> {
    let program = find("gnutls-serv")?;
    Some(on_a_free_port("gnutls-serv", |port| {
        let mut command = Command::new(&program);
        command.current_dir(files.folder()).args(["--http", "--port", &port.to_string(), "--x509certfile"]);
        command.args(["chain.pem", "--x509keyfile", "key.pem", "--priority", GNUTLS_PRIORITY]);
        command
    }))
}

pub(crate) fn gnutls_fetch(files: &Files, port: u16) -> Option<()> {
    let mut command = Command::new(find("gnutls-cli")?);
    command.args(["--sni-hostname", "localhost", "--verify-hostname", "localhost", "--x509cafile"]);
    command.arg(files.path("root.pem")).args(["--port", &port.to_string(), "--priority", GNUTLS_PRIORITY]);
    says_the_request(Running::start(command.arg("127.0.0.1")));
    Some(())
}

/// A certificate store of NSS, filled by `fill` when it is made.
fn nss_store(files: &Files, name: &str, fill: impl Fn(&str) -> Option<Command>) -> Option<String> {
    let store = format!("sql:{}", files.path(name).display());
    if !files.path(name).exists() {
        std::fs::create_dir_all(files.path(name)).unwrap();
        run(Command::new(find("certutil")?).args(["-N", "--empty-password", "-d", &store])).success();
        run(&mut fill(&store)?).success();
    }
    Some(store)
}

pub(crate) fn nss_server(files: &Files) -> Option<Server> {
    let program = find("selfserv")?;
    let store = nss_store(files, "nss-server", |store| {
        let mut import = Command::new(find("pk12util")?);
        import.arg("-i").arg(pkcs12(files)?).args(["-d", store, "-W", PASSWORD, "-K", ""]);
        Some(import)
    })?;
    Some(on_a_free_port("selfserv", |port| {
        let mut command = Command::new(&program);
        command.args(["-d", &store, "-n", "leaf", "-p", &port.to_string(), "-V", "tls1.3:tls1.3"]);
        command
    }))
}

pub(crate) fn nss_fetch(files: &Files, port: u16) -> Option<()> {
    let program = find("tstclnt")?;
    let store = nss_store(files, "nss-client", |store| {
        let mut trust = Command::new(find("certutil")?);
        trust.args(["-A", "-d", store, "-n", "root", "-t", "C,,", "-i"]).arg(files.path("root.pem"));
        Some(trust)
    })?;
    let mut command = Command::new(program);
    command.args(["-d", &store, "-h", "localhost", "-4", "-p", &port.to_string(), "-V", "tls1.3:tls1.3"]);
    says_the_request(Running::start(&mut command));
    Some(())
}

/// wolfSSL's examples want to lie where such a file is, or end.
fn wolfssl(files: &Files, program: &Path) -> Command {
    files.write("certs/dh2048.pem", "");
    let mut command = Command::new(program);
    command.current_dir(files.folder());
    command
}

pub(crate) fn wolfssl_server(files: &Files) -> Option<Server> {
    let program = find(WOLFSSL_SERVER)?;
    Some(on_a_free_port("wolfssl-server", |port| {
        let mut command = wolfssl(files, &program);
        // -d: no client certificate; -g: an HTML page; -i -x: goes on after a connection, and a failed one.
        command.args(["-v", "4", "-d", "-g", "-i", "-x", "-p", &port.to_string()]);
        command.args(["-c", "chain.pem", "-k", "key.pem"]);
        command
    }))
}

pub(crate) fn wolfssl_fetch(files: &Files, port: u16) -> Option<()> {
    let mut command = wolfssl(files, &find(WOLFSSL_CLIENT)?);
    // -m: the name must match; -g: asks for a page; -x: no client certificate.
    command.args(["-v", "4", "-m", "-g", "-x", "-h", "localhost", "-S", "localhost"]);
    command.args(["-p", &port.to_string(), "-A"]).arg(files.path("root.pem"));
    let output = run(&mut command).success();
    assert!(String::from_utf8_lossy(&output).contains("HTTP/1."), "{}", String::from_utf8_lossy(&output));
    Some(())
}

/// The program in Go, compiled; Go keeps what it has compiled before.
fn go_peer(files: &Files) -> Option<PathBuf> {
    let program = files.path("go-peer");
    let source = files.write("peer.go", include_str!("peer.go"));
    let mut command = Command::new(find("go")?);
    command.current_dir(files.folder()).envs([
        ("GO111MODULE", "off"),
        ("GOTOOLCHAIN", "local"),
        ("CGO_ENABLED", "0"),
    ]);
    run(command.args(["build", "-o"]).arg(&program).arg(source)).success();
    Some(program)
}

pub(crate) fn go_server(files: &Files) -> Option<Server> {
    let mut command = Command::new(go_peer(files)?);
    let process =
        Running::start(command.arg("serve").arg(files.path("chain.pem")).arg(files.path("key.pem")));
    let port = process.stdout_line("listening on ").parse().unwrap();
    Some(Server { process, port })
}

/// Compiled once for many connections.
pub(crate) fn go_client(files: &Files) -> Option<PathBuf> {
    go_peer(files)
}

pub(crate) fn go_fetch(files: &Files, port: u16) -> Option<()> {
    let mut command = Command::new(files.path("go-peer"));
    command.arg("fetch").arg(files.path("root.pem"));
    prints_the_page(command.args([&port.to_string(), "/page"]));
    Some(())
}

fn java(files: &Files) -> Option<Command> {
    let mut command = Command::new(find("java")?);
    command.arg(files.write("Peer.java", include_str!("Peer.java")));
    Some(command)
}

pub(crate) fn java_server(files: &Files) -> Option<Server> {
    let process = Running::start(java(files)?.arg("serve").arg(pkcs12(files)?));
    let port = process.stdout_line("listening on ").parse().unwrap();
    Some(Server { process, port })
}

pub(crate) fn java_fetch(files: &Files, port: u16) -> Option<()> {
    let mut command = java(files)?;
    command.arg("fetch").arg(files.path("root.pem"));
    prints_the_page(command.args([&port.to_string(), "/page"]));
    Some(())
}
