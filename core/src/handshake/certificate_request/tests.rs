//! The reader, over bytes written by hand from §4.3.2.

use super::*;
use crate::crypto::SignatureScheme;

/// Schemes 0x0403 and 0x0807, and two names that are no names.
const BODY: [u8; 27] =
    [0, 0, 24, 0, 13, 0, 6, 0, 4, 4, 3, 8, 7, 0, 47, 0, 10, 0, 8, 0, 1, 9, 0, 3, 0x30, 1, 7];

fn read(body: &[u8], size: usize) -> Result<Option<CertificateRequestReader>, Error> {
    let mut reader = CertificateRequestReader::new(body.len())?;
    let mut over = false;
    for piece in body.chunks(size) {
        over = reader.read(piece, &[], &mut [0; 8])?;
    }
    Ok(over.then_some(reader))
}

#[test]
fn every_cut_reads_the_same_and_every_truncation_is_not_over() {
    for size in 1..=BODY.len() {
        let reader = read(&BODY, size).unwrap().unwrap();
        let accepted = reader.accepted.unwrap();
        assert!(accepted.contains(SignatureScheme::ED25519), "pieces of {size}");
        assert!(accepted.contains(SignatureScheme::ECDSA_SECP256R1_SHA256), "pieces of {size}");
        assert!(!accepted.contains(SignatureScheme::RSA_PSS_RSAE_SHA256), "pieces of {size}");
        assert_eq!(reader.issued, Some(Issued::default()), "pieces of {size}");
    }
    for cut in 0..BODY.len() {
        assert!(read(&BODY[..cut], 1 << 14).is_err(), "cut at {cut}");
    }
}

#[test]
fn a_request_without_signature_algorithms_is_refused() {
    let extension = ExtensionType::SIGNATURE_ALGORITHMS;
    let refused = read(&[0, 0, 4, 0, 5, 0, 0], 1).unwrap_err();
    assert_eq!(refused, Misbehaved::MissingExtension { extension }.into());
}

#[test]
fn lists_are_read_strictly() {
    let with = |extensions: &[u8]| {
        let length = u8::try_from(extensions.len()).unwrap();
        let mut body = std::vec![0, 0, length];
        body.extend_from_slice(extensions);
        read(&body, 3).map(|read| read.is_some())
    };
    let schemes = [0, 13, 0, 4, 0, 2, 4, 3];
    assert_eq!(with(&schemes), Ok(true));
    for (bad, fault) in [
        (&[0, 13, 0, 0][..], Fault::TooShort),
        (&[0, 13, 0, 1, 0], Fault::TooShort),
        (&[0, 13, 0, 2, 0, 0], Fault::VectorLength),
        (&[0, 13, 0, 5, 0, 3, 4, 3, 8], Fault::VectorLength),
        (&[0, 13, 0, 4, 0, 4, 4, 3], Fault::TooShort),
        (&[0, 13, 0, 6, 0, 2, 4, 3, 8, 7], Fault::TrailingBytes),
        (&[0, 47, 0, 2, 0, 0], Fault::VectorLength),
        (&[0, 47, 0, 4, 0, 2, 0, 0], Fault::VectorLength),
        (&[0, 47, 0, 5, 0, 3, 0, 0, 9], Fault::VectorLength),
        (&[0, 47, 0, 5, 0, 3, 0, 2, 9], Fault::TooShort),
        (&[0, 47, 0, 6, 0, 4, 0, 1, 9, 0], Fault::TooShort),
        (&[0, 47, 0, 7, 0, 3, 0, 1, 9, 0, 0], Fault::TrailingBytes),
    ] {
        assert_eq!(with(bad), Err(malformed(fault)), "{bad:?}");
        let behind = [&schemes[..], bad].concat();
        if bad[1] == 47 {
            assert_eq!(with(&behind), Err(malformed(fault)), "{behind:?}");
        }
    }
}

#[test]
fn what_is_written_reads_back() {
    let (names, mut room) = ([DistinguishedName::from_contents(&[7; 300]); 2], [0; 1024]);
    for authorities in [&names[..], &[]] {
        let mut writer = Writer::new(&mut room);
        write(&mut writer, [SignatureScheme::ED25519].into_iter(), authorities);
        let length = writer.finish().unwrap();
        let reader = read(&room[..length], 100).unwrap().unwrap();
        assert!(reader.accepted.unwrap().contains(SignatureScheme::ED25519));
        assert_eq!(reader.issued.is_some(), !authorities.is_empty());
    }
}

extern crate std;
