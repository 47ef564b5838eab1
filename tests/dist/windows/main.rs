//! The Windows build of the agent, run by wine against a real collector: `make test-windows`.
//!
//! wine is no Windows. It shows that the program starts, looks, enrols, streams and lives as a service; what a real Windows
//! answers of its updates, firewall, BitLocker and Defender nobody has confirmed by these tests. They need root.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot be set up must fail loudly"
)]

mod agent;
mod msi;
mod service;
mod upgrade;
mod wine;
