//! What an error text comes down to: the words that say why, without dates, addresses and the names of one run.

/// The essence of a consumer's line; the doctor's is put through the same.
pub(crate) fn essence(consumer: &str, error: &str) -> String {
    let text = match consumer {
        "openssl" => openssl(error),
        "curl" => curl(error),
        "python-3.12" | "python-3.13" => {
            between(between(error, "] ", " (_ssl.c"), "certificate verify failed: ", "\n")
        }
        "node" => node(error),
        "go" => go(error),
        "java" => after_last(error, "Exception: "),
        "gnutls" => between(error, "NOT trusted. ", "\n"),
        "nss" => error.split(": ").find(|part| part.contains("_ERROR_")).unwrap_or(error),
        "rustls" => rustls(error),
        // The text of a number is another in each way that wolfSSL can be built.
        "wolfssl" => number(error),
        "bearssl" => error.split_whitespace().find(|word| word.starts_with("BR_ERR_")).unwrap_or(error),
        _ => error,
    };
    text.trim().trim_end_matches(['.', ':']).to_lowercase()
}

/// Whether two lines say the same, one perhaps more fully.
pub(crate) fn agree(consumer: &str, measured: &str, foretold: &str) -> bool {
    let (measured, foretold) = (essence(consumer, measured), essence(consumer, foretold));
    if measured.is_empty() || foretold.is_empty() {
        return measured == foretold;
    }
    // A fragment would fit everywhere.
    let long_enough = foretold.len() * 5 >= measured.len() * 3;
    foretold.contains(&measured) || long_enough && measured.contains(&foretold)
}

/// Between two marks: all before the first goes, if it is there, and so does all from the second.
fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    let text = text.find(start).map_or(text, |at| &text[at + start.len()..]);
    text.find(end).map_or(text, |at| &text[..at])
}

fn after_last<'t>(text: &'t str, mark: &str) -> &'t str {
    text.rfind(mark).map_or(text, |at| &text[at + mark.len()..])
}

/// The reason in a line of OpenSSL's error queue: `…:error:CODE:library:function:reason:file:line:`, or
/// `error:CODE:library::reason`.
fn queued(text: &str) -> Option<&str> {
    let rest = &text[text.find("error:")?..];
    rest.split(':').nth(4)
}

fn openssl(text: &str) -> &str {
    if let Some(at) = text.find("num=") {
        return text[at..].split_once(':').map_or(text, |(_, reason)| reason);
    }
    queued(text).unwrap_or(text)
}

fn curl(text: &str) -> &str {
    if text.contains("error:") {
        return queued(text).unwrap_or(text);
    }
    let text = between(text, "SSL certificate problem: ", "\n");
    between(text, "SSL: ", "target host name")
}

fn node(text: &str) -> &str {
    // The code in brackets follows from the text.
    let text = between(text, "\u{0}", " [");
    if text.contains(":error:") { queued(text).unwrap_or(text) } else { between(text, "\u{0}", "altnames") }
}

fn go(text: &str) -> &str {
    let text = between(text, "x509: ", " (possibly because of");
    between(text, "\u{0}", ": current time")
}

fn rustls(text: &str) -> &str {
    let text = between(text, "invalid peer certificate: ", ": verification time");
    let text = between(text, "\u{0}", " {");
    between(text, "\u{0}", "; certificate is")
}

fn number(text: &str) -> &str {
    text.split_whitespace().find(|word| word.starts_with('-')).unwrap_or(text)
}

#[test]
fn lines_of_two_runs_and_of_two_versions_come_down_to_the_same() {
    let same = [
        (
            "openssl",
            "verify error:num=20:unable to get local issuer certificate",
            "unable to get local issuer certificate",
        ),
        (
            "node",
            "80112863787F0000:error:0A00017A:SSL routines:tls12_check_peer_sigalg:wrong curve:../t1_lib.c:1538: \
             [ERR_SSL_WRONG_CURVE]",
            "wrong curve",
        ),
        (
            "python-3.13",
            "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: Missing Authority Key Identifier (_ssl.c:1020)",
            "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: Missing Authority Key Identifier (_ssl.c:1000)",
        ),
        (
            "go",
            "tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time A",
            "x509: certificate has expired or is not yet valid: current time B",
        ),
        ("wolfssl", "-188 certificate verify failed", "-188 ASN no signer error to confirm failure"),
        ("curl", "curl: (35) OpenSSL/3.0.19: error:0A00017A:SSL routines::wrong curve", "wrong curve"),
    ];
    for (consumer, one, other) in same {
        assert!(agree(consumer, one, other), "{consumer}: {one:?} and {other:?}");
    }
    assert!(!agree("wolfssl", "-188 certificate verify failed", "-322 peer subject name mismatch"));
    assert!(!agree(
        "go",
        "x509: unhandled critical extension",
        "x509: certificate signed by unknown authority"
    ));
}
