//! One mail server by its name: is it one, where does it lead, and what is seen there.

use std::net::IpAddr;
use std::sync::Arc;

use hickory_proto::rr::{Name, RecordType};
use tokio::time::Instant;
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::{ExchangerProblem, Finding, NAMES_MAX, SERVERS_MAX, Seen, home, name, shared};
use crate::ProbeContext;
use crate::dns::answers::Answer;
use crate::dns::facts::PointerFacts;
use crate::dns::lookup::Dns;
use crate::dns::records::plain;
use crate::dns::zone::pointers::pointers;

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
    pub(super) problems: Vec<Finding>,
    /// Reverse names of its addresses.
    pub(super) pointers: Vec<PointerFacts>,
    /// What was seen of the server.
    pub(crate) seen: Arc<Seen>,
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

    /// One server too many: nobody asks about it.
    pub(super) fn unasked(name: Name) -> Self {
        let why = Unknown::new(Reason::CUT_LIST, format!("only {NAMES_MAX} mail servers of a domain are asked about"));
        let plain = plain(&name);
        Self {
            canonical: name.clone(),
            name,
            problems: name::fault(&plain).map(|fault| (fault, String::new())).into_iter().collect(),
            plain,
            addresses: Fact::Unknown(why.clone()),
            pointers: Vec::new(),
            seen: Arc::new(Seen::unseen(&why)),
        }
    }

    /// Why nothing about it was asked; none when it was.
    pub(crate) fn cut(&self) -> Option<&Unknown> {
        match &self.addresses {
            Fact::Unknown(why) if why.reason == Reason::CUT_LIST => Some(why),
            Fact::Unknown(_) | Fact::Known(_) => None,
        }
    }
}

/// What is found of one server; without the moment at which the look began, nobody connects to it.
pub(super) async fn host(dns: &Dns, domain: &Name, name: Name, begun: Option<Instant>, context: &ProbeContext) -> Host {
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
        Box::pin(seen(dns, domain, &plain, &addresses, begun, context)),
        pointers(dns, &named),
        Box::pin(home::private_address(dns, domain, found))
    );
    problems.extend(private.map(|address| (ExchangerProblem::PrivateAddress, address.to_string())));
    Host { name, canonical, plain, addresses, problems, pointers, seen }
}

/// What is seen of a server at its addresses, or why nothing can be.
async fn seen(
    dns: &Dns,
    domain: &Name,
    host: &str,
    addresses: &Fact<Vec<IpAddr>>,
    begun: Option<Instant>,
    context: &ProbeContext,
) -> Arc<Seen> {
    let unseen = |reason, detail| Arc::new(Seen::unseen(&Unknown::new(reason, detail)));
    match (addresses, begun) {
        (Fact::Unknown(why), _) => Arc::new(Seen::unseen(why)),
        (Fact::Known(none), _) if none.is_empty() => unseen(Reason::NAME_NOT_FOUND, format!("{host} has no address")),
        (Fact::Known(_), None) => {
            unseen(Reason::CUT_LIST, format!("only {SERVERS_MAX} mail servers of a domain are looked at"))
        }
        (Fact::Known(addresses), Some(begun)) => {
            let addresses = home::reachable(dns, domain, addresses, context).await;
            shared::shared_look(host, &addresses, begun, context).await
        }
    }
}
