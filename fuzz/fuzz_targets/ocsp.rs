//! Stapled OCSP responses: arbitrary ones, to a chain in which every signature is good, and to one in which none of
//! the input's can be.
#![no_main]

use ferrule::certificate::revocation::{RevocationPolicy, Unknown};
use ferrule::certificate::{chain, path};
use ferrule::crypto::software;
use ferrule_fuzz::provider::{FuzzRandom, Strength, provider};
use ferrule_fuzz::walk::walk;
use ferrule_fuzz::world;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if data.is_empty() {
        return;
    }
    let served = [world::LEAF, world::INTERMEDIATE];
    let policy = RevocationPolicy { unknown: Unknown::LeafRefused, ..RevocationPolicy::new(&[]) };
    let one = chain::Verifier::new(world::anchors()).with_revocation(policy);
    let many = path::Verifier::new(world::anchors()).with_revocation(policy);
    let walked = walk(&one, provider(Strength::Open, 1), &served, Some(data), 1 << 17);
    let searched = walk(&many, provider(Strength::Open, 1), &served, Some(data), 1 << 17);
    assert_eq!(walked, searched);
    // Nobody has the authority's key any more, and its last word was no response.
    let real = walk(&one, software::provider(FuzzRandom(1)), &served, Some(data), 1 << 17);
    assert!(real.is_err(), "a forged response was believed");
});
