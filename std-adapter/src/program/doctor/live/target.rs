//! Where the server is.

use std::net::IpAddr;
use std::str::FromStr;

const HTTPS: u16 = 443;

/// A host and a port; 443 unless said otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LiveTarget {
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl FromStr for LiveTarget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self { host: address.to_string(), port: HTTPS });
        }
        // People paste what their browser shows.
        let authority =
            text.strip_prefix("https://").map_or(text, |rest| rest.split('/').next().unwrap_or(rest));
        let authority: ureq::http::uri::Authority =
            authority.parse().map_err(|error| format!("{text:?} is no HOST[:PORT]: {error}"))?;
        let host = authority.host().trim_matches(['[', ']']).to_owned();
        let port = match authority.port_u16() {
            Some(port) => port,
            None if authority.as_str() == authority.host() => HTTPS,
            None => return Err(format!("{text:?} is no HOST[:PORT]")),
        };
        Ok(Self { host, port })
    }
}

#[cfg(test)]
mod tests {
    use super::LiveTarget;

    #[test]
    fn a_target_is_a_name_or_an_address_with_or_without_port() {
        let read = |text: &str| text.parse::<LiveTarget>().map(|target| (target.host, target.port));
        assert_eq!(read("api.example"), Ok(("api.example".to_owned(), 443)));
        assert_eq!(read("api.example:8443"), Ok(("api.example".to_owned(), 8443)));
        assert_eq!(read("::1"), Ok(("::1".to_owned(), 443)));
        assert_eq!(read("[::1]:8443"), Ok(("::1".to_owned(), 8443)));
        assert_eq!(read("https://api.example/v1?x=y"), Ok(("api.example".to_owned(), 443)));
        assert!(read("no host").is_err());
        assert!(read("api.example:99999").is_err());
    }
}
