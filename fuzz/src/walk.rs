//! A chain, given to a verifier as a handshake gives it, with every promise of [`PeerVerifier`] checked.

use crate::world;
use ferrule::certificate::{CertificateError, ExpectedPeer, Next, PeerVerifier, Role, ServerName};
use ferrule::crypto::CryptoProvider;
use ferrule::limits::MAX_PATH_SIGNATURE_CHECKS;

/// What the verifier says. The work is bounded, the leaf and what is stapled to it stay as they were.
pub fn walk<V: PeerVerifier, P: CryptoProvider>(
    verifier: &V,
    mut provider: P,
    chain: &[&[u8]],
    staple: Option<&[u8]>,
    memory: usize,
) -> Result<(), CertificateError> {
    let name = ServerName::parse(world::HOST).expect("a name");
    let expected = ExpectedPeer { name: Some(&name), role: Role::Server, validity: world::NOW };
    let mut memory = vec![0; memory];
    let mut walk = verifier.begin();
    let mut next = Next::Certificate { at: 0 };
    let (mut served, mut works) = (0, 0);
    let outcome = loop {
        let step = match next {
            Next::Authenticated(_) => break Ok(()),
            Next::Work => {
                works += 1;
                verifier.work(&mut walk, &expected, &mut provider, &mut memory)
            }
            Next::Certificate { at } => match chain.get(served) {
                Some(der) => {
                    assert!(at <= memory.len() + 1, "a place outside of memory");
                    if let Some(room) = memory.get_mut(at..at + der.len()) {
                        room.copy_from_slice(der);
                    }
                    let behind = der.len()..der.len() + staple.map_or(0, <[u8]>::len);
                    if let (0, Some(staple), Some(room)) = (served, staple, memory.get_mut(behind)) {
                        room.copy_from_slice(staple);
                        verifier.staple(&mut walk, der.len(), staple.len());
                    }
                    served += 1;
                    verifier.certificate(&mut walk, &expected, &mut provider, &mut memory, der.len())
                }
                None => match verifier.end(&mut walk, &expected, &mut memory) {
                    // Nothing more can be served.
                    Ok(Next::Certificate { .. }) => panic!("the end asks for more"),
                    step => step,
                },
            },
        };
        match step {
            Ok(step) => next = step,
            Err(error) => break Err(error),
        }
    };
    assert!(works <= MAX_PATH_SIGNATURE_CHECKS + 1, "{works} signatures");
    if let Some(leaf) = chain.first() {
        assert!(memory.len() < leaf.len() || memory.starts_with(leaf), "the leaf stays as it was");
    }
    if let Err(error) = &outcome {
        assert!(!format!("{error:?}").contains("Internal"), "a case that cannot happen did: {error:?}");
        let _ = (error.alert(), error.to_string());
    }
    outcome
}
