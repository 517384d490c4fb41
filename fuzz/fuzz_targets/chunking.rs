//! The same bytes in different pieces, into output buffers of different sizes: the same events, the same
//! end, and the same said. The data received is sent back at once, so that there is more to compare.
#![no_main]

use ferrule::Handshake;
use ferrule_fuzz::input::{Input, size};
use ferrule_fuzz::lawful::ROOM;
use ferrule_fuzz::provider::{FuzzProvider, Strength};
use ferrule_fuzz::records::said;
use ferrule_fuzz::subject::{Seen, Subject};
use ferrule_fuzz::world;

libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    ferrule_fuzz::mutate::wire(data, size, max_size, seed, 1)
});

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut input = Input::new(data);
    let variant = input.byte();
    let cuts = input.short_list();
    let room = 64 + usize::from(input.byte());
    let wire = input.rest();
    if variant & 0x80 == 0 {
        let new = || world::server(variant, Strength::Open);
        compare(new, cuts, room, wire);
    } else {
        let new = || world::client(variant, Strength::Open);
        compare(new, cuts, room, wire);
    }
});

fn compare<H: Handshake<Provider = FuzzProvider>>(
    new: impl Fn() -> Subject<H>,
    cuts: &[u8],
    room: usize,
    wire: &[u8],
) {
    let mut at_once = new();
    feed(&mut at_once, std::iter::once(wire), ROOM);
    let mut in_pieces = new();
    let mut rest = wire;
    let cuts = if cuts.is_empty() { &[3] } else { cuts };
    let mut sizes = cuts.iter().cycle().map(|&cut| size(cut).max(1));
    let pieces = std::iter::from_fn(|| {
        let (piece, behind) = rest.split_at(sizes.next()?.min(rest.len()));
        rest = behind;
        (!piece.is_empty()).then_some(piece)
    });
    feed(&mut in_pieces, pieces, room);

    assert_eq!(at_once.error, in_pieces.error);
    assert_eq!(at_once.seen, in_pieces.seen);
    assert_eq!(at_once.works, in_pieces.works);
    assert_eq!(at_once.is_established(), in_pieces.is_established());
    assert_eq!(at_once.agreed(), in_pieces.agreed());
    assert_eq!(said(&at_once.output), said(&in_pieces.output));
    // After an error nothing leaves the window; before it, all of it has been looked at the same way.
    if at_once.error.is_none() {
        assert_eq!(at_once.window, in_pieces.window);
    }
    assert_eq!(at_once.want(), in_pieces.want());
}

fn feed<'w, H: Handshake<Provider = FuzzProvider>>(
    subject: &mut Subject<H>,
    pieces: impl Iterator<Item = &'w [u8]>,
    room: usize,
) {
    // Before the first byte there may be something to say.
    for piece in std::iter::once(&[][..]).chain(pieces) {
        subject.deliver(piece);
        loop {
            let seen = subject.seen.len();
            if !subject.step(room) {
                break;
            }
            let Some(Seen::Data(data)) = subject.seen.get(seen).cloned() else {
                continue;
            };
            let mut rest = &data[..];
            while let Some(taken) = subject.write_data(rest, room).filter(|_| !rest.is_empty()) {
                rest = &rest[taken..];
            }
        }
    }
}
