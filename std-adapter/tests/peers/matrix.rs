//! Every suite with every group, with every peer, in both directions. `interop.sh` makes a table of it.

use crate::fixtures::Files;
use crate::http;
use crate::peer::{
    SUITES, Server, curl_fetch, get, nginx_server, node_fetch, node_server, openssl_fetch, openssl_server,
    python_fetch, python_server, rustls_fetch, rustls_server, serve,
};
use crate::process::Ended;
use crate::toolkits::{self, SMALL};

const GROUPS: [&str; 3] = ["x25519", "secp256r1", "secp384r1"];

/// For each suite and group; says how each went.
fn each(peer: &str, direction: &str, connect: impl Fn(&str, &str)) {
    for suite in SUITES {
        for group in GROUPS {
            connect(suite, group);
            println!("MATRIX|{peer}|{direction}|{suite}|{group}");
        }
    }
}

/// Our client, which offers one suite and one group.
fn our_client(peer: &str, start: impl Fn(&Files) -> Option<Server>) {
    let files = Files::new();
    files.write("page", SMALL);
    let Some(server) = start(&files) else { return };
    each(peer, "our client", |suite, group| fetch_from(&files, server.port, suite, group));
}

fn fetch_from(files: &Files, port: u16, suite: &str, group: &str) {
    let ended = get(files, port, "/page", &["-v", "--cipher", suite, "--group", group]);
    assert!(
        ended.stderr.contains(suite) && ended.stderr.contains(group),
        "{suite} {group}: {}",
        ended.stderr
    );
    assert!(!ended.success().is_empty(), "{suite} {group}: no page came");
}

/// Our server, which takes one suite and one group.
fn our_server(peer: &str, fetch: impl Fn(&Files, u16) -> Option<()>) {
    let files = Files::new();
    files.write("page", SMALL);
    our_server_of(peer, &files, fetch);
}

fn our_server_of(peer: &str, files: &Files, fetch: impl Fn(&Files, u16) -> Option<()>) {
    let mut is_there = true;
    for suite in SUITES {
        for group in GROUPS {
            let server = serve(files, &["--www", ".", "--cipher", suite, "--group", group]);
            is_there = is_there && fetch(files, server.port).is_some();
            if is_there {
                println!("MATRIX|{peer}|our server|{suite}|{group}");
            }
        }
    }
}

/// What a client has fetched is the page.
fn is_small(ended: Option<Ended>) -> Option<()> {
    assert_eq!(ended?.success(), SMALL.as_bytes());
    Some(())
}

macro_rules! matrix {
    ($($peer:literal { $(client $client:ident: $start:expr;)? $(server $server:ident: $fetch:expr;)? })*) => {
        $($(#[test] fn $client() { our_client($peer, $start); })?
          $(#[test] fn $server() { our_server($peer, $fetch); })?)*
    };
}

matrix! {
    "OpenSSL" {
        client matrix_client_openssl: |files| openssl_server(files, &["-WWW"]);
        server matrix_server_openssl: |files, port| {
            let response = openssl_fetch(files, port, "/page", &[])?.success();
            assert_eq!(http::body(&response), SMALL.as_bytes());
            Some(())
        };
    }
    "OpenSSL 4.0" {
        client matrix_client_openssl_4: toolkits::openssl_4_server;
        server matrix_server_openssl_4: toolkits::openssl_4_fetch;
    }
    "GnuTLS" {
        client matrix_client_gnutls: toolkits::gnutls_server;
        server matrix_server_gnutls: toolkits::gnutls_fetch;
    }
    "NSS" {
        client matrix_client_nss: toolkits::nss_server;
        server matrix_server_nss: toolkits::nss_fetch;
    }
    "wolfSSL" {
        client matrix_client_wolfssl: toolkits::wolfssl_server;
        server matrix_server_wolfssl: toolkits::wolfssl_fetch;
    }
    "Go" { client matrix_client_go: toolkits::go_server; }
    "Java" {
        client matrix_client_java: toolkits::java_server;
        server matrix_server_java: toolkits::java_fetch;
    }
    "Node" {
        client matrix_client_node: |files| node_server(files, files.folder());
        server matrix_server_node: |files, port| is_small(node_fetch(files, port, "page"));
    }
    "Python" {
        client matrix_client_python: |files| python_server(files, files.folder());
        server matrix_server_python: |files, port| is_small(python_fetch(files, port, "page"));
    }
    "nginx" { client matrix_client_nginx: nginx_server; }
    "curl" { server matrix_server_curl: |files, port| is_small(curl_fetch(files, port, "/page", &[])); }
    "rustls" {
        server matrix_server_rustls: |files, port| {
            assert_eq!(rustls_fetch(files, port, "/page").unwrap(), SMALL.as_bytes());
            Some(())
        };
    }
}

#[test]
fn matrix_server_go() {
    let files = Files::new();
    files.write("page", SMALL);
    if toolkits::go_client(&files).is_some() {
        our_server_of("Go", &files, toolkits::go_fetch);
    }
}

#[test]
fn matrix_client_rustls() {
    let files = Files::new();
    each("rustls", "our client", |suite, group| {
        let port = rustls_server(&files, &[], |stream| {
            http::read_request(stream)?;
            http::write_response(stream, SMALL.as_bytes())
        });
        fetch_from(&files, port, suite, group);
    });
}
