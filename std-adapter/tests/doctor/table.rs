//! The measured table, as README.md has it: a row for each case, a column for each consumer.

use crate::consumers::{Measured, names};
use std::collections::HashMap;
use std::fmt::Write as _;

/// Markdown: `+` is accepted, `-` refused, `.` is not asked.
pub(crate) fn table(cases: &[String], measured: &[Measured]) -> String {
    let columns: Vec<_> = names().filter(|name| measured.iter().any(|one| one.consumer == *name)).collect();
    let said: HashMap<_, _> =
        measured.iter().map(|one| ((one.case.as_str(), one.consumer), one.accepts)).collect();
    let versions = columns.iter().map(|name| {
        let one = measured.iter().find(|one| one.consumer == *name);
        format!("{name} {}", one.map_or("", |one| &one.version))
    });
    let mut text = format!("Versions: {}.\n\n", versions.collect::<Vec<_>>().join(", "));
    writeln!(text, "| case | {} |", columns.join(" | ")).unwrap();
    writeln!(text, "|---|{}", ":-:|".repeat(columns.len())).unwrap();
    for case in cases {
        let cells = columns.iter().map(|name| match said.get(&(case.as_str(), *name)) {
            Some(true) => "+",
            Some(false) => "-",
            None => ".",
        });
        writeln!(text, "| {case} | {} |", cells.collect::<Vec<_>>().join(" | ")).unwrap();
    }
    text
}
