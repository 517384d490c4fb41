//! Records (RFC 8446 §5), read and written a second time, for the provider's constant tag.

use crate::provider::TAG;

/// Types of records (§B.1).
pub const CHANGE_CIPHER_SPEC: u8 = 20;
/// See [`CHANGE_CIPHER_SPEC`].
pub const ALERT: u8 = 21;
/// See [`CHANGE_CIPHER_SPEC`].
pub const HANDSHAKE: u8 = 22;
/// See [`CHANGE_CIPHER_SPEC`].
pub const APPLICATION_DATA: u8 = 23;

/// A record as it is. A fragment that is too long for any length is cut.
pub fn record(content_type: u8, fragment: &[u8]) -> Vec<u8> {
    let fragment = &fragment[..fragment.len().min(0xffff)];
    let length = (fragment.len() as u16).to_be_bytes();
    [&[content_type, 3, 3][..], &length, fragment].concat()
}

/// A protected record.
pub fn protected(inner_type: u8, content: &[u8], padding: usize) -> Vec<u8> {
    record(APPLICATION_DATA, &[content, &[inner_type], &vec![0; padding], &TAG].concat())
}

/// A record of either kind.
pub fn sealed(is_protected: bool, content_type: u8, content: &[u8]) -> Vec<u8> {
    if is_protected { protected(content_type, content, 0) } else { record(content_type, content) }
}

/// A record as someone else reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// The type, that inside of the protection if there is any.
    pub content_type: u8,
    /// The content.
    pub content: Vec<u8>,
    /// Whether it was protected.
    pub protected: bool,
}

/// Reads a row of whole records. Panics where it is none: for output of ours.
pub fn read_all(mut bytes: &[u8]) -> Vec<Read> {
    let mut all = Vec::new();
    while !bytes.is_empty() {
        let length = usize::from(u16::from_be_bytes([bytes[3], bytes[4]]));
        let (fragment, rest) = bytes[5..].split_at(length);
        all.push(if bytes[0] == APPLICATION_DATA {
            let (inner, tag) = fragment.split_at(length - TAG.len());
            assert_eq!(tag, TAG);
            let end = inner.iter().rposition(|&byte| byte != 0).expect("a content type");
            Read { content_type: inner[end], content: inner[..end].to_vec(), protected: true }
        } else {
            Read { content_type: bytes[0], content: fragment.to_vec(), protected: false }
        });
        bytes = rest;
    }
    all
}

/// What was said, however it was cut into records: neighbours of one kind are one. ChangeCipherSpec is left
/// out, since it says nothing.
pub fn said(bytes: &[u8]) -> Vec<Read> {
    let mut all: Vec<Read> = Vec::new();
    for read in read_all(bytes).into_iter().filter(|read| read.content_type != CHANGE_CIPHER_SPEC) {
        match all.last_mut() {
            Some(last) if (last.content_type, last.protected) == (read.content_type, read.protected) => {
                last.content.extend(read.content);
            }
            _ => all.push(read),
        }
    }
    all
}
