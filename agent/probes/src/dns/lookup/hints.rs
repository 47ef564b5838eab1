//! Root hints: where iteration begins (RFC 9609).

use std::net::IpAddr;

use hickory_proto::rr::Name;

use super::zone_text::{Entry, entries, name};

/// Most root servers that are kept; there are 13.
const SERVERS_MAX: usize = 64;

/// Names and addresses of the root servers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootHints {
    /// Servers with their addresses, in the order of the file; only those that have one.
    pub(crate) servers: Vec<(Name, Vec<IpAddr>)>,
}

/// What is wrong with a file of root hints.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct HintError {
    /// Line, from 1; 0 for the whole file.
    pub line: usize,
    /// What is wrong there.
    pub problem: String,
}

impl RootHints {
    /// Reads a file of root hints in the form of a zone file (`named.root`): NS records of the root, and addresses of the names.
    ///
    /// # Errors
    /// The line that cannot be read, or that there is no server with an address.
    pub fn parse(text: &str) -> Result<Self, HintError> {
        let wrong = |(line, problem)| HintError { line, problem };
        let mut named: Vec<Name> = Vec::new();
        let mut servers: Vec<(Name, Vec<IpAddr>)> = Vec::new();
        for entry in entries(text).map_err(wrong)? {
            match entry.kind.as_str() {
                "NS" if entry.owner.is_root() => named.push(server_name(&entry).map_err(wrong)?),
                "A" | "AAAA" => {
                    let address = address(&entry).map_err(wrong)?;
                    match servers.iter_mut().find(|(known, _)| *known == entry.owner) {
                        Some((_, addresses)) => addresses.push(address),
                        None => servers.push((entry.owner, vec![address])),
                    }
                }
                _ => {}
            }
        }
        // A file that names servers of the root means those; one with addresses only means all of them.
        if !named.is_empty() {
            servers.retain(|(server, _)| named.contains(server));
        }
        servers.truncate(SERVERS_MAX);
        if servers.is_empty() {
            return Err(HintError { line: 0, problem: "no root server with an address".to_owned() });
        }
        Ok(Self { servers })
    }
}

fn server_name(entry: &Entry) -> Result<Name, (usize, String)> {
    let [server] = entry.data.as_slice() else {
        return Err((entry.line, "a name server record holds one name".to_owned()));
    };
    name(server, &Name::root()).map_err(|problem| (entry.line, problem))
}

fn address(entry: &Entry) -> Result<IpAddr, (usize, String)> {
    let [address] = entry.data.as_slice() else {
        return Err((entry.line, "an address record holds one address".to_owned()));
    };
    let parsed = address.parse::<IpAddr>().ok();
    let fits = parsed.filter(|address| address.is_ipv4() == (entry.kind == "A"));
    fits.ok_or_else(|| (entry.line, format!("`{address}` is no address of the type {}", entry.kind)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        Name::from_ascii(text).expect("a name")
    }

    #[test]
    fn the_published_form_is_read() {
        let text = ";       This file holds the information on root name servers\n\
                    .                        3600000      NS    A.ROOT-SERVERS.NET.\n\
                    A.ROOT-SERVERS.NET.      3600000      A     198.51.100.4\n\
                    A.ROOT-SERVERS.NET.      3600000      AAAA  2001:db8::4\n\
                    . IN NS b.root-servers.net.\n\
                    b.root-servers.net. IN A 198.51.100.5\n\
                    elsewhere.net. A 198.51.100.6\n";
        let expected = vec![
            (
                name("a.root-servers.net."),
                vec!["198.51.100.4".parse().expect("v4"), "2001:db8::4".parse().expect("v6")],
            ),
            (name("b.root-servers.net."), vec!["198.51.100.5".parse().expect("v4")]),
        ];
        assert_eq!(RootHints::parse(text).map(|hints| hints.servers), Ok(expected));
    }

    #[test]
    fn addresses_without_name_server_records_are_enough() {
        let hints = RootHints::parse("ns.root. A 127.0.0.1").expect("hints");
        assert_eq!(hints.servers.len(), 1);
    }

    #[test]
    fn broken_hints_name_the_line() {
        for (text, line) in [
            ("", 0),
            (". NS a.\n", 0),
            (". NS a.\na. A 192.0.2.300\n", 2),
            ("a. A 2001:db8::1", 1),
            ("a. A 192.0.2.1 192.0.2.2", 1),
            (". NS", 1),
        ] {
            assert_eq!(RootHints::parse(text).map_err(|error| error.line), Err(line), "{text}");
        }
    }
}
