//! CertificateVerify (RFC 8446 §4.4.3).

use crate::certificate::Role;
use crate::codec::Reader;
use crate::crypto::{Digest, SignatureScheme};
use crate::error::Decode;
use crate::error::inner::Error;

/// 64 spaces, the context string, a zero byte, the transcript hash.
const MAX_CONTENT: usize = 64 + 33 + 1 + 64;

/// The message.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CertificateVerify<'a> {
    pub(crate) algorithm: SignatureScheme,
    pub(crate) signature: &'a [u8],
}

impl<'a> CertificateVerify<'a> {
    pub(crate) fn parse(body: &'a [u8]) -> Result<Self, Decode> {
        let mut reader = Reader::new(body, "CertificateVerify");
        let algorithm = SignatureScheme(reader.u16()?);
        let signature = reader.vector_u16(0)?;
        reader.finish()?;
        Ok(Self { algorithm, signature })
    }
}

/// "The content that is covered under the signature" (§4.4.3).
pub(crate) type Content = heapless::Vec<u8, MAX_CONTENT>;

/// What the holder of `role`'s key signs.
pub(crate) fn content(role: Role, transcript: &Digest) -> Result<Content, Error> {
    let context: &[u8] = match role {
        Role::Server => b"TLS 1.3, server CertificateVerify",
        Role::Client => b"TLS 1.3, client CertificateVerify",
    };
    let mut content = Content::new();
    for part in [&[0x20; 64], context, &[0], transcript.as_bytes()] {
        content.extend_from_slice(part).map_err(|_| Error::Internal("certificate_verify: content"))?;
    }
    Ok(content)
}
