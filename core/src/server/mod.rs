//! The server (RFC 8446 §A.2).
//!
//! ```text
//!                              START <-----+
//!               Recv ClientHello |         | Send HelloRetryRequest
//!                                v         |
//!                             RECVD_CH ----+
//!                                | Select parameters
//!                                v
//!                             NEGOTIATED
//!                                | Send ServerHello
//!                                | K_send = handshake
//!                                | Send EncryptedExtensions
//!                                | [Send CertificateRequest]
//! Can send                       | [Send Certificate + CertificateVerify]
//! app data                       | Send Finished
//! after   -->                    | K_send = application
//! here                  +--------+--------+
//!              No 0-RTT |                 | 0-RTT
//!                       |                 |
//!   K_recv = handshake  |                 | K_recv = early data
//! [Skip decrypt errors] |    +------> WAIT_EOED -+
//!                       |    |       Recv |      | Recv EndOfEarlyData
//!                       |    | early data |      | K_recv = handshake
//!                       |    +------------+      |
//!                       |                        |
//!                       +> WAIT_FLIGHT2 <--------+
//!                                |
//!                       +--------+--------+
//!               No auth |                 | Client auth
//!                       |                 |
//!                       |                 v
//!                       |             WAIT_CERT
//!                       |        Recv |       | Recv Certificate
//!                       |       empty |       v
//!                       | Certificate |    WAIT_CV
//!                       |             |       | Recv
//!                       |             v       | CertificateVerify
//!                       +-> WAIT_FINISHED <---+
//!                                | Recv Finished
//!                                | K_recv = application
//!                                v
//!                            CONNECTED
//! ```
//! [`State`] has the figure's states in its order, with one more wherever a public-key operation, the
//! key's owner, or an output stands between two of them. `hello` is where TLS 1.3 and TLS 1.2 part.

mod hello;
mod tls13;

use crate::calling::{Answer, Ask};
use crate::certificate::{ExpectedPeer, PeerVerifier, Role, Validity};
use crate::config::{self, Nobody, ServerConfig, ServerSettings};
use crate::connection::{Connection, Handshake, Machine};
use crate::crypto::{CryptoProvider, Key};
use crate::error::inner::Error;
use crate::error::{Misbehaved, Misuse};
use crate::handshake::HandshakeType;
use crate::handshake::certificate::CertificateWriter;
use crate::handshake::context::{Around, Context, Place, Wire};
use crate::handshake::extension::certificate_authorities;
use crate::handshake::joiner::Admission;
use core::ops::{Deref, Range};
use hello::{ExpectClientHello, ExpectSecondClientHello, SendRetryRequest};
use tls13::{
    AgreeOnKeys, CheckSignature, Connected, ExpectCertificate, ExpectCertificateVerify, ExpectFinished,
    MakeKeyShare, ReadCertificate, SendFinished, SendServerHello, Sign,
};

type Walk<C> = <<<C as Deref>::Target as ServerSettings>::Verifier as PeerVerifier>::Walk;

/// Where a server's handshake stands. Each state owns what is true in it and nothing else.
enum State<W> {
    ExpectClientHello(ExpectClientHello),
    /// Output: HelloRetryRequest.
    SendRetryRequest(SendRetryRequest),
    ExpectSecondClientHello(ExpectSecondClientHello),
    /// Work: our key share.
    MakeKeyShare(MakeKeyShare),
    /// Work: the shared secret; then ServerHello is owed.
    AgreeOnKeys(AgreeOnKeys),
    /// Output: ServerHello.
    SendServerHello(SendServerHello),
    /// Question: the signature; EncryptedExtensions and Certificate leave meanwhile.
    Sign(Sign),
    /// Output: up to Finished.
    SendFinished(SendFinished),
    /// Where the client was asked for a certificate.
    ExpectCertificate(ExpectCertificate),
    /// Work, whenever the verifier has a signature to check.
    ReadCertificate(ReadCertificate<W>),
    ExpectCertificateVerify(ExpectCertificateVerify),
    /// Work: the client's signature over the handshake.
    CheckSignature(CheckSignature),
    ExpectFinished(ExpectFinished),
    Connected(Connected),
    /// An error has been returned; nothing leads out of here.
    Failed,
}

