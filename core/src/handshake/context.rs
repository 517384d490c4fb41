//! What every state of either side works with: fixed fields lent to the states, so that a transition
//! from one to the next moves little, and no secret.

use super::client_hello::RecordLimit;
use super::extension::alpn;
use super::flight::Flight;
use super::joiner::Joiner;
use super::{HandshakeType, MessageBoundary, certificate_verify, finished, write_message};
use crate::certificate::{CertificateError, Role, ServerName};
use crate::codec::Writer;
use crate::crypto::{
    CipherSuite, CryptoError, CryptoProvider, Digest, HashAlgorithm, Hashes, Key, KeyExchanges, NamedGroup,
    Private, PublicKey, Secret, SharedSecret, SignatureScheme, Signed, Verifiers,
};
use crate::error::Misbehaved;
use crate::error::inner::Error;
use crate::key_schedule::{self, KeySchedule, Label};
use crate::link::{Inbound, Outbound};
use crate::record::{Protection, RecordAuthenticated};
use crate::transcript::Transcript;
use core::ops::Range;

/// A TLS version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ProtocolVersion {
    /// RFC 8446, RFC 9846.
    Tls13,
}

impl core::fmt::Display for ProtocolVersion {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Tls13 => f.write_str("TLS 1.3"),
        }
    }
}

/// What a handshake has agreed on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Negotiated {
    /// The protocol version.
    pub version: ProtocolVersion,
    /// The cipher suite.
    pub cipher_suite: CipherSuite,
    /// The group of the key exchange.
    pub group: NamedGroup,
    /// The scheme of the server's CertificateVerify; the client's is [`client_signature_scheme`](Self::client_signature_scheme).
    pub signature_scheme: SignatureScheme,
    /// Whether the server asked for another key share first (RFC 8446 §4.1.4).
    pub hello_retry_request: bool,
    /// Whether the client asked for an OCSP response about the server's certificate (RFC 6066 §8).
    pub status_request: bool,
    /// The application protocol (RFC 7301), if one was agreed on.
    pub protocol: Option<alpn::Protocol>,
    /// The host name that the client asked for (RFC 6066 §3).
    pub server_name: Option<ServerName>,
    /// The scheme of the client's CertificateVerify, if it was asked for a certificate and has sent one. On the
    /// server's side the certificate was believed and the signature checked; whether they were, a client learns with
    /// what it reads next.
    pub client_signature_scheme: Option<SignatureScheme>,
}

impl Negotiated {
    /// Whether the client has shown who it is, by a certificate and the proof that it holds its key. Where a server
    /// asks for one as an option, this is the difference.
    pub const fn client_is_authenticated(&self) -> bool {
        self.client_signature_scheme.is_some()
    }

    /// Whether server_name was in the ClientHello: addresses are not (RFC 6066 §3).
    pub(crate) fn asked_for_name(&self) -> bool {
        self.server_name.as_ref().is_some_and(|name| name.as_dns().is_some())
    }
}

/// One side's handshake, but for its state, its configuration and its scratch.
pub(crate) struct Context<P: CryptoProvider> {
    pub(crate) provider: P,
    pub(crate) transcript: Transcript<P>,
    pub(crate) schedule: KeySchedule,
    pub(crate) joiner: Joiner,
    pub(crate) flight: Flight,
    /// The ephemeral private key, between its making and its use.
    pub(crate) exchange: Option<Private<P>>,
    /// Filled in as the handshake goes; shown once it is complete.
    pub(crate) negotiated: Negotiated,
    /// What a client asked of our records, to be answered in EncryptedExtensions.
    pub(crate) record_limit: Option<RecordLimit>,
    /// Why the peer's certificate was refused.
    pub(crate) refused: Option<CertificateError>,
}

impl<P: CryptoProvider> Context<P> {
    pub(crate) fn new(provider: P, server_name: Option<ServerName>) -> Self {
        Self {
            provider,
            transcript: Transcript::new(),
            schedule: KeySchedule::new(),
            joiner: Joiner::default(),
            flight: Flight::default(),
            exchange: None,
            negotiated: Negotiated {
                version: ProtocolVersion::Tls13,
                cipher_suite: CipherSuite(0),
                group: NamedGroup(0),
                signature_scheme: SignatureScheme(0),
                hello_retry_request: false,
                status_request: false,
                protocol: None,
                server_name,
                client_signature_scheme: None,
            },
            record_limit: None,
            refused: None,
        }
    }

