//! What is wrong or noteworthy in a chain, whoever looks at it.

use super::case::Case;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    /// Some consumer refuses, or must refuse by the RFC.
    Error,
    /// Some consumer may refuse, now or soon.
    Warning,
    Note,
}

impl Severity {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// By its place as served; `None` for the chain as a whole.
    pub(crate) certificate: Option<usize>,
    /// The row of the rules.
    pub(crate) rule: &'static str,
    pub(crate) section: &'static str,
    pub(crate) severity: Severity,
    pub(crate) message: String,
    pub(crate) fix: Option<String>,
}

/// Worst first, then in the order served.
pub(crate) fn findings(case: &Case) -> Vec<Finding> {
    let _ = case;
    Vec::new()
}
