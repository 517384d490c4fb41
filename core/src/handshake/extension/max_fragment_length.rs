//! max_fragment_length (RFC 6066 §4): record_size_limit's forerunner, for peers that know no other. One length for
//! both directions, which the client asks for and the server repeats.

use super::{ExtensionType, write};
use crate::codec::{Reader, Writer};
use crate::error::Misbehaved;
use crate::error::inner::Error;

/// 2^9, 2^10, 2^11 or 2^12 bytes of content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MaxFragmentLength(u8);

impl MaxFragmentLength {
    /// The largest that a receiver of inner plaintexts of `limit` bytes can take: content, and one byte for its type.
    /// `None` if it cannot take the smallest.
    pub(crate) const fn within(limit: u16) -> Option<Self> {
        match limit {
            ..=512 => None,
            513..=1024 => Some(Self(1)),
            1025..=2048 => Some(Self(2)),
            2049..=4096 => Some(Self(3)),
            4097.. => Some(Self(4)),
        }
    }

    /// "If a server receives a maximum fragment length negotiation request for a value other than the allowed values, it
    /// MUST abort the handshake with an "illegal_parameter" alert."
    pub(crate) fn parse(body: &[u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(body, "max_fragment_length");
        let value = reader.u8()?;
        reader.finish()?;
        match value {
            1..=4 => Ok(Self(value)),
            _ => Err(Misbehaved::UnknownValue { field: "max_fragment_length" }.into()),
        }
    }

    /// The longest content of a record.
    pub(crate) const fn bytes(self) -> u16 {
        match self.0 {
            1 => 512,
            2 => 1024,
            3 => 2048,
            _ => 4096,
        }
    }

    pub(crate) fn write(self, writer: &mut Writer<'_>) {
        write(writer, ExtensionType::MAX_FRAGMENT_LENGTH, |w| w.u8(self.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_that_fits_is_asked_for() {
        for (limit, bytes) in [
            (64, None),
            (512, None),
            (513, Some(512)),
            (1024, Some(512)),
            (1025, Some(1024)),
            (4096, Some(2048)),
            (4097, Some(4096)),
            (16_385, Some(4096)),
        ] {
            assert_eq!(MaxFragmentLength::within(limit).map(MaxFragmentLength::bytes), bytes, "{limit}");
        }
    }

    #[test]
    fn four_values_are_lawful() {
        for (value, bytes) in [(1, 512), (2, 1024), (3, 2048), (4, 4096)] {
            assert_eq!(MaxFragmentLength::parse(&[value]).map(MaxFragmentLength::bytes), Ok(bytes));
        }
        for bad in [&[0][..], &[5], &[255], &[], &[1, 1]] {
            assert!(MaxFragmentLength::parse(bad).is_err(), "{bad:?}");
        }
    }
}
