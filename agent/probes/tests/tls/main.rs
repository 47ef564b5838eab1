//! The `tls` probe before real servers on loopback.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot be set up must fail loudly")]

mod authority;
mod certificates;
mod fact;
mod misbehaviour;
mod server;
mod shared;
mod versions;

use std::net::SocketAddr;
use std::time::Duration;

use rustls_pki_types::CertificateDer;
use vedetta_checks::catalogue::{Observation, ProbeError};
use vedetta_checks::target::Target;
use vedetta_probes::{ProbeContext, observe, tls};

use fact::fact;

/// Deadline of a look in these tests, unless the test is about the deadline.
const DEADLINE: Duration = Duration::from_secs(15);

fn context(roots: Vec<CertificateDer<'static>>) -> ProbeContext {
    let mut context = ProbeContext::new(authority::now(), DEADLINE);
    context.extra_roots = roots;
    context
}

/// Looks at `localhost` at an address.
async fn look(address: SocketAddr, context: ProbeContext) -> Result<Observation, ProbeError> {
    look_at(&format!("tls://{address}?sni=localhost"), context).await
}

async fn look_at(target: &str, context: ProbeContext) -> Result<Observation, ProbeError> {
    observe(tls::NAME, target.parse::<Target>().expect("a target"), context).await
}
