//! What the extensions say that consumers ask about (RFC 5280 §4.2), read leniently: an extension whose value
//! cannot be read is [`Reading::Unreadable`], which every consumer takes in its own way.

use super::ber::{BIT_STRING, BOOLEAN, Elements, INTEGER, OCTET_STRING, OID, SEQUENCE, context, dotted};
use super::distinguished_name::Name;
use std::net::IpAddr;

pub(crate) const SUBJECT_KEY_ID: &str = "2.5.29.14";
pub(crate) const KEY_USAGE: &str = "2.5.29.15";
pub(crate) const SUBJECT_ALT_NAME: &str = "2.5.29.17";
pub(crate) const ISSUER_ALT_NAME: &str = "2.5.29.18";
pub(crate) const BASIC_CONSTRAINTS: &str = "2.5.29.19";
pub(crate) const NAME_CONSTRAINTS: &str = "2.5.29.30";
pub(crate) const CRL_DISTRIBUTION_POINTS: &str = "2.5.29.31";
pub(crate) const CERTIFICATE_POLICIES: &str = "2.5.29.32";
pub(crate) const POLICY_MAPPINGS: &str = "2.5.29.33";
pub(crate) const AUTHORITY_KEY_ID: &str = "2.5.29.35";
pub(crate) const POLICY_CONSTRAINTS: &str = "2.5.29.36";
pub(crate) const EXTENDED_KEY_USAGE: &str = "2.5.29.37";
pub(crate) const INHIBIT_ANY_POLICY: &str = "2.5.29.54";
pub(crate) const AUTHORITY_INFORMATION_ACCESS: &str = "1.3.6.1.5.5.7.1.1";
pub(crate) const TLS_FEATURE: &str = "1.3.6.1.5.5.7.1.24";

pub(crate) const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";
pub(crate) const CLIENT_AUTH: &str = "1.3.6.1.5.5.7.3.2";
pub(crate) const ANY_EXTENDED_KEY_USAGE: &str = "2.5.29.37.0";

/// One extension as it stands in the certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Extension {
    pub(crate) oid: String,
    pub(crate) critical: bool,
    pub(crate) value: Vec<u8>,
}

/// An extension's value, once it was looked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Reading<T> {
    #[default]
    Absent,
    Unreadable,
    Present(T),
}

impl<T> Reading<T> {
    pub(crate) const fn present(&self) -> Option<&T> {
        match self {
            Self::Present(value) => Some(value),
            _ => None,
        }
    }

    pub(crate) const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    pub(crate) const fn is_unreadable(&self) -> bool {
        matches!(self, Self::Unreadable)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BasicConstraints {
    pub(crate) authority: bool,
    /// Saturated: no chain is that long.
    pub(crate) path_length: Option<i64>,
}

impl BasicConstraints {
    /// Whether the BOOLEAN is one that DER knows (X.690 §11.1).
    pub(crate) fn is_strict(value: &[u8]) -> bool {
        let fields = || Elements(Elements(value).expect(SEQUENCE)?.contents).expect(BOOLEAN);
        fields().is_none_or(|flag| matches!(flag.contents, [0 | 0xff]))
    }

    pub(crate) fn parse(value: &[u8]) -> Option<Self> {
        let mut fields = Elements(Elements(value).expect(SEQUENCE)?.contents);
        let authority = fields.expect(BOOLEAN).is_some_and(|flag| flag.contents != [0]);
        let path_length = fields.expect(INTEGER).map(|length| integer(length.contents));
        fields.is_empty().then_some(Self { authority, path_length })
    }
}

/// A signed INTEGER, saturated.
fn integer(contents: &[u8]) -> i64 {
    let negative = contents.first().is_some_and(|first| first & 0x80 != 0);
    if contents.len() > 7 {
        return if negative { i64::MIN } else { i64::MAX };
    }
    contents.iter().fold(if negative { -1 } else { 0 }, |number, byte| number << 8 | i64::from(*byte))
}

/// The bits of keyUsage (RFC 5280 §4.2.1.3), bit 0 first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeyUsage(pub(crate) u16);

impl KeyUsage {
    pub(crate) fn parse(value: &[u8]) -> Option<Self> {
        let (_unused, bits) = Elements(value).expect(BIT_STRING)?.contents.split_first()?;
        let byte = |place: usize| bits.get(place).map_or(0, |byte| u16::from(byte.reverse_bits()));
        Some(Self(byte(0) | byte(1) << 8))
    }

    const fn has(self, bit: u16) -> bool {
        self.0 >> bit & 1 == 1
    }

    pub(crate) const fn digital_signature(self) -> bool {
        self.has(0)
    }

    pub(crate) const fn key_encipherment(self) -> bool {
        self.has(2)
    }

    pub(crate) const fn key_agreement(self) -> bool {
        self.has(4)
    }

    pub(crate) const fn key_cert_sign(self) -> bool {
        self.has(5)
    }

    pub(crate) const fn crl_sign(self) -> bool {
        self.has(6)
    }

    /// The names of the bits that are set, as RFC 5280 has them.
    pub(crate) fn names(self) -> Vec<&'static str> {
        const NAMES: [&str; 9] = [
            "digitalSignature",
            "nonRepudiation",
            "keyEncipherment",
            "dataEncipherment",
            "keyAgreement",
            "keyCertSign",
            "cRLSign",
            "encipherOnly",
            "decipherOnly",
        ];
        (0..9).filter(|bit| self.has(*bit)).map(|bit| NAMES[usize::from(bit)]).collect()
    }
}

/// One GeneralName (RFC 5280 §4.2.1.6); also the base of a subtree, where an address carries its mask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AltName {
    Dns(String),
    Ip(Vec<u8>),
    Email(String),
    Uri(String),
    Directory(Name),
    Other { tag: u8, value: Vec<u8> },
}

