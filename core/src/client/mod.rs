//! The client (RFC 8446 §A.1).
//!
//! ```text
//!                              START <----+
//!               Send ClientHello |        | Recv HelloRetryRequest
//!          [K_send = early data] |        |
//!                                v        |
//!           /                 WAIT_SH ----+
//!           |                    | Recv ServerHello
//!           |                    | K_recv = handshake
//!       Can |                    V
//!      send |                 WAIT_EE
//!     early |                    | Recv EncryptedExtensions
//!      data |                    v
//!           |                WAIT_CERT_CR
//!           |   Recv Certificate |     | Recv CertificateRequest
//!           |                    |     v
//!           |                    |  WAIT_CERT
//!           |                    v     v Recv Certificate
//!           |                   WAIT_CV
//!           |                    | Recv CertificateVerify
//!           |                    v
//!           \                WAIT_FINISHED
//!                                | Recv Finished
//!                                | K_send = handshake
//!                                | [Send Certificate [+ CertificateVerify]]
//!                                | Send Finished
//!                                | K_recv = K_send = application
//!                                v
//!                            CONNECTED
//! ```
//! [`State`] has the figure's states in its order, with one more wherever a public-key operation or an
//! output stands between two of them. `hello` is where TLS 1.3 and TLS 1.2 part.

mod hello;
mod tls13;

use crate::calling::{Answer, Ask};
use crate::certificate::{ExpectedPeer, PeerVerifier, Role, ServerName, Validity};
use crate::config::{self, ClientConfig, ClientSettings};
use crate::connection::{Connection, Handshake, Machine};
use crate::crypto::{CryptoProvider, Key};
use crate::error::Misbehaved;
use crate::error::inner::Error;
use crate::handshake::HandshakeType;
use crate::handshake::certificate::CertificateWriter;
use crate::handshake::context::{Around, Context, Negotiated, Place, Wire};
use crate::handshake::joiner::Admission;
use core::ops::{Deref, Range};
use hello::{ExpectSecondServerHello, ExpectServerHello, Retry, Start};
use tls13::{
    AgreeOnKeys, CheckSignature, Connected, ExpectCertificate, ExpectCertificateOrRequest,
    ExpectCertificateVerify, ExpectEncryptedExtensions, ExpectFinished, ReadCertificateRequest, SendFinished,
    Sign,
};

type Walk<C> = <<<C as Deref>::Target as ClientSettings>::Verifier as PeerVerifier>::Walk;

/// Where a client's handshake stands. Each state owns what is true in it and nothing else.
enum State<W> {
    /// Work: make a key share; then the ClientHello is owed.
    Start(Start),
    ExpectServerHello(ExpectServerHello),
    /// Work: make the key share that a HelloRetryRequest asks for.
    Retry(Retry),
    ExpectSecondServerHello(ExpectSecondServerHello),
    /// Work: the shared secret.
    AgreeOnKeys(AgreeOnKeys),
    ExpectEncryptedExtensions(ExpectEncryptedExtensions),
    ExpectCertificateOrRequest(ExpectCertificateOrRequest),
    ReadCertificateRequest(ReadCertificateRequest),
    /// Work, whenever the verifier has a signature to check.
    ExpectCertificate(ExpectCertificate<W>),
    ExpectCertificateVerify(ExpectCertificateVerify),
    /// Work: the server's signature over the handshake.
    CheckSignature(CheckSignature),
    ExpectFinished(ExpectFinished),
    /// Question: the signature, where the server gets a certificate of ours, which leaves meanwhile.
    Sign(Sign),
    /// Output: our Finished.
    SendFinished(SendFinished),
    Connected(Connected),
    /// An error has been returned; nothing leads out of here.
    Failed,
}

/// A client's handshake.
///
/// `C` lends the configuration: `&ClientConfig` in firmware, `Arc<ClientConfig>` on a host. `B` is
/// scratch, [`required_scratch`] bytes of it.
pub struct ClientHandshake<P: CryptoProvider, C: Deref<Target: ClientSettings>, B> {
    config: C,
    scratch: B,
    validity: Validity,
    context: Context<P>,
    /// Which of our own credentials is shown, once one is.
    credential: usize,
    state: State<Walk<C>>,
}

impl<P: CryptoProvider, C: Deref<Target: ClientSettings>, B> core::fmt::Debug for ClientHandshake<P, C, B> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ClientHandshake")
            .field("name", &self.context.negotiated.server_name)
            .finish_non_exhaustive()
    }
}

