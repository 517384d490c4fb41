//! The arithmetic of an input window.

/// A window over a caller's memory: bytes are received at its back and consumed at its front.
///
/// ```
/// use ferrule::record::Buffer;
/// let mut window = Buffer::new([0; 8]);
/// window.free_mut()[..3].copy_from_slice(b"abc");
/// window.commit(3);
/// assert_eq!(window.filled_mut(), b"abc");
/// window.consume(2);
/// assert_eq!(window.filled_mut(), b"c");
/// assert_eq!(window.free_mut().len(), 7);
/// ```
#[derive(Debug)]
pub struct Buffer<B> {
    memory: B,
    start: usize,
    end: usize,
}

impl<B: AsRef<[u8]> + AsMut<[u8]>> Buffer<B> {
    /// An empty window over `memory`, whose size must not change. [`MAX_RECORD`](super::MAX_RECORD)
    /// bytes hold any record; fewer do where the peer is known to send small ones.
    pub const fn new(memory: B) -> Self {
        Self { memory, start: 0, end: 0 }
    }

    /// Room for received bytes. What is held is moved to the front of memory first, so that all free
    /// bytes are one piece. Empty if and only if the window is full.
    pub fn free_mut(&mut self) -> &mut [u8] {
        if self.start > 0 {
            let held = self.start..self.end;
            self.end = held.len();
            self.start = 0;
            self.memory.as_mut().copy_within(held, 0);
        }
        self.memory.as_mut().get_mut(self.end..).unwrap_or_default()
    }

    /// Adds the first `received` bytes of the last [`free_mut`](Self::free_mut) to the window. More
    /// than that room is cut to it.
    pub fn commit(&mut self, received: usize) {
        self.end = self.end.saturating_add(received).min(self.memory.as_ref().len());
    }

    /// The bytes held, for `read_record`.
    pub fn filled_mut(&mut self) -> &mut [u8] {
        self.memory.as_mut().get_mut(self.start..self.end).unwrap_or_default()
    }

    /// Drops the first `consumed` bytes held.
    pub fn consume(&mut self, consumed: usize) {
        self.start = self.start.saturating_add(consumed).min(self.end);
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
    }

    /// How many bytes are held.
    pub const fn len(&self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// Whether nothing is held.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The most that can be held.
    pub fn capacity(&self) -> usize {
        self.memory.as_ref().len()
    }
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn a_full_window_has_no_room_until_something_is_consumed() {
        let mut window = Buffer::new([0; 4]);
        window.free_mut().copy_from_slice(b"abcd");
        window.commit(4);
        assert!(window.free_mut().is_empty());
        window.consume(1);
        assert_eq!(window.free_mut().len(), 1);
        assert_eq!(window.filled_mut(), b"bcd");
    }

    #[test]
    fn more_than_there_is_cannot_be_committed_or_consumed() {
        let mut window = Buffer::new([0; 4]);
        window.commit(9);
        assert_eq!(window.len(), 4);
        window.consume(usize::MAX);
        assert!(window.is_empty());
    }
}
