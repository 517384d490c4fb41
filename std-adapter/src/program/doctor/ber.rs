//! BER elements, read as leniently as the most lenient consumer: what strict DER forbids is noted, not refused.
//!
//! The crates for X.509 refuse what some consumer accepts (a negative serial number, a length that is not
//! minimal), and the doctor has to tell what everyone else says to such a certificate.

/// One element: its tag's first byte, its contents, and the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    pub(crate) contents: &'a [u8],
    pub(crate) whole: &'a [u8],
    /// Whether the length is encoded in the one way that DER allows (X.690 §10.1).
    pub(crate) minimal_length: bool,
}

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OID: u8 = 0x06;
pub(crate) const UTC_TIME: u8 = 0x17;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const SEQUENCE: u8 = 0x30;

/// A context-specific tag.
pub(crate) const fn context(number: u8, constructed: bool) -> u8 {
    0x80 | number | if constructed { 0x20 } else { 0 }
}

/// The elements that follow one another in some contents.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Elements<'a>(pub(crate) &'a [u8]);

impl<'a> Elements<'a> {
    /// The next element, if it has this tag.
    pub(crate) fn expect(&mut self, tag: u8) -> Option<Element<'a>> {
        let mut ahead = *self;
        let element = ahead.next().filter(|element| element.tag == tag)?;
        *self = ahead;
        Some(element)
    }

    /// Whether nothing follows.
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Element<'a>;

    /// `None` at the end, and where what follows is no element.
    fn next(&mut self) -> Option<Element<'a>> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, rest, minimal_length) = match first {
            0..=0x7f => (usize::from(first), rest, true),
            0x81..=0x84 => {
                let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                let length = bytes.iter().fold(0usize, |length, byte| length << 8 | usize::from(*byte));
                (length, rest, bytes.first() != Some(&0) && length > 0x7f)
            }
            _ => return None,
        };
        let (contents, rest) = rest.split_at_checked(length)?;
        let whole = self.0.get(..self.0.len() - rest.len())?;
        self.0 = rest;
        Some(Element { tag, contents, whole, minimal_length })
    }
}

/// An object identifier in dotted decimals.
pub(crate) fn dotted(oid: &[u8]) -> String {
    let mut arcs: Vec<u64> = Vec::new();
    let mut arc = 0u64;
    for byte in oid {
        arc = arc.wrapping_shl(7) | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            if arcs.is_empty() {
                let root = (arc / 40).min(2);
                arcs.extend([root, arc - root * 40]);
            } else {
                arcs.push(arc);
            }
            arc = 0;
        }
    }
    arcs.iter().map(u64::to_string).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_that_is_not_minimal_is_read_and_noted() {
        let element = Elements(&[0x04, 0x81, 0x01, 0xaa]).next().unwrap();
        assert_eq!((element.contents, element.minimal_length), (&[0xaa][..], false));
    }

    #[test]
    fn an_element_that_is_cut_short_is_none() {
        assert_eq!(Elements(&[0x30, 0x03, 0x02, 0x01]).next(), None);
    }

    /// RFC 8017 Appendix C and RFC 5280 Appendix A.
    #[test]
    fn object_identifiers_are_written_in_decimals() {
        assert_eq!(dotted(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b]), "1.2.840.113549.1.1.11");
        assert_eq!(dotted(&[0x55, 0x1d, 0x11]), "2.5.29.17");
    }
}
