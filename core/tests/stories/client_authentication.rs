//! A server asks who its client is (RFC 8446 §4.3.2), and what becomes of that.

use crate::common::parties::*;
use crate::common::providers::{Null, TestRandom, null};
use ferrule::certificate::dangerous::NoVerification;
use ferrule::certificate::{DistinguishedName, PeerVerifier, Rule, ServerName, Validity};
use ferrule::crypto::{CryptoProvider, NamedGroup};
use ferrule::error::{Incompatible, Limit};
use ferrule::record::MIN_OUTPUT;
use ferrule::{
    AlertDescription, ClientAuthentication, ClientConfig, ClientHandshake, Connection, Credential, Error,
    Handshake, ServerConfig, ServerHandshake, WhoIsAsked,
};
use rcgen::{CertificateParams, ExtendedKeyUsagePurpose};

/// The ends of a connection whose server asks.
pub(crate) type ClientOf<P, V> = End<ClientHandshake<P, &'static ClientConfig<'static, V>, Vec<u8>>>;
pub(crate) type ServerOf<P, V> = End<ServerHandshake<P, &'static ServerConfig<'static, V>, Vec<u8>>>;

/// What a server asks of its clients, and what a client has.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'s> {
    pub(crate) required: bool,
    pub(crate) authorities: &'s [DistinguishedName<'static>],
    pub(crate) credentials: &'s [&'s Identity],
    pub(crate) groups: [&'s [NamedGroup]; 2],
    pub(crate) scratch: [usize; 2],
    pub(crate) link: Link,
}

impl Default for Asked<'_> {
    fn default() -> Self {
        Self {
            required: true,
            authorities: &[],
            credentials: &[],
            groups: [ferrule::config::DEFAULT_GROUPS; 2],
            scratch: [ferrule::required_scratch(2048), ferrule::required_server_scratch(2048)],
            link: Link::default(),
        }
    }
}

/// A chain that is never given back.
pub(crate) fn credential(identity: &Identity) -> Credential<'static> {
    let chain = leak(&identity.chain.iter().map(|der| leak(der)).collect::<Vec<_>>());
    Credential::new(chain, identity.key.schemes())
}

/// The two ends, before the first byte.
pub(crate) fn asked_pair<P: CryptoProvider, V: PeerVerifier>(
    server_identity: &Identity,
    (of_servers, of_clients): (V, V),
    asked: Asked<'_>,
    (client_provider, server_provider): (P, P),
) -> (ClientOf<P, V>, ServerOf<P, V>) {
    let mut client_config = ClientConfig::new(of_servers);
    client_config.credentials = leak(&asked.credentials.iter().map(|c| credential(c)).collect::<Vec<_>>());
    client_config.groups = leak(asked.groups[0]);
    let who = WhoIsAsked { verifier: of_clients, authorities: leak(asked.authorities) };
    let authentication = if asked.required {
        ClientAuthentication::Required(who)
    } else {
        ClientAuthentication::Optional(who)
    };
    let mut server_config = ServerConfig::new(leak(&[credential(server_identity)])).asking(authentication);
    server_config.groups = leak(asked.groups[1]);
    let [client_scratch, server_scratch] = asked.scratch.map(|length| vec![0; length]);
    let name = ServerName::parse(HOST).unwrap();
    let client_config = &*Box::leak(Box::new(client_config));
    let client = Connection::client(client_config, client_provider, client_scratch, name, NOW).unwrap();
    let server_config = &*Box::leak(Box::new(server_config));
    let server = Connection::server_that_asks(server_config, server_provider, server_scratch, NOW).unwrap();
    (End::new(client), End::new(server))
}

/// The names of an identity's authorities.
pub(crate) fn authorities(identity: &Identity) -> Vec<DistinguishedName<'static>> {
    let der = leak(&identity.root);
    vec![ferrule::certificate::Certificate::parse(der).unwrap().subject()]
}

type Usual = ferrule::crypto::software::Provider<TestRandom>;
type Chain = ferrule::certificate::chain::Verifier<'static>;

