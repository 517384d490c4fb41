//! Our client against our server, over links of every kind.

mod common {
    pub mod parties;
    pub mod providers;
}
use common::parties::*;

#[test]
fn data_passes_both_ways_with_every_kind_of_key() {
    for kind in KEY_KINDS {
        with_established(&Identity::new(kind), Link::default(), |mut client, mut server| {
            client.send(b"ping", Link::default());
            server.deliver(&mut client.wire, Link::default());
            server.drive(None, Link::default());
            assert_eq!(server.received, b"ping", "{kind:?}");
            server.send(b"pong", Link::default());
            client.deliver(&mut server.wire, Link::default());
            client.drive(None, Link::default());
            assert_eq!(client.received, b"pong", "{kind:?}");
        });
    }
}
