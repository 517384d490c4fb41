//! What `--previous` makes of renewals: the change is named, and who is hurt by it.

use crate::Files;
use crate::authority::{AT, Issuer, Leaf, NAME, cross_signed, intermediate, larger_intermediate, root};
use serde_json::Value;

/// A renewal: the old chain, the new one, and the store of those who call.
struct Renewal {
    old: String,
    new: String,
    store: String,
}

impl Renewal {
    /// Both signed by the same intermediate, which is served.
    fn of(old: &Leaf, new: &Leaf) -> Self {
        let (root, intermediate) = authorities();
        let chain = |leaf: &Leaf| leaf.issued_by(&intermediate) + &intermediate.pem();
        Self { old: chain(old), new: chain(new), store: root.pem() }
    }

    fn told(&self) -> Value {
        self.told_at(AT)
    }

    fn told_at(&self, at: &str) -> Value {
        let files = Files::new();
        files.write("old.pem", &self.old);
        files.write("new.pem", &self.new);
        files.write("root.pem", &self.store);
        files.json(&[
            "--previous",
            "old.pem",
            "--chain",
            "new.pem",
            "--cafile",
            "root.pem",
            "--name",
            NAME,
            "--at",
            at,
        ])
    }
}

fn authorities() -> (Issuer, Issuer) {
    let root = root("Root One");
    let intermediate = intermediate("Intermediate One", &root);
    (root, intermediate)
}

/// The change of this kind.
#[track_caller]
fn change<'j>(json: &'j Value, what: &str) -> &'j Value {
    let changes = json["changes"].as_array().unwrap();
    changes
        .iter()
        .find(|change| change["what"] == what)
        .unwrap_or_else(|| panic!("no {what:?} in {changes:#?}"))
}

/// The change's text holds these words, before and after, and somebody who is called so is hurt.
#[track_caller]
fn tells(json: &Value, what: &str, before: &str, after: &str, who: &str) {
    let change = change(json, what);
    assert!(change["before"].as_str().unwrap().contains(before), "{change:#}");
    assert!(change["after"].as_str().unwrap().contains(after), "{change:#}");
    let hurt = change["hurts"].as_array().unwrap();
    assert!(hurt.iter().any(|hurt| hurt["who"].as_str().unwrap().contains(who)), "{change:#}");
}

#[track_caller]
fn kinds(json: &Value) -> Vec<&str> {
    json["changes"].as_array().unwrap().iter().map(|change| change["what"].as_str().unwrap()).collect()
}

#[test]
fn a_renewal_that_changes_nothing_but_dates_is_told_as_none() {
    let leaf = Leaf::new();
    let mut later = Leaf { params: leaf.params.clone(), ..Leaf::new() };
    later.key = rcgen::KeyPair::from_pem(&leaf.key.serialize_pem()).unwrap();
    let json = Renewal::of(&leaf, &later).told();
    assert_eq!(kinds(&json), Vec::<&str>::new());
}

#[test]
fn a_rotated_intermediate_hurts_those_who_pin_it() {
    let root = root("Root One");
    let (old, new) = (intermediate("E5", &root), intermediate("E7", &root));
    let renewal = Renewal {
        old: Leaf::new().issued_by(&old) + &old.pem(),
        new: Leaf::new().issued_by(&new) + &new.pem(),
        store: root.pem(),
    };
    let json = renewal.told();
    tells(&json, "issuer", "E5", "E7", "pin the intermediate");
    assert!(!kinds(&json).contains(&"root"));
}

#[test]
fn an_intermediate_that_is_put_below_the_old_issuer_hurts_nobody_who_pins_that() {
    let root = root("Root One");
    let new = intermediate("E7", &root);
    let renewal = Renewal {
        old: Leaf::new().issued_by(&root),
        new: Leaf::new().issued_by(&new) + &new.pem(),
        store: root.pem(),
    };
    let json = renewal.told();
    assert_eq!(change(&json, "issuer")["hurts"], serde_json::json!([]));
    assert!(!kinds(&json).contains(&"root"));
}

