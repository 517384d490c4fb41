//! A path as a consumer builds it: certificates from the leaf up, each with where it was taken from.

use super::case::Case;
use super::facts::Facts;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Served(usize),
    Stored(usize),
}

/// One certificate on a path.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step<'a> {
    pub(crate) facts: &'a Facts,
    pub(crate) place: Place,
}

impl<'a> Step<'a> {
    pub(crate) const fn is_stored(&self) -> bool {
        matches!(self.place, Place::Stored(_))
    }

    /// Whether it is on the path already, wherever it was taken from.
    pub(crate) fn is_in(&self, path: &[Self]) -> bool {
        path.iter().any(|step| step.facts.is_same(self.facts))
    }
}

impl Case {
    pub(crate) fn served_steps(&self) -> impl Iterator<Item = Step<'_>> {
        self.served.iter().enumerate().map(|(place, facts)| Step { facts, place: Place::Served(place) })
    }

    pub(crate) fn stored_steps(&self) -> impl Iterator<Item = Step<'_>> {
        self.store.iter().enumerate().map(|(place, facts)| Step { facts, place: Place::Stored(place) })
    }

    pub(crate) fn leaf(&self) -> Option<Step<'_>> {
        self.served_steps().next()
    }

    /// Where a certificate stands among the served ones, wherever it was taken from.
    pub(crate) fn served_place(&self, facts: &Facts) -> Option<usize> {
        self.served.iter().position(|served| served.is_same(facts))
    }

    pub(crate) fn is_stored(&self, facts: &Facts) -> bool {
        self.store.iter().any(|stored| stored.is_same(facts))
    }

    pub(crate) fn is_expired(&self, facts: &Facts) -> bool {
        self.at > facts.not_after.unix
    }

    pub(crate) fn is_early(&self, facts: &Facts) -> bool {
        self.at < facts.not_before.unix
    }

    pub(crate) fn is_in_time(&self, facts: &Facts) -> bool {
        !self.is_expired(facts) && !self.is_early(facts)
    }
}

/// Whether a path has the explicit policy that a certificate on it may demand (RFC 5280 §6.1.2 (d), §6.1.3 (d)
/// to (f), §6.1.5), where any policy would do. Mappings are not followed: no chain for TLS has any.
pub(crate) fn has_demanded_policy(path: &[&Facts]) -> bool {
    const ANY_POLICY: &str = "2.5.29.32.0";
    let Some((_anchor, below)) = path.split_last() else { return true };
    let mut countdown = i64::try_from(below.len()).unwrap_or(i64::MAX).saturating_add(1);
    // `None` is every policy.
    let mut valid: Option<Vec<String>> = None;
    for (depth, facts) in below.iter().enumerate().rev() {
        let found = facts.policies.present().cloned().unwrap_or_default();
        if !found.iter().any(|policy| policy == ANY_POLICY) {
            valid = Some(match valid {
                None => found,
                Some(known) => known.into_iter().filter(|policy| found.contains(policy)).collect(),
            });
        }
        if countdown <= 0 && valid.as_ref().is_some_and(Vec::is_empty) {
            return false;
        }
        let is_self_issued = facts.is_self_issued();
        if depth == 0 || !is_self_issued {
            countdown = countdown.saturating_sub(1);
        }
        if let Some(demanded) = facts.require_explicit_policy {
            countdown = countdown.min(if depth == 0 && demanded != 0 { countdown } else { demanded });
        }
    }
    countdown > 0 || !valid.as_ref().is_some_and(Vec::is_empty)
}
