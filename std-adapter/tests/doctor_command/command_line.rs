//! What is asked of the doctor, and how it answers: files, options, exit codes.

use crate::Files;
use crate::authority::{AT, Leaf, NAME, intermediate, root};
use crate::process::Ended;
use serde_json::Value;

/// A good chain (`chain.pem`), the root below which it is (`root.pem`) and another one (`other.pem`).
fn files() -> Files {
    let root_one = root("Root One");
    let issuer = intermediate("Issuer One", &root_one);
    let files = Files::new();
    files.write("chain.pem", Leaf::new().issued_by(&issuer) + &issuer.pem());
    files.write("root.pem", root_one.pem());
    files.write("other.pem", root("Root Two").pem());
    files
}

fn text(ended: &Ended) -> String {
    String::from_utf8(ended.stdout.clone()).unwrap()
}

/// The arguments for the good chain.
const GOOD: [&str; 8] = ["--chain", "chain.pem", "--cafile", "root.pem", "--name", NAME, "--at", AT];

#[track_caller]
fn usage_error(files: &Files, arguments: &[&str], words: &[&str]) {
    let ended = files.doctor(arguments);
    assert_eq!(ended.status.code(), Some(2), "{}", ended.stderr);
    for word in words {
        assert!(ended.stderr.contains(word), "no {word:?} in: {}", ended.stderr);
    }
}

#[test]
fn a_good_chain_is_accepted_with_exit_code_0() {
    let ended = files().doctor(&[&GOOD[..], &["--consumer", "openssl,go,rustls"]].concat());
    assert_eq!(ended.status.code(), Some(0), "{}{}", ended.stderr, text(&ended));
    assert!(text(&ended).contains("All 3 consumers accept"), "{}", text(&ended));
}

#[test]
fn an_unknown_root_is_refused_with_exit_code_1() {
    let files = files();
    let arguments = ["--chain", "chain.pem", "--cafile", "other.pem", "--name", NAME, "--at", AT];
    let ended = files.doctor(&arguments);
    assert_eq!(ended.status.code(), Some(1), "{}", text(&ended));
    let json = files.json(&arguments);
    assert!(
        json["verdicts"].as_array().unwrap().iter().all(|verdict| verdict["accepts"] == false),
        "{json:#}"
    );
}

#[test]
fn whoever_refuses_has_a_reason_and_a_fix() {
    let files = files();
    let arguments = ["--chain", "chain.pem", "--cafile", "other.pem", "--name", NAME, "--at", AT];
    let json = files.json(&arguments);
    let finding = &json["findings"][0];
    assert_eq!(finding["severity"], "error", "{json:#}");
    assert!(finding["section"].as_str().unwrap().starts_with("RFC"), "{finding}");
    assert!(finding["fix"].is_string() && json["fixes"][0].is_string(), "{finding}");
    // The report tells it in its order: the verdict, the chain, who refuses, what to do.
    let report = text(&files.doctor(&arguments));
    let parts = [
        "consumers refuse",
        "The chain: 2 certificates",
        "Verdicts",
        "openssl",
        "Why, and what to do",
        "fix: ",
    ];
    let places: Vec<_> =
        parts.iter().map(|part| report.find(part).unwrap_or_else(|| panic!("{part} in {report}"))).collect();
    assert!(places.is_sorted(), "{report}");
}

#[test]
fn the_fix_names_the_missing_issuer_and_where_it_is_had() {
    let root = root("Root One");
    let issuer = intermediate("Issuer One", &root);
    let files = Files::new();
    files.write("chain.pem", Leaf::new().with_issuer_at("http://i.test/1").issued_by(&issuer));
    files.write("root.pem", root.pem());
    let fixes = files.json(&GOOD)["fixes"].to_string();
    assert!(fixes.contains("Issuer One") && fixes.contains("http://i.test/1"), "{fixes}");
}

#[test]
fn the_fix_names_the_root_that_must_be_trusted() {
    let (files, root) = (files(), root("Root Three"));
    files.write("chain.pem", Leaf::new().issued_by(&root) + &root.pem());
    let fixes = files.json(&GOOD)["fixes"].to_string();
    assert!(fixes.contains("Root Three"), "{fixes}");
}

#[test]
fn the_exit_code_is_that_of_the_asked_consumers_alone() {
    // A common name in place of a subjectAltName: OpenSSL takes it, Go does not.
    let root = root("Root One");
    let mut leaf = Leaf::new();
    leaf.params.subject_alt_names.clear();
    let files = Files::new();
    files.write("chain.pem", leaf.issued_by(&root));
    files.write("root.pem", root.pem());
    let code = |consumers| files.doctor(&[&GOOD[..], &["--consumer", consumers]].concat()).status.code();
    assert_eq!(code("openssl"), Some(0));
    assert_eq!(code("go"), Some(1));
    assert_eq!(code("openssl,go"), Some(1));
}