/// Runs a handshake whose server trusts the clients of `trusted`; the client signs with `key`.
pub(crate) fn run_asked(
    server_identity: &Identity,
    trusted: &Identity,
    key: Option<&Key>,
    asked: Asked<'_>,
) -> (ClientOf<Usual, Chain>, ServerOf<Usual, Chain>) {
    let verifiers = (verifier(server_identity), verifier(trusted));
    let (mut client, mut server) = asked_pair(server_identity, verifiers, asked, (provider(1), provider(2)));
    run_with_keys(&mut client, &mut server, (key, &server_identity.key), asked.link);
    (client, server)
}

/// The identity of a client, whose leaf is for clients alone.
pub(crate) fn client_identity(kind: KeyKind) -> Identity {
    Identity::altered(kind, "Client", |leaf| {
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    })
}

const RETRY: [&[NamedGroup]; 2] = [&[NamedGroup::X25519, NamedGroup::SECP256R1], &[NamedGroup::SECP256R1]];
const USUAL: [&[NamedGroup]; 2] = [&[NamedGroup::X25519]; 2];

fn talk<A: Handshake, B: Handshake>(client: &mut End<A>, server: &mut End<B>) {
    let link = Link::default();
    client.send(b"ping", link);
    server.deliver(&mut client.wire, link);
    server.drive(None, link);
    server.send(b"pong", link);
    client.deliver(&mut server.wire, link);
    client.drive(None, link);
    assert_eq!((&client.error, &server.error), (&None, &None));
    assert_eq!((&client.received[..], &server.received[..]), (&b"pong"[..], &b"ping"[..]));
}

fn assert_authenticated<A: Handshake, B: Handshake>(
    client: &mut End<A>,
    server: &mut End<B>,
    who: &Identity,
) {
    assert_eq!((&client.error, &server.error), (&None, &None));
    talk(client, server);
    assert_eq!(server.peer_certificate.as_ref(), Some(&who.chain[0]));
    let (client, server) = (client.established.as_ref().unwrap(), server.established.as_ref().unwrap());
    assert_eq!(client.negotiated(), server.negotiated());
    assert!(server.negotiated().client_is_authenticated());
    assert_eq!(server.negotiated().client_signature_scheme, Some(who.key.schemes()[0]));
}

#[test]
fn a_client_with_any_kind_of_key_shows_who_it_is_whether_it_must_or_may() {
    for kind in KEY_KINDS {
        let (server_identity, who) = (Identity::new(kind), client_identity(kind));
        for required in [true, false] {
            for (groups, retried) in [(USUAL, false), (RETRY, true)] {
                let names = authorities(&who);
                let asked = Asked {
                    required,
                    groups,
                    authorities: if retried { &names } else { &[] },
                    credentials: &[&who],
                    ..Asked::default()
                };
                let (mut client, mut server) = run_asked(&server_identity, &who, Some(&who.key), asked);
                assert_authenticated(&mut client, &mut server, &who);
                assert_eq!(server.established.unwrap().negotiated().hello_retry_request, retried);
                assert_eq!(client.peer_certificate.as_ref(), Some(&server_identity.chain[0]));
            }
        }
    }
}

#[test]
fn a_client_without_a_certificate_is_served_where_it_may_be_and_nobody_calls_it_authenticated() {
    let identity = Identity::new(KeyKind::P256);
    let (mut client, mut server) =
        run_asked(&identity, &identity, None, Asked { required: false, ..Asked::default() });
    talk(&mut client, &mut server);
    assert_eq!(server.peer_certificate, None);
    let (client, server) = (client.established.unwrap(), server.established.unwrap());
    assert_eq!(client.negotiated(), server.negotiated());
    assert!(!server.negotiated().client_is_authenticated());
}

/// The client's Finished is on its way before the refusal: it hears of it on its first read.
fn assert_refused(
    (client, server): (ClientOf<Usual, Chain>, ServerOf<Usual, Chain>),
    is_the_reason: impl FnOnce(&Error) -> bool,
    alert: AlertDescription,
) {
    let error = server.error.unwrap();
    assert!(is_the_reason(&error), "{error:?}");
    assert_eq!(error.alert(), Some(alert));
    assert!(server.established.is_none() && server.received.is_empty());
    assert_eq!(client.error, Some(Error::AlertReceived(alert)));
    assert!(client.established.is_some());
}

