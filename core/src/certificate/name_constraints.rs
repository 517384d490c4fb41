//! nameConstraints (RFC 5280 §4.2.1.10): for which names an authority, and all below it, may speak.

use super::der::{Der, Malformed, context};
use super::error::{ShortName, legible};
use super::extension::{
    DIRECTORY_NAME, DNS_NAME, IP_ADDRESS, OTHER_NAMES, RFC822_NAME, UNIFORM_RESOURCE_IDENTIFIER,
};
use super::{Certificate, DistinguishedName, GeneralName, GeneralNames, Rule, oid};
use crate::limits::MAX_NAME_COMPARISONS;
use ::der::Tag;
use core::fmt;
use core::net::IpAddr;

/// Two lists of subtrees, borrowed.
#[derive(Debug, Clone, Copy)]
pub(super) struct NameConstraints<'a> {
    permitted: &'a [u8],
    excluded: &'a [u8],
}

/// The names of one certificate that constraints speak of.
#[derive(Debug, Clone, Copy)]
pub(super) struct ConstrainedNames<'a> {
    pub(super) subject: DistinguishedName<'a>,
    pub(super) alt_names: Option<GeneralNames<'a>>,
}

/// How many comparisons a chain may still cost. Names and subtrees are both the peer's, so without
/// a bound their product would be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Comparisons(u32);

impl Comparisons {
    pub(super) const fn new() -> Self {
        Self(MAX_NAME_COMPARISONS)
    }

    /// Pays for one.
    pub(super) fn spend(&mut self) -> Result<(), Rule> {
        match self.0.checked_sub(1) {
            Some(left) => {
                self.0 = left;
                Ok(())
            }
            None => Err(Rule::TooManyNameComparisons { limit: MAX_NAME_COMPARISONS }),
        }
    }
}

/// What holds one name.
#[derive(Debug, Clone, Copy)]
enum Base<'a> {
    Dns(&'a str),
    /// Address and mask, as long as each other.
    Ip(&'a [u8], &'a [u8]),
    Directory(DistinguishedName<'a>),
    Email,
    Uri,
    Other,
}

impl<'a> ConstrainedNames<'a> {
    pub(super) fn of(certificate: &Certificate<'a>) -> Result<Self, Rule> {
        Ok(Self { subject: certificate.subject(), alt_names: certificate.subject_alt_names()? })
    }

    /// Every name, the subject's first. "Restrictions of the form directoryName MUST be applied to the
    /// subject field in the certificate (when the certificate includes a non-empty subject field) and
    /// to any names of type directoryName in the subjectAltName extension" (§4.2.1.10).
    fn iter(self) -> impl Iterator<Item = GeneralName<'a>> {
        let subject = (!self.subject.is_empty()).then_some(GeneralName::Directory(self.subject));
        // "If no subjectAltName extension [of that form is there], the constraint MUST be applied to the
        // attribute of type emailAddress in the subject" (§4.2.1.10).
        let email = self.subject.may_have_email_address().then_some(GeneralName::Email);
        subject.into_iter().chain(email).chain(self.alt_names.into_iter().flatten())
    }
}

impl<'a> NameConstraints<'a> {
    /// The constraints of a certificate, if it has some.
    pub(super) fn of(certificate: &Certificate<'a>) -> Result<Option<Self>, Rule> {
        let extension = certificate.extensions().find(oid::NAME_CONSTRAINTS);
        Ok(extension.map(|extension| Self::parse(extension.value)).transpose()?)
    }

    /// Reads the DER of NameConstraints, and every subtree in it.
    pub(super) fn parse(value: &'a [u8]) -> Result<Self, Malformed> {
        let mut fields = Der::whole_sequence(value, "nameConstraints")?;
        let permitted = fields.optional(context(0, true))?;
        let excluded = fields.optional(context(1, true))?;
        let malformed = fields.malformed();
        fields.finish()?;
        // "Conforming CAs MUST NOT issue certificates where name constraints is an empty sequence. That
        // is, either the permittedSubtrees field or the excludedSubtrees MUST be present."
        if permitted.is_none() && excluded.is_none() {
            return Err(malformed);
        }
        for list in [permitted, excluded].into_iter().flatten() {
            let mut subtrees = Der::new(list, "nameConstraints")?;
            loop {
                Base::parse(&mut subtrees)?;
                if subtrees.is_finished() {
                    break;
                }
            }
        }
        Ok(Self { permitted: permitted.unwrap_or_default(), excluded: excluded.unwrap_or_default() })
    }

