//! What curl and Node make of OpenSSL's words.

use super::certificate::{is_readable, unreadable_rule};
use crate::program::doctor::case::Role;
use crate::program::doctor::consumers::Consumer;
use crate::program::doctor::consumers::problem::{Judge, Problem};
use crate::program::doctor::facts::Facts;
use crate::program::doctor::key::{Key, SignatureAlgorithm};
use crate::program::doctor::rules;

/// What lies first in OpenSSL's error queue, which is what curl prints, when a key did not make a signature.
pub(super) fn queued_reason(subject: &Facts, issuer: &Facts) -> &'static str {
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

pub(super) fn in_words_of(judge: Judge<'_>, mut problem: Problem) -> Problem {
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
pub(super) fn node_code(words: &str) -> &'static str {
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
