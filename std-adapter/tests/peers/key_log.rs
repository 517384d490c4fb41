//! The key log: Wireshark must be able to read what we say, when its owner asks for that.

use crate::fixtures::Files;
use crate::http;
use crate::peer::{get, openssl_server, rustls_server};
use crate::process::{DEADLINE, Running, find, missing, poll, run};
use std::process::Command;
use std::time::Instant;

#[test]
fn tshark_reads_our_traffic_with_the_key_log() {
    let (Some(dumpcap), Some(tshark)) = (find("dumpcap"), find("tshark")) else { return };
    let files = Files::new();
    let port = rustls_server(&files, &[], |stream| {
        http::read_request(stream)?;
        http::write_response(stream, b"plain")
    });

    let capture = files.path("capture.pcapng");
    let mut command = Command::new(dumpcap);
    command.args(["-q", "-i", "lo", "-f", &format!("tcp port {}", port), "-w"]).arg(&capture);
    let mut recorder = Running::start(&mut command);
    let end = Instant::now() + DEADLINE;
    // dumpcap names its file once it captures.
    let captures = poll("the capture", end, || {
        let said = recorder.written();
        if said.contains("File: ") { Some(true) } else { (!recorder.is_running()).then_some(false) }
    });
    if !captures {
        println!("{}", recorder.written());
        return missing("the right to capture packets on lo (run as root)");
    }

    let key_log = files.path("keys.log");
    let ended = get(&files, port, "/a-page-to-look-for", &["--keylog", key_log.to_str().unwrap()]);
    assert!(
        ended.stderr.contains("warning") && ended.stderr.contains("keys.log"),
        "no warning: {}",
        ended.stderr
    );
    assert_eq!(ended.success(), b"plain");

    let read = |with_keys: bool| {
        let mut command = Command::new(&tshark);
        command.arg("-r").arg(&capture).args(["-d", &format!("tcp.port=={},tls", port)]);
        command.args(["-o", &format!("http.tls.port:{}", port), "-O", "http"]);
        if with_keys {
            command.args(["-o", &format!("tls.keylog_file:{}", key_log.display())]);
        }
        String::from_utf8_lossy(&run(&mut command).stdout).into_owned()
    };
    // The recorder writes when it likes; what it has not yet written is read the next time.
    poll("the request in the decoded capture", end, || {
        let decoded = read(true);
        (decoded.contains("GET /a-page-to-look-for HTTP/1.1") && decoded.contains("HTTP/1.1 200 OK"))
            .then_some(())
    });
    assert!(!read(false).contains("a-page-to-look-for"), "the request is readable without keys");
}

#[test]
fn no_key_log_unless_it_is_asked_for() {
    let files = Files::new();
    let Some(server) = openssl_server(&files, &["-www"]) else { return };
    let key_log = files.path("keys.log");
    let mut command = crate::process::ferrule();
    // The variable that others honour: whoever sets it in our environment gets nothing.
    command.env("SSLKEYLOGFILE", &key_log).arg("get").arg(format!("https://localhost:{}/", server.port));
    command
        .args(["--connect", &format!("127.0.0.1:{}", server.port), "--cafile"])
        .arg(files.path("root.pem"));
    let status = String::from_utf8(run(&mut command).success()).unwrap();
    assert!(status.contains("New, TLSv1.3"), "{status}");
    assert!(!key_log.exists(), "secrets were written without being asked for");
}
