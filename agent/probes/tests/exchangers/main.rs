//! The parts of the `mail` probe that connect: mail servers, their pins in the DNS, and policies of MTA-STS. Names come from
//! NSD, TLS is real, everything stands on loopback.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot be set up must fail loudly")]

mod authority;
#[path = "../tls/fact.rs"]
mod fact;
mod mail;
mod names;
mod pins;
mod policies;
mod servers;
mod web;

use std::time::Duration;

use vedetta_checks::catalogue::Observation;
use vedetta_probes::{ProbeContext, mail as probe, observe};

use authority::{Authority, NOW};
use names::Names;

/// What every look of these tests is given.
fn context(names: &Names, authority: &Authority) -> ProbeContext {
    let mut context = ProbeContext::new(NOW.parse().expect("a moment"), Duration::from_secs(20));
    context.resolver = Some(names.address);
    context.extra_roots = vec![authority.root()];
    "Vedetta/0.1.0 (office@example)".clone_into(&mut context.identification);
    context
}

async fn look(domain: &str, context: &ProbeContext) -> Observation {
    let target = domain.parse().expect("a domain");
    observe(probe::NAME, target, context.clone()).await.expect("an observation")
}
