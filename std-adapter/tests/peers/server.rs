//! The world's clients against our server.

use crate::fixtures::{Files, Flaw, Keys, MIB, assert_same, page};
use crate::http;
use crate::peer::{
    SUITES, curl_fetch, node_fetch, openssl_client, openssl_fetch, python_fetch, rustls_fetch, serve,
    serve_with_key,
};
use crate::process::{Ended, find, run};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::Command;
use std::thread;
use std::time::Duration;

/// A client fetches a small and a large page from `ferrule serve --www`.
fn serves_pages(fetch: impl Fn(&Files, u16) -> Option<Vec<u8>>) {
    let files = Files::new();
    let server = serve(&files, &["--www", "."]);
    for length in [MIB, 64 * MIB] {
        let page = page(length);
        files.write("page", &page);
        let Some(body) = fetch(&files, server.port) else { return };
        assert_same(&body, &page);
    }
}

#[test]
fn serve_to_curl() {
    serves_pages(|files, port| curl_fetch(files, port, "/page", &[]).map(Ended::success));
}

#[test]
fn serve_to_openssl() {
    serves_pages(|files, port| {
        Some(http::body(&openssl_fetch(files, port, "/page", &[])?.success()).to_vec())
    });
}

#[test]
fn serve_to_python() {
    serves_pages(|files, port| python_fetch(files, port, "page").map(Ended::success));
}

#[test]
fn serve_to_node() {
    serves_pages(|files, port| node_fetch(files, port, "page").map(Ended::success));
}

#[test]
fn serve_to_rustls() {
    serves_pages(|files, port| Some(rustls_fetch(files, port, "/page").unwrap()));
}

#[test]
fn every_suite_with_every_group_that_the_client_insists_on() {
    let files = Files::new();
    files.write("page", "small");
    let server = serve(&files, &["--www", "."]);
    for suite in SUITES {
        // The last two make our server ask for another share (RFC 8446 §4.1.4) when the share that
        // came unasked is for a group that it likes less, and must work when it does not.
        for groups in ["X25519", "P-256", "X25519:P-256", "P-256:X25519", "P-521:X25519", "P-384:P-256"] {
            let options = ["-ciphersuites", suite, "-groups", groups];
            let Some(ended) = openssl_fetch(&files, server.port, "/page", &options) else { return };
            assert_eq!(http::body(&ended.success()), b"small", "{suite} {groups}");
        }
    }
}

#[test]
fn the_server_asks_again_for_a_share_that_it_has() {
    let files = Files::new();
    files.write("page", "small");
    let server = serve(&files, &["--www", "."]);
    // OpenSSL sends a share for the first group alone, which our server has not got.
    let Some(mut client) =
        openssl_client(&files, server.port, &["-msg", "-ign_eof", "-groups", "P-521:X25519"])
    else {
        return;
    };
    client.say(http::request("/page").as_bytes());
    client.stdout_line("small");
    assert_eq!(client.written().matches("ClientHello").count(), 2, "{}", client.written());
}

#[test]
fn every_kind_of_certificate() {
    for keys in [Keys::P256, Keys::Rsa2048, Keys::Ed25519] {
        let Some(files) = Files::with(keys, Flaw::None) else { return };
        files.write("page", "small");
        let server = serve(&files, &["--www", "."]);
        let Some(ended) = openssl_fetch(&files, server.port, "/page", &[]) else { return };
        assert_eq!(http::body(&ended.success()), b"small", "{keys:?}");
    }
}

#[test]
fn every_form_of_private_key() {
    for (keys, tool) in [(Keys::P256, "ec"), (Keys::Rsa2048, "rsa")] {
        let (Some(files), Some(openssl)) = (Files::with(keys, Flaw::None), find("openssl")) else { return };
        files.write("page", "small");
        // SEC1 for elliptic curves, PKCS#1 for RSA: what key.pem has as PKCS#8.
        let mut convert = Command::new(openssl);
        convert.current_dir(files.folder()).args([tool, "-in", "key.pem", "-out", "old-key.pem"]);
        if keys == Keys::Rsa2048 {
            convert.arg("-traditional");
        }
        run(&mut convert).success();
        let server = serve_with_key(&files, "old-key.pem", &["--www", "."]);
        let Some(ended) = openssl_fetch(&files, server.port, "/page", &[]) else { return };
        assert_eq!(http::body(&ended.success()), b"small", "{keys:?}");
    }
}