#[test]
fn an_intermediate_with_its_old_name_and_a_new_key_is_another_issuer() {
    let root = root("Root One");
    let (old, new) = (intermediate("E5", &root), intermediate("E5", &root));
    let renewal = Renewal {
        old: Leaf::new().issued_by(&old) + &old.pem(),
        new: Leaf::new().issued_by(&new) + &new.pem(),
        store: root.pem(),
    };
    tells(&renewal.told(), "issuer", "E5", "another key", "pin the intermediate");
    // Also where nobody serves it: the identifiers of its key differ.
    let renewal = Renewal { old: Leaf::new().issued_by(&old), new: Leaf::new().issued_by(&new), ..renewal };
    tells(&renewal.told(), "issuer", "E5", "another key", "pin the intermediate");
}

#[test]
fn a_stronger_intermediate_hurts_firmware_without_its_curve() {
    let root = root("Root One");
    let (old, new) = (intermediate("E5", &root), larger_intermediate("YE1", &root));
    let renewal = Renewal {
        old: Leaf::new().issued_by(&old) + &old.pem(),
        new: Leaf::new().issued_by(&new) + &new.pem(),
        store: root.pem(),
    };
    let json = renewal.told();
    tells(&json, "algorithms of the issuers", "P-256", "P-384", "firmware");
    tells(&json, "signature algorithm", "SHA-256", "SHA-384", "firmware");
}

#[test]
fn a_lost_client_auth_hurts_mutual_tls() {
    let mut new = Leaf::new();
    new.params.extended_key_usages.truncate(1);
    let json = Renewal::of(&Leaf::new(), &new).told();
    tells(&json, "extended key usage", "clientAuth", "serverAuth", "mTLS");
    assert!(!change(&json, "extended key usage")["after"].as_str().unwrap().contains("clientAuth"));
}

#[test]
fn an_ecdsa_key_in_place_of_rsa_hurts_clients_with_rsa_suites() {
    let Some(old) = Leaf::with_rsa() else { return };
    tells(&Renewal::of(&old, &Leaf::new()).told(), "key", "RSA-2048", "P-256", "RSA suites only");
}

#[test]
fn a_must_staple_that_comes_hurts_gnutls_and_one_that_goes_is_told() {
    let json = Renewal::of(&Leaf::new(), &Leaf::new().must_staple()).told();
    tells(&json, "must-staple", "none", "there", "gnutls");
    let json = Renewal::of(&Leaf::new().must_staple(), &Leaf::new()).told();
    tells(&json, "must-staple", "there", "none", "policies");
}

#[test]
fn the_end_of_ocsp_hurts_servers_that_staple_and_a_crl_those_who_must_fetch_it() {
    let mut new = Leaf::new();
    new.params.crl_distribution_points =
        vec![rcgen::CrlDistributionPoint { uris: vec!["http://c.test/1.crl".to_owned()] }];
    let json = Renewal::of(&Leaf::new().with_responder(), &new).told();
    tells(&json, "revocation source", "OCSP", "CRL", "nginx");
    tells(&json, "revocation source", "OCSP", "CRL", "schannel");
}

#[test]
fn an_intermediate_that_is_missing_after_the_renewal_hurts_all_but_browsers() {
    let (root, intermediate) = authorities();
    let renewal = Renewal {
        old: Leaf::new().issued_by(&intermediate) + &intermediate.pem(),
        new: Leaf::new().issued_by(&intermediate),
        store: root.pem(),
    };
    let json = renewal.told();
    tells(&json, "missing intermediate", "whole", "Intermediate One", "curl");
    // And it lies ready in the old chain.
    tells(&json, "missing intermediate", "whole", "certificate 1 of the previous chain", "browser");
}

#[test]
fn a_lost_name_hurts_whoever_calls_by_it() {
    let (mut old, new) = (Leaf::new(), Leaf::new());
    old.params.subject_alt_names.push(rcgen::SanType::DnsName("www.api.example".try_into().unwrap()));
    tells(&Renewal::of(&old, &new).told(), "names", "www.api.example", "1 name;", "www.api.example");
}

