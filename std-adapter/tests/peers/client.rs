//! Our client against the world's servers.

use crate::fixtures::{Files, Flaw, Keys, MIB, assert_same, page};
use crate::http;
use crate::peer::{
    SUITES, Server, get, nginx_server, node_server, openssl_server, python_server, rustls_server,
};

/// Fetches a small and a large page from a server that serves the files' folder.
fn fetches_pages(start: impl Fn(&Files) -> Option<Server>) {
    let files = Files::new();
    let Some(server) = start(&files) else { return };
    for length in [MIB, 64 * MIB] {
        let page = page(length);
        files.write("page", &page);
        assert_same(&get(&files, server.port, "/page", &[]).success(), &page);
    }
}

#[test]
fn get_fetches_from_openssl() {
    fetches_pages(|files| openssl_server(files, &["-WWW"]));
}

#[test]
fn get_fetches_from_nginx() {
    fetches_pages(nginx_server);
}

#[test]
fn get_fetches_from_python() {
    fetches_pages(|files| python_server(files, files.folder()));
}

#[test]
fn get_fetches_from_node() {
    fetches_pages(|files| node_server(files, files.folder()));
}

#[test]
fn get_fetches_from_rustls() {
    let files = Files::new();
    for length in [MIB, 64 * MIB] {
        let port = rustls_server(&files, &[], move |stream| {
            http::read_request(stream)?;
            http::write_response(stream, &page(length))
        });
        assert_same(&get(&files, port, "/", &[]).success(), &page(length));
    }
}

/// What `openssl s_server -www` says of the connection that fetched it.
#[track_caller]
fn status_page(server: &Server, files: &Files, more: &[&str]) -> String {
    String::from_utf8(get(files, server.port, "/", more).success()).unwrap()
}

#[test]
fn every_suite_with_every_group_when_the_client_names_them() {
    let files = Files::new();
    let Some(server) = openssl_server(&files, &["-www"]) else { return };
    for suite in SUITES {
        for group in ["x25519", "secp256r1"] {
            let status = status_page(&server, &files, &["--cipher", suite, "--group", group]);
            assert!(
                status.contains(&format!("New, TLSv1.3, Cipher is {suite}")),
                "{suite} {group}: {status}"
            );
        }
    }
}

#[test]
fn every_suite_with_every_group_when_the_server_insists() {
    let files = Files::new();
    for suite in SUITES {
        // The share of the first is sent unasked; for the second the server sends a HelloRetryRequest, and a
        // second ClientHello answers it (RFC 8446 §4.1.4).
        for (group, client_hellos) in [("X25519", 1), ("P-256", 2)] {
            let options = ["-www", "-msg", "-ciphersuites", suite, "-groups", group];
            let Some(server) = openssl_server(&files, &options) else { return };
            let status = status_page(&server, &files, &[]);
            assert!(
                status.contains(&format!("New, TLSv1.3, Cipher is {suite}")),
                "{suite} {group}: {status}"
            );
            server.process.lines_with(&["ClientHello"], client_hellos);
        }
    }
}

#[test]
fn every_kind_of_certificate() {
    for keys in [Keys::P256, Keys::Rsa2048, Keys::Ed25519] {
        let Some(files) = Files::with(keys, Flaw::None) else { return };
        let Some(server) = openssl_server(&files, &["-www"]) else { return };
        let status = status_page(&server, &files, &[]);
        assert!(status.contains("New, TLSv1.3"), "{keys:?}: {status}");
    }
}

#[test]
fn an_ip_address_is_a_name_too() {
    let files = Files::new();
    let Some(server) = openssl_server(&files, &["-www"]) else { return };
    let mut command = crate::process::ferrule();
    command
        .args(["get", &format!("https://127.0.0.1:{}/", server.port), "--cafile"])
        .arg(files.path("root.pem"));
    let status = String::from_utf8(crate::process::run(&mut command).success()).unwrap();
    assert!(status.contains("New, TLSv1.3"), "{status}");
}

#[test]
fn alpn_is_agreed_upon() {
    let files = Files::new();
    let port = rustls_server(&files, &[b"h3", b"http/1.1"], |stream| {
        http::read_request(stream)?;
        let agreed = stream.conn.alpn_protocol().unwrap_or_default().to_vec();
        http::write_response(stream, &agreed)
    });
    assert_eq!(get(&files, port, "/", &["--alpn", "http/1.1"]).success(), b"http/1.1");
}

#[test]
fn an_alpn_list_that_the_server_knows_nothing_of_is_refused() {
    let files = Files::new();
    let port = rustls_server(&files, &[b"h3"], |stream| http::read_request(stream).map(drop));
    let ended = get(&files, port, "/", &["--alpn", "http/1.1"]);
    assert_eq!(ended.status.code(), Some(1), "{}", ended.stderr);
    // The alert that the server must send (RFC 7301 §3.2) is named.
    assert!(ended.stderr.contains("no_application_protocol"), "{}", ended.stderr);
}

#[test]
fn verbose_output_leaves_the_body_alone() {
    let files = Files::new();
    let Some(server) = openssl_server(&files, &["-WWW"]) else { return };
    files.write("page", "just this");
    let ended = get(&files, server.port, "/page", &["-v"]);
    assert!(ended.stderr.contains("TLS_"), "-v says what was negotiated: {}", ended.stderr);
    assert_eq!(ended.success(), b"just this");
}

#[test]
fn a_body_without_close_notify_is_not_taken_for_whole() {
    let files = Files::new();
    let port = rustls_server(&files, &[], |stream| {
        use std::io::Write;
        http::read_request(stream)?;
        // No length, so that the end of the connection is the end of the body (RFC 8446 §6.1) …
        stream.write_all(b"HTTP/1.0 200 OK\r\n\r\nhalf of the bo")?;
        stream.flush()
        // … and the socket is closed without a close_notify.
    });
    let ended = get(&files, port, "/", &[]);
    let code = ended.status.code();
    assert!(matches!(code, Some(1 | 3)), "a truncated body was not refused: {code:?} {}", ended.stderr);
    assert!(ended.stderr.contains("close_notify"), "truncation is not explained: {}", ended.stderr);
}
