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

use crate::calling::{Answer, Ask, SigningRequest};
use crate::certificate::Role;
use crate::config::{self, ServerConfig, ServerSettings};
use crate::connection::{Connection, Handshake, Machine};
use crate::crypto::{CryptoProvider, Key};
use crate::error::inner::Error;
use crate::error::{Misbehaved, Misuse};
use crate::handshake::HandshakeType;
use crate::handshake::certificate::CertificateWriter;
use crate::handshake::context::{Around, Context, Place, Wire};
use crate::handshake::joiner::Admission;
use core::ops::{Deref, Range};
use hello::{ExpectClientHello, ExpectSecondClientHello, SendRetryRequest};
use tls13::{AgreeOnKeys, Connected, ExpectFinished, MakeKeyShare, SendFinished, SendServerHello, Sign};

/// Where a server's handshake stands. Each state owns what is true in it and nothing else.
enum State {
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
    ExpectFinished(ExpectFinished),
    Connected(Connected),
    /// An error has been returned; nothing leads out of here.
    Failed,
}

/// A server's handshake.
///
/// `C` lends the configuration: `&ServerConfig` in firmware, `Arc<ServerConfig>` on a host. `B` is
/// scratch, [`REQUIRED_SCRATCH`] bytes of it or more.
pub struct ServerHandshake<P: CryptoProvider, C: Deref<Target: ServerSettings>, B> {
    config: C,
    scratch: B,
    context: Context<P>,
    /// Which credential was chosen, once one is.
    credential: usize,
    state: State,
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

impl<P, C, B> Connection<ServerHandshake<P, C, B>>
where
    P: CryptoProvider,
    C: Deref<Target: ServerSettings>,
    B: AsRef<[u8]> + AsMut<[u8]>,
{
    /// A connection to a client that has not spoken yet.
    #[inline(never)]
    pub fn server(config: C, provider: P, scratch: B) -> Result<Self, crate::Error> {
        let settings = config.settings();
        config::check::<P>(
            settings.cipher_suites,
            settings.groups,
            settings.protocols,
            settings.record_size_limit,
        )?;
        if settings.credentials.is_empty() || settings.credentials.iter().any(|c| c.chain.is_empty()) {
            return Err(Misuse::NoCredential.into());
        }
        if settings.credentials.iter().any(|c| CertificateWriter::new(c.chain, c.staple).is_none()) {
            return Err(Misuse::ChainTooLong.into());
        }
        let context = Context::new(provider, None);
        let state = State::ExpectClientHello(ExpectClientHello);
        Ok(Self::of(ServerHandshake { config, scratch, context, credential: 0, state }, Wire::new()))
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
            | State::ExpectFinished(_) => true,
            State::MakeKeyShare(_) | State::AgreeOnKeys(_) | State::Connected(_) | State::Failed => false,
        }
    }

    fn needs_work(&self) -> bool {
        matches!(self.state, State::MakeKeyShare(_) | State::AgreeOnKeys(_))
    }

    fn ask(&self) -> Option<Ask<'_>> {
        match &self.state {
            State::Sign(s) => Some(Ask::Sign(SigningRequest {
                credential: self.credential,
                scheme: self.context.negotiated.signature_scheme,
                message: &s.content,
                digest: s.digest.as_ref(),
            })),
            _ => None,
        }
    }

    fn is_complete(&self) -> bool {
        matches!(self.state, State::Connected(_))
    }

    fn leaf(&self) -> Option<&[u8]> {
        None
    }

    #[inline(never)]
    fn admit(&mut self, found: HandshakeType, _: usize) -> Result<Admission, Error> {
        match (&self.state, found) {
            (
                State::ExpectClientHello(_) | State::ExpectSecondClientHello(_),
                HandshakeType::CLIENT_HELLO,
            )
            | (State::ExpectFinished(_), HandshakeType::FINISHED) => Ok(Admission::Gather { at: 0 }),
            (state, found) => Err(Misbehaved::UnexpectedMessage { expected: state.expects(), found }.into()),
        }
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
            State::ExpectFinished(s) => s.on_finished(&around, place, cx, wire)?,
            _ => return Err(Error::Internal("server: message in a state that admits none")),
        };
        Ok(())
    }

    fn on_stream(&mut self, _: &[u8]) -> Result<usize, Error> {
        Err(Error::Internal("server: stream in a state that admits none"))
    }

    #[inline(never)]
    fn work(&mut self, wire: &mut Wire<Key<P>>) -> Result<(), Error> {
        let (cx, scratch) = (&mut self.context, self.scratch.as_mut());
        self.state = match core::mem::replace(&mut self.state, State::Failed) {
            State::MakeKeyShare(s) => s.work(cx)?,
            State::AgreeOnKeys(s) => s.work(scratch, cx, wire)?,
            _ => return Err(Error::Internal("server: work in a state that has none")),
        };
        Ok(())
    }

    #[inline(never)]
    fn answer(&mut self, answer: Answer<'_>, wire: &mut Wire<Key<P>>) -> Result<(), Error> {
        let Answer::Signature(signature) = answer else {
            return Err(Misuse::UnaskedAnswer.into());
        };
        if signature.len() > crate::limits::MAX_SIGNATURE {
            return Err(Misuse::SignatureLength(signature.len()).into());
        }
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
            State::SendServerHello(s) => {
                s.on_written(scratch, cx, (writer, settings.record_size_limit), wire)?
            }
            State::SendFinished(s) => s.on_written(cx, wire)?,
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

/// The Certificate message that is being written, once a credential was chosen.
fn certificate<'a, P: CryptoProvider>(
    settings: &ServerConfig<'a>,
    credential: usize,
    context: &Context<P>,
) -> Option<CertificateWriter<'a>> {
    let credential = settings.credentials.get(credential)?;
    CertificateWriter::new(credential.chain, credential.staple.filter(|_| context.negotiated.status_request))
}

impl State {
    /// What the figure awaits here, for people.
    const fn expects(&self) -> &'static str {
        match self {
            Self::ExpectClientHello(_) => "ClientHello",
            Self::ExpectSecondClientHello(_) => "a second ClientHello",
            Self::ExpectFinished(_) => "Finished",
            _ => "no message",
        }
    }
}
