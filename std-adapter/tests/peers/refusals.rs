//! What our client must refuse: the exit code is 1, and the sentence names the certificate and the
//! rule.

use crate::fixtures::{Files, Flaw, INTERMEDIATE, Keys, LEAF, ROOT};
use crate::peer::{get, openssl_server};
use crate::process::{ferrule, free_port, run};

/// Fetches from a server with a flawed chain, and returns the sentence of refusal in lower case.
fn refusal(flaw: Flaw) -> Option<String> {
    let files = Files::with(Keys::P256, flaw)?;
    let server = openssl_server(&files, &["-www"])?;
    let ended = get(&files, server.port, "/", &[]);
    assert_eq!(ended.status.code(), Some(1), "{flaw:?}: {}", ended.stderr);
    assert!(ended.stdout.is_empty(), "{flaw:?}: a refused peer's bytes reached the output");
    assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
    Some(ended.stderr.to_lowercase())
}

/// A certificate is named by its common name, or by its place in what was served.
#[track_caller]
fn names_certificate(sentence: &str, common_name: &str, index: usize) {
    let named =
        sentence.contains(&common_name.to_lowercase()) || sentence.contains(&format!("certificate {index}"));
    assert!(named, "neither {common_name:?} nor \"certificate {index}\" is in: {sentence}");
}

#[track_caller]
fn names_any(sentence: &str, words: &[&str]) {
    assert!(words.iter().any(|word| sentence.contains(word)), "none of {words:?} is in: {sentence}");
}

#[test]
fn a_wrong_name_is_refused() {
    let Some(sentence) = refusal(Flaw::WrongName) else { return };
    names_any(&sentence, &["localhost"]);
    names_any(&sentence, &["name"]);
    names_certificate(&sentence, LEAF, 0);
}

#[test]
fn an_expired_leaf_is_refused() {
    let Some(sentence) = refusal(Flaw::ExpiredLeaf) else { return };
    names_any(&sentence, &["expired"]);
    names_certificate(&sentence, LEAF, 0);
}

#[test]
fn a_leaf_that_is_not_yet_valid_is_refused() {
    let Some(sentence) = refusal(Flaw::LeafNotYetValid) else { return };
    names_any(&sentence, &["not yet valid", "not valid before", "not valid until"]);
    names_certificate(&sentence, LEAF, 0);
}

#[test]
fn an_expired_intermediate_is_refused() {
    let Some(sentence) = refusal(Flaw::ExpiredIntermediate) else { return };
    names_any(&sentence, &["expired"]);
    names_certificate(&sentence, INTERMEDIATE, 1);
}

#[test]
fn an_untrusted_root_is_refused() {
    let Some(sentence) = refusal(Flaw::UntrustedRoot) else { return };
    names_any(&sentence, &["trust", "anchor", "signature"]);
    assert!(
        [ROOT, INTERMEDIATE].iter().any(|name| sentence.contains(&name.to_lowercase()))
            || sentence.contains("certificate 1"),
        "{sentence}"
    );
}

#[test]
fn a_missing_intermediate_is_refused() {
    let Some(sentence) = refusal(Flaw::MissingIntermediate) else { return };
    names_any(&sentence, &["issuer", "trust", "anchor"]);
    assert!(
        [INTERMEDIATE, LEAF].iter().any(|name| sentence.contains(&name.to_lowercase()))
            || sentence.contains("certificate 0"),
        "{sentence}"
    );
}

#[test]
fn an_intermediate_that_is_no_ca_is_refused() {
    let Some(sentence) = refusal(Flaw::IntermediateIsNoCa) else { return };
    names_any(&sentence, &["basicconstraints", "basic constraints", "not a ca", "no ca", "authority"]);
    names_certificate(&sentence, INTERMEDIATE, 1);
}

#[test]
fn a_leaf_for_clients_alone_is_refused() {
    let Some(sentence) = refusal(Flaw::ClientLeaf) else { return };
    names_any(&sentence, &["extendedkeyusage", "extended key usage", "serverauth", "server authentication"]);
    names_certificate(&sentence, LEAF, 0);
}

#[test]
fn a_server_of_tls_1_2_alone_is_refused() {
    let files = Files::new();
    let Some(server) = openssl_server(&files, &["-www", "-tls1_2"]) else { return };
    let ended = get(&files, server.port, "/", &[]);
    assert_eq!(ended.status.code(), Some(1), "{}", ended.stderr);
    names_any(&ended.stderr.to_lowercase(), &["version"]);
}

#[test]
fn usage_and_network_have_exit_codes_of_their_own() {
    let files = Files::new();
    assert_eq!(run(ferrule().arg("--no-such-option")).status.code(), Some(2));
    assert_eq!(run(ferrule().args(["get", "not a url"])).status.code(), Some(2));
    let missing = run(ferrule().args(["get", "https://localhost:1/", "--cafile", "/no/such/file.pem"]));
    assert_eq!(missing.status.code(), Some(2), "{}", missing.stderr);
    assert!(missing.stderr.contains("/no/such/file.pem"), "{}", missing.stderr);
    let refused = get(&files, free_port(), "/", &[]);
    assert_eq!(refused.status.code(), Some(3), "{}", refused.stderr);
}
