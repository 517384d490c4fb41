//! What the programs do over any transport.

use super::clock::{self, Metered};
use super::profile::{NotRandom, Provider, provider};
use super::{console, stack};
use crate::Failure;
use crate::blocking::{NO_KEY, Stream, Wire, handshake};
use core::mem;
use embedded_io::{Read, Write};
use ferrule::certificate::{DnsName, ServerName, TrustAnchor, UnixTime, Validity, chain};
use ferrule::crypto::software::signing::EcdsaP256Key;
use ferrule::error::Misuse;
use ferrule::record::MAX_RECORD;
use ferrule::{
    ClientConfig, ClientConnection, Connection, Credential, Error, Established, Handshake, ServerConfig,
    SigningRequest,
};

/// A file that `demo.sh` has made with openssl.
macro_rules! made {
    ($name:literal) => {
        include_bytes!(concat!(
            env!("FERRULE_DEMO_FILES", "demo.sh builds this: it makes certificates first"),
            "/",
            $name
        ))
    };
}

/// The one authority that the board trusts: its owner's, or one as the public web has them.
#[cfg(not(feature = "public"))]
const ROOT: &[u8] = made!("root.der");
#[cfg(feature = "public")]
const ROOT: &[u8] = made!("public-x1.der");
/// Whom the board asks for a page.
const SERVER: &str = "server.example";
/// The board's own certificates and key.
const BOARD_CHAIN: [&[u8]; 2] = [made!("board.der"), made!("intermediate.der")];
const BOARD_KEY: &[u8; 32] = made!("board.scalar");
/// When the firmware was built: a board without a clock knows that much.
const BUILT: UnixTime = UnixTime(number(made!("built")));

/// The largest certificate that the board reads. P-256 certificates are half as long; those with RSA keys and
/// signatures, and all that the public web puts into them, have some 1,400 bytes.
const LARGEST_CERTIFICATE: usize = if cfg!(feature = "public") { 1536 } else { 1024 };

/// What scratch is filled with, to see how much of it is used: a certificate has no long run of it.
const PAINT: u8 = 0xa5;

const REQUEST: &[u8] = b"GET /page.txt HTTP/1.0\r\nHost: server.example\r\n\r\n";
const RESPONSE: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 38\r\n\
    Connection: close\r\n\r\nTLS 1.3 from a Cortex-M4F. No malloc.\n";

/// All memory of a connection but itself.
pub struct Memory<const SCRATCH: usize> {
    incoming: [u8; MAX_RECORD],
    outgoing: [u8; 512],
    scratch: [u8; SCRATCH],
}

/// A client's.
pub type ClientMemory = Memory<{ ferrule::required_scratch(LARGEST_CERTIFICATE) }>;
/// A server's.
pub type ServerMemory = Memory<{ ferrule::REQUIRED_SCRATCH }>;

impl<const SCRATCH: usize> Memory<SCRATCH> {
    /// All of it.
    pub const fn new() -> Self {
        Self { incoming: [0; MAX_RECORD], outgoing: [0; 512], scratch: [0; SCRATCH] }
    }
}

impl<const SCRATCH: usize> Default for Memory<SCRATCH> {
    fn default() -> Self {
        Self::new()
    }
}

/// Before anything else: the clock runs, the stack is painted.
#[inline(always)]
pub fn start() {
    clock::start();
    stack::paint();
}

/// Fetches a page over TLS, prints it and what it cost.
///
/// Here and below, what needs much room for a short while is a function of its own: on the stack of a caller
/// it would lie under the whole handshake.
#[inline(never)]
pub fn client<T: Read + Write>(
    transport: &mut T,
    memory: &'static mut ClientMemory,
) -> Result<(), Failure<T::Error>> {
    console::text(NotRandom::WARNING);
    match &mut connect(transport, memory) {
        Ok((stream, cost)) => {
            fetch(stream)?;
            stream.close()?;
            cost.print();
            Ok(())
        }
        Err(failure) => Err(mem::replace(failure, Failure::Signing)),
    }
}

type Tls<'t, T> = Stream<'static, Metered<&'t mut T>, Provider>;

