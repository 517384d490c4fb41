//! How consumers find the name that they asked for in the certificate (RFC 9525, RFC 6125, and habits).

use super::openssl::name_rule;
use super::problem::{Judge, Judgement};
use crate::program::doctor::case::ExpectedName;
use crate::program::doctor::extension::AltName;
use crate::program::doctor::facts::Facts;
use std::net::IpAddr;

fn address_bytes(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(four) => four.octets().to_vec(),
        IpAddr::V6(six) => six.octets().to_vec(),
    }
}

fn has_address(facts: &Facts, address: IpAddr) -> bool {
    let wanted = address_bytes(address);
    alt_names(facts).any(|name| matches!(name, AltName::Ip(bytes) if *bytes == wanted))
}

fn alt_names(facts: &Facts) -> impl Iterator<Item = &AltName> {
    facts.alt_names.present().into_iter().flatten()
}

/// Why a name is not found: the causes that people can do different things about.
fn mismatch(facts: &Facts, name: &ExpectedName) -> &'static str {
    let text = name.to_string();
    let in_common_name = facts.subject.common_names().any(|common| whole_label_wildcard(common, &text));
    match name {
        ExpectedName::Dns(_) if facts.dns_names().next().is_none() && in_common_name => "common-name-only",
        ExpectedName::Dns(_) => "name-mismatch",
        ExpectedName::Ip(_) if facts.dns_names().any(|dns| dns == text) => "address-as-dns-name",
        ExpectedName::Ip(_) => "address-mismatch",
    }
}

/// The first label may be `*` alone, and stands for one label: RFC 9525 §6.3.
pub(super) fn whole_label_wildcard(pattern: &str, host: &str) -> bool {
    let (pattern, host) = (pattern.trim_end_matches('.'), host.trim_end_matches('.'));
    match pattern.strip_prefix("*.") {
        Some(rest) => host
            .split_once('.')
            .is_some_and(|(label, domain)| !label.is_empty() && domain.eq_ignore_ascii_case(rest)),
        None => pattern.eq_ignore_ascii_case(host),
    }
}

/// X509_check_host and X509_check_ip: a common name will do if there is no alternative name of the kind.
pub(super) fn openssl(judge: Judge<'_>, leaf: &Facts, partial_wildcards: bool) -> Judgement {
    let Some(name) = &judge.case.name else { return Ok(()) };
    let fits = match name {
        ExpectedName::Ip(address) => has_address(leaf, *address),
        ExpectedName::Dns(host) => {
            let fits = |pattern: &str| openssl_matches(pattern, host, partial_wildcards);
            if leaf.dns_names().next().is_some() {
                leaf.dns_names().any(fits)
            } else {
                leaf.subject.common_names().any(fits)
            }
        }
    };
    if fits { Ok(()) } else { judge.refuse(openssl_rule(leaf, name), leaf) }
}

fn openssl_rule(leaf: &Facts, name: &ExpectedName) -> &'static str {
    match mismatch(leaf, name) {
        "common-name-only" => name_rule(name),
        rule => rule,
    }
}

