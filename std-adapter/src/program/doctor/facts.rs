//! Everything that a rule may ask of one certificate, read as leniently as the most lenient consumer reads it.

use super::ber::{
    BIT_STRING, BOOLEAN, Elements, GENERALIZED_TIME, INTEGER, OCTET_STRING, OID, SEQUENCE, UTC_TIME, context,
    dotted,
};
use super::distinguished_name::Name;
use super::extension::{self, AltName, AuthorityKeyId, BasicConstraints, Extension, KeyUsage};
use super::extension::{NameConstraints, Reading};
use super::key::{Key, SignatureAlgorithm};
use super::signature;
use sha2::{Digest, Sha256};
use std::fmt;

/// One certificate, owned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) der: Vec<u8>,
    /// TBSCertificate with tag and length: what is signed.
    pub(crate) to_be_signed: Vec<u8>,
    /// As people count it: 1, 2, 3, or what was found.
    pub(crate) version: u32,
    /// The contents of the INTEGER.
    pub(crate) serial: Vec<u8>,
    pub(crate) issuer: Name,
    pub(crate) subject: Name,
    pub(crate) not_before: Time,
    pub(crate) not_after: Time,
    pub(crate) key: Key,
    /// SubjectPublicKeyInfo with tag and length.
    pub(crate) spki: Vec<u8>,
    /// The bytes of its BIT STRING.
    pub(crate) key_bits: Vec<u8>,
    /// AlgorithmIdentifiers with tag and length: in TBSCertificate, and beside the signature.
    pub(crate) inner_algorithm: Vec<u8>,
    pub(crate) outer_algorithm: Vec<u8>,
    pub(crate) algorithm: SignatureAlgorithm,
    pub(crate) signature: Vec<u8>,
    pub(crate) extensions: Vec<Extension>,
    pub(crate) alt_names: Reading<Vec<AltName>>,
    pub(crate) basic_constraints: Reading<BasicConstraints>,
    pub(crate) key_usage: Reading<KeyUsage>,
    /// In dotted decimals.
    pub(crate) extended_key_usage: Reading<Vec<String>>,
    pub(crate) authority_key_id: Reading<AuthorityKeyId>,
    pub(crate) subject_key_id: Reading<Vec<u8>>,
    pub(crate) name_constraints: Reading<NameConstraints>,
    pub(crate) policies: Reading<Vec<String>>,
    /// requireExplicitPolicy (RFC 5280 §4.2.1.11).
    pub(crate) require_explicit_policy: Option<i64>,
    /// RFC 7633 with status_request.
    pub(crate) must_staple: bool,
    pub(crate) issuer_urls: Vec<String>,
    pub(crate) responder_urls: Vec<String>,
    pub(crate) crl_urls: Vec<String>,
    pub(crate) fingerprint: [u8; 32],
    /// Where the encoding is no strict DER, or the profile of RFC 5280 is left in form.
    pub(crate) oddities: Vec<Oddity>,
}

/// A time of validity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Time {
    /// Seconds since 1970 in UTC.
    pub(crate) unix: i64,
    pub(crate) form: TimeForm,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimeForm {
    /// UTCTime, in seconds and Z.
    Utc,
    /// GeneralizedTime, in seconds and Z.
    Generalized,
    /// Without seconds: no DER (RFC 5280 §4.1.2.5.1).
    WithoutSeconds,
    /// With fractions, or with an offset from UTC: no DER either.
    Irregular,
}

/// Where a certificate is no strict DER.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Oddity {
    LengthNotMinimal,
    /// Behind the certificate.
    TrailingBytes,
    /// Within it, behind the last field that is known.
    SurplusFields,
    SerialNotMinimal,
    SerialEmpty,
    /// A BOOLEAN that is neither 0x00 nor 0xff.
    Boolean,
    /// A default value that is encoded (X.690 §11.5).
    DefaultEncoded,
    TimeForm,
    ExtensionsEmpty,
    UniqueIdentifier,
}

/// What is no certificate at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unreadable(pub(crate) &'static str);

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "its {} cannot be read", self.0)
    }
}

