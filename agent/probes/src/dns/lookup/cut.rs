//! Where a name's zone begins, who delegates it, and what the parent's own servers say of it.
//!
//! The three calls that other parts of a look use:
//! `zone_of` (the enclosing zone of a name and its delegation, from one of the parent's servers; cached for the whole run),
//! `delegations` (the same delegation as *each* of the parent's servers gives it) and `authorities` (the servers of a zone with
//! their addresses). Found from the root hints when there are some, else through the resolver.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use tokio::time::timeout;
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::Dns;
use super::servers::{Trail, interleaved, refusal};
use crate::dns::answers::Answer;
use crate::dns::client::{Question, Reply};

/// Most addresses of the parent's servers that are asked for one delegation.
const PARENT_ADDRESSES_MAX: usize = 16;
/// Most name servers of one zone that are looked at.
const NAMES_MAX: usize = 32;
/// How long the resolver may take to tell a zone, before it is looked for at the servers of the zone above.
const APEX_TIME_MAX: Duration = Duration::from_millis(800);
/// Most labels of a name at which zones are looked for; a reverse name of IPv6 has 34.
const LABELS_MAX: usize = 40;
/// The same for a mere look-up: a referral tells of zones further down (RFC 9156 section 2.3).
const HOST_LABELS_MAX: usize = 10;

/// A zone and how it hangs below its parent.
#[derive(Debug, Clone)]
pub(crate) struct Cut {
    /// Name of the zone.
    pub(crate) zone: Name,
    /// Name of the zone above, whose servers delegate it; none for the root.
    pub(crate) parent: Option<Name>,
    /// The delegation, as the first of the parent's servers that answered gives it; of the root: the hints.
    pub(crate) delegation: Delegation,
    /// The server that gave it; none for the root, and when it came through a resolver.
    pub(super) source: Option<SocketAddr>,
}

/// Servers that a parent zone names for a zone below it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Delegation {
    /// Names of the servers, sorted, each once.
    pub(crate) names: Vec<Name>,
    /// Addresses that came with the names (glue), by name, sorted.
    pub(crate) glue: BTreeMap<Name, Vec<IpAddr>>,
    /// Digests of the zone's keys (DS) that came with the names, raw; asked for with DO, but a resolver may leave them out: `lookup(zone, DS)` tells surely.
    pub(crate) ds: Vec<RData>,
    /// Whether the one who said so is an authority for the zone itself: what it names is then the zone's own list, not its parent's.
    pub(crate) from_zone: bool,
}

/// What a server of the parent zone may say of a zone below.
#[derive(Debug, Clone)]
pub(crate) enum Said {
    /// The zone is delegated to these servers.
    Delegated(Delegation),
    /// The parent zone holds no such delegation: no such name, or no servers at it.
    NotDelegated,
    /// It did not answer, or not with authority for the parent zone.
    Failed(Unknown),
}

/// What stands at a name right below a zone that is known.
#[derive(Debug, Clone)]
pub(super) enum Below {
    /// A zone of its own.
    Cut(Arc<Cut>),
    /// A name of the same zone.
    Same,
    /// Nothing, and nothing below it either (RFC 8020).
    Missing,
}

/// Which names are asked for when zones are walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    /// Every name.
    All,
    /// Not those of attributes (`_dmarc`): they are seldom zones, and a referral tells when one is (RFC 9156 section 2.3).
    OfHosts,
}

/// A name server of a zone.
#[derive(Debug, Clone)]
pub(crate) struct Authority {
    /// Its name.
    pub(crate) name: Name,
    /// Its addresses, sorted: looked up with authority, else those of the glue; empty when the name has none.
    pub(crate) addresses: Fact<Vec<IpAddr>>,
    /// Addresses that the parent gave with the name; empty without glue.
    pub(crate) glue: Vec<IpAddr>,
}

