//! The board's Ethernet controller, SMSC LAN9118, polled, as a device of smoltcp.

use super::register::registers;
use smoltcp::phy::{self, Device, DeviceCapabilities, Medium};
use smoltcp::time::Instant;

registers! { 0x4020_0000:
    RX_DATA = 0x00, TX_DATA = 0x20, RX_STATUS = 0x40, TX_STATUS = 0x48, BYTE_TEST = 0x64, TX_CONFIG = 0x70,
    HARDWARE_CONFIG = 0x74, RX_FIFO = 0x7c, TX_FIFO = 0x80, MAC_COMMAND = 0xa4, MAC_DATA = 0xa8,
}

/// The longest Ethernet frame, rounded up to words.
const FRAME: usize = 1520;

/// The controller, with room for one frame in each direction.
#[derive(Debug)]
pub struct Lan9118 {
    received: [u8; FRAME],
    sent: [u8; FRAME],
}

impl Lan9118 {
    /// No frame yet; [`start`](Self::start) comes next.
    pub const fn new() -> Self {
        Self { received: [0; FRAME], sent: [0; FRAME] }
    }

    /// Resets the controller and turns it on. `false` where there is none.
    pub fn start(&mut self, address: [u8; 6]) -> bool {
        if BYTE_TEST.read() != 0x8765_4321 {
            return false;
        }
        HARDWARE_CONFIG.write(1);
        while HARDWARE_CONFIG.read() & 1 != 0 {}
        // Store and forward; 5 kB of the controller's memory for sending.
        HARDWARE_CONFIG.write(1 << 20 | 5 << 16);
        let [a, b, c, d, e, f] = address;
        write_mac(2, u32::from_le_bytes([e, f, 0, 0]));
        write_mac(3, u32::from_le_bytes([a, b, c, d]));
        // Full duplex, transmitter and receiver on.
        write_mac(1, 1 << 20 | 1 << 3 | 1 << 2);
        TX_CONFIG.write(2);
        true
    }
}

impl Default for Lan9118 {
    fn default() -> Self {
        Self::new()
    }
}

fn write_mac(register: u32, value: u32) {
    const BUSY: u32 = 1 << 31;
    MAC_DATA.write(value);
    MAC_COMMAND.write(BUSY | register);
    while MAC_COMMAND.read() & BUSY != 0 {}
}

/// Moves the next frame out of the controller; its length, if there was one.
fn take_frame(received: &mut [u8; FRAME]) -> Option<usize> {
    const CHECKSUM: usize = 4;
    if RX_FIFO.read() >> 16 & 0xff == 0 {
        return None;
    }
    let length = (RX_STATUS.read() >> 16 & 0x3fff) as usize;
    let mut room = received.chunks_exact_mut(4);
    for _ in 0..length.div_ceil(4) {
        let word = RX_DATA.read().to_le_bytes();
        if let Some(place) = room.next() {
            place.copy_from_slice(&word);
        }
    }
    length.checked_sub(CHECKSUM).filter(|&length| length <= FRAME)
}

/// Moves a frame into the controller, which has said that it has room.
fn send_frame(sent: &[u8; FRAME], length: usize) {
    const FIRST_AND_LAST: u32 = 1 << 13 | 1 << 12;
    let tag = length as u32;
    TX_DATA.write(FIRST_AND_LAST | tag);
    TX_DATA.write(tag << 16 | tag);
    for word in sent.chunks_exact(4).take(length.div_ceil(4)) {
        TX_DATA.write(word.try_into().map_or(0, u32::from_le_bytes));
    }
    let _ = TX_STATUS.read();
}

fn has_room() -> bool {
    (TX_FIFO.read() & 0xffff) as usize >= FRAME + 8
}

/// A received frame.
#[derive(Debug)]
pub struct Received<'a>(&'a [u8]);

impl phy::RxToken for Received<'_> {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        f(self.0)
    }
}

/// Room for a frame to be sent.
#[derive(Debug)]
pub struct Room<'a>(&'a mut [u8; FRAME]);

impl phy::TxToken for Room<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, f: F) -> R {
        let outcome = f(&mut self.0[..length]);
        send_frame(self.0, length);
        outcome
    }
}

impl Device for Lan9118 {
    type RxToken<'a> = Received<'a>;
    type TxToken<'a> = Room<'a>;

    fn receive(&mut self, _: Instant) -> Option<(Received<'_>, Room<'_>)> {
        if !has_room() {
            return None;
        }
        let length = take_frame(&mut self.received)?;
        Some((Received(&self.received[..length]), Room(&mut self.sent)))
    }

    fn transmit(&mut self, _: Instant) -> Option<Room<'_>> {
        has_room().then_some(Room(&mut self.sent))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ethernet;
        capabilities.max_transmission_unit = 1514;
        capabilities
    }
}
