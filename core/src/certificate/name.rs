//! The name of a server: as the caller asks for it, and as certificates present it (RFC 9525).

use super::der::{Der, Malformed};
use super::error::legible;
use super::extension::{
    DIRECTORY_NAME, DNS_NAME, IP_ADDRESS, OTHER_NAMES, RFC822_NAME, UNIFORM_RESOURCE_IDENTIFIER,
};
use super::{Certificate, DistinguishedName, Rule};
use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use core::str::FromStr;

/// Longest DNS name in text, without the trailing dot (RFC 1035 §2.3.4: 255 bytes on the wire).
const MAX_NAME: usize = 253;
/// Longest label of a DNS name (RFC 1035 §2.3.4).
const MAX_LABEL: usize = 63;

/// Whom the caller wants to speak to: the reference identity of RFC 9525 §6.1.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
// There is no allocator to put the name behind a pointer.
#[allow(clippy::large_enum_variant)]
pub enum ServerName {
    /// A DNS name: goes into server_name, and is compared with dNSName.
    Dns(DnsName),
    /// An address: is compared with iPAddress, and is never sent (RFC 6066 §3).
    Ip(IpAddr),
}

/// A DNS name, owned: lower case, 1 to 253 bytes, without a trailing dot.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DnsName(heapless::String<MAX_NAME, u8>);

/// Why a text is no name of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum InvalidServerName {
    /// It is empty, or has an empty label.
    Empty,
    /// It is longer than 253 bytes, or a label is longer than 63.
    TooLong,
    /// It has a character other than a letter, a digit, a hyphen or an underscore.
    Character(char),
    /// A label begins or ends with a hyphen.
    Hyphen,
    /// Its last label is a number: it looks like an address and is none.
    LooksLikeAddress,
}

impl ServerName {
    /// Reads an IP address (without brackets), or a DNS name.
    ///
    /// A DNS name is made of labels of letters, digits and hyphens (RFC 5890 §2.3.1),
    /// international ones as A-labels; underscores are tolerated, as resolvers tolerate them. A
    /// trailing dot is taken off: neither server_name (RFC 6066 §3) nor certificates have it.
    pub fn parse(text: &str) -> Result<Self, InvalidServerName> {
        match IpAddr::from_str(text) {
            Ok(address) => Ok(Self::Ip(address)),
            Err(_) => DnsName::parse(text).map(Self::Dns),
        }
    }

    /// The DNS name, for server_name (RFC 6066 §3).
    pub fn as_dns(&self) -> Option<&str> {
        match self {
            Self::Dns(name) => Some(name.as_str()),
            Self::Ip(_) => None,
        }
    }

    /// Whether the certificate presents this name in its subjectAltName (RFC 9525 §6): nothing
    /// else counts, the common name least of all.
    pub(super) fn check(&self, certificate: &Certificate<'_>) -> Result<(), Rule> {
        let names = certificate.subject_alt_names()?.ok_or(Rule::NoSubjectAltName)?;
        let found = names.into_iter().any(|presented| match (self, presented) {
            (Self::Dns(reference), GeneralName::Dns(presented)) => reference.is_presented_by(presented),
            (Self::Ip(reference), GeneralName::Ip(presented)) => *reference == presented,
            _ => false,
        });
        if found { Ok(()) } else { Err(Rule::NameMismatch { expected: self.for_people() }) }
    }

    fn for_people(&self) -> heapless::String<40, u8> {
        match self {
            Self::Dns(name) => legible(name.as_str()),
            Self::Ip(address) => {
                let mut text = heapless::String::new();
                // The longest IPv6 address in text has 39 bytes (the scope is not part of IpAddr).
                match fmt::write(&mut text, format_args!("{address}")) {
                    Ok(()) => text,
                    Err(_) => heapless::String::new(),
                }
            }
        }
    }
}

