//! From a server's name to an open connection: addresses, TCP connect, and what the system's errors mean.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::Instant;
use vedetta_checks::catalogue::ProbeError;
use vedetta_checks::target::{Endpoint, Server};
use vedetta_checks::word::Reason;

use crate::ProbeContext;
use crate::dns::resolver::{failure, question_name, resolver};
use crate::network::io_reason;

/// Most addresses of one name that are tried, IPv4 first.
const ADDRESSES_MAX: usize = 4;
/// Longest wait for the addresses of a name.
const RESOLVE_TIME_MAX: Duration = Duration::from_secs(5);
/// Longest wait for one address to accept the connection.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(4);
/// Share of the whole deadline after which stages end, so that the stage is named and not only "no answer".
const DEADLINE_SHARE: f32 = 0.9;

/// The moment at which the look must have ended, shared by its stages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline(Instant);

impl Deadline {
    /// Starts to count now.
    pub(crate) fn start(total: Duration) -> Self {
        Self(Instant::now() + total.mul_f32(DEADLINE_SHARE))
    }

    /// Whether the look must have ended: what did not come by now may have come later.
    pub(crate) fn is_over(self) -> bool {
        Instant::now() >= self.0
    }

    /// Runs one stage for at most `time_max`, less if the look must end before; `None` when the time was up.
    pub(crate) async fn run<T>(self, time_max: Duration, stage: impl Future<Output = T>) -> Option<T> {
        let until = self.0.min(Instant::now() + time_max);
        tokio::time::timeout_at(until, stage).await.ok()
    }
}

/// Opens a connection to the first of an endpoint's addresses that accepts.
///
/// # Errors
/// Stage `connect`, with the reason of the first address that failed.
pub(crate) async fn first_open(
    found: &[IpAddr],
    endpoint: &Endpoint,
    deadline: Deadline,
) -> Result<(TcpStream, SocketAddr), ProbeError> {
    let mut first_error = None;
    for address in found {
        let address = SocketAddr::new(*address, endpoint.port);
        match connect(address, deadline).await {
            Ok(stream) => return Ok((stream, address)),
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    Err(first_error.unwrap_or_else(|| no_address(endpoint)))
}

/// The address of the endpoint to which every connection of a look goes: its fixed or only one, which is not tried here,
/// else the first that accepts a connection.
///
/// # Errors
/// As [`addresses`] and [`first_open`].
pub(crate) async fn choose(
    endpoint: &Endpoint,
    context: &ProbeContext,
    deadline: Deadline,
) -> Result<SocketAddr, ProbeError> {
    let found = addresses(endpoint, context, deadline).await?;
    if let [only] = found.as_slice() {
        return Ok(SocketAddr::new(*only, endpoint.port));
    }
    first_open(&found, endpoint, deadline).await.map(|(_, address)| address)
}

/// Opens a further connection to an address that accepted one before.
///
/// # Errors
/// Stage `connect`: closed, timeout, reset or unreachable.
pub(crate) async fn connect(address: SocketAddr, deadline: Deadline) -> Result<TcpStream, ProbeError> {
    match deadline.run(CONNECT_TIME_MAX, TcpStream::connect(address)).await {
        Some(Ok(stream)) => Ok(stream),
        Some(Err(error)) => Err(ProbeError::new("connect", io_reason(&error), format!("{address}: {error}"))),
        None => Err(ProbeError::new("connect", Reason::TIMEOUT, format!("{address}: no answer"))),
    }
}

/// The addresses of an endpoint: its fixed one, else those of its name, IPv4 first; never empty.
///
/// # Errors
/// Stage `resolve`.
pub(crate) async fn addresses(
    endpoint: &Endpoint,
    context: &ProbeContext,
    deadline: Deadline,
) -> Result<Vec<IpAddr>, ProbeError> {
    if let Some(address) = endpoint.fixed_address() {
        return Ok(vec![address]);
    }
    let Server::Name(name) = &endpoint.server else { return Err(no_address(endpoint)) };
    let resolver = resolver(context)?;
    let question = question_name(name)?;
    let both = async { tokio::join!(resolver.ipv4_lookup(question.clone()), resolver.ipv6_lookup(question.clone())) };
    let Some((four, six)) = deadline.run(RESOLVE_TIME_MAX, both).await else {
        return Err(ProbeError::new("resolve", Reason::TIMEOUT, format!("{name}: no answer")));
    };
    let mut found = Vec::new();
    let mut silence = None;
    for outcome in [four, six] {
        match outcome {
            Ok(lookup) => found.extend(lookup.answers().iter().filter_map(|record| record.data.ip_addr())),
            Err(error) if error.is_no_records_found() => {}
            Err(error) => silence = Some(ProbeError::new("resolve", failure(&error), format!("{name}: {error}"))),
        }
    }
    found.truncate(ADDRESSES_MAX);
    match (found.is_empty(), silence) {
        (false, _) => Ok(found),
        (true, Some(error)) => Err(error),
        (true, None) => Err(no_address(endpoint)),
    }
}

fn no_address(endpoint: &Endpoint) -> ProbeError {
    ProbeError::new("resolve", Reason::NAME_NOT_FOUND, format!("{} has no address", endpoint.server))
}
