//! What Ferrule in firmware needs for a chain: algorithms, scratch, and a buffer to receive.

use super::chain_view::ChainView;
use super::diagnosis::Diagnosis;
use super::live::certificate_message_bytes;
use ferrule::record::MAX_RECORD;
use ferrule::required_scratch;
use serde::Serialize;

/// The header and the protection of a record (RFC 8446 §5.2), and the other messages of a server's flight, which
/// many servers put into the same record: CertificateVerify (of RSA-4096 at most) and Finished.
const BESIDE_THE_CHAIN: usize = 5 + 17 + 520 + 52 + 64;

/// What a device must bring.
#[derive(Debug, Serialize)]
pub(crate) struct Needs {
    /// Keys that make signatures which must be verified: the server's own, then its issuers'.
    pub(crate) verifies: Vec<String>,
    pub(crate) scratch_bytes: usize,
    pub(crate) receive_buffer_bytes: usize,
}

impl Needs {
    pub(crate) fn of(diagnosis: &Diagnosis) -> Self {
        let view = ChainView::of(&diagnosis.case);
        let mut verifies: Vec<String> = Vec::new();
        for facts in &view.path {
            let key = facts.key.to_string();
            if !verifies.contains(&key) {
                verifies.push(key);
            }
        }
        let served = &diagnosis.case.served;
        let largest = served.iter().map(|facts| facts.der.len()).max().unwrap_or_default();
        let measured = diagnosis.survey.as_ref().and_then(|survey| {
            survey
                .addresses
                .iter()
                .map(|visit| visit.answer.largest_record_bytes)
                .max()
                .filter(|&bytes| bytes > 0)
        });
        let chain: Vec<Vec<u8>> = served.iter().map(|facts| facts.der.clone()).collect();
        let reckoned = (certificate_message_bytes(&chain) + BESIDE_THE_CHAIN).min(MAX_RECORD);
        Self {
            verifies,
            scratch_bytes: required_scratch(largest),
            receive_buffer_bytes: measured.unwrap_or(reckoned),
        }
    }
}
