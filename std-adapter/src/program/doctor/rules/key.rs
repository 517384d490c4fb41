//! Keys, signature algorithms and hashes.

use super::{OPENSSL, Rule, documentation, run, source};
use crate::program::doctor::consumers::Consumer::*;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "weak-leaf-key",
        cause: "The leaf's key is too small.",
        section: "RFC 8301 section 3.2, NIST SP 800-131A",
        fix: "make a new key: RSA of 2048 bits at least, or P-256, and reissue",
        refusals: &[
            run(&[Openssl, Curl, Python312, Python313], "EE certificate key too weak"),
            run(&[Node], "EE certificate key too weak"),
            run(&[Rustls], "BadSignature"),
            run(
                &[Mbedtls],
                "The certificate is signed with an unacceptable key (eg bad curve, RSA too short).",
            ),
            run(&[Gnutls], "The certificate is NOT trusted. The certificate chain uses insecure algorithm."),
            run(
                &[Nss],
                "SEC_ERROR_INADEQUATE_KEY_USAGE: Certificate key usage inadequate for attempted operation.",
            ),
            run(&[Bearssl], "60 BR_ERR_X509_WEAK_PUBLIC_KEY"),
            source(&[Chrome], "net::ERR_CERT_WEAK_KEY"),
            documentation(&[Apple], "errSecUnsupportedKeySize (-67735): The key size is not supported"),
            run(
                &[Java],
                "PKIX path validation failed: java.security.cert.CertPathValidatorException: Algorithm constraints check failed on keysize limits",
            ),
            run(&[Go], "tls: the certificate's RSA key is too small"),
            run(&[Wolfssl], "-409 ASN RSA key size error"),
        ],
    },
    Rule {
        id: "weak-issuer-key",
        cause: "An issuer's key is too small.",
        section: "NIST SP 800-131A",
        fix: "have the issuer re-keyed: RSA of 2048 bits at least, or P-256",
        refusals: &[
            run(&[Openssl, Curl, Python312, Python313], "CA certificate key too weak"),
            run(&[Node], "CA certificate key too weak"),
            run(&[Rustls], "BadSignature"),
            run(
                &[Mbedtls],
                "The certificate is signed with an unacceptable key (eg bad curve, RSA too short).",
            ),
            run(&[Gnutls], "The certificate is NOT trusted. The certificate chain uses insecure algorithm."),
            run(&[Bearssl], "60 BR_ERR_X509_WEAK_PUBLIC_KEY"),
            source(&[Chrome], "net::ERR_CERT_WEAK_KEY"),
            run(&[Go], "certificate signed by unknown authority"),
            run(&[Wolfssl], "-188 certificate verify failed"),
            run(
                &[Java],
                "PKIX path validation failed: java.security.cert.CertPathValidatorException: Algorithm constraints check failed on keysize limits",
            ),
            documentation(&[Apple], "errSecUnsupportedKeySize (-67735): The key size is not supported"),
        ],
    },
    Rule {
        id: "weak-signature-hash",
        cause: "A certificate is signed over SHA-1 or MD5.",
        section: "RFC 9155, RFC 8446 section 4.4.2.4",
        fix: "have the certificate reissued with SHA-256",
        refusals: &[
            run(&[Openssl, Curl, Python312, Python313, Node], "CA signature digest algorithm too weak"),
            run(&[Go], "certificate signed by unknown authority"),
            run(&[Gnutls], "The certificate is NOT trusted. The certificate chain uses insecure algorithm."),
            run(&[Rustls], "UnsupportedSignatureAlgorithmContext"),
            run(&[Mbedtls], "The certificate is signed with an unacceptable hash."),
            source(&[Chrome], "net::ERR_CERT_WEAK_SIGNATURE_ALGORITHM"),
            documentation(
                &[Schannel],
                "CERT_E_UNTRUSTEDROOT (0x800B0109): A certificate chain processed, but terminated in a root certificate which is not trusted.",
            ),
            documentation(&[Apple], "errSSLXCertChainInvalid (-9807): Invalid certificate chain"),
            run(
                &[Nss],
                "SEC_ERROR_CERT_SIGNATURE_ALGORITHM_DISABLED: The certificate was signed using a signature algorithm that is disabled because it is not secure.",
            ),
            run(&[Wolfssl], "-188 certificate verify failed"),
        ],
    },
    Rule {
        id: "small-exponent",
        cause: "The RSA key's public exponent is small (3, say).",
        section: "FIPS 186-5 section A.1.1",
        fix: "make a new key with exponent 65537",
        refusals: &[run(
            &[Nss],
            "SEC_ERROR_INADEQUATE_KEY_USAGE: Certificate key usage inadequate for attempted operation.",
        )],
    },
    Rule {
        id: "unsupported-curve",
        cause: "The key is on a curve that this consumer does not know.",
        section: "RFC 8446 section 4.2.7",
        fix: "make a new key on P-256, or P-384",
        refusals: &[
            run(&[Go], "unsupported elliptic curve"),
            run(&[Openssl, Curl, Python312, Python313, Node], "wrong curve"),
            run(&[Rustls], "UnsupportedSignatureAlgorithmForPublicKeyContext"),
            run(&[Java], "Cannot verify ECDH ServerKeyExchange signature"),
            run(&[Gnutls], "Error in the certificate."),
            run(&[Nss], "SEC_ERROR_BAD_SIGNATURE: Peer's certificate has an invalid signature."),
            source(&[Chrome], "net::ERR_SSL_VERSION_OR_CIPHER_MISMATCH"),
            run(&[Bearssl], "49 BR_ERR_X509_UNSUPPORTED"),
        ],
    },
    Rule {
        id: "unsupported-issuer-curve",
        cause: "An issuer's key is on a curve that this consumer does not know.",
        section: "RFC 5480 section 2.1.1",
        fix: "use a path whose keys are on P-256 or P-384",
        refusals: &[
            run(&[Go], "unsupported elliptic curve"),
            run(&[Rustls], "UnsupportedSignatureAlgorithmForPublicKeyContext"),
            run(
                &[Java],
                "PKIX path validation failed: java.security.cert.CertPathValidatorException: signature check failed",
            ),
            run(&[Gnutls], "The certificate is NOT trusted. The certificate chain uses insecure algorithm."),
            run(&[Nss], "SEC_ERROR_BAD_SIGNATURE: Peer's certificate has an invalid signature."),
        ],
    },
    Rule {
        id: "explicit-curve-parameters",
        cause: "The curve is given by its parameters and not by its name.",
        section: "RFC 5480 section 2.1.1",
        fix: "make the key anew with a named curve, and reissue",
        refusals: &[
            run(OPENSSL, "Certificate public key has explicit ECC parameters"),
            run(&[Go], "invalid ECDSA parameters"),
            run(&[Java], "Failed to parse server certificates"),
            run(&[Gnutls], "ASN1 parser: Error in DER parsing."),
            run(
                &[Nss],
                "SSL_ERROR_EXTRACT_PUBLIC_KEY_FAILURE: SSL was unable to extract the public key from the peer's certificate.",
            ),
            run(&[Rustls], "UnsupportedSignatureAlgorithmForPublicKeyContext"),
            run(&[Mbedtls], "-0x3d00 PK - Invalid key tag or value"),
            run(&[Wolfssl], "-140 ASN parsing error, invalid input"),
            source(&[Chrome], "net::ERR_CERT_INVALID"),
            run(&[Bearssl], "41 BR_ERR_X509_UNEXPECTED"),
        ],
    },
    Rule {
        id: "unsupported-key",
        cause: "The key is of a kind that this consumer does not use.",
        section: "RFC 8446 section 4.2.3",
        fix: "serve a certificate for a P-256 or RSA key; a server may have both kinds",
        refusals: &[
            run(&[Go], "tls: server's certificate contains an unsupported type of public key"),
            run(
                &[Nss],
                "SSL_ERROR_HANDSHAKE_FAILURE_ALERT: SSL peer was unable to negotiate an acceptable set of security parameters.",
            ),
            run(&[Mbedtls], "-0x7280 SSL - The connection indicated an EOF"),
            run(&[Rustls], "received fatal alert: HandshakeFailure"),
            source(&[Chrome], "net::ERR_SSL_VERSION_OR_CIPHER_MISMATCH"),
            run(&[Bearssl], "31 BR_ERR_IO"),
            documentation(
                &[Schannel],
                "SEC_E_ILLEGAL_MESSAGE (0x80090326): The message received was unexpected or badly formatted.",
            ),
            documentation(&[Apple], "errSSLPeerHandshakeFail (-9824): Peer handshake failure"),
        ],
    },
    Rule {
        id: "unsupported-issuer-key",
        cause: "An issuer's key is of a kind that this consumer does not use.",
        section: "RFC 5280 section 6.1.4 (d)",
        fix: "use a path whose keys are RSA, P-256 or P-384",
        refusals: &[
            run(&[Mbedtls], "-0x3c80 PK - Key algorithm is unsupported (only RSA and EC are supported)"),
            run(&[Nss], "SEC_ERROR_BAD_SIGNATURE: Peer's certificate has an invalid signature."),
            run(&[Go], "certificate signed by unknown authority"),
        ],
    },
    Rule {
        id: "unsupported-signature",
        cause: "A certificate is signed with an algorithm that this consumer does not verify.",
        section: "RFC 8446 section 4.2.3",
        fix: "have the certificate signed with RSA or ECDSA over SHA-256 or SHA-384",
        refusals: &[
            run(&[Rustls], "UnsupportedSignatureAlgorithmContext"),
            run(&[Go], "certificate signed by unknown authority"),
            run(
                &[Mbedtls],
                "-0x262e X509 - Signature algorithm (oid) is unsupported : OID - OID is not found",
            ),
            run(&[Bearssl], "49 BR_ERR_X509_UNSUPPORTED"),
            source(&[Chrome], "net::ERR_CERT_INVALID"),
        ],
    },
    Rule {
        id: "large-key",
        cause: "The RSA key is larger than this consumer verifies.",
        section: "RFC 8017",
        fix: "make a new key of 2048 to 4096 bits",
        refusals: &[run(&[Go], "tls: server sent certificate containing RSA key larger than 8192 bits")],
    },
];
