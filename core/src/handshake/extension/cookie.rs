//! cookie (RFC 8446 §4.2.2).

use super::{ExtensionType, write};
use crate::codec::{Reader, Writer};
use crate::error::Limit;
use crate::error::inner::Error;
use crate::limits::MAX_COOKIE;

/// `opaque cookie<1..2^16-1>`, as long as we echo it.
pub(crate) fn parse(body: &[u8]) -> Result<&[u8], Error> {
    let mut reader = Reader::new(body, "cookie");
    let cookie = reader.vector_u16(1)?;
    reader.finish()?;
    if cookie.len() > MAX_COOKIE {
        return Err(Limit::Cookie { length: cookie.len(), limit: MAX_COOKIE }.into());
    }
    Ok(cookie)
}

pub(crate) fn write_cookie(writer: &mut Writer<'_>, cookie: &[u8]) {
    write(writer, ExtensionType::COOKIE, |w| w.vector::<2>(|w| w.bytes(cookie)));
}
