//! A small HTTP/1.1 server for files: GET and HEAD, one request after the other. Parsing is httparse's.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, Instant};

/// The longest request head that is accepted.
const MAX_HEAD: usize = 16 * 1024;
const MAX_HEADERS: usize = 64;
/// The longest request body that is read and dropped.
const MAX_BODY: u64 = 1 << 20;
/// How long a request may take to come in, however busily its bytes drip.
const REQUEST: Duration = Duration::from_secs(30);
/// What a client must at least take of an answer, once it has had a minute.
const SLOWEST: u64 = 4 * 1024;
const GRACE: Duration = Duration::from_secs(60);

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
        let mut began = Instant::now();
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
                    if held.is_empty() {
                        began = Instant::now();
                    } else if began.elapsed() > REQUEST {
                        return Err(io::Error::new(
                            io::ErrorKind::TimedOut,
                            "the request drips in too slowly",
                        ));
                    }
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
            // Asked before it is opened: to open a pipe is to wait for its writer.
            let is_file = fs::metadata(&path).ok()?.is_file();
            let file = is_file.then(|| File::open(path).ok())??;
            Some((file.metadata().ok()?.len(), file))
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

/// The headers that matter here.
struct Headers<'a> {
    connection: Option<&'a [u8]>,
    content_length: Option<u64>,
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
    let mut values = Headers { connection: None, content_length: None };
    for header in request.headers.iter() {
        // What could be read in two ways is the stuff of smuggling (RFC 9112 §6.3, §11.2): refused.
        if header.name.eq_ignore_ascii_case("transfer-encoding") {
            return Parsed::Refused(501, "Not Implemented");
        } else if header.name.eq_ignore_ascii_case("content-length") {
            let digits = header.value.iter().all(u8::is_ascii_digit);
            let length =
                std::str::from_utf8(header.value).ok().filter(|_| digits).and_then(|text| text.parse().ok());
            match (values.content_length, length) {
                (None, Some(length)) => values.content_length = Some(length),
                _ => return Parsed::Refused(400, "Bad Request"),
            }
        } else if header.name.eq_ignore_ascii_case("connection") {
            values.connection = Some(header.value);
        }
    }
    let body_wanted = match request.method {
        Some("GET") => true,
        Some("HEAD") => false,
        _ => return Parsed::Refused(405, "Method Not Allowed"),
    };
    let body = values.content_length.unwrap_or(0);
    if body > MAX_BODY {
        return Parsed::Refused(413, "Content Too Large");
    }
    let keep_alive = match values.connection {
        Some(value) if value.eq_ignore_ascii_case(b"keep-alive") => true,
        Some(_) => false,
        None => request.version == Some(1),
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
        if copy_briskly(&mut body.take(length), stream)? < length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    stream.flush()
}

/// Copies all, as long as the client takes it at some pace.
fn copy_briskly(from: &mut impl Read, to: &mut impl Write) -> io::Result<u64> {
    let (began, mut copied, mut piece) = (Instant::now(), 0, vec![0; 64 * 1024]);
    loop {
        let length = from.read(&mut piece)?;
        if length == 0 {
            return Ok(copied);
        }
        to.write_all(&piece[..length])?;
        copied += length as u64;
        let late = began.elapsed().checked_sub(GRACE).unwrap_or_default();
        if copied < late.as_secs().saturating_mul(SLOWEST) {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "the answer is taken too slowly"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(head: &str) -> Option<u16> {
        match parse(head.as_bytes()) {
            Parsed::Refused(status, _) => Some(status),
            _ => None,
        }
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        let get = "GET / HTTP/1.1\r\nHost: x\r\n";
        assert_eq!(refused(&format!("{get}Transfer-Encoding: chunked\r\n\r\n")), Some(501));
        assert_eq!(refused(&format!("{get}Content-Length: 5\r\nContent-Length: 6\r\n\r\n")), Some(400));
        assert_eq!(refused(&format!("{get}Content-Length: 5\r\nContent-Length: 5\r\n\r\n")), Some(400));
        assert_eq!(refused(&format!("{get}Content-Length: +5\r\n\r\n")), Some(400));
        assert_eq!(refused(&format!("{get}Content-Length: 99999999\r\n\r\n")), Some(413));
        assert_eq!(refused(&format!("{get}Content-Length: 5\r\n\r\n")), None);
        assert_eq!(refused("POST / HTTP/1.1\r\n\r\n"), Some(405));
        assert_eq!(refused("\x16\x03\x01"), Some(400));
    }

    #[test]
    fn a_name_that_leads_out_of_the_folder_is_not_found() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        assert!(find(&folder, "/lib.rs").is_some());
        assert!(find(&folder, "/lib.rs?query").is_some());
        for outside in
            ["/../Cargo.toml", "/%2e%2e/Cargo.toml", "/program/../../Cargo.toml", "//etc/passwd", "/nothing"]
        {
            assert!(find(&folder, outside).is_none(), "{outside}");
        }
    }
}