    /// Whether all of these names may be below this authority (RFC 5280 §6.1.3 (b), (c)).
    pub(super) fn check(&self, names: ConstrainedNames<'_>, budget: &mut Comparisons) -> Result<(), Rule> {
        for name in names.iter() {
            let mut is_constrained = false;
            let mut is_permitted = false;
            for base in Base::list(self.permitted) {
                budget.spend()?;
                if base.is_of_form(&name) {
                    is_constrained = true;
                    is_permitted |= base.holds(&name);
                }
            }
            if is_constrained && !is_permitted {
                return Err(Rule::NameConstraint { name: for_people(&name) });
            }
            for base in Base::list(self.excluded) {
                budget.spend()?;
                if base.is_of_form(&name) && base.excludes(&name) {
                    return Err(Rule::NameConstraint { name: for_people(&name) });
                }
            }
        }
        Ok(())
    }
}

impl<'a> Base<'a> {
    fn list(subtrees: &'a [u8]) -> impl Iterator<Item = Self> {
        let mut list = Der::new(subtrees, "nameConstraints").ok();
        core::iter::from_fn(move || Self::parse(list.as_mut()?).ok())
    }

    /// Reads one GeneralSubtree. "Within this profile, the minimum and maximum fields are not used with
    /// any name forms, thus, the minimum MUST be zero, and maximum MUST be absent" (§4.2.1.10).
    fn parse(subtrees: &mut Der<'a>) -> Result<Self, Malformed> {
        let mut subtree = subtrees.sequence("GeneralSubtree")?;
        let (tag, contents) = subtree.any()?;
        let malformed = subtree.malformed();
        let base = match tag {
            DNS_NAME => match core::str::from_utf8(contents) {
                Ok(text) if is_dns_base(text) => Self::Dns(text),
                _ => return Err(malformed),
            },
            // "the ipAddress field of GeneralName MUST contain eight (8) octets" or "32 octets".
            IP_ADDRESS if matches!(contents.len(), 8 | 32) => {
                let half = contents.len().checked_div(2).unwrap_or_default();
                let (address, mask) = contents.split_at_checked(half).ok_or(malformed)?;
                // A mask with holes names no network (RFC 4632).
                let ones = mask.iter().map(|byte| byte.count_ones()).sum::<u32>();
                let leading = leading_ones(mask);
                if ones != leading {
                    return Err(malformed);
                }
                Self::Ip(address, mask)
            }
            DIRECTORY_NAME => {
                let mut explicit = Der::new(contents, "GeneralSubtree")?;
                let name = explicit.expect(Tag::Sequence)?;
                explicit.finish()?;
                let name = DistinguishedName::from_contents(name);
                name.check()?;
                Self::Directory(name)
            }
            RFC822_NAME => Self::Email,
            UNIFORM_RESOURCE_IDENTIFIER => Self::Uri,
            tag if OTHER_NAMES.contains(&tag) => Self::Other,
            _ => return Err(malformed),
        };
        match subtree.optional(context(0, false))? {
            None | Some([0]) => {}
            Some(_) => return Err(malformed),
        }
        subtree.finish()?;
        Ok(base)
    }

    /// Whether it says something about such names.
    const fn is_of_form(&self, name: &GeneralName<'_>) -> bool {
        matches!(
            (self, name),
            (Self::Dns(_), GeneralName::Dns(_))
                | (Self::Ip(..), GeneralName::Ip(_))
                | (Self::Directory(_), GeneralName::Directory(_))
                | (Self::Email, GeneralName::Email)
                | (Self::Uri, GeneralName::Uri)
                | (Self::Other, GeneralName::Other)
        )
    }

