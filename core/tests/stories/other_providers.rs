//! Whole handshakes under providers unlike ours.

use crate::common::parties::*;
use crate::common::providers::*;
use ferrule::certificate::Rule;
use ferrule::crypto::{CipherSuite, CryptoError, CryptoProvider, NamedGroup};
use ferrule::error::Misbehaved;
use ferrule::{AlertDescription, Error, Handshake};

const RETRY: [&[NamedGroup]; 2] = [&[NamedGroup::X25519, NamedGroup::SECP256R1], &[NamedGroup::SECP256R1]];
const LINK: Link = Link { piece: usize::MAX, output: 200, window: usize::MAX, fragment: usize::MAX };

fn ping<A: Handshake, B: Handshake>(client: &mut End<A>, server: &mut End<B>) {
    client.send(b"ping", LINK);
    server.deliver(&mut client.wire, LINK);
    server.drive(None, LINK);
    assert_eq!(server.received, b"ping");
}

#[test]
fn a_provider_of_one_suite_against_itself_and_against_all() {
    let identity = Identity::new(KeyKind::P256);
    let (mut client, mut server) = run_pair(
        &identity,
        verifier(&identity),
        Setup::default(),
        (one_suite(TestRandom::new(1)), one_suite(TestRandom::new(2))),
    );
    ping(&mut client, &mut server);
    let negotiated = client.established.unwrap().negotiated().clone();
    assert_eq!(negotiated.cipher_suite, CipherSuite::TLS_AES_128_GCM_SHA256);
    assert_eq!(negotiated.group, NamedGroup::SECP256R1);

    let (mut client, mut server) = run_pair(
        &identity,
        verifier(&identity),
        Setup::default(),
        (one_suite(TestRandom::new(1)), provider(2)),
    );
    ping(&mut client, &mut server);
    // The other way round the client's first share is one that the server lacks.
    let (mut client, mut server) = run_pair(
        &identity,
        verifier(&identity),
        Setup::default(),
        (provider(1), one_suite(TestRandom::new(2))),
    );
    ping(&mut client, &mut server);
    assert!(client.established.unwrap().negotiated().hello_retry_request);
}

#[test]
fn a_provider_without_cryptography() {
    with_null(Setup::default(), |mut client, mut server| ping(&mut client, &mut server));
}

#[test]
fn a_chip_with_few_slots_runs_handshakes_with_and_without_a_retry_and_gives_them_back() {
    let identity = Identity::new(KeyKind::P256);
    let usual = Setup { link: LINK, ..Setup::default() };
    for setup in [usual, Setup { groups: RETRY, ..usual }] {
        let chips: &'static _ = Box::leak(Box::new((Chip::new(Failure::Never), Chip::new(Failure::Never))));
        let providers = (chips.0.provider(TestRandom::new(1)), chips.1.provider(TestRandom::new(2)));
        let (mut client, mut server) = run_pair(&identity, verifier(&identity), setup, providers);
        assert_eq!((&client.error, &server.error), (&None, &None));
        ping(&mut client, &mut server);
        for _ in 0..3 {
            client.established.as_mut().unwrap().update_keys();
            while client.drive(None, LINK)
                | server.deliver(&mut client.wire, LINK)
                | server.drive(None, LINK)
                | client.deliver(&mut server.wire, LINK)
            {}
        }
        assert_eq!((&client.error, &server.error), (&None, &None));
        // Two directions' keys, and nothing of the handshake.
        assert_eq!((chips.0.held(), chips.1.held()), (2, 2));
        drop((client, server));
        assert_eq!((chips.0.held(), chips.1.held()), (0, 0));
    }
}

