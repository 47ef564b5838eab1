//! The first of several addresses that accepts a connection.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::task::JoinSet;
use vedetta_checks::catalogue::ProbeError;
use vedetta_checks::word::Reason;

use super::home::Reachable;
use super::silence::Silence;
use crate::tls::connect::{Deadline, connect};

/// Most addresses of one server that are tried.
const ADDRESSES_MAX: usize = 4;
/// Longest wait for one address to accept: the second try of the system, after a second, has been answered by then.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(3);
/// Head start of an address before the next one is tried beside it (RFC 8305 section 5), so that a dead one costs little.
const HEAD_START: Duration = Duration::from_millis(250);

type Attempt = (SocketAddr, Result<TcpStream, ProbeError>);

/// Opens a connection to the first of the addresses that accepts, in their order.
///
/// # Errors
/// Stage `connect`. An address that must not be connected to is not, with [`Reason::NOT_ALLOWED`]. That the port is closed is said only when every address says so; a silence weighs more, since it may
/// be the network's on the way.
pub(crate) async fn first_open(
    reachable: &Reachable,
    port: u16,
    deadline: Deadline,
    silence: Option<&Silence>,
) -> Result<(TcpStream, SocketAddr), ProbeError> {
    let mut waiting = reachable.addresses.iter().take(ADDRESSES_MAX).map(|address| SocketAddr::new(*address, port));
    let mut attempts: JoinSet<Attempt> = JoinSet::new();
    let mut worst: Option<ProbeError> = reachable.refused.map(not_allowed);
    loop {
        let next = match waiting.next() {
            Some(address) => {
                if let Some(why) = silence.and_then(|silence| silence.hopeless(address.ip())) {
                    let error = ProbeError::new("connect", Reason::TIMEOUT, format!("{address}: {why}"));
                    worst = Some(heavier(worst, error));
                    continue;
                }
                attempts.spawn(async move { (address, attempt(address, deadline).await) });
                match tokio::time::timeout(HEAD_START, attempts.join_next()).await {
                    Ok(outcome) => outcome,
                    Err(_elapsed) => continue,
                }
            }
            None => match attempts.join_next().await {
                None => {
                    let nothing = || ProbeError::new("connect", Reason::NAME_NOT_FOUND, "there is no address");
                    return Err(worst.unwrap_or_else(nothing));
                }
                outcome => outcome,
            },
        };
        let Some(Ok((address, outcome))) = next else { continue };
        note(silence, address.ip(), &outcome);
        match outcome {
            Ok(stream) => {
                // Every message is written at once; waiting for more would only add time.
                let _ = stream.set_nodelay(true);
                return Ok((stream, address));
            }
            Err(error) => worst = Some(heavier(worst, error)),
        }
    }
}

async fn attempt(address: SocketAddr, deadline: Deadline) -> Result<TcpStream, ProbeError> {
    let late = || ProbeError::new("connect", Reason::TIMEOUT, format!("{address}: no answer"));
    tokio::time::timeout(CONNECT_TIME_MAX, connect(address, deadline)).await.unwrap_or_else(|_elapsed| Err(late()))
}

/// Why nobody connects to an address that a stranger's DNS names.
fn not_allowed(address: IpAddr) -> ProbeError {
    let detail = format!("{address}: an address that is not public is not connected to on the word of the DNS");
    ProbeError::new("connect", Reason::NOT_ALLOWED, detail)
}

/// Remembers who answers, were it by a closed port, and who does not.
fn note(silence: Option<&Silence>, address: IpAddr, outcome: &Result<TcpStream, ProbeError>) {
    let Some(silence) = silence else { return };
    match outcome {
        Ok(_) => silence.answered(address),
        Err(error) if error.reason == Reason::CLOSED => silence.answered(address),
        Err(error) if error.reason == Reason::TIMEOUT => silence.silent(address),
        Err(_) => {}
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