impl Dns {
    /// The zone that holds a name: the name itself when it is a zone of its own.
    pub(crate) async fn zone_of(&self, name: &Name) -> Fact<Arc<Cut>> {
        if self.run.hints.is_some() {
            self.walk(name, Names::All, &Trail::default()).await
        } else {
            self.resolved_zone(name).await
        }
    }

    /// The delegation of a zone as each address of its parent's servers gives it; empty for the root.
    pub(crate) async fn delegations(&self, cut: &Cut) -> Fact<Vec<Said>> {
        let Some(parent) = &cut.parent else { return Fact::Known(Vec::new()) };
        let above = match self.cut_of(parent).await {
            Fact::Known(above) => above,
            Fact::Unknown(why) => return Fact::Unknown(why),
        };
        let servers = self.authorities(&above).await;
        let lists: Vec<Vec<IpAddr>> = servers.iter().map(|server| server.reachable().to_vec()).collect();
        let mut addresses = interleaved(lists.iter().map(Vec::as_slice));
        addresses.truncate(PARENT_ADDRESSES_MAX);
        if addresses.is_empty() {
            return Fact::unknown(Reason::UNREACHABLE, format!("{parent}: no server has an address"));
        }
        let question = Question::to_authority(&cut.zone, RecordType::NS);
        let (zone, parent) = (cut.zone.clone(), parent.clone());
        let told = self.each(addresses, move |dns, address| {
            let (question, zone, parent) = (question.clone(), zone.clone(), parent.clone());
            async move {
                let server = dns.at_port(address);
                dns.ask(server, &question).await.map_or_else(Said::Failed, |reply| said(&reply, &parent, &zone))
            }
        });
        Fact::Known(told.await)
    }

    /// The servers that the delegation names, with their addresses, sorted by name.
    pub(crate) async fn authorities(&self, cut: &Cut) -> Vec<Authority> {
        let glue = cut.delegation.glue.clone();
        self.each(cut.delegation.names.clone(), move |dns, name| {
            let glue = glue.get(&name).cloned().unwrap_or_default();
            async move {
                let addresses = dns.addresses(&name).await;
                Authority { name, addresses, glue }
            }
        })
        .await
    }

    /// Addresses and port at which the zone's servers are asked: those of `authorities`, each once, at `port`.
    pub(crate) async fn server_addresses(&self, cut: &Cut) -> Vec<SocketAddr> {
        let servers = self.authorities(cut).await;
        interleaved(servers.iter().map(Authority::reachable)).into_iter().map(|address| self.at_port(address)).collect()
    }

    /// The zone at a name that is known to be one.
    async fn cut_of(&self, zone: &Name) -> Fact<Arc<Cut>> {
        if self.run.hints.is_some() {
            return self.walk(zone, Names::All, &Trail::default()).await;
        }
        self.resolved_servers(zone).await.map(Arc::new)
    }

    /// Walks from the root hints down to the zone that holds a name.
    pub(super) async fn walk(&self, name: &Name, names: Names, trail: &Trail) -> Fact<Arc<Cut>> {
        let Some(mut cut) = self.root() else {
            return Fact::unknown(Reason::NO_RESOLVER, "no root hints");
        };
        let most = if names == Names::All { LABELS_MAX } else { HOST_LABELS_MAX };
        for labels in 1..=name.iter().count().min(most) {
            let child = name.trim_to(labels);
            let is_attribute = child.iter().next().is_some_and(|label| label.starts_with(b"_"));
            if names == Names::OfHosts && is_attribute {
                break;
            }
            match self.cut_below(&cut, &child, trail).await {
                Fact::Known(Below::Cut(deeper)) => cut = deeper,
                Fact::Known(Below::Same) => {}
                Fact::Known(Below::Missing) => break,
                Fact::Unknown(why) => return Fact::Unknown(why),
            }
        }
        Fact::Known(cut)
    }

