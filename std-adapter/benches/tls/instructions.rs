//! Instructions, counted by callgrind: the same on a busy machine as on an idle one.

use crate::{COMPARED, NAMES, contender};
use std::collections::HashMap;
use std::process::{Command, Stdio};

/// Does one thing so often, and nothing else: what callgrind looks at.
pub fn once(what: &str, name: &str, rounds: u32) {
    let mut contender = contender(name);
    match what {
        "handshake" => {
            for _ in 0..rounds {
                std::hint::black_box(contender.handshake());
            }
        }
        "bulk" => {
            contender.handshake();
            (0..rounds).for_each(|_| contender.bulk());
        }
        what => panic!("no task {what}"),
    }
}

/// Instructions of a whole process.
fn instructions(what: &str, name: &str, rounds: u32) -> u64 {
    let program = std::env::current_exe().unwrap();
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args(["--once", what, name, &rounds.to_string()])
        .stdout(Stdio::null())
        .output()
        .expect("valgrind must be installed");
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{log}");
    let collected = log.lines().find_map(|line| line.split("Collected :").nth(1));
    collected.and_then(|count| count.trim().parse().ok()).unwrap_or_else(|| panic!("no count in {log}"))
}

/// Counts, and prints ratios.
pub fn print() {
    println!("Instructions (callgrind), both sides together: a full handshake, and 1 MiB of bulk data");
    let mut counts = HashMap::new();
    for what in ["handshake", "bulk"] {
        for name in NAMES {
            // What comes before and after the rounds cancels out.
            let (few, many) = (instructions(what, name, 2), instructions(what, name, 12));
            counts.insert((what, name), (many - few) / 10);
            println!("{what:<10} {name:<18} {:>12}", counts[&(what, name)]);
        }
        for (ours, peer) in COMPARED {
            let ratio = counts[&(what, ours)] as f64 / counts[&(what, peer)] as f64;
            println!("{what:<10} {ours} / {peer}: {ratio:.2}");
        }
    }
}
