//! The `dns` and `mail` probes on a tree of the DNS of our own, as anybody would run them:
//! `vedetta-agent probe dns good.test --resolver 127.0.0.1:53 --trust-anchor FILE --root-hints FILE`.
//!
//! What a look must find stands beside each zone ([`vedetta_tests::rig::dns::zones`]), as words from the standards; what a
//! validating resolver makes of a signed zone is asked of delv in the same test ([`truth`]). Read in this order: [`look`],
//! [`delegation`], [`dnssec`], [`mail`], [`hints`].

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "what cannot be set up must fail loudly")]
#![allow(clippy::print_stdout, reason = "the tables are what these tests are for")]

mod delegation;
mod dnssec;
mod hints;
mod look;
mod mail;
mod truth;