impl AltName {
    /// Whether every length is the one that DER knows (X.690 §10.1).
    pub(crate) fn are_strict(value: &[u8]) -> bool {
        let list = Elements(value).expect(SEQUENCE);
        list.is_none_or(|list| list.minimal_length && Elements(list.contents).all(|name| name.minimal_length))
    }

    fn parse(tag: u8, contents: &[u8]) -> Self {
        let text = || String::from_utf8_lossy(contents).into_owned();
        match tag & 0x1f {
            1 => Self::Email(text()),
            2 => Self::Dns(text()),
            4 => Self::Directory(Name::parse(contents)),
            6 => Self::Uri(text()),
            7 => Self::Ip(contents.to_vec()),
            _ => Self::Other { tag, value: contents.to_vec() },
        }
    }

    pub(crate) fn parse_all(value: &[u8]) -> Option<Vec<Self>> {
        let mut names = Elements(Elements(value).expect(SEQUENCE)?.contents);
        let parsed = names.by_ref().map(|name| Self::parse(name.tag, name.contents)).collect();
        names.is_empty().then_some(parsed)
    }

    /// As an address, if it is one.
    pub(crate) fn ip(&self) -> Option<IpAddr> {
        let Self::Ip(bytes) = self else { return None };
        match <[u8; 4]>::try_from(bytes.as_slice()) {
            Ok(four) => Some(IpAddr::from(four)),
            Err(_) => <[u8; 16]>::try_from(bytes.as_slice()).ok().map(IpAddr::from),
        }
    }
}

impl std::fmt::Display for AltName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Dns(name) => write!(f, "DNS:{name}"),
            Self::Ip(bytes) => match self.ip() {
                Some(address) => write!(f, "IP:{address}"),
                None => write!(f, "IP:({} bytes)", bytes.len()),
            },
            Self::Email(name) => write!(f, "email:{name}"),
            Self::Uri(name) => write!(f, "URI:{name}"),
            Self::Directory(name) => write!(f, "directory:{name}"),
            Self::Other { tag, .. } => write!(f, "other name [{}]", tag & 0x1f),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct NameConstraints {
    pub(crate) permitted: Vec<AltName>,
    pub(crate) excluded: Vec<AltName>,
}

impl NameConstraints {
    pub(crate) fn parse(value: &[u8]) -> Option<Self> {
        let mut fields = Elements(Elements(value).expect(SEQUENCE)?.contents);
        let mut subtrees = |number| -> Option<Vec<AltName>> {
            let Some(list) = fields.expect(context(number, true)) else { return Some(Vec::new()) };
            Elements(list.contents)
                .map(|subtree| {
                    let base = Elements(subtree.contents).next()?;
                    Some(AltName::parse(base.tag, base.contents))
                })
                .collect()
        };
        Some(Self { permitted: subtrees(0)?, excluded: subtrees(1)? })
    }
}

