//! Where the doctor and a consumer disagree, and why that stands. Whatever is not here is a bug of the doctor.

pub(crate) struct Explained {
    pub(crate) consumer: &'static str,
    /// The case's name, or a defect that a random case is named after.
    pub(crate) case: &'static str,
    pub(crate) reason: &'static str,
}

pub(crate) const EXPLAINED: &[Explained] = &[];

/// Why this disagreement stands, if it does.
pub(crate) fn reason(consumer: &str, case: &str) -> Option<&'static str> {
    let fits = |row: &&Explained| {
        row.consumer == consumer
            && (row.case == case || case.split('+').skip(1).any(|defect| defect == row.case))
    };
    EXPLAINED.iter().find(fits).map(|row| row.reason)
}
