//! Distinguished names (RFC 5280 §4.1.2.4): who signed, and for whom. They link certificates, and
//! people read them; TLS never identifies a server by them.

use super::der::{Der, Malformed};
use super::oid;
use ::der::Tag;
use core::fmt;

/// A Name, borrowed: the contents of its RDNSequence.
///
/// `==` is equality of bytes; [`matches`](Self::matches) is the comparison of RFC 5280 §7.1.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct DistinguishedName<'a> {
    contents: &'a [u8],
}

/// One attribute of a name.
struct Attribute<'a> {
    id: &'a [u8],
    tag: Tag,
    value: &'a [u8],
    /// Whether it is the first of its relative distinguished name (a SET of usually one).
    opens_set: bool,
}

impl<'a> DistinguishedName<'a> {
    /// From the contents of the RDNSequence, without its tag and length.
    pub const fn from_contents(contents: &'a [u8]) -> Self {
        Self { contents }
    }

    /// The contents of the RDNSequence.
    pub const fn as_contents(&self) -> &'a [u8] {
        self.contents
    }

    /// Whether it is a Name at all: sets, none of them empty, of attributes (RFC 5280 Appendix A.1). Until
    /// that is known, no constraint can be put to it.
    pub(super) fn check(&self) -> Result<(), Malformed> {
        let mut attributes = Attributes::new(self.contents);
        while attributes.next()?.is_some() {}
        Ok(())
    }

    /// Whether both are the same name: byte for byte, as authorities SHOULD encode them
    /// (RFC 5280 §4.1.2.4, §4.1.2.6), or attribute by attribute, text compared without regard to
    /// (ASCII) case, string type and repeated spaces (§7.1). Attributes of one SET are compared in
    /// the order in which they stand.
    pub fn matches(&self, other: &DistinguishedName<'_>) -> bool {
        if self.contents == other.contents {
            return true;
        }
        let (mut ours, mut theirs) = (Attributes::new(self.contents), Attributes::new(other.contents));
        loop {
            match (ours.next(), theirs.next()) {
                (Ok(Some(a)), Ok(Some(b))) if a.matches(&b) => {}
                (Ok(None), Ok(None)) => return true,
                _ => return false,
            }
        }
    }

    /// Whether the subtree under `base` holds this name: all of base's relative distinguished names
    /// come first in it, in the same order (RFC 5280 §4.2.1.10, §7.1). A name that does not parse is
    /// in no subtree, and one that does not parse holds nothing.
    pub(super) fn is_within(&self, base: &DistinguishedName<'_>) -> bool {
        let (mut ours, mut theirs) = (Attributes::new(self.contents), Attributes::new(base.contents));
        loop {
            match (ours.next(), theirs.next()) {
                // The base's last SET must be whole: what follows opens a set of its own.
                (Ok(ours), Ok(None)) => return ours.is_none_or(|attribute| attribute.opens_set),
                (Ok(Some(a)), Ok(Some(b))) if a.matches(&b) => {}
                _ => return false,
            }
        }
    }

    /// Whether it has no attribute at all.
    pub const fn is_empty(&self) -> bool {
        self.contents.is_empty()
    }

    /// Whether it carries an e-mail address, as old authorities write them (RFC 5280 §4.1.2.6). A name
    /// that does not parse may.
    pub(super) fn may_have_email_address(&self) -> bool {
        let mut attributes = Attributes::new(self.contents);
        loop {
            match attributes.next() {
                Ok(None) => return false,
                Ok(Some(attribute)) if attribute.id != oid::EMAIL_ADDRESS => {}
                Ok(Some(_)) | Err(_) => return true,
            }
        }
    }

    /// The most specific common name, if it is UTF-8 or a subset of it.
    pub fn common_name(&self) -> Option<&'a str> {
        self.last_text_where(|attribute| attribute.id == oid::COMMON_NAME)
    }

    /// The most specific attribute that is text.
    pub(super) fn last_text(&self) -> Option<&'a str> {
        self.last_text_where(|_| true)
    }

    fn last_text_where(&self, wanted: impl Fn(&Attribute<'a>) -> bool) -> Option<&'a str> {
        let mut attributes = Attributes::new(self.contents);
        let mut found = None;
        while let Ok(Some(attribute)) = attributes.next() {
            if wanted(&attribute) {
                found = attribute.text().or(found);
            }
        }
        found
    }
}

/// `CN=.., O=..` and so on, most specific first; attributes that are no text are left out.
impl fmt::Display for DistinguishedName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut attributes = Attributes::new(self.contents);
        let mut separator = "";
        while let Ok(Some(attribute)) = attributes.next() {
            let Some(text) = attribute.text() else { continue };
            f.write_str(separator)?;
            match attribute.id {
                [0x55, 4, 3] => f.write_str("CN")?,
                [0x55, 4, 6] => f.write_str("C")?,
                [0x55, 4, 7] => f.write_str("L")?,
                [0x55, 4, 8] => f.write_str("ST")?,
                [0x55, 4, 10] => f.write_str("O")?,
                [0x55, 4, 11] => f.write_str("OU")?,
                id => oid::Oid::new(id).fmt(f)?,
            }
            f.write_str("=")?;
            for c in text.chars() {
                write!(f, "{}", if c.is_control() { '?' } else { c })?;
            }
            separator = ", ";
        }
        Ok(())
    }
}