/// A server's handshake.
///
/// `C` lends the configuration: `&ServerConfig` in firmware, `Arc<ServerConfig>` on a host. `B` is
/// scratch, [`REQUIRED_SCRATCH`] bytes of it or more; [`required_server_scratch`] where clients are asked for a
/// certificate.
pub struct ServerHandshake<P: CryptoProvider, C: Deref<Target: ServerSettings>, B> {
    config: C,
    scratch: B,
    /// Against which time the certificates of clients are checked.
    validity: Validity,
    context: Context<P>,
    /// Which credential was chosen, once one is.
    credential: usize,
    state: State<Walk<C>>,
}

impl<P: CryptoProvider, C: Deref<Target: ServerSettings>, B> core::fmt::Debug for ServerHandshake<P, C, B> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ServerHandshake").finish_non_exhaustive()
    }
}

/// A server's connection whose handshake is under way.
pub type ServerConnection<P, C, B> = Connection<ServerHandshake<P, C, B>>;

/// The scratch that a server needs: a ClientHello lies in it whole. Browsers send up to 2 kB of it, with
/// post-quantum key shares and padding; the rest is for the answers beside it. A client that sends more
/// than fits is told so by the error [`Limit::Scratch`](crate::error::Limit::Scratch).
pub const REQUIRED_SCRATCH: usize = 4096;

/// The scratch that a server needs which verifies chains of clients whose largest certificate has so many bytes: as a
/// client's, [`required_scratch`](crate::required_scratch), but never less than [`REQUIRED_SCRATCH`]. The names of
/// authorities, if it sends any, must fit as well, with some 200 bytes beside them.
pub const fn required_server_scratch(largest_certificate: usize) -> usize {
    let chain = crate::required_scratch(largest_certificate);
    if chain > REQUIRED_SCRATCH { chain } else { REQUIRED_SCRATCH }
}

impl<P, C, B> Connection<ServerHandshake<P, C, B>>
where
    P: CryptoProvider,
    C: Deref<Target: ServerSettings<Verifier = Nobody>>,
    B: AsRef<[u8]> + AsMut<[u8]>,
{
    /// A connection to a client that has not spoken yet, and will not be asked who it is.
    pub fn server(config: C, provider: P, scratch: B) -> Result<Self, crate::Error> {
        // Nothing is checked against it.
        Self::server_that_asks(config, provider, scratch, Validity::NotChecked)
    }
}

impl<P, C, B> Connection<ServerHandshake<P, C, B>>
where
    P: CryptoProvider,
    C: Deref<Target: ServerSettings>,
    B: AsRef<[u8]> + AsMut<[u8]>,
{
    /// A connection to a client that has not spoken yet and is asked for a certificate, as
    /// [`ServerConfig::asking`] says. `validity` says against which time certificates are checked.
    #[inline(never)]
    pub fn server_that_asks(
        config: C,
        provider: P,
        scratch: B,
        validity: Validity,
    ) -> Result<Self, crate::Error> {
        let settings = config.settings();
        config::check::<P>(
            settings.cipher_suites,
            settings.groups,
            settings.protocols,
            settings.record_size_limit,
        )?;
        if settings.credentials.is_empty() {
            return Err(Misuse::NoCredential.into());
        }
        config::check_credentials(settings.credentials)?;
        let authorities = settings.client_authentication.asked().map_or(&[][..], |asked| asked.authorities);
        if !certificate_authorities::can_be_written(authorities) {
            return Err(Misuse::AuthoritiesTooLong.into());
        }
        let context = Context::new(provider, None);
        let state = State::ExpectClientHello(ExpectClientHello);
        let handshake = ServerHandshake { config, scratch, validity, context, credential: 0, state };
        Ok(Self::of(handshake, Wire::new()))
    }
}

impl<P, C, B> Handshake for ServerHandshake<P, C, B>
where
    P: CryptoProvider,
    C: Deref<Target: ServerSettings>,
    B: AsRef<[u8]> + AsMut<[u8]>,
{
}

