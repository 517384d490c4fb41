//! What is promised of single calls.

use super::{Seen, seen_of};
use ferrule::record::{HEADER_LENGTH, MAX_CIPHERTEXT, MAX_PLAINTEXT};
use ferrule::{Error, Received, Want};

/// [`Want`], without its loan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Facts {
    /// See [`Want::owes_output`].
    pub owes_output: bool,
    /// See [`Want::read`].
    pub read: Option<usize>,
    /// See [`Want::ask`].
    pub ask: bool,
    /// See [`Want::work`].
    pub work: bool,
    /// See [`Want::closed`].
    pub closed: bool,
}

pub(super) fn facts(want: &Want<'_>) -> Facts {
    assert!(!want.closed || (!want.owes_output && !want.work && want.ask.is_none()), "{want:?}");
    assert!(
        want.read.is_none_or(|needed| (HEADER_LENGTH..=HEADER_LENGTH + MAX_CIPHERTEXT).contains(&needed))
    );
    Facts {
        owes_output: want.owes_output,
        read: want.read,
        ask: want.ask.is_some(),
        work: want.work,
        closed: want.closed,
    }
}

/// What an output buffer holds before the call.
const UNTOUCHED: u8 = 0xa5;
const ALL_UNTOUCHED: &[u8] = &[UNTOUCHED; 4096];

pub(super) fn fresh_room(size: usize) -> Vec<u8> {
    vec![UNTOUCHED; size]
}

/// One whole record, and nothing behind it.
pub(super) fn check_written(room: &[u8], written: usize) {
    assert!(written <= room.len(), "more written than there was room");
    // By whole slices: byte by byte, with a counter at each, would take longer than all that is tested.
    let untouched =
        room[written..].chunks(ALL_UNTOUCHED.len()).all(|piece| piece == &ALL_UNTOUCHED[..piece.len()]);
    assert!(untouched, "something was written behind the record");
    if written > 0 {
        let length = usize::from(u16::from_be_bytes([room[3], room[4]]));
        assert_eq!(written, HEADER_LENGTH + length, "one record at a time");
        assert!((20..=23).contains(&room[0]) && room[1] == 3 && length > 0, "{:?}", &room[..HEADER_LENGTH]);
        assert!(length <= if room[0] == 23 { MAX_CIPHERTEXT } else { MAX_PLAINTEXT });
    }
}

/// Runs a read over the front of the window: it uses no more than it was given, leaves alone what lies
/// behind the record, and its data lies within the record.
pub(super) fn run_checked_read<F>(
    window: &mut [u8],
    limit: usize,
    read: F,
) -> (Result<usize, Error>, Option<Seen>)
where
    F: for<'r> FnOnce(&'r mut [u8]) -> Result<Received<'r>, Error>,
{
    let given = &mut window[..limit];
    let record = match *given {
        [_, _, _, high, low, ..] => HEADER_LENGTH + usize::from(u16::from_be_bytes([high, low])),
        _ => HEADER_LENGTH,
    };
    let behind = given.get(record..).unwrap_or_default().to_vec();
    let outcome = read(given).map(|received| {
        let seen = seen_of(&received);
        if let Some(Seen::Data(data)) = &seen {
            assert!(HEADER_LENGTH + data.len() < received.consumed, "data is within its record");
        }
        (received.consumed, seen)
    });
    let given = &window[..limit];
    if !behind.is_empty() {
        assert!(given[record..] == behind, "what lies behind the record is not touched");
    }
    match outcome {
        Ok((consumed, seen)) => {
            assert!(consumed <= limit, "consumed {consumed} of {limit}");
            (Ok(consumed), seen)
        }
        Err(error) => (Err(error), None),
    }
}

/// No error is a bug of ours, and each can be told to people.
pub(super) fn check_error(error: &Error) {
    assert!(!matches!(error, Error::Internal(_)), "a case that cannot happen did: {error}");
    assert!(!matches!(error, Error::Misuse(_)), "misuse ends nothing: {error}");
    assert!(!error.to_string().is_empty());
    let _ = error.alert();
}
