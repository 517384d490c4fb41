//! The two halves of a connection, for two threads.

use crate::failure::Failure;
use crate::provider::StdProvider;
use crate::transport::Transport;
use crate::wire::{Outgoing, Wire};
use ferrule::alert::AlertDescription;
use ferrule::{Event, ForWriter, ReadHalf, Received, Sent, WriteHalf};
use std::io::{self, Write};

/// The reading half. What it returns beside its data is for [`TlsWriter::tell`].
#[derive(Debug)]
pub struct TlsReader<S> {
    wire: Wire<S>,
    half: ReadHalf<StdProvider>,
    /// What was decrypted before the halves parted.
    early: Vec<u8>,
    closed: bool,
}

/// The writing half: [`Write`], which says close_notify at [`close`](Self::close) alone.
#[derive(Debug)]
pub struct TlsWriter<S> {
    transport: S,
    outgoing: Outgoing,
    half: WriteHalf<StdProvider>,
}

pub(crate) fn halves<S: Transport>(
    wire: Wire<S>,
    reader: ReadHalf<StdProvider>,
    writer: WriteHalf<StdProvider>,
    for_writer: S,
    early: Vec<u8>,
    closed: bool,
) -> (TlsReader<S>, TlsWriter<S>) {
    let writer = TlsWriter { transport: for_writer, outgoing: Outgoing::new(), half: writer };
    (TlsReader { wire, half: reader, early, closed }, writer)
}

/// What a read brought.
#[derive(Debug)]
pub enum Read<'r> {
    /// Data from the peer.
    Data(&'r [u8]),
    /// Nothing for the application; there may be news for the writer.
    Nothing,
    /// The peer writes no more.
    Closed,
}

impl<S: Transport> TlsReader<S> {
    /// Waits for one record, and hands what it brings to `each`. The news beside the outcome are for the
    /// writing half, after a failure too: it owes the peer an alert then. After
    /// [`Failure::TimedOut`] it may be called again.
    pub fn read(&mut self, each: impl FnOnce(Read<'_>)) -> (Result<(), Failure>, ForWriter) {
        if !self.early.is_empty() {
            each(Read::Data(&std::mem::take(&mut self.early)));
            return (Ok(()), ForWriter::Nothing);
        }
        let needed = match self.half.needs() {
            Some(needed) if !self.closed => needed,
            _ => {
                each(Read::Closed);
                return (Ok(()), ForWriter::Nothing);
            }
        };
        while self.wire.incoming.len() < needed {
            match self.wire.receive().map_err(Failure::from) {
                Ok(0) => return (self.half.end_of_input().map_err(Failure::Tls), ForWriter::Silence),
                Ok(_) => {}
                Err(failure @ Failure::TimedOut { .. }) => return (Err(failure), ForWriter::Nothing),
                Err(failure) => return (Err(failure), ForWriter::Silence),
            }
        }
        let (outcome, news) = self.half.read_record(self.wire.incoming.filled_mut());
        match outcome {
            Ok(Received { consumed, event }) => {
                match event {
                    Event::ApplicationData(data) => each(Read::Data(data)),
                    Event::PeerClosed => {
                        self.closed = true;
                        each(Read::Closed);
                    }
                    _ => each(Read::Nothing),
                }
                self.wire.incoming.consume(consumed);
                (Ok(()), news)
            }
            Err(error) => (Err(error.into()), news),
        }
    }

    /// After a failure, once the writing half was told: reads on for a while, so that the alert which is
    /// under way is not overtaken by a reset, then shuts the transport down, so that a writer who waits for
    /// a peer that reads no more is let go.
    pub fn part(&mut self) {
        // The connection has failed already; that its end fails too is no news.
        let _ = self.wire.drain().and_then(|()| self.wire.transport.shutdown_write());
    }
}

impl<S: Transport> TlsWriter<S> {
    /// What the reading half said; an answer that the peer is owed is written.
    pub fn tell(&mut self, news: ForWriter) -> io::Result<()> {
        self.half.tell(news);
        self.flush()
    }

    /// Replaces our keys with the next write, and asks the peer to do the same (RFC 8446 §4.6.3).
    pub const fn update_keys(&mut self) {
        self.half.update_keys();
    }

    /// Ends the connection with a fatal alert.
    pub fn abort(&mut self, alert: AlertDescription) -> io::Result<()> {
        self.tell(ForWriter::Alert(alert))
    }

    /// Says close_notify, and to the transport that nothing more comes.
    pub fn close(&mut self) -> io::Result<()> {
        self.half.close();
        self.flush()?;
        match self.transport.shutdown_write() {
            // The peer may have closed its transport right after its own close_notify.
            Err(error) if error.kind() != io::ErrorKind::NotConnected => Err(Failure::from(error).into()),
            _ => Ok(()),
        }
    }

    fn send(&mut self) -> Result<(), Failure> {
        Ok(self.outgoing.send(&mut self.transport)?)
    }
}

impl<S: Transport> Write for TlsWriter<S> {
    fn write(&mut self, plaintext: &[u8]) -> io::Result<usize> {
        self.send()?;
        loop {
            let sent = self.half.write_data(plaintext, self.outgoing.buffer()).map_err(Failure::Tls)?;
            let Sent { taken, written } = sent;
            self.outgoing.filled(written);
            match self.send() {
                // What was owed went first.
                Ok(()) if taken == 0 && written > 0 && !plaintext.is_empty() => {}
                // Encrypted is taken: the rest leaves with the next write or flush.
                Ok(()) | Err(Failure::TimedOut { .. }) => return Ok(taken),
                Err(failure) => return Err(failure.into()),
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.send()?;
        while self.half.owes_output() {
            let length = self.half.write_record(self.outgoing.buffer()).map_err(Failure::Tls)?;
            self.outgoing.filled(length);
            self.send()?;
        }
        self.transport.flush().map_err(|error| Failure::from(error).into())
    }
}
