//! What a consumer stumbles on.

use super::Consumer;
use crate::program::doctor::case::Case;
use crate::program::doctor::facts::Facts;
use crate::program::doctor::rules;

/// The row of the rules, the certificate, and the consumer's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) rule: &'static str,
    pub(crate) certificate: Option<usize>,
    pub(crate) error: String,
}

pub(crate) type Judgement = Result<(), Problem>;

/// One consumer at work on one case: it knows its words.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Judge<'a> {
    pub(crate) case: &'a Case,
    pub(crate) consumer: Consumer,
}

impl<'a> Judge<'a> {
    /// In the words that the row has for this consumer.
    pub(crate) fn problem(&self, rule: &'static str, facts: &Facts) -> Problem {
        self.problem_with(rule, facts, &[])
    }

    /// The same, with what varies.
    pub(crate) fn problem_with(
        &self,
        rule: &'static str,
        facts: &Facts,
        details: &[(&str, &str)],
    ) -> Problem {
        let mut error = rules::words(rule, self.consumer);
        for (place, value) in details {
            error = error.replace(&format!("{{{place}}}"), value);
        }
        if let Some(name) = &self.case.name {
            error = error.replace("{name}", &name.to_string());
        }
        error = error.replace("{subject}", &facts.subject.for_people());
        error = error.replace("{issuer}", &facts.issuer.for_people());
        Problem { rule, certificate: self.case.served_place(facts), error }
    }

    /// A row in the words that the consumer has for another: it tells less than it knows.
    pub(crate) fn problem_saying(&self, rule: &'static str, words: &'static str, facts: &Facts) -> Problem {
        Problem { rule, ..self.problem(words, facts) }
    }

    pub(crate) fn refuse<T>(&self, rule: &'static str, facts: &Facts) -> Result<T, Problem> {
        Err(self.problem(rule, facts))
    }
}
