//! The program on a host: it looks, judges by declarative packs, and reports.
//!
//! Read in this order: [`targets`] (what the host allows), [`packs`] (by which rules), [`engine`] (looking and judging),
//! [`schedule`], [`spool`] (the durable queue), [`session`] (one report), [`identity`] and [`connect`], [`service`]
//! (the loop that ties them), [`cli`].

pub mod assignment;
pub mod batch;
pub mod chance;
pub mod cli;
pub mod clock;
pub mod config;
pub mod connect;
pub mod counts;
pub mod engine;
pub mod enrolment;
pub mod files;
pub mod identity;
pub mod pace;
pub mod packs;
pub mod platform;
pub mod reader;
pub mod render;
pub mod schedule;
pub mod service;
pub mod session;
pub mod spool;
pub mod state_format;
pub mod targets;
pub mod version;
