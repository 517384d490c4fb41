//! What every consumer says to a case.

use super::case::Case;
use super::consumers::{self, Consumer};

/// How a verdict is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Basis {
    /// The consumer is run in the tests, and this is what it does.
    Run,
    /// Its source says so.
    Source,
    /// Its documentation, or its users, say so.
    Documentation,
}

impl Basis {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Source => "source",
            Self::Documentation => "documentation",
        }
    }
}

/// One consumer's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) consumer: &'static str,
    pub(crate) version: &'static str,
    pub(crate) accepts: bool,
    /// In the consumer's own words.
    pub(crate) error: Option<String>,
    pub(crate) basis: Basis,
    /// The row of the rules that it goes by.
    pub(crate) rule: Option<&'static str>,
    /// The certificate that breaks it, by its place as served.
    pub(crate) certificate: Option<usize>,
}

/// In the order of `consumers`.
pub(crate) fn verdicts(case: &Case, consumers: &[Consumer]) -> Vec<Verdict> {
    consumers.iter().map(|consumer| consumers::verdict(case, *consumer)).collect()
}
