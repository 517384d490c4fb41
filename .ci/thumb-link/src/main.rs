//! Links a client, a server and the default provider for a Cortex-M4F. It is never run: it shows that they
//! need neither std nor an allocator, and how much flash they take.
#![no_std]
#![no_main]

use core::hint::black_box;
use core::panic::PanicInfo;
use ferrule::certificate::{ServerName, TrustAnchor, UnixTime, Validity, chain};
use ferrule::crypto::software::{self, signing::EcdsaP256Key};
use ferrule::crypto::{CryptoError, Random};
use ferrule::{Answer, Ask, ClientConfig, Connection, Credential, Error, Event, Handshake, ServerConfig};

#[panic_handler]
fn panic(_: &PanicInfo) -> ! {
    loop {}
}

/// What the vector table points at.
#[unsafe(no_mangle)]
extern "C" fn reset() -> ! {
    let _ = black_box(client());
    let _ = black_box(server());
    loop {}
}

/// A board's random source goes here.
struct NoEntropy;

impl Random for NoEntropy {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), CryptoError> {
        let _ = black_box(out);
        black_box(Err(CryptoError::NoRandomness))
    }
}

/// Bytes that the optimiser knows nothing of.
fn bytes() -> &'static [u8] {
    black_box(&[])
}

#[inline(never)]
fn client() -> Result<(), Error> {
    let anchors = [TrustAnchor::from_contents(bytes(), bytes())];
    let config = ClientConfig::new(chain::Verifier::new(&anchors));
    let name = ServerName::parse(black_box("device.example")).map_err(|_| Error::Internal("name"))?;
    let built = Validity::NotBefore(UnixTime(1_780_000_000));
    let mut scratch = [0; ferrule::required_scratch(2048)];
    let connection = Connection::client(&config, software::provider(NoEntropy), &mut scratch[..], name, built)?;
    talk(connection, None)
}

#[inline(never)]
fn server() -> Result<(), Error> {
    let chain = [bytes()];
    let credentials = [Credential::new(&chain, &[EcdsaP256Key::SCHEME])];
    let config = ServerConfig::new(&credentials);
    let key = EcdsaP256Key::from_scalar(black_box(&[1; 32])).map_err(|_| Error::Internal("key"))?;
    let mut scratch = [0; ferrule::REQUIRED_SCRATCH];
    let connection = Connection::server(&config, software::provider(NoEntropy), &mut scratch[..])?;
    talk(connection, Some(&key))
}

/// The calling loop, then an echo.
fn talk<H: Handshake>(mut connection: Connection<H>, key: Option<&EcdsaP256Key>) -> Result<(), Error> {
    let (mut incoming, mut outgoing) = ([0; 2048], [0; 1024]);
    let mut established = loop {
        let want = connection.want();
        if want.owes_output {
            black_box(connection.write_record(&mut outgoing)?);
        } else if let (Some(Ask::Sign(request)), Some(key)) = (want.ask, key) {
            let mut signature = [0; 72];
            let length = key.sign(request.message, &mut signature)?;
            connection.answer(Answer::Signature(signature.get(..length).unwrap_or(&[])))?;
        } else if want.work {
            connection.work()?;
        } else if want.read.is_some() {
            black_box(connection.read_record(black_box(&mut incoming))?.consumed);
        } else {
            match connection.into_established() {
                Ok((established, _)) => break established,
                Err(unfinished) => connection = unfinished,
            }
        }
    };
    while let Event::ApplicationData(data) = established.read_record(black_box(&mut incoming))?.event {
        black_box(established.write_data(data, &mut outgoing)?.written);
        black_box(established.write_record(&mut outgoing)?);
    }
    Ok(())
}
