//! Whether a certificate was taken back before its time: revocation lists (RFC 5280 §5) and stapled OCSP
//! responses (RFC 6960, RFC 6066 §8). Nothing is fetched: lists are given, responses come with the
//! handshake.

mod distribution_point;
mod inquiry;
mod list;
mod response;

pub use list::RevocationList;

pub(super) use inquiry::{Authority, Inquiry, Matter, Subject};

use super::UnixTime;
use super::der::{Der, Malformed};
use ::der::Tag;
use core::fmt;

/// What a verifier demands about revocation.
#[derive(Debug, Clone, Copy)]
pub struct RevocationPolicy<'a> {
    /// Lists that the caller has got hold of. One whose issuer issued a certificate of the chain must be signed
    /// by that issuer and be of this time, or else the chain is refused.
    pub lists: &'a [RevocationList<'a>],
    /// Whether the peer is asked for an OCSP response about its own certificate.
    pub staple: Staple,
    /// What becomes of a certificate about which nothing says whether it was revoked.
    pub unknown: Unknown,
}

/// What is demanded of the OCSP response that a peer staples to its certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Staple {
    /// It is not asked for.
    Ignored,
    /// It is asked for and checked, and must be there if the certificate says so (RFC 7633, "must-staple").
    Checked,
    /// It must be there whatever the certificate says.
    Required,
}

/// What becomes of a certificate about which nothing says whether it was revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// It is believed.
    Accepted,
    /// It is refused if it is the peer's own; authorities are believed.
    LeafRefused,
    /// It is refused, authorities too, but for the trust anchor.
    Refused,
}

impl<'a> RevocationPolicy<'a> {
    /// These lists, and the response that the peer staples, if it does or must.
    pub const fn new(lists: &'a [RevocationList<'a>]) -> Self {
        Self { lists, staple: Staple::Checked, unknown: Unknown::Accepted }
    }
}

/// How a verifier is told its policy, so that one without any compiles to nothing.
pub trait Revocation {
    /// The policy, if there is one.
    fn policy(&self) -> Option<&RevocationPolicy<'_>>;
}

/// Revocation is not checked: the default.
#[derive(Debug, Clone, Copy, Default)]
pub struct NotChecked;

impl Revocation for NotChecked {
    #[inline(always)]
    fn policy(&self) -> Option<&RevocationPolicy<'_>> {
        None
    }
}

impl Revocation for RevocationPolicy<'_> {
    fn policy(&self) -> Option<&RevocationPolicy<'_>> {
        Some(self)
    }
}

impl<R: Revocation> Revocation for &R {
    fn policy(&self) -> Option<&RevocationPolicy<'_>> {
        (**self).policy()
    }
}

/// That a certificate was revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revoked {
    /// Since when.
    pub since: UnixTime,
    /// Why.
    pub reason: Reason,
}

/// CRLReason (RFC 5280 §5.3.1). Unknown values stay values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Reason(pub u8);

impl Reason {
    /// None was given.
    pub const UNSPECIFIED: Self = Self(0);
    /// Somebody else has its key.
    pub const KEY_COMPROMISE: Self = Self(1);
    /// Somebody else has its issuer's key.
    pub const CA_COMPROMISE: Self = Self(2);
    /// Another is in its place.
    pub const SUPERSEDED: Self = Self(4);
    /// It is no longer needed.
    pub const CESSATION_OF_OPERATION: Self = Self(5);

    /// Reads the DER of a CRLReason.
    pub(super) fn parse(value: &[u8]) -> Result<Self, Malformed> {
        let mut outer = Der::new(value, "CRLReason")?;
        let reason = match outer.expect(Tag::Enumerated)? {
            [reason @ 0..=0x7f] => Self(*reason),
            _ => return Err(outer.malformed()),
        };
        outer.finish()?;
        Ok(reason)
    }
}

/// As in "was revoked, because its key is compromised".
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            0 => "without a reason",
            1 => "because its key is compromised",
            2 => "because its issuer's key is compromised",
            3 => "because its subject belongs to somebody else now",
            4 => "because another took its place",
            5 => "because it is no longer needed",
            6 => "on hold",
            9 => "because a privilege was withdrawn",
            _ => "for a reason not known here",
        })
    }
}

#[cfg(all(test, feature = "software"))]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::panic)]
mod tests;
