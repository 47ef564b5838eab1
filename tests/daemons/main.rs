//! The `services` probe on real daemons, as anybody would run it: `vedetta-agent probe services`.
//!
//! Each test has a network of its own ([`place`]), in which it starts daemons ([`daemons`]) and asks their own clients what
//! a stranger may do. What `ss` says of the sockets and what the clients were answered is the truth ([`truth`]) that the
//! probe is held against.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "what cannot be set up must fail loudly")]

mod daemons;
mod databases;
mod directories;
mod files;
mod management;
mod misbehaving;
mod names;
mod place;
mod screens;
mod truth;