/// A client's connection whose handshake is under way.
pub type ClientConnection<P, C, B> = Connection<ClientHandshake<P, C, B>>;

/// The scratch that a client needs to verify chains whose largest certificate has so many bytes: the
/// server's own stays, one of its issuers beside it, and what links the two. 2,048 bytes a certificate
/// are ample for the public web's.
pub const fn required_scratch(largest_certificate: usize) -> usize {
    // The verifier's link: an issuer's name and a signature (RSA-4096), each at most 512 bytes.
    let chain = largest_certificate.saturating_mul(2).saturating_add(1024);
    // Two ClientHellos with a HelloRetryRequest and its cookie between them.
    let hellos = 2 * 512 + 2 * crate::limits::MAX_COOKIE + 256;
    if chain > hellos { chain } else { hellos }
}

impl<P, C, B> Connection<ClientHandshake<P, C, B>>
where
    P: CryptoProvider,
    C: Deref<Target: ClientSettings>,
    B: AsRef<[u8]> + AsMut<[u8]>,
{
    /// A connection to the server of this `name`, which its certificate must carry. `validity` says
    /// against which time certificates are checked.
    #[inline(never)]
    pub fn client(
        config: C,
        provider: P,
        scratch: B,
        name: ServerName,
        validity: Validity,
    ) -> Result<Self, crate::Error> {
        let settings = config.settings();
        config::check::<P>(
            settings.cipher_suites,
            settings.groups,
            settings.protocols,
            settings.record_size_limit,
        )?;
        config::check_client_credentials(settings.credentials)?;
        let context = Context::new(provider, Some(name));
        let state = State::Start(Start);
        let handshake = ClientHandshake { config, scratch, validity, context, credential: 0, state };
        Ok(Self::of(handshake, Wire::new()))
    }
}

impl<P, C, B> Handshake for ClientHandshake<P, C, B>
where
    P: CryptoProvider,
    C: Deref<Target: ClientSettings>,
    B: AsRef<[u8]> + AsMut<[u8]>,
{
}

