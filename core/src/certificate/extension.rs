//! Extensions of a certificate (RFC 5280 §4.2), iterated in place.

use super::der::{Der, Malformed, context};
use super::{Role, Rule, oid};
use crate::limits::MAX_EXTENSIONS;
use ::der::Tag;

/// The extensions of one certificate.
#[derive(Debug, Clone, Copy)]
pub struct Extensions<'a> {
    /// The elements of `SEQUENCE OF Extension`: each has been found well-formed.
    elements: &'a [u8],
}

/// One extension.
#[derive(Debug, Clone, Copy)]
pub struct Extension<'a> {
    /// Which: the contents of its OBJECT IDENTIFIER.
    pub id: &'a [u8],
    /// Whether a certificate must be refused by whoever does not know it.
    pub critical: bool,
    /// The contents of extnValue: the DER of the extension's own type.
    pub value: &'a [u8],
}

impl<'a> Extensions<'a> {
    /// Reads the contents of `[3] EXPLICIT Extensions`: SIZE (1..MAX) if they are there at all.
    pub(super) fn parse(explicit: Option<&'a [u8]>) -> Result<Self, Rule> {
        let Some(explicit) = explicit else {
            return Ok(Self { elements: &[] });
        };
        let mut explicit = Der::new(explicit, "Extensions")?;
        let elements = explicit.expect(Tag::Sequence)?;
        explicit.finish()?;

        let mut list = Der::new(elements, "Extensions")?;
        let mut count: usize = 0;
        loop {
            Extension::parse(&mut list)?;
            count = count.saturating_add(1);
            if count > MAX_EXTENSIONS {
                return Err(Rule::TooManyExtensions { limit: MAX_EXTENSIONS });
            }
            if list.is_finished() {
                return Ok(Self { elements });
            }
        }
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = Extension<'a>> + Clone + use<'a> {
        let mut list = Der::new(self.elements, "Extensions").ok();
        core::iter::from_fn(move || Extension::parse(list.as_mut()?).ok())
    }

    /// The first one with this identifier; the rules refuse certificates with two.
    pub fn find(&self, id: &[u8]) -> Option<Extension<'a>> {
        self.iter().find(|extension| extension.id == id)
    }

    /// Whether the certificate asks for a stapled OCSP response: status_request in the TLS feature extension
    /// (RFC 7633 §4.2.3.1).
    pub fn must_staple(&self) -> Result<bool, Rule> {
        let Some(extension) = self.find(oid::TLS_FEATURE) else {
            return Ok(false);
        };
        let mut features = Der::whole_sequence(extension.value, "TLS feature")?;
        let mut found = false;
        while !features.is_finished() {
            found |= features.integer()? == [5];
        }
        Ok(found)
    }

    /// basicConstraints (RFC 5280 §4.2.1.9).
    pub fn basic_constraints(&self) -> Result<Option<BasicConstraints>, Rule> {
        Ok(self.find(oid::BASIC_CONSTRAINTS).map(|e| BasicConstraints::parse(e.value)).transpose()?)
    }

    /// keyUsage (RFC 5280 §4.2.1.3).
    pub fn key_usage(&self) -> Result<Option<KeyUsage>, Rule> {
        Ok(self.find(oid::KEY_USAGE).map(|e| KeyUsage::parse(e.value)).transpose()?)
    }

    /// Whether extKeyUsage (RFC 5280 §4.2.1.12) allows this role. It does if the extension is not
    /// there, or names the role or anyExtendedKeyUsage.
    pub fn extended_key_usage_allows(&self, role: Role) -> Result<bool, Rule> {
        let wanted = match role {
            Role::Client => oid::CLIENT_AUTH,
            Role::Server => oid::SERVER_AUTH,
        };
        Ok(self.extended_key_usage(&[wanted, oid::ANY_EXTENDED_KEY_USAGE])?.unwrap_or(true))
    }

    /// Whether extKeyUsage names one of these purposes; `None` without it.
    pub(super) fn extended_key_usage(&self, wanted: &[&[u8]]) -> Result<Option<bool>, Rule> {
        let Some(extension) = self.find(oid::EXTENDED_KEY_USAGE) else {
            return Ok(None);
        };
        let mut purposes = Der::whole_sequence(extension.value, "ExtKeyUsageSyntax")?;
        let mut allowed = false;
        loop {
            let purpose = purposes.expect(Tag::ObjectIdentifier)?;
            allowed |= wanted.contains(&purpose);
            if purposes.is_finished() {
                return Ok(Some(allowed));
            }
        }
    }
}

impl<'a> Extension<'a> {
    pub(super) fn parse(list: &mut Der<'a>) -> Result<Self, Malformed> {
        let mut extension = list.sequence("Extension")?;
        let id = extension.expect(Tag::ObjectIdentifier)?;
        let critical = extension.boolean_default_false()?;
        let value = extension.expect(Tag::OctetString)?;
        extension.finish()?;
        Ok(Self { id, critical, value })
    }
}

/// basicConstraints (RFC 5280 §4.2.1.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BasicConstraints {
    /// Whether the subject is a certificate authority.
    pub authority: bool,
    /// How many intermediates that are not self-issued may lie between it and the leaf. More than
    /// 255 read as 255, which is more than any chain has.
    pub path_length: Option<u8>,
}

impl BasicConstraints {
    fn parse(value: &[u8]) -> Result<Self, Malformed> {
        let mut fields = Der::whole_sequence(value, "BasicConstraints")?;
        let authority = fields.boolean_default_false()?;
        let path_length = if fields.is_finished() {
            None
        } else {
            match fields.integer()? {
                [0x80..=0xff, ..] => return Err(fields.malformed()),
                [length] | [0, length] => Some(*length),
                _ => Some(u8::MAX),
            }
        };
        fields.finish()?;
        Ok(Self { authority, path_length })
    }
}

