//! The three short exchanges with the collector: enrol, renew, leave.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use tonic::transport::Channel;
use uuid::Uuid;
use vedetta_checks::target::{DomainName, Endpoint, Ports, Server, Target};
use vedetta_proto::agent;
use vedetta_proto::agent::agents_client::AgentsClient;
use vedetta_proto::agent::enrolment_client::EnrolmentClient;
use vedetta_proto::enrolment_code::EnrolmentCode;

use crate::connect::{self, ConnectError, Proxy};
use crate::identity::{Identity, IdentityError, PendingKey, check_chain, validity};

/// Longest wait for one answer, in seconds.
const ANSWER_SECONDS_MAX: u64 = 30;

/// Why one of the exchanges did not come about.
#[derive(Debug, thiserror::Error)]
pub enum EnrolmentError {
    /// The collector was not reached.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// It said no.
    #[error("the collector refuses: {message}")]
    Refused {
        /// The gRPC code.
        code: tonic::Code,
        /// Its message.
        message: String,
    },
    /// It stayed silent.
    #[error("the collector gave no answer within {ANSWER_SECONDS_MAX} s")]
    TimedOut,
    /// What it answered is unusable.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// It did not show its authority.
    #[error("the collector did not show the certificate of its authority")]
    NoAuthority,
}

impl From<tonic::Status> for EnrolmentError {
    fn from(status: tonic::Status) -> Self {
        Self::Refused { code: status.code(), message: vedetta_checks::fact::clean_text(status.message(), 256) }
    }
}

impl EnrolmentError {
    /// Whether trying again with the same identity cannot help.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        match self {
            Self::Refused { code, .. } => {
                matches!(code, tonic::Code::PermissionDenied | tonic::Code::Unauthenticated)
            }
            Self::Connect(_) | Self::TimedOut | Self::Identity(_) | Self::NoAuthority => false,
        }
    }
}

/// The name in a public target, which its confirmation allows.
#[must_use]
pub fn name_of(target: &Target) -> Option<DomainName> {
    match target {
        Target::Host => None,
        Target::Domain(name) => Some(name.clone()),
        Target::Endpoint(Endpoint { server, .. }) | Target::Ports(Ports { server, .. }) => match server {
            Server::Name(name) => Some(name.clone()),
            Server::Address(_) => None,
        },
    }
}

/// Exchanges a code for an identity.
///
/// # Errors
/// [`EnrolmentError`]; with the same key the same code may be tried again.
pub async fn enrol(
    code: &EnrolmentCode,
    pending: &PendingKey,
    public: &[Target],
    host_name: &str,
    proxy: Option<&Proxy>,
    now: Timestamp,
) -> Result<Identity, EnrolmentError> {
    let tls = connect::enrolling(code.ca_fingerprint).map_err(ConnectError::from)?;
    let stream = connect::dial(&code.addresses, proxy, &tls.config).await?;
    let authority = tls.authority().ok_or(EnrolmentError::NoAuthority)?;
    let mut client = EnrolmentClient::new(connect::channel(stream).await?);
    let request = agent::EnrolRequest {
        code: URL_SAFE_NO_PAD.encode(code.secret),
        certificate_request: pending.request.clone(),
        host_name: vedetta_checks::fact::clean_text(host_name, 253),
        agent_version: env!("CARGO_PKG_VERSION").to_owned(),
        public_names: public.iter().map(ToString::to_string).collect(),
    };
    let answer = within(client.enrol(request)).await?;
    let agent_id = Uuid::from_slice(&answer.agent_id)
        .map_err(|error| IdentityError::Certificate(format!("the agent's id is no id: {error}")))?;
    let chain = check_chain(&answer.certificate_chain, &pending.key)?;
    let (not_before, not_after) = validity(&chain)?;
    Ok(Identity {
        agent_id: agent_id.to_string(),
        organisation: vedetta_checks::fact::clean_text(&answer.organisation, 256),
        addresses: code.addresses.clone(),
        public_names: public.iter().filter_map(name_of).collect(),
        enrolled_at: now,
        authority,
        chain,
        key: pending.key.clone(),
        pending: None,
        not_before,
        not_after,
    })
}

/// Exchanges a pending key for a new certificate. The same request may be sent any number of times.
///
/// # Errors
/// [`EnrolmentError`]; the old identity stays valid.
pub async fn renew(
    identity: &Identity,
    pending: &PendingKey,
    proxy: Option<&Proxy>,
) -> Result<Identity, EnrolmentError> {
    let mut client = AgentsClient::new(identified(identity, proxy).await?);
    let request = agent::RenewRequest { certificate_request: pending.request.clone() };
    let answer = within(client.renew(request)).await?;
    Ok(identity.renewed(pending, &answer.certificate_chain)?)
}

/// Retires the host at the collector.
///
/// # Errors
/// [`EnrolmentError`]: the host is still enrolled there.
pub async fn leave(identity: &Identity, reason: &str, proxy: Option<&Proxy>) -> Result<(), EnrolmentError> {
    let mut client = AgentsClient::new(identified(identity, proxy).await?);
    within(client.leave(agent::LeaveRequest { reason: reason.to_owned() })).await?;
    Ok(())
}

/// A channel that proves who this host is.
///
/// # Errors
/// [`ConnectError`] when the collector is not reached, or not trusted.
pub async fn identified(identity: &Identity, proxy: Option<&Proxy>) -> Result<Channel, ConnectError> {
    let tls = connect::identified(identity)?;
    connect::channel(connect::dial(&identity.addresses, proxy, &tls).await?).await
}

async fn within<T>(call: impl Future<Output = Result<tonic::Response<T>, tonic::Status>>) -> Result<T, EnrolmentError> {
    let answer = tokio::time::timeout(Duration::from_secs(ANSWER_SECONDS_MAX), call).await;
    Ok(answer.map_err(|_| EnrolmentError::TimedOut)??.into_inner())
}
