//! `ferrule serve`: a thread a client; what one of them does is no matter to the others.

use super::arguments::{ClientAuth, ServeArguments, key_log};
use super::outcome::Trouble;
use super::report;
use super::site::Site;
use ferrule_std::{ClientAuthentication, Roots, Server, TlsStream};
use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Clients that are served at once, in all and from one address; one too many is let go at once, so that
/// many who are slow do not keep out one who is not.
const MAX_CLIENTS: usize = 4096;
const MAX_CLIENTS_OF_ADDRESS: usize = 1024;
/// A client's thread needs little: its buffers are on the heap.
const STACK: usize = 256 * 1024;
/// How long a client may take for its handshake.
const HANDSHAKE: Duration = Duration::from_secs(15);

/// What clients get.
enum Service {
    Echo,
    Site(Site),
}

pub(crate) fn run(arguments: &ServeArguments) -> Result<(), Trouble> {
    let mut server =
        Server::from_pem_files(&arguments.cert, &arguments.key).map_err(|e| Trouble::usage(e.to_string()))?;
    if !arguments.group.is_empty() {
        server.groups = arguments.group.iter().map(|&group| group.into()).collect();
    }
    if !arguments.cipher.is_empty() {
        server.cipher_suites = arguments.cipher.iter().map(|&cipher| cipher.into()).collect();
    }
    if let Some(path) = &arguments.ocsp_response {
        let read = |e| Trouble::usage(format!("--ocsp-response {}: {e}", path.display()));
        server.staple = Some(std::fs::read(path).map_err(read)?);
    }
    if let Some(path) = &arguments.client_ca {
        let roots = Roots::from_pem_file(path).map_err(|e| Trouble::usage(format!("--client-ca: {e}")))?;
        server.client_authentication = match arguments.client_auth {
            ClientAuth::Optional => ClientAuthentication::Optional(roots),
            ClientAuth::Required => ClientAuthentication::Required(roots),
        };
    }
    server.record_size_limit = arguments.record_limit;
    server.protocols = arguments.alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    server.handshake_timeout = Some(HANDSHAKE);
    server.idle_timeout = Some(Duration::from_secs(arguments.timeout));
    server.key_log = key_log(arguments.keylog.as_ref())?;
    let service = match &arguments.www {
        _ if arguments.echo => Service::Echo,
        Some(folder) if folder.is_dir() => Service::Site(Site::Folder(folder.clone())),
        Some(folder) => return Err(Trouble::usage(format!("--www {}: not a folder", folder.display()))),
        None => Service::Site(Site::Page("Hello from Ferrule.\n".to_owned())),
    };

    let network = |e: io::Error| Trouble::network(format!("{}: {e}", arguments.listen));
    let listener = TcpListener::bind(&arguments.listen).map_err(network)?;
    println!("listening on {}", listener.local_addr().map_err(network)?);
    io::stdout().flush().map_err(network)?;
    accept(&listener, Arc::new((server, service)), arguments.verbose);
    Ok(())
}

fn accept(listener: &TcpListener, shared: Arc<(Server, Service)>, verbose: bool) {
    let clients = Arc::new(Mutex::new(HashMap::new()));
    loop {
        let (socket, address) = match listener.accept() {
            Ok(accepted) => accepted,
            // A client that is gone already, or no descriptor left: the next one may fare better.
            Err(error) => {
                eprintln!("accept: {error}");
                std::thread::sleep(Duration::from_millis(50));
                continue;
            }
        };
        let Some(here) = Present::enter(&clients, address.ip()) else {
            eprintln!("{address}: too many clients");
            continue;
        };
        let shared = Arc::clone(&shared);
        let spawned = std::thread::Builder::new().stack_size(STACK).spawn(move || {
            let _here = here;
            let (server, service) = &*shared;
            if let Err(error) = serve(server, service, socket, address, verbose) {
                eprintln!("{address}: {error}");
            }
        });
        if let Err(error) = spawned {
            eprintln!("{address}: no thread: {error}");
        }
    }
}

/// How many clients there are of each address.
type Clients = Arc<Mutex<HashMap<IpAddr, usize>>>;

/// Counts a client for as long as it is there, whatever becomes of its thread.
struct Present {
    clients: Clients,
    address: IpAddr,
}

impl Present {
    /// `None`: there are too many already.
    fn enter(clients: &Clients, address: IpAddr) -> Option<Self> {
        let mut counts = clients.lock().ok()?;
        let total: usize = counts.values().sum();
        let of_address = counts.get(&address).copied().unwrap_or_default();
        if total >= MAX_CLIENTS || of_address >= MAX_CLIENTS_OF_ADDRESS {
            return None;
        }
        counts.insert(address, of_address + 1);
        Some(Self { clients: Arc::clone(clients), address })
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        if let Ok(mut counts) = self.clients.lock()
            && let Some(count) = counts.get_mut(&self.address)
        {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.address);
            }
        }
    }
}

fn serve(
    server: &Server,
    service: &Service,
    socket: TcpStream,
    address: SocketAddr,
    verbose: bool,
) -> io::Result<()> {
    socket.set_nodelay(true)?;
    let mut stream = server.accept(socket)?;
    if verbose {
        eprintln!("{address}: {}", report::negotiated(stream.negotiated()));
        match stream.peer_certificate() {
            Some(der) => eprintln!("{address}: the client is {}", report::certificate(der)),
            None if !matches!(server.client_authentication, ClientAuthentication::None) => {
                eprintln!("{address}: the client has shown no certificate")
            }
            None => {}
        }
    }
    let outcome = match service {
        Service::Echo => echo(&mut stream),
        Service::Site(site) => site.serve(&mut stream, |path, status| {
            if verbose {
                eprintln!("{address}: {status} {}", path.escape_default());
            }
        }),
    };
    // Whatever came of it, the client is told that it was all (RFC 8446 §6.1).
    outcome.and(stream.close())
}

fn echo(stream: &mut TlsStream<TcpStream>) -> io::Result<()> {
    let mut piece = vec![0; 16 * 1024];
    loop {
        let length = stream.read(&mut piece)?;
        if length == 0 {
            return Ok(());
        }
        stream.write_all(&piece[..length])?;
        stream.flush()?;
    }
}
