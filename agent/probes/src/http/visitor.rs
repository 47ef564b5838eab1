//! Who asks for pages: one target's own names only, one connection a request, within the time of the look.
//!
//! The library `hyper` does not fit: it refuses the broken heads that this probe came to see. What is written here
//! instead is one request, `Connection: close`, and a lenient reader of one response.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio_rustls::TlsConnector;
use vedetta_checks::catalogue::ProbeError;
use vedetta_checks::target::Endpoint;
use vedetta_checks::word::Reason;

use super::places::Places;
use super::response::{BodyReader, Response, Silence, read_head};
use super::url::{Scheme, Url};
use crate::ProbeContext;
use crate::network::io_reason;
use crate::tls::any_certificate::configuration;
use crate::tls::connect::Deadline;
use crate::tls::library;

/// Longest wait for one handshake.
const HANDSHAKE_TIME_MAX: Duration = Duration::from_secs(5);
/// Longest wait for a head after the request.
const HEAD_TIME_MAX: Duration = Duration::from_secs(6);
/// Longest wait for the body after the head.
const BODY_TIME_MAX: Duration = Duration::from_secs(4);
/// What a browser says that it takes.
const ACCEPT: &str = "text/html,application/xhtml+xml,*/*;q=0.8";

/// What is asked beside the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    /// The page as it is.
    Refused,
    /// Compressed, if the server does that; only the head is read.
    Wanted,
}

/// Why a page did not come.
#[derive(Debug, Clone)]
pub(crate) struct NoPage {
    /// Stage, reason and detail.
    pub(crate) error: ProbeError,
    /// Whether the other side spoke, and not HTTP.
    pub(crate) is_other_protocol: bool,
}

impl From<ProbeError> for NoPage {
    fn from(error: ProbeError) -> Self {
        Self { error, is_other_protocol: false }
    }
}

/// Asks for pages of one target.
#[derive(Debug)]
pub(crate) struct Visitor<'a> {
    endpoint: &'a Endpoint,
    context: &'a ProbeContext,
    deadline: Deadline,
    tls: Arc<ClientConfig>,
    places: Places<'a>,
}

impl<'a> Visitor<'a> {
    /// A visitor of an endpoint.
    ///
    /// # Errors
    /// Stage `handshake` when the TLS library cannot be set up.
    pub(crate) fn new(
        endpoint: &'a Endpoint,
        context: &'a ProbeContext,
        deadline: Deadline,
    ) -> Result<Self, ProbeError> {
        let tls =
            configuration().map_err(|error| ProbeError::new("handshake", Reason::PROBE_FAILED, error.to_string()))?;
        let places = Places::new(endpoint, context, deadline);
        Ok(Self { endpoint, context, deadline, tls: Arc::new(tls), places })
    }

    /// The target's page at a path, over TLS or in clear text.
    pub(crate) fn own_url(&self, scheme: Scheme, path: &str) -> Url {
        let port = match scheme {
            Scheme::Http => self.context.http_port,
            Scheme::Https => self.endpoint.port,
        };
        Url::new(scheme, self.places.own_name(), port, path)
    }

    /// Whether a page may be asked for: what this look is not pointed at gets no packet.
    ///
    /// # Errors
    /// Stage `resolve`, when it cannot be told which machine it lies at.
    pub(crate) async fn may_visit(&self, url: &Url) -> Result<bool, ProbeError> {
        self.places.has(url).await
    }

    /// Asks for one page, with the cookies that a browser would send back.
    ///
    /// # Errors
    /// [`NoPage`]: stage `resolve`, `connect`, `handshake` or `request`, with its reason.
    pub(crate) async fn get(&self, url: &Url, cookies: &str, packing: Packing) -> Result<Response, NoPage> {
        let (stream, address) = self.places.open(url).await?;
        let request = self.request(url, cookies, packing);
        let outcome = match url.scheme {
            Scheme::Http => self.exchange(stream, &request, packing).await,
            Scheme::Https => {
                let name = ServerName::try_from(url.host.clone())
                    .map_err(|error| ProbeError::new("handshake", Reason::DOES_NOT_APPLY, error.to_string()))?;
                let attempt = TlsConnector::from(Arc::clone(&self.tls)).connect(name, stream);
                match self.deadline.run(HANDSHAKE_TIME_MAX, attempt).await {
                    None => return Err(handshake_error(address, Reason::TIMEOUT, "no end in time").into()),
                    Some(Err(error)) => {
                        return Err(handshake_error(address, handshake_reason(&error), &error.to_string()).into());
                    }
                    Some(Ok(stream)) => self.exchange(stream, &request, packing).await,
                }
            }
        };
        outcome.map_err(|silence| NoPage {
            error: ProbeError::new("request", silence.reason, format!("{address}: {}", silence.detail)),
            is_other_protocol: silence.is_other_protocol,
        })
    }

    fn request(&self, url: &Url, cookies: &str, packing: Packing) -> String {
        let agent: String = self.context.identification.chars().filter(|character| !character.is_control()).collect();
        let coding = match packing {
            Packing::Refused => "identity",
            Packing::Wanted => "gzip, deflate, br",
        };
        let cookies = if cookies.is_empty() { String::new() } else { format!("Cookie: {cookies}\r\n") };
        format!(
            "GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: {agent}\r\nAccept: {ACCEPT}\r\nAccept-Language: it\r\n\
             Accept-Encoding: {coding}\r\n{cookies}Connection: close\r\n\r\n",
            url.path,
            url.authority(),
        )
    }

    async fn exchange<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        mut stream: S,
        request: &str,
        packing: Packing,
    ) -> Result<Response, Silence> {
        let asked = async {
            // A server that closes at once may have answered before it read: the answer counts.
            let _written = stream.write_all(request.as_bytes()).await;
            let _flushed = stream.flush().await;
            read_head(&mut stream).await
        };
        let Some(outcome) = self.deadline.run(HEAD_TIME_MAX, asked).await else {
            return Err(Silence::new(Reason::TIMEOUT, "the server did not answer the request in time"));
        };
        let (head, first) = outcome?;
        if packing == Packing::Wanted {
            return Ok(Response { head, body: Vec::new(), cut: None });
        }
        let mut body = BodyReader::new(&head, &first);
        // What came in time is kept.
        let _in_time = self.deadline.run(BODY_TIME_MAX, body.read(&mut stream)).await;
        Ok(body.into_response(head))
    }
}

fn handshake_error(address: SocketAddr, reason: Reason, detail: &str) -> ProbeError {
    ProbeError::new("handshake", reason, format!("{address}: {detail}"))
}

/// Why a handshake failed, in the words of the probe `tls`.
fn handshake_reason(error: &std::io::Error) -> Reason {
    library::error_within(error).map_or_else(|| io_reason(error), library::reason)
}
