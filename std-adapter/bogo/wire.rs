//! The socket to the runner, and the windows over it.

use super::{Flags, Stop};
use ferrule::Error;
use ferrule::crypto::TAG_LENGTH;
use ferrule::record::{Buffer, HEADER_LENGTH, MAX_RECORD, MIN_OUTPUT};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, Shutdown, TcpStream};
use std::time::Duration;

/// Longer than the runner waits for us.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Wire {
    socket: TcpStream,
    pub(crate) incoming: Buffer<Vec<u8>>,
    pub(crate) outgoing: Vec<u8>,
    /// With `-async`, what has come is given out byte by byte.
    trickle: Option<Vec<u8>>,
    /// What `-read-with-unfinished-write` holds back.
    held: Vec<u8>,
}

impl Wire {
    /// Connects, and says which of the runner's shims this is.
    pub(crate) fn connect(flags: &Flags) -> Result<Self, Stop> {
        let mut socket = if flags.ipv6 {
            TcpStream::connect((Ipv6Addr::LOCALHOST, flags.port))?
        } else {
            TcpStream::connect((Ipv4Addr::LOCALHOST, flags.port))?
        };
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        socket.set_write_timeout(Some(PATIENCE))?;
        socket.write_all(&flags.shim_id.to_le_bytes())?;
        // A smaller output buffer is how fragments are made smaller.
        let around = HEADER_LENGTH + 1 + TAG_LENGTH;
        let room = flags.max_send_fragment.map_or(MAX_RECORD, |most| MIN_OUTPUT.max(most + around));
        Ok(Self {
            socket,
            incoming: Buffer::new(vec![0; MAX_RECORD]),
            outgoing: vec![0; room],
            trickle: flags.is_async.then(Vec::new),
            held: Vec::new(),
        })
    }

    /// Waits for bytes; `false` at the transport's end.
    pub(crate) fn receive(&mut self) -> Result<bool, Stop> {
        let room = self.incoming.free_mut();
        let Some(trickle) = &mut self.trickle else {
            let length = self.socket.read(room)?;
            self.incoming.commit(length);
            return Ok(length > 0);
        };
        if trickle.is_empty() {
            let mut bytes = [0; 4096];
            let length = self.socket.read(&mut bytes)?;
            trickle.extend(bytes[..length].iter().rev());
        }
        match (trickle.pop(), room.first_mut()) {
            (Some(byte), Some(place)) => {
                *place = byte;
                self.incoming.commit(1);
                Ok(true)
            }
            (None, _) => Ok(false),
            (_, None) => Err(Stop::failed("the window is full, and more is wanted")),
        }
    }

    /// Sends a record that lies in the outgoing buffer.
    pub(crate) fn send(&mut self, length: usize) -> Result<(), Stop> {
        Ok(self.socket.write_all(&self.outgoing[..length])?)
    }

    /// Sends one byte of the record, and holds back the rest.
    pub(crate) fn send_one_byte(&mut self, length: usize) -> Result<(), Stop> {
        let (first, rest) = self.outgoing[..length].split_at(1);
        self.held.extend_from_slice(rest);
        Ok(self.socket.write_all(first)?)
    }

    /// Sends what was held back.
    pub(crate) fn release(&mut self) -> Result<(), Stop> {
        Ok(self.socket.write_all(&std::mem::take(&mut self.held))?)
    }

    /// Sends what is owed after a failure: an alert that the runner looks at.
    pub(crate) fn say_goodbye(&mut self, mut write_record: impl FnMut(&mut [u8]) -> Result<usize, Error>) {
        while let Ok(length @ 1..) = write_record(&mut self.outgoing) {
            if self.send(length).is_err() {
                break;
            }
        }
        self.part();
    }

    /// Says that nothing more comes and reads to the end: a reset would overtake our last words.
    pub(crate) fn part(&mut self) {
        let _ = self.socket.shutdown(Shutdown::Write);
        let mut bytes = [0; 4096];
        while matches!(self.socket.read(&mut bytes), Ok(1..)) {}
    }
}
