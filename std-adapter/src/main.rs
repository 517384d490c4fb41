//! The program `ferrule`.

mod program {
    pub(crate) mod arguments;
    pub(crate) mod connect;
    pub(crate) mod demo;
    #[allow(dead_code, reason = "the command that uses it comes next")]
    pub(crate) mod doctor {
        #[cfg(test)]
        mod agreement;
        pub(crate) mod ber;
        pub(crate) mod case;
        pub(crate) mod consumers;
        pub(crate) mod distinguished_name;
        pub(crate) mod explain;
        pub(crate) mod extension;
        pub(crate) mod facts;
        pub(crate) mod finding;
        pub(crate) mod key;
        pub(crate) mod paths;
        pub(crate) mod revocation;
        pub(crate) mod rules;
        pub(crate) mod signature;
        pub(crate) mod subtrees;
        pub(crate) mod verdict;
    }
    pub(crate) mod get;
    pub(crate) mod outcome;
    pub(crate) mod report;
    pub(crate) mod serve;
    pub(crate) mod site;
}

use clap::Parser;
use program::arguments::{Arguments, Command};
use program::{connect, demo, get, serve};
use std::process::ExitCode;

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Get(arguments) => get::run(&arguments),
        Command::Connect(arguments) => connect::run(&arguments),
        Command::Serve(arguments) => serve::run(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => trouble.report(),
    }
}
