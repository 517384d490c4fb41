//! A client against arbitrary bytes in arbitrary pieces, its calls in an arbitrary order.
#![no_main]

use ferrule_fuzz::input::Input;
use ferrule_fuzz::provider::Strength;
use ferrule_fuzz::{script, world};

libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    ferrule_fuzz::mutate::wire(data, size, max_size, seed, 0)
});

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut input = Input::new(data);
    let mut client = world::client(input.byte(), Strength::Open);
    script::run(&mut client, input);
});