#[test]
fn a_lost_name_that_a_wildcard_stands_for_hurts_nobody() {
    let (mut old, mut new) = (Leaf::new(), Leaf::new());
    old.params.subject_alt_names.push(rcgen::SanType::DnsName("www.api.example".try_into().unwrap()));
    new.params.subject_alt_names.push(rcgen::SanType::DnsName("*.api.example".try_into().unwrap()));
    let json = Renewal::of(&old, &new).told();
    assert_eq!(change(&json, "names")["hurts"], serde_json::json!([]));
    // The other way around, every other host below it is lost.
    tells(&Renewal::of(&new, &old).told(), "names", "*.api.example", "www.api.example", "*.api.example");
}

#[test]
fn a_name_that_is_written_in_other_case_is_no_change() {
    let mut new = Leaf::new();
    new.params.subject_alt_names = vec![rcgen::SanType::DnsName("API.example".try_into().unwrap())];
    assert!(!kinds(&Renewal::of(&Leaf::new(), &new).told()).contains(&"names"));
}

#[test]
fn another_root_hurts_old_stores_and_compiled_in_anchors() {
    let (old_root, old) = authorities();
    let new_root = root("Root Two");
    let new = intermediate("Intermediate Two", &new_root);
    let renewal = Renewal {
        old: Leaf::new().issued_by(&old) + &old.pem(),
        new: Leaf::new().issued_by(&new) + &new.pem(),
        store: old_root.pem(),
    };
    let json = renewal.told();
    tells(&json, "root", "Root One", "Root Two", "firmware with compiled-in anchors");
    tells(&json, "root", "Root One", "Root Two", "every consumer with this store");
}

#[test]
fn a_cross_sign_of_the_new_root_keeps_the_old_one() {
    let (old_root, old) = authorities();
    let new_root = root("Root Two");
    let new = intermediate("Intermediate Two", &new_root);
    let renewal = Renewal {
        old: Leaf::new().issued_by(&old) + &old.pem(),
        new: Leaf::new().issued_by(&new) + &new.pem() + &cross_signed("Root Two", &new_root, &old_root),
        store: old_root.pem(),
    };
    let json = renewal.told();
    assert!(!kinds(&json).contains(&"root"), "{:?}", kinds(&json));
    tells(&json, "certificates served", "2", "3", "firmware");
}

#[test]
fn a_longer_validity_hurts_those_who_have_a_limit() {
    let json = Renewal::of(&Leaf::new(), &Leaf::new().until(2029, 1)).told();
    tells(&json, "validity", "90 days", "976 days", "apple");
}

#[test]
fn a_shorter_validity_hurts_those_who_renew_by_hand() {
    let json = Renewal::of(&Leaf::new().until(2027, 5), &Leaf::new()).told();
    tells(&json, "validity", "365 days", "90 days", "by hand");
}

#[test]
fn an_end_beyond_32_bit_time_hurts_small_devices() {
    let json = Renewal::of(&Leaf::new(), &Leaf::new().until(2039, 1)).told();
    tells(&json, "expiry", "2026-07-30", "2039-01-01", "32-bit");
}

#[test]
fn a_misordered_chain_hurts_those_who_read_it_as_it_comes() {
    let root = root("Root One");
    let upper = intermediate("Upper", &root);
    let lower = intermediate("Lower", &upper);
    let renewal = Renewal {
        old: Leaf::new().issued_by(&lower) + &lower.pem() + &upper.pem(),
        new: Leaf::new().issued_by(&lower) + &upper.pem() + &lower.pem(),
        store: root.pem(),
    };
    tells(&renewal.told(), "order", "behind", "misordered", "ferrule-firmware");
}

#[test]
fn a_lost_authority_key_identifier_hurts_python_3_13() {
    let mut new = Leaf::new();
    new.params.use_authority_key_identifier_extension = false;
    tells(
        &Renewal::of(&Leaf::new(), &new).told(),
        "authority key identifier",
        "there",
        "none",
        "python-3.13",
    );
}

