//! ClientHello out, ServerHello or HelloRetryRequest in (RFC 8446 §4.1). Here TLS 1.3 and TLS 1.2 part.

use super::State;
use super::tls13::AgreeOnKeys;
use crate::certificate::{PeerVerifier, ServerName};
use crate::codec::Writer;
use crate::config::{self, ClientConfig};
use crate::crypto::{
    CipherSuite, CryptoProvider, Key, KeyExchanges, MAX_KEY_SHARE, NamedGroup, Random, Verifiers,
};
use crate::error::inner::Error;
use crate::error::{Incompatible, Misbehaved};
use crate::handshake::client_hello::ClientHello;
use crate::handshake::context::{Around, Context, Place, Wire, body};
use crate::handshake::extension::max_fragment_length::MaxFragmentLength;
use crate::handshake::extension::{
    ExtensionType, alpn, cookie, key_share, record_size_limit, server_name, signature_algorithms,
    status_request, supported_groups, supported_versions,
};
use crate::handshake::flight::Flight;
use crate::handshake::server_hello::ServerHello;
use crate::handshake::{HandshakeType, write_message};
use core::ops::Range;

/// What both ClientHellos have in common.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hello {
    random: [u8; 32],
    /// Not empty, so that middleboxes see a resumption of TLS 1.2 (§D.4).
    session_id: [u8; 32],
    /// The group of the one key share.
    group: NamedGroup,
}

impl Hello {
    /// Writes a ClientHello with this share into `room`; returns its length.
    #[inline(never)]
    fn write<P: CryptoProvider, V: PeerVerifier>(
        &self,
        room: &mut [u8],
        settings: &ClientConfig<'_, V>,
        name: Option<&ServerName>,
        share: &[u8],
        cookie: Option<&[u8]>,
    ) -> Result<usize, Error> {
        Ok(write_message(room, HandshakeType::CLIENT_HELLO, |w| {
            w.u16(supported_versions::TLS_1_2);
            w.bytes(&self.random);
            w.vector::<1>(|w| w.bytes(&self.session_id));
            w.vector::<2>(|w| config::suites::<P>(settings.cipher_suites).for_each(|suite| w.u16(suite.0)));
            w.bytes(&[1, 0]);
            w.vector::<2>(|w| self.write_extensions::<P, V>(w, settings, name, share, cookie));
        })?)
    }

    fn write_extensions<P: CryptoProvider, V: PeerVerifier>(
        &self,
        writer: &mut Writer<'_>,
        settings: &ClientConfig<'_, V>,
        name: Option<&ServerName>,
        share: &[u8],
        cookie: Option<&[u8]>,
    ) {
        if let Some(name) = name {
            server_name::write_offer(writer, name);
        }
        supported_groups::write_list(writer, config::groups::<P>(settings.groups));
        signature_algorithms::write_list(writer, P::Verifiers::schemes());
        if settings.verifier.wants_staple() {
            status_request::write_request(writer);
        }
        if !settings.protocols.is_empty() {
            alpn::write_list(writer, settings.protocols.iter().copied());
        }
        if let Some(limit) = settings.record_size_limit {
            record_size_limit::write_limit(writer, limit);
            if let Some(length) = MaxFragmentLength::within(limit) {
                length.write(writer);
            }
        }
        supported_versions::write_offer(writer, &[supported_versions::TLS_1_3]);
        if let Some(cookie) = cookie {
            cookie::write_cookie(writer, cookie);
        }
        key_share::write_client_share(
            writer,
            key_share::KeyShareEntry { group: self.group, key_exchange: share },
        );
    }
}

/// START
pub(super) struct Start;

impl Start {
    /// Makes a key share for the first group; the ClientHello is owed then.
    #[inline(never)]
    pub(super) fn work<P: CryptoProvider, V: PeerVerifier, W>(
        self,
        scratch: &mut [u8],
        cx: &mut Context<P>,
        settings: &ClientConfig<'_, V>,
        wire: &mut Wire<Key<P>>,
    ) -> Result<State<W>, Error> {
        let group = config::groups::<P>(settings.groups).next().ok_or(Error::Internal("client: no group"))?;
        let mut hello = Hello { random: [0; 32], session_id: [0; 32], group };
        cx.provider.random().fill(&mut hello.random)?;
        cx.provider.random().fill(&mut hello.session_id)?;
        cx.negotiated.status_request = settings.verifier.wants_staple();
        let (share, length) = new_share(cx, group)?;
        let share = share.get(..length).unwrap_or_default();
        let name = cx.negotiated.server_name.as_ref();
        let hello_length = hello.write::<P, V>(scratch, settings, name, share, None)?;
        cx.flight = Flight::of(0..hello_length);
        wire.inbound.records.drops_change_cipher_spec = true;
        if let Some(limit) = settings.record_size_limit {
            wire.inbound.records.limit_inner_plaintext(limit);
        }
        Ok(State::ExpectServerHello(ExpectServerHello { hello, hello_length }))
    }
}

