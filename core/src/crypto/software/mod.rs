//! The provider in software: RustCrypto's primitives behind our traits.
