//! `ferrule serve`: a thread a client; what one of them does is no matter to the others.

use super::arguments::{ServeArguments, key_log};
use super::outcome::Trouble;
use super::report;
use super::site::Site;
use ferrule_std::{Server, TlsStream};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Clients that are served at once; the next one waits in the listener's queue.
const MAX_CLIENTS: usize = 512;
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
    let clients = Arc::new(AtomicUsize::new(0));
    loop {
        while clients.load(Ordering::Relaxed) >= MAX_CLIENTS {
            std::thread::sleep(Duration::from_millis(10));
        }
        let (socket, address) = match listener.accept() {
            Ok(accepted) => accepted,
            // A client that is gone already, or no descriptor left: the next one may fare better.
            Err(error) => {
                eprintln!("accept: {error}");
                std::thread::sleep(Duration::from_millis(50));
                continue;
            }
        };
        let (shared, here) = (Arc::clone(&shared), Present::enter(&clients));
        let spawned = std::thread::Builder::new().spawn(move || {
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

/// Counts a client for as long as it is there, whatever becomes of its thread.
struct Present(Arc<AtomicUsize>);

impl Present {
    fn enter(clients: &Arc<AtomicUsize>) -> Self {
        clients.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(clients))
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
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
    }
    match service {
        Service::Echo => echo(&mut stream)?,
        Service::Site(site) => site.serve(&mut stream, |path, status| {
            if verbose {
                eprintln!("{address}: {status} {}", path.escape_default());
            }
        })?,
    }
    stream.close_write()
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
