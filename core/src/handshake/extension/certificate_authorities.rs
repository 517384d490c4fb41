//! certificate_authorities (RFC 8446 §4.2.4).

use super::{ExtensionType, write};
use crate::certificate::{Certificate, DistinguishedName};
use crate::codec::Writer;
use crate::config::Credential;
use crate::limits::MAX_CLIENT_CREDENTIALS;

/// The extension's body: the names' list and its length.
const LONGEST: usize = 0xffff;

/// Whether these names can be said: `DistinguishedName authorities<3..2^16-1>`, each `opaque <1..2^16-1>`, with room
/// for the list's own length in the extension. An issuer's name is never empty (RFC 5280 §4.1.2.4).
pub(crate) fn can_be_written(authorities: &[DistinguishedName<'_>]) -> bool {
    // What else stands in the list of extensions is at most some hundred bytes.
    const ROOM: usize = LONGEST - 1024;
    let length = authorities
        .iter()
        .fold(0, |sum: usize, name| sum.saturating_add(name.as_contents().len()).saturating_add(2 + 1 + 3));
    length <= ROOM && authorities.iter().all(|name| !name.is_empty())
}

pub(crate) fn write_list(writer: &mut Writer<'_>, authorities: &[DistinguishedName<'_>]) {
    write(writer, ExtensionType::CERTIFICATE_AUTHORITIES, |w| {
        w.vector::<2>(|w| authorities.iter().for_each(|name| w.vector::<2>(|w| write_name(w, name))));
    });
}

/// A Name: SEQUENCE and its length in DER, then the contents.
fn write_name(writer: &mut Writer<'_>, name: &DistinguishedName<'_>) {
    let contents = name.as_contents();
    writer.u8(SEQUENCE);
    match contents.len().to_be_bytes() {
        [.., 0, low @ 0..=0x7f] => writer.u8(low),
        [.., 0, low] => writer.bytes(&[0x81, low]),
        [.., high, low] => writer.bytes(&[0x82, high, low]),
    }
    writer.bytes(contents);
}

const SEQUENCE: u8 = 0x30;

/// The reverse; `None` for what is no Name, or an empty one: no authority has it.
fn read_name(der: &[u8]) -> Option<DistinguishedName<'_>> {
    let (length, contents) = match der {
        [SEQUENCE, length @ 0..=0x7f, contents @ ..] => (usize::from(*length), contents),
        [SEQUENCE, 0x81, length @ 0x80..=0xff, contents @ ..] => (usize::from(*length), contents),
        [SEQUENCE, 0x82, high @ 1..=0xff, low, contents @ ..] => {
            (usize::from(u16::from_be_bytes([*high, *low])), contents)
        }
        _ => return None,
    };
    let name = DistinguishedName::from_contents(contents);
    (contents.len() == length && !name.is_empty()).then_some(name)
}

/// Which of our credentials an authority that was named has issued, a bit each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Issued(u32);

const _: () = assert!(MAX_CLIENT_CREDENTIALS == u32::BITS as usize);

impl Issued {
    /// Notes whom the authority of this name, in DER, has issued.
    pub(crate) fn note(&mut self, der: &[u8], credentials: &[Credential<'_>]) {
        let Some(authority) = read_name(der) else {
            return;
        };
        for (credential, bit) in credentials.iter().zip(bits()) {
            if self.0 & bit == 0 && credential.chain.iter().any(|certificate| is_of(certificate, &authority))
            {
                self.0 |= bit;
            }
        }
    }

    pub(crate) fn contains(self, index: usize) -> bool {
        bits().nth(index).is_some_and(|bit| self.0 & bit != 0)
    }
}

fn bits() -> impl Iterator<Item = u32> {
    (0..u32::BITS).map(|place| 1 << place)
}

fn is_of(certificate: &[u8], authority: &DistinguishedName<'_>) -> bool {
    Certificate::parse(certificate).is_ok_and(|certificate| certificate.issuer().matches(authority))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]
mod tests {
    use super::*;

    #[test]
    fn names_of_every_length_of_length_read_back_as_the_same_names() {
        for length in [1, 0x7f, 0x80, 0xff, 0x100, 5000] {
            let (contents, mut room) = ([7; 5000], [0; 6000]);
            let name = DistinguishedName::from_contents(&contents[..length]);
            let mut writer = Writer::new(&mut room);
            write_name(&mut writer, &name);
            let written = writer.finish().unwrap();
            assert_eq!(read_name(&room[..written]), Some(name), "{length}");
            assert_eq!(read_name(&room[..written - 1]), None, "{length} cut short");
            assert_eq!(read_name(&room[..written + 1]), None, "{length} with a byte behind");
        }
        for no_name in [&[][..], &[0x30], &[0x30, 0], &[0x31, 1, 7], &[0x30, 0x81, 1, 7], &[0x30, 0x80, 0, 0]]
        {
            assert_eq!(read_name(no_name), None, "{no_name:?}");
        }
    }

    #[test]
    fn names_that_no_extension_can_hold_are_known_before_they_are_sent() {
        let contents = [7; 600];
        let name = DistinguishedName::from_contents(&contents);
        assert!(can_be_written(&[name; 100]));
        assert!(!can_be_written(&[name; 109]));
        assert!(!can_be_written(&[DistinguishedName::from_contents(&[])]));
    }
}
