//! The `http` probe before real sites on loopback: nginx, and scripted servers that break the rules.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot be set up must fail loudly")]

#[path = "../tls/authority.rs"]
mod authority;
mod class;
#[path = "../tls/fact.rs"]
mod fact;
mod misbehaviour;
mod names;
mod other_services;
mod page;
mod redirects;
mod scripted;
mod security_txt;
mod siblings;
mod site;

use std::time::Duration;

use vedetta_checks::catalogue::{Observation, ProbeError};
use vedetta_checks::target::Target;
use vedetta_probes::{ProbeContext, http, observe};

use fact::fact;

/// Deadline of a look in these tests, unless the test is about the deadline.
const DEADLINE: Duration = Duration::from_secs(15);

fn context(http_port: u16) -> ProbeContext {
    let mut context = ProbeContext::new(authority::now(), DEADLINE);
    context.http_port = http_port;
    context
}

/// Looks at `localhost` on loopback, at the port of HTTPS and the one of HTTP.
async fn look(https_port: u16, http_port: u16) -> Result<Observation, ProbeError> {
    look_at(&format!("tls://127.0.0.1:{https_port}?sni=localhost"), context(http_port)).await
}

async fn look_at(target: &str, context: ProbeContext) -> Result<Observation, ProbeError> {
    observe(http::NAME, target.parse::<Target>().expect("a target"), context).await
}

/// A port at which nobody listens.
fn closed_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address").port()
}
