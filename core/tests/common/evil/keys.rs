//! The evil peer's key derivation and record protection (RFC 8446 §5.2, §7), on `ring`.

use super::{DATA, vector};
use ring::{aead, digest, hmac};

pub fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, bytes).as_ref().to_vec()
}

pub fn hmac_sha256(key: &[u8], bytes: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), bytes).as_ref().to_vec()
}

/// HKDF-Expand-Label (RFC 8446 §7.1) of at most one block.
pub fn expand_label(secret: &[u8], label: &str, context: &[u8], length: usize) -> Vec<u8> {
    let label = [b"tls13 ", label.as_bytes()].concat();
    let info = [&(length as u16).to_be_bytes()[..], &vector(1, &label), &vector(1, context), &[1]].concat();
    let mut block = hmac_sha256(secret, &info);
    block.truncate(length);
    block
}

/// One direction's keys.
pub struct Keys {
    pub secret: Vec<u8>,
    key: aead::LessSafeKey,
    iv: [u8; 12],
    pub sequence: u64,
}

impl Keys {
    pub fn new(secret: &[u8]) -> Self {
        let key = aead::UnboundKey::new(&aead::AES_128_GCM, &expand_label(secret, "key", b"", 16)).unwrap();
        let iv = expand_label(secret, "iv", b"", 12).try_into().unwrap();
        Self { secret: secret.to_vec(), key: aead::LessSafeKey::new(key), iv, sequence: 0 }
    }

    pub fn next(&self) -> Self {
        Self::new(&expand_label(&self.secret, "traffic upd", b"", 32))
    }

    fn nonce(&mut self) -> aead::Nonce {
        let mut nonce = self.iv;
        for (place, byte) in nonce[4..].iter_mut().zip(self.sequence.to_be_bytes()) {
            *place ^= byte;
        }
        self.sequence += 1;
        aead::Nonce::assume_unique_for_key(nonce)
    }

    /// A record around an inner plaintext: content, type, padding.
    pub fn seal(&mut self, inner: &[u8]) -> Vec<u8> {
        let mut in_out = inner.to_vec();
        let header = [&[DATA, 3, 3][..], &((inner.len() + 16) as u16).to_be_bytes()].concat();
        let nonce = self.nonce();
        self.key.seal_in_place_append_tag(nonce, aead::Aad::from(&header), &mut in_out).unwrap();
        [header, in_out].concat()
    }

    /// The content type and content of a record.
    pub fn open(&mut self, record: &[u8]) -> (u8, Vec<u8>) {
        let mut in_out = record[5..].to_vec();
        let nonce = self.nonce();
        let inner = self.key.open_in_place(nonce, aead::Aad::from(&record[..5]), &mut in_out);
        let inner = inner.expect("a record of ours that does not open");
        let at = inner.iter().rposition(|&byte| byte != 0).unwrap();
        (inner[at], inner[..at].to_vec())
    }
}