#[inline(never)]
fn connect<'t, T: Read + Write>(
    transport: &'t mut T,
    memory: &'static mut ClientMemory,
) -> Result<(Tls<'t, T>, Cost), Failure<T::Error>> {
    let anchors = [TrustAnchor::from_certificate(ROOT).map_err(|_| Failure::Signing)?];
    let config = ClientConfig::new(chain::Verifier::new(&anchors));
    let Memory { incoming, outgoing, scratch } = memory;
    scratch.fill(PAINT);
    let wire = Wire::new(Metered::new(transport), incoming, outgoing);
    establish(&mut client_connection(&config, scratch), wire, NO_KEY)
}

type Config<'a> = ClientConfig<'a, chain::Verifier<'a>>;

#[inline(never)]
fn client_connection<'a>(
    config: &'a Config<'a>,
    scratch: &'static mut [u8],
) -> Result<ClientConnection<Provider, &'a Config<'a>, &'static mut [u8]>, Error> {
    let name = DnsName::parse(SERVER).map(ServerName::Dns).map_err(|_| Error::Internal("name"))?;
    Connection::client(config, provider(), scratch, name, Validity::NotBefore(BUILT))
}

#[inline(never)]
fn fetch<S: Read + Write>(stream: &mut S) -> Result<(), S::Error> {
    send(stream, REQUEST)?;
    let mut page = [0; 128];
    loop {
        match stream.read(&mut page)? {
            0 => return Ok(()),
            length => console::bytes(&page[..length]),
        }
    }
}

/// Serves one page over TLS.
#[inline(never)]
pub fn server<T: Read + Write>(
    transport: &mut T,
    memory: &'static mut ServerMemory,
) -> Result<(), Failure<T::Error>> {
    console::text(NotRandom::WARNING);
    match &mut accept(transport, memory) {
        Ok((stream, cost)) => {
            answer(stream)?;
            stream.close()?;
            cost.print();
            Ok(())
        }
        Err(failure) => Err(mem::replace(failure, Failure::Signing)),
    }
}

#[inline(never)]
fn accept<'t, T: Read + Write>(
    transport: &'t mut T,
    memory: &'static mut ServerMemory,
) -> Result<(Tls<'t, T>, Cost), Failure<T::Error>> {
    let key = EcdsaP256Key::from_scalar(BOARD_KEY).map_err(|_| Failure::Signing)?;
    let credentials = [Credential::new(&BOARD_CHAIN, &[EcdsaP256Key::SCHEME])];
    let config = ServerConfig::new(&credentials);
    let Memory { incoming, outgoing, scratch } = memory;
    scratch.fill(PAINT);
    let wire = Wire::new(Metered::new(transport), incoming, outgoing);
    let mut connection = Connection::server(&config, provider(), &mut scratch[..]);
    establish(&mut connection, wire, |request, signature| key.sign(request.message, signature).ok())
}

/// The handshake. The connection stays where it was made: it is large, and moving copies it.
#[inline(never)]
fn establish<'t, H: Handshake<Provider = Provider>, T: Read + Write>(
    made: &mut Result<Connection<H>, Error>,
    mut wire: Wire<'static, Metered<&'t mut T>>,
    sign: impl FnMut(&SigningRequest<'_>, &mut [u8]) -> Option<usize>,
) -> Result<(Tls<'t, T>, Cost), Failure<T::Error>> {
    let begin = clock::ticks();
    match made {
        Ok(connection) => handshake(connection, &mut wire, sign)?,
        Err(error) => return Err(mem::replace(error, Misuse::Closed.into()).into()),
    }
    let cost = Cost::since(begin, &wire.transport, size_of::<Connection<H>>());
    finish(made, wire, cost)
}

/// A function of its own: the room for what it moves is not on the stack during the handshake.
#[inline(never)]
fn finish<'t, H: Handshake<Provider = Provider>, T: Read + Write>(
    made: &mut Result<Connection<H>, Error>,
    wire: Wire<'static, Metered<&'t mut T>>,
    mut cost: Cost,
) -> Result<(Tls<'t, T>, Cost), Failure<T::Error>> {
    let connection = mem::replace(made, Err(Misuse::Closed.into()))?;
    match connection.into_established() {
        Ok((established, scratch)) => {
            cost.scratch(scratch.as_ref());
            Ok((Stream::new(wire, established), cost))
        }
        Err(_) => Err(Failure::Signing),
    }
}

