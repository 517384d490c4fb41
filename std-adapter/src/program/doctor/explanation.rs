//! What an error text may mean.

use super::case::Case;
use super::explain::{Cause, explain};

/// How many causes are worth reading.
const CAUSES: usize = 6;

/// A text, and its likely causes.
#[derive(Debug)]
pub(crate) struct Explanation {
    pub(crate) text: String,
    pub(crate) causes: Vec<Cause>,
}

impl Explanation {
    pub(crate) fn of(text: &str, case: Option<&Case>) -> Self {
        let mut causes = explain(text, case.filter(|case| !case.served.is_empty()));
        causes.truncate(CAUSES);
        Self { text: text.to_owned(), causes }
    }
}

/// What a cause advises; the name stands for whatever was asked for.
pub(crate) fn advice(cause: &Cause) -> String {
    cause.fix.replace("{name}", "the name that is asked for")
}
