//! ServerHello (RFC 8446 §4.1.3) and HelloRetryRequest (§4.1.4), which has its shape.

use super::extension::Extensions;
use crate::codec::{Reader, Writer};
use crate::crypto::CipherSuite;
use crate::error::Fault;
use crate::error::inner::Error;

/// The random that makes a ServerHello a HelloRetryRequest: SHA-256 of "HelloRetryRequest" (§4.1.3).
pub const RETRY_RANDOM: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2,
    0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// The last eight bytes of the random of a server that can do TLS 1.3 and was asked for less
/// (§4.1.3).
pub(crate) const DOWNGRADE_TO_1_2: [u8; 8] = *b"DOWNGRD\x01";
/// The same, for TLS 1.1 or below.
pub(crate) const DOWNGRADE_TO_1_1: [u8; 8] = *b"DOWNGRD\x00";

/// Either message.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ServerHello<'a> {
    pub(crate) legacy_version: u16,
    pub(crate) random: &'a [u8; 32],
    pub(crate) legacy_session_id_echo: &'a [u8],
    pub(crate) cipher_suite: CipherSuite,
    pub(crate) legacy_compression_method: u8,
    pub(crate) extensions: Extensions<'a>,
}

impl<'a> ServerHello<'a> {
    pub(crate) fn parse(body: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(body, "ServerHello");
        let legacy_version = reader.u16()?;
        let random = reader.array()?;
        let legacy_session_id_echo = reader.vector_u8(0)?;
        if legacy_session_id_echo.len() > 32 {
            return Err(reader.fault(Fault::VectorLength).into());
        }
        let cipher_suite = CipherSuite(reader.u16()?);
        let legacy_compression_method = reader.u8()?;
        // A TLS 1.2 server may leave the extensions out, or send ones that TLS 1.3 has elsewhere: where they
        // belong is asked once the version is known.
        let extensions = if reader.is_empty() { Extensions::NONE } else { Extensions::parse(&mut reader)? };
        reader.finish()?;
        Ok(Self {
            legacy_version,
            random,
            legacy_session_id_echo,
            cipher_suite,
            legacy_compression_method,
            extensions,
        })
    }

    pub(crate) fn is_retry_request(&self) -> bool {
        *self.random == RETRY_RANDOM
    }

    /// Whether the random carries a downgrade mark (§4.1.3).
    pub(crate) fn is_marked_as_downgrade(&self) -> bool {
        self.random.last_chunk() == Some(&DOWNGRADE_TO_1_2)
            || self.random.last_chunk() == Some(&DOWNGRADE_TO_1_1)
    }
}

/// Writes the body of either message up to its extensions, then those.
pub(crate) fn write(
    writer: &mut Writer<'_>,
    random: &[u8; 32],
    session_id: &[u8],
    suite: CipherSuite,
    extensions: impl FnOnce(&mut Writer<'_>),
) {
    writer.u16(0x0303);
    writer.bytes(random);
    writer.vector::<1>(|w| w.bytes(session_id));
    writer.u16(suite.0);
    writer.u8(0);
    writer.vector::<2>(extensions);
}
