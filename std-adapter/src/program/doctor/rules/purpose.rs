//! What a certificate may be used for, and under which names.

use super::{OPENSSL, Rule, documentation, run, source};
use crate::program::doctor::consumers::Consumer::*;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "name-mismatch",
        cause: "None of the certificate's names is the one that was asked for.",
        section: "RFC 9525 section 6",
        fix: "reissue with a subjectAltName for {name}, or have the consumer ask for a name that is in it",
        refusals: &[
            run(&[Openssl], "hostname mismatch"),
            run(&[Python312, Python313], "Hostname mismatch, certificate is not valid for '{name}'."),
            run(&[Curl], "SSL: no alternative certificate subject name matches target host name '{name}'"),
            run(&[Node], "Hostname/IP does not match certificate's altnames: {reason}"),
            run(&[Go], "{what}"),
            run(
                &[Gnutls],
                "The certificate is NOT trusted. The name in the certificate does not match the expected.",
            ),
            run(
                &[Nss],
                "SSL_ERROR_BAD_CERT_DOMAIN: Unable to communicate securely with peer: requested domain name does not match the server's certificate.",
            ),
            run(&[Rustls], "certificate not valid for name \"{name}\""),
            run(&[Mbedtls], "The certificate Common Name (CN) does not match with the expected CN"),
            run(&[Bearssl], "56 BR_ERR_X509_BAD_SERVER_NAME"),
            run(&[Wolfssl], "-322 peer subject name mismatch"),
            source(&[Chrome], "net::ERR_CERT_COMMON_NAME_INVALID"),
            documentation(
                &[Schannel],
                "SEC_E_WRONG_PRINCIPAL (0x80090322): The target principal name is incorrect.",
            ),
            documentation(
                &[Apple],
                "errSSLHostNameMismatch (-9843): The host name you connected with does not match any of the host names allowed by the certificate",
            ),
            run(&[Java], "{what}"),
        ],
    },
    Rule {
        id: "address-mismatch",
        cause: "None of the certificate's IP addresses is the one that was asked for.",
        section: "RFC 9525 section 6.2",
        fix: "reissue with an iPAddress in subjectAltName for {name}, or have the consumer ask for a DNS name",
        refusals: &[
            run(&[Openssl], "IP address mismatch"),
            run(&[Python312, Python313], "IP address mismatch, certificate is not valid for '{name}'."),
            run(&[Curl], "SSL: no alternative certificate subject name matches target host name '{name}'"),
            run(&[Node], "Hostname/IP does not match certificate's altnames: {reason}"),
            run(&[Go], "{what}"),
            run(
                &[Gnutls],
                "The certificate is NOT trusted. The name in the certificate does not match the expected.",
            ),
            run(
                &[Nss],
                "SSL_ERROR_BAD_CERT_DOMAIN: Unable to communicate securely with peer: requested domain name does not match the server's certificate.",
            ),
            run(&[Rustls], "certificate not valid for name \"{name}\""),
            run(&[Mbedtls], "The certificate Common Name (CN) does not match with the expected CN"),
            run(&[Bearssl], "56 BR_ERR_X509_BAD_SERVER_NAME"),
            run(&[Wolfssl], "-322 peer subject name mismatch"),
            source(&[Chrome], "net::ERR_CERT_COMMON_NAME_INVALID"),
            documentation(
                &[Schannel],
                "SEC_E_WRONG_PRINCIPAL (0x80090322): The target principal name is incorrect.",
            ),
            documentation(
                &[Apple],
                "errSSLHostNameMismatch (-9843): The host name you connected with does not match any of the host names allowed by the certificate",
            ),
            run(&[Java], "{what}"),
        ],
    },
    Rule {
        id: "address-as-dns-name",
        cause: "The address stands in a dNSName; it belongs into an iPAddress.",
        section: "RFC 9525 section 6.2",
        fix: "reissue with the address as iPAddress in subjectAltName",
        refusals: &[
            run(&[Openssl], "IP address mismatch"),
            run(&[Python312, Python313], "IP address mismatch, certificate is not valid for '{name}'."),
            run(&[Curl], "SSL: no alternative certificate subject name matches target host name '{name}'"),
            run(&[Node], "Hostname/IP does not match certificate's altnames: {reason}"),
            run(&[Go], "{what}"),
            run(
                &[Gnutls],
                "The certificate is NOT trusted. The name in the certificate does not match the expected.",
            ),
            run(
                &[Nss],
                "SSL_ERROR_BAD_CERT_DOMAIN: Unable to communicate securely with peer: requested domain name does not match the server's certificate.",
            ),
            run(&[Rustls], "certificate not valid for name \"{name}\""),
            run(&[Mbedtls], "The certificate Common Name (CN) does not match with the expected CN"),
            run(&[Bearssl], "56 BR_ERR_X509_BAD_SERVER_NAME"),
            run(&[Wolfssl], "-322 peer subject name mismatch"),
            source(&[Chrome], "net::ERR_CERT_COMMON_NAME_INVALID"),
            documentation(
                &[Schannel],
                "SEC_E_WRONG_PRINCIPAL (0x80090322): The target principal name is incorrect.",
            ),
            documentation(
                &[Apple],
                "errSSLHostNameMismatch (-9843): The host name you connected with does not match any of the host names allowed by the certificate",
            ),
            run(&[Java], "{what}"),
        ],
    },
    Rule {
        id: "common-name-only",
        cause: "The name stands in the common name alone; there is no subjectAltName for it.",
        section: "RFC 9525 section 2",
        fix: "reissue with a subjectAltName for {name}",
        refusals: &[
            run(&[Go], "certificate relies on legacy Common Name field, use SANs instead"),
            run(
                &[Rustls],
                "certificate not valid for name \"{name}\"; certificate is not valid for any names (according to its subjectAltName extension)",
            ),
            source(&[Chrome], "net::ERR_CERT_COMMON_NAME_INVALID"),
            documentation(
                &[Apple],
                "errSSLHostNameMismatch (-9843): The host name you connected with does not match any of the host names allowed by the certificate",
            ),
        ],
    },
    Rule {
        id: "common-name-mismatch",
        cause: "There is no subjectAltName, and the common name is another.",
        section: "RFC 9525 section 2",
        fix: "reissue with a subjectAltName for {name}",
        refusals: &[
            run(&[Curl], "SSL: certificate subject name '{common}' does not match target host name '{name}'"),
            run(&[Openssl], "hostname mismatch"),
            run(&[Python312, Python313], "Hostname mismatch, certificate is not valid for '{name}'."),
            run(&[Node], "Hostname/IP does not match certificate's altnames: {reason}"),
            run(&[Go], "{what}"),
            run(
                &[Gnutls],
                "The certificate is NOT trusted. The name in the certificate does not match the expected.",
            ),
            run(
                &[Nss],
                "SSL_ERROR_BAD_CERT_DOMAIN: Unable to communicate securely with peer: requested domain name does not match the server's certificate.",
            ),
            run(&[Rustls], "certificate not valid for name \"{name}\""),
            run(&[Mbedtls], "The certificate Common Name (CN) does not match with the expected CN"),
            run(&[Bearssl], "56 BR_ERR_X509_BAD_SERVER_NAME"),
            run(&[Wolfssl], "-322 peer subject name mismatch"),
            source(&[Chrome], "net::ERR_CERT_COMMON_NAME_INVALID"),
            documentation(
                &[Schannel],
                "SEC_E_WRONG_PRINCIPAL (0x80090322): The target principal name is incorrect.",
            ),
            documentation(
                &[Apple],
                "errSSLHostNameMismatch (-9843): The host name you connected with does not match any of the host names allowed by the certificate",
            ),
            run(&[Java], "No name matching {name} found"),
        ],
    },
    Rule {
        id: "no-name-at-all",
        cause: "The certificate has neither a subjectAltName nor a common name.",
        section: "RFC 9525 section 2",
        fix: "reissue with a subjectAltName for {name}",
        refusals: &[
            run(&[Curl], "SSL: unable to obtain common name from peer certificate"),
            run(&[Openssl], "hostname mismatch"),
            run(&[Python312, Python313], "Hostname mismatch, certificate is not valid for '{name}'."),
            run(&[Node], "Hostname/IP does not match certificate's altnames: {reason}"),
            run(&[Go], "{what}"),
            run(
                &[Gnutls],
                "The certificate is NOT trusted. The name in the certificate does not match the expected.",
            ),
            run(
                &[Nss],
                "SSL_ERROR_BAD_CERT_DOMAIN: Unable to communicate securely with peer: requested domain name does not match the server's certificate.",
            ),
            run(&[Rustls], "certificate not valid for name \"{name}\""),
            run(&[Mbedtls], "The certificate Common Name (CN) does not match with the expected CN"),
            run(&[Bearssl], "56 BR_ERR_X509_BAD_SERVER_NAME"),
            run(&[Wolfssl], "-322 peer subject name mismatch"),
            source(&[Chrome], "net::ERR_CERT_COMMON_NAME_INVALID"),
            documentation(
                &[Schannel],
                "SEC_E_WRONG_PRINCIPAL (0x80090322): The target principal name is incorrect.",
            ),
            documentation(
                &[Apple],
                "errSSLHostNameMismatch (-9843): The host name you connected with does not match any of the host names allowed by the certificate",
            ),
            run(&[Java], "No subject alternative names present"),
        ],
    },
    Rule {
        id: "host-name-unlawful",
        cause: "The name that was asked for is no host name by the letter (an underscore, most often).",
        section: "RFC 1123 section 2.1",
        fix: "rename the host: letters, digits and hyphens",
        refusals: &[run(&[Java], "Illegal given domain name: {name}"), run(&[Rustls], "invalid dns name")],
    },
    Rule {
        id: "key-usage",
        cause: "The leaf's keyUsage lacks digitalSignature, with which it signs the handshake.",
        section: "RFC 8446 section 4.4.2.2",
        fix: "reissue with keyUsage digitalSignature, or without keyUsage",
        refusals: &[
            run(OPENSSL, "unsuitable certificate purpose"),
            run(&[Java], "KeyUsage does not allow digital signatures"),
            run(&[Gnutls], "Key usage violation in certificate has been detected."),
            run(
                &[Nss],
                "SEC_ERROR_INADEQUATE_KEY_USAGE: Certificate key usage inadequate for attempted operation.",
            ),
            run(&[Mbedtls], "Usage does not match the keyUsage extension"),
            run(&[Bearssl], "59 BR_ERR_X509_FORBIDDEN_KEY_USAGE"),
            source(&[Chrome], "net::ERR_SSL_KEY_USAGE_INCOMPATIBLE"),
            documentation(
                &[Schannel],
                "SEC_E_CERT_WRONG_USAGE (0x80090349): The certificate is not valid for the requested usage.",
            ),
        ],
    },
    Rule {
        id: "extended-key-usage",
        cause: "The leaf's extKeyUsage does not name this end of the connection.",
        section: "RFC 5280 section 4.2.1.12",
        fix: "reissue with serverAuth for a server, clientAuth for a client",
        refusals: &[
            run(OPENSSL, "unsuitable certificate purpose"),
            run(&[Go], "certificate specifies an incompatible key usage"),
            run(
                &[Gnutls],
                "The certificate is NOT trusted. The certificate chain does not match the intended purpose.",
            ),
            run(&[Nss], "SEC_ERROR_INADEQUATE_CERT_TYPE: Certificate type not approved for application."),
            run(&[Rustls], "certificate does not allow extended key usage for {purpose} authentication"),
            source(&[Chrome], "net::ERR_CERT_INVALID"),
            documentation(
                &[Schannel],
                "SEC_E_CERT_WRONG_USAGE (0x80090349): The certificate is not valid for the requested usage.",
            ),
            documentation(
                &[Apple],
                "errSecInvalidExtendedKeyUsage (-67609): The extended key usage is not valid",
            ),
            run(&[Java], "Extended key usage does not permit use for TLS {purpose} authentication"),
            run(&[Mbedtls], "Usage does not match the extendedKeyUsage extension"),
            run(&[Wolfssl], "-386 Ext Key Use server/client auth not set Error"),
        ],
    },
    Rule {
        id: "issuer-extended-key-usage",
        cause: "An issuer's extKeyUsage does not name this end of the connection.",
        section: "RFC 5280 section 4.2.1.12",
        fix: "have the intermediate issued with serverAuth, or without extKeyUsage",
        refusals: &[
            run(OPENSSL, "unsuitable certificate purpose"),
            run(&[Go], "certificate specifies an incompatible key usage"),
            run(
                &[Gnutls],
                "The certificate is NOT trusted. The certificate chain does not match the intended purpose.",
            ),
            run(&[Nss], "SEC_ERROR_CA_CERT_INVALID: Issuer certificate is invalid."),
            run(&[Rustls], "certificate does not allow extended key usage for {purpose} authentication"),
            source(&[Chrome], "net::ERR_CERT_INVALID"),
            documentation(
                &[Schannel],
                "SEC_E_CERT_WRONG_USAGE (0x80090349): The certificate is not valid for the requested usage.",
            ),
            documentation(
                &[Apple],
                "errSecInvalidExtendedKeyUsage (-67609): The extended key usage is not valid",
            ),
        ],
    },
    Rule {
        id: "name-not-permitted",
        cause: "A name lies outside of what an issuer's name constraints permit.",
        section: "RFC 5280 section 4.2.1.10",
        fix: "have the certificate issued by an authority that may speak for the name",
        refusals: &[
            run(OPENSSL, "permitted subtree violation"),
            run(
                &[Gnutls],
                "The certificate is NOT trusted. The certificate chain violates the signer's constraints.",
            ),
            run(
                &[Nss],
                "SEC_ERROR_CERT_NOT_IN_NAME_SPACE: The Certifying Authority for this certificate is not permitted to issue a certificate with this name.",
            ),
            run(
                &[Java],
                "PKIX path validation failed: java.security.cert.CertPathValidatorException: name constraints check failed",
            ),
            run(&[Rustls], "Other(OtherError(NameConstraintViolation))"),
            run(&[Go], "a root or intermediate certificate is not authorized to sign for this name: {what}"),
            run(&[Wolfssl], "-188 certificate verify failed"),
            source(&[Chrome], "net::ERR_CERT_NAME_CONSTRAINT_VIOLATION"),
            documentation(
                &[Schannel],
                "CERT_E_INVALID_NAME (0x800B0114): The certificate has an invalid name.",
            ),
            documentation(&[Apple], "errSSLXCertChainInvalid (-9807): Invalid certificate chain"),
        ],
    },
    Rule {
        id: "name-excluded",
        cause: "A name lies in what an issuer's name constraints exclude.",
        section: "RFC 5280 section 4.2.1.10",
        fix: "have the certificate issued by an authority that may speak for the name",
        refusals: &[
            run(OPENSSL, "excluded subtree violation"),
            run(
                &[Gnutls],
                "The certificate is NOT trusted. The certificate chain violates the signer's constraints.",
            ),
            run(
                &[Nss],
                "SEC_ERROR_CERT_NOT_IN_NAME_SPACE: The Certifying Authority for this certificate is not permitted to issue a certificate with this name.",
            ),
            run(
                &[Java],
                "PKIX path validation failed: java.security.cert.CertPathValidatorException: name constraints check failed",
            ),
            run(&[Rustls], "Other(OtherError(NameConstraintViolation))"),
            run(&[Go], "a root or intermediate certificate is not authorized to sign for this name: {what}"),
            run(&[Wolfssl], "-188 certificate verify failed"),
            source(&[Chrome], "net::ERR_CERT_NAME_CONSTRAINT_VIOLATION"),
            documentation(
                &[Schannel],
                "CERT_E_INVALID_NAME (0x800B0114): The certificate has an invalid name.",
            ),
            documentation(&[Apple], "errSSLXCertChainInvalid (-9807): Invalid certificate chain"),
        ],
    },
    Rule {
        id: "name-constraints-unsupported",
        cause: "A certificate has name constraints, critical as they must be, which this consumer does not know.",
        section: "RFC 5280 section 4.2.1.10",
        fix: "use a path without name constraints for this consumer, or upgrade it",
        refusals: &[
            run(
                &[Mbedtls],
                "-0x2562 X509 - The extension tag or value is invalid : ASN1 - ASN1 tag was of an unexpected value",
            ),
            run(&[Bearssl], "57 BR_ERR_X509_CRITICAL_EXTENSION"),
            run(&[Go], "unhandled critical extension"),
            run(&[Wolfssl], "-198 Name Constraint error"),
        ],
    },
    Rule {
        id: "must-staple",
        cause: "The certificate demands a stapled OCSP response, and none came.",
        section: "RFC 7633 section 4.2",
        fix: "turn on stapling in the server, or have the certificate reissued without the TLS feature extension",
        refusals: &[
            run(
                &[Gnutls],
                "The certificate is NOT trusted. The certificate requires the server to include an OCSP status in its response, but the OCSP status is missing.",
            ),
            source(&[Nss], "MOZILLA_PKIX_ERROR_REQUIRED_TLS_FEATURE_MISSING"),
        ],
    },
    Rule {
        id: "issuer-must-staple",
        cause: "An issuer demands stapled responses of those below it, and this certificate does not announce any.",
        section: "RFC 7633 section 4.2.2",
        fix: "have the intermediate issued without the TLS feature extension",
        refusals: &[run(
            &[Gnutls],
            "The certificate is NOT trusted. The certificate chain violates the signer's constraints.",
        )],
    },
    Rule {
        id: "leaf-is-ca",
        cause: "The leaf is a certificate authority, which a server's or client's certificate should not be.",
        section: "RFC 5280 section 4.2.1.9",
        fix: "reissue the leaf with basicConstraints CA:FALSE",
        refusals: &[
            run(&[Rustls], "Other(OtherError(CaUsedAsEndEntity))"),
            run(&[Nss], "SEC_ERROR_INADEQUATE_CERT_TYPE: Certificate type not approved for application."),
        ],
    },
    Rule {
        id: "policy",
        cause: "A certificate demands an explicit policy which the chain does not have.",
        section: "RFC 5280 section 6.1.3 (f)",
        fix: "have the intermediate issued without requireExplicitPolicy, or the chain with the policy",
        refusals: &[
            run(&[Go], "no valid chains built: 1 candidate chains with invalid policies"),
            run(
                &[Java],
                "PKIX path validation failed: java.security.cert.CertPathValidatorException: non-null policy tree required and policy tree is null",
            ),
        ],
    },
    Rule {
        id: "validity-too-long",
        cause: "The certificate is valid for longer than public trust stores allow.",
        section: "CA/Browser Forum SC-081v3",
        fix: "reissue for at most 200 days (100 from 2027-03-15, 47 from 2029-03-15)",
        refusals: &[
            source(&[Chrome], "net::ERR_CERT_VALIDITY_TOO_LONG"),
            documentation(
                &[Apple],
                "errSecCertificateValidityPeriodTooLong (-67901): certificate is not standards compliant",
            ),
        ],
    },
];