impl DnsName {
    /// Reads a DNS name; see [`ServerName::parse`].
    pub fn parse(text: &str) -> Result<Self, InvalidServerName> {
        let text = text.strip_suffix('.').unwrap_or(text);
        let mut name = heapless::String::new();
        name.push_str(text).map_err(|_| InvalidServerName::TooLong)?;
        name.make_ascii_lowercase();
        for label in text.split('.') {
            if label.is_empty() {
                return Err(InvalidServerName::Empty);
            }
            if let Some(c) = label.chars().find(|c| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_')) {
                return Err(InvalidServerName::Character(c));
            }
            if label.len() > MAX_LABEL {
                return Err(InvalidServerName::TooLong);
            }
            if label.starts_with('-') || label.ends_with('-') {
                return Err(InvalidServerName::Hyphen);
            }
        }
        let last = text.rsplit('.').next().unwrap_or_default();
        if last.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(InvalidServerName::LooksLikeAddress);
        }
        Ok(Self(name))
    }

    /// The name, in lower case and without a trailing dot.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a presented dNSName is this name (RFC 9525 §6.3). A wildcard is the whole left-most
    /// label, stands for exactly one label, and at least two labels must follow it: one that covers
    /// a top-level domain is refused.
    fn is_presented_by(&self, presented: &str) -> bool {
        match presented.strip_prefix("*.") {
            Some(parent) => {
                parent.contains('.')
                    && self.0.split_once('.').is_some_and(|(_, ours)| ours.eq_ignore_ascii_case(parent))
            }
            None => self.0.eq_ignore_ascii_case(presented),
        }
    }
}

impl FromStr for ServerName {
    type Err = InvalidServerName;
    fn from_str(text: &str) -> Result<Self, InvalidServerName> {
        Self::parse(text)
    }
}

impl TryFrom<&str> for ServerName {
    type Error = InvalidServerName;
    fn try_from(text: &str) -> Result<Self, InvalidServerName> {
        Self::parse(text)
    }
}

impl From<IpAddr> for ServerName {
    fn from(address: IpAddr) -> Self {
        Self::Ip(address)
    }
}

impl From<DnsName> for ServerName {
    fn from(name: DnsName) -> Self {
        Self::Dns(name)
    }
}

impl fmt::Display for ServerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) => name.fmt(f),
            Self::Ip(address) => address.fmt(f),
        }
    }
}

impl fmt::Display for DnsName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for InvalidServerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("a server name is empty, or has an empty label"),
            Self::TooLong => write!(
                f,
                "a server name is longer than {MAX_NAME} bytes, or a label of it longer than {MAX_LABEL} (RFC 1035 section 2.3.4)"
            ),
            Self::Character(c) if c.is_ascii() => {
                write!(f, "a server name contains {c:?}, which no host name has")
            }
            Self::Character(c) => write!(
                f,
                "a server name contains {c:?}: international names are written as A-labels, \"xn--...\" (RFC 5890 section 2.3.2.1)"
            ),
            Self::Hyphen => f.write_str("a label of a server name begins or ends with a hyphen"),
            Self::LooksLikeAddress => {
                f.write_str("a server name ends in a number: it looks like an IP address, and is none")
            }
        }
    }
}

impl core::error::Error for InvalidServerName {}

/// The names of a subjectAltName (RFC 5280 §4.2.1.6), read in place.
#[derive(Debug, Clone, Copy)]
pub struct GeneralNames<'a> {
    /// The elements of `SEQUENCE OF GeneralName`: each has been found well-formed.
    elements: &'a [u8],
}

/// One name of a subjectAltName.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum GeneralName<'a> {
    /// dNSName: perhaps with a wildcard, perhaps no lawful name at all.
    Dns(&'a str),
    /// iPAddress.
    Ip(IpAddr),
    /// directoryName.
    Directory(DistinguishedName<'a>),
    /// rfc822Name.
    Email,
    /// uniformResourceIdentifier.
    Uri,
    /// A kind of name that TLS does not use.
    Other,
}

impl<'a> GeneralNames<'a> {
    /// Reads the DER of a GeneralNames: SIZE (1..MAX).
    pub(super) fn parse(value: &'a [u8]) -> Result<Self, Malformed> {
        let mut outer = Der::new(value, "subjectAltName")?;
        let elements = outer.expect(::der::Tag::Sequence)?;
        outer.finish()?;
        let mut names = Der::new(elements, "subjectAltName")?;
        loop {
            GeneralName::parse(&mut names)?;
            if names.is_finished() {
                return Ok(Self { elements });
            }
        }
    }
}

impl<'a> IntoIterator for GeneralNames<'a> {
    type Item = GeneralName<'a>;
    type IntoIter = Names<'a>;
    fn into_iter(self) -> Names<'a> {
        Names(Der::new(self.elements, "subjectAltName").ok())
    }
}

