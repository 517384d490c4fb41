//! A server that answers: what it serves at each of its addresses, with and without SNI, and what it agrees to.

mod handshake;
mod observation;
mod target;

pub(crate) use observation::observations;
pub(crate) use target::LiveTarget;

use super::pem_file::PemFile;
use crate::program::arguments::server_name;
use crate::program::outcome::Trouble;
use crate::program::report;
use ferrule::certificate::ServerName;
use ferrule::config::{DEFAULT_CIPHER_SUITES, DEFAULT_GROUPS};
use ferrule::error::Incompatible;
use ferrule::{AlertDescription, Error};
use ferrule_std::Failure;
use handshake::{Heard, Offer, shake};
use serde::Serialize;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs};
use std::time::Duration;

/// All that was seen of a server.
#[derive(Debug, Serialize)]
pub(crate) struct Survey {
    pub(crate) host: String,
    pub(crate) port: u16,
    /// The name that was sent as SNI; none for an address.
    pub(crate) server_name: Option<String>,
    pub(crate) addresses: Vec<Visit>,
    pub(crate) cipher_suites: Vec<Trial>,
    pub(crate) groups: Vec<Trial>,
    pub(crate) application_protocols: Vec<Trial>,
    /// Whether a client that can do all is asked for another key share first.
    pub(crate) hello_retry_request: bool,
}

/// One address of the host.
#[derive(Debug, Serialize)]
pub(crate) struct Visit {
    pub(crate) address: SocketAddr,
    pub(crate) answer: Answer,
    /// What a client without SNI is served; not asked where there is no name to send.
    pub(crate) without_sni: Option<Answer>,
}

/// What one handshake came to.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Answer {
    #[serde(skip)]
    pub(crate) chain: Vec<Vec<u8>>,
    #[serde(skip)]
    pub(crate) staple: Option<Vec<u8>>,
    /// The size of the stapled OCSP response, if there is one.
    pub(crate) staple_bytes: Option<usize>,
    pub(crate) certificates: usize,
    /// Suite, group and scheme, if the handshake came to its end.
    pub(crate) negotiated: Option<String>,
    pub(crate) certificate_message_bytes: Option<usize>,
    pub(crate) largest_record_bytes: usize,
    pub(crate) asks_for_client_certificate: bool,
    /// Why the handshake, or the connection right behind it, failed.
    pub(crate) error: Option<String>,
}

/// Whether the server agrees to something when that alone is offered.
#[derive(Debug, Serialize)]
pub(crate) struct Trial {
    pub(crate) offered: String,
    pub(crate) accepted: bool,
    pub(crate) remark: Option<String>,
}

/// A chain, and where it is served.
#[derive(Debug)]
pub(crate) struct Served<'s> {
    pub(crate) chain: &'s [Vec<u8>],
    pub(crate) staple: Option<&'s [u8]>,
    pub(crate) addresses: Vec<SocketAddr>,
    /// Whether the server's name was sent.
    pub(crate) sni: bool,
}

