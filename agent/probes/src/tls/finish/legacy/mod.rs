//! A small client of our own for SSL 3.0 to TLS 1.2, where the TLS library cannot go: it finishes one handshake with
//! suites of any age, and asks on the finished connection for another one.
//!
//! It checks nothing of the server: no certificate, no signature, no `Finished`. Nothing is sent over its connections.
//!
//! Read in this order: `suite` (what a suite takes), `exchange`, `keys`, `protection`, `session` (the handshake),
//! `renegotiation`, `resumption`.

pub(crate) mod exchange;
pub(crate) mod hash;
pub(crate) mod keys;
pub(crate) mod protection;
mod rc4;
pub(crate) mod renegotiation;
pub(crate) mod resumption;
pub(crate) mod session;
pub(crate) mod suite;