    /// Whether the whole of the name lies in this subtree.
    fn holds(&self, name: &GeneralName<'_>) -> bool {
        match (self, name) {
            (Self::Dns(base), GeneralName::Dns(name)) => dns_within(name, base),
            (Self::Ip(address, mask), GeneralName::Ip(name)) => match name {
                IpAddr::V4(name) => ip_within(&name.octets(), address, mask),
                IpAddr::V6(name) => ip_within(&name.octets(), address, mask),
            },
            (Self::Directory(base), GeneralName::Directory(name)) => name.is_within(base),
            // These forms are not processed: "the application MUST either process the constraint or
            // reject the certificate" (§4.2.1.10). So nothing is inside what is permitted ...
            _ => false,
        }
    }

    /// Whether any part of the name lies in this subtree.
    fn excludes(&self, name: &GeneralName<'_>) -> bool {
        match (self, name) {
            // A wildcard speaks for each name that it stands for, and so for an excluded one.
            (Self::Dns(base), GeneralName::Dns(name)) => {
                dns_within(name, base)
                    || name.strip_prefix("*.").is_some_and(|parent| {
                        base.split_once('.').is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(parent))
                    })
            }
            // An IPv4 address may be written as an IPv6 one (RFC 4291 §2.5.5.2), and leads to the same host.
            (Self::Ip(address, mask), GeneralName::Ip(IpAddr::V6(name))) => {
                self.holds(&GeneralName::Ip(IpAddr::V6(*name)))
                    || name.to_ipv4_mapped().is_some_and(|name| ip_within(&name.octets(), address, mask))
            }
            // ... and everything is inside what is excluded.
            (Self::Email | Self::Uri | Self::Other, _) => true,
            _ => self.holds(name),
        }
    }
}

/// "Any DNS name that can be constructed by simply adding zero or more labels to the left-hand side
/// of the name satisfies the name constraint" (§4.2.1.10). A period in front, which the RFC does not
/// have but authorities write, asks for at least one label more.
fn dns_within(name: &str, base: &str) -> bool {
    if base.is_empty() {
        return true;
    }
    let Some(split) = name.len().checked_sub(base.len()) else {
        return false;
    };
    let (Some(front), Some(end)) = (name.get(..split), name.get(split..)) else {
        return false;
    };
    end.eq_ignore_ascii_case(base)
        && if base.starts_with('.') { !front.is_empty() } else { front.is_empty() || front.ends_with('.') }
}

/// Whether it is empty, or a host name, perhaps with a period in front. What is not, such as one with a wildcard
/// or with a period at its end, would hold no name, and so exclude none either.
fn is_dns_base(base: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let mut labels = base.strip_prefix('.').unwrap_or(base).split('.');
    base.is_empty() || labels.all(|label| !label.is_empty() && label.bytes().all(is_letter))
}

fn ip_within(name: &[u8], address: &[u8], mask: &[u8]) -> bool {
    name.len() == address.len()
        && name.iter().zip(address).zip(mask).all(|((name, address), mask)| name & mask == address & mask)
}

fn leading_ones(mask: &[u8]) -> u32 {
    let whole = mask.iter().take_while(|byte| **byte == 0xff).count();
    let rest = mask.get(whole).map_or(0, |byte| byte.leading_ones());
    u32::try_from(whole).unwrap_or_default().saturating_mul(8).saturating_add(rest)
}

fn for_people(name: &GeneralName<'_>) -> ShortName {
    let mut text = ShortName::new();
    match name {
        GeneralName::Dns(name) => return legible(name),
        GeneralName::Directory(name) => return name.for_people(),
        // The longest address in text has 39 bytes.
        GeneralName::Ip(address) => {
            let _fits = fmt::write(&mut text, format_args!("{address}"));
        }
        GeneralName::Email => return legible("an e-mail address"),
        GeneralName::Uri => return legible("a URI"),
        GeneralName::Other => return legible("a name of a form not processed here"),
    }
    text
}

#[cfg(all(test, feature = "software"))]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::panic)]
mod tests;