/// keyUsage (RFC 5280 §4.2.1.3): what the subject's key may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyUsage {
    bits: u8,
}

impl KeyUsage {
    /// Whether it may sign handshakes: digitalSignature, bit 0.
    pub const fn digital_signature(self) -> bool {
        self.bits & 0x80 != 0
    }
    /// Whether it may sign certificates: keyCertSign, bit 5.
    pub const fn key_cert_sign(self) -> bool {
        self.bits & 0x04 != 0
    }

    /// Whether it may sign revocation lists: cRLSign, bit 6.
    pub const fn crl_sign(self) -> bool {
        self.bits & 0x02 != 0
    }

    /// Zero bits at the end, which DER leaves out (X.690 §11.2.2), are accepted: deployed
    /// certificates carry them, and they can be read in one way only.
    fn parse(value: &[u8]) -> Result<Self, Malformed> {
        let mut outer = Der::new(value, "KeyUsage")?;
        let contents = outer.expect(Tag::BitString)?;
        let malformed = outer.malformed();
        outer.finish()?;
        match contents {
            [0] => Ok(Self { bits: 0 }),
            [unused @ 0..=7, first, rest @ ..] if rest.len() <= 1 => {
                let last = rest.first().unwrap_or(first);
                match last.checked_shl(8_u32.saturating_sub(u32::from(*unused))) {
                    // By shifting out the bits that are used, those that must be zero remain.
                    None | Some(0) => Ok(Self { bits: *first }),
                    Some(_) => Err(malformed),
                }
            }
            _ => Err(malformed),
        }
    }
}

/// `[0]`..`[8]` of GeneralName that this crate looks into (RFC 5280 §4.2.1.6).
pub(super) const RFC822_NAME: Tag = context(1, false);
pub(super) const DNS_NAME: Tag = context(2, false);
/// Explicit, since Name is a CHOICE.
pub(super) const DIRECTORY_NAME: Tag = context(4, true);
pub(super) const UNIFORM_RESOURCE_IDENTIFIER: Tag = context(6, false);
pub(super) const IP_ADDRESS: Tag = context(7, false);
/// otherName, x400Address, ediPartyName, registeredID: those that it does not.
pub(super) const OTHER_NAMES: [Tag; 4] =
    [context(0, true), context(3, true), context(5, true), context(8, false)];

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn reads_basic_constraints() {
        let read = |der| BasicConstraints::parse(der);
        let some = |authority, path_length| Ok(BasicConstraints { authority, path_length });
        assert_eq!(read(&[0x30, 0]), some(false, None));
        assert_eq!(read(&[0x30, 3, 1, 1, 0xff]), some(true, None));
        assert_eq!(read(&[0x30, 3, 1, 1, 0]), some(false, None));
        assert_eq!(read(&[0x30, 6, 1, 1, 0xff, 2, 1, 0]), some(true, Some(0)));
        assert_eq!(read(&[0x30, 6, 1, 1, 0xff, 2, 1, 5]), some(true, Some(5)));
        assert_eq!(read(&[0x30, 7, 1, 1, 0xff, 2, 2, 0, 0x80]), some(true, Some(128)));
        assert_eq!(read(&[0x30, 7, 1, 1, 0xff, 2, 2, 1, 0]), some(true, Some(255)));
    }

    #[test]
    fn refuses_basic_constraints_that_are_not_der() {
        for bad in [
            &[0x30, 3, 1, 1, 1][..],               // TRUE is 0xff
            &[0x30, 6, 1, 1, 0xff, 2, 1, 0xff],    // negative
            &[0x30, 7, 1, 1, 0xff, 2, 2, 0, 5],    // not minimal
            &[0x30, 5, 1, 1, 0xff, 2, 0],          // empty integer
            &[0x30, 3, 1, 1, 0xff, 0],             // trailing
            &[0x30, 8, 1, 1, 0xff, 2, 1, 0, 5, 0], // an element too many
            &[0x30, 0x81, 3, 1, 1, 0xff],          // length not minimal
            &[0x30, 0x80, 1, 1, 0xff, 0, 0],       // indefinite length
            &[0x31, 0],
            &[],
        ] {
            assert_eq!(
                BasicConstraints::parse(bad),
                Err(Malformed { structure: "BasicConstraints" }),
                "{bad:?}"
            );
        }
    }

    #[test]
    fn reads_key_usage_bit_by_bit() {
        let read = |der| KeyUsage::parse(der).map(|u| (u.digital_signature(), u.key_cert_sign()));
        assert_eq!(read(&[3, 2, 7, 0x80]), Ok((true, false)));
        assert_eq!(read(&[3, 2, 1, 0x06]), Ok((false, true)));
        assert_eq!(read(&[3, 2, 5, 0xa0]), Ok((true, false)));
        assert_eq!(read(&[3, 2, 0, 0x84]), Ok((true, true)));
        assert_eq!(read(&[3, 3, 7, 0x80, 0x80]), Ok((true, false)));
        assert_eq!(read(&[3, 1, 0]), Ok((false, false)));
        for bad in [
            &[3, 2, 7, 0xc0][..],
            &[3, 2, 8, 0],
            &[3, 0],
            &[3, 1, 7],
            &[3, 4, 0, 0x80, 0, 0],
            &[4, 2, 7, 0x80],
            &[3, 2, 7, 0x80, 0],
        ] {
            assert!(KeyUsage::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn refuses_an_empty_list_of_extensions() {
        assert!(Extensions::parse(Some(&[0x30, 0])).is_err());
        assert!(Extensions::parse(Some(&[])).is_err());
        assert!(Extensions::parse(None).unwrap().is_empty());
    }
}
