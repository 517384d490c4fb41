//! One connection: the handshake, and what is said over it.

use super::credential::{self, Loaded};
use super::flags::TLS_1_3;
use super::provider::{Provider, provider};
use super::verifier::AnyName;
use super::wire::Wire;
use super::{Flags, Stop, expectations};
use ferrule::certificate::{ServerName, TrustAnchor, UnixTime, Validity, chain};
use ferrule::config::{DEFAULT_CIPHER_SUITES, DEFAULT_GROUPS};
use ferrule::{
    AlertDescription, Answer, Ask, ClientConfig, Connection, Credential, Error, Established, Event,
    Handshake, Received, ServerConfig, required_scratch,
};
use std::net::{IpAddr, Ipv6Addr};
use std::time::SystemTime;

/// Room for whatever the runner sends.
const SCRATCH: usize = 1 << 16;
const INITIAL_WRITE: &[u8] = b"hello";
/// What `-send-alert` sends.
const DECOMPRESSION_FAILURE: AlertDescription = AlertDescription(30);

/// Makes a connection as the flags say, to its end.
pub(crate) fn connection(flags: &Flags) -> Result<(), Stop> {
    if flags.no_tls13 || (1..TLS_1_3).contains(&flags.max_version) {
        return Err(Stop::unimplemented("versions before TLS 1.3"));
    }
    if flags.server { server(flags) } else { client(flags) }
}

fn client(flags: &Flags) -> Result<(), Stop> {
    if flags.credential.key_file.is_some() || !flags.new_credentials.is_empty() {
        return Err(Stop::unimplemented("client certificates"));
    }
    let roots = flags.trust_cert.as_deref().map(credential::certificates).transpose()?.unwrap_or_default();
    let mut anchors = Vec::new();
    for root in &roots {
        let anchor = TrustAnchor::from_certificate(root);
        anchors.push(anchor.map_err(|rule| Stop::unimplemented(format!("a root that {rule}")))?);
    }
    if flags.verify_fail {
        anchors.clear();
    }
    let protocols: Vec<&[u8]> = flags.advertise_alpn.iter().map(Vec::as_slice).collect();
    let mut config = ClientConfig::new(AnyName(chain::Verifier::new(&anchors)));
    config.protocols = &protocols;
    config.cipher_suites = or_all(&flags.tls13_ciphers, DEFAULT_CIPHER_SUITES);
    config.groups = or_all(&flags.curves, DEFAULT_GROUPS);
    if !matches!(flags.key_shares.as_slice(), [] | [_])
        || flags.key_shares.iter().any(|s| *s != config.groups[0])
    {
        return Err(Stop::unimplemented("other key shares than one for the first group"));
    }
    // An address is not sent as server_name.
    let name = match &flags.host_name {
        Some(name) => ServerName::parse(name).map_err(|e| Stop::failed(format!("{name:?}: {e}")))?,
        None => ServerName::from(IpAddr::V6(Ipv6Addr::LOCALHOST)),
    };
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let now = Validity::At(UnixTime(now.as_secs()));
    let scratch = vec![0; required_scratch(SCRATCH)];
    let connection =
        Connection::client(&config, provider(), scratch, name, now).map_err(|error| stop(flags, &error))?;
    drive(flags, connection, &[])
}

fn server(flags: &Flags) -> Result<(), Stop> {
    let loaded = credential::load_all(flags)?;
    let chains: Vec<Vec<&[u8]>> =
        loaded.iter().map(|one| one.chain.iter().map(Vec::as_slice).collect()).collect();
    let credentials: Vec<Credential<'_>> =
        loaded.iter().zip(&chains).map(|(one, chain)| Credential::new(chain, &one.schemes)).collect();
    // A protocol that nobody offers refuses everybody.
    let select = flags.select_alpn.as_deref().or(flags.reject_alpn.then_some(b"none of those".as_slice()));
    let protocols = Vec::from_iter(select);
    let mut config = ServerConfig::new(&credentials);
    config.protocols = &protocols;
    config.cipher_suites = or_all(&flags.tls13_ciphers, DEFAULT_CIPHER_SUITES);
    config.groups = or_all(&flags.curves, DEFAULT_GROUPS);
    let connection =
        Connection::server(&config, provider(), vec![0; SCRATCH]).map_err(|error| stop(flags, &error))?;
    drive(flags, connection, &loaded)
}