#[test]
fn a_client_without_a_certificate_is_refused_where_one_is_required() {
    let identity = Identity::new(KeyKind::P256);
    let ends = run_asked(&identity, &identity, None, Asked::default());
    let required = |error: &Error| *error == Incompatible::ClientCertificate.into();
    assert_refused(ends, required, AlertDescription::CERTIFICATE_REQUIRED);
}

#[test]
fn a_certificate_that_is_shown_must_be_good_even_where_none_is_required() {
    type Altered = (fn(&mut CertificateParams), fn(&Rule) -> bool, AlertDescription);
    let rows: [Altered; 3] = [
        (
            |leaf| leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth],
            |rule| matches!(rule, Rule::ExtendedKeyUsage { .. }),
            AlertDescription::UNSUPPORTED_CERTIFICATE,
        ),
        (
            |leaf| leaf.not_after = rcgen::date_time_ymd(2026, 2, 1),
            |rule| matches!(rule, Rule::Expired { .. }),
            AlertDescription::CERTIFICATE_EXPIRED,
        ),
        (
            |leaf| leaf.not_before = rcgen::date_time_ymd(2026, 12, 1),
            |rule| matches!(rule, Rule::NotYetValid { .. }),
            AlertDescription::CERTIFICATE_EXPIRED,
        ),
    ];
    let server_identity = Identity::new(KeyKind::P256);
    for (alter, reason, alert) in rows {
        let who = Identity::altered(KeyKind::P256, "Client", alter);
        for required in [true, false] {
            let asked = Asked { required, credentials: &[&who], ..Asked::default() };
            let ends = run_asked(&server_identity, &who, Some(&who.key), asked);
            let is_it = |error: &Error| matches!(error, Error::Certificate(error) if reason(&error.rule));
            assert_refused(ends, is_it, alert);
        }
    }
    // Another authority's client, and one that shows the certificate of somebody else.
    let (who, stranger) = (client_identity(KeyKind::P256), client_identity(KeyKind::P256));
    let asked = Asked { credentials: &[&stranger], required: false, ..Asked::default() };
    let ends = run_asked(&server_identity, &server_identity, Some(&stranger.key), asked);
    let unknown = |error: &Error| matches!(error, Error::Certificate(e) if matches!(e.rule, Rule::UnknownIssuer { .. }));
    assert_refused(ends, unknown, AlertDescription::UNKNOWN_CA);
    let asked = Asked { credentials: &[&who], ..asked };
    let ends = run_asked(&server_identity, &who, Some(&stranger.key), asked);
    let bad = ferrule::error::Misbehaved::BadHandshakeSignature;
    assert_refused(ends, |error| *error == bad.into(), AlertDescription::DECRYPT_ERROR);
}

#[test]
fn a_client_that_nobody_asks_keeps_its_certificate_to_itself() {
    let (identity, who) = (Identity::new(KeyKind::P256), client_identity(KeyKind::P256));
    let mut config = ClientConfig::new(verifier(&identity));
    config.credentials = leak(&[credential(&who)]);
    let name = ServerName::parse(HOST).unwrap();
    let scratch = vec![0; ferrule::required_scratch(2048)];
    let config = &*Box::leak(Box::new(config));
    let mut client = End::new(Connection::client(config, provider(1), scratch, name, NOW).unwrap());
    let (_, mut server) = pair(&identity, verifier(&identity), Setup::default(), (provider(1), provider(2)));
    run_with_keys(&mut client, &mut server, (None, &identity.key), Link::default());
    talk(&mut client, &mut server);
    assert!(!client.established.unwrap().negotiated().client_is_authenticated());
    assert_eq!(server.peer_certificate, None);
}

