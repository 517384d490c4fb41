//! GnuTLS's trust list. What was served is put in order first; then the last of it is checked against the store,
//! and each certificate below against the one above. All that is wrong with one certificate is said at once, and
//! nothing is looked at below one that failed. The name, the usages and the staple are looked at in any case.

mod step;

use self::step::Step;
use super::problem::{Judge, Judgement, Problem};
use crate::program::doctor::case::{ExpectedName, Role};
use crate::program::doctor::distinguished_name::Name;
use crate::program::doctor::extension::{self, AltName, NameConstraints};
use crate::program::doctor::facts::{Facts, TimeForm};
use crate::program::doctor::key::{Curve, Hash, Key};

/// DEFAULT_MAX_VERIFY_DEPTH.
const DEPTH: usize = 16;

/// In the order in which they are said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Flag {
    Revoked,
    NoIssuer,
    NotAuthority,
    Insecure,
    Constraints,
    Purpose,
    Early,
    Expired,
    Signature,
    Name,
    NoStaple,
    Critical,
}

type Flags<'a> = Vec<(Flag, &'static str, &'a Facts)>;

pub(super) fn judge(judge: Judge<'_>) -> Judgement {
    if let Some(leaf) = judge.case.served.first()
        && judge.case.served.len() > DEPTH
    {
        let error = "Error in the certificate.".to_owned();
        return Err(Problem { error, ..judge.problem("path-too-long", leaf) });
    }
    for (place, facts) in judge.case.served.iter().enumerate() {
        if facts.has_trailing_bytes() {
            // The leaf is parsed once more, by itself.
            let error =
                if place == 0 { "ASN1 parser: Error in DER parsing." } else { "Error in the certificate." };
            return Err(Problem { error: error.to_owned(), ..judge.problem("trailing-bytes", facts) });
        }
        parses(judge, facts)?;
    }
    let Some(leaf) = judge.case.served.first() else { return Ok(()) };
    match leaf.key {
        Key::Ec { explicit: true, .. } => return judge.refuse("explicit-curve-parameters", leaf),
        Key::Ec { curve: None | Some(Curve::Secp256k1 | Curve::Brainpool(_)), .. } => {
            return judge.refuse("unsupported-curve", leaf);
        }
        _ => {}
    }
    let refuses_usage =
        leaf.key_usage.present().is_some_and(|usage| usage.0 != 0 && !usage.digital_signature());
    if judge.case.role == Role::Server && refuses_usage {
        return judge.refuse("key-usage", leaf);
    }
    let mut flags = verify(judge);
    if judge.case.role == Role::Server && !name_fits(judge, leaf) {
        flags.push((Flag::Name, "name-mismatch", leaf));
    }
    flags.sort_by_key(|(flag, ..)| *flag);
    flags.dedup_by_key(|(flag, ..)| *flag);
    let Some((_, rule, facts)) = flags.first() else { return Ok(()) };
    let begin = "The certificate is NOT trusted.";
    let said: Vec<String> = flags
        .iter()
        .map(|(_, rule, facts)| judge.problem(rule, facts).error.trim_start_matches(begin).trim().to_owned())
        .collect();
    Err(Problem { error: format!("{begin} {}", said.join(" ")), ..judge.problem(rule, facts) })
}

fn parses(judge: Judge<'_>, facts: &Facts) -> Judgement {
    if let Some(oid) = facts.duplicate_extension() {
        return Err(judge.problem_with("duplicate-extension", facts, &[("oid", oid)]));
    }
    if [facts.not_before, facts.not_after].iter().any(|time| time.form == TimeForm::Irregular) {
        return judge.refuse("date-form", facts);
    }
    if facts.inner_algorithm != facts.outer_algorithm {
        return judge.refuse("algorithm-mismatch", facts);
    }
    if facts.version < 3 && !facts.extensions.is_empty() {
        return judge.refuse("extensions-without-v3", facts);
    }
    let empty = |name: &AltName| matches!(name, AltName::Dns(name) if name.is_empty());
    if facts.alt_names.present().is_some_and(|names| names.iter().any(empty)) {
        return judge.refuse("alt-name-empty", facts);
    }
    Ok(())
}

fn verify(judge: Judge<'_>) -> Flags<'_> {
    let chain = sorted(judge);
    let is_lone = chain.len() == 1 && judge.case.served.len() > 1;
    let flags = verify_chain(judge, chain);
    // With nothing above the leaf, and no anchor for it, what was served is taken as it stands.
    if is_lone && flags.iter().any(|(flag, ..)| *flag == Flag::NoIssuer) {
        return verify_chain(judge, judge.case.served.iter().collect());
    }
    flags
}

fn verify_chain<'a>(judge: Judge<'a>, chain: Vec<&'a Facts>) -> Flags<'a> {
    let chain = shortened(judge, chain);
    let Some(last) = chain.last().copied() else { return Vec::new() };
    let bucket = |name: &Name| -> Vec<&Facts> {
        let wanted = Bucket::of(name);
        judge.case.store.iter().filter(|stored| Bucket::of(&stored.subject) == wanted).collect()
    };
    let first = verify_against(judge, &chain, &bucket(&last.issuer));
    let is_unknown = |flags: &Flags<'_>| {
        flags.iter().any(|(flag, ..)| matches!(flag, Flag::NoIssuer | Flag::Expired | Flag::Insecure))
    };
    if is_unknown(&first) && !last.subject.is_same(&last.issuer) {
        let second = verify_against(judge, &chain, &bucket(&last.subject));
        let first_was_known = !first.iter().any(|(flag, ..)| *flag == Flag::NoIssuer);
        return if second.is_empty() || !first_was_known { second } else { first };
    }
    first
}

