//! A server against arbitrary bytes in arbitrary pieces, its calls in an arbitrary order.
#![no_main]

use ferrule_fuzz::input::Input;
use ferrule_fuzz::provider::Strength;
use ferrule_fuzz::{script, world};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut input = Input::new(data);
    let mut server = world::server(input.byte(), Strength::Open);
    script::run(&mut server, input);
});
