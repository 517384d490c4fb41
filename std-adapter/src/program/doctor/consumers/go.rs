//! Go's crypto/x509: certificates are parsed before anything is checked, the leaf is checked first, then the
//! name, then every path is tried that a signature holds together, within a budget of signatures; usages and
//! name constraints are asked of whole paths.

use super::hostname;
use super::problem::{Judge, Judgement, Problem};
use crate::program::doctor::case::{Case, Role};
use crate::program::doctor::extension::{self, AltName, BasicConstraints, Reading};
use crate::program::doctor::facts::{Facts, Oddity, TimeForm};
use crate::program::doctor::key::{Curve, Hash, Key, SignatureAlgorithm};
use crate::program::doctor::paths::{self, Step};
use crate::program::doctor::subtrees::{self, LeadingDot};

/// Signatures that one verification may check.
const BUDGET: usize = 100;

pub(super) fn judge(judge: Judge<'_>) -> Judgement {
    // Extensions are read from version 3 on.
    let as_read = |facts: &Facts| if facts.version < 3 { facts.without_extensions() } else { facts.clone() };
    let case = Case {
        served: judge.case.served.iter().map(as_read).collect(),
        store: judge.case.store.iter().map(as_read).collect(),
        ..judge.case.clone()
    };
    verify(Judge { case: &case, consumer: judge.consumer })
}

fn verify(judge: Judge<'_>) -> Judgement {
    for step in judge.case.served_steps() {
        parses(judge, step.facts)?;
    }
    let Some(leaf) = judge.case.leaf() else { return Ok(()) };
    is_valid(judge, leaf.facts, false, &[])?;
    if judge.case.role == Role::Server {
        hostname::go(judge, leaf.facts)?;
    }
    let roots: Vec<Step<'_>> =
        judge.case.stored_steps().filter(|step| parses(judge, step.facts).is_ok()).collect();
    let mut search = Search { judge, roots, checks: 0 };
    let paths = if judge.case.is_stored(leaf.facts) { vec![vec![leaf]] } else { search.paths(&[leaf])? };

    let mut constrained = None;
    let mut without_policy = None;
    let fits = paths.iter().any(|path| {
        let facts: Vec<&Facts> = path.iter().map(|step| step.facts).collect();
        if !paths::has_demanded_policy(&facts) {
            without_policy.get_or_insert(path[0].facts);
            return false;
        }
        if !usages_fit(judge, path) {
            return false;
        }
        match name_constraints(judge, path) {
            Ok(()) => true,
            Err(problem) => {
                constrained.get_or_insert(problem);
                false
            }
        }
    });
    if fits {
        return leaf_key(judge, leaf.facts);
    }
    if let Some(problem) = constrained {
        return Err(problem);
    }
    if let Some(leaf) = without_policy {
        return judge.refuse("policy", leaf);
    }
    let by_issuer = usage_allows(leaf.facts, judge.case.role);
    judge.refuse(if by_issuer { "issuer-extended-key-usage" } else { "extended-key-usage" }, leaf.facts)
}

/// What the handshake itself wants of the key.
fn leaf_key(judge: Judge<'_>, leaf: &Facts) -> Judgement {
    match &leaf.key {
        Key::Rsa { bits, .. } if *bits > 8192 => judge.refuse("large-key", leaf),
        Key::Rsa { bits, .. } if *bits < 1024 => judge.refuse("weak-leaf-key", leaf),
        Key::Rsa { pss_only: true, .. } | Key::Ed448 | Key::Other { .. } => {
            judge.refuse("unsupported-key", leaf)
        }
        _ => Ok(()),
    }
}

