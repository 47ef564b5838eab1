//! What exactly a probe is pointed at.
//!
//! As text: `host`, `tls://name:443?sni=name&address=192.0.2.1`, `tls://name:25?starttls=smtp`, `dns:example.it`,
//! `ports://name/22,443`. The text is canonical: parsing and
//! printing give the same text, so it can stand in a key.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use crate::starttls::Starttls;

/// Longest domain name, in bytes (RFC 1035 section 2.3.4, without the trailing dot).
pub const NAME_BYTES_MAX: usize = 253;

/// Why a text is no target.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// A name breaks the rules of RFC 1123 section 2.1.
    #[error("`{0}` is not a host name: use letters, digits, `-` and `.` only (names with accents as xn--...)")]
    Name(String),
    /// The port is missing or no number from 1 to 65535.
    #[error("`{0}`: the port must be a number from 1 to 65535, as in tls://www.example.it:443")]
    Port(String),
    /// The address is no IP address.
    #[error("`{0}` is not an IP address")]
    Address(String),
    /// A protocol that no probe can turn to TLS.
    #[error("`{0}`: starttls must be one of {words}", words = Starttls::words())]
    Starttls(String),
    /// A key after `?` that targets do not have.
    #[error("`{0}` is not known here: an endpoint takes `sni`, `address` and `starttls`")]
    Key(String),
    /// More ports than one target may name.
    #[error("a target names at most {PORTS_MAX} ports")]
    TooManyPorts,
    /// Anything else.
    #[error("`{0}` is not a target: use `host`, `tls://NAME:PORT`, `ports://NAME` or a domain such as example.it")]
    Form(String),
}

/// A host or domain name: 1 to 253 bytes, lower case, labels of letters, digits, `-` and `_`, no trailing dot.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DomainName(String);

impl DomainName {
    /// Parses a name; upper case is folded, one trailing dot removed, and letters beyond ASCII become what stands in the DNS
    /// (IDNA, UTS 46): `caffè.example` is `xn--caff-8oa.example`.
    ///
    /// # Errors
    /// [`TargetError::Name`] when a label breaks the rules.
    pub fn parse(text: &str) -> Result<Self, TargetError> {
        let wrong = || TargetError::Name(crate::fact::clean_text(text, NAME_BYTES_MAX));
        let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
        let name = if name.is_ascii() { name } else { idna::domain_to_ascii(&name).map_err(|_| wrong())? };
        let label_fits = |label: &str| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        };
        if name.len() > NAME_BYTES_MAX || !name.split('.').all(label_fits) {
            return Err(wrong());
        }
        Ok(Self(name))
    }

    /// The name as text, without a trailing dot.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DomainName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The name or address that a person gave for a server.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Server {
    /// By name, resolved when the probe looks.
    Name(DomainName),
    /// By address.
    Address(IpAddr),
}

impl fmt::Display for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => name.fmt(formatter),
            Self::Address(IpAddr::V4(address)) => address.fmt(formatter),
            Self::Address(IpAddr::V6(address)) => write!(formatter, "[{address}]"),
        }
    }
}

/// A TLS endpoint. The address that is connected to stands apart from the name that the certificate must carry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    /// The server as given.
    pub server: Server,
    /// TCP port.
    pub port: u16,
    /// The name sent in SNI and expected in the certificate, when it is not the server's own.
    pub server_name: Option<DomainName>,
    /// The address to connect to, instead of resolving the server's name.
    pub address: Option<IpAddr>,
    /// The protocol that is spoken before TLS begins, when it does not begin at once.
    pub starttls: Option<Starttls>,
}

impl Endpoint {
    /// The name or address that the certificate must be valid for.
    #[must_use]
    pub fn expected_name(&self) -> String {
        match (&self.server_name, &self.server) {
            (Some(name), _) | (None, Server::Name(name)) => name.as_str().to_owned(),
            (None, Server::Address(address)) => address.to_string(),
        }
    }

