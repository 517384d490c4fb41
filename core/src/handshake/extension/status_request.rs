//! status_request (RFC 6066 §8; in TLS 1.3 the answer comes with the certificate, RFC 8446 §4.4.2.1).

use super::{ExtensionType, write};
use crate::codec::{Reader, Writer};
use crate::error::Decode;

/// CertificateStatusType: the one that there is.
pub(crate) const OCSP: u8 = 1;

/// Whether the client asks for an OCSP response. Which responders it trusts, and what it would tell them, is of
/// no use to a server that has one response.
pub(crate) fn parse_request(body: &[u8]) -> Result<bool, Decode> {
    let mut request = Reader::new(body, "CertificateStatusRequest");
    if request.u8()? != OCSP {
        return Ok(false);
    }
    let responders = request.vector_u16(0)?;
    let _extensions = request.vector_u16(0)?;
    request.finish()?;
    let mut responders = Reader::new(responders, "CertificateStatusRequest");
    while !responders.is_empty() {
        responders.vector_u16(1)?;
    }
    Ok(true)
}

/// Asks for a response from whichever responder.
pub(crate) fn write_request(writer: &mut Writer<'_>) {
    write(writer, ExtensionType::STATUS_REQUEST, |w| {
        w.u8(OCSP);
        w.vector::<2>(|_| ());
        w.vector::<2>(|_| ());
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_whole_or_not_at_all() {
        assert_eq!(parse_request(&[1, 0, 0, 0, 0]), Ok(true));
        assert_eq!(parse_request(&[1, 0, 4, 0, 2, 7, 7, 0, 1, 9]), Ok(true));
        assert_eq!(parse_request(&[2, 9, 9]), Ok(false));
        for bad in
            [&[][..], &[1], &[1, 0, 0, 0], &[1, 0, 0, 0, 0, 0], &[1, 0, 2, 0, 0, 0, 0], &[1, 0, 1, 0, 0, 0]]
        {
            assert!(parse_request(bad).is_err(), "{bad:?}");
        }
    }
}
