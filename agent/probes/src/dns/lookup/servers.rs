//! Asking the servers of one zone until one gives a useful answer.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::{Name, RecordType};
use tokio::task::JoinSet;
use tokio::time::sleep;
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::cut::Cut;
use super::{Dns, addresses_of};
use crate::dns::client::{Question, Reply};

/// How long one server is waited for before the next one is asked beside it.
const NEXT_AFTER: Duration = Duration::from_millis(400);
/// Most servers of one zone that are asked one question.
const ATTEMPTS_MAX: usize = 8;
/// Most zones whose servers' addresses are looked for at once, one because of the other.
const TRAIL_MAX: usize = 4;
/// Most server names of one zone that are looked up when none came with an address; and while another zone waits for it.
const NAMES_MAX: (usize, usize) = (6, 2);

/// Zones whose servers' addresses are being looked for: one that comes up again can only be reached through itself.
#[derive(Debug, Clone, Default)]
pub(super) struct Trail(Vec<Name>);

impl Trail {
    /// Whether nothing else waits.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn with(&self, zone: &Name) -> Option<Self> {
        if self.0.len() == TRAIL_MAX || self.0.contains(zone) {
            return None;
        }
        let mut longer = self.clone();
        longer.0.push(zone.clone());
        Some(longer)
    }
}

impl Dns {
    /// Asks the servers of a zone: those whose addresses came with the delegation first, then those that must be looked up.
    pub(super) async fn ask_zone(
        &self,
        cut: &Cut,
        name: &Name,
        kind: RecordType,
        trail: &Trail,
    ) -> Result<Arc<Reply>, Unknown> {
        let question = Question::to_authority(name, kind);
        let near = self.near_addresses(cut);
        let mut why = Unknown::new(Reason::UNREACHABLE, format!("{}: no server has an address", cut.zone));
        if !near.is_empty() {
            match self.first_useful(near.clone(), &question, &cut.zone).await {
                Ok(reply) => return Ok(reply),
                Err(failed) => why = failed.unwrap_or(why),
            }
        }
        let far = self.far_addresses(cut, trail).await.into_iter().filter(|address| !near.contains(address)).collect();
        self.first_useful(far, &question, &cut.zone).await.map_err(|failed| failed.unwrap_or(why))
    }

    /// Addresses that came with the delegation.
    fn near_addresses(&self, cut: &Cut) -> Vec<SocketAddr> {
        let mut addresses = interleaved(cut.delegation.glue.values().map(Vec::as_slice));
        let mut servers: Vec<SocketAddr> = addresses.drain(..).map(|address| self.at_port(address)).collect();
        // An authority for both zones can be asked for the names of its neighbours.
        let source = cut.source.filter(|source| cut.delegation.from_zone && !servers.contains(source));
        servers.extend(source);
        servers
    }

    /// Addresses of the servers that came without one.
    async fn far_addresses(&self, cut: &Cut, trail: &Trail) -> Vec<SocketAddr> {
        let Some(longer) = trail.with(&cut.zone) else { return Vec::new() };
        let most = if trail.is_empty() { NAMES_MAX.0 } else { NAMES_MAX.1 };
        let bare = cut.delegation.names.iter().filter(|name| !cut.delegation.glue.contains_key(name));
        // A name within the zone is only to be found at the zone itself.
        let names: Vec<Name> =
            bare.filter(|name| self.has_resolver() || !cut.zone.zone_of(name)).take(most).cloned().collect();
        let mut found = Vec::new();
        for addresses in self
            .each(names, move |dns, name| {
                let longer = longer.clone();
                async move { dns.host_addresses(&name, &longer).await }
            })
            .await
        {
            found.extend(
                addresses.known().cloned().unwrap_or_default().into_iter().map(|address| self.at_port(address)),
            );
        }
        found
    }

    /// Addresses of a server, found without waiting for a look-up that may wait for this one.
    async fn host_addresses(&self, host: &Name, trail: &Trail) -> Fact<Vec<IpAddr>> {
        if self.has_resolver() {
            return self.addresses(host).await;
        }
        let (four, six) =
            tokio::join!(self.iterate(host, RecordType::A, trail), self.iterate(host, RecordType::AAAA, trail));
        addresses_of([&four, &six])
    }

