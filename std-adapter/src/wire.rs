//! A transport and the windows over it.

use crate::transport::Transport;
use ferrule::Error;
use ferrule::record::{Buffer, MAX_RECORD};
use std::io::{self, Write};
use std::ops::Range;
use std::time::{Duration, Instant};

/// How long a peer may take to hear our last words, and how much of what it still sends is read for that: a
/// transport that is closed with unread input is reset, and the reset can overtake them.
const GOODBYE: Duration = Duration::from_secs(1);
const GOODBYE_BYTES: usize = 1 << 20;

fn window() -> Box<[u8]> {
    vec![0; MAX_RECORD].into_boxed_slice()
}

/// Records on their way out. What the transport has not taken yet goes first, or a record would begin inside
/// of another.
#[derive(Debug)]
pub(crate) struct Outgoing {
    bytes: Box<[u8]>,
    unsent: Range<usize>,
}

impl Outgoing {
    pub(crate) fn new() -> Self {
        Self { bytes: window(), unsent: 0..0 }
    }

    /// Hands what there is to the transport. After an error the rest is still there.
    pub(crate) fn send(&mut self, transport: &mut impl Write) -> io::Result<()> {
        while !self.unsent.is_empty() {
            match uninterrupted(|| transport.write(&self.bytes[self.unsent.clone()]))? {
                0 => return Err(io::ErrorKind::WriteZero.into()),
                taken => self.unsent.start += taken,
            }
        }
        Ok(())
    }

    /// The buffer for the next record, once the last was sent.
    pub(crate) fn buffer(&mut self) -> &mut [u8] {
        debug_assert!(self.unsent.is_empty(), "a record would be lost");
        &mut self.bytes
    }

    /// A record of this length lies in the buffer.
    pub(crate) fn filled(&mut self, length: usize) -> &[u8] {
        self.unsent = 0..length;
        &self.bytes[..length]
    }
}

/// A transport and the windows over it.
#[derive(Debug)]
pub(crate) struct Wire<S> {
    pub(crate) transport: S,
    pub(crate) incoming: Buffer<Box<[u8]>>,
    pub(crate) outgoing: Outgoing,
    /// Our last words were said.
    parted: bool,
}

impl<S: Transport> Wire<S> {
    pub(crate) fn new(transport: S) -> Self {
        Self { transport, incoming: Buffer::new(window()), outgoing: Outgoing::new(), parted: false }
    }

    /// Reads what there is room for; zero at the transport's end.
    pub(crate) fn receive(&mut self) -> io::Result<usize> {
        let Self { transport, incoming, .. } = self;
        let received = uninterrupted(|| transport.read(incoming.free_mut()))?;
        incoming.commit(received);
        Ok(received)
    }

    /// Hands what was written to the transport.
    pub(crate) fn send(&mut self) -> io::Result<()> {
        self.outgoing.send(&mut self.transport)
    }

    /// Writes what is still owed after a failure, says that nothing more comes, and reads on for a while.
    pub(crate) fn say_goodbye(&mut self, mut write_record: impl FnMut(&mut [u8]) -> Result<usize, Error>) {
        if std::mem::replace(&mut self.parted, true) {
            return;
        }
        let Self { transport, outgoing, .. } = self;
        let mut say = || -> io::Result<()> {
            transport.set_write_timeout(Some(GOODBYE))?;
            // An alert inside of a record that is half sent would say nothing.
            outgoing.send(transport)?;
            while let Ok(length @ 1..) = write_record(outgoing.buffer()) {
                outgoing.filled(length);
                outgoing.send(transport)?;
            }
            transport.flush()?;
            transport.shutdown_write()
        };
        // The connection has failed already; that its end fails too is no news.
        let _ = say().and_then(|()| self.drain());
    }

    /// Reads on for a while, and drops what comes.
    pub(crate) fn drain(&mut self) -> io::Result<()> {
        self.transport.set_read_timeout(Some(GOODBYE))?;
        let end = Instant::now() + GOODBYE;
        let (mut dropped, mut bytes) = (0, [0; 4096]);
        while dropped < GOODBYE_BYTES && Instant::now() < end {
            match uninterrupted(|| self.transport.read(&mut bytes))? {
                0 => break,
                length => dropped += length,
            }
        }
        Ok(())
    }
}

/// Retries what a signal interrupted.
fn uninterrupted<T>(mut attempt: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match attempt() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            outcome => return outcome,
        }
    }
}
