//! Revocation with the world's tools: lists and responses that OpenSSL signed, staples that its server and its
//! client pass.

use crate::fixtures::{Files, INTERMEDIATE, Keys};
use crate::http;
use crate::peer::{get, openssl_client, openssl_server, serve};
use crate::process::{find, run};
use std::path::PathBuf;
use std::process::Command;

/// What the authority's ledger says of the leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ledger {
    Valid,
    Revoked,
    Nothing,
}

/// Writes the ledger of `openssl ca` and returns `openssl`.
fn ledger(files: &Files, says: Ledger) -> Option<PathBuf> {
    let openssl = find("openssl")?;
    let serial =
        run(Command::new(&openssl).args(["x509", "-noout", "-serial", "-in"]).arg(files.path("leaf.pem")));
    let serial = String::from_utf8(serial.success()).unwrap();
    let serial = serial.trim().strip_prefix("serial=").unwrap().to_owned();
    files.write(
        "index.txt",
        match says {
            Ledger::Valid => format!("V\t991231235959Z\t\t{serial}\tunknown\t/CN=leaf\n"),
            Ledger::Revoked => {
                format!("R\t991231235959Z\t250101000000Z,keyCompromise\t{serial}\tunknown\t/CN=leaf\n")
            }
            Ledger::Nothing => String::new(),
        },
    );
    Some(openssl)
}

/// The authority's list, as PEM.
fn list(files: &Files, says: Ledger) -> Option<PathBuf> {
    let openssl = ledger(files, says)?;
    files.write("ca.cnf", "[ca]\ndefault_ca = own\n[own]\ndatabase = index.txt\ndefault_md = sha256\n");
    let mut command = Command::new(openssl);
    command.current_dir(files.folder()).args(["ca", "-config", "ca.cnf", "-gencrl", "-crldays", "1"]);
    run(command.args(["-keyfile", "intermediate-key.pem", "-cert", "intermediate.pem", "-out", "crl.pem"]))
        .success();
    Some(files.path("crl.pem"))
}

/// The authority's response about the leaf, as DER.
fn response(files: &Files, says: Ledger) -> Option<PathBuf> {
    let openssl = ledger(files, says)?;
    let ocsp = |arguments: &[&str]| {
        run(Command::new(&openssl).current_dir(files.folder()).arg("ocsp").args(arguments)).success()
    };
    ocsp(&["-issuer", "intermediate.pem", "-cert", "leaf.pem", "-no_nonce", "-reqout", "request.der"]);
    let authority =
        ["-CA", "intermediate.pem", "-rsigner", "intermediate.pem", "-rkey", "intermediate-key.pem"];
    let answer = ["-index", "index.txt", "-reqin", "request.der", "-respout", "staple.der", "-ndays", "1"];
    ocsp(&[&authority[..], &answer[..]].concat());
    Some(files.path("staple.der"))
}

/// Fetches from `openssl s_server`, which staples the response if there is one: the exit code and what was said.
fn fetch(files: &Files, staple: bool, options: &[&str]) -> Option<(Option<i32>, String)> {
    let stapling = ["-www", "-status_file", "staple.der"];
    let server = openssl_server(files, if staple { &stapling } else { &stapling[..1] })?;
    let ended = get(files, server.port, "/", options);
    assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
    Some((ended.status.code(), ended.stderr.to_lowercase()))
}

#[test]
fn a_staple_of_openssl_is_asked_for_and_believed() {
    for keys in [Keys::P256, Keys::Rsa2048] {
        let Some(files) = Files::with(keys, crate::fixtures::Flaw::None) else { return };
        let Some(_) = response(&files, Ledger::Valid) else { return };
        let Some((code, said)) = fetch(&files, true, &["--ocsp", "required"]) else { return };
        assert_eq!(code, Some(0), "{said}");
    }
}

#[test]
fn a_staple_that_does_not_say_good_is_refused() {
    for (says, word) in [(Ledger::Revoked, "revoked"), (Ledger::Nothing, "does not know")] {
        let files = Files::new();
        let Some(_) = response(&files, says) else { return };
        let Some((code, said)) = fetch(&files, true, &[]) else { return };
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains(word), "{said}");
        // Not asked for, not seen.
        let Some((code, said)) = fetch(&files, true, &["--ocsp", "ignored"]) else { return };
        assert_eq!(code, Some(0), "{said}");
    }
}

#[test]
fn a_staple_that_is_required_and_does_not_come_is_missed() {
    let files = Files::new();
    let Some((code, said)) = fetch(&files, false, &["--ocsp", "required"]) else { return };
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("stapled"), "{said}");
    let Some((code, said)) = fetch(&files, false, &[]) else { return };
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn a_list_of_openssl_is_looked_up() {
    for (says, expected) in [(Ledger::Valid, 0), (Ledger::Nothing, 0), (Ledger::Revoked, 1)] {
        let files = Files::new();
        let Some(list) = list(&files, says) else { return };
        let Some((code, said)) = fetch(&files, false, &["--crl", list.to_str().unwrap()]) else { return };
        assert_eq!(code, Some(expected), "{says:?}: {said}");
        assert_eq!(said.contains("revoked"), says == Ledger::Revoked, "{said}");
    }
    // Of another authority of the same name.
    let (files, other) = (Files::new(), Files::new());
    let Some(list) = list(&other, Ledger::Valid) else { return };
    let Some((code, said)) = fetch(&files, false, &["--crl", list.to_str().unwrap()]) else { return };
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("revocation status"), "{said}");
}

#[test]
fn our_server_staples_to_openssl() {
    let files = Files::new();
    files.write("page", "small");
    let Some(staple) = response(&files, Ledger::Valid) else { return };
    let server = serve(&files, &["--www", ".", "--ocsp-response", staple.to_str().unwrap()]);
    let seen = |options: &[&str]| {
        // Without -quiet it tells what it sees.
        let mut client = openssl_client(&files, server.port, &[&["-ign_eof"], options].concat())?;
        client.say(http::request("/page").as_bytes());
        let ended = client.wait();
        assert!(ended.status.success(), "{}", ended.stderr);
        Some(String::from_utf8_lossy(&ended.stdout).into_owned())
    };
    let Some(asked) = seen(&["-status"]) else { return };
    assert!(asked.contains("OCSP Response Status: successful"), "{asked}");
    assert!(asked.contains("Cert Status: good"), "{asked}");
    assert!(asked.contains(INTERMEDIATE), "{asked}");
    let Some(not_asked) = seen(&[]) else { return };
    assert!(!not_asked.contains("OCSP Response Status"), "{not_asked}");
}
