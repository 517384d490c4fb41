//! Both directions of a connection at once, and one after the other has ended.

use crate::fixtures::{Files, MIB, assert_same, page};
use crate::peer::{
    Server, connect, node_server, openssl_client, openssl_server, python_server, rustls_server, serve,
};
use crate::process::count_lines;
use std::io::{Read, Write};
use std::path::Path;
use std::thread;

/// Our client says everything and ends its side; the peer answers only then (RFC 8446 §6.1:
/// close_notify closes one direction).
#[track_caller]
fn answer_after_our_end(files: &Files, port: u16) {
    let page = page(4 * MIB);
    let mut client = connect(files, port);
    client.say(&page);
    client.end_input();
    assert_same(&client.wait().success(), &page);
}

fn answer_of(start: impl Fn(&Files, &Path) -> Option<Server>) {
    let files = Files::new();
    let Some(server) = start(&files, Path::new("echo")) else { return };
    answer_after_our_end(&files, server.port);
}

#[test]
fn python_answers_after_our_end() {
    answer_of(python_server);
}

#[test]
fn node_answers_after_our_end() {
    answer_of(node_server);
}

#[test]
fn rustls_answers_after_our_end() {
    let files = Files::new();
    let port = rustls_server(&files, &[], |stream| {
        let mut all = Vec::new();
        stream.read_to_end(&mut all)?;
        stream.write_all(&all)?;
        stream.conn.send_close_notify();
        stream.flush()
    });
    answer_after_our_end(&files, port);
}

#[test]
fn both_directions_are_full_at_once() {
    let files = Files::new();
    // It reads nothing before it has written what fills every buffer in between.
    let port = rustls_server(&files, &[], |stream| {
        stream.write_all(&page(16 * MIB))?;
        let mut all = Vec::new();
        stream.read_to_end(&mut all)?;
        stream.write_all(if all == page(16 * MIB) { b"whole" } else { b"torn" })?;
        stream.conn.send_close_notify();
        stream.flush()
    });
    let mut client = connect(&files, port);
    let mut input = client.take_input();
    let writer = thread::spawn(move || input.write_all(&page(16 * MIB)));
    let got = client.stdout_bytes(16 * MIB);
    assert_same(&got, &page(16 * MIB));
    writer.join().unwrap().unwrap();
    assert!(client.wait().success().ends_with(b"whole"), "the peer did not get what we sent");
}

#[test]
fn our_server_echoes_more_than_any_buffer_holds() {
    let files = Files::new();
    let server = serve(&files, &["--echo"]);
    let mut client = connect(&files, server.port);
    let page = page(8 * MIB);
    let mut input = client.take_input();
    let sent = page.clone();
    let writer = thread::spawn(move || input.write_all(&sent));
    assert_same(&client.stdout_bytes(page.len()), &page);
    writer.join().unwrap().unwrap();
    assert_same(&client.wait().success(), &page);
}

#[test]
fn a_pipe_to_openssl() {
    let files = Files::new();
    let Some(mut server) = openssl_server(&files, &[]) else { return };
    let mut client = connect(&files, server.port);
    client.say(b"from the client\n");
    server.process.stdout_line("from the client");
    server.process.say(b"from the server\n");
    client.stdout_line("from the server");
}

// OpenSSL takes a line "K" for an order only if it reads it alone: hence the wait for its KeyUpdate.
// `>>>` is what OpenSSL sends, `<<<` what it receives.

#[test]
fn openssl_servers_key_update_is_followed() {
    let files = Files::new();
    let Some(mut server) = openssl_server(&files, &["-msg"]) else { return };
    let mut client = connect(&files, server.port);
    client.say(b"hello\n");
    server.process.stdout_line("hello");
    for round in 1..=3 {
        // New keys for its side, and a request for new ones of ours (RFC 8446 §4.6.3).
        server.process.say(b"K\n");
        server.process.lines_with(&[">>>", "KeyUpdate"], round);
        server.process.say(format!("server {round}\n").as_bytes());
        client.stdout_line(&format!("server {round}"));
        client.say(format!("client {round}\n").as_bytes());
        server.process.stdout_line(&format!("client {round}"));
    }
    let answers = count_lines(&server.process.written(), &["<<<", "KeyUpdate"]);
    assert_eq!(answers, 3, "each request is answered once:\n{}", server.process.written());
}

#[test]
fn openssl_clients_key_update_is_followed() {
    let files = Files::new();
    let server = serve(&files, &["--echo"]);
    let Some(mut client) = openssl_client(&files, server.port, &["-msg"]) else { return };
    client.say(b"hello\n");
    client.stdout_line("hello");
    for round in 1..=3 {
        client.say(b"K\n");
        client.lines_with(&[">>>", "KeyUpdate"], round);
        client.say(format!("echo {round}\n").as_bytes());
        client.stdout_line(&format!("echo {round}"));
    }
    let answers = count_lines(&client.written(), &["<<<", "KeyUpdate"]);
    assert_eq!(answers, 3, "each request is answered once:\n{}", client.written());
}
