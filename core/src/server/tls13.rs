//! From ServerHello to Finished, in TLS 1.3 (RFC 8446 §2), in the order of the figure.

use super::State;
use crate::certificate::{PeerAuthenticated, PeerVerifier, Role};
use crate::config::{ClientAuthentication, ServerConfig};
use crate::crypto::{CryptoProvider, Key, KeyExchanges, MAX_KEY_SHARE, Random, Verifiers};
use crate::error::Incompatible;
use crate::error::inner::Error;
use crate::handshake::certificate::CertificateWriter;
use crate::handshake::certificate_request;
use crate::handshake::certificate_verify::{ToCheck, ToSign};
use crate::handshake::client_hello::RecordLimit;
use crate::handshake::context::{Around, Context, Place, Wire};
use crate::handshake::extension::{alpn, key_share, record_size_limit, server_name, supported_versions};
use crate::handshake::finished::FinishedVerified;
use crate::handshake::flight::Flight;
use crate::handshake::peer_chain::{Authenticated, PeerChain, Presented};
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
    pub(super) fn work<P: CryptoProvider, W>(self, cx: &mut Context<P>) -> Result<State<W>, Error> {
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
    pub(super) fn work<P: CryptoProvider, W>(
        self,
        scratch: &mut [u8],
        cx: &mut Context<P>,
        wire: &mut Wire<Key<P>>,
    ) -> Result<State<W>, Error> {
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
    pub(super) fn on_written<P: CryptoProvider, V, W>(
        self,
        scratch: &mut [u8],
        cx: &mut Context<P>,
        (writer, settings): (Option<CertificateWriter<'_>>, &ServerConfig<'_, V>),
        wire: &mut Wire<Key<P>>,
    ) -> Result<State<W>, Error> {
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
                        record_size_limit::write_limit(
                            w,
                            settings.record_size_limit.unwrap_or(record_size_limit::LARGEST),
                        );
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
        let requested = match settings.client_authentication.asked() {
            Some(asked) => {
                let room = scratch.get_mut(length..).unwrap_or_default();
                cx.write(room, HandshakeType::CERTIFICATE_REQUEST, |w| {
                    certificate_request::write(w, P::Verifiers::schemes(), asked.authorities);
                })?
            }
            None => 0,
        };
        let room_at = length.saturating_add(requested);
        let writer = writer.ok_or(Error::Internal("server: chain too long"))?;
        writer.for_each(|piece| cx.add_to_transcript(piece))?;
        cx.flight =
            Flight::of(0..room_at).with_certificate().with_change_cipher_spec(self.change_cipher_spec);
        let to_sign = ToSign::after_certificate(Role::Server, cx.negotiated.signature_scheme, cx)?;
        Ok(State::Sign(Sign { to_sign, room_at }))
    }
}

/// The key's owner is asked for the signature of CertificateVerify.
pub(super) struct Sign {
    pub(super) to_sign: ToSign,
    room_at: usize,
}

impl Sign {
    #[inline(never)]
    pub(super) fn on_signature<P: CryptoProvider, W>(
        self,
        signature: &[u8],
        scratch: &mut [u8],
        cx: &mut Context<P>,
        wire: &Wire<Key<P>>,
    ) -> Result<State<W>, Error> {
        let room = scratch.get_mut(self.room_at..).ok_or(Error::Internal("server: no scratch left"))?;
        let verify = self.to_sign.write(signature, room, cx)?;
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
    pub(super) fn on_written<P: CryptoProvider, V, W>(
        self,
        cx: &mut Context<P>,
        asked: &ClientAuthentication<'_, V>,
        wire: &mut Wire<Key<P>>,
    ) -> Result<State<W>, Error> {
        cx.derive_application_secrets()?;
        cx.protect_writing(Label::ServerApplicationTraffic, wire)?;
        Ok(match asked {
            ClientAuthentication::None => State::ExpectFinished(ExpectFinished { client: Client::Anonymous }),
            ClientAuthentication::Optional(_) | ClientAuthentication::Required(_) => {
                State::ExpectCertificate(ExpectCertificate)
            }
        })
    }
}

/// WAIT_CERT
pub(super) struct ExpectCertificate;

impl ExpectCertificate {
    /// A Certificate message of `length` bytes begins.
    #[inline(never)]
    pub(super) fn on_certificate<V: PeerVerifier>(
        self,
        length: usize,
        verifier: &V,
    ) -> Result<ReadCertificate<V::Walk>, Error> {
        // Our CertificateRequest has no status_request, and "Extensions in the Certificate message from the client MUST
        // correspond to extensions in the CertificateRequest message from the server" (§4.4.2).
        Ok(ReadCertificate { chain: PeerChain::new(length, verifier, false)? })
    }
}

/// Within Certificate, which streams through the verifier.
pub(super) struct ReadCertificate<W> {
    pub(super) chain: PeerChain<W>,
}

impl<W> ReadCertificate<W> {
    /// Goes on if the chain is read to its end and believed, or if there is none and none need be.
    #[inline(never)]
    pub(super) fn leave<V>(self, asked: &ClientAuthentication<'_, V>) -> Result<State<W>, Error> {
        match (self.chain.finish(), asked) {
            (Ok(Presented::Chain(peer)), _) => {
                Ok(State::ExpectCertificateVerify(ExpectCertificateVerify { peer }))
            }
            // "the server MAY at its discretion either continue the handshake without client authentication or abort
            // the handshake with a "certificate_required" alert" (§4.4.2.4).
            (Ok(Presented::Nothing), ClientAuthentication::Optional(_)) => {
                Ok(State::ExpectFinished(ExpectFinished { client: Client::Anonymous }))
            }
            (Ok(Presented::Nothing), _) => Err(Incompatible::ClientCertificate.into()),
            (Err(chain), _) => Ok(State::ReadCertificate(Self { chain })),
        }
    }
}

/// WAIT_CV
pub(super) struct ExpectCertificateVerify {
    pub(super) peer: Authenticated,
}

impl ExpectCertificateVerify {
    #[inline(never)]
    pub(super) fn on_certificate_verify<P: CryptoProvider, W>(
        self,
        around: &Around<'_>,
        cx: &mut Context<P>,
    ) -> Result<State<W>, Error> {
        let to_check = ToCheck::read(around, self.peer.leaf_length, cx)?;
        Ok(State::CheckSignature(CheckSignature { peer: self.peer, to_check }))
    }
}

/// Between CertificateVerify and Finished: the signature check is due.
pub(super) struct CheckSignature {
    pub(super) peer: Authenticated,
    to_check: ToCheck,
}

impl CheckSignature {
    #[inline(never)]
    pub(super) fn work<P: CryptoProvider, W>(
        self,
        scratch: &[u8],
        cx: &mut Context<P>,
    ) -> Result<State<W>, Error> {
        let Self { peer, to_check } = self;
        let scheme = to_check.scheme;
        to_check.check(Role::Client, peer.leaf_length, scratch, cx)?;
        cx.negotiated.client_signature_scheme = Some(scheme);
        Ok(State::ExpectFinished(ExpectFinished { client: Client::Authenticated(peer) }))
    }
}

/// Who the client is.
pub(super) enum Client {
    /// It was not asked, or has declined where it may.
    Anonymous,
    Authenticated(Authenticated),
}

/// WAIT_FINISHED
pub(super) struct ExpectFinished {
    client: Client,
}

impl ExpectFinished {
    pub(super) const fn leaf_length(&self) -> Option<usize> {
        match &self.client {
            Client::Anonymous => None,
            Client::Authenticated(peer) => Some(peer.leaf_length),
        }
    }

    #[inline(never)]
    pub(super) fn on_finished<P: CryptoProvider, W>(
        self,
        around: &Around<'_>,
        place: &Place<'_>,
        cx: &mut Context<P>,
        wire: &mut Wire<Key<P>>,
    ) -> Result<State<W>, Error> {
        let boundary = place.boundary()?;
        let finished = cx.verify_finished(around.message, wire.inbound.records.protection())?;
        cx.protect_reading(Label::ClientApplicationTraffic, wire, boundary)?;
        wire.inbound.records.drops_change_cipher_spec = false;
        Ok(State::Connected(Connected::complete(finished, self.client)))
    }
}

/// CONNECTED
pub(super) struct Connected {
    pub(super) leaf_length: Option<usize>,
}

impl Connected {
    /// Proof before power: nothing else makes this state, and none but a client who was believed leaves a certificate
    /// in it.
    fn complete(FinishedVerified { .. }: FinishedVerified, client: Client) -> Self {
        let leaf_length = match client {
            Client::Anonymous => None,
            Client::Authenticated(Authenticated { proof: PeerAuthenticated { .. }, leaf_length }) => {
                Some(leaf_length)
            }
        };
        Self { leaf_length }
    }
}
