//! Ferrule.
#![no_std]
#![forbid(unsafe_code)]

pub mod alert;
pub mod certificate;
pub mod crypto;
pub mod limits;
