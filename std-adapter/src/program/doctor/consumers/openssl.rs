//! OpenSSL 3.0's X509_verify_cert, and what curl, Python and Node make of it.
//!
//! The path is built first, without a look at signatures: one issuer after the other, from the store if it has
//! one, else from what was served, and never from there again once a stored one was taken. Then come the
//! extensions of the whole path, the strength of its keys, the name, and at last signatures and dates from the
//! top down. With a callback that lets everything pass (Node's) all errors come up, and the last one stays.

use super::Consumer;
use super::hostname;
use super::problem::{Judge, Judgement, Problem};
use crate::program::doctor::case::{ExpectedName, Role};
use crate::program::doctor::extension::{self, Reading};
use crate::program::doctor::facts::{Facts, Oddity};
use crate::program::doctor::key::{Curve, Hash, Key, SignatureAlgorithm};
use crate::program::doctor::paths::Step;
use crate::program::doctor::revocation;
use crate::program::doctor::rules;
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

/// d2i_X509 wants minimal integers, and little else.
fn parses(facts: &Facts) -> bool {
    !facts.oddities.contains(&Oddity::SerialNotMinimal)
}

/// TLS 1.3 has signature schemes for three curves (RFC 8446 §4.2.3).
const fn is_unusable_curve(key: &Key) -> bool {
    matches!(key, Key::Ec { curve: Some(Curve::P224 | Curve::Secp256k1 | Curve::Brainpool(_)), .. })
}

/// What lies first in OpenSSL's error queue, which is what curl prints, when a key did not make a signature.
fn queued_reason(subject: &Facts, issuer: &Facts) -> &'static str {
    match (&subject.algorithm, &issuer.key) {
        (SignatureAlgorithm::RsaPkcs1(_), Key::Rsa { bits, .. })
            if subject.signature.len() * 8 > bits + 7 =>
        {
            "error:02000077:rsa routines::wrong signature length"
        }
        (SignatureAlgorithm::RsaPkcs1(_) | SignatureAlgorithm::RsaPss(_), _) => {
            "error:0200008A:rsa routines::invalid padding"
        }
        (_, Key::Ec { curve: Some(curve), .. })
            if subject.signature.len() > 2 * usize::from(curve.bits().div_ceil(8)) + 10 =>
        {
            "error:0800009C:elliptic curve routines::bad signature"
        }
        _ => "error:06880006:asn1 encoding routines::EVP lib",
    }
}

fn in_words_of(judge: Judge<'_>, mut problem: Problem) -> Problem {
    match judge.consumer {
        // curl prints what lies first in the queue, and an extension that cannot be cached lies before all else.
        Consumer::Curl if matches!(problem.rule, "malformed-extension" | "duplicate-extension") => {
            problem.error = rules::words(problem.rule, Consumer::Curl);
        }
        Consumer::Curl => {
            if let Some(leaf) = judge.case.served.first().filter(|facts| !is_readable(facts)) {
                problem = judge.problem(unreadable_rule(leaf), leaf);
            }
        }
        // A server of Node's has the code alone (`authorizationError`).
        Consumer::Node if judge.case.role == Role::Client => {
            node_code(&problem.error).clone_into(&mut problem.error);
        }
        _ => {}
    }
    problem
}

/// Of the codes that Node knows; all others are one.
fn node_code(words: &str) -> &'static str {
    match words {
        "unable to get issuer certificate" => "UNABLE_TO_GET_ISSUER_CERT",
        "unable to get local issuer certificate" => "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
        "unable to verify the first certificate" => "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
        "certificate signature failure" => "CERT_SIGNATURE_FAILURE",
        "certificate is not yet valid" => "CERT_NOT_YET_VALID",
        "certificate has expired" => "CERT_HAS_EXPIRED",
        "self-signed certificate" => "DEPTH_ZERO_SELF_SIGNED_CERT",
        "self-signed certificate in certificate chain" => "SELF_SIGNED_CERT_IN_CHAIN",
        "format error in certificate's notBefore field" => "ERROR_IN_CERT_NOT_BEFORE_FIELD",
        "format error in certificate's notAfter field" => "ERROR_IN_CERT_NOT_AFTER_FIELD",
        "certificate chain too long" => "CERT_CHAIN_TOO_LONG",
        "certificate revoked" => "CERT_REVOKED",
        "invalid CA certificate" => "INVALID_CA",
        "path length constraint exceeded" => "PATH_LENGTH_EXCEEDED",
        "unsuitable certificate purpose" => "INVALID_PURPOSE",
        _ => "UNSPECIFIED",
    }
}

