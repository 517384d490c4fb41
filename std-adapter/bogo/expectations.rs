//! What the flags expect of a handshake.

use super::flags::TLS_1_3;
use super::provider::Provider;
use super::{Flags, Stop, credential};
use ferrule::Established;
use std::fmt::Debug;

pub(crate) fn check(
    flags: &Flags,
    established: &Established<Provider>,
    leaf: Option<&[u8]>,
    selected: Option<usize>,
) -> Result<(), Stop> {
    let negotiated = established.negotiated();
    expect("version", flags.expect_version, TLS_1_3)?;
    expect("cipher suite", flags.expect_cipher, negotiated.cipher_suite.0)?;
    expect("group", flags.expect_curve_id, negotiated.group.0)?;
    expect("HelloRetryRequest", flags.expect_hrr.then_some(true), negotiated.hello_retry_request)?;
    expect("HelloRetryRequest", flags.expect_no_hrr.then_some(false), negotiated.hello_retry_request)?;
    // The one that is not from -new-x509-credential comes last, and is -1.
    let credential = match selected {
        Some(index) if index < flags.new_credentials.len() => index as i64,
        _ => -1,
    };
    expect("credential", flags.expect_selected_credential, credential)?;

    let protocol = if flags.server { &flags.select_alpn } else { &flags.expect_alpn };
    expect("application protocol", Some(protocol.as_deref()), established.alpn())?;
    let name = established.server_name().map(ToString::to_string);
    if flags.server {
        expect("server name", flags.expect_server_name.clone().map(Some), name.clone())?;
        expect("server name", flags.expect_no_server_name.then_some(None), name)?;
    } else {
        let scheme = negotiated.signature_scheme.0;
        expect("signature scheme", flags.expect_peer_signature_algorithm, scheme)?;
    }
    if let Some(path) = &flags.expect_peer_cert_file {
        let chain = credential::certificates(path)?;
        expect("certificate", Some(chain.first().map(Vec::as_slice)), leaf)?;
    }
    Ok(())
}

fn expect<T: PartialEq + Debug>(what: &str, expected: Option<T>, found: T) -> Result<(), Stop> {
    match expected {
        Some(expected) if expected != found => {
            Err(Stop::failed(format!("{what}: expected {expected:?}, found {found:?}")))
        }
        _ => Ok(()),
    }
}
