//! [`Connection`]: joins a handshake to a record reader and writer.
//!
//! Here and in the states, a function that is a step of its own is `#[inline(never)]`. Each is called from one
//! place, so the compiler would merge them all into one, whose frame has room for every step's variables at
//! once and whose every `?` copies an error from one of them to the next: on a Cortex-M4F a client took 18 kB
//! of flash more that way.

use crate::alert::AlertDescription;
use crate::calling::{Answer, Ask, Event, Received, Want};
use crate::certificate::{Certificate, Role};
use crate::crypto::{CryptoProvider, Key};
use crate::error::{Error, Misuse, inner};
use crate::established::Established;
use crate::handshake::context::{Context, Place, Wire};
use crate::handshake::joiner::{Admission, Joined};
use crate::handshake::{HandshakeType, MESSAGE_HEADER};
use crate::link::{Incoming, write_change_cipher_spec};
use crate::record::{ContentType, MIN_OUTPUT, Record, RecordAuthenticated};
use core::ops::Range;

/// One side's handshake: [`ClientHandshake`](crate::ClientHandshake) or
/// [`ServerHandshake`](crate::ServerHandshake). Nothing else can be one.
pub trait Handshake: Machine {}

/// How a side's states are driven. It cannot be named outside of this crate, and so not be implemented.
#[allow(private_interfaces, missing_docs)]
pub trait Machine: Sized {
    type Provider: CryptoProvider;
    type Scratch: AsRef<[u8]> + AsMut<[u8]>;
    /// Which side this is.
    const ROLE: Role;

    fn parts(&mut self) -> (&mut Context<Self::Provider>, &mut [u8]);
    fn context(&self) -> &Context<Self::Provider>;
    /// Input would change nothing before work, an answer, or a written flight.
    fn is_reading(&self) -> bool;
    fn needs_work(&self) -> bool;
    fn ask(&self) -> Option<Ask<'_>>;
    fn is_complete(&self) -> bool;
    fn leaf(&self) -> Option<&[u8]>;
    /// A message of this kind begins: refuse it, or say what to do with it.
    fn admit(&mut self, kind: HandshakeType, length: usize) -> Result<Admission, inner::Error>;
    fn on_message(
        &mut self,
        kind: HandshakeType,
        message: Range<usize>,
        place: &Place<'_>,
        wire: &mut Wire<Key<Self::Provider>>,
    ) -> Result<(), inner::Error>;
    /// Bytes of a streamed message; returns how many were used.
    fn on_stream(&mut self, bytes: &[u8]) -> Result<usize, inner::Error>;
    fn work(&mut self, wire: &mut Wire<Key<Self::Provider>>) -> Result<(), inner::Error>;
    fn answer(
        &mut self,
        answer: Answer<'_>,
        wire: &mut Wire<Key<Self::Provider>>,
    ) -> Result<(), inner::Error>;
    /// All that was owed has been written.
    fn on_flight_written(&mut self, wire: &mut Wire<Key<Self::Provider>>) -> Result<(), inner::Error>;
    /// Moves as much of the flight as fits into `content`; returns how much that was.
    fn fill(&mut self, content: &mut [u8]) -> usize;
    fn into_parts(self) -> (Context<Self::Provider>, Self::Scratch);
}

/// A connection whose handshake is under way. The crate page shows the loop that drives it.
///
/// After an error every later read returns the same one; the alert that it calls for leaves by
/// [`write_record`](Self::write_record).
pub struct Connection<H: Handshake> {
    handshake: H,
    wire: Wire<Key<H::Provider>>,
}

impl<H: Handshake> core::fmt::Debug for Connection<H> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Connection").field("complete", &self.handshake.is_complete()).finish_non_exhaustive()
    }
}

impl<H: Handshake> Connection<H> {
    pub(crate) fn of(handshake: H, wire: Wire<Key<H::Provider>>) -> Self {
        Self { handshake, wire }
    }

