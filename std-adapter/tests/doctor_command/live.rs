//! Live runs, against `openssl s_server` with chains of every quality.

use crate::authority::{Leaf, NAME, intermediate, root};
use crate::process::{Running, find};
use crate::{Files, strings};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::thread;

/// A server under way, and its port.
struct Server {
    process: Running,
    port: u16,
}

/// A leaf with its chain and key, for `openssl s_server`.
fn install(files: &Files, prefix: &str, leaf: &Leaf, pem: &str, chain: &str) {
    files.write(&format!("{prefix}.pem"), pem);
    files.write(&format!("{prefix}-chain.pem"), chain);
    files.write(&format!("{prefix}.key"), leaf.key.serialize_pem());
}

/// `openssl s_server` with what [`install`] has put there; `None`, announced, where there is none.
fn serve(files: &Files, prefix: &str, listen: &str, more: &[&str]) -> Option<Server> {
    let mut command = Command::new(find("openssl")?);
    command.current_dir(files.folder()).args(["s_server", "-accept", listen]);
    command.args(["-cert", &format!("{prefix}.pem"), "-key", &format!("{prefix}.key")]);
    if files.path(&format!("{prefix}-chain.pem")).metadata().unwrap().len() > 0 {
        command.args(["-cert_chain", &format!("{prefix}-chain.pem")]);
    }
    let process = Running::start(command.args(more));
    let accept = process.stdout_line("ACCEPT ");
    let port = accept.rsplit(':').next().unwrap().parse().unwrap();
    Some(Server { process, port })
}

/// A good chain, and the root below which it is.
fn good(files: &Files, prefix: &str) {
    let root = root("Root One");
    let issuer = intermediate("Issuer One", &root);
    let leaf = current();
    let pem = leaf.issued_by(&issuer);
    install(files, prefix, &leaf, &pem, &issuer.pem());
    files.write("root.pem", root.pem());
}

/// A leaf that is valid whenever these tests run.
fn current() -> Leaf {
    Leaf::new().until(2099, 1)
}

fn look(files: &Files, servers: &[(&str, &Server)], more: &[&str]) -> Value {
    let connect: Vec<String> =
        servers.iter().map(|(address, server)| format!("{address}:{}", server.port)).collect();
    let connect = connect.join(",");
    let arguments = [NAME, "--connect", &connect, "--cafile", "root.pem", "--at", "2026-06-01"];
    files.json(&[&arguments[..], more].concat())
}

/// The finding by this rule.
#[track_caller]
fn finding<'j>(json: &'j Value, rule: &str) -> &'j Value {
    let findings = json["findings"].as_array().unwrap();
    findings
        .iter()
        .find(|finding| finding["rule"] == rule)
        .unwrap_or_else(|| panic!("no {rule} in {findings:#?}"))
}