#[allow(private_interfaces)]
impl<P, C, B> Machine for ClientHandshake<P, C, B>
where
    P: CryptoProvider,
    C: Deref<Target: ClientSettings>,
    B: AsRef<[u8]> + AsMut<[u8]>,
{
    type Provider = P;
    type Scratch = B;
    const ROLE: Role = Role::Client;

    fn parts(&mut self) -> (&mut Context<P>, &mut [u8]) {
        (&mut self.context, self.scratch.as_mut())
    }

    fn context(&self) -> &Context<P> {
        &self.context
    }

    fn is_reading(&self) -> bool {
        match &self.state {
            State::Start(_) | State::Retry(_) | State::AgreeOnKeys(_) | State::CheckSignature(_) => false,
            State::ExpectCertificate(s) => !s.chain.needs_work(),
            // What the server sends now is for the established connection.
            State::Sign(_) | State::SendFinished(_) | State::Connected(_) | State::Failed => false,
            State::ExpectServerHello(_)
            | State::ExpectSecondServerHello(_)
            | State::ExpectEncryptedExtensions(_)
            | State::ExpectCertificateOrRequest(_)
            | State::ReadCertificateRequest(_)
            | State::ExpectCertificateVerify(_)
            | State::ExpectFinished(_) => true,
        }
    }

    fn needs_work(&self) -> bool {
        match &self.state {
            State::Start(_) | State::Retry(_) | State::AgreeOnKeys(_) | State::CheckSignature(_) => true,
            State::ExpectCertificate(s) => s.chain.needs_work(),
            _ => false,
        }
    }

    fn ask(&self) -> Option<Ask<'_>> {
        match &self.state {
            State::Sign(s) => Some(Ask::Sign(s.to_sign.request(s.credential))),
            _ => None,
        }
    }

    fn is_complete(&self) -> bool {
        matches!(self.state, State::Connected(_))
    }

    fn leaf(&self) -> Option<&[u8]> {
        let length = match &self.state {
            State::ExpectCertificateVerify(s) => s.peer.leaf_length,
            State::CheckSignature(s) => s.peer.leaf_length,
            State::ExpectFinished(s) => s.peer.leaf_length,
            State::Sign(s) => s.peer.leaf_length,
            State::SendFinished(s) => s.leaf_length,
            State::Connected(s) => s.leaf_length,
            _ => return None,
        };
        self.scratch.as_ref().get(..length)
    }

    #[inline(never)]
    fn admit(&mut self, kind: HandshakeType, length: usize) -> Result<Admission, Error> {
        let at = match (&self.state, kind) {
            (State::ExpectServerHello(s), HandshakeType::SERVER_HELLO) => s.hello_length,
            (State::ExpectSecondServerHello(_), HandshakeType::SERVER_HELLO)
            | (State::ExpectEncryptedExtensions(_), HandshakeType::ENCRYPTED_EXTENSIONS) => 0,
            (State::ExpectCertificateVerify(s), HandshakeType::CERTIFICATE_VERIFY) => s.peer.leaf_length,
            (State::ExpectFinished(s), HandshakeType::FINISHED) => s.peer.leaf_length,
            (State::ExpectCertificateOrRequest(s), HandshakeType::CERTIFICATE_REQUEST)
                if s.request_may_come() =>
            {
                self.state = State::ReadCertificateRequest(ReadCertificateRequest::new(length)?);
                return Ok(Admission::Stream);
            }
            (State::ExpectCertificateOrRequest(s), HandshakeType::CERTIFICATE) => {
                let verifier = &self.config.settings().verifier;
                self.state = State::ExpectCertificate(s.on_certificate(length, verifier)?);
                return Ok(Admission::Stream);
            }
            (state, found) => {
                let expected = state.expects();
                return Err(Misbehaved::UnexpectedMessage { expected, found }.into());
            }
        };
        Ok(Admission::Gather { at })
    }

    #[inline(never)]
    fn on_message(
        &mut self,
        _: HandshakeType,
        message: Range<usize>,
        place: &Place<'_>,
        wire: &mut Wire<Key<P>>,
    ) -> Result<(), Error> {
        let around = Around::split(self.scratch.as_mut(), &message)?;
        let (cx, settings) = (&mut self.context, self.config.settings());
        self.state = match core::mem::replace(&mut self.state, State::Failed) {
            State::ExpectServerHello(s) => s.on_server_hello(&around, place, cx, settings)?,
            State::ExpectSecondServerHello(s) => s.on_server_hello(&around, place, cx, settings)?,
            State::ExpectEncryptedExtensions(s) => s.on_encrypted_extensions(&around, cx, settings, wire)?,
            State::ExpectCertificateVerify(s) => s.on_certificate_verify(&around, cx)?,
            State::ExpectFinished(s) => {
                let chosen = &mut self.credential;
                let writer = |credential| {
                    *chosen = credential;
                    certificate(settings, credential)
                };
                s.on_finished(around, place, cx, writer, wire)?
            }
            _ => return Err(Error::Internal("client: message in a state that admits none")),
        };
        Ok(())
    }

    #[inline(never)]
    fn on_stream(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        let Self { config, scratch, validity, context, state, .. } = self;
        match state {
            State::ReadCertificateRequest(s) => {
                let credentials = config.settings().credentials;
                if s.reader.read(bytes, credentials, scratch.as_mut())? {
                    let choice = s.reader.choose(credentials);
                    *state =
                        State::ExpectCertificateOrRequest(ExpectCertificateOrRequest::after_request(choice));
                }
                Ok(bytes.len())
            }
            State::ExpectCertificate(s) => {
                let expected = expected(&context.negotiated, *validity);
                let verifier = &config.settings().verifier;
                let used = s.chain.read(
                    bytes,
                    verifier,
                    &expected,
                    &mut context.provider,
                    &mut context.refused,
                    scratch.as_mut(),
                )?;
                self.leave_certificate()?;
                Ok(used)
            }
            _ => Err(Error::Internal("client: stream in a state that admits none")),
        }
    }

    fn work(&mut self, wire: &mut Wire<Key<P>>) -> Result<(), Error> {
        // Apart: what a step has on its stack does not lie under the other one's public-key operation.
        match self.state {
            State::ExpectCertificate(_) => self.work_on_certificate(),
            _ => self.work_on_step(wire),
        }
    }

    #[inline(never)]
    fn answer(&mut self, answer: Answer<'_>, wire: &mut Wire<Key<P>>) -> Result<(), Error> {
        let signature = answer.signature()?;
        self.state = match core::mem::replace(&mut self.state, State::Failed) {
            State::Sign(s) => s.on_signature(signature, self.scratch.as_mut(), &mut self.context, wire)?,
            _ => return Err(Error::Internal("client: answer in a state that asks nothing")),
        };
        Ok(())
    }

    #[inline(never)]
    fn on_flight_written(&mut self, wire: &mut Wire<Key<P>>) -> Result<(), Error> {
        self.state = match core::mem::replace(&mut self.state, State::Failed) {
            State::SendFinished(s) => s.on_written(&mut self.context, wire)?,
            state => state,
        };
        Ok(())
    }

    fn fill(&mut self, content: &mut [u8]) -> usize {
        let writer = certificate(self.config.settings(), self.credential);
        self.context.flight.fill(self.scratch.as_ref(), writer, content)
    }

    fn into_parts(mut self) -> (Context<P>, B) {
        // An address is never asked for by name (RFC 6066 §3).
        self.context.negotiated.server_name.take_if(|name| name.as_dns().is_none());
        (self.context, self.scratch)
    }
}

