//! Lists and staples, told as chains: each is asked of the walk and of the path builder.

extern crate std;
use super::super::chain::tests::{at, server_name};
use super::super::draft::{
    DIGITAL_SIGNATURE, Draft, KEY_CERT_SIGN, NOW, TestKey, extended_key_usage, extension, key_usage, name,
    object, provider, sequence, tlv,
};
use super::super::{
    CertificateError, ExpectedPeer, Next, PeerVerifier, Role, Rule, TrustAnchor, UnixTime, chain, oid, path,
};
use super::*;
use crate::alert::AlertDescription;
use crate::limits::MAX_SIGNATURE_CHECKS;
use std::vec;
use std::vec::Vec;

const BEFORE: &str = "20260601000000Z";
const AFTER: &str = "20260801000000Z";
const LONG_AGO: &str = "20250101000000Z";
const CRL_SIGN: u8 = 0x02;

fn at_time(text: &str) -> Vec<u8> {
    tlv(0x18, text.as_bytes())
}
fn integer(serial: &[u8]) -> Vec<u8> {
    tlv(2, serial)
}
fn signed(tbs: &[u8], key: &TestKey, more: &[u8]) -> Vec<u8> {
    sequence(&[tbs, &key.algorithm(), &tlv(3, &[&[0], key.sign(tbs).as_slice()].concat()), more])
}

/// A list of what `issuer` has revoked.
struct List {
    issuer: &'static str,
    this_update: &'static str,
    next_update: Option<&'static str>,
    entries: Vec<Vec<u8>>,
    extensions: Vec<Vec<u8>>,
}
impl List {
    fn of(issuer: &'static str) -> Self {
        let (entries, extensions) = (Vec::new(), Vec::new());
        Self { issuer, this_update: BEFORE, next_update: Some(AFTER), entries, extensions }
    }
    fn revoking(mut self, serial: &[u8], reason: Option<u8>) -> Self {
        let extensions =
            reason.map(|reason| sequence(&[&extension(oid::CRL_REASON, false, &tlv(10, &[reason]))]));
        let entry = [integer(serial), at_time(BEFORE), extensions.unwrap_or_default()];
        self.entries.push(sequence(&[&entry.concat()]));
        self
    }
    fn with(mut self, extension: Vec<u8>) -> Self {
        self.extensions.push(extension);
        self
    }
    fn signed_by(&self, key: &TestKey) -> Vec<u8> {
        let entries = if self.entries.is_empty() { Vec::new() } else { sequence(&[&self.entries.concat()]) };
        let extensions = match self.extensions.as_slice() {
            [] => Vec::new(),
            list => tlv(0xa0, &tlv(0x30, &list.concat())),
        };
        let tbs = sequence(&[
            &integer(&[1]),
            &key.algorithm(),
            &tlv(0x30, &name(self.issuer)),
            &at_time(self.this_update),
            &self.next_update.map(at_time).unwrap_or_default(),
            &entries,
            &extensions,
        ]);
        signed(&tbs, key, &[])
    }
}

/// An OCSP response about one certificate.
struct Response {
    responder: Vec<u8>,
    serial: Vec<u8>,
    status: Vec<u8>,
    this_update: &'static str,
    next_update: Option<&'static str>,
    /// SingleResponses behind the first.
    more: Vec<u8>,
    certificates: Vec<u8>,
}
impl Response {
    fn good() -> Self {
        Self {
            responder: tlv(0xa1, &tlv(0x30, &name("Issuing"))),
            serial: vec![1],
            status: tlv(0x80, &[]),
            this_update: BEFORE,
            next_update: Some(AFTER),
            more: Vec::new(),
            certificates: Vec::new(),
        }
    }
    fn single(&self) -> Vec<u8> {
        let sha1 = sequence(&[&object(&[0x2b, 14, 3, 2, 26]), &[5, 0]]);
        let id = sequence(&[&sha1, &tlv(4, &[7; 20]), &tlv(4, &[7; 20]), &integer(&self.serial)]);
        let next = self.next_update.map(|next| tlv(0xa0, &at_time(next))).unwrap_or_default();
        sequence(&[&id, &self.status, &at_time(self.this_update), &next])
    }
    fn signed_by(&self, key: &TestKey) -> Vec<u8> {
        let responses = sequence(&[&self.single(), &self.more]);
        let tbs = sequence(&[&self.responder, &at_time(BEFORE), &responses]);
        let certificates = match self.certificates.as_slice() {
            [] => Vec::new(),
            certificates => tlv(0xa0, &tlv(0x30, certificates)),
        };
        let basic = signed(&tbs, key, &certificates);
        let bytes = sequence(&[&object(oid::OCSP_BASIC), &tlv(4, &basic)]);
        sequence(&[&tlv(10, &[0]), &tlv(0xa0, &bytes)])
    }
}

