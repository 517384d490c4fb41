//! What servers of the public web really served, with Mozilla's roots: the path builder and the firmware's walk
//! believe it, as of a day on which it was valid.
//!
//! `served/` holds the certificates in the order served, and one OCSP response, as they came from the servers in
//! 2021 and 2025.

use ferrule::certificate::revocation::{Reason, RevocationPolicy};
use ferrule::certificate::{
    CertificateError, ExpectedPeer, Next, PeerVerifier, Role, Rule, ServerName, UnixTime, Validity, chain,
    path,
};
use ferrule_std::{Roots, StdProvider};

const LETS_ENCRYPT: &[&[u8]] =
    &[include_bytes!("served/letsencrypt-1.der"), include_bytes!("served/letsencrypt-2.der")];
const AMAZON: &[&[u8]] = &[
    include_bytes!("served/aws-amazon-1.der"),
    include_bytes!("served/aws-amazon-2.der"),
    include_bytes!("served/aws-amazon-3.der"),
    include_bytes!("served/aws-amazon-4.der"),
];
const REVOKED: &[&[u8]] =
    &[include_bytes!("served/revoked-badssl-1.der"), include_bytes!("served/revoked-badssl-2.der")];
const REVOKED_STAPLE: &[u8] = include_bytes!("served/revoked-badssl.ocsp");

/// 2025-09-15, and a day on which the OCSP response was fresh.
const IN_2025: u64 = 1_757_894_400;
const IN_2021: u64 = 1638_662_400;

/// How much memory it took, or why not.
fn verify<V: PeerVerifier>(
    verifier: &V,
    name: &str,
    now: u64,
    served: &[&[u8]],
    staple: Option<&[u8]>,
) -> Result<usize, CertificateError> {
    let name = ServerName::parse(name).unwrap();
    let expected =
        ExpectedPeer { name: Some(&name), role: Role::Server, validity: Validity::At(UnixTime(now)) };
    let (mut provider, mut memory, mut used) = (StdProvider::new(None), vec![0; 1 << 15], 0);
    let (mut walk, mut rest) = (verifier.begin(), served.iter().enumerate());
    let mut next = Next::Certificate { at: 0 };
    loop {
        next = match next {
            Next::Authenticated(_) => return Ok(used),
            Next::Work => verifier.work(&mut walk, &expected, &mut provider, &mut memory)?,
            Next::Certificate { at } => match rest.next() {
                None => verifier.end(&mut walk, &expected, &mut memory)?,
                Some((place, der)) => {
                    let end = at + der.len();
                    memory[at..end].copy_from_slice(der);
                    used = used.max(end);
                    if let (0, Some(staple)) = (place, staple) {
                        memory[end..end + staple.len()].copy_from_slice(staple);
                        verifier.staple(&mut walk, end, staple.len());
                    }
                    verifier.certificate(&mut walk, &expected, &mut provider, &mut memory, der.len())?
                }
            },
        };
    }
}

#[test]
fn believes_what_public_servers_serve() {
    let roots = Roots::mozilla();
    let anchors = roots.as_anchors();
    for (name, served) in [("letsencrypt.org", LETS_ENCRYPT), ("aws.amazon.com", AMAZON)] {
        let walked = verify(&chain::Verifier::new(&anchors), name, IN_2025, served, None).unwrap();
        let searched = verify(&path::Verifier::new(&anchors), name, IN_2025, served, None).unwrap();
        println!("{name}: {walked} bytes of memory for the walk, {searched} for the path builder");
        // What a client's scratch is made for.
        assert!(walked <= ferrule::required_scratch(2048), "{walked}");
        let wrong = verify(&path::Verifier::new(&anchors), "example.org", IN_2025, served, None).unwrap_err();
        assert!(matches!(wrong.rule, Rule::NameMismatch { .. }));
        let none = verify(&path::Verifier::new(&[]), name, IN_2025, served, None).unwrap_err();
        assert!(matches!(none.rule, Rule::UnknownIssuer { .. }));
    }
}

#[test]
fn without_its_intermediate_a_public_server_is_refused() {
    let roots = Roots::mozilla();
    let anchors = roots.as_anchors();
    let error = verify(&path::Verifier::new(&anchors), "letsencrypt.org", IN_2025, &LETS_ENCRYPT[..1], None);
    let issuer = "E6".try_into().unwrap();
    assert_eq!(error.unwrap_err().rule, Rule::UnknownIssuer { issuer });
}

#[test]
fn believes_a_public_authority_that_it_has_revoked() {
    // The root has left Mozilla's store meanwhile: it stands in for itself.
    let mut roots = Roots::mozilla();
    assert!(roots.add(REVOKED[1]));
    let anchors = roots.as_anchors();
    let (name, policy) = ("revoked.badssl.com", RevocationPolicy::new(&[]));
    let staple = Some(REVOKED_STAPLE);
    let walk = chain::Verifier::new(&anchors);
    assert!(verify(&walk, name, IN_2021, REVOKED, None).is_ok());
    for error in [
        verify(&walk.with_revocation(policy), name, IN_2021, REVOKED, staple),
        verify(&path::Verifier::new(&anchors).with_revocation(policy), name, IN_2021, REVOKED, staple),
    ] {
        let rule = error.unwrap_err().rule;
        assert!(matches!(rule, Rule::Revoked { reason: Reason(_), .. }), "{rule}");
    }
    // Half a year later the response is of no use to anybody.
    let late = verify(&walk.with_revocation(policy), name, IN_2021 + 180 * 86_400, REVOKED, staple);
    assert!(matches!(late.unwrap_err().rule, Rule::StatusOutOfDate { .. }));
}
