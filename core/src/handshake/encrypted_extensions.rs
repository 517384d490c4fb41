//! EncryptedExtensions (RFC 8446 §4.3.1).

use super::HandshakeType;
use super::extension::Extensions;
use crate::codec::Reader;
use crate::error::inner::Error;

pub(crate) fn parse(body: &[u8]) -> Result<Extensions<'_>, Error> {
    let mut reader = Reader::new(body, "EncryptedExtensions");
    let extensions = Extensions::parse(&mut reader)?;
    reader.finish()?;
    extensions.check_places(HandshakeType::ENCRYPTED_EXTENSIONS, false)?;
    Ok(extensions)
}
