//! The packages probe.

pub mod facts;