#[test]
fn a_signer_that_fails_ends_the_connection_with_its_alert() {
    let (identity, who) = (Identity::new(KeyKind::P256), client_identity(KeyKind::P256));
    let asked = Asked { credentials: &[&who], ..Asked::default() };
    let verifiers = (verifier(&identity), verifier(&who));
    let (mut client, mut server) = asked_pair(&identity, verifiers, asked, (provider(1), provider(2)));
    let link = Link::default();
    // Until the client asks for its signature, which nobody gives.
    for turn in 0.. {
        assert!(turn < 1000, "the client asks for no signature");
        if client.connection.as_ref().unwrap().want().ask.is_some() {
            break;
        }
        step_without_signing(&mut client);
        server.deliver(&mut client.wire, link);
        server.drive(Some(&identity.key), link);
        client.deliver(&mut server.wire, link);
    }
    let connection = client.connection.as_mut().unwrap();
    let too_long = vec![0; ferrule::limits::MAX_SIGNATURE + 1];
    let misuse = ferrule::error::Misuse::SignatureLength(too_long.len());
    assert_eq!(connection.answer(ferrule::Answer::Signature(&too_long)), Err(misuse.into()));
    connection.answer(ferrule::Answer::Refuse(AlertDescription::INTERNAL_ERROR)).unwrap();
    client.drive(None, link);
    server.deliver(&mut client.wire, link);
    server.drive(Some(&identity.key), link);
    assert_eq!(server.error, Some(Error::AlertReceived(AlertDescription::INTERNAL_ERROR)));
}

/// One thing that a client wants, as long as it is no signature.
fn step_without_signing(client: &mut ClientOf<Usual, Chain>) {
    let connection = client.connection.as_mut().unwrap();
    let want = connection.want();
    if want.owes_output {
        let mut out = vec![0; 2048];
        let length = connection.write_record(&mut out).unwrap();
        client.wire.extend(&out[..length]);
    } else if want.work {
        connection.work().unwrap();
    } else if want.read.is_some_and(|needed| client.incoming.len() >= needed) {
        let consumed = connection.read_record(client.incoming.filled_mut()).unwrap().consumed;
        client.incoming.consume(consumed);
    }
}

/// Without public keys, which take most of the time.
fn null_asked(asked: Asked<'_>) -> (ClientOf<Null, NoVerification>, ServerOf<Null, NoVerification>) {
    static IDENTITY: std::sync::OnceLock<Identity> = std::sync::OnceLock::new();
    let identity = IDENTITY.get_or_init(|| Identity { key: Key::Null, ..Identity::new(KeyKind::P256) });
    let credentials: &[&Identity] =
        if asked.credentials.is_empty() { &[identity] } else { asked.credentials };
    let asked = Asked { credentials, ..asked };
    let providers = (null(TestRandom::new(1)), null(TestRandom::new(2)));
    asked_pair(identity, (NoVerification, NoVerification), asked, providers)
}

fn null_handshake(asked: Asked<'_>, what: &str) {
    let (mut client, mut server) = null_asked(asked);
    run_with_keys(&mut client, &mut server, (Some(&Key::Null), &Key::Null), asked.link);
    assert_eq!((&client.error, &server.error), (&None, &None), "{what}");
    assert!(server.established.unwrap().negotiated().client_is_authenticated(), "{what}");
    assert!(client.established.unwrap().negotiated().client_is_authenticated(), "{what}");
}

#[test]
fn output_buffers_of_any_size_and_bytes_in_any_pieces_make_no_difference() {
    for groups in [USUAL, RETRY] {
        for output in (MIN_OUTPUT..140).chain([255, 256, 257, 512, 1000]) {
            let link = Link { output, ..Link::default() };
            null_handshake(Asked { groups, link, ..Asked::default() }, &format!("output of {output}"));
        }
        for piece in (1..60).chain([100, 333, 1000]) {
            let link = Link { piece, output: MIN_OUTPUT, ..Link::default() };
            null_handshake(Asked { groups, link, ..Asked::default() }, &format!("pieces of {piece}"));
        }
        for window in [1, 64, 100] {
            let link = Link { window, output: MIN_OUTPUT, ..Link::default() };
            null_handshake(Asked { groups, link, ..Asked::default() }, &format!("windows of {window}"));
        }
    }
}