    /// "implementations MUST forget the secret values and keys established in failed connections" (§6).
    pub(crate) fn forget(&mut self) {
        self.exchange = None;
        self.schedule = KeySchedule::new();
    }

    /// Keeps the reason aside; the error itself stays small.
    pub(crate) fn refuse(&mut self, reason: CertificateError) -> Error {
        refuse(&mut self.refused, reason)
    }

    /// The suite's hash, once there is a suite.
    pub(crate) fn hash(&self) -> Result<HashAlgorithm, Error> {
        self.negotiated.cipher_suite.hash().ok_or(Error::Internal("context: no suite yet"))
    }

    pub(crate) fn transcript_hash(&mut self) -> Result<Digest, Error> {
        self.transcript.hash(&mut self.provider)
    }

    pub(crate) fn add_to_transcript(&mut self, message: &[u8]) -> Result<(), Error> {
        self.transcript.add(&mut self.provider, message)
    }

    /// The key exchange's second half; Handshake Secret follows (RFC 8446 §7.1). The private key is gone
    /// afterwards.
    #[inline(never)]
    pub(crate) fn agree_on_keys(&mut self, peer_share: &[u8]) -> Result<(), Error> {
        let private = self.exchange.take().ok_or(Error::Internal("context: no private key"))?;
        let mut shared = SharedSecret::empty();
        self.provider.key_exchanges().0.finish(&private, peer_share, &mut shared)?;
        self.schedule.handshake(&mut self.provider, &shared)?;
        Ok(())
    }

    /// New keys for reading, from the current secret and transcript: only between messages.
    pub(crate) fn protect_reading(
        &mut self,
        label: Label,
        wire: &mut Wire<Key<P>>,
        _: MessageBoundary,
    ) -> Result<(), Error> {
        self.install(label, wire.inbound.records.slot())
    }

    /// New keys for writing, from the current secret and transcript.
    pub(crate) fn protect_writing(&mut self, label: Label, wire: &mut Wire<Key<P>>) -> Result<(), Error> {
        self.install(label, wire.outbound.records.slot())
    }

    #[inline(never)]
    fn install(&mut self, label: Label, slot: &mut Option<Protection<Key<P>>>) -> Result<(), Error> {
        let suite = self.negotiated.cipher_suite;
        // The client's application secret was derived at the server's Finished, and has waited since.
        if let Label::ClientApplicationTraffic = label {
            let secret = &self.schedule.client_application_traffic_secret;
            return Protection::install(slot, &mut self.provider, suite, secret);
        }
        let transcript = self.transcript_hash()?;
        let mut secret = Secret::empty();
        self.schedule.derive(&mut self.provider, label, &transcript, &mut secret)?;
        Protection::install(slot, &mut self.provider, suite, &secret)
    }

    /// Main Secret and what comes of it, at the server's Finished (§7.1): the client's application secret
    /// waits in the schedule.
    #[inline(never)]
    pub(crate) fn derive_application_secrets(&mut self) -> Result<(), Error> {
        self.schedule.main(&mut self.provider)?;
        let transcript = self.transcript_hash()?;
        self.schedule.derive_client_application(&mut self.provider, &transcript)?;
        self.schedule.derive_exporter(&mut self.provider, &transcript)?;
        Ok(())
    }

    /// Checks the peer's Finished against the transcript before it (§4.4.4), then adds it.
    #[inline(never)]
    pub(crate) fn verify_finished(
        &mut self,
        message: &[u8],
        peer: Option<&Protection<Key<P>>>,
    ) -> Result<finished::FinishedVerified, Error> {
        let base_key = peer.ok_or(Error::Internal("context: no keys at Finished"))?.secret();
        let (transcript, hash) = (self.transcript_hash()?, self.hash()?);
        let mut expected = Secret::empty();
        key_schedule::verify_data(&mut self.provider, hash, base_key, &transcript, &mut expected)?;
        let proof = finished::verify(body(message), &expected)?;
        self.add_to_transcript(message)?;
        Ok(proof)
    }

    /// Writes our Finished into `room` and adds it to the transcript. Returns its length.
    #[inline(never)]
    pub(crate) fn write_finished(
        &mut self,
        room: &mut [u8],
        own: Option<&Protection<Key<P>>>,
    ) -> Result<usize, Error> {
        let base_key = own.ok_or(Error::Internal("context: no keys at Finished"))?.secret();
        let (transcript, hash) = (self.transcript_hash()?, self.hash()?);
        let mut verify_data = Secret::empty();
        key_schedule::verify_data(&mut self.provider, hash, base_key, &transcript, &mut verify_data)?;
        self.write(room, HandshakeType::FINISHED, |w| w.bytes(verify_data.expose()))
    }

