//! Time: how certificates are checked against it, and how they write it (RFC 5280 §4.1.2.5).

use super::Rule;
use super::der::{Der, Malformed};
use core::fmt;
use core::time::Duration;
use der::{DateTime, Tag};

/// Seconds since 1970-01-01T00:00:00Z, leap seconds not counted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct UnixTime(pub u64);

/// Against which time certificates are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Validity {
    /// The time is known: notBefore ≤ now ≤ notAfter (RFC 5280 §6.1.3 (a)(2)).
    At(UnixTime),
    /// The board has no clock, but it cannot be earlier than this: the time its firmware was built.
    /// Refuses certificates whose notAfter lies before it. Their notBefore is not checked, nor is an
    /// expiry after the build noticed.
    NotBefore(UnixTime),
    /// Validity periods are not checked. A certificate whose key was stolen long ago, and let
    /// expire for that, is accepted.
    NotChecked,
}

impl Validity {
    /// Applies the rule to one certificate's validity period.
    pub(super) fn check(self, not_before: UnixTime, not_after: UnixTime) -> Result<(), Rule> {
        match self {
            Self::At(now) if now > not_after => Err(Rule::Expired { not_after, now }),
            Self::At(now) if now < not_before => Err(Rule::NotYetValid { not_before, now }),
            Self::NotBefore(built) if built > not_after => Err(Rule::ExpiredBeforeBuild { not_after, built }),
            Self::At(_) | Self::NotBefore(_) | Self::NotChecked => Ok(()),
        }
    }
}

impl UnixTime {
    /// Reads a Time: UTCTime from 1950 through 2049, or GeneralizedTime from 1970 on, both in Zulu
    /// with seconds and without fractions (RFC 5280 §4.1.2.5.1, §4.1.2.5.2). Years before 1970 read
    /// as 1970.
    ///
    /// Authorities MUST write years through 2049 as UTCTime (§4.1.2.5), but a root in the public
    /// trust stores (Certum Trusted Network CA 2) does not, and it can be read in one way only.
    pub(super) fn parse(validity: &mut Der<'_>) -> Result<Self, Malformed> {
        let (year, rest) = match validity.any()? {
            (Tag::UtcTime, [y0, y1, rest @ ..]) => match digits(*y0, *y1) {
                Some(year @ 50..) => (u16::from(year).checked_add(1900), rest),
                Some(year) => (u16::from(year).checked_add(2000), rest),
                None => return Err(validity.malformed()),
            },
            (Tag::GeneralizedTime, [c0, c1, y0, y1, rest @ ..]) => {
                let century = digits(*c0, *c1).and_then(|century| u16::from(century).checked_mul(100));
                let year = digits(*y0, *y1).map(u16::from);
                let year = century.zip(year).and_then(|(century, year)| century.checked_add(year));
                (year.filter(|year| *year >= 1970), rest)
            }
            _ => return Err(validity.malformed()),
        };
        let (Some(year), &[m0, m1, d0, d1, h0, h1, n0, n1, s0, s1, b'Z']) = (year, rest) else {
            return Err(validity.malformed());
        };
        let fields = (digits(m0, m1), digits(d0, d1), digits(h0, h1), digits(n0, n1), digits(s0, s1));
        let (Some(month), Some(day), Some(hour), Some(minute), Some(second)) = fields else {
            return Err(validity.malformed());
        };
        // A year before 1970 is only checked for a lawful date, in a year of the same calendar.
        let time = DateTime::new(
            if year < 1970 { same_calendar(year) } else { year },
            month,
            day,
            hour,
            minute,
            second,
        )
        .map_err(|_| validity.malformed())?;
        Ok(Self(if year < 1970 { 0 } else { time.unix_duration().as_secs() }))
    }
}

/// A year after 1970 that is leap exactly when `year`, in 1950..=1969, is.
fn same_calendar(year: u16) -> u16 {
    if year.is_multiple_of(4) { 1972 } else { 1970 }
}

/// The number that two ASCII digits write.
fn digits(tens: u8, units: u8) -> Option<u8> {
    if !tens.is_ascii_digit() || !units.is_ascii_digit() {
        return None;
    }
    tens.checked_sub(b'0')?.checked_mul(10)?.checked_add(units.checked_sub(b'0')?)
}

impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match DateTime::from_unix_duration(Duration::from_secs(self.0)) {
            Ok(time) => write!(
                f,
                "{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC",
                time.year(),
                time.month(),
                time.day(),
                time.hour(),
                time.minutes(),
                time.seconds()
            ),
            Err(_) => write!(f, "after the year 9999 ({} s since 1970)", self.0),
        }
    }
}

impl fmt::Debug for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::panic)]
mod tests {
    extern crate std;
    use super::*;
    use std::string::ToString;
    use std::vec::Vec;

    fn parse(tag: u8, text: &str) -> Result<UnixTime, Rule> {
        let mut der = Vec::from([tag, u8::try_from(text.len()).unwrap()]);
        der.extend_from_slice(text.as_bytes());
        let mut reader = Der::new(&der, "Validity").unwrap();
        Ok(UnixTime::parse(&mut reader)?)
    }
    fn utc(text: &str) -> Result<UnixTime, Rule> {
        parse(0x17, text)
    }
    fn generalized(text: &str) -> Result<UnixTime, Rule> {
        parse(0x18, text)
    }

    #[test]
    fn reads_what_it_prints() {
        assert_eq!(utc("700101000000Z"), Ok(UnixTime(0)));
        assert_eq!(utc("260131235959Z").unwrap().to_string(), "2026-01-31 23:59:59 UTC");
        assert_eq!(utc("491231235959Z").unwrap().to_string(), "2049-12-31 23:59:59 UTC");
        assert_eq!(generalized("20500101000000Z").unwrap().to_string(), "2050-01-01 00:00:00 UTC");
        assert_eq!(generalized("20460101000000Z"), utc("460101000000Z"));
        assert_eq!(generalized("19700101000000Z"), Ok(UnixTime(0)));
        assert_eq!(generalized("99991231235959Z").unwrap().to_string(), "9999-12-31 23:59:59 UTC");
        assert_eq!(utc("240229120000Z").unwrap(), UnixTime(1_709_208_000));
        assert_eq!(UnixTime(u64::MAX).to_string(), "after the year 9999 (18446744073709551615 s since 1970)");
    }

    #[test]
    fn utc_time_pivots_at_1950() {
        assert_eq!(utc("500101000000Z"), Ok(UnixTime(0)));
        assert_eq!(utc("680229000000Z"), Ok(UnixTime(0)));
        assert!(utc("690229000000Z").is_err());
        assert!(utc("491231235959Z").unwrap() > UnixTime(2_000_000_000));
    }

    #[test]
    fn refuses_dates_that_do_not_exist_and_other_spellings() {
        for bad in [
            "230229000000Z",
            "261301000000Z",
            "260001000000Z",
            "260132000000Z",
            "260100000000Z",
            "260101240000Z",
            "260101006000Z",
            "260101000060Z",
            "2601010000Z",
            "260101000000",
            "260101000000+0000",
            "260101000000z",
            "26010100000 Z",
            "2601010000000Z",
            "-60101000000Z",
            "",
            "2",
            "26",
        ] {
            assert!(utc(bad).is_err(), "{bad}");
        }
        for bad in [
            "19691231235959Z",
            "00000101000000Z",
            "20500101000000.5Z",
            "205001010000Z",
            "20500101000000",
            "20500101000000+0000",
            "205",
            "",
        ] {
            assert!(generalized(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn bounds_of_validity_are_inclusive() {
        let (from, to) = (UnixTime(100), UnixTime(200));
        for now in [100, 150, 200] {
            assert_eq!(Validity::At(UnixTime(now)).check(from, to), Ok(()));
        }
        assert_eq!(
            Validity::At(UnixTime(99)).check(from, to),
            Err(Rule::NotYetValid { not_before: from, now: UnixTime(99) })
        );
        assert_eq!(
            Validity::At(UnixTime(201)).check(from, to),
            Err(Rule::Expired { not_after: to, now: UnixTime(201) })
        );
    }

    #[test]
    fn a_board_without_a_clock_refuses_what_expired_before_it_was_built() {
        let (from, to) = (UnixTime(100), UnixTime(200));
        assert_eq!(Validity::NotBefore(UnixTime(50)).check(from, to), Ok(()));
        assert_eq!(Validity::NotBefore(UnixTime(200)).check(from, to), Ok(()));
        assert_eq!(
            Validity::NotBefore(UnixTime(201)).check(from, to),
            Err(Rule::ExpiredBeforeBuild { not_after: to, built: UnixTime(201) })
        );
        assert_eq!(Validity::NotChecked.check(from, to), Ok(()));
    }
}
