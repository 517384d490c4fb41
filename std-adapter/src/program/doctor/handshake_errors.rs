//! What consumers and servers say when a handshake fails for another reason than the chain.

use super::explain::Cause;

/// A failure, in the words of those who see it.
struct HandshakeError {
    id: &'static str,
    /// Who says it, and how: any of these in a text.
    words: &'static [(&'static str, &'static [&'static str])],
    cause: &'static str,
    section: &'static str,
    fix: &'static str,
}

/// OpenSSL, and what is built on it.
const OPENSSL: &[&str] = &["openssl", "curl", "python-3.12", "python-3.13", "node"];
const GO: &[&str] = &["go"];

const ERRORS: &[HandshakeError] = &[
    HandshakeError {
        id: "no-common-version",
        words: &[
            ("alert protocol version", OPENSSL),
            ("unsupported protocol", OPENSSL),
            ("protocol version not supported", GO),
            ("alert number 70", OPENSSL),
        ],
        cause: "one side speaks TLS 1.3 only, or nothing newer than TLS 1.2, and the other does not",
        section: "RFC 8446 section 4.2.1",
        fix: "enable a version on one side that the other has: TLS 1.2 on the server for old clients",
    },
    HandshakeError {
        id: "no-common-suite-or-key-type",
        words: &[
            ("no shared cipher", OPENSSL),
            ("no suitable signature algorithm", OPENSSL),
            ("no suitable key share", OPENSSL),
            ("alert handshake failure", OPENSSL),
            ("alert number 40", OPENSSL),
            ("handshake_failure", &["java"]),
            ("handshake failure", GO),
        ],
        cause: "nothing in common: a cipher suite, a group, or a signature algorithm for the type of the server's key; \
                after a renewal, the key has often become ECDSA and the client offers RSA only",
        section: "RFC 8446 section 4.1.1",
        fix: "serve an RSA certificate as well, or let the client offer ECDSA; compare key types with --previous",
    },
    HandshakeError {
        id: "no-common-application-protocol",
        words: &[
            ("no application protocol", OPENSSL),
            ("alert number 120", OPENSSL),
            ("no_application_protocol", GO),
        ],
        cause: "the client offers application protocols (ALPN) of which the server has none",
        section: "RFC 7301 section 3.2",
        fix: "enable the client's protocol on the server: http/1.1, h2",
    },
    HandshakeError {
        id: "unrecognized-name",
        words: &[
            ("unrecognized name", OPENSSL),
            ("alert number 112", OPENSSL),
            ("unrecognized_name", &["java"]),
        ],
        cause: "the server has no certificate for the name that the client sends as SNI, or the client sends none",
        section: "RFC 6066 section 3",
        fix: "configure the server for this name, or call it by one that it knows",
    },
    HandshakeError {
        id: "no-tls",
        words: &[
            ("wrong version number", OPENSSL),
            ("first record does not look like a TLS handshake", GO),
            ("Unsupported or unrecognized SSL message", &["java"]),
            ("packet length too long", OPENSSL),
        ],
        cause: "something at this port does not speak TLS: plain HTTP, or a proxy",
        section: "RFC 8446 section 5.1",
        fix: "check the port and the proxy settings",
    },
    HandshakeError {
        id: "pinned-key",
        words: &[("public key does not match pinned public key", &["curl"]), ("curl: (90)", &["curl"])],
        cause: "the client pins a key, and the renewed certificate has another one",
        section: "RFC 7469 section 2.6",
        fix: "renew with the same key, or update the pin first",
    },
    HandshakeError {
        id: "client-certificate-missing",
        words: &[
            ("peer did not return a certificate", OPENSSL),
            ("certificate required", OPENSSL),
            ("alert number 116", OPENSSL),
            ("client didn't provide a certificate", GO),
        ],
        cause: "the server demands a client certificate (mTLS), and the client shows none",
        section: "RFC 8446 section 4.4.2.4",
        fix: "give the client its certificate and key; in TLS 1.3 it learns of this on its first read only",
    },
    HandshakeError {
        id: "client-certificate-refused",
        words: &[
            ("alert unknown ca", OPENSSL),
            ("alert number 48", OPENSSL),
            ("unknown certificate authority", GO),
            ("failed to verify client certificate", GO),
            ("alert bad certificate", OPENSSL),
            ("alert number 42", OPENSSL),
            ("bad certificate", GO),
        ],
        cause: "the other side refuses the certificate that it was shown: its store lacks the root, or an intermediate \
                was left out",
        section: "RFC 8446 section 6.2",
        fix: "send the intermediates too, have the other side trust the root, and look into its log for the reason; \
              `ferrule doctor --client --chain CLIENT.pem --cafile ITS-ROOTS.pem` judges for it",
    },
    HandshakeError {
        id: "client-certificate-purpose",
        words: &[("alert unsupported certificate", OPENSSL), ("alert number 43", OPENSSL)],
        cause: "the certificate is not for this role: clientAuth is missing in extendedKeyUsage, as in public \
                certificates since 2026",
        section: "RFC 5280 section 4.2.1.12",
        fix: "take client certificates from a private authority, with clientAuth",
    },
    HandshakeError {
        id: "stapling-without-responder",
        words: &[("no OCSP responder URL in the certificate", &["nginx"])],
        cause: "the certificate names no OCSP responder any more, so that the server has nothing to staple",
        section: "RFC 6960 section 3.1",
        fix: "turn stapling off; if the certificate has must-staple, have it reissued without",
    },
    HandshakeError {
        id: "revocation-unknown",
        words: &[
            ("CRYPT_E_NO_REVOCATION_CHECK", &["schannel"]),
            ("0x80092012", &["schannel"]),
            ("CRYPT_E_REVOCATION_OFFLINE", &["schannel"]),
            ("0x80092013", &["schannel"]),
            ("Unable to determine revocation status", &["java"]),
        ],
        cause: "the client wants to know whether the certificate is revoked, and cannot: no CRL and no responder is \
                named, or none is reachable",
        section: "RFC 5280 section 6.3",
        fix: "make the CRL reachable; on Windows, curl has --ssl-revoke-best-effort",
    },
    HandshakeError {
        id: "no-anchors",
        words: &[("the trustAnchors parameter must be non-empty", &["java"])],
        cause: "the client's trust store is empty or was not found",
        section: "RFC 5280 section 6.1.1",
        fix: "name the right trust store (javax.net.ssl.trustStore), and check its type and password",
    },
];

/// The failures that somebody tells with this text.
pub(super) fn causes(text: &str) -> Vec<Cause> {
    let text = text.to_lowercase();
    let mut causes = Vec::new();
    for error in ERRORS {
        let mut speakers: Vec<&'static str> = Vec::new();
        let said = error.words.iter().filter(|(words, _)| text.contains(&words.to_lowercase()));
        for speaker in said.flat_map(|(_, speakers)| speakers.iter()) {
            if !speakers.contains(speaker) {
                speakers.push(speaker);
            }
        }
        if !speakers.is_empty() {
            causes.push(Cause {
                rule: error.id,
                speakers,
                sentence: error.cause,
                section: error.section,
                fix: error.fix,
                shown: false,
            });
        }
    }
    causes
}