impl std::error::Error for Unreadable {}

impl Facts {
    pub(crate) fn parse(der: &[u8]) -> Result<Self, Unreadable> {
        let mut oddities = Vec::new();
        let mut outer = Elements(der);
        let certificate = outer.expect(SEQUENCE).ok_or(Unreadable("outer structure"))?;
        if !outer.is_empty() {
            oddities.push(Oddity::TrailingBytes);
        }
        let mut parts = Elements(certificate.contents);
        let tbs = parts.expect(SEQUENCE).ok_or(Unreadable("TBSCertificate"))?;
        let outer_algorithm = parts.expect(SEQUENCE).ok_or(Unreadable("signature algorithm"))?;
        let signature = parts.expect(BIT_STRING).ok_or(Unreadable("signature"))?;

        let mut fields = Elements(tbs.contents);
        let version = match fields.expect(context(0, true)) {
            None => 1,
            Some(explicit) => {
                let number = Elements(explicit.contents).expect(INTEGER).ok_or(Unreadable("version"))?;
                let number = number.contents.iter().fold(0u32, |number, byte| number << 8 | u32::from(*byte));
                if number == 0 {
                    oddities.push(Oddity::DefaultEncoded);
                }
                number.saturating_add(1)
            }
        };
        let serial = fields.expect(INTEGER).ok_or(Unreadable("serial number"))?;
        match serial.contents {
            [] => oddities.push(Oddity::SerialEmpty),
            [0, 0..=0x7f, ..] | [0xff, 0x80..=0xff, ..] => oddities.push(Oddity::SerialNotMinimal),
            _ => {}
        }
        let inner_algorithm = fields.expect(SEQUENCE).ok_or(Unreadable("inner signature algorithm"))?;
        let issuer = fields.expect(SEQUENCE).ok_or(Unreadable("issuer"))?;
        let mut validity = Elements(fields.expect(SEQUENCE).ok_or(Unreadable("validity"))?.contents);
        let mut time = || {
            let element = validity.next().ok_or(Unreadable("validity"))?;
            Time::parse(element.tag, element.contents).ok_or(Unreadable("validity"))
        };
        let (not_before, not_after) = (time()?, time()?);
        if [not_before, not_after].iter().any(|time| !time.is_der()) {
            oddities.push(Oddity::TimeForm);
        }
        let subject = fields.expect(SEQUENCE).ok_or(Unreadable("subject"))?;
        let spki = fields.expect(SEQUENCE).ok_or(Unreadable("public key"))?;
        let (key, key_bits) = Key::parse(spki.contents).ok_or(Unreadable("public key"))?;
        for number in [1, 2] {
            let primitive = fields.expect(context(number, false));
            if primitive.or_else(|| fields.expect(context(number, true))).is_some() {
                oddities.push(Oddity::UniqueIdentifier);
            }
        }
        let extensions = match fields.expect(context(3, true)) {
            Some(explicit) => extensions(explicit.contents, &mut oddities).ok_or(Unreadable("extensions"))?,
            None => Vec::new(),
        };
        let elements = [certificate, tbs, serial, outer_algorithm, inner_algorithm, issuer, subject, spki];
        if elements.iter().any(|element| !element.minimal_length) {
            oddities.push(Oddity::LengthNotMinimal);
        }
        if !fields.is_empty() || !parts.is_empty() || !validity.is_empty() {
            oddities.push(Oddity::SurplusFields);
        }

        let reader = Reader(&extensions);
        let (issuer_urls, responder_urls) = reader
            .read(extension::AUTHORITY_INFORMATION_ACCESS, extension::information_access)
            .present()
            .cloned()
            .unwrap_or_default();
        let crl_urls = reader.read(extension::CRL_DISTRIBUTION_POINTS, extension::distribution_points);
        let features = reader.read(extension::TLS_FEATURE, extension::features);
        Ok(Self {
            der: der.to_vec(),
            to_be_signed: tbs.whole.to_vec(),
            version,
            serial: serial.contents.to_vec(),
            issuer: Name::parse(issuer.whole),
            subject: Name::parse(subject.whole),
            not_before,
            not_after,
            key,
            spki: spki.whole.to_vec(),
            key_bits,
            inner_algorithm: inner_algorithm.whole.to_vec(),
            outer_algorithm: outer_algorithm.whole.to_vec(),
            algorithm: SignatureAlgorithm::parse(outer_algorithm.contents),
            signature: signature.contents.get(1..).unwrap_or_default().to_vec(),
            alt_names: reader.read(extension::SUBJECT_ALT_NAME, AltName::parse_all),
            basic_constraints: reader.read(extension::BASIC_CONSTRAINTS, BasicConstraints::parse),
            key_usage: reader.read(extension::KEY_USAGE, KeyUsage::parse),
            extended_key_usage: reader.read(extension::EXTENDED_KEY_USAGE, extension::object_identifiers),
            authority_key_id: reader.read(extension::AUTHORITY_KEY_ID, AuthorityKeyId::parse),
            subject_key_id: reader.read(extension::SUBJECT_KEY_ID, extension::subject_key_id),
            name_constraints: reader.read(extension::NAME_CONSTRAINTS, NameConstraints::parse),
            policies: reader.read(extension::CERTIFICATE_POLICIES, extension::policies),
            require_explicit_policy: reader
                .read(extension::POLICY_CONSTRAINTS, extension::require_explicit_policy)
                .present()
                .copied(),
            // status_request is 5 (RFC 6066 §1.1).
            must_staple: features.present().is_some_and(|features| features.contains(&5)),
            issuer_urls,
            responder_urls,
            crl_urls: crl_urls.present().cloned().unwrap_or_default(),
            fingerprint: Sha256::digest(der).into(),
            extensions,
            oddities,
        })
    }