#[inline(never)]
fn new_share<P: CryptoProvider>(
    cx: &mut Context<P>,
    group: NamedGroup,
) -> Result<([u8; MAX_KEY_SHARE], usize), Error> {
    let mut share = [0; MAX_KEY_SHARE];
    // Before the new one: a chip may have room for one alone.
    cx.exchange = None;
    let (exchanges, random) = cx.provider.key_exchanges();
    let (private, length) = exchanges.start(group, random, &mut share)?;
    cx.exchange = Some(private);
    Ok((share, length))
}

/// WAIT_SH. The ClientHello stays in scratch until the hash for it is known.
pub(super) struct ExpectServerHello {
    hello: Hello,
    pub(super) hello_length: usize,
}

impl ExpectServerHello {
    #[inline(never)]
    pub(super) fn on_server_hello<P: CryptoProvider, V: PeerVerifier, W>(
        self,
        around: &Around<'_>,
        place: &Place<'_>,
        cx: &mut Context<P>,
        settings: &ClientConfig<'_, V>,
    ) -> Result<State<W>, Error> {
        let server_hello = ServerHello::parse(body(around.message))?;
        let suite = check_tls13::<P, V>(&server_hello, &self.hello, settings)?;
        let hash = suite.hash().ok_or(Error::Internal("client: suite without a hash"))?;
        cx.negotiated.cipher_suite = suite;
        cx.transcript.start(
            &mut cx.provider,
            hash,
            around.kept.get(..self.hello_length).unwrap_or_default(),
        )?;
        cx.schedule.early(&mut cx.provider, hash, &self.hello.random)?;
        if server_hello.is_retry_request() {
            // It has ServerHello's type, after which §5.1 wants the record to end; and what could follow has
            // not seen our second ClientHello.
            place.boundary()?;
            cx.transcript.replace_by_message_hash(&mut cx.provider, hash)?;
            cx.add_to_transcript(around.message)?;
            return self.on_retry_request(&server_hello, around, cx, settings).map(State::Retry);
        }
        accept(&server_hello, &self.hello, around, place, cx)
    }

    /// §4.1.4
    #[inline(never)]
    fn on_retry_request<P: CryptoProvider, V: PeerVerifier>(
        self,
        request: &ServerHello<'_>,
        around: &Around<'_>,
        cx: &mut Context<P>,
        settings: &ClientConfig<'_, V>,
    ) -> Result<Retry, Error> {
        let (mut group, mut cookie_range) = (None, None);
        for (extension, bytes) in request.extensions.iter() {
            match extension {
                ExtensionType::SUPPORTED_VERSIONS => {}
                ExtensionType::KEY_SHARE => group = Some(key_share::parse_retry_group(bytes)?),
                ExtensionType::COOKIE => cookie_range = Some(around.range_of(cookie::parse(bytes)?)?),
                extension => return Err(Misbehaved::UnsolicitedExtension { extension }.into()),
            }
        }
        if let Some(found) = group {
            // "the selected_group field corresponds to a group which was provided in the
            // "supported_groups" extension in the original ClientHello, and ... does not correspond to a
            // group which was provided in the "key_share" extension" (§4.2.8).
            if !config::groups::<P>(settings.groups).any(|offered| offered == found) {
                return Err(Misbehaved::GroupNotOffered { found }.into());
            }
            if found == self.hello.group {
                return Err(Misbehaved::RetryWithoutChange.into());
            }
        } else if cookie_range.is_none() {
            return Err(Misbehaved::RetryWithoutChange.into());
        }
        cx.negotiated.hello_retry_request = true;
        Ok(Retry { first: self, group, cookie: cookie_range, room_at: around.room_at })
    }
}

/// Back at START, with what the HelloRetryRequest asks for.
pub(super) struct Retry {
    first: ExpectServerHello,
    group: Option<NamedGroup>,
    cookie: Option<Range<usize>>,
    room_at: usize,
}

impl Retry {
    #[inline(never)]
    pub(super) fn work<P: CryptoProvider, V: PeerVerifier, W>(
        self,
        scratch: &mut [u8],
        cx: &mut Context<P>,
        settings: &ClientConfig<'_, V>,
    ) -> Result<State<W>, Error> {
        const PLACE: Error = Error::Internal("client: retry outside of scratch");
        let (front, room) = scratch.split_at_mut_checked(self.room_at).ok_or(PLACE)?;
        let cookie = self.cookie.and_then(|range| front.get(range));
        let mut hello = self.first.hello;
        let length = if let Some(group) = self.group {
            hello.group = group;
            let (share, length) = new_share(cx, group)?;
            let name = cx.negotiated.server_name.as_ref();
            hello.write::<P, V>(room, settings, name, share.get(..length).unwrap_or_default(), cookie)?
        } else {
            // "The client MUST send the same ClientHello without modification, except" for the cookie
            // (§4.1.2): with the share of the first one.
            let first = front.get(..self.first.hello_length).ok_or(PLACE)?;
            let shares = ClientHello::parse(body(first))?.key_shares()?.ok_or(PLACE)?;
            let share = shares.iter().next().ok_or(PLACE)?;
            let name = cx.negotiated.server_name.as_ref();
            hello.write::<P, V>(room, settings, name, share.key_exchange, cookie)?
        };
        cx.add_to_transcript(room.get(..length).ok_or(PLACE)?)?;
        let end = self.room_at.checked_add(length).ok_or(PLACE)?;
        // "the client ... sends a dummy change_cipher_spec record immediately before its second flight"
        // (§D.4).
        cx.flight = Flight::of(self.room_at..end).with_change_cipher_spec(true);
        Ok(State::ExpectSecondServerHello(ExpectSecondServerHello { hello }))
    }
}