#[test]
fn a_client_that_speaks_tls_1_2_alone_is_refused_and_hurts_nobody() {
    let files = Files::new();
    files.write("page", "small");
    let server = serve(&files, &["--www", "."]);
    let Some(refused) = curl_fetch(&files, server.port, "/page", &["--tls-max", "1.2", "--tlsv1.2"]) else {
        return;
    };
    assert!(!refused.status.success());
    assert!(refused.stderr.contains("protocol version"), "no protocol_version alert: {}", refused.stderr);
    assert_eq!(rustls_fetch(&files, server.port, "/page").unwrap(), b"small");
}

#[test]
fn clients_that_misbehave_do_not_hurt_the_next() {
    let files = Files::new();
    files.write("page", "small");
    let mut server = serve(&files, &["--www", "."]);
    let address = ("127.0.0.1", server.port);

    // The head of a ClientHello's record, which promises more than comes.
    let part_of_a_hello: &[u8] = &[0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03];
    let garbage = page(4096);
    let pieces: [&[u8]; 5] =
        [b"", part_of_a_hello, &garbage, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", &[0; 64]];
    for piece in pieces {
        for hang_up in [true, false] {
            let mut client = TcpStream::connect(address).unwrap();
            // The server may have hung up on us already.
            let _ = client.write_all(piece);
            if !hang_up {
                let _ = client.shutdown(Shutdown::Write);
                client.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
                let mut answer = Vec::new();
                // An alert or nothing; but the end, and no page.
                let end = client.read_to_end(&mut answer);
                assert!(
                    !matches!(&end, Err(error) if error.kind() == std::io::ErrorKind::WouldBlock),
                    "the server holds on to a client that has ended: {piece:?}"
                );
                assert!(answer.len() < 64, "{}", String::from_utf8_lossy(&answer));
            }
        }
        assert_eq!(rustls_fetch(&files, server.port, "/page").unwrap(), b"small");
    }
    assert!(server.process.is_running());
    assert!(!server.process.written().contains("panicked"), "{}", server.process.written());
}

#[test]
fn a_silent_client_does_not_keep_others_waiting() {
    let files = Files::new();
    files.write("page", "small");
    let server = serve(&files, &["--www", "."]);
    let silent: Vec<_> = (0..8).map(|_| TcpStream::connect(("127.0.0.1", server.port)).unwrap()).collect();
    assert_eq!(rustls_fetch(&files, server.port, "/page").unwrap(), b"small");
    drop(silent);
}

#[test]
fn many_clients_at_once() {
    let files = Files::new();
    let page = page(MIB);
    files.write("page", &page);
    let server = serve(&files, &["--www", "."]);
    thread::scope(|scope| {
        let clients: Vec<_> = (0..16)
            .map(|_| scope.spawn(|| assert_same(&rustls_fetch(&files, server.port, "/page").unwrap(), &page)))
            .collect();
        for client in clients {
            client.join().unwrap();
        }
    });
}

#[test]
fn nothing_outside_the_folder_is_served() {
    let files = Files::new();
    files.write("secret", "not for you");
    files.write("www/page", "small");
    let server = serve(&files, &["--www", "www"]);
    let Some(page) = curl_fetch(&files, server.port, "/page", &["--path-as-is"]) else { return };
    assert_eq!(page.success(), b"small");
    for path in ["/../secret", "/%2e%2e/secret", "//../secret", "/..%2fsecret", "/x/../../secret"] {
        let Some(ended) = curl_fetch(&files, server.port, path, &["--path-as-is"]) else { return };
        assert!(!ended.status.success(), "{path} was served");
    }
}
