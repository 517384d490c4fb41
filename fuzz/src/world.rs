//! Configurations and identities: what a target's first byte chooses among.

use crate::provider::{FuzzProvider, Strength, provider};
use crate::subject::Subject;
use ferrule::certificate::{ServerName, TrustAnchor, UnixTime, Validity, chain};
use ferrule::crypto::{CipherSuite, NamedGroup, SignatureScheme};
use ferrule::{ClientConfig, ClientHandshake, Connection, Credential, ServerConfig, ServerHandshake};
use std::sync::OnceLock;

/// The root that clients trust, the intermediate and the leaf that servers serve.
pub const ROOT: &[u8] = include_bytes!("../identity/root.der");
/// See [`ROOT`].
pub const INTERMEDIATE: &[u8] = include_bytes!("../identity/intermediate.der");
/// See [`ROOT`].
pub const LEAF: &[u8] = include_bytes!("../identity/leaf.der");
/// The name in [`LEAF`].
pub const HOST: &str = "server.test";
/// 2030-01-01: within the validity of the three.
pub const NOW: Validity = Validity::At(UnixTime(1_893_456_000));

/// How many pairs of configurations there are.
pub const VARIANTS: u8 = 32;

/// The client's and the server's handshake.
pub type ClientSide =
    ClientHandshake<FuzzProvider, &'static ClientConfig<'static, chain::Verifier<'static>>, Vec<u8>>;
/// See [`ClientSide`].
pub type ServerSide = ServerHandshake<FuzzProvider, &'static ServerConfig<'static>, Vec<u8>>;

struct Pair {
    client: ClientConfig<'static, chain::Verifier<'static>>,
    server: ServerConfig<'static>,
}

/// [`ROOT`], trusted.
pub fn anchors() -> &'static [TrustAnchor<'static>] {
    static ANCHORS: OnceLock<[TrustAnchor<'static>; 1]> = OnceLock::new();
    ANCHORS.get_or_init(|| [TrustAnchor::from_certificate(ROOT).expect("a root")])
}

/// Bits 0 and 1: the groups, two of which need a HelloRetryRequest. Bit 2: ALPN. Bit 3: the suite. Bit 4:
/// a chain that includes the root.
fn pair(variant: u8) -> Pair {
    const FULL: &[&[u8]] = &[LEAF, INTERMEDIATE, ROOT];
    const CREDENTIALS: [&[Credential<'static>]; 2] = [
        &[Credential::new(&[LEAF, INTERMEDIATE], &[SignatureScheme::ECDSA_SECP256R1_SHA256])],
        &[Credential::new(FULL, &[SignatureScheme::ECDSA_SECP256R1_SHA256])],
    ];
    let mut client = ClientConfig::new(chain::Verifier::new(anchors()));
    let mut server = ServerConfig::new(CREDENTIALS[usize::from(variant >> 4 & 1)]);
    match variant & 3 {
        0 => {}
        1 => server.groups = &[NamedGroup::SECP256R1],
        2 => client.groups = &[NamedGroup::SECP256R1],
        _ => server.groups = &[NamedGroup::SECP384R1],
    }
    if variant & 4 != 0 {
        client.protocols = &[b"h2", b"http/1.1"];
        server.protocols = &[b"http/1.1"];
    }
    if variant & 8 != 0 {
        client.cipher_suites = &[CipherSuite::TLS_AES_256_GCM_SHA384];
    }
    Pair { client, server }
}

fn configured(variant: u8) -> &'static Pair {
    static PAIRS: [OnceLock<Pair>; VARIANTS as usize] = [const { OnceLock::new() }; VARIANTS as usize];
    let variant = variant % VARIANTS;
    PAIRS[usize::from(variant)].get_or_init(|| pair(variant))
}

/// A client of [`HOST`] that has said nothing yet.
pub fn client(variant: u8, strength: Strength) -> Subject<ClientSide> {
    let name = ServerName::parse(HOST).expect("a name");
    let scratch = vec![0; ferrule::required_scratch(1024)];
    let config = &configured(variant).client;
    Subject::new(Connection::client(config, provider(strength, 1), scratch, name, NOW).expect("a client"))
}

/// A server that has heard nothing yet.
pub fn server(variant: u8, strength: Strength) -> Subject<ServerSide> {
    let scratch = vec![0; ferrule::REQUIRED_SCRATCH];
    let config = &configured(variant).server;
    Subject::new(Connection::server(config, provider(strength, 2), scratch).expect("a server"))
}
