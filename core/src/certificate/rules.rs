//! What is demanded of a certificate, whoever walks the chain: of every one, of a leaf, of an
//! issuer. Public-key operations are not among it: those are the walk's. Names say whether
//! certificates belong together, so that is the walk's as well.

use super::{Certificate, ExpectedPeer, GeneralNames, Oid, Rule, oid};

/// Every certificate of a chain, leaf or issuer: its form.
fn form(certificate: &Certificate<'_>) -> Result<(), Rule> {
    // "Certificate users MUST be able to handle serialNumber values up to 20 octets"
    // (§4.1.2.2). Zero is unlawful, but SHOULD be handled gracefully; a negative number is as well,
    // and as every deployed verifier refuses it by now, so do we.
    match certificate.serial() {
        [0x80..=0xff, ..] => return Err(Rule::Serial),
        [0, magnitude @ ..] if magnitude.len() > 20 => return Err(Rule::Serial),
        [1..=0x7f, rest @ ..] if rest.len() > 19 => return Err(Rule::Serial),
        _ => {}
    }
    // "This field MUST contain the same algorithm identifier as the signature field in the sequence
    // tbsCertificate" (§4.1.1.2).
    if certificate.inner_algorithm != certificate.outer_algorithm {
        return Err(Rule::AlgorithmMismatch);
    }
    extensions(certificate)?;
    certificate.signature_algorithm()?;
    certificate.public_key()?;
    Ok(())
}

fn extensions(certificate: &Certificate<'_>) -> Result<(), Rule> {
    let mut rest = certificate.extensions().iter();
    while let Some(extension) = rest.next() {
        match extension.id {
            // Any policy will do, and no explicit one is required: their processing
            // (§6.1.1 (c), (e)) refuses nothing.
            oid::CERTIFICATE_POLICIES => {}
            // Checked below, or by the leaf's and the issuer's rules, from the same parsed form.
            oid::BASIC_CONSTRAINTS | oid::KEY_USAGE | oid::EXTENDED_KEY_USAGE | oid::SUBJECT_ALT_NAME => {}
            // "A certificate-using system MUST reject the certificate if it encounters a critical
            // extension it does not recognize or a critical extension that contains information
            // that it cannot process" (§4.2).
            id if extension.critical => {
                return Err(Rule::UnknownCriticalExtension { extension: Oid::new(id) });
            }
            _ => {}
        }
        // "A certificate MUST NOT include more than one instance of a particular extension" (§4.2).
        if rest.clone().any(|other| other.id == extension.id) {
            return Err(Rule::DuplicateExtension { extension: Oid::new(extension.id) });
        }
    }
    certificate.extensions().find(oid::SUBJECT_ALT_NAME).map(|e| GeneralNames::parse(e.value)).transpose()?;
    certificate.extensions().basic_constraints()?;
    certificate.extensions().key_usage()?;
    Ok(())
}

/// Leaf and issuer alike: form, time, and what the chain may be used for. extKeyUsage of an
/// intermediate is no rule of RFC 5280, but one of every public trust store and deployed verifier.
fn common(certificate: &Certificate<'_>, expected: &ExpectedPeer<'_>) -> Result<(), Rule> {
    form(certificate)?;
    expected.validity.check(certificate.not_before(), certificate.not_after())?;
    if !certificate.extensions().extended_key_usage_allows(expected.role)? {
        return Err(Rule::ExtendedKeyUsage { needed: expected.role });
    }
    Ok(())
}

/// The peer's own certificate.
pub(super) fn leaf(certificate: &Certificate<'_>, expected: &ExpectedPeer<'_>) -> Result<(), Rule> {
    common(certificate, expected)?;
    // TLS 1.3 has the peer sign its handshake (RFC 8446 §4.4.2.2: "the digitalSignature bit MUST be
    // set if the Key Usage extension is present").
    if certificate.extensions().key_usage()?.is_some_and(|usage| !usage.digital_signature()) {
        return Err(Rule::KeyUsage { needed: "digitalSignature" });
    }
    match expected.name {
        Some(name) => name.check(certificate),
        None => Ok(()),
    }
}

/// A certificate that signed another one. `below` counts the intermediates between it and the
/// leaf that are not self-issued.
pub(super) fn issuer(
    certificate: &Certificate<'_>,
    expected: &ExpectedPeer<'_>,
    below: u8,
) -> Result<(), Rule> {
    common(certificate, expected)?;
    // "If the basic constraints extension is not present in a version 3 public key certificate, or
    // the extension is present but the cA boolean is not asserted, then the certified public key
    // MUST NOT be used to verify certificate signatures" (§4.2.1.9); older versions have no other
    // way to say it, and are refused alike (§6.1.4 (k)).
    let constraints = certificate.extensions().basic_constraints()?;
    let Some(constraints) = constraints.filter(|constraints| constraints.authority) else {
        return Err(Rule::NotACertificateAuthority);
    };
    match constraints.path_length {
        Some(allowed) if below > allowed => return Err(Rule::PathLength { allowed, found: below }),
        _ => {}
    }
    // "If a key usage extension is present, verify that the keyCertSign bit is set" (§6.1.4 (n)).
    if certificate.extensions().key_usage()?.is_some_and(|usage| !usage.key_cert_sign()) {
        return Err(Rule::KeyUsage { needed: "keyCertSign" });
    }
    Ok(())
}
