//! The rules as data: one row for a cause, with who refuses, since when, with which words.
//!
//! A row says what a consumer says *when it comes to this*; whether it does come to this is decided by the
//! consumer's own order of checks, in `consumers`.

mod authority;
mod chain;
mod form;
mod handshake;
mod key;
mod purpose;
mod validity;

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

/// Who says these words.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) consumers: &'static [Consumer],
    /// The version that began to refuse; empty if all known ones do.
    pub(crate) since: &'static str,
    /// Their words, without what a consumer says before every error of this kind ([`Consumer::says`]);
    /// `{…}` stands for what varies.
    pub(crate) words: &'static str,
    pub(crate) basis: Basis,
}

/// Those who report what OpenSSL's verification found.
pub(super) const OPENSSL: &[Consumer] =
    &[Consumer::Openssl, Consumer::Curl, Consumer::Python312, Consumer::Python313, Consumer::Node];

const fn run(consumers: &'static [Consumer], words: &'static str) -> Refusal {
    Refusal { consumers, since: "", words, basis: Basis::Run }
}

const fn source(consumers: &'static [Consumer], words: &'static str) -> Refusal {
    Refusal { consumers, since: "", words, basis: Basis::Source }
}

const fn documentation(consumers: &'static [Consumer], words: &'static str) -> Refusal {
    Refusal { consumers, since: "", words, basis: Basis::Documentation }
}

impl Refusal {
    const fn since(self, since: &'static str) -> Self {
        Self { since, ..self }
    }
}

/// All rows.
pub(crate) fn all() -> impl Iterator<Item = &'static Rule> {
    [
        chain::RULES,
        validity::RULES,
        authority::RULES,
        purpose::RULES,
        key::RULES,
        form::RULES,
        handshake::RULES,
    ]
    .into_iter()
    .flatten()
}

pub(crate) fn find(id: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.id == id)
}

impl Rule {
    pub(crate) fn refusal(&self, consumer: Consumer) -> Option<&'static Refusal> {
        self.refusals.iter().find(|refusal| refusal.consumers.contains(&consumer))
    }
}

/// What the consumer says to this; the cause itself where its words are not known.
pub(crate) fn words(id: &str, consumer: Consumer) -> String {
    let Some(rule) = find(id) else { return id.to_owned() };
    rule.refusal(consumer).map_or_else(|| rule.cause.to_owned(), |refusal| consumer.says(refusal.words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_a_name_of_its_own_and_a_section() {
        let mut ids: Vec<&str> = all().map(|rule| rule.id).collect();
        assert!(all().all(|rule| !rule.section.is_empty() && !rule.fix.is_empty()));
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count);
    }

    #[test]
    fn no_consumer_has_two_words_for_one_cause() {
        for rule in all() {
            for consumer in Consumer::ALL {
                let refusals = rule.refusals.iter().filter(|refusal| refusal.consumers.contains(&consumer));
                assert!(refusals.count() <= 1, "{} {}", rule.id, consumer.name());
            }
        }
    }

    #[test]
    fn words_carry_what_the_consumer_says_before_them() {
        assert_eq!(words("expired", Consumer::Curl), "SSL certificate problem: certificate has expired");
        assert_eq!(
            words("expired", Consumer::Python313),
            "certificate verify failed: certificate has expired"
        );
    }
}
