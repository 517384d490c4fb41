//! A transport and the windows over it.

use crate::transport::Transport;
use ferrule::Error;
use ferrule::record::{Buffer, MAX_RECORD};
use std::io;
use std::time::{Duration, Instant};

/// How long a peer may take to hear a fatal alert, and how much of what it still sends is read for that: a
/// transport that is closed with unread input is reset, and the reset can overtake the alert.
const GOODBYE: Duration = Duration::from_secs(1);
const GOODBYE_BYTES: usize = 256 * 1024;

/// A transport and the windows over it.
#[derive(Debug)]
pub(crate) struct Wire<S> {
    pub(crate) transport: S,
    pub(crate) incoming: Buffer<Box<[u8]>>,
    pub(crate) outgoing: Box<[u8]>,
}

impl<S: Transport> Wire<S> {
    pub(crate) fn new(transport: S) -> Self {
        let window = || vec![0; MAX_RECORD].into_boxed_slice();
        Self { transport, incoming: Buffer::new(window()), outgoing: window() }
    }

    /// Reads what there is room for; zero at the transport's end.
    pub(crate) fn receive(&mut self) -> io::Result<usize> {
        let Self { transport, incoming, .. } = self;
        let received = uninterrupted(|| transport.read(incoming.free_mut()))?;
        incoming.commit(received);
        Ok(received)
    }

    /// Writes what is still owed after a failure, says that nothing more comes, and reads on for a while.
    pub(crate) fn say_goodbye(&mut self, mut write_record: impl FnMut(&mut [u8]) -> Result<usize, Error>) {
        let Self { transport, outgoing, .. } = self;
        let mut say = || -> io::Result<()> {
            transport.set_write_timeout(Some(GOODBYE))?;
            while let Ok(length @ 1..) = write_record(outgoing) {
                transport.write_all(&outgoing[..length])?;
            }
            transport.flush()?;
            transport.shutdown_write()
        };
        // The connection has failed already; that its end fails too is no news.
        let _ = say().and_then(|()| self.drain());
    }

    /// Reads on for a while, and drops what comes.
    pub(crate) fn drain(&mut self) -> io::Result<()> {
        let Self { transport, outgoing, .. } = self;
        transport.set_read_timeout(Some(GOODBYE))?;
        let end = Instant::now() + GOODBYE;
        let mut drained = 0;
        while drained < GOODBYE_BYTES && Instant::now() < end {
            match uninterrupted(|| transport.read(outgoing))? {
                0 => break,
                length => drained += length,
            }
        }
        Ok(())
    }
}

/// Retries what a signal interrupted.
pub(crate) fn uninterrupted<T>(mut attempt: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match attempt() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            outcome => return outcome,
        }
    }
}