#[test]
fn the_json_has_every_key_that_is_promised() {
    let json = files().json(&GOOD);
    for key in
        ["subject", "verdicts", "findings", "chain", "changes", "flips", "previous", "fixes", "firmware"]
    {
        assert!(json.get(key).is_some(), "{key}");
    }
    for key in ["live", "elsewhere", "explanations", "notes"] {
        assert!(json.get(key).is_some(), "{key}");
    }
    let consumers: Vec<&str> = json["verdicts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|verdict| verdict["consumer"].as_str().unwrap())
        .collect();
    let promised = "openssl curl python-3.12 python-3.13 node go java gnutls nss chrome rustls mbedtls bearssl \
                    wolfssl schannel apple ferrule ferrule-firmware";
    assert_eq!(consumers.join(" "), promised);
    for verdict in json["verdicts"].as_array().unwrap() {
        assert!(
            ["run", "source", "documentation"].contains(&verdict["basis"].as_str().unwrap()),
            "{verdict}"
        );
        assert!(verdict["accepts"].is_boolean() && verdict["version"].is_string(), "{verdict}");
        assert!(verdict.get("error").is_some_and(|error| error.is_null() || error.is_string()), "{verdict}");
    }
}

#[test]
fn a_certificate_that_is_none_is_refused_and_named_by_its_place() {
    const DAMAGED: &str = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
    let files = files();
    let chain = std::fs::read_to_string(files.path("chain.pem")).unwrap();
    for (served, place) in [(chain.clone() + DAMAGED, 2), (DAMAGED.to_owned() + &chain, 0)] {
        files.write("chain.pem", served);
        let json = files.json(&GOOD);
        assert_eq!(json["findings"][0]["certificate"], place, "{json:#}");
        let verdicts = json["verdicts"].as_array().unwrap();
        assert_eq!(verdicts.len(), 18);
        for verdict in verdicts.iter().filter(|verdict| verdict["consumer"] != "rustls") {
            assert_eq!(verdict["accepts"], false, "{verdict}");
        }
        assert_eq!(files.doctor(&GOOD).status.code(), Some(1));
    }
}

#[test]
fn a_private_key_in_the_chain_file_is_ignored_and_said_so() {
    let (files, root) = (Files::new(), root("Root One"));
    let leaf = Leaf::new();
    files.write("chain.pem", leaf.key.serialize_pem() + &leaf.issued_by(&root));
    files.write("root.pem", root.pem());
    let json = files.json(&GOOD);
    assert_eq!(json["chain"][0]["place"], "leaf");
    let notes = json["notes"].to_string();
    assert!(notes.contains("private key"), "{notes}");
    assert!(!json.to_string().contains("PRIVATE KEY"));
}

#[test]
fn the_certificate_of_a_client_is_judged_as_one() {
    let json = files().json(&["--chain", "chain.pem", "--client", "--cafile", "root.pem", "--at", AT]);
    assert_eq!(json["subject"]["role"], "client");
    // Nobody calls a client by name.
    assert_eq!(json["notes"], serde_json::json!([]));
}

#[test]
fn a_name_that_is_not_given_is_noted() {
    let json = files().json(&["--chain", "chain.pem", "--cafile", "root.pem", "--at", AT]);
    assert!(json["notes"].to_string().contains("--name"), "{json:#}");
    assert_eq!(json["subject"]["name"], Value::Null);
}

#[test]
fn a_time_decides_and_is_told() {
    let files = files();
    let at = |time| {
        let arguments = ["--chain", "chain.pem", "--cafile", "root.pem", "--name", NAME, "--at", time];
        let json = files.json(&[&arguments[..], &["--consumer", "openssl"]].concat());
        (
            json["subject"]["at"].as_str().unwrap().to_owned(),
            json["verdicts"][0]["accepts"].as_bool().unwrap(),
        )
    };
    assert_eq!(at("2026-06-01T12:00:00+02:00"), ("2026-06-01T10:00:00Z".to_owned(), true));
    // The same in Unix seconds, and one after the leaf's end.
    assert_eq!(at("1780308000"), ("2026-06-01T10:00:00Z".to_owned(), true));
    assert_eq!(at("2026-08-01"), ("2026-08-01T00:00:00Z".to_owned(), false));
}

#[test]
fn what_is_no_chain_is_a_usage_error_that_helps() {
    let files = files();
    files.write("key.pem", Leaf::new().key.serialize_pem());
    files.write("text.pem", "hello");
    files.write("der.pem", [0x30, 0x82, 0x01, 0x0a, 0x30]);
    usage_error(&files, &[], &["Usage"]);
    usage_error(&files, &["--json"], &["--chain", "HOST"]);
    usage_error(&files, &["--chain", "none.pem"], &["none.pem"]);
    usage_error(&files, &["--chain", "key.pem"], &["key.pem", "private key"]);
    usage_error(&files, &["--chain", "text.pem"], &["not PEM"]);
    usage_error(&files, &["--chain", "der.pem"], &["openssl x509 -inform DER"]);
    usage_error(&files, &["--chain", "chain.pem", "--cafile", "text.pem"], &["text.pem"]);
    usage_error(&files, &["--chain", "chain.pem", "--crl", "root.pem"], &["root.pem", "revocation list"]);
    usage_error(&files, &["--chain", "chain.pem", "--consumer", "lynx"], &["lynx", "openssl"]);
    usage_error(&files, &["--chain", "chain.pem", "--at", "yesterday"], &["RFC 3339"]);
    usage_error(&files, &["--chain", "chain.pem", "api.example"], &["cannot be used with"]);
    usage_error(&files, &["--client", "api.example"], &["cannot be used with"]);
    usage_error(&files, &["api.example:https"], &["HOST[:PORT]"]);
}

#[test]
fn names_of_certificates_do_not_reach_the_terminal_raw() {
    let (files, root) = (Files::new(), root("Root\u{1b}[2J\u{202e}One"));
    files.write("chain.pem", Leaf::named("api.example").issued_by(&root));
    files.write("root.pem", root.pem());
    let ended = files.doctor(&GOOD);
    let text = text(&ended);
    assert!(text.contains(r"Root\u{1b}[2J\u{202e}One"), "{text}");
    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text:?}");
}

