//! The loop of the crate's page, over a [`Subject`].

use super::Subject;
use crate::provider::{FuzzProvider, SIGNATURE};
use ferrule::Handshake;
use ferrule::record::MIN_OUTPUT;

impl<H: Handshake<Provider = FuzzProvider>> Subject<H> {
    /// One step of a driver that does what is wanted, as the crate's page does it. Says whether there was
    /// anything to do.
    pub fn step(&mut self, room: usize) -> bool {
        let want = self.want();
        if want.owes_output {
            return self.write(room.max(MIN_OUTPUT));
        }
        if want.ask {
            return self.answer(&SIGNATURE);
        }
        if want.work {
            return self.work();
        }
        if want.read.is_some_and(|needed| self.window.len() >= needed) {
            return self.read(usize::MAX);
        }
        self.establish()
    }

    /// Steps until there is nothing to do.
    pub fn drive(&mut self, room: usize) {
        // A record of one byte and a write of one byte's message are the shortest steps there are.
        let bound = 2000 + 4 * self.window.len();
        for _ in 0..bound {
            if !self.step(room) {
                return;
            }
        }
        panic!("{bound} steps for {} bytes", self.window.len());
    }
}
