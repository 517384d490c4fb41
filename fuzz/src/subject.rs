//! [`Subject`]: one connection under test. Every call is checked against what its documentation promises; a
//! promise that is broken is a panic, which is what a fuzzer looks for.

mod checks;
mod driving;

use crate::provider::{FuzzProvider, Strength, provider};
use checks::{Facts, check_written, facts, fresh_room, run_checked_read};
use ferrule::record::MIN_OUTPUT;
use ferrule::{
    AlertDescription, Answer, Connection, Error, Established, Event, ForWriter, Handshake, ReadHalf,
    Received, WriteHalf,
};

/// What an application learns, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// Decrypted data.
    Data(Vec<u8>),
    /// A ticket.
    Ticket(Vec<u8>),
    /// close_notify.
    Closed,
}

/// Where the connection stands.
enum State<H: Handshake<Provider = FuzzProvider>> {
    Handshake(Box<Connection<H>>),
    Established(Box<Established<FuzzProvider>>),
    Halves(Box<ReadHalf<FuzzProvider>>, Box<WriteHalf<FuzzProvider>>),
}

/// A connection, its window, and all that is known of it.
pub struct Subject<H: Handshake<Provider = FuzzProvider>> {
    state: Option<State<H>>,
    /// Delivered and not consumed.
    pub window: Vec<u8>,
    /// All that was written, and not taken away by the caller.
    pub output: Vec<u8>,
    /// What the application has learnt.
    pub seen: Vec<Seen>,
    /// The error that every read returns from now on.
    pub error: Option<Error>,
    /// Public-key operations and signatures done.
    pub works: usize,
    /// Records written after an error.
    last_words: usize,
    closing: bool,
}

impl<H: Handshake<Provider = FuzzProvider>> Subject<H> {
    pub(crate) fn new(connection: Connection<H>) -> Self {
        Self {
            state: Some(State::Handshake(Box::new(connection))),
            window: Vec::new(),
            output: Vec::new(),
            seen: Vec::new(),
            error: None,
            works: 0,
            last_words: 0,
            closing: false,
        }
    }

    /// What it waits for; asked twice.
    pub fn want(&self) -> Facts {
        let ask = || match self.state.as_ref().expect("a state") {
            State::Handshake(connection) => facts(&connection.want()),
            State::Established(established) => facts(&established.want()),
            State::Halves(reader, writer) => {
                Facts { owes_output: writer.owes_output(), read: reader.needs(), ..Facts::default() }
            }
        };
        let want = ask();
        assert_eq!(want, ask(), "want() is a level: it says the same twice");
        if self.error.is_some() {
            assert!(want.read.is_none() && !want.ask && !want.work, "{want:?} after {:?}", self.error);
        }
        want
    }

    /// Bytes arrive.
    pub fn deliver(&mut self, bytes: &[u8]) {
        self.window.extend_from_slice(bytes);
    }

    /// Reads from the first `limit` bytes of the window. Says whether anything has changed.
    pub fn read(&mut self, limit: usize) -> bool {
        let before = self.want();
        let limit = limit.min(self.window.len());
        let length = self.window.len();
        let mut news = ForWriter::Nothing;
        let state = self.state.as_mut().expect("a state");
        let (outcome, seen) = run_checked_read(&mut self.window, limit, |window| match state {
            State::Handshake(connection) => connection.read_record(window),
            State::Established(established) => established.read_record(window),
            State::Halves(reader, _) => {
                let (outcome, said) = reader.read_record(window);
                news = said;
                outcome
            }
        });
        assert_eq!(self.window.len(), length);
        if let State::Halves(_, writer) = state {
            writer.tell(news);
        }
        let event = seen.is_some();
        match &outcome {
            Ok(consumed) => {
                assert!(self.error.is_none(), "an error is not forgotten: {:?}", self.error);
                self.window.drain(..consumed);
            }
            Err(error) => self.fail(error.clone()),
        }
        self.seen.extend(seen);
        let after = self.want();
        let enough = before.read.is_some_and(|needed| limit >= needed);
        let changed = event || outcome != Ok(0) || before != after;
        if before.read.is_some() {
            // The two halves of "how many bytes the next read needs": fewer do nothing, as many do something.
            assert!(
                enough || !changed || outcome.is_err(),
                "{limit} bytes were too few for {before:?}: {after:?}"
            );
            assert!(!enough || changed, "{limit} bytes are enough for {before:?}, and nothing happened");
        } else if outcome.is_ok() {
            assert!(before == after || self.closing || self.seen.last() == Some(&Seen::Closed));
        }
        changed
    }

