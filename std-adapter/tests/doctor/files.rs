//! The corpus as files, for consumers that read files and for whoever wants to look.

use crate::draft::{Case, Role};
use crate::key::{Key, Kind};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// A case, and where its files lie.
pub(crate) struct Filed {
    pub(crate) case: Case,
    pub(crate) folder: PathBuf,
}

impl Filed {
    pub(crate) fn served(&self) -> PathBuf {
        self.folder.join("served.pem")
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.folder.join("store.pem")
    }
}

/// The corpus of an earlier run; what of a case only its consumers need is not read.
pub(crate) fn read_corpus(folder: &Path) -> Vec<Filed> {
    let mut folders: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders.into_iter().map(read).collect()
}

fn read(folder: PathBuf) -> Filed {
    let json: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.join("case.json")).unwrap()).unwrap();
    let case = Case {
        name: json["case"].as_str().unwrap().to_owned(),
        served: Vec::new(),
        store: Vec::new(),
        host: json["name"].as_str().map(str::to_owned),
        at: json["at"].as_i64().unwrap(),
        role: if json["role"] == "client" { Role::Client } else { Role::Server },
        leaf_key: Key::new(Kind::P256, "nobody's"),
    };
    Filed { case, folder }
}

/// `target/doctor`.
pub(crate) fn output() -> PathBuf {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_ferrule"));
    program.parent().and_then(Path::parent).unwrap().join("doctor")
}

pub(crate) fn write_corpus(folder: &Path, cases: Vec<Case>) -> Vec<Filed> {
    let _ = fs::remove_dir_all(folder);
    cases.into_iter().enumerate().map(|(number, case)| write(folder, number, case)).collect()
}

fn write(folder: &Path, number: usize, case: Case) -> Filed {
    // A random case is named after its defects, which may be longer than a file's name may be.
    let short: String = case.name.chars().take(100).collect();
    let folder = folder.join(if short == case.name { short } else { format!("{short}-{number}") });
    fs::create_dir_all(&folder).unwrap();
    let certificates = |ders: &[Vec<u8>]| ders.iter().map(|der| pem("CERTIFICATE", der)).collect::<String>();
    fs::write(folder.join("served.pem"), certificates(&case.served)).unwrap();
    fs::write(folder.join("store.pem"), certificates(&case.store)).unwrap();
    fs::write(folder.join("key.pem"), pem("PRIVATE KEY", &case.leaf_key.pkcs8())).unwrap();
    let json = serde_json::json!({
        "case": case.name,
        "name": case.host,
        "at": case.at,
        "role": match case.role { Role::Server => "server", Role::Client => "client" },
    });
    fs::write(folder.join("case.json"), format!("{json}\n")).unwrap();
    Filed { case, folder }
}

pub(crate) fn pem(label: &str, der: &[u8]) -> String {
    let mut out = format!("-----BEGIN {label}-----\n");
    for line in STANDARD.encode(der).as_bytes().chunks(64) {
        writeln!(out, "{}", std::str::from_utf8(line).unwrap()).unwrap();
    }
    writeln!(out, "-----END {label}-----").unwrap();
    out
}