impl Survey {
    /// Visits every address of the host. `name` is what consumers call the server.
    /// `connect`, where it is not empty, stands in for what the host's name resolves to.
    pub(crate) fn of(
        target: &LiveTarget,
        name: &str,
        connect: &[SocketAddr],
        timeout: Duration,
    ) -> Result<Self, Trouble> {
        let LiveTarget { host, port } = target;
        let addresses = if connect.is_empty() { resolve(target)? } else { connect.to_vec() };
        let offer = Offer::everything(server_name(name)?);

        let (mut visits, mut first, mut last_failure) = (Vec::new(), None, None);
        for &address in &addresses {
            let heard = shake(address, &offer, timeout);
            if let Ok(Heard { failure: Some(failure), chain, .. }) = &heard
                && chain.is_empty()
            {
                last_failure = Some(Trouble::of(&format!("{host} ({address})"), failure));
            }
            if let Ok(heard) = &heard
                && !heard.chain.is_empty()
                && first.is_none()
            {
                first = Some((address, heard.retried));
            }
            let has_chain = heard.as_ref().is_ok_and(|heard| !heard.chain.is_empty());
            let without_sni = (has_chain && offer.name.as_dns().is_some())
                .then(|| Answer::of(shake(address, &offer.without_name(), timeout)));
            visits.push(Visit { address, answer: Answer::of(heard), without_sni });
        }
        let Some((address, hello_retry_request)) = first else {
            return Err(last_failure.unwrap_or_else(|| {
                let reasons: Vec<_> = visits
                    .iter()
                    .filter_map(|v| Some(format!("{}: {}", v.address, v.answer.error.as_ref()?)))
                    .collect();
                Trouble::network(format!("{host}: nobody answers ({})", reasons.join("; ")))
            }));
        };
        let attempt = |offer: &Offer| shake(address, offer, timeout);
        let suites = DEFAULT_CIPHER_SUITES.iter().map(|&suite| {
            Trial::of(suite.to_string(), attempt(&Offer { cipher_suites: vec![suite], ..offer.clone() }))
        });
        let groups = DEFAULT_GROUPS.iter().map(|&group| {
            Trial::of(group.to_string(), attempt(&Offer { groups: vec![group], ..offer.clone() }))
        });
        let protocols = ["http/1.1", "h2"].into_iter().map(|protocol| {
            Trial::of_protocol(protocol, attempt(&Offer { protocols: vec![protocol], ..offer.clone() }))
        });
        Ok(Self {
            host: host.clone(),
            port: *port,
            server_name: offer.name.as_dns().map(str::to_owned),
            cipher_suites: suites.collect(),
            groups: groups.collect(),
            application_protocols: protocols.collect(),
            hello_retry_request,
            addresses: visits,
        })
    }

    /// Every different chain. One that clients without SNI are served counts only where no other client is.
    pub(crate) fn chains(&self) -> Vec<Served<'_>> {
        let mut chains: Vec<Served<'_>> = Vec::new();
        let with_name = self.addresses.iter().map(|visit| (visit.address, &visit.answer, true));
        let without = self
            .addresses
            .iter()
            .filter_map(|visit| Some((visit.address, visit.without_sni.as_ref()?, false)));
        for (address, answer, sni) in
            with_name.chain(without).filter(|(_, answer, _)| !answer.chain.is_empty())
        {
            match chains.iter_mut().find(|served| served.chain == answer.chain) {
                Some(served) if served.sni == sni => served.addresses.push(address),
                Some(_) => (),
                None => chains.push(Served {
                    chain: &answer.chain,
                    staple: answer.staple.as_deref(),
                    addresses: vec![address],
                    sni,
                }),
            }
        }
        chains
    }
}

/// The chain alone, of the first address that serves one.
pub(crate) fn served_chain(target: &LiveTarget, name: &str, timeout: Duration) -> Result<PemFile, Trouble> {
    let host = &target.host;
    let offer = Offer::everything(server_name(name)?);
    let mut trouble = Trouble::network(format!("{host}: no address"));
    for address in resolve(target)? {
        match shake(address, &offer, timeout) {
            Ok(Heard { chain, .. }) if !chain.is_empty() => {
                return Ok(PemFile { certificates: chain, ..PemFile::default() });
            }
            Ok(Heard { failure: Some(failure), .. }) => trouble = Trouble::of(host, &failure),
            Ok(_) => (),
            Err(error) => trouble = Trouble::network(format!("{host} ({address}): {error}")),
        }
    }
    Err(trouble)
}

fn resolve(LiveTarget { host, port }: &LiveTarget) -> Result<Vec<SocketAddr>, Trouble> {
    let found = (host.as_str(), *port).to_socket_addrs();
    let mut addresses: Vec<SocketAddr> =
        found.map_err(|error| Trouble::network(format!("{host}: {error}")))?.collect();
    addresses.dedup();
    Ok(addresses)
}

