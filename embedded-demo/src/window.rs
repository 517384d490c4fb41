//! What the blocking and the asynchronous stream have in common: everything but waiting.

use ferrule::crypto::CryptoProvider;
use ferrule::record::{Buffer, HEADER_LENGTH};
use ferrule::{Error, Established, Event, Received};

/// A transport, the window of what came over it, and room for one record to be written.
///
/// A window of [`MAX_RECORD`](ferrule::record::MAX_RECORD) bytes holds any record; 512 bytes are good for the
/// output, [`MIN_OUTPUT`](ferrule::record::MIN_OUTPUT) the least.
#[derive(Debug)]
pub struct Wire<'b, T> {
    /// The transport.
    pub transport: T,
    pub(crate) incoming: Buffer<&'b mut [u8]>,
    pub(crate) outgoing: &'b mut [u8],
}

impl<'b, T> Wire<'b, T> {
    /// A wire over `transport`, with its two buffers.
    pub const fn new(transport: T, incoming: &'b mut [u8], outgoing: &'b mut [u8]) -> Self {
        Self { transport, incoming: Buffer::new(incoming), outgoing }
    }
}

/// Decrypted data in the window that nobody has read yet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unread {
    next: usize,
    end: usize,
    /// What leaves the window once all is read.
    record: usize,
}

/// What reading comes to without the transport.
pub(crate) enum Progress {
    /// So many bytes were copied; zero: the peer writes no more.
    Read(usize),
    /// The transport must bring more first.
    NeedsInput,
}

/// Hands out decrypted data, from record to record, until there is some or the window is exhausted.
pub(crate) fn read<P: CryptoProvider>(
    connection: &mut Established<P>,
    incoming: &mut Buffer<&mut [u8]>,
    unread: &mut Option<Unread>,
    into: &mut [u8],
) -> Result<Progress, Error> {
    loop {
        if let Some(length) = take(incoming, unread, into) {
            return Ok(Progress::Read(length));
        }
        let needed = match (connection.want().read, connection.failure()) {
            (Some(needed), _) => needed,
            // The same error again.
            (None, Some(error)) => return Err(error),
            (None, None) => return Ok(Progress::Read(0)),
        };
        if incoming.len() < needed {
            return Ok(Progress::NeedsInput);
        }
        let Received { consumed, event } = connection.read_record(incoming.filled_mut())?;
        if let Event::ApplicationData(data) = event {
            // Decrypted where it lay: behind its record's header.
            let end = HEADER_LENGTH + data.len();
            *unread = Some(Unread { next: HEADER_LENGTH, end, record: consumed });
        } else {
            incoming.consume(consumed);
        }
    }
}

fn take(incoming: &mut Buffer<&mut [u8]>, unread: &mut Option<Unread>, into: &mut [u8]) -> Option<usize> {
    let Unread { next, end, record } = (*unread)?;
    let length = into.len().min(end - next);
    into[..length].copy_from_slice(&incoming.filled_mut()[next..next + length]);
    *unread = Some(Unread { next: next + length, end, record });
    if next + length == end {
        incoming.consume(record);
        *unread = None;
    }
    Some(length)
}
