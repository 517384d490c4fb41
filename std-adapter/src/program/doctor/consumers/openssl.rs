//! OpenSSL 3.0's X509_verify_cert, and what curl, Python and Node make of it.
//!
//! The path is built first, without a look at signatures: one issuer after the other, from the store if it has
//! one, else from what was served, and never from there again once a stored one was taken. Then come the
//! extensions of the whole path, the strength of its keys, the name, and at last signatures and dates from the
//! top down. With a callback that lets everything pass (Node's) all errors come up, and the last one stays.

use super::Consumer;
mod certificate;
mod words;

use self::certificate::{
    authority, has_unhandled_critical, is_readable, is_self_signed, is_unusable_curve, likely_issued,
    not_a_ca_rule, parses, signature_bits, unreadable_rule,
};
use self::words::{in_words_of, queued_reason};
use super::hostname;
use super::problem::{Judge, Judgement, Problem};
use crate::program::doctor::case::{ExpectedName, Role};
use crate::program::doctor::extension;
use crate::program::doctor::facts::Facts;
use crate::program::doctor::key::Key;
use crate::program::doctor::paths::Step;
use crate::program::doctor::revocation;
use crate::program::doctor::subtrees::{self, Breach, LeadingDot};

/// The flags that a consumer sets.
#[derive(Debug, Clone, Copy)]
struct Flags {
    /// X509_V_FLAG_PARTIAL_CHAIN: any stored certificate is an anchor.
    partial_chain: bool,
    /// X509_V_FLAG_X509_STRICT.
    strict: bool,
    /// The security level, as the lowest strength in bits.
    strength: usize,
    /// Whether the name is checked on the way; otherwise the consumer does it afterwards.
    checks_name: bool,
    /// X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS.
    partial_wildcards: bool,
}

const fn flags(consumer: Consumer) -> Flags {
    // Level 2 for Debian's library and for Python since 3.10, level 1 for the library that Node brings.
    let strength = if matches!(consumer, Consumer::Node) { 80 } else { 112 };
    Flags {
        partial_chain: matches!(consumer, Consumer::Curl | Consumer::Python313),
        strict: matches!(consumer, Consumer::Python313),
        strength,
        checks_name: matches!(consumer, Consumer::Openssl | Consumer::Python312 | Consumer::Python313),
        partial_wildcards: matches!(consumer, Consumer::Openssl),
    }
}

pub(super) fn judge(judge: Judge<'_>) -> Judgement {
    let Some(leaf) = judge.case.leaf() else { return Ok(()) };
    if let Some(unparsed) = judge.case.served.iter().find(|facts| facts.has_trailing_bytes()) {
        return judge.refuse("trailing-bytes", unparsed);
    }
    if let Some(unparsed) = judge.case.served.iter().find(|facts| !parses(facts)) {
        return judge.refuse("serial-not-minimal", unparsed);
    }
    let mut verification = Verification {
        judge,
        flags: flags(judge.consumer),
        path: vec![leaf],
        untrusted: 1,
        problems: Vec::new(),
    };
    verification.run();
    let problem = if judge.consumer == Consumer::Node {
        verification.problems.pop()
    } else {
        verification.problems.into_iter().next()
    };
    match (problem, judge.consumer, judge.case.role) {
        (Some(problem), ..) => Err(in_words_of(judge, problem)),
        _ if is_unusable_curve(&leaf.facts.key) => judge.refuse("unsupported-curve", leaf.facts),
        (None, Consumer::Curl, Role::Server) => hostname::curl(judge, leaf.facts),
        (None, Consumer::Node, Role::Server) => hostname::node(judge, leaf.facts),
        _ => Ok(()),
    }
}

struct Verification<'a> {
    judge: Judge<'a>,
    flags: Flags,
    path: Vec<Step<'a>>,
    /// How many of the path's certificates were served and not taken from the store.
    untrusted: usize,
    problems: Vec<Problem>,
}

/// Certificates above the leaf that a path may have.
const DEPTH: usize = 100;

impl<'a> Verification<'a> {
    fn fail(&mut self, rule: &'static str, facts: &Facts) {
        let problem = self.judge.problem(rule, facts);
        self.problems.push(problem);
    }