    /// The root, as the hints give it.
    fn root(&self) -> Option<Arc<Cut>> {
        let servers = &self.run.hints.as_ref()?.servers;
        let mut names: Vec<Name> = servers.iter().map(|(name, _)| name.clone()).collect();
        names.sort_unstable();
        let delegation =
            Delegation { names, glue: servers.iter().cloned().collect(), ds: Vec::new(), from_zone: false };
        Some(Arc::new(Cut { zone: Name::root(), parent: None, delegation, source: None }))
    }

    /// Whether a zone begins at a name right below one that is known: asked once in a run.
    pub(super) async fn cut_below(&self, above: &Cut, child: &Name, trail: &Trail) -> Fact<Below> {
        if let Some(known) = self.run.cuts.get(child) {
            return known;
        }
        let fact = match self.ask_zone(above, child, RecordType::NS, trail).await {
            Err(why) => Fact::Unknown(why),
            Ok(reply) => match said(&reply, &above.zone, child) {
                Said::Delegated(delegation) => Fact::Known(Below::Cut(Arc::new(Cut {
                    zone: child.clone(),
                    parent: Some(above.zone.clone()),
                    delegation,
                    source: Some(reply.server),
                }))),
                Said::NotDelegated if reply.code() == ResponseCode::NXDomain => Fact::Known(Below::Missing),
                Said::NotDelegated => Fact::Known(Below::Same),
                Said::Failed(why) => Fact::Unknown(why),
            },
        };
        // A failure on the way to something else, or at the end of a look, may come from that, and says nothing lasting.
        if (trail.is_empty() && !self.is_out_of_time()) || matches!(fact, Fact::Known(_)) {
            self.run.cuts.put(child.clone(), fact.clone());
        }
        fact
    }

    /// The zone that holds a name, found through the resolver: nobody but the resolver and the parent's servers is asked.
    async fn resolved_zone(&self, name: &Name) -> Fact<Arc<Cut>> {
        let labels = name.iter().count().min(LABELS_MAX);
        // The deepest name at or above this one whose zone the resolver can tell.
        let mut told = None;
        for count in (0..=labels).rev() {
            if let Some(apex) = self.apex(&name.trim_to(count)).await {
                told = Some((apex, count));
                break;
            }
        }
        let Some((apex, count)) = told else {
            return Fact::unknown(Reason::SERVER_FAILURE, format!("{name}: the resolver tells no zone above it"));
        };
        let mut cut = match self.resolved_cut(&apex).await {
            Fact::Known(cut) => cut,
            Fact::Unknown(why) => return Fact::Unknown(why),
        };
        for child in (count + 1..=labels).map(|count| name.trim_to(count)) {
            match self.cut_below(&cut, &child, &Trail::default()).await {
                Fact::Known(Below::Cut(deeper)) => cut = deeper,
                Fact::Known(Below::Same) => {}
                Fact::Known(Below::Missing) => break,
                Fact::Unknown(why) => return Fact::Unknown(why),
            }
        }
        Fact::Known(cut)
    }

    /// The zone of a name as the start of authority in the resolver's answer tells it. None for an alias, which tells the zone of
    /// its target, and when the resolver does not know soon: its answer is then waited for by nobody.
    async fn apex(&self, name: &Name) -> Option<Name> {
        let (dns, asked) = (self.clone(), name.clone());
        let lookup = tokio::spawn(async move { dns.lookup(&asked, RecordType::SOA).await });
        let lookup = timeout(APEX_TIME_MAX, lookup).await.ok()?.ok()?;
        if !lookup.aliases.is_empty() || matches!(lookup.answer, Answer::Failed(_)) {
            return None;
        }
        let message = &lookup.reply.as_ref()?.message;
        let starts = message.answers.iter().chain(&message.authorities);
        let mut apexes = starts.filter(|record| record.record_type() == RecordType::SOA && record.name.zone_of(name));
        apexes.next().map(|record| record.name.clone())
    }

