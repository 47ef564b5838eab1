//! The gRPC service for connections without a certificate: a single-use code becomes an identity, and nothing else.

use std::net::IpAddr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tonic::{Request, Response, Status};
use uuid::Uuid;
use vedetta_checks::target::Target;
use vedetta_core::actor::{Actor, SystemJob};
use vedetta_core::agent::{Agent, CodeState, EnrolmentCodeRecord, Fingerprint};
use vedetta_core::asset::Asset;
use vedetta_core::enrolment::{EnrolmentError, EnrolmentRequest, EnrolmentState, PUBLIC_TARGETS_MAX, enrol};
use vedetta_core::organisation::Organisation;
use vedetta_core::store::{CommitError, Page, Prefix, Store};
use vedetta_proto::agent;
use vedetta_proto::agent::enrolment_server::Enrolment;

use super::{DECISIONS_MAX, Shared, uncommitted, unreadable};
use crate::acceptor::connection::Peer;
use crate::authority::{CheckedRequest, sha256};
use crate::chance;

/// Most assets of one organisation that are looked through for a confirmed public name.
const ASSETS_MAX: usize = 4_096;

/// The service.
#[derive(Debug)]
pub struct EnrolmentService<S>(pub Arc<Shared<S>>);

#[tonic::async_trait]
impl<S: Store> Enrolment for EnrolmentService<S> {
    async fn enrol(&self, request: Request<agent::EnrolRequest>) -> Result<Response<agent::EnrolResponse>, Status> {
        let address: Option<IpAddr> = request.extensions().get::<Peer>().map(|peer| peer.address.ip());
        let address = address.ok_or_else(|| Status::internal("the connection has no address"))?;
        if let Err(wait) = self.0.rates.enrolment(address) {
            let text = format!("too many enrolments from here; try again in {} s", wait.as_secs() + 1);
            return Err(Status::resource_exhausted(text));
        }
        self.0.enrol(request.into_inner()).await.map(Response::new).inspect_err(|status| {
            tracing::warn!(%address, status = %status.message(), "an enrolment was refused");
        })
    }
}

impl<S: Store> Shared<S> {
    async fn enrol(&self, wire: agent::EnrolRequest) -> Result<agent::EnrolResponse, Status> {
        let secret = secret(&wire.code)?;
        let checked = CheckedRequest::read(&wire.certificate_request)
            .map_err(|error| Status::invalid_argument(error.to_string()))?;
        let request = EnrolmentRequest {
            key: checked.key(),
            host_name: wire.host_name,
            version: wire.agent_version,
            public_targets: public_targets(&wire.public_names)?,
        };
        for _ in 0..DECISIONS_MAX {
            if let Some(response) = self.try_enrol(secret, &request, &checked).await? {
                return Ok(response);
            }
        }
        Err(Status::aborted("the registry changes too often; try again"))
    }

    /// One decision and its commit; `None` when what it relied on has changed meanwhile.
    async fn try_enrol(
        &self,
        secret: Fingerprint,
        request: &EnrolmentRequest,
        checked: &CheckedRequest,
    ) -> Result<Option<agent::EnrolResponse>, Status> {
        let code = self.store.get::<EnrolmentCodeRecord>(&secret).await.map_err(|error| unreadable(&error))?;
        let (mut used_by, mut assets) = (None, Vec::new());
        if let Some(code) = &code {
            if let CodeState::Used { agent, .. } = code.value.state {
                used_by = self.store.get::<Agent>(&agent).await.map_err(|error| unreadable(&error))?;
            }
            let prefix = Prefix::Organisation(code.value.organisation);
            assets =
                self.store.list::<Asset>(prefix, Page::first(ASSETS_MAX)).await.map_err(|error| unreadable(&error))?;
        }
        let assets: Vec<Asset> = assets.into_iter().map(|stored| stored.value).collect();
        let state = EnrolmentState {
            code: code.as_ref(),
            used_by: used_by.as_ref().map(|stored| &stored.value),
            assets: &assets,
        };
        let now = self.clock.now();
        let mut no_chance = false;
        let enrolment = enrol(&state, request, now, &mut || {
            chance::id(now).unwrap_or_else(|_| {
                no_chance = true;
                Uuid::nil()
            })
        })
        .map_err(refused)?;
        if no_chance {
            return Err(Status::unavailable("the collector has no random numbers; try again later"));
        }
        // Signed before the commit: a code must not be used up for a certificate that then cannot be made.
        let current = &enrolment.agent.current;
        let issued = self
            .authority
            .issue_agent(checked, enrolment.agent.id, current.generation, current.not_after, now)
            .map_err(|error| Status::internal(error.to_string()))?;
        if let Some(changes) = enrolment.changes {
            match self.store.commit(&Actor::Job(SystemJob::new("enrolment")), now, changes).await {
                Ok(_) => {}
                Err(CommitError::Stale { .. }) => return Ok(None),
                Err(error) => return Err(uncommitted(&error)),
            }
        }
        let organisation = self.store.get::<Organisation>(&enrolment.organisation).await;
        let organisation = organisation.map_err(|error| unreadable(&error))?;
        tracing::info!(agent = %enrolment.agent.id, "an agent was enrolled");
        Ok(Some(agent::EnrolResponse {
            certificate_chain: issued.chain,
            agent_id: enrolment.agent.id.uuid().as_bytes().to_vec(),
            organisation: organisation.map(|stored| stored.value.name).unwrap_or_default(),
        }))
    }
}

/// SHA-256 of the secret in a code: 16 bytes, base64url without padding.
fn secret(code: &str) -> Result<Fingerprint, Status> {
    let wrong = || Status::invalid_argument("the enrolment code is incomplete or mistyped");
    let bytes: [u8; 16] =
        URL_SAFE_NO_PAD.decode(code).ok().and_then(|bytes| bytes.try_into().ok()).ok_or_else(wrong)?;
    Ok(sha256(&bytes))
}

fn public_targets(names: &[String]) -> Result<Vec<Target>, Status> {
    if names.len() > PUBLIC_TARGETS_MAX {
        return Err(refused(EnrolmentError::TooManyTargets));
    }
    names
        .iter()
        .map(|name| name.parse::<Target>().map_err(|error| Status::invalid_argument(error.to_string())))
        .collect()
}

fn refused(error: EnrolmentError) -> Status {
    match error {
        EnrolmentError::UnknownCode | EnrolmentError::UsedCode | EnrolmentError::ExpiredCode => {
            Status::permission_denied(error.to_string())
        }
        EnrolmentError::TooManyTargets | EnrolmentError::HostAsPublicTarget => {
            Status::invalid_argument(error.to_string())
        }
    }
}
