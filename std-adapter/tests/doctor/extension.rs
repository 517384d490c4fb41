//! Extensions of a certificate, right and wrong ones.

use crate::encoding::{
    BOOLEAN, CONSTRUCTED, INTEGER, OCTET_STRING, context, flags, identifier, sequence, tlv, unsigned,
};
use crate::name::Name;
use std::net::IpAddr;

#[derive(Debug, Clone)]
pub(crate) struct Extension {
    pub(crate) oid: &'static str,
    pub(crate) critical: bool,
    pub(crate) value: Value,
}

#[derive(Debug, Clone)]
pub(crate) enum Value {
    Fixed(Vec<u8>),
    /// subjectKeyIdentifier of the certificate's own key.
    OwnKey,
    /// authorityKeyIdentifier of whoever issues it; left out when that one has no subjectKeyIdentifier.
    IssuerKey,
    /// authorityKeyIdentifier with the issuer's name and serial beside its key.
    IssuerKeyAndSerial,
}

pub(crate) const SUBJECT_KEY: &str = "2.5.29.14";
pub(crate) const KEY_USAGE: &str = "2.5.29.15";
pub(crate) const SUBJECT_ALT_NAME: &str = "2.5.29.17";
pub(crate) const BASIC_CONSTRAINTS: &str = "2.5.29.19";
pub(crate) const NAME_CONSTRAINTS: &str = "2.5.29.30";
pub(crate) const CRL_DISTRIBUTION_POINTS: &str = "2.5.29.31";
pub(crate) const CERTIFICATE_POLICIES: &str = "2.5.29.32";
pub(crate) const AUTHORITY_KEY: &str = "2.5.29.35";
pub(crate) const POLICY_CONSTRAINTS: &str = "2.5.29.36";
pub(crate) const EXTENDED_KEY_USAGE: &str = "2.5.29.37";
pub(crate) const AUTHORITY_INFORMATION: &str = "1.3.6.1.5.5.7.1.1";
/// RFC 7633's TLS feature.
pub(crate) const TLS_FEATURE: &str = "1.3.6.1.5.5.7.1.24";
/// Under the arc of examples; nobody knows it.
pub(crate) const UNKNOWN: &str = "1.3.6.1.4.1.55555.1.1";

pub(crate) const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";
pub(crate) const CLIENT_AUTH: &str = "1.3.6.1.5.5.7.3.2";
pub(crate) const CODE_SIGNING: &str = "1.3.6.1.5.5.7.3.3";
pub(crate) const ANY_PURPOSE: &str = "2.5.29.37.0";

/// Bits of keyUsage (RFC 5280 §4.2.1.3).
pub(crate) const DIGITAL_SIGNATURE: u8 = 0;
pub(crate) const KEY_ENCIPHERMENT: u8 = 2;
pub(crate) const KEY_AGREEMENT: u8 = 4;
pub(crate) const KEY_CERT_SIGN: u8 = 5;
pub(crate) const CRL_SIGN: u8 = 6;

impl Extension {
    pub(crate) fn new(oid: &'static str, critical: bool, value: Vec<u8>) -> Self {
        Self { oid, critical, value: Value::Fixed(value) }
    }

    pub(crate) fn critical(self, critical: bool) -> Self {
        Self { critical, ..self }
    }

    pub(crate) fn basic_constraints(authority: bool, path_length: Option<u8>) -> Self {
        let mut content = Vec::new();
        if authority {
            content.push(tlv(BOOLEAN, &[0xff]));
        }
        content.extend(path_length.map(|length| unsigned(&[length])));
        Self::new(BASIC_CONSTRAINTS, true, sequence(&content))
    }

    /// A FALSE that is written out, though it is the default.
    pub(crate) fn basic_constraints_false_spelled_out() -> Self {
        Self::new(BASIC_CONSTRAINTS, true, sequence(&[tlv(BOOLEAN, &[0])]))
    }

    /// TRUE as 0x01, which BER allows and DER (X.690 §11.1) does not.
    pub(crate) fn basic_constraints_true_as_one() -> Self {
        Self::new(BASIC_CONSTRAINTS, true, sequence(&[tlv(BOOLEAN, &[1])]))
    }

    pub(crate) fn negative_path_length() -> Self {
        Self::new(BASIC_CONSTRAINTS, true, sequence(&[tlv(BOOLEAN, &[0xff]), tlv(INTEGER, &[0xff])]))
    }

    pub(crate) fn key_usage(bits: &[u8]) -> Self {
        Self::new(KEY_USAGE, true, flags(bits))
    }

    pub(crate) fn extended_key_usage(purposes: &[&str]) -> Self {
        let purposes: Vec<_> = purposes.iter().map(|purpose| identifier(purpose)).collect();
        Self::new(EXTENDED_KEY_USAGE, false, sequence(&purposes))
    }