impl Offer {
    fn everything(name: ServerName) -> Self {
        Self {
            name,
            cipher_suites: DEFAULT_CIPHER_SUITES.to_vec(),
            groups: DEFAULT_GROUPS.to_vec(),
            protocols: Vec::new(),
        }
    }

    /// "Literal IPv4 and IPv6 addresses are not permitted in "HostName"" (RFC 6066 §3): the extension stays away.
    fn without_name(&self) -> Self {
        Self { name: IpAddr::V4(Ipv4Addr::UNSPECIFIED).into(), ..self.clone() }
    }
}

impl Answer {
    fn of(heard: std::io::Result<Heard>) -> Self {
        match heard {
            Err(error) => Self { error: Some(error.to_string()), ..Self::default() },
            Ok(heard) => Self {
                certificates: heard.chain.len(),
                certificate_message_bytes: heard
                    .certificate_message
                    .or_else(|| (!heard.chain.is_empty()).then(|| certificate_message_bytes(&heard.chain))),
                negotiated: heard.negotiated.as_ref().map(report::negotiated),
                largest_record_bytes: heard.largest_record,
                asks_for_client_certificate: heard.asks_for_certificate,
                error: heard.failure.as_ref().map(sentence),
                chain: heard.chain,
                staple_bytes: heard.staple.as_ref().map(Vec::len),
                staple: heard.staple,
            },
        }
    }
}

/// The size of a Certificate message that carries this chain and nothing beside it (RFC 8446 §4.4.2).
pub(crate) fn certificate_message_bytes(chain: &[Vec<u8>]) -> usize {
    // The message's header, an empty context, the list's length; each certificate's length and extensions.
    4 + 1 + 3 + chain.iter().map(|der| 3 + der.len() + 2).sum::<usize>()
}

impl Trial {
    fn of(offered: String, heard: std::io::Result<Heard>) -> Self {
        match heard {
            Err(error) => Self { offered, accepted: false, remark: Some(error.to_string()) },
            // That a chain was served says that all of this was agreed on before.
            Ok(heard) if !heard.chain.is_empty() => Self { offered, accepted: true, remark: None },
            Ok(heard) => Self { offered, accepted: false, remark: heard.failure.as_ref().map(sentence) },
        }
    }

    fn of_protocol(protocol: &str, heard: std::io::Result<Heard>) -> Self {
        let chosen = heard.as_ref().ok().and_then(|heard| heard.negotiated.as_ref()?.protocol.as_ref());
        let accepted = chosen.is_some_and(|chosen| &chosen[..] == protocol.as_bytes());
        let remark = match &heard {
            Err(error) => Some(error.to_string()),
            Ok(Heard { negotiated: Some(_), .. }) if !accepted => {
                Some("ignored: the server chooses none".to_owned())
            }
            // Our own refusal of the certificate says nothing about protocols.
            Ok(heard) if !heard.chain.is_empty() && !accepted => {
                Some("not known: the handshake does not come to its end".to_owned())
            }
            Ok(heard) if !accepted => heard.failure.as_ref().map(sentence),
            Ok(_) => None,
        };
        Self { offered: protocol.to_owned(), accepted, remark }
    }
}

/// A failure in one sentence.
fn sentence(failure: &Failure) -> String {
    match failure {
        Failure::Tls(
            Error::AlertReceived(AlertDescription::PROTOCOL_VERSION)
            | Error::Incompatible(Incompatible::Version),
        ) => "the server speaks no TLS 1.3; what it serves by TLS 1.2 cannot be looked at yet".to_owned(),
        Failure::Tls(Error::AlertReceived(AlertDescription::CERTIFICATE_REQUIRED)) => {
            "the server demands a client certificate (alert certificate_required)".to_owned()
        }
        other => other.to_string(),
    }
}
