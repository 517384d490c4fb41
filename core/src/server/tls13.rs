//! From ServerHello to Finished, in TLS 1.3 (RFC 8446 §2), in the order of the figure.

use super::State;
use crate::certificate::Role;
use crate::crypto::{CryptoError, CryptoProvider, Digest, Key, KeyExchanges, MAX_KEY_SHARE, Random};
use crate::error::inner::Error;
use crate::handshake::certificate::CertificateWriter;
use crate::handshake::certificate_verify::{self, Content};
use crate::handshake::client_hello::RecordLimit;
use crate::handshake::context::{Around, Context, Place, Wire};
use crate::handshake::extension::{alpn, key_share, record_size_limit, server_name, supported_versions};
use crate::handshake::finished::FinishedVerified;
use crate::handshake::flight::Flight;
use crate::handshake::server_hello;
use crate::handshake::{HandshakeType, MessageBoundary};
use crate::key_schedule::Label;
use core::ops::Range;

/// The session id, which lies in the ClientHello at the front of scratch.
pub(super) fn session_id(scratch: &[u8], range: Range<usize>) -> Result<&[u8], Error> {
    scratch.get(range).ok_or(Error::Internal("server: session id outside of scratch"))
}

/// RECVD_CH: parameters are selected; our key share is due.
pub(super) struct MakeKeyShare {
    /// The client's key share, in scratch.
    pub(super) share: Range<usize>,
    pub(super) session_id: Range<usize>,
    /// Where scratch is free, behind the ClientHello.
    pub(super) room_at: usize,
    pub(super) boundary: MessageBoundary,
}

impl MakeKeyShare {
    #[inline(never)]
    pub(super) fn work<P: CryptoProvider>(self, cx: &mut Context<P>) -> Result<State, Error> {
        let mut own_share = [0; MAX_KEY_SHARE];
        let (exchanges, random) = cx.provider.key_exchanges();
        let (private, own_length) = exchanges.start(cx.negotiated.group, random, &mut own_share)?;
        cx.exchange = Some(private);
        Ok(State::AgreeOnKeys(AgreeOnKeys { hello: self, own_share, own_length }))
    }
}

/// The shared secret is due.
pub(super) struct AgreeOnKeys {
    hello: MakeKeyShare,
    own_share: [u8; MAX_KEY_SHARE],
    own_length: usize,
}

impl AgreeOnKeys {
    #[inline(never)]
    pub(super) fn work<P: CryptoProvider>(
        self,
        scratch: &mut [u8],
        cx: &mut Context<P>,
        wire: &mut Wire<Key<P>>,
    ) -> Result<State, Error> {
        const PLACE: Error = Error::Internal("server: share outside of scratch");
        let MakeKeyShare { share, session_id: session_id_range, room_at, boundary } = self.hello;
        cx.agree_on_keys(scratch.get(share).ok_or(PLACE)?)?;

        let mut random = [0; 32];
        cx.provider.random().fill(&mut random)?;
        let (front, room) = scratch.split_at_mut_checked(room_at).ok_or(PLACE)?;
        let echo = session_id(front, session_id_range)?;
        let (suite, group) = (cx.negotiated.cipher_suite, cx.negotiated.group);
        let key_exchange = self.own_share.get(..self.own_length).ok_or(PLACE)?;
        let length = cx.write(room, HandshakeType::SERVER_HELLO, |w| {
            server_hello::write(w, &random, echo, suite, |w| {
                key_share::write_server_share(w, key_share::KeyShareEntry { group, key_exchange });
                supported_versions::write_selection(w, supported_versions::TLS_1_3);
            });
        })?;
        // The one behind a HelloRetryRequest may not have left yet.
        let overtaken = cx.flight.holds_change_cipher_spec();
        cx.flight = Flight::of(room_at..room_at.saturating_add(length)).with_change_cipher_spec(overtaken);
        cx.protect_reading(Label::ClientHandshakeTraffic, wire, boundary)?;
        // Once, after the first of ServerHello and HelloRetryRequest (§D.4).
        let change_cipher_spec = !echo.is_empty() && !cx.negotiated.hello_retry_request;
        Ok(State::SendServerHello(SendServerHello { change_cipher_spec }))
    }
}

/// NEGOTIATED: ServerHello is owed, the last message without protection.
pub(super) struct SendServerHello {
    change_cipher_spec: bool,
}