fn openssl_matches(pattern: &str, host: &str, partial_wildcards: bool) -> bool {
    let Some(star) = openssl_star(pattern, partial_wildcards) else {
        return pattern.eq_ignore_ascii_case(host);
    };
    let (prefix, suffix) = (&pattern[..star], &pattern[star + 1..]);
    if host.len() < prefix.len() + suffix.len() || !host.is_ascii() {
        return false;
    }
    let (start, end) = (prefix.len(), host.len() - suffix.len());
    if !host[..start].eq_ignore_ascii_case(prefix) || !host[end..].eq_ignore_ascii_case(suffix) {
        return false;
    }
    let star_stands_for = &host[start..end];
    let whole_label = prefix.is_empty() && suffix.starts_with('.');
    if whole_label && star_stands_for.is_empty() {
        return false;
    }
    if !whole_label && star_stands_for.to_ascii_lowercase().starts_with("xn--") {
        return false;
    }
    star_stands_for == "*" || star_stands_for.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// valid_star: at the beginning or end of a first label, two dots behind it, letters, digits and hyphens around.
fn openssl_star(pattern: &str, partial_wildcards: bool) -> Option<usize> {
    let star = pattern.find('*')?;
    let labels: Vec<&str> = pattern.split('.').collect();
    let first = labels.first()?;
    if star >= first.len() || pattern.matches('*').count() > 1 || labels.len() < 3 {
        return None;
    }
    let (at_start, at_end) = (star == 0, star + 1 == first.len());
    let (is_whole, is_part) = (at_start && at_end, at_start || at_end);
    if !(is_whole || partial_wildcards && is_part) {
        return None;
    }
    if first.to_ascii_lowercase().starts_with("xn--") {
        return None;
    }
    let plain = |label: &&str| {
        let around = label.replace('*', "");
        let lawful = around.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        lawful && !label.is_empty() && !label.starts_with('-') && !label.ends_with('-')
    };
    labels.iter().all(plain).then_some(star)
}

/// curl's own check, after the handshake: any alternative name of either kind rules the common name out.
pub(super) fn curl(judge: Judge<'_>, leaf: &Facts) -> Judgement {
    let Some(name) = &judge.case.name else { return Ok(()) };
    // It prints the issuer at last, and takes one without a name for a failure.
    let has_issuer = if leaf.issuer.is_empty() { judge.refuse("empty-issuer", leaf) } else { Ok(()) };
    let has_any = alt_names(leaf).any(|name| matches!(name, AltName::Dns(_) | AltName::Ip(_)));
    let text = name.to_string();
    let fits = |pattern: &str| curl_matches(pattern, &text, matches!(name, ExpectedName::Ip(_)));
    let found = match name {
        ExpectedName::Ip(address) => has_address(leaf, *address),
        ExpectedName::Dns(_) => leaf.dns_names().any(fits),
    };
    if found {
        return has_issuer;
    }
    if has_any {
        return judge.refuse(openssl_rule(leaf, name), leaf);
    }
    match leaf.subject.common_name() {
        Some(common) if fits(common) => has_issuer,
        Some(common) => Err(judge.problem_with("common-name-mismatch", leaf, &[("common", common)])),
        None => judge.refuse("no-name-at-all", leaf),
    }
}

fn curl_matches(pattern: &str, host: &str, is_address: bool) -> bool {
    let (pattern, host) =
        (pattern.strip_suffix('.').unwrap_or(pattern), host.strip_suffix('.').unwrap_or(host));
    match pattern.strip_prefix("*.") {
        None => pattern.eq_ignore_ascii_case(host),
        Some(_) if is_address => false,
        Some(rest) if !rest.contains('.') => pattern.eq_ignore_ascii_case(host),
        Some(rest) => host.split_once('.').is_some_and(|(_, domain)| domain.eq_ignore_ascii_case(rest)),
    }
}

/// tls.checkServerIdentity.
pub(super) fn node(judge: Judge<'_>, leaf: &Facts) -> Judgement {
    let Some(name) = &judge.case.name else { return Ok(()) };
    let listed = || node_alt_names(leaf);
    match name {
        ExpectedName::Ip(address) => {
            if has_address(leaf, *address) {
                return Ok(());
            }
            let addresses: Vec<String> = leaf.addresses().map(|address| address.to_string()).collect();
            let reason = format!("IP: {address} is not in the cert's list: {}", addresses.join(", "));
            Err(judge.problem_with(mismatch(leaf, name), leaf, &[("reason", reason.trim_end())]))
        }
        ExpectedName::Dns(host) => {
            let host = host.strip_suffix('.').unwrap_or(host);
            let reason = if leaf.dns_names().next().is_some() {
                if leaf.dns_names().any(|pattern| node_matches(pattern, host)) {
                    return Ok(());
                }
                format!("Host: {host}. is not in the cert's altnames: {}", listed())
            } else if leaf.subject.common_name().is_some() {
                if leaf.subject.common_names().any(|pattern| node_matches(pattern, host)) {
                    return Ok(());
                }
                let commons: Vec<&str> = leaf.subject.common_names().collect();
                format!("Host: {host}. is not cert's CN: {}", commons.join(","))
            } else {
                "Cert does not contain a DNS name".to_owned()
            };
            Err(judge.problem_with(openssl_rule(leaf, name), leaf, &[("reason", &reason)]))
        }
    }
}

fn node_alt_names(leaf: &Facts) -> String {
    let names: Vec<String> = alt_names(leaf)
        .map(|name| match name {
            AltName::Ip(_) => name.to_string().replacen("IP:", "IP Address:", 1),
            // What could be taken for more than one name is quoted as JSON quotes it.
            AltName::Dns(text)
                if text.contains(['"', ',', '\\', '\'']) || text.contains(char::is_control) =>
            {
                let escaped: String = text.chars().map(escaped_as_json).collect();
                format!("DNS:\"{escaped}\"")
            }
            other => other.to_string(),
        })
        .collect();
    names.join(", ")
}

fn escaped_as_json(character: char) -> String {
    match character {
        '"' => "\\\"".to_owned(),
        '\\' => "\\\\".to_owned(),
        control if control.is_control() => format!("\\u{:04x}", u32::from(control)),
        other => other.to_string(),
    }
}

fn node_matches(pattern: &str, host: &str) -> bool {
    let (pattern, host) = (pattern.to_ascii_lowercase(), host.to_ascii_lowercase());
    let pattern = pattern.strip_suffix('.').unwrap_or(&pattern);
    let (patterns, hosts): (Vec<&str>, Vec<&str>) = (pattern.split('.').collect(), host.split('.').collect());
    if patterns.len() != hosts.len() || patterns.contains(&"") || patterns[1..] != hosts[1..] {
        return false;
    }
    let (first, host) = (patterns[0], hosts[0]);
    match first.split_once('*') {
        None => first == host,
        Some(_) if first.contains("xn--") => first == host,
        Some((prefix, suffix)) => {
            !suffix.contains('*')
                && patterns.len() > 2
                && prefix.len() + suffix.len() <= host.len()
                && host.starts_with(prefix)
                && host.ends_with(suffix)
        }
    }
}

/// Certificate.VerifyHostname.
pub(super) fn go(judge: Judge<'_>, leaf: &Facts) -> Judgement {
    let Some(name) = &judge.case.name else { return Ok(()) };
    let wanted = name.to_string();
    let in_common_name = |host: &str| {
        leaf.alt_names.is_absent()
            && leaf.subject.common_name().is_some_and(|common| whole_label_wildcard(common, host))
    };
    match name {
        ExpectedName::Ip(address) => {
            if has_address(leaf, *address) {
                return Ok(());
            }
            if in_common_name(&wanted) {
                return judge.refuse("common-name-only", leaf);
            }
            let addresses: Vec<String> = leaf.addresses().map(|address| address.to_string()).collect();
            let words = if addresses.is_empty() {
                format!("cannot validate certificate for {wanted} because it doesn't contain any IP SANs")
            } else {
                format!("certificate is valid for {}, not {wanted}", addresses.join(", "))
            };
            Err(judge.problem_with(mismatch(leaf, name), leaf, &[("what", &words)]))
        }
        ExpectedName::Dns(host) => {
            let host = host.strip_suffix('.').unwrap_or(host);
            if leaf.dns_names().any(|pattern| go_matches(pattern, host)) {
                return Ok(());
            }
            if in_common_name(host) {
                return judge.refuse("common-name-only", leaf);
            }
            let names: Vec<&str> = leaf.dns_names().collect();
            let words = match names.len() {
                0 => format!("certificate is not valid for any names, but wanted to match {wanted}"),
                100.. => format!("certificate is valid for {} names, but none matched {wanted}", names.len()),
                _ => format!("certificate is valid for {}, not {wanted}", names.join(", ")),
            };
            Err(judge.problem_with(openssl_rule(leaf, name), leaf, &[("what", &words)]))
        }
    }
}

fn go_matches(pattern: &str, host: &str) -> bool {
    if go_is_valid(host, false) && go_is_valid(pattern, true) {
        whole_label_wildcard(pattern, host)
    } else {
        !pattern.is_empty() && pattern != "." && pattern.eq_ignore_ascii_case(host)
    }
}

fn go_is_valid(name: &str, is_pattern: bool) -> bool {
    !name.is_empty()
        && name != "*"
        && name.split('.').enumerate().all(|(place, label)| {
            (is_pattern && place == 0 && label == "*")
                || (!label.is_empty()
                    && !label.starts_with('-')
                    && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'))
        })
}
