//! From the key exchange to Finished, in TLS 1.3 (RFC 8446 §2), in the order of the figure.

use super::State;
use crate::certificate::{PeerAuthenticated, PeerVerifier, Role};
use crate::config::ClientConfig;
use crate::crypto::{CryptoProvider, Key};
use crate::error::Misbehaved;
use crate::error::inner::Error;
use crate::handshake::certificate::CertificateWriter;
use crate::handshake::certificate_request::{CertificateRequestReader, Choice};
use crate::handshake::certificate_verify::{ToCheck, ToSign};
use crate::handshake::context::{Around, Context, Place, Wire, body};
use crate::handshake::extension::max_fragment_length::MaxFragmentLength;
use crate::handshake::extension::{ExtensionType, alpn, record_size_limit, supported_groups};
use crate::handshake::finished::FinishedVerified;
use crate::handshake::flight::Flight;
use crate::handshake::peer_chain::{Authenticated, PeerChain, Presented};
use crate::handshake::{HandshakeType, MessageBoundary, encrypted_extensions};
use crate::key_schedule::Label;
use core::ops::Range;

/// Between ServerHello and EncryptedExtensions: the shared secret is due.
pub(super) struct AgreeOnKeys {
    /// The server's key share, in scratch.
    pub(super) share: Range<usize>,
    pub(super) boundary: MessageBoundary,
}

impl AgreeOnKeys {
    #[inline(never)]
    pub(super) fn work<P: CryptoProvider, W>(
        self,
        scratch: &[u8],
        cx: &mut Context<P>,
        wire: &mut Wire<Key<P>>,
    ) -> Result<State<W>, Error> {
        let share = scratch.get(self.share).ok_or(Error::Internal("client: share outside of scratch"))?;
        cx.agree_on_keys(share)?;
        cx.protect_writing(Label::ClientHandshakeTraffic, wire)?;
        cx.protect_reading(Label::ServerHandshakeTraffic, wire, self.boundary)?;
        // "immediately before its second flight" (§D.4), unless a HelloRetryRequest has made one already.
        if !cx.negotiated.hello_retry_request {
            cx.flight = Flight::behind_change_cipher_spec();
        }
        Ok(State::ExpectEncryptedExtensions(ExpectEncryptedExtensions))
    }
}

/// WAIT_EE
pub(super) struct ExpectEncryptedExtensions;

impl ExpectEncryptedExtensions {
    #[inline(never)]
    pub(super) fn on_encrypted_extensions<P: CryptoProvider, V, W>(
        self,
        around: &Around<'_>,
        cx: &mut Context<P>,
        settings: &ClientConfig<'_, V>,
        wire: &mut Wire<Key<P>>,
    ) -> Result<State<W>, Error> {
        let mut limited_by = None;
        for (extension, bytes) in encrypted_extensions::parse(body(around.message))?.iter() {
            match extension {
                ExtensionType::ALPN if !settings.protocols.is_empty() => {
                    let chosen = alpn::parse_selection(bytes)?;
                    // "... one of the protocols offered" (RFC 7301 §3.2), whatever its length.
                    if !settings.protocols.contains(&chosen) {
                        return Err(Misbehaved::ProtocolNotOffered.into());
                    }
                    cx.negotiated.protocol = alpn::Protocol::from_slice(chosen).ok();
                }
                ExtensionType::SERVER_NAME if cx.negotiated.asked_for_name() => {
                    crate::codec::Reader::new(bytes, "server_name").finish()?;
                }
                // "A client MUST treat receipt of both "max_fragment_length" and "record_size_limit" as a fatal error,
                // and it SHOULD generate an "illegal_parameter" alert" (RFC 8449 §5).
                ExtensionType::RECORD_SIZE_LIMIT | ExtensionType::MAX_FRAGMENT_LENGTH
                    if settings.record_size_limit.is_some() && limited_by.is_some() =>
                {
                    return Err(Misbehaved::MisplacedExtension {
                        extension,
                        message: HandshakeType::ENCRYPTED_EXTENSIONS,
                    }
                    .into());
                }
                ExtensionType::RECORD_SIZE_LIMIT if settings.record_size_limit.is_some() => {
                    limited_by = Some(record_size_limit::parse_answer(bytes)?.saturating_sub(1));
                }
                ExtensionType::MAX_FRAGMENT_LENGTH
                    if settings.record_size_limit.and_then(MaxFragmentLength::within).is_some() =>
                {
                    let length = MaxFragmentLength::parse(bytes)?;
                    // "... the client MUST abort the handshake with an "illegal_parameter" alert" if it differs from
                    // what it requested (RFC 6066 §4).
                    if settings.record_size_limit.and_then(MaxFragmentLength::within) != Some(length) {
                        return Err(Misbehaved::UnknownValue { field: "max_fragment_length" }.into());
                    }
                    limited_by = Some(length.bytes());
                }
                // For the next connection, which may know better which share to send (§4.2.7): read for its form
                // alone, since "a message which cannot be parsed" is refused (§6.2).
                ExtensionType::SUPPORTED_GROUPS => drop(supported_groups::parse(bytes)?),
                extension => return Err(Misbehaved::UnsolicitedExtension { extension }.into()),
            }
        }
        if let Some(limit) = limited_by {
            wire.outbound.records.limit_content(usize::from(limit));
        }
        cx.add_to_transcript(around.message)?;
        Ok(State::ExpectCertificateOrRequest(ExpectCertificateOrRequest { client: Client::NotAsked }))
    }
}

