//! The one loop that drives a handshake over a blocking transport.

use crate::failure::Failure;
use crate::key::PrivateKey;
use crate::transport::Transport;
use crate::wire::Wire;
use ferrule::alert::AlertDescription;
use ferrule::{Answer, Ask, Connection, Established, Handshake, Received};
use std::time::{Duration, Instant};

/// Looks over the shoulder of a handshake, record by record: for the curious.
pub trait Watch {
    /// A record leaves, as the wire sees it.
    fn sent(&mut self, record: &[u8]) {
        let _ = record;
    }
    /// A record has been read: its header as the wire saw it, its fragment decrypted where it lay. What
    /// protection had added is still behind the content.
    fn received(&mut self, record: &[u8]) {
        let _ = record;
    }
}

/// Nobody is looking.
#[derive(Debug, Clone, Copy)]
pub struct Unwatched;

impl Watch for Unwatched {}

/// How long a handshake may take, from now on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline(Option<Instant>);

impl Deadline {
    pub(crate) fn after(timeout: Option<Duration>) -> Self {
        Self(timeout.and_then(|timeout| Instant::now().checked_add(timeout)))
    }

    /// What is left; an error once that is nothing.
    fn left(self) -> Result<Option<Duration>, Failure> {
        match self.0.map(|end| end.saturating_duration_since(Instant::now())) {
            Some(Duration::ZERO) => Err(Failure::TimedOut { what: "the handshake" }),
            left => Ok(left),
        }
    }
}

/// What a handshake comes to.
pub(crate) struct Done<H: Handshake> {
    pub(crate) established: Established<H::Provider>,
    /// The peer's own certificate, in DER.
    pub(crate) peer_certificate: Option<Vec<u8>>,
}

/// Drives a handshake to its end. After a failure the alert that it calls for has been sent, as far as the
/// transport took it.
pub(crate) fn handshake<H: Handshake, S: Transport>(
    mut connection: Connection<H>,
    wire: &mut Wire<S>,
    key: Option<&PrivateKey>,
    deadline: Deadline,
    watch: &mut dyn Watch,
) -> Result<Done<H>, Failure> {
    loop {
        match step(&mut connection, wire, key, deadline, watch) {
            Ok(true) => {}
            Ok(false) => {
                let peer_certificate =
                    connection.peer_certificate().map(|certificate| certificate.as_der().to_vec());
                if let Some(error) = connection.failure() {
                    return Err(error.clone().into());
                }
                let Ok((established, _)) = connection.into_established() else {
                    return Err(
                        ferrule::Error::Internal("driver: nothing wanted, nothing established").into()
                    );
                };
                return Ok(Done { established, peer_certificate });
            }
            Err(failure) => {
                if !matches!(failure, Failure::Tls(_)) {
                    connection.abort(AlertDescription::INTERNAL_ERROR);
                }
                wire.say_goodbye(|outgoing| connection.write_record(outgoing));
                return Err(failure);
            }
        }
    }
}

/// Does one thing that is wanted; `false`: nothing is.
fn step<H: Handshake, S: Transport>(
    connection: &mut Connection<H>,
    wire: &mut Wire<S>,
    key: Option<&PrivateKey>,
    deadline: Deadline,
    watch: &mut dyn Watch,
) -> Result<bool, Failure> {
    let want = connection.want();
    if want.owes_output {
        wire.transport.set_write_timeout(deadline.left()?)?;
        let length = connection.write_record(wire.outgoing.buffer())?;
        watch.sent(wire.outgoing.filled(length));
        wire.send()?;
        if !connection.want().owes_output {
            wire.transport.flush()?;
        }
    } else if let Some(ask) = want.ask {
        let signature = match (ask, key) {
            (Ask::Sign(request), Some(key)) => key.sign(&request).map_err(Failure::Signing)?,
            _ => return Err(Failure::Signing("there is no key for what is asked".to_owned())),
        };
        connection.answer(Answer::Signature(&signature))?;
    } else if want.work {
        deadline.left()?;
        connection.work()?;
    } else if let Some(at_least) = want.read {
        if wire.incoming.len() < at_least {
            wire.transport.set_read_timeout(deadline.left()?)?;
            if wire.receive()? == 0 {
                connection.end_of_input()?;
            }
        } else {
            let Received { consumed, .. } = connection.read_record(wire.incoming.filled_mut())?;
            watch.received(&wire.incoming.filled_mut()[..consumed]);
            wire.incoming.consume(consumed);
        }
    } else {
        return Ok(false);
    }
    Ok(true)
}
