//! ClientHello in, parameters selected (RFC 8446 §4.1.1), HelloRetryRequest out if need be. Here TLS 1.3
//! and TLS 1.2 part.

use super::State;
use super::tls13::{MakeKeyShare, session_id};
use crate::config::{self, Credential, ServerConfig};
use crate::crypto::{CipherSuite, CryptoProvider, Digest, Hashes, Key, NamedGroup, SignatureScheme};
use crate::error::inner::Error;
use crate::error::{Incompatible, Misbehaved};
use crate::handshake::HandshakeType;
use crate::handshake::client_hello::{ClientHello, RecordLimit};
use crate::handshake::context::{Around, Context, Place, Wire, body};
use crate::handshake::extension::{ExtensionType, alpn, key_share, supported_versions};
use crate::handshake::flight::Flight;
use crate::handshake::server_hello::{self, RETRY_RANDOM};
use core::ops::Range;

/// START
pub(super) struct ExpectClientHello;

impl ExpectClientHello {
    #[inline(never)]
    pub(super) fn on_client_hello<P: CryptoProvider, V, W>(
        self,
        around: Around<'_>,
        place: &Place<'_>,
        cx: &mut Context<P>,
        settings: &ServerConfig<'_, V>,
        credential: &mut usize,
        wire: &mut Wire<Key<P>>,
    ) -> Result<State<W>, Error> {
        let hello = ClientHello::parse(body(around.message))?;
        check_tls13(&hello)?;
        let boundary = place.boundary()?;
        wire.inbound.records.drops_change_cipher_spec = true;
        if hello.extensions.find(ExtensionType::EARLY_DATA).is_some() {
            wire.inbound.records.skip_early_data();
        }

        let suite = select_suite::<P, V>(&hello, settings)?;
        let (chosen, scheme) = select_credential(&hello, settings.credentials)?;
        let (group, share) = select_group::<P, V>(&hello, settings)?;
        *credential = chosen;
        cx.negotiated.cipher_suite = suite;
        cx.negotiated.signature_scheme = scheme;
        cx.negotiated.group = group;
        cx.negotiated.server_name = hello.parse_server_name()?;
        cx.negotiated.protocol = select_protocol(&hello, settings.protocols)?;
        cx.negotiated.status_request = hello.asks_for_status()?;
        cx.record_limit = hello.record_limit()?;
        match cx.record_limit {
            // The type counts as well (RFC 8449 §4).
            Some(RecordLimit::Size(limit)) => {
                wire.outbound.records.limit_content(usize::from(limit.saturating_sub(1)));
                if let Some(own) = settings.record_size_limit {
                    wire.inbound.records.limit_inner_plaintext(own);
                }
            }
            Some(RecordLimit::Fragment(length)) => {
                wire.outbound.records.limit_content(usize::from(length.bytes()));
                wire.inbound.records.limit_fragment(length.bytes());
            }
            None => {}
        }

        let hash = suite.hash().ok_or(Error::Internal("server: suite without a hash"))?;
        cx.transcript.start(&mut cx.provider, hash, around.message)?;
        cx.schedule.early(&mut cx.provider, hash, hello.random)?;
        let session_id = around.range_of(hello.legacy_session_id)?;
        if let Some(share) = share {
            let (share, room_at) = (around.range_of(share)?, around.room_at);
            return Ok(State::MakeKeyShare(MakeKeyShare { share, session_id, room_at, boundary }));
        }
        let stable = stable_part(&hello, cx)?;
        let compatible = !hello.legacy_session_id.is_empty();
        cx.transcript.replace_by_message_hash(&mut cx.provider, hash)?;
        let room_at = around.room_at;
        let written = write_retry_request(around, session_id, suite, group, cx)?;
        cx.flight = Flight::of(room_at..room_at.saturating_add(written));
        cx.negotiated.hello_retry_request = true;
        Ok(State::SendRetryRequest(SendRetryRequest { stable, compatible }))
    }
}