fn or_all<'a, T>(chosen: &'a [T], all: &'a [T]) -> &'a [T] {
    if chosen.is_empty() { all } else { chosen }
}

fn drive<H: Handshake<Provider = Provider>>(
    flags: &Flags,
    mut connection: Connection<H>,
    credentials: &[Loaded],
) -> Result<(), Stop> {
    let mut wire = Wire::connect(flags)?;
    let mut selected = None;
    loop {
        match step(flags, &mut connection, &mut wire, credentials, &mut selected) {
            Ok(true) => {}
            Ok(false) => break,
            Err(stop) => {
                wire.say_goodbye(|outgoing| connection.write_record(outgoing));
                return Err(stop);
            }
        }
    }
    if let Some(error) = connection.failure() {
        return Err(stop(flags, &error));
    }
    let leaf = connection.peer_certificate().map(|leaf| leaf.as_der().to_vec());
    let (mut established, _) =
        connection.into_established().map_err(|_| Stop::failed("nothing wanted, nothing established"))?;
    expectations::check(flags, &established, leaf.as_deref(), selected)?;
    let mut talk = Talk { flags, established: &mut established, wire: &mut wire };
    let outcome = talk.run();
    wire.say_goodbye(|outgoing| established.write_record(outgoing));
    outcome
}

/// Does one thing that is wanted; `false`: nothing is.
fn step<H: Handshake>(
    flags: &Flags,
    connection: &mut Connection<H>,
    wire: &mut Wire,
    credentials: &[Loaded],
    selected: &mut Option<usize>,
) -> Result<bool, Stop> {
    let tls = |error: Error| stop(flags, &error);
    let want = connection.want();
    if want.owes_output {
        let length = connection.write_record(&mut wire.outgoing).map_err(tls)?;
        wire.send(length)?;
    } else if let Some(ask) = want.ask {
        let Ask::Sign(request) = ask else {
            return Err(Stop::unimplemented(format!("the question {ask:?}")));
        };
        *selected = Some(request.credential);
        let signature = credentials[request.credential].sign(&request)?;
        connection.answer(Answer::Signature(&signature)).map_err(tls)?;
    } else if want.work {
        connection.work().map_err(tls)?;
    } else if let Some(at_least) = want.read {
        if wire.incoming.len() >= at_least {
            let Received { consumed, .. } =
                connection.read_record(wire.incoming.filled_mut()).map_err(tls)?;
            wire.incoming.consume(consumed);
        } else if !wire.receive()? {
            connection.end_of_input().map_err(tls)?;
        }
    } else {
        return Ok(false);
    }
    Ok(true)
}

/// What an error means to the runner.
fn stop(flags: &Flags, error: &Error) -> Stop {
    match error {
        // The runner has nothing newer here, and would have been welcome with it.
        Error::Incompatible(ferrule::error::Incompatible::Version)
        | Error::AlertReceived(AlertDescription::PROTOCOL_VERSION)
            if flags.allows_older() =>
        {
            Stop::unimplemented("versions before TLS 1.3")
        }
        error => Stop::failed(format!("{error:?}: {error}")),
    }
}

/// What is said over a connection.
struct Talk<'a> {
    flags: &'a Flags,
    established: &'a mut Established<Provider>,
    wire: &'a mut Wire,
}