/// Root (key 3), issuing authority (key 1, serial 5), leaf (serial 1).
fn leaf() -> Draft {
    Draft::leaf("Issuing", &TestKey::p256(200))
}
fn issuing() -> Draft {
    let draft = Draft { serial: vec![5], ..Draft::authority("Issuing", "Root", &TestKey::p256(1)) };
    draft.with(key_usage(KEY_CERT_SIGN | CRL_SIGN))
}
fn root() -> Vec<u8> {
    Draft::authority("Root", "Root", &TestKey::p256(3)).signed_by(&TestKey::p256(3))
}

fn run<V: PeerVerifier>(
    verifier: &V,
    chain: &[Vec<u8>],
    staple: Option<&[u8]>,
) -> Result<usize, CertificateError> {
    let (name, mut provider) = (server_name(), provider());
    let expected = ExpectedPeer { name: Some(&name), role: Role::Server, validity: at(NOW) };
    let (mut memory, mut walk) = (vec![0; 1 << 15], verifier.begin());
    let (mut served, mut works) = (0, 0);
    let mut next = Next::Certificate { at: 0 };
    loop {
        next = match next {
            Next::Authenticated(_) => return Ok(works),
            Next::Work => {
                works += 1;
                verifier.work(&mut walk, &expected, &mut provider, &mut memory)?
            }
            Next::Certificate { at } => match chain.get(served) {
                None => verifier.end(&mut walk, &expected, &mut memory)?,
                Some(der) => {
                    memory[at..at + der.len()].copy_from_slice(der);
                    if let (0, Some(staple)) = (served, staple) {
                        assert!(verifier.wants_staple());
                        memory[der.len()..der.len() + staple.len()].copy_from_slice(staple);
                        verifier.staple(&mut walk, der.len(), staple.len());
                    }
                    served += 1;
                    verifier.certificate(&mut walk, &expected, &mut provider, &mut memory, der.len())?
                }
            },
        };
    }
}

/// What both verifiers say; how many public-key operations the walk took.
fn verdict(
    policy: RevocationPolicy<'_>,
    leaf: &Draft,
    issuing: &Draft,
    staple: Option<&[u8]>,
) -> Result<usize, Rule> {
    let root = root();
    let anchors = [TrustAnchor::from_certificate(&root).unwrap()];
    let chain = [leaf.signed_by(&TestKey::p256(1)), issuing.signed_by(&TestKey::p256(3))];
    let walk = run(&chain::Verifier::new(&anchors).with_revocation(policy), &chain, staple);
    let search = run(&path::Verifier::new(&anchors).with_revocation(policy), &chain, staple);
    assert_eq!(walk, search);
    walk.map_err(|error| error.rule)
}
fn with_lists(lists: &[&[u8]], unknown: Unknown) -> Result<usize, Rule> {
    let lists: Vec<_> = lists.iter().map(|der| RevocationList::parse(der).unwrap()).collect();
    let policy = RevocationPolicy { lists: &lists, staple: Staple::Ignored, unknown };
    verdict(policy, &leaf(), &issuing(), None)
}
fn with_staple(staple: &[u8]) -> Result<usize, Rule> {
    verdict(RevocationPolicy::new(&[]), &leaf(), &issuing(), Some(staple))
}
fn since() -> UnixTime {
    let time = at_time(BEFORE);
    UnixTime::parse(&mut super::super::der::Der::new(&time, "test").unwrap()).unwrap()
}

#[test]
fn without_lists_and_staples_nothing_changes() {
    assert_eq!(with_lists(&[], Unknown::Accepted), Ok(2));
    assert_eq!(with_lists(&[], Unknown::LeafRefused), Err(Rule::RevocationUnknown));
    assert_eq!(with_lists(&[], Unknown::Refused), Err(Rule::RevocationUnknown));
}