/// The store is a table of 127 lists, and only the list that a name falls into is looked at: certificates of other
/// names that fall into it are looked at as well.
#[derive(PartialEq, Eq)]
struct Bucket(u64);

impl Bucket {
    fn of(name: &Name) -> Self {
        let hash = |hash: u64, byte: &u8| hash.rotate_left(9).wrapping_add(u64::from(*byte));
        Self(name.der.iter().fold(0, hash) % 127)
    }
}

/// From the leaf up, by names; what does not belong is left out.
fn sorted(judge: Judge<'_>) -> Vec<&Facts> {
    let mut chain: Vec<&Facts> = judge.case.served.iter().take(1).collect();
    while let Some(top) = chain.last().copied()
        && !issued(top, top)
        && chain.len() < DEPTH
    {
        let next = judge
            .case
            .served
            .iter()
            .skip(1)
            .find(|facts| issued(facts, top) && !chain.iter().any(|known| known.is_same(facts)));
        let Some(next) = next else { break };
        chain.push(next);
    }
    chain
}

/// gnutls_x509_crt_check_issuer: by name, and by key identifier where both have one.
fn issued(issuer: &Facts, subject: &Facts) -> bool {
    let wanted = subject.authority_key_id.present().and_then(|id| id.key_id.as_ref());
    let fits = match (wanted, issuer.subject_key_id.present()) {
        (Some(wanted), Some(found)) => wanted == found,
        _ => true,
    };
    reads_same(&issuer.subject, &subject.issuer) && fits
}

/// As text: the types of the strings do not count, their case does.
fn reads_same(one: &Name, other: &Name) -> bool {
    one.attributes.len() == other.attributes.len()
        && one
            .attributes
            .iter()
            .zip(&other.attributes)
            .all(|(one, other)| one.oid == other.oid && one.value == other.value)
}

/// Without a self-signed end, and up to the first one that is in the store's list for its *issuer's* name.
fn shortened<'a>(judge: Judge<'a>, mut chain: Vec<&'a Facts>) -> Vec<&'a Facts> {
    drop_self_signed_end(&mut chain);
    let is_found = |facts: &Facts| {
        let wanted = Bucket::of(&facts.issuer);
        judge.case.store.iter().any(|stored| Bucket::of(&stored.subject) == wanted && stored.is_same(facts))
    };
    if let Some(place) = chain.iter().skip(1).position(|facts| is_found(facts)) {
        chain.truncate(place + 2);
    }
    chain
}

fn drop_self_signed_end(chain: &mut Vec<&Facts>) {
    if chain.len() > 1 && chain.last().is_some_and(|last| issued(last, last)) {
        chain.pop();
    }
}

fn verify_against<'a>(judge: Judge<'a>, chain: &[&'a Facts], trusted: &[&'a Facts]) -> Flags<'a> {
    let mut chain = chain.to_vec();
    drop_self_signed_end(&mut chain);
    let mut flags = Flags::new();
    // One of the same name and key is as good as the stored one, but for its dates.
    let same = |(place, facts): (usize, &&'a Facts)| {
        trusted
            .iter()
            .find(|stored| match place {
                0 => stored.is_same(facts),
                _ => stored.subject.is_same(&facts.subject) && stored.spki == facts.spki,
            })
            .map(|stored| (place, *stored))
    };
    if let Some((place, stored)) = chain.iter().enumerate().find_map(same) {
        check_time(judge, stored, &mut flags, ["root-not-yet-valid", "root-expired"]);
        if !flags.is_empty() {
            return flags;
        }
        chain.truncate(place);
    }
    let mut constraints: Vec<&NameConstraints> = Vec::new();
    let mut top = None;
    for place in (0..chain.len()).rev() {
        let is_top = place + 1 == chain.len();
        let issuer = if is_top {
            best_issuer(judge, trusted, chain[place])
        } else {
            Some(chain[place + 1]).filter(|issuer| issued(issuer, chain[place]))
        };
        // What the certificates above allow, said before anything else is looked at.
        if let Some(above) = exceeded(&chain, place, top) {
            flags.push((Flag::Constraints, "path-length", above));
            break;
        }
        top = if is_top { issuer } else { top };
        let step = Step { judge, subject: chain[place], issuer, is_top, below: place };
        step.check(&mut constraints, &mut flags);
        if !flags.is_empty() {
            break;
        }
    }
    if let Some(leaf) = chain.first() {
        check_purpose(judge, leaf, true, &mut flags);
    }
    let awaits_staple = judge.case.role == Role::Server && judge.case.staple.is_none();
    if let Some(facts) = chain.iter().find(|facts| awaits_staple && facts.must_staple) {
        flags.push((Flag::NoStaple, "must-staple", facts));
    }
    flags
}

