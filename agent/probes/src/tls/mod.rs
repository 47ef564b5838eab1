//! Probe `tls`: what one TLS endpoint shows to any visitor.

pub mod facts;