#[test]
fn a_revoked_certificate_is_refused_wherever_it_stands() {
    let of_issuing =
        List::of("Issuing").revoking(&[9], None).revoking(&[1], Some(1)).signed_by(&TestKey::p256(1));
    let revoked = |reason| Err(Rule::Revoked { since: since(), reason });
    assert_eq!(with_lists(&[&of_issuing], Unknown::Accepted), revoked(Reason::KEY_COMPROMISE));
    assert_eq!(
        Rule::Revoked { since: since(), reason: Reason(1) }.alert(),
        AlertDescription::CERTIFICATE_REVOKED
    );
    let of_root = List::of("Root").revoking(&[5], None).signed_by(&TestKey::p256(3));
    assert_eq!(with_lists(&[&of_root], Unknown::Accepted), revoked(Reason::UNSPECIFIED));
    // The same serial numbers, but another issuer's.
    let of_root = List::of("Root").revoking(&[1], None).signed_by(&TestKey::p256(3));
    let of_issuing = List::of("Issuing").revoking(&[5], None).signed_by(&TestKey::p256(1));
    assert_eq!(with_lists(&[&of_root, &of_issuing], Unknown::Refused), Ok(4));
    assert_eq!(with_lists(&[&of_issuing], Unknown::LeafRefused), Ok(3));
    assert_eq!(with_lists(&[&of_issuing], Unknown::Refused), Err(Rule::RevocationUnknown));
}

#[test]
fn a_list_is_believed_only_from_the_issuer_and_in_its_time() {
    let list = || List::of("Issuing");
    let by_another = list().signed_by(&TestKey::p256(2));
    assert_eq!(with_lists(&[&by_another], Unknown::Accepted), Err(Rule::BadStatusSignature));
    let stale = List { next_update: Some(LONG_AGO), this_update: LONG_AGO, ..list() };
    assert!(matches!(
        with_lists(&[&stale.signed_by(&TestKey::p256(1))], Unknown::Accepted),
        Err(Rule::StatusOutOfDate { .. })
    ));
    let early = List { this_update: AFTER, ..list() };
    assert!(matches!(
        with_lists(&[&early.signed_by(&TestKey::p256(1))], Unknown::Accepted),
        Err(Rule::StatusOutOfDate { .. })
    ));
    let endless = List { next_update: None, ..list() }.signed_by(&TestKey::p256(1));
    assert_eq!(with_lists(&[&endless], Unknown::LeafRefused), Ok(3));
    // keyUsage without cRLSign.
    let good = list().signed_by(&TestKey::p256(1));
    let lists = [RevocationList::parse(&good).unwrap()];
    let policy = RevocationPolicy::new(&lists);
    let answer = verdict(policy, &leaf(), &issuing().with(key_usage(KEY_CERT_SIGN)), None);
    assert!(matches!(answer, Err(Rule::UnusableRevocationList { .. })));
}

#[test]
fn a_list_of_some_certificates_says_nothing_of_the_others() {
    let point = |parts: &[&[u8]]| extension(oid::ISSUING_DISTRIBUTION_POINT, true, &sequence(parts));
    let with = |point| List::of("Issuing").with(point).signed_by(&TestKey::p256(1));
    let only_users = with(point(&[&[0x81, 1, 0xff]]));
    assert_eq!(with_lists(&[&only_users], Unknown::LeafRefused), Ok(3));
    let only_authorities = with(point(&[&[0x82, 1, 0xff]]));
    assert_eq!(with_lists(&[&only_authorities], Unknown::LeafRefused), Err(Rule::RevocationUnknown));
    let partition = with(point(&[&tlv(0xa0, &tlv(0xa0, &tlv(0x86, b"http://crl.example/1")))]));
    assert_eq!(with_lists(&[&partition], Unknown::LeafRefused), Err(Rule::RevocationUnknown));
    let unusable =
        |der: &[u8]| matches!(RevocationList::parse(der), Err(Rule::UnusableRevocationList { .. }));
    assert!(unusable(&with(point(&[&[0x83, 2, 0, 0x80]]))));
    assert!(unusable(&with(point(&[&[0x84, 1, 0xff]]))));
    assert!(unusable(&with(point(&[&[0x85, 1, 0xff]]))));
    assert!(unusable(&with(extension(oid::DELTA_CRL_INDICATOR, true, &integer(&[1])))));
    assert!(unusable(&with(extension(&[0x2a, 3], true, &[5, 0]))));
    assert!(!unusable(&with(extension(&[0x2a, 3], false, &[5, 0]))));
    let twice = point(&[&[0x82, 1, 0xff]]);
    let twice = List::of("Issuing").with(twice.clone()).with(twice).signed_by(&TestKey::p256(1));
    assert!(matches!(RevocationList::parse(&twice), Err(Rule::DuplicateExtension { .. })));
}

