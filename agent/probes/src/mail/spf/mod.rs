//! Sender Policy Framework (RFC 7208): who may send mail for a domain.
//!
//! Read in this order: `record` and `term` (text to terms), `macros` (names that depend on the sender), then the RFC's own
//! question, may this address send for this sender: `outcome`, `evaluate`, `matching`, with `validated` (reverse names) and
//! `prefetch` beside them. The audit asks the same of everybody: `gather` fetches every record of the tree at once, `judge`
//! and `hosts` walk what was fetched (`tree` holds what they know, `networks` who passes), `told` makes facts of it with the
//! words of `problem`.

#[cfg(test)]
mod cases;
mod evaluate;
mod gather;
mod hosts;
mod judge;
mod macros;
mod matching;
mod names;
mod networks;
mod outcome;
mod prefetch;
mod problem;
mod record;
mod term;
mod told;
mod tree;
mod validated;

use crate::dns::lookup::Dns;
use crate::mail::facts::SpfFacts;

pub use evaluate::{EVALUATION_TIME_MAX, check_host};
pub use outcome::{Evaluation, Outcome, Sender};
pub use problem::SpfProblem;
pub use record::{Record, SyntaxError, parse};
pub(crate) use told::unseen;

/// Terms that ask the DNS and may be evaluated for one message (RFC 7208 section 4.6.4).
pub const LOOKUPS_MAX: u64 = 10;
/// Terms whose question may find nothing (RFC 7208 section 4.6.4).
pub const VOID_LOOKUPS_MAX: u64 = 2;
/// Mail servers of one `mx`, and reverse names of one sender, whose addresses are asked for (RFC 7208 section 4.6.4).
pub const NAMES_MAX: usize = 10;

/// What the domain's policy says of everybody, with every record that it includes; asks, then judges.
pub(crate) async fn audit(dns: &Dns, domain: &str) -> SpfFacts {
    let root = names::plain(domain);
    let seen = gather::gather(dns, &root).await;
    told::facts(&seen, &root)
}