/// extKeyUsage, and every other SEQUENCE OF OBJECT IDENTIFIER.
pub(crate) fn object_identifiers(value: &[u8]) -> Option<Vec<String>> {
    let identifiers = Elements(Elements(value).expect(SEQUENCE)?.contents);
    Some(identifiers.filter(|element| element.tag == OID).map(|oid| dotted(oid.contents)).collect())
}

/// certificatePolicies: the policies without their qualifiers.
pub(crate) fn policies(value: &[u8]) -> Option<Vec<String>> {
    let policies = Elements(Elements(value).expect(SEQUENCE)?.contents);
    policies.map(|policy| Elements(policy.contents).expect(OID).map(|oid| dotted(oid.contents))).collect()
}

/// policyConstraints: after how many certificates a policy must be explicit.
pub(crate) fn require_explicit_policy(value: &[u8]) -> Option<i64> {
    let mut fields = Elements(Elements(value).expect(SEQUENCE)?.contents);
    Some(integer(fields.expect(context(0, false))?.contents))
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct AuthorityKeyId {
    pub(crate) key_id: Option<Vec<u8>>,
    pub(crate) issuer: Option<Name>,
    /// As it stands in the INTEGER.
    pub(crate) serial: Option<Vec<u8>>,
}

impl AuthorityKeyId {
    pub(crate) fn parse(value: &[u8]) -> Option<Self> {
        let mut fields = Elements(Elements(value).expect(SEQUENCE)?.contents);
        let key_id = fields.expect(context(0, false)).map(|id| id.contents.to_vec());
        let issuer = fields.expect(context(1, true)).and_then(|names| {
            Elements(names.contents)
                .find(|name| name.tag == context(4, true))
                .map(|n| Name::parse(n.contents))
        });
        let serial = fields.expect(context(2, false)).map(|serial| serial.contents.to_vec());
        Some(Self { key_id, issuer, serial })
    }
}

pub(crate) fn subject_key_id(value: &[u8]) -> Option<Vec<u8>> {
    Some(Elements(value).expect(OCTET_STRING)?.contents.to_vec())
}

/// The URIs of authorityInfoAccess, by access method: (caIssuers, OCSP).
pub(crate) fn information_access(value: &[u8]) -> Option<(Vec<String>, Vec<String>)> {
    let (mut issuers, mut responders) = (Vec::new(), Vec::new());
    for description in Elements(Elements(value).expect(SEQUENCE)?.contents) {
        let mut fields = Elements(description.contents);
        let method = dotted(fields.expect(OID)?.contents);
        let location = fields.next()?;
        if location.tag == context(6, false) {
            let uri = String::from_utf8_lossy(location.contents).into_owned();
            match method.as_str() {
                "1.3.6.1.5.5.7.48.2" => issuers.push(uri),
                "1.3.6.1.5.5.7.48.1" => responders.push(uri),
                _ => {}
            }
        }
    }
    Some((issuers, responders))
}

/// The URIs of cRLDistributionPoints: whatever stands in there with a URI's tag.
pub(crate) fn distribution_points(value: &[u8]) -> Option<Vec<String>> {
    let mut uris = Vec::new();
    for point in Elements(Elements(value).expect(SEQUENCE)?.contents) {
        let Some(name) = Elements(point.contents).expect(context(0, true)) else { continue };
        let Some(full) = Elements(name.contents).expect(context(0, true)) else { continue };
        uris.extend(
            Elements(full.contents)
                .filter(|name| name.tag == context(6, false))
                .map(|name| String::from_utf8_lossy(name.contents).into_owned()),
        );
    }
    Some(uris)
}

/// TLS features (RFC 7633): the numbers of the TLS extensions that the server must answer.
pub(crate) fn features(value: &[u8]) -> Option<Vec<i64>> {
    let numbers = Elements(Elements(value).expect(SEQUENCE)?.contents);
    Some(numbers.filter(|element| element.tag == INTEGER).map(|number| integer(number.contents)).collect())
}
