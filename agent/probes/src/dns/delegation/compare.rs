//! What the parent zone says beside what the zone says: names, addresses, and whether the servers stand apart.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::net::IpAddr;

use hickory_proto::rr::Name;
use vedetta_checks::fact::{Fact, Unknown};

use super::networks::stand_together;
use super::problem::DelegationProblem;
use super::server::Server;
use crate::dns::facts::ProblemFacts;
use crate::dns::records::plain;

/// One name server, as parent and zone name it.
#[derive(Debug, Clone)]
pub(crate) struct NameServer {
    /// Its name.
    pub(crate) name: Name,
    /// Its addresses by its own zone.
    pub(crate) addresses: Fact<Vec<IpAddr>>,
    /// Its addresses by the parent's delegation; empty without glue.
    pub(crate) glue: Vec<IpAddr>,
    /// Whether its name is an alias.
    pub(crate) is_alias: Fact<bool>,
    /// Why its IPv4 addresses are not all known.
    pub(crate) four_unseen: Option<Unknown>,
    /// Why its IPv6 addresses are not all known.
    pub(crate) six_unseen: Option<Unknown>,
    /// Whether the parent names it.
    pub(crate) in_parent: Fact<bool>,
    /// Whether the zone names it.
    pub(crate) in_zone: Fact<bool>,
    /// What each address answers.
    pub(crate) servers: Vec<Server>,
}

impl NameServer {
    /// Why not all its addresses are known: what is missing among them cannot be told then.
    fn unseen(&self) -> Option<&Unknown> {
        self.four_unseen.as_ref().or(self.six_unseen.as_ref())
    }
}

/// The delegation of a zone and what became of it.
#[derive(Debug, Clone)]
pub(crate) struct Delegated {
    /// The zone.
    pub(crate) zone: Name,
    /// The zone above; none for the root.
    pub(crate) parent: Option<Name>,
    /// Whether the delegation came from the parent alone, not from a server that holds both zones.
    pub(crate) parent_seen: bool,
    /// Every server that one of the two names, sorted.
    pub(crate) name_servers: Vec<NameServer>,
}

impl Delegated {
    /// Every address that is known for one of the servers.
    pub(crate) fn addresses(&self) -> BTreeSet<IpAddr> {
        let known = |server: &NameServer| server.addresses.known().cloned().unwrap_or_default();
        self.name_servers.iter().flat_map(|server| [known(server), server.glue.clone()].concat()).collect()
    }

    fn servers(&self) -> impl Iterator<Item = &Server> {
        self.name_servers.iter().flat_map(|name_server| &name_server.servers)
    }
}

/// A problem with its subject and what was seen.
pub(crate) fn problem(word: &str, subject: impl Display, detail: impl Into<String>) -> ProblemFacts {
    ProblemFacts { problem: word.to_owned(), subject: subject.to_string(), detail: detail.into() }
}

/// What is wrong with a delegation, sorted. Unknown when something could not be compared and nothing was found by comparing: the
/// number and place of the servers alone settle nothing.
pub(crate) fn delegation_problems(delegated: &Delegated) -> Fact<Vec<ProblemFacts>> {
    let mut problems: Vec<ProblemFacts> = Vec::new();
    problems.extend(number_and_place(delegated));
    problems.extend(life(delegated));
    for server in &delegated.name_servers {
        problems.extend(membership(delegated, server));
        if delegated.parent_seen {
            problems.extend(glue(delegated, server));
        }
    }
    problems.sort_by(|one, other| (&one.problem, &one.subject).cmp(&(&other.problem, &other.subject)));
    let unseen = uncompared(delegated);
    let of_number_and_place = [
        DelegationProblem::SingleServer,
        DelegationProblem::SingleAddress,
        DelegationProblem::SingleNetwork,
        DelegationProblem::NoIpv6,
    ];
    let settled =
        problems.iter().any(|found| of_number_and_place.iter().all(|problem| problem.word() != found.problem));
    match unseen {
        Some(unknown) if !settled => Fact::Unknown(unknown),
        Some(_) | None => Fact::Known(problems),
    }
}

