//! Names of servers whose addresses nobody can find: the way to them leads through themselves, or ends at servers that refuse.
//!
//! A look-up that fails says little, for it may be this host or its resolver that fails. Here the zone of the name is looked at
//! itself: its servers as its parent gives them, each asked directly.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::{Name, RecordType};
use vedetta_checks::fact::Fact;
use vedetta_checks::word::Reason;

use super::networks::{PrivateBlock, may_be_asked};
use super::survey::is_authoritative;
use super::together::together;
use crate::dns::client::{Question, Reply};
use crate::dns::lookup::Dns;
use crate::dns::lookup::cut::Cut;

/// Zones that may wait for one another.
const ZONES_MAX: usize = 4;
/// Servers of one zone, and addresses of them, that are looked at.
const SERVERS_MAX: usize = 8;
/// Labels of a name at which its zone is looked for.
const LABELS_MAX: usize = 10;

/// Where names are looked for from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Search<'a> {
    /// The DNS.
    pub(super) dns: &'a Dns,
    /// Port on which name servers answer.
    pub(super) port: u16,
    /// Private blocks whose addresses may be asked.
    pub(super) blocks_at_home: &'a BTreeSet<PrivateBlock>,
}

impl Search<'_> {
    /// Whether the addresses of a name can surely not be found; no when that is not sure.
    pub(super) async fn is_lost(self, name: &Name) -> bool {
        self.is_lost_beyond(name, Vec::new()).await
    }

    fn is_lost_beyond<'b>(
        self,
        name: &'b Name,
        mut waiting: Vec<Name>,
    ) -> Pin<Box<dyn Future<Output = bool> + Send + 'b>>
    where
        Self: 'b,
    {
        Box::pin(async move {
            let Some(cut) = self.zone_above(name).await else { return false };
            if waiting.contains(&cut.zone) {
                return true;
            }
            // From a server that holds both zones, nothing is known of what the parent alone gives.
            let is_whole =
                !cut.delegation.from_zone && cut.parent.is_some() && cut.delegation.names.len() <= SERVERS_MAX;
            if !is_whole || waiting.len() == ZONES_MAX {
                return false;
            }
            waiting.push(cut.zone.clone());
            let mut addresses: BTreeSet<IpAddr> = cut.delegation.glue.values().flatten().copied().collect();
            for server in cut.delegation.names.iter().filter(|name| !cut.delegation.glue.contains_key(*name)) {
                match self.dns.addresses(server).await {
                    Fact::Known(found) => addresses.extend(found),
                    Fact::Unknown(_) if self.is_lost_beyond(server, waiting.clone()).await => {}
                    Fact::Unknown(_) => return false,
                }
            }
            addresses.len() <= SERVERS_MAX && self.all_refuse(addresses, name, &cut.zone).await
        })
    }

    /// The deepest zone above a name that can be found.
    async fn zone_above(self, name: &Name) -> Option<std::sync::Arc<Cut>> {
        let mut above = name.base_name();
        for _ in 0..LABELS_MAX {
            if above.is_root() {
                return None;
            }
            if let Fact::Known(cut) = self.dns.zone_of(&above).await {
                return Some(cut);
            }
            above = above.base_name();
        }
        None
    }

    /// Whether each of these servers says that it is none of the zone's, or has its port closed; of none of them, so it is.
    async fn all_refuse(self, addresses: BTreeSet<IpAddr>, name: &Name, zone: &Name) -> bool {
        if addresses.iter().any(|address| !may_be_asked(*address, self.blocks_at_home)) {
            return false;
        }
        let works = addresses.into_iter().map(|address| {
            let (dns, server) = (self.dns.clone(), SocketAddr::new(address, self.port));
            let (question, zone) = (Question::to_authority(name, RecordType::A), zone.clone());
            async move {
                match dns.ask(server, &question).await {
                    Ok(reply) => !helps(&reply, &zone),
                    Err(unknown) => unknown.reason == Reason::CLOSED,
                }
            }
        });
        together(works.collect(), SERVERS_MAX).await.into_iter().all(|refuses| refuses)
    }
}

/// Whether a reply answers with authority, or refers further down.
fn helps(reply: &Reply, zone: &Name) -> bool {
    let mut named = reply.message.authorities.iter().filter(|record| record.record_type() == RecordType::NS);
    let refers = named.any(|record| zone.zone_of(&record.name) && record.name != *zone);
    is_authoritative(reply) || (reply.code() == ResponseCode::NoError && refers)
}