/// ParseCertificate.
pub(super) fn parses(judge: Judge<'_>, facts: &Facts) -> Judgement {
    if facts.version > 3 {
        return judge.refuse("version", facts);
    }
    if facts.oddities.contains(&Oddity::SerialNotMinimal) || facts.serial.is_empty() {
        return judge.refuse("serial-not-minimal", facts);
    }
    if facts.serial.first().is_some_and(|first| first & 0x80 != 0) {
        return judge.refuse("negative-serial", facts);
    }
    if facts.oddities.contains(&Oddity::LengthNotMinimal) {
        return judge.refuse("not-der", facts);
    }
    if facts.inner_algorithm != facts.outer_algorithm {
        return judge.refuse("algorithm-mismatch", facts);
    }
    if [facts.not_before, facts.not_after].iter().any(|time| time.form == TimeForm::Irregular) {
        return judge.refuse("date-form", facts);
    }
    match &facts.key {
        Key::Ec { explicit: true, .. } => return judge.refuse("explicit-curve-parameters", facts),
        Key::Ec { curve: None | Some(Curve::Secp256k1 | Curve::Brainpool(_)), .. } => {
            return judge.refuse("unsupported-curve", facts);
        }
        _ => {}
    }
    if let Some(oid) = facts.duplicate_extension() {
        return Err(judge.problem_with("duplicate-extension", facts, &[("oid", oid)]));
    }
    for found in &facts.extensions {
        let unreadable = match found.oid.as_str() {
            extension::KEY_USAGE => facts.key_usage.is_unreadable().then_some("invalid key usage"),
            extension::BASIC_CONSTRAINTS => (facts.basic_constraints.is_unreadable()
                || !BasicConstraints::is_strict(&found.value)
                || facts.path_length().is_some_and(|length| length < 0))
            .then_some("invalid basic constraints"),
            extension::SUBJECT_ALT_NAME if !AltName::are_strict(&found.value) => {
                Some("invalid subject alternative names")
            }
            extension::SUBJECT_ALT_NAME => alt_names_trouble(facts),
            extension::NAME_CONSTRAINTS => match &facts.name_constraints {
                Reading::Unreadable => Some("invalid NameConstraints extension"),
                Reading::Present(constraints)
                    if constraints.permitted.is_empty() && constraints.excluded.is_empty() =>
                {
                    Some("empty name constraints extension")
                }
                _ => None,
            },
            extension::EXTENDED_KEY_USAGE => {
                facts.extended_key_usage.is_unreadable().then_some("invalid extended key usages")
            }
            extension::AUTHORITY_KEY_ID if found.critical => {
                Some("authority key identifier incorrectly marked critical")
            }
            extension::SUBJECT_KEY_ID if found.critical => {
                Some("subject key identifier incorrectly marked critical")
            }
            extension::AUTHORITY_KEY_ID => {
                facts.authority_key_id.is_unreadable().then_some("invalid authority key identifier")
            }
            extension::SUBJECT_KEY_ID => {
                facts.subject_key_id.is_unreadable().then_some("invalid subject key identifier")
            }
            extension::AUTHORITY_INFORMATION_ACCESS if found.critical => {
                Some("authority info access incorrectly marked critical")
            }
            extension::CERTIFICATE_POLICIES => {
                facts.policies.is_unreadable().then_some("invalid certificate policies")
            }
            _ => None,
        };
        if let Some(words) = unreadable {
            return Err(judge.problem_with("malformed-extension", facts, &[("what", words)]));
        }
    }
    if facts.has_trailing_bytes() {
        return judge.refuse("trailing-bytes", facts);
    }
    Ok(())
}

fn alt_names_trouble(facts: &Facts) -> Option<&'static str> {
    let Some(names) = facts.alt_names.present() else { return Some("invalid subject alternative names") };
    names.iter().find_map(|name| match name {
        AltName::Dns(name) if !name.is_ascii() => Some("SAN dNSName is malformed"),
        AltName::Email(name) if !name.is_ascii() => Some("SAN rfc822Name is malformed"),
        AltName::Ip(bytes) if matches!(bytes.as_slice(), [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ..]) => {
            Some("SAN iPAddress contains IPv4-mapped IPv6 address")
        }
        AltName::Ip(bytes) if !matches!(bytes.len(), 4 | 16) => Some("cannot parse IP address of length"),
        _ => None,
    })
}

/// Certificate.isValid; `path` is what lies below.
fn is_valid(judge: Judge<'_>, facts: &Facts, is_intermediate: bool, path: &[Step<'_>]) -> Judgement {
    if has_unhandled_critical(facts) {
        return judge.refuse("unknown-critical-extension", facts);
    }
    let kind = match (path.is_empty(), is_intermediate) {
        (true, _) => ["not-yet-valid", "expired"],
        (false, true) => ["issuer-not-yet-valid", "issuer-expired"],
        (false, false) => ["root-not-yet-valid", "root-expired"],
    };
    if judge.case.is_early(facts) {
        return judge.refuse(kind[0], facts);
    }
    if judge.case.is_expired(facts) {
        return judge.refuse(kind[1], facts);
    }
    if is_intermediate && !is_authority(facts) {
        return judge.refuse("v1-issuer", facts);
    }
    let below = i64::try_from(path.len()).unwrap_or(i64::MAX).saturating_sub(1);
    if facts.path_length().is_some_and(|allowed| below > allowed) {
        return judge.refuse("path-length", facts);
    }
    Ok(())
}

fn is_authority(facts: &Facts) -> bool {
    facts.is_authority()
}

