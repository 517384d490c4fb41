//! The diagnosis for people: one screen, worst first.

mod chain;
mod changes;
mod page;
mod rules;
mod server;
mod verdicts;

pub(crate) use rules::rules;

use super::case::Role;
use super::diagnosis::Diagnosis;
use super::explanation::{self, Explanation};
use super::finding::Severity;
use super::moment;
use page::{BAD, CARE, FAINT, PLAIN, Page, STRONG};

/// How many findings are told that nobody refuses for; the JSON has them all.
const NOTES: usize = 6;

pub(crate) fn render(diagnosis: Option<&Diagnosis>, explanation: Option<&Explanation>) -> String {
    let mut page = Page::new();
    if let Some(diagnosis) = diagnosis {
        verdicts::headline(&mut page, diagnosis);
        page.paragraph(2, FAINT, &circumstances(diagnosis));
        chain::write(&mut page, diagnosis);
        if let Some(survey) = &diagnosis.survey {
            server::write(&mut page, diagnosis, survey);
        }
        if let Some(previous) = &diagnosis.previous {
            changes::write(&mut page, diagnosis, previous);
        }
        verdicts::write(&mut page, diagnosis);
        advice(&mut page, diagnosis);
    }
    if let Some(explanation) = explanation {
        explain(&mut page, explanation, diagnosis.is_some());
    }
    page.finish()
}

fn circumstances(diagnosis: &Diagnosis) -> String {
    let case = &diagnosis.case;
    let name = match (&case.name, case.role) {
        (Some(name), _) => format!("called {name}"),
        (None, Role::Server) => "by any name".to_owned(),
        (None, Role::Client) => "as a client's certificate".to_owned(),
    };
    let trust = match case.store.as_slice() {
        [anchor] => format!("{} ({})", diagnosis.store, anchor.subject.for_people()),
        anchors => format!("{} ({})", diagnosis.store, chain::certificates(anchors.len())),
    };
    format!("{}, {name}, as of {}, trusting {trust}", diagnosis.source, moment::shown(case.at))
}

/// Why, and what to do.
fn advice(page: &mut Page, diagnosis: &Diagnosis) {
    let (grave, light): (Vec<_>, Vec<_>) =
        diagnosis.findings.iter().partition(|finding| finding.severity == Severity::Error);
    if !grave.is_empty() || !light.is_empty() {
        page.heading("Why, and what to do");
    }
    for finding in grave.iter().chain(light.iter().take(NOTES)) {
        let style = match finding.severity {
            Severity::Error => BAD,
            Severity::Warning => CARE,
            Severity::Note => FAINT,
        };
        // What is said of a certificate begins with a verb; a rule's cause is a sentence of its own.
        let is_sentence = finding.message.starts_with(char::is_uppercase);
        let colon = if is_sentence { ":" } else { "" };
        let place =
            finding.certificate.map(|index| format!("certificate {index}{colon} ")).unwrap_or_default();
        let section = match finding.section {
            "" => String::new(),
            section => format!(" ({section})"),
        };
        let refusing: Vec<&str> = diagnosis
            .verdicts
            .iter()
            .filter(|verdict| !verdict.accepts && verdict.rule == Some(finding.rule))
            .map(|verdict| verdict.consumer)
            .collect();
        let refused = match refusing.as_slice() {
            [] => String::new(),
            consumers => format!("; refused for it by {}", consumers.join(", ")),
        };
        let message = finding.message.trim_end_matches('.');
        let text = format!("{place}{message}{section}{refused}");
        page.entry(2, finding.severity.name(), 9, style, PLAIN, &text);
        if let Some(fix) = &finding.fix {
            page.entry(11, "fix: ", 5, STRONG, STRONG, fix);
        }
    }
    if light.len() > NOTES {
        page.paragraph(11, FAINT, &format!("and {} more with --json", light.len() - NOTES));
    }
    for note in &diagnosis.notes {
        page.entry(2, "note", 9, FAINT, FAINT, note);
    }
}

fn explain(page: &mut Page, told: &Explanation, has_chain: bool) {
    page.heading(&format!("\"{}\"", told.text));
    if told.causes.is_empty() {
        page.paragraph(2, PLAIN, "No consumer that is known here says this.");
    }
    for (number, cause) in told.causes.iter().enumerate() {
        let speakers = match cause.speakers.as_slice() {
            [] => String::new(),
            speakers => format!(" (said by {})", speakers.join(", ")),
        };
        let text = format!("{}{speakers}", cause.sentence);
        page.entry(2, &format!("{}.", number + 1), 4, STRONG, PLAIN, &text);
        if has_chain {
            let (style, shown) = if cause.shown {
                (BAD, "this chain shows it")
            } else {
                (FAINT, "this chain does not show it")
            };
            page.paragraph(6, style, shown);
        }
        page.entry(6, "fix: ", 5, STRONG, PLAIN, &explanation::advice(cause));
    }
}
