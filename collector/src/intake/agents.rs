//! The gRPC service for connections that proved an agent's key. The registry is asked at every call and every batch.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};
use vedetta_core::actor::{Actor, AgentRefusal, AuthenticatedAgent, SystemJob, VerifiedCertificate};
use vedetta_core::agent::Agent;
use vedetta_core::ids::AgentId;
use vedetta_core::store::{Store, Stored};
use vedetta_proto::agent;
use vedetta_proto::agent::agents_server::Agents;

use super::session::{OUTGOING_MAX, Session};
use super::{Shared, unreadable};
use crate::acceptor::connection::Peer;

/// Time for the words of a refusal to arrive before the connection is cut.
const TOLD_WITHIN: Duration = Duration::from_secs(1);

/// The service.
#[derive(Debug)]
pub struct AgentsService<S>(pub Arc<Shared<S>>);

#[tonic::async_trait]
impl<S: Store> Agents for AgentsService<S> {
    type ReportStream = ReceiverStream<Result<agent::FromCollector, Status>>;

    async fn report(
        &self,
        request: Request<Streaming<agent::FromAgent>>,
    ) -> Result<Response<Self::ReportStream>, Status> {
        let certificate = certificate(&request)?;
        self.0.rate(&certificate)?;
        self.0.authenticate(&certificate).await?;
        let (outgoing, answers) = mpsc::channel(OUTGOING_MAX);
        let session = Session { shared: Arc::clone(&self.0), certificate, outgoing };
        tokio::spawn(session.run(request.into_inner()));
        Ok(Response::new(ReceiverStream::new(answers)))
    }

    async fn renew(&self, request: Request<agent::RenewRequest>) -> Result<Response<agent::RenewResponse>, Status> {
        let certificate = certificate(&request)?;
        self.0.rate(&certificate)?;
        self.0.renew(&certificate, &request.into_inner().certificate_request).await.map(Response::new)
    }

    async fn leave(&self, request: Request<agent::LeaveRequest>) -> Result<Response<agent::LeaveResponse>, Status> {
        let certificate = certificate(&request)?;
        self.0.rate(&certificate)?;
        self.0.leave(&certificate, &request.into_inner().reason).await.map(Response::new)
    }
}

/// The certificate that the connection proved in its handshake.
fn certificate<T>(request: &Request<T>) -> Result<VerifiedCertificate, Status> {
    request
        .extensions()
        .get::<Peer>()
        .and_then(|peer| peer.certificate.clone())
        .ok_or_else(|| Status::unauthenticated("this needs an agent's certificate"))
}

/// What an agent is told when its identity is not accepted.
pub(crate) fn refused(refusal: AgentRefusal) -> Status {
    match refusal {
        AgentRefusal::Expired => Status::unauthenticated(refusal.to_string()),
        AgentRefusal::Unknown
        | AgentRefusal::Revoked
        | AgentRefusal::Left
        | AgentRefusal::Quarantined
        | AgentRefusal::OldGeneration => Status::permission_denied(refusal.to_string()),
    }
}

impl<S: Store> Shared<S> {
    fn rate(&self, certificate: &VerifiedCertificate) -> Result<(), Status> {
        self.rates
            .call(certificate.agent)
            .map_err(|wait| Status::resource_exhausted(format!("too many calls; try again in {} ms", wait.as_millis())))
    }

    /// Holds a certificate against the registry as it is now. An old generation is a copy: its identity is stopped.
    pub(crate) async fn authenticate(
        &self,
        certificate: &VerifiedCertificate,
    ) -> Result<(AuthenticatedAgent, Stored<Agent>), Status> {
        let stored = self.store.get::<Agent>(&certificate.agent).await.map_err(|error| unreadable(&error))?;
        let now = self.clock.now();
        match AuthenticatedAgent::verify(certificate, stored.as_ref().map(|stored| &stored.value), now) {
            Ok(agent) => stored.map(|stored| (agent, stored)).ok_or_else(|| refused(AgentRefusal::Unknown)),
            Err(refusal) => {
                tracing::warn!(agent = %certificate.agent, %refusal, "an agent was refused");
                if let (AgentRefusal::OldGeneration, Some(stored)) = (refusal, &stored) {
                    self.quarantine(stored, "an old certificate was used after its successor").await;
                }
                Err(refused(refusal))
            }
        }
    }

    /// Stops an identity that two hosts seem to use, and cuts its open connections.
    pub(crate) async fn quarantine(&self, agent: &Stored<Agent>, reason: &str) {
        let now = self.clock.now();
        let changes = vedetta_core::hello::quarantine(agent, reason.to_owned(), now);
        // Refusing the copy does not rest on this commit: the next use of the old certificate tries again.
        match self.store.commit(&Actor::Job(SystemJob::new("intake")), now, changes).await {
            Ok(_) => tracing::warn!(agent = %agent.value.id, reason, "an agent was put in quarantine"),
            Err(error) => tracing::error!(agent = %agent.value.id, %error, "an agent could not be put in quarantine"),
        }
        self.cut_soon(agent.value.id);
    }

    /// Cuts every open connection of an agent that may not report any more, once the refused one has been told why.
    /// Nothing of it is taken meanwhile: the registry is asked at every batch.
    pub(crate) fn cut_soon(&self, agent: AgentId) {
        let connections = self.connections.clone();
        tokio::spawn(async move {
            tokio::time::sleep(TOLD_WITHIN).await;
            connections.cut(agent);
        });
    }
}