    /// The address to connect to, if no resolver is needed.
    #[must_use]
    pub fn fixed_address(&self) -> Option<IpAddr> {
        match (&self.address, &self.server) {
            (Some(address), _) | (None, Server::Address(address)) => Some(*address),
            (None, Server::Name(_)) => None,
        }
    }
}

/// Most ports of one [`Ports`] target.
pub const PORTS_MAX: usize = 128;

/// The TCP ports of a host as seen from elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ports {
    /// The host by the name or address that others use.
    pub server: Server,
    /// Ports to try, ascending, each once; none: those that the probe tries by itself. They are no part of what results
    /// are filed under, see [`Ports::place`].
    pub ports: Vec<u16>,
}

impl Ports {
    /// Ports of one host; a list in any order.
    ///
    /// # Errors
    /// [`TargetError::TooManyPorts`] beyond [`PORTS_MAX`].
    pub fn new(server: Server, mut ports: Vec<u16>) -> Result<Self, TargetError> {
        ports.sort_unstable();
        ports.dedup();
        if ports.len() > PORTS_MAX { Err(TargetError::TooManyPorts) } else { Ok(Self { server, ports }) }
    }

    /// The same host without a list: the list follows what runs there, what results are filed under does not.
    #[must_use]
    pub fn place(&self) -> Self {
        Self { server: self.server.clone(), ports: Vec::new() }
    }
}

impl fmt::Display for Ports {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ports://{}", self.server)?;
        for (position, port) in self.ports.iter().enumerate() {
            write!(formatter, "{}{port}", if position == 0 { '/' } else { ',' })?;
        }
        Ok(())
    }
}

/// Kind of target that a probe or check works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TargetKind {
    /// The host that the agent runs on.
    Host,
    /// A TLS endpoint.
    Endpoint,
    /// A domain.
    Domain,
    /// The TCP ports of a host, seen from elsewhere.
    Ports,
}

/// What exactly a probe is pointed at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// The host that the agent runs on.
    Host,
    /// A TLS endpoint.
    Endpoint(Endpoint),
    /// A domain.
    Domain(DomainName),
    /// The TCP ports of a host, seen from elsewhere.
    Ports(Ports),
}

impl Target {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> TargetKind {
        match self {
            Self::Host => TargetKind::Host,
            Self::Endpoint(_) => TargetKind::Endpoint,
            Self::Domain(_) => TargetKind::Domain,
            Self::Ports(_) => TargetKind::Ports,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host => formatter.write_str("host"),
            Self::Domain(name) => write!(formatter, "dns:{name}"),
            Self::Ports(ports) => ports.fmt(formatter),
            Self::Endpoint(endpoint) => {
                write!(formatter, "tls://{}:{}", endpoint.server, endpoint.port)?;
                let mut separator = '?';
                if let Some(name) = &endpoint.server_name {
                    write!(formatter, "{separator}sni={name}")?;
                    separator = '&';
                }
                if let Some(address) = &endpoint.address {
                    write!(formatter, "{separator}address={address}")?;
                    separator = '&';
                }
                if let Some(protocol) = &endpoint.starttls {
                    write!(formatter, "{separator}starttls={}", protocol.word())?;
                }
                Ok(())
            }
        }
    }
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        if text == "host" {
            return Ok(Self::Host);
        }
        if let Some(rest) = text.strip_prefix("tls://") {
            return parse_endpoint(rest).map(Self::Endpoint);
        }
        if let Some(rest) = text.strip_prefix("ports://") {
            return parse_ports(rest).map(Self::Ports);
        }
        let name = text.strip_prefix("dns:").unwrap_or(text);
        if name.contains([':', '/', '?']) {
            return Err(TargetError::Form(crate::fact::clean_text(text, NAME_BYTES_MAX)));
        }
        DomainName::parse(name).map(Self::Domain)
    }
}

