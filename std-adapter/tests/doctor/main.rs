//! What `ferrule doctor` foretells, against the consumers themselves: chains with defects of all kinds are served to
//! OpenSSL, curl, Python, Node, Go, Java, GnuTLS, NSS, rustls, Mbed TLS and wolfSSL.

mod consumers;
mod corpus;
mod defects;
mod draft;
mod encoding;
mod extension;
mod files;
mod key;
mod name;
#[path = "../peers/process.rs"]
#[allow(dead_code)]
mod process;
mod recipe;
mod server;

use std::fmt::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

#[test]
fn the_doctor_foretells_what_every_consumer_says() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64;
    let mut cases = corpus::named(now);
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let seed = number("FERRULE_DOCTOR_SEED").unwrap_or(1);
    cases.extend((0..number("FERRULE_DOCTOR_RANDOM").unwrap_or(0)).map(|n| corpus::random(seed + n, now)));
    let folder = files::output();
    let filed = files::write_corpus(&folder.join("corpus"), cases);
    println!("{} chains", filed.len());
    let (measured, missing) = consumers::measure(&folder, &filed);
    println!("missing: {missing:?}");
    let mut lines = String::new();
    for one in &measured {
        writeln!(lines, "{}", one.json()).unwrap();
    }
    std::fs::write(folder.join("measured.jsonl"), lines).unwrap();
    assert!(measured.len() > 1000);
}