    /// As those read it who know no extensions before version 3.
    pub(crate) fn without_extensions(&self) -> Self {
        Self {
            extensions: Vec::new(),
            alt_names: Reading::Absent,
            basic_constraints: Reading::Absent,
            key_usage: Reading::Absent,
            extended_key_usage: Reading::Absent,
            authority_key_id: Reading::Absent,
            subject_key_id: Reading::Absent,
            name_constraints: Reading::Absent,
            policies: Reading::Absent,
            must_staple: false,
            ..self.clone()
        }
    }

    /// The algorithm that stands within what is signed.
    pub(crate) fn stated_algorithm(&self) -> SignatureAlgorithm {
        let contents =
            Elements(&self.inner_algorithm).expect(SEQUENCE).map_or(&[][..], |inner| inner.contents);
        SignatureAlgorithm::parse(contents)
    }

    /// Whether bytes follow the certificate where it alone should stand.
    pub(crate) fn has_trailing_bytes(&self) -> bool {
        self.oddities.contains(&Oddity::TrailingBytes)
    }

    /// The first extension with this identifier.
    pub(crate) fn extension(&self, oid: &str) -> Option<&Extension> {
        self.extensions.iter().find(|extension| extension.oid == oid)
    }

    pub(crate) fn is_critical(&self, oid: &str) -> bool {
        self.extension(oid).is_some_and(|extension| extension.critical)
    }

    /// An extension that stands there twice (RFC 5280 §4.2).
    pub(crate) fn duplicate_extension(&self) -> Option<&str> {
        let twice = |(place, extension): (usize, &Extension)| {
            self.extensions[..place].iter().any(|before| before.oid == extension.oid)
        };
        self.extensions.iter().enumerate().find(|entry| twice(*entry)).map(|(_, again)| again.oid.as_str())
    }

    pub(crate) fn is_authority(&self) -> bool {
        self.basic_constraints.present().is_some_and(|constraints| constraints.authority)
    }

    pub(crate) fn path_length(&self) -> Option<i64> {
        self.basic_constraints.present().and_then(|constraints| constraints.path_length)
    }

    pub(crate) fn is_self_issued(&self) -> bool {
        self.subject.matches(&self.issuer)
    }

    /// Issued by its own name, under its own key.
    pub(crate) fn is_self_signed(&self) -> bool {
        self.is_self_issued() && self.signed_by(self)
    }

