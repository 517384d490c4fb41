//! Ferrule.
#![no_std]
#![forbid(unsafe_code)]

pub mod alert;
pub mod certificate;
mod client;
mod codec;
pub mod config;
mod connection;
pub mod crypto;
pub mod error;
mod established;
pub mod handshake;
mod key_schedule;
pub mod limits;
mod link;
mod post_handshake;
pub mod record;
#[cfg(all(test, feature = "software"))]
mod rfc8448;
mod server;
mod transcript;

pub use alert::AlertDescription;
pub use client::{ClientConnection, ClientHandshake, required_scratch};
pub use config::{ClientConfig, Credential, ServerConfig};
pub use connection::{Answer, Ask, Connection, Event, Handshake, Received, SigningRequest, Want};
pub use error::Error;
pub use established::{Established, ReadHalf, Sent, WriteHalf};
pub use handshake::{Negotiated, ProtocolVersion};
pub use link::ForWriter;
pub use server::{REQUIRED_SCRATCH, ServerConnection, ServerHandshake};