    /// Writes what is owed into a buffer of this size. Says whether there was anything.
    pub fn write(&mut self, size: usize) -> bool {
        let owed = self.want().owes_output;
        let mut room = fresh_room(size);
        let outcome = match self.state.as_mut().expect("a state") {
            State::Handshake(connection) => connection.write_record(&mut room),
            State::Established(established) => established.write_record(&mut room),
            State::Halves(_, writer) => writer.write_record(&mut room),
        };
        self.after_write(outcome, owed, &room)
    }

    fn after_write(&mut self, outcome: Result<usize, Error>, owed: bool, room: &[u8]) -> bool {
        match outcome {
            Ok(written) => {
                check_written(room, written);
                assert_eq!(written > 0, owed, "written if and only if owed");
                self.output.extend_from_slice(&room[..written]);
                // A ChangeCipherSpec may go ahead of the alert, for middleboxes (RFC 8446 §D.4).
                const CHANGE_CIPHER_SPEC: u8 = 20;
                if self.error.is_some() && written > 0 && room[0] != CHANGE_CIPHER_SPEC {
                    self.last_words += 1;
                    assert!(self.last_words == 1, "a failed connection says its alert and no more");
                    assert!(!self.want().owes_output);
                }
                if let Some(error) = self.failure() {
                    self.fail(error);
                }
                written > 0
            }
            Err(error @ Error::Misuse(_)) => {
                assert!(owed && room.len() < MIN_OUTPUT, "{error}: {} bytes", room.len());
                check_written(room, 0);
                assert!(self.want().owes_output, "too small an output changes nothing");
                false
            }
            Err(error) => {
                self.fail(error);
                true
            }
        }
    }

    /// Encrypts data into a buffer of this size; returns how much was taken, `None` where none could be.
    pub fn write_data(&mut self, data: &[u8], size: usize) -> Option<usize> {
        let owed = self.want().owes_output;
        let mut room = fresh_room(size);
        let outcome = match self.state.as_mut().expect("a state") {
            State::Handshake(_) => return None,
            State::Established(established) => established.write_data(data, &mut room),
            State::Halves(_, writer) => writer.write_data(data, &mut room),
        };
        match outcome {
            Ok(sent) if owed || data.is_empty() => {
                assert_eq!(sent.taken, 0, "what is owed goes first");
                self.after_write(Ok(sent.written), owed, &room);
                Some(0)
            }
            Ok(sent) => {
                assert!(self.error.is_none() && !self.closing, "written after the end");
                assert!(sent.taken > 0 && sent.taken <= data.len(), "{sent:?}");
                check_written(&room, sent.written);
                self.output.extend_from_slice(&room[..sent.written]);
                Some(sent.taken)
            }
            Err(Error::Misuse(_)) => {
                check_written(&room, 0);
                let tolerated = room.len() < MIN_OUTPUT || self.closing || self.error.is_some();
                assert!(tolerated, "misuse with {} bytes of room", room.len());
                None
            }
            Err(error) => {
                self.fail(error);
                None
            }
        }
    }

    /// Does the work that is due. Says whether there was any.
    pub fn work(&mut self) -> bool {
        let due = self.want();
        let State::Handshake(connection) = self.state.as_mut().expect("a state") else {
            return false;
        };
        match connection.work() {
            Err(error @ Error::Misuse(_)) => {
                assert!(!due.work, "{error} although {due:?}");
                assert_eq!(due, self.want());
                return false;
            }
            Err(error) => self.fail(error),
            // More work may follow: how much, the script bounds.
            Ok(()) => {}
        }
        assert!(due.work);
        self.works += 1;
        true
    }

    /// Answers what is asked. Says whether anything was.
    pub fn answer(&mut self, signature: &[u8]) -> bool {
        let due = self.want();
        let State::Handshake(connection) = self.state.as_mut().expect("a state") else {
            return false;
        };
        match connection.answer(Answer::Signature(signature)) {
            // Asked for nothing, or a signature that is too long: no harm done.
            Err(error @ Error::Misuse(_)) => {
                assert!(!due.ask || signature.len() > ferrule::limits::MAX_SIGNATURE, "{error}");
                assert_eq!(due, self.want());
                return false;
            }
            Err(error) => self.fail(error),
            Ok(()) => assert!(due.ask && due != self.want()),
        }
        self.works += 1;
        true
    }

