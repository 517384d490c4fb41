//! Ferrule beside rustls, in one run: a full handshake (client and server apart, in memory) and bulk records.
//!
//! `cargo bench -p ferrule-tls-std --bench tls` measures with criterion, then prints ratios of its medians.
//! `cargo bench -p ferrule-tls-std --bench tls -- --instructions` counts instructions with callgrind instead,
//! which says the same on a busy machine, and prints ratios of those.
//!
//! Each pair does the same: one certificate below a root, both verified, TLS_AES_128_GCM_SHA256, X25519, ECDSA
//! P-256. "null" is the protocol's own cost: key exchange, signatures and AEAD are constants on both sides,
//! hashes are the same real ones.
#![allow(missing_docs, unreachable_pub)]

mod instructions;
mod null;
mod ours;
mod peer;
#[path = "../../../core/tests/common/providers.rs"]
mod providers;

use criterion::{Criterion, Throughput};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use std::time::Duration;

pub const HOST: &str = "bench.test";
/// Bytes of bulk data an iteration.
pub const BULK: usize = 1 << 20;

/// A root, and a certificate below it with its key (PKCS#8).
pub struct Identity {
    pub root: Vec<u8>,
    pub leaf: Vec<u8>,
    pub key: Vec<u8>,
}

impl Identity {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "Bench Root");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let root_key = KeyPair::generate().unwrap();
        let root = params.self_signed(&root_key).unwrap();
        let issuer = Issuer::new(params, root_key);
        let key = KeyPair::generate().unwrap();
        let leaf = CertificateParams::new(vec![HOST.to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
        Self { root: root.der().to_vec(), leaf: leaf.der().to_vec(), key: key.serialize_der() }
    }
}

/// How long each side of one handshake took.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sides {
    pub client: Duration,
    pub server: Duration,
}

/// One of the things compared.
pub trait Contender {
    /// A whole handshake.
    fn handshake(&self) -> Sides;
    /// Sends [`BULK`] bytes from the client to the server, over a connection made before.
    fn bulk(&mut self);
}

/// The contenders, by name; each of ours stands before the peers that it is held against.
const NAMES: [&str; 5] = ["ferrule", "rustls-rustcrypto", "rustls-ring", "ferrule-null", "rustls-null"];
const COMPARED: [(&str, &str); 3] =
    [("ferrule", "rustls-rustcrypto"), ("ferrule", "rustls-ring"), ("ferrule-null", "rustls-null")];

pub fn contender(name: &str) -> Box<dyn Contender> {
    let identity = Identity::new();
    match name {
        "ferrule" => Box::new(ours::software(identity)),
        "ferrule-null" => Box::new(ours::null(identity)),
        "rustls-ring" => Box::new(peer::Rustls::new(identity, rustls::crypto::ring::default_provider())),
        "rustls-rustcrypto" => Box::new(peer::Rustls::new(identity, rustls_rustcrypto::provider())),
        "rustls-null" => Box::new(peer::Rustls::new(identity, null::provider())),
        name => panic!("no contender {name}"),
    }
}

fn measure(criterion: &mut Criterion) {
    for side in ["client", "server"] {
        let mut group = criterion.benchmark_group(format!("handshake-{side}"));
        for name in NAMES {
            let contender = contender(name);
            group.bench_function(name, |bencher| {
                bencher.iter_custom(|rounds| {
                    let sides = (0..rounds).map(|_| contender.handshake());
                    sides.map(|s| if side == "client" { s.client } else { s.server }).sum()
                });
            });
        }
    }
    let mut group = criterion.benchmark_group("bulk");
    group.throughput(Throughput::Bytes(BULK as u64));
    for name in NAMES {
        let mut contender = contender(name);
        group.bench_function(name, |bencher| bencher.iter(|| contender.bulk()));
    }
}

/// The median of a benchmark that criterion has just written down, in nanoseconds.
fn median(group: &str, name: &str) -> Option<f64> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(
        || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"),
        std::path::PathBuf::from,
    );
    let file = target.join("criterion").join(group).join(name).join("new/estimates.json");
    let estimates: serde_json::Value = serde_json::from_slice(&std::fs::read(file).ok()?).ok()?;
    estimates["median"]["point_estimate"].as_f64()
}

fn print_ratios() {
    println!("\nFerrule's time by the peer's, medians of this run (below 1: Ferrule is faster)");
    for group in ["handshake-client", "handshake-server", "bulk"] {
        for (ours, peer) in COMPARED {
            if let (Some(a), Some(b)) = (median(group, ours), median(group, peer)) {
                println!(
                    "{group:<18} {ours:>12} / {peer:<18} {:.2}  ({:.1} µs / {:.1} µs)",
                    a / b,
                    a / 1e3,
                    b / 1e3
                );
            }
        }
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments.iter().any(|a| a == "--instructions") {
        instructions::print();
    } else if let Some(at) = arguments.iter().position(|a| a == "--once") {
        instructions::once(&arguments[at + 1], &arguments[at + 2], arguments[at + 3].parse().unwrap());
    } else {
        let mut criterion = Criterion::default().configure_from_args();
        measure(&mut criterion);
        criterion.final_summary();
        print_ratios();
    }
}