    /// A zone with its delegation, asked at its parent's servers; when they are not to be reached, the resolver's word for it.
    async fn resolved_cut(&self, zone: &Name) -> Fact<Arc<Cut>> {
        let own = match self.resolved_servers(zone).await {
            Fact::Known(own) => own,
            Fact::Unknown(why) => return Fact::Unknown(why),
        };
        if zone.is_root() {
            return Fact::Known(Arc::new(own));
        }
        let mut above = zone.base_name();
        let parent = loop {
            match self.apex(&above).await {
                Some(apex) => break apex,
                None if above.is_root() => break Name::root(),
                None => above = above.base_name(),
            }
        };
        if let Fact::Known(parent) = self.resolved_servers(&parent).await
            && let Fact::Known(Below::Cut(cut)) = self.cut_below(&parent, zone, &Trail::default()).await
        {
            return Fact::Known(cut);
        }
        Fact::Known(Arc::new(Cut { parent: Some(parent), ..own }))
    }

    /// A zone with the servers that it names itself, through the resolver; its parent is left open.
    async fn resolved_servers(&self, zone: &Name) -> Fact<Cut> {
        let lookup = self.lookup(zone, RecordType::NS).await;
        let records = match &lookup.answer {
            Answer::Records(records) => records.as_slice(),
            Answer::NoRecords | Answer::NoName => &[],
            Answer::Failed(why) => return Fact::Unknown(why.clone()),
        };
        let delegation = Delegation { names: server_names(records.iter()), from_zone: true, ..Delegation::default() };
        Fact::Known(Cut { zone: zone.clone(), parent: None, delegation, source: None })
    }
}

impl Authority {
    /// Addresses at which it can be asked: those that were looked up, else the glue.
    pub(crate) fn reachable(&self) -> &[IpAddr] {
        match &self.addresses {
            Fact::Known(addresses) if !addresses.is_empty() => addresses,
            Fact::Known(_) | Fact::Unknown(_) => &self.glue,
        }
    }
}

/// What a reply to "NS of the zone" says, sent by a server of the parent zone.
fn said(reply: &Reply, parent: &Name, zone: &Name) -> Said {
    if let Some(why) = refusal(reply, parent) {
        return Said::Failed(why);
    }
    let message = &reply.message;
    let servers_in = |records: &[Record]| {
        let at_zone = records.iter().filter(|record| record.name == *zone && record.record_type() == RecordType::NS);
        server_names(at_zone.map(|record| &record.data))
    };
    let (own, referred) = (servers_in(&message.answers), servers_in(&message.authorities));
    let from_zone = !own.is_empty();
    let names = if from_zone { own } else { referred };
    if names.is_empty() {
        return Said::NotDelegated;
    }
    let glue = glue(message, &names, parent);
    let digests =
        message.authorities.iter().filter(|record| record.name == *zone && record.record_type() == RecordType::DS);
    let ds = digests.map(|record| record.data.clone()).collect();
    Said::Delegated(Delegation { names, glue, ds, from_zone })
}

fn server_names<'a>(records: impl Iterator<Item = &'a RData>) -> Vec<Name> {
    let mut names: Vec<Name> =
        records.filter_map(|data| if let RData::NS(server) = data { Some(server.0.clone()) } else { None }).collect();
    names.sort_unstable();
    names.dedup();
    names.truncate(NAMES_MAX);
    names
}

/// Addresses of the named servers in a reply; only of names below the parent zone, for of others its servers know nothing.
fn glue(message: &Message, names: &[Name], parent: &Name) -> BTreeMap<Name, Vec<IpAddr>> {
    let mut glue: BTreeMap<Name, Vec<IpAddr>> = BTreeMap::new();
    for record in
        message.additionals.iter().filter(|record| names.contains(&record.name) && parent.zone_of(&record.name))
    {
        let Some(address) = record.data.ip_addr() else { continue };
        let addresses = glue.entry(record.name.clone()).or_default();
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    for addresses in glue.values_mut() {
        addresses.sort_unstable();
    }
    glue
}