    fn run(&mut self) {
        let leaf = self.path[0].facts;
        if leaf.key.security_bits() < self.flags.strength {
            self.fail("weak-leaf-key", leaf);
        }
        self.build();
        self.check_extensions();
        self.check_strength();
        if self.flags.checks_name
            && self.judge.case.role == Role::Server
            && let Err(problem) = hostname::openssl(self.judge, leaf, self.flags.partial_wildcards)
        {
            self.problems.push(problem);
        }
        if revocation::is_revoked(self.judge.case, leaf) {
            self.fail("revoked", leaf);
        }
        self.check_signatures_and_times();
        self.check_name_constraints();
    }

    fn build(&mut self) {
        let case = self.judge.case;
        let mut candidates: Vec<Step<'a>> = case.served_steps().skip(1).collect();
        let mut trusted = false;
        loop {
            let current = *self.path.last().expect("the leaf is on it");
            let is_top = is_self_signed(current.facts);
            let stored = (self.path.len() <= DEPTH + 1).then(|| self.stored_issuer(current.facts)).flatten();
            match stored {
                Some(issuer) if !is_top => {
                    self.path.push(issuer);
                    candidates.clear();
                    trusted = self.flags.partial_chain || is_self_signed(issuer.facts);
                    if trusted {
                        break;
                    }
                    continue;
                }
                // A served self-signed certificate stands for the stored one only if it is the same.
                Some(issuer) if issuer.facts.is_same(current.facts) => {
                    let top = self.path.len() - 1;
                    if !current.is_stored() {
                        self.path[top] = issuer;
                        self.untrusted = top;
                    }
                    trusted = true;
                    break;
                }
                _ => {}
            }
            let served = (!is_top && self.path.len() <= DEPTH + 1)
                .then(|| self.pick(current.facts, candidates.iter().copied()))
                .flatten();
            let Some(issuer) = served else { break };
            candidates.retain(|candidate| candidate.place != issuer.place);
            self.path.push(issuer);
            self.untrusted += 1;
        }
        // The last resort: the leaf itself in the store.
        if !trusted && self.untrusted == self.path.len() && self.flags.partial_chain {
            trusted = case.is_stored(self.path[0].facts);
            if trusted {
                self.untrusted = 0;
            }
        }
        if trusted {
            return;
        }
        let top = self.path[self.path.len() - 1].facts;
        if self.path.len() > DEPTH {
            self.fail("path-too-long", top);
        } else if is_self_signed(top) {
            self.fail(if self.path.len() == 1 { "self-signed-leaf" } else { "untrusted-root-served" }, top);
        } else if self.untrusted < self.path.len() {
            self.fail("only-intermediate-stored", top);
        } else {
            let unreadable =
                [top].into_iter().chain(self.named_issuers(top)).find(|facts| !is_readable(facts));
            match unreadable {
                Some(facts) => {
                    let problem = self.judge.problem_saying(unreadable_rule(facts), "unknown-issuer", facts);
                    self.problems.push(problem);
                }
                None => self.fail("unknown-issuer", top),
            }
        }
    }

    fn named_issuers(&self, subject: &'a Facts) -> impl Iterator<Item = &'a Facts> {
        let case = self.judge.case;
        case.served.iter().skip(1).chain(&case.store).filter(|facts| facts.subject.matches(&subject.issuer))
    }

    fn stored_issuer(&self, subject: &Facts) -> Option<Step<'a>> {
        let of_that_name = self
            .judge
            .case
            .stored_steps()
            .filter(|step| parses(step.facts) && step.facts.subject.matches(&subject.issuer));
        best(self.judge, of_that_name.filter(|step| likely_issued(step.facts, subject)))
    }

