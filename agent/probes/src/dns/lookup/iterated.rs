//! Look-ups from the root: zone by zone to the servers that know, alias by alias to the end.

use std::pin::Pin;

use hickory_proto::rr::{Name, RecordType};
use vedetta_checks::fact::{Fact, Unknown};

use super::chain::{ALIASES_MAX, Chain, End, follow};
use super::cut::{Below, Names};
use super::servers::{Trail, delegated_name};
use super::{Dns, Lookup};

/// Most zones that one question descends through beyond those already known.
const DESCENTS_MAX: usize = 8;

/// What one zone says of a name, or of the zone below to which it belongs.
struct Said {
    chain: Chain,
    reply: std::sync::Arc<crate::dns::client::Reply>,
}

impl Dns {
    /// Looks a name up from the root hints.
    pub(super) fn iterate<'a>(
        &'a self,
        name: &'a Name,
        kind: RecordType,
        trail: &'a Trail,
    ) -> Pin<Box<dyn Future<Output = Lookup> + Send + 'a>> {
        Box::pin(async move {
            let mut aliases: Vec<Name> = Vec::new();
            loop {
                let current = aliases.last().unwrap_or(name).clone();
                let said = match self.said_by_zone(&current, kind, trail).await {
                    Ok(said) => said,
                    Err(why) => return Lookup { aliases, ..Lookup::failed(name, kind, why) },
                };
                let follows = !said.chain.aliases.is_empty() && said.chain.end == End::Nothing;
                let mut end = said.chain.end;
                for alias in said.chain.aliases {
                    let is_passed = alias == *name || aliases.contains(&alias);
                    aliases.push(alias);
                    if is_passed {
                        end = End::Circle;
                        break;
                    }
                }
                if end == End::Nothing && aliases.len() > ALIASES_MAX {
                    end = End::TooLong;
                }
                if !follows || end != End::Nothing {
                    return Lookup::ended(name, kind, Chain { aliases, end }, Some(said.reply));
                }
            }
        })
    }

    async fn said_by_zone(&self, name: &Name, kind: RecordType, trail: &Trail) -> Result<Said, Unknown> {
        // Digests of a zone's keys stand in the zone above (RFC 4035 section 3.1.4.1).
        let start = if kind == RecordType::DS { name.base_name() } else { name.clone() };
        let mut cut = match self.walk(&start, Names::OfHosts, trail).await {
            Fact::Known(cut) => cut,
            Fact::Unknown(why) => return Err(why),
        };
        for _ in 0..DESCENTS_MAX {
            let reply = self.ask_zone(&cut, name, kind, trail).await?;
            let below = delegated_name(&reply.message, &cut.zone).filter(|below| below.zone_of(name));
            let is_own_digest = kind == RecordType::DS && below == Some(name);
            let Some(below) = below.filter(|_| !is_own_digest) else {
                let chain = follow(&reply.message, name, kind, |name| cut.zone.zone_of(name));
                return Ok(Said { chain, reply });
            };
            match self.cut_below(&cut, below, trail).await {
                Fact::Known(Below::Cut(deeper)) => cut = deeper,
                Fact::Known(Below::Same | Below::Missing) => break,
                Fact::Unknown(why) => return Err(why),
            }
        }
        let detail = format!("{kind} of {name}: referred on and on below {}", cut.zone);
        Err(Unknown::new(vedetta_checks::word::Reason::SERVER_FAILURE, detail))
    }
}
