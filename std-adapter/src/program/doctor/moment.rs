//! Points in time: read from the command line, and shown to people.

use std::time::{SystemTime, UNIX_EPOCH};
use time::format_description::well_known::Rfc3339;
use time::{Date, OffsetDateTime, Time};

/// RFC 3339, a date alone (its midnight, UTC), or Unix seconds.
pub(crate) fn parse(text: &str) -> Result<i64, String> {
    if let Ok(seconds) = text.parse::<i64>() {
        return match OffsetDateTime::from_unix_timestamp(seconds) {
            Ok(_) => Ok(seconds),
            Err(_) => Err("no certificate knows a year beyond 9999: are these milliseconds?".to_owned()),
        };
    }
    if let Ok(moment) = OffsetDateTime::parse(text, &Rfc3339) {
        return Ok(moment.unix_timestamp());
    }
    let day = time::macros::format_description!("[year]-[month]-[day]");
    match Date::parse(text, day) {
        Ok(date) => Ok(date.with_time(Time::MIDNIGHT).assume_utc().unix_timestamp()),
        Err(_) => Err("a time is 2026-11-24T08:19:29Z (RFC 3339), 2026-11-24, or Unix seconds".to_owned()),
    }
}

/// This moment, by the host's clock.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// As people read it: `2026-11-24 08:19:29 UTC`.
pub(crate) fn shown(seconds: i64) -> String {
    rfc3339(seconds).replace('T', " ").replace('Z', " UTC")
}

/// The day alone: `2026-11-24`.
pub(crate) fn day(seconds: i64) -> String {
    let text = rfc3339(seconds);
    text.split('T').next().unwrap_or(&text).to_owned()
}

/// As programs read it.
pub(crate) fn rfc3339(seconds: i64) -> String {
    let formatted = OffsetDateTime::from_unix_timestamp(seconds).ok().and_then(|t| t.format(&Rfc3339).ok());
    formatted.unwrap_or_else(|| format!("{seconds} s after 1970"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_in_each_of_its_three_forms() {
        // RFC 3339 §5.8's second example, with the offset that it explains.
        assert_eq!(parse("1996-12-19T16:39:57-08:00"), parse("1996-12-20T00:39:57Z"));
        assert_eq!(parse("1970-01-02"), Ok(86_400));
        assert_eq!(parse("-1"), Ok(-1));
    }

    #[test]
    fn milliseconds_are_not_taken_for_seconds() {
        assert!(parse("1763972369000").is_err());
    }

    #[test]
    fn a_time_is_shown_as_it_was_read() {
        let moment = parse("2049-12-31T23:59:59Z").unwrap();
        assert_eq!((shown(moment).as_str(), day(moment).as_str()), ("2049-12-31 23:59:59 UTC", "2049-12-31"));
    }
}
