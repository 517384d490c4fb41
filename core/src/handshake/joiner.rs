//! Puts handshake messages together from the fragments that records carry (RFC 8446 §5.1).

use super::{HandshakeType, MESSAGE_HEADER};
use crate::codec::u24;
use crate::error::Limit;
use crate::error::inner::Error;
use core::ops::Range;

/// What a state does with a message that it admits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission {
    /// Gather it whole in scratch, from this offset on.
    Gather { at: usize },
    /// Hand it over in pieces, as they come.
    Stream,
}

/// Where the message that is being received stands.
#[derive(Debug, Default)]
pub(crate) struct Joiner {
    header: [u8; MESSAGE_HEADER],
    have: usize,
    admission: Option<Admission>,
}

/// What the joiner found in a fragment.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Joined {
    /// Nothing whole yet: the fragment is used up.
    More,
    /// A header is complete: the state must [`admit`](Joiner::admit) the message, or refuse it.
    Header { kind: HandshakeType, length: usize },
    /// A message lies whole in scratch, header included.
    Message(Range<usize>),
    /// The next part of a streamed message may be handed over: at most `left` bytes.
    Stream { left: usize },
}

impl Joiner {
    pub(crate) const fn is_empty(&self) -> bool {
        self.have == 0
    }

    pub(crate) const fn kind(&self) -> HandshakeType {
        let [kind, ..] = self.header;
        HandshakeType(kind)
    }

    fn length(&self) -> usize {
        let [_, high, middle, low] = self.header;
        u24([high, middle, low])
    }

    /// Bytes of the whole message, header included.
    fn whole(&self) -> usize {
        self.length().saturating_add(MESSAGE_HEADER)
    }

    pub(crate) const fn header(&self) -> &[u8; MESSAGE_HEADER] {
        &self.header
    }

    /// Takes what it can use from the front of `fragment`; returns how much that was, and what came of
    /// it.
    pub(crate) fn join(&mut self, fragment: &[u8], scratch: &mut [u8]) -> Result<(usize, Joined), Error> {
        let mut taken = 0;
        while self.have < MESSAGE_HEADER {
            let Some(&byte) = fragment.get(taken) else {
                return Ok((taken, Joined::More));
            };
            if let Some(place) = self.header.get_mut(self.have) {
                *place = byte;
            }
            self.have = self.have.saturating_add(1);
            taken = taken.saturating_add(1);
        }
        let at = match self.admission {
            None => return Ok((taken, Joined::Header { kind: self.kind(), length: self.length() })),
            Some(Admission::Stream) => {
                let left = self.whole().saturating_sub(self.have);
                return Ok((taken, Joined::Stream { left }));
            }
            Some(Admission::Gather { at }) => at,
        };
        let rest = fragment.get(taken..).unwrap_or_default();
        let length = rest.len().min(self.whole().saturating_sub(self.have));
        let start = at.saturating_add(self.have);
        let no_room = Limit::Scratch { needed: at.saturating_add(self.whole()), room: scratch.len() };
        let place = scratch.get_mut(start..start.saturating_add(length)).ok_or(no_room)?;
        place.copy_from_slice(rest.get(..length).unwrap_or_default());
        self.have = self.have.saturating_add(length);
        taken = taken.saturating_add(length);
        if self.have < self.whole() {
            return Ok((taken, Joined::More));
        }
        let end = at.saturating_add(self.whole());
        self.reset();
        Ok((taken, Joined::Message(at..end)))
    }

    /// The message whose header was found is lawful here. Whether it fits is known now, not when
    /// scratch is full.
    pub(crate) fn admit(&mut self, admission: Admission, scratch: &mut [u8]) -> Result<(), Error> {
        if let Some(limit) = self.kind().longest()
            && self.length() > limit
        {
            return Err(Limit::MessageLength { length: self.length(), limit }.into());
        }
        if let Admission::Gather { at } = admission {
            let needed = at.saturating_add(self.whole());
            let room = scratch.len();
            if needed > room {
                return Err(Limit::Scratch { needed, room }.into());
            }
            let place = scratch
                .get_mut(at..at.saturating_add(MESSAGE_HEADER))
                .ok_or(Limit::Scratch { needed, room })?;
            place.copy_from_slice(&self.header);
        }
        self.admission = Some(admission);
        Ok(())
    }

    /// `taken` bytes of a streamed message were used. Says whether that was its end.
    pub(crate) fn streamed(&mut self, taken: usize) -> bool {
        self.have = self.have.saturating_add(taken);
        let over = self.have >= self.whole();
        if over {
            self.reset();
        }
        over
    }

    fn reset(&mut self) {
        self.have = 0;
        self.admission = None;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::unreachable)]
mod tests {
    use super::*;

    #[test]
    fn messages_cut_anywhere_are_joined_to_the_same_messages() {
        let two = [20, 0, 0, 3, 1, 2, 3, 8, 0, 0, 0];
        for size in 1..=two.len() {
            let (mut joiner, mut scratch) = (Joiner::default(), [0; 16]);
            let mut found = heapless::Vec::<u8, 16>::new();
            for mut fragment in two.chunks(size) {
                loop {
                    let (taken, joined) = joiner.join(fragment, &mut scratch).unwrap();
                    fragment = &fragment[taken..];
                    match joined {
                        Joined::More => break,
                        Joined::Header { .. } => {
                            joiner.admit(Admission::Gather { at: 5 }, &mut scratch).unwrap()
                        }
                        Joined::Message(range) => found.extend_from_slice(&scratch[range]).unwrap(),
                        Joined::Stream { .. } => unreachable!(),
                    }
                }
            }
            assert_eq!(found, two, "cut in pieces of {size}");
            assert!(joiner.is_empty());
        }
    }

    #[test]
    fn a_message_larger_than_scratch_is_refused_at_its_header() {
        let (mut joiner, mut scratch) = (Joiner::default(), [0; 16]);
        joiner.join(&[1, 0, 1, 0], &mut scratch).unwrap();
        let refused = joiner.admit(Admission::Gather { at: 0 }, &mut scratch).unwrap_err();
        assert_eq!(refused, Limit::Scratch { needed: 260, room: 16 }.into());
    }

    #[test]
    fn a_finished_longer_than_any_hash_is_refused_at_its_header() {
        let (mut joiner, mut scratch) = (Joiner::default(), [0; 16]);
        joiner.join(&[20, 0, 1, 0], &mut scratch).unwrap();
        let refused = joiner.admit(Admission::Gather { at: 0 }, &mut scratch).unwrap_err();
        assert_eq!(refused, Limit::MessageLength { length: 256, limit: 64 }.into());
    }
}