impl SendServerHello {
    #[inline(never)]
    pub(super) fn on_written<P: CryptoProvider>(
        self,
        scratch: &mut [u8],
        cx: &mut Context<P>,
        (writer, own_limit): (Option<CertificateWriter<'_>>, Option<u16>),
        wire: &mut Wire<Key<P>>,
    ) -> Result<State, Error> {
        cx.protect_writing(Label::ServerHandshakeTraffic, wire)?;

        let record_limit = cx.record_limit;
        let (named, protocol) = (cx.negotiated.server_name.is_some(), cx.negotiated.protocol.clone());
        let length = cx.write(scratch, HandshakeType::ENCRYPTED_EXTENSIONS, |w| {
            w.vector::<2>(|w| {
                if named {
                    server_name::write_acknowledgement(w);
                }
                match record_limit {
                    Some(RecordLimit::Size(_)) => {
                        record_size_limit::write_limit(w, own_limit.unwrap_or(record_size_limit::LARGEST));
                    }
                    // "The server that accepts [...] MUST include an extension of type "max_fragment_length"" with the
                    // same value (RFC 6066 §4).
                    Some(RecordLimit::Fragment(length)) => length.write(w),
                    None => {}
                }
                if let Some(protocol) = &protocol {
                    alpn::write_list(w, core::iter::once(protocol.as_slice()));
                }
            });
        })?;
        let writer = writer.ok_or(Error::Internal("server: chain too long"))?;
        writer.for_each(|piece| cx.add_to_transcript(piece))?;
        cx.flight = Flight::of(0..length).with_certificate().with_change_cipher_spec(self.change_cipher_spec);

        let transcript = cx.transcript_hash()?;
        let content = certificate_verify::content(Role::Server, &transcript)?;
        let algorithm = cx.negotiated.signature_scheme.algorithm();
        // A hash that the provider lacks is the key's owner's to make: it has the message too.
        let digest = match algorithm.and_then(|a| a.hash()).map(|hash| cx.digest(hash, &content)).transpose()
        {
            Err(CryptoError::Unsupported) => None,
            digest => digest?,
        };
        Ok(State::Sign(Sign { content, digest, room_at: length }))
    }
}

/// The key's owner is asked for the signature of CertificateVerify.
pub(super) struct Sign {
    pub(super) content: Content,
    pub(super) digest: Option<Digest>,
    room_at: usize,
}

impl Sign {
    #[inline(never)]
    pub(super) fn on_signature<P: CryptoProvider>(
        self,
        signature: &[u8],
        scratch: &mut [u8],
        cx: &mut Context<P>,
        wire: &Wire<Key<P>>,
    ) -> Result<State, Error> {
        let room = scratch.get_mut(self.room_at..).ok_or(Error::Internal("server: no scratch left"))?;
        let scheme = cx.negotiated.signature_scheme;
        let verify = cx.write(room, HandshakeType::CERTIFICATE_VERIFY, |w| {
            w.u16(scheme.0);
            w.vector::<2>(|w| w.bytes(signature));
        })?;
        let rest = room.get_mut(verify..).unwrap_or_default();
        let finished = cx.write_finished(rest, wire.outbound.records.protection())?;
        let end = self.room_at.saturating_add(verify).saturating_add(finished);
        cx.flight.append(self.room_at..end);
        Ok(State::SendFinished(SendFinished))
    }
}

/// The rest of our flight, up to Finished, is owed.
pub(super) struct SendFinished;

impl SendFinished {
    #[inline(never)]
    pub(super) fn on_written<P: CryptoProvider>(
        self,
        cx: &mut Context<P>,
        wire: &mut Wire<Key<P>>,
    ) -> Result<State, Error> {
        cx.derive_application_secrets()?;
        cx.protect_writing(Label::ServerApplicationTraffic, wire)?;
        Ok(State::ExpectFinished(ExpectFinished))
    }
}

/// WAIT_FINISHED
pub(super) struct ExpectFinished;

impl ExpectFinished {
    #[inline(never)]
    pub(super) fn on_finished<P: CryptoProvider>(
        self,
        around: &Around<'_>,
        place: &Place<'_>,
        cx: &mut Context<P>,
        wire: &mut Wire<Key<P>>,
    ) -> Result<State, Error> {
        let boundary = place.boundary()?;
        let finished = cx.verify_finished(around.message, wire.inbound.records.protection())?;
        cx.protect_reading(Label::ClientApplicationTraffic, wire, boundary)?;
        wire.inbound.records.drops_change_cipher_spec = false;
        Ok(State::Connected(Connected::complete(finished)))
    }
}

/// CONNECTED
pub(super) struct Connected(());

impl Connected {
    /// Proof before power: nothing else makes this state.
    const fn complete(FinishedVerified { .. }: FinishedVerified) -> Self {
        Self(())
    }
}