/// Why one of the comparisons could not be made.
fn uncompared(delegated: &Delegated) -> Option<Unknown> {
    let lists = delegated.name_servers.iter().find_map(|server| match (&server.in_zone, &server.in_parent) {
        (Fact::Unknown(unknown), _) | (_, Fact::Unknown(unknown)) => Some(unknown.clone()),
        (Fact::Known(_), Fact::Known(_)) => None,
    });
    let addresses = delegated.addresses();
    let is_apart = addresses.len() > 1 && !stand_together(&addresses);
    let has_six = addresses.iter().any(IpAddr::is_ipv6);
    let missing = delegated.name_servers.iter().find_map(|server| {
        let has_glue = delegated.parent_seen && !server.glue.is_empty();
        let of_six = server.six_unseen.as_ref().filter(|_| !has_six);
        of_six.or(server.unseen().filter(|_| has_glue || !is_apart)).cloned()
    });
    lists.or(missing)
}

fn number_and_place(delegated: &Delegated) -> Vec<ProblemFacts> {
    let zone = plain(&delegated.zone);
    let addresses = delegated.addresses();
    let listed = addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let mut problems = Vec::new();
    if let [only] = delegated.name_servers.as_slice() {
        problems.push(problem(DelegationProblem::SingleServer.word(), &zone, plain(&only.name)));
    }
    let all_seen = delegated.name_servers.iter().all(|server| server.unseen().is_none());
    let six_seen = delegated.name_servers.iter().all(|server| server.six_unseen.is_none());
    if all_seen && addresses.len() == 1 && delegated.name_servers.len() > 1 {
        problems.push(problem(DelegationProblem::SingleAddress.word(), &zone, listed.as_str()));
    }
    if all_seen && stand_together(&addresses) {
        problems.push(problem(DelegationProblem::SingleNetwork.word(), &zone, listed.as_str()));
    }
    if six_seen && !addresses.is_empty() && !addresses.iter().any(IpAddr::is_ipv6) {
        problems.push(problem(DelegationProblem::NoIpv6.word(), &zone, listed));
    }
    problems
}

/// Whether anybody serves the zone; silent while one of the servers could not be asked.
fn life(delegated: &Delegated) -> Option<ProblemFacts> {
    let mut answered = false;
    let mut asked = 0_usize;
    for server in delegated.servers() {
        asked += 1;
        match (server.facts.authoritative.known(), server.facts.udp.known(), server.facts.tcp.known()) {
            (Some(true), _, _) => return None,
            (Some(false), _, _) => answered = true,
            (None, Some(false), Some(false)) => {}
            // Not heard, and perhaps not to be heard from here.
            (None, _, _) => return None,
        }
    }
    let word = if answered { DelegationProblem::NotServed } else { DelegationProblem::AllDead };
    let unnamed = asked == 0 && delegated.name_servers.iter().any(|server| server.addresses.known().is_none());
    let detail = format!("{asked} addresses asked");
    (!unnamed && !delegated.name_servers.is_empty()).then(|| problem(word.word(), plain(&delegated.zone), detail))
}

fn membership(delegated: &Delegated, server: &NameServer) -> Option<ProblemFacts> {
    let (zone, name) = (plain(&delegated.zone), plain(&server.name));
    let parent = delegated.parent.as_ref().map_or_else(String::new, plain);
    match (server.in_parent.known(), server.in_zone.known()) {
        (Some(false), Some(true)) => Some(problem(
            DelegationProblem::MissingInParent.word(),
            name,
            format!("{zone} names it, {parent} does not"),
        )),
        (Some(true), Some(false)) => {
            Some(problem(DelegationProblem::MissingInZone.word(), name, format!("{parent} names it, {zone} does not")))
        }
        (Some(_), Some(_)) | (None, _) | (_, None) => None,
    }
}

fn glue(delegated: &Delegated, server: &NameServer) -> Option<ProblemFacts> {
    if server.in_parent.known() != Some(&true) {
        return None;
    }
    let name = plain(&server.name);
    if server.glue.is_empty() {
        let inside = delegated.zone.zone_of(&server.name);
        return inside.then(|| {
            problem(DelegationProblem::GlueMissing.word(), &name, "its name stands inside the zone that it serves")
        });
    }
    if server.unseen().is_some() {
        return None;
    }
    let own: BTreeSet<IpAddr> = server.addresses.known()?.iter().copied().collect();
    let given: BTreeSet<IpAddr> = server.glue.iter().copied().collect();
    if own == given {
        return None;
    }
    let list = |set: &BTreeSet<IpAddr>| match set.is_empty() {
        true => "none".to_owned(),
        false => set.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    };
    let detail = format!("the parent gives {}; the name itself has {}", list(&given), list(&own));
    Some(problem(DelegationProblem::GlueMismatch.word(), &name, detail))
}
