//! The record layer (RFC 8446 §5).
//!
//! A record is read where it lies in the caller's window (`reader`) and written into the caller's
//! buffer (`writer`); neither owns a byte of the wire. [`Buffer`] does the arithmetic of such a
//! window for those who want it.

mod buffer;
mod protection;
mod reader;
mod writer;

pub use buffer::Buffer;
pub(crate) use protection::Protection;
pub(crate) use reader::{Front, Reader, Record, RecordAuthenticated};
pub(crate) use writer::{Writer, plain};

use core::fmt;

/// Bytes of a record's header: type, version, length (RFC 8446 §5.1).
pub const HEADER_LENGTH: usize = 5;
/// The longest plaintext of a record (RFC 8446 §5.1): 2^14.
pub const MAX_PLAINTEXT: usize = 1 << 14;
/// The longest protected fragment (RFC 8446 §5.2): 2^14 + 256.
pub const MAX_CIPHERTEXT: usize = MAX_PLAINTEXT + 256;
/// A window of this size holds any record that a peer may send.
pub const MAX_RECORD: usize = HEADER_LENGTH + MAX_CIPHERTEXT;
/// The size of a window that holds every protected record within a record size limit (RFC 8449), which counts
/// content, its type and padding. Unprotected records, the peer's hello above all, are not bound by the limit: they must
/// fit as well.
pub const fn window_for(record_size_limit: u16) -> usize {
    (HEADER_LENGTH + crate::crypto::TAG_LENGTH).saturating_add(record_size_limit as usize)
}
/// The smallest output buffer that every call accepts. 512 or more is recommended: some
/// middleboxes refuse a ClientHello that is split over records.
pub const MIN_OUTPUT: usize = 64;

/// The type of a record (RFC 8446 §5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum ContentType {
    /// A relic that TLS 1.3 drops where middleboxes want to see it (§5).
    ChangeCipherSpec = 20,
    /// An alert (§6).
    Alert = 21,
    /// Handshake messages, or parts of them (§4).
    Handshake = 22,
    /// Application data; on the wire, every protected record (§5.2).
    ApplicationData = 23,
}

impl ContentType {
    const fn from_byte(byte: u8) -> Option<Self> {
        Some(match byte {
            20 => Self::ChangeCipherSpec,
            21 => Self::Alert,
            22 => Self::Handshake,
            23 => Self::ApplicationData,
            _ => return None,
        })
    }
}

impl fmt::Display for ContentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ChangeCipherSpec => "change_cipher_spec",
            Self::Alert => "alert",
            Self::Handshake => "handshake",
            Self::ApplicationData => "application_data",
        })
    }
}