/// One side runs on a chip that fails as told; returns how many operations it was asked for, and whether
/// the other side was told of the failure.
fn failing(identity: &Identity, setup: Setup<'_>, client_fails: bool, failure: Failure) -> (u32, bool) {
    let chip: &'static Chip = Box::leak(Box::new(Chip::new(failure)));
    let told = if client_fails {
        let providers = (chip.provider(TestRandom::new(1)), provider(2));
        let (client, server) = run_pair(identity, verifier(identity), setup, providers);
        check_failure(client, server, failure, chip)
    } else {
        let providers = (provider(1), chip.provider(TestRandom::new(2)));
        let (client, server) = run_pair(identity, verifier(identity), setup, providers);
        check_failure(server, client, failure, chip)
    };
    assert_eq!(chip.held(), 0, "{failure:?}");
    (chip.operations(), told)
}

fn check_failure<A: Handshake, B: Handshake>(
    failed: End<A>,
    other: End<B>,
    failure: Failure,
    chip: &Chip,
) -> bool {
    let fired = match failure {
        Failure::Never => false,
        Failure::Once(at) | Failure::From(at) => chip.operations() > at,
    };
    if !fired {
        assert_eq!((&failed.error, &other.error), (&None, &None), "{failure:?}");
        return false;
    }
    let error = failed.error.as_ref().unwrap_or_else(|| panic!("{failure:?} went unnoticed"));
    let cause = match error {
        Error::Crypto(cause) => *cause,
        // Which certificate was being verified is worth telling.
        Error::Certificate(error) => match error.rule {
            Rule::Crypto(cause) => cause,
            ref rule => panic!("{failure:?}: {rule:?}"),
        },
        error => panic!("{failure:?}: {error:?}"),
    };
    assert!(matches!(cause, CryptoError::Hardware | CryptoError::NoRandomness), "{failure:?}: {cause:?}");
    let (alert, want_closed) = match (&failed.connection, &failed.established) {
        (Some(connection), _) => (error.alert(), connection.want().closed),
        (_, Some(established)) => (error.alert(), established.want().closed),
        _ => panic!("neither"),
    };
    assert_eq!(alert, Some(AlertDescription::INTERNAL_ERROR));
    assert!(want_closed, "{failure:?}: it has ended, and owes nothing that it cannot write");
    assert!(failed.received.is_empty());
    match (&failure, &other.error) {
        (_, Some(Error::AlertReceived(AlertDescription::INTERNAL_ERROR))) => return true,
        // A client that fails between ServerHello and its keys has none to protect the alert with.
        (
            _,
            Some(Error::Misbehaved(Misbehaved::UnprotectedAlert { claim: AlertDescription::INTERNAL_ERROR })),
        ) => {}
        // Where the keys behind a flight cannot be made, its last record is lost and its number used up: the
        // alert that follows is under keys or a number which the other side does not await.
        (
            Failure::Once(_),
            Some(Error::Misbehaved(Misbehaved::BadRecordMac | Misbehaved::UnexpectedRecord { .. })),
        ) => {}
        // A chip that is dead cannot protect an alert.
        (Failure::From(_), None) => {}
        (failure, error) => panic!("{failure:?}: the other side saw {error:?}"),
    }
    false
}

#[test]
fn a_chip_that_fails_once_anywhere_ends_the_handshake_with_an_alert() {
    let identity = Identity::new(KeyKind::P256);
    for setup in
        [Setup { link: LINK, ..Setup::default() }, Setup { groups: RETRY, link: LINK, ..Setup::default() }]
    {
        for client_fails in [true, false] {
            let (operations, _) = failing(&identity, setup, client_fails, Failure::Never);
            assert!(operations > 20, "{operations}");
            let told = (0..operations)
                .filter(|&at| failing(&identity, setup, client_fails, Failure::Once(at)).1)
                .count();
            println!("the client fails: {client_fails}; {told} of {operations} failures are understood");
            assert!(told * 2 > operations as usize, "{told} of {operations}");
        }
    }
}