/// Which version it is to be: the one that supported_versions names, "and MUST NOT use
/// ClientHello.legacy_version" (§4.2.1).
fn check_tls13(hello: &ClientHello<'_>) -> Result<(), Error> {
    // "Any endpoint receiving a Hello message with ClientHello.legacy_version or ServerHello.legacy_version set
    // to 0x0300 MUST abort the handshake with a "protocol_version" alert" (§D.5).
    if hello.legacy_version <= supported_versions::SSL_3 {
        return Err(Incompatible::Version.into());
    }
    match hello.supported_versions()? {
        Some(versions) if versions.contains(supported_versions::TLS_1_3) => {}
        _ => return Err(Incompatible::Version.into()),
    }
    // "For every TLS 1.3 ClientHello, this vector MUST contain exactly one byte, set to zero" (§4.1.2).
    if hello.legacy_compression_methods != [0] {
        return Err(Misbehaved::LegacyField { field: "ClientHello.legacy_compression_methods" }.into());
    }
    Ok(())
}

fn select_suite<P: CryptoProvider, V>(
    hello: &ClientHello<'_>,
    settings: &ServerConfig<'_, V>,
) -> Result<CipherSuite, Error> {
    config::suites::<P>(settings.cipher_suites)
        .find(|suite| hello.cipher_suites.contains(suite.0))
        .ok_or(Incompatible::CipherSuite.into())
}

/// The first credential that has a scheme which the client accepts.
fn select_credential(
    hello: &ClientHello<'_>,
    credentials: &[Credential<'_>],
) -> Result<(usize, SignatureScheme), Error> {
    let accepted = hello
        .parse_signature_schemes()?
        .ok_or(Misbehaved::MissingExtension { extension: ExtensionType::SIGNATURE_ALGORITHMS })?;
    let usable = |credential: &Credential<'_>| {
        credential
            .schemes
            .iter()
            .copied()
            .find(|scheme| scheme.signs_handshakes() && accepted.contains(scheme.0))
    };
    credentials
        .iter()
        .enumerate()
        .find_map(|(index, credential)| Some((index, usable(credential)?)))
        .ok_or(Incompatible::SignatureScheme.into())
}

/// The group, and the client's share for it if it has sent one.
fn select_group<'a, P: CryptoProvider, V>(
    hello: &ClientHello<'a>,
    settings: &ServerConfig<'_, V>,
) -> Result<(NamedGroup, Option<&'a [u8]>), Error> {
    let missing = |extension| Misbehaved::MissingExtension { extension };
    let supported = hello.supported_groups()?.ok_or(missing(ExtensionType::SUPPORTED_GROUPS))?;
    let shares = hello.key_shares()?.ok_or(missing(ExtensionType::KEY_SHARE))?;
    let common = || config::groups::<P>(settings.groups).filter(|group| supported.contains(group.0));
    for group in config::groups::<P>(settings.groups) {
        let mut of_group = shares.iter().filter(|share| share.group == group);
        match (of_group.next(), of_group.next()) {
            (Some(_), Some(_)) => {
                return Err(Misbehaved::KeyShare { reason: "two shares for one group" }.into());
            }
            (Some(_), None) if !supported.contains(group.0) => {
                return Err(Misbehaved::KeyShare {
                    reason: "a share for a group that is not in supported_groups",
                }
                .into());
            }
            _ => {}
        }
    }
    let shared = common().find_map(|group| Some((group, shares.iter().find(|share| share.group == group)?)));
    if let Some((group, share)) = shared {
        return Ok((group, Some(share.key_exchange)));
    }
    common().next().map(|group| (group, None)).ok_or(Incompatible::Group.into())
}

fn select_protocol(hello: &ClientHello<'_>, configured: &[&[u8]]) -> Result<Option<alpn::Protocol>, Error> {
    let Some(offered) = hello.protocols()? else {
        return Ok(None);
    };
    if configured.is_empty() {
        return Ok(None);
    }
    let chosen = configured.iter().find(|&&name| offered.iter().any(|offer| offer == name));
    // "the server SHALL respond with a fatal "no_application_protocol" alert" (RFC 7301 §3.2).
    let chosen = chosen.ok_or(Incompatible::ApplicationProtocol)?;
    Ok(alpn::Protocol::from_slice(chosen).ok())
}

