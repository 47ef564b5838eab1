//! Which names and types of a signed zone are looked at: a bounded list, so that one bad name in a good zone is found.
//!
//! Replies show other names of the zone, in the gaps of NSEC. Without permission, at most [`REVEALED_NAMES_MAX`] of them are asked
//! for; the rest, and the walk from gap to gap, belong to an active look.

use hickory_proto::rr::{Name, RData, RecordType};

use super::names::{Canonical, is_within};
use super::observed::Observed;
use super::proof::Validator;
use super::sets::Evidence;
use crate::dns::answers::Answer;

/// Records of the domain itself, the ones that decide whether it can be reached first.
const OF_DOMAIN: [RecordType; 6] =
    [RecordType::A, RecordType::AAAA, RecordType::MX, RecordType::TXT, RecordType::CAA, RecordType::NS];
/// A label that no zone has: whether the zone can prove that.
const MISSING: &str = "vedetta-no-such-name";
/// Names that most zones have, and what is asked of them; and one that none has.
const COMMON: [(&str, RecordType); 14] = [
    ("www", RecordType::A),
    ("mail", RecordType::A),
    ("smtp", RecordType::A),
    ("imap", RecordType::A),
    ("pop", RecordType::A),
    ("webmail", RecordType::A),
    ("ftp", RecordType::A),
    ("ns1", RecordType::A),
    ("ns2", RecordType::A),
    ("autodiscover", RecordType::A),
    ("autoconfig", RecordType::A),
    ("_dmarc", RecordType::TXT),
    ("_mta-sts", RecordType::TXT),
    (MISSING, RecordType::A),
];
/// Types of names that gaps show, as far as they are asked for.
const OF_REVEALED: [RecordType; 9] = [
    RecordType::A,
    RecordType::AAAA,
    RecordType::CNAME,
    RecordType::MX,
    RecordType::TXT,
    RecordType::SRV,
    RecordType::TLSA,
    RecordType::CAA,
    RecordType::HTTPS,
];
/// Hosts of MX and NS inside the zone that are asked for.
const HOSTS_MAX: usize = 8;
/// Names that gaps show and that are asked for without permission.
const REVEALED_NAMES_MAX: usize = 4;
/// Questions about names that gaps show.
const REVEALED_MAX: usize = 64;
/// Names that are walked through from gap to gap, with permission only.
const WALKED_MAX: usize = 64;

/// What is proved of the domain itself; its outcome is the zone's.
pub(super) fn of_domain(zone: &Name, domain: &Name) -> Vec<(Name, RecordType)> {
    let keys = [(zone.clone(), RecordType::DNSKEY), (zone.clone(), RecordType::SOA)];
    keys.into_iter().chain(OF_DOMAIN.map(|kind| (domain.clone(), kind))).collect()
}

/// Records that no zone has at its apex: they belong to names of services (RFC 2782).
pub(super) fn missing_type(zone: &Name) -> (Name, RecordType) {
    (zone.clone(), RecordType::SRV)
}

/// The name beneath a zone that nobody has; none where a name so long cannot be.
pub(super) fn missing_name(zone: &Name) -> Option<Name> {
    zone.prepend_label(MISSING).ok()
}

/// What is proved of other names of the zone: common ones, and the hosts that its MX and NS records name.
pub(super) async fn of_neighbours(validator: &Validator, zone: &Name) -> Vec<(Name, RecordType)> {
    let mut wanted: Vec<(Name, RecordType)> =
        COMMON.iter().filter_map(|(label, kind)| Some((zone.prepend_label(*label).ok()?, *kind))).collect();
    for kind in [RecordType::MX, RecordType::NS] {
        let Answer::Records(records) = &validator.dns.lookup(zone, kind).await.answer else { continue };
        let host = |record: &RData| {
            if let RData::MX(server) = record {
                return Some(server.exchange.clone());
            }
            let RData::NS(server) = record else { return None };
            Some(server.0.clone())
        };
        let hosts = records.iter().filter_map(host);
        for host in hosts.filter(|host| is_within(host, zone) && !host.is_root()).take(HOSTS_MAX) {
            wanted.extend([RecordType::A, RecordType::AAAA].map(|kind| (host.clone(), kind)));
        }
    }
    wanted.sort_unstable();
    wanted.dedup();
    wanted
}

/// What is proved of names that gaps show.
pub(super) fn of_revealed(
    observed: &Observed,
    zone: &Name,
    known: &[(Name, RecordType)],
    active: bool,
) -> Vec<(Name, RecordType)> {
    let mut wanted: Vec<(Name, RecordType)> = Vec::new();
    for (canonical, (name, types)) in &observed.names {
        if canonical.is_wildcard() || *canonical == Canonical::of(zone) {
            continue;
        }
        match types {
            // Delegated names are another zone's.
            Some(types) if types.has(RecordType::NS) => {}
            Some(types) => {
                let asked = OF_REVEALED.iter().filter(|kind| types.has(**kind));
                wanted.extend(asked.map(|kind| (name.clone(), *kind)));
            }
            None => wanted.push((name.clone(), RecordType::A)),
        }
    }
    wanted.retain(|wanted| !known.contains(wanted));
    if !active {
        let mut names: Vec<Name> = wanted.iter().map(|(name, _)| name.clone()).collect();
        names.dedup();
        names.truncate(REVEALED_NAMES_MAX);
        wanted.retain(|(name, _)| names.contains(name));
    }
    wanted.truncate(REVEALED_MAX);
    wanted
}

/// Follows the gaps of a zone from name to name, as far as it goes.
pub(super) async fn walk(validator: &Validator, zone: &Name, observed: &mut Observed) {
    let mut name = zone.clone();
    for _step in 0..WALKED_MAX {
        let lookup = validator.dns.lookup(&name, RecordType::NSEC).await;
        let Ok(evidence) = validator.evidence(&lookup) else { return };
        observed.note(&evidence);
        let Some(next) = next_name(&evidence, &name) else { return };
        if observed.made_on_demand || Canonical::of(&next) <= Canonical::of(&name) || !is_within(&next, zone) {
            return;
        }
        name = next;
    }
}

fn next_name(evidence: &Evidence, name: &Name) -> Option<Name> {
    let set = evidence.answer(&Canonical::of(name), RecordType::NSEC)?;
    let gap = super::rdata::Nsec::parse(&set.name, &set.records.first()?.sent)?;
    Some(gap.next_name)
}
