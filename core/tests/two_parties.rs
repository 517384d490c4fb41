//! Our client against our server, over links of every kind.

#![cfg(feature = "software")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::type_complexity)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod common {
    pub mod parties;
    pub mod providers;
}
mod stories {
    pub(crate) mod client_authentication;
    pub(crate) mod client_certificates;
    pub(crate) mod closing;
    pub(crate) mod key_update;
    pub(crate) mod links;
    pub(crate) mod negotiation;
    pub(crate) mod other_providers;
    pub(crate) mod record_limits;
    pub(crate) mod scratch;
}
