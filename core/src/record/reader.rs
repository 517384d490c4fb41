//! Reading: one record, decrypted where it lies in the caller's window.

use super::{ContentType, HEADER_LENGTH, MAX_CIPHERTEXT, MAX_PLAINTEXT, Protection};
use crate::alert::AlertDescription;
use crate::crypto::{AeadKey, TAG_LENGTH};
use crate::error::Misbehaved;
use crate::error::inner::Error;
use crate::limits::{MAX_EMPTY_RECORDS, MAX_SKIPPED_EARLY_DATA};

/// Proof that a record's bytes may be acted upon: its tag was checked, or no keys are in use yet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RecordAuthenticated(());

/// A record whose protection is off. It may be handed out again from the same window, with what was
/// taken before left out.
pub(crate) struct Record<'r> {
    pub(crate) content_type: ContentType,
    pub(crate) fragment: &'r mut [u8],
    /// Bytes of the window that the record takes.
    pub(crate) length: usize,
    pub(crate) authenticated: RecordAuthenticated,
}

/// What the front of the window holds.
pub(crate) enum Front<'r> {
    /// A record, its protection off.
    Record(Record<'r>),
    /// A record that means nothing: a ChangeCipherSpec for middleboxes, refused early data.
    Dropped { length: usize },
}

/// A record that lies open at the front of the window.
#[derive(Debug, Clone, Copy)]
struct Open {
    /// `None`: it means nothing.
    content_type: Option<ContentType>,
    /// Where in the window the content that is not taken yet begins and ends.
    start: usize,
    end: usize,
    length: usize,
}

/// The reading side of the record layer.
#[derive(Debug)]
pub(crate) struct Reader<K> {
    protection: Option<Protection<K>>,
    open: Option<Open>,
    /// From the front of the window: what must be there before anything can happen.
    needed: usize,
    empty_in_a_row: u8,
    /// The longest protected fragment that we take.
    ciphertext_limit: usize,
    /// Bytes of refused early data that a server still passes over (§4.2.10).
    early_data_left: usize,
    /// From the first ClientHello to the peer's Finished (§5).
    pub(crate) drops_change_cipher_spec: bool,
}