impl fmt::Debug for DistinguishedName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DistinguishedName({self})")
    }
}

/// The attributes of a name, front to back.
struct Attributes<'a> {
    names: Result<Der<'a>, Malformed>,
    set: Option<Der<'a>>,
}

impl<'a> Attributes<'a> {
    fn new(contents: &'a [u8]) -> Self {
        Self { names: Der::new(contents, "Name"), set: None }
    }

    fn next(&mut self) -> Result<Option<Attribute<'a>>, Malformed> {
        let names = self.names.as_mut().map_err(|malformed| *malformed)?;
        let opens_set = self.set.is_none();
        if opens_set {
            if names.is_finished() {
                return Ok(None);
            }
            self.set = Some(Der::new(names.expect(Tag::Set)?, "RelativeDistinguishedName")?);
        }
        let Some(set) = self.set.as_mut() else { return Ok(None) };
        let mut attribute = set.sequence("AttributeTypeAndValue")?;
        let id = attribute.expect(Tag::ObjectIdentifier)?;
        let (tag, value) = attribute.any()?;
        attribute.finish()?;
        if set.is_finished() {
            self.set = None;
        }
        Ok(Some(Attribute { id, tag, value, opens_set }))
    }
}

impl<'a> Attribute<'a> {
    fn text(&self) -> Option<&'a str> {
        match self.tag {
            Tag::Utf8String | Tag::PrintableString | Tag::Ia5String | Tag::TeletexString => {
                core::str::from_utf8(self.value).ok()
            }
            _ => None,
        }
    }

    fn matches(&self, other: &Attribute<'_>) -> bool {
        if self.id != other.id || self.opens_set != other.opens_set {
            return false;
        }
        if self.tag == other.tag && self.value == other.value {
            return true;
        }
        let folds = |tag| matches!(tag, Tag::Utf8String | Tag::PrintableString | Tag::Ia5String);
        folds(self.tag) && folds(other.tag) && folded(self.value).eq(folded(other.value))
    }
}

