//! The whole diagnosis for programs. The keys are an interface: `ferrule doctor --help` documents them.

use super::case::Role;
use super::chain_view::{ChainView, Row};
use super::changes::{self, Change, flips};
use super::diagnosis::{Diagnosis, Elsewhere};
use super::explanation::{Explanation, advice};
use super::facts::Facts;
use super::finding;
use super::firmware::Needs;
use super::live::Survey;
use super::moment;
use super::rules;
use super::verdict;
use serde::Serialize;

#[derive(Debug, Default, Serialize)]
struct Document<'d> {
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<Subject<'d>>,
    verdicts: Vec<Verdict<'d>>,
    findings: Vec<Finding<'d>>,
    chain: Vec<Link<'d>>,
    changes: &'d [Change],
    flips: Vec<Flip<'d>>,
    scenarios: Vec<Scenario<'d>>,
    previous: Option<Previous<'d>>,
    fixes: Vec<&'d str>,
    firmware: Option<Needs>,
    live: Option<&'d Survey>,
    elsewhere: Vec<OtherChain<'d>>,
    explanations: Vec<Cause<'d>>,
    notes: &'d [String],
}

#[derive(Debug, Serialize)]
struct Subject<'d> {
    source: &'d str,
    name: Option<String>,
    role: &'static str,
    at: String,
    store: &'d str,
}

#[derive(Debug, Serialize)]
struct Verdict<'d> {
    consumer: &'d str,
    version: &'d str,
    accepts: bool,
    error: Option<&'d str>,
    basis: &'d str,
    rule: Option<&'d str>,
    certificate: Option<usize>,
}

#[derive(Debug, Serialize)]
struct Finding<'d> {
    certificate: Option<usize>,
    rule: &'d str,
    section: &'d str,
    severity: &'d str,
    message: &'d str,
    fix: Option<&'d str>,
}

#[derive(Debug, Serialize)]
struct Link<'d> {
    place: &'static str,
    index: Option<usize>,
    remarks: &'d [String],
    subject: String,
    issuer: Option<String>,
    key: Option<String>,
    signature: Option<String>,
    not_before: Option<String>,
    not_after: Option<String>,
    names: Vec<String>,
    bytes: Option<usize>,
    sha256: Option<String>,
}

#[derive(Debug, Serialize)]
struct Flip<'d> {
    consumer: &'d str,
    before: Verdict<'d>,
    after: Verdict<'d>,
}

#[derive(Debug, Serialize)]
struct Scenario<'d> {
    when: &'d str,
    flips: Vec<Flip<'d>>,
}

#[derive(Debug, Serialize)]
struct Previous<'d> {
    source: &'d str,
    at: String,
    remark: Option<&'d str>,
}

#[derive(Debug, Serialize)]
struct OtherChain<'d> {
    addresses: &'d [String],
    sni: bool,
    certificates: Vec<String>,
    verdicts: Vec<Verdict<'d>>,
}

#[derive(Debug, Serialize)]
struct Cause<'d> {
    rule: &'d str,
    cause: &'d str,
    said_by: &'d [&'d str],
    section: &'d str,
    fix: String,
    /// Whether the chain shows it; null without a chain.
    shown: Option<bool>,
}

pub(crate) fn render(
    diagnosis: Option<&Diagnosis>,
    explanation: Option<&Explanation>,
) -> Result<String, serde_json::Error> {
    let view = diagnosis.map(|diagnosis| ChainView::of(&diagnosis.case));
    let mut document = Document::default();
    if let (Some(diagnosis), Some(view)) = (diagnosis, &view) {
        document = Document {
            subject: Some(subject(diagnosis)),
            verdicts: diagnosis.verdicts.iter().map(verdict).collect(),
            findings: diagnosis.findings.iter().map(finding).collect(),
            chain: view.rows.iter().map(link).collect(),
            fixes: diagnosis.fixes(),
            firmware: Some(Needs::of(diagnosis)),
            live: diagnosis.survey.as_ref(),
            elsewhere: diagnosis.elsewhere.iter().map(other_chain).collect(),
            notes: &diagnosis.notes,
            ..Document::default()
        };
        if let Some(previous) = &diagnosis.previous {
            document.changes = &previous.changes;
            document.flips = flips(&previous.verdicts, &diagnosis.verdicts).iter().map(flip).collect();
            document.scenarios = previous
                .scenarios
                .iter()
                .map(|scenario| Scenario {
                    when: scenario.when,
                    flips: scenario.flips().iter().map(flip).collect(),
                })
                .collect();
            document.previous = Some(Previous {
                source: &previous.source,
                at: moment::rfc3339(previous.case.at),
                remark: previous.remark.as_deref(),
            });
        }
    }
    let causes = explanation.into_iter().flat_map(|explanation| &explanation.causes);
    document.explanations = causes
        .map(|cause| Cause {
            rule: cause.rule,
            cause: cause.sentence,
            said_by: &cause.speakers,
            section: cause.section,
            fix: advice(cause),
            shown: diagnosis.map(|_| cause.shown),
        })
        .collect();
    serde_json::to_string_pretty(&document)
}

