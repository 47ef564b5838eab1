//! Names that point to something nobody holds: aliases, name servers and mail servers whose target does not exist.

use std::collections::BTreeSet;

use hickory_proto::rr::{Name, RData, RecordType};
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::labels::labels;
use super::problem::ZoneProblem;
use super::services::service;
use super::wildcard::Wildcard;
use crate::dns::answers::Answer;
use crate::dns::delegation::compare::problem;
use crate::dns::delegation::together::together;
use crate::dns::facts::{DanglingFacts, ProblemFacts};
use crate::dns::lookup::Dns;
use crate::dns::records::plain;
use crate::public_suffix::registrable;

/// Names that are looked up at a time.
const RUNNING_MAX: usize = 16;
/// Name servers and mail servers of one name that are looked up.
const HOSTS_MAX: usize = 64;

/// What was found below a domain.
#[derive(Debug, Clone)]
pub(crate) struct Pointing {
    /// What points to nothing, sorted.
    pub(crate) dangling: Fact<Vec<DanglingFacts>>,
    /// Aliases in a wrong place, or that lead back to themselves.
    pub(crate) problems: Vec<ProblemFacts>,
}

/// A name that points to a target, which does not exist.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Lost {
    name: String,
    kind: &'static str,
    target: Name,
}

/// Looks for what points to nothing at the domain, at its common names, and among its name servers and mail servers.
///
/// When the domain itself cannot be asked for, nothing below it is; its name servers are, as its parent gives them.
pub(crate) async fn look(dns: &Dns, domain: &Name, wildcard: impl Future<Output = Wildcard>) -> (Pointing, Wildcard) {
    let start = dns.lookup(domain, RecordType::SOA).await;
    // Aliases that lead back to themselves fail too, and are told below.
    if let (Answer::Failed(unknown), true) = (&start.answer, start.aliases.is_empty()) {
        let (lost, _) = hosts(dns, domain).await;
        let dangling = tell(dns, domain, lost.into_iter().collect(), Some(unknown.clone())).await;
        return (Pointing { dangling, problems: Vec::new() }, Wildcard::bare(Fact::Unknown(unknown.clone())));
    }
    let is_missing = start.is_missing && start.aliases.is_empty();
    let names: Vec<Name> = if is_missing {
        Vec::new()
    } else {
        let below = labels().filter_map(|label| domain.prepend_label(label).ok());
        [domain.clone()].into_iter().chain(below).collect()
    };
    let aliases = together(names.into_iter().map(|name| alias(dns.clone(), name)).collect(), RUNNING_MAX);
    let (wildcard, aliases, hosts) = tokio::join!(wildcard, aliases, hosts(dns, domain));
    let (hosts, cut_short) = hosts;
    let mut lost: BTreeSet<Lost> = hosts.into_iter().collect();
    let mut silent = Vec::new();
    let mut problems = Vec::new();
    for found in aliases {
        match found {
            Alias::None => {}
            Alias::Unseen { name } if name != *domain => silent.push(name),
            Alias::Unseen { .. } => {}
            // A tree that is led elsewhere promises no single name there.
            Alias::Lost { name, target } if wildcard.redirects(domain, &name, &target) => {}
            // The wildcard is told once, not at every name that it answers for.
            Alias::Lost { name, target } if name != *domain && wildcard.alias.as_ref() == Some(&target) => {}
            Alias::Lost { name, target } => _ = lost.insert(Lost { name: plain(&name), kind: "cname", target }),
            Alias::Loop { name, passed } => {
                problems.push(problem(ZoneProblem::AliasLoop.word(), plain(&name), passed.join(" -> ")));
            }
        }
    }
    if let Some(target) = wildcard.alias.clone().filter(|_| wildcard.alias_dangles) {
        lost.insert(Lost { name: format!("*.{}", plain(domain)), kind: "cname", target });
    }
    let below = together(silent.into_iter().map(|name| servers_below(dns.clone(), name)).collect(), RUNNING_MAX).await;
    lost.extend(below.into_iter().flatten());
    (Pointing { dangling: tell(dns, domain, lost, cut_short).await, problems }, wildcard)
}

/// Tells what was lost; when it is nothing, and not everything was seen, that is not known.
async fn tell(dns: &Dns, domain: &Name, lost: BTreeSet<Lost>, unseen: Option<Unknown>) -> Fact<Vec<DanglingFacts>> {
    if let (true, Some(unknown)) = (lost.is_empty(), unseen) {
        return Fact::Unknown(unknown);
    }
    let holder = registrable(&plain(domain));
    let told = lost.into_iter().map(|lost| told(dns.clone(), lost, holder.clone())).collect();
    let mut dangling = together(told, RUNNING_MAX).await;
    dangling.sort_by(|one, other| (&one.name, &one.kind, &one.target).cmp(&(&other.name, &other.kind, &other.target)));
    Fact::Known(dangling)
}

/// Where a name leads as an alias.
#[derive(Debug)]
enum Alias {
    /// It is none, or it leads to something.
    None,
    /// Its target does not exist.
    Lost { name: Name, target: Name },
    /// It leads back to itself, by these names.
    Loop { name: Name, passed: Vec<String> },
    /// Nobody answers for it, as where it is handed on to servers that are gone.
    Unseen { name: Name },
}

