//! Dates: of the leaf, of its issuers, of what is trusted.

use super::{OPENSSL, Rule, documentation, run, source};
use crate::program::doctor::consumers::Consumer::*;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "expired",
        cause: "The leaf's time is over.",
        section: "RFC 5280 section 4.1.2.5",
        fix: "renew the leaf; if it is new, restart or reload the server that still serves the old one, and check the consumer's clock",
        refusals: &[
            run(OPENSSL, "certificate has expired"),
            run(&[Go], "certificate has expired or is not yet valid"),
            run(
                &[Java],
                "PKIX path validation failed: java.security.cert.CertPathValidatorException: validity check failed",
            ),
            run(&[Gnutls], "The certificate is NOT trusted. The certificate chain uses expired certificate."),
            run(&[Mbedtls], "The certificate validity has expired"),
            run(&[Bearssl], "54 BR_ERR_X509_EXPIRED"),
            source(&[Chrome], "net::ERR_CERT_DATE_INVALID"),
            documentation(
                &[Schannel],
                "SEC_E_CERT_EXPIRED (0x80090328): The received certificate has expired.",
            ),
            documentation(&[Apple], "errSSLCertExpired (-9814): Certificate expired"),
            run(&[Rustls], "certificate expired"),
            run(&[Nss], "SEC_ERROR_EXPIRED_CERTIFICATE: Peer's Certificate has expired."),
            run(&[Wolfssl], "-151 ASN date error, current date after"),
        ],
    },
    Rule {
        id: "issuer-expired",
        cause: "An intermediate's time is over.",
        section: "RFC 5280 section 4.1.2.5",
        fix: "serve the intermediate's successor, or the path to a root that is still valid",
        refusals: &[
            run(OPENSSL, "certificate has expired"),
            run(&[Go], "certificate has expired or is not yet valid"),
            run(
                &[Java],
                "PKIX path validation failed: java.security.cert.CertPathValidatorException: validity check failed",
            ),
            run(&[Gnutls], "The certificate is NOT trusted. The certificate chain uses expired certificate."),
            run(&[Mbedtls], "The certificate validity has expired"),
            run(&[Bearssl], "54 BR_ERR_X509_EXPIRED"),
            source(&[Chrome], "net::ERR_CERT_DATE_INVALID"),
            documentation(
                &[Schannel],
                "SEC_E_CERT_EXPIRED (0x80090328): The received certificate has expired.",
            ),
            documentation(&[Apple], "errSSLCertExpired (-9814): Certificate expired"),
            run(&[Rustls], "certificate expired"),
            run(
                &[Nss],
                "SEC_ERROR_EXPIRED_ISSUER_CERTIFICATE: The certificate issuer's certificate has expired. Check your system date and time.",
            ),
            run(&[Wolfssl], "-188 certificate verify failed"),
        ],
    },
    Rule {
        id: "root-expired",
        cause: "The trust anchor's time is over.",
        section: "RFC 5280 section 6.1.1 (d)",
        fix: "have the consumer remove the expired root and trust its successor; serve a path to that",
        refusals: &[
            run(OPENSSL, "certificate has expired"),
            run(&[Go], "certificate has expired or is not yet valid"),
            run(&[Gnutls], "The certificate is NOT trusted. The certificate chain uses expired certificate."),
            run(&[Mbedtls], "The certificate validity has expired"),
            source(&[Chrome], "net::ERR_CERT_DATE_INVALID"),
            documentation(
                &[Schannel],
                "SEC_E_CERT_EXPIRED (0x80090328): The received certificate has expired.",
            ),
            documentation(&[Apple], "errSSLCertExpired (-9814): Certificate expired"),
            run(
                &[Nss],
                "SEC_ERROR_EXPIRED_ISSUER_CERTIFICATE: The certificate issuer's certificate has expired. Check your system date and time.",
            ),
            run(&[Wolfssl], "the store: 0 ok"),
        ],
    },
    Rule {
        id: "not-yet-valid",
        cause: "The leaf's time has not come.",
        section: "RFC 5280 section 4.1.2.5",
        fix: "check the consumer's clock; otherwise wait, or have the leaf issued with an earlier notBefore",
        refusals: &[
            run(OPENSSL, "certificate is not yet valid"),
            run(&[Go], "certificate has expired or is not yet valid"),
            run(
                &[Java],
                "PKIX path validation failed: java.security.cert.CertPathValidatorException: validity check failed",
            ),
            run(
                &[Gnutls],
                "The certificate is NOT trusted. The certificate chain uses not yet valid certificate.",
            ),
            run(&[Mbedtls], "The certificate validity starts in the future"),
            run(&[Bearssl], "54 BR_ERR_X509_EXPIRED"),
            source(&[Chrome], "net::ERR_CERT_DATE_INVALID"),
            documentation(
                &[Schannel],
                "CERT_E_EXPIRED (0x800B0101): A required certificate is not within its validity period.",
            ),
            documentation(&[Apple], "errSSLCertNotYetValid (-9815): Certificate not yet valid"),
            run(&[Rustls], "certificate not valid yet"),
            run(&[Nss], "SEC_ERROR_EXPIRED_CERTIFICATE: Peer's Certificate has expired."),
            run(&[Wolfssl], "-150 ASN date error, current date before"),
        ],
    },
    Rule {
        id: "issuer-not-yet-valid",
        cause: "An intermediate's time has not come.",
        section: "RFC 5280 section 4.1.2.5",
        fix: "check the consumer's clock; otherwise serve the intermediate that is valid now",
        refusals: &[
            run(OPENSSL, "certificate is not yet valid"),
            run(&[Go], "certificate has expired or is not yet valid"),
            run(
                &[Java],
                "PKIX path validation failed: java.security.cert.CertPathValidatorException: validity check failed",
            ),
            run(
                &[Gnutls],
                "The certificate is NOT trusted. The certificate chain uses not yet valid certificate.",
            ),
            run(&[Mbedtls], "The certificate validity starts in the future"),
            run(&[Bearssl], "54 BR_ERR_X509_EXPIRED"),
            source(&[Chrome], "net::ERR_CERT_DATE_INVALID"),
            documentation(
                &[Schannel],
                "CERT_E_EXPIRED (0x800B0101): A required certificate is not within its validity period.",
            ),
            documentation(&[Apple], "errSSLCertNotYetValid (-9815): Certificate not yet valid"),
            run(&[Rustls], "certificate not valid yet"),
            run(
                &[Nss],
                "SEC_ERROR_EXPIRED_ISSUER_CERTIFICATE: The certificate issuer's certificate has expired. Check your system date and time.",
            ),
            run(&[Wolfssl], "-188 certificate verify failed"),
        ],
    },
    Rule {
        id: "root-not-yet-valid",
        cause: "The trust anchor's time has not come.",
        section: "RFC 5280 section 6.1.1 (d)",
        fix: "check the consumer's clock",
        refusals: &[
            run(OPENSSL, "certificate is not yet valid"),
            run(&[Go], "certificate has expired or is not yet valid"),
            run(
                &[Gnutls],
                "The certificate is NOT trusted. The certificate chain uses not yet valid certificate.",
            ),
            run(&[Mbedtls], "The certificate validity starts in the future"),
            source(&[Chrome], "net::ERR_CERT_DATE_INVALID"),
            documentation(
                &[Schannel],
                "CERT_E_EXPIRED (0x800B0101): A required certificate is not within its validity period.",
            ),
            documentation(&[Apple], "errSSLCertNotYetValid (-9815): Certificate not yet valid"),
            run(
                &[Nss],
                "SEC_ERROR_EXPIRED_ISSUER_CERTIFICATE: The certificate issuer's certificate has expired. Check your system date and time.",
            ),
            run(&[Wolfssl], "the store: 0 ok"),
        ],
    },
];