fn parse_endpoint(rest: &str) -> Result<Endpoint, TargetError> {
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let place = place.strip_suffix('/').unwrap_or(place);
    let no_port = || TargetError::Port(crate::fact::clean_text(place, NAME_BYTES_MAX));
    let (server, port) = place.rsplit_once(':').ok_or_else(no_port)?;
    let port = port.parse().ok().filter(|port| *port != 0).ok_or_else(no_port)?;
    let mut endpoint =
        Endpoint { server: parse_server(server)?, port, server_name: None, address: None, starttls: None };
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("sni", name)) => endpoint.server_name = Some(DomainName::parse(name)?),
            Some(("address", address)) => {
                let parsed = address.parse().map_err(|_| TargetError::Address(address.to_owned()))?;
                endpoint.address = Some(parsed);
            }
            Some(("starttls", word)) => {
                let unknown = || TargetError::Starttls(crate::fact::clean_text(word, NAME_BYTES_MAX));
                endpoint.starttls = Some(Starttls::from_word(word).ok_or_else(unknown)?);
            }
            Some((key, _)) => return Err(TargetError::Key(key.to_owned())),
            None => return Err(TargetError::Key(pair.to_owned())),
        }
    }
    Ok(endpoint)
}

fn parse_ports(rest: &str) -> Result<Ports, TargetError> {
    let (server, list) = rest.split_once('/').unwrap_or((rest, ""));
    let ports: Option<Vec<u16>> = list
        .split(',')
        .filter(|port| !port.is_empty())
        .map(|port| port.parse().ok().filter(|port| *port != 0))
        .collect();
    let ports = ports.ok_or_else(|| TargetError::Port(crate::fact::clean_text(rest, NAME_BYTES_MAX)))?;
    Ports::new(parse_server(server)?, ports)
}

/// A name, an address, or an IPv6 address in brackets.
fn parse_server(text: &str) -> Result<Server, TargetError> {
    let bare = text.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(text);
    match bare.parse::<IpAddr>() {
        Ok(address) => Ok(Server::Address(address)),
        Err(_) => Ok(Server::Name(DomainName::parse(text)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_text_survives_parsing_and_printing() {
        for text in [
            "host",
            "dns:comune.example.it",
            "tls://www.example.it:443",
            "tls://127.0.0.1:8443?sni=localhost",
            "tls://[::1]:8443",
            "tls://www.example.it:443?sni=x.example.it&address=192.0.2.1",
            "tls://mail.example.it:25?starttls=smtp",
            "tls://mail.example.it:25?address=192.0.2.1&starttls=smtp",
            "ports://www.example.it",
            "ports://[2001:db8::1]/22,443",
        ] {
            assert_eq!(text.parse::<Target>().map(|target| target.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn a_bare_name_is_a_domain_and_upper_case_is_folded() {
        assert_eq!("Example.IT.".parse::<Target>().map(|target| target.to_string()), Ok("dns:example.it".to_owned()));
    }

    #[test]
    fn letters_beyond_ascii_become_what_stands_in_the_dns() {
        let shown = |text: &str| text.parse::<Target>().map(|target| target.to_string());
        assert_eq!(shown("Caffè.example"), Ok("dns:xn--caff-8oa.example".to_owned()));
        assert_eq!(shown("tls://caffè.example:443"), Ok("tls://xn--caff-8oa.example:443".to_owned()));
        assert!(shown("caff\u{200b}è.exa mple").is_err());
    }

    #[test]
    fn what_is_no_target_is_named_in_the_error() {
        for (text, expected) in [
            ("tls://www.example.it", "port"),
            ("tls://www.example.it:0", "port"),
            ("tls://a b:443", "host name"),
            ("tls://a:1?cmd=x", "`cmd`"),
            ("tls://a:1?starttls=gopher", "smtp, lmtp"),
            ("https://example.it", "not a target"),
            ("ports://example.it/0", "port"),
            ("ports://example.it/22,ssh", "port"),
            ("ports://", "host name"),
            ("", "host name"),
        ] {
            let error = text.parse::<Target>().expect_err(text).to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
