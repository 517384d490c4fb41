//! Why consumers refuse, from the rules that were broken.

use super::case::Case;
use super::finding::{Finding, Severity};
use super::rules;
use super::verdict::Verdict;

/// One fact, which consumers tell in their own ways: nothing leads from the leaf to the store.
const NO_PATH: [&str; 4] =
    ["unknown-issuer", "unverifiable-leaf", "untrusted-root-served", "self-signed-leaf"];

/// Nobody refuses without a reason: where no finding tells it, the rule that was broken does.
pub(super) fn add_reasons(findings: &mut Vec<Finding>, verdicts: &[Verdict], case: &Case) {
    let name =
        case.name.as_ref().map_or_else(|| "the name that is asked for".to_owned(), ToString::to_string);
    for verdict in verdicts.iter().filter(|verdict| !verdict.accepts) {
        let Some(rule) = verdict.rule.and_then(rules::find) else { continue };
        let is_told = |finding: &Finding| {
            finding.rule == rule.id || (NO_PATH.contains(&finding.rule) && NO_PATH.contains(&rule.id))
        };
        if !findings.iter().any(is_told) {
            findings.push(Finding {
                certificate: verdict.certificate,
                rule: rule.id,
                section: rule.section,
                severity: Severity::Error,
                message: rule.cause.to_owned(),
                fix: Some(rule.fix.replace("{name}", &name)),
            });
        }
    }
}
