//! `ferrule doctor`: who refuses a certificate chain, with which words, why, and what to change.
//!
//! Reading order: `arguments`; `diagnosis` (what is asked, and all that is answered); `live` (the chain of a
//! server that answers); `chain_view` and `changes` (what a chain is, and what became of it); `report` and
//! `json` (the two ways to tell it). What consumers do: `facts` and `case`, then `paths`, `consumers`, `rules`,
//! `verdict`, `finding`, `explain`.

pub(crate) mod arguments;
mod ber;
mod case;
mod chain_view;
mod changes;
mod consumers;
mod damage;
mod diagnosis;
mod distinguished_name;
mod explain;
mod explanation;
mod extension;
mod facts;
mod finding;
mod firmware;
mod json;
mod key;
mod live;
pub(crate) mod moment;
mod paths;
pub(crate) mod pem_file;
mod reasons;
mod report;
mod revocation;
mod rules;
mod signature;
mod subtrees;
mod verdict;

use super::outcome::Trouble;
use arguments::DoctorArguments;
use diagnosis::Diagnosis;
use explanation::Explanation;
use std::io::{self, Write};
use std::process::ExitCode;

/// Exit code 1: somebody refuses.
const REFUSED: u8 = 1;

pub(crate) fn run(arguments: &DoctorArguments) -> Result<ExitCode, Trouble> {
    if arguments.rules {
        let text = if arguments.json { serialised(json::rules())? } else { report::rules() };
        print(&text)?;
        return Ok(ExitCode::SUCCESS);
    }
    let diagnosis = Diagnosis::of(arguments)?;
    let explanation = arguments
        .explain
        .as_deref()
        .map(|text| Explanation::of(text, diagnosis.as_ref().map(|diagnosis| &diagnosis.case)));
    if diagnosis.is_none() && explanation.is_none() {
        return Err(Trouble::usage(
            "nothing to look at: name a HOST[:PORT], or a file with --chain, or an error with --explain"
                .to_owned(),
        ));
    }
    if arguments.json {
        print(&serialised(json::render(diagnosis.as_ref(), explanation.as_ref()))?)?;
    } else {
        print(&report::render(diagnosis.as_ref(), explanation.as_ref()))?;
    }
    Ok(match diagnosis {
        Some(diagnosis) if !diagnosis.is_accepted() => ExitCode::from(REFUSED),
        _ => ExitCode::SUCCESS,
    })
}

fn serialised(json: Result<String, serde_json::Error>) -> Result<String, Trouble> {
    json.map(|json| json + "\n").map_err(|error| Trouble::usage(error.to_string()))
}

/// To stdout, in colour if that is a terminal. A reader who has seen enough, as `head` does, is no trouble.
fn print(text: &str) -> Result<(), Trouble> {
    let mut stdout = anstream::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Trouble::network(format!("stdout: {error}")))
        }
        _ => Ok(()),
    }
}
