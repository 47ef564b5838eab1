//! Journeys through the two real programs, each with state folders, ports and servers of its own.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "what cannot be set up must fail loudly")]

mod allow;
mod batch;
mod delivery;
mod demo;
mod enrolment;
mod faults;
mod feed;
mod figures;
mod findings;
mod hostile;
mod identity;
mod incidents;
mod install;
mod letter;
mod packs;
mod people;
mod persons;
mod probes;
mod reach;
mod workstations;
