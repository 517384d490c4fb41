//! [`Established`]: what is lawful only after Finished, and its two halves.

use crate::alert::AlertDescription;
use crate::calling::{Event, Received, Want};
use crate::certificate::{Role, ServerName};
use crate::crypto::{CryptoProvider, Key, Secret};
use crate::error::{Error, Misbehaved, Misuse, inner};
use crate::handshake::context::{Context, Negotiated, Wire};
use crate::handshake::key_update::{self, KeyUpdateRequest};
use crate::key_schedule;
use crate::limits::MAX_KEY_UPDATES;
use crate::link::{ForWriter, Inbound, Incoming, Outbound};
use crate::post_handshake::{PostHandshake, PostHandshakeMessage};
use crate::record::{ContentType, MIN_OUTPUT, Record};

/// What [`write_data`](Established::write_data) did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Sent {
    /// Bytes of plaintext that the record carries.
    pub taken: usize,
    /// Bytes of the record, at the front of the output buffer.
    pub written: usize,
}

/// A connection whose handshake is over. It holds no handshake state and no scratch.
pub struct Established<P: CryptoProvider> {
    reader: Reading<P>,
    writer: Writing<P>,
    provider: P,
    negotiated: Negotiated,
    exporter_secret: Secret,
}

impl<P: CryptoProvider> core::fmt::Debug for Established<P> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Established").field("negotiated", &self.negotiated).finish_non_exhaustive()
    }
}

impl<P: CryptoProvider> Established<P> {
    #[inline(never)]
    pub(crate) fn new(mut context: Context<P>, wire: Wire<Key<P>>, role: Role) -> Self {
        let exporter_secret = core::mem::replace(&mut context.schedule.exporter_secret, Secret::empty());
        Self {
            reader: Reading {
                inbound: wire.inbound,
                post_handshake: PostHandshake::new(role),
                key_updates_in_a_row: 0,
            },
            writer: Writing { outbound: wire.outbound, key_update: None },
            provider: context.provider,
            negotiated: context.negotiated,
            exporter_secret,
        }
    }

