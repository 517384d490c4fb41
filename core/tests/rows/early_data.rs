//! Early data (RFC 8446 §4.2.10), which our server refuses and passes over.

use crate::assert_refused;
use crate::common::evil::*;
use ferrule::AlertDescription as Alert;
use ferrule::error::Misbehaved;
use ferrule::record::ContentType;

fn early_data_client() -> (EvilClient, Keys) {
    (EvilClient::client(), Keys::new(&[0xea; 32]))
}

fn offer_early_data(hello: &mut Hello) {
    hello.set(EARLY_DATA, b"");
}

#[test]
fn server_passes_over_early_data_up_to_its_limit() {
    // §4.2.10: records that it cannot open, full ones too, until one opens.
    let (mut evil, mut early) = early_data_client();
    evil.say_client_hello(offer_early_data);
    for length in [1, 0x4000, 0x4000, 0x4000] {
        evil.send(&early.seal(&[&vec![b'e'; length][..], &[DATA]].concat()));
    }
    evil.send(&plain(CHANGE_CIPHER_SPEC, &[1])).say_finished();
    assert_eq!((&evil.subject.error, evil.subject.received.len()), (&None, 0));
    assert!(evil.subject.established.is_some());
    // From then on a record that does not open is an attack.
    evil.send(&early.seal(&[b'e', DATA]));
    assert_refused(
        "after Finished",
        &mut evil,
        &Misbehaved::BadRecordMac.into(),
        Some(Alert::BAD_RECORD_MAC),
    );
}

#[test]
fn server_passes_over_early_data_before_a_second_client_hello() {
    let (mut evil, mut early) = early_data_client();
    evil.get_retry_request(offer_early_data);
    for length in [1, 0x4000, 0x4000, 0x4000] {
        evil.send(&early.seal(&[&vec![b'e'; length][..], &[DATA]].concat()));
    }
    evil.say_client_hello(|_| {}).say_finished();
    assert_eq!((&evil.subject.error, evil.subject.received.len()), (&None, 0));
    assert!(evil.subject.established.is_some());
}

#[test]
fn server_ends_with_early_data_beyond_its_limit() {
    let (mut evil, mut early) = early_data_client();
    evil.say_client_hello(offer_early_data);
    (0..4).for_each(|_| drop(evil.send(&early.seal(&[&[b'e'; 0x4000][..], &[DATA]].concat()))));
    assert_refused(
        "four full records",
        &mut evil,
        &Misbehaved::BadRecordMac.into(),
        Some(Alert::BAD_RECORD_MAC),
    );

    let (mut evil, mut early) = early_data_client();
    evil.get_retry_request(offer_early_data);
    (0..4).for_each(|_| drop(evil.send(&early.seal(&[&[b'e'; 0x4000][..], &[DATA]].concat()))));
    let error = Misbehaved::UnexpectedRecord { found: ContentType::ApplicationData }.into();
    assert_refused("four full records after a retry", &mut evil, &error, Some(Alert::UNEXPECTED_MESSAGE));
}

#[test]
fn server_does_not_pass_over_data_of_a_client_that_offered_none() {
    let (mut evil, mut early) = early_data_client();
    evil.say_client_hello(|_| {}).send(&early.seal(&[b'e', DATA]));
    assert_refused("no early data", &mut evil, &Misbehaved::BadRecordMac.into(), Some(Alert::BAD_RECORD_MAC));
}

#[test]
fn behind_a_second_client_hello_no_record_is_taken_for_early_data() {
    let (mut evil, mut early) = early_data_client();
    evil.get_retry_request(offer_early_data);
    evil.say_client_hello(|_| {}).send(&early.seal(&[b'e', DATA]));
    assert_refused(
        "under other keys",
        &mut evil,
        &Misbehaved::BadRecordMac.into(),
        Some(Alert::BAD_RECORD_MAC),
    );
}
