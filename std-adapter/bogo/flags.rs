//! The flags. One that is not known here asks for what Ferrule does not have.

use super::Stop;
use ferrule::crypto::software::{KeyExchange, Verifier};
use ferrule::crypto::{CipherSuite, KeyExchanges, NamedGroup, SignatureScheme, Verifiers};
use std::path::PathBuf;

pub(crate) const TLS_1_2: u16 = 0x0303;
pub(crate) const TLS_1_3: u16 = 0x0304;

/// A certificate chain and its key.
#[derive(Debug, Clone, Default)]
pub(crate) struct CredentialFlags {
    pub(crate) cert_file: Option<PathBuf>,
    pub(crate) key_file: Option<PathBuf>,
    pub(crate) signing_prefs: Vec<SignatureScheme>,
}

/// What one connection is to be like: the fields are the flags.
#[derive(Debug, Clone, Default)]
pub(crate) struct Flags {
    pub(crate) is_handshaker_supported: bool,
    pub(crate) port: u16,
    pub(crate) shim_id: u64,
    pub(crate) ipv6: bool,
    pub(crate) server: bool,
    pub(crate) min_version: u16,
    pub(crate) max_version: u16,
    pub(crate) no_tls12: bool,
    pub(crate) no_tls13: bool,

    pub(crate) trust_cert: Option<PathBuf>,
    /// The one of the flags outside of `-new-x509-credential`.
    pub(crate) credential: CredentialFlags,
    pub(crate) new_credentials: Vec<CredentialFlags>,
    pub(crate) host_name: Option<String>,
    pub(crate) curves: Vec<NamedGroup>,
    pub(crate) key_shares: Vec<NamedGroup>,
    pub(crate) tls13_ciphers: Vec<CipherSuite>,
    pub(crate) verify_prefs: Vec<SignatureScheme>,
    pub(crate) verify_fail: bool,
    pub(crate) advertise_alpn: Vec<Vec<u8>>,
    pub(crate) select_alpn: Option<Vec<u8>>,
    pub(crate) reject_alpn: bool,

    pub(crate) is_async: bool,
    pub(crate) max_send_fragment: Option<usize>,
    pub(crate) export_keying_material: usize,
    pub(crate) export_label: Vec<u8>,
    pub(crate) export_context: Vec<u8>,
    pub(crate) use_exporter_between_reads: bool,
    pub(crate) send_alert: bool,
    pub(crate) write_different_record_sizes: bool,
    pub(crate) shim_writes_first: bool,
    pub(crate) shim_initial_write: Option<Vec<u8>>,
    pub(crate) repeat_shim_initial_write: Option<usize>,
    pub(crate) read_with_unfinished_write: bool,
    pub(crate) key_update: bool,
    pub(crate) key_update_before_read: bool,
    pub(crate) shim_shuts_down: bool,
    pub(crate) check_close_notify: bool,

    pub(crate) expect_session_miss: bool,
    pub(crate) expect_version: Option<u16>,
    pub(crate) expect_cipher: Option<u16>,
    pub(crate) expect_curve_id: Option<u16>,
    pub(crate) expect_peer_signature_algorithm: Option<u16>,
    pub(crate) expect_hrr: bool,
    pub(crate) expect_no_hrr: bool,
    pub(crate) expect_alpn: Option<Vec<u8>>,
    pub(crate) expect_server_name: Option<String>,
    pub(crate) expect_no_server_name: bool,
    pub(crate) expect_peer_cert_file: Option<PathBuf>,
    pub(crate) expect_selected_credential: Option<i64>,
}

impl Flags {
    /// Whether an older version would have been welcome: Ferrule has none, and says so instead of failing.
    pub(crate) const fn allows_older(&self) -> bool {
        self.min_version <= TLS_1_2 && !self.no_tls12
    }
}

pub(crate) struct Parsed {
    pub(crate) first: Flags,
    /// Of the connections after the first.
    pub(crate) again: Flags,
    pub(crate) resume_count: usize,
}

/// The value of a flag.
struct Values<'a>(&'a mut dyn Iterator<Item = Vec<u8>>);