/// A certificate above `place` that allows fewer below it than there are; self-issued ones count.
fn exceeded<'a>(chain: &[&'a Facts], place: usize, root: Option<&'a Facts>) -> Option<&'a Facts> {
    let above = chain.iter().copied().enumerate().skip(place + 2).chain(root.map(|root| (chain.len(), root)));
    let mut exceeded = above.filter(|(at, facts)| {
        let between = at.saturating_sub(place + 1);
        let allowed = facts.path_length().and_then(|allowed| usize::try_from(allowed).ok());
        *at > place + 1 && facts.is_authority() && allowed.is_some_and(|allowed| allowed < between)
    });
    exceeded.next().map(|(_, facts)| facts)
}

/// Of those whose key made the signature, the first that is in time; or else the first.
fn best_issuer<'a>(judge: Judge<'_>, trusted: &[&'a Facts], subject: &Facts) -> Option<&'a Facts> {
    let candidates = || trusted.iter().copied().filter(|stored| issued(stored, subject));
    let signers = || candidates().filter(|stored| subject.signed_by(stored));
    signers()
        .find(|stored| judge.case.is_in_time(stored))
        .or_else(|| signers().next())
        .or_else(|| candidates().next())
}

const fn has_weak_hash(facts: &Facts) -> bool {
    matches!(facts.algorithm.hash(), Some(Hash::Md5 | Hash::Sha1))
}

fn check_time<'a>(judge: Judge<'_>, facts: &'a Facts, flags: &mut Flags<'a>, rules: [&'static str; 2]) {
    if judge.case.is_early(facts) {
        flags.push((Flag::Early, rules[0], facts));
    } else if judge.case.is_expired(facts) {
        flags.push((Flag::Expired, rules[1], facts));
    }
}

/// Any usage will do for a leaf, but not for an issuer.
fn check_purpose<'a>(judge: Judge<'_>, facts: &'a Facts, is_leaf: bool, flags: &mut Flags<'a>) {
    let needed = match judge.case.role {
        Role::Server => extension::SERVER_AUTH,
        Role::Client => extension::CLIENT_AUTH,
    };
    let fits = facts.extended_key_usage.present().is_none_or(|usages| {
        usages.is_empty()
            || usages
                .iter()
                .any(|usage| usage == needed || (is_leaf && usage == extension::ANY_EXTENDED_KEY_USAGE))
    });
    if !fits {
        let rule = if is_leaf { "extended-key-usage" } else { "issuer-extended-key-usage" };
        flags.push((Flag::Purpose, rule, facts));
    }
}

fn has_unknown_critical(facts: &Facts) -> bool {
    facts.extensions.iter().any(|found| {
        found.critical
            && !matches!(
                found.oid.as_str(),
                extension::KEY_USAGE
                    | extension::EXTENDED_KEY_USAGE
                    | extension::SUBJECT_ALT_NAME
                    | extension::ISSUER_ALT_NAME
                    | extension::BASIC_CONSTRAINTS
                    | extension::NAME_CONSTRAINTS
                    | extension::CERTIFICATE_POLICIES
                    | extension::INHIBIT_ANY_POLICY
                    | extension::CRL_DISTRIBUTION_POINTS
                    | extension::SUBJECT_KEY_ID
                    | extension::AUTHORITY_KEY_ID
                    | extension::AUTHORITY_INFORMATION_ACCESS
                    | extension::TLS_FEATURE
            )
    })
}

/// gnutls_x509_crt_check_hostname2: a star at the very beginning stands for a label or its beginning.
fn name_fits(judge: Judge<'_>, leaf: &Facts) -> bool {
    let host = match &judge.case.name {
        None => return true,
        Some(ExpectedName::Ip(address)) => return leaf.addresses().any(|found| found == *address),
        Some(ExpectedName::Dns(host)) => host,
    };
    if leaf.dns_names().any(|pattern| pattern_fits(pattern, host)) {
        return true;
    }
    let is_other = |name: &AltName| matches!(name, AltName::Dns(_) | AltName::Ip(_) | AltName::Uri(_));
    let has_other = leaf.alt_names.present().into_iter().flatten().any(is_other);
    let mut commons = leaf.subject.common_names();
    match (commons.next(), commons.next()) {
        (Some(only), None) if !has_other => pattern_fits(only, host),
        _ => false,
    }
}

fn pattern_fits(pattern: &str, host: &str) -> bool {
    let Some(rest) = pattern.strip_prefix('*') else { return pattern.eq_ignore_ascii_case(host) };
    if rest.matches('.').count() < 2 || rest.ends_with('.') {
        return false;
    }
    let label = host.find('.').unwrap_or(host.len());
    (0..=label).any(|start| host.get(start..).is_some_and(|end| end.eq_ignore_ascii_case(rest)))
}
