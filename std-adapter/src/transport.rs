//! What is asked of a socket besides reading and writing.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

/// A blocking byte stream with timeouts. Anything else that is `Read + Write` goes into [`Bare`].
pub trait Transport: Read + Write {
    /// From now on no read may take longer than this; `None`: as long as it likes.
    fn set_read_timeout(&mut self, timeout: Option<Duration>) -> io::Result<()>;
    /// From now on no write may take longer than this; `None`: as long as it likes.
    fn set_write_timeout(&mut self, timeout: Option<Duration>) -> io::Result<()>;
    /// Tells the peer's transport that nothing more will be written.
    fn shutdown_write(&mut self) -> io::Result<()>;
}

macro_rules! socket {
    ($type:ty) => {
        impl Transport for $type {
            fn set_read_timeout(&mut self, timeout: Option<Duration>) -> io::Result<()> {
                <$type>::set_read_timeout(self, timeout)
            }
            fn set_write_timeout(&mut self, timeout: Option<Duration>) -> io::Result<()> {
                <$type>::set_write_timeout(self, timeout)
            }
            fn shutdown_write(&mut self) -> io::Result<()> {
                self.shutdown(Shutdown::Write)
            }
        }
    };
}

socket!(TcpStream);
#[cfg(unix)]
socket!(std::os::unix::net::UnixStream);

/// A byte stream without timeouts: a pipe, a serial line, a test. Timeouts that are asked of it are
/// checked between its reads and writes, but cannot interrupt one.
#[derive(Debug, Clone, Copy)]
pub struct Bare<S>(pub S);

impl<S: Read> Read for Bare<S> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(into)
    }
}

impl<S: Write> Write for Bare<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl<S: Read + Write> Transport for Bare<S> {
    fn set_read_timeout(&mut self, _: Option<Duration>) -> io::Result<()> {
        Ok(())
    }
    fn set_write_timeout(&mut self, _: Option<Duration>) -> io::Result<()> {
        Ok(())
    }
    fn shutdown_write(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
