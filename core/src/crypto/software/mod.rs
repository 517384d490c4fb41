//! The provider in software: RustCrypto's primitives behind our traits.
mod rsa;

pub use rsa::Rsa;
