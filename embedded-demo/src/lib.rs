//! Ferrule on a microcontroller.
//!
//! The library half works anywhere: it drives a [`ferrule::Connection`] over whatever implements
//! `embedded-io`, blocking ([`blocking`]) or asynchronous ([`asynchronous`]). No allocator; all buffers are
//! the caller's.
//!
//! The other half is firmware for a Cortex-M4F that runs under QEMU: `board` and the programs in `src/bin`,
//! built by `demo.sh`.
#![no_std]

pub mod asynchronous;
pub mod blocking;
#[cfg(target_os = "none")]
pub mod board;
mod failure;
mod window;

pub use failure::Failure;