#[test]
fn a_good_server_is_looked_at_without_a_byte_of_application_data() {
    let files = Files::new();
    good(&files, "leaf");
    let Some(server) = serve(&files, "leaf", "127.0.0.1:0", &["-alpn", "http/1.1", "-msg", "-naccept", "10"])
    else {
        return;
    };
    let json = look(&files, &[("127.0.0.1", &server)], &[]);
    let live = &json["live"];
    assert_eq!(live["server_name"], NAME);
    let answer = &live["addresses"][0]["answer"];
    assert_eq!(answer["certificates"], 2);
    assert!(answer["negotiated"].as_str().unwrap().starts_with("TLS 1.3"), "{answer:#}");
    assert!(answer["error"].is_null(), "{answer:#}");
    let accepted = |trials: &Value| -> Vec<String> {
        let trials = trials.as_array().unwrap().iter().filter(|trial| trial["accepted"] == true);
        trials.map(|trial| trial["offered"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(accepted(&live["groups"]), ["x25519", "secp256r1", "secp384r1"]);
    assert_eq!(accepted(&live["cipher_suites"]).len(), 3);
    assert_eq!(accepted(&live["application_protocols"]), ["http/1.1"]);
    assert_eq!(strings(&json["chain"][0]["names"]), ["DNS:api.example"]);
    // The server saw ten whole handshakes, each closed in order, and no application data.
    let ended = server.process.wait();
    let seen = String::from_utf8_lossy(&ended.stdout).into_owned() + &ended.stderr;
    let count =
        |words: &str| seen.lines().filter(|line| line.starts_with("<<<") && line.contains(words)).count();
    // Eight of the ten: one is refused for its protocol (h2), and every retry is part of its own handshake.
    assert!(count("Finished") >= 8, "{seen}");
    assert_eq!(count("close_notify"), count("Finished"), "{seen}");
    assert!(!seen.contains("ApplicationData") && !seen.contains("Application Data"), "{seen}");
}

#[test]
fn the_certificate_message_has_the_size_that_the_server_sent() {
    let files = Files::new();
    good(&files, "leaf");
    let Some(server) = serve(&files, "leaf", "127.0.0.1:0", &["-msg"]) else { return };
    let json = look(&files, &[("127.0.0.1", &server)], &[]);
    let bytes = json["live"]["addresses"][0]["answer"]["certificate_message_bytes"].as_u64().unwrap();
    // ">>> TLS 1.3, Handshake [length 0394], Certificate"
    let sent = server.process.written();
    let line = sent.lines().find(|line| line.starts_with(">>>") && line.ends_with(", Certificate")).unwrap();
    let length = line.split("[length ").nth(1).unwrap().split(']').next().unwrap();
    assert_eq!(bytes, u64::from_str_radix(length, 16).unwrap(), "{line}");
}

#[test]
fn a_stapled_response_is_asked_for_and_seen() {
    let files = Files::new();
    let root = root("Root One");
    let leaf = current();
    install(&files, "leaf", &leaf, &leaf.issued_by(&root), "");
    files.write("root.pem", root.pem());
    files.write("root.key", root.key().serialize_pem());
    files.write("index.txt", "");
    let Some(openssl) = find("openssl") else { return };
    let mut respond = Command::new(openssl);
    respond.current_dir(files.folder()).args(["ocsp", "-index", "index.txt", "-CA", "root.pem", "-noverify"]);
    respond.args(["-rsigner", "root.pem", "-rkey", "root.key", "-issuer", "root.pem", "-cert", "leaf.pem"]);
    crate::process::run(respond.args(["-ndays", "7", "-respout", "response.der"])).success();
    let staples = ["-status_file", "response.der"];
    let Some(stapling) = serve(&files, "leaf", "127.0.0.1:0", &staples) else { return };
    let Some(silent) = serve(&files, "leaf", "127.0.0.1:0", &[]) else { return };
    let json = look(&files, &[("127.0.0.1", &stapling), ("127.0.0.1", &silent)], &[]);
    let bytes = files.path("response.der").metadata().unwrap().len();
    assert_eq!(json["live"]["addresses"][0]["answer"]["staple_bytes"], bytes);
    assert_eq!(json["live"]["addresses"][1]["answer"]["staple_bytes"], Value::Null);
}

#[test]
fn a_server_with_a_bad_certificate_is_looked_at_all_the_same() {
    let files = Files::new();
    let root = root("Root One");
    let leaf = Leaf::named("other.example").until(2026, 5);
    let pem = leaf.issued_by(&intermediate("Issuer One", &root));
    install(&files, "leaf", &leaf, &pem, "");
    files.write("root.pem", root.pem());
    let Some(server) = serve(&files, "leaf", "127.0.0.1:0", &[]) else { return };
    let json = look(&files, &[("127.0.0.1", &server)], &[]);
    assert_eq!(json["chain"][1]["place"], "missing");
    assert_eq!(json["chain"][1]["subject"], "CN=Issuer One");
    let connect = format!("127.0.0.1:{}", server.port);
    let ended = files.doctor(&[NAME, "--connect", &connect, "--cafile", "root.pem"]);
    assert_eq!(ended.status.code(), Some(1), "{}", ended.stderr);
}

#[test]
fn a_key_that_we_do_not_verify_with_does_not_hide_the_chain() {
    let files = Files::new();
    let Some(openssl) = find("openssl") else { return };
    let mut make = Command::new(openssl);
    make.current_dir(files.folder())
        .args(["req", "-x509", "-newkey", "rsa:1024", "-nodes", "-days", "36500"]);
    make.args(["-keyout", "weak.key", "-out", "weak.pem", "-subj", "/CN=api.example"]);
    crate::process::run(make.args(["-addext", "subjectAltName=DNS:api.example"])).success();
    files.write("weak-chain.pem", "");
    files.write("root.pem", std::fs::read(files.path("weak.pem")).unwrap());
    let Some(server) = serve(&files, "weak", "127.0.0.1:0", &["-cipher", "ALL:@SECLEVEL=0"]) else { return };
    let json = look(&files, &[("127.0.0.1", &server)], &[]);
    assert_eq!(json["chain"][0]["key"], "RSA-1024");
    let error = json["live"]["addresses"][0]["answer"]["error"].as_str().unwrap();
    assert!(error.contains("1024"), "{error}");
}

#[test]
fn a_port_that_speaks_no_tls_is_told_with_advice() {
    let files = Files::new();
    files.write("root.pem", root("Root One").pem());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let connect = listener.local_addr().unwrap().to_string();
    let server = thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let mut hello = [0; 5];
        socket.read_exact(&mut hello).unwrap();
        socket.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        let _ = socket.read_to_end(&mut Vec::new());
    });
    let ended = files.doctor(&[NAME, "--connect", &connect, "--cafile", "root.pem"]);
    server.join().unwrap();
    assert_eq!(ended.status.code(), Some(1), "{}", ended.stderr);
    assert!(ended.stderr.contains("check the port"), "{}", ended.stderr);
}

#[test]
fn addresses_that_serve_different_chains_are_told_apart_and_the_worse_one_is_judged() {
    let files = Files::new();
    good(&files, "good");
    let leaf = current();
    install(&files, "bad", &leaf, &leaf.issued_by(&intermediate("Stranger", &root("Root Two"))), "");
    let Some(four) = serve(&files, "good", "127.0.0.1:0", &[]) else { return };
    let Some(six) = serve(&files, "bad", "[::1]:0", &[]) else { return };
    let json = look(&files, &[("127.0.0.1", &four), ("[::1]", &six)], &[]);
    assert_eq!(json["live"]["addresses"].as_array().unwrap().len(), 2);
    assert!(json["subject"]["source"].as_str().unwrap().contains(&format!("[::1]:{}", six.port)), "{json:#}");
    assert_eq!(json["chain"][1]["subject"], "CN=Stranger");
    let elsewhere = &json["elsewhere"][0];
    assert_eq!(strings(&elsewhere["addresses"]), [format!("127.0.0.1:{}", four.port)]);
    assert!(elsewhere["verdicts"].as_array().unwrap().iter().any(|verdict| verdict["accepts"] == true));
    assert!(finding(&json, "addresses-differ")["message"].as_str().unwrap().contains("127.0.0.1"));
}

#[test]
fn a_chain_that_depends_on_sni_is_told() {
    let files = Files::new();
    good(&files, "named");
    let (other, authority) = (Leaf::named("default.example"), root("Root Two"));
    install(&files, "default", &other, &other.issued_by(&authority), "");
    let more = ["-servername", NAME, "-cert2", "named.pem", "-key2", "named.key"];
    let Some(server) = serve(&files, "default", "127.0.0.1:0", &more) else { return };
    let json = look(&files, &[("127.0.0.1", &server)], &[]);
    assert_eq!(json["chain"][0]["subject"], "CN=api.example");
    let elsewhere = &json["elsewhere"][0];
    assert_eq!(elsewhere["sni"], false);
    assert!(finding(&json, "depends-on-sni")["message"].as_str().unwrap().contains("default.example"));
    assert_eq!(elsewhere["certificates"].as_array().unwrap().len(), 1);
}

#[test]
fn a_server_that_is_called_by_its_address_is_sent_no_name() {
    let files = Files::new();
    good(&files, "leaf");
    let Some(server) = serve(&files, "leaf", "[::1]:0", &[]) else { return };
    let target = format!("[::1]:{}", server.port);
    let json = files.json(&[&target, "--cafile", "root.pem"]);
    assert_eq!(json["live"]["server_name"], Value::Null);
    assert_eq!(json["subject"]["name"], "::1");
    assert_eq!(json["live"]["addresses"][0]["without_sni"], Value::Null);
    assert_eq!(json["live"]["addresses"][0]["answer"]["certificates"], 2);
}

#[test]
fn an_address_that_nobody_answers_at_does_not_hide_the_others() {
    let files = Files::new();
    good(&files, "leaf");
    let Some(server) = serve(&files, "leaf", "127.0.0.1:0", &[]) else { return };
    let closed =
        Server { process: Running::start(Command::new("true").arg("x")), port: crate::process::free_port() };
    let json = look(&files, &[("127.0.0.2", &closed), ("127.0.0.1", &server)], &[]);
    assert!(json["live"]["addresses"][0]["answer"]["error"].is_string(), "{json:#}");
    assert_eq!(json["live"]["addresses"][1]["answer"]["certificates"], 2);
    assert!(finding(&json, "address-without-answer")["message"].as_str().unwrap().contains("127.0.0.2"));
}

#[test]
fn a_server_that_wants_a_group_we_do_not_send_first_retries_and_says_what_it_refuses() {
    let files = Files::new();
    good(&files, "leaf");
    let more = ["-groups", "P-384", "-ciphersuites", "TLS_AES_256_GCM_SHA384"];
    let Some(server) = serve(&files, "leaf", "127.0.0.1:0", &more) else { return };
    let live = look(&files, &[("127.0.0.1", &server)], &[])["live"].take();
    assert_eq!(live["hello_retry_request"], true);
    let refused: Vec<&str> = [&live["groups"], &live["cipher_suites"]]
        .into_iter()
        .flat_map(|trials| trials.as_array().unwrap())
        .filter(|trial| trial["accepted"] == false)
        .map(|trial| trial["offered"].as_str().unwrap())
        .collect();
    assert_eq!(refused, ["x25519", "secp256r1", "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"]);
}

#[test]
fn a_server_that_demands_a_client_certificate_is_told() {
    let files = Files::new();
    good(&files, "leaf");
    let Some(server) = serve(&files, "leaf", "127.0.0.1:0", &["-Verify", "1", "-verify_return_error"]) else {
        return;
    };
    let json = look(&files, &[("127.0.0.1", &server)], &[]);
    let answer = &json["live"]["addresses"][0]["answer"];
    assert_eq!(answer["asks_for_client_certificate"], true);
    assert!(answer["error"].as_str().unwrap().contains("client certificate"), "{answer:#}");
    assert_eq!(answer["certificates"], 2);
}

#[test]
fn a_server_of_tls_1_2_alone_is_told_in_one_sentence() {
    let files = Files::new();
    good(&files, "leaf");
    let Some(server) = serve(&files, "leaf", "127.0.0.1:0", &["-tls1_2"]) else { return };
    let connect = format!("127.0.0.1:{}", server.port);
    let ended = files.doctor(&[NAME, "--connect", &connect, "--cafile", "root.pem"]);
    assert_eq!(ended.status.code(), Some(1), "{}", ended.stderr);
    assert!(ended.stderr.contains("no TLS 1.3"), "{}", ended.stderr);
}

#[test]
fn the_previous_chain_may_be_what_another_server_serves() {
    let files = Files::new();
    good(&files, "old");
    let Some(old) = serve(&files, "old", "127.0.0.1:0", &[]) else { return };
    files.write("chain.pem", std::fs::read(files.path("old.pem")).unwrap());
    let previous = format!("127.0.0.1:{}", old.port);
    let json = files.json(&[
        "--chain",
        "chain.pem",
        "--cafile",
        "root.pem",
        "--name",
        NAME,
        "--previous",
        &previous,
    ]);
    assert_eq!(json["previous"]["source"], previous.as_str());
    let kinds: Vec<&str> =
        json["changes"].as_array().unwrap().iter().map(|change| change["what"].as_str().unwrap()).collect();
    assert!(kinds.contains(&"missing intermediate"), "{kinds:?}");
}

#[test]
fn nobody_at_all_is_a_network_error() {
    let files = Files::new();
    files.write("root.pem", root("Root One").pem());
    let connect = format!("127.0.0.1:{}", crate::process::free_port());
    let ended = files.doctor(&[NAME, "--connect", &connect, "--cafile", "root.pem"]);
    assert_eq!(ended.status.code(), Some(3), "{}", ended.stderr);
    assert!(ended.stderr.contains("refused"), "{}", ended.stderr);
}
