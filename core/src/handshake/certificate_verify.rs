//! CertificateVerify (RFC 8446 §4.4.3).

use super::HandshakeType;
use super::context::{Around, Context, body};
use crate::calling::SigningRequest;
use crate::certificate::{Certificate, CertificateError, Role};
use crate::codec::Reader;
use crate::crypto::{CryptoError, CryptoProvider, Digest, PublicKey, SignatureScheme, Verifiers};
use crate::error::inner::Error;
use crate::error::{Decode, Misbehaved};
use core::ops::Range;

/// 64 spaces, the context string, a zero byte, the transcript hash.
const MAX_CONTENT: usize = 64 + 33 + 1 + 64;

/// The message.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CertificateVerify<'a> {
    pub(crate) algorithm: SignatureScheme,
    pub(crate) signature: &'a [u8],
}

impl<'a> CertificateVerify<'a> {
    pub(crate) fn parse(body: &'a [u8]) -> Result<Self, Decode> {
        let mut reader = Reader::new(body, "CertificateVerify");
        let algorithm = SignatureScheme(reader.u16()?);
        let signature = reader.vector_u16(0)?;
        reader.finish()?;
        Ok(Self { algorithm, signature })
    }
}

/// "The content that is covered under the signature" (§4.4.3).
pub(crate) type Content = heapless::Vec<u8, MAX_CONTENT>;

/// What the holder of `role`'s key signs.
pub(crate) fn content(role: Role, transcript: &Digest) -> Result<Content, Error> {
    let context: &[u8] = match role {
        Role::Server => b"TLS 1.3, server CertificateVerify",
        Role::Client => b"TLS 1.3, client CertificateVerify",
    };
    let mut content = Content::new();
    for part in [&[0x20; 64], context, &[0], transcript.as_bytes()] {
        content.extend_from_slice(part).map_err(|_| Error::Internal("certificate_verify: content"))?;
    }
    Ok(content)
}

/// The content of our own CertificateVerify, which the key's owner is asked to sign.
pub(crate) struct ToSign {
    scheme: SignatureScheme,
    content: Content,
    digest: Option<Digest>,
}

impl ToSign {
    /// After our Certificate, as `role`.
    pub(crate) fn after_certificate<P: CryptoProvider>(
        role: Role,
        scheme: SignatureScheme,
        cx: &mut Context<P>,
    ) -> Result<Self, Error> {
        let content = content(role, &cx.transcript_hash()?)?;
        let hash = scheme.algorithm().and_then(|algorithm| algorithm.hash());
        // A hash that the provider lacks is the key's owner's to make: it has the message too.
        let digest = match hash.map(|hash| cx.digest(hash, &content)).transpose() {
            Err(CryptoError::Unsupported) => None,
            digest => digest?,
        };
        Ok(Self { scheme, content, digest })
    }

    /// The question, for the key of this credential.
    pub(crate) fn request(&self, credential: usize) -> SigningRequest<'_> {
        let Self { scheme, content, digest } = self;
        SigningRequest { credential, scheme: *scheme, message: content, digest: digest.as_ref() }
    }

    /// The message with the answer in it, written into `room`; returns its length.
    pub(crate) fn write<P: CryptoProvider>(
        &self,
        signature: &[u8],
        room: &mut [u8],
        cx: &mut Context<P>,
    ) -> Result<usize, Error> {
        cx.write(room, HandshakeType::CERTIFICATE_VERIFY, |w| {
            w.u16(self.scheme.0);
            w.vector::<2>(|w| w.bytes(signature));
        })
    }
}

/// A CertificateVerify of the peer's, whose signature is to be checked.
pub(crate) struct ToCheck {
    pub(crate) scheme: SignatureScheme,
    /// In scratch.
    signature: Range<usize>,
    /// Of all messages before CertificateVerify.
    transcript: Digest,
}

impl ToCheck {
    /// From the message, with the peer's leaf of this length in front of it.
    #[inline(never)]
    pub(crate) fn read<P: CryptoProvider>(
        around: &Around<'_>,
        leaf_length: usize,
        cx: &mut Context<P>,
    ) -> Result<Self, Error> {
        let CertificateVerify { algorithm: scheme, signature } =
            CertificateVerify::parse(body(around.message))?;
        // "the signature algorithm MUST be one offered in the client's "signature_algorithms" extension"; if sent by a
        // client, "one of those present in the supported_signature_algorithms field of the "signature_algorithms"
        // extension in the CertificateRequest message": we offer the same in both. And "RSA signatures MUST use an
        // RSASSA-PSS algorithm" (§4.4.3).
        if !scheme.signs_handshakes() || !P::Verifiers::schemes().any(|offered| offered == scheme) {
            return Err(Misbehaved::SchemeNotOffered { found: scheme }.into());
        }
        let leaf = around.kept.get(..leaf_length).ok_or(Error::Internal("CertificateVerify: no leaf"))?;
        // "the signature algorithm MUST be compatible with the key in the sender's end-entity certificate" (§4.4.3).
        if !scheme.fits(&leaf_key(leaf).map_err(|reason| cx.refuse(reason))?) {
            return Err(Misbehaved::SchemeDoesNotFitKey { found: scheme }.into());
        }
        let transcript = cx.transcript_hash()?;
        cx.add_to_transcript(around.message)?;
        let signature = around.range_of(signature)?;
        Ok(Self { scheme, signature, transcript })
    }

    /// The public-key operation: whether the peer, who is `role`, holds the key of its leaf.
    #[inline(never)]
    pub(crate) fn check<P: CryptoProvider>(
        self,
        role: Role,
        leaf_length: usize,
        scratch: &[u8],
        cx: &mut Context<P>,
    ) -> Result<(), Error> {
        const PLACE: Error = Error::Internal("CertificateVerify: signature outside of scratch");
        let Self { scheme, signature, transcript } = self;
        let leaf = scratch.get(..leaf_length).ok_or(PLACE)?;
        let key = leaf_key(leaf).map_err(|reason| cx.refuse(reason))?;
        let signature = scratch.get(signature).ok_or(PLACE)?;
        cx.verify_handshake_signature(role, &transcript, &key, scheme, signature)
    }
}

/// The key that the peer's own certificate names.
fn leaf_key(leaf: &[u8]) -> Result<PublicKey<'_>, CertificateError> {
    let key = Certificate::parse(leaf).and_then(|certificate| certificate.public_key());
    key.map_err(|rule| CertificateError::of_malformed(0, leaf, rule))
}