fn has_unhandled_critical(facts: &Facts) -> bool {
    facts.extensions.iter().filter(|extension| extension.critical).any(|found| match found.oid.as_str() {
        extension::KEY_USAGE
        | extension::BASIC_CONSTRAINTS
        | extension::CRL_DISTRIBUTION_POINTS
        | extension::AUTHORITY_KEY_ID
        | extension::POLICY_CONSTRAINTS
        | extension::EXTENDED_KEY_USAGE
        | extension::SUBJECT_KEY_ID
        | extension::CERTIFICATE_POLICIES
        | extension::POLICY_MAPPINGS
        | extension::INHIBIT_ANY_POLICY => false,
        extension::SUBJECT_ALT_NAME => !facts.alt_names.present().is_some_and(|names| {
            names.iter().any(|name| !matches!(name, AltName::Directory(_) | AltName::Other { .. }))
        }),
        extension::NAME_CONSTRAINTS => facts.name_constraints.present().is_some_and(|constraints| {
            let unknown = |base: &AltName| matches!(base, AltName::Directory(_) | AltName::Other { .. });
            constraints.permitted.iter().chain(&constraints.excluded).any(unknown)
        }),
        _ => true,
    })
}

struct Search<'a> {
    judge: Judge<'a>,
    roots: Vec<Step<'a>>,
    checks: usize,
}

impl<'a> Search<'a> {
    /// All paths that begin so; or what is said if there is none.
    fn paths(&mut self, path: &[Step<'a>]) -> Result<Vec<Vec<Step<'a>>>, Problem> {
        let Some(subject) = path.last() else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        let mut hint: Option<Problem> = None;
        let mut error: Option<Problem> = None;
        let served: Vec<Step<'a>> = self.judge.case.served_steps().skip(1).collect();
        let candidates = potential(&self.roots, subject.facts)
            .into_iter()
            .map(|step| (step, false))
            .chain(potential(&served, subject.facts).into_iter().map(|step| (step, true)));
        for (candidate, is_intermediate) in candidates {
            self.checks += 1;
            if self.checks > BUDGET {
                return Err(self.judge.problem("path-budget", path[0].facts));
            }
            if matches!(candidate.facts.key, Key::Other { .. } | Key::Ed448) || is_on(candidate.facts, path) {
                continue;
            }
            let checked = signature(self.judge, subject.facts, candidate.facts)
                .and_then(|()| is_valid(self.judge, candidate.facts, is_intermediate, path));
            if let Err(problem) = checked {
                // A signature that fails is a hint only; a certificate that is not valid is an error as well, which
                // the next candidate's success or failure replaces.
                error = (!is_signature_rule(problem.rule)).then(|| problem.clone()).or(error);
                hint.get_or_insert(problem);
                continue;
            }
            let mut longer = path.to_vec();
            longer.push(candidate);
            if is_intermediate {
                match self.paths(&longer) {
                    Ok(paths) => {
                        found.extend(paths);
                        error = None;
                    }
                    Err(problem) if problem.rule == "path-budget" => return Err(problem),
                    Err(problem) => error = Some(problem),
                }
            } else {
                found.push(longer);
                error = None;
            }
        }
        if !found.is_empty() {
            return Ok(found);
        }
        if let Some(problem) = error {
            return Err(problem);
        }
        Err(match hint {
            // The hint is told in brackets behind these words.
            Some(hint) => {
                let mut problem = self.judge.problem("unknown-issuer", subject.facts);
                problem.rule = hint.rule;
                problem.certificate = hint.certificate;
                problem
            }
            None => {
                let rule =
                    if subject.facts.is_self_issued() { self_signed_rule(path) } else { "unknown-issuer" };
                self.judge.problem(rule, subject.facts)
            }
        })
    }
}

const fn self_signed_rule(path: &[Step<'_>]) -> &'static str {
    if path.len() == 1 { "self-signed-leaf" } else { "untrusted-root-served" }
}

fn is_signature_rule(rule: &str) -> bool {
    matches!(
        rule,
        "bad-signature"
            | "not-a-ca"
            | "missing-basic-constraints"
            | "key-cert-sign"
            | "weak-signature-hash"
            | "weak-issuer-key"
            | "unsupported-signature"
    )
}

/// findPotentialParents: of the issuer's name; first those whose key identifier is the one asked for, then those
/// where it cannot be compared, last those where it differs.
fn potential<'a>(pool: &[Step<'a>], subject: &Facts) -> Vec<Step<'a>> {
    let wanted = subject.authority_key_id.present().and_then(|id| id.key_id.as_ref());
    let rank = |step: &Step<'_>| match (wanted, step.facts.subject_key_id.present()) {
        (Some(wanted), Some(found)) if wanted == found => 0,
        (None, None) => 0,
        (Some(_), Some(_)) => 2,
        _ => 1,
    };
    let mut parents: Vec<Step<'a>> =
        pool.iter().copied().filter(|step| step.facts.subject.is_same(&subject.issuer)).collect();
    parents.sort_by_key(rank);
    parents
}

