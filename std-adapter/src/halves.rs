//! The two halves of a connection, for two threads.

use crate::failure::Failure;
use crate::provider::StdProvider;
use crate::transport::Transport;
use crate::wire::Wire;
use ferrule::{Event, ForWriter, ReadHalf, Received, Sent, WriteHalf};
use std::io;

/// The reading half. What it returns beside its data is for [`TlsWriter::tell`].
#[derive(Debug)]
pub struct TlsReader<S> {
    wire: Wire<S>,
    half: ReadHalf<StdProvider>,
    /// What was decrypted before the halves parted.
    early: Vec<u8>,
    closed: bool,
}

/// The writing half.
#[derive(Debug)]
pub struct TlsWriter<S> {
    transport: S,
    outgoing: Box<[u8]>,
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
    let outgoing = vec![0; wire.outgoing.len()].into_boxed_slice();
    (
        TlsReader { wire, half: reader, early, closed },
        TlsWriter { transport: for_writer, outgoing, half: writer },
    )
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
    /// writing half, after a failure too: it owes the peer an alert then.
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
            match self.wire.receive() {
                Ok(0) => return (self.half.end_of_input().map_err(Failure::Tls), ForWriter::Silence),
                Ok(_) => {}
                Err(error) => return (Err(error.into()), ForWriter::Silence),
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
}

impl<S: Transport> TlsReader<S> {
    /// After a failure, once the writing half was told: reads on for a while, so that the alert which is
    /// under way is not overtaken by a reset.
    pub fn drain(&mut self) {
        // The connection has failed already; that its end fails too is no news.
        let _ = self.wire.drain();
    }
}

impl<S: Transport> TlsWriter<S> {
    /// What the reading half said; an answer that the peer is owed is written.
    pub fn tell(&mut self, news: ForWriter) -> io::Result<()> {
        self.half.tell(news);
        self.write_owed()
    }

    /// Writes all of `plaintext`.
    pub fn write_all(&mut self, mut plaintext: &[u8]) -> io::Result<()> {
        while !plaintext.is_empty() {
            let Sent { taken, written } =
                self.half.write_data(plaintext, &mut self.outgoing).map_err(Failure::Tls)?;
            self.transport.write_all(&self.outgoing[..written])?;
            plaintext = &plaintext[taken..];
        }
        self.transport.flush()
    }

    /// Says close_notify, and to the transport that nothing more comes.
    pub fn close(&mut self) -> io::Result<()> {
        self.half.close();
        self.write_owed()?;
        self.transport.shutdown_write()
    }

    fn write_owed(&mut self) -> io::Result<()> {
        while self.half.owes_output() {
            let length = self.half.write_record(&mut self.outgoing).map_err(Failure::Tls)?;
            self.transport.write_all(&self.outgoing[..length])?;
        }
        self.transport.flush()
    }
}
