//! One established connection as `Read + Write`.

use crate::driver::Done;
use crate::failure::Failure;
use crate::halves::{TlsReader, TlsWriter, halves};
use crate::provider::StdProvider;
use crate::transport::Transport;
use crate::wire::{Wire, uninterrupted};
use ferrule::alert::AlertDescription;
use ferrule::record::HEADER_LENGTH;
use ferrule::{Error, Established, Event, Handshake, Negotiated, Received, Sent};
use std::io::{self, Read, Write};
use std::time::Duration;

/// Decrypted data in the window that nobody has read yet.
#[derive(Debug, Clone, Copy)]
struct Unread {
    next: usize,
    end: usize,
    /// What leaves the window once all is read.
    record: usize,
}

/// An established TLS connection over a transport.
///
/// [`Read`] hands out what the peer wrote; `Ok(0)` is its close_notify, and a transport that just ends is
/// [`Error::Truncated`] inside an [`io::ErrorKind::UnexpectedEof`]. Errors carry a [`Failure`]. [`Write`]
/// encrypts up to a record a call. Neither says close_notify by itself: [`close_write`](Self::close_write)
/// does, and reading goes on afterwards.
#[derive(Debug)]
pub struct TlsStream<S> {
    wire: Wire<S>,
    connection: Established<StdProvider>,
    /// Written by the connection, not yet taken by the transport.
    unsent: std::ops::Range<usize>,
    unread: Option<Unread>,
    closed_by_peer: bool,
    peer_certificate: Option<Vec<u8>>,
    for_writer: StdProvider,
}

impl<S: Transport> TlsStream<S> {
    pub(crate) fn new<H: Handshake<Provider = StdProvider>>(
        mut wire: Wire<S>,
        done: Done<H>,
        idle_timeout: Option<Duration>,
        for_writer: StdProvider,
    ) -> Result<Self, Failure> {
        wire.transport.set_read_timeout(idle_timeout)?;
        wire.transport.set_write_timeout(idle_timeout)?;
        let Done { established: connection, peer_certificate } = done;
        Ok(Self {
            wire,
            connection,
            unsent: 0..0,
            unread: None,
            closed_by_peer: false,
            peer_certificate,
            for_writer,
        })
    }

    /// What the handshake has agreed on.
    pub const fn negotiated(&self) -> &Negotiated {
        self.connection.negotiated()
    }

    /// The application protocol (RFC 7301), if one was agreed on.
    pub fn alpn(&self) -> Option<&[u8]> {
        self.connection.alpn()
    }

    /// The peer's own certificate in DER, if it has shown one.
    pub fn peer_certificate(&self) -> Option<&[u8]> {
        self.peer_certificate.as_deref()
    }

    /// Keying material for other protocols (RFC 8446 §7.5): see [`Established::export`].
    pub fn export(&mut self, label: &[u8], context: &[u8], out: &mut [u8]) -> Result<(), Failure> {
        Ok(self.connection.export(label, context, out)?)
    }

    /// The transport.
    pub const fn transport(&self) -> &S {
        &self.wire.transport
    }

    /// The transport, to set its timeouts.
    pub const fn transport_mut(&mut self) -> &mut S {
        &mut self.wire.transport
    }

    /// Replaces our writing keys with the next write, and asks the peer to do the same (RFC 8446 §4.6.3).
    pub const fn update_keys(&mut self) {
        self.connection.update_keys();
    }

    /// Says close_notify: nothing more will be written. Reading goes on until the peer says the same.
    pub fn close_write(&mut self) -> io::Result<()> {
        self.connection.close();
        self.flush()?;
        // The peer may have closed its transport right after its own close_notify.
        match self.wire.transport.shutdown_write() {
            Err(error) if error.kind() != io::ErrorKind::NotConnected => Err(Failure::from(error).into()),
            _ => Ok(()),
        }
    }

    /// Two halves for two threads, with a second handle of the same transport for the writing one. What
    /// the reader must tell the writer goes through the values that [`TlsReader::read`] returns.
    pub fn into_halves(mut self, for_writer: S) -> io::Result<(TlsReader<S>, TlsWriter<S>)> {
        self.flush()?;
        let unread =
            self.unread.map(|unread| self.wire.incoming.filled_mut()[unread.next..unread.end].to_vec());
        if let Some(unread) = self.unread {
            self.wire.incoming.consume(unread.record);
        }
        let (reader, writer) = self.connection.split(self.for_writer);
        Ok(halves(self.wire, reader, writer, for_writer, unread.unwrap_or_default(), self.closed_by_peer))
    }

