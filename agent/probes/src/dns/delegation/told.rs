//! What was heard of all servers, as facts.

use std::collections::BTreeSet;
use std::net::IpAddr;

use jiff::Timestamp;
use vedetta_checks::fact::Fact;
use vedetta_checks::word::Reason;

use super::compare::{Delegated, NameServer, delegation_problems};
use super::networks::networks;
use super::problem::ServerProblem;
use super::server::words;
use super::survey::Survey;
use super::{DelegationLook, Surveyed};
use crate::dns::facts::NameServerFacts;
use crate::dns::records::plain;

/// Tells it.
pub(crate) fn told(delegated: Delegated, surveys: Vec<Survey>, now: Timestamp) -> DelegationLook {
    let answering: BTreeSet<IpAddr> =
        surveys.iter().filter(|survey| survey.answers().next().is_some()).map(|survey| survey.address).collect();
    let silence = surveys.iter().find_map(|survey| survey.udp.as_ref().err());
    let distinct = match silence {
        Some(unknown) if answering.is_empty() => Fact::Unknown(unknown.clone()),
        Some(_) | None => Fact::Known(i64::try_from(networks(answering).len()).unwrap_or(i64::MAX)),
    };
    let addresses = |server: &NameServer| {
        server.servers.iter().filter_map(|server| server.facts.address.parse().ok()).collect::<Vec<IpAddr>>()
    };
    let problems = delegation_problems(&delegated);
    let names = delegated.name_servers.iter().map(|server| (server.name.clone(), addresses(server))).collect();
    let mut name_servers: Vec<NameServerFacts> = delegated.name_servers.into_iter().map(facts).collect();
    name_servers.sort_by(|one, other| one.name.cmp(&other.name));
    DelegationLook {
        zone: Fact::Known(plain(&delegated.zone)),
        parent: match &delegated.parent {
            Some(parent) => Fact::Known(plain(parent)),
            None => Fact::unknown(Reason::DOES_NOT_APPLY, "nothing is above the root"),
        },
        problems,
        networks: distinct,
        surveyed: Some(Surveyed { zone: delegated.zone.clone(), names, surveys, now }),
        name_servers: Fact::Known(name_servers),
    }
}

fn facts(server: NameServer) -> NameServerFacts {
    let mut problems: BTreeSet<ServerProblem> =
        server.servers.iter().flat_map(|server| &server.problems).copied().collect();
    if server.is_alias.known() == Some(&true) {
        problems.insert(ServerProblem::IsAlias);
    }
    let listed = server.addresses.clone().map(|known| [known, server.glue.clone()].concat());
    if listed.known().is_some_and(Vec::is_empty) {
        problems.insert(ServerProblem::NoAddress);
    }
    let unheard = server.servers.iter().find_map(|server| match (&server.facts.udp, &server.facts.tcp) {
        (Fact::Unknown(unknown), Fact::Unknown(_)) => Some(unknown.clone()),
        (Fact::Known(_), _) | (_, Fact::Known(_)) => None,
    });
    let heard = server.servers.iter().any(|server| server.facts.udp.known().or(server.facts.tcp.known()).is_some());
    let unknown = match &server.addresses {
        Fact::Unknown(unknown) if server.glue.is_empty() => Some(unknown.clone()),
        Fact::Unknown(_) | Fact::Known(_) => match &server.is_alias {
            Fact::Unknown(unknown) => Some(unknown.clone()),
            Fact::Known(_) => unheard.filter(|_| !heard),
        },
    };
    NameServerFacts {
        name: plain(&server.name),
        addresses: server.servers.iter().map(|server| server.facts.address.clone()).collect(),
        in_parent: server.in_parent,
        in_zone: server.in_zone,
        problems: match unknown {
            Some(unknown) if problems.is_empty() => Fact::Unknown(unknown),
            Some(_) | None => Fact::Known(words(&problems)),
        },
        servers: server.servers.into_iter().map(|server| server.facts).collect(),
    }
}