impl Values<'_> {
    fn bytes(&mut self) -> Result<Vec<u8>, Stop> {
        self.0.next().ok_or_else(|| Stop::failed("a flag lacks its value"))
    }

    fn text(&mut self) -> Result<String, Stop> {
        String::from_utf8(self.bytes()?).map_err(|_| Stop::unimplemented("a value that is not UTF-8"))
    }

    fn path(&mut self) -> Result<PathBuf, Stop> {
        self.text().map(PathBuf::from)
    }

    fn number<N: std::str::FromStr>(&mut self) -> Result<N, Stop> {
        let text = self.text()?;
        text.parse().map_err(|_| Stop::failed(format!("{text:?} is not a number that fits here")))
    }
}

pub(crate) fn parse(mut arguments: impl Iterator<Item = Vec<u8>>) -> Result<Parsed, Stop> {
    let mut parsed = Parsed { first: Flags::default(), again: Flags::default(), resume_count: 0 };
    while let Some(flag) = arguments.next() {
        let flag = String::from_utf8(flag).map_err(|_| Stop::failed("a flag that is not UTF-8"))?;
        let name = flag.strip_prefix("-on-shim").unwrap_or(&flag);
        let mut values = Values(&mut arguments);
        // The handshaker is another process, and there is none; a retry follows refused early data.
        let elsewhere = name.strip_prefix("-on-handshaker").or_else(|| name.strip_prefix("-on-retry"));
        if let Some(name) = elsewhere {
            set(&mut Flags::default(), name, &mut values)?;
        } else if name == "-resume-count" {
            parsed.resume_count = values.number()?;
        } else if let Some(name) = name.strip_prefix("-on-initial") {
            set(&mut parsed.first, name, &mut values)?;
        } else if let Some(name) = name.strip_prefix("-on-resume") {
            set(&mut parsed.again, name, &mut values)?;
        } else {
            // Both get the same: the values are read once, and given twice.
            let mut read = Vec::new();
            let mut noting = std::iter::from_fn(|| {
                let value = values.0.next()?;
                read.push(value.clone());
                Some(value)
            });
            set(&mut parsed.first, name, &mut Values(&mut noting))?;
            set(&mut parsed.again, name, &mut Values(&mut read.into_iter()))?;
        }
    }
    Ok(parsed)
}

