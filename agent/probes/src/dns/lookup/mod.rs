//! The DNS as one run sees it: what any resolver would find, with every answer kept, so that no question is asked twice.
//!
//! Questions go through the resolver that was named (`resolved`); without one, but with root hints, they are followed from the
//! root (`iterated`); else the system's resolvers are asked (`system`). Where both are given, look-ups go through the resolver and
//! delegations are walked from the hints (`cut`). Read `Dns` first, then `cut`.

mod anchors;
mod bind_text;
mod chain;
pub(crate) mod cut;
mod hints;
mod iterated;
mod resolved;
mod servers;
mod system;
mod zone_text;

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use hickory_proto::rr::{Name, RData, RecordType};
use tokio::sync::OnceCell;
use vedetta_checks::catalogue::ProbeError;
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

pub use anchors::{AnchorError, TrustAnchors};
pub use hints::{HintError, RootHints};

use super::answers::Answer;
use super::client::memory::Memory;
use super::client::{Asker, Client, Question, Reply, Transfer};
use crate::ProbeContext;
use crate::tls::connect::Deadline;
use chain::{ALIASES_MAX, Chain, End};
use cut::Below;
use resolved::Stuck;

/// Most names and types of which a run keeps what it found; each takes about a kilobyte.
const LOOKUPS_MAX: usize = 16_384;
/// Most names of which a run keeps whether a zone begins there.
const CUTS_MAX: usize = 16_384;
/// Most names of which a run keeps that resolvers stay silent on them.
const STUCK_MAX: usize = 1_024;

/// What the looks of one run share of the DNS; empty at the start of a run, since answers grow old.
#[derive(Debug, Clone, Default)]
pub struct SharedDns(Arc<Mutex<Option<Arc<Run>>>>);

/// The DNS for one look. Clones count their questions together and end with the look; what was learnt is shared by all looks of
/// the run, but for what a look had no time to learn.
#[derive(Debug, Clone)]
pub(crate) struct Dns {
    run: Arc<Run>,
    asker: Arc<Asker>,
}

/// What a run knows of the DNS.
#[derive(Debug)]
struct Run {
    client: Client,
    /// Resolvers in the order in which they are asked; none: iteration from the hints.
    resolvers: Vec<SocketAddr>,
    hints: Option<RootHints>,
    /// Port of name servers.
    port: u16,
    lookups: Memory<(Name, RecordType), Arc<OnceCell<Arc<Lookup>>>>,
    cuts: Memory<Name, Fact<Below>>,
    stuck: Memory<Name, Stuck>,
}

/// What the DNS says of one name and type.
#[derive(Debug, Clone)]
pub(crate) struct Lookup {
    /// The name asked for.
    pub(crate) name: Name,
    /// The type asked for.
    pub(crate) kind: RecordType,
    /// The answer, aliases followed. An alias to a missing name is a name without records, for it exists itself.
    pub(crate) answer: Answer,
    /// The name at the end of the aliases; the name asked for without any.
    pub(crate) canonical: Name,
    /// The names that the aliases passed, in order, the canonical one last; empty without an alias. In a loop, the last name repeats an earlier one.
    pub(crate) aliases: Vec<Name>,
    /// Whether the canonical name does not exist (NXDOMAIN): with aliases before it, they point to nothing.
    pub(crate) is_missing: bool,
    /// The reply as it came, with its signatures and proofs of absence; none when nobody answered. By iteration, the last reply.
    pub(crate) reply: Option<Arc<Reply>>,
}

impl Dns {
    /// The DNS of this run, on behalf of a new look: everything that another look of the run has learnt is known.
    ///
    /// # Errors
    /// [`Reason::NO_RESOLVER`] when there is neither a resolver nor root hints, and the system names none.
    pub(crate) fn of(context: &ProbeContext) -> Result<Self, ProbeError> {
        let mut shared = context.dns.0.lock().unwrap_or_else(PoisonError::into_inner);
        let run = match shared.as_ref() {
            Some(run) => Arc::clone(run),
            None => Arc::clone(shared.insert(Arc::new(Run::new(context)?))),
        };
        Ok(Self { run, asker: Arc::new(Asker::new(Deadline::start(context.deadline))) })
    }

