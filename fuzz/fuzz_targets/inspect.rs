//! All that is wrong with a chain of arbitrary certificates: refused exactly where the path builder refuses.
#![no_main]

use ferrule::certificate::inspect::{Finding, inspect};
use ferrule::certificate::{ExpectedPeer, Role, ServerName, path};
use ferrule_fuzz::input::Input;
use ferrule_fuzz::provider::{Strength, provider};
use ferrule_fuzz::walk::walk;
use ferrule_fuzz::world;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut input = Input::new(data);
    let mut chain = Vec::new();
    while !input.is_empty() && chain.len() < 16 {
        chain.push(input.long_list());
    }
    let name = ServerName::parse(world::HOST).expect("a name");
    let expected = ExpectedPeer { name: Some(&name), role: Role::Server, validity: world::NOW };
    let mut memory = vec![0; chain.iter().map(|der| der.len() + 1).sum()];
    let (mut refused, mut told) = (false, 0);
    let anchors = world::anchors();
    inspect(&chain, anchors, &expected, &mut provider(Strength::Open, 1), &mut memory, |finding| {
        told += 1;
        match finding {
            Finding::Refused(error) => {
                refused = true;
                let text = error.to_string();
                assert!(!text.contains("internal error"), "{text}");
            }
            Finding::Unorthodox { index, what } => {
                assert!(usize::from(index) < chain.len());
                let _ = what.to_string();
            }
            _ => {}
        }
    });
    let believed = walk(&path::Verifier::new(anchors), provider(Strength::Open, 1), &chain, None, 1 << 18);
    assert_eq!(refused, believed.is_err(), "{believed:?}");
    // Some of each certificate, each rule once or twice.
    assert!(told <= 64 + 256 * chain.len(), "{told} findings");
});
