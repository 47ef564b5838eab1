//! What one address of a name server is asked, all at once, and what it said.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::rdata::SOA;
use hickory_proto::rr::{Name, RData, RecordType};
use vedetta_checks::fact::Unknown;

use super::active::{self, Strangers};
use super::together::together;
use crate::dns::client::{Question, Reply, Transport};
use crate::dns::lookup::Dns;

/// Questions on single names that one address is asked at a time.
const SAMPLES_RUNNING_MAX: usize = 16;

/// What came of one question.
pub(crate) type Outcome = Result<Arc<Reply>, Unknown>;

/// A name and type of which every server should say the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Sample {
    /// The name.
    pub(crate) name: Name,
    /// The type.
    pub(crate) kind: RecordType,
}

/// What every server of a zone is asked.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The zone.
    pub(crate) zone: Name,
    /// Port on which name servers answer.
    pub(crate) port: u16,
    /// Single names, to see whether the servers agree.
    pub(crate) samples: Vec<Sample>,
    /// Whether questions are allowed that only a stranger with bad intent asks.
    pub(crate) active: bool,
}

/// What one address said.
#[derive(Debug)]
pub(crate) struct Survey {
    /// The address.
    pub(crate) address: IpAddr,
    /// Start of authority over UDP with EDNS.
    pub(crate) udp: Outcome,
    /// Start of authority over UDP without EDNS, for servers that stumble over it.
    pub(crate) plain: Outcome,
    /// Start of authority over TCP.
    pub(crate) tcp: Outcome,
    /// Name servers of the zone.
    pub(crate) name_servers: Outcome,
    /// Start of authority with its signatures.
    pub(crate) signed: Outcome,
    /// Keys of the zone with their signatures.
    pub(crate) keys: Outcome,
    /// Single names.
    pub(crate) samples: Vec<(Sample, Outcome)>,
    /// What it does for strangers; none without permission to ask.
    pub(crate) strangers: Option<Strangers>,
}

/// Asks one address everything.
pub(crate) async fn survey(dns: Dns, address: IpAddr, plan: Arc<Plan>) -> Survey {
    let server = SocketAddr::new(address, plan.port);
    let ask = |kind, edns, transport| {
        let question =
            Question { name: plan.zone.clone(), kind, recursion_desired: false, dnssec: false, edns, transport };
        let dns = dns.clone();
        async move { dns.ask(server, &question).await }
    };
    let with_signatures = |kind| {
        let (dns, question) = (dns.clone(), Question::to_authority(&plan.zone, kind));
        async move { dns.ask(server, &question).await }
    };
    let strangers = async { if plan.active { Some(active::look(&dns, server, &plan.zone).await) } else { None } };
    let (udp, plain, tcp, name_servers, signed, keys, samples, strangers) = tokio::join!(
        ask(RecordType::SOA, true, Transport::Udp),
        ask(RecordType::SOA, false, Transport::Udp),
        ask(RecordType::SOA, true, Transport::Tcp),
        ask(RecordType::NS, true, Transport::UdpThenTcp),
        with_signatures(RecordType::SOA),
        with_signatures(RecordType::DNSKEY),
        samples(&dns, server, &plan.samples),
        strangers,
    );
    Survey { address, udp, plain, tcp, name_servers, signed, keys, samples, strangers }
}

async fn samples(dns: &Dns, server: SocketAddr, wanted: &[Sample]) -> Vec<(Sample, Outcome)> {
    let ask = |sample: &Sample| {
        let (dns, sample) = (dns.clone(), sample.clone());
        async move {
            let question = Question {
                name: sample.name.clone(),
                kind: sample.kind,
                recursion_desired: false,
                dnssec: false,
                edns: true,
                transport: Transport::UdpThenTcp,
            };
            let outcome = dns.ask(server, &question).await;
            (sample, outcome)
        }
    };
    together(wanted.iter().map(ask).collect(), SAMPLES_RUNNING_MAX).await
}

impl Survey {
    /// An address that is not asked, and why.
    pub(crate) fn unasked(address: IpAddr, why: &Unknown) -> Self {
        let nothing = || Err(why.clone());
        Self {
            address,
            udp: nothing(),
            plain: nothing(),
            tcp: nothing(),
            name_servers: nothing(),
            signed: nothing(),
            keys: nothing(),
            samples: Vec::new(),
            strangers: None,
        }
    }

    /// Every answer on the start of authority, UDP first.
    pub(crate) fn answers(&self) -> impl Iterator<Item = &Arc<Reply>> {
        [&self.udp, &self.plain, &self.tcp].into_iter().filter_map(|outcome| outcome.as_ref().ok())
    }

    /// The zone's start of authority, when the address answers for it with authority.
    pub(crate) fn start_of_authority(&self, zone: &Name) -> Option<&SOA> {
        self.answers().find_map(|reply| {
            let of_zone = reply.message.answers.iter().filter(|record| record.name == *zone);
            let mut soa =
                of_zone.filter_map(|record| if let RData::SOA(soa) = &record.data { Some(soa) } else { None });
            if is_authoritative(reply) { soa.next() } else { None }
        })
    }

    /// The names of the zone's servers as this address gives them with authority, in lower case.
    pub(crate) fn zone_names(&self, zone: &Name) -> Option<Vec<Name>> {
        let reply = self.name_servers.as_ref().ok().filter(|reply| is_authoritative(reply))?;
        let of_zone = reply.message.answers.iter().filter(|record| record.name == *zone);
        let names = of_zone
            .filter_map(|record| if let RData::NS(ns) = &record.data { Some(ns.0.to_lowercase()) } else { None });
        let mut names: Vec<Name> = names.collect();
        names.sort();
        names.dedup();
        Some(names)
    }
}

/// Whether an answer is one with authority: about records, or that there are none, or that there is no such name.
pub(crate) fn is_authoritative(reply: &Reply) -> bool {
    let settles = matches!(reply.code(), ResponseCode::NoError | ResponseCode::NXDomain);
    settles && reply.message.metadata.authoritative
}