    fn fail(&mut self, error: Error) -> io::Error {
        let Self { wire, connection, .. } = self;
        if connection.want().owes_output || connection.failure().is_some() {
            wire.say_goodbye(|outgoing| connection.write_record(outgoing));
        }
        Failure::Tls(error).into()
    }

    /// Hands what was written to the transport.
    fn send(&mut self) -> io::Result<()> {
        while !self.unsent.is_empty() {
            let Self { wire, unsent, .. } = self;
            let bytes = &wire.outgoing[unsent.clone()];
            match uninterrupted(|| wire.transport.write(bytes)) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(taken) => unsent.start += taken,
                Err(error) => return Err(Failure::from(error).into()),
            }
        }
        Ok(())
    }

    /// What the connection owes the peer.
    fn send_owed(&mut self) -> io::Result<()> {
        self.send()?;
        while self.connection.want().owes_output {
            let length = self.connection.write_record(&mut self.wire.outgoing).map_err(Failure::Tls)?;
            self.unsent = 0..length;
            self.send()?;
        }
        Ok(())
    }

    fn take_unread(&mut self, into: &mut [u8]) -> Option<usize> {
        let mut unread = self.unread.take()?;
        let length = into.len().min(unread.end - unread.next);
        into[..length].copy_from_slice(&self.wire.incoming.filled_mut()[unread.next..unread.next + length]);
        unread.next += length;
        if unread.next < unread.end {
            self.unread = Some(unread);
        } else {
            self.wire.incoming.consume(unread.record);
        }
        Some(length)
    }
}

impl<S: Transport> Read for TlsStream<S> {
    /// A KeyUpdate that the peer asks for is answered with the next write, not from here: a reader that
    /// waits until its peer reads could wait for ever.
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        loop {
            if let Some(length) = self.take_unread(into) {
                return Ok(length);
            }
            if self.closed_by_peer {
                return Ok(0);
            }
            let needed = match self.connection.want().read {
                Some(needed) => needed,
                None => HEADER_LENGTH,
            };
            if self.connection.failure().is_none() && self.wire.incoming.len() < needed {
                if self.wire.receive().map_err(Failure::from)? == 0 {
                    self.connection.end_of_input().map_err(Failure::Tls)?;
                }
                continue;
            }
            let (consumed, data) = match self.connection.read_record(self.wire.incoming.filled_mut()) {
                Ok(Received { consumed, event: Event::ApplicationData(data) }) => {
                    (consumed, Some(data.len()))
                }
                Ok(Received { consumed, event }) => {
                    self.closed_by_peer = matches!(event, Event::PeerClosed);
                    (consumed, None)
                }
                Err(error) => return Err(self.fail(error)),
            };
            match data {
                // Decrypted where it lay: behind its record's header.
                Some(length) => {
                    let (next, end) = (HEADER_LENGTH, HEADER_LENGTH + length);
                    self.unread = Some(Unread { next, end, record: consumed });
                }
                None => self.wire.incoming.consume(consumed),
            }
        }
    }
}

impl<S: Transport> Write for TlsStream<S> {
    fn write(&mut self, plaintext: &[u8]) -> io::Result<usize> {
        self.send_owed()?;
        if plaintext.is_empty() {
            return Ok(0);
        }
        let Sent { taken, written } = match self.connection.write_data(plaintext, &mut self.wire.outgoing) {
            Ok(sent) => sent,
            Err(error) => return Err(self.fail(error)),
        };
        self.unsent = 0..written;
        match self.send() {
            // Encrypted is taken: the rest leaves with the next write or flush.
            Err(error) if error.kind() != io::ErrorKind::TimedOut => Err(error),
            _ => Ok(taken),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.send_owed()?;
        self.wire.transport.flush().map_err(|error| Failure::from(error).into())
    }
}

impl<S: Transport> TlsStream<S> {
    /// Ends the connection with a fatal alert.
    pub fn abort(&mut self, alert: AlertDescription) {
        self.connection.abort(alert);
        let Self { wire, connection, .. } = self;
        wire.say_goodbye(|outgoing| connection.write_record(outgoing));
    }
}