    /// Asks servers one after another, the next one when the one before fails or takes long, and takes the first useful answer.
    /// A question that is overtaken goes on by itself, so that a silent server is known as such from then on.
    /// The error is none when there was nobody to ask.
    async fn first_useful(
        &self,
        servers: Vec<SocketAddr>,
        question: &Question,
        zone: &Name,
    ) -> Result<Arc<Reply>, Option<Unknown>> {
        let mut servers = self.by_promise(servers).into_iter().take(ATTEMPTS_MAX);
        let mut asked: JoinSet<Result<Arc<Reply>, Unknown>> = JoinSet::new();
        let mut failed = None;
        loop {
            let next = servers.next();
            let is_last = next.is_none();
            if let Some(server) = next {
                let (dns, question) = (self.clone(), question.clone());
                asked.spawn(async move { dns.ask(server, &question).await });
            }
            tokio::select! {
                outcome = asked.join_next() => match outcome {
                    Some(Ok(Ok(reply))) => match refusal(&reply, zone) {
                        None => {
                            asked.detach_all();
                            return Ok(reply);
                        }
                        Some(why) => failed = Some(why),
                    },
                    Some(Ok(Err(why))) => failed = failed.or(Some(why)),
                    Some(Err(_broken)) => {}
                    None => return Err(failed),
                },
                () = sleep(NEXT_AFTER), if !is_last => {}
            }
        }
    }

    /// Servers with those first that are known to answer, and those last that are known not to; IPv4 before IPv6 among equals.
    fn by_promise(&self, mut servers: Vec<SocketAddr>) -> Vec<SocketAddr> {
        let client = &self.run.client;
        servers.sort_by_cached_key(|server| {
            let pace = client.measured(*server);
            (client.is_silent(*server), pace.is_none(), pace.map(|pace| pace.as_millis() / 50), server.is_ipv6())
        });
        servers
    }

    /// Does something for each of several things at once, and keeps their order.
    pub(super) async fn each<I, T, F>(&self, items: Vec<I>, work: impl Fn(Self, I) -> F) -> Vec<T>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let mut tasks = JoinSet::new();
        for (at, item) in items.into_iter().enumerate() {
            let future = work(self.clone(), item);
            tasks.spawn(async move { (at, future.await) });
        }
        let mut done = tasks.join_all().await;
        done.sort_by_key(|(at, _)| *at);
        done.into_iter().map(|(_, value)| value).collect()
    }

    pub(super) fn at_port(&self, address: IpAddr) -> SocketAddr {
        SocketAddr::new(address, self.run.port)
    }

    /// Whether look-ups go through a resolver.
    pub(crate) fn has_resolver(&self) -> bool {
        !self.run.resolvers.is_empty()
    }
}

/// The first address of each, then the second of each, and so on.
pub(super) fn interleaved<'a>(lists: impl Iterator<Item = &'a [IpAddr]> + Clone) -> Vec<IpAddr> {
    let longest = lists.clone().map(<[IpAddr]>::len).max().unwrap_or_default();
    let mut found: Vec<IpAddr> = Vec::new();
    for at in 0..longest {
        for address in lists.clone().filter_map(|list| list.get(at)) {
            if !found.contains(address) {
                found.push(*address);
            }
        }
    }
    found
}

/// Why a reply is of no use to somebody who asks an authority of the zone; nothing when it is.
pub(super) fn refusal(reply: &Reply, zone: &Name) -> Option<Unknown> {
    let code = reply.code();
    if !matches!(code, ResponseCode::NoError | ResponseCode::NXDomain) {
        return Some(Unknown::new(Reason::SERVER_FAILURE, format!("{zone} at {}: {code}", reply.server)));
    }
    if reply.message.metadata.authoritative || delegated_name(&reply.message, zone).is_some() {
        return None;
    }
    let detail = format!("{zone} at {}: answers without authority", reply.server);
    Some(Unknown::new(Reason::SERVER_FAILURE, detail))
}

/// The zone below `zone` to which a reply refers the asker.
pub(super) fn delegated_name<'a>(message: &'a Message, zone: &Name) -> Option<&'a Name> {
    if !message.answers.is_empty() {
        return None;
    }
    let mut servers = message.authorities.iter().filter(|record| record.record_type() == RecordType::NS);
    servers.find(|record| zone.zone_of(&record.name) && record.name != *zone).map(|record| &record.name)
}
