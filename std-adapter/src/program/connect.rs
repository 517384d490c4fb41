//! `ferrule connect`: a full-duplex pipe. Three threads: one waits for stdin, one for the peer, and the main
//! one writes, so that neither direction ever waits for the other.

use super::arguments::{ConnectArguments, server_name};
use super::get::open;
use super::outcome::Trouble;
use ferrule::ForWriter;
use ferrule_std::{Failure, HalfRead, TlsReader, TlsWriter};
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;

/// What the writing thread hears from the other two.
enum News {
    /// From stdin.
    Data(Vec<u8>),
    EndOfStdin,
    /// From the reading half.
    Reader(ForWriter),
    /// Reading is over.
    ReadingOver(Result<(), Failure>),
}

pub(crate) fn run(arguments: &ConnectArguments) -> Result<(), Trouble> {
    let (target, peer) = (&arguments.target, &arguments.peer);
    let (client, name) = (peer.client(None)?, server_name(&target.host)?);
    let socket = peer.dial(&peer.addresses(target)?)?;
    let stream = open(&client, name, socket, peer, &target.host)?;
    let of_io = |error: io::Error| Trouble::of_io(&target.host, &error);
    let second = stream.transport().try_clone().map_err(of_io)?;
    let (reader, writer) = stream.into_halves(second).map_err(of_io)?;

    let (news, hear) = channel();
    // One piece of stdin at a time: who cannot write must not read on.
    let (written, may_read) = sync_channel(1);
    let from_reader = news.clone();
    thread::spawn(move || read_stdin(&news, &may_read));
    thread::spawn(move || read_peer(reader, &from_reader));
    write_peer(writer, &hear, &written).map_err(|failure| Trouble::of(&target.host, &failure))
}

fn read_stdin(news: &Sender<News>, may_read: &Receiver<()>) {
    let mut stdin = io::stdin().lock();
    loop {
        let mut piece = vec![0; 16 * 1024];
        let said = match stdin.read(&mut piece) {
            Ok(length @ 1..) => {
                piece.truncate(length);
                News::Data(piece)
            }
            _ => News::EndOfStdin,
        };
        let over = matches!(said, News::EndOfStdin);
        if news.send(said).is_err() || over || may_read.recv().is_err() {
            return;
        }
    }
}

fn read_peer(mut reader: TlsReader<TcpStream>, news: &Sender<News>) {
    let mut stdout = io::stdout().lock();
    loop {
        let mut closed = false;
        let mut put = Ok(());
        let (outcome, said) = reader.read(|read| match read {
            HalfRead::Data(data) => put = stdout.write_all(data).and_then(|()| stdout.flush()),
            HalfRead::Nothing => {}
            HalfRead::Closed => closed = true,
        });
        if said != ForWriter::Nothing && news.send(News::Reader(said)).is_err() {
            return;
        }
        let outcome = outcome.and(put.map_err(Failure::Transport));
        if outcome.is_err() {
            reader.drain();
        }
        if closed || outcome.is_err() {
            let _ = news.send(News::ReadingOver(outcome));
            return;
        }
    }
}

fn write_peer(
    mut writer: TlsWriter<TcpStream>,
    hear: &Receiver<News>,
    written: &SyncSender<()>,
) -> Result<(), Failure> {
    let inside = |error: io::Error| match error.downcast::<Failure>() {
        Ok(failure) => failure,
        Err(error) => error.into(),
    };
    let mut open = true;
    // A peer that has gone leaves its reasons in what is still to be read.
    let mut broken = None;
    while let Ok(said) = hear.recv() {
        let outcome = match said {
            News::Data(data) if open => {
                let outcome = writer.write_all(&data);
                let _ = written.try_send(());
                outcome
            }
            News::EndOfStdin if open => {
                open = false;
                writer.close()
            }
            News::Data(_) | News::EndOfStdin => Ok(()),
            News::Reader(news) => writer.tell(news),
            News::ReadingOver(Err(failure)) => {
                // The alert has been written by the news that came before.
                return Err(failure);
            }
            News::ReadingOver(Ok(())) => {
                if open {
                    let _ = writer.close();
                }
                return broken.map_or(Ok(()), Err);
            }
        };
        if let Err(error) = outcome {
            open = false;
            broken.get_or_insert(inside(error));
        }
    }
    broken.map_or(Ok(()), Err)
}