fn set(flags: &mut Flags, name: &str, values: &mut Values<'_>) -> Result<(), Stop> {
    match name {
        "-is-handshaker-supported" => flags.is_handshaker_supported = true,
        "-port" => flags.port = values.number()?,
        "-shim-id" => flags.shim_id = values.number()?,
        "-ipv6" => flags.ipv6 = true,
        "-server" => flags.server = true,
        "-min-version" => flags.min_version = values.number()?,
        "-max-version" => flags.max_version = values.number()?,
        "-no-tls12" => flags.no_tls12 = true,
        "-no-tls13" => flags.no_tls13 = true,

        "-trust-cert" => flags.trust_cert = Some(values.path()?).filter(|path| !path.as_os_str().is_empty()),
        "-new-x509-credential" => flags.new_credentials.push(CredentialFlags::default()),
        "-cert-file" => credential(flags).cert_file = Some(values.path()?),
        "-key-file" => credential(flags).key_file = Some(values.path()?),
        "-signing-prefs" => {
            let scheme = SignatureScheme(values.number()?);
            credential(flags).signing_prefs.push(scheme);
        }
        "-host-name" => flags.host_name = Some(values.text()?),
        "-curves" => flags.curves.push(group(values)?),
        "-key-shares" => flags.key_shares.push(group(values)?),
        "-tls13-ciphers" => flags.tls13_ciphers.push(CipherSuite(values.number()?)),
        "-verify-prefs" => {
            let scheme = SignatureScheme(values.number()?);
            if Verifier::schemes().all(|has| has != scheme) {
                return Err(Stop::unimplemented(format!("{scheme}")));
            }
            flags.verify_prefs.push(scheme);
        }
        // A client verifies always; from clients no certificate is asked for.
        "-verify-peer" if flags.server => return Err(Stop::unimplemented("client certificates")),
        "-verify-fail" => flags.verify_fail = true,
        "-advertise-alpn" => flags.advertise_alpn = protocols(&values.bytes()?)?,
        "-select-alpn" => flags.select_alpn = Some(values.bytes()?),
        "-reject-alpn" => flags.reject_alpn = true,

        "-async" => flags.is_async = true,
        "-max-send-fragment" => flags.max_send_fragment = Some(values.number()?),
        "-export-keying-material" => flags.export_keying_material = values.number()?,
        "-export-label" => flags.export_label = values.bytes()?,
        "-export-context" => flags.export_context = values.bytes()?,
        "-use-exporter-between-reads" => flags.use_exporter_between_reads = true,
        "-send-alert" => flags.send_alert = true,
        "-write-different-record-sizes" => flags.write_different_record_sizes = true,
        "-shim-writes-first" => flags.shim_writes_first = true,
        "-shim-initial-write" => flags.shim_initial_write = Some(values.bytes()?),
        "-repeat-shim-initial-write" => flags.repeat_shim_initial_write = Some(values.number()?),
        "-read-with-unfinished-write" => flags.read_with_unfinished_write = true,
        "-key-update" => flags.key_update = true,
        "-key-update-before-read" => flags.key_update_before_read = true,
        "-shim-shuts-down" => flags.shim_shuts_down = true,
        "-check-close-notify" => flags.check_close_notify = true,

        "-expect-session-miss" => flags.expect_session_miss = true,
        "-expect-version" => flags.expect_version = Some(values.number()?),
        "-expect-cipher" => flags.expect_cipher = Some(values.number()?),
        "-expect-curve-id" => flags.expect_curve_id = Some(values.number()?),
        "-expect-peer-signature-algorithm" => flags.expect_peer_signature_algorithm = Some(values.number()?),
        "-expect-hrr" => flags.expect_hrr = true,
        "-expect-no-hrr" => flags.expect_no_hrr = true,
        "-expect-alpn" => flags.expect_alpn = Some(values.bytes()?),
        "-expect-server-name" => flags.expect_server_name = Some(values.text()?),
        "-expect-no-server-name" => flags.expect_no_server_name = true,
        "-expect-peer-cert-file" => flags.expect_peer_cert_file = Some(values.path()?),
        "-expect-selected-credential" => flags.expect_selected_credential = Some(values.number()?),

        // What they ask for is so in any case: partial writes, handshakes on the first read, one verifier, no
        // tickets, no renegotiation, no extended_master_secret beside TLS 1.3's own, the server's order.
        "-no-tls1"
        | "-no-tls11"
        | "-verify-peer"
        | "-partial-write"
        | "-implicit-handshake"
        | "-handshake-twice"
        | "-no-op-extra-handshake"
        | "-use-custom-verify-callback"
        | "-expect-verify-result"
        | "-no-ticket"
        | "-expect-no-session"
        | "-expect-no-session-id"
        | "-expect-extended-master-secret"
        | "-use-export-context"
        | "-renegotiate-freely"
        | "-renegotiate-ignore"
        | "-renegotiate-once"
        | "-forbid-renegotiation-after-handshake"
        | "-expect-no-peer-cert"
        | "-server-preference"
        | "-decline-alpn"
        | "-allow-hint-mismatch" => {}
        // It stays within a record, as everything does here.
        "-read-size" => drop(values.bytes()?),
        // What the client offered is seen by what is chosen from it.
        "-expect-advertised-alpn" => drop(values.bytes()?),
        other => return Err(Stop::unimplemented(format!("the flag {other}"))),
    }
    Ok(())
}

fn credential(flags: &mut Flags) -> &mut CredentialFlags {
    flags.new_credentials.last_mut().unwrap_or(&mut flags.credential)
}

fn group(values: &mut Values<'_>) -> Result<NamedGroup, Stop> {
    let group = NamedGroup(values.number()?);
    if KeyExchange::groups().any(|has| has == group) {
        Ok(group)
    } else {
        Err(Stop::unimplemented(format!("{group}")))
    }
}

/// A list as ProtocolNameList has it (RFC 7301 §3.1).
fn protocols(mut list: &[u8]) -> Result<Vec<Vec<u8>>, Stop> {
    let mut protocols = Vec::new();
    while let Some((&length, rest)) = list.split_first() {
        let (name, rest) = rest
            .split_at_checked(usize::from(length))
            .ok_or_else(|| Stop::failed("a protocol list that is cut short"))?;
        protocols.push(name.to_vec());
        list = rest;
    }
    Ok(protocols)
}
