//! The program `ferrule` against the TLS that the world runs: OpenSSL, GnuTLS, NSS, wolfSSL, Go, Java, nginx, curl,
//! Python, Node and rustls, on loopback, in both directions.
//!
//! Each test drives the program through its command line and judges by what the *peer* says, by
//! the bytes that arrive and by the exit code. A peer that this machine has not got is announced
//! and its test passes; with `FERRULE_REQUIRE_PEERS=1`, as in CI, it fails.

mod client;
mod client_authentication;
mod duplex;
mod fixtures;
mod http;
mod key_log;
mod matrix;
mod peer;
mod process;
mod record_limits;
mod refusals;
mod revocation;
mod server;
mod toolkits;
