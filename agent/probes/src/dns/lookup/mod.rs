//! The DNS as one run sees it: what any resolver would find, with every answer kept, so that no question is asked twice.

mod anchors;
pub(crate) mod cut;
mod hints;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::{Name, RData, RecordType};
use tokio::sync::OnceCell;
use vedetta_checks::catalogue::ProbeError;
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

pub use anchors::{AnchorError, TrustAnchors};
pub use hints::{HintError, RootHints};

use super::answers::Answer;
use super::client::{Question, Reply, Transport, exchange};
use crate::ProbeContext;

/// Longest wait for one answer.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(2);

/// What the looks of one run share of the DNS; empty at the start of a run, since answers grow old.
#[derive(Debug, Clone, Default)]
pub struct SharedDns(Arc<Mutex<Option<Dns>>>);

/// The DNS as one run sees it. Clones share what was learnt.
#[derive(Debug, Clone)]
pub(crate) struct Dns(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    resolver: SocketAddr,
    lookups: Mutex<BTreeMap<(Name, RecordType), Arc<OnceCell<Arc<Lookup>>>>>,
}

/// What the DNS says of one name and type.
#[derive(Debug, Clone)]
pub(crate) struct Lookup {
    /// The name asked for.
    pub(crate) name: Name,
    /// The type asked for.
    pub(crate) kind: RecordType,
    /// The answer, aliases followed.
    pub(crate) answer: Answer,
    /// The name at the end of the aliases; the name asked for without any.
    pub(crate) canonical: Name,
    /// The reply as it came, with its signatures and proofs of absence; none when nobody answered.
    pub(crate) reply: Option<Arc<Reply>>,
}

impl Dns {
    /// The DNS of this run: the one that another look of it has made, else a new one.
    ///
    /// # Errors
    /// [`Reason::NO_RESOLVER`] when there is neither a resolver nor root hints, and the system names none.
    pub(crate) fn of(context: &ProbeContext) -> Result<Self, ProbeError> {
        let mut shared = context.dns.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(dns) = shared.as_ref() {
            return Ok(dns.clone());
        }
        let resolver =
            context.resolver.ok_or_else(|| ProbeError::new("resolve", Reason::NO_RESOLVER, "no resolver is named"))?;
        let dns = Self(Arc::new(Inner { resolver, lookups: Mutex::default() }));
        *shared = Some(dns.clone());
        Ok(dns)
    }

    /// What the DNS says of a name: asked with DO and CD, so that the reply holds signatures, and data that does not hold.
    pub(crate) async fn lookup(&self, name: &Name, kind: RecordType) -> Arc<Lookup> {
        let cell = {
            let mut lookups = self.0.lookups.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(lookups.entry((name.clone(), kind)).or_default())
        };
        Arc::clone(cell.get_or_init(|| self.find(name, kind)).await)
    }

    /// Asks one server one question.
    ///
    /// # Errors
    /// The reason of the silence.
    pub(crate) async fn ask(&self, server: SocketAddr, question: &Question) -> Result<Arc<Reply>, Unknown> {
        exchange(server, question, ANSWER_TIME_MAX).await.map(Arc::new)
    }

    /// IPv4 and IPv6 addresses of a host, sorted; unknown when one of the two questions failed and nothing was found.
    pub(crate) async fn addresses(&self, host: &Name) -> Fact<Vec<IpAddr>> {
        let (four, six) = tokio::join!(self.lookup(host, RecordType::A), self.lookup(host, RecordType::AAAA));
        let mut found: Vec<IpAddr> = Vec::new();
        let mut failed = None;
        for lookup in [four, six] {
            match &lookup.answer {
                Answer::Records(records) => found.extend(records.iter().filter_map(RData::ip_addr)),
                Answer::NoRecords | Answer::NoName => {}
                Answer::Failed(unknown) => failed = Some(unknown.clone()),
            }
        }
        found.sort_unstable();
        match failed {
            Some(unknown) if found.is_empty() => Fact::Unknown(unknown),
            Some(_) | None => Fact::Known(found),
        }
    }

    async fn find(&self, name: &Name, kind: RecordType) -> Arc<Lookup> {
        let question = Question {
            name: name.clone(),
            kind,
            recursion_desired: true,
            dnssec: true,
            edns: true,
            transport: Transport::UdpThenTcp,
        };
        let outcome = self.ask(self.0.resolver, &question).await;
        let (answer, reply) = match outcome {
            Ok(reply) => (read(&reply, kind), Some(reply)),
            Err(unknown) => (Answer::Failed(unknown), None),
        };
        Arc::new(Lookup { name: name.clone(), kind, answer, canonical: name.clone(), reply })
    }
}

fn read(reply: &Reply, kind: RecordType) -> Answer {
    let code = reply.code();
    if code == ResponseCode::NXDomain {
        return Answer::NoName;
    }
    if code != ResponseCode::NoError {
        return Answer::Failed(Unknown::new(Reason::SERVER_FAILURE, code.to_string()));
    }
    let of_kind = reply.message.answers.iter().filter(|record| record.data.record_type() == kind);
    let records: Vec<RData> = of_kind.map(|record| record.data.clone()).collect();
    if records.is_empty() { Answer::NoRecords } else { Answer::Records(records) }
}