#[allow(private_interfaces)]
impl<P, C, B> Machine for ServerHandshake<P, C, B>
where
    P: CryptoProvider,
    C: Deref<Target: ServerSettings>,
    B: AsRef<[u8]> + AsMut<[u8]>,
{
    type Provider = P;
    type Scratch = B;
    const ROLE: Role = Role::Server;

    fn parts(&mut self) -> (&mut Context<P>, &mut [u8]) {
        (&mut self.context, self.scratch.as_mut())
    }

    fn context(&self) -> &Context<P> {
        &self.context
    }

    fn is_reading(&self) -> bool {
        match &self.state {
            State::ExpectClientHello(_)
            | State::SendRetryRequest(_)
            | State::ExpectSecondClientHello(_)
            | State::SendServerHello(_)
            | State::Sign(_)
            | State::SendFinished(_)
            | State::ExpectCertificate(_)
            | State::ExpectCertificateVerify(_)
            | State::ExpectFinished(_) => true,
            State::ReadCertificate(s) => !s.chain.needs_work(),
            State::MakeKeyShare(_) | State::AgreeOnKeys(_) | State::CheckSignature(_) => false,
            State::Connected(_) | State::Failed => false,
        }
    }

    fn needs_work(&self) -> bool {
        match &self.state {
            State::MakeKeyShare(_) | State::AgreeOnKeys(_) | State::CheckSignature(_) => true,
            State::ReadCertificate(s) => s.chain.needs_work(),
            _ => false,
        }
    }

    fn ask(&self) -> Option<Ask<'_>> {
        match &self.state {
            State::Sign(s) => Some(Ask::Sign(s.to_sign.request(self.credential))),
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
            State::ExpectFinished(s) => s.leaf_length()?,
            State::Connected(s) => s.leaf_length?,
            _ => return None,
        };
        self.scratch.as_ref().get(..length)
    }

    #[inline(never)]
    fn admit(&mut self, found: HandshakeType, length: usize) -> Result<Admission, Error> {
        let at = match (&self.state, found) {
            (
                State::ExpectClientHello(_) | State::ExpectSecondClientHello(_),
                HandshakeType::CLIENT_HELLO,
            ) => 0,
            (State::ExpectCertificate(_), HandshakeType::CERTIFICATE) => {
                let asked = self.config.settings().client_authentication.asked();
                let asked = asked.ok_or(Error::Internal("server: a certificate that nobody asked for"))?;
                self.state =
                    State::ReadCertificate(ExpectCertificate.on_certificate(length, &asked.verifier)?);
                return Ok(Admission::Stream);
            }
            (State::ExpectCertificateVerify(s), HandshakeType::CERTIFICATE_VERIFY) => s.peer.leaf_length,
            // The leaf stays for the application to see.
            (State::ExpectFinished(s), HandshakeType::FINISHED) => s.leaf_length().unwrap_or(0),
            (state, found) => {
                return Err(Misbehaved::UnexpectedMessage { expected: state.expects(), found }.into());
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
            State::ExpectClientHello(s) => {
                s.on_client_hello(around, place, cx, settings, &mut self.credential, wire)?
            }
            State::ExpectSecondClientHello(s) => s.on_client_hello(around, place, cx, wire)?,
            State::ExpectCertificateVerify(s) => s.on_certificate_verify(&around, cx)?,
            State::ExpectFinished(s) => s.on_finished(&around, place, cx, wire)?,
            _ => return Err(Error::Internal("server: message in a state that admits none")),
        };
        Ok(())
    }

    #[inline(never)]
    fn on_stream(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        let Self { config, scratch, validity, context, state, .. } = self;
        match (state, config.settings().client_authentication.asked()) {
            (State::ReadCertificate(s), Some(asked)) => {
                let used = s.chain.read(
                    bytes,
                    &asked.verifier,
                    &expected(*validity),
                    &mut context.provider,
                    &mut context.refused,
                    scratch.as_mut(),
                )?;
                self.leave_certificate()?;
                Ok(used)
            }
            _ => Err(Error::Internal("server: stream in a state that admits none")),
        }
    }

    fn work(&mut self, wire: &mut Wire<Key<P>>) -> Result<(), Error> {
        // Apart, as the client's.
        match self.state {
            State::ReadCertificate(_) => self.work_on_certificate(),
            _ => self.work_on_step(wire),
        }
    }

    #[inline(never)]
    fn answer(&mut self, answer: Answer<'_>, wire: &mut Wire<Key<P>>) -> Result<(), Error> {
        let signature = answer.signature()?;
        self.state = match core::mem::replace(&mut self.state, State::Failed) {
            State::Sign(s) => s.on_signature(signature, self.scratch.as_mut(), &mut self.context, wire)?,
            _ => return Err(Error::Internal("server: answer in a state that asks nothing")),
        };
        Ok(())
    }

    #[inline(never)]
    fn on_flight_written(&mut self, wire: &mut Wire<Key<P>>) -> Result<(), Error> {
        let settings = self.config.settings();
        let writer = certificate(settings, self.credential, &self.context);
        let (cx, scratch) = (&mut self.context, self.scratch.as_mut());
        self.state = match core::mem::replace(&mut self.state, State::Failed) {
            State::SendRetryRequest(s) => s.on_written(cx),
            State::SendServerHello(s) => s.on_written(scratch, cx, (writer, settings), wire)?,
            State::SendFinished(s) => s.on_written(cx, &settings.client_authentication, wire)?,
            state => state,
        };
        Ok(())
    }

    fn fill(&mut self, content: &mut [u8]) -> usize {
        let writer = certificate(self.config.settings(), self.credential, &self.context);
        self.context.flight.fill(self.scratch.as_ref(), writer, content)
    }

    fn into_parts(self) -> (Context<P>, B) {
        (self.context, self.scratch)
    }
}

