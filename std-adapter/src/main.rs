//! The program `ferrule`.

mod program {
    pub(crate) mod anchor;
    pub(crate) mod arguments;
    pub(crate) mod connect;
    pub(crate) mod demo;
    pub(crate) mod doctor;
    pub(crate) mod get;
    pub(crate) mod outcome;
    pub(crate) mod report;
    pub(crate) mod serve;
    pub(crate) mod site;
}

use clap::Parser;
use program::arguments::{Arguments, Command};
use program::{anchor, connect, demo, doctor, get, serve};
use std::process::ExitCode;

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Get(arguments) => get::run(&arguments),
        Command::Connect(arguments) => connect::run(&arguments),
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Anchor(arguments) => anchor::run(&arguments),
        Command::Doctor(arguments) => match doctor::run(&arguments) {
            // The report has said it all.
            Ok(verdict) => return verdict,
            Err(trouble) => Err(trouble),
        },
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => trouble.report(),
    }
}
