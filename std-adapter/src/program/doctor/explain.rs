//! From an error text, pasted from any consumer, to its likely causes.
//!
//! Two sources: the words of the rules' rows, and a list of phrases and codes that name a cause without being a
//! consumer's whole sentence. The longer what was recognised, the likelier the cause.

mod phrases;

use super::case::Case;
use super::consumers::Consumer;
use super::finding::findings;
use super::rules::{self, Rule};
use super::verdict::verdicts;

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
    let text = normalised(text);
    let shown = case.map(shown_rules).unwrap_or_default();
    let mut causes: Vec<(usize, Cause)> = Vec::new();
    for rule in rules::all() {
        let (likelihood, speakers) = recognised(rule, &text);
        if likelihood > 0 {
            let cause = Cause {
                rule: rule.id,
                speakers,
                sentence: rule.cause,
                section: rule.section,
                fix: rule.fix,
                shown: shown.contains(&rule.id),
            };
            causes.push((likelihood, cause));
        }
    }
    // Of what was recognised, a word or two within a longer sentence of another rule is chance.
    let longest = causes.iter().map(|(likelihood, _)| *likelihood).max().unwrap_or(0);
    causes.retain(|(likelihood, cause)| cause.shown || *likelihood * 2 > longest);
    causes.sort_by_key(|(likelihood, cause)| (!cause.shown, usize::MAX - likelihood));
    causes.into_iter().map(|(_, cause)| cause).collect()
}

/// What the chain is found to break, and what consumers are told to say to it.
fn shown_rules(case: &Case) -> Vec<&'static str> {
    let found = findings(case).into_iter().map(|finding| finding.rule);
    let said = verdicts(case, &Consumer::ALL).into_iter().filter_map(|verdict| verdict.rule);
    found.chain(said).collect()
}

/// One line, lower case, single spaces.
fn normalised(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").to_lowercase()
}

/// How much of the text the rule recognises, and as whose.
fn recognised(rule: &Rule, text: &str) -> (usize, Vec<&'static str>) {
    let mut likelihood = 0;
    let mut speakers = Vec::new();
    for refusal in rule.refusals {
        let length = fixed_parts(refusal.words, text);
        if length > 0 {
            likelihood = likelihood.max(length);
            speakers.extend(refusal.consumers.iter().map(|consumer| consumer.name()));
        }
    }
    for (phrase, causes) in phrases::PHRASES {
        if causes.contains(&rule.id) && contains_phrase(text, phrase) {
            // Of several causes of one phrase the first is the likeliest.
            let place = causes.iter().position(|cause| *cause == rule.id).unwrap_or(0);
            likelihood = likelihood.max((phrase.len() + 6).saturating_sub(place).max(1));
        }
    }
    speakers.dedup();
    (likelihood, speakers)
}

/// The length of the words, if all of them but what varies stand in the text in their order; or else of their
/// first word, if that is a code that nothing else has.
fn fixed_parts(words: &str, text: &str) -> usize {
    let words = normalised(words);
    let mut rest = text;
    let mut length = 0;
    for part in words.split('{').map(|part| part.split_once('}').map_or(part, |(_, fixed)| fixed)) {
        let part = part.trim();
        match rest.find(part) {
            Some(found) => {
                rest = &rest[found + part.len()..];
                length += part.len();
            }
            None => {
                length = 0;
                break;
            }
        }
    }
    // Shorter ones ("revoked") stand in too many texts.
    if length >= 6 {
        return length;
    }
    let code = words.split([' ', ':']).find(|word| word.contains('_') || word.starts_with("-0x"));
    code.filter(|code| code.len() > 5 && contains_phrase(text, code)).map_or(0, str::len)
}

/// With nothing of a word or number before or after it.
fn contains_phrase(text: &str, phrase: &str) -> bool {
    let is_part = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    text.match_indices(phrase).any(|(start, found)| {
        let (before, after) = (&text.as_bytes()[..start], &text.as_bytes()[start + found.len()..]);
        let begins_with_word = found.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric);
        let ends_with_word = found.as_bytes().last().is_some_and(u8::is_ascii_alphanumeric);
        let goes_on = begins_with_word && is_part(before.last()) || ends_with_word && is_part(after.first());
        !goes_on
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> &'static str {
        explain(text, None).first().map_or("", |cause| cause.rule)
    }

    /// Lines as the consumers themselves print them.
    #[test]
    fn a_pasted_line_leads_to_its_cause() {
        for (line, rule) in [
            ("curl: (60) SSL certificate problem: unable to get local issuer certificate", "unknown-issuer"),
            ("verify error:num=20:unable to get local issuer certificate", "unknown-issuer"),
            ("Verify return code: 10 (certificate has expired)", "expired"),
            (
                "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: Missing \
                 Authority Key Identifier (_ssl.c:1020)",
                "missing-authority-key-id",
            ),
            ("x509: certificate relies on legacy Common Name field, use SANs instead", "common-name-only"),
            (
                "tls: failed to verify certificate: x509: certificate signed by unknown authority",
                "unknown-issuer",
            ),
            (
                "javax.net.ssl.SSLHandshakeException: PKIX path building failed: \
                 sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification path \
                 to requested target",
                "unknown-issuer",
            ),
            ("SEC_ERROR_UNKNOWN_ISSUER", "unknown-issuer"),
            ("NET::ERR_CERT_DATE_INVALID", "expired"),
            ("NET::ERR_CERT_COMMON_NAME_INVALID", "name-mismatch"),
            ("schannel: SEC_E_UNTRUSTED_ROOT (0x80090325)", "unknown-issuer"),
            ("0x80092012", "revocation-unknown"),
            ("mbedtls_ssl_handshake returned -0x2700", "unknown-issuer"),
            ("wolfSSL error -188", "unknown-issuer"),
            ("BearSSL err 62", "unknown-issuer"),
            ("curl: (90) SSL: public key does not match pinned public key", "pinned-key"),
            ("tls: client didn't provide a certificate", "no-client-certificate"),
            ("tlsv13 alert certificate required", "no-client-certificate"),
            ("no shared cipher", "no-shared-cipher"),
            ("wrong version number", "no-tls"),
            ("error:0A00042E:SSL routines::tlsv1 alert protocol version", "protocol-version"),
            ("UNABLE_TO_VERIFY_LEAF_SIGNATURE", "unverifiable-leaf"),
        ] {
            assert_eq!(first(line), rule, "{line}: {:?}", explain(line, None));
        }
    }

    #[test]
    fn a_text_that_nobody_says_has_no_cause() {
        assert_eq!(explain("the cat sat on the mat", None), []);
    }
}