/// WAIT_SH, after a HelloRetryRequest.
pub(super) struct ExpectSecondServerHello {
    hello: Hello,
}

impl ExpectSecondServerHello {
    #[inline(never)]
    pub(super) fn on_server_hello<P: CryptoProvider, V: PeerVerifier, W>(
        self,
        around: &Around<'_>,
        place: &Place<'_>,
        cx: &mut Context<P>,
        settings: &ClientConfig<'_, V>,
    ) -> Result<State<W>, Error> {
        let server_hello = ServerHello::parse(body(around.message))?;
        // "If a client receives a second HelloRetryRequest in the same connection ... it MUST abort the
        // handshake with an "unexpected_message" alert" (§4.1.4).
        if server_hello.is_retry_request() {
            return Err(Misbehaved::SecondRetryRequest.into());
        }
        let found = check_tls13::<P, V>(&server_hello, &self.hello, settings)?;
        if found != cx.negotiated.cipher_suite {
            return Err(Misbehaved::SuiteChanged { found }.into());
        }
        accept(&server_hello, &self.hello, around, place, cx)
    }
}

/// The version, and what every answer to a ClientHello of ours must say in TLS 1.3 (§4.1.3).
#[inline(never)]
fn check_tls13<P: CryptoProvider, V: PeerVerifier>(
    server_hello: &ServerHello<'_>,
    hello: &Hello,
    settings: &ClientConfig<'_, V>,
) -> Result<CipherSuite, Error> {
    // "... set to 0x0300 MUST abort the handshake with a "protocol_version" alert" (§D.5).
    if server_hello.legacy_version <= supported_versions::SSL_3 {
        return Err(Incompatible::Version.into());
    }
    match server_hello
        .extensions
        .find(ExtensionType::SUPPORTED_VERSIONS)
        .map(supported_versions::parse_selection)
    {
        Some(version) => match version? {
            supported_versions::TLS_1_3 => {}
            found => return Err(Misbehaved::VersionNotOffered { found }.into()),
        },
        None if server_hello.is_marked_as_downgrade() => return Err(Misbehaved::Downgrade.into()),
        None => return Err(Incompatible::Version.into()),
    }
    server_hello.extensions.check_places(HandshakeType::SERVER_HELLO, server_hello.is_retry_request())?;
    if server_hello.legacy_version != supported_versions::TLS_1_2 {
        return Err(Misbehaved::LegacyField { field: "ServerHello.legacy_version" }.into());
    }
    if server_hello.legacy_compression_method != 0 {
        return Err(Misbehaved::LegacyField { field: "ServerHello.legacy_compression_method" }.into());
    }
    if server_hello.legacy_session_id_echo != hello.session_id {
        return Err(Misbehaved::SessionIdNotEchoed.into());
    }
    let found = server_hello.cipher_suite;
    if !config::suites::<P>(settings.cipher_suites).any(|offered| offered == found) {
        return Err(Misbehaved::SuiteNotOffered { found }.into());
    }
    Ok(found)
}

/// A ServerHello that goes on with TLS 1.3.
#[inline(never)]
fn accept<P: CryptoProvider, W>(
    server_hello: &ServerHello<'_>,
    hello: &Hello,
    around: &Around<'_>,
    place: &Place<'_>,
    cx: &mut Context<P>,
) -> Result<State<W>, Error> {
    let mut share = None;
    for (extension, bytes) in server_hello.extensions.iter() {
        match extension {
            ExtensionType::SUPPORTED_VERSIONS => {}
            ExtensionType::KEY_SHARE => share = Some(key_share::parse_server_share(bytes)?),
            extension => return Err(Misbehaved::UnsolicitedExtension { extension }.into()),
        }
    }
    let share = share.ok_or(Misbehaved::MissingExtension { extension: ExtensionType::KEY_SHARE })?;
    if share.group != hello.group {
        return Err(Misbehaved::GroupNotOffered { found: share.group }.into());
    }
    cx.negotiated.group = share.group;
    cx.add_to_transcript(around.message)?;
    Ok(State::AgreeOnKeys(AgreeOnKeys {
        share: around.range_of(share.key_exchange)?,
        boundary: place.boundary()?,
    }))
}
