//! What is judged: a chain, a store, a name, a time.

use super::facts::Facts;
use std::fmt;
use std::net::IpAddr;

/// One question to all consumers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Case {
    /// As served: the leaf first.
    pub(crate) served: Vec<Facts>,
    /// The consumer's trust anchors: its only store.
    pub(crate) store: Vec<Facts>,
    /// The name that the consumer asks for; `None` where names are not checked.
    pub(crate) name: Option<ExpectedName>,
    pub(crate) role: Role,
    /// The time of the check, in seconds since 1970 in UTC.
    pub(crate) at: i64,
    /// DER of the CRLs that the consumer has.
    pub(crate) crls: Vec<Vec<u8>>,
    /// The stapled OCSP response, where one came with the chain.
    pub(crate) staple: Option<Vec<u8>>,
}

/// Which end of the connection the chain speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Server,
    Client,
}

/// The name that a client asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ExpectedName {
    Dns(String),
    Ip(IpAddr),
}

impl ExpectedName {
    /// An address if it reads as one, with or without brackets; otherwise a DNS name.
    pub(crate) fn parse(text: &str) -> Self {
        let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
        bare.parse().map_or_else(|_| Self::Dns(text.to_owned()), Self::Ip)
    }
}

impl fmt::Display for ExpectedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) => f.write_str(name),
            Self::Ip(address) => address.fmt(f),
        }
    }
}
