//! Consumers that are libraries: a small program for each, which reads the jobs and answers a line for each.

use super::{Bench, Measured};
use crate::process::{find, run};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs a program that answers `version`, then case, 1 or 0, and the error, all with tabs between.
fn batch(consumer: &'static str, command: &mut Command, bench: &Bench<'_>) -> Option<Vec<Measured>> {
    let ended = run(command.arg(&bench.jobs).arg(&bench.identity));
    let output = String::from_utf8_lossy(&ended.stdout);
    assert!(ended.status.success(), "{consumer}: {}\n{output}\n{}", ended.status, ended.stderr);
    let mut version = String::new();
    let mut measured = Vec::new();
    for line in output.lines() {
        let fields: Vec<_> = line.splitn(3, '\t').collect();
        match fields[..] {
            ["version", found] => version = found.to_owned(),
            [case, accepts, error] => measured.push(Measured {
                case: case.to_owned(),
                consumer,
                version: version.clone(),
                accepts: accepts == "1",
                error: (accepts != "1").then(|| error.to_owned()),
            }),
            _ => panic!("{consumer} says {line:?}"),
        }
    }
    Some(measured)
}

fn script(bench: &Bench<'_>, name: &str, text: &str) -> PathBuf {
    let file = bench.bin.join(name);
    std::fs::write(&file, text).unwrap();
    file
}

pub(super) fn python_3_12(bench: &Bench<'_>) -> Option<Vec<Measured>> {
    let python = python(&["python3.12", "python3.11", "python3.10"]).or_else(|| find("python3.12"))?;
    batch(
        "python-3.12",
        Command::new(python).arg(script(bench, "client.py", include_str!("client.py"))),
        bench,
    )
}

/// A Python that has the strict flags by default, else an older one that is given them: its OpenSSL is the same.
pub(super) fn python_3_13(bench: &Bench<'_>) -> Option<Vec<Measured>> {
    let script = script(bench, "client.py", include_str!("client.py"));
    if let Some(python) = python(&["python3.14", "python3.13"]) {
        return batch("python-3.13", Command::new(python).arg(script), bench);
    }
    let older = python(&["python3.12", "python3.11", "python3.10"]).or_else(|| find("python3.13"))?;
    let mut command = Command::new(older);
    let wrapper = "import runpy, sys; sys.argv = sys.argv[1:] + ['strict']; runpy.run_path(sys.argv[0])";
    let mut measured = batch("python-3.13", command.args(["-c", wrapper]).arg(script), bench)?;
    for one in &mut measured {
        one.version.push_str(", with 3.13's flags set");
    }
    Some(measured)
}

/// The first of these that runs: a shim of pyenv may be there, and its Python not.
fn python(names: &[&str]) -> Option<PathBuf> {
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let versions = home.join(".pyenv/versions");
    let by_pyenv = |name: &&str| {
        let wanted = name.trim_start_matches("python");
        let mut folders: Vec<_> = std::fs::read_dir(&versions).into_iter().flatten().flatten().collect();
        folders.sort_by_key(std::fs::DirEntry::file_name);
        let folder = folders.iter().rev().find(|f| f.file_name().to_string_lossy().starts_with(wanted))?;
        Some(folder.path().join("bin/python3"))
    };
    let runs = |program: &PathBuf| {
        Command::new(program).args(["-c", "import ssl"]).output().is_ok_and(|ended| ended.status.success())
    };
    let candidates = names.iter().flat_map(|name| [by_pyenv(name), find_silently(name)]);
    let at_last = ["python3.13", "python3.14"].contains(&names[names.len() - 1]);
    candidates
        .flatten()
        .find(runs)
        .or_else(|| if at_last { None } else { find_silently("python3").filter(|python| is_older(python)) })
}

fn find_silently(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

fn is_older(python: &Path) -> bool {
    let test = "import sys; sys.exit(sys.version_info >= (3, 13))";
    Command::new(python).args(["-c", test]).output().is_ok_and(|ended| ended.status.success())
}

pub(super) fn node(bench: &Bench<'_>) -> Option<Vec<Measured>> {
    let script = script(bench, "client.js", include_str!("client.js"));
    batch("node", Command::new(find("node")?).arg(script), bench)
}

pub(super) fn go(bench: &Bench<'_>) -> Option<Vec<Measured>> {
    let source = script(bench, "client.go", include_str!("client.go"));
    let program = bench.bin.join("client-go");
    run(Command::new(find("go")?).arg("build").arg("-o").arg(&program).arg(source)).success();
    batch("go", &mut Command::new(program), bench)
}

pub(super) fn java(bench: &Bench<'_>) -> Option<Vec<Measured>> {
    let source = script(bench, "Client.java", include_str!("Client.java"));
    find("javac")?;
    batch("java", Command::new(find("java")?).arg("-Xshare:auto").arg(source), bench)
}

pub(super) fn mbedtls(bench: &Bench<'_>) -> Option<Vec<Measured>> {
    let libraries = ["-lmbedtls", "-lmbedx509", "-lmbedcrypto"];
    let program = compiled(bench, "mbedtls", include_str!("mbedtls.c"), "mbedtls/ssl.h", &libraries)?;
    batch("mbedtls", &mut Command::new(program), bench)
}

pub(super) fn wolfssl(bench: &Bench<'_>) -> Option<Vec<Measured>> {
    let program = compiled(bench, "wolfssl", include_str!("wolfssl.c"), "wolfssl/ssl.h", &["-lwolfssl"])?;
    batch("wolfssl", &mut Command::new(program), bench)
}

pub(super) fn bearssl(bench: &Bench<'_>) -> Option<Vec<Measured>> {
    let program = compiled(bench, "bearssl", include_str!("bearssl.c"), "bearssl.h", &["-lbearssl"])?;
    batch("bearssl", &mut Command::new(program), bench)
}

pub(super) fn nss(bench: &Bench<'_>) -> Option<Vec<Measured>> {
    let libraries = ["-I/usr/include/nss", "-I/usr/include/nspr", "-lssl3", "-lsmime3", "-lnss3", "-lnspr4"];
    let program = compiled(bench, "nss", include_str!("nss.c"), "nss/ssl.h", &libraries)?;
    batch("nss", &mut Command::new(program), bench)
}

/// A program in C, if the library's header is there.
fn compiled(bench: &Bench<'_>, name: &str, text: &str, header: &str, libraries: &[&str]) -> Option<PathBuf> {
    if !Path::new("/usr/include").join(header).is_file() {
        crate::process::missing(name);
        return None;
    }
    script(bench, "jobs.h", include_str!("jobs.h"));
    let source = script(bench, &format!("{name}.c"), text);
    let program = bench.bin.join(name);
    run(Command::new(find("cc")?).args(["-O1", "-o"]).arg(&program).arg(source).args(libraries)).success();
    Some(program)
}
