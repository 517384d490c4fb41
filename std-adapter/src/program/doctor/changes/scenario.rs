//! Consumers that are not as the question has them, but are common: a renewal hurts some of these only.

use super::{Flip, flips};
use crate::program::doctor::case::{Case, Role};
use crate::program::doctor::chain_view::ChainView;
use crate::program::doctor::consumers::Consumer;
use crate::program::doctor::facts::Facts;
use crate::program::doctor::verdict::{Verdict, verdicts};

/// Other consumers, and what they said before and say now.
#[derive(Debug)]
pub(crate) struct Scenario {
    /// How they differ.
    pub(crate) when: &'static str,
    before: Vec<Verdict>,
    after: Vec<Verdict>,
}

impl Scenario {
    /// Those who accepted, and do not any more.
    pub(crate) fn flips(&self) -> Vec<Flip<'_>> {
        let mut flips = flips(&self.before, &self.after);
        flips.retain(|flip| !flip.after.accepts);
        flips
    }
}

/// The scenarios in which somebody refuses now.
pub(crate) fn scenarios(before: &Case, after: &Case, consumers: &[Consumer]) -> Vec<Scenario> {
    let judged = |when, change: &dyn Fn(&Case) -> Case| Scenario {
        when,
        before: verdicts(&change(before), consumers),
        after: verdicts(&change(after), consumers),
    };
    let mut scenarios = Vec::new();
    if after.role == Role::Server {
        let as_client = |case: &Case| Case { role: Role::Client, name: None, ..case.clone() };
        scenarios.push(judged("it is shown as a client's certificate (mTLS)", &as_client));
    }
    let path: Vec<Facts> = ChainView::of(before).path.into_iter().cloned().collect();
    let trusting = |anchor: &Facts| {
        let store = vec![anchor.clone()];
        move |case: &Case| Case { store: store.clone(), ..case.clone() }
    };
    if let [_, issuer, _, ..] = path.as_slice() {
        scenarios.push(judged("their store holds the old intermediate alone", &trusting(issuer)));
    }
    if let [_, .., root] = path.as_slice()
        && after.store.len() > 1
    {
        scenarios.push(judged("their store holds the old root alone", &trusting(root)));
    }
    scenarios.retain(|scenario| !scenario.flips().is_empty());
    scenarios
}