    /// What the connection waits for. `ask` and `work` are for handshakes: nothing here.
    pub fn want(&self) -> Want<'_> {
        Want {
            owes_output: self.writer.owes_output(),
            read: self.reader.needs(),
            ask: None,
            work: false,
            closed: self.writer.outbound.is_closed() && !self.reader.inbound.is_open(),
        }
    }

    /// Reads at most one record from the front of `incoming` and decrypts it where it lies: application
    /// data is handed out there. A record with two tickets is consumed with its last.
    #[inline(never)]
    pub fn read_record<'r>(&mut self, incoming: &'r mut [u8]) -> Result<Received<'r>, Error> {
        let (outcome, news) = self.reader.read_record(&mut self.provider, incoming);
        if outcome.is_err() {
            self.exporter_secret = Secret::empty();
        }
        self.writer.tell(news);
        outcome
    }

    /// Writes at most one owed record (an alert, a KeyUpdate) into `outgoing` and returns its length; zero
    /// where nothing is owed. [`Misuse::OutputTooSmall`] below [`MIN_OUTPUT`] bytes.
    #[inline(never)]
    pub fn write_record(&mut self, outgoing: &mut [u8]) -> Result<usize, Error> {
        let asks = self.writer.asks_for_update();
        let written = self.writer.write_record(&mut self.provider, outgoing);
        self.await_answer(asks);
        written.map_err(|error| self.fail(error))
    }

    /// Encrypts as much of `plaintext` as fits one record and `outgoing`. What is owed goes first: while
    /// `want().owes_output`, nothing is taken and that is written instead.
    #[inline(never)]
    pub fn write_data(&mut self, plaintext: &[u8], outgoing: &mut [u8]) -> Result<Sent, Error> {
        let asks = self.writer.asks_for_update();
        let sent = self.writer.write_data(&mut self.provider, plaintext, outgoing);
        self.await_answer(asks);
        sent.map_err(|error| self.fail(error))
    }

    /// A KeyUpdate that answers one of ours is no part of a flood.
    const fn await_answer(&mut self, asked: bool) {
        if asked && !self.writer.asks_for_update() {
            self.reader.key_updates_in_a_row = self.reader.key_updates_in_a_row.saturating_sub(1);
        }
    }

    /// Says close_notify as the last thing to be written; reading goes on until the peer says it too.
    pub fn close(&mut self) {
        self.writer.close();
    }

    /// Replaces our writing keys, and asks the peer to replace its own (RFC 8446 §4.6.3).
    pub const fn update_keys(&mut self) {
        self.writer.key_update = Some(KeyUpdateRequest::Requested);
    }

    /// Ends the connection with an alert.
    pub fn abort(&mut self, alert: AlertDescription) {
        let _ = self.fail(inner::Error::Aborted(alert));
    }

    /// The transport has ended: in order after close_notify, else [`Error::Truncated`], and then there is
    /// nobody to write to.
    pub fn end_of_input(&mut self) -> Result<(), Error> {
        self.reader.inbound.end_of_input().map_err(|error| self.fail(error))
    }

    /// The error that ended the connection, if one has.
    pub fn failure(&self) -> Option<Error> {
        self.reader.inbound.failure().map(|error| error.into_public(None))
    }

    /// What the handshake has agreed on.
    pub const fn negotiated(&self) -> &Negotiated {
        &self.negotiated
    }

    /// The application protocol (RFC 7301), if one was agreed on.
    pub fn alpn(&self) -> Option<&[u8]> {
        self.negotiated.protocol.as_deref()
    }

    /// The host name that the client asked for (RFC 6066 §3).
    pub const fn server_name(&self) -> Option<&ServerName> {
        self.negotiated.server_name.as_ref()
    }

    /// Keying material for other protocols, bound to this connection (RFC 8446 §7.5): fills `out`, at most
    /// 255 hash lengths. `label` has at most 249 bytes; "no context" and an empty one are the same.
    pub fn export(&mut self, label: &[u8], context: &[u8], out: &mut [u8]) -> Result<(), Error> {
        if let Some(failure) = self.failure() {
            return Err(failure.clone());
        }
        let hash = self.negotiated.cipher_suite.hash().ok_or(Error::Internal("established: suite"))?;
        key_schedule::export(&mut self.provider, hash, &self.exporter_secret, label, context, out)
            .map_err(|error| error.into_public(None))
    }

    /// Two halves for two tasks, or an interrupt and a main loop. Each derives its own new keys at a
    /// KeyUpdate, so the writing one needs a provider too.
    pub fn split(self, for_writer: P) -> (ReadHalf<P>, WriteHalf<P>) {
        (
            ReadHalf { reader: self.reader, provider: self.provider },
            WriteHalf { writer: self.writer, provider: for_writer },
        )
    }

    fn fail(&mut self, error: inner::Error) -> Error {
        // The caller's own mistake leaves the connection unharmed.
        if let inner::Error::Misuse(error) = error {
            return error.into();
        }
        let error = self.reader.inbound.fail(error);
        self.exporter_secret = Secret::empty();
        self.writer.tell(ForWriter::of(error));
        error.into_public(None)
    }
}

/// The reading half of an established connection.
pub struct ReadHalf<P: CryptoProvider> {
    reader: Reading<P>,
    provider: P,
}

impl<P: CryptoProvider> core::fmt::Debug for ReadHalf<P> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ReadHalf").finish_non_exhaustive()
    }
}

impl<P: CryptoProvider> ReadHalf<P> {
    /// As [`Established::read_record`]; what the writing half must know comes out beside the event or the
    /// error.
    #[inline(never)]
    pub fn read_record<'r>(&mut self, incoming: &'r mut [u8]) -> (Result<Received<'r>, Error>, ForWriter) {
        self.reader.read_record(&mut self.provider, incoming)
    }

    /// From the front of the window: how many bytes the next read needs. `None`: nothing more comes.
    pub fn needs(&self) -> Option<usize> {
        self.reader.needs()
    }

    /// The transport has ended: in order after close_notify, else [`Error::Truncated`].
    pub fn end_of_input(&mut self) -> Result<(), Error> {
        self.reader.inbound.end_of_input().map_err(|error| error.into_public(None))
    }
}

/// The writing half of an established connection.
pub struct WriteHalf<P: CryptoProvider> {
    writer: Writing<P>,
    provider: P,
}

impl<P: CryptoProvider> core::fmt::Debug for WriteHalf<P> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("WriteHalf").finish_non_exhaustive()
    }
}

impl<P: CryptoProvider> WriteHalf<P> {
    /// What the reading half said.
    pub fn tell(&mut self, news: ForWriter) {
        self.writer.tell(news);
    }

    /// Whether [`write_record`](Self::write_record) has something to write.
    pub fn owes_output(&self) -> bool {
        self.writer.owes_output()
    }

    /// As [`Established::write_record`].
    #[inline(never)]
    pub fn write_record(&mut self, outgoing: &mut [u8]) -> Result<usize, Error> {
        self.writer.write_record(&mut self.provider, outgoing).map_err(|error| self.fail(error))
    }

