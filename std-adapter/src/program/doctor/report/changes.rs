//! What changed since the previous chain.

use super::page::{BAD, CARE, FAINT, GOOD, PLAIN, Page, STRONG};
use super::verdicts::named;
use crate::program::doctor::changes::flips;
use crate::program::doctor::diagnosis::{Diagnosis, Previous};

pub(super) fn write(page: &mut Page, diagnosis: &Diagnosis, previous: &Previous) {
    page.heading(&format!("What changed since {}", previous.source));
    let flips = flips(&previous.verdicts, &diagnosis.verdicts);
    for (accepts, style, text) in
        [(false, BAD, "accepted before, refuse now"), (true, GOOD, "refused before, accept now")]
    {
        let who: Vec<String> =
            flips.iter().filter(|flip| flip.after.accepts == accepts).map(|flip| named(flip.after)).collect();
        if !who.is_empty() {
            page.paragraph(2, style, &format!("{text}: {}", who.join(", ")));
        }
    }
    if previous.changes.is_empty() {
        page.paragraph(2, PLAIN, "Nothing that any consumer is known to look at.");
    }
    for change in &previous.changes {
        let text = format!("{} -> {}", shortened(&change.before), shortened(&change.after));
        page.entry(2, &format!("{}: ", change.what), change.what.len() + 2, STRONG, PLAIN, &text);
        for hurt in &change.hurts {
            page.entry(4, "hurts ", 6, CARE, PLAIN, &format!("{}: {}", shortened(&hurt.who), hurt.why));
        }
    }
    for scenario in &previous.scenarios {
        let names: Vec<String> = scenario.flips().iter().map(|flip| named(flip.after)).collect();
        let text = format!("when {}: {}", scenario.when, names.join(", "));
        page.entry(2, "refuse now ", 11, CARE, PLAIN, &text);
    }
    if let Some(remark) = &previous.remark {
        page.paragraph(2, FAINT, remark);
    }
}

/// Long lists of names are for the JSON.
fn shortened(text: &str) -> String {
    const ENOUGH: usize = 200;
    match text.char_indices().nth(ENOUGH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
