//! What the RFCs forbid, a row each: named by section, with the peer that breaks the rule, and the error
//! and the alert that must follow. The peer is `common::evil`, which has no code in common with ours.

#![cfg(feature = "software")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// A row ends with what its last step hands on for the next.
#![allow(dropping_references)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
#![allow(missing_docs, unreachable_pub)]

mod common {
    pub mod evil;
    pub mod parties;
    pub mod providers;
}
mod rows {
    pub mod after_handshake;
    pub mod client_flight;
    pub mod client_hello;
    pub mod early_data;
    pub mod order;
    pub mod records;
    pub mod records_in_a_row;
    pub mod second_client_hello;
    pub mod server_flight;
    pub mod server_hello;
    pub mod truncation;
}

use common::evil::{Evil, EvilClient, EvilServer};
use ferrule::error::{Decode, Fault};
use ferrule::{AlertDescription, Error, Handshake};

/// One deviation.
pub struct Row<H: Handshake> {
    /// Of RFC 8446, where nothing else is named.
    pub section: &'static str,
    pub name: &'static str,
    pub deviates: fn(&mut Evil<H>),
    pub error: Error,
    pub alert: AlertDescription,
}

/// Runs a table against our client.
pub fn client_refuses<const N: usize>(rows: [Row<ClientSide>; N]) {
    rows.into_iter().for_each(|row| check(row, EvilServer::server()));
}

/// Runs a table against our server.
pub fn server_refuses<const N: usize>(rows: [Row<ServerSide>; N]) {
    rows.into_iter().for_each(|row| check(row, EvilClient::client()));
}

pub type ClientSide = ferrule::ClientHandshake<
    ferrule::crypto::software::Provider<common::providers::TestRandom>,
    &'static common::evil::StaticClientConfig,
    Vec<u8>,
>;
pub type ServerSide = ferrule::ServerHandshake<
    ferrule::crypto::software::Provider<common::providers::TestRandom>,
    &'static ferrule::ServerConfig<'static>,
    Vec<u8>,
>;

pub fn check<H: Handshake>(row: Row<H>, mut evil: Evil<H>) {
    let Row { section, name, deviates, error, alert } = row;
    let row = format!("§{section} {name}");
    println!("{row}");
    deviates(&mut evil);
    assert_refused(&row, &mut evil, &error, Some(alert));
}

/// The error, and all that must be true after any error.
pub fn assert_refused<H: Handshake>(
    row: &str,
    evil: &mut Evil<H>,
    error: &Error,
    alert: Option<AlertDescription>,
) {
    assert_eq!(evil.subject.error.as_ref(), Some(error), "{row}: error");
    assert_eq!(error.alert(), alert, "{row}: the table from errors to alerts");
    // It has left through write_record, and was readable under the keys that it should be under.
    let heard: Vec<[u8; 2]> = alert.iter().map(|alert| [2, alert.0]).collect();
    assert_eq!(evil.alerts, heard, "{row}: alert");
    assert!(evil.subject.received.is_empty(), "{row}: data was delivered");
    let mut more = [23, 3, 3, 0, 1, 0];
    if let Some(established) = &mut evil.subject.established {
        assert_eq!(established.read_record(&mut more).unwrap_err(), *error, "{row}: a later read");
        assert_eq!(established.failure().as_ref(), Some(error), "{row}: failure()");
        assert_eq!(established.write_record(&mut [0; 64]), Ok(0), "{row}: nothing more is owed");
        assert!(established.write_data(b"x", &mut [0; 64]).is_err(), "{row}: data was written");
        let want = established.want();
        assert!(want.closed && want.read.is_none() && !want.owes_output, "{row}: {want:?}");
    } else {
        let mut connection = evil.subject.connection.take().unwrap();
        assert_eq!(connection.read_record(&mut more).unwrap_err(), *error, "{row}: a later read");
        assert_eq!(connection.failure().as_ref(), Some(error), "{row}: failure()");
        assert_eq!(connection.write_record(&mut [0; 64]), Ok(0), "{row}: nothing more is owed");
        let want = connection.want();
        assert!(want.closed && want.read.is_none() && !want.work && want.ask.is_none(), "{row}: {want:?}");
        assert!(connection.into_established().is_err(), "{row}: established");
    }
}

pub fn decode(structure: &'static str, fault: Fault) -> Error {
    Decode { structure, fault }.into()
}
