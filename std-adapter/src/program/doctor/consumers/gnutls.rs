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
    for stored in &judge.case.store {
        loads(judge, stored)?;
    }
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

/// One that it cannot parse, and it takes none of the store.
fn loads(judge: Judge<'_>, stored: &Facts) -> Judgement {
    let parsed = if stored.has_trailing_bytes() {
        judge.refuse("trailing-bytes", stored)
    } else {
        parses(judge, stored)
    };
    parsed.map_err(|problem| {
        let error = format!("Error setting the x509 trust file: {}", problem.error);
        Problem { error, ..problem }
    })
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
    let mut flags = verify_chain(judge, sorted(judge));
    if let Some(leaf) = judge.case.served.first() {
        check_purpose(judge, leaf, true, &mut flags);
    }
    // Every certificate of the message is to have its own; ours is the leaf's.
    let awaits_staple = |(place, facts): &(usize, &Facts)| {
        judge.case.role == Role::Server && facts.must_staple && (*place > 0 || judge.case.staple.is_none())
    };
    if let Some((_, facts)) = judge.case.served.iter().enumerate().find(awaits_staple) {
        flags.push((Flag::NoStaple, "must-staple", facts));
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

/// In runs from a certificate up to the last issuer that was served, until a run ends below a stored name; if none
/// does, all that was served stays, one run after the other, so that the last of it is looked at first.
fn sorted(judge: Judge<'_>) -> Vec<&Facts> {
    let mut rest: Vec<&Facts> = judge.case.served.iter().collect();
    let mut chain: Vec<&Facts> = Vec::new();
    while !rest.is_empty() {
        let mut run = run(&rest);
        rest.retain(|facts| !run.iter().any(|taken| std::ptr::eq(*taken, *facts)));
        run.retain(|facts| !chain.iter().any(|known| known.is_same(facts)));
        chain.append(&mut run);
        if chain.last().is_some_and(|last| has_issuer(judge, last)) {
            break;
        }
    }
    chain
}

/// _gnutls_sort_clist: the first and those above it. The issuer of each is the first that fits; a self-signed one
/// has none.
fn run<'a>(served: &[&'a Facts]) -> Vec<&'a Facts> {
    let mut run: Vec<&Facts> = served.iter().copied().take(1).collect();
    while let Some(top) = run.last().copied()
        && !issued(top, top)
    {
        let mut others = served.iter().copied().skip(1).filter(|facts| !std::ptr::eq(*facts, top));
        let Some(next) = others.find(|facts| issued(facts, top)) else { break };
        // A loop ends where it began.
        if run.iter().any(|known| std::ptr::eq(*known, next)) {
            break;
        }
        run.push(next);
    }
    run
}

fn has_issuer(judge: Judge<'_>, facts: &Facts) -> bool {
    let wanted = Bucket::of(&facts.issuer);
    judge.case.store.iter().any(|stored| Bucket::of(&stored.subject) == wanted && issued(stored, facts))
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
    let mut allowed = Allowed { below: DEPTH, by: None };
    for place in (0..chain.len()).rev() {
        // What the certificates above allow, said before anything else is looked at.
        if allowed.below == 0 {
            flags.push((Flag::Constraints, "path-length", allowed.by.unwrap_or(chain[place])));
            break;
        }
        allowed.below -= 1;
        let is_top = place + 1 == chain.len();
        let issuer = if is_top {
            best_issuer(judge, trusted, chain[place])
        } else {
            Some(chain[place + 1]).filter(|issuer| issued(issuer, chain[place]))
        };
        let step = Step { judge, subject: chain[place], issuer, is_top, below: place };
        step.check(&mut constraints, &mut allowed, &mut flags);
        if flags.is_empty() && place > 0 {
            check_purpose(judge, chain[place], false, &mut flags);
        }
        if !flags.is_empty() {
            break;
        }
    }
    flags
}

/// How many certificates may follow, and who said so; self-issued ones count.
struct Allowed<'a> {
    below: usize,
    by: Option<&'a Facts>,
}

/// The last that is in time, or else the first: whose key made the signature is not asked.
fn best_issuer<'a>(judge: Judge<'_>, trusted: &[&'a Facts], subject: &Facts) -> Option<&'a Facts> {
    let candidates = trusted.iter().copied().filter(|stored| issued(stored, subject));
    candidates.reduce(|best, next| if judge.case.is_in_time(next) { next } else { best })
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