    /// Writes a message into `room` and adds it to the transcript. Returns its length.
    pub(crate) fn write(
        &mut self,
        room: &mut [u8],
        kind: HandshakeType,
        body: impl FnOnce(&mut Writer<'_>),
    ) -> Result<usize, Error> {
        let length = write_message(room, kind, body)?;
        self.add_to_transcript(room.get(..length).unwrap_or_default())?;
        Ok(length)
    }

    /// Verifies the signature of a CertificateVerify (§4.4.3) over `transcript`.
    #[inline(never)]
    pub(crate) fn verify_handshake_signature(
        &mut self,
        role: Role,
        transcript: &Digest,
        key: &PublicKey<'_>,
        scheme: SignatureScheme,
        signature: &[u8],
    ) -> Result<(), Error> {
        let content = certificate_verify::content(role, transcript)?;
        let algorithm = scheme.algorithm().ok_or(Misbehaved::SchemeNotOffered { found: scheme })?;
        let digest = algorithm.hash().map(|hash| self.digest(hash, &content)).transpose()?;
        let signed = digest.as_ref().map_or(Signed::Message(&content), Signed::Digest);
        self.provider.verifiers().verify(key, algorithm, signed, signature).map_err(|e| match e {
            CryptoError::BadSignature => Misbehaved::BadHandshakeSignature.into(),
            e => Error::Crypto(e),
        })
    }

    pub(crate) fn digest(&mut self, hash: HashAlgorithm, message: &[u8]) -> Result<Digest, CryptoError> {
        let hashes = self.provider.hashes();
        let mut running = hashes.start(hash)?;
        hashes.update(&mut running, message)?;
        hashes.snapshot(&running)
    }
}

#[inline(never)]
pub(crate) fn refuse(refused: &mut Option<CertificateError>, reason: CertificateError) -> Error {
    *refused = Some(reason);
    Error::Certificate
}

/// A message without its header.
pub(crate) fn body(message: &[u8]) -> &[u8] {
    message.get(super::MESSAGE_HEADER..).unwrap_or_default()
}

/// Scratch around a message that lies in it.
pub(crate) struct Around<'a> {
    /// What was kept in front of it.
    pub(crate) kept: &'a [u8],
    /// The message, header included.
    pub(crate) message: &'a [u8],
    /// Free room behind it, which begins at this offset of scratch.
    pub(crate) room: &'a mut [u8],
    pub(crate) room_at: usize,
}

impl<'a> Around<'a> {
    pub(crate) fn split(scratch: &'a mut [u8], message: &Range<usize>) -> Result<Self, Error> {
        const PLACE: Error = Error::Internal("context: message outside of scratch");
        let (front, room) = scratch.split_at_mut_checked(message.end).ok_or(PLACE)?;
        let (kept, message) = front.split_at_checked(message.start).ok_or(PLACE)?;
        Ok(Self { kept, message, room_at: front.len(), room })
    }

    /// Where in scratch a part of the message lies that must outlive this call.
    pub(crate) fn range_of(&self, part: &[u8]) -> Result<Range<usize>, Error> {
        const PLACE: Error = Error::Internal("context: part outside of its message");
        let offset = (part.as_ptr().addr()).checked_sub(self.message.as_ptr().addr()).ok_or(PLACE)?;
        let start = offset.checked_add(self.kept.len()).ok_or(PLACE)?;
        let end = start.checked_add(part.len()).filter(|&end| end <= self.room_at).ok_or(PLACE)?;
        Ok(start..end)
    }
}

/// Where a message stood in its record: whether keys may change after it.
pub(crate) struct Place<'a> {
    /// What the record holds behind the message.
    pub(crate) rest: &'a [u8],
    pub(crate) authenticated: RecordAuthenticated,
}

impl Place<'_> {
    /// Proof that nothing follows, or the peer's fault.
    pub(crate) fn boundary(&self) -> Result<MessageBoundary, Error> {
        MessageBoundary::new(self.rest, self.authenticated)
    }
}

/// Both directions of the connection that the handshake is part of.
#[derive(Debug)]
pub(crate) struct Wire<K> {
    pub(crate) inbound: Inbound<K>,
    pub(crate) outbound: Outbound<K>,
}

impl<K> Wire<K> {
    pub(crate) const fn new() -> Self {
        Self { inbound: Inbound::new(), outbound: Outbound::new() }
    }
}