#[test]
fn an_empty_subject_hurts_java_and_python_3_13_unless_the_names_are_critical() {
    let mut new = Leaf::new();
    new.params.distinguished_name = rcgen::DistinguishedName::new();
    let json = Renewal::of(&Leaf::new(), &new).told();
    // rcgen does as RFC 5280 says, and marks the names.
    let who = change(&json, "common name")["hurts"].to_string();
    assert!(who.contains("common name") && !who.contains("java"), "{who}");
    // The names of a certificate without that: subjectAltName with DNS:api.example, not critical.
    new.params.subject_alt_names.clear();
    let value = [&[0x30, 0x0d, 0x82, 0x0b], NAME.as_bytes()].concat();
    new.params.custom_extensions.push(rcgen::CustomExtension::from_oid_content(&[2, 5, 29, 17], value));
    tells(&Renewal::of(&Leaf::new(), &new).told(), "common name", NAME, "none", "python-3.13");
}

#[test]
fn a_new_key_hurts_those_who_pin_it() {
    tells(
        &Renewal::of(&Leaf::new(), &Leaf::new()).told(),
        "public key",
        "old",
        "new",
        "pin the server's own key",
    );
}

#[test]
fn an_expired_predecessor_is_judged_as_of_its_last_moment() {
    let json = Renewal::of(&Leaf::new().until(2026, 6), &Leaf::new()).told_at("2026-07-01");
    assert_eq!(json["previous"]["at"], "2026-05-31T23:59:59Z");
    assert!(json["previous"]["remark"].as_str().unwrap().contains("has expired"));
    let json = Renewal::of(&Leaf::new(), &Leaf::new()).told();
    assert_eq!(json["previous"]["at"], "2026-06-01T00:00:00Z");
    assert!(json["previous"]["remark"].is_null());
}

/// Those who accepted in this scenario, and do not any more.
fn hurt_when(json: &Value, when: &str) -> Vec<String> {
    let scenarios = json["scenarios"].as_array().unwrap();
    let scenario = scenarios.iter().find(|scenario| scenario["when"].as_str().unwrap().contains(when));
    let flips = scenario.into_iter().flat_map(|scenario| scenario["flips"].as_array().unwrap());
    flips.map(|flip| flip["consumer"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_lost_client_auth_is_refused_by_servers_by_name() {
    let mut new = Leaf::new();
    new.params.extended_key_usages.truncate(1);
    let hurt = hurt_when(&Renewal::of(&Leaf::new(), &new).told(), "mTLS");
    // Measured: OpenSSL says error 26, Go an incompatible key usage.
    assert!(hurt.contains(&"openssl".to_owned()) && hurt.contains(&"go".to_owned()), "{hurt:?}");
}

#[test]
fn a_rotated_intermediate_is_refused_by_those_who_trusted_it_alone() {
    let root = root("Root One");
    let (old, new) = (intermediate("E5", &root), intermediate("E7", &root));
    let renewal = Renewal {
        old: Leaf::new().issued_by(&old) + &old.pem(),
        new: Leaf::new().issued_by(&new) + &new.pem(),
        store: root.pem(),
    };
    let hurt = hurt_when(&renewal.told(), "old intermediate alone");
    // Measured: curl, Go and Java take an intermediate for an anchor; OpenSSL's own program never did.
    assert!(["curl", "go", "java"].iter().all(|name| hurt.contains(&(*name).to_owned())), "{hurt:?}");
    assert!(!hurt.contains(&"openssl".to_owned()), "{hurt:?}");
}

#[test]
fn verdicts_that_changed_are_told_with_the_words_of_the_consumer() {
    let (root, intermediate) = authorities();
    let renewal = Renewal {
        old: Leaf::new().issued_by(&intermediate) + &intermediate.pem(),
        new: Leaf::new().issued_by(&intermediate),
        store: root.pem(),
    };
    let json = renewal.told();
    let flips = json["flips"].as_array().unwrap();
    let openssl = flips.iter().find(|flip| flip["consumer"] == "openssl").unwrap();
    assert_eq!(
        (&openssl["before"]["accepts"], &openssl["after"]["accepts"]),
        (&Value::Bool(true), &Value::Bool(false))
    );
    let words = openssl["after"]["error"].as_str().unwrap();
    // What `openssl verify` prints for error 20.
    assert!(words.contains("unable to get local issuer certificate"), "{words}");
}