#[test]
fn every_truncation_of_a_list_and_of_a_response_is_refused() {
    let list = List::of("Issuing").revoking(&[1], Some(4)).signed_by(&TestKey::p256(1));
    for length in 0..list.len() {
        assert!(RevocationList::parse(&list[..length]).is_err(), "{length}");
    }
    let staple = Response::good().signed_by(&TestKey::p256(1));
    for length in 1..staple.len() {
        assert!(with_staple(&staple[..length]).is_err(), "{length}");
    }
}

#[test]
fn no_flipped_bit_of_a_staple_is_believed() {
    let staple = Response::good().signed_by(&TestKey::p256(1));
    for place in 0..staple.len() {
        let mut flipped = staple.clone();
        flipped[place] ^= 1 << (place % 8);
        if let Ok(works) = with_staple(&flipped) {
            panic!("byte {place}: {works}");
        }
    }
}

#[test]
fn a_good_staple_counts_as_knowledge_about_the_leaf() {
    let staple = Response::good().signed_by(&TestKey::p256(1));
    assert_eq!(with_staple(&staple), Ok(3));
    let policy = RevocationPolicy { unknown: Unknown::LeafRefused, ..RevocationPolicy::new(&[]) };
    assert_eq!(verdict(policy, &leaf(), &issuing(), Some(&staple)), Ok(3));
    assert_eq!(verdict(policy, &leaf(), &issuing(), None), Err(Rule::RevocationUnknown));
    let policy = RevocationPolicy { unknown: Unknown::Refused, ..policy };
    assert_eq!(verdict(policy, &leaf(), &issuing(), Some(&staple)), Err(Rule::RevocationUnknown));
}

#[test]
fn a_staple_that_says_anything_but_good_is_refused() {
    let revoked_info = [at_time(BEFORE), tlv(0xa0, &tlv(10, &[4]))].concat();
    let revoked = Response { status: tlv(0xa1, &revoked_info), ..Response::good() };
    let reason = Reason::SUPERSEDED;
    assert_eq!(
        with_staple(&revoked.signed_by(&TestKey::p256(1))),
        Err(Rule::Revoked { since: since(), reason })
    );
    let unusable = |answer| matches!(answer, Err(Rule::UnusableStaple { .. }));
    let unknown = Response { status: tlv(0x82, &[]), ..Response::good() };
    assert!(unusable(with_staple(&unknown.signed_by(&TestKey::p256(1)))));
    let of_another = Response { serial: vec![2], ..Response::good() };
    assert!(unusable(with_staple(&of_another.signed_by(&TestKey::p256(1)))));
    // tryLater, and no answer with it.
    assert!(unusable(with_staple(&sequence(&[&tlv(10, &[3])]))));
    for (this_update, next_update) in [(LONG_AGO, Some(LONG_AGO)), (AFTER, Some(AFTER)), (AFTER, None)] {
        let staple = Response { this_update, next_update, ..Response::good() };
        assert!(matches!(
            with_staple(&staple.signed_by(&TestKey::p256(1))),
            Err(Rule::StatusOutOfDate { .. })
        ));
    }
    let by_another = Response::good().signed_by(&TestKey::p256(9));
    assert_eq!(with_staple(&by_another), Err(Rule::BadStatusSignature));
    assert_eq!(Rule::BadStatusSignature.alert(), AlertDescription::BAD_CERTIFICATE_STATUS_RESPONSE);
}

#[test]
fn a_staple_that_names_no_end_is_good_for_a_day() {
    // NOW is 2026-07-01 00:00:00. "If nextUpdate is not set, the responder is indicating that newer revocation
    // information is available all the time" (RFC 6960 §4.2.2.1): so what is old is not sufficiently recent.
    let made = |this_update| {
        let staple = Response { this_update, next_update: None, ..Response::good() };
        with_staple(&staple.signed_by(&TestKey::p256(1)))
    };
    assert_eq!(made("20260701000000Z"), Ok(3));
    assert_eq!(made("20260630000000Z"), Ok(3));
    assert!(matches!(made("20260629235959Z"), Err(Rule::StatusOutOfDate { .. })));
    assert!(matches!(made(LONG_AGO), Err(Rule::StatusOutOfDate { .. })));
}

