//! What is wrong or noteworthy in a chain, whoever looks at it.

mod form;
mod leaf;
mod link;

use super::case::Case;
use super::consumers::Consumer;
use super::facts::Facts;
use super::rules;
use super::verdict::verdicts;
use ferrule::certificate::UnixTime;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    /// Some consumer refuses, or must refuse by the RFC.
    Error,
    /// Some consumer may refuse, now or soon.
    Warning,
    Note,
}

impl Severity {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// By its place as served; `None` for the chain as a whole.
    pub(crate) certificate: Option<usize>,
    /// The row of the rules.
    pub(crate) rule: &'static str,
    pub(crate) section: &'static str,
    pub(crate) severity: Severity,
    pub(crate) message: String,
    pub(crate) fix: Option<String>,
}

/// Worst first, then in the order served.
pub(crate) fn findings(case: &Case) -> Vec<Finding> {
    let mut findings = Findings { case, found: Vec::new() };
    leaf::look(&mut findings);
    link::look(&mut findings);
    for facts in &case.served {
        form::look(&mut findings, facts);
    }
    if let Some(anchor) = link::anchor(case).filter(|anchor| case.served_place(anchor).is_none()) {
        form::look(&mut findings, anchor);
    }
    findings.add_refusals();
    let mut found = findings.found;
    found.sort_by_key(|finding| (finding.severity, finding.certificate.unwrap_or(usize::MAX)));
    found
}

struct Findings<'a> {
    case: &'a Case,
    found: Vec<Finding>,
}

impl Findings<'_> {
    /// What some consumer refuses for a reason of its own, where nothing found so far is an error for all.
    fn add_refusals(&mut self) {
        if self.found.iter().any(|finding| finding.severity == Severity::Error) {
            return;
        }
        let mut refusals: Vec<(&'static str, Option<usize>, Vec<&'static str>)> = Vec::new();
        for verdict in verdicts(self.case, &Consumer::ALL) {
            let Some(rule) = verdict.rule else { continue };
            match refusals
                .iter_mut()
                .find(|(known, place, _)| *known == rule && *place == verdict.certificate)
            {
                Some((_, _, consumers)) => consumers.push(verdict.consumer),
                None => refusals.push((rule, verdict.certificate, vec![verdict.consumer])),
            }
        }
        for (rule, place, consumers) in refusals {
            let is_told = |finding: &Finding| finding.rule == rule && finding.severity != Severity::Note;
            let Some(row) = rules::find(rule).filter(|_| !self.found.iter().any(is_told)) else { continue };
            let facts = place.and_then(|place| self.case.served.get(place));
            let message = format!("is refused by {}: {}", consumers.join(", "), row.cause);
            self.add_with(Severity::Warning, rule, facts, message, Some(self.filled(row.fix)));
        }
    }

    /// With the fix of the rule's row.
    fn add(&mut self, severity: Severity, rule: &'static str, facts: &Facts, message: String) {
        let fix = rules::find(rule).map(|rule| self.filled(rule.fix));
        self.add_with(severity, rule, Some(facts), message, fix);
    }

    fn add_with(
        &mut self,
        severity: Severity,
        rule: &'static str,
        facts: Option<&Facts>,
        message: String,
        fix: Option<String>,
    ) {
        let section = rules::find(rule).map_or("", |rule| rule.section);
        let certificate = facts.and_then(|facts| self.case.served_place(facts));
        let message = match (facts, certificate) {
            (Some(facts), None) => format!("the store's {} {message}", facts.subject.for_people()),
            _ => message,
        };
        self.found.push(Finding { certificate, rule, section, severity, message, fix });
    }

    fn filled(&self, fix: &str) -> String {
        let name = self.case.name.as_ref().map_or_else(|| "the name in use".to_owned(), ToString::to_string);
        fix.replace("{name}", &name)
    }
}

/// As people read it, in UTC.
fn moment(unix: i64) -> String {
    u64::try_from(unix).map_or_else(|_| "before 1970".to_owned(), |unix| UnixTime(unix).to_string())
}

#[cfg(test)]
mod tests;
