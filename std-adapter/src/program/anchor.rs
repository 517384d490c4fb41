//! `ferrule anchor`: trust anchors as Rust constants, for firmware that has no files.

use super::arguments::AnchorArguments;
use super::doctor::moment;
use super::doctor::pem_file::PemFile;
use super::outcome::Trouble;
use ferrule::certificate::{Certificate, TrustAnchor, UnixTime};
use std::fmt::Write as _;
use std::io::Write as _;

pub(crate) fn run(arguments: &AnchorArguments) -> Result<(), Trouble> {
    let path = &arguments.pem;
    let file = PemFile::with_certificates(path)?;
    let mut constants = Constants::default();
    for (index, der) in file.certificates.iter().enumerate() {
        let refused = |rule| {
            Trouble::usage(format!("{}: certificate {index} can be no trust anchor: {rule}", path.display()))
        };
        TrustAnchor::from_certificate(der).map_err(refused)?;
        let certificate = Certificate::parse(der).map_err(refused)?;
        if certificate.not_after().0 < moment::now().unsigned_abs() {
            eprintln!(
                "warning: certificate {index} ({}) has expired on {}; as an anchor it is believed all the same",
                title(&certificate),
                certificate.not_after()
            );
        }
        constants.add(&certificate);
    }
    let mut stdout = std::io::stdout().lock();
    let written = stdout.write_all(constants.source().as_bytes()).and_then(|()| stdout.flush());
    written.map_err(|error| Trouble::network(format!("stdout: {error}")))
}

/// Rust source with one constant for each anchor, and one for all of them.
#[derive(Default)]
struct Constants {
    names: Vec<String>,
    items: String,
}

impl Constants {
    fn add(&mut self, certificate: &Certificate<'_>) {
        let name = self.name_for(certificate);
        let UnixTime(not_after) = certificate.not_after();
        let not_after = moment::day(i64::try_from(not_after).unwrap_or(i64::MAX));
        let constraints =
            certificate.extensions().find(NAME_CONSTRAINTS).map_or_else(String::new, |extension| {
                format!("\n.with_name_constraints(\n{},\n)", bytes(extension.value))
            });
        let _ = write!(
            self.items,
            "\n/// {}: its certificate is valid until {not_after}.\n#[rustfmt::skip]\npub const {name}: \
             TrustAnchor<'static> = TrustAnchor::from_contents(\n{},\n{},\n){constraints};\n",
            title(certificate),
            bytes(certificate.subject().as_contents()),
            bytes(certificate.public_key_info()),
        );
        self.names.push(name);
    }

    /// A constant's name after the subject; numbered where two subjects come to the same.
    fn name_for(&self, certificate: &Certificate<'_>) -> String {
        let common_name = certificate.subject().common_name().unwrap_or_default();
        let words = common_name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        let mut name = words.map(str::to_ascii_uppercase).collect::<Vec<_>>().join("_");
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            name.insert_str(0, if name.is_empty() { "ANCHOR" } else { "ANCHOR_" });
        }
        if name == ALL {
            name += "_1";
        }
        let taken = |name: &String| self.names.contains(name);
        match (2..).map(|number| format!("{name}_{number}")).find(|numbered| !taken(numbered)) {
            Some(numbered) if taken(&name) => numbered,
            _ => name,
        }
    }

    fn source(&self) -> String {
        format!(
            "// Made by `ferrule anchor`.\n\nuse ferrule::certificate::TrustAnchor;\n\n/// All of the anchors \
             below.\npub const {ALL}: &[TrustAnchor<'static>] = &[{}];\n{}",
            self.names.join(", "),
            self.items
        )
    }
}

/// 2.5.29.30 (RFC 5280 §4.2.1.10): an authority that is trusted for some names only stays so.
const NAME_CONSTRAINTS: &[u8] = &[0x55, 29, 30];
/// The constant that holds them all.
const ALL: &str = "ANCHORS";

/// The subject in one line. Whoever made the certificate chose it: it must not end the comment that it stands in.
fn title(certificate: &Certificate<'_>) -> String {
    let name = certificate.subject().common_name().unwrap_or("(no common name)");
    name.escape_debug().to_string()
}

fn bytes(content: &[u8]) -> String {
    let mut text = "    &[".to_owned();
    for row in content.chunks(16) {
        text += "\n        ";
        let row: Vec<_> = row.iter().map(|byte| format!("0x{byte:02x},")).collect();
        text += &row.join(" ");
    }
    text + "\n    ]"
}