    /// What the connection waits for. Changes nothing.
    #[inline(never)]
    pub fn want(&self) -> Want<'_> {
        let Wire { inbound, outbound } = &self.wire;
        let flight = outbound.is_open() && !self.handshake.context().flight.is_written();
        let runs = inbound.is_open() && outbound.is_open();
        Want {
            owes_output: outbound.owes_alert() || flight,
            read: (runs && self.handshake.is_reading()).then(|| inbound.records.needed()),
            ask: if runs { self.handshake.ask() } else { None },
            work: runs && self.handshake.needs_work(),
            closed: outbound.is_closed(),
        }
    }

    /// Reads at most one record from the front of `incoming` and decrypts it where it lies. Too few bytes
    /// are no error: nothing is consumed, and `want().read` says how many there must be.
    #[inline(never)]
    pub fn read_record<'r>(&mut self, incoming: &'r mut [u8]) -> Result<Received<'r>, Error> {
        if self.wire.inbound.is_open() && !self.handshake.is_reading() {
            return Ok(Received { consumed: 0, event: Event::None });
        }
        let outcome = match self.wire.inbound.next(incoming) {
            Ok(Incoming::Record(record)) => self.on_record(record),
            Ok(Incoming::Nothing { consumed }) => Ok(consumed),
            // Before Finished there is nothing that could be closed in order.
            Ok(Incoming::Closed { .. }) => Err(inner::Error::AlertReceived(AlertDescription::CLOSE_NOTIFY)),
            Err(error) => Err(error),
        };
        match outcome {
            Ok(consumed) => Ok(Received { consumed, event: Event::None }),
            Err(error) => Err(self.fail(error)),
        }
    }

    #[inline(never)]
    fn on_record(&mut self, record: Record<'_>) -> Result<usize, inner::Error> {
        let Record { content_type, fragment, length, authenticated } = record;
        if content_type != ContentType::Handshake {
            return Err(crate::error::Misbehaved::UnexpectedRecord { found: content_type }.into());
        }
        let taken = self.on_fragment(fragment, authenticated)?;
        self.wire.inbound.is_within_message = !self.handshake.context().joiner.is_empty();
        if taken < fragment.len() {
            self.wire.inbound.records.take(taken);
            return Ok(0);
        }
        self.wire.inbound.records.release();
        Ok(length)
    }

    /// Feeds handshake bytes to the states until they are used up, or work or an answer is due. Returns
    /// how many were taken.
    #[inline(never)]
    fn on_fragment(
        &mut self,
        fragment: &[u8],
        authenticated: RecordAuthenticated,
    ) -> Result<usize, inner::Error> {
        let mut rest = fragment;
        while !rest.is_empty() && self.handshake.is_reading() {
            let (context, scratch) = self.handshake.parts();
            let (taken, joined) = context.joiner.join(rest, scratch)?;
            rest = rest.get(taken..).unwrap_or_default();
            let kind = context.joiner.kind();
            match joined {
                Joined::More => break,
                Joined::Header { length, .. } => self.on_header(kind, length, rest, authenticated)?,
                Joined::Message(message) => {
                    let place = Place { rest, authenticated };
                    self.handshake.on_message(kind, message, &place, &mut self.wire)?;
                }
                Joined::Stream { left } => {
                    let bytes = rest.get(..left.min(rest.len())).unwrap_or_default();
                    let used = self.handshake.on_stream(bytes)?;
                    let (context, _) = self.handshake.parts();
                    context.add_to_transcript(bytes.get(..used).unwrap_or_default())?;
                    context.joiner.streamed(used);
                    rest = rest.get(used..).unwrap_or_default();
                }
            }
        }
        Ok(fragment.len().saturating_sub(rest.len()))
    }

    #[inline(never)]
    fn on_header(
        &mut self,
        kind: HandshakeType,
        length: usize,
        rest: &[u8],
        authenticated: RecordAuthenticated,
    ) -> Result<(), inner::Error> {
        // Whatever the peer says before it can know what we are still writing, it says too early.
        if self.handshake.context().flight.owes_messages() {
            let expected = "nothing before the end of our own flight";
            return Err(crate::error::Misbehaved::UnexpectedMessage { expected, found: kind }.into());
        }
        let admission = self.handshake.admit(kind, length)?;
        let (context, scratch) = self.handshake.parts();
        context.joiner.admit(admission, scratch)?;
        if admission == Admission::Stream {
            let header = *context.joiner.header();
            context.add_to_transcript(&header)?;
        } else if length == 0 {
            // Whole with its header: nothing more will come to complete it.
            let (_, joined) = context.joiner.join(&[], scratch)?;
            if let Joined::Message(message) = joined {
                self.handshake.on_message(kind, message, &Place { rest, authenticated }, &mut self.wire)?;
            }
        }
        Ok(())
    }

    /// Writes at most one owed record into `outgoing` and returns its length; zero where nothing is owed.
    /// [`Misuse::OutputTooSmall`] below [`MIN_OUTPUT`] bytes: nothing has changed then.
    #[inline(never)]
    pub fn write_record(&mut self, outgoing: &mut [u8]) -> Result<usize, Error> {
        if !self.want().owes_output {
            return Ok(0);
        }
        if outgoing.len() < MIN_OUTPUT {
            return Err(Misuse::OutputTooSmall { needed: MIN_OUTPUT, room: outgoing.len() }.into());
        }
        self.write_owed(outgoing).map_err(|error| self.fail(error))
    }

    #[inline(never)]
    fn write_owed(&mut self, outgoing: &mut [u8]) -> Result<usize, inner::Error> {
        let (context, _) = self.handshake.parts();
        let change_cipher_spec = context.flight.take_change_cipher_spec();
        if self.wire.outbound.owes_alert() {
            return if change_cipher_spec {
                write_change_cipher_spec(outgoing)
            } else {
                self.wire.outbound.write_alert(outgoing)
            };
        }
        let written = if change_cipher_spec {
            write_change_cipher_spec(outgoing)?
        } else {
            let handshake = &mut self.handshake;
            self.wire.outbound.write(ContentType::Handshake, outgoing, |content| handshake.fill(content))?
        };
        if self.handshake.context().flight.is_written()
            && let Err(error) = self.handshake.on_flight_written(&mut self.wire)
        {
            // The record is written all the same, and the peer must have it: the next call says why nothing
            // follows.
            self.fail(error);
        }
        Ok(written)
    }

    /// Does exactly one public-key operation: the longest that any call takes.
    #[inline(never)]
    pub fn work(&mut self) -> Result<(), Error> {
        if !self.want().work {
            return Err(Misuse::NoWork.into());
        }
        self.handshake.work(&mut self.wire).map_err(|error| self.fail(error))
    }

    /// Answers `want().ask`.
    #[inline(never)]
    pub fn answer(&mut self, answer: Answer<'_>) -> Result<(), Error> {
        if self.want().ask.is_none() {
            return Err(Misuse::UnaskedAnswer.into());
        }
        let outcome = match answer {
            Answer::Refuse(alert) => {
                self.abort(alert);
                return Ok(());
            }
            answer => self.handshake.answer(answer, &mut self.wire),
        };
        match outcome {
            // The caller's own mistake: it may answer again.
            Err(inner::Error::Misuse(error)) => Err(error.into()),
            outcome => outcome.map_err(|error| self.fail(error)),
        }
    }

    /// Ends the connection with an alert: the key's owner failed, the time is up.
    pub fn abort(&mut self, alert: AlertDescription) {
        let _ = self.fail(inner::Error::Aborted(alert));
    }

    /// The transport has ended: an error here always, since the handshake is not over.
    pub fn end_of_input(&mut self) -> Result<(), Error> {
        self.wire.inbound.end_of_input().map_err(|error| self.fail(error))
    }

    /// The error that ended the connection, if one has.
    pub fn failure(&self) -> Option<Error> {
        self.wire.inbound.failure().map(|error| self.public(error))
    }

    fn public(&self, error: inner::Error) -> Error {
        error.into_public(self.handshake.context().refused.as_ref())
    }

    /// The peer's own certificate, once its chain was verified and until scratch is handed back.
    pub fn peer_certificate(&self) -> Option<Certificate<'_>> {
        self.handshake.leaf().and_then(|der| Certificate::parse(der).ok())
    }

    /// The connection for application data, and scratch back, once the last record of the handshake has
    /// been written; before that, the connection itself.
    #[allow(clippy::result_large_err)]
    #[inline]
    pub fn into_established(self) -> Result<(Established<H::Provider>, H::Scratch), Self> {
        let done =
            self.handshake.is_complete() && self.wire.inbound.is_open() && self.wire.outbound.is_open();
        if !done || !self.handshake.context().flight.is_written() {
            return Err(self);
        }
        let (context, scratch) = self.handshake.into_parts();
        Ok((Established::new(context, self.wire, H::ROLE), scratch))
    }

    #[inline(never)]
    fn fail(&mut self, error: inner::Error) -> Error {
        let error = self.wire.inbound.fail(error);
        self.handshake.parts().0.forget();
        let error = self.public(error);
        self.wire.outbound.finish(error.alert());
        error
    }
}

const _: () = assert!(MIN_OUTPUT > MESSAGE_HEADER);
