//! Two ways up a chain of arbitrary certificates, the walk and the path builder, with signatures that are all
//! believed and with real ones: whom the walk believes, the path builder believes.
#![no_main]

use ferrule::certificate::{Certificate, TrustAnchor, chain, path};
use ferrule::crypto::software;
use ferrule_fuzz::input::Input;
use ferrule_fuzz::provider::{FuzzRandom, Strength, provider};
use ferrule_fuzz::walk::walk;
use ferrule_fuzz::world;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut input = Input::new(data);
    let choice = input.byte();
    let mut chain = Vec::new();
    while !input.is_empty() && chain.len() < 16 {
        chain.push(input.long_list());
    }
    let mut anchors = world::anchors().to_vec();
    if choice & 1 != 0
        && let Some(anchor) = chain.pop()
    {
        anchors.extend(TrustAnchor::from_certificate(anchor));
    }
    let (one, many) = (chain::Verifier::new(&anchors), path::Verifier::new(&anchors));
    let open = || provider(Strength::Open, 1);
    let walked = walk(&one, open(), &chain, None, 1 << 18);
    let searched = walk(&many, open(), &chain, None, 1 << 18);
    // With every signature good, the search may take another way, but finds one.
    assert!(walked.is_err() || searched.is_ok(), "{searched:?}");
    let _ = walk(&many, open(), &chain, None, 700);
    if choice & 2 != 0
        && choice & 1 == 0
        && walk(&many, software::provider(FuzzRandom(1)), &chain, None, 1 << 18).is_ok()
    {
        let signed = |der| Certificate::parse(der).ok().map(|certificate| certificate.to_be_signed());
        let leaf = chain.first().copied().unwrap_or_default();
        assert_eq!(signed(leaf), signed(world::LEAF), "a forged certificate was believed");
    }
});
