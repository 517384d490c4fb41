//! Distinguished names (RFC 5280 §4.1.2.4), and the ways in which consumers find two of them equal.

use super::ber::{Elements, SEQUENCE, dotted};
use std::fmt;

/// A Name: as bytes, for consumers that compare those, and read, for people and the other consumers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Name {
    /// With tag and length.
    pub(crate) der: Vec<u8>,
    pub(crate) attributes: Vec<Attribute>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Attribute {
    pub(crate) oid: String,
    /// The string's tag.
    pub(crate) tag: u8,
    pub(crate) value: String,
}

const COMMON_NAME: &str = "2.5.4.3";

impl Name {
    /// From the whole SEQUENCE.
    pub(crate) fn parse(der: &[u8]) -> Self {
        let mut attributes = Vec::new();
        let relative = Elements(der).expect(SEQUENCE).map_or(&[][..], |name| name.contents);
        for attribute in Elements(relative).flat_map(|set| Elements(set.contents)) {
            let mut fields = Elements(attribute.contents);
            if let (Some(oid), Some(value)) = (fields.next(), fields.next()) {
                let text = match value.tag {
                    // BMPString, and UniversalString.
                    0x1e => value
                        .contents
                        .chunks_exact(2)
                        .map(|pair| {
                            char::from_u32(u32::from(pair[0]) << 8 | u32::from(pair[1])).unwrap_or('?')
                        })
                        .collect(),
                    _ => String::from_utf8_lossy(value.contents).into_owned(),
                };
                attributes.push(Attribute { oid: dotted(oid.contents), tag: value.tag, value: text });
            }
        }
        Self { der: der.to_vec(), attributes }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.attributes.is_empty()
    }

    /// The last common name, which is the one that OpenSSL and others take.
    pub(crate) fn common_name(&self) -> Option<&str> {
        self.attributes.iter().rev().find(|attribute| attribute.oid == COMMON_NAME).map(|a| a.value.as_str())
    }

    /// All common names, in order.
    pub(crate) fn common_names(&self) -> impl Iterator<Item = &str> {
        self.attributes.iter().filter(|attribute| attribute.oid == COMMON_NAME).map(|a| a.value.as_str())
    }

    /// What people call it: the common name, or else the whole.
    pub(crate) fn for_people(&self) -> String {
        match self.common_name() {
            Some(common) => common.to_owned(),
            None if self.is_empty() => "(empty name)".to_owned(),
            None => self.to_string(),
        }
    }

    /// Byte for byte: Go, GnuTLS, NSS, webpki, wolfSSL, BearSSL.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.der == other.der
    }

    /// Without regard to case, white space and string type (RFC 5280 §7.1): OpenSSL, Java, mbedTLS.
    pub(crate) fn matches(&self, other: &Self) -> bool {
        self.is_same(other)
            || (self.attributes.len() == other.attributes.len() && self.folded() == other.folded())
    }

    /// Whether the first attributes of this name are all of `base` (RFC 5280 §7.1: a directory name
    /// within a subtree).
    pub(crate) fn is_within(&self, base: &Self) -> bool {
        self.folded().starts_with(&base.folded())
    }

    fn folded(&self) -> Vec<(&str, String)> {
        self.attributes
            .iter()
            .map(|attribute| {
                let words: Vec<&str> = attribute.value.split_ascii_whitespace().collect();
                (attribute.oid.as_str(), words.join(" ").to_ascii_lowercase())
            })
            .collect()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, attribute) in self.attributes.iter().enumerate() {
            let separator = if place == 0 { "" } else { ", " };
            write!(f, "{separator}{}={}", attribute_type(&attribute.oid), attribute.value)?;
        }
        Ok(())
    }
}

/// RFC 4519's names of the attributes that certificates carry.
fn attribute_type(oid: &str) -> &str {
    match oid {
        COMMON_NAME => "CN",
        "2.5.4.4" => "SN",
        "2.5.4.5" => "serialNumber",
        "2.5.4.6" => "C",
        "2.5.4.7" => "L",
        "2.5.4.8" => "ST",
        "2.5.4.9" => "street",
        "2.5.4.10" => "O",
        "2.5.4.11" => "OU",
        "2.5.4.12" => "title",
        "2.5.4.42" => "GN",
        "2.5.4.97" => "organizationIdentifier",
        "0.9.2342.19200300.100.1.25" => "DC",
        "0.9.2342.19200300.100.1.1" => "UID",
        "1.2.840.113549.1.9.1" => "emailAddress",
        other => other,
    }
}
