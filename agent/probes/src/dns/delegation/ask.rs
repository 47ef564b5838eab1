//! Asking every address of every server: those that the parent gives, then what else turns up.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use hickory_proto::rr::{Name, RData, RecordType};
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::networks::{PrivateBlock, common_block, may_be_asked};
use super::survey::{Plan, Sample, Survey, survey};
use super::together::together;
use crate::dns::answers::Answer;
use crate::dns::lookup::Dns;
use crate::dns::lookup::cut::{Authority, Cut, Delegation, Said};

/// Addresses of name servers that one look asks; the root has 26.
const ADDRESSES_MAX: usize = 32;
/// Addresses that are asked at a time.
const ADDRESSES_RUNNING_MAX: usize = 16;
/// Rounds of asking: the addresses of the parent, those of the names, those of names that only the zone gives.
const ROUNDS_MAX: usize = 3;
/// Names of servers of one zone that are looked up.
const NAMES_MAX: usize = 64;
/// Labels below a domain at which the servers are compared.
const SAMPLE_LABELS: [&str; 2] = ["www", "mail"];

/// Asks the parent's addresses while the names are looked up, then what else turns up. Addresses in private blocks are asked
/// where their block is one at home, or holds every server of the zone; else they are told as not asked.
pub(crate) async fn ask_everybody(
    dns: &Dns,
    cut: &Cut,
    plan: &Arc<Plan>,
    blocks_at_home: &BTreeSet<PrivateBlock>,
) -> (Delegation, Vec<Authority>, Vec<Survey>) {
    let glue: BTreeSet<IpAddr> = cut.delegation.glue.values().flatten().copied().collect();
    let at_home = glue.iter().copied().filter(|address| may_be_asked(*address, blocks_at_home)).collect();
    let (mut surveys, mut authorities, delegation) =
        tokio::join!(round(dns, plan, at_home, &[]), dns.authorities(cut), parents_delegation(dns, cut));
    let mut unasked = BTreeSet::new();
    for _ in 1..ROUNDS_MAX {
        let new_names = names_without_authority(plan, &delegation, &authorities, &surveys);
        let looked_up = together(new_names.into_iter().map(|name| look_up(dns.clone(), name)).collect(), ADDRESSES_MAX);
        authorities.extend(looked_up.await);
        let found = authorities.iter().flat_map(|authority| authority.addresses.known().into_iter().flatten());
        let all: BTreeSet<IpAddr> = found.chain(&glue).copied().collect();
        let mut blocks = blocks_at_home.clone();
        blocks.extend(common_block(all.iter().copied()));
        let (wanted, others): (BTreeSet<_>, BTreeSet<_>) =
            all.into_iter().partition(|address| may_be_asked(*address, &blocks));
        unasked = others;
        let more = round(dns, plan, wanted, &surveys).await;
        if more.is_empty() {
            break;
        }
        surveys.extend(more);
    }
    authorities.sort_by(|one, other| one.name.cmp(&other.name));
    unasked.retain(|address| surveys.iter().all(|survey| survey.address != *address));
    surveys.extend(unasked.into_iter().map(|address| {
        let why = Unknown::new(Reason::UNREACHABLE, format!("{address} is a private address, which is not asked"));
        Survey::unasked(address, &why)
    }));
    (delegation, authorities, surveys)
}

/// Asks the addresses that were not asked yet.
async fn round(dns: &Dns, plan: &Arc<Plan>, wanted: BTreeSet<IpAddr>, done: &[Survey]) -> Vec<Survey> {
    let new = wanted.into_iter().filter(|address| done.iter().all(|survey| survey.address != *address));
    let left = ADDRESSES_MAX.saturating_sub(done.len());
    let works = new.take(left).map(|address| survey(dns.clone(), address, Arc::clone(plan))).collect();
    together(works, ADDRESSES_RUNNING_MAX).await
}

async fn look_up(dns: Dns, name: Name) -> Authority {
    let addresses = dns.addresses(&name).await;
    Authority { name, addresses, glue: Vec::new() }
}

fn names_without_authority(
    plan: &Plan,
    delegation: &Delegation,
    authorities: &[Authority],
    surveys: &[Survey],
) -> BTreeSet<Name> {
    let of_zone = surveys.iter().filter_map(|survey| survey.zone_names(&plan.zone)).flatten();
    let all = of_zone.chain(delegation.names.iter().cloned());
    let new: BTreeSet<Name> = all.filter(|name| authorities.iter().all(|known| known.name != *name)).collect();
    new.into_iter().take(NAMES_MAX.saturating_sub(authorities.len())).collect()
}

/// The delegation as the parent alone gives it, where one of its servers does not hold the zone too.
async fn parents_delegation(dns: &Dns, cut: &Cut) -> Delegation {
    if !cut.delegation.from_zone {
        return cut.delegation.clone();
    }
    let told = dns.delegations(cut).await;
    let mut from_parent = told.known().into_iter().flatten().filter_map(|said| match said {
        Said::Delegated(delegation) if !delegation.from_zone => Some(delegation.clone()),
        Said::Delegated(_) | Said::NotDelegated | Said::Failed(_) => None,
    });
    from_parent.next().unwrap_or_else(|| cut.delegation.clone())
}

/// Addresses of the servers of the zone above.
pub(crate) async fn parent_addresses(dns: &Dns, cut: &Cut) -> Vec<IpAddr> {
    let Some(parent) = &cut.parent else { return Vec::new() };
    let Fact::Known(above) = dns.zone_of(parent).await else { return Vec::new() };
    dns.server_addresses(&above).await.iter().map(std::net::SocketAddr::ip).collect()
}

/// The names that the zone itself gives: from its own servers, else from the resolver.
pub(crate) async fn zone_names(dns: &Dns, zone: &Name, surveys: &[Survey]) -> Fact<BTreeSet<Name>> {
    let direct: BTreeSet<Name> = surveys.iter().filter_map(|survey| survey.zone_names(zone)).flatten().collect();
    if !direct.is_empty() {
        return Fact::Known(direct);
    }
    match &dns.lookup(zone, RecordType::NS).await.answer {
        Answer::Records(records) => {
            let names = records.iter().filter_map(|record| if let RData::NS(ns) = record { Some(&ns.0) } else { None });
            Fact::Known(names.map(Name::to_lowercase).collect())
        }
        Answer::NoRecords | Answer::NoName => Fact::Known(BTreeSet::new()),
        Answer::Failed(unknown) => Fact::Unknown(unknown.clone()),
    }
}

/// Names at which the servers are compared: the domain, and names below it that most domains have.
pub(crate) fn samples(domain: &Name) -> Vec<Sample> {
    let of_domain = [RecordType::A, RecordType::AAAA, RecordType::MX, RecordType::TXT, RecordType::CAA]
        .map(|kind| Sample { name: domain.clone(), kind });
    let below = |label: &str, kind| Some(Sample { name: domain.prepend_label(label).ok()?, kind });
    let named = SAMPLE_LABELS.iter().flat_map(|label| [below(label, RecordType::A), below(label, RecordType::AAAA)]);
    of_domain.into_iter().chain(named.chain([below("_dmarc", RecordType::TXT)]).flatten()).collect()
}
