//! Distinguished names.

use crate::encoding::{PRINTABLE_STRING, SET, UTF8_STRING, identifier, sequence, tlv};

/// A distinguished name: attribute, string type and text of each of its parts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Name(pub(crate) Vec<(&'static str, u8, String)>);

const COMMON_NAME: &str = "2.5.4.3";
const COUNTRY: &str = "2.5.4.6";
const ORGANIZATION: &str = "2.5.4.10";

impl Name {
    pub(crate) fn common(name: &str) -> Self {
        Self(vec![(COMMON_NAME, UTF8_STRING, name.to_owned())])
    }

    /// Two common names.
    pub(crate) fn commons(first: &str, second: &str) -> Self {
        Self([Self::common(first).0, Self::common(second).0].concat())
    }

    /// A name as an authority has it: country, organization, common name.
    pub(crate) fn authority(name: &str) -> Self {
        Self(vec![
            (COUNTRY, PRINTABLE_STRING, "DE".to_owned()),
            (ORGANIZATION, UTF8_STRING, "Example Trust".to_owned()),
            (COMMON_NAME, UTF8_STRING, name.to_owned()),
        ])
    }

    pub(crate) fn organization(name: &str) -> Self {
        Self(vec![(ORGANIZATION, UTF8_STRING, name.to_owned())])
    }

    pub(crate) fn empty() -> Self {
        Self::default()
    }

    /// The same text in another string type, which RFC 5280 §7.1 compares as equal and byte comparison does not.
    pub(crate) fn in_printable_strings(&self) -> Self {
        Self(self.0.iter().map(|(kind, _, text)| (*kind, PRINTABLE_STRING, text.clone())).collect())
    }

    pub(crate) fn der(&self) -> Vec<u8> {
        let parts: Vec<_> = self
            .0
            .iter()
            .map(|(kind, string, text)| {
                tlv(SET, &sequence(&[identifier(kind), tlv(*string, text.as_bytes())]))
            })
            .collect();
        sequence(&parts)
    }
}
