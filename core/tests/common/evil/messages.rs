//! Messages of the evil peer, in parts that a test may alter.

use ring::digest;

pub const CHANGE_CIPHER_SPEC: u8 = 20;
pub const ALERT: u8 = 21;
pub const HANDSHAKE: u8 = 22;
pub const DATA: u8 = 23;

pub const CLIENT_HELLO: u8 = 1;
pub const SERVER_HELLO: u8 = 2;
pub const NEW_SESSION_TICKET: u8 = 4;
pub const ENCRYPTED_EXTENSIONS: u8 = 8;
pub const CERTIFICATE: u8 = 11;
pub const CERTIFICATE_REQUEST: u8 = 13;
pub const CERTIFICATE_VERIFY: u8 = 15;
pub const FINISHED: u8 = 20;
pub const KEY_UPDATE: u8 = 24;

pub const SERVER_NAME: u16 = 0;
pub const SUPPORTED_GROUPS: u16 = 10;
pub const SIGNATURE_ALGORITHMS: u16 = 13;
pub const ALPN: u16 = 16;
pub const PRE_SHARED_KEY: u16 = 41;
pub const EARLY_DATA: u16 = 42;
pub const SUPPORTED_VERSIONS: u16 = 43;
pub const COOKIE: u16 = 44;
pub const PSK_KEY_EXCHANGE_MODES: u16 = 45;
pub const KEY_SHARE: u16 = 51;

pub const X25519: u16 = 0x001d;
pub const P256: u16 = 0x0017;
pub const P384: u16 = 0x0018;

/// SHA-256 of "HelloRetryRequest" (RFC 8446 §4.1.3).
pub fn retry_random() -> [u8; 32] {
    digest::digest(&digest::SHA256, b"HelloRetryRequest").as_ref().try_into().unwrap()
}

/// A vector behind a length of so many bytes.
pub fn vector(width: usize, bytes: &[u8]) -> Vec<u8> {
    let mut out = (bytes.len() as u64).to_be_bytes()[8 - width..].to_vec();
    out.extend_from_slice(bytes);
    out
}

/// A handshake message.
pub fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind][..], &vector(3, body)].concat()
}

/// A record without protection.
pub fn plain(content_type: u8, fragment: &[u8]) -> Vec<u8> {
    [&[content_type, 3, 3][..], &vector(2, fragment)].concat()
}

/// A hello of either side, in parts.
#[derive(Debug, Clone)]
pub struct Hello {
    pub version: u16,
    pub random: [u8; 32],
    pub session_id: Vec<u8>,
    /// One, in a ServerHello.
    pub suites: Vec<u16>,
    /// One, in a ServerHello.
    pub compression: Vec<u8>,
    pub extensions: Vec<(u16, Vec<u8>)>,
}

impl Hello {
    /// Replaces an extension's body, or adds the extension at the end.
    pub fn set(&mut self, extension: u16, body: &[u8]) {
        match self.extensions.iter_mut().find(|(has, _)| *has == extension) {
            Some((_, has)) => *has = body.to_vec(),
            None => self.extensions.push((extension, body.to_vec())),
        }
    }

    pub fn remove(&mut self, extension: u16) {
        self.extensions.retain(|(has, _)| *has != extension);
    }

    pub fn find(&self, extension: u16) -> Option<&[u8]> {
        self.extensions.iter().find_map(|(has, body)| (*has == extension).then_some(body.as_slice()))
    }

    pub fn list(&self) -> Vec<u8> {
        let each =
            |(extension, body): &(u16, Vec<u8>)| [&extension.to_be_bytes()[..], &vector(2, body)].concat();
        self.extensions.iter().flat_map(each).collect()
    }

    fn front(&self) -> Vec<u8> {
        [&self.version.to_be_bytes()[..], &self.random, &vector(1, &self.session_id)].concat()
    }

    pub fn client_message(&self) -> Vec<u8> {
        let suites: Vec<u8> = self.suites.iter().flat_map(|suite| suite.to_be_bytes()).collect();
        let rest = [vector(2, &suites), vector(1, &self.compression), vector(2, &self.list())].concat();
        message(CLIENT_HELLO, &[self.front(), rest].concat())
    }

    pub fn server_message(&self) -> Vec<u8> {
        let choice = [&self.suites[0].to_be_bytes()[..], &self.compression[..1]].concat();
        message(SERVER_HELLO, &[self.front(), choice, vector(2, &self.list())].concat())
    }

    /// Reads a hello of ours: no checks, it is not the one under suspicion.
    pub fn read(whole: &[u8]) -> Self {
        let is_client = whole[0] == CLIENT_HELLO;
        let mut rest = &whole[4..];
        let mut take = |length: usize| {
            let (taken, behind) = rest.split_at(length);
            rest = behind;
            taken.to_vec()
        };
        let number = |bytes: Vec<u8>| bytes.iter().fold(0usize, |n, &byte| n << 8 | usize::from(byte));
        let version = number(take(2)) as u16;
        let random = take(32).try_into().unwrap();
        let length = number(take(1));
        let session_id = take(length);
        let length = if is_client { number(take(2)) } else { 2 };
        let suites = take(length).chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
        let length = if is_client { number(take(1)) } else { 1 };
        let compression = take(length);
        let mut left = number(take(2));
        let mut extensions = Vec::new();
        while left > 0 {
            let extension = number(take(2)) as u16;
            let length = number(take(2));
            extensions.push((extension, take(length)));
            left -= 4 + length;
        }
        Self { version, random, session_id, suites, compression, extensions }
    }
}

/// A Certificate message.
pub fn certificate(context: &[u8], entries: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let each = |(der, extensions): &(Vec<u8>, Vec<u8>)| [vector(3, der), vector(2, extensions)].concat();
    let list: Vec<u8> = entries.iter().flat_map(each).collect();
    message(CERTIFICATE, &[vector(1, context), vector(3, &list)].concat())
}
