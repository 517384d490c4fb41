//! The command line of `ferrule doctor`.

use super::moment;
use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Which consumers refuse a certificate chain, with which words, why, and what to change.
#[derive(Debug, Args)]
#[command(after_long_help = LONG_HELP, arg_required_else_help = true)]
pub(crate) struct DoctorArguments {
    /// A live server: HOST, HOST:PORT, [IPV6]:PORT; port 443 unless said otherwise.
    #[arg(value_name = "HOST[:PORT]", conflicts_with_all = ["chain", "client"])]
    pub(crate) host: Option<String>,
    /// A chain file: the server's own certificate first, the rest in any order.
    #[arg(long, value_name = "FULLCHAIN.pem")]
    pub(crate) chain: Option<PathBuf>,
    /// The name or IP address by which consumers call the server (live: HOST).
    #[arg(long, value_name = "HOST|IP")]
    pub(crate) name: Option<String>,
    /// The consumers' whole trust store; without it, Mozilla's roots.
    #[arg(long, value_name = "PEM")]
    pub(crate) cafile: Option<PathBuf>,
    /// What was served before: tells what changed, and who is hurt by it.
    #[arg(long, value_name = "OLD.pem|HOST[:PORT]")]
    pub(crate) previous: Option<String>,
    /// Ask these consumers only; the exit code is then theirs.
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    pub(crate) consumer: Vec<String>,
    /// The chain is a client's certificate (mTLS), and the consumers are servers.
    #[arg(long)]
    pub(crate) client: bool,
    /// Judge as of this time instead of now: RFC 3339, a date, or Unix seconds.
    #[arg(long, value_name = "TIME", value_parser = moment::parse, allow_hyphen_values = true)]
    pub(crate) at: Option<i64>,
    /// Certificate revocation lists to take into account.
    #[arg(long, value_name = "PEM")]
    pub(crate) crl: Option<PathBuf>,
    /// Tell the likely causes of this error text, pasted from any consumer's log.
    #[arg(long, value_name = "ERROR TEXT", allow_hyphen_values = true)]
    pub(crate) explain: Option<String>,
    /// Print all of it as one JSON object; with --rules, a list of all rules.
    #[arg(long)]
    pub(crate) json: bool,
    /// Print the rules that consumers judge by, with the sources of that knowledge.
    #[arg(long)]
    pub(crate) rules: bool,
    /// Live: visit these addresses instead of the host's own; the name that is asked for stays.
    #[arg(long, value_delimiter = ',', value_name = "ADDR:PORT")]
    pub(crate) connect: Vec<SocketAddr>,
    /// Live: give up on a silent address after so many seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    pub(crate) timeout: u64,
}

const LONG_HELP: &str = "\
Consumers: openssl, curl, python-3.12, python-3.13, node, go, java, gnutls, nss, chrome, rustls,
mbedtls, bearssl, wolfssl, schannel, apple, ferrule (the path builder), ferrule-firmware (the
streaming chain).

Exit codes: 0 all asked consumers accept, 1 one of them refuses, 2 usage, 3 network.

A live run makes TLS 1.3 handshakes only. It takes whatever certificate is served, and sends no
application data.

--json prints one object:
  subject       what was judged: {\"source\", \"name\", \"role\", \"at\", \"store\"}
  verdicts      [{\"consumer\", \"version\", \"accepts\", \"error\", \"basis\", \"rule\", \"certificate\"}]
                basis: \"run\" (checked by running it), \"source\" or \"documentation\";
                error: its own words, or null; certificate: its index as served, or null
  findings      [{\"certificate\", \"rule\", \"section\", \"severity\", \"message\", \"fix\"}]
                severity: \"error\", \"warning\" or \"note\"
  chain         as served, then as the store completes it:
                [{\"place\", \"index\", \"remarks\", \"subject\", \"issuer\", \"key\", \"signature\",
                \"not_before\", \"not_after\", \"names\", \"bytes\", \"sha256\"}]
                place: \"leaf\", \"issuer\", \"surplus\", \"root\", \"missing\" or \"anchor\"
  changes       since --previous: [{\"what\", \"before\", \"after\", \"hurts\": [{\"who\", \"why\"}]}]
  flips         verdicts that changed with it: [{\"consumer\", \"before\": verdict, \"after\": verdict}]
  scenarios     who refuses now if the consumers are not as asked: [{\"when\", \"flips\"}]
  previous      how the old chain was judged: {\"source\", \"at\", \"remark\"}
  fixes         what to do, most urgent first: [text]
  firmware      what Ferrule in firmware needs: {\"verifies\", \"scratch_bytes\",
                \"receive_buffer_bytes\"}
  live          the handshakes of a live run, or null: {\"host\", \"port\", \"server_name\",
                \"addresses\", \"cipher_suites\", \"groups\", \"application_protocols\",
                \"hello_retry_request\"}
  elsewhere     other chains of the same server: [{\"addresses\", \"sni\", \"certificates\",
                \"verdicts\"}]
  explanations  for --explain, likeliest first: [{\"rule\", \"cause\", \"said_by\", \"section\",
                \"fix\", \"shown\"}]
  notes         what else the reader should know: [text]
";