/// Each side's bytes, cut at random places that a seed repeats.
#[test]
fn the_stream_cut_at_random_places() {
    for seed in 0..300u64 {
        let groups = if seed % 2 == 0 { USUAL } else { RETRY };
        let (mut client, mut server) = null_asked(Asked { groups, ..Asked::default() });
        let mut dice = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut below = |bound: u64| {
            dice ^= dice << 13;
            dice ^= dice >> 7;
            dice ^= dice << 17;
            (dice % bound) as usize
        };
        loop {
            let output = MIN_OUTPUT + below(400);
            let mut link = || Link { piece: 1 + below(300), output, ..Link::default() };
            let mut progress = client.drive(Some(&Key::Null), link());
            progress |= server.deliver(&mut client.wire, link());
            progress |= server.drive(Some(&Key::Null), link());
            progress |= client.deliver(&mut server.wire, link());
            if !progress {
                break;
            }
        }
        assert_eq!((&client.error, &server.error), (&None, &None), "seed {seed}");
        assert!(server.established.unwrap().negotiated().client_is_authenticated(), "seed {seed}");
    }
}

#[test]
fn keys_are_updated_by_both_sides_afterwards() {
    let (identity, who) = (Identity::new(KeyKind::P256), client_identity(KeyKind::P256));
    let asked = Asked { credentials: &[&who], ..Asked::default() };
    let (mut client, mut server) = run_asked(&identity, &who, Some(&who.key), asked);
    assert_authenticated(&mut client, &mut server, &who);
    let link = Link::default();
    for turn in 0..10 {
        client.established.as_mut().unwrap().update_keys();
        server.established.as_mut().unwrap().update_keys();
        (client.received, server.received) = (Vec::new(), Vec::new());
        client.drive(None, link);
        server.drive(None, link);
        while server.deliver(&mut client.wire, link)
            | server.drive(None, link)
            | client.deliver(&mut server.wire, link)
            | client.drive(None, link)
        {}
        talk(&mut client, &mut server);
        assert_eq!(client.error, None, "turn {turn}");
    }
}

#[test]
fn what_required_server_scratch_says_is_enough_and_less_is_an_error_with_its_number() {
    let (identity, who) = (Identity::new(KeyKind::Rsa2048), client_identity(KeyKind::Rsa2048));
    let largest = who.chain.iter().chain(&identity.chain).map(Vec::len).max().unwrap();
    let enough = [ferrule::required_scratch(largest), ferrule::required_server_scratch(largest)];
    let asked = Asked { credentials: &[&who], scratch: enough, ..Asked::default() };
    let (mut client, mut server) = run_asked(&identity, &who, Some(&who.key), asked);
    assert_authenticated(&mut client, &mut server, &who);
    // A leaf that no room is for.
    let asked = Asked { scratch: [enough[0], who.chain[0].len() - 1], ..asked };
    let (_, server) = run_asked(&identity, &who, Some(&who.key), asked);
    let needed = match server.error {
        Some(Error::Limit(Limit::Scratch { needed, .. })) => needed,
        error => panic!("{error:?}"),
    };
    assert!(needed >= who.chain[0].len(), "{needed}");
}

#[test]
fn a_server_without_a_clock_verifies_clients_against_the_time_that_it_was_built() {
    let (identity, who) = (Identity::new(KeyKind::P256), client_identity(KeyKind::P256));
    let config = ServerConfig::new(leak(&[credential(&identity)]))
        .asking(ClientAuthentication::Required(WhoIsAsked::new(verifier(&who))));
    let scratch = vec![0; ferrule::required_server_scratch(2048)];
    let built = Validity::NotBefore(ferrule::certificate::UnixTime(1_900_000_000));
    let config = &*Box::leak(Box::new(config));
    let mut server = End::new(Connection::server_that_asks(config, provider(2), scratch, built).unwrap());
    let asked = Asked { credentials: &[&who], ..Asked::default() };
    let verifiers = (verifier(&identity), verifier(&who));
    let (mut client, _) = asked_pair(&identity, verifiers, asked, (provider(1), provider(2)));
    run_with_keys(&mut client, &mut server, (Some(&who.key), &identity.key), Link::default());
    assert!(
        matches!(server.error, Some(Error::Certificate(e)) if matches!(e.rule, Rule::ExpiredBeforeBuild { .. }))
    );
}