impl<K> Reader<K> {
    pub(crate) const fn new() -> Self {
        Self {
            protection: None,
            open: None,
            needed: HEADER_LENGTH,
            empty_in_a_row: 0,
            ciphertext_limit: MAX_CIPHERTEXT,
            early_data_left: 0,
            drops_change_cipher_spec: false,
        }
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

    /// The client has sent early data that we do not take: a server skips it by "trial decryption", up to
    /// a limit of its own (§4.2.10).
    pub(crate) const fn skip_early_data(&mut self) {
        self.early_data_left = MAX_SKIPPED_EARLY_DATA;
    }

    /// The second ClientHello has come: what follows is no early data any more.
    pub(crate) const fn end_early_data(&mut self) {
        self.early_data_left = 0;
    }

    /// "implementations MUST forget the secret values and keys established in failed connections" (§6).
    pub(crate) fn forget(&mut self) {
        self.protection = None;
    }

    /// No protected record may be longer than what our record_size_limit allows (RFC 8449 §4).
    pub(crate) fn limit_inner_plaintext(&mut self, record_size_limit: u16) {
        let limit = usize::from(record_size_limit).saturating_add(TAG_LENGTH);
        self.ciphertext_limit = self.ciphertext_limit.min(limit);
    }

    /// The same by max_fragment_length (RFC 6066 §4), which leaves open what protection may add: as much as
    /// it may to the longest record of all (RFC 8446 §5.2).
    pub(crate) fn limit_fragment(&mut self, length: u16) {
        let limit = usize::from(length).saturating_add(MAX_CIPHERTEXT.saturating_sub(MAX_PLAINTEXT));
        self.ciphertext_limit = self.ciphertext_limit.min(limit);
    }

    /// How many bytes, from the front of the window, the next call needs.
    pub(crate) const fn needed(&self) -> usize {
        self.needed
    }
}

impl<K: AeadKey> Reader<K> {
    /// The record at the front of `window`; `None` where it is not all there yet.
    pub(crate) fn next<'r>(&mut self, window: &'r mut [u8]) -> Result<Option<Front<'r>>, Error> {
        let open = match self.open {
            Some(open) => open,
            None => match self.unprotect(window)? {
                Some(open) => open,
                None => return Ok(None),
            },
        };
        self.open = Some(open);
        self.needed = open.length;
        let Some(content_type) = open.content_type else {
            return Ok(Some(Front::Dropped { length: open.length }));
        };
        // Given again, the window may end within the record: its length must not be said to be used up.
        let Some(fragment) = window.get_mut(..open.length).and_then(|r| r.get_mut(open.start..open.end))
        else {
            return Ok(None);
        };
        let authenticated = RecordAuthenticated(());
        Ok(Some(Front::Record(Record { content_type, fragment, length: open.length, authenticated })))
    }

    /// Content that the next [`next`](Self::next) leaves out.
    pub(crate) fn take(&mut self, taken: usize) {
        if let Some(open) = &mut self.open {
            open.start = open.start.saturating_add(taken).min(open.end);
        }
    }

    /// The record was taken whole and may leave the window.
    pub(crate) fn release(&mut self) {
        self.open = None;
        self.needed = HEADER_LENGTH;
    }

    fn unprotect(&mut self, window: &mut [u8]) -> Result<Option<Open>, Error> {
        let Some((header, rest)) = window.split_first_chunk_mut::<HEADER_LENGTH>() else {
            return Ok(None);
        };
        // "legacy_record_version ... MUST be ignored for all purposes" (§5.1).
        let [type_byte, _, _, high, low] = *header;
        let content_type =
            ContentType::from_byte(type_byte).ok_or(Misbehaved::UnknownContentType { found: type_byte })?;
        let length = usize::from(u16::from_be_bytes([high, low]));
        // Whether or not we have keys for it: refused early data comes before a second ClientHello too.
        let limit =
            if content_type == ContentType::ApplicationData { self.ciphertext_limit } else { MAX_PLAINTEXT };
        if length > limit {
            return Err(Misbehaved::RecordOverflow { length, limit }.into());
        }
        let whole = length.saturating_add(HEADER_LENGTH);
        self.needed = whole;
        let Some(fragment) = rest.get_mut(..length) else {
            return Ok(None);
        };

        let (content_type, content) = match (&mut self.protection, content_type) {
            (Some(protection), ContentType::ApplicationData) => match protection.open(header, fragment) {
                Err(Error::Misbehaved(Misbehaved::BadRecordMac)) if self.early_data_left >= whole => {
                    return Ok(Some(self.skip(whole)));
                }
                opened => {
                    self.early_data_left = 0;
                    opened?
                }
            },
            (None, ContentType::ApplicationData) if self.early_data_left >= whole => {
                return Ok(Some(self.skip(whole)));
            }
            // "An implementation may receive an unencrypted record of type change_cipher_spec
            // consisting of the single byte value 0x01 at any time after the first ClientHello message
            // has been sent or received and before the peer's Finished message has been received and
            // MUST simply drop it without further processing." (§5)
            (_, ContentType::ChangeCipherSpec) => {
                if !self.drops_change_cipher_spec || fragment != [1] {
                    return Err(Misbehaved::ChangeCipherSpec.into());
                }
                self.count_empty()?;
                return Ok(Some(Open { content_type: None, start: whole, end: whole, length: whole }));
            }
            // A peer that failed before it had keys says why in clear: not to be believed, but to be shown.
            (Some(_), ContentType::Alert) if let &mut [_, description] = fragment => {
                let claim = AlertDescription(description);
                return Err(Misbehaved::UnprotectedAlert { claim }.into());
            }
            (Some(_), found) => return Err(Misbehaved::UnprotectedRecord { found }.into()),
            (None, found @ ContentType::ApplicationData) => {
                return Err(Misbehaved::UnexpectedRecord { found }.into());
            }
            (None, found) => (found, length),
        };
        match content_type {
            // Inside protection it has no meaning, so it is no dummy for a middlebox (§5).
            ContentType::ChangeCipherSpec => return Err(Misbehaved::ChangeCipherSpec.into()),
            // "Implementations MUST NOT send zero-length fragments of Handshake types" (§5.1).
            found @ (ContentType::Handshake | ContentType::Alert) if content == 0 => {
                return Err(Misbehaved::EmptyFragment { found }.into());
            }
            ContentType::ApplicationData if content == 0 => self.count_empty()?,
            _ => self.empty_in_a_row = 0,
        }
        Ok(Some(Open {
            content_type: Some(content_type),
            start: HEADER_LENGTH,
            end: HEADER_LENGTH.saturating_add(content),
            length: whole,
        }))
    }

    fn skip(&mut self, whole: usize) -> Open {
        self.early_data_left = self.early_data_left.saturating_sub(whole);
        Open { content_type: None, start: whole, end: whole, length: whole }
    }

    fn count_empty(&mut self) -> Result<(), Error> {
        self.empty_in_a_row = self.empty_in_a_row.saturating_add(1);
        if self.empty_in_a_row > MAX_EMPTY_RECORDS {
            Err(Misbehaved::TooManyEmptyRecords.into())
        } else {
            Ok(())
        }
    }
}
