//! From an error text, pasted from any consumer, to its likely causes.

use super::case::Case;

/// One likely cause of an error text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cause {
    /// The row of the rules.
    pub(crate) rule: &'static str,
    /// Whose words these are, as far as they tell: names of consumers.
    pub(crate) speakers: Vec<&'static str>,
    /// The cause in a sentence.
    pub(crate) sentence: &'static str,
    pub(crate) section: &'static str,
    pub(crate) fix: &'static str,
    /// Whether the chain that was given shows it.
    pub(crate) shown: bool,
}

/// The likely causes, most likely first; those that the case shows before all others.
pub(crate) fn explain(text: &str, case: Option<&Case>) -> Vec<Cause> {
    let _ = (text, case);
    Vec::new()
}
