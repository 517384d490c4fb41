//! What can be wrong with a chain, or looks as if it were: each an edit of a sound draft, so that they combine.

mod authority;
mod client;
mod encoding;
mod leaf;
mod names;
mod trust;

use crate::draft::Draft;
use fastrand::Rng;

/// The name of a defect, and how it is made. The random numbers choose where there is a choice.
pub(crate) type Defect = (&'static str, fn(&mut Draft, &mut Rng));

/// Those of a server's chain.
pub(crate) fn all() -> Vec<Defect> {
    [leaf::DEFECTS, authority::DEFECTS, names::DEFECTS, encoding::DEFECTS, trust::DEFECTS].concat()
}

/// Those of a client's chain, for mutual TLS.
pub(crate) fn of_clients() -> &'static [Defect] {
    client::DEFECTS
}
