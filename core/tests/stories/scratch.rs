//! How much scratch a handshake needs, to the byte.

use crate::common::parties::*;
use ferrule::Error;
use ferrule::certificate::Rule;
use ferrule::crypto::NamedGroup;
use ferrule::error::Limit;

const GROUPS: [&[NamedGroup]; 2] = [&[NamedGroup::X25519, NamedGroup::SECP256R1], &[NamedGroup::SECP256R1]];

fn outcome(identity: &Identity, scratch: [usize; 2]) -> (Option<Error>, Option<Error>) {
    let setup = Setup { scratch, groups: GROUPS, ..Setup::default() };
    let (client, server) = run_pair(identity, verifier(identity), setup, (provider(1), provider(2)));
    assert_eq!(client.error.is_none(), client.established.is_some());
    (client.error, server.error)
}

/// Grows one side's scratch by what its errors ask for, until the handshake succeeds.
fn least(identity: &Identity, side: usize) -> usize {
    let mut scratch = [1 << 16; 2];
    scratch[side] = 0;
    for _ in 0..100 {
        let (client, server) = outcome(identity, scratch);
        let (needed, room) = match [client, server][side].clone() {
            None => return scratch[side],
            Some(Error::Limit(Limit::Scratch { needed, room })) => (needed, room),
            Some(Error::Certificate(error)) => match error.rule {
                Rule::MemoryTooSmall { needed, room } => (needed, room),
                rule => panic!("{rule:?}"),
            },
            Some(error) => panic!("{error:?} with {} bytes", scratch[side]),
        };
        assert!(needed > room && room <= scratch[side], "{needed} asked where there were {room}");
        scratch[side] += needed - room;
    }
    panic!("the numbers in the errors lead nowhere");
}

#[test]
fn the_errors_of_a_small_scratch_lead_to_one_that_is_large_enough_and_one_byte_less_is_not() {
    for kind in KEY_KINDS {
        let identity = Identity::new(kind);
        for side in [0, 1] {
            let enough = least(&identity, side);
            let mut scratch = [1 << 16; 2];
            scratch[side] = enough - 1;
            let (client, server) = outcome(&identity, scratch);
            let error = [client, server][side].clone();
            let numbers = match &error {
                Some(Error::Limit(Limit::Scratch { needed, room })) => (*needed, *room),
                Some(Error::Certificate(error)) => match &error.rule {
                    Rule::MemoryTooSmall { needed, room } => (*needed, *room),
                    rule => panic!("{rule:?}"),
                },
                error => panic!("{kind:?}, side {side}: {error:?}"),
            };
            assert_eq!(numbers.0, numbers.1 + 1, "{kind:?}, side {side}: one byte was missing");
            println!("{kind:?}, side {side}: {enough} bytes");
        }
    }
}

#[test]
fn what_required_scratch_says_is_enough() {
    for kind in KEY_KINDS {
        let identity = Identity::new(kind);
        let largest = identity.chain.iter().map(Vec::len).max().unwrap();
        let scratch = [ferrule::required_scratch(largest), ferrule::REQUIRED_SCRATCH];
        assert_eq!(outcome(&identity, scratch), (None, None), "{kind:?}");
    }
}
