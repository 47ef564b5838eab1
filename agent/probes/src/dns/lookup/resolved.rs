//! Look-ups through resolvers: they follow aliases themselves and give the whole way.

use std::sync::Arc;

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::{Name, RData, RecordType};
use vedetta_checks::fact::Unknown;
use vedetta_checks::word::Reason;

use super::chain::{ALIASES_MAX, Chain, End, follow};
use super::{Dns, Lookup};
use crate::dns::client::{Question, Reply, Transport};

/// Questions about a name that may time out at every resolver, before others about it and below it fail at once.
const SILENCES_MAX: u8 = 2;

/// How resolvers fare with one name: servers that do not answer them keep them silent too.
#[derive(Debug, Clone)]
pub(super) struct Stuck {
    /// Questions that timed out since the last answer.
    silences: u8,
    /// Why the last one did.
    why: Unknown,
}

impl Dns {
    pub(super) async fn resolve(&self, name: &Name, kind: RecordType) -> Lookup {
        if let Some(why) = self.stuck_at(name) {
            return Lookup::failed(name, kind, why);
        }
        match self.ask_resolvers(name, kind).await {
            Ok(reply) => {
                let chain = follow(&reply.message, name, kind, |_| true);
                Lookup::ended(name, kind, chain, Some(reply))
            }
            Err((why, reply)) => {
                let circle = if why.reason == Reason::SERVER_FAILURE { self.circle(name, kind).await } else { None };
                match circle {
                    Some(chain) => Lookup::ended(name, kind, chain, reply),
                    None => Lookup { reply, ..Lookup::failed(name, kind, why) },
                }
            }
        }
    }

    /// Asks the resolvers one after another until one has an answer; else the reason of the last, with its reply if there was one.
    /// One that failed is asked once more, over a connection: with nothing in its memory, a resolver may give up on what it finds
    /// a moment later.
    async fn ask_resolvers(&self, name: &Name, kind: RecordType) -> Result<Arc<Reply>, (Unknown, Option<Arc<Reply>>)> {
        let question = Question::to_resolver(name, kind);
        let mut failure = (Unknown::new(Reason::NO_RESOLVER, "no resolver"), None);
        for resolver in &self.run.resolvers {
            let mut asked = self.ask(*resolver, &question).await;
            if asked.as_ref().is_ok_and(|reply| reply.code() == ResponseCode::ServFail) {
                let again = Question { transport: Transport::Tcp, ..question.clone() };
                asked = self.ask(*resolver, &again).await.or(asked);
            }
            match asked {
                Ok(reply) => {
                    self.run.stuck.put(name.clone(), Stuck { silences: 0, why: failure.0.clone() });
                    let code = reply.code();
                    if matches!(code, ResponseCode::NoError | ResponseCode::NXDomain) {
                        return Ok(reply);
                    }
                    let detail = format!("{kind} of {name} at {resolver}: {code}");
                    failure = (Unknown::new(Reason::SERVER_FAILURE, detail), Some(reply));
                }
                Err(why) => failure = (why, None),
            }
        }
        if failure.0.reason == Reason::TIMEOUT && !self.is_out_of_time() {
            let silences = self.run.stuck.get(name).map_or(0, |stuck| stuck.silences).saturating_add(1);
            self.run.stuck.put(name.clone(), Stuck { silences, why: failure.0.clone() });
        }
        Err(failure)
    }

    /// Why resolvers stay silent on a name or on one above it.
    fn stuck_at(&self, name: &Name) -> Option<Unknown> {
        // Not at the root and not at a name right below it: one bad domain says nothing of its neighbours.
        let labels = name.iter().count();
        let above = (2..=labels).map(|count| name.trim_to(count));
        above
            .filter_map(|name| self.run.stuck.get(&name))
            .find(|stuck| stuck.silences >= SILENCES_MAX)
            .map(|stuck| stuck.why)
    }

    /// Whether a failure comes from aliases in a circle, which resolvers do not tell: asked alias by alias.
    async fn circle(&self, name: &Name, kind: RecordType) -> Option<Chain> {
        if kind == RecordType::CNAME {
            return None;
        }
        let mut aliases: Vec<Name> = Vec::new();
        while aliases.len() <= ALIASES_MAX {
            let current = aliases.last().unwrap_or(name);
            let reply = self.ask_resolvers(current, RecordType::CNAME).await.ok()?;
            let End::Records(records) = follow(&reply.message, current, RecordType::CNAME, |_| true).end else {
                return None;
            };
            let Some(RData::CNAME(target)) = records.into_iter().next() else { return None };
            let is_passed = target.0 == *name || aliases.contains(&target.0);
            aliases.push(target.0);
            if is_passed {
                return Some(Chain { aliases, end: End::Circle });
            }
        }
        Some(Chain { aliases, end: End::TooLong })
    }
}
