//! Ferrule as BoringSSL's test runner (BoGo) wants it: a program that makes the connections which its flags
//! describe and echoes every byte, inverted. `run.sh` beside it runs the two against each other.
//!
//! The exit code is the verdict: 0 for a connection that went as its flags say, 89 for flags that ask for what
//! Ferrule does not have, 1 for all else, with the reason on standard error.

mod credential;
mod exchange;
mod expectations;
mod flags;
mod provider;
mod verifier;
mod wire;

use flags::{Flags, Parsed};
use std::io::Write;
use std::process::ExitCode;

const UNIMPLEMENTED: u8 = 89;

/// Why a connection did not come to its end.
#[derive(Debug)]
enum Stop {
    /// The flags ask for what is not there.
    Unimplemented(String),
    Failed(String),
}

impl Stop {
    fn unimplemented(what: impl Into<String>) -> Self {
        Self::Unimplemented(what.into())
    }

    fn failed(why: impl Into<String>) -> Self {
        Self::Failed(why.into())
    }
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Self {
        Self::Failed(format!("the transport failed: {error}"))
    }
}

fn run(arguments: impl Iterator<Item = Vec<u8>>) -> Result<(), Stop> {
    let Parsed { first, again, resume_count } = flags::parse(arguments)?;
    if first.is_handshaker_supported {
        println!("No");
        return Ok(());
    }
    // Without resumption a second connection is like the first, and only lawful where a miss is expected.
    if resume_count > 0 && !again.expect_session_miss {
        return Err(Stop::unimplemented("resumption"));
    }
    provider::prefer(first.verify_prefs.clone());
    exchange::connection(&first)?;
    (0..resume_count).try_for_each(|_| exchange::connection(&again))
}

/// The runner does not tell why a test was skipped: a file can.
fn note(what: &str) {
    if let Some(path) = std::env::var_os("FERRULE_BOGO_SKIPPED")
        && let Ok(mut file) = std::fs::OpenOptions::new().append(true).open(path)
    {
        let _ = file.write_all(format!("{what}\n").as_bytes());
    }
}

fn main() -> ExitCode {
    match run(std::env::args_os().skip(1).map(|argument| argument.into_encoded_bytes())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Stop::Unimplemented(what)) => {
            eprintln!("not implemented: {what}");
            note(&what);
            ExitCode::from(UNIMPLEMENTED)
        }
        Err(Stop::Failed(why)) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}