#[test]
fn the_report_is_plain_and_no_wider_than_100_columns_where_there_is_no_terminal() {
    let mut leaf = Leaf::new();
    let names = (0..40).map(|number| format!("host-{number}.a-rather-long-domain-name.example"));
    leaf.params.subject_alt_names.extend(names.map(|name| rcgen::SanType::DnsName(name.try_into().unwrap())));
    let (files, root) = (Files::new(), root("Root One"));
    files.write("chain.pem", leaf.issued_by(&root));
    files.write("root.pem", root.pem());
    let text = text(&files.doctor(&GOOD));
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    assert!(!text.contains('\u{1b}'));
    let words: Vec<&str> = text.split_whitespace().collect();
    assert!(words.join(" ").contains("and 37 more"), "{text}");
}

#[test]
fn an_error_text_is_explained_without_a_chain() {
    let ended = Files::new().doctor(&["--explain", "unable to get local issuer certificate"]);
    assert_eq!(ended.status.code(), Some(0), "{}", ended.stderr);
    assert!(text(&ended).to_lowercase().contains("intermediate"), "{}", text(&ended));
}

#[test]
fn error_texts_of_handshakes_are_explained_too() {
    let first = |words: &str| {
        let json = Files::new().json(&["--explain", words]);
        json["explanations"][0]["rule"].as_str().unwrap_or("nothing").to_owned()
    };
    // Lines as the consumers print them.
    let alert = "140735:error:0A000410:SSL routines:ssl3_read_bytes:sslv3 alert handshake failure:SSL alert number 40";
    assert_eq!(first(alert), "no-shared-cipher");
    assert_eq!(first("curl: (35) error:0A00010B:SSL routines::wrong version number"), "no-tls");
    assert_eq!(first("tls: client didn't provide a certificate"), "no-client-certificate");
    assert_eq!(first("curl: (90) SSL: public key does not match pinned public key"), "pinned-key");
    assert_eq!(first("the weather is fine"), "nothing");
}

#[test]
fn a_chain_that_shows_a_cause_puts_it_first() {
    let root = root("Root One");
    let issuer = intermediate("Issuer One", &root);
    let files = Files::new();
    files.write("chain.pem", Leaf::new().issued_by(&issuer));
    files.write("root.pem", root.pem());
    let json =
        files.json(&[&GOOD[..], &["--explain", "x509: certificate signed by unknown authority"]].concat());
    assert_eq!(json["explanations"][0]["shown"], true, "{json:#}");
    assert_eq!(json["explanations"][0]["rule"], "unknown-issuer");
}

#[test]
fn the_rules_are_one_page_with_their_sources() {
    let files = Files::new();
    let text = text(&files.doctor(&["--rules"]));
    for word in ["openssl", "python-3.13", "run", "fix:"] {
        assert!(text.contains(word), "{word}");
    }
    let json = files.json(&["--rules"]);
    for rule in json.as_array().unwrap() {
        assert!(text.contains(rule["rule"].as_str().unwrap()), "{rule}");
        let bases =
            rule["refusals"].as_array().unwrap().iter().map(|refusal| refusal["basis"].as_str().unwrap());
        assert!(bases.into_iter().all(|basis| ["run", "source", "documentation"].contains(&basis)), "{rule}");
    }
}
