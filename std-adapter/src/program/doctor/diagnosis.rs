//! What is asked, and all that is answered: the one source of the report and of the JSON.

use super::arguments::DoctorArguments;
use super::case::{Case, ExpectedName, Role};
use super::changes::{Change, Scenario, changes, flips, scenarios, valid_time};
use super::consumers::Consumer;
use super::damage::{self, Damage};
use super::facts::Facts;
use super::finding::Finding;
use super::live::{LiveTarget, Served, Survey, observations, served_chain};
use super::moment;
use super::pem_file::PemFile;
use super::reasons::add_reasons;
use super::verdict::{Verdict, verdicts};
use crate::program::outcome::Trouble;
use std::path::Path;
use std::time::Duration;

/// One chain, and what everybody says to it.
#[derive(Debug)]
pub(crate) struct Diagnosis {
    /// Where the chain comes from: a file, or a host and the addresses that serve it.
    pub(crate) source: String,
    pub(crate) store: String,
    pub(crate) case: Case,
    pub(crate) verdicts: Vec<Verdict>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) previous: Option<Previous>,
    pub(crate) survey: Option<Survey>,
    /// Other chains that the same server serves.
    pub(crate) elsewhere: Vec<Elsewhere>,
    pub(crate) notes: Vec<String>,
}

/// The chain before the renewal.
#[derive(Debug)]
pub(crate) struct Previous {
    pub(crate) source: String,
    pub(crate) case: Case,
    pub(crate) verdicts: Vec<Verdict>,
    /// Why it is judged at another time, if it is.
    pub(crate) remark: Option<String>,
    pub(crate) changes: Vec<Change>,
    /// Who else refuses now.
    pub(crate) scenarios: Vec<Scenario>,
}

/// A chain that is served at other addresses, or to clients without SNI.
#[derive(Debug)]
pub(crate) struct Elsewhere {
    pub(crate) addresses: Vec<String>,
    pub(crate) sni: bool,
    pub(crate) case: Case,
    pub(crate) verdicts: Vec<Verdict>,
}

impl Diagnosis {
    /// `None` where neither a host nor a file is named.
    pub(crate) fn of(arguments: &DoctorArguments) -> Result<Option<Self>, Trouble> {
        let bench = Bench::of(arguments)?;
        let mut diagnosis = match (&arguments.host, &arguments.chain) {
            (Some(host), _) => bench.live(host)?,
            (None, Some(path)) => bench.offline(path)?,
            (None, None) => return Ok(None),
        };
        if let Some(previous) = &arguments.previous {
            diagnosis.previous = Some(bench.previous(previous, &diagnosis)?);
        }
        diagnosis.findings.sort_by_key(|finding| finding.severity);
        Ok(Some(diagnosis))
    }

    /// Whether everybody who was asked accepts, wherever the server's name is sent.
    pub(crate) fn is_accepted(&self) -> bool {
        let elsewhere = self.elsewhere.iter().filter(|other| other.sni).flat_map(|other| &other.verdicts);
        self.verdicts.iter().chain(elsewhere).all(|verdict| verdict.accepts)
    }

    /// What to do, the most urgent first, each once.
    pub(crate) fn fixes(&self) -> Vec<&str> {
        let mut fixes: Vec<&str> = Vec::new();
        for fix in self.findings.iter().filter_map(|finding| finding.fix.as_deref()) {
            if !fixes.contains(&fix) {
                fixes.push(fix);
            }
        }
        fixes
    }
}

/// What is the same for every chain of a run.
struct Bench<'a> {
    arguments: &'a DoctorArguments,
    consumers: Vec<Consumer>,
    store: Vec<Facts>,
    store_name: String,
    crls: Vec<Vec<u8>>,
    at: i64,
    notes: Vec<String>,
}

impl<'a> Bench<'a> {
    fn of(arguments: &'a DoctorArguments) -> Result<Self, Trouble> {
        let mut notes = Vec::new();
        let (store_name, store) = store(arguments.cafile.as_deref(), &mut notes)?;
        let crls = match &arguments.crl {
            Some(path) => {
                let lists = PemFile::read(path)?.revocation_lists;
                if lists.is_empty() {
                    let none = "no revocation list in it: it has no section -----BEGIN X509 CRL-----";
                    return Err(Trouble::usage(format!("{}: {none}", path.display())));
                }
                lists
            }
            None => Vec::new(),
        };
        let consumers = consumers(&arguments.consumer)?;
        let at = arguments.at.unwrap_or_else(moment::now);
        Ok(Self { arguments, consumers, store, store_name, crls, at, notes })
    }

    fn case(&self, chain: &[Vec<u8>], name: Option<&str>) -> (Case, Vec<Damage>) {
        let (served, damages) = damage::read(chain);
        let case = Case {
            served,
            store: self.store.clone(),
            name: name.map(ExpectedName::parse),
            role: if self.arguments.client { Role::Client } else { Role::Server },
            at: self.at,
            crls: self.crls.clone(),
            staple: None,
        };
        (case, damages)
    }

    fn verdicts(&self, case: &Case, damages: &[Damage]) -> Vec<Verdict> {
        match damages {
            [] => verdicts(case, &self.consumers),
            [first, ..] => first.verdicts(case, &self.consumers),
        }
    }

    fn diagnosis(&self, source: String, case: Case, damages: &[Damage]) -> Diagnosis {
        let verdicts = self.verdicts(&case, damages);
        let mut findings: Vec<Finding> = damages.iter().map(Damage::finding).collect();
        if !case.served.is_empty() {
            findings.extend(super::finding::findings(&case));
        }
        add_reasons(&mut findings, &verdicts, &case);
        Diagnosis {
            source,
            store: self.store_name.clone(),
            verdicts,
            findings,
            case,
            previous: None,
            survey: None,
            elsewhere: Vec::new(),
            notes: self.notes.clone(),
        }
    }