/// The client without TLS: what is left of the firmware then is no part of TLS.
#[inline(never)]
pub fn plain<T: Read + Write>(transport: &mut T) -> Result<(), Failure<T::Error>> {
    fetch(transport).map_err(Failure::Transport)
}

/// Ends the program, in order or with the error.
pub fn end<E: core::fmt::Display>(outcome: Result<(), Failure<E>>) -> ! {
    match outcome {
        Ok(()) => console::succeed(),
        Err(failure) => {
            report(&failure);
            console::fail()
        }
    }
}

#[cfg(feature = "sentences")]
fn report<E: core::fmt::Display>(failure: &Failure<E>) {
    use core::fmt::Write;
    // Without a host there is nobody to tell.
    let _ = writeln!(console::Console, "refused: {failure}");
}

/// The number of the alert says what is wrong, to those who look it up (RFC 8446 §6).
#[cfg(not(feature = "sentences"))]
fn report<E>(failure: &Failure<E>) {
    let alert = match failure {
        Failure::Tls(error) => error.alert().map_or(0, |alert| alert.0),
        _ => 0,
    };
    console::text("refused: ");
    console::figure("alert", alert.into());
    console::text("\n");
}

/// What a handshake has cost.
struct Cost {
    connection: usize,
    stack: u32,
    ticks: u32,
    scratch: usize,
    scratch_used: usize,
}

impl Cost {
    fn since<T>(begin: u32, transport: &Metered<T>, connection: usize) -> Self {
        let ticks = clock::ticks().wrapping_sub(begin).wrapping_sub(transport.ticks);
        Self { connection, stack: stack::peak(), ticks, scratch: 0, scratch_used: 0 }
    }

    /// It is used from the front; what was never reached still has its paint.
    fn scratch(&mut self, scratch: &[u8]) {
        let untouched = scratch.iter().rev().take_while(|byte| **byte == PAINT).count();
        self.scratch = scratch.len();
        self.scratch_used = scratch.len() - untouched;
    }

    fn print(&self) {
        console::text("\nfigures: ");
        console::figure("connection_bytes", self.connection as u32);
        console::figure("established_bytes", size_of::<Established<Provider>>() as u32);
        console::figure("handshake_stack_bytes", self.stack);
        console::figure("stack_peak_bytes", stack::peak());
        console::figure("scratch_bytes", self.scratch as u32);
        console::figure("scratch_used_bytes", self.scratch_used as u32);
        // 32 bits hold forty times what a handshake in software takes.
        console::figure("handshake_instructions", self.ticks.saturating_mul(clock::INSTRUCTIONS_PER_TICK));
        console::text("\n");
    }
}

fn send<W: Write>(writer: &mut W, mut bytes: &[u8]) -> Result<(), W::Error> {
    while !bytes.is_empty() {
        // A transport that takes nothing has said why, or waits.
        let taken = writer.write(bytes)?;
        bytes = &bytes[taken..];
    }
    writer.flush()
}

/// Reads a request to its end, whatever it asks for, and answers it.
fn answer<S: Read + Write>(stream: &mut S) -> Result<(), S::Error> {
    let mut end_of_request = 0;
    let mut byte = [0];
    while end_of_request < 4 && stream.read(&mut byte)? == 1 {
        let expected = b"\r\n\r\n"[end_of_request];
        end_of_request = if byte[0] == expected { end_of_request + 1 } else { usize::from(byte[0] == b'\r') };
    }
    send(stream, RESPONSE)
}

const fn number(digits: &[u8]) -> u64 {
    let (mut value, mut at) = (0, 0);
    while at < digits.len() && digits[at].is_ascii_digit() {
        value = value * 10 + (digits[at] - b'0') as u64;
        at += 1;
    }
    value
}