/// The names of a [`GeneralNames`], front to back.
#[derive(Clone)]
pub struct Names<'a>(Option<Der<'a>>);

impl<'a> Iterator for Names<'a> {
    type Item = GeneralName<'a>;
    fn next(&mut self) -> Option<GeneralName<'a>> {
        GeneralName::parse(self.0.as_mut()?).ok()
    }
}

impl<'a> GeneralName<'a> {
    fn parse(names: &mut Der<'a>) -> Result<Self, Malformed> {
        match names.any()? {
            (DNS_NAME, text) => match core::str::from_utf8(text) {
                Ok(text) if text.is_ascii() => Ok(Self::Dns(text)),
                _ => Err(names.malformed()),
            },
            // "For IP version 4, [...] the octet string MUST contain exactly four octets. For IP
            // version 6, [...] exactly sixteen octets."
            (IP_ADDRESS, octets) => {
                let v4 = <[u8; 4]>::try_from(octets).map(|octets| IpAddr::V4(Ipv4Addr::from(octets)));
                let v6 = <[u8; 16]>::try_from(octets).map(|octets| IpAddr::V6(Ipv6Addr::from(octets)));
                v4.or(v6).map(Self::Ip).map_err(|_| names.malformed())
            }
            (DIRECTORY_NAME, explicit) => {
                let mut explicit = Der::new(explicit, "directoryName")?;
                let contents = explicit.expect(::der::Tag::Sequence)?;
                explicit.finish()?;
                let name = DistinguishedName::from_contents(contents);
                name.check()?;
                Ok(Self::Directory(name))
            }
            (RFC822_NAME, _) => Ok(Self::Email),
            (UNIFORM_RESOURCE_IDENTIFIER, _) => Ok(Self::Uri),
            (tag, _) if OTHER_NAMES.contains(&tag) => Ok(Self::Other),
            _ => Err(names.malformed()),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    extern crate std;
    use super::*;
    use std::string::{String, ToString};

    fn dns(text: &str) -> DnsName {
        DnsName::parse(text).unwrap()
    }

    #[test]
    fn reads_names_and_addresses() {
        for (text, written) in [
            ("example.org", "example.org"),
            ("Example.ORG.", "example.org"),
            ("localhost", "localhost"),
            ("xn--bcher-kva.example", "xn--bcher-kva.example"),
            ("_dmarc.example.org", "_dmarc.example.org"),
            ("3com.example", "3com.example"),
            ("1.2.3.4.example", "1.2.3.4.example"),
        ] {
            let name = ServerName::parse(text).unwrap();
            assert_eq!(name.to_string(), written);
            assert_eq!(name.as_dns(), Some(written));
        }
        for text in ["192.0.2.1", "2001:db8::1", "::1", "::ffff:192.0.2.1"] {
            let name = ServerName::parse(text).unwrap();
            assert_eq!(name, ServerName::Ip(text.parse().unwrap()));
            assert_eq!(name.as_dns(), None);
        }
    }

    #[test]
    fn refuses_what_is_no_host_name() {
        use InvalidServerName::*;
        let label = "a".repeat(64);
        let long: String = "abcdefg.".repeat(32);
        for (text, why) in [
            ("", Empty),
            (".", Empty),
            ("..", Empty),
            ("a..b", Empty),
            (".example.org", Empty),
            ("example.org..", Empty),
            ("bücher.example", Character('ü')),
            ("*.example.org", Character('*')),
            ("example.org:443", Character(':')),
            ("[::1]", Character('[')),
            ("a b", Character(' ')),
            ("a\0b", Character('\0')),
            ("-a.example", Hyphen),
            ("a-.example", Hyphen),
            ("192.0.2", LooksLikeAddress),
            ("192.0.2.256", LooksLikeAddress),
            ("1", LooksLikeAddress),
            ("192.0.2.1.", LooksLikeAddress),
            (&label, TooLong),
            (&long, TooLong),
        ] {
            assert_eq!(ServerName::parse(text), Err(why), "{text}");
            assert!(!why.to_string().is_empty());
        }
        let longest = ["a".repeat(63).as_str(); 3].join(".") + "." + &"a".repeat(61);
        assert_eq!(longest.len(), 253);
        assert!(ServerName::parse(&longest).is_ok());
        assert!(ServerName::parse(&(longest.clone() + ".")).is_ok());
        assert_eq!(ServerName::parse(&(longest + "a")), Err(TooLong));
    }

    #[test]
    fn a_wildcard_stands_for_exactly_one_label() {
        for (reference, presented, same) in [
            ("www.example.org", "www.example.org", true),
            ("www.example.org", "WWW.Example.Org", true),
            ("www.example.org", "*.example.org", true),
            ("www.example.org", "*.EXAMPLE.org", true),
            ("example.org", "*.example.org", false),
            ("a.b.example.org", "*.example.org", false),
            ("a.b.example.org", "*.b.example.org", true),
            ("a.b.example.org", "*.*.example.org", false),
            ("www.example.org", "w*.example.org", false),
            ("www.example.org", "*w.example.org", false),
            ("www.example.org", "www.*.org", false),
            ("example.org", "*.org", false),
            ("example.org", "*", false),
            ("example.org", "*.", false),
            ("localhost", "*", false),
            ("www.example.org", "*.example.org.", false),
            ("www.example.org", "www.example.org.", false),
            ("www.example.org", "www.example.org\0", false),
            ("www.example.org", "www.example.com", false),
            ("www.example.org", ".example.org", false),
            ("www.example.org", "", false),
            ("xn--bcher-kva.example.org", "xn--*.example.org", false),
            ("xn--bcher-kva.example.org", "*.example.org", true),
        ] {
            assert_eq!(dns(reference).is_presented_by(presented), same, "{reference} by {presented}");
        }
    }

    #[test]
    fn reads_general_names_in_place() {
        let der = [0x30, 14, 0x82, 1, b'a', 0x87, 4, 192, 0, 2, 1, 0x81, 3, b'x', b'@', b'y'];
        let mut names = GeneralNames::parse(&der).unwrap().into_iter();
        assert_eq!(names.next(), Some(GeneralName::Dns("a")));
        assert_eq!(names.next(), Some(GeneralName::Ip([192, 0, 2, 1].into())));
        assert_eq!(names.next(), Some(GeneralName::Email));
        assert_eq!(names.next(), None);
    }

    #[test]
    fn refuses_general_names_that_are_not_der() {
        for bad in [
            &[0x30, 0][..],               // none at all
            &[0x30, 3, 0x82, 1, 0xe4],    // no IA5String
            &[0x30, 5, 0x87, 3, 1, 2, 3], // no address of either kind
            &[0x30, 7, 0x87, 5, 1, 2, 3, 4, 5],
            &[0x30, 3, 0x89, 1, 0],    // no such choice
            &[0x30, 3, 0xa2, 1, b'a'], // dNSName, but constructed
            &[0x30, 6, 0xa7, 4, 192, 0, 2, 1],
            &[0x30, 4, 0x84, 2, 0x30, 0], // directoryName, but primitive
            &[0x30, 8, 0xa4, 6, 0x30, 4, 0x31, 2, 0x30, 0], // no attribute in it
            &[0x30, 3, 0x0c, 1, b'a'],
            &[0x30, 3, 0x82, 2, b'a'],    // cut short
            &[0x30, 3, 0x82, 1, b'a', 0], // trailing
        ] {
            assert!(GeneralNames::parse(bad).is_err(), "{bad:?}");
        }
    }
}
