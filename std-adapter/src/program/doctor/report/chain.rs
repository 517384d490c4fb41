//! The chain, certificate by certificate.

use super::page::{BAD, CARE, FAINT, GOOD, PLAIN, Page};
use crate::program::doctor::chain_view::{ChainView, Place, Row};
use crate::program::doctor::diagnosis::Diagnosis;
use crate::program::doctor::facts::Facts;
use crate::program::doctor::moment;

/// How many names of a certificate are shown.
const NAMES: usize = 4;
/// How many certificates are shown: no consumer takes a path that is longer.
const ROWS: usize = 16;
const DAY: i64 = 86_400;
/// How long before its end a certificate's end is pointed out.
const SOON: i64 = 14 * DAY;
/// The width of "2 surplus", and of "- missing".
const COLUMN: usize = 11;

pub(super) fn write(page: &mut Page, diagnosis: &Diagnosis) {
    let view = ChainView::of(&diagnosis.case);
    let bytes: usize = diagnosis.case.served.iter().map(|facts| facts.der.len()).sum();
    let count = certificates(diagnosis.case.served.len());
    page.heading(&format!("The chain: {count}, {bytes} bytes"));
    for row in view.rows.iter().take(ROWS) {
        write_row(page, row, diagnosis.case.at);
    }
    if let Some(more) = view.rows.len().checked_sub(ROWS).filter(|more| *more > 0) {
        page.paragraph(2 + COLUMN, FAINT, &format!("and {more} more with --json"));
    }
}

/// So many of them.
pub(super) fn certificates(count: usize) -> String {
    if count == 1 { "1 certificate".to_owned() } else { format!("{count} certificates") }
}

fn write_row(page: &mut Page, row: &Row<'_>, at: i64) {
    let index = row.index.map_or_else(|| "-".to_owned(), |index| index.to_string());
    let label = format!("{index} {}", row.place.name());
    let (label_style, style) = match row.place {
        Place::Leaf(_) | Place::Issuer(_) | Place::Root(_) => (PLAIN, PLAIN),
        Place::Surplus(_) => (CARE, FAINT),
        Place::Missing { .. } => (BAD, PLAIN),
        Place::Anchor(_) => (GOOD, PLAIN),
    };
    let text = match row.place {
        Place::Missing { below } => {
            format!("{}: neither served nor in the store", below.issuer.for_people())
        }
        Place::Anchor(facts) => {
            format!("{}, {}, {}; in the store", facts.subject.for_people(), facts.key, validity(facts, at))
        }
        Place::Leaf(facts) | Place::Issuer(facts) | Place::Root(facts) | Place::Surplus(facts) => {
            served(facts, at)
        }
    };
    page.entry(2, &label, COLUMN, label_style, style, &text);
    if let Place::Leaf(leaf) = row.place
        && let Some(names) = names(leaf)
    {
        page.paragraph(2 + COLUMN, FAINT, &names);
    }
    for remark in &row.remarks {
        page.paragraph(2 + COLUMN, CARE, remark);
    }
}

fn served(facts: &Facts, at: i64) -> String {
    let issuer = if facts.is_self_issued() {
        "self-issued".to_owned()
    } else {
        format!("issued by {}", facts.issuer.for_people())
    };
    format!(
        "{}, {issuer}; {}, signed by {}; {}; {} bytes",
        facts.subject.for_people(),
        facts.key,
        facts.algorithm,
        validity(facts, at),
        facts.der.len()
    )
}

fn validity(facts: &Facts, at: i64) -> String {
    let (from, to) = (facts.not_before.unix, facts.not_after.unix);
    let days = |seconds: i64| match seconds / DAY {
        0 => "less than a day".to_owned(),
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    };
    let state = if at < from {
        format!(" (NOT YET VALID: in {})", days(from - at))
    } else if at > to {
        format!(" (EXPIRED {} ago)", days(at - to))
    } else if to - at < SOON {
        format!(" (expires in {})", days(to - at))
    } else {
        String::new()
    };
    format!("{} to {}{state}", moment::day(from), moment::day(to))
}

/// The first names, and how many more there are.
fn names(facts: &Facts) -> Option<String> {
    let names: Vec<String> =
        facts.alt_names.present()?.iter().map(|name| name.to_string().replacen("DNS:", "", 1)).collect();
    let shown = names.iter().take(NAMES).cloned().collect::<Vec<_>>().join(", ");
    Some(match names.len() {
        0 => "for no name".to_owned(),
        count if count > NAMES => format!("for {shown} and {} more", count - NAMES),
        _ => format!("for {shown}"),
    })
}
