//! PEM files (RFC 7468), and a sentence that helps where a file is none.

use crate::program::outcome::Trouble;
use rustls_pki_types::pem::{self, PemObject, SectionKind};
use std::fs;
use std::path::Path;

/// What one file holds, in its order. Text around the sections is none of our business.
#[derive(Debug, Default)]
pub(crate) struct PemFile {
    pub(crate) certificates: Vec<Vec<u8>>,
    pub(crate) revocation_lists: Vec<Vec<u8>>,
    pub(crate) private_keys: usize,
}

impl PemFile {
    pub(crate) fn read(path: &Path) -> Result<Self, Trouble> {
        let bytes = fs::read(path).map_err(|error| Trouble::usage(format!("{}: {error}", path.display())))?;
        Self::parse(&bytes).map_err(|reason| Trouble::usage(format!("{}: {reason}", path.display())))
    }

    /// A file that must have a certificate.
    pub(crate) fn with_certificates(path: &Path) -> Result<Self, Trouble> {
        let file = Self::read(path)?;
        if file.certificates.is_empty() {
            let found = match (file.private_keys, file.revocation_lists.len()) {
                (1.., _) => "it holds a private key",
                (_, 1..) => "it holds revocation lists",
                _ => "it has no section that begins with -----BEGIN CERTIFICATE-----",
            };
            return Err(Trouble::usage(format!("{}: no certificate in it: {found}", path.display())));
        }
        Ok(file)
    }

    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let mut file = Self::default();
        for section in <(SectionKind, Vec<u8>)>::pem_slice_iter(bytes) {
            let (kind, content) = section.map_err(|error| reason(&error))?;
            match kind {
                SectionKind::Certificate => file.certificates.push(content),
                SectionKind::Crl => file.revocation_lists.push(content),
                SectionKind::PrivateKey | SectionKind::RsaPrivateKey | SectionKind::EcPrivateKey => {
                    file.private_keys += 1;
                }
                _ => (),
            }
        }
        if file.certificates.is_empty() && file.revocation_lists.is_empty() && file.private_keys == 0 {
            return Err(not_pem(bytes));
        }
        Ok(file)
    }
}

fn reason(error: &pem::Error) -> String {
    match error {
        pem::Error::MissingSectionEnd { .. } => {
            "it is cut off: a section begins and does not end (-----END …-----)".to_owned()
        }
        pem::Error::Base64Decode(_) => "a section of it is damaged: what is inside is not base64".to_owned(),
        other => format!("it cannot be read as PEM: {other}"),
    }
}

/// What it is instead, as far as that can be told.
fn not_pem(bytes: &[u8]) -> String {
    let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    if bytes.is_empty() {
        "it is empty".to_owned()
    } else if bytes.starts_with(&[0x30, 0x82]) || bytes.starts_with(&[0x30, 0x80]) {
        "it is not PEM but binary: a certificate in DER becomes PEM by `openssl x509 -inform DER -in FILE`, a PKCS#12 \
         file by `openssl pkcs12 -nokeys -in FILE`"
            .to_owned()
    } else if holds("-----BEGIN PKCS7-----") {
        "it is PKCS#7: `openssl pkcs7 -print_certs -in FILE` takes the certificates out".to_owned()
    } else if holds("-----BEGIN TRUSTED CERTIFICATE-----") || holds("-----BEGIN X509 CERTIFICATE-----") {
        "its certificates are marked in OpenSSL's own way: `openssl x509 -in FILE` writes an ordinary one"
            .to_owned()
    } else if holds("-----BEGIN CERTIFICATE REQUEST-----") || holds("-----BEGIN NEW CERTIFICATE REQUEST-----")
    {
        "it is a request for a certificate (CSR), not the certificate".to_owned()
    } else {
        "it is not PEM: no section in it begins with -----BEGIN CERTIFICATE-----".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::PemFile;

    fn refusal(text: &[u8]) -> String {
        PemFile::parse(text).unwrap_err()
    }

    #[test]
    fn a_file_that_is_no_pem_is_named_for_what_it_is() {
        assert!(refusal(b"").contains("empty"));
        assert!(refusal(&[0x30, 0x82, 1, 2, 3]).contains("DER"));
        assert!(refusal(b"-----BEGIN PKCS7-----\nMAA=\n-----END PKCS7-----\n").contains("PKCS#7"));
        assert!(refusal(b"-----BEGIN CERTIFICATE-----\nMAA=\n").contains("cut off"));
        assert!(
            refusal(b"-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n").contains("base64")
        );
        assert!(refusal(b"hello").contains("not PEM"));
    }

    #[test]
    fn text_around_the_sections_and_private_keys_are_no_certificates() {
        let text = b"subject=x\n-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n\
            subject=y\n-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n# end\n";
        let file = PemFile::parse(text).unwrap();
        assert_eq!((file.certificates, file.private_keys), (vec![vec![0x30, 0]], 1));
    }
}
