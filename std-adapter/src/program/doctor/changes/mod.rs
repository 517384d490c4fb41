//! What changed since the previous chain, and who is hurt by it.

mod links;
mod own;
mod scenario;

pub(crate) use scenario::{Scenario, scenarios};

use super::case::Case;
use super::chain_view::ChainView;
use super::moment;
use super::verdict::Verdict;
use serde::Serialize;

/// One thing that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Change {
    pub(crate) what: &'static str,
    pub(crate) before: String,
    pub(crate) after: String,
    /// Empty where nobody is known to care.
    pub(crate) hurts: Vec<Hurt>,
}

/// Somebody who may stop working, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Hurt {
    pub(crate) who: String,
    pub(crate) why: String,
}

/// A consumer whose verdict is another one now.
#[derive(Debug)]
pub(crate) struct Flip<'v> {
    pub(crate) before: &'v Verdict,
    pub(crate) after: &'v Verdict,
}

/// Everything that changed from one case to another; what hurts somebody stands first.
pub(crate) fn changes(before: &Case, after: &Case) -> Vec<Change> {
    let sides = (Side::of(before), Side::of(after));
    let (Some(before), Some(after)) = &sides else {
        return Vec::new();
    };
    let mut changes = links::changes(before, after);
    changes.extend(own::changes(before.leaf(), after.leaf()));
    changes.sort_by_key(|change| change.hurts.is_empty());
    changes
}

/// The verdicts that are others now, refusals first.
pub(crate) fn flips<'v>(before: &'v [Verdict], after: &'v [Verdict]) -> Vec<Flip<'v>> {
    let mut flips: Vec<Flip<'v>> = after
        .iter()
        .filter_map(|after| {
            let before = before.iter().find(|before| before.consumer == after.consumer)?;
            (before.accepts != after.accepts).then_some(Flip { before, after })
        })
        .collect();
    flips.sort_by_key(|flip| flip.after.accepts);
    flips
}

/// The time at which the old chain is judged: the same as the new one, or, if it has run out by then, the last
/// moment at which it was good; with a sentence that says so.
pub(crate) fn valid_time(before: &Case, at: i64) -> (i64, Option<String>) {
    let ends = before.served.iter().take(1).map(|leaf| leaf.not_after.unix);
    match ends.min() {
        Some(end) if end <= at => {
            let judged = end - 1;
            let sentence = format!(
                "the previous certificate has expired; it is judged as of its last moment, {}",
                moment::shown(judged)
            );
            (judged, Some(sentence))
        }
        _ => (at, None),
    }
}

/// One of the two chains.
struct Side<'c> {
    case: &'c Case,
    view: ChainView<'c>,
}

impl<'c> Side<'c> {
    fn of(case: &'c Case) -> Option<Self> {
        (!case.served.is_empty()).then(|| Self { case, view: ChainView::of(case) })
    }

    fn leaf(&self) -> &'c super::facts::Facts {
        &self.case.served[0]
    }
}

impl Change {
    fn new(what: &'static str, before: impl Into<String>, after: impl Into<String>) -> Self {
        Self { what, before: before.into(), after: after.into(), hurts: Vec::new() }
    }

    fn hurting(mut self, who: impl Into<String>, why: impl Into<String>) -> Self {
        self.hurts.push(Hurt { who: who.into(), why: why.into() });
        self
    }
}
