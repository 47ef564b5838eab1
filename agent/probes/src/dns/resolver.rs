//! The resolver that probes ask: the one handed in, else the system's.

use std::net::SocketAddr;
use std::time::Duration;

use hickory_proto::rr::Name;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::{Resolver, TokioResolver};
use vedetta_checks::catalogue::ProbeError;
use vedetta_checks::target::DomainName;
use vedetta_checks::word::Reason;

use crate::ProbeContext;
use crate::network::io_reason;

/// Longest wait for one answer of one name server, in seconds, before the question is asked again or given up.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(2);
/// How often a question without an answer is asked again.
const RETRIES: usize = 1;
/// Answers that one look keeps; a look asks about ten questions and follows few aliases.
const CACHE_ANSWERS_MAX: u64 = 64;

/// Builds the resolver of one look, so that no answer of an earlier look is repeated.
///
/// # Errors
/// [`Reason::NO_RESOLVER`] when the system's own configuration cannot be read.
pub(crate) fn resolver(context: &ProbeContext) -> Result<TokioResolver, ProbeError> {
    let no_resolver = |error: &NetError| ProbeError::new("resolve", Reason::NO_RESOLVER, error.to_string());
    let mut builder = match context.resolver {
        Some(address) => {
            let mut builder = Resolver::builder_with_config(single_server(address), TokioRuntimeProvider::default());
            // A named resolver is asked for what it says, not for what this host's own file says.
            builder.options_mut().use_hosts_file = ResolveHosts::Never;
            builder
        }
        None => TokioResolver::builder_tokio().map_err(|error| no_resolver(&error))?,
    };
    let options = builder.options_mut();
    options.timeout = ANSWER_TIME_MAX;
    options.attempts = RETRIES;
    options.cache_size = CACHE_ANSWERS_MAX;
    builder.build().map_err(|error| no_resolver(&error))
}

fn single_server(address: SocketAddr) -> ResolverConfig {
    let at_port = |mut connection: ConnectionConfig| {
        connection.port = address.port();
        connection
    };
    let connections = vec![at_port(ConnectionConfig::udp()), at_port(ConnectionConfig::tcp())];
    ResolverConfig::from_parts(None, Vec::new(), vec![NameServerConfig::new(address.ip(), true, connections)])
}

/// The name as a question: complete, so that no search domain is added.
///
/// # Errors
/// [`Reason::NAME_NOT_FOUND`] when the DNS cannot hold such a name.
pub(crate) fn question_name(name: &DomainName) -> Result<Name, ProbeError> {
    let mut parsed = Name::from_ascii(name.as_str())
        .map_err(|error| ProbeError::new("resolve", Reason::NAME_NOT_FOUND, format!("{name}: {error}")))?;
    parsed.set_fqdn(true);
    Ok(parsed)
}

/// Why a question got no answer, as a word.
pub(crate) fn failure(error: &NetError) -> Reason {
    if let NetError::Dns(DnsError::ResponseCode(_)) = error {
        return Reason::SERVER_FAILURE;
    }
    if let NetError::Io(cause) = error {
        return io_reason(cause);
    }
    if matches!(error, NetError::Timeout) {
        return Reason::TIMEOUT;
    }
    if matches!(error, NetError::Truncated) {
        return Reason::TOO_LARGE;
    }
    if matches!(error, NetError::Proto(_) | NetError::ForeignClassRecord { .. } | NetError::QueryCaseMismatch) {
        return Reason::CORRUPT;
    }
    Reason::NO_RESOLVER
}