/// Whether the server has asked for a client certificate, and what it will get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Client {
    NotAsked,
    /// An empty Certificate: none of ours fits.
    Declines,
    Answers(Choice),
}

/// WAIT_CERT_CR, and WAIT_CERT once the request has come.
pub(super) struct ExpectCertificateOrRequest {
    client: Client,
}

impl ExpectCertificateOrRequest {
    pub(super) fn after_request(choice: Option<Choice>) -> Self {
        Self { client: choice.map_or(Client::Declines, Client::Answers) }
    }

    pub(super) const fn request_may_come(&self) -> bool {
        matches!(self.client, Client::NotAsked)
    }

    /// A Certificate message of `length` bytes begins.
    #[inline(never)]
    pub(super) fn on_certificate<V: PeerVerifier>(
        &self,
        length: usize,
        verifier: &V,
    ) -> Result<ExpectCertificate<V::Walk>, Error> {
        let chain = PeerChain::new(length, verifier, verifier.wants_staple())?;
        Ok(ExpectCertificate { client: self.client, chain })
    }
}

/// Within CertificateRequest, which streams by.
pub(super) struct ReadCertificateRequest {
    pub(super) reader: CertificateRequestReader,
}

impl ReadCertificateRequest {
    pub(super) fn new(length: usize) -> Result<Self, Error> {
        Ok(Self { reader: CertificateRequestReader::new(length)? })
    }
}

/// Within Certificate, which streams through the verifier.
pub(super) struct ExpectCertificate<W> {
    client: Client,
    pub(super) chain: PeerChain<W>,
}

impl<W> ExpectCertificate<W> {
    /// Goes on if the chain is read to its end and believed.
    #[inline(never)]
    pub(super) fn leave(self) -> Result<State<W>, Error> {
        let client = self.client;
        match self.chain.finish() {
            Ok(Presented::Chain(peer)) => {
                Ok(State::ExpectCertificateVerify(ExpectCertificateVerify { client, peer }))
            }
            // "If the server supplies an empty Certificate message, the client MUST abort the handshake with a
            // "decode_error" alert" (§4.4.2.4).
            Ok(Presented::Nothing) => Err(Misbehaved::NoCertificate.into()),
            Err(chain) => Ok(State::ExpectCertificate(Self { client, chain })),
        }
    }
}

/// WAIT_CV
pub(super) struct ExpectCertificateVerify {
    client: Client,
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
        cx.negotiated.signature_scheme = to_check.scheme;
        Ok(State::CheckSignature(CheckSignature { client: self.client, peer: self.peer, to_check }))
    }
}

/// Between CertificateVerify and Finished: the signature check is due.
pub(super) struct CheckSignature {
    client: Client,
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
        let Self { client, peer, to_check } = self;
        to_check.check(Role::Server, peer.leaf_length, scratch, cx)?;
        Ok(State::ExpectFinished(ExpectFinished { client, peer }))
    }
}

/// WAIT_FINISHED
pub(super) struct ExpectFinished {
    client: Client,
    pub(super) peer: Authenticated,
}