fn unreadable_rule(facts: &Facts) -> &'static str {
    if facts.duplicate_extension().is_some() { "duplicate-extension" } else { "malformed-extension" }
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
        if self.flags.checks_name && self.judge.case.role == Role::Server {
            if let Err(problem) = hostname::openssl(self.judge, leaf, self.flags.partial_wildcards) {
                self.problems.push(problem);
            }
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

/// EXFLAG_SS: by names, key identifiers and kind of key, not by the signature.
fn is_self_signed(facts: &Facts) -> bool {
    facts.is_self_issued()
        && key_ids_fit(facts, facts)
        && algorithm_fits(&facts.stated_algorithm(), &facts.key)
}

/// ossl_x509_likely_issued.
fn likely_issued(issuer: &Facts, subject: &Facts) -> bool {
    issuer.subject.matches(&subject.issuer)
        && is_readable(issuer)
        && is_readable(subject)
        && key_ids_fit(issuer, subject)
        && algorithm_fits(&subject.stated_algorithm(), &issuer.key)
}

fn key_ids_fit(issuer: &Facts, subject: &Facts) -> bool {
    let Some(id) = subject.authority_key_id.present() else { return true };
    let key = match (&id.key_id, issuer.subject_key_id.present()) {
        (Some(wanted), Some(found)) => wanted == found,
        _ => true,
    };
    let serial = id.serial.as_ref().is_none_or(|serial| *serial == issuer.serial);
    let name = id.issuer.as_ref().is_none_or(|name| name.matches(&issuer.issuer));
    key && serial && name
}

const fn algorithm_fits(algorithm: &SignatureAlgorithm, key: &Key) -> bool {
    match algorithm {
        SignatureAlgorithm::RsaPkcs1(_) => matches!(key, Key::Rsa { pss_only: false, .. }),
        SignatureAlgorithm::RsaPss(_) => matches!(key, Key::Rsa { .. }),
        SignatureAlgorithm::Ecdsa(_) => matches!(key, Key::Ec { .. }),
        SignatureAlgorithm::Ed25519 => matches!(key, Key::Ed25519),
        SignatureAlgorithm::Ed448 => matches!(key, Key::Ed448),
        SignatureAlgorithm::Other(_) => true,
    }
}

/// Not EXFLAG_INVALID: extensions that it caches can be read, and stand there once.
fn is_readable(facts: &Facts) -> bool {
    let cached = [
        extension::BASIC_CONSTRAINTS,
        extension::KEY_USAGE,
        extension::EXTENDED_KEY_USAGE,
        extension::SUBJECT_KEY_ID,
        extension::AUTHORITY_KEY_ID,
        extension::SUBJECT_ALT_NAME,
        extension::NAME_CONSTRAINTS,
        extension::CRL_DISTRIBUTION_POINTS,
    ];
    let twice = cached.iter().any(|oid| facts.extensions.iter().filter(|e| e.oid == *oid).count() > 1);
    let unreadable = facts.basic_constraints.is_unreadable()
        || facts.key_usage.is_unreadable()
        || facts.extended_key_usage.is_unreadable()
        || facts.subject_key_id.is_unreadable()
        || facts.authority_key_id.is_unreadable()
        || facts.alt_names.is_unreadable()
        || facts.name_constraints.is_unreadable()
        || facts.path_length().is_some_and(|length| length < 0)
        || facts.key_usage.present().is_some_and(|usage| usage.0 == 0);
    !twice && !unreadable
}

fn has_unhandled_critical(facts: &Facts) -> bool {
    const HANDLED: [&str; 10] = [
        extension::KEY_USAGE,
        extension::SUBJECT_ALT_NAME,
        extension::BASIC_CONSTRAINTS,
        extension::CERTIFICATE_POLICIES,
        extension::CRL_DISTRIBUTION_POINTS,
        extension::EXTENDED_KEY_USAGE,
        extension::POLICY_CONSTRAINTS,
        extension::NAME_CONSTRAINTS,
        extension::POLICY_MAPPINGS,
        extension::INHIBIT_ANY_POLICY,
    ];
    // Netscape's certificate type, and OCSP's noCheck.
    const ALSO: [&str; 2] = ["2.16.840.1.113730.1.1", "1.3.6.1.5.5.7.48.1.5"];
    facts.extensions.iter().any(|extension| {
        let oid = extension.oid.as_str();
        extension.critical && !HANDLED.contains(&oid) && !ALSO.contains(&oid)
    })
}

/// X509_check_ca: 0 is none, 1 says so in basicConstraints, 3 is a self-signed v1, 4 has keyUsage alone.
fn authority(facts: &Facts) -> u8 {
    if !is_readable(facts) || facts.key_usage.present().is_some_and(|usage| !usage.key_cert_sign()) {
        return 0;
    }
    match &facts.basic_constraints {
        Reading::Present(constraints) => u8::from(constraints.authority),
        _ if facts.version == 1 && is_self_signed(facts) => 3,
        _ if facts.key_usage.present().is_some() => 4,
        _ => 0,
    }
}

/// Why an issuer is none: three rows that OpenSSL says in one.
fn not_a_ca_rule(facts: &Facts) -> &'static str {
    match &facts.basic_constraints {
        Reading::Unreadable => "malformed-extension",
        Reading::Absent if facts.version < 3 => "v1-issuer",
        Reading::Absent => "missing-basic-constraints",
        Reading::Present(constraints) if !constraints.authority => "not-a-ca",
        Reading::Present(_) => "key-cert-sign",
    }
}

/// The strength that is given to the hash of a signature.
fn signature_bits(facts: &Facts) -> usize {
    match facts.algorithm.hash() {
        Some(Hash::Md5) => 39,
        Some(Hash::Sha1) => 63,
        Some(Hash::Sha224) => 112,
        Some(Hash::Sha256) => 128,
        Some(Hash::Sha384) => 192,
        Some(Hash::Sha512) => 256,
        None if facts.algorithm == SignatureAlgorithm::Ed448 => 224,
        None => 128,
    }
}

/// What OpenSSL calls the name that it was asked for.
pub(super) const fn name_rule(name: &ExpectedName) -> &'static str {
    match name {
        ExpectedName::Dns(_) => "name-mismatch",
        ExpectedName::Ip(_) => "address-mismatch",
    }
}