/// Of a client's certificate, nobody knows which name it should have: who it is, the application reads in it.
const fn expected(validity: Validity) -> ExpectedPeer<'static> {
    ExpectedPeer { name: None, role: Role::Client, validity }
}

impl<P: CryptoProvider, C: Deref<Target: ServerSettings>, B> ServerHandshake<P, C, B> {
    #[inline(never)]
    fn work_on_certificate(&mut self) -> Result<(), Error>
    where
        B: AsMut<[u8]>,
    {
        let Self { config, scratch, validity, context, state, .. } = self;
        let asked = config.settings().client_authentication.asked();
        if let (State::ReadCertificate(s), Some(asked)) = (state, asked) {
            let (provider, refused) = (&mut context.provider, &mut context.refused);
            s.chain.work(&asked.verifier, &expected(*validity), provider, refused, scratch.as_mut())?;
            self.leave_certificate()?;
        }
        Ok(())
    }

    #[inline(never)]
    fn work_on_step(&mut self, wire: &mut Wire<Key<P>>) -> Result<(), Error>
    where
        B: AsMut<[u8]>,
    {
        let (cx, scratch) = (&mut self.context, self.scratch.as_mut());
        self.state = match core::mem::replace(&mut self.state, State::Failed) {
            State::MakeKeyShare(s) => s.work(cx)?,
            State::AgreeOnKeys(s) => s.work(scratch, cx, wire)?,
            State::CheckSignature(s) => s.work(scratch, cx)?,
            _ => return Err(Error::Internal("server: work in a state that has none")),
        };
        Ok(())
    }

    /// Goes on once the chain is read to its end and believed, or there is none.
    #[inline(never)]
    fn leave_certificate(&mut self) -> Result<(), Error> {
        self.state = match core::mem::replace(&mut self.state, State::Failed) {
            State::ReadCertificate(s) => s.leave(&self.config.settings().client_authentication)?,
            state => state,
        };
        Ok(())
    }
}

/// The Certificate message that is being written, once a credential was chosen.
fn certificate<'a, P: CryptoProvider, V>(
    settings: &ServerConfig<'a, V>,
    credential: usize,
    context: &Context<P>,
) -> Option<CertificateWriter<'a>> {
    let credential = settings.credentials.get(credential)?;
    CertificateWriter::new(credential.chain, credential.staple.filter(|_| context.negotiated.status_request))
}

impl<W> State<W> {
    /// What the figure awaits here, for people.
    const fn expects(&self) -> &'static str {
        match self {
            Self::ExpectClientHello(_) => "ClientHello",
            Self::ExpectSecondClientHello(_) => "a second ClientHello",
            Self::ExpectCertificate(_) => "Certificate",
            Self::ExpectCertificateVerify(_) => "CertificateVerify",
            Self::ExpectFinished(_) => "Finished",
            _ => "no message",
        }
    }
}
