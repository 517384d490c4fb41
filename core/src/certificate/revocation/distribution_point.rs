//! Distribution points (RFC 5280 §4.2.1.13, §5.2.5): they tell which of an authority's lists speaks of a
//! certificate.

use super::super::der::{Der, Malformed, context};

/// The name of a distribution point: the elements of its fullName. One that is relative to its issuer (which "conforming
/// CAs SHOULD NOT" write) is kept empty, and matches nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DistributionPointName<'a> {
    full_name: &'a [u8],
}

impl<'a> DistributionPointName<'a> {
    /// Reads the contents of `[0] DistributionPointName`.
    pub(super) fn parse(contents: &'a [u8]) -> Result<Self, Malformed> {
        let mut choice = Der::new(contents, "DistributionPointName")?;
        let full_name = choice.optional(context(0, true))?;
        if full_name.is_none() {
            choice.expect(context(1, true))?;
        }
        choice.finish()?;
        Ok(Self { full_name: full_name.unwrap_or_default() })
    }

    /// Whether a certificate with these cRLDistributionPoints is in the scope of the list at this one: they share a name,
    /// byte for byte (§6.3.3 (b)(2)(i)). A point for some reasons only, or of another issuer, is none of its.
    pub(super) fn is_among(self, points: &[u8]) -> bool {
        let among = || {
            let mut list = Der::whole_sequence(points, "cRLDistributionPoints")?;
            while !list.is_finished() {
                let mut point = list.sequence("DistributionPoint")?;
                let name = point.optional(context(0, true))?.map(DistributionPointName::parse).transpose()?;
                if point.is_finished() && name.is_some_and(|name| self.shares_a_name_with(name)) {
                    return Ok(true);
                }
            }
            Ok::<_, Malformed>(false)
        };
        among().unwrap_or(false)
    }

    fn shares_a_name_with(self, other: DistributionPointName<'_>) -> bool {
        self.names().any(|ours| other.names().any(|theirs| ours == theirs))
    }

    /// Tag and contents of each name.
    fn names(self) -> impl Iterator<Item = (der::Tag, &'a [u8])> {
        let mut names = Der::new(self.full_name, "DistributionPointName").ok();
        core::iter::from_fn(move || names.as_mut()?.any().ok())
    }
}
