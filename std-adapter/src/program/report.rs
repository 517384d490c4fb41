//! What people see of a connection.

use anstyle::{AnsiColor, Style};
use ferrule::Negotiated;
use ferrule::certificate::{Certificate, GeneralName};
use ferrule::handshake::{HandshakeType, RETRY_RANDOM};
use ferrule::record::HEADER_LENGTH;
use ferrule_std::Watch;
use std::fmt::Write as _;

const TAG: usize = 16;
const CHANGE_CIPHER_SPEC: u8 = 20;
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;

/// A handshake message that has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Passed {
    pub(crate) kind: Option<HandshakeType>,
    pub(crate) bytes: usize,
    pub(crate) protected: bool,
    /// A ServerHello that is a HelloRetryRequest (RFC 8446 §4.1.4).
    pub(crate) retry: bool,
}

/// Finds the handshake messages in decrypted records; peers that pad their records are shown by record.
#[derive(Debug, Default)]
pub(crate) struct Messages {
    /// Bytes of the current message that are still to come.
    left: usize,
    header: Vec<u8>,
}

impl Messages {
    /// The messages that end, or begin, in this record.
    pub(crate) fn of_record(&mut self, record: &[u8]) -> Vec<Passed> {
        let Some((&[outer, ..], mut content)) = record.split_first_chunk::<HEADER_LENGTH>() else {
            return Vec::new();
        };
        let protected = outer == APPLICATION_DATA;
        let mut inner = outer;
        if protected {
            // Content, its type, and the tag where the ciphertext had it (RFC 8446 §5.2).
            let plain = &content[..content.len().saturating_sub(TAG)];
            let Some((&last, rest)) = plain.split_last() else {
                return Vec::new();
            };
            (inner, content) = (last, rest);
        }
        match inner {
            HANDSHAKE => self.of_fragment(content, protected),
            CHANGE_CIPHER_SPEC => vec![Passed { kind: None, bytes: content.len(), protected, retry: false }],
            _ => Vec::new(),
        }
    }

    fn of_fragment(&mut self, mut content: &[u8], protected: bool) -> Vec<Passed> {
        let mut found = Vec::new();
        while !content.is_empty() {
            let skipped = self.left.min(content.len());
            self.left -= skipped;
            content = &content[skipped..];
            while self.header.len() < 4 && !content.is_empty() {
                self.header.push(content[0]);
                content = &content[1..];
            }
            if let &[kind, high, middle, low] = self.header.as_slice() {
                let length = u32::from_be_bytes([0, high, middle, low]) as usize;
                let kind = HandshakeType(kind);
                // Behind the version stands the random (§4.1.3).
                let retry = kind == HandshakeType::SERVER_HELLO && content.get(2..34) == Some(&RETRY_RANDOM);
                found.push(Passed { kind: Some(kind), bytes: length + 4, protected, retry });
                self.left = length;
                self.header.clear();
            }
        }
        found
    }
}

/// Tells the handshake on stderr, from one side: what leaves under keys is seen as records only.
#[derive(Debug, Default)]
pub(crate) struct Narrator {
    sent: Messages,
    received: Messages,
}

impl Watch for Narrator {
    fn sent(&mut self, record: &[u8]) {
        match record.first() {
            Some(&HANDSHAKE | &CHANGE_CIPHER_SPEC) => {
                self.sent.of_record(record).iter().for_each(|passed| eprintln!("> {}", line(passed)));
            }
            _ => eprintln!("> protected record ({} bytes)", record.len()),
        }
    }

    fn received(&mut self, record: &[u8]) {
        self.received.of_record(record).iter().for_each(|passed| eprintln!("< {}", line(passed)));
    }
}

/// One message on one line.
pub(crate) fn line(passed: &Passed) -> String {
    let name = match passed.kind {
        Some(_) if passed.retry => "HelloRetryRequest".to_owned(),
        Some(kind) => kind.to_string(),
        None => return "ChangeCipherSpec (without meaning, for middleboxes)".to_owned(),
    };
    let how = if passed.protected { ", encrypted" } else { "" };
    format!("{name} ({} bytes{how})", passed.bytes)
}

/// What was agreed on, in one line.
pub(crate) fn negotiated(negotiated: &Negotiated) -> String {
    let mut text = format!(
        "{}, {}, key exchange {}, signed with {}",
        negotiated.version, negotiated.cipher_suite, negotiated.group, negotiated.signature_scheme
    );
    if negotiated.hello_retry_request {
        text += ", after a HelloRetryRequest";
    }
    if let Some(protocol) = &negotiated.protocol {
        let _ = write!(text, ", application protocol {}", String::from_utf8_lossy(protocol));
    }
    text
}

/// A certificate, in one line.
pub(crate) fn certificate(der: &[u8]) -> String {
    let Ok(certificate) = Certificate::parse(der) else {
        return "a certificate that cannot be read".to_owned();
    };
    let name = |name: Option<&str>| name.unwrap_or("(no common name)").escape_default().to_string();
    let mut text = format!(
        "{} issued by {}, valid {} to {}",
        name(certificate.subject().common_name()),
        name(certificate.issuer().common_name()),
        certificate.not_before(),
        certificate.not_after()
    );
    if let Ok(Some(names)) = certificate.subject_alt_names() {
        let names: Vec<_> = names
            .into_iter()
            .filter_map(|name| match name {
                GeneralName::Dns(dns) => {
                    Some(String::from_utf8_lossy(dns.as_ref()).escape_default().to_string())
                }
                GeneralName::Ip(ip) => Some(ip.to_string()),
                _ => None,
            })
            .collect();
        let _ = write!(text, ", for {}", names.join(", "));
    }
    text
}

/// Bytes as people read them.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for row in bytes.chunks(16) {
        let _ = write!(text, "     ");
        for byte in row {
            let _ = write!(text, " {byte:02x}");
        }
        let pad = (16 - row.len()) * 3;
        let shown: String =
            row.iter().map(|&b| if (0x20..0x7f).contains(&b) { char::from(b) } else { '.' }).collect();
        let _ = writeln!(text, "{:pad$}   {shown}", "");
    }
    text
}

/// A heading.
pub(crate) fn heading(text: &str) {
    let style = Style::new().bold().fg_color(Some(AnsiColor::Cyan.into()));
    anstream::println!("\n{style}{text}{style:#}");
}