    fn offline(&self, path: &Path) -> Result<Diagnosis, Trouble> {
        let file = PemFile::with_certificates(path)?;
        let source = path.display().to_string();
        let (case, damages) = self.case(&file.certificates, self.arguments.name.as_deref());
        let mut diagnosis = self.diagnosis(source, case, &damages);
        if file.private_keys > 0 {
            let note = format!("{} holds a private key too; it was not looked at", path.display());
            diagnosis.notes.push(note);
        }
        if self.arguments.cafile.is_none() && self.arguments.client {
            let note = "no --cafile: few servers trust Mozilla's roots, which were taken, for their clients";
            diagnosis.notes.push(note.to_owned());
        }
        if self.arguments.name.is_none() && !self.arguments.client {
            diagnosis.notes.push("no --name: whether the name fits was not checked".to_owned());
        }
        Ok(diagnosis)
    }

    fn timeout(&self) -> Duration {
        Duration::from_secs(self.arguments.timeout)
    }

    fn live(&self, host: &str) -> Result<Diagnosis, Trouble> {
        let target: LiveTarget = host.parse().map_err(Trouble::usage)?;
        let name = self.arguments.name.as_deref().unwrap_or(&target.host);
        let survey = Survey::of(&target, name, &self.arguments.connect, self.timeout())?;
        let mut chains = Vec::new();
        for Served { chain, staple, addresses, sni } in survey.chains() {
            let (case, damages) = self.case(chain, Some(name));
            let case = Case { staple: staple.map(<[u8]>::to_vec), ..case };
            let addresses = addresses.iter().map(ToString::to_string).collect();
            let verdicts = self.verdicts(&case, &damages);
            chains.push((Elsewhere { addresses, sni, verdicts, case }, damages));
        }
        // Worst first; among equals, the first address's.
        let refusals = |chain: &Elsewhere| chain.verdicts.iter().filter(|verdict| !verdict.accepts).count();
        let with_name = (0..chains.len()).filter(|index| chains[*index].0.sni).rev();
        let Some(worst) = with_name.max_by_key(|index| refusals(&chains[*index].0)) else {
            return Err(Trouble::network(format!("{host}: no chain was served")));
        };
        let (main, damages) = chains.remove(worst);
        let chains: Vec<Elsewhere> = chains.into_iter().map(|(chain, _)| chain).collect();
        let source = format!("{host} ({})", main.addresses.join(", "));
        let mut diagnosis = self.diagnosis(source, main.case, &damages);
        diagnosis.findings.extend(observations(&survey, &chains));
        diagnosis.elsewhere = chains;
        diagnosis.survey = Some(survey);
        Ok(diagnosis)
    }

    fn previous(&self, source: &str, now: &Diagnosis) -> Result<Previous, Trouble> {
        let current = &now.case;
        let path = Path::new(source);
        let looks_like_file = path.exists() || source.contains('/') || source.contains(".pem");
        let file = if looks_like_file {
            PemFile::with_certificates(path)?
        } else {
            let target: LiveTarget = source.parse().map_err(Trouble::usage)?;
            let name = self.arguments.name.as_deref().unwrap_or(&target.host);
            served_chain(&target, name, self.timeout())?
        };
        let (case, damages) = self.case(&file.certificates, None);
        let mut case = Case { name: current.name.clone(), ..case };
        let (at, remark) = valid_time(&case, self.at);
        case.at = at;
        let verdicts = self.verdicts(&case, &damages);
        let hurt: Vec<&str> =
            flips(&verdicts, &now.verdicts).iter().map(|flip| flip.after.consumer).collect();
        // Who is hurt in any case needs no scenario for it.
        let others: Vec<Consumer> =
            self.consumers.iter().copied().filter(|consumer| !hurt.contains(&consumer.name())).collect();
        let is_whole = damages.is_empty() && !current.served.is_empty();
        Ok(Previous {
            source: source.to_owned(),
            remark,
            changes: changes(&case, current),
            scenarios: if is_whole { scenarios(&case, current, &others) } else { Vec::new() },
            verdicts,
            case,
        })
    }
}

/// The consumers' trust anchors, and what to call them.
fn store(cafile: Option<&Path>, notes: &mut Vec<String>) -> Result<(String, Vec<Facts>), Trouble> {
    let (name, certificates) = match cafile {
        Some(path) => (path.display().to_string(), PemFile::with_certificates(path)?.certificates),
        None => {
            let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().map(|root| root.to_vec());
            ("Mozilla's roots".to_owned(), roots.collect())
        }
    };
    let mut store = Vec::new();
    for (index, der) in certificates.iter().enumerate() {
        match Facts::parse(der) {
            Ok(facts) => store.push(facts),
            Err(reason) => notes.push(format!("{name}: certificate {index} is left out: {reason}")),
        }
    }
    Ok((name, store))
}

fn consumers(names: &[String]) -> Result<Vec<Consumer>, Trouble> {
    if names.is_empty() {
        return Ok(Consumer::ALL.to_vec());
    }
    let known = || Consumer::ALL.map(Consumer::name).join(", ");
    let by_name = |name: &String| {
        Consumer::from_name(name).ok_or_else(|| {
            Trouble::usage(format!("--consumer {name}: nobody of that name is known; known are {}", known()))
        })
    };
    names.iter().map(by_name).collect()
}
