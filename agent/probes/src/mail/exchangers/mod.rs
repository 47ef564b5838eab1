//! The servers that take a domain's mail: are they names, do they answer, do they turn to TLS.
//!
//! Read in this order: `look`, `host` (one server), with `name`, `home` and `problem` (what may be wrong), `server` (one
//! conversation) and `seen`, `versions`, `shared` (one look a run), `reach` (which address), `silence` (whom nobody waits for), `told`
//! (everything as facts).
//!
//! # How hard others' servers are pressed
//! A mail server is looked at once a run, whoever's mail it takes: usually by three connections, one after a finished
//! handshake, each with the operator's name in EHLO; at most four servers of one network at a time.

pub(crate) mod home;
mod host;
mod name;
mod problem;
pub(crate) mod reach;
mod seen;
mod server;
mod shared;
mod silence;
mod told;
mod versions;

use std::collections::{BTreeMap, BTreeSet};

use hickory_proto::rr::{Name, RData, RecordType};
use tokio::task::JoinSet;
use tokio::time::Instant;
use vedetta_checks::fact::{Fact, Unknown};

use super::facts::ExchangerFacts;
use crate::ProbeContext;
use crate::dns::answers::Answer;
use crate::dns::facts::{PointerFacts, ProblemFacts};
use crate::dns::lookup::Dns;
use crate::dns::records::plain;
pub(crate) use host::Host;
use host::host;
pub use problem::ExchangerProblem;
pub(crate) use seen::Seen;
pub use shared::SharedServers;
use told::told;

/// Something wrong, and what exactly was seen, for a person.
type Finding = (ExchangerProblem, String);

/// Most mail servers of one domain that are looked at; the others keep their names and stay unknown.
const SERVERS_MAX: usize = 16;
/// Most mail servers of one domain about which the DNS is asked; of the others only the names are told.
const NAMES_MAX: usize = 64;

/// What was seen of the mail servers of one domain.
#[derive(Debug)]
pub(crate) struct Exchangers {
    /// Each as facts, by preference and name.
    pub(crate) mx: Fact<Vec<ExchangerFacts>>,
    /// What is wrong with them, with what was seen.
    pub(crate) problems: Vec<ProblemFacts>,
    /// Whether the domain says that it takes no mail.
    pub(crate) null_mx: Fact<bool>,
    /// Whether mail goes to the domain's own address.
    pub(crate) implicit_mx: Fact<bool>,
    /// Reverse names of their addresses.
    pub(crate) pointers: Fact<Vec<PointerFacts>>,
    /// Each server once, without the null one.
    pub(crate) hosts: Fact<Vec<Host>>,
}

/// Looks at every mail server of a domain, all side by side.
pub(crate) async fn look(dns: &Dns, domain: &Name, context: &ProbeContext) -> Exchangers {
    let begun = Instant::now();
    let records = match &dns.lookup(domain, RecordType::MX).await.answer {
        Answer::Records(records) => records.iter().filter_map(exchange).collect(),
        Answer::NoRecords => return Exchangers::none(implicit(dns, domain).await),
        Answer::NoName => return Exchangers::none(Fact::Known(false)),
        Answer::Failed(why) => return Exchangers::unknown(why),
    };
    let mut records: Vec<(u16, Name)> = records;
    records.sort_by_cached_key(|(preference, name)| (*preference, plain(name)));
    let is_null = matches!(records.as_slice(), [(_, only)] if only.is_root());
    let hosts = hosts(dns, domain, &records, begun, context).await;
    let mut problems: Vec<ProblemFacts> = Vec::new();
    let mx = records.iter().map(|(preference, name)| {
        let (facts, findings) = told(*preference, name, &hosts, is_null);
        for (problem, detail) in findings {
            let problem = problem.at(&facts.exchange, detail);
            // A server may stand at two preferences.
            if !problems.contains(&problem) {
                problems.push(problem);
            }
        }
        facts
    });
    let mx = mx.collect();
    let hosts: Vec<Host> = hosts.into_values().collect();
    Exchangers {
        mx: Fact::Known(mx),
        problems,
        null_mx: Fact::Known(is_null),
        implicit_mx: Fact::Known(false),
        pointers: all_pointers(&hosts),
        hosts: Fact::Known(hosts),
    }
}

fn exchange(record: &RData) -> Option<(u16, Name)> {
    let RData::MX(server) = record else { return None };
    Some((server.preference, server.exchange.to_lowercase()))
}

/// Whether mail is delivered to the domain's own address (RFC 5321 section 5.1).
async fn implicit(dns: &Dns, domain: &Name) -> Fact<bool> {
    dns.addresses(domain).await.map(|addresses| !addresses.is_empty())
}

/// Looks at each of the servers once, the first [`SERVERS_MAX`] of them, side by side.
async fn hosts(
    dns: &Dns,
    domain: &Name,
    records: &[(u16, Name)],
    begun: Instant,
    context: &ProbeContext,
) -> BTreeMap<String, Host> {
    let mut looks = JoinSet::new();
    let mut known: BTreeMap<String, Host> = BTreeMap::new();
    let mut met: BTreeSet<&Name> = BTreeSet::new();
    for (_, name) in records {
        if name.is_root() || !met.insert(name) {
            continue;
        }
        if met.len() > NAMES_MAX {
            let host = Host::unasked(name.clone());
            known.insert(host.plain.clone(), host);
            continue;
        }
        let (dns, domain, name, context) = (dns.clone(), domain.clone(), name.clone(), context.clone());
        let begun = (met.len() <= SERVERS_MAX).then_some(begun);
        looks.spawn(async move { host(&dns, &domain, name, begun, &context).await });
    }
    known.extend(looks.join_all().await.into_iter().map(|host| (host.plain.clone(), host)));
    known
}

/// Reverse names of the addresses of all servers. Where a server's addresses are unknown they are unknown too, unless one of
/// those that were seen is wrong already.
fn all_pointers(hosts: &[Host]) -> Fact<Vec<PointerFacts>> {
    let pointers: Vec<PointerFacts> = hosts.iter().flat_map(|host| host.pointers.iter().cloned()).collect();
    let is_wrong = pointers.iter().any(|pointer| pointer.confirmed == Fact::Known(false));
    let unknown = hosts.iter().find_map(|host| match &host.addresses {
        Fact::Unknown(why) => Some(why.clone()),
        Fact::Known(_) => None,
    });
    match unknown {
        Some(why) if !is_wrong => Fact::Unknown(why),
        Some(_) | None => Fact::Known(pointers),
    }
}

impl Exchangers {
    /// No record: nothing to look at.
    fn none(implicit_mx: Fact<bool>) -> Self {
        Self {
            mx: Fact::Known(Vec::new()),
            problems: Vec::new(),
            null_mx: Fact::Known(false),
            implicit_mx,
            pointers: Fact::Known(Vec::new()),
            hosts: Fact::Known(Vec::new()),
        }
    }

    /// The records could not be asked for.
    pub(crate) fn unknown(why: &Unknown) -> Self {
        Self {
            mx: Fact::Unknown(why.clone()),
            problems: Vec::new(),
            null_mx: Fact::Unknown(why.clone()),
            implicit_mx: Fact::Unknown(why.clone()),
            pointers: Fact::Unknown(why.clone()),
            hosts: Fact::Unknown(why.clone()),
        }
    }
}
