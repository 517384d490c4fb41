//! The chains: sound ones of many shapes, one for each defect, and any number of random ones.

use crate::defects;
use crate::draft::{Case, Draft, Role};
use crate::extension::{CLIENT_AUTH, Extension, SERVER_AUTH};
use crate::key::Kind;
use fastrand::Rng;

pub(crate) const HOST: &str = "api.ferrule.example";

/// Every chain that has a name.
pub(crate) fn named(now: i64) -> Vec<Case> {
    let mut cases = sound(now);
    for (name, apply) in defects::all() {
        let mut draft = Draft::new(HOST, &[Kind::P256; 4], now);
        apply(&mut draft, &mut Rng::with_seed(7));
        cases.push(draft.case(name));
    }
    // The same again where the issuer of the leaf is the root's own child, and in RSA.
    for (name, apply) in defects::all() {
        if ["intermediate", "order", "ca-path", "serial-2", "cross", "root-", "ca-false", "constraints-o"]
            .iter()
            .any(|start| name.starts_with(start))
        {
            let mut draft = Draft::new(HOST, &[Kind::Rsa2048; 3], now);
            apply(&mut draft, &mut Rng::with_seed(7));
            cases.push(draft.case(&format!("rsa-{name}")));
        }
    }
    for (name, apply) in defects::of_clients() {
        let mut draft = client_draft(&[Kind::P256; 3], now);
        apply(&mut draft, &mut Rng::with_seed(7));
        cases.push(draft.case(&format!("client-{name}")));
    }
    cases
}

fn client_draft(keys: &[Kind], now: i64) -> Draft {
    let mut draft = Draft::new("device-17.ferrule.example", keys, now);
    draft.role = Role::Client;
    draft.leaf().set(Extension::extended_key_usage(&[CLIENT_AUTH]));
    draft
}

/// Chains that nothing is wrong with, of all shapes.
fn sound(now: i64) -> Vec<Case> {
    use Kind::{Ed25519, P256, P384, P521, Rsa2048, Rsa3072, Rsa4096};
    let shapes: &[(&str, &[Kind], &str)] = &[
        ("sound-p256", &[P256; 3], HOST),
        ("sound-p384", &[P384; 3], HOST),
        ("sound-p521", &[P521; 3], HOST),
        ("sound-rsa-2048", &[Rsa2048; 3], HOST),
        ("sound-rsa-3072", &[Rsa3072, Rsa2048, Rsa4096], HOST),
        ("sound-ed25519", &[Ed25519; 3], HOST),
        ("sound-ecdsa-as-issued-publicly", &[P256, P384, P384, Rsa4096], HOST),
        ("sound-rsa-as-issued-publicly", &[Rsa2048, Rsa2048, Rsa4096], HOST),
        ("sound-address", &[P256; 3], "192.0.2.7"),
        ("sound-issued-by-the-root", &[P256; 2], HOST),
    ];
    let mut cases: Vec<_> =
        shapes.iter().map(|(name, keys, host)| Draft::new(host, keys, now).case(name)).collect();
    for depth in 3..=12 {
        // That many certificates are served.
        let draft = Draft::new(HOST, &vec![Kind::P256; depth + 1], now);
        cases.push(draft.case(&format!("depth-{depth}")));
    }
    cases.push(public_renewal(now));
    cases
}

/// A leaf for ninety days under a young root that an old one has signed, served as public authorities do: the
/// intermediates name serverAuth alone, and the chain ends in the cross-sign.
fn public_renewal(now: i64) -> Case {
    let mut draft = Draft::new(HOST, &[Kind::P256, Kind::P384, Kind::P384, Kind::Rsa4096], now);
    for link in 1..=2 {
        draft.links[link].set(Extension::extended_key_usage(&[SERVER_AUTH]));
        draft.links[link].set(Extension::policies(&["2.23.140.1.2.1"]));
    }
    draft.links[1].set(Extension::basic_constraints(true, Some(0)));
    draft.leaf().set(Extension::policies(&["2.23.140.1.2.1"]));
    draft.leaf().set(Extension::authority_information("http://ye1.ferrule.example/"));
    draft.leaf().set(Extension::crl_distribution_point("http://ye1.ferrule.example/17.crl"));
    draft.case("sound-cross-signed-root")
}

/// A chain of a random shape with up to three defects. The same seed makes the same chain, but for its dates.
pub(crate) fn random(seed: u64, now: i64) -> Case {
    let mut random = Rng::with_seed(seed);
    let client = random.u8(..12) == 0;
    let kinds = [Kind::P256, Kind::P256, Kind::P256, Kind::Rsa2048, Kind::Rsa2048, Kind::P384, Kind::Rsa4096];
    let depth = [2, 3, 3, 3, 3, 4, 4, 4, 5, 6, 8][random.usize(..11)];
    let keys: Vec<_> = (0..depth).map(|_| kinds[random.usize(..kinds.len())]).collect();
    let hosts = [
        HOST,
        HOST,
        "ferrule.example",
        "a.b.ferrule.example",
        "192.0.2.7",
        "gateway",
        "my_api.ferrule.example",
    ];
    let mut draft = if client {
        client_draft(&keys, now)
    } else {
        Draft::new(hosts[random.usize(..hosts.len())], &keys, now)
    };
    let all = if client { defects::of_clients().to_vec() } else { defects::all() };
    let mut name = format!("random-{seed}");
    for _ in 0..random.usize(0..=3) {
        let (defect, apply) = all[random.usize(..all.len())];
        apply(&mut draft, &mut random);
        name = format!("{name}+{defect}");
    }
    draft.case(&name)
}
