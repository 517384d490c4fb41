//! The doctor's predictions beside what was measured.

use crate::consumers::Measured;
use crate::draft::Role;
use crate::essence::agree;
use crate::explained;
use crate::files::Filed;
use crate::process::{ferrule, run};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What the doctor says that one consumer says.
#[derive(Debug)]
struct Foretold {
    accepts: bool,
    error: Option<String>,
}

#[derive(Default)]
struct Count {
    agreed: usize,
    explained: usize,
    wrong_verdict: usize,
    wrong_text: usize,
}

/// Asks the doctor about every case, prints the table, and returns a line for each disagreement that nothing
/// explains.
pub(crate) fn compare(cases: &[Filed], measured: &[Measured]) -> Vec<String> {
    let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
    let mut unexplained = Vec::new();
    for filed in cases {
        let of_case = measured.iter().filter(|one| one.case == filed.case.name);
        let foretold = match ask(filed) {
            Ok(foretold) => foretold,
            Err(why) if why.contains("unrecognized subcommand") => return vec![why],
            Err(why) => {
                unexplained.push(format!("{}: {why}", filed.case.name));
                continue;
            }
        };
        for one in of_case {
            let count = counts.entry(one.consumer).or_default();
            let Some(difference) = differs(one, foretold.get(one.consumer)) else {
                count.agreed += 1;
                continue;
            };
            if explained::reason(one.consumer, &one.case).is_some() {
                count.explained += 1;
                continue;
            }
            let about_verdict = foretold.get(one.consumer).is_none_or(|said| said.accepts != one.accepts);
            *(if about_verdict { &mut count.wrong_verdict } else { &mut count.wrong_text }) += 1;
            unexplained.push(format!("{} {}: {difference}", one.consumer, one.case));
        }
    }
    println!("{}", table(&counts));
    for row in explained::EXPLAINED {
        println!("explained: {} {}: {}", row.consumer, row.case, row.reason);
    }
    unexplained
}

fn ask(filed: &Filed) -> Result<BTreeMap<String, Foretold>, String> {
    let mut command = ferrule();
    command.args(["doctor", "--json", "--at", &filed.case.at.to_string()]);
    command.arg("--chain").arg(filed.served()).arg("--cafile").arg(filed.store());
    if let Some(host) = &filed.case.host {
        command.args(["--name", host]);
    }
    if filed.case.role == Role::Client {
        command.arg("--client");
    }
    let ended = run(&mut command);
    let json: Value =
        serde_json::from_slice(&ended.stdout).map_err(|_| format!("no JSON: {}", ended.stderr.trim()))?;
    let verdicts = json["verdicts"].as_array().ok_or("no verdicts")?;
    let mut foretold = BTreeMap::new();
    for verdict in verdicts {
        let consumer = verdict["consumer"].as_str().ok_or("a verdict without consumer")?;
        let accepts = verdict["accepts"].as_bool().ok_or("a verdict that is none")?;
        let error = verdict["error"].as_str().map(str::to_owned);
        foretold.insert(consumer.to_owned(), Foretold { accepts, error });
    }
    // Whoever is refused is told why.
    let is_fault = |finding: &Value| finding["severity"] != "note";
    let faults = json["findings"].as_array().ok_or("no findings")?.iter().filter(|one| is_fault(one)).count();
    if faults == 0 && foretold.values().any(|said| !said.accepts) {
        return Err("a refusal that no finding tells".to_owned());
    }
    let all_accept = foretold.values().all(|said| said.accepts);
    if ended.status.code() != Some(i32::from(!all_accept)) {
        return Err(format!("{} where all accept is {all_accept}", ended.status));
    }
    Ok(foretold)
}

/// What is wrong with the prediction, if anything.
fn differs(measured: &Measured, foretold: Option<&Foretold>) -> Option<String> {
    let Some(foretold) = foretold else { return Some("the doctor says nothing".to_owned()) };
    let said = |accepts: bool, error: &Option<String>| match (accepts, error) {
        (true, _) => "accepts".to_owned(),
        // A name with a zero byte would make the log a binary file.
        (false, error) => {
            format!("refuses: {}", error.as_deref().unwrap_or("(no text)").replace('\0', "\\0"))
        }
    };
    let same = match (&measured.error, &foretold.error) {
        _ if measured.accepts != foretold.accepts => false,
        (Some(measured_text), Some(text)) => agree(measured.consumer, measured_text, text),
        (measured_text, text) => measured_text.is_none() && text.is_none(),
    };
    (!same).then(|| {
        format!(
            "\n    it {}\n    the doctor says that it {}",
            said(measured.accepts, &measured.error),
            said(foretold.accepts, &foretold.error)
        )
    })
}

fn table(counts: &BTreeMap<&str, Count>) -> String {
    let mut text = format!(
        "{:12} {:>7} {:>10} {:>14} {:>11}\n",
        "consumer", "agreed", "explained", "other verdict", "other text"
    );
    for (consumer, count) in counts {
        let Count { agreed, explained, wrong_verdict, wrong_text } = count;
        writeln!(text, "{consumer:12} {agreed:>7} {explained:>10} {wrong_verdict:>14} {wrong_text:>11}")
            .unwrap();
    }
    text
}
