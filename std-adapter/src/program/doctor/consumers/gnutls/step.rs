//! One certificate against its issuer: verify_crt.

use super::{Allowed, Flag, Flags, check_time, has_unknown_critical, has_weak_hash, issued};
use crate::program::doctor::consumers::is_of_kind;
use crate::program::doctor::consumers::problem::Judge;
use crate::program::doctor::extension::{AltName, NameConstraints};
use crate::program::doctor::facts::Facts;
use crate::program::doctor::key::{Curve, Key};
use crate::program::doctor::revocation;
use crate::program::doctor::subtrees::{self, LeadingDot};

pub(super) struct Step<'a> {
    pub(super) judge: Judge<'a>,
    pub(super) subject: &'a Facts,
    pub(super) issuer: Option<&'a Facts>,
    pub(super) is_top: bool,
    /// Certificates below the subject.
    pub(super) below: usize,
}

impl<'a> Step<'a> {
    /// verify_crt.
    pub(super) fn check(
        &self,
        constraints: &mut Vec<&'a NameConstraints>,
        allowed: &mut Allowed<'a>,
        flags: &mut Flags<'a>,
    ) {
        let subject = self.subject;
        match self.issuer {
            None => {
                let rule = match (self.below, subject.is_self_issued()) {
                    (0, true) => "self-signed-leaf",
                    _ if self.judge.case.is_stored(subject) => "only-intermediate-stored",
                    _ => "unknown-issuer",
                };
                flags.push((Flag::NoIssuer, rule, subject));
                if has_weak_hash(subject) && !issued(subject, subject) {
                    flags.push((Flag::Insecure, "weak-signature-hash", subject));
                }
            }
            Some(issuer) => {
                self.check_issuer(issuer, allowed, flags);
                constraints.extend(issuer.name_constraints.present());
                self.check_constraints(constraints, flags);
                // "a certificate MUST assert all features of its issuer" (RFC 7633 §4.2.2).
                if issuer.must_staple && !subject.must_staple {
                    flags.push((Flag::Constraints, "issuer-must-staple", subject));
                }
                self.check_signature(issuer, flags);
                let kind = if self.is_top {
                    ["root-not-yet-valid", "root-expired"]
                } else {
                    ["issuer-not-yet-valid", "issuer-expired"]
                };
                check_time(self.judge, issuer, flags, kind);
            }
        }
        let kind = if self.below == 0 {
            ["not-yet-valid", "expired"]
        } else {
            ["issuer-not-yet-valid", "issuer-expired"]
        };
        check_time(self.judge, subject, flags, kind);
        // Of the issuer, and of the leaf.
        for facts in [self.issuer, (self.below == 0).then_some(subject)].into_iter().flatten() {
            if has_unknown_critical(facts) {
                flags.push((Flag::Critical, "unknown-critical-extension", facts));
            }
        }
        if revocation::is_revoked(self.judge.case, subject) {
            flags.push((Flag::Revoked, "revoked", subject));
        }
    }

    fn check_issuer(&self, issuer: &'a Facts, allowed: &mut Allowed<'a>, flags: &mut Flags<'a>) {
        // A trusted one of version 1 need not say that it is an authority; nor need any that is self-signed.
        let is_trusted_of_old = self.is_top && (issuer.version == 1 || issued(issuer, issuer));
        if !(is_trusted_of_old && issuer.basic_constraints.is_absent()) {
            let rule = match (self.is_top, issuer.version, issuer.basic_constraints.is_absent()) {
                (true, ..) => "root-not-a-ca",
                (_, 1, _) => "v1-issuer",
                (_, _, true) => "missing-basic-constraints",
                _ => "not-a-ca",
            };
            if !issuer.is_authority() {
                flags.push((Flag::NotAuthority, rule, issuer));
            } else if let Some(length) = issuer.path_length().and_then(|length| usize::try_from(length).ok())
                && length < allowed.below
            {
                *allowed = Allowed { below: length, by: Some(issuer) };
            }
        }
        let checks_usage = !(self.is_top && issuer.version == 1);
        if checks_usage
            && issuer.key_usage.present().is_some_and(|usage| usage.0 != 0 && !usage.key_cert_sign())
        {
            flags.push((Flag::Constraints, "key-cert-sign", issuer));
        }
    }

    /// Of host names, addresses and mailboxes; directory names are not looked at, nor intermediates.
    fn check_constraints(&self, constraints: &[&NameConstraints], flags: &mut Flags<'a>) {
        if self.below > 0 {
            return;
        }
        let mut names: Vec<AltName> = self.subject.alt_names.present().cloned().unwrap_or_default();
        names.retain(|name| matches!(name, AltName::Dns(_) | AltName::Ip(_) | AltName::Email(_)));
        if self.subject.dns_names().next().is_none() {
            let commons = self.subject.subject.common_names();
            names.extend(commons.map(|common| AltName::Dns(common.to_owned())));
        }
        for name in &names {
            for constraints in constraints {
                if let Err(breach) = subtrees::allow(constraints, name, LeadingDot::OnlyBelow) {
                    let rule = match breach {
                        subtrees::Breach::NotPermitted => "name-not-permitted",
                        subtrees::Breach::Excluded => "name-excluded",
                    };
                    flags.push((Flag::Constraints, rule, self.subject));
                }
            }
        }
    }

    fn check_signature(&self, issuer: &'a Facts, flags: &mut Flags<'a>) {
        let subject = self.subject;
        let is_unknown = |facts: &&'a Facts| {
            matches!(
                facts.key,
                Key::Ec { explicit: true, .. } | Key::Ec { curve: None | Some(Curve::Secp256k1), .. }
            )
        };
        if let Some(facts) = [issuer, subject].into_iter().find(is_unknown) {
            return flags.push((Flag::Insecure, "unsupported-issuer-curve", facts));
        }
        // A key of another kind than the signature's is a constraint to it.
        if !is_of_kind(&issuer.key, &subject.algorithm) {
            flags.push((Flag::Constraints, "bad-signature", subject));
        } else if !subject.signed_by(issuer) {
            flags.push((Flag::Signature, "bad-signature", subject));
        }
        if has_weak_hash(subject) {
            flags.push((Flag::Insecure, "weak-signature-hash", subject));
        }
        if matches!(issuer.key, Key::Rsa { bits: 0..1008, .. }) {
            flags.push((Flag::Insecure, "weak-issuer-key", issuer));
        }
        if self.below == 0 && matches!(subject.key, Key::Rsa { bits: 0..1008, .. }) {
            flags.push((Flag::Insecure, "weak-leaf-key", subject));
        }
    }
}