/// The Certificate message that shows this credential.
fn certificate<'a, V>(settings: &ClientConfig<'a, V>, credential: usize) -> Option<CertificateWriter<'a>> {
    let credential = settings.credentials.get(credential)?;
    CertificateWriter::new(credential.chain, None)
}

/// Whom the certificate must be of. A client always has a name to ask for.
const fn expected(negotiated: &Negotiated, validity: Validity) -> ExpectedPeer<'_> {
    ExpectedPeer { name: negotiated.server_name.as_ref(), role: Role::Server, validity }
}

impl<P: CryptoProvider, C: Deref<Target: ClientSettings>, B> ClientHandshake<P, C, B> {
    #[inline(never)]
    fn work_on_certificate(&mut self) -> Result<(), Error>
    where
        B: AsMut<[u8]>,
    {
        let Self { config, scratch, validity, context, state, .. } = self;
        if let State::ExpectCertificate(s) = state {
            let verifier = &config.settings().verifier;
            let expected = expected(&context.negotiated, *validity);
            let (provider, refused) = (&mut context.provider, &mut context.refused);
            s.chain.work(verifier, &expected, provider, refused, scratch.as_mut())?;
            self.leave_certificate()?;
        }
        Ok(())
    }

    #[inline(never)]
    fn work_on_step(&mut self, wire: &mut Wire<Key<P>>) -> Result<(), Error>
    where
        B: AsMut<[u8]>,
    {
        let Self { config, scratch, context, state, .. } = self;
        let (settings, scratch) = (config.settings(), scratch.as_mut());
        *state = match core::mem::replace(state, State::Failed) {
            State::Start(s) => s.work(scratch, context, settings, wire)?,
            State::Retry(s) => s.work(scratch, context, settings)?,
            State::AgreeOnKeys(s) => s.work(scratch, context, wire)?,
            State::CheckSignature(s) => s.work(scratch, context)?,
            _ => return Err(Error::Internal("client: work in a state that has none")),
        };
        Ok(())
    }

    /// Goes on once the chain is read to its end and believed.
    #[inline(never)]
    fn leave_certificate(&mut self) -> Result<(), Error> {
        self.state = match core::mem::replace(&mut self.state, State::Failed) {
            State::ExpectCertificate(s) => s.leave()?,
            state => state,
        };
        Ok(())
    }
}

impl<W> State<W> {
    /// What the figure awaits here, for people.
    const fn expects(&self) -> &'static str {
        match self {
            Self::ExpectServerHello(_) => "ServerHello or HelloRetryRequest",
            Self::ExpectSecondServerHello(_) => "ServerHello",
            Self::ExpectEncryptedExtensions(_) => "EncryptedExtensions",
            Self::ExpectCertificateOrRequest(s) if s.request_may_come() => {
                "Certificate or CertificateRequest"
            }
            Self::ExpectCertificateOrRequest(_) => "Certificate",
            Self::ExpectCertificateVerify(_) => "CertificateVerify",
            Self::ExpectFinished(_) => "Finished",
            _ => "no message",
        }
    }
}

#[cfg(test)]
impl<P, C, B> Connection<ClientHandshake<P, C, B>>
where
    P: CryptoProvider,
    C: Deref<Target: ClientSettings>,
    B: AsRef<[u8]> + AsMut<[u8]>,
{
    /// A client that has seen all but Finished, of a server that the test vouches for.
    pub(crate) fn expecting_finished(config: C, scratch: B, context: Context<P>, wire: Wire<Key<P>>) -> Self {
        let state = State::ExpectFinished(ExpectFinished::after_everything_else());
        let validity = Validity::NotChecked;
        Self::of(ClientHandshake { config, scratch, validity, context, credential: 0, state }, wire)
    }
}
