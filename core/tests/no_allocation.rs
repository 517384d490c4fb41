//! Nothing in core allocates: a handshake of both sides and a megabyte each way, counted.

#![cfg(feature = "software")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod common {
    pub(crate) mod parties;
    pub(crate) mod providers;
}

use common::parties::{HOST, Identity, KeyKind, NOW, provider, verifier};
use ferrule::certificate::ServerName;
use ferrule::crypto::software::signing::EcdsaP256Key;
use ferrule::record::MAX_RECORD;
use ferrule::{
    Answer, Ask, ClientConfig, Connection, Credential, Established, Event, Handshake, Received, ServerConfig,
};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

struct Counting;

std::thread_local! {
    /// Of this thread alone: the test harness has threads of its own.
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: every call is passed on as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        unsafe { System.dealloc(memory, layout) };
    }
}

fn allocations() -> usize {
    ALLOCATIONS.with(Cell::get)
}

/// One direction's bytes under way, in memory that was there before.
struct Pipe {
    bytes: Box<[u8]>,
    length: usize,
}

impl Pipe {
    fn new() -> Self {
        Self { bytes: vec![0; 4 * MAX_RECORD].into_boxed_slice(), length: 0 }
    }

    fn filled(&mut self) -> &mut [u8] {
        &mut self.bytes[..self.length]
    }

    fn room(&mut self) -> &mut [u8] {
        &mut self.bytes[self.length..][..MAX_RECORD]
    }

    fn consume(&mut self, consumed: usize) {
        self.bytes.copy_within(consumed..self.length, 0);
        self.length -= consumed;
    }
}

/// One step of a handshake; whether anything was done.
fn step<H: Handshake>(
    connection: &mut Connection<H>,
    key: &EcdsaP256Key,
    incoming: &mut Pipe,
    outgoing: &mut Pipe,
) -> bool {
    let want = connection.want();
    if let Some(Ask::Sign(request)) = want.ask {
        let mut signature = [0; 80];
        let length = key.sign(request.message, &mut signature).unwrap();
        connection.answer(Answer::Signature(&signature[..length])).unwrap();
    } else if want.owes_output {
        outgoing.length += connection.write_record(outgoing.room()).unwrap();
    } else if want.work {
        connection.work().unwrap();
    } else if want.read.is_some_and(|needed| needed <= incoming.length) {
        let Received { consumed, .. } = connection.read_record(incoming.filled()).unwrap();
        incoming.consume(consumed);
    } else {
        return false;
    }
    true
}

/// Sends a megabyte from one end to the other.
fn megabyte<P: ferrule::crypto::CryptoProvider>(
    from: &mut Established<P>,
    to: &mut Established<P>,
    pipe: &mut Pipe,
    data: &[u8],
) {
    let (mut sent, mut received) = (0, 0);
    while received < 1 << 20 {
        if sent < 1 << 20 {
            let written = from.write_data(&data[..data.len().min((1 << 20) - sent)], pipe.room()).unwrap();
            sent += written.taken;
            pipe.length += written.written;
        }
        let outcome = to.read_record(pipe.filled()).unwrap();
        if let Event::ApplicationData(data) = outcome.event {
            received += data.len();
        }
        let consumed = outcome.consumed;
        pipe.consume(consumed);
    }
}

#[test]
fn a_handshake_and_a_megabyte_each_way_allocate_nothing() {
    let identity = Identity::new(KeyKind::P256);
    let key = EcdsaP256Key::from_der(&identity.pkcs8).unwrap();
    let client_config = ClientConfig::new(verifier(&identity));
    let chain = identity.chain();
    let credentials = [Credential::new(&chain, identity.key.schemes())];
    let server_config = ServerConfig::new(&credentials);
    let (mut client_scratch, mut server_scratch) =
        ([0; ferrule::required_scratch(2048)], [0; ferrule::REQUIRED_SCRATCH]);
    let (mut up, mut down) = (Pipe::new(), Pipe::new());
    let data = vec![7; 1 << 14];

    let before = allocations();
    assert!(before > 0, "the counter counts");
    let name = ServerName::parse(HOST).unwrap();
    let mut client =
        Connection::client(&client_config, provider(1), &mut client_scratch[..], name, NOW).unwrap();
    let mut server = Connection::server(&server_config, provider(2), &mut server_scratch[..]).unwrap();
    while step(&mut client, &key, &mut down, &mut up) | step(&mut server, &key, &mut up, &mut down) {}
    let (mut client, _) = client.into_established().ok().unwrap();
    let (mut server, _) = server.into_established().ok().unwrap();
    megabyte(&mut client, &mut server, &mut up, &data);
    client.update_keys();
    up.length += client.write_record(up.room()).unwrap();
    megabyte(&mut client, &mut server, &mut up, &data);
    megabyte(&mut server, &mut client, &mut down, &data);
    client.export(b"EXPORTER-test", b"", &mut [0; 100]).unwrap();
    client.close();
    up.length += client.write_record(up.room()).unwrap();
    let closed = server.read_record(up.filled()).unwrap();
    assert!(matches!(closed.event, Event::PeerClosed));
    assert_eq!(allocations() - before, 0);
}
