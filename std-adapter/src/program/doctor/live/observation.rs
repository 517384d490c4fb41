//! What is noteworthy in how a server answers, beside its chain.

use super::Survey;
use crate::program::doctor::diagnosis::Elsewhere;
use crate::program::doctor::finding::{Finding, Severity};

/// Addresses that differ or do not answer, and what depends on SNI or costs a round trip.
pub(crate) fn observations(survey: &Survey, elsewhere: &[Elsewhere]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = elsewhere.iter().map(another_chain).collect();
    for visit in survey.addresses.iter().filter(|visit| visit.answer.chain.is_empty()) {
        let error = visit.answer.error.as_deref().unwrap_or("it says nothing");
        findings.push(Finding {
            certificate: None,
            rule: "address-without-answer",
            section: "",
            severity: Severity::Error,
            message: format!("{} serves no chain: {error}", visit.address),
            fix: Some("mend the server at this address, or take the address out of the DNS".to_owned()),
        });
    }
    if survey.hello_retry_request {
        findings.push(Finding {
            certificate: None,
            rule: "hello-retry-request",
            section: "RFC 8446 section 4.1.4",
            severity: Severity::Note,
            message:
                "a client that can do all groups is asked for another key share, which costs a round trip"
                    .to_owned(),
            fix: Some("enable x25519 on the server".to_owned()),
        });
    }
    findings.sort_by_key(|finding| finding.severity);
    findings
}

fn another_chain(other: &Elsewhere) -> Finding {
    let leaf = other.case.served.first();
    let subject = leaf.map_or_else(String::new, |leaf| leaf.subject.for_people());
    let refusing: Vec<&str> =
        other.verdicts.iter().filter(|verdict| !verdict.accepts).map(|verdict| verdict.consumer).collect();
    let verdict = match refusing.as_slice() {
        [] => "accepted by all".to_owned(),
        names => format!("refused by {}", names.join(", ")),
    };
    let addresses = other.addresses.join(", ");
    if other.sni {
        Finding {
            certificate: None,
            rule: "addresses-differ",
            section: "",
            severity: if refusing.is_empty() { Severity::Warning } else { Severity::Error },
            message: format!("{addresses} serves another chain, for {subject}: {verdict}"),
            fix: Some("install the same chain at every address of the name".to_owned()),
        }
    } else {
        Finding {
            certificate: None,
            rule: "depends-on-sni",
            section: "RFC 6066 section 3",
            severity: Severity::Warning,
            message: format!("clients that send no SNI are served another chain, for {subject}: {verdict}"),
            fix: Some("if such clients matter, make the right chain the server's default".to_owned()),
        }
    }
}
