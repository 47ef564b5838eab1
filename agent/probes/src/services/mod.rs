//! The services probe.

pub mod facts;