    /// Whether the key of `issuer` made this certificate's signature; names are not asked.
    pub(crate) fn signed_by(&self, issuer: &Self) -> bool {
        signature::verifies(
            &issuer.key,
            &issuer.key_bits,
            &self.algorithm,
            &self.to_be_signed,
            &self.signature,
        )
    }

    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.der == other.der
    }

    /// The names that a client may ask for: DNS ones.
    pub(crate) fn dns_names(&self) -> impl Iterator<Item = &str> {
        self.alt_names.present().into_iter().flatten().filter_map(|name| match name {
            AltName::Dns(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// The addresses that a client may ask for.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = std::net::IpAddr> {
        self.alt_names.present().into_iter().flatten().filter_map(AltName::ip)
    }
}

struct Reader<'a>(&'a [Extension]);

impl Reader<'_> {
    fn read<T>(&self, oid: &str, parse: impl Fn(&[u8]) -> Option<T>) -> Reading<T> {
        match self.0.iter().find(|extension| extension.oid == oid) {
            None => Reading::Absent,
            Some(extension) => parse(&extension.value).map_or(Reading::Unreadable, Reading::Present),
        }
    }
}

fn extensions(explicit: &[u8], oddities: &mut Vec<Oddity>) -> Option<Vec<Extension>> {
    let mut list = Elements(Elements(explicit).expect(SEQUENCE)?.contents);
    if list.is_empty() {
        oddities.push(Oddity::ExtensionsEmpty);
    }
    let mut extensions = Vec::new();
    for element in list.by_ref() {
        let mut fields = Elements(element.contents);
        let oid = dotted(fields.expect(OID)?.contents);
        let critical = match fields.expect(BOOLEAN) {
            None => false,
            Some(flag) => {
                match flag.contents {
                    [0xff] => {}
                    [0] => oddities.push(Oddity::DefaultEncoded),
                    _ => oddities.push(Oddity::Boolean),
                }
                flag.contents != [0]
            }
        };
        let value = fields.expect(OCTET_STRING)?.contents.to_vec();
        extensions.push(Extension { oid, critical, value });
    }
    list.is_empty().then_some(extensions)
}

impl Time {
    pub(crate) const fn is_der(&self) -> bool {
        matches!(self.form, TimeForm::Utc | TimeForm::Generalized)
    }

    fn parse(tag: u8, contents: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(contents).ok()?;
        let (year, rest, form) = match tag {
            UTC_TIME => {
                let year: i64 = text.get(..2)?.parse().ok()?;
                // "Where YY is greater than or equal to 50, the year SHALL be interpreted as 19YY"
                // (RFC 5280 §4.1.2.5.1).
                (if year >= 50 { 1900 + year } else { 2000 + year }, text.get(2..)?, TimeForm::Utc)
            }
            GENERALIZED_TIME => (text.get(..4)?.parse().ok()?, text.get(4..)?, TimeForm::Generalized),
            _ => return None,
        };
        let number = |from: usize| rest.get(from..from + 2)?.parse::<i64>().ok();
        let (month, day, hour, minute) = (number(0)?, number(2)?, number(4)?, number(6)?);
        let (second, tail) = match number(8) {
            Some(second) => (second, rest.get(10..)?),
            None => (0, rest.get(8..)?),
        };
        let offset = match tail.as_bytes() {
            [sign @ (b'+' | b'-'), digits @ ..] if digits.len() == 4 => {
                let digits: i64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
                let seconds = (digits / 100 * 60 + digits % 100) * 60;
                if *sign == b'+' { seconds } else { -seconds }
            }
            _ => 0,
        };
        let form = match (tail, number(8)) {
            ("Z", Some(_)) => form,
            ("Z", None) => TimeForm::WithoutSeconds,
            _ => TimeForm::Irregular,
        };
        let unix = days_since_1970(year, month, day)? * 86_400 + hour * 3600 + minute * 60 + second - offset;
        Some(Self { unix, form })
    }
}

/// The proleptic Gregorian calendar, counted in years that begin in March.
fn days_since_1970(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let (era, month) = (year.div_euclid(400), (month + 9) % 12);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    Some(era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468)
}
