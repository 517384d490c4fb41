//! What a server that answers did.

use super::chain::certificates;
use super::page::{BAD, CARE, FAINT, PLAIN, Page};
use super::verdicts::named;
use crate::program::doctor::diagnosis::{Diagnosis, Elsewhere};
use crate::program::doctor::live::{Answer, Survey, Trial};

const COLUMN: usize = 15;

pub(super) fn write(page: &mut Page, diagnosis: &Diagnosis, survey: &Survey) {
    page.heading(&format!("The server: {}", survey.host));
    let widest = survey.addresses.iter().map(|visit| visit.address.to_string().len() + 1).max();
    let column = widest.unwrap_or_default().max(COLUMN);
    for visit in &survey.addresses {
        let text = answer(&visit.answer);
        let style = if visit.answer.chain.is_empty() { BAD } else { PLAIN };
        page.entry(2, &visit.address.to_string(), column, PLAIN, style, &text);
        if let Some(other) = visit.without_sni.as_ref().filter(|other| other.chain.is_empty()) {
            page.paragraph(2 + column, CARE, &format!("without SNI: {}", answer(other)));
        }
    }
    for other in &diagnosis.elsewhere {
        elsewhere(page, other);
    }
    trials(page, "suites", &survey.cipher_suites);
    trials(page, "groups", &survey.groups);
    trials(page, "ALPN", &survey.application_protocols);
    page.entry(
        2,
        "not measured",
        COLUMN,
        FAINT,
        FAINT,
        "TLS 1.2; the server's clock, which only application data would tell",
    );
}

fn answer(answer: &Answer) -> String {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(answer.negotiated.clone());
    if let Some(bytes) = answer.certificate_message_bytes {
        let certificates = certificates(answer.certificates);
        let largest = answer.largest_record_bytes;
        parts.push(format!("{certificates} in {bytes} bytes, records of up to {largest}"));
    }
    parts.extend(answer.staple_bytes.map(|bytes| format!("a stapled OCSP response of {bytes} bytes")));
    if answer.asks_for_client_certificate {
        parts.push("asks for a client certificate".to_owned());
    }
    parts.extend(answer.error.clone());
    parts.join("; ")
}

/// Another chain than the one above.
fn elsewhere(page: &mut Page, other: &Elsewhere) {
    let leaf = other.case.served.first();
    let (subject, issuer) =
        leaf.map_or_else(Default::default, |leaf| (leaf.subject.for_people(), leaf.issuer.for_people()));
    let refusing: Vec<String> = other.verdicts.iter().filter(|verdict| !verdict.accepts).map(named).collect();
    let verdict = match refusing.as_slice() {
        [] => "all consumers accept it".to_owned(),
        names => format!("refused by {}", names.join(", ")),
    };
    let to_whom = if other.sni { "" } else { " to clients without SNI" };
    let text = format!(
        "another chain is served at {}{to_whom}: {subject}, issued by {issuer}, {}; {verdict}",
        other.addresses.join(", "),
        certificates(other.case.served.len())
    );
    let style = if other.sni && !refusing.is_empty() { BAD } else { CARE };
    page.paragraph(2 + COLUMN, style, &text);
}

fn trials(page: &mut Page, label: &str, trials: &[Trial]) {
    let text: Vec<String> = trials
        .iter()
        .map(|trial| match (&trial.remark, trial.accepted) {
            (_, true) => trial.offered.clone(),
            (Some(remark), false) => format!("not {} ({remark})", trial.offered),
            (None, false) => format!("not {}", trial.offered),
        })
        .collect();
    page.entry(2, label, COLUMN, FAINT, PLAIN, &text.join(", "));
}
