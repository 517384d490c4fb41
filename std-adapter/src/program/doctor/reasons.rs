//! Why consumers refuse, and what to do about it, from the rules that were broken.

use super::case::Case;
use super::chain_view::{ChainView, Place};
use super::finding::{Finding, Severity};
use super::rules;
use super::verdict::Verdict;

/// Nobody refuses without a reason: where no finding tells it, the rule that was broken does.
pub(super) fn add_reasons(findings: &mut Vec<Finding>, verdicts: &[Verdict], case: &Case) {
    let own: Vec<Option<usize>> = findings
        .iter()
        .filter(|f| f.severity == Severity::Error)
        .map(|finding| finding.certificate)
        .collect();
    for verdict in verdicts.iter().filter(|verdict| !verdict.accepts) {
        let is_told =
            |finding: &Finding| Some(finding.rule) == verdict.rule || own.contains(&verdict.certificate);
        if let Some(rule) = verdict.rule.and_then(rules::find).filter(|_| !findings.iter().any(is_told)) {
            findings.push(Finding {
                certificate: verdict.certificate,
                rule: rule.id,
                section: rule.section,
                severity: Severity::Error,
                message: rule.cause.to_owned(),
                fix: Some(fix(rule, case)),
            });
        }
    }
}

/// What a rule advises, for this chain.
fn fix(rule: &rules::Rule, case: &Case) -> String {
    let name =
        case.name.as_ref().map_or_else(|| "the name that consumers use".to_owned(), ToString::to_string);
    let advice = rule.fix.replace("{name}", &name);
    let view = ChainView::of(case);
    let missing = view.rows.iter().find_map(|row| match row.place {
        Place::Missing { below } => Some(below),
        _ => None,
    });
    match (missing, view.path.last()) {
        (Some(below), _) if MISSING_ISSUER.contains(&rule.id) => {
            let issuer = below.issuer.for_people();
            let from = match below.issuer_urls.as_slice() {
                [] => String::new(),
                urls => format!(" (from {})", urls.join(" or ")),
            };
            format!(
                "append the certificate of {issuer}{from} to what is served; if that is the root, it belongs into the \
                 consumer's store"
            )
        }
        (None, Some(top)) if !view.anchored && UNTRUSTED_ROOT.contains(&rule.id) => {
            let fingerprint: String = top.fingerprint.iter().map(|byte| format!("{byte:02x}")).collect();
            format!(
                "have the consumer trust {} (SHA-256 {fingerprint}), or serve a path to a root that it has",
                top.subject.for_people()
            )
        }
        _ => advice,
    }
}

/// The rules that are broken where an issuer is not there.
const MISSING_ISSUER: [&str; 2] = ["unknown-issuer", "unverifiable-leaf"];
/// Those that are broken where the path ends in a stranger.
const UNTRUSTED_ROOT: [&str; 2] = ["unknown-issuer", "untrusted-root-served"];
