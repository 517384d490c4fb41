//! Which of its certificates a client shows (RFC 8446 §4.2.3, §4.2.4), and to whom none.

use super::client_authentication::*;
use crate::common::parties::*;
use ferrule::certificate::{Certificate, DistinguishedName};
use ferrule::error::{Limit, Misuse};
use ferrule::{ClientAuthentication, ClientConfig, Connection, Error, ServerConfig, WhoIsAsked};

/// Whose certificate the server got; it takes those of `trusted`.
fn shown(
    asked: Asked<'_>,
    trusted: &Identity,
    key: Option<&Key>,
    server_identity: &Identity,
) -> Option<Vec<u8>> {
    let asked = Asked { required: false, ..asked };
    let (client, server) = run_asked(server_identity, trusted, key, asked);
    assert_eq!((client.error, server.error), (None, None));
    server.peer_certificate
}

#[test]
fn of_two_certificates_the_first_whose_authority_was_named_is_shown() {
    let server_identity = Identity::new(KeyKind::P256);
    let first = Identity::altered(KeyKind::P256, "First", |_| {});
    let second = Identity::altered(KeyKind::P256, "Second", |_| {});
    let credentials = [&first, &second];
    for (named, shows) in [
        (vec![], Some(&first)),
        (authorities(&first), Some(&first)),
        (authorities(&second), Some(&second)),
        ([authorities(&second), authorities(&first)].concat(), Some(&first)),
        (authorities(&server_identity), None),
    ] {
        let asked = Asked { authorities: &named, credentials: &credentials, ..Asked::default() };
        let who = shows.unwrap_or(&first);
        let shown = shown(asked, who, shows.map(|who| &who.key), &server_identity);
        assert_eq!(shown.as_ref(), shows.map(|who| &who.chain[0]), "{named:?}");
    }
}

#[test]
fn an_intermediate_that_was_named_is_as_good_as_its_root() {
    let (server_identity, who) = (Identity::new(KeyKind::P256), client_identity(KeyKind::P256));
    let middle = [Certificate::parse(leak(&who.chain[1])).unwrap().subject()];
    let asked = Asked { authorities: &middle, credentials: &[&who], ..Asked::default() };
    assert_eq!(shown(asked, &who, Some(&who.key), &server_identity).as_ref(), Some(&who.chain[0]));
}

/// "Client Root" once more, as a PrintableString and with other spaces and case: the same name by RFC 5280 §7.1.
#[test]
fn a_name_in_another_encoding_is_the_same_name() {
    let (server_identity, who) = (Identity::new(KeyKind::P256), client_identity(KeyKind::P256));
    let text = b"CLIENT  root";
    let mut attribute = vec![0x30, 5 + 2 + text.len() as u8, 6, 3, 0x55, 4, 3, 0x13, text.len() as u8];
    attribute.extend(text);
    let contents = [&[0x31, attribute.len() as u8][..], &attribute].concat();
    let same = [DistinguishedName::from_contents(leak(&contents))];
    assert_ne!(same[0], authorities(&who)[0]);
    let asked = Asked { authorities: &same, credentials: &[&who], ..Asked::default() };
    assert_eq!(shown(asked, &who, Some(&who.key), &server_identity).as_ref(), Some(&who.chain[0]));
}

/// Longer than a record, and than the client's scratch.
#[test]
fn any_number_of_names_streams_by() {
    let (server_identity, who) = (Identity::new(KeyKind::P256), client_identity(KeyKind::P256));
    let long = leak(&[&[0x31, 0x82, 0x0b, 0xb8][..], &[7; 3000]].concat());
    for (last, shows) in [(authorities(&who), Some(&who)), (vec![], None)] {
        let names = [vec![DistinguishedName::from_contents(long); 20], last].concat();
        let asked = Asked {
            authorities: &names,
            credentials: &[&who],
            scratch: [2800, 1 << 17],
            link: Link { output: 700, ..Link::default() },
            ..Asked::default()
        };
        let shown = shown(asked, &who, shows.map(|who| &who.key), &server_identity);
        assert_eq!(shown.as_ref(), shows.map(|who| &who.chain[0]));
    }
}

