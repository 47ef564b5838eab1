//! The servers that take a domain's mail: are they names, do they answer, do they turn to TLS.
//!
//! Read in this order: [`look`], `name`, `home` and `problem` (what may be wrong), `server` (one connection), `versions`, `shared`
//! (one look a run), `reach` (which address), `silence` (whom nobody waits for).
//!
//! # How hard others' servers are pressed
//! A mail server is looked at once a run, whoever's mail it takes: usually by three connections, one after a finished
//! handshake, each with the operator's name in EHLO; at most four servers of one network at a time.

mod home;
mod name;
mod problem;
pub(crate) mod reach;
mod server;
mod shared;
mod silence;
mod versions;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use hickory_proto::rr::{Name, RData, RecordType};
use tokio::task::JoinSet;
use tokio::time::Instant;
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::facts::ExchangerFacts;
use crate::ProbeContext;
use crate::dns::answers::Answer;
use crate::dns::facts::{PointerFacts, ProblemFacts};
use crate::dns::lookup::Dns;
use crate::dns::records::plain;
use crate::dns::zone::pointers::pointers;
pub use problem::ExchangerProblem;
pub(crate) use server::Seen;
pub use shared::SharedServers;

/// Something wrong, and what exactly was seen, for a person.
type Finding = (ExchangerProblem, String);

/// Most mail servers of one domain that are looked at; the others keep their names and stay unknown.
const SERVERS_MAX: usize = 16;
/// Versions of TLS that are not old (RFC 8996).
const CURRENT_VERSIONS: [&str; 2] = ["1.2", "1.3"];

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

/// One mail server by its name.
#[derive(Debug, Clone)]
pub(crate) struct Host {
    /// Its name as a question, in lower case.
    pub(crate) name: Name,
    /// The name at the end of its aliases; the same without any.
    pub(crate) canonical: Name,
    /// The same name without the last dot.
    pub(crate) plain: String,
    /// Its addresses, IPv4 first.
    pub(crate) addresses: Fact<Vec<IpAddr>>,
    /// What is wrong with name and addresses.
    problems: Vec<Finding>,
    /// Reverse names of its addresses.
    pointers: Vec<PointerFacts>,
    /// What was seen of the server.
    pub(crate) seen: Arc<Seen>,
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
        pointers: Fact::Known(hosts.iter().flat_map(|host| host.pointers.iter().cloned()).collect()),
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
    let mut known: Vec<&Name> = Vec::new();
    for (_, name) in records {
        if name.is_root() || known.contains(&name) {
            continue;
        }
        known.push(name);
        let (dns, domain, name, context) = (dns.clone(), domain.clone(), name.clone(), context.clone());
        let begun = (known.len() <= SERVERS_MAX).then_some(begun);
        looks.spawn(async move { host(&dns, &domain, name, begun, &context).await });
    }
    looks.join_all().await.into_iter().map(|host| (host.plain.clone(), host)).collect()
}

/// What is found of one server; without the moment at which the look began, nobody connects to it.
async fn host(dns: &Dns, domain: &Name, name: Name, begun: Option<Instant>, context: &ProbeContext) -> Host {
    let plain = plain(&name);
    let fault = name::fault(&plain);
    if fault == Some(ExchangerProblem::IsAddress) {
        return Host::of_address(name, plain);
    }
    let (four, six, addresses) =
        tokio::join!(dns.lookup(&name, RecordType::A), dns.lookup(&name, RecordType::AAAA), dns.addresses(&name));
    let end = [&four, &six].into_iter().map(|lookup| &lookup.canonical).find(|end| **end != name);
    let canonical = end.unwrap_or(&name).clone();
    let mut problems: Vec<Finding> = fault.map(|fault| (fault, String::new())).into_iter().collect();
    if end.is_some() {
        problems.push((ExchangerProblem::IsAlias, format!("it stands for {}", self::plain(&canonical))));
    }
    match (&four.answer, &six.answer) {
        (Answer::NoName, Answer::NoName | Answer::NoRecords) | (Answer::NoRecords, Answer::NoName) => {
            problems.push((ExchangerProblem::Unresolvable, String::new()));
        }
        (Answer::NoRecords, Answer::NoRecords) => problems.push((ExchangerProblem::NoAddress, String::new())),
        (Answer::Records(_) | Answer::Failed(_) | Answer::NoName | Answer::NoRecords, _) => {}
    }
    let found = addresses.known().map_or(&[][..], Vec::as_slice);
    let named: Vec<(String, IpAddr)> = found.iter().map(|address| (plain.clone(), *address)).collect();
    let (seen, pointers, private) = tokio::join!(
        Box::pin(seen(&plain, &addresses, begun, context)),
        pointers(dns, &named),
        Box::pin(home::private_address(dns, domain, found))
    );
    problems.extend(private.map(|address| (ExchangerProblem::PrivateAddress, address.to_string())));
    Host { name, canonical, plain, addresses, problems, pointers, seen }
}

