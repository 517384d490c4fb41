//! The two directions of a connection: what a record of each brings, and how each of them ends.

use crate::alert::AlertDescription;
use crate::crypto::AeadKey;
use crate::error::Misbehaved;
use crate::error::inner::Error;
use crate::limits::MAX_WARNINGS;
use crate::record::{self, ContentType, Front, HEADER_LENGTH, Record};

/// The reading direction.
#[derive(Debug)]
pub(crate) struct Inbound<K> {
    pub(crate) records: record::Reader<K>,
    /// A handshake message has begun and is not over: "there MUST NOT be any other records between" its parts
    /// (RFC 8446 §5.1).
    pub(crate) is_within_message: bool,
    end: Option<End>,
    warnings_in_a_row: u8,
}

/// How reading ended.
#[derive(Debug, Clone)]
enum End {
    /// The peer said close_notify.
    Closed,
    Failed(Error),
}

/// What came.
pub(crate) enum Incoming<'r> {
    /// A record of handshake messages or application data.
    Record(Record<'r>),
    /// Nothing for anyone; so many bytes leave the window.
    Nothing { consumed: usize },
    /// The peer writes no more; so many bytes leave the window.
    Closed { consumed: usize },
}

impl<K> Inbound<K> {
    pub(crate) const fn new() -> Self {
        Self { records: record::Reader::new(), is_within_message: false, end: None, warnings_in_a_row: 0 }
    }

    pub(crate) const fn is_open(&self) -> bool {
        self.end.is_none()
    }

    pub(crate) const fn failure(&self) -> Option<Error> {
        match self.end {
            Some(End::Failed(error)) => Some(error),
            _ => None,
        }
    }

    /// The first failure stays: "every later read returns the same error". The keys do not: a failed
    /// connection forgets them (RFC 8446 §6).
    #[inline(never)]
    pub(crate) fn fail(&mut self, error: Error) -> Error {
        if let Some(End::Failed(first)) = self.end {
            return first;
        }
        self.records.forget();
        self.end = Some(End::Failed(error));
        error
    }

    /// The transport has ended (RFC 8446 §6.1).
    #[inline(never)]
    pub(crate) fn end_of_input(&mut self) -> Result<(), Error> {
        match self.end {
            Some(End::Closed) => Ok(()),
            Some(End::Failed(error)) => Err(error),
            None => Err(self.fail(Error::Truncated)),
        }
    }
}

impl<K: AeadKey> Inbound<K> {
    /// The next record from the front of `window`. Alerts are dealt with here. Whoever calls makes a failure
    /// [stay](Self::fail).
    #[inline(never)]
    pub(crate) fn next<'r>(&mut self, window: &'r mut [u8]) -> Result<Incoming<'r>, Error> {
        match &self.end {
            // "Any data received after a closure alert has been received MUST be ignored" (§6.1).
            Some(End::Closed) => return Ok(Incoming::Closed { consumed: window.len() }),
            Some(End::Failed(error)) => return Err(*error),
            None => {}
        }
        let record = match self.records.next(window)? {
            Some(Front::Record(record)) => record,
            Some(Front::Dropped { .. }) if self.is_within_message => {
                return Err(Misbehaved::Interleaved.into());
            }
            Some(Front::Dropped { length }) => {
                self.records.release();
                return Ok(Incoming::Nothing { consumed: length });
            }
            None => return Ok(Incoming::Nothing { consumed: 0 }),
        };
        let consumed = record.length;
        match record.content_type {
            ContentType::Alert => {
                let alert = self.on_alert(record.fragment);
                self.records.release();
                Ok(if alert? { Incoming::Closed { consumed } } else { Incoming::Nothing { consumed } })
            }
            ContentType::ApplicationData if self.is_within_message => Err(Misbehaved::Interleaved.into()),
            _ => {
                if !record.fragment.is_empty() {
                    self.warnings_in_a_row = 0;
                }
                Ok(Incoming::Record(record))
            }
        }
    }

    /// Whether the alert closes the direction. "The AlertLevel ... can be safely ignored" (§6).
    #[inline(never)]
    fn on_alert(&mut self, fragment: &[u8]) -> Result<bool, Error> {
        let &[_, description] = fragment else {
            return Err(Misbehaved::AlertLength.into());
        };
        match AlertDescription(description) {
            // A fatal alert is reported instead: that the peer gives up is worth more than where.
            AlertDescription::CLOSE_NOTIFY | AlertDescription::USER_CANCELED if self.is_within_message => {
                Err(Misbehaved::Interleaved.into())
            }
            AlertDescription::CLOSE_NOTIFY => {
                self.end = Some(End::Closed);
                Ok(true)
            }
            // RFC 9846 §6.1: a notice that the handshake is cancelled; close_notify follows it.
            AlertDescription::USER_CANCELED => {
                self.warnings_in_a_row = self.warnings_in_a_row.saturating_add(1);
                if self.warnings_in_a_row > MAX_WARNINGS {
                    Err(Misbehaved::TooManyWarnings.into())
                } else {
                    Ok(false)
                }
            }
            alert => Err(Error::AlertReceived(alert)),
        }
    }
}