/// What a second ClientHello must repeat: all but the extensions that §4.1.2 lets it change.
fn stable_part<P: CryptoProvider>(hello: &ClientHello<'_>, cx: &mut Context<P>) -> Result<Digest, Error> {
    let hash = cx.hash()?;
    let hashes = cx.provider.hashes();
    let mut running = hashes.start(hash)?;
    hashes.update(&mut running, &hello.legacy_version.to_be_bytes())?;
    hashes.update(&mut running, hello.random)?;
    for list in [hello.legacy_session_id, hello.cipher_suites.as_bytes(), hello.legacy_compression_methods] {
        hashes.update(&mut running, &list.len().to_be_bytes())?;
        hashes.update(&mut running, list)?;
    }
    for (extension, bytes) in hello.extensions.iter() {
        let may_change = matches!(
            extension,
            ExtensionType::KEY_SHARE
                | ExtensionType::EARLY_DATA
                | ExtensionType::COOKIE
                | ExtensionType::PRE_SHARED_KEY
                | ExtensionType::PADDING
        );
        if !may_change {
            hashes.update(&mut running, &extension.0.to_be_bytes())?;
            hashes.update(&mut running, &bytes.len().to_be_bytes())?;
            hashes.update(&mut running, bytes)?;
        }
    }
    Ok(hashes.snapshot(&running)?)
}

/// HelloRetryRequest (§4.1.4), behind the ClientHello in scratch.
fn write_retry_request<P: CryptoProvider>(
    around: Around<'_>,
    session_id_range: Range<usize>,
    suite: CipherSuite,
    group: NamedGroup,
    cx: &mut Context<P>,
) -> Result<usize, Error> {
    let echo = session_id(around.message, session_id_range)?;
    cx.write(around.room, HandshakeType::SERVER_HELLO, |w| {
        server_hello::write(w, &RETRY_RANDOM, echo, suite, |w| {
            key_share::write_retry_group(w, group);
            supported_versions::write_selection(w, supported_versions::TLS_1_3);
        });
    })
}

/// RECVD_CH, on its way back to START: HelloRetryRequest is owed.
pub(super) struct SendRetryRequest {
    stable: Digest,
    /// The client plays TLS 1.2 for middleboxes (§D.4).
    compatible: bool,
}

impl SendRetryRequest {
    pub(super) fn on_written<P: CryptoProvider, W>(self, cx: &mut Context<P>) -> State<W> {
        // "The server sends a dummy change_cipher_spec record immediately after its first handshake message.
        // This may either be after a ServerHello or a HelloRetryRequest" (§D.4).
        cx.flight = Flight::default().with_change_cipher_spec(self.compatible);
        State::ExpectSecondClientHello(ExpectSecondClientHello { stable: self.stable })
    }
}

/// START, the second time.
pub(super) struct ExpectSecondClientHello {
    stable: Digest,
}

impl ExpectSecondClientHello {
    #[inline(never)]
    pub(super) fn on_client_hello<P: CryptoProvider, W>(
        self,
        around: Around<'_>,
        place: &Place<'_>,
        cx: &mut Context<P>,
        wire: &mut Wire<Key<P>>,
    ) -> Result<State<W>, Error> {
        let hello = ClientHello::parse(body(around.message))?;
        let boundary = place.boundary()?;
        wire.inbound.records.end_early_data();
        let differs = |what| Misbehaved::SecondHelloDiffers { what };
        if stable_part(&hello, cx)? != self.stable {
            return Err(differs("more than HelloRetryRequest asked for").into());
        }
        // "Removing the "early_data" extension ... if one was present" (§4.1.2).
        if hello.extensions.find(ExtensionType::EARLY_DATA).is_some() {
            return Err(differs("still offering early data").into());
        }
        // "replacing the list of shares with a list containing a single KeyShareEntry from the indicated
        // group" (§4.1.2).
        let missing = Misbehaved::MissingExtension { extension: ExtensionType::KEY_SHARE };
        let mut shares = hello.key_shares()?.ok_or(missing)?.iter();
        let share = match (shares.next(), shares.next()) {
            (Some(share), None) if share.group == cx.negotiated.group => share.key_exchange,
            _ => {
                return Err(Misbehaved::KeyShare {
                    reason: "not the one share that HelloRetryRequest asked for",
                }
                .into());
            }
        };
        cx.add_to_transcript(around.message)?;
        let (share, session_id) = (around.range_of(share)?, around.range_of(hello.legacy_session_id)?);
        Ok(State::MakeKeyShare(MakeKeyShare { share, session_id, room_at: around.room_at, boundary }))
    }
}
