//! A small HTTP/1.1 server for files: GET and HEAD, one request after the other. Parsing is httparse's.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};

/// The longest request head that is accepted.
const MAX_HEAD: usize = 16 * 1024;
const MAX_HEADERS: usize = 64;
/// The longest request body that is read and dropped.
const MAX_BODY: u64 = 1 << 20;

/// What is served.
#[derive(Debug)]
pub(crate) enum Site {
    /// The files of a folder.
    Folder(PathBuf),
    /// One page, whatever is asked for.
    Page(String),
}

/// A request, as far as it matters here.
struct Request {
    path: String,
    body_wanted: bool,
    keep_alive: bool,
    /// Bytes of its head, and of the body behind it.
    head: usize,
    body: u64,
}

enum Parsed {
    Request(Request),
    Incomplete,
    Refused(u16, &'static str),
}

impl Site {
    /// Answers requests until the client says that there will be no more. Returns their lines, for a log.
    pub(crate) fn serve(
        &self,
        stream: &mut (impl Read + Write),
        mut log: impl FnMut(&str, u16),
    ) -> io::Result<()> {
        let mut held = Vec::new();
        let mut piece = vec![0; 16 * 1024];
        loop {
            let request = match parse(&held) {
                Parsed::Request(request) => request,
                Parsed::Refused(status, reason) => {
                    log("(unreadable request)", status);
                    return respond(
                        stream,
                        status,
                        reason,
                        false,
                        true,
                        reason.len() as u64,
                        &mut reason.as_bytes(),
                    );
                }
                Parsed::Incomplete => {
                    let length = stream.read(&mut piece)?;
                    if length == 0 {
                        return Ok(());
                    }
                    held.extend_from_slice(&piece[..length]);
                    continue;
                }
            };
            held.drain(..request.head);
            drop_body(stream, &mut held, request.body)?;
            let status = self.answer(stream, &request)?;
            log(&request.path, status);
            if !request.keep_alive {
                return Ok(());
            }
        }
    }

    fn answer(&self, stream: &mut impl Write, request: &Request) -> io::Result<u16> {
        let Request { body_wanted, keep_alive, .. } = *request;
        let folder = match self {
            Self::Page(page) => {
                let length = page.len() as u64;
                respond(stream, 200, "OK", keep_alive, body_wanted, length, &mut page.as_bytes())?;
                return Ok(200);
            }
            Self::Folder(folder) => folder,
        };
        let found = find(folder, &request.path).and_then(|path| {
            let file = File::open(path).ok()?;
            let metadata = file.metadata().ok()?;
            metadata.is_file().then_some((metadata.len(), file))
        });
        match found {
            Some((length, mut file)) => {
                respond(stream, 200, "OK", keep_alive, body_wanted, length, &mut file)?;
                Ok(200)
            }
            None => {
                let text = "not found\n";
                respond(
                    stream,
                    404,
                    "Not Found",
                    keep_alive,
                    body_wanted,
                    text.len() as u64,
                    &mut text.as_bytes(),
                )?;
                Ok(404)
            }
        }
    }
}

fn parse(held: &[u8]) -> Parsed {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    let head = match request.parse(held) {
        Ok(httparse::Status::Complete(head)) => head,
        Ok(httparse::Status::Partial) if held.len() < MAX_HEAD => return Parsed::Incomplete,
        Ok(httparse::Status::Partial) => return Parsed::Refused(431, "Request Header Fields Too Large"),
        Err(_) => return Parsed::Refused(400, "Bad Request"),
    };
    let header = |wanted: &str| {
        let found = request.headers.iter().find(|header| header.name.eq_ignore_ascii_case(wanted))?;
        std::str::from_utf8(found.value).ok()
    };
    let body_wanted = match request.method {
        Some("GET") => true,
        Some("HEAD") => false,
        _ => return Parsed::Refused(405, "Method Not Allowed"),
    };
    let body = match (header("transfer-encoding"), header("content-length").map(str::parse)) {
        (None, None) => 0,
        (None, Some(Ok(length))) if length <= MAX_BODY => length,
        _ => return Parsed::Refused(413, "Content Too Large"),
    };
    let keep_alive = match header("connection") {
        Some(value) if value.eq_ignore_ascii_case("close") => false,
        Some(value) if value.eq_ignore_ascii_case("keep-alive") => true,
        _ => request.version == Some(1),
    };
    let path = request.path.unwrap_or("/").to_owned();
    Parsed::Request(Request { path, body_wanted, keep_alive, head, body })
}

fn drop_body(stream: &mut impl Read, held: &mut Vec<u8>, body: u64) -> io::Result<()> {
    let here = held.len().min(usize::try_from(body).unwrap_or(usize::MAX));
    held.drain(..here);
    let left = body - here as u64;
    if io::copy(&mut stream.take(left), &mut io::sink())? < left {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(())
}

/// The file that a request's path names, if it lies in the folder: no "..", no link that leads out.
fn find(folder: &Path, target: &str) -> Option<PathBuf> {
    let path = target.split(['?', '#']).next()?;
    let decoded = percent_encoding::percent_decode_str(path).decode_utf8().ok()?;
    let inside = Path::new(decoded.trim_start_matches('/'));
    if !inside.components().all(|component| matches!(component, Component::Normal(_))) {
        return None;
    }
    let mut file = folder.join(inside);
    if file.is_dir() {
        file.push("index.html");
    }
    let (file, folder) = (file.canonicalize().ok()?, folder.canonicalize().ok()?);
    file.starts_with(folder).then_some(file)
}

fn respond(
    stream: &mut impl Write,
    status: u16,
    reason: &str,
    keep_alive: bool,
    body_wanted: bool,
    length: u64,
    body: &mut dyn Read,
) -> io::Result<()> {
    let connection = if keep_alive { "keep-alive" } else { "close" };
    let head =
        format!("HTTP/1.1 {status} {reason}\r\nContent-Length: {length}\r\nConnection: {connection}\r\n\r\n");
    stream.write_all(head.as_bytes())?;
    if body_wanted {
        // A file that shrinks meanwhile must not be answered by something else's bytes.
        if io::copy(&mut body.take(length), stream)? < length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    stream.flush()
}
