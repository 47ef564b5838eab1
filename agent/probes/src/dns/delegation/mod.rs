//! From the parent zone to the zone's own servers: who serves it, do they answer, do they agree.
//!
//! A domain that is no zone of its own, as `www.example.it`, has the servers of the zone that holds it. A domain that does not
//! exist has none. Every address is asked directly, everything at once: the addresses that the parent gives first, while the
//! names are looked up; then the ones that only the zone gives.

pub(crate) mod active;
mod ask;
pub(crate) mod compare;
mod lost;
pub(crate) mod networks;
pub(crate) mod problem;
pub(crate) mod reach;
pub(crate) mod server;
pub(crate) mod survey;
pub(crate) mod together;
mod told;

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use hickory_proto::rr::{Name, RecordType};
use jiff::Timestamp;
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use self::ask::{ask_everybody, parent_addresses, samples, zone_names};
use self::compare::{Delegated, NameServer, problem};
use self::lost::Search;
use self::networks::{PrivateBlock, private_block};
use self::problem::DelegationProblem;
use self::reach::{Reach, Witnesses};
use self::server::{Place, server};
use self::survey::{Plan, Survey};
use self::told::told;
use super::answers::Answer;
use super::facts::{NameServerFacts, ProblemFacts};
use super::lookup::cut::{Authority, Cut, Delegation};
use super::lookup::{Dns, Lookup};
use super::records::plain;
use crate::ProbeContext;
use crate::tls::connect::Deadline;

/// Longest time for the whole part.
const TIME_MAX: Duration = Duration::from_secs(20);

/// What is said of the delegation, and what the servers answered, for the part that compares their data.
#[derive(Debug)]
pub(crate) struct DelegationLook {
    /// Name of the zone.
    pub(crate) zone: Fact<String>,
    /// Name of the zone above.
    pub(crate) parent: Fact<String>,
    /// Its servers.
    pub(crate) name_servers: Fact<Vec<NameServerFacts>>,
    /// Distinct networks of those that answer.
    pub(crate) networks: Fact<i64>,
    /// What is wrong.
    pub(crate) problems: Fact<Vec<ProblemFacts>>,
    /// What the servers answered; none when nothing is delegated or known.
    pub(crate) surveyed: Option<Surveyed>,
}

/// What the servers of a zone answered.
#[derive(Debug)]
pub(crate) struct Surveyed {
    /// The zone.
    pub(crate) zone: Name,
    /// Names of the servers with the addresses of each.
    pub(crate) names: Vec<(Name, Vec<IpAddr>)>,
    /// By address.
    pub(crate) surveys: Vec<Survey>,
    /// When they were asked.
    pub(crate) now: Timestamp,
}

/// Looks at the delegation of the zone that holds a domain.
pub(crate) async fn look(dns: &Dns, domain: &Name, context: &ProbeContext, deadline: Deadline) -> DelegationLook {
    match deadline.run(TIME_MAX, find(dns, domain, context)).await {
        Some(found) => found,
        None => unseen(&Unknown::new(Reason::TIMEOUT, format!("the delegation of {domain}"))),
    }
}

async fn find(dns: &Dns, domain: &Name, context: &ProbeContext) -> DelegationLook {
    let cut = match dns.zone_of(domain).await {
        Fact::Known(cut) => cut,
        Fact::Unknown(unknown) => return unseen(&unknown),
    };
    if cut.zone != *domain && is_missing(dns, domain).await {
        return not_delegated(domain, &cut);
    }
    let plan = Arc::new(Plan {
        zone: cut.zone.clone(),
        port: context.dns_port,
        samples: samples(domain),
        active: context.active,
    });
    let parent_addresses = parent_addresses(dns, &cut).await;
    let own_blocks = blocks_at_home(&parent_addresses, context);
    let (delegation, authorities, surveys) = ask_everybody(dns, &cut, &plan, &own_blocks).await;
    let parent = cut.parent.clone().unwrap_or_else(Name::root);
    let witnesses = Witnesses { zone: &parent, addresses: &parent_addresses, port: context.dns_port };
    let reach = Reach::find(dns, &surveys, &witnesses).await;
    let place = Place { zone: &cut.zone, reach: &reach, own_blocks: &own_blocks };
    let zone_names = zone_names(dns, &cut.zone, &surveys).await;
    let search = Search { dns, port: context.dns_port, blocks_at_home: &own_blocks };
    let mut name_servers = Vec::with_capacity(authorities.len());
    for authority in authorities {
        name_servers.push(name_server(search, authority, &delegation, &zone_names, &surveys, place).await);
    }
    let parent_seen = !delegation.from_zone;
    let delegated = Delegated { zone: cut.zone.clone(), parent: cut.parent.clone(), parent_seen, name_servers };
    told(delegated, surveys, context.now)
}

/// Private blocks in which the tree of names itself begins: those of the parent's servers and of the root hints.
fn blocks_at_home(parent_addresses: &[IpAddr], context: &ProbeContext) -> BTreeSet<PrivateBlock> {
    let hints = context.root_hints.iter().flat_map(|hints| &hints.servers).flat_map(|(_, addresses)| addresses);
    parent_addresses.iter().chain(hints).filter_map(|address| private_block(*address)).collect()
}