#[derive(Debug, Serialize)]
struct Rule {
    rule: &'static str,
    cause: &'static str,
    section: &'static str,
    refusals: Vec<Refusal>,
    fix: &'static str,
}

#[derive(Debug, Serialize)]
struct Refusal {
    consumers: Vec<&'static str>,
    since: Option<&'static str>,
    error: &'static str,
    basis: &'static str,
}

/// All rules.
pub(crate) fn rules() -> Result<String, serde_json::Error> {
    let refusal = |refusal: &rules::Refusal| Refusal {
        consumers: refusal.consumers.iter().map(|consumer| consumer.name()).collect(),
        since: Some(refusal.since).filter(|since| !since.is_empty()),
        error: refusal.words,
        basis: refusal.basis.name(),
    };
    let rules: Vec<Rule> = rules::all()
        .map(|rule| Rule {
            rule: rule.id,
            cause: rule.cause,
            section: rule.section,
            refusals: rule.refusals.iter().map(refusal).collect(),
            fix: rule.fix,
        })
        .collect();
    serde_json::to_string_pretty(&rules)
}

fn subject(diagnosis: &Diagnosis) -> Subject<'_> {
    Subject {
        source: &diagnosis.source,
        name: diagnosis.case.name.as_ref().map(ToString::to_string),
        role: match diagnosis.case.role {
            Role::Server => "server",
            Role::Client => "client",
        },
        at: moment::rfc3339(diagnosis.case.at),
        store: &diagnosis.store,
    }
}

fn verdict(verdict: &verdict::Verdict) -> Verdict<'_> {
    Verdict {
        consumer: verdict.consumer,
        version: verdict.version,
        accepts: verdict.accepts,
        error: verdict.error.as_deref(),
        basis: verdict.basis.name(),
        rule: verdict.rule,
        certificate: verdict.certificate,
    }
}

fn flip<'d>(flip: &changes::Flip<'d>) -> Flip<'d> {
    Flip { consumer: flip.after.consumer, before: verdict(flip.before), after: verdict(flip.after) }
}

fn finding(finding: &finding::Finding) -> Finding<'_> {
    Finding {
        certificate: finding.certificate,
        rule: finding.rule,
        section: finding.section,
        severity: finding.severity.name(),
        message: &finding.message,
        fix: finding.fix.as_deref(),
    }
}

fn link<'d>(row: &'d Row<'_>) -> Link<'d> {
    let facts = row.place.facts();
    let names = facts.and_then(|facts| facts.alt_names.present());
    Link {
        place: row.place.name(),
        index: row.index,
        remarks: &row.remarks,
        subject: row.place.subject().to_string(),
        issuer: facts.map(|facts| facts.issuer.to_string()),
        key: facts.map(|facts| facts.key.to_string()),
        signature: facts.map(|facts| facts.algorithm.to_string()),
        not_before: facts.map(|facts| moment::rfc3339(facts.not_before.unix)),
        not_after: facts.map(|facts| moment::rfc3339(facts.not_after.unix)),
        names: names.into_iter().flatten().map(ToString::to_string).collect(),
        bytes: facts.map(|facts| facts.der.len()),
        sha256: facts.map(fingerprint),
    }
}

fn other_chain(other: &Elsewhere) -> OtherChain<'_> {
    OtherChain {
        addresses: &other.addresses,
        sni: other.sni,
        certificates: other.case.served.iter().map(fingerprint).collect(),
        verdicts: other.verdicts.iter().map(verdict).collect(),
    }
}

fn fingerprint(facts: &Facts) -> String {
    facts.fingerprint.iter().map(|byte| format!("{byte:02x}")).collect()
}
