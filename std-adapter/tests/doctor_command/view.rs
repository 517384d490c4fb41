//! The chain as it is shown: what stands where, what is missing, and what is not needed.

use crate::authority::{AT, Leaf, NAME, cross_signed, intermediate, root};
use crate::{Files, strings};
use serde_json::Value;

/// The rows of a chain: (place, index).
fn rows(chain: &Value) -> Vec<(&str, Option<u64>)> {
    chain
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["place"].as_str().unwrap(), row["index"].as_u64()))
        .collect()
}

fn shown(chain: &str, store: &str) -> Value {
    let files = Files::new();
    files.write("chain.pem", chain);
    files.write("root.pem", store);
    files.json(&["--chain", "chain.pem", "--cafile", "root.pem", "--name", NAME, "--at", AT])["chain"].take()
}

#[test]
fn a_good_chain_ends_in_the_store() {
    let root = root("Root One");
    let issuer = intermediate("Issuer One", &root);
    let chain = shown(&(Leaf::new().issued_by(&issuer) + &issuer.pem()), &root.pem());
    assert_eq!(rows(&chain), [("leaf", Some(0)), ("issuer", Some(1)), ("anchor", None)]);
    assert_eq!(chain[2]["subject"], "CN=Root One");
    assert_eq!(strings(&chain[0]["names"]), ["DNS:api.example"]);
}

#[test]
fn a_missing_issuer_is_shown_where_it_should_stand() {
    let root = root("Root One");
    let (upper, stranger) = (intermediate("Upper", &root), intermediate("Stranger", &root));
    let lower = intermediate("Lower", &upper);
    let served = Leaf::new().issued_by(&lower) + &lower.pem() + &stranger.pem();
    let chain = shown(&served, &root.pem());
    assert_eq!(
        rows(&chain),
        [("leaf", Some(0)), ("issuer", Some(1)), ("missing", None), ("surplus", Some(2))]
    );
    assert_eq!(chain[2]["subject"], "CN=Upper");
}

#[test]
fn a_root_that_is_served_is_marked_as_not_needed_or_not_trusted() {
    let (root, other) = (root("Root One"), root("Root Two"));
    let served = Leaf::new().issued_by(&root) + &root.pem();
    let chain = shown(&served, &root.pem());
    assert_eq!(rows(&chain), [("leaf", Some(0)), ("root", Some(1))]);
    assert!(strings(&chain[1]["remarks"]).join(" ").contains("need not be served"));
    let chain = shown(&served, &other.pem());
    assert!(strings(&chain[1]["remarks"]).join(" ").contains("not in the store"));
}

#[test]
fn a_misordered_issuer_and_a_duplicate_say_so() {
    let root = root("Root One");
    let upper = intermediate("Upper", &root);
    let lower = intermediate("Lower", &upper);
    let served = Leaf::new().issued_by(&lower) + &upper.pem() + &lower.pem() + &lower.pem();
    let chain = shown(&served, &root.pem());
    assert!(strings(&chain[1]["remarks"]).join(" ").contains("misordered"), "{chain:#}");
    assert_eq!(chain[3]["place"], "surplus");
    assert!(strings(&chain[3]["remarks"]).join(" ").contains("the same as certificate 2"), "{chain:#}");
}

#[test]
fn a_cross_sign_is_named_and_leads_to_the_root_that_is_trusted() {
    let (old, new) = (root("Root One"), root("Root Two"));
    let issuer = intermediate("Issuer Two", &new);
    let cross = cross_signed("Root Two", &new, &old);
    let served = Leaf::new().issued_by(&issuer) + &issuer.pem() + &cross;
    let chain = shown(&served, &old.pem());
    assert_eq!(chain[3]["subject"], "CN=Root One");
    assert_eq!(rows(&chain)[2], ("issuer", Some(2)));
    // Who has the new root already does not need the cross-sign.
    let chain = shown(&served, &(old.pem() + &new.pem()));
    assert_eq!(rows(&chain)[2], ("surplus", Some(2)));
    assert!(strings(&chain[2]["remarks"]).join(" ").contains("cross-signed"), "{chain:#}");
}

#[test]
fn an_issuer_of_the_right_name_and_another_key_is_none() {
    let root = root("Root One");
    let (right, wrong) = (intermediate("Issuer One", &root), intermediate("Issuer One", &root));
    let chain = shown(&(Leaf::new().issued_by(&right) + &wrong.pem()), &root.pem());
    assert_eq!(rows(&chain), [("leaf", Some(0)), ("missing", None), ("surplus", Some(1))]);
    assert!(strings(&chain[1]["remarks"]).join(" ").contains("another key"), "{chain:#}");
}

#[test]
fn a_mesh_of_cross_signs_is_looked_at_in_bounded_time() {
    // Each of 12 authorities is signed by each of them: more paths than anybody can try.
    let authorities: Vec<_> = (0..12).map(|number| root(&format!("Mesh {number}"))).collect();
    let mut served = Leaf::new().issued_by(&authorities[0]);
    for (number, of) in authorities.iter().enumerate() {
        let others = authorities.iter().enumerate().filter(|(other, _)| *other != number);
        served.extend(others.map(|(_, by)| cross_signed(&format!("Mesh {number}"), of, by)));
    }
    let chain = shown(&served, &root("Elsewhere").pem());
    assert_eq!(chain.as_array().unwrap().len(), 1 + 12 * 11 + 1);
}
