//! Consumers that are programs: run once for each case.

use super::{Bench, Measured};
use crate::draft::Role;
use crate::files::Filed;
use crate::process::{Ended, Running, find, run};
use std::net::IpAddr;
use std::path::Path;
use std::process::Command;

fn measured(consumer: &'static str, version: &str, filed: &Filed, error: Option<String>) -> Measured {
    let case = filed.case.name.clone();
    Measured { case, consumer, version: version.to_owned(), accepts: error.is_none(), error }
}

/// The rest of the first line that has `start` in it.
fn after<'t>(text: &'t str, start: &str) -> Option<&'t str> {
    text.lines().find_map(|line| Some(line[line.find(start)? + start.len()..].trim()))
}

fn version(program: &Path, argument: &str, word: usize) -> String {
    let ended = run(Command::new(program).arg(argument));
    String::from_utf8_lossy(&ended.stdout).split_whitespace().nth(word).unwrap_or("?").to_owned()
}

/// `openssl s_client`, and `s_server` for a client's chain; both stop at the first error.
pub(super) fn openssl(bench: &Bench<'_>) -> Option<Vec<Measured>> {
    let program = find("openssl")?;
    let version = version(&program, "version", 1);
    let each = |(filed, port): (&Filed, &u16)| {
        let (text, accepts) = match filed.case.role {
            Role::Server => s_client(&program, filed, *port),
            Role::Client => s_server(&program, filed, bench),
        };
        let refusal = after(&text, "verify error:num=").map(|error| format!("verify error:num={error}"));
        let error = || refusal.or_else(|| queued(&text)).unwrap_or("no connection".into());
        let error = (!accepts).then(error);
        measured("openssl", &version, filed, error)
    };
    Some(bench.cases.iter().zip(&bench.ports).map(each).collect())
}

fn s_client(program: &Path, filed: &Filed, port: u16) -> (String, bool) {
    let host = filed.case.host.as_deref().unwrap_or_default();
    let mut command = Command::new(program);
    command
        .args(["s_client", "-verify_return_error", "-no-CApath", "-no-CAstore", "-CAfile"])
        .arg(filed.store());
    command.args(["-connect", &format!("127.0.0.1:{port}")]);
    match host.parse::<IpAddr>() {
        Ok(_) => command.args(["-verify_ip", host, "-noservername"]),
        Err(_) => command.args(["-verify_hostname", host, "-servername", host]),
    };
    let ended = run(&mut command);
    // It says that the verification is fine when there was none.
    let text = both(&ended);
    let accepts = ended.status.success() && text.contains("Verify return code: 0 (ok)");
    (text, accepts)
}

fn s_server(program: &Path, filed: &Filed, bench: &Bench<'_>) -> (String, bool) {
    let mut command = Command::new(program);
    command.args([
        "s_server",
        "-accept",
        "127.0.0.1:0",
        "-naccept",
        "1",
        "-Verify",
        "20",
        "-verify_return_error",
    ]);
    command.args(["-no-CApath", "-no-CAstore", "-CAfile"]).arg(filed.store());
    command.arg("-cert").arg(bench.identity.with_extension("pem"));
    command.arg("-key").arg(bench.identity.with_extension("key"));
    let server = Running::start(&mut command);
    let port = server.stdout_line("ACCEPT 127.0.0.1:").parse().unwrap();
    let _ = crate::server::visit(&filed.case, port);
    let text = both(&server.wait());
    // Only a server that is content hears what the client says.
    let accepts = text.contains("hello");
    (text, accepts)
}

fn both(ended: &Ended) -> String {
    format!("{}\n{}", ended.stderr, String::from_utf8_lossy(&ended.stdout))
}

/// The line of OpenSSL's error queue, if there is one.
fn queued(text: &str) -> Option<String> {
    text.lines().find(|line| line.contains(":error:")).map(str::to_owned)
}

/// curl; it has no server's side.
pub(super) fn curl(bench: &Bench<'_>) -> Option<Vec<Measured>> {
    let program = find("curl")?;
    let version = version(&program, "--version", 1);
    let each = |(filed, port): (&Filed, &u16)| {
        let host = filed.case.host.as_deref()?;
        let address = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        let mut command = Command::new(&program);
        command.args([
            "--disable",
            "--noproxy",
            "*",
            "--silent",
            "--show-error",
            "--max-time",
            "20",
            "--cacert",
        ]);
        command.arg(filed.store()).args(["--connect-to", &format!("::127.0.0.1:{port}")]);
        let ended = run(command.arg(format!("https://{address}/")));
        let line = ended.stderr.lines().next().unwrap_or("?").to_owned();
        Some(measured("curl", &version, filed, (!ended.status.success()).then_some(line)))
    };
    Some(bench.cases.iter().zip(&bench.ports).filter_map(each).collect())
}

/// `gnutls-cli`; a client's chain by `certtool`, for that purpose.
pub(super) fn gnutls(bench: &Bench<'_>) -> Option<Vec<Measured>> {
    let (program, tool) = (find("gnutls-cli")?, find("certtool")?);
    let version = version(&program, "--version", 1);
    let each = |(filed, port): (&Filed, &u16)| {
        let error = match filed.case.host.as_deref() {
            Some(host) => gnutls_cli(&program, filed, host, *port),
            None => certtool(&tool, filed),
        };
        measured("gnutls", &version, filed, error)
    };
    Some(bench.cases.iter().zip(&bench.ports).map(each).collect())
}

fn gnutls_cli(program: &Path, filed: &Filed, host: &str, port: u16) -> Option<String> {
    let mut command = Command::new(program);
    command.arg("--x509cafile").arg(filed.store()).arg(format!("--verify-hostname={host}"));
    if host.parse::<IpAddr>().is_err() {
        command.arg(format!("--sni-hostname={host}"));
    }
    let text = both(&run(command.args(["-p", &port.to_string(), "127.0.0.1"])));
    if text.contains("Handshake was completed") {
        return None;
    }
    let status = after(&text, "- Status: ").filter(|status| !status.contains("is trusted"));
    let fatal = || after(&text, "*** Fatal error: ");
    Some(
        status
            .or_else(fatal)
            .or_else(|| text.lines().find(|l| l.contains("Error")))
            .unwrap_or("?")
            .to_owned(),
    )
}

fn certtool(program: &Path, filed: &Filed) -> Option<String> {
    let mut command = Command::new(program);
    command.args(["--verify", "--verify-purpose", crate::extension::CLIENT_AUTH, "--load-ca-certificate"]);
    let ended = run(command.arg(filed.store()).arg("--infile").arg(filed.served()));
    let text = both(&ended);
    let output = after(&text, "Chain verification output: ").unwrap_or(text.lines().next().unwrap_or("?"));
    (!ended.status.success()).then(|| output.to_owned())
}