#[test]
fn the_first_certificate_whose_key_the_server_understands_is_shown() {
    let server_identity = Identity::new(KeyKind::P256);
    let (null, who) = (Identity::altered(KeyKind::P256, "First", |_| {}), client_identity(KeyKind::Ed25519));
    // A key that can sign nothing which anybody asks for.
    let mut credentials = vec![credential(&null), credential(&who)];
    credentials[0].schemes = &[ferrule::crypto::SignatureScheme::RSA_PKCS1_SHA256];
    let mut config = ClientConfig::new(verifier(&server_identity));
    config.credentials = leak(&credentials);
    let name = ferrule::certificate::ServerName::parse(HOST).unwrap();
    let scratch = vec![0; ferrule::required_scratch(2048)];
    let config = &*Box::leak(Box::new(config));
    let mut client = End::new(Connection::client(config, provider(1), scratch, name, NOW).unwrap());
    let verifiers = (verifier(&server_identity), verifier(&who));
    let (_, mut server) =
        asked_pair(&server_identity, verifiers, Asked::default(), (provider(1), provider(2)));
    run_with_keys(&mut client, &mut server, (Some(&who.key), &server_identity.key), Link::default());
    assert_eq!((client.error, server.error), (None, None));
    assert_eq!(server.peer_certificate.as_ref(), Some(&who.chain[0]));
}

#[test]
fn configurations_that_cannot_be_said_are_refused_before_the_first_byte() {
    let identity = Identity::new(KeyKind::P256);
    let client = |credentials: &'static [ferrule::Credential<'static>]| {
        let mut config = ClientConfig::new(verifier(&identity));
        config.credentials = credentials;
        let name = ferrule::certificate::ServerName::parse(HOST).unwrap();
        let config = &*Box::leak(Box::new(config));
        Connection::client(config, provider(1), vec![0; 4096], name, NOW).map(|_| ())
    };
    let one = credential(&identity);
    assert_eq!(client(leak(&vec![one; 32])), Ok(()));
    assert_eq!(client(leak(&vec![one; 33])), Err(Misuse::TooManyCredentials(33).into()));
    assert_eq!(client(leak(&[ferrule::Credential::new(&[], &[])])), Err(Misuse::NoCredential.into()));

    let server = |authorities: Vec<DistinguishedName<'static>>| {
        let who = WhoIsAsked { verifier: verifier(&identity), authorities: leak(&authorities) };
        let config =
            ServerConfig::new(leak(&[credential(&identity)])).asking(ClientAuthentication::Required(who));
        let config = &*Box::leak(Box::new(config));
        Connection::server_that_asks(config, provider(1), vec![0; 4096], NOW).map(|_| ())
    };
    let long = DistinguishedName::from_contents(&[7; 6000]);
    assert_eq!(server(vec![long; 10]), Ok(()));
    assert_eq!(server(vec![long; 11]), Err(Misuse::AuthoritiesTooLong.into()));
    assert_eq!(server(vec![DistinguishedName::from_contents(&[])]), Err(Misuse::AuthoritiesTooLong.into()));
}

#[test]
fn names_that_do_not_fit_into_scratch_say_how_much_they_need() {
    let identity = Identity::new(KeyKind::P256);
    let names = [DistinguishedName::from_contents(&[7; 3000]); 2];
    let asked = Asked { authorities: &names, ..Asked::default() };
    let (_, server) = run_asked(&identity, &identity, None, asked);
    let Some(Error::Limit(Limit::Scratch { needed, room })) = server.error else {
        panic!("{:?}", server.error);
    };
    assert!(needed > 6000 && room < needed, "{needed}, {room}");
}