/// What is seen of a server at its addresses, or why nothing can be.
async fn seen(host: &str, addresses: &Fact<Vec<IpAddr>>, begun: Option<Instant>, context: &ProbeContext) -> Arc<Seen> {
    let unseen = |reason, detail| Arc::new(Seen::unseen(&Unknown::new(reason, detail)));
    match (addresses, begun) {
        (Fact::Unknown(why), _) => Arc::new(Seen::unseen(why)),
        (Fact::Known(none), _) if none.is_empty() => unseen(Reason::NAME_NOT_FOUND, format!("{host} has no address")),
        (Fact::Known(_), None) => {
            unseen(Reason::CUT_LIST, format!("only {SERVERS_MAX} mail servers of a domain are looked at"))
        }
        (Fact::Known(addresses), Some(begun)) => shared::shared_look(host, addresses, begun, context).await,
    }
}

/// One server as facts, and what is wrong with it.
fn told(preference: u16, name: &Name, hosts: &BTreeMap<String, Host>, is_null: bool) -> (ExchangerFacts, Vec<Finding>) {
    let exchange = plain(name);
    let (addresses, seen, findings) = match hosts.get(&exchange) {
        Some(host) => {
            let mut findings = host.problems.clone();
            findings.extend(faults(&host.seen));
            (host.addresses.clone(), Arc::clone(&host.seen), findings)
        }
        None => {
            let why = Unknown::new(Reason::DOES_NOT_APPLY, "it says that there is no mail server");
            let mixed = (!is_null).then(|| (ExchangerProblem::MixedNull, "beside other servers".to_owned()));
            (Fact::Known(Vec::new()), Arc::new(Seen::unseen(&why)), mixed.into_iter().collect())
        }
    };
    let addresses = addresses.map(|found| {
        let mut texts: Vec<String> = found.iter().map(IpAddr::to_string).collect();
        texts.sort_unstable();
        texts
    });
    let mut words: Vec<String> = findings.iter().map(|(problem, _)| problem.word().to_owned()).collect();
    words.sort_unstable();
    words.dedup();
    let facts = ExchangerFacts {
        preference: i64::from(preference),
        exchange,
        addresses,
        answers: seen.answers.clone(),
        starttls: seen.starttls.clone(),
        tls_version: seen.newest.clone(),
        oldest_tls_version: seen.oldest.clone(),
        trust: seen.trust.clone(),
        name_matches: seen.name_matches.clone(),
        not_after: seen.not_after.clone(),
        problems: words,
    };
    (facts, findings)
}

/// What is wrong with what a server showed; nothing of what could not be seen.
fn faults(seen: &Seen) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut add = |problem: ExchangerProblem, detail: &str| findings.push((problem, detail.to_owned()));
    if seen.answers == Fact::Known(false) {
        add(ExchangerProblem::NoAnswer, &seen.said);
    }
    if seen.refused {
        add(ExchangerProblem::RefusedStarttls, &seen.said);
    } else if seen.broken {
        add(ExchangerProblem::HandshakeFailed, &seen.said);
    } else if seen.starttls == Fact::Known(false) {
        add(ExchangerProblem::NoStarttls, &seen.said);
    }
    if let Some(version) = seen.oldest.known().filter(|version| !CURRENT_VERSIONS.contains(&version.as_str())) {
        add(ExchangerProblem::OldTls, version);
    }
    match seen.trust.known().map(String::as_str) {
        None | Some("trusted") => {}
        Some(word @ ("expired" | "issuer_expired")) => add(ExchangerProblem::CertificateExpired, word),
        Some(word) => add(ExchangerProblem::CertificateUntrusted, word),
    }
    if seen.name_matches == Fact::Known(false) {
        add(ExchangerProblem::CertificateName, "");
    }
    findings
}

impl Host {
    /// An address that stands where a name must stand: nobody resolves it, and no sender connects to it.
    fn of_address(name: Name, plain: String) -> Self {
        let why = Unknown::new(Reason::DOES_NOT_APPLY, format!("{plain} stands where a name must stand"));
        Self {
            canonical: name.clone(),
            name,
            plain,
            addresses: Fact::Known(Vec::new()),
            problems: vec![(ExchangerProblem::IsAddress, String::new())],
            pointers: Vec::new(),
            seen: Arc::new(Seen::unseen(&why)),
        }
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