    /// What the DNS says of a name: asked with DO and CD, so that the reply holds signatures, and data that does not hold. A
    /// timeout when the look ends before.
    pub(crate) async fn lookup(&self, name: &Name, kind: RecordType) -> Arc<Lookup> {
        let cell = self.run.lookups.get_or(&(name.clone(), kind), Arc::default);
        let found = self.asker.in_time(cell.get_or_try_init(|| async {
            // Boxed, as everything that a look waits for lies within it.
            let found = Box::pin(self.find(name, kind)).await;
            let is_cut_short = self.is_out_of_time() && matches!(found.answer, Answer::Failed(_));
            if is_cut_short { Err(found) } else { Ok(found) }
        }));
        match found.await {
            Some(Ok(found)) => Arc::clone(found),
            Some(Err(cut_short)) => cut_short,
            None => Arc::new(Lookup::failed(name, kind, Asker::out_of_time(&format_args!("{kind} of {name}")))),
        }
    }

    /// Whether the look has no more time: what fails now says nothing to other looks, and is not kept.
    pub(crate) fn is_out_of_time(&self) -> bool {
        self.asker.is_out_of_time()
    }

    /// Asks one server one question, unless the run has asked it already.
    ///
    /// # Errors
    /// The reason of the silence.
    pub(crate) async fn ask(&self, server: SocketAddr, question: &Question) -> Result<Arc<Reply>, Unknown> {
        self.run.client.ask(server, question, &self.asker).await
    }

    /// Whether a server hands a whole zone to a stranger; only asked with permission.
    pub(crate) async fn zone_transfer(&self, server: SocketAddr, zone: &Name) -> Fact<Transfer> {
        let asked = self.asker.in_time(self.run.client.zone_transfer(server, zone, &self.asker)).await;
        asked.unwrap_or_else(|| Fact::Unknown(Asker::out_of_time(&format_args!("AXFR of {zone} at {server}"))))
    }

    /// IPv4 and IPv6 addresses of a host, sorted; unknown when one of the two questions failed and nothing was found.
    pub(crate) async fn addresses(&self, host: &Name) -> Fact<Vec<IpAddr>> {
        let (four, six) = tokio::join!(self.lookup(host, RecordType::A), self.lookup(host, RecordType::AAAA));
        addresses_of([&four, &six])
    }

    /// Questions that were sent on behalf of this look, repeats included; what another look had asked already costs none.
    pub(crate) fn queries(&self) -> u64 {
        self.asker.sent()
    }

    async fn find(&self, name: &Name, kind: RecordType) -> Arc<Lookup> {
        let lookup = if self.run.resolvers.is_empty() {
            self.iterate(name, kind, &servers::Trail::default()).await
        } else {
            self.resolve(name, kind).await
        };
        Arc::new(lookup)
    }
}

impl Run {
    fn new(context: &ProbeContext) -> Result<Self, ProbeError> {
        let resolvers = match (context.resolver, &context.root_hints) {
            (Some(resolver), _) => vec![resolver],
            (None, Some(_)) => Vec::new(),
            (None, None) => system::resolvers(context)?,
        };
        Ok(Self {
            client: Client::default(),
            resolvers,
            hints: context.root_hints.clone(),
            port: context.dns_port,
            lookups: Memory::new(LOOKUPS_MAX),
            cuts: Memory::new(CUTS_MAX),
            stuck: Memory::new(STUCK_MAX),
        })
    }
}

impl Lookup {
    fn failed(name: &Name, kind: RecordType, why: Unknown) -> Self {
        Self {
            name: name.clone(),
            kind,
            answer: Answer::Failed(why),
            canonical: name.clone(),
            aliases: Vec::new(),
            is_missing: false,
            reply: None,
        }
    }

    fn ended(name: &Name, kind: RecordType, chain: Chain, reply: Option<Arc<Reply>>) -> Self {
        let Chain { aliases, end } = chain;
        let is_missing = end == End::NoName;
        let told = |what: &str| {
            let names: Vec<String> = std::iter::once(name).chain(&aliases).map(super::records::plain).collect();
            Answer::Failed(Unknown::new(Reason::SERVER_FAILURE, format!("{what}: {}", names.join(" -> "))))
        };
        let answer = match end {
            End::Records(records) => Answer::Records(records),
            End::NoName if aliases.is_empty() => Answer::NoName,
            End::NoName | End::Nothing => Answer::NoRecords,
            End::Circle => told("aliases in a circle"),
            End::TooLong => told(&format!("more than {ALIASES_MAX} aliases")),
        };
        let canonical = aliases.last().unwrap_or(name).clone();
        Self { name: name.clone(), kind, answer, canonical, aliases, is_missing, reply }
    }
}

fn addresses_of(lookups: [&Lookup; 2]) -> Fact<Vec<IpAddr>> {
    let mut found: Vec<IpAddr> = Vec::new();
    let mut failed = None;
    for lookup in lookups {
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
