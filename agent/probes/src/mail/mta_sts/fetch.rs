//! Fetching the policy as a sending mail server does (RFC 8461 section 3.3): over HTTPS, from one place, nothing followed.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rustls::time_provider::TimeProvider;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{ServerName, UnixTime};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsConnector;
use vedetta_checks::fact::Unknown;
use vedetta_checks::word::Reason;

use super::policy::POLICY_BYTES_MAX;
use super::problem::MtaStsProblem;
use crate::ProbeContext;
use crate::http::head::HEAD_BYTES_MAX;
use crate::http::response::{BodyReader, Response, read_head};
use crate::mail::exchangers::home::Reachable;
use crate::mail::exchangers::reach::first_open;
use crate::network::io_reason;
use crate::tls::connect::Deadline;
use crate::tls::library;

/// Where the policy stands.
pub(super) const PATH: &str = "/.well-known/mta-sts.txt";
/// Port of HTTPS, which is not named in a request.
const HTTPS_PORT: u16 = 443;
/// Longest time for the whole fetch; senders wait for a minute (RFC 8461 section 3.3).
pub(super) const FETCH_TIME_MAX: Duration = Duration::from_secs(15);
/// Most bytes of one answer.
const ANSWER_BYTES_MAX: u64 = (HEAD_BYTES_MAX + 2 * POLICY_BYTES_MAX) as u64;

/// Why there is no policy.
#[derive(Debug)]
pub(super) enum NoPolicy {
    /// Senders get none: what is wrong, and what was seen.
    Wrong(MtaStsProblem, String),
    /// It could not be told.
    Unseen(Unknown),
}

/// Fetches the policy of a host from one of its addresses; gives the bytes of the policy.
pub(super) async fn fetch(
    host: &str,
    addresses: &Reachable,
    context: &ProbeContext,
    deadline: Deadline,
) -> Result<Vec<u8>, NoPolicy> {
    let (stream, address) = match first_open(addresses, context.https_port, deadline, None).await {
        Ok(open) => open,
        Err(error) if error.reason == Reason::CLOSED => {
            return Err(NoPolicy::Wrong(MtaStsProblem::NoPolicy, format!("{}: the port is closed", error.detail)));
        }
        Err(error) => return Err(NoPolicy::Unseen(error.to_unknown())),
    };
    let late = || NoPolicy::Unseen(Unknown::new(Reason::TIMEOUT, format!("{address}: no end of the answer in time")));
    let no_policy = |detail: String| NoPolicy::Wrong(MtaStsProblem::NoPolicy, detail);
    let name = ServerName::try_from(host.to_owned()).map_err(|error| no_policy(error.to_string()))?;
    let configuration = configuration(context)
        .map_err(|error| NoPolicy::Unseen(Unknown::new(Reason::PROBE_FAILED, error.to_string())))?;
    let attempt = TlsConnector::from(Arc::new(configuration)).connect(name, stream);
    let mut stream = match deadline.run(FETCH_TIME_MAX, attempt).await {
        None => return Err(late()),
        Some(Err(error)) => return Err(handshake_failed(&error)),
        Some(Ok(stream)) => stream,
    };
    let request = request(host, context);
    let exchange = async {
        // A server that closes at once may have answered before it read: the answer counts.
        let _written = stream.write_all(request.as_bytes()).await;
        let _flushed = stream.flush().await;
        let mut answer = (&mut stream).take(ANSWER_BYTES_MAX);
        let (head, first) = read_head(&mut answer).await?;
        let mut body = BodyReader::new(&head, &first);
        body.read(&mut answer).await;
        Ok(body.into_response(head))
    };
    let response = match deadline.run(FETCH_TIME_MAX, exchange).await {
        None => return Err(late()),
        Some(Err(crate::http::response::Silence { detail, .. })) => return Err(no_policy(detail)),
        Some(Ok(response)) => response,
    };
    judge(response)
}

/// The policy in an answer, or why the answer holds none.
fn judge(response: Response) -> Result<Vec<u8>, NoPolicy> {
    let wrong = |problem, detail| Err(NoPolicy::Wrong(problem, detail));
    let head = &response.head;
    match head.status {
        200 => {}
        300..400 => {
            let to = head.first("location").unwrap_or_default();
            return wrong(MtaStsProblem::Redirected, format!("status {} to {to}", head.status));
        }
        status => return wrong(MtaStsProblem::NoPolicy, format!("status {status}")),
    }
    let kind = head.first("content-type").unwrap_or_default();
    let media = kind.split(';').next().unwrap_or_default().trim();
    if !media.eq_ignore_ascii_case("text/plain") {
        return wrong(MtaStsProblem::WrongType, format!("`{kind}`, not `text/plain`"));
    }
    if response.body.len() > POLICY_BYTES_MAX {
        return wrong(MtaStsProblem::PolicySyntax, format!("it is longer than {POLICY_BYTES_MAX} bytes"));
    }
    match response.cut {
        None => Ok(response.body),
        Some(reason) => wrong(MtaStsProblem::NoPolicy, format!("the answer broke off: {reason}")),
    }
}

fn request(host: &str, context: &ProbeContext) -> String {
    let agent: String = context.identification.chars().filter(|character| !character.is_control()).collect();
    let port = if context.https_port == HTTPS_PORT { String::new() } else { format!(":{}", context.https_port) };
    format!(
        "GET {PATH} HTTP/1.1\r\nHost: {host}{port}\r\nUser-Agent: {agent}\r\nAccept: text/plain\r\n\
         Accept-Encoding: identity\r\nConnection: close\r\n\r\n"
    )
}

/// A client that believes the public roots and those that were handed in, at the moment that counts as now.
fn configuration(context: &ProbeContext) -> Result<ClientConfig, rustls::Error> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let (_taken, _unreadable) = roots.add_parsable_certificates(context.extra_roots.iter().cloned());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    Ok(ClientConfig::builder_with_details(provider, Arc::new(Moment(context.now)))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

/// The moment that counts as now.
#[derive(Debug)]
struct Moment(Timestamp);

impl TimeProvider for Moment {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.0.as_second()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}

fn handshake_failed(error: &std::io::Error) -> NoPolicy {
    match library::error_within(error) {
        Some(rustls::Error::InvalidCertificate(why)) => {
            NoPolicy::Wrong(MtaStsProblem::CertificateInvalid, why.to_string())
        }
        Some(other) => NoPolicy::Wrong(MtaStsProblem::NoPolicy, format!("no TLS: {other}")),
        None if io_reason(error) == Reason::TIMEOUT => {
            NoPolicy::Unseen(Unknown::new(Reason::TIMEOUT, error.to_string()))
        }
        None => NoPolicy::Wrong(MtaStsProblem::NoPolicy, format!("no TLS: {error}")),
    }
}
