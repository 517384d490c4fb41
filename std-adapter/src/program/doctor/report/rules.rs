//! One page with all rules.

use super::page::{FAINT, PLAIN, Page, STRONG};
use crate::program::doctor::rules;

pub(crate) fn rules() -> String {
    let mut page = Page::new();
    page.paragraph(
        0,
        STRONG,
        "What consumers refuse, since when, and with which words; who is not named accepts",
    );
    for rule in rules::all() {
        page.heading(rule.id);
        page.paragraph(2, PLAIN, &format!("{} ({})", rule.cause, rule.section));
        for refusal in rule.refusals {
            let since = match refusal.since {
                "" => String::new(),
                since => format!(", since {since}"),
            };
            let names: Vec<&str> = refusal.consumers.iter().map(|consumer| consumer.name()).collect();
            let text = format!("{}: {} [{}{since}]", names.join(", "), refusal.words, refusal.basis.name());
            page.entry(4, "-", 2, FAINT, PLAIN, &text);
        }
        page.entry(2, "fix: ", 5, STRONG, PLAIN, rule.fix);
    }
    page.finish()
}
