//! Revocation lists: arbitrary ones read, and asked about a chain in which every signature is good.
#![no_main]

use ferrule::certificate::revocation::{RevocationList, RevocationPolicy, Staple, Unknown};
use ferrule::certificate::{Certificate, Rule, chain, path};
use ferrule_fuzz::provider::{Strength, provider};
use ferrule_fuzz::walk::walk;
use ferrule_fuzz::world;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(list) = RevocationList::parse(data) else {
        return;
    };
    let _ = (list.issuer().to_string(), list.this_update(), list.next_update());
    let served = [world::LEAF, world::INTERMEDIATE];
    let lists = [list];
    for unknown in [Unknown::Accepted, Unknown::LeafRefused, Unknown::Refused] {
        let policy = RevocationPolicy { lists: &lists, staple: Staple::Ignored, unknown };
        let one = chain::Verifier::new(world::anchors()).with_revocation(policy);
        let many = path::Verifier::new(world::anchors()).with_revocation(policy);
        let walked = walk(&one, provider(Strength::Open, 1), &served, None, 1 << 14);
        let searched = walk(&many, provider(Strength::Open, 1), &served, None, 1 << 14);
        assert_eq!(walked, searched);
        let is_revoked = served.iter().any(|der| {
            let certificate = Certificate::parse(der).expect("ours");
            list.issuer().matches(&certificate.issuer()) && list.find(certificate.serial()).is_some()
        });
        // The reverse does not hold: a list of users alone says nothing of an authority on it.
        if let Err(error) = walked {
            assert!(is_revoked || !matches!(error.rule, Rule::Revoked { .. }), "{error:?}");
        }
    }
});
