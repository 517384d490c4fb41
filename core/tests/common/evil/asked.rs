//! The client of a server that asks who it is.

use super::*;
use crate::common::parties::NOW;
use ferrule::{ClientAuthentication, Connection, WhoIsAsked};

pub type AskingConfig = ServerConfig<'static, chain::Verifier<'static>>;
pub type EvilAskedClient = Evil<
    ferrule::ServerHandshake<
        ferrule::crypto::software::Provider<crate::common::providers::TestRandom>,
        &'static AskingConfig,
        Vec<u8>,
    >,
>;

impl EvilAskedClient {
    /// Against our server, which takes the one identity for a client's as well.
    pub fn asked(required: bool) -> Self {
        static ANCHORS: OnceLock<[TrustAnchor<'static>; 1]> = OnceLock::new();
        let anchors = ANCHORS.get_or_init(|| identity().anchors());
        let who = WhoIsAsked::new(chain::Verifier::new(anchors));
        let config = server_config().asking(if required {
            ClientAuthentication::Required(who)
        } else {
            ClientAuthentication::Optional(who)
        });
        let config = &*Box::leak(Box::new(config));
        let scratch = vec![0; ferrule::required_server_scratch(2048)];
        let server = Connection::server_that_asks(config, parties::provider(2), scratch, NOW).unwrap();
        Self::new(Role::Client, End::new(server))
    }

    /// ClientHello, and the whole flight of the server has been heard.
    pub fn say_hello(&mut self) -> &mut Self {
        let hello = lawful_hello(self, X25519);
        self.say(&hello.client_message());
        assert_eq!(self.messages.last().unwrap()[0], FINISHED);
        assert!(self.messages.iter().any(|message| message[0] == CERTIFICATE_REQUEST));
        self
    }

    pub fn own_entries(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        self.identity.chain.iter().map(|der| (der.clone(), Vec::new())).collect()
    }

    pub fn say_own_certificate(&mut self) -> &mut Self {
        let entries = self.own_entries();
        self.say(&certificate(&[], &entries))
    }

    /// A signature over the transcript so far, as `role` makes it.
    pub fn own_signature(&self, role: &str) -> Vec<u8> {
        let context = format!("TLS 1.3, {role} CertificateVerify\0");
        sign(self.identity, &[&[0x20; 64][..], context.as_bytes(), &sha256(&self.transcript)].concat())
    }

    pub fn say_own_certificate_verify(&mut self) -> &mut Self {
        let body = [&[4, 3][..], &vector(2, &self.own_signature("client"))].concat();
        self.say(&message(CERTIFICATE_VERIFY, &body))
    }

    pub fn say_own_finished(&mut self) -> &mut Self {
        let finished = message(FINISHED, &self.verify_data());
        self.say(&finished)
    }
}
