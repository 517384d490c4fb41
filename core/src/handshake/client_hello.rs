//! ClientHello (RFC 8446 §4.1.2).

use super::extension::max_fragment_length::MaxFragmentLength;
use super::extension::{
    Extensions, alpn, key_share, record_size_limit, server_name, signature_algorithms, status_request,
    supported_groups, supported_versions,
};
use super::{ExtensionType, HandshakeType};
use crate::certificate::ServerName;
use crate::codec::{Reader, U16List};
use crate::error::Misbehaved;
use crate::error::inner::Error;

/// What a client asks of our records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RecordLimit {
    /// record_size_limit (RFC 8449): the inner plaintext's.
    Size(u16),
    /// max_fragment_length (RFC 6066 §4): the content's.
    Fragment(MaxFragmentLength),
}

/// A ClientHello, as it lies in scratch. Its lists are iterated there: a client may offer anything.
#[derive(Debug, Clone, Copy)]
pub struct ClientHello<'a> {
    pub(crate) legacy_version: u16,
    pub(crate) random: &'a [u8; 32],
    pub(crate) legacy_session_id: &'a [u8],
    pub(crate) cipher_suites: U16List<'a>,
    pub(crate) legacy_compression_methods: &'a [u8],
    pub(crate) extensions: Extensions<'a>,
}

impl<'a> ClientHello<'a> {
    pub(crate) fn parse(body: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(body, "ClientHello");
        let legacy_version = reader.u16()?;
        let random = reader.array()?;
        let legacy_session_id = reader.vector_u8(0)?;
        if legacy_session_id.len() > 32 {
            return Err(reader.fault(crate::error::Fault::VectorLength).into());
        }
        let cipher_suites = reader.u16_list()?;
        let legacy_compression_methods = reader.vector_u8(1)?;
        // Before extensions were invented, a ClientHello could end here.
        let extensions = if reader.is_empty() { Extensions::NONE } else { Extensions::parse(&mut reader)? };
        reader.finish()?;
        extensions.check_places(HandshakeType::CLIENT_HELLO, false)?;
        if extensions.find(ExtensionType::PRE_SHARED_KEY).is_some() {
            // "The "pre_shared_key" extension MUST be the last extension in the ClientHello" (§4.2.11).
            if extensions.last() != Some(ExtensionType::PRE_SHARED_KEY) {
                let extension = ExtensionType::PRE_SHARED_KEY;
                return Err(Misbehaved::MisplacedExtension {
                    extension,
                    message: HandshakeType::CLIENT_HELLO,
                }
                .into());
            }
            // "If clients offer "pre_shared_key" without a "psk_key_exchange_modes" extension, servers MUST
            // abort the handshake" (§4.2.9).
            if extensions.find(ExtensionType::PSK_KEY_EXCHANGE_MODES).is_none() {
                return Err(Misbehaved::MissingExtension {
                    extension: ExtensionType::PSK_KEY_EXCHANGE_MODES,
                }
                .into());
            }
        }
        Ok(Self {
            legacy_version,
            random,
            legacy_session_id,
            cipher_suites,
            legacy_compression_methods,
            extensions,
        })
    }

    /// The cipher suites that the client offers, in its order of preference (§B.4 numbers).
    pub fn cipher_suites(&self) -> U16List<'a> {
        self.cipher_suites
    }

    /// The host name that the client asks for (RFC 6066 §3).
    pub fn server_name(&self) -> Result<Option<ServerName>, crate::Error> {
        self.parse_server_name().map_err(|error| error.into_public(None))
    }

    pub(crate) fn parse_server_name(&self) -> Result<Option<ServerName>, Error> {
        self.extensions.find(ExtensionType::SERVER_NAME).map_or(Ok(None), server_name::parse)
    }

    /// The signature schemes that the client accepts (§4.2.3); `None` where it does not say.
    pub fn signature_schemes(&self) -> Result<Option<U16List<'a>>, crate::Error> {
        self.parse_signature_schemes().map_err(|error| error.into_public(None))
    }

    pub(crate) fn parse_signature_schemes(&self) -> Result<Option<U16List<'a>>, Error> {
        Ok(self
            .extensions
            .find(ExtensionType::SIGNATURE_ALGORITHMS)
            .map(signature_algorithms::parse)
            .transpose()?)
    }

    pub(crate) fn supported_versions(&self) -> Result<Option<U16List<'a>>, Error> {
        Ok(self
            .extensions
            .find(ExtensionType::SUPPORTED_VERSIONS)
            .map(supported_versions::parse_offer)
            .transpose()?)
    }

    pub(crate) fn supported_groups(&self) -> Result<Option<U16List<'a>>, Error> {
        Ok(self.extensions.find(ExtensionType::SUPPORTED_GROUPS).map(supported_groups::parse).transpose()?)
    }

    pub(crate) fn key_shares(&self) -> Result<Option<key_share::ClientShares<'a>>, Error> {
        Ok(self.extensions.find(ExtensionType::KEY_SHARE).map(key_share::ClientShares::parse).transpose()?)
    }

    /// How much the client takes in a protected record.
    pub(crate) fn record_limit(&self) -> Result<Option<RecordLimit>, Error> {
        // "A server that supports the "record_size_limit" extension MUST ignore a "max_fragment_length" that appears in
        // a ClientHello if both extensions appear" (RFC 8449 §5).
        if let Some(body) = self.extensions.find(ExtensionType::RECORD_SIZE_LIMIT) {
            return record_size_limit::parse(body).map(RecordLimit::Size).map(Some);
        }
        let length = self.extensions.find(ExtensionType::MAX_FRAGMENT_LENGTH);
        Ok(length.map(MaxFragmentLength::parse).transpose()?.map(RecordLimit::Fragment))
    }

    pub(crate) fn asks_for_status(&self) -> Result<bool, Error> {
        let request = self.extensions.find(ExtensionType::STATUS_REQUEST);
        Ok(request.map(status_request::parse_request).transpose()?.unwrap_or(false))
    }

    pub(crate) fn protocols(&self) -> Result<Option<alpn::Protocols<'a>>, Error> {
        Ok(self.extensions.find(ExtensionType::ALPN).map(alpn::Protocols::parse).transpose()?)
    }
}
