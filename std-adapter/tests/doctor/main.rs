//! What `ferrule doctor` foretells, against the consumers themselves: chains with defects of all kinds are served to
//! OpenSSL, curl, Python, Node, Go, Java, GnuTLS, NSS, rustls, Mbed TLS, wolfSSL and BearSSL.
//!
//! The chains, and what was measured, lie in `target/doctor` afterwards. `FERRULE_DOCTOR_RANDOM=N` and
//! `FERRULE_DOCTOR_SEED=S` add other chains, `FERRULE_DOCTOR_CONSUMERS=go,java` asks fewer, and
//! `FERRULE_DOCTOR_MEASURE=1` measures alone. `FERRULE_DOCTOR_AGAIN=1` asks the doctor alone, about what was
//! measured last: that takes seconds. README.md has the table.

mod agreement;
mod consumers;
mod corpus;
mod defects;
mod difference;
mod draft;
mod encoding;
mod essence;
mod explained;
mod extension;
mod files;
mod key;
mod name;
#[path = "../peers/process.rs"]
#[allow(dead_code)]
mod process;
mod recipe;
mod server;
mod table;

use draft::Case;
use std::env;
use std::time::{SystemTime, UNIX_EPOCH};

/// Random chains, where nobody asks for another number.
const RANDOM: u64 = 60;

#[test]
fn the_doctor_foretells_what_every_consumer_says() {
    let folder = files::output();
    let (corpus, results) = (folder.join("corpus"), folder.join("measured.jsonl"));
    let (filed, measured) = if number("FERRULE_DOCTOR_AGAIN").is_some() {
        (files::read_corpus(&corpus), consumers::read_measured(&results))
    } else {
        let filed = files::write_corpus(&corpus, cases());
        let measured = consumers::measure(&folder, &filed);
        let lines = measured.iter().map(|one| format!("{}\n", one.json()));
        std::fs::write(results, lines.collect::<String>()).unwrap();
        (filed, measured)
    };
    let names: Vec<_> = filed.iter().map(|filed| filed.case.name.clone()).collect();
    std::fs::write(folder.join("table.md"), table::table(&names, &measured)).unwrap();
    if number("FERRULE_DOCTOR_MEASURE").is_some() {
        return;
    }
    let unexplained = agreement::compare(&filed, &measured);
    let count = unexplained.len();
    assert!(count == 0, "{count} disagreements that nothing explains:\n{}", unexplained.join("\n"));
}

fn cases() -> Vec<Case> {
    let now = now();
    let seed = number("FERRULE_DOCTOR_SEED").unwrap_or(1);
    let random = number("FERRULE_DOCTOR_RANDOM").unwrap_or(RANDOM);
    let mut cases = corpus::named(now);
    cases.extend((seed..seed + random).map(|seed| corpus::random(seed, now)));
    cases
}

/// The consumers go by the clock, so the chains do.
fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64
}

fn number(name: &str) -> Option<u64> {
    env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")))
}

/// Ferrule's path builder beside OpenSSL's, Go's and rustls': on the corpus, and on certificates of it in which
/// something was changed at random.
#[test]
fn the_path_builder_differs_from_other_verifiers_for_reasons_alone() {
    let folder = files::output().join("difference");
    let mut cases = cases();
    let count = number("FERRULE_DOCTOR_MUTATIONS").unwrap_or(400);
    cases.extend(difference::mutations(&cases, count, now()));
    let filed = files::write_corpus(&folder.join("corpus"), cases);
    let measured = consumers::measure_those(&folder, &filed, |name| difference::OTHERS.contains(&name));
    let unexplained = difference::compare(&filed, &measured);
    let count = unexplained.len();
    assert!(count == 0, "{count} differences that nothing explains:\n{}", unexplained.join("\n"));
}

/// Without this the corpus could lose its defects unnoticed, and every consumer agree.
#[test]
fn every_case_has_a_name_and_a_chain_of_its_own() {
    let cases = corpus::named(1_764_000_000);
    let mut names: Vec<_> = cases.iter().map(|case| &case.name).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), cases.len());
    let sound = cases.iter().filter(|case| case.name.starts_with("sound-")).count();
    assert!(sound >= 10 && cases.len() - sound >= 200, "{sound} sound ones of {}", cases.len());
}

#[test]
fn the_same_seed_makes_the_same_case() {
    let (one, other) = (corpus::random(17, 1_764_000_000), corpus::random(17, 1_764_000_000));
    assert_eq!((one.name, one.host, one.served.len()), (other.name, other.host, other.served.len()));
}