    pub(crate) fn subject_key() -> Self {
        Self { oid: SUBJECT_KEY, critical: false, value: Value::OwnKey }
    }

    pub(crate) fn authority_key() -> Self {
        Self { oid: AUTHORITY_KEY, critical: false, value: Value::IssuerKey }
    }

    pub(crate) fn authority_key_and_serial() -> Self {
        Self { oid: AUTHORITY_KEY, critical: false, value: Value::IssuerKeyAndSerial }
    }

    /// authorityKeyIdentifier with the right key, and the name and serial of some other certificate.
    pub(crate) fn authority_key_and_wrong_serial(key: &[u8]) -> Self {
        let name = context(CONSTRUCTED | 1, &context(CONSTRUCTED | 4, &Name::authority("Other").der()));
        Self::new(AUTHORITY_KEY, false, sequence(&[context(0, key), name, context(2, &[5, 4, 3])]))
    }

    /// authorityKeyIdentifier of some other key.
    pub(crate) fn wrong_authority_key() -> Self {
        Self::new(AUTHORITY_KEY, false, sequence(&[context(0, &[0x5a; 20])]))
    }

    pub(crate) fn subject_alt_name(names: &[AltName]) -> Self {
        let names: Vec<_> = names.iter().map(AltName::der).collect();
        Self::new(SUBJECT_ALT_NAME, false, sequence(&names))
    }

    pub(crate) fn name_constraints(permitted: &[AltName], excluded: &[AltName]) -> Self {
        let subtrees = |number: u8, names: &[AltName]| {
            let trees: Vec<_> = names.iter().map(|name| sequence(&[name.der()])).collect();
            if trees.is_empty() { Vec::new() } else { context(CONSTRUCTED | number, &trees.concat()) }
        };
        Self::new(NAME_CONSTRAINTS, true, sequence(&[subtrees(0, permitted), subtrees(1, excluded)]))
    }

    /// A length in more bytes than it needs (X.690 §10.1).
    pub(crate) fn subject_alt_name_with_long_length(name: &AltName) -> Self {
        let names = name.der();
        Self::new(SUBJECT_ALT_NAME, false, [&[0x30, 0x82, 0, names.len() as u8][..], &names].concat())
    }

    pub(crate) fn policies(identifiers: &[&str]) -> Self {
        let policies: Vec<_> = identifiers.iter().map(|policy| sequence(&[identifier(policy)])).collect();
        Self::new(CERTIFICATE_POLICIES, false, sequence(&policies))
    }

    /// requireExplicitPolicy of zero.
    pub(crate) fn explicit_policy_required() -> Self {
        Self::new(POLICY_CONSTRAINTS, true, sequence(&[context(0, &[0])]))
    }

    pub(crate) fn must_staple() -> Self {
        Self::new(TLS_FEATURE, false, sequence(&[unsigned(&[5])]))
    }

    pub(crate) fn unknown(critical: bool) -> Self {
        Self::new(UNKNOWN, critical, tlv(OCTET_STRING, b"?"))
    }

    pub(crate) fn crl_distribution_point(url: &str) -> Self {
        let point = context(CONSTRUCTED, &context(CONSTRUCTED, &context(6, url.as_bytes())));
        Self::new(CRL_DISTRIBUTION_POINTS, false, sequence(&[sequence(&[point])]))
    }

    pub(crate) fn authority_information(issuer_url: &str) -> Self {
        let access = sequence(&[identifier("1.3.6.1.5.5.7.48.2"), context(6, issuer_url.as_bytes())]);
        Self::new(AUTHORITY_INFORMATION, false, sequence(&[access]))
    }
}

/// GeneralName (RFC 5280 §4.2.1.6).
#[derive(Debug, Clone)]
pub(crate) enum AltName {
    Dns(String),
    Ip(IpAddr),
    /// An address and its mask, as name constraints have it.
    Network(IpAddr, IpAddr),
    Email(String),
    Uri(String),
    Directory(Name),
}

impl AltName {
    pub(crate) fn dns(name: &str) -> Self {
        Self::Dns(name.to_owned())
    }

    pub(crate) fn ip(address: &str) -> Self {
        Self::Ip(address.parse().unwrap())
    }

    pub(crate) fn network(address: &str, mask: &str) -> Self {
        Self::Network(address.parse().unwrap(), mask.parse().unwrap())
    }

    fn der(&self) -> Vec<u8> {
        match self {
            Self::Email(address) => context(1, address.as_bytes()),
            Self::Dns(name) => context(2, name.as_bytes()),
            Self::Uri(uri) => context(6, uri.as_bytes()),
            Self::Directory(name) => context(CONSTRUCTED | 4, &name.der()),
            Self::Ip(address) => context(7, &octets(*address)),
            Self::Network(address, mask) => context(7, &[octets(*address), octets(*mask)].concat()),
        }
    }
}

fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    }
}
