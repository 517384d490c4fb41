//! Who refuses, with which words.

use super::page::{BAD, FAINT, GOOD, PLAIN, Page, STRONG};
use crate::program::doctor::diagnosis::Diagnosis;
use crate::program::doctor::firmware::Needs;
use crate::program::doctor::verdict::{Basis, Verdict};

/// The longest name of a consumer, and a space.
const COLUMN: usize = 17;

pub(super) fn headline(page: &mut Page, diagnosis: &Diagnosis) {
    let asked = diagnosis.verdicts.len();
    let refusing: Vec<&Verdict> = diagnosis.verdicts.iter().filter(|verdict| !verdict.accepts).collect();
    let (style, text) = match (refusing.as_slice(), asked) {
        ([], 1) => (GOOD.bold(), format!("{} accepts this chain", diagnosis.verdicts[0].consumer)),
        ([], _) => (GOOD.bold(), format!("All {asked} consumers accept this chain")),
        ([one], 1) => (BAD, format!("{} refuses this chain", one.consumer)),
        (_, _) if refusing.len() == asked => (BAD, format!("All {asked} consumers refuse this chain")),
        ([one], _) => (BAD, format!("1 of {asked} consumers refuses this chain: {}", one.consumer)),
        _ => (BAD, format!("{} of {asked} consumers refuse this chain", refusing.len())),
    };
    page.paragraph(0, style, &text);
}

pub(super) fn write(page: &mut Page, diagnosis: &Diagnosis) {
    page.heading("Verdicts");
    let (accepting, refusing): (Vec<&Verdict>, Vec<&Verdict>) =
        diagnosis.verdicts.iter().partition(|verdict| verdict.accepts);
    for verdict in &refusing {
        refusal(page, 2, verdict);
    }
    if !accepting.is_empty() {
        let names: Vec<String> = accepting.iter().map(|verdict| named(verdict)).collect();
        page.entry(2, "accepted by", COLUMN, GOOD, PLAIN, &names.join(", "));
    }
    let needs = Needs::of(diagnosis);
    let text = format!(
        "this chain needs {}, {} bytes of scratch, and a receive buffer of {} bytes",
        needs.verifies.join(" and "),
        needs.scratch_bytes,
        needs.receive_buffer_bytes
    );
    page.entry(2, "in firmware", COLUMN, FAINT, FAINT, &text);
    if diagnosis.verdicts.iter().any(|verdict| verdict.basis != Basis::Run) {
        page.paragraph(
            2,
            FAINT,
            "Known by running the consumer, but for those marked: * from its source, ** from documentation.",
        );
    }
}

pub(super) fn refusal(page: &mut Page, indent: usize, verdict: &Verdict) {
    let error = verdict.error.as_deref().unwrap_or("refuses, in words that are not known");
    let mut label = named(verdict);
    let is_short = verdict.version.len() <= 5 && verdict.version.starts_with(|c: char| c.is_ascii_digit());
    if is_short && !verdict.consumer.starts_with("ferrule") && !verdict.consumer.ends_with(verdict.version) {
        label += " ";
        label += verdict.version;
    }
    page.entry(indent, &label, COLUMN, STRONG, BAD_TEXT, error);
}

const BAD_TEXT: anstyle::Style = anstyle::AnsiColor::Red.on_default();

/// A consumer, with a mark for what its verdict rests on.
pub(super) fn named(verdict: &Verdict) -> String {
    let mark = match verdict.basis {
        Basis::Run => "",
        Basis::Source => "*",
        Basis::Documentation => "**",
    };
    format!("{}{mark}", verdict.consumer)
}
