//! What the journeys use: the two real programs, and real servers for them to look at. Nothing here stands in for
//! anything: TLS is OpenSSL's, names are NSD's, packages are dpkg's and apt's, the open database is Redis. The [`rig`] has
//! TLS servers of more makers and ages.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "what cannot be set up must fail loudly")]

pub mod agent;
pub mod authority;
pub mod browser;
pub mod client;
pub mod clock;
pub mod collector;
pub mod debian_root;
pub mod kept;
pub mod name_server;
pub mod network;
pub mod program;
pub mod publisher;
pub mod rig;
pub mod tls_server;
pub mod wait;