impl Talk<'_> {
    fn run(&mut self) -> Result<(), Stop> {
        let flags = self.flags;
        if flags.export_keying_material > 0 {
            let exported = self.export(flags.export_keying_material)?;
            self.write_all(&exported)?;
        }
        if flags.send_alert {
            self.established.abort(DECOMPRESSION_FAILURE);
            return Ok(());
        }
        if flags.write_different_record_sizes {
            for size in [0, 1, 255, 256, 257, 16383, 16384, 16385, 32767, 32768, 32769] {
                self.write_all(&vec![0x42; size])?;
            }
        } else {
            self.write_first()?;
            if !flags.shim_shuts_down {
                self.echo()?;
            }
        }
        self.shut_down()
    }

    fn write_first(&mut self) -> Result<(), Stop> {
        let data = self.flags.shim_initial_write.as_deref().unwrap_or(INITIAL_WRITE);
        if self.flags.read_with_unfinished_write {
            let sent = self.established.write_data(data, &mut self.wire.outgoing);
            let sent = sent.map_err(|error| stop(self.flags, &error))?;
            return self.wire.send_one_byte(sent.written);
        }
        if self.flags.shim_writes_first {
            for _ in 0..self.flags.repeat_shim_initial_write.unwrap_or(1) {
                self.write_all(data)?;
            }
        }
        Ok(())
    }

    /// Everything comes back inverted, until the peer writes no more.
    fn echo(&mut self) -> Result<(), Stop> {
        loop {
            if self.flags.key_update_before_read {
                self.established.update_keys();
            }
            if self.flags.use_exporter_between_reads {
                self.export(16)?;
            }
            let Some(mut data) = self.read()? else {
                return Ok(());
            };
            self.wire.release()?;
            if self.flags.key_update {
                self.established.update_keys();
            }
            data.iter_mut().for_each(|byte| *byte ^= 0xff);
            self.write_all(&data)?;
        }
    }

    /// The next data; `None` once there is no more.
    fn read(&mut self) -> Result<Option<Vec<u8>>, Stop> {
        loop {
            // The answer to a KeyUpdate goes out with the next data: one serves however many came together.
            let Some(at_least) = self.established.want().read else {
                return Ok(None);
            };
            if self.wire.incoming.len() < at_least {
                if self.wire.receive()? {
                    continue;
                }
                return match self.established.end_of_input() {
                    // Unless told to look, nobody minds.
                    Err(Error::Truncated) if !self.flags.check_close_notify => Ok(None),
                    outcome => outcome.map(|()| None).map_err(|error| stop(self.flags, &error)),
                };
            }
            let received = self.established.read_record(self.wire.incoming.filled_mut());
            let Received { consumed, event } = received.map_err(|error| stop(self.flags, &error))?;
            let data = match event {
                Event::ApplicationData(data) => Some(data.to_vec()),
                Event::PeerClosed => return Ok(None),
                _ => None,
            };
            self.wire.incoming.consume(consumed);
            if data.is_some() {
                return Ok(data);
            }
        }
    }

    fn write_all(&mut self, mut data: &[u8]) -> Result<(), Stop> {
        while !data.is_empty() {
            let sent = self.established.write_data(data, &mut self.wire.outgoing);
            let sent = sent.map_err(|error| stop(self.flags, &error))?;
            self.wire.send(sent.written)?;
            data = &data[sent.taken..];
        }
        Ok(())
    }

    fn write_owed(&mut self) -> Result<(), Stop> {
        let written = self.established.write_record(&mut self.wire.outgoing);
        self.wire.send(written.map_err(|error| stop(self.flags, &error))?)
    }

    fn export(&mut self, length: usize) -> Result<Vec<u8>, Stop> {
        let mut out = vec![0; length];
        self.established
            .export(&self.flags.export_label, &self.flags.export_context, &mut out)
            .map_err(|error| stop(self.flags, &error))?;
        Ok(out)
    }

    /// Says close_notify and waits for the peer's, where that is looked at.
    fn shut_down(&mut self) -> Result<(), Stop> {
        if !self.flags.check_close_notify {
            return Ok(());
        }
        self.established.close();
        while self.established.want().owes_output {
            self.write_owed()?;
        }
        while self.read()?.is_some() {}
        Ok(())
    }
}