#[test]
fn of_two_answers_about_one_serial_number_the_worse_counts() {
    // Issuers are not compared, so one of them may be about another issuer's certificate.
    let good = Response::good().single();
    let revoked = || Response { status: tlv(0xa1, &at_time(BEFORE)), ..Response::good() };
    let refused = Err(Rule::Revoked { since: since(), reason: Reason::UNSPECIFIED });
    let good_first = Response { more: revoked().single(), ..Response::good() };
    assert_eq!(with_staple(&good_first.signed_by(&TestKey::p256(1))), refused);
    let revoked_first = Response { more: good.clone(), ..revoked() };
    assert_eq!(with_staple(&revoked_first.signed_by(&TestKey::p256(1))), refused);
    let both_good = Response { more: good, ..Response::good() };
    assert_eq!(with_staple(&both_good.signed_by(&TestKey::p256(1))), Ok(3));
    let of_another = Response { serial: vec![2], ..revoked() };
    let another_too = Response { more: of_another.single(), ..Response::good() };
    assert_eq!(with_staple(&another_too.signed_by(&TestKey::p256(1))), Ok(3));
}

#[test]
fn what_is_wrong_with_a_status_is_not_said_of_the_certificate() {
    // "[...] abort the handshake if the response is not satisfactory with bad_certificate_status_response(113)"
    // (RFC 6066 §8).
    let staple = Response::good().signed_by(&TestKey::p256(1));
    let signed_otherwise = |der: &[u8]| {
        let known = object(oid::ECDSA_WITH_SHA256);
        let mut der = der.to_vec();
        let places: Vec<_> = (0..der.len()).filter(|at| der[*at..].starts_with(&known)).collect();
        for place in places {
            der[place + known.len() - 1] = 9;
        }
        der
    };
    let no_responder = Response {
        responder: tlv(0xa1, &tlv(0x30, &name("Responder"))),
        certificates: sequence(&[]),
        ..Response::good()
    };
    for bad in [
        staple[..staple.len() - 1].to_vec(),
        signed_otherwise(&staple),
        no_responder.signed_by(&TestKey::p256(1)),
        sequence(&[&tlv(10, &[0])]),
    ] {
        let rule = with_staple(&bad).unwrap_err();
        assert!(matches!(rule, Rule::UnusableStaple { .. }), "{rule:?}");
        assert_eq!(rule.alert(), AlertDescription::BAD_CERTIFICATE_STATUS_RESPONSE);
    }
    let list = signed_otherwise(&List::of("Issuing").signed_by(&TestKey::p256(1)));
    let answer = with_lists(&[&list], Unknown::Accepted);
    assert!(matches!(answer, Err(Rule::UnusableRevocationList { .. })), "{answer:?}");
}

