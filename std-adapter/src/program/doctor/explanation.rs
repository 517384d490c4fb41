//! What an error text may mean: by the words of the rules, and by those of failed handshakes.

use super::case::Case;
use super::consumers::Consumer;
use super::explain::{Cause, explain};
use super::handshake_errors;
use super::rules::{self, Rule};
use super::verdict::verdicts;
use std::cmp::Reverse;

/// How many causes are worth reading.
const CAUSES: usize = 6;
/// Shorter pieces of a text are found in any.
const PIECE: usize = 4;

/// A text, and its likely causes.
#[derive(Debug)]
pub(crate) struct Explanation {
    pub(crate) text: String,
    pub(crate) causes: Vec<Cause>,
}

impl Explanation {
    pub(crate) fn of(text: &str, case: Option<&Case>) -> Self {
        let mut causes = explain(text, case);
        if causes.is_empty() {
            causes = from_rules(text, case);
        }
        causes.extend(handshake_errors::causes(text));
        causes.truncate(CAUSES);
        Self { text: text.to_owned(), causes }
    }
}

/// The rules whose words are in the text: those that the chain shows first, then the longest match.
fn from_rules(text: &str, case: Option<&Case>) -> Vec<Cause> {
    let text = folded(text);
    let broken: Vec<&str> = case.filter(|case| !case.served.is_empty()).map_or_else(Vec::new, |case| {
        verdicts(case, &Consumer::ALL).into_iter().filter_map(|verdict| verdict.rule).collect()
    });
    let mut found: Vec<(usize, Cause)> =
        rules::all().filter_map(|rule| match_of(rule, &text, &broken)).collect();
    found.sort_by_key(|(length, cause)| Reverse((cause.shown, *length)));
    found.into_iter().map(|(_, cause)| cause).collect()
}

/// How much of the text is this rule's, and what it then means.
fn match_of(rule: &'static Rule, text: &str, broken: &[&str]) -> Option<(usize, Cause)> {
    let length =
        |words| length_of(words, text).or_else(|| part_of(words, text)).or_else(|| code_of(words, text));
    let said: Vec<_> =
        rule.refusals.iter().filter_map(|refusal| Some((length(refusal.words)?, refusal))).collect();
    let length = said.iter().map(|(length, _)| *length).max()?;
    let mut speakers: Vec<&'static str> = Vec::new();
    let best = said.iter().filter(|(shorter, _)| *shorter == length);
    for speaker in best.flat_map(|(_, refusal)| refusal.consumers).map(|consumer| consumer.name()) {
        if !speakers.contains(&speaker) {
            speakers.push(speaker);
        }
    }
    let shown = broken.contains(&rule.id);
    let cause =
        Cause { rule: rule.id, speakers, sentence: rule.cause, section: rule.section, fix: rule.fix, shown };
    Some((length, cause))
}

/// The length of these words, if the text has them; what stands in braces varies.
fn length_of(words: &str, text: &str) -> Option<usize> {
    let (mut rest, mut length) = (text, 0);
    let words = folded(words);
    let mut pieces = words.split('{').map(|piece| piece.rsplit('}').next().unwrap_or(piece).trim());
    pieces
        .by_ref()
        .filter(|piece| piece.len() >= PIECE)
        .try_for_each(|piece| {
            let at = rest.find(piece)?;
            rest = &rest[at + piece.len()..];
            length += piece.len();
            Some(())
        })
        .filter(|()| length > 0)
        .map(|()| length)
}

/// The length of the text, where it is the greater part of what a consumer says.
fn part_of(words: &str, text: &str) -> Option<usize> {
    let text = text.trim();
    (text.len() >= 12 && folded(words).contains(text)).then_some(text.len())
}

/// The length of an error's name or number (ERR_CERT_DATE_INVALID, 0x80090325) that both have.
fn code_of(words: &str, text: &str) -> Option<usize> {
    let words = folded(words);
    let tokens = |text| -> Vec<&str> {
        let is_inside = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let split = str::split(text, move |c| !is_inside(c));
        split.filter(|token| token.len() >= 8 && (token.contains('_') || token.starts_with("0x"))).collect()
    };
    let known = tokens(&words);
    tokens(text).into_iter().filter(|token| known.contains(token)).map(str::len).max()
}

/// What a cause advises; the name stands for whatever was asked for.
pub(crate) fn advice(cause: &Cause) -> String {
    cause.fix.replace("{name}", "the name that is asked for")
}

/// OpenSSL has written "self signed" and "self-signed".
fn folded(text: &str) -> String {
    text.to_lowercase().replace('-', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_varies_in_a_text_does_not_matter() {
        let words = "certificate is valid for {names}, not {name}";
        let text = "x509: certificate is valid for a.example, b.example, not c.example";
        assert_eq!(length_of(words, text), Some("certificate is valid for".len() + ", not".len()));
        assert_eq!(length_of(words, "certificate is valid"), None);
        assert_eq!(length_of("{reason}", text), None);
        assert!(code_of("net::ERR_CERT_DATE_INVALID", &folded("Chrome: ERR_CERT_DATE_INVALID")).is_some());
        assert!(
            part_of(
                "PKIX path building failed: unable to find valid certification path",
                "unable to find valid"
            )
            .is_some()
        );
        assert!(length_of("self-signed certificate", "self signed certificate").is_some());
    }
}
