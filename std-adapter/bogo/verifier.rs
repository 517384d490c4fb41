//! The walk up the chain as clients do it, but for the name: the runner's certificates are for names that no
//! flag tells.

use ferrule::certificate::{
    Certificate, CertificateError, ExpectedPeer, GeneralName, Next, PeerVerifier, ServerName, chain,
};
use ferrule::crypto::CryptoProvider;

#[derive(Debug)]
pub(crate) struct AnyName<'a>(pub(crate) chain::Verifier<'a>);

#[derive(Debug)]
pub(crate) struct Walk {
    chain: chain::Walk,
    /// What the leaf is for, once it was seen.
    name: Option<ServerName>,
}

impl PeerVerifier for AnyName<'_> {
    type Walk = Walk;

    fn begin(&self) -> Walk {
        Walk { chain: self.0.begin(), name: None }
    }

    fn certificate<P: CryptoProvider>(
        &self,
        walk: &mut Walk,
        expected: &ExpectedPeer<'_>,
        provider: &mut P,
        memory: &mut [u8],
        length: usize,
    ) -> Result<Next, CertificateError> {
        if walk.name.is_none() {
            walk.name = memory.get(..length).and_then(name_of);
        }
        let expected = ExpectedPeer { name: walk.name.as_ref(), ..*expected };
        self.0.certificate(&mut walk.chain, &expected, provider, memory, length)
    }

    fn end(
        &self,
        walk: &mut Walk,
        expected: &ExpectedPeer<'_>,
        memory: &mut [u8],
    ) -> Result<Next, CertificateError> {
        self.0.end(&mut walk.chain, expected, memory)
    }

    fn work<P: CryptoProvider>(
        &self,
        walk: &mut Walk,
        expected: &ExpectedPeer<'_>,
        provider: &mut P,
        memory: &mut [u8],
    ) -> Result<Next, CertificateError> {
        let expected = ExpectedPeer { name: walk.name.as_ref(), ..*expected };
        self.0.work(&mut walk.chain, &expected, provider, memory)
    }
}

fn name_of(leaf: &[u8]) -> Option<ServerName> {
    let names = Certificate::parse(leaf).ok()?.subject_alt_names().ok()??;
    names.into_iter().find_map(|name| match name {
        GeneralName::Dns(name) => ServerName::parse(name).ok(),
        _ => None,
    })
}
