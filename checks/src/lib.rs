//! What Vedetta checks: packs of declarative checks, how an observation is judged by them, and the score.
//!
//! Pure: no input or output, no async, no clock. Time, facts and files are handed in, so the agent, the collector and
//! the tests reach the same verdict from the same facts.
//!
//! Read in this order: [`value`] (what a probe may say), [`catalogue`] (which probes exist), [`pack`] (what a check
//! is), [`judge`] (facts to verdict), [`result`] (the unit that is spooled and streamed), [`score`].

pub mod catalogue;
pub mod contract;
pub mod detail;
pub mod evidence;
pub mod fact;
pub mod feed;
pub mod judge;
pub mod language;
pub mod lint;
pub mod pack;
pub mod packs;
mod parallel;
pub mod ports;
pub mod reason;
pub mod result;
pub mod rome;
pub mod schema;
pub mod score;
pub mod starttls;
pub mod target;
pub mod value;
pub mod verdict;
pub mod word;