/// The writing direction.
#[derive(Debug)]
pub(crate) struct Outbound<K> {
    pub(crate) records: record::Writer<K>,
    end: OutboundEnd,
}

/// How writing ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OutboundEnd {
    Open,
    /// This alert is the last thing to be written.
    Owed(AlertDescription),
    Closed,
}

impl<K> Outbound<K> {
    pub(crate) const fn new() -> Self {
        Self { records: record::Writer::new(), end: OutboundEnd::Open }
    }

    pub(crate) const fn is_open(&self) -> bool {
        matches!(self.end, OutboundEnd::Open)
    }

    pub(crate) const fn is_closed(&self) -> bool {
        matches!(self.end, OutboundEnd::Closed)
    }

    pub(crate) const fn owes_alert(&self) -> bool {
        matches!(self.end, OutboundEnd::Owed(_))
    }

    /// Nothing but this alert will be written; `None`: nothing at all. The first end stays.
    pub(crate) fn finish(&mut self, alert: Option<AlertDescription>) {
        match (self.end, alert) {
            (OutboundEnd::Open, Some(alert)) => self.end = OutboundEnd::Owed(alert),
            // A fatal alert is worth more than a close_notify that has not left yet.
            (OutboundEnd::Owed(AlertDescription::CLOSE_NOTIFY), Some(alert)) => {
                self.end = OutboundEnd::Owed(alert)
            }
            (OutboundEnd::Open, None) => {
                self.end = OutboundEnd::Closed;
                self.records.forget();
            }
            _ => {}
        }
    }
}

impl<K: AeadKey> Outbound<K> {
    /// Writes the owed alert, if there is one; returns the length of its record.
    pub(crate) fn write_alert(&mut self, outgoing: &mut [u8]) -> Result<usize, Error> {
        let OutboundEnd::Owed(alert) = self.end else {
            return Ok(0);
        };
        const WARNING: u8 = 1;
        const FATAL: u8 = 2;
        // "All the alerts listed in Section 6.2 MUST be sent with AlertLevel=fatal" (§6).
        let level = if alert == AlertDescription::CLOSE_NOTIFY { WARNING } else { FATAL };
        let content = self.records.content(outgoing)?;
        *content.first_chunk_mut().ok_or(Error::Internal("outbound: room for an alert"))? = [level, alert.0];
        // Whether or not the key can still protect it: there is no second try.
        self.end = OutboundEnd::Closed;
        let written = self.records.seal(ContentType::Alert, 2, outgoing);
        self.records.forget();
        written
    }

    /// Writes one record of content that `fill` puts into the room it is given; returns the record's
    /// length.
    pub(crate) fn write(
        &mut self,
        content_type: ContentType,
        outgoing: &mut [u8],
        fill: impl FnOnce(&mut [u8]) -> usize,
    ) -> Result<usize, Error> {
        let content = self.records.content(outgoing)?;
        let length = fill(content).min(content.len());
        self.records.seal(content_type, length, outgoing)
    }
}

/// A ChangeCipherSpec record for middleboxes: never protected (§D.4).
pub(crate) fn write_change_cipher_spec(outgoing: &mut [u8]) -> Result<usize, Error> {
    const ROOM: Error = Error::Internal("outbound: room for ChangeCipherSpec");
    *outgoing.get_mut(HEADER_LENGTH).ok_or(ROOM)? = 1;
    record::plain(ContentType::ChangeCipherSpec, 1, outgoing)
}

/// What the reading direction must tell the writing one: a value to be carried between two tasks, or from
/// an interrupt to a main loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "the writing half must be told"]
pub enum ForWriter {
    /// Nothing.
    Nothing,
    /// The peer wants our keys updated (RFC 8446 §4.6.3).
    KeyUpdateRequested,
    /// Reading failed: this alert is owed.
    Alert(AlertDescription),
    /// Reading failed, and the peer is to hear nothing more.
    Silence,
    /// The peer writes no more. In TLS 1.3 we still may.
    PeerClosed,
}

impl ForWriter {
    pub(crate) fn of(error: Error) -> Self {
        match error.into_public(None).alert() {
            Some(alert) => Self::Alert(alert),
            None => Self::Silence,
        }
    }
}
