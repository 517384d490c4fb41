//! Small records: peers that keep to ours, and ours that keep to theirs.

use crate::fixtures::{Files, MIB, assert_same, page};
use crate::http;
use crate::peer::{Server, get, openssl_client, openssl_server, serve};
use crate::process::{Running, find};
use crate::toolkits::{gnutls_server, go_server};
use std::process::Command;

/// Fetches with a limit of ours: the exit code, and what was said. A record beyond the limit would be refused.
fn fetch(files: &Files, server: &Server, limit: &str) -> (Option<i32>, String) {
    let ended = get(files, server.port, "/page", &["--record-limit", limit]);
    (ended.status.code(), ended.stderr)
}

#[test]
fn gnutls_keeps_to_record_size_limit() {
    let files = Files::new();
    files.write("page", page(MIB));
    // What it serves is its own; the handshake and the page are longer than a record may be.
    let Some(server) = gnutls_server(&files) else { return };
    for limit in ["512", "1000", "16385"] {
        assert_eq!(fetch(&files, &server, limit).0, Some(0), "{limit}");
    }
}

#[test]
fn openssl_keeps_to_max_fragment_length() {
    let files = Files::new();
    let content = page(MIB);
    files.write("page", &content);
    // It knows nothing of record_size_limit.
    for limit in ["513", "2049"] {
        let Some(server) = openssl_server(&files, &["-WWW"]) else { return };
        let ended = get(&files, server.port, "/page", &["--record-limit", limit]);
        assert_same(&ended.success(), &content);
    }
}

#[test]
fn a_server_that_knows_neither_is_refused_with_the_numbers() {
    let files = Files::new();
    files.write("page", page(MIB));
    let Some(server) = go_server(&files) else { return };
    let (code, said) = fetch(&files, &server, "64");
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("80"), "{said}");
}

#[test]
fn our_server_keeps_to_what_openssl_asks() {
    let files = Files::new();
    files.write("page", page(100_000));
    let server = serve(&files, &["--www", "."]);
    for (asked, longest) in [("512", 512), ("4096", 4096)] {
        let Some(mut client) =
            openssl_client(&files, server.port, &["-ign_eof", "-msg", "-maxfraglen", asked])
        else {
            return;
        };
        client.say(http::request("/page").as_bytes());
        let seen = String::from_utf8_lossy(&client.wait().stdout).into_owned();
        let lengths = protected_lengths(&seen);
        // Content, its type and a tag; what fills a record is written whole.
        assert_eq!(lengths.iter().max(), Some(&(longest + 17)), "{lengths:?}");
    }
}

/// The lengths in the headers of the protected records that came, as `-msg` shows them.
fn protected_lengths(seen: &str) -> Vec<usize> {
    let mut lines = seen.lines();
    let mut lengths = Vec::new();
    while let Some(line) = lines.next() {
        if !line.starts_with("<<<") || !line.contains("RecordHeader") {
            continue;
        }
        let header: Vec<_> = lines.next().unwrap_or_default().split_whitespace().collect();
        if let ["17", _, _, high, low] = header[..] {
            lengths.push(usize::from_str_radix(&format!("{high}{low}"), 16).unwrap());
        }
    }
    lengths
}

#[test]
fn our_server_keeps_to_what_gnutls_asks() {
    let files = Files::new();
    files.write("page", "a line of the page\n".repeat(5000) + "the end of it");
    let server = serve(&files, &["--www", ".", "--record-limit", "700"]);
    let Some(client) = find("gnutls-cli") else { return };
    let mut command = Command::new(client);
    command.args(["--sni-hostname", "localhost", "--verify-hostname", "localhost", "--x509cafile"]);
    command.arg(files.path("root.pem")).args(["--port", &server.port.to_string(), "--recordsize", "512"]);
    command.args(["--priority", "NORMAL:-VERS-ALL:+VERS-TLS1.3", "127.0.0.1"]);
    // It refuses longer records than it asked for.
    let mut client = Running::start(&mut command);
    client.say(http::request("/page").as_bytes());
    client.stdout_line("the end of it");
}
