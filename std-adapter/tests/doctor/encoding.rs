//! DER as it is written, right or wrong: nothing here checks what it is given.

use der::asn1::ObjectIdentifier;
use time::OffsetDateTime;

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const NULL: u8 = 0x05;
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(crate) const UTF8_STRING: u8 = 0x0c;
pub(crate) const PRINTABLE_STRING: u8 = 0x13;
pub(crate) const UTC_TIME: u8 = 0x17;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;

pub(crate) fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut out = vec![tag];
    match length {
        0..0x80 => out.push(length as u8),
        0x80..0x100 => out.extend([0x81, length as u8]),
        0x100..0x10000 => out.extend([0x82, (length >> 8) as u8, length as u8]),
        _ => out.extend([0x83, (length >> 16) as u8, (length >> 8) as u8, length as u8]),
    }
    out.extend_from_slice(content);
    out
}

pub(crate) fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(SEQUENCE, &parts.concat())
}

/// An element in a context-specific tag of its own; `number` has bit 5 set for constructed ones.
pub(crate) fn context(number: u8, content: &[u8]) -> Vec<u8> {
    tlv(0x80 | number, content)
}

pub(crate) const CONSTRUCTED: u8 = 0x20;

pub(crate) fn identifier(dotted: &str) -> Vec<u8> {
    tlv(OBJECT_IDENTIFIER, ObjectIdentifier::new_unwrap(dotted).as_bytes())
}

/// An unsigned INTEGER from its big-endian bytes.
pub(crate) fn unsigned(bytes: &[u8]) -> Vec<u8> {
    let first = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
    let mut content = bytes[first..].to_vec();
    if content.first().is_none_or(|byte| *byte >= 0x80) {
        content.insert(0, 0);
    }
    tlv(INTEGER, &content)
}

pub(crate) fn bit_string(bytes: &[u8]) -> Vec<u8> {
    tlv(BIT_STRING, &[&[0], bytes].concat())
}

/// A BIT STRING of named flags, the first flag first, without trailing zero bits (X.690 §11.2.2).
pub(crate) fn flags(set: &[u8]) -> Vec<u8> {
    let Some(last) = set.iter().max() else { return tlv(BIT_STRING, &[0]) };
    let mut content = vec![0; usize::from(last / 8) + 2];
    content[0] = 7 - last % 8;
    for flag in set {
        content[usize::from(flag / 8) + 1] |= 0x80 >> (flag % 8);
    }
    tlv(BIT_STRING, &content)
}

/// How a date is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimeForm {
    /// UTCTime until 2049, GeneralizedTime from 2050, as RFC 5280 §4.1.2.5 has it.
    Standard,
    /// GeneralizedTime though UTCTime is due.
    Generalized,
    /// UTCTime without seconds, which BER allows and RFC 5280 does not.
    WithoutSeconds,
    /// UTCTime with an offset in place of `Z`.
    WithOffset,
}

pub(crate) fn time(seconds: i64, form: TimeForm) -> Vec<u8> {
    let at = OffsetDateTime::from_unix_timestamp(seconds).unwrap();
    let seconds =
        if form == TimeForm::WithoutSeconds { String::new() } else { format!("{:02}", at.second()) };
    let zone = if form == TimeForm::WithOffset { "+0000" } else { "Z" };
    let rest = format!(
        "{:02}{:02}{:02}{:02}{seconds}{zone}",
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute()
    );
    if form != TimeForm::Generalized && (1950..2050).contains(&at.year()) {
        tlv(UTC_TIME, format!("{:02}{rest}", at.year() % 100).as_bytes())
    } else {
        tlv(GENERALIZED_TIME, format!("{:04}{rest}", at.year()).as_bytes())
    }
}
