//! The collector's domain: what it knows, what may change it and how, as pure functions.
//!
//! A use case takes the state it needs, a command and the moment, and answers [`changes::Changes`]; the store commits
//! them as one. Nothing here opens a socket, a file or a clock, and nothing here runs inside a run-time.
//!
//! Each aggregate has its own file: its state, its key, its rules. The one list of them stands in [`aggregate`].

pub mod actor;
pub mod agent;
pub mod aggregate;
pub mod asset;
pub mod assignment;
pub mod audit;
pub mod changes;
pub mod duty;
pub mod enrolment;
pub mod finding;
pub mod hello;
pub mod ids;
pub mod incident;
pub mod intake;
pub mod organisation;
pub mod pack;
pub mod person;
pub mod posture;
pub mod reach;
pub mod result;
#[cfg(test)]
mod samples;
pub mod store;
pub mod workstation;
