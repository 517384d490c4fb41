//! signature_algorithms (RFC 8446 §4.2.3).

use super::{ExtensionType, write};
use crate::codec::{Reader, U16List, Writer};
use crate::crypto::SignatureScheme;
use crate::error::Decode;

pub(crate) fn parse(body: &[u8]) -> Result<U16List<'_>, Decode> {
    let mut reader = Reader::new(body, "signature_algorithms");
    let list = reader.u16_list()?;
    reader.finish()?;
    Ok(list)
}

pub(crate) fn write_list(writer: &mut Writer<'_>, schemes: impl Iterator<Item = SignatureScheme>) {
    write(writer, ExtensionType::SIGNATURE_ALGORITHMS, |w| {
        w.vector::<2>(|w| schemes.for_each(|scheme| w.u16(scheme.0)));
    });
}

/// The schemes of a list that streams by which we could sign a handshake with, a bit each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Accepted(u8);

/// What [`SignatureScheme::signs_handshakes`] is true of.
const SIGN_HANDSHAKES: [SignatureScheme; 6] = [
    SignatureScheme::ECDSA_SECP256R1_SHA256,
    SignatureScheme::ECDSA_SECP384R1_SHA384,
    SignatureScheme::RSA_PSS_RSAE_SHA256,
    SignatureScheme::RSA_PSS_RSAE_SHA384,
    SignatureScheme::RSA_PSS_RSAE_SHA512,
    SignatureScheme::ED25519,
];

impl Accepted {
    pub(crate) fn note(&mut self, scheme: SignatureScheme) {
        self.0 |= bit(scheme);
    }

    pub(crate) fn contains(self, scheme: SignatureScheme) -> bool {
        self.0 & bit(scheme) != 0
    }
}

/// Zero for a scheme that signs no handshake.
fn bit(scheme: SignatureScheme) -> u8 {
    let place = SIGN_HANDSHAKES.iter().position(|known| *known == scheme);
    place.and_then(|place| u32::try_from(place).ok()).and_then(|place| 1u8.checked_shl(place)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scheme_that_signs_handshakes_and_no_other_is_noted() {
        for scheme in (0..=u16::MAX).map(SignatureScheme) {
            let mut accepted = Accepted::default();
            accepted.note(scheme);
            assert_eq!(accepted.contains(scheme), scheme.signs_handshakes(), "{scheme}");
            assert_eq!(accepted != Accepted::default(), scheme.signs_handshakes(), "{scheme}");
        }
    }
}
