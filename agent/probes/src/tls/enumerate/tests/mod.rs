//! Enumeration of real servers on loopback, as they are and behind a listener that treats hellos as the field does.

#[path = "../../../../tests/enumerate/filter.rs"]
mod filter;
mod losses;
mod misbehaving;
#[path = "../../../../tests/enumerate/openssl.rs"]
mod openssl;
mod real;
mod silent;
#[path = "../../../../tests/enumerate/strangers.rs"]
mod strangers;

use std::net::SocketAddr;
use std::time::Duration;

use vedetta_checks::catalogue::ProbeError;
use vedetta_checks::fact::Fact;

use super::{Enumeration, enumerate};
use crate::tls::connect::Deadline;
use crate::tls::dial::Dialer;
use crate::tls::wire::Version;

/// Deadline of a look in these tests, unless the test is about the deadline.
const DEADLINE: Duration = Duration::from_secs(20);

/// Looks at a server as `localhost`.
async fn look(address: SocketAddr) -> Enumeration {
    look_within(address, DEADLINE).await.expect("a TLS server").0
}

/// Looks, and tells the number of connections too.
async fn look_within(address: SocketAddr, deadline: Duration) -> Result<(Enumeration, u32), ProbeError> {
    look_for("localhost", address, deadline).await
}

/// The same under another name.
async fn look_for(name: &str, address: SocketAddr, deadline: Duration) -> Result<(Enumeration, u32), ProbeError> {
    let dialer = Dialer::new(address, None, "Vedetta", Deadline::start(deadline));
    let told = enumerate(&dialer, Some(name)).await?;
    Ok((told, dialer.opened()))
}

/// The suites of a version as results show them, in the order of the picks.
fn picks(told: &Enumeration, version: Version) -> Vec<String> {
    match &told.of(version).expect("SSL 3.0 to TLS 1.3").suites {
        Fact::Known(suites) => suites.iter().map(ToString::to_string).collect(),
        Fact::Unknown(unknown) => panic!("{version}: {unknown:?}"),
    }
}

/// The same, sorted.
fn sorted(told: &Enumeration, version: Version) -> Vec<String> {
    let mut suites = picks(told, version);
    suites.sort_unstable();
    suites
}

fn groups(told: &Enumeration) -> Vec<String> {
    told.groups.known().expect("groups").iter().map(ToString::to_string).collect()
}
