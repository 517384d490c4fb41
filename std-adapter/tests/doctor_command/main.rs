//! The commands `ferrule doctor` and `ferrule anchor`: their command line, what they tell of chains that were
//! renewed, and what they see of real servers.
//!
//! What consumers say to a chain is checked elsewhere, by running them. Here stands what the doctor makes of it.

mod anchor;
mod authority;
mod command_line;
mod live;
mod renewal;
mod view;

#[allow(dead_code, reason = "shared with the tests against peers")]
#[path = "../peers/process.rs"]
mod process;

use process::{Ended, ferrule, run};
use serde_json::Value;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The files of one test. The folder goes when this is dropped.
struct Files(TempDir);

impl Files {
    fn new() -> Self {
        Self(TempDir::with_prefix_in("doctor-", env!("CARGO_TARGET_TMPDIR")).unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn folder(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// `ferrule doctor` in this folder.
    fn doctor(&self, arguments: &[&str]) -> Ended {
        run(ferrule().current_dir(self.folder()).arg("doctor").args(arguments))
    }

    /// Its JSON, whatever the verdicts.
    #[track_caller]
    fn json(&self, arguments: &[&str]) -> Value {
        let ended = self.doctor(&[arguments, &["--json"]].concat());
        assert!(ended.status.code() <= Some(1), "{}: {}", ended.status, ended.stderr);
        serde_json::from_slice(&ended.stdout).unwrap()
    }
}

/// The strings of a JSON array.
fn strings(array: &Value) -> Vec<&str> {
    array.as_array().unwrap().iter().map(|value| value.as_str().unwrap()).collect()
}
