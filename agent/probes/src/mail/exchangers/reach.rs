//! The first of several addresses that accepts a connection.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::task::JoinSet;
use vedetta_checks::catalogue::ProbeError;
use vedetta_checks::word::Reason;

use crate::tls::connect::{Deadline, connect};

/// Most addresses of one server that are tried.
const ADDRESSES_MAX: usize = 4;
/// Head start of an address before the next one is tried beside it (RFC 8305 section 5), so that a dead one costs little.
const HEAD_START: Duration = Duration::from_millis(250);

/// Opens a connection to the first of the addresses that accepts, in their order.
///
/// # Errors
/// Stage `connect`. That the port is closed is said only when every address says so; a silence weighs more, since it may
/// be the network's on the way.
pub(crate) async fn first_open(
    addresses: &[IpAddr],
    port: u16,
    deadline: Deadline,
) -> Result<(TcpStream, SocketAddr), ProbeError> {
    let mut waiting = addresses.iter().take(ADDRESSES_MAX).map(|address| SocketAddr::new(*address, port));
    let mut attempts: JoinSet<(SocketAddr, Result<TcpStream, ProbeError>)> = JoinSet::new();
    let mut worst: Option<ProbeError> = None;
    loop {
        let is_last = match waiting.next() {
            Some(address) => {
                attempts.spawn(async move { (address, connect(address, deadline).await) });
                false
            }
            None => true,
        };
        let next = if is_last {
            attempts.join_next().await
        } else {
            match tokio::time::timeout(HEAD_START, attempts.join_next()).await {
                Ok(outcome) => outcome,
                Err(_elapsed) => continue,
            }
        };
        match next {
            Some(Ok((address, Ok(stream)))) => {
                // Every message is written at once; waiting for more would only add time.
                let _ = stream.set_nodelay(true);
                return Ok((stream, address));
            }
            Some(Ok((_, Err(error)))) => worst = Some(heavier(worst, error)),
            Some(Err(_broken_off)) => {}
            None if is_last => {
                let nothing = || ProbeError::new("connect", Reason::NAME_NOT_FOUND, "there is no address");
                return Err(worst.unwrap_or_else(nothing));
            }
            None => {}
        }
    }
}

/// The failure that weighs more; the earlier of two that weigh the same.
fn heavier(earlier: Option<ProbeError>, later: ProbeError) -> ProbeError {
    match earlier {
        Some(earlier) if weight(&earlier.reason) >= weight(&later.reason) => earlier,
        Some(_) | None => later,
    }
}

/// How much a failure leaves open: a closed port is certain.
fn weight(reason: &Reason) -> u8 {
    if *reason == Reason::TIMEOUT { 2 } else { u8::from(*reason != Reason::CLOSED) }
}