/// Lower-case ASCII, without spaces at the ends, and with one where there are several.
fn folded(text: &[u8]) -> impl Iterator<Item = u8> + '_ {
    let words = text.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    words.enumerate().flat_map(|(place, word)| {
        let space = (place > 0).then_some(b' ');
        space.into_iter().chain(word.iter().map(u8::to_ascii_lowercase))
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]
mod tests {
    extern crate std;
    use super::*;
    use std::string::ToString;
    use std::vec::Vec;

    const UTF8: u8 = 0x0c;
    const PRINTABLE: u8 = 0x13;

    fn tlv(tag: u8, contents: &[u8]) -> Vec<u8> {
        let mut out = Vec::from([tag, u8::try_from(contents.len()).unwrap()]);
        out.extend_from_slice(contents);
        out
    }
    fn attribute(id: u8, tag: u8, text: &str) -> Vec<u8> {
        tlv(0x30, &[tlv(6, &[0x55, 4, id]), tlv(tag, text.as_bytes())].concat())
    }
    fn name(attributes: &[(u8, u8, &str)]) -> Vec<u8> {
        attributes.iter().flat_map(|(id, tag, text)| tlv(0x31, &attribute(*id, *tag, text))).collect()
    }
    fn same(a: &[u8], b: &[u8]) -> bool {
        DistinguishedName::from_contents(a).matches(&DistinguishedName::from_contents(b))
    }

    #[test]
    fn compares_text_without_case_type_and_repeated_spaces() {
        let a = name(&[(6, PRINTABLE, "DE"), (3, PRINTABLE, "Example Root CA")]);
        assert!(same(&a, &name(&[(6, PRINTABLE, "DE"), (3, UTF8, "Example Root CA")])));
        assert!(same(&a, &name(&[(6, PRINTABLE, "de"), (3, UTF8, "  example  root ca ")])));
        assert!(!same(&a, &name(&[(6, PRINTABLE, "DE"), (3, UTF8, "ExampleRoot CA")])));
        assert!(!same(&a, &name(&[(6, PRINTABLE, "DE"), (10, UTF8, "Example Root CA")])));
        assert!(!same(&a, &name(&[(6, PRINTABLE, "DE")])));
        assert!(!same(&name(&[(6, PRINTABLE, "DE")]), &a));
        assert!(!same(&a, &name(&[(3, PRINTABLE, "Example Root CA"), (6, PRINTABLE, "DE")])));
        assert!(!same(&a, &name(&[(6, PRINTABLE, "DE"), (3, 0x1e, "Example Root CA")])));
    }

    #[test]
    fn one_set_of_two_is_not_two_sets_of_one() {
        let two_sets = name(&[(6, UTF8, "DE"), (3, UTF8, "X")]);
        let one_set = tlv(0x31, &[attribute(6, UTF8, "DE"), attribute(3, UTF8, "x")].concat());
        assert!(!same(&two_sets, &one_set));
        assert!(same(&one_set, &tlv(0x31, &[attribute(6, UTF8, "de"), attribute(3, UTF8, "X")].concat())));
    }

    #[test]
    fn a_subtree_holds_what_begins_like_its_base() {
        let within = |name: &[u8], base: &[u8]| {
            DistinguishedName::from_contents(name).is_within(&DistinguishedName::from_contents(base))
        };
        let base = name(&[(6, PRINTABLE, "DE"), (10, UTF8, "Example")]);
        assert!(within(&base, &base));
        assert!(within(&name(&[(6, UTF8, "de"), (10, PRINTABLE, "EXAMPLE"), (3, UTF8, "x")]), &base));
        assert!(within(&base, &[]));
        assert!(within(&[], &[]));
        assert!(!within(&name(&[(6, UTF8, "de"), (10, UTF8, "Example Ltd")]), &base));
        assert!(!within(&name(&[(6, UTF8, "de")]), &base));
        assert!(!within(&name(&[(10, UTF8, "Example"), (6, UTF8, "de")]), &base));
        assert!(!within(&[], &base));
        let two_in_one = tlv(0x31, &[attribute(6, UTF8, "DE"), attribute(3, UTF8, "x")].concat());
        assert!(!within(&two_in_one, &name(&[(6, UTF8, "DE")])));
        assert!(!within(base.get(..base.len() - 1).unwrap(), &base));
        assert!(!within(&base, base.get(..base.len() - 1).unwrap()));
    }

    #[test]
    fn malformed_names_match_only_byte_for_byte() {
        let good = name(&[(3, UTF8, "X")]);
        let cut = good.get(..good.len() - 1).unwrap();
        assert!(same(cut, cut));
        assert!(!same(cut, &good));
        assert!(same(&[], &[]));
        assert!(!same(&[], &good));
    }

    #[test]
    fn is_written_for_people() {
        let der = name(&[(6, PRINTABLE, "DE"), (10, UTF8, "Example"), (3, UTF8, "Root\n1")]);
        let name = DistinguishedName::from_contents(&der);
        assert_eq!(name.to_string(), "C=DE, O=Example, CN=Root?1");
        assert_eq!(name.common_name(), Some("Root\n1"));
        assert_eq!(name.for_people::<40>().as_str(), "Root?1");
    }
}