    /// As [`Established::write_data`].
    #[inline(never)]
    pub fn write_data(&mut self, plaintext: &[u8], outgoing: &mut [u8]) -> Result<Sent, Error> {
        self.writer.write_data(&mut self.provider, plaintext, outgoing).map_err(|error| self.fail(error))
    }

    /// A key that failed once protects nothing more but an alert.
    fn fail(&mut self, error: inner::Error) -> Error {
        if !matches!(error, inner::Error::Misuse(_)) {
            self.writer.tell(ForWriter::of(error));
        }
        error.into_public(None)
    }

    /// As [`Established::update_keys`].
    pub const fn update_keys(&mut self) {
        self.writer.key_update = Some(KeyUpdateRequest::Requested);
    }

    /// As [`Established::close`].
    pub fn close(&mut self) {
        self.writer.close();
    }
}

/// The reading direction, after Finished.
struct Reading<P: CryptoProvider> {
    inbound: Inbound<Key<P>>,
    post_handshake: PostHandshake,
    key_updates_in_a_row: u8,
}

impl<P: CryptoProvider> Reading<P> {
    fn needs(&self) -> Option<usize> {
        self.inbound.is_open().then(|| self.inbound.records.needed())
    }

    #[inline(never)]
    fn read_record<'r>(
        &mut self,
        provider: &mut P,
        incoming: &'r mut [u8],
    ) -> (Result<Received<'r>, Error>, ForWriter) {
        let mut news = ForWriter::Nothing;
        let was_open = self.inbound.is_open();
        let outcome = match self.inbound.next(incoming) {
            Ok(Incoming::Nothing { consumed }) => Ok(Received { consumed, event: Event::None }),
            Ok(Incoming::Closed { consumed }) => {
                if was_open {
                    news = ForWriter::PeerClosed;
                }
                Ok(Received { consumed, event: if was_open { Event::PeerClosed } else { Event::None } })
            }
            Ok(Incoming::Record(record)) => self.on_record(provider, record, &mut news),
            Err(error) => Err(error),
        };
        match outcome {
            Ok(received) => (Ok(received), news),
            Err(error) => {
                let error = self.inbound.fail(error);
                (Err(error.into_public(None)), ForWriter::of(error))
            }
        }
    }

    #[inline(never)]
    fn on_record<'r>(
        &mut self,
        provider: &mut P,
        record: Record<'r>,
        news: &mut ForWriter,
    ) -> Result<Received<'r>, inner::Error> {
        let Record { content_type, fragment, length, .. } = record;
        match content_type {
            ContentType::ApplicationData if fragment.is_empty() => {
                self.inbound.records.release();
                Ok(Received { consumed: length, event: Event::None })
            }
            ContentType::ApplicationData => {
                self.key_updates_in_a_row = 0;
                self.inbound.records.release();
                Ok(Received { consumed: length, event: Event::ApplicationData(fragment) })
            }
            ContentType::Handshake => self.on_handshake(provider, fragment, length, news),
            found => Err(Misbehaved::UnexpectedRecord { found }.into()),
        }
    }

    #[inline(never)]
    fn on_handshake<'r>(
        &mut self,
        provider: &mut P,
        fragment: &'r [u8],
        length: usize,
        news: &mut ForWriter,
    ) -> Result<Received<'r>, inner::Error> {
        let mut taken = 0usize;
        // The rest of a ticket that was skipped is no reason to ask for the same bytes again.
        let message = loop {
            let rest = fragment.get(taken..).unwrap_or_default();
            let (used, message) = self.post_handshake.read(rest)?;
            taken = taken.saturating_add(used);
            if taken >= fragment.len() || !matches!(message, PostHandshakeMessage::None) {
                break message;
            }
        };
        self.inbound.is_within_message = !self.post_handshake.is_empty();
        let consumed = if taken < fragment.len() {
            self.inbound.records.take(taken);
            0
        } else {
            self.inbound.records.release();
            length
        };
        let event = match message {
            PostHandshakeMessage::None => Event::None,
            PostHandshakeMessage::SessionTicket(ticket) => Event::SessionTicket(ticket),
            PostHandshakeMessage::KeyUpdate(request) => {
                // "Handshake messages MUST NOT span key changes" (§5.1).
                if taken < fragment.len() {
                    return Err(Misbehaved::NotAtMessageBoundary.into());
                }
                self.key_updates_in_a_row = self.key_updates_in_a_row.saturating_add(1);
                if self.key_updates_in_a_row > MAX_KEY_UPDATES {
                    return Err(Misbehaved::TooManyKeyUpdates.into());
                }
                let protection = self.inbound.records.protection();
                let next = protection
                    .ok_or(inner::Error::Internal("established: no reading keys"))?
                    .next(provider)?;
                *self.inbound.records.slot() = Some(next);
                if request == KeyUpdateRequest::Requested {
                    *news = ForWriter::KeyUpdateRequested;
                }
                Event::None
            }
        };
        Ok(Received { consumed, event })
    }
}