    /// Becomes established, where that is due. Says whether it did.
    pub fn establish(&mut self) -> bool {
        match self.state.take().expect("a state") {
            State::Handshake(connection) => match connection.into_established() {
                Ok((established, _scratch)) => {
                    assert!(self.error.is_none(), "established after {:?}", self.error);
                    self.state = Some(State::Established(Box::new(established)));
                    true
                }
                Err(connection) => {
                    self.state = Some(State::Handshake(Box::new(connection)));
                    false
                }
            },
            other => {
                self.state = Some(other);
                false
            }
        }
    }

    /// Goes on as two halves.
    pub fn split(&mut self, strength: Strength) {
        self.state = Some(match self.state.take().expect("a state") {
            // The error stays with the half that reads; an alert that is owed with the one that writes.
            State::Established(established) => {
                let (reader, writer) = established.split(provider(strength, 3));
                State::Halves(Box::new(reader), Box::new(writer))
            }
            other => other,
        });
    }

    /// Says close_notify.
    pub fn close(&mut self) {
        match self.state.as_mut().expect("a state") {
            State::Handshake(_) => return,
            State::Established(established) => established.close(),
            State::Halves(_, writer) => writer.close(),
        }
        self.closing = true;
    }

    /// Asks for new keys.
    pub fn update_keys(&mut self) {
        match self.state.as_mut().expect("a state") {
            State::Handshake(_) => {}
            State::Established(established) => established.update_keys(),
            State::Halves(_, writer) => writer.update_keys(),
        }
    }

    /// Gives up.
    pub fn abort(&mut self, alert: AlertDescription) {
        match self.state.as_mut().expect("a state") {
            State::Handshake(connection) => connection.abort(alert),
            State::Established(established) => established.abort(alert),
            State::Halves(..) => return,
        }
        self.fail_as(self.failure());
    }

    /// The transport has ended.
    pub fn end_of_input(&mut self) {
        let outcome = match self.state.as_mut().expect("a state") {
            State::Handshake(connection) => connection.end_of_input(),
            State::Established(established) => established.end_of_input(),
            State::Halves(reader, writer) => {
                let outcome = reader.end_of_input();
                if outcome.is_err() {
                    writer.tell(ForWriter::Silence);
                }
                outcome
            }
        };
        let closed = self.seen.last() == Some(&Seen::Closed);
        assert_eq!(outcome.is_ok(), closed && self.error.is_none(), "in order only after close_notify");
        self.fail_as(outcome.err());
    }

    /// The exporter's bytes and what was negotiated, once established.
    pub fn agreed(&mut self) -> Option<(Vec<u8>, String)> {
        let failed = self.error.is_some();
        let State::Established(established) = self.state.as_mut()? else {
            return None;
        };
        let mut exported = vec![0; 40];
        let outcome = established.export(b"fuzz", b"", &mut exported);
        assert_eq!(outcome.is_err(), failed, "a failed connection exports nothing");
        outcome.ok().map(|()| (exported, format!("{:?}", established.negotiated())))
    }

    /// Whether the handshake is over.
    pub const fn is_established(&self) -> bool {
        !matches!(self.state, Some(State::Handshake(_)))
    }

    /// Whether it is two halves, neither of which can tell that the connection has ended.
    pub const fn is_split(&self) -> bool {
        matches!(self.state, Some(State::Halves(..)))
    }

    /// Whether close_notify was asked for.
    pub const fn is_closing(&self) -> bool {
        self.closing
    }

    /// All data received, in one piece.
    pub fn data(&self) -> Vec<u8> {
        let pieces = self.seen.iter().map(|seen| if let Seen::Data(data) = seen { &data[..] } else { &[] });
        pieces.collect::<Vec<_>>().concat()
    }

    fn failure(&self) -> Option<Error> {
        match self.state.as_ref()? {
            State::Handshake(connection) => connection.failure(),
            State::Established(established) => established.failure(),
            State::Halves(..) => None,
        }
    }

    fn fail_as(&mut self, error: Option<Error>) {
        if let Some(error) = error {
            self.fail(error);
        }
    }

    fn fail(&mut self, error: Error) {
        checks::check_error(&error);
        match &self.error {
            Some(first) => assert_eq!(*first, error, "the first error is the one that is returned"),
            None => self.error = Some(error),
        }
    }
}

/// What `read_record` brought, without the loan of the window.
fn seen_of(received: &Received<'_>) -> Option<Seen> {
    match &received.event {
        Event::None => None,
        Event::ApplicationData(data) => {
            assert!(!data.is_empty(), "no data is no event");
            Some(Seen::Data(data.to_vec()))
        }
        Event::SessionTicket(ticket) => Some(Seen::Ticket(ticket.ticket.to_vec())),
        Event::PeerClosed => Some(Seen::Closed),
        other => panic!("an event that the fuzzers do not know: {other:?}"),
    }
}
