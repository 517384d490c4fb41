//! The rules as data: one row for a cause, with who refuses, since when, with which words.

use super::consumers::Consumer;
use super::verdict::Basis;

/// One row.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) id: &'static str,
    /// What is the matter, in a sentence.
    pub(crate) cause: &'static str,
    pub(crate) section: &'static str,
    /// What to do about it, in general.
    pub(crate) fix: &'static str,
    /// Who refuses; who is not named accepts.
    pub(crate) refusals: &'static [Refusal],
}

/// One consumer's cell in a row.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) consumer: Consumer,
    /// The version that began to refuse; empty if all known ones do.
    pub(crate) since: &'static str,
    /// Its words; `{…}` stands for what varies.
    pub(crate) text: &'static str,
    pub(crate) basis: Basis,
}

/// All rows.
pub(crate) fn all() -> impl Iterator<Item = &'static Rule> {
    [].iter()
}
