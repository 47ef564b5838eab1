//! Probe `dns`: what the DNS says of one domain.

pub mod facts;