#[test]
fn a_responder_needs_a_certificate_of_the_issuer_for_this_purpose() {
    let responder = |change: &dyn Fn(Draft) -> Draft, signer: u8| {
        let draft = Draft::leaf("Issuing", &TestKey::p256(50));
        let draft =
            Draft { subject: name("Responder"), ..draft }.with(extended_key_usage(&[oid::OCSP_SIGNING]));
        change(draft.with(key_usage(DIGITAL_SIGNATURE))).signed_by(&TestKey::p256(signer))
    };
    let with = |certificate: Vec<u8>| {
        let staple = Response {
            responder: tlv(0xa1, &tlv(0x30, &name("Responder"))),
            certificates: certificate,
            ..Response::good()
        };
        with_staple(&staple.signed_by(&TestKey::p256(50)))
    };
    assert_eq!(with(responder(&|draft| draft, 1)), Ok(4));
    let refused = Err(Rule::BadStatusSignature);
    assert_eq!(with(responder(&|draft| draft, 2)), refused);
    assert_eq!(with(responder(&|draft| draft.with(extended_key_usage(&[oid::SERVER_AUTH])), 1)), refused);
    assert_eq!(with(responder(&|draft| draft.without(oid::EXTENDED_KEY_USAGE), 1)), refused);
    assert_eq!(with(responder(&|draft| draft.valid("200101000000Z", "210101000000Z"), 1)), refused);
    assert_eq!(with(responder(&|draft| Draft { issuer: name("Root"), ..draft }, 1)), refused);
    // What every certificate is asked: "MUST reject the certificate if it encounters a critical extension it does
    // not recognize" (RFC 5280 §4.2), and whether its key may sign this.
    assert_eq!(with(responder(&|draft| draft.with(extension(&[0x2a, 3], true, &[5, 0])), 1)), refused);
    assert_eq!(with(responder(&|draft| draft.with(key_usage(KEY_CERT_SIGN)), 1)), refused);
    assert_eq!(with(responder(&|draft| draft.without(oid::KEY_USAGE), 1)), Ok(4));
    let twice = |mut draft: Draft| {
        draft.extensions.push(extended_key_usage(&[oid::SERVER_AUTH]));
        draft
    };
    assert_eq!(with(responder(&twice, 1)), refused);
    // A leaf of that issuer, such as the server itself, is no responder.
    assert_eq!(with(leaf().signed_by(&TestKey::p256(1))), refused);
    // The issuer's own certificate may come along, whoever the response says it is by.
    let by_key = Response {
        responder: tlv(0xa2, &tlv(4, &[1; 20])),
        certificates: issuing().signed_by(&TestKey::p256(3)),
        ..Response::good()
    };
    assert_eq!(with_staple(&by_key.signed_by(&TestKey::p256(1))), Ok(3));
}

#[test]
fn a_certificate_that_asks_for_a_staple_gets_none_without() {
    let must = || leaf().with(extension(oid::TLS_FEATURE, false, &sequence(&[&integer(&[5])])));
    let staple = Response::good().signed_by(&TestKey::p256(1));
    let checked = RevocationPolicy::new(&[]);
    assert_eq!(verdict(checked, &must(), &issuing(), None), Err(Rule::MissingStaple));
    assert_eq!(verdict(checked, &must(), &issuing(), Some(&staple)), Ok(3));
    let required = RevocationPolicy { staple: Staple::Required, ..checked };
    assert_eq!(verdict(required, &leaf(), &issuing(), None), Err(Rule::MissingStaple));
    let ignored = RevocationPolicy { staple: Staple::Ignored, ..checked };
    assert_eq!(verdict(ignored, &must(), &issuing(), None), Ok(2));
    // Another feature than status_request.
    let other = leaf().with(extension(oid::TLS_FEATURE, false, &sequence(&[&integer(&[17])])));
    assert_eq!(verdict(checked, &other, &issuing(), None), Ok(2));
}

#[test]
fn an_authoritys_tls_feature_asks_for_nothing_and_is_not_read() {
    // A staple is about the leaf alone; the walk has only the link of an authority by then.
    let staple = Response::good().signed_by(&TestKey::p256(1));
    for feature in [&sequence(&[&integer(&[5])])[..], &[0x30, 1]] {
        let issuing = issuing().with(extension(oid::TLS_FEATURE, false, feature));
        assert_eq!(verdict(RevocationPolicy::new(&[]), &leaf(), &issuing, Some(&staple)), Ok(3));
        assert_eq!(verdict(RevocationPolicy::new(&[]), &leaf(), &issuing, None), Ok(2));
    }
    let garbled = leaf().with(extension(oid::TLS_FEATURE, false, &[0x30, 1]));
    let malformed = Err(Rule::Malformed { structure: "TLS feature" });
    assert_eq!(verdict(RevocationPolicy::new(&[]), &garbled, &issuing(), Some(&staple)), malformed);
}

#[test]
fn lists_count_among_the_signature_checks() {
    let list = List::of("Issuing").signed_by(&TestKey::p256(1));
    let lists: Vec<_> = (0..MAX_SIGNATURE_CHECKS).map(|_| RevocationList::parse(&list).unwrap()).collect();
    let root = root();
    let anchors = [TrustAnchor::from_certificate(&root).unwrap()];
    let chain = [leaf().signed_by(&TestKey::p256(1)), issuing().signed_by(&TestKey::p256(3))];
    let verifier = chain::Verifier::new(&anchors).with_revocation(RevocationPolicy::new(&lists));
    let limit = MAX_SIGNATURE_CHECKS;
    assert_eq!(run(&verifier, &chain, None).unwrap_err().rule, Rule::TooManySignatureChecks { limit });
}
