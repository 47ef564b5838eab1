//! The two ports of a demonstration: free when it first starts, remembered for the next, so that the target that the
//! agent looks at stays the same.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use super::Place;
use crate::authority::files::{read_if_there, write_private};

/// Name of the file.
const FILE: &str = "demo.toml";

/// The ports on loopback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ports {
    /// For agents.
    pub(super) agents: u16,
    /// For people.
    pub(super) people: u16,
}

impl Ports {
    /// The ports of last time if both are free, else new ones.
    pub(super) fn remembered(place: &Place) -> anyhow::Result<Self> {
        let path = place.file(FILE);
        if let Some(text) = read_if_there(&path)? {
            let ports: Self = toml::from_str(&text).with_context(|| format!("leggere {}", path.display()))?;
            if is_free(ports.agents) && is_free(ports.people) {
                return Ok(ports);
            }
            super::say("le porte di prima sono occupate: ne uso altre");
        }
        // Both are held until both are known, so that they differ.
        let (agents, people) = (bind(0)?, bind(0)?);
        let ports = Self { agents: agents.local_addr()?.port(), people: people.local_addr()?.port() };
        write_private(&path, toml::to_string(&ports)?.as_bytes())?;
        Ok(ports)
    }
}

fn bind(port: u16) -> std::io::Result<TcpListener> {
    TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
}

fn is_free(port: u16) -> bool {
    bind(port).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_remembered_as_long_as_they_are_free() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place { root: folder.path().to_owned() };
        let first = Ports::remembered(&place).unwrap();
        assert_ne!(first.agents, first.people);
        assert_eq!(Ports::remembered(&place).unwrap(), first);
        let _taken = bind(first.people).unwrap();
        assert_ne!(Ports::remembered(&place).unwrap(), first);
    }
}
