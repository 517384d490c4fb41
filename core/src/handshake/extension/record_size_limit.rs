//! record_size_limit (RFC 8449 §4): the largest TLSInnerPlaintext of a protected record that whoever sends it
//! takes. Each side has its own.

use super::{ExtensionType, write};
use crate::codec::{Reader, Writer};
use crate::error::Misbehaved;
use crate::error::inner::Error;
use crate::record::MAX_PLAINTEXT;

/// "Endpoints MUST NOT send a "record_size_limit" extension with a value smaller than 64."
pub(crate) const SMALLEST: u16 = 64;
/// The content of the largest record and its type (RFC 8446 §5.4).
pub(crate) const LARGEST: u16 = MAX_PLAINTEXT as u16 + 1;

/// What the peer takes. A client's may be larger than any record of ours: "A server MUST NOT enforce this
/// restriction; a client might advertise a higher limit that is enabled by an extension or version the server does not
/// understand."
pub(crate) fn parse(body: &[u8]) -> Result<u16, Error> {
    let mut reader = Reader::new(body, "record_size_limit");
    let limit = reader.u16()?;
    reader.finish()?;
    // "An endpoint MUST treat receipt of a smaller value as a fatal error and generate an "illegal_parameter" alert."
    if limit < SMALLEST {
        return Err(Misbehaved::UnknownValue { field: "record_size_limit" }.into());
    }
    Ok(limit)
}

/// A server's: it knows the version, and what that allows.
pub(crate) fn parse_answer(body: &[u8]) -> Result<u16, Error> {
    match parse(body)? {
        limit if limit > LARGEST => Err(Misbehaved::UnknownValue { field: "record_size_limit" }.into()),
        limit => Ok(limit),
    }
}

pub(crate) fn write_limit(writer: &mut Writer<'_>, limit: u16) {
    write(writer, ExtensionType::RECORD_SIZE_LIMIT, |w| w.u16(limit));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_have_bounds() {
        assert_eq!(parse(&[0, 64]), Ok(64));
        assert_eq!(parse(&[0xff, 0xff]), Ok(0xffff));
        assert_eq!(parse_answer(&[0x40, 1]), Ok(16_385));
        for bad in [&[0, 63][..], &[0, 0]] {
            let illegal = Misbehaved::UnknownValue { field: "record_size_limit" };
            assert_eq!(parse(bad), Err(illegal.into()), "{bad:?}");
        }
        assert!(parse_answer(&[0x40, 2]).is_err());
        for bad in [&[][..], &[0], &[0, 64, 0]] {
            assert!(parse(bad).is_err(), "{bad:?}");
        }
    }
}
