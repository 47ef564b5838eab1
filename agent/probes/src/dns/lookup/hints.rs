//! Root hints: where iteration begins.

use std::net::IpAddr;

use hickory_proto::rr::Name;

/// Names and addresses of the root servers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootHints {
    /// Servers with their addresses.
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
    /// Reads a file of root hints in the form of a zone file (`named.root`).
    ///
    /// # Errors
    /// The line that cannot be read, or that there is no server with an address.
    pub fn parse(text: &str) -> Result<Self, HintError> {
        let mut servers: Vec<(Name, Vec<IpAddr>)> = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.split(';').next().unwrap_or_default();
            let words: Vec<&str> = line.split_whitespace().collect();
            let Some(at) = words.iter().position(|word| matches!(word.to_ascii_uppercase().as_str(), "A" | "AAAA"))
            else {
                continue;
            };
            let wrong = |problem: String| HintError { line: number + 1, problem };
            let [name, .., address] = words.as_slice() else { continue };
            if at + 2 != words.len() {
                return Err(wrong("an address record holds one address".to_owned()));
            }
            let name = Name::from_ascii(name).map_err(|error| wrong(error.to_string()))?;
            let address: IpAddr = address.parse().map_err(|_| wrong(format!("`{address}` is no address")))?;
            match servers.iter_mut().find(|(known, _)| *known == name) {
                Some((_, addresses)) => addresses.push(address),
                None => servers.push((name, vec![address])),
            }
        }
        if servers.is_empty() {
            return Err(HintError { line: 0, problem: "no server with an address".to_owned() });
        }
        Ok(Self { servers })
    }
}
