//! One TCP connection at a time, by smoltcp, as a blocking transport.

use super::clock;
use super::lan9118::Lan9118;
use embedded_io::{ErrorKind, ErrorType, Read, Write};
use smoltcp::iface::{Config, Interface, SocketHandle, SocketSet, SocketStorage};
use smoltcp::socket::tcp;
use smoltcp::time::Instant;
use smoltcp::wire::{EthernetAddress, IpCidr, Ipv4Address};

/// The board, in the network that QEMU makes up. The host is [`HOST`] in it.
const BOARD: Ipv4Address = Ipv4Address::new(10, 0, 2, 15);
const BOARD_ETHERNET: [u8; 6] = [2, 0, 0, 0, 0, 1];
/// The host: a connection to one of its ports reaches that port of the host's 127.0.0.1.
const HOST: Ipv4Address = Ipv4Address::new(10, 0, 2, 2);

/// The memory of the network: frames and TCP's two windows.
#[derive(Debug)]
pub struct Memory {
    device: Lan9118,
    received: [u8; 4096],
    sent: [u8; 2048],
}

/// Room for the one socket. Apart from [`Memory`], which is all zeros and so takes no flash.
pub type Sockets = [SocketStorage<'static>; 1];

/// No socket yet.
pub const NO_SOCKETS: Sockets = [SocketStorage::EMPTY];

impl Memory {
    /// All of it.
    pub const fn new() -> Self {
        Self { device: Lan9118::new(), received: [0; 4096], sent: [0; 2048] }
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

/// A TCP connection of the board's.
pub struct Network {
    device: &'static mut Lan9118,
    interface: Interface,
    sockets: SocketSet<'static>,
    socket: SocketHandle,
}

fn now() -> Instant {
    Instant::from_millis(clock::milliseconds())
}

impl Network {
    /// Turns the network on. `None` where there is no Ethernet controller.
    pub fn start(memory: &'static mut Memory, sockets: &'static mut Sockets) -> Option<Self> {
        let Memory { device, received, sent } = memory;
        if !device.start(BOARD_ETHERNET) {
            return None;
        }
        let config = Config::new(EthernetAddress(BOARD_ETHERNET).into());
        let mut interface = Interface::new(config, device, now());
        interface.update_ip_addrs(|addresses| {
            // The list is empty, and has room for one.
            let _ = addresses.push(IpCidr::new(BOARD.into(), 24));
        });
        let mut sockets = SocketSet::new(&mut sockets[..]);
        let socket = sockets.add(tcp::Socket::new(
            tcp::SocketBuffer::new(&mut received[..]),
            tcp::SocketBuffer::new(&mut sent[..]),
        ));
        Some(Self { device, interface, sockets, socket })
    }

    /// Connects to a port of the host.
    pub fn connect(&mut self, port: u16) -> Result<(), ErrorKind> {
        let socket = self.sockets.get_mut::<tcp::Socket<'_>>(self.socket);
        socket
            .connect(self.interface.context(), (HOST, port), 49_152)
            .map_err(|_| ErrorKind::AddrNotAvailable)?;
        self.wait(|socket| match socket.state() {
            tcp::State::Established => Some(Ok(())),
            tcp::State::Closed => Some(Err(ErrorKind::ConnectionRefused)),
            _ => None,
        })
    }

    /// Waits for a connection to this port.
    pub fn accept(&mut self, port: u16) -> Result<(), ErrorKind> {
        let socket = self.sockets.get_mut::<tcp::Socket<'_>>(self.socket);
        socket.listen(port).map_err(|_| ErrorKind::AddrInUse)?;
        self.wait(|socket| socket.is_active().then_some(Ok(())))
    }

    /// Ends the connection, and waits until the peer has heard of it.
    pub fn close(&mut self) {
        self.sockets.get_mut::<tcp::Socket<'_>>(self.socket).close();
        let _ = self.wait(|socket| {
            let over =
                !matches!(socket.state(), tcp::State::FinWait1 | tcp::State::Closing | tcp::State::LastAck);
            over.then_some(Ok(()))
        });
    }

    /// Lets the network work until `ready` says something.
    fn wait<R>(
        &mut self,
        mut ready: impl FnMut(&mut tcp::Socket<'_>) -> Option<Result<R, ErrorKind>>,
    ) -> Result<R, ErrorKind> {
        loop {
            self.interface.poll(now(), self.device, &mut self.sockets);
            if let Some(outcome) = ready(self.sockets.get_mut::<tcp::Socket<'_>>(self.socket)) {
                self.interface.poll(now(), self.device, &mut self.sockets);
                return outcome;
            }
        }
    }
}

impl ErrorType for Network {
    type Error = ErrorKind;
}

impl Read for Network {
    fn read(&mut self, into: &mut [u8]) -> Result<usize, ErrorKind> {
        self.wait(|socket| {
            if socket.can_recv() {
                Some(socket.recv_slice(into).map_err(|_| ErrorKind::ConnectionReset))
            } else if socket.may_recv() {
                None
            } else if matches!(socket.state(), tcp::State::Closed) {
                Some(Err(ErrorKind::ConnectionReset))
            } else {
                Some(Ok(0))
            }
        })
    }
}

impl Write for Network {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        self.wait(|socket| {
            if socket.can_send() {
                Some(socket.send_slice(bytes).map_err(|_| ErrorKind::ConnectionReset))
            } else if socket.may_send() {
                None
            } else {
                Some(Err(ErrorKind::ConnectionReset))
            }
        })
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        self.wait(|socket| (socket.send_queue() == 0 || !socket.is_open()).then_some(Ok(())))
    }
}