/// alreadyInChain: same name, key and alternative names.
fn is_on(candidate: &Facts, path: &[Step<'_>]) -> bool {
    let names = |facts: &Facts| facts.extension(extension::SUBJECT_ALT_NAME).map(|e| e.value.clone());
    path.iter().any(|step| {
        step.facts.subject.is_same(&candidate.subject)
            && step.facts.spki == candidate.spki
            && names(step.facts) == names(candidate)
    })
}

/// CheckSignatureFrom.
fn signature(judge: Judge<'_>, subject: &Facts, issuer: &Facts) -> Judgement {
    if issuer.version == 3 && issuer.basic_constraints.is_absent() {
        return judge.refuse("missing-basic-constraints", issuer);
    }
    if issuer.version >= 3
        && issuer.basic_constraints.present().is_some_and(|constraints| !constraints.authority)
    {
        return judge.refuse("not-a-ca", issuer);
    }
    if issuer.key_usage.present().is_some_and(|usage| usage.0 != 0 && !usage.key_cert_sign()) {
        return judge.refuse("key-cert-sign", issuer);
    }
    match (subject.algorithm.hash(), &issuer.key) {
        (Some(Hash::Md5 | Hash::Sha1), _) => return judge.refuse("weak-signature-hash", subject),
        (Some(Hash::Sha224), _) => return judge.refuse("unsupported-signature", subject),
        (_, Key::Rsa { bits, .. }) if *bits < 1024 => return judge.refuse("weak-issuer-key", issuer),
        (_, Key::Rsa { pss_only: true, .. }) => return judge.refuse("unsupported-signature", subject),
        _ => {}
    }
    if matches!(subject.algorithm, SignatureAlgorithm::Ed448 | SignatureAlgorithm::Other(_)) {
        return judge.refuse("unsupported-signature", subject);
    }
    if !subject.signed_by(issuer) {
        return judge.refuse("bad-signature", subject);
    }
    Ok(())
}

/// checkChainForKeyUsage: of every certificate, the root's included.
fn usages_fit(judge: Judge<'_>, path: &[Step<'_>]) -> bool {
    path.iter().all(|step| usage_allows(step.facts, judge.case.role))
}

fn usage_allows(facts: &Facts, role: Role) -> bool {
    let needed = match role {
        Role::Server => extension::SERVER_AUTH,
        Role::Client => extension::CLIENT_AUTH,
    };
    facts.extended_key_usage.present().is_none_or(|usages| {
        usages.is_empty()
            || usages.iter().any(|usage| usage == needed || usage == extension::ANY_EXTENDED_KEY_USAGE)
    })
}

/// checkChainConstraints: of alternative names alone; directory names are not known.
fn name_constraints(judge: Judge<'_>, path: &[Step<'_>]) -> Judgement {
    for (depth, step) in path.iter().enumerate() {
        let Some(names) = step.facts.alt_names.present() else { continue };
        for above in &path[depth + 1..] {
            let Some(constraints) = above.facts.name_constraints.present() else { continue };
            for name in names {
                let known =
                    matches!(name, AltName::Dns(_) | AltName::Ip(_) | AltName::Email(_) | AltName::Uri(_));
                if !known {
                    continue;
                }
                if let Err(breach) = subtrees::allow(constraints, name, LeadingDot::OnlyBelow) {
                    let (rule, kind) = match breach {
                        subtrees::Breach::NotPermitted => ("name-not-permitted", name),
                        subtrees::Breach::Excluded => ("name-excluded", name),
                    };
                    let kind = match kind {
                        AltName::Dns(name) => format!("DNS name \"{name}\""),
                        AltName::Ip(_) => {
                            format!("IP address \"{}\"", kind.to_string().trim_start_matches("IP:"))
                        }
                        AltName::Email(mail) => format!("email address \"{mail}\""),
                        other => format!("URI \"{}\"", other.to_string().trim_start_matches("URI:")),
                    };
                    return Err(judge.problem_with(rule, step.facts, &[("what", &kind)]));
                }
            }
        }
    }
    Ok(())
}