    fn pick(&self, subject: &Facts, candidates: impl Iterator<Item = Step<'a>>) -> Option<Step<'a>> {
        let path = &self.path;
        best(
            self.judge,
            candidates.filter(|step| {
                likely_issued(step.facts, subject)
                    && ((subject.is_self_issued() && path.len() == 1) || !step.is_in(path))
            }),
        )
    }

    fn check_extensions(&mut self) {
        let path = self.path.clone();
        let mut below = 0i64;
        for (depth, step) in path.iter().enumerate() {
            let facts = step.facts;
            if has_unhandled_critical(facts) {
                self.fail("unknown-critical-extension", facts);
            }
            let authority = authority(facts);
            if depth == 0 {
                if self.flags.strict && authority > 1 {
                    self.fail("not-a-ca", facts);
                }
            } else if authority == 0 || ((depth + 1 < path.len() || self.flags.strict) && authority != 1) {
                self.fail(not_a_ca_rule(facts), facts);
            }
            if path.len() > 1 && matches!(facts.key, Key::Ec { explicit: true, .. }) {
                self.fail("explicit-curve-parameters", facts);
            }
            if self.flags.strict && path.len() > 1 {
                self.check_strictly(facts, depth + 1 == path.len());
            }
            self.check_purpose(facts, depth);
            if depth > 1 && facts.path_length().is_some_and(|allowed| below > allowed) {
                self.fail("path-length", facts);
            }
            if depth > 0 && !facts.is_self_issued() {
                below += 1;
            }
        }
    }

    /// What X509_V_FLAG_X509_STRICT adds.
    fn check_strictly(&mut self, facts: &Facts, is_top: bool) {
        let usage = facts.key_usage.present();
        let signs = usage.is_none_or(|usage| usage.key_cert_sign());
        let is_authority = facts.is_authority();
        if facts.path_length().is_some() {
            if !is_authority {
                self.fail("path-length-without-ca", facts);
            }
            if !signs {
                self.fail("path-length-without-key-cert-sign", facts);
            }
        }
        if is_authority && !facts.is_critical(extension::BASIC_CONSTRAINTS) {
            self.fail("basic-constraints-not-critical", facts);
        }
        if is_authority {
            if usage.is_none() {
                self.fail("ca-without-key-usage", facts);
            }
        } else if usage.is_some_and(|usage| usage.key_cert_sign()) {
            self.fail("key-cert-sign-without-ca", facts);
        }
        if facts.issuer.is_empty() {
            self.fail("empty-issuer", facts);
        }
        if facts.subject.is_empty() {
            if is_authority || facts.alt_names.is_absent() || usage.is_some_and(|usage| usage.crl_sign()) {
                self.fail("empty-subject", facts);
            } else if !facts.is_critical(extension::SUBJECT_ALT_NAME) {
                self.fail("empty-subject-alt-name-not-critical", facts);
            }
        }
        if facts.alt_names.present().is_some_and(Vec::is_empty) {
            self.fail("alt-name-empty", facts);
        }
        if facts.inner_algorithm != facts.outer_algorithm {
            self.fail("algorithm-mismatch", facts);
        }
        if facts.is_critical(extension::AUTHORITY_KEY_ID) {
            self.fail("authority-key-id-critical", facts);
        }
        if facts.is_critical(extension::SUBJECT_KEY_ID) {
            self.fail("subject-key-id-critical", facts);
        }
        if facts.version >= 3 {
            if !is_top && facts.authority_key_id.present().is_none_or(|id| id.key_id.is_none()) {
                self.fail("missing-authority-key-id", facts);
            }
            if is_authority && facts.subject_key_id.is_absent() {
                self.fail("missing-subject-key-id", facts);
            }
        } else if !facts.extensions.is_empty() {
            self.fail("extensions-without-v3", facts);
        }
    }

    fn check_purpose(&mut self, facts: &Facts, depth: usize) {
        // Microsoft's and Netscape's Server Gated Crypto count as serverAuth.
        const GATED: [&str; 2] = ["1.3.6.1.4.1.311.10.3.3", "2.16.840.1.113730.4.1"];
        if !is_readable(facts) {
            if self.flags.strict {
                let problem = self.judge.problem_saying(unreadable_rule(facts), "key-usage", facts);
                self.problems.push(problem);
            }
            return;
        }
        let role = self.judge.case.role;
        if let Some(usages) = facts.extended_key_usage.present() {
            let fits = usages.iter().any(|usage| match role {
                Role::Server => usage == extension::SERVER_AUTH || GATED.contains(&usage.as_str()),
                Role::Client => usage == extension::CLIENT_AUTH,
            });
            if !fits {
                let rule = if depth == 0 { "extended-key-usage" } else { "issuer-extended-key-usage" };
                return self.fail(rule, facts);
            }
        }
        if depth > 0 {
            if authority(facts) == 0 {
                let problem = self.judge.problem_saying(not_a_ca_rule(facts), "key-usage", facts);
                self.problems.push(problem);
            }
        } else if let Some(usage) = facts.key_usage.present() {
            let fits = usage.digital_signature()
                || usage.key_agreement()
                || (role == Role::Server && usage.key_encipherment());
            if !fits {
                self.fail("key-usage", facts);
            }
        }
    }

    fn check_strength(&mut self) {
        let path = self.path.clone();
        for (depth, step) in path.iter().enumerate() {
            if depth > 0 && step.facts.key.security_bits() < self.flags.strength {
                self.fail("weak-issuer-key", step.facts);
            }
            if depth + 1 < path.len() && signature_bits(step.facts) < self.flags.strength {
                self.fail("weak-signature-hash", step.facts);
            }
        }
    }

    fn check_signatures_and_times(&mut self) {
        let path = self.path.clone();
        let mut depth = path.len() - 1;
        let mut issuer = path[depth].facts;
        let mut skips_signature = true;
        if !issuer.is_self_issued() && !self.flags.partial_chain {
            if depth == 0 {
                self.fail("unverifiable-leaf", issuer);
            } else {
                depth -= 1;
                skips_signature = false;
            }
        }
        loop {
            let subject = path[depth].facts;
            if !skips_signature {
                if issuer.key_usage.present().is_some_and(|usage| !usage.key_cert_sign()) {
                    self.fail("key-cert-sign", issuer);
                }
                // "the same algorithm identifier" (RFC 5280 §4.1.1.2) is asked where the signature is.
                if subject.inner_algorithm != subject.outer_algorithm {
                    self.fail("algorithm-mismatch", subject);
                } else if !subject.signed_by(issuer) {
                    let reason = queued_reason(subject, issuer);
                    let problem = self.judge.problem_with("bad-signature", subject, &[("queued", reason)]);
                    self.problems.push(problem);
                }
            }
            skips_signature = false;
            let kind = if depth + 1 == path.len() && depth > 0 {
                ["root-not-yet-valid", "root-expired"]
            } else if depth > 0 {
                ["issuer-not-yet-valid", "issuer-expired"]
            } else {
                ["not-yet-valid", "expired"]
            };
            for (time, is_broken, rule) in [
                (subject.not_before, self.judge.case.is_early(subject), kind[0]),
                (subject.not_after, self.judge.case.is_expired(subject), kind[1]),
            ] {
                if !time.is_der() {
                    let field = if rule == kind[0] { "notBefore" } else { "notAfter" };
                    let problem = self.judge.problem_with("date-form", subject, &[("field", field)]);
                    self.problems.push(problem);
                } else if is_broken {
                    self.fail(rule, subject);
                }
            }
            issuer = subject;
            if depth == 0 {
                break;
            }
            depth -= 1;
        }
    }

    fn check_name_constraints(&mut self) {
        let path = self.path.clone();
        for (depth, step) in path.iter().enumerate().rev() {
            if depth > 0 && step.facts.is_self_issued() {
                continue;
            }
            for above in path[depth + 1..].iter().rev() {
                let Some(constraints) = above.facts.name_constraints.present() else { continue };
                let mut names = subtrees::constrained_names(step.facts);
                if depth == 0 && step.facts.dns_names().next().is_none() {
                    names.extend(subtrees::common_name_as_dns(&step.facts.subject));
                }
                let breach = names
                    .iter()
                    .find_map(|name| subtrees::allow(constraints, name, LeadingDot::OnlyBelow).err());
                match breach {
                    Some(Breach::NotPermitted) => self.fail("name-not-permitted", step.facts),
                    Some(Breach::Excluded) => self.fail("name-excluded", step.facts),
                    None => {}
                }
            }
        }
    }
}

/// The first that is in time, or else the one that was valid last.
fn best<'a>(judge: Judge<'_>, candidates: impl Iterator<Item = Step<'a>>) -> Option<Step<'a>> {
    let mut best: Option<Step<'a>> = None;
    for candidate in candidates {
        if judge.case.is_in_time(candidate.facts) {
            return Some(candidate);
        }
        if best.is_none_or(|best| candidate.facts.not_after.unix > best.facts.not_after.unix) {
            best = Some(candidate);
        }
    }
    best
}

/// What OpenSSL calls the name that it was asked for.
pub(super) const fn name_rule(name: &ExpectedName) -> &'static str {
    match name {
        ExpectedName::Dns(_) => "name-mismatch",
        ExpectedName::Ip(_) => "address-mismatch",
    }
}