async fn name_server(
    search: Search<'_>,
    mut authority: Authority,
    delegation: &Delegation,
    zone_names: &Fact<BTreeSet<Name>>,
    surveys: &[Survey],
    place: Place<'_>,
) -> NameServer {
    let name = authority.name.to_lowercase();
    let glue = delegation.glue.get(&name).cloned().unwrap_or_default();
    let (four, six) = tokio::join!(search.dns.lookup(&name, RecordType::A), search.dns.lookup(&name, RecordType::AAAA));
    let (mut four_unseen, mut six_unseen) = (failure(&four), failure(&six));
    let may_be_lost = authority.addresses.known().is_none() && glue.is_empty();
    if may_be_lost && [&four_unseen, &six_unseen].into_iter().flatten().all(says_nothing) && search.is_lost(&name).await
    {
        authority.addresses = Fact::Known(Vec::new());
        (four_unseen, six_unseen) = (None, None);
    }
    let known = authority.addresses.known().cloned().unwrap_or_default();
    let addresses: BTreeSet<IpAddr> = known.into_iter().chain(glue.iter().copied()).collect();
    let of_it = surveys.iter().filter(|survey| addresses.contains(&survey.address));
    let mut servers: Vec<_> = of_it.map(|survey| server(survey, place)).collect();
    servers.sort_by(|one, other| one.facts.address.cmp(&other.facts.address));
    NameServer {
        is_alias: is_alias(&four, &six),
        four_unseen,
        six_unseen,
        in_parent: match surveys.iter().find_map(|survey| survey.udp.as_ref().err()) {
            // The resolver alone was heard, and it tells the zone's own list.
            Some(silence) if delegation.from_zone && place.reach.is_closed() => Fact::Unknown(silence.clone()),
            Some(_) | None => Fact::Known(delegation.names.contains(&name)),
        },
        in_zone: zone_names.clone().map(|names| names.contains(&name)),
        addresses: authority.addresses,
        name,
        glue,
        servers,
    }
}

fn failure(lookup: &Lookup) -> Option<Unknown> {
    if let Answer::Failed(unknown) = &lookup.answer { Some(unknown.clone()) } else { None }
}

/// Whether a failure is an answer that says nothing of the name; another one may be this host's.
fn says_nothing(failure: &Unknown) -> bool {
    failure.reason == Reason::SERVER_FAILURE || failure.reason == Reason::UNREACHABLE
}

/// Whether a name is an alias; unknown when neither question was answered.
fn is_alias(four: &Lookup, six: &Lookup) -> Fact<bool> {
    match (failure(four), failure(six)) {
        _ if [four, six].iter().any(|lookup| !lookup.aliases.is_empty()) => Fact::Known(true),
        (Some(unknown), Some(_)) => Fact::Unknown(unknown),
        (None, _) | (_, None) => Fact::Known(false),
    }
}

/// Everything that was found wrong: between parent and zone, and with each server.
pub(crate) fn found(look: &DelegationLook) -> Vec<ProblemFacts> {
    let mut found = look.problems.known().cloned().unwrap_or_default();
    for server in look.name_servers.known().into_iter().flatten() {
        let words = server.problems.known().into_iter().flatten();
        found.extend(words.map(|word| problem(word, &server.name, server.addresses.join(", "))));
    }
    found
}

async fn is_missing(dns: &Dns, domain: &Name) -> bool {
    let lookup = dns.lookup(domain, RecordType::A).await;
    lookup.is_missing && lookup.aliases.is_empty()
}

fn not_delegated(domain: &Name, cut: &Cut) -> DelegationLook {
    let zone = plain(&cut.zone);
    let detail = format!("{zone} knows no such name");
    DelegationLook {
        zone: Fact::Known(zone),
        parent: match &cut.parent {
            Some(parent) => Fact::Known(plain(parent)),
            None => Fact::unknown(Reason::DOES_NOT_APPLY, "nothing is above the root"),
        },
        name_servers: Fact::Known(Vec::new()),
        networks: Fact::Known(0),
        problems: Fact::Known(vec![problem(DelegationProblem::NotDelegated.word(), plain(domain), detail)]),
        surveyed: None,
    }
}

fn unseen(unknown: &Unknown) -> DelegationLook {
    DelegationLook {
        zone: Fact::Unknown(unknown.clone()),
        parent: Fact::Unknown(unknown.clone()),
        name_servers: Fact::Unknown(unknown.clone()),
        networks: Fact::Unknown(unknown.clone()),
        problems: Fact::Unknown(unknown.clone()),
        surveyed: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lookup(answer: Answer, aliases: &[&str]) -> Lookup {
        let name = |text: &str| Name::from_ascii(text).expect("a name");
        Lookup {
            name: name("ns1.example."),
            kind: RecordType::A,
            answer,
            canonical: name(aliases.last().unwrap_or(&"ns1.example.")),
            aliases: aliases.iter().map(|alias| name(alias)).collect(),
            is_missing: false,
            reply: None,
        }
    }

    #[test]
    fn a_failed_look_up_does_not_say_that_a_name_is_no_alias() {
        let unknown = Unknown::new(Reason::TIMEOUT, "no answer");
        let failed = || lookup(Answer::Failed(unknown.clone()), &[]);
        assert_eq!(is_alias(&failed(), &failed()), Fact::Unknown(unknown.clone()));
        assert_eq!(is_alias(&failed(), &lookup(Answer::NoRecords, &[])), Fact::Known(false));
        assert_eq!(is_alias(&failed(), &lookup(Answer::NoRecords, &["a.example."])), Fact::Known(true));
        assert_eq!(is_alias(&lookup(Answer::Failed(unknown.clone()), &["a.example."]), &failed()), Fact::Known(true));
    }
}
