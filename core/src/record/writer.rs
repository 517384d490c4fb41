//! Writing: one record into the caller's buffer.

use super::{ContentType, HEADER_LENGTH, MAX_PLAINTEXT, Protection};
use crate::crypto::{AeadKey, TAG_LENGTH};
use crate::error::Misuse;
use crate::error::inner::Error;

/// Bytes that protection adds behind the content: its type and the tag (§5.2).
const OVERHEAD: usize = 1 + TAG_LENGTH;

/// The writing side of the record layer.
#[derive(Debug)]
pub(crate) struct Writer<K> {
    protection: Option<Protection<K>>,
    /// The longest content that the peer takes in a protected record.
    content_limit: usize,
}

/// A record's header. `None` where the length has no place in it.
pub(super) fn header(content_type: ContentType, length: usize) -> Option<[u8; HEADER_LENGTH]> {
    let [high, low] = u16::try_from(length).ok()?.to_be_bytes();
    Some([content_type as u8, 3, 3, high, low])
}

impl<K> Writer<K> {
    pub(crate) const fn new() -> Self {
        Self { protection: None, content_limit: MAX_PLAINTEXT }
    }

    /// From the next protected record on none has more content than this.
    pub(crate) fn limit_content(&mut self, limit: usize) {
        self.content_limit = self.content_limit.min(limit);
    }

    pub(crate) const fn protection(&self) -> Option<&Protection<K>> {
        self.protection.as_ref()
    }

    #[cfg(test)]
    pub(crate) const fn protection_mut(&mut self) -> Option<&mut Protection<K>> {
        self.protection.as_mut()
    }

    /// Where new keys are installed.
    pub(crate) const fn slot(&mut self) -> &mut Option<Protection<K>> {
        &mut self.protection
    }

    /// Nothing more will be written (§6).
    pub(crate) fn forget(&mut self) {
        self.protection = None;
    }
}

impl<K: AeadKey> Writer<K> {
    /// Where in `outgoing` the content of the next record goes. Its room is what fits.
    pub(crate) fn content<'o>(&self, outgoing: &'o mut [u8]) -> Result<&'o mut [u8], Error> {
        let room = outgoing.len();
        if room < super::MIN_OUTPUT {
            return Err(Misuse::OutputTooSmall { needed: super::MIN_OUTPUT, room }.into());
        }
        let (overhead, limit) =
            if self.protection.is_some() { (OVERHEAD, self.content_limit) } else { (0, MAX_PLAINTEXT) };
        let end = room.saturating_sub(overhead).min(HEADER_LENGTH.saturating_add(limit));
        outgoing.get_mut(HEADER_LENGTH..end).ok_or(Error::Internal("record writer: content"))
    }

    /// Makes a record of the first `length` bytes of [`content`](Self::content). Returns its length.
    pub(crate) fn seal(
        &mut self,
        content_type: ContentType,
        length: usize,
        outgoing: &mut [u8],
    ) -> Result<usize, Error> {
        match &mut self.protection {
            Some(protection) => protection.seal(content_type, length, outgoing),
            None => plain(content_type, length, outgoing),
        }
    }
}

/// The header of an unprotected record, in front of content that lies there already.
pub(crate) fn plain(content_type: ContentType, length: usize, outgoing: &mut [u8]) -> Result<usize, Error> {
    const PLACE: Error = Error::Internal("record writer: plain");
    *outgoing.first_chunk_mut().ok_or(PLACE)? = header(content_type, length).ok_or(PLACE)?;
    length.checked_add(HEADER_LENGTH).ok_or(PLACE)
}
