//! A private authority, and the certificates that the stories are about.

use crate::process::{find, run};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CustomExtension, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, KeyPair, KeyUsagePurpose, NameConstraints, PKCS_ECDSA_P256_SHA256,
    PKCS_ECDSA_P384_SHA384, PKCS_RSA_SHA256, SignatureAlgorithm, date_time_ymd,
};
use std::process::Command;

pub(crate) type Issuer = CertifiedIssuer<'static, KeyPair>;

/// At this time every certificate of these tests is valid unless a story says otherwise.
pub(crate) const AT: &str = "2026-06-01";
pub(crate) const NAME: &str = "api.example";

pub(crate) fn root(name: &str) -> Issuer {
    CertifiedIssuer::self_signed(authority(name), key(&PKCS_ECDSA_P256_SHA256)).unwrap()
}

/// A root for the names below one domain only.
pub(crate) fn constrained_root(name: &str, domain: &str) -> Issuer {
    let mut params = authority(name);
    let permitted_subtrees = vec![GeneralSubtree::DnsName(domain.to_owned())];
    params.name_constraints = Some(NameConstraints { permitted_subtrees, excluded_subtrees: Vec::new() });
    CertifiedIssuer::self_signed(params, key(&PKCS_ECDSA_P256_SHA256)).unwrap()
}

pub(crate) fn intermediate(name: &str, root: &Issuer) -> Issuer {
    CertifiedIssuer::signed_by(authority(name), key(&PKCS_ECDSA_P256_SHA256), root).unwrap()
}

/// An intermediate with a P-384 key.
pub(crate) fn larger_intermediate(name: &str, root: &Issuer) -> Issuer {
    CertifiedIssuer::signed_by(authority(name), key(&PKCS_ECDSA_P384_SHA384), root).unwrap()
}

/// The same name and key, from somebody else.
pub(crate) fn cross_signed(name: &str, of: &Issuer, by: &Issuer) -> String {
    authority(name).signed_by(of.key(), by).unwrap().pem()
}

fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name = Default::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = date_time_ymd(2024, 1, 1);
    params.not_after = date_time_ymd(2034, 1, 1);
    params.use_authority_key_identifier_extension = true;
    params
}

fn key(algorithm: &'static SignatureAlgorithm) -> KeyPair {
    KeyPair::generate_for(algorithm).unwrap()
}

/// A server's certificate: what a story does not change is as it should be.
pub(crate) struct Leaf {
    pub(crate) params: CertificateParams,
    pub(crate) key: KeyPair,
}

impl Leaf {
    pub(crate) fn new() -> Self {
        Self::named(NAME)
    }

    pub(crate) fn named(name: &str) -> Self {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.distinguished_name = Default::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        params.not_before = date_time_ymd(2026, 5, 1);
        params.not_after = date_time_ymd(2026, 7, 30);
        params.use_authority_key_identifier_extension = true;
        Self { params, key: key(&PKCS_ECDSA_P256_SHA256) }
    }

    /// With an RSA key; `None`, announced, where there is no OpenSSL to make one.
    pub(crate) fn with_rsa() -> Option<Self> {
        let mut openssl = Command::new(find("openssl")?);
        let openssl =
            run(openssl.args(["genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]));
        let pem = String::from_utf8(openssl.success()).unwrap();
        Some(Self {
            key: KeyPair::from_pkcs8_pem_and_sign_algo(&pem, &PKCS_RSA_SHA256).unwrap(),
            ..Self::new()
        })
    }

    /// RFC 7633: a SEQUENCE with status_request, 5.
    pub(crate) fn must_staple(mut self) -> Self {
        let features = vec![0x30, 0x03, 0x02, 0x01, 0x05];
        let oid = [1, 3, 6, 1, 5, 5, 7, 1, 24];
        self.params.custom_extensions.push(CustomExtension::from_oid_content(&oid, features));
        self
    }

    /// authorityInfoAccess with an OCSP responder alone (RFC 5280 §4.2.2.1).
    pub(crate) fn with_responder(self) -> Self {
        self.with_access(1, "http://o.test/")
    }

    /// authorityInfoAccess with the issuer's certificate alone.
    pub(crate) fn with_issuer_at(self, url: &str) -> Self {
        self.with_access(2, url)
    }

    fn with_access(mut self, method: u8, url: &str) -> Self {
        let oid = [0x06, 0x08, 0x2b, 6, 1, 5, 5, 7, 0x30, method];
        let location = [&[0x86, url.len() as u8], url.as_bytes()].concat();
        let description = [&[0x30, (oid.len() + location.len()) as u8], &oid[..], &location].concat();
        let value = [&[0x30, description.len() as u8], &description[..]].concat();
        let extension = CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], value);
        self.params.custom_extensions.push(extension);
        self
    }

    /// Valid from the first of May 2026 until the first of this month.
    pub(crate) fn until(mut self, year: i32, month: u8) -> Self {
        self.params.not_after = date_time_ymd(year, month, 1);
        self
    }

    pub(crate) fn issued_by(&self, issuer: &Issuer) -> String {
        self.params.signed_by(&self.key, issuer).unwrap().pem()
    }
}