/// The writing direction, after Finished.
struct Writing<P: CryptoProvider> {
    outbound: Outbound<Key<P>>,
    /// A KeyUpdate that is owed.
    key_update: Option<KeyUpdateRequest>,
}

impl<P: CryptoProvider> Writing<P> {
    fn tell(&mut self, news: ForWriter) {
        match news {
            ForWriter::Nothing | ForWriter::PeerClosed => {}
            // One answer serves any number of requests (§4.6.3); a request of our own that is still owed
            // serves as well.
            ForWriter::KeyUpdateRequested => {
                if self.key_update.is_none() {
                    self.key_update = Some(KeyUpdateRequest::NotRequested);
                }
            }
            ForWriter::Alert(alert) => self.outbound.finish(Some(alert)),
            ForWriter::Silence => self.outbound.finish(None),
        }
    }

    fn close(&mut self) {
        self.outbound.finish(Some(AlertDescription::CLOSE_NOTIFY));
    }

    /// A worn key is replaced before anything else is written under it (§5.5).
    fn owed_key_update(&self) -> Option<KeyUpdateRequest> {
        let worn = self.outbound.records.protection().is_some_and(crate::record::Protection::is_worn);
        self.key_update.or(worn.then_some(KeyUpdateRequest::NotRequested)).filter(|_| self.outbound.is_open())
    }

    const fn asks_for_update(&self) -> bool {
        matches!(self.key_update, Some(KeyUpdateRequest::Requested))
    }

    fn owes_output(&self) -> bool {
        self.outbound.owes_alert() || self.owed_key_update().is_some()
    }

    #[inline(never)]
    fn write_record(&mut self, provider: &mut P, outgoing: &mut [u8]) -> Result<usize, inner::Error> {
        if outgoing.len() < MIN_OUTPUT && self.owes_output() {
            return Err(Misuse::OutputTooSmall { needed: MIN_OUTPUT, room: outgoing.len() }.into());
        }
        if self.outbound.owes_alert() {
            return self.outbound.write_alert(outgoing);
        }
        let Some(request) = self.owed_key_update() else {
            return Ok(0);
        };
        // Made before the message is: where that fails, an alert under the old keys is still understood.
        let protection = self.outbound.records.protection();
        let next =
            protection.ok_or(inner::Error::Internal("established: no writing keys"))?.next(provider)?;
        let message = key_update::message(request);
        let written = self.outbound.write(ContentType::Handshake, outgoing, |content| {
            if let Some(room) = content.first_chunk_mut() {
                *room = message;
            }
            message.len()
        })?;
        *self.outbound.records.slot() = Some(next);
        self.key_update = None;
        Ok(written)
    }

    #[inline(never)]
    fn write_data(
        &mut self,
        provider: &mut P,
        plaintext: &[u8],
        outgoing: &mut [u8],
    ) -> Result<Sent, inner::Error> {
        if self.owes_output() {
            return Ok(Sent { taken: 0, written: self.write_record(provider, outgoing)? });
        }
        if !self.outbound.is_open() {
            return Err(Misuse::Closed.into());
        }
        if plaintext.is_empty() {
            return Ok(Sent { taken: 0, written: 0 });
        }
        let mut taken = 0;
        let written = self.outbound.write(ContentType::ApplicationData, outgoing, |content| {
            taken = plaintext.len().min(content.len());
            if let (Some(room), Some(piece)) = (content.get_mut(..taken), plaintext.get(..taken)) {
                room.copy_from_slice(piece);
            }
            taken
        })?;
        Ok(Sent { taken, written })
    }
}

#[cfg(test)]
impl<P: CryptoProvider> Established<P> {
    /// Ages the writing key to the end of its use (§5.5).
    pub(crate) const fn wear_out_writing_key(&mut self) {
        if let Some(protection) = self.writer.outbound.records.protection_mut() {
            protection.wear_out();
        }
    }
}

#[cfg(all(test, feature = "software"))]
mod tests;
