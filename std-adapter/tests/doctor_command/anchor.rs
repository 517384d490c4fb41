//! `ferrule anchor`: what it prints is Rust, and the anchors in it are those of the file.

use crate::Files;
use crate::authority::{Leaf, constrained_root, root};
use crate::process::{ferrule, run};
use rcgen::{CertificateParams, DnType, KeyPair};
use std::path::{Path, PathBuf};
use std::process::Command;

fn anchor(files: &Files, file: &str) -> String {
    String::from_utf8(run(ferrule().current_dir(files.folder()).args(["anchor", file])).success()).unwrap()
}

/// The library that the constants are for, as this test was built with it. A build folder may hold several, of
/// other features or compilers: the newest is tried first.
fn libraries() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_BIN_EXE_ferrule")).parent().unwrap().join("deps");
    let mut libraries: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    libraries.retain(|path| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with("libferrule-") && name.ends_with(".rlib")
    });
    libraries.sort_by_key(|path| std::cmp::Reverse(path.metadata().unwrap().modified().unwrap()));
    libraries
}

#[test]
fn the_constants_compile_and_hold_the_names_and_keys_of_the_file() {
    let files = Files::new();
    // The same name twice, no name at all, one that begins with a digit, and one that would leave its comment.
    let mut nameless = CertificateParams::new(Vec::new()).unwrap();
    nameless.distinguished_name = Default::default();
    nameless.distinguished_name.push(DnType::OrganizationName, "Nameless");
    let nameless = nameless.self_signed(&KeyPair::generate().unwrap()).unwrap();
    let pem = [
        root("Root One").pem(),
        root("Root One").pem(),
        nameless.pem(),
        root("2nd Root").pem(),
        root("Evil\ncompile_error!(\"out\");").pem(),
        root("Anchors").pem(),
        constrained_root("For Some", "example").pem(),
    ];
    files.write("roots.pem", pem.concat());
    let source = anchor(&files, "roots.pem");
    for name in [
        "ROOT_ONE",
        "ROOT_ONE_2",
        "ANCHOR",
        "ANCHOR_2ND_ROOT",
        "EVIL_COMPILE_ERROR_OUT",
        "ANCHORS_1",
        "FOR_SOME",
    ] {
        assert!(source.contains(&format!("pub const {name}: TrustAnchor<'static>")), "{name} in {source}");
    }
    // That one is trusted for "example" alone, the others for every name (RFC 5280 §4.2.1.10: a GeneralSubtree
    // with a dNSName in the list of the permitted).
    assert_eq!(source.matches("with_name_constraints").count(), 1);
    assert!(
        source.contains("0x30, 0x0d, 0xa0, 0x0b, 0x30, 0x09, 0x82, 0x07, 0x65, 0x78, 0x61, 0x6d"),
        "{source}"
    );
    let main = "fn main() { for anchor in ANCHORS { anchor.public_key().unwrap(); \
                println!(\"{}\", anchor.subject().common_name().unwrap_or(\"-\").escape_debug()); } }\n";
    files.write("main.rs", source + main);
    let program = files.path("anchors");
    let built = libraries().into_iter().any(|library| {
        let mut rustc = Command::new("rustc");
        rustc.current_dir(files.folder()).args(["--edition", "2024", "-D", "warnings", "main.rs", "-o"]);
        rustc.arg(&program).arg("-L").arg(format!("dependency={}", library.parent().unwrap().display()));
        let ended = run(rustc.arg("--extern").arg(format!("ferrule={}", library.display())));
        println!("{}: {}", library.display(), ended.stderr);
        ended.status.success()
    });
    assert!(built, "the constants do not compile");
    let printed = String::from_utf8(run(&mut Command::new(&program)).success()).unwrap();
    assert_eq!(
        printed.lines().collect::<Vec<_>>(),
        ["Root One", "Root One", "-", "2nd Root", r#"Evil\ncompile_error!(\"out\");"#, "Anchors", "For Some"]
    );
}

#[test]
fn what_can_be_no_anchor_is_refused_by_its_place() {
    let files = Files::new();
    files.write("key.pem", Leaf::new().key.serialize_pem());
    let ended = run(ferrule().current_dir(files.folder()).args(["anchor", "key.pem"]));
    assert_eq!(ended.status.code(), Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("no certificate"), "{}", ended.stderr);
    let broken = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
    files.write("broken.pem", root("Root One").pem() + broken);
    let ended = run(ferrule().current_dir(files.folder()).args(["anchor", "broken.pem"]));
    assert_eq!(ended.status.code(), Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("certificate 1"), "{}", ended.stderr);
}
