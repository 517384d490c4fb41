//! Our client against our server over a link that cuts, delays, flips, drops, repeats and invents. Whatever
//! happens: never both established with different data, never plaintext that was not sent; and where nothing was
//! touched, all goes through.
#![no_main]

use ferrule::Handshake;
use ferrule_fuzz::input::{Input, size};
use ferrule_fuzz::lawful::ROOM;
use ferrule_fuzz::provider::{FuzzProvider, Strength};
use ferrule_fuzz::subject::{Seen, Subject};
use ferrule_fuzz::world::{self, ClientSide, ServerSide};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut input = Input::new(data);
    let flags = input.byte();
    // Without tags, what is altered in a record reaches the states, and it is Finished that must see it.
    let strength = if flags & 0x20 == 0 { Strength::Sealed } else { Strength::Finished };
    let mut link = Link {
        strength,
        client: End::new(world::client(flags, strength)),
        server: End::new(world::server(flags, strength)),
        is_touched: false,
    };
    for _ in 0..1000 {
        if input.is_empty() {
            break;
        }
        one_event(&mut link, &mut input);
        link.check();
    }
    link.settle();
    link.check_end();
});

/// What is repeated may be repeated again: beyond this a link only delivers.
const MOST_UNDER_WAY: usize = 1 << 16;

struct End<H: Handshake<Provider = FuzzProvider>> {
    subject: Subject<H>,
    /// Under way to the other end.
    wire: Vec<u8>,
    /// All data that was ever written.
    sent: Vec<u8>,
}

impl<H: Handshake<Provider = FuzzProvider>> End<H> {
    const fn new(subject: Subject<H>) -> Self {
        Self { subject, wire: Vec::new(), sent: Vec::new() }
    }

    fn drive(&mut self, room: usize) {
        self.subject.drive(room);
        self.wire.append(&mut self.subject.output);
    }

    fn send(&mut self, length: usize, room: usize) {
        // Each byte tells its place, so that none can come twice or out of order unseen.
        let place = self.sent.len();
        let data: Vec<u8> = (place..place + length).map(|at| (at ^ (at >> 8) ^ 0x5a) as u8).collect();
        if let Some(taken) = self.subject.write_data(&data, room) {
            self.sent.extend_from_slice(&data[..taken]);
        }
        self.wire.append(&mut self.subject.output);
    }
}

struct Link {
    strength: Strength,
    client: End<ClientSide>,
    server: End<ServerSide>,
    is_touched: bool,
}

fn one_event(link: &mut Link, input: &mut Input<'_>) {
    let event = input.byte();
    let argument = input.byte();
    if event & 0x80 == 0 {
        on_direction(&mut link.client, &mut link.server, &mut link.is_touched, event, argument, input);
    } else {
        on_direction(&mut link.server, &mut link.client, &mut link.is_touched, event, argument, input);
    }
}

fn on_direction<A: Handshake<Provider = FuzzProvider>, B: Handshake<Provider = FuzzProvider>>(
    from: &mut End<A>,
    to: &mut End<B>,
    is_touched: &mut bool,
    event: u8,
    argument: u8,
    input: &mut Input<'_>,
) {
    let length = size(argument >> 4);
    let wire = &mut from.wire;
    // Counted from the back of the queue, where records are whole more often.
    let at = |wire: &[u8]| (usize::from(argument & 15) * 16 + usize::from(argument >> 4)) % wire.len().max(1);
    let event = if wire.len() + to.wire.len() > MOST_UNDER_WAY { 3 } else { event };
    match event & 15 {
        0..=2 => {
            let some = wire.drain(..length.min(wire.len())).collect::<Vec<_>>();
            to.subject.deliver(&some);
            to.drive(64 + size(argument));
        }
        3 => {
            to.subject.deliver(&std::mem::take(wire));
            to.drive(ROOM);
        }
        4 => from.drive(64 + size(argument)),
        5 => from.send(length, ROOM),
        6 => from.send(usize::from(argument), 64 + usize::from(event >> 4)),
        7 => from.subject.update_keys(),
        8 if argument == 1 => from.subject.close(),
        8 if argument == 2 => {
            to.subject.end_of_input();
            *is_touched = true;
        }
        // From here on it is an attack.
        9 | 10 if !wire.is_empty() => {
            let at = at(wire);
            wire[at] ^= input.byte();
            *is_touched = true;
        }
        11 => {
            let at = at(wire);
            drop(wire.drain(at..wire.len().min(at + length)));
            *is_touched = true;
        }
        12 => {
            let at = at(wire);
            let some = wire[at..wire.len().min(at + length.max(1))].to_vec();
            wire.splice(at..at, some);
            *is_touched = true;
        }
        13 => {
            let at = at(wire);
            wire.splice(at..at, input.short_list().iter().copied());
            *is_touched = true;
        }
        // What one has said comes back to itself.
        14 => {
            from.subject.deliver(&wire.clone());
            from.drive(ROOM);
            *is_touched = true;
        }
        15 => {
            to.wire.extend_from_slice(wire);
            *is_touched = true;
        }
        _ => {}
    }
}

impl Link {
    /// Delivers all that is under way, until nothing is.
    fn settle(&mut self) {
        for _ in 0..50 {
            self.client.drive(ROOM);
            self.server.drive(ROOM);
            if self.client.wire.is_empty() && self.server.wire.is_empty() {
                return;
            }
            self.server.subject.deliver(&std::mem::take(&mut self.client.wire));
            self.client.subject.deliver(&std::mem::take(&mut self.server.wire));
        }
        panic!("two parties talk without end");
    }

    fn check(&mut self) {
        if self.strength == Strength::Sealed {
            check_data(&self.client.subject, &self.server);
            check_data(&self.server.subject, &self.client);
        }
        if let (Some(client), Some(server)) = (self.client.subject.agreed(), self.server.subject.agreed()) {
            assert_eq!(client, server, "both are established, and do not agree");
        }
    }

    fn check_end(&mut self) {
        self.check();
        if self.is_touched {
            return;
        }
        let Self { client, server, .. } = self;
        assert_eq!((&client.subject.error, &server.subject.error), (&None, &None));
        assert!(client.subject.is_established() && server.subject.is_established());
        assert_eq!(client.subject.data(), server.sent);
        assert_eq!(server.subject.data(), client.sent);
        let heard_end = |seen: &[Seen]| seen.last() == Some(&Seen::Closed);
        assert_eq!(heard_end(&client.subject.seen), server.subject.is_closing());
        assert_eq!(heard_end(&server.subject.seen), client.subject.is_closing());
    }
}

/// What was received is what was sent, up to some place; and an end is heard only where one was said.
fn check_data<A: Handshake<Provider = FuzzProvider>, B: Handshake<Provider = FuzzProvider>>(
    receiver: &Subject<A>,
    sender: &End<B>,
) {
    assert!(sender.sent.starts_with(&receiver.data()), "plaintext that was not sent");
    if receiver.seen.contains(&Seen::Closed) {
        assert!(sender.subject.is_closing(), "an end that was not said");
        assert_eq!(receiver.data(), sender.sent, "an end before the end");
    }
}
