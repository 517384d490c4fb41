//! The consumers, each run for real on every case: its verdict, and the line that its user would see.

mod command;
mod program;
mod rustls;

use crate::draft::{Case, Role};
use crate::files::Filed;
use crate::key::{Key, Kind};
use crate::recipe::Recipe;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, thread};

/// What a consumer said to a chain.
#[derive(Debug, Clone)]
pub(crate) struct Measured {
    pub(crate) case: String,
    pub(crate) consumer: &'static str,
    pub(crate) version: String,
    pub(crate) accepts: bool,
    /// The consumer's own line.
    pub(crate) error: Option<String>,
}

impl Measured {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::json!({
            "case": self.case,
            "consumer": self.consumer,
            "version": self.version,
            "accepts": self.accepts,
            "error": self.error,
        })
    }
}

/// What an earlier run has written.
pub(crate) fn read_measured(file: &Path) -> Vec<Measured> {
    let text = fs::read_to_string(file).unwrap();
    text.lines()
        .map(|line| {
            let json: serde_json::Value = serde_json::from_str(line).unwrap();
            let text = |key: &str| json[key].as_str().map(str::to_owned);
            let consumer = names().find(|name| json["consumer"] == **name).unwrap();
            Measured {
                case: text("case").unwrap(),
                consumer,
                version: text("version").unwrap(),
                accepts: json["accepts"].as_bool().unwrap(),
                error: text("error"),
            }
        })
        .collect()
}

/// What every consumer is given.
pub(crate) struct Bench<'b> {
    pub(crate) cases: &'b [Filed],
    /// The port at which each case is served.
    pub(crate) ports: Vec<u16>,
    /// A line for each case: name, role, host or `-`, port, store, served chain.
    pub(crate) jobs: PathBuf,
    /// `….pem` and `….key` of a server, for consumers that meet a client.
    pub(crate) identity: PathBuf,
    /// Where programs are built.
    pub(crate) bin: PathBuf,
}

/// A consumer's name, and how it is run; `None` when this machine has not got it.
type Consumer = (&'static str, fn(&Bench<'_>) -> Option<Vec<Measured>>);

/// Those that take longest first, so that the end is not waiting for one.
const CONSUMERS: &[Consumer] = &[
    ("gnutls", command::gnutls),
    ("mbedtls", program::mbedtls),
    ("java", program::java),
    ("bearssl", program::bearssl),
    ("rustls", rustls::measure),
    ("curl", command::curl),
    ("openssl", command::openssl),
    ("nss", program::nss),
    ("python-3.12", program::python_3_12),
    ("python-3.13", program::python_3_13),
    ("node", program::node),
    ("go", program::go),
    ("wolfssl", program::wolfssl),
];

/// Their names, in the order of tables.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    [
        "openssl",
        "curl",
        "python-3.12",
        "python-3.13",
        "node",
        "go",
        "java",
        "gnutls",
        "nss",
        "rustls",
        "mbedtls",
        "wolfssl",
        "bearssl",
    ]
    .into_iter()
}

/// Runs all consumers, or those that are asked for, on all cases.
pub(crate) fn measure(folder: &Path, cases: &[Filed]) -> Vec<Measured> {
    let only = std::env::var("FERRULE_DOCTOR_CONSUMERS").ok();
    let is_wanted = |name| only.as_ref().is_none_or(|only| only.split(',').any(|wanted| wanted == name));
    measure_those(folder, cases, is_wanted)
}

/// Runs these consumers on all cases, as many at once as there are processors.
pub(crate) fn measure_those(
    folder: &Path,
    cases: &[Filed],
    is_wanted: impl Fn(&'static str) -> bool,
) -> Vec<Measured> {
    let bench = &Bench::new(folder, cases);
    let mut measured = Vec::new();
    let wanted: Vec<_> = CONSUMERS.iter().filter(|(name, _)| is_wanted(name)).collect();
    let next = std::sync::Mutex::new(wanted.iter());
    let results = std::sync::Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                loop {
                    let Some((name, run)) = next.lock().unwrap().next() else { break };
                    let start = std::time::Instant::now();
                    // What the others say is worth having all the same.
                    let result = std::panic::catch_unwind(|| run(bench)).unwrap_or_else(|_| Some(Vec::new()));
                    println!("{name} took {:.1} s", start.elapsed().as_secs_f32());
                    results.lock().unwrap().push((*name, result));
                }
            });
        }
    });
    for (name, result) in results.into_inner().unwrap() {
        match result {
            // Its panic has been printed.
            Some(lines) if lines.is_empty() => panic!("{name} could not be run"),
            Some(lines) => measured.extend(lines),
            // That has been said.
            None => (),
        }
    }
    measured
}

impl<'b> Bench<'b> {
    fn new(folder: &Path, cases: &'b [Filed]) -> Self {
        let bin = folder.join("bin");
        fs::create_dir_all(&bin).unwrap();
        let ports: Vec<_> = cases.iter().map(|filed| crate::server::serve(&filed.case)).collect();
        let mut jobs = String::new();
        for (filed, port) in cases.iter().zip(&ports) {
            let Case { name, role, host, .. } = &filed.case;
            let role = if *role == Role::Server { "server" } else { "client" };
            let host = host.as_deref().unwrap_or("-");
            let (store, served) = (filed.store(), filed.served());
            writeln!(jobs, "{name}\t{role}\t{host}\t{port}\t{}\t{}", store.display(), served.display())
                .unwrap();
        }
        fs::write(folder.join("jobs"), jobs).unwrap();
        let key = Key::new(Kind::P256, "the consumer's own");
        let now = cases.first().map_or(0, |filed| filed.case.at);
        let der = Recipe::server("server.ferrule.example", key.clone(), now).self_signed();
        let identity = folder.join("identity");
        fs::write(identity.with_extension("pem"), crate::files::pem("CERTIFICATE", &der)).unwrap();
        fs::write(identity.with_extension("key"), crate::files::pem("PRIVATE KEY", &key.pkcs8())).unwrap();
        Self { cases, ports, jobs: folder.join("jobs"), identity, bin }
    }
}
