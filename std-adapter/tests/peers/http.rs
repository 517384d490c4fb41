//! As much HTTP as a peer needs that has none of its own.

use rustls::{ServerConnection, StreamOwned};
use std::io::{self, Read, Write};
use std::net::TcpStream;

/// A request that the server answers in one piece and closes after.
pub(crate) fn request(path: &str) -> String {
    format!("GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n")
}

/// Reads up to the blank line that ends a request.
pub(crate) fn read_request(stream: &mut impl Read) -> io::Result<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// Answers with a page, and ends the connection in order.
pub(crate) fn write_response(
    stream: &mut StreamOwned<ServerConnection, TcpStream>,
    body: &[u8],
) -> io::Result<()> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)?;
    stream.conn.send_close_notify();
    stream.flush()
}

/// The body of a response that was read to its end.
#[track_caller]
pub(crate) fn body(response: &[u8]) -> &[u8] {
    assert!(response.starts_with(b"HTTP/1."), "no HTTP came: {}", String::from_utf8_lossy(response));
    let head = response.windows(4).position(|four| four == b"\r\n\r\n").expect("a blank line ends the head");
    let status = String::from_utf8_lossy(&response[..head.min(40)]);
    assert!(status.contains(" 200"), "{status}");
    &response[head + 4..]
}
