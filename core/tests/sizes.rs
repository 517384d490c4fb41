//! How much memory a connection takes. The README's table is this test's output.
#![allow(clippy::unwrap_used)]

use ferrule::certificate::chain;
use ferrule::crypto::software::Provider;
use ferrule::crypto::{CryptoError, Random};
use ferrule::{
    ClientConfig, ClientConnection, Established, REQUIRED_SCRATCH, ReadHalf, ServerConfig, ServerConnection,
    WriteHalf, required_scratch, required_server_scratch,
};

/// A random source that takes no memory.
struct Hardware;

impl Random for Hardware {
    fn fill(&mut self, _: &mut [u8]) -> Result<(), CryptoError> {
        Err(CryptoError::NoRandomness)
    }
}

type P = Provider<Hardware>;

#[test]
fn the_table_of_the_readme_is_true() {
    let table = [
        (
            "`ClientConnection`, without its scratch",
            size_of::<ClientConnection<P, &ClientConfig<'_, chain::Verifier<'_>>, &mut [u8]>>(),
        ),
        (
            "`ServerConnection`, without its scratch",
            size_of::<ServerConnection<P, &ServerConfig<'_>, &mut [u8]>>(),
        ),
        (
            "the same of a server that asks for client certificates",
            size_of::<ServerConnection<P, &ServerConfig<'_, chain::Verifier<'_>>, &mut [u8]>>(),
        ),
        ("`Established`", size_of::<Established<P>>()),
        ("`ReadHalf`", size_of::<ReadHalf<P>>()),
        ("`WriteHalf`", size_of::<WriteHalf<P>>()),
        ("a client's scratch, for certificates of up to 2,048 bytes", required_scratch(2048)),
        ("a server's scratch", REQUIRED_SCRATCH),
        ("a server's scratch, for clients' certificates of up to 2,048 bytes", required_server_scratch(2048)),
    ];
    let rows: Vec<String> = table.iter().map(|(what, bytes)| format!("| {what} | {bytes} |")).collect();
    println!("| | bytes |\n|---|---|\n{}", rows.join("\n"));
    if cfg!(target_pointer_width = "64") {
        let readme = include_str!("../../README.md");
        for row in rows {
            assert!(readme.contains(&row), "README.md does not have the row\n{row}");
        }
    }
}
