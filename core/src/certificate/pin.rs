//! Trust by a key's hash: for firmware that knows its one server, and needs no authority.

use super::{
    Certificate, CertificateError, CommonName, ExpectedPeer, Next, PeerAuthenticated, PeerVerifier, Rule,
    rules,
};
use crate::crypto::{CryptoError, CryptoProvider, HashAlgorithm, Hashes};

/// The SHA-256 of a whole SubjectPublicKeyInfo, as RFC 7469 §2.4 pins keys, and curl with `--pinnedpubkey`.
pub type KeyHash = [u8; 32];

/// Believes peers whose own certificate has one of these keys, whoever signed it.
///
/// The certificate's dates, usages and names are checked as anywhere else; only the signature's place is taken by
/// the pin. A renewed certificate is believed as long as its key stays: pin the next key too, before it is needed.
#[derive(Debug, Clone, Copy)]
pub struct Verifier<'a> {
    /// The keys.
    pub keys: &'a [KeyHash],
}

impl<'a> Verifier<'a> {
    /// Trusts these keys.
    pub const fn new(keys: &'a [KeyHash]) -> Self {
        Self { keys }
    }

    fn leaf<P: CryptoProvider>(
        &self,
        expected: &ExpectedPeer<'_>,
        provider: &mut P,
        memory: &[u8],
        length: usize,
    ) -> Result<Next, CertificateError> {
        let small = Rule::MemoryTooSmall { needed: length, room: memory.len() };
        let der = memory.get(..length).ok_or_else(|| of_nothing(small))?;
        let leaf = Certificate::parse(der).map_err(|rule| CertificateError::of_malformed(0, der, rule))?;
        let refuse = |rule| CertificateError::of(0, &leaf, rule);
        rules::leaf(&leaf, expected, rules::first).map_err(refuse)?;
        let element = leaf.public_key_element().ok_or_else(|| refuse(Rule::Internal("pin: no key")))?;
        let hash = key_hash(element, provider).map_err(|error| refuse(Rule::Crypto(error)))?;
        if self.keys.contains(&hash) {
            Ok(Next::Authenticated(PeerAuthenticated(())))
        } else {
            Err(refuse(Rule::KeyNotPinned))
        }
    }
}

/// The hash of a SubjectPublicKeyInfo in DER, with its tag and length.
pub fn key_hash<P: CryptoProvider>(element: &[u8], provider: &mut P) -> Result<KeyHash, CryptoError> {
    let hashes = provider.hashes();
    let mut running = hashes.start(HashAlgorithm::Sha256)?;
    hashes.update(&mut running, element)?;
    let digest = hashes.snapshot(&running)?;
    digest.as_bytes().try_into().map_err(|_| CryptoError::Unsupported)
}

fn of_nothing(rule: Rule) -> CertificateError {
    CertificateError { index: 0, subject: CommonName::new(), rule }
}

impl PeerVerifier for Verifier<'_> {
    type Walk = ();

    fn begin(&self) {}

    fn certificate<P: CryptoProvider>(
        &self,
        (): &mut (),
        expected: &ExpectedPeer<'_>,
        provider: &mut P,
        memory: &mut [u8],
        length: usize,
    ) -> Result<Next, CertificateError> {
        self.leaf(expected, provider, memory, length)
    }

    fn end(&self, (): &mut (), _: &ExpectedPeer<'_>, _: &mut [u8]) -> Result<Next, CertificateError> {
        Err(of_nothing(Rule::NoCertificate))
    }

    fn work<P: CryptoProvider>(
        &self,
        (): &mut (),
        _: &ExpectedPeer<'_>,
        _: &mut P,
        _: &mut [u8],
    ) -> Result<Next, CertificateError> {
        Err(of_nothing(Rule::Internal("pin: work that was not asked for")))
    }
}

#[cfg(all(test, feature = "software"))]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]
mod tests {
    extern crate std;
    use super::super::Role;
    use super::super::chain::tests::{at, run, server_name};
    use super::super::draft::{Draft, NOW, TestKey, provider, sequence};
    use super::*;
    use hex_literal::hex;
    use std::vec::Vec;

    fn outcome(keys: &[KeyHash], leaf: &Draft) -> Result<(), Rule> {
        let name = server_name();
        let expected = ExpectedPeer { name: Some(&name), role: Role::Server, validity: at(NOW) };
        // Nobody knows who signed it.
        let chain = [leaf.signed_by(&TestKey::p256(99))];
        let answer = run(&Verifier::new(keys), &mut provider(), &expected, &chain, 4096).0;
        answer.map(|_| ()).map_err(|error| error.rule)
    }
    fn hash_of(key: &TestKey) -> KeyHash {
        key_hash(&sequence(&[&key.public_key_info()]), &mut provider()).unwrap()
    }

    #[test]
    fn believes_the_key_that_is_pinned_and_no_other() {
        let leaf = Draft::leaf("Nobody", &TestKey::p256(7));
        assert_eq!(outcome(&[hash_of(&TestKey::p256(8)), hash_of(&TestKey::p256(7))], &leaf), Ok(()));
        assert_eq!(outcome(&[hash_of(&TestKey::p256(8))], &leaf), Err(Rule::KeyNotPinned));
        assert_eq!(outcome(&[], &leaf), Err(Rule::KeyNotPinned));
        let expired = leaf.valid("200101000000Z", "210101000000Z");
        assert!(matches!(outcome(&[hash_of(&TestKey::p256(7))], &expired), Err(Rule::Expired { .. })));
    }

    #[test]
    fn hashes_keys_as_openssl_does() {
        // The generator of P-256, private key 1: `openssl pkey -pubin -outform DER | sha256sum`.
        let key = hex!(
            "3059301306072a8648ce3d020106082a8648ce3d030107034200046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
        );
        let hash = hex!("5cd252fb0ce8932436faf8ccd1040981b89ee4ad6b9fe9e2a2b7e71aacb27cd3");
        assert_eq!(key_hash(&key, &mut provider()), Ok(hash));
    }

    #[test]
    fn no_certificate_is_refused() {
        let name = server_name();
        let expected = ExpectedPeer { name: Some(&name), role: Role::Server, validity: at(NOW) };
        let chain: [Vec<u8>; 0] = [];
        let answer = run(&Verifier::new(&[]), &mut provider(), &expected, &chain, 64).0;
        assert_eq!(answer.unwrap_err().rule, Rule::NoCertificate);
    }
}
