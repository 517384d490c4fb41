//! Certificate revocation lists (RFC 5280 §5), as far as they say which serial numbers are revoked.

use super::ber::{Elements, GENERALIZED_TIME, INTEGER, SEQUENCE, UTC_TIME};
use super::case::Case;
use super::distinguished_name::Name;
use super::facts::Facts;

struct RevocationList {
    issuer: Name,
    serials: Vec<Vec<u8>>,
}

impl RevocationList {
    fn parse(der: &[u8]) -> Option<Self> {
        let mut list =
            Elements(Elements(Elements(der).expect(SEQUENCE)?.contents).expect(SEQUENCE)?.contents);
        let _version = list.expect(INTEGER);
        list.expect(SEQUENCE)?;
        let issuer = Name::parse(list.expect(SEQUENCE)?.whole);
        for _this_and_next_update in 0..2 {
            let _ = list.expect(UTC_TIME).or_else(|| list.expect(GENERALIZED_TIME));
        }
        let revoked = list.expect(SEQUENCE).map_or(&[][..], |revoked| revoked.contents);
        let serials = Elements(revoked)
            .filter_map(|entry| Some(Elements(entry.contents).expect(INTEGER)?.contents.to_vec()))
            .collect();
        Some(Self { issuer, serials })
    }
}

/// Whether a list of its issuer has it.
pub(crate) fn is_revoked(case: &Case, facts: &Facts) -> bool {
    case.crls
        .iter()
        .filter_map(|der| RevocationList::parse(der))
        .any(|list| list.issuer.matches(&facts.issuer) && list.serials.contains(&facts.serial))
}
