//! What we say that consumers say, beside what they said.

use super::case::{Case, ExpectedName, Role};
use super::consumers::Consumer;
use super::facts::Facts;
use super::finding::{Severity, findings};
use super::verdict::verdicts;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use std::collections::BTreeMap;
use std::path::Path;

fn certificates(file: &Path) -> Vec<Facts> {
    let certificates = CertificateDer::pem_file_iter(file).unwrap();
    certificates.map(|der| Facts::parse(&der.unwrap()).unwrap()).collect()
}

fn case(folder: &Path) -> Case {
    let text = std::fs::read_to_string(folder.join("case.json")).unwrap();
    let about: serde_json::Value = serde_json::from_str(&text).unwrap();
    Case {
        served: certificates(&folder.join("served.pem")),
        store: certificates(&folder.join("store.pem")),
        name: about["name"].as_str().map(ExpectedName::parse),
        role: if about["role"] == "client" { Role::Client } else { Role::Server },
        at: about["at"].as_i64().unwrap(),
        crls: Vec::new(),
        staple: None,
    }
}

/// Both folders and words as a run of `tests/doctor` leaves them: `FERRULE_DOCTOR_MEASURED` names the place.
#[test]
#[ignore = "needs what consumers said, measured before"]
fn consumers_say_what_is_predicted() {
    let place = std::env::var("FERRULE_DOCTOR_MEASURED").unwrap();
    let place = Path::new(&place);
    let mut counts: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    let (mut cases, mut unexplained) = (BTreeMap::new(), 0);
    for line in std::fs::read_to_string(place.join("measured.jsonl")).unwrap().lines() {
        let measured: serde_json::Value = serde_json::from_str(line).unwrap();
        let name = measured["case"].as_str().unwrap().to_owned();
        let consumer = Consumer::from_name(measured["consumer"].as_str().unwrap()).unwrap();
        // The measuring may still go on.
        if !place.join("corpus").join(&name).join("case.json").exists() {
            continue;
        }
        let case = cases.entry(name.clone()).or_insert_with(|| case(&place.join("corpus").join(&name)));
        let verdict = verdicts(case, &[consumer]).remove(0);
        let said = measured["error"].as_str().unwrap_or_default();
        let count = counts.entry(consumer.name()).or_default();
        count[0] += 1;
        if !verdict.accepts && findings(case).iter().all(|finding| finding.severity == Severity::Note) {
            unexplained += 1;
            println!("UNFOUND {} {name}: {:?} {:?}", consumer.name(), verdict.error, verdict.rule);
        }
        if verdict.accepts != measured["accepts"] {
            count[1] += 1;
            println!(
                "VERDICT {} {name}: we say {:?} {:?}; it says {said:.300}",
                consumer.name(),
                verdict.error,
                verdict.rule
            );
        } else if let Some(error) = &verdict.error
            && !said.contains(error.as_str())
        {
            count[2] += 1;
            println!(
                "WORDS {} {name}: we say {error:?} {:?}; it says {said:.300}",
                consumer.name(),
                verdict.rule
            );
        }
    }
    for (consumer, [all, verdict, words]) in &counts {
        println!("{consumer:12} {all} cases, {verdict} verdicts and {words} words differ");
    }
    assert_eq!(unexplained, 0, "refusals without a finding");
    assert!(counts.values().all(|[_, verdict, words]| verdict + words == 0));
}
