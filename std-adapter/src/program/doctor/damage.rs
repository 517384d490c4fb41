//! Certificates that are none: so damaged that even lenient readers give up.

use super::case::Case;
use super::consumers::Consumer;
use super::facts::{Facts, Unreadable};
use super::finding::{Finding, Severity};
use super::verdict::{self, Verdict};

/// One of them.
#[derive(Debug)]
pub(super) struct Damage {
    /// By its place as served.
    index: usize,
    reason: Unreadable,
}

/// The certificates that can be read, and those that cannot.
pub(super) fn read(chain: &[Vec<u8>]) -> (Vec<Facts>, Vec<Damage>) {
    let (mut served, mut damages) = (Vec::new(), Vec::new());
    for (index, der) in chain.iter().enumerate() {
        match Facts::parse(der) {
            Ok(facts) => served.push(facts),
            Err(reason) => damages.push(Damage { index, reason }),
        }
    }
    // Without its leaf a chain is none.
    if damages.first().is_some_and(|damage| damage.index == 0) {
        served.clear();
    }
    (served, damages)
}

impl Damage {
    /// Whoever reads the whole chain refuses it. webpki looks at an issuer only when it needs one, and passes over
    /// those that it cannot read.
    pub(super) fn verdicts(&self, rest: &Case, consumers: &[Consumer]) -> Vec<Verdict> {
        let judge = |consumer: &Consumer| match consumer {
            Consumer::Rustls if !rest.served.is_empty() => verdict::verdicts(rest, &[Consumer::Rustls]),
            consumer => vec![Verdict {
                consumer: consumer.name(),
                version: consumer.version(),
                accepts: false,
                error: None,
                basis: verdict::Basis::Source,
                rule: None,
                certificate: Some(self.index),
            }],
        };
        consumers.iter().flat_map(judge).collect()
    }

    pub(super) fn finding(&self) -> Finding {
        Finding {
            certificate: Some(self.index),
            rule: "unreadable-certificate",
            section: "RFC 5280 section 4.1",
            severity: Severity::Error,
            message: format!(
                "is no certificate: {}; the others are shown, and numbered, without it",
                self.reason
            ),
            fix: Some("replace it by what its authority issued, or take it out".to_owned()),
        }
    }
}
