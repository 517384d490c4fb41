//! Who may be an issuer, and of how long a path.

use super::{OPENSSL, Rule, documentation, run, source};
use crate::program::doctor::consumers::Consumer::*;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "not-a-ca",
        cause: "An issuer's basicConstraints say that it is no certificate authority.",
        section: "RFC 5280 section 4.2.1.9",
        fix: "have the intermediate issued with basicConstraints CA:TRUE",
        refusals: &[
            run(&[Openssl, Curl, Python312, Python313], "invalid CA certificate"),
            run(&[Go], "certificate signed by unknown authority"),
            run(&[Gnutls], "The certificate is NOT trusted. The certificate issuer is not a CA."),
            run(&[Mbedtls], "The certificate is not correctly signed by the trusted CA"),
            run(&[Bearssl], "58 BR_ERR_X509_NOT_CA"),
            source(&[Chrome], "net::ERR_CERT_AUTHORITY_INVALID"),
            documentation(
                &[Schannel],
                "TRUST_E_BASIC_CONSTRAINTS (0x80096019): A certificate's basic constraint extension has not been observed.",
            ),
            documentation(&[Apple], "errSSLXCertChainInvalid (-9807): Invalid certificate chain"),
            run(&[Nss], "SEC_ERROR_UNKNOWN_ISSUER: Peer's Certificate issuer is not recognized."),
            run(&[Wolfssl], "-188 certificate verify failed"),
            run(
                &[Java],
                "PKIX path validation failed: java.security.cert.CertPathValidatorException: basic constraints check failed: this is not a CA certificate",
            ),
            run(&[Rustls], "Other(OtherError(EndEntityUsedAsCa))"),
            run(&[Node], "unsuitable certificate purpose"),
        ],
    },
    Rule {
        id: "missing-basic-constraints",
        cause: "An issuer has no basicConstraints.",
        section: "RFC 5280 section 4.2.1.9",
        fix: "have the intermediate issued with basicConstraints CA:TRUE, critical",
        refusals: &[
            run(&[Openssl, Curl, Python312, Python313], "invalid CA certificate"),
            run(&[Go], "certificate signed by unknown authority"),
            run(&[Gnutls], "The certificate is NOT trusted. The certificate issuer is not a CA."),
            run(&[Mbedtls], "The certificate is not correctly signed by the trusted CA"),
            run(&[Bearssl], "58 BR_ERR_X509_NOT_CA"),
            source(&[Chrome], "net::ERR_CERT_AUTHORITY_INVALID"),
            documentation(
                &[Schannel],
                "TRUST_E_BASIC_CONSTRAINTS (0x80096019): A certificate's basic constraint extension has not been observed.",
            ),
            documentation(&[Apple], "errSSLXCertChainInvalid (-9807): Invalid certificate chain"),
            run(&[Nss], "SEC_ERROR_UNKNOWN_ISSUER: Peer's Certificate issuer is not recognized."),
            run(&[Wolfssl], "-188 certificate verify failed"),
            run(
                &[Java],
                "PKIX path validation failed: java.security.cert.CertPathValidatorException: basic constraints check failed: this is not a CA certificate",
            ),
            run(&[Rustls], "Other(OtherError(EndEntityUsedAsCa))"),
            run(&[Node], "invalid CA certificate"),
        ],
    },
    Rule {
        id: "v1-issuer",
        cause: "An issuer is no X.509 v3 certificate, and so cannot say that it is a certificate authority.",
        section: "RFC 5280 section 6.1.4 (k)",
        fix: "have the issuer made anew as v3 with basicConstraints CA:TRUE",
        refusals: &[
            run(&[Openssl, Curl, Python312, Python313], "invalid CA certificate"),
            run(&[Go], "certificate is not authorized to sign other certificates"),
            run(&[Gnutls], "The certificate is NOT trusted. The certificate issuer is not a CA."),
            run(&[Mbedtls], "The certificate is not correctly signed by the trusted CA"),
            run(&[Bearssl], "58 BR_ERR_X509_NOT_CA"),
            source(&[Chrome], "net::ERR_CERT_AUTHORITY_INVALID"),
            documentation(
                &[Schannel],
                "TRUST_E_BASIC_CONSTRAINTS (0x80096019): A certificate's basic constraint extension has not been observed.",
            ),
            documentation(&[Apple], "errSSLXCertChainInvalid (-9807): Invalid certificate chain"),
            run(&[Nss], "SEC_ERROR_UNKNOWN_ISSUER: Peer's Certificate issuer is not recognized."),
            run(&[Wolfssl], "-188 certificate verify failed"),
            run(
                &[Java],
                "PKIX path validation failed: java.security.cert.CertPathValidatorException: basic constraints check failed: this is not a CA certificate",
            ),
            run(&[Rustls], "Other(OtherError(UnsupportedCertVersion))"),
            run(&[Node], "unsuitable certificate purpose"),
        ],
    },
    Rule {
        id: "root-not-a-ca",
        cause: "The trust anchor's basicConstraints are missing, or say that it is no certificate authority.",
        section: "RFC 5280 section 4.2.1.9",
        fix: "replace the root in the store by one with basicConstraints CA:TRUE",
        refusals: &[
            run(&[Openssl, Curl, Python312, Python313], "invalid CA certificate"),
            run(&[Go], "certificate signed by unknown authority"),
            run(&[Gnutls], "The certificate is NOT trusted. The certificate issuer is not a CA."),
            run(&[Mbedtls], "The certificate is not correctly signed by the trusted CA"),
            source(&[Chrome], "net::ERR_CERT_AUTHORITY_INVALID"),
            documentation(
                &[Schannel],
                "TRUST_E_BASIC_CONSTRAINTS (0x80096019): A certificate's basic constraint extension has not been observed.",
            ),
            documentation(&[Apple], "errSSLXCertChainInvalid (-9807): Invalid certificate chain"),
            run(&[Wolfssl], "-188 certificate verify failed"),
            run(&[Node], "unsuitable certificate purpose"),
            run(
                &[Java],
                "PKIX path validation failed: sun.security.validator.ValidatorException: TrustAnchor with subject \"{subject_java}\" is not a CA certificate",
            ),
            run(&[Nss], "SEC_ERROR_CA_CERT_INVALID: Issuer certificate is invalid."),
        ],
    },
    Rule {
        id: "key-cert-sign",
        cause: "An issuer's keyUsage lacks keyCertSign.",
        section: "RFC 5280 section 4.2.1.3",
        fix: "have the issuer made with keyUsage keyCertSign and cRLSign",
        refusals: &[
            run(&[Openssl, Curl, Python312, Python313], "invalid CA certificate"),
            run(&[Node], "key usage does not include certificate signing"),
            run(&[Go], "certificate signed by unknown authority"),
            run(
                &[Java],
                "PKIX path validation failed: java.security.cert.CertPathValidatorException: CA key usage check failed: keyCertSign bit is not set",
            ),
            run(
                &[Gnutls],
                "The certificate is NOT trusted. The certificate chain violates the signer's constraints.",
            ),
            run(
                &[Nss],
                "SEC_ERROR_INADEQUATE_KEY_USAGE: Certificate key usage inadequate for attempted operation.",
            ),
            run(&[Mbedtls], "The certificate is not correctly signed by the trusted CA"),
            run(&[Bearssl], "59 BR_ERR_X509_FORBIDDEN_KEY_USAGE"),
            run(&[Wolfssl], "-188 certificate verify failed"),
            source(&[Chrome], "net::ERR_CERT_AUTHORITY_INVALID"),
            documentation(
                &[Schannel],
                "CERT_E_WRONG_USAGE (0x800B0110): The certificate is not valid for the requested usage.",
            ),
            documentation(&[Apple], "errSSLXCertChainInvalid (-9807): Invalid certificate chain"),
        ],
    },
    Rule {
        id: "root-without-key-cert-sign",
        cause: "The trust anchor's keyUsage lacks keyCertSign.",
        section: "RFC 5280 section 4.2.1.3",
        fix: "replace the root in the store by one with keyUsage keyCertSign",
        refusals: &[
            run(&[Openssl, Curl, Python312, Python313], "invalid CA certificate"),
            run(&[Node], "key usage does not include certificate signing"),
            run(&[Go], "certificate signed by unknown authority"),
            run(
                &[Java],
                "PKIX path validation failed: sun.security.validator.ValidatorException: TrustAnchor with subject \"{subject_java}\" does not have keyCertSign bit set in KeyUsage extension",
            ),
            run(
                &[Gnutls],
                "The certificate is NOT trusted. The certificate chain violates the signer's constraints.",
            ),
            run(&[Mbedtls], "The certificate is not correctly signed by the trusted CA"),
            run(&[Wolfssl], "-188 certificate verify failed"),
            source(&[Chrome], "net::ERR_CERT_AUTHORITY_INVALID"),
        ],
    },
    Rule {
        id: "path-length",
        cause: "More intermediates lie below an issuer than its pathLenConstraint allows.",
        section: "RFC 5280 section 4.2.1.9",
        fix: "shorten the chain, or have the issuer made with a greater pathLenConstraint, or none",
        refusals: &[
            run(OPENSSL, "path length constraint exceeded"),
            run(&[Go], "too many intermediates for path length constraint"),
            run(
                &[Java],
                "PKIX path validation failed: java.security.cert.CertPathValidatorException: basic constraints check failed: pathLenConstraint violated - this cert must be the last cert in the certification path",
            ),
            run(
                &[Gnutls],
                "The certificate is NOT trusted. The certificate chain violates the signer's constraints.",
            ),
            run(
                &[Nss],
                "SEC_ERROR_PATH_LEN_CONSTRAINT_INVALID: Certificate path length constraint is invalid.",
            ),
            run(&[Rustls], "Other(OtherError(PathLenConstraintViolated))"),
            run(&[Mbedtls], "The certificate is not correctly signed by the trusted CA"),
            run(&[Bearssl], "58 BR_ERR_X509_NOT_CA"),
            run(&[Wolfssl], "-188 certificate verify failed"),
            source(&[Chrome], "net::ERR_CERT_INVALID"),
            documentation(
                &[Schannel],
                "TRUST_E_BASIC_CONSTRAINTS (0x80096019): A certificate's basic constraint extension has not been observed.",
            ),
            documentation(&[Apple], "errSSLXCertChainInvalid (-9807): Invalid certificate chain"),
        ],
    },
];
