//! What the fuzz targets share.
//!
//! - [`provider`]: cryptography that a fuzzer can get past, so that its changes reach the states;
//! - [`subject`]: one connection, every call of which is checked against what the documentation promises;
//! - [`walk`](mod@walk): one chain, given to a verifier as a handshake gives it;
//! - [`world`]: configurations and identities; [`lawful`]: what two of our own say to each other;
//! - [`input`]: how a target's bytes are read; [`script`]: calls in an order that the input chooses;
//! - [`mutate`]: changes that leave records whole;
//! - [`records`], [`messages`]: a second, independent reading of RFC 8446, to compare with.
//!
//! Nothing in the library under test knows that it is fuzzed: no `cfg`, no hidden interface.

pub mod input;
pub mod lawful;
pub mod messages;
pub mod mutate;
pub mod provider;
pub mod records;
pub mod script;
pub mod subject;
pub mod walk;
pub mod world;