async fn alias(dns: Dns, name: Name) -> Alias {
    let lookup = dns.lookup(&name, RecordType::A).await;
    let Some((target, passed)) = lookup.aliases.split_last() else {
        return if matches!(lookup.answer, Answer::Failed(_)) { Alias::Unseen { name } } else { Alias::None };
    };
    if *target == name || passed.contains(target) {
        return Alias::Loop { passed: std::iter::once(&name).chain(&lookup.aliases).map(plain).collect(), name };
    }
    if lookup.is_missing { Alias::Lost { target: target.to_lowercase(), name } } else { Alias::None }
}

/// Name servers that do not exist, of a name that is handed on to them.
async fn servers_below(dns: Dns, name: Name) -> Vec<Lost> {
    let Fact::Known(cut) = dns.zone_of(&name).await else { return Vec::new() };
    if cut.zone != name {
        return Vec::new();
    }
    let mut found = Vec::new();
    for target in cut.delegation.names.iter().take(HOSTS_MAX) {
        found.extend(lost_host(dns.clone(), name.clone(), "ns", target.to_lowercase()).await);
    }
    found
}

/// Name servers and mail servers that do not exist, and why not all were looked at.
async fn hosts(dns: &Dns, domain: &Name) -> (Vec<Lost>, Option<Unknown>) {
    let (mail, own, cut) =
        tokio::join!(dns.lookup(domain, RecordType::MX), dns.lookup(domain, RecordType::NS), dns.zone_of(domain));
    let mut pointing: BTreeSet<(Name, &'static str, Name)> = BTreeSet::new();
    if let Answer::Records(records) = &mail.answer {
        let exchanges =
            records.iter().filter_map(|record| if let RData::MX(mx) = record { Some(&mx.exchange) } else { None });
        pointing
            .extend(exchanges.filter(|name| !name.is_root()).map(|name| (domain.clone(), "mx", name.to_lowercase())));
    }
    if let Answer::Records(records) = &own.answer {
        let servers = records.iter().filter_map(|record| if let RData::NS(ns) = record { Some(&ns.0) } else { None });
        pointing.extend(servers.map(|name| (domain.clone(), "ns", name.to_lowercase())));
    }
    if let Fact::Known(cut) = cut
        && cut.zone == *domain
    {
        pointing.extend(cut.delegation.names.iter().map(|name| (domain.clone(), "ns", name.to_lowercase())));
    }
    let cut_short = (pointing.len() > HOSTS_MAX)
        .then(|| Unknown::new(Reason::CUT_LIST, format!("{} name servers and mail servers", pointing.len())));
    let works: Vec<_> = pointing
        .into_iter()
        .take(HOSTS_MAX)
        .map(|(name, kind, target)| lost_host(dns.clone(), name, kind, target))
        .collect();
    (together(works, RUNNING_MAX).await.into_iter().flatten().collect(), cut_short)
}

async fn lost_host(dns: Dns, name: Name, kind: &'static str, target: Name) -> Option<Lost> {
    let lookup = dns.lookup(&target, RecordType::A).await;
    lookup.is_missing.then(|| Lost { name: plain(&name), kind, target: lookup.canonical.to_lowercase() })
}

/// Tells what anybody could register to answer in the place of a target. `holder` is the registrable domain of the one who
/// points: what is missing below it only its holder can add.
async fn told(dns: Dns, lost: Lost, holder: Option<String>) -> DanglingFacts {
    let target = plain(&lost.target);
    let domain = registrable(&target);
    let claimable = match (service(&target), domain) {
        (_, domain) if domain.is_some() && domain == holder => None,
        (Some(service), _) => Some(service.to_owned()),
        (None, Some(domain)) if is_free(&dns, &domain).await => Some(domain),
        (None, Some(_) | None) => None,
    };
    DanglingFacts {
        name: lost.name,
        kind: lost.kind.to_owned(),
        target,
        takeover: claimable.is_some(),
        service: claimable.unwrap_or_default(),
    }
}

/// Whether a domain does not exist while the suffix above it does, so that somebody sells it.
async fn is_free(dns: &Dns, domain: &str) -> bool {
    let Ok(mut name) = Name::from_ascii(domain) else { return false };
    name.set_fqdn(true);
    let suffix = name.base_name();
    let (own, above) = tokio::join!(dns.lookup(&name, RecordType::SOA), dns.lookup(&suffix, RecordType::SOA));
    matches!(own.answer, Answer::NoName) && matches!(above.answer, Answer::Records(_) | Answer::NoRecords)
}

/// What was found, as problems: `dangling_cname`, `dangling_ns` and `dangling_mx`.
pub(crate) fn found(dangling: &Fact<Vec<DanglingFacts>>) -> Vec<ProblemFacts> {
    let told = |lost: &DanglingFacts| problem(&format!("dangling_{}", lost.kind), &lost.name, lost.target.as_str());
    dangling.known().into_iter().flatten().map(told).collect()
}