#[test]
fn a_chip_that_dies_anywhere_ends_the_handshake() {
    let identity = Identity::new(KeyKind::P256);
    let setup = Setup { link: LINK, ..Setup::default() };
    for client_fails in [true, false] {
        let (operations, _) = failing(&identity, setup, client_fails, Failure::Never);
        for at in 0..operations {
            failing(&identity, setup, client_fails, Failure::From(at));
        }
    }
}

/// After the handshake: data, a KeyUpdate and its answer, on a chip that fails at the operation of this
/// number.
fn failing_later(identity: &Identity, at: Option<u32>) -> u32 {
    let setup = Setup { link: LINK, ..Setup::default() };
    let chip: &'static Chip = Box::leak(Box::new(Chip::new(at.map_or(Failure::Never, Failure::Once))));
    let providers = (chip.provider(TestRandom::new(1)), provider(2));
    let (mut client, mut server) = run_pair(identity, verifier(identity), setup, providers);
    assert_eq!((&client.error, &server.error), (&None, &None), "{at:?}");
    for turn in 0..3 {
        match turn {
            0 => client.established.as_mut().unwrap().update_keys(),
            _ => server.established.as_mut().unwrap().update_keys(),
        }
        let mut out = [0; 300];
        if let Ok(sent) = client.established.as_mut().unwrap().write_data(b"data", &mut out) {
            client.wire.extend(&out[..sent.written]);
        }
        while client.drive(None, LINK)
            | server.deliver(&mut client.wire, LINK)
            | server.drive(None, LINK)
            | client.deliver(&mut server.wire, LINK)
        {}
    }
    assert_eq!(
        client.established.as_ref().unwrap().failure(),
        at.map(|_| Error::Crypto(CryptoError::Hardware))
    );
    if at.is_some() {
        assert_eq!(server.error, Some(Error::AlertReceived(AlertDescription::INTERNAL_ERROR)), "{at:?}");
        assert!(client.established.as_ref().unwrap().want().closed);
    }
    chip.operations()
}

#[test]
fn a_chip_that_fails_after_the_handshake_ends_the_connection() {
    let identity = Identity::new(KeyKind::P256);
    let (handshake, _) = failing(&identity, Setup { link: LINK, ..Setup::default() }, true, Failure::Never);
    let operations = failing_later(&identity, None);
    assert!(operations > handshake);
    for at in handshake..operations {
        failing_later(&identity, Some(at));
    }
}

#[test]
fn a_writing_half_on_a_chip_that_fails_ends_too() {
    let identity = Identity::new(KeyKind::P256);
    let (handshake, _) = failing(&identity, Setup { link: LINK, ..Setup::default() }, true, Failure::Never);
    // The next operation is the sealing of a record; the ones after it derive and make the next keys.
    for at in handshake..handshake + 4 {
        let chip: &'static Chip = Box::leak(Box::new(Chip::new(Failure::Once(at))));
        let providers = (chip.provider(TestRandom::new(1)), provider(2));
        let (mut client, mut server) =
            run_pair(&identity, verifier(&identity), Setup { link: LINK, ..Setup::default() }, providers);
        let mut established = client.established.take().unwrap();
        established.update_keys();
        let (_, mut writer) = established.split(chip.provider(TestRandom::new(3)));
        let mut out = [0; 300];
        assert_eq!(writer.write_record(&mut out), Err(Error::Crypto(CryptoError::Hardware)), "{at}");
        // Not one more byte under keys that the peer may believe to be over: the alert alone.
        let length = writer.write_record(&mut out).unwrap();
        let mut wire = out[..length].iter().copied().collect();
        while server.deliver(&mut wire, LINK) | server.drive(None, LINK) {}
        assert_eq!(server.error, Some(Error::AlertReceived(AlertDescription::INTERNAL_ERROR)), "{at}");
        assert!(writer.write_data(b"x", &mut out).is_err() && !writer.owes_output());
    }
}

/// So that a provider of one's own needs no more than the traits.
#[allow(dead_code)]
fn any_provider_will_do<P: CryptoProvider>(_: P) {}