#[cfg(test)]
impl ExpectFinished {
    pub(super) fn after_everything_else() -> Self {
        let proof = crate::certificate::dangerous::assume_peer_authenticated();
        Self { client: Client::NotAsked, peer: Authenticated { proof, leaf_length: 0 } }
    }
}

impl ExpectFinished {
    #[inline(never)]
    pub(super) fn on_finished<'c, P: CryptoProvider, W>(
        self,
        around: Around<'_>,
        place: &Place<'_>,
        cx: &mut Context<P>,
        credential: impl FnOnce(usize) -> Option<CertificateWriter<'c>>,
        wire: &mut Wire<Key<P>>,
    ) -> Result<State<W>, Error> {
        let boundary = place.boundary()?;
        let finished = cx.verify_finished(around.message, wire.inbound.records.protection())?;
        cx.derive_application_secrets()?;
        cx.protect_reading(Label::ServerApplicationTraffic, wire, boundary)?;
        // "before the peer's Finished message has been received" (§5): from now on it is out of place.
        wire.inbound.records.drops_change_cipher_spec = false;

        let Self { client, peer } = self;
        let change_cipher_spec = cx.flight.holds_change_cipher_spec();
        let (room, room_at) = (around.room, around.room_at);
        // "If the server requests client authentication but no suitable certificate is available, the
        // client MUST send a Certificate message containing no certificates" (§4.4.2).
        let declined = match client {
            Client::NotAsked => 0,
            Client::Declines => cx.write(room, HandshakeType::CERTIFICATE, |w| w.bytes(&[0; 1 + 3]))?,
            Client::Answers(Choice { credential: chosen, scheme }) => {
                let writer = credential(chosen).ok_or(Error::Internal("client: chain too long"))?;
                writer.for_each(|piece| cx.add_to_transcript(piece))?;
                cx.flight = Flight::default().with_certificate().with_change_cipher_spec(change_cipher_spec);
                let to_sign = ToSign::after_certificate(Role::Client, scheme, cx)?;
                cx.negotiated.client_signature_scheme = Some(scheme);
                return Ok(State::Sign(Sign { credential: chosen, to_sign, finished, peer, room_at }));
            }
        };
        let rest = room.get_mut(declined..).unwrap_or_default();
        let length = cx.write_finished(rest, wire.outbound.records.protection())?;
        let end = room_at.saturating_add(declined).saturating_add(length);
        cx.flight = Flight::of(room_at..end).with_change_cipher_spec(change_cipher_spec);
        Ok(State::SendFinished(SendFinished::complete(finished, peer)))
    }
}

/// The key's owner is asked for the signature of our own CertificateVerify; Certificate leaves meanwhile.
pub(super) struct Sign {
    pub(super) credential: usize,
    pub(super) to_sign: ToSign,
    finished: FinishedVerified,
    pub(super) peer: Authenticated,
    /// Where scratch is free, behind the server's leaf and its Finished.
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
        let room = scratch.get_mut(self.room_at..).ok_or(Error::Internal("client: no scratch left"))?;
        let verify = self.to_sign.write(signature, room, cx)?;
        let rest = room.get_mut(verify..).unwrap_or_default();
        let finished = cx.write_finished(rest, wire.outbound.records.protection())?;
        let end = self.room_at.saturating_add(verify).saturating_add(finished);
        cx.flight.append(self.room_at..end);
        Ok(State::SendFinished(SendFinished::complete(self.finished, self.peer)))
    }
}

/// The server is who it should be and its handshake is whole; our Finished is owed.
pub(super) struct SendFinished {
    pub(super) leaf_length: usize,
}

impl SendFinished {
    /// Proof before power: nothing else makes this state.
    fn complete(_: FinishedVerified, Authenticated { proof, leaf_length }: Authenticated) -> Self {
        let PeerAuthenticated { .. } = proof;
        Self { leaf_length }
    }

    #[inline(never)]
    pub(super) fn on_written<P: CryptoProvider, W>(
        self,
        cx: &mut Context<P>,
        wire: &mut Wire<Key<P>>,
    ) -> Result<State<W>, Error> {
        cx.protect_writing(Label::ClientApplicationTraffic, wire)?;
        Ok(State::Connected(Connected { leaf_length: self.leaf_length }))
    }
}

/// CONNECTED
pub(super) struct Connected {
    pub(super) leaf_length: usize,
}
