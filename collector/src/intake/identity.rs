//! Renewal and leave: what an agent may ask about its own identity.

use tonic::Status;
use vedetta_core::actor::{Actor, AgentRefusal, SystemJob, VerifiedCertificate};
use vedetta_core::agent::Agent;
use vedetta_core::asset::Asset;
use vedetta_core::enrolment::{EndingError, RenewalError, leave, renew};
use vedetta_core::store::{CommitError, Store};
use vedetta_proto::agent;

use super::agents::refused;
use super::{DECISIONS_MAX, Shared, uncommitted, unreadable};
use crate::authority::CheckedRequest;

impl<S: Store> Shared<S> {
    /// Renews an identity; the one call that an expired certificate may make.
    pub(crate) async fn renew(
        &self,
        presented: &VerifiedCertificate,
        request: &[u8],
    ) -> Result<agent::RenewResponse, Status> {
        let checked = CheckedRequest::read(request).map_err(|error| Status::invalid_argument(error.to_string()))?;
        for _ in 0..DECISIONS_MAX {
            let stored = self.store.get::<Agent>(&presented.agent).await.map_err(|error| unreadable(&error))?;
            let now = self.clock.now();
            let renewal = match renew(stored.as_ref(), presented, checked.key(), now) {
                Ok(renewal) => renewal,
                Err(RenewalError::Refused(refusal)) => {
                    if let (AgentRefusal::OldGeneration, Some(stored)) = (refusal, &stored) {
                        self.quarantine(stored, "an old certificate asked for renewal after its successor was used")
                            .await;
                    }
                    return Err(refused(refusal));
                }
                Err(error @ (RenewalError::TooLate | RenewalError::SameKey)) => {
                    return Err(Status::failed_precondition(error.to_string()));
                }
            };
            let certificate = &renewal.certificate;
            let issued = self
                .authority
                .issue_agent(&checked, presented.agent, certificate.generation, certificate.not_after, now)
                .map_err(|error| Status::internal(error.to_string()))?;
            if let Some(changes) = renewal.changes {
                match self.store.commit(&Actor::Job(SystemJob::new("renewal")), now, changes).await {
                    Ok(_) => {}
                    Err(CommitError::Stale { .. }) => continue,
                    Err(error) => return Err(uncommitted(&error)),
                }
            }
            return Ok(agent::RenewResponse { certificate_chain: issued.chain });
        }
        Err(Status::aborted("the registry changes too often; try again"))
    }

    /// Retires the agent and its host.
    pub(crate) async fn leave(
        &self,
        certificate: &VerifiedCertificate,
        reason: &str,
    ) -> Result<agent::LeaveResponse, Status> {
        for _ in 0..DECISIONS_MAX {
            let (agent, registry) = self.authenticate(certificate).await?;
            let host = self.store.get::<Asset>(&agent.host()).await.map_err(|error| unreadable(&error))?;
            let now = self.clock.now();
            let changes = leave(&agent, Some(&registry), host.as_ref(), reason, now).map_err(ending)?;
            match self.store.commit(&Actor::Agent(agent), now, changes).await {
                Ok(_) => return Ok(agent::LeaveResponse {}),
                Err(CommitError::Stale { .. }) => {}
                Err(error) => return Err(uncommitted(&error)),
            }
        }
        Err(Status::aborted("the registry changes too often; try again"))
    }
}

fn ending(error: EndingError) -> Status {
    match error {
        EndingError::NotFound => Status::not_found(error.to_string()),
        EndingError::NoReason | EndingError::NotQuarantined | EndingError::AlreadyEnded => {
            Status::failed_precondition(error.to_string())
        }
    }
}
