//! What is demanded of a certificate, whoever walks the chain: of every one, of a leaf, of an
//! issuer. Public-key operations are not among it: those are the walk's. Names say whether
//! certificates belong together, so that is the walk's as well.

use super::name_constraints::NameConstraints;
use super::{Certificate, ExpectedPeer, GeneralNames, Oid, Rule, oid};

/// Told of each rule that is broken: gives it back to stop there, or takes it and goes on.
pub(super) trait Report: FnMut(Rule) -> Result<(), Rule> {}
impl<R: FnMut(Rule) -> Result<(), Rule>> Report for R {}

/// Stops at the first.
pub(super) fn first(rule: Rule) -> Result<(), Rule> {
    Err(rule)
}

/// What could be read, or else `None` and a report.
fn readable<T>(read: Result<T, Rule>, report: &mut impl Report) -> Result<Option<T>, Rule> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(rule) => report(rule).map(|()| None),
    }
}

/// Every certificate of a chain, leaf or issuer: its form.
fn form(certificate: &Certificate<'_>, report: &mut impl Report) -> Result<(), Rule> {
    // "Certificate users MUST be able to handle serialNumber values up to 20 octets"
    // (§4.1.2.2). Zero is unlawful, but SHOULD be handled gracefully; a negative number is as well,
    // and as every deployed verifier refuses it by now, so do we.
    let serial_is_lawful = match certificate.serial() {
        [0x80..=0xff, ..] => false,
        [0, magnitude @ ..] => magnitude.len() <= 20,
        serial => serial.len() <= 20,
    };
    if !serial_is_lawful {
        report(Rule::Serial)?;
    }
    // Name constraints of the authorities above speak of both, the issuer's as the subject of the next one.
    for name in [certificate.issuer(), certificate.subject()] {
        readable(name.check().map_err(Rule::from), report)?;
    }
    // "The issuer field MUST contain a non-empty distinguished name (DN)" (§4.1.2.4).
    if certificate.issuer().is_empty() {
        report(Rule::EmptyIssuer)?;
    }
    // "This field MUST contain the same algorithm identifier as the signature field in the sequence
    // tbsCertificate" (§4.1.1.2).
    if certificate.inner_algorithm != certificate.outer_algorithm {
        report(Rule::AlgorithmMismatch)?;
    }
    extensions(certificate, report)?;
    readable(certificate.signature_algorithm(), report)?;
    readable(certificate.public_key(), report)?;
    Ok(())
}

fn extensions(certificate: &Certificate<'_>, report: &mut impl Report) -> Result<(), Rule> {
    let mut rest = certificate.extensions().iter();
    while let Some(extension) = rest.next() {
        match extension.id {
            // Any policy will do, and no explicit one is required: their processing
            // (§6.1.1 (c), (e)) refuses nothing.
            oid::CERTIFICATE_POLICIES => {}
            // Checked below, or by the leaf's and the issuer's rules, from the same parsed form.
            oid::BASIC_CONSTRAINTS
            | oid::KEY_USAGE
            | oid::EXTENDED_KEY_USAGE
            | oid::SUBJECT_ALT_NAME
            | oid::NAME_CONSTRAINTS => {}
            // "A certificate-using system MUST reject the certificate if it encounters a critical
            // extension it does not recognize or a critical extension that contains information
            // that it cannot process" (§4.2).
            id if extension.critical => {
                report(Rule::UnknownCriticalExtension { extension: Oid::new(id) })?;
            }
            _ => {}
        }
        // "A certificate MUST NOT include more than one instance of a particular extension" (§4.2).
        if rest.clone().any(|other| other.id == extension.id) {
            report(Rule::DuplicateExtension { extension: Oid::new(extension.id) })?;
        }
    }
    let alt_names = certificate.extensions().find(oid::SUBJECT_ALT_NAME);
    readable(alt_names.map(|e| GeneralNames::parse(e.value)).transpose().map_err(Rule::from), report)?;
    readable(certificate.extensions().basic_constraints(), report)?;
    readable(certificate.extensions().key_usage(), report)?;
    readable(NameConstraints::of(certificate), report)?;
    Ok(())
}

/// The certificate of an OCSP responder, as far as it has to be what any certificate has to be, and its key may sign
/// something (RFC 6960 §4.2.2.2). Who made it, and for what, is asked elsewhere.
pub(super) fn responder(certificate: &Certificate<'_>, mut report: impl Report) -> Result<(), Rule> {
    form(certificate, &mut report)?;
    if certificate.extensions().key_usage().is_ok_and(|usage| usage.is_some_and(|u| !u.digital_signature())) {
        report(Rule::KeyUsage { needed: "digitalSignature" })?;
    }
    Ok(())
}

/// Leaf and issuer alike: form, time, and what the chain may be used for. extKeyUsage of an
/// intermediate is no rule of RFC 5280, but one of every public trust store and deployed verifier.
fn common(
    certificate: &Certificate<'_>,
    expected: &ExpectedPeer<'_>,
    report: &mut impl Report,
) -> Result<(), Rule> {
    form(certificate, report)?;
    readable(expected.validity.check(certificate.not_before(), certificate.not_after()), report)?;
    let allowed = readable(certificate.extensions().extended_key_usage_allows(expected.role), report)?;
    if allowed == Some(false) {
        report(Rule::ExtendedKeyUsage { needed: expected.role })?;
    }
    Ok(())
}

/// The peer's own certificate.
pub(super) fn leaf(
    certificate: &Certificate<'_>,
    expected: &ExpectedPeer<'_>,
    mut report: impl Report,
) -> Result<(), Rule> {
    common(certificate, expected, &mut report)?;
    // TLS 1.3 has the peer sign its handshake (RFC 8446 §4.4.2.2: "the digitalSignature bit MUST be
    // set if the Key Usage extension is present"). What cannot be read was reported above.
    if certificate.extensions().key_usage().is_ok_and(|usage| usage.is_some_and(|u| !u.digital_signature())) {
        report(Rule::KeyUsage { needed: "digitalSignature" })?;
    }
    match expected.name {
        Some(name) => readable(name.check(certificate), &mut report).map(|_| ()),
        None => Ok(()),
    }
}

/// A certificate that signed another one. `below` counts the intermediates between it and the
/// leaf that are not self-issued.
pub(super) fn issuer(
    certificate: &Certificate<'_>,
    expected: &ExpectedPeer<'_>,
    below: u8,
    mut report: impl Report,
) -> Result<(), Rule> {
    common(certificate, expected, &mut report)?;
    // "If the basic constraints extension is not present in a version 3 public key certificate, or
    // the extension is present but the cA boolean is not asserted, then the certified public key
    // MUST NOT be used to verify certificate signatures" (§4.2.1.9); older versions have no other
    // way to say it, and are refused alike (§6.1.4 (k)).
    match certificate.extensions().basic_constraints() {
        Ok(Some(constraints)) if constraints.authority => match constraints.path_length {
            Some(allowed) if below > allowed => report(Rule::PathLength { allowed, found: below })?,
            _ => {}
        },
        // Reported above.
        Err(_) => {}
        Ok(_) => report(Rule::NotACertificateAuthority)?,
    }
    // "If a key usage extension is present, verify that the keyCertSign bit is set" (§6.1.4 (n)).
    if certificate.extensions().key_usage().is_ok_and(|usage| usage.is_some_and(|u| !u.key_cert_sign())) {
        report(Rule::KeyUsage { needed: "keyCertSign" })?;
    }
    Ok(())
}
