//! A connection over blocking `embedded-io`.

pub use crate::window::Wire;

use crate::failure::Failure;
use crate::window::{self, Progress, Unread};
use embedded_io::{ErrorType, Read, Write};
use ferrule::alert::AlertDescription;
use ferrule::crypto::CryptoProvider;
use ferrule::{Answer, Ask, Connection, Error, Established, Handshake, Received, SigningRequest};

/// Answers [`Ask::Sign`] where there is no private key: a client without a certificate.
pub const NO_KEY: fn(&SigningRequest<'_>, &mut [u8]) -> Option<usize> = |_, _| None;

/// The longest signature that [`handshake`] has room for: ECDSA on P-256, and Ed25519.
pub(crate) const MAX_SIGNATURE: usize = 72;

/// Drives a handshake to its end; [`into_established`](Connection::into_established) comes next. The connection
/// stays where it is: it is large, and what is moved is copied. `sign` is asked for signatures: it writes
/// one into the slice and returns its length. After a failure the alert that it calls for has been written, as
/// far as the transport took it.
pub fn handshake<H: Handshake, T: Read + Write>(
    connection: &mut Connection<H>,
    wire: &mut Wire<'_, T>,
    mut sign: impl FnMut(&SigningRequest<'_>, &mut [u8]) -> Option<usize>,
) -> Result<(), Failure<T::Error>> {
    let outcome = drive(connection, wire, &mut sign);
    if let Err(failure) = &outcome {
        if !matches!(failure, Failure::Tls(_)) {
            connection.abort(AlertDescription::INTERNAL_ERROR);
        }
        while let Ok(length @ 1..) = connection.write_record(wire.outgoing) {
            if send(&mut wire.transport, &wire.outgoing[..length]).is_err() {
                break;
            }
        }
    }
    outcome
}

fn drive<H: Handshake, T: Read + Write>(
    connection: &mut Connection<H>,
    wire: &mut Wire<'_, T>,
    sign: &mut impl FnMut(&SigningRequest<'_>, &mut [u8]) -> Option<usize>,
) -> Result<(), Failure<T::Error>> {
    loop {
        let want = connection.want();
        if want.owes_output {
            let length = connection.write_record(wire.outgoing)?;
            send(&mut wire.transport, &wire.outgoing[..length])?;
        } else if let Some(ask) = want.ask {
            let mut signature = [0; MAX_SIGNATURE];
            let length = match ask {
                Ask::Sign(request) => sign(&request, &mut signature),
                _ => None,
            };
            let signature = length.and_then(|length| signature.get(..length)).ok_or(Failure::Signing)?;
            connection.answer(Answer::Signature(signature))?;
        } else if want.work {
            connection.work()?;
        } else if let Some(at_least) = want.read {
            if wire.incoming.len() >= at_least {
                let Received { consumed, .. } = connection.read_record(wire.incoming.filled_mut())?;
                wire.incoming.consume(consumed);
            } else if receive(wire)? == 0 {
                connection.end_of_input()?;
            }
        } else {
            return Ok(());
        }
    }
}

fn receive<T: Read>(wire: &mut Wire<'_, T>) -> Result<usize, Failure<T::Error>> {
    let received = wire.transport.read(wire.incoming.free_mut()).map_err(Failure::Transport)?;
    wire.incoming.commit(received);
    Ok(received)
}

fn send<T: Write>(transport: &mut T, mut bytes: &[u8]) -> Result<(), Failure<T::Error>> {
    while !bytes.is_empty() {
        match transport.write(bytes).map_err(Failure::Transport)? {
            0 => return Err(Failure::TransportFull),
            taken => bytes = &bytes[taken..],
        }
    }
    transport.flush().map_err(Failure::Transport)
}

/// An established connection as `embedded_io::Read + Write`.
///
/// `read` hands out what the peer wrote; zero is its close_notify, and a transport that just ends is
/// [`Error::Truncated`]. `write` sends one record a call. [`close`](Self::close) says close_notify.
#[derive(Debug)]
pub struct Stream<'b, T, P: CryptoProvider> {
    wire: Wire<'b, T>,
    connection: Established<P>,
    unread: Option<Unread>,
}

impl<'b, T: Read + Write, P: CryptoProvider> Stream<'b, T, P> {
    /// A stream over the wire on which the handshake was made.
    pub const fn new(wire: Wire<'b, T>, connection: Established<P>) -> Self {
        Self { wire, connection, unread: None }
    }

    /// What the handshake has agreed on, keying material, and more.
    pub const fn connection(&mut self) -> &mut Established<P> {
        &mut self.connection
    }

    /// Says close_notify: nothing more will be written. Reading goes on until the peer says the same.
    pub fn close(&mut self) -> Result<(), Failure<T::Error>> {
        self.connection.close();
        self.send_owed()
    }

    /// The transport back.
    pub fn into_transport(self) -> T {
        self.wire.transport
    }

    fn send_owed(&mut self) -> Result<(), Failure<T::Error>> {
        let Wire { transport, outgoing, .. } = &mut self.wire;
        while self.connection.want().owes_output {
            let length = self.connection.write_record(outgoing)?;
            send(transport, &outgoing[..length])?;
        }
        Ok(())
    }

    fn fail(&mut self, error: Error) -> Failure<T::Error> {
        // The connection has failed already; that its alert is not taken is no news.
        let _ = self.send_owed();
        error.into()
    }
}

impl<T: Read + Write, P: CryptoProvider> ErrorType for Stream<'_, T, P> {
    type Error = Failure<T::Error>;
}

impl<T: Read + Write, P: CryptoProvider> Read for Stream<'_, T, P> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize, Self::Error> {
        if into.is_empty() {
            return Ok(0);
        }
        loop {
            let Self { wire, connection, unread } = self;
            match window::read(connection, &mut wire.incoming, unread, into) {
                Ok(Progress::Read(length)) => return Ok(length),
                Ok(Progress::NeedsInput) => {
                    if receive(wire)? == 0 {
                        connection.end_of_input()?;
                    }
                }
                Err(error) => return Err(self.fail(error)),
            }
        }
    }
}

impl<T: Read + Write, P: CryptoProvider> Write for Stream<'_, T, P> {
    fn write(&mut self, plaintext: &[u8]) -> Result<usize, Self::Error> {
        self.send_owed()?;
        if plaintext.is_empty() {
            return Ok(0);
        }
        let sent = match self.connection.write_data(plaintext, self.wire.outgoing) {
            Ok(sent) => sent,
            Err(error) => return Err(self.fail(error)),
        };
        send(&mut self.wire.transport, &self.wire.outgoing[..sent.written])?;
        Ok(sent.taken)
    }

    fn flush(&mut self) -> Result<(), Self::Error> {
        self.send_owed()?;
        self.wire.transport.flush().map_err(Failure::Transport)
    }
}
