//! Name constraints (RFC 5280 §4.2.1.10): whether a name lies in a subtree.

use super::distinguished_name::Name;
use super::extension::{AltName, NameConstraints};
use super::facts::Facts;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Breach {
    NotPermitted,
    Excluded,
}

/// How a consumer reads a DNS subtree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LeadingDot {
    /// `.example` holds what is below `example`, and not that itself.
    OnlyBelow,
    /// The dot says nothing.
    Ignored,
}

pub(crate) fn dns_within(name: &str, base: &str, dot: LeadingDot) -> bool {
    let (name, base) = (name.to_ascii_lowercase(), base.to_ascii_lowercase());
    let (name, base) = (name.as_str(), base.as_str());
    if base.is_empty() {
        return true;
    }
    match (base.strip_prefix('.'), dot) {
        (Some(_), LeadingDot::OnlyBelow) => name.len() > base.len() && name.ends_with(base),
        (bare, _) => {
            let base = bare.unwrap_or(base);
            name == base || name.strip_suffix(base).is_some_and(|rest| rest.ends_with('.'))
        }
    }
}

/// The base carries an address and a mask (RFC 5280 §4.2.1.10: "the style of RFC 4632").
pub(crate) fn ip_within(address: &[u8], base: &[u8]) -> bool {
    let (network, mask) = base.split_at(base.len() / 2);
    address.len() == network.len()
        && address
            .iter()
            .zip(network)
            .zip(mask)
            .all(|((address, network), mask)| address & mask == network & mask)
}

fn mail_within(mail: &str, base: &str) -> bool {
    let host = mail.rsplit('@').next().unwrap_or_default();
    if base.contains('@') {
        mail.eq_ignore_ascii_case(base)
    } else if base.starts_with('.') {
        dns_within(host, base, LeadingDot::OnlyBelow)
    } else {
        host.eq_ignore_ascii_case(base)
    }
}

fn uri_within(uri: &str, base: &str) -> bool {
    let authority =
        uri.split_once("://").map_or("", |(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or(""));
    let host = authority.rsplit('@').next().unwrap_or_default().split(':').next().unwrap_or_default();
    match base.strip_prefix('.') {
        Some(_) => dns_within(host, base, LeadingDot::OnlyBelow),
        None => host.eq_ignore_ascii_case(base),
    }
}

/// `None` where name and base are not of one form.
pub(crate) fn within(name: &AltName, base: &AltName, dot: LeadingDot) -> Option<bool> {
    Some(match (name, base) {
        (AltName::Dns(name), AltName::Dns(base)) => dns_within(name, base, dot),
        (AltName::Ip(address), AltName::Ip(base)) => ip_within(address, base),
        (AltName::Email(mail), AltName::Email(base)) => mail_within(mail, base),
        (AltName::Uri(uri), AltName::Uri(base)) => uri_within(uri, base),
        (AltName::Directory(name), AltName::Directory(base)) => name.is_within(base),
        _ => return None,
    })
}

/// Whether the constraints allow one name.
pub(crate) fn allow(constraints: &NameConstraints, name: &AltName, dot: LeadingDot) -> Result<(), Breach> {
    let mut permitted = constraints.permitted.iter().filter_map(|base| within(name, base, dot)).peekable();
    if permitted.peek().is_some() && !permitted.any(|within| within) {
        return Err(Breach::NotPermitted);
    }
    if constraints.excluded.iter().any(|base| within(name, base, dot) == Some(true)) {
        return Err(Breach::Excluded);
    }
    Ok(())
}

/// The names of a certificate that constraints speak of (RFC 5280 §6.1.3 (b), (c)): its subject, if it has one,
/// and its alternative names.
pub(crate) fn constrained_names(facts: &Facts) -> Vec<AltName> {
    let subject = (!facts.subject.is_empty()).then(|| AltName::Directory(facts.subject.clone()));
    subject.into_iter().chain(facts.alt_names.present().into_iter().flatten().cloned()).collect()
}

/// What OpenSSL and others take a common name for that looks like a host name.
pub(crate) fn common_name_as_dns(subject: &Name) -> impl Iterator<Item = AltName> {
    subject.common_names().filter(|name| looks_like_host(name)).map(|name| AltName::Dns(name.to_owned()))
}

/// At least two labels of letters, digits, hyphens and underscores; a wildcard is allowed in the first place.
pub(crate) fn looks_like_host(name: &str) -> bool {
    let name = name.strip_prefix("*.").unwrap_or(name);
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    name.contains('.') && name.split('.').all(label)
}
