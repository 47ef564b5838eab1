//! The host probe.

pub mod facts;
