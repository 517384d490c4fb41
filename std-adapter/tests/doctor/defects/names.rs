//! The names that a certificate is for (RFC 9525), and the name in its subject.

use super::Defect;
use crate::draft::Draft;
use crate::extension::{AltName, Extension, SUBJECT_ALT_NAME};
use crate::name::Name;

pub(super) const DEFECTS: &[Defect] = &[
    ("common-name-only", |draft, _| draft.leaf().remove(SUBJECT_ALT_NAME)),
    ("common-name-only-of-other", |draft, _| {
        draft.leaf().subject = Name::common("other.example");
        draft.leaf().remove(SUBJECT_ALT_NAME);
    }),
    ("common-name-right-alternative-wrong", |draft, _| names(draft, &[AltName::dns("other.example")])),
    ("common-name-right-alternative-email", |draft, _| {
        names(draft, &[AltName::Email("root@ferrule.example".to_owned())]);
    }),
    ("common-name-of-other", |draft, _| draft.leaf().subject = Name::common("other.example")),
    ("common-names-two-right-last", |draft, _| {
        draft.leaf().subject = Name::commons("other.example", &draft.host.clone());
        draft.leaf().remove(SUBJECT_ALT_NAME);
    }),
    ("common-names-two-right-first", |draft, _| {
        draft.leaf().subject = Name::commons(&draft.host.clone(), "other.example");
        draft.leaf().remove(SUBJECT_ALT_NAME);
    }),
    ("common-name-right-alternative-uri", |draft, _| {
        let uri = format!("https://{}/", draft.host);
        names(draft, &[AltName::Uri(uri)]);
    }),
    ("url-in-dns-name", |draft, _| {
        draft.leaf().subject = Name::common("Some Server");
        let url = format!("https://{}", draft.host);
        names(draft, &[AltName::Dns(url)]);
    }),
    ("port-in-dns-name", |draft, _| {
        draft.leaf().subject = Name::common("Some Server");
        let with_port = format!("{}:443", draft.host);
        names(draft, &[AltName::Dns(with_port)]);
    }),
    ("zero-byte-in-dns-name", |draft, _| {
        draft.leaf().subject = Name::common("Some Server");
        let cut = format!("{}\0.other.example", draft.host);
        names(draft, &[AltName::Dns(cut)]);
    }),
    ("dns-name-not-ascii", |draft, _| {
        let both = [own(draft), AltName::dns("bücher.example")];
        names(draft, &both);
    }),
    ("address-mapped-to-ipv6", |draft, _| {
        draft.host = "192.0.2.7".to_owned();
        names(draft, &[AltName::ip("::ffff:192.0.2.7")]);
    }),
    ("address-and-dns", |draft, _| {
        let both = [AltName::ip("192.0.2.7"), own(draft)];
        names(draft, &both);
    }),
    ("wrong-name", |draft, _| {
        draft.leaf().subject = Name::common("other.example");
        names(draft, &[AltName::dns("other.example"), AltName::dns("www.other.example")]);
    }),
    ("second-of-many-names", |draft, _| {
        let names_of_leaf = [AltName::dns("other.example"), own(draft)];
        names(draft, &names_of_leaf);
    }),
    ("address-expected-dns-served", |draft, _| {
        draft.host = "192.0.2.7".to_owned();
        draft.leaf().subject = Name::common("Some Server");
    }),
    ("address-in-dns-name", |draft, _| {
        draft.host = "192.0.2.7".to_owned();
        draft.leaf().subject = Name::common("Some Server");
        names(draft, &[AltName::dns("192.0.2.7")]);
    }),
    ("address-in-common-name", |draft, _| {
        draft.host = "192.0.2.7".to_owned();
        draft.leaf().subject = Name::common("192.0.2.7");
        draft.leaf().remove(SUBJECT_ALT_NAME);
    }),
    ("address-in-common-name-beside-dns", |draft, _| {
        draft.host = "192.0.2.7".to_owned();
        draft.leaf().subject = Name::common("192.0.2.7");
        names(draft, &[AltName::dns("api.ferrule.example")]);
    }),
    ("address-other", |draft, _| {
        draft.host = "192.0.2.7".to_owned();
        names(draft, &[AltName::ip("192.0.2.8")]);
    }),
    ("address-ipv6", |draft, _| {
        draft.host = "2001:db8::7".to_owned();
        names(draft, &[AltName::ip("2001:db8::7")]);
    }),
    ("dns-expected-address-served", |draft, _| names(draft, &[AltName::ip("192.0.2.7")])),
    ("wildcard", |draft, _| host_and_name(draft, "api.ferrule.example", "*.ferrule.example")),
    ("wildcard-too-deep", |draft, _| host_and_name(draft, "api.v2.ferrule.example", "*.ferrule.example")),
    ("wildcard-without-label", |draft, _| host_and_name(draft, "ferrule.example", "*.ferrule.example")),
    ("wildcard-partial-after", |draft, _| host_and_name(draft, "api.ferrule.example", "a*.ferrule.example")),
    ("wildcard-partial-before", |draft, _| host_and_name(draft, "api.ferrule.example", "*i.ferrule.example")),
    ("wildcard-second-label", |draft, _| host_and_name(draft, "api.ferrule.example", "api.*.example")),
    ("wildcard-top-level", |draft, _| host_and_name(draft, "ferrule.example", "*.example")),
    ("wildcard-alone", |draft, _| host_and_name(draft, "ferrule", "*")),
    ("wildcard-double", |draft, _| host_and_name(draft, "api.v2.ferrule.example", "*.*.ferrule.example")),
    ("wildcard-in-common-name", |draft, _| {
        draft.host = "api.ferrule.example".to_owned();
        draft.leaf().subject = Name::common("*.ferrule.example");
        draft.leaf().remove(SUBJECT_ALT_NAME);
    }),
    ("underscore", |draft, _| host_and_name(draft, "my_api.ferrule.example", "my_api.ferrule.example")),
    ("underscore-under-wildcard", |draft, _| {
        host_and_name(draft, "my_api.ferrule.example", "*.ferrule.example");
    }),
    ("upper-case", |draft, _| host_and_name(draft, "api.ferrule.example", "API.Ferrule.Example")),
    ("trailing-dot", |draft, _| host_and_name(draft, "api.ferrule.example", "api.ferrule.example.")),
    ("single-label", |draft, _| host_and_name(draft, "gateway", "gateway")),
    ("punycode", |draft, _| host_and_name(draft, "xn--bcher-kva.example", "xn--bcher-kva.example")),
    ("label-with-leading-hyphen", |draft, _| {
        host_and_name(draft, "api.ferrule.example", "-api.ferrule.example")
    }),
    ("name-with-space", |draft, _| {
        let both = [own(draft), AltName::dns("not a name")];
        names(draft, &both);
    }),
    ("name-empty", |draft, _| {
        let both = [own(draft), AltName::dns("")];
        names(draft, &both);
    }),
    ("alternative-names-empty", |draft, _| names(draft, &[])),
    ("alternative-names-critical", |draft, _| draft.leaf().set_critical(SUBJECT_ALT_NAME, true)),
    ("subject-empty", |draft, _| {
        draft.leaf().subject = Name::empty();
        draft.leaf().set_critical(SUBJECT_ALT_NAME, true);
    }),
    ("subject-empty-names-not-critical", |draft, _| draft.leaf().subject = Name::empty()),
    ("subject-empty-without-names", |draft, _| {
        draft.leaf().subject = Name::empty();
        draft.leaf().remove(SUBJECT_ALT_NAME);
    }),
    ("hundred-names", |draft, _| {
        let mut many: Vec<_> = (0..99).map(|n| AltName::dns(&format!("host{n}.ferrule.example"))).collect();
        many.push(own(draft));
        names(draft, &many);
    }),
];

/// The name that is expected, as a name of a certificate.
fn own(draft: &Draft) -> AltName {
    draft.host.parse().map_or_else(|_| AltName::dns(&draft.host), AltName::Ip)
}

fn names(draft: &mut Draft, names: &[AltName]) {
    draft.leaf().set(Extension::subject_alt_name(names));
}

fn host_and_name(draft: &mut Draft, host: &str, name: &str) {
    draft.host = host.to_owned();
    draft.leaf().subject = Name::common("Some Server");
    names(draft, &[AltName::dns(name)]);
}
