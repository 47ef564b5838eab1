//! What the zone's own data says: authorities for certificates, names that dangle, wildcards, reverse names.
//!
//! A domain that is no zone of its own is asked for its own names and rules; the start of authority and the agreement of the
//! servers are those of the zone that holds it.

pub(crate) mod caa;
pub(crate) mod dangling;
pub(crate) mod drift;
pub(crate) mod labels;
pub(crate) mod pointers;
pub(crate) mod problem;
pub(crate) mod services;
mod signing;
pub(crate) mod soa;
pub(crate) mod wildcard;

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use hickory_proto::rr::{Name, RecordType};
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use self::caa::Rules;
use self::problem::ZoneProblem;
use super::answers::Answer;
use super::delegation::compare::problem;
use super::delegation::{DelegationLook, Surveyed};
use super::facts::{DanglingFacts, PointerFacts, ProblemFacts};
use super::lookup::Dns;
use super::records::plain;
use crate::ProbeContext;
use crate::tls::connect::Deadline;

/// Longest time for the names below a domain and its rules on certificates.
const NAMES_TIME_MAX: Duration = Duration::from_secs(12);
/// Longest time for the reverse names.
const POINTERS_TIME_MAX: Duration = Duration::from_secs(6);

/// What the names of a zone say.
#[derive(Debug)]
pub(crate) struct NamesLook {
    /// Who may issue certificates.
    pub(crate) rules: Fact<Rules>,
    /// Whether names that nobody wrote down resolve.
    pub(crate) wildcard: Fact<bool>,
    /// What points to nothing.
    pub(crate) dangling: Fact<Vec<DanglingFacts>>,
    /// What is wrong with them.
    pub(crate) problems: Vec<ProblemFacts>,
}

/// Looks at the names of a domain; it does not ask the zone's servers directly.
pub(crate) async fn names(dns: &Dns, domain: &Name, context: &ProbeContext, deadline: Deadline) -> NamesLook {
    match deadline.run(NAMES_TIME_MAX, find_names(dns, domain, context)).await {
        Some(found) => found,
        None => {
            let late = Unknown::new(Reason::TIMEOUT, format!("names below {domain}"));
            NamesLook {
                rules: Fact::Unknown(late.clone()),
                wildcard: Fact::Unknown(late.clone()),
                dangling: Fact::Unknown(late),
                problems: Vec::new(),
            }
        }
    }
}

async fn find_names(dns: &Dns, domain: &Name, context: &ProbeContext) -> NamesLook {
    let pointing = dangling::look(dns, domain, wildcard::look(dns, domain, context.now));
    let (rules, (pointing, wildcard), apex) = tokio::join!(caa::look(dns, domain), pointing, apex_alias(dns, domain));
    let mut problems = pointing.problems;
    problems.extend(apex);
    if let Fact::Known(rules) = &rules {
        problems.extend(rules.problems.iter().cloned());
    }
    NamesLook { rules, wildcard: wildcard.resolves, dangling: pointing.dangling, problems }
}

async fn apex_alias(dns: &Dns, domain: &Name) -> Option<ProblemFacts> {
    let (alias, cut) = tokio::join!(dns.lookup(domain, RecordType::CNAME), dns.zone_of(domain));
    let is_zone = cut.known().is_some_and(|cut| cut.zone == *domain);
    let Answer::Records(records) = &alias.answer else { return None };
    let target = records.first().map(ToString::to_string).unwrap_or_default();
    is_zone.then(|| problem(ZoneProblem::ApexAlias.word(), plain(domain), format!("alias of {target}")))
}

/// What is wrong with a zone's data, sorted: as its servers told it to the look at the delegation, and as its names show it.
pub(crate) fn problems(delegation: &DelegationLook, names: &NamesLook) -> Fact<Vec<ProblemFacts>> {
    let mut problems = names.problems.clone();
    let unheard = match &delegation.surveyed {
        Some(surveyed) => {
            problems.extend(drift::problems(surveyed));
            problems.extend(signing::problems(surveyed));
            problems.extend(start_of_authority(surveyed));
            unheard(surveyed)
        }
        None => match &delegation.zone {
            Fact::Unknown(unknown) => Some(unknown.clone()),
            Fact::Known(_) => None,
        },
    };
    problems.sort_by(|one, other| (&one.problem, &one.subject).cmp(&(&other.problem, &other.subject)));
    problems.dedup();
    match unheard {
        Some(unknown) if problems.is_empty() => Fact::Unknown(unknown),
        Some(_) | None => Fact::Known(problems),
    }
}

/// Why the zone's data at its servers cannot be told or compared; none when the zone has one server that told it, or when two
/// did: of one server out of several, nobody can tell whether the others say the same.
fn unheard(surveyed: &Surveyed) -> Option<Unknown> {
    let of_zone = surveyed.surveys.iter().filter(|survey| survey.start_of_authority(&surveyed.zone).is_some());
    let told: BTreeSet<IpAddr> = of_zone.map(|survey| survey.address).collect();
    let is_heard = |(_, addresses): &(Name, Vec<IpAddr>)| addresses.iter().any(|address| told.contains(address));
    if told.len() > 1 || (!told.is_empty() && surveyed.names.iter().all(is_heard)) {
        return None;
    }
    let silence = surveyed.surveys.iter().find_map(|survey| survey.udp.as_ref().err()).cloned();
    let lame =
        || Unknown::new(Reason::SERVER_FAILURE, format!("too few servers answer with authority for {}", surveyed.zone));
    Some(silence.unwrap_or_else(lame))
}

fn start_of_authority(surveyed: &Surveyed) -> Vec<ProblemFacts> {
    let names: Vec<Name> = surveyed.names.iter().map(|(name, _)| name.clone()).collect();
    let told = surveyed.surveys.iter().filter_map(|survey| survey.start_of_authority(&surveyed.zone));
    // Servers that say the same give the same problems, which are told once.
    told.flat_map(|soa| soa::problems(&surveyed.zone, soa, &names)).collect()
}

/// Reverse names of a domain's own addresses and of its name servers'.
pub(crate) async fn reverse(
    dns: &Dns,
    domain: &Name,
    delegation: &DelegationLook,
    deadline: Deadline,
) -> Fact<Vec<PointerFacts>> {
    let own = match dns.addresses(domain).await {
        Fact::Known(own) => own,
        Fact::Unknown(unknown) => return Fact::Unknown(unknown),
    };
    let of_servers = delegation.surveyed.iter().flat_map(|surveyed| &surveyed.names);
    let mut hosts: Vec<(String, IpAddr)> = own.into_iter().map(|address| (plain(domain), address)).collect();
    hosts.extend(of_servers.flat_map(|(name, found)| found.iter().map(|address| (plain(name), *address))));
    match deadline.run(POINTERS_TIME_MAX, pointers::pointers(dns, &hosts)).await {
        Some(found) => Fact::Known(found),
        None => Fact::unknown(Reason::TIMEOUT, format!("reverse names of {domain}")),
    }
}
