//! Renews the certificates of both ports; each is swapped whole, for the connections that come after.

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use jiff::Timestamp;
use rustls::ServerConfig;
use rustls_pki_types::CertificateDer;
use tokio::sync::watch;
use vedetta_core::store::Store;

use super::Work;
use crate::acceptor::agents;
use crate::authority::people::PeopleCertificate;
use crate::authority::{Authority, AuthorityError, half_life};
use crate::clock::Clock;
use crate::people::listener;

/// Longest time between two looks; also how soon a file that somebody renewed is used.
const EVERY_MAX: Duration = Duration::from_secs(60);

/// The certificates of both ports.
#[derive(Debug)]
pub struct Certificates {
    authority: Arc<Authority>,
    people: PeopleCertificate,
    state: Mutex<State>,
    to_agents: watch::Sender<Arc<ServerConfig>>,
    to_people: watch::Sender<Arc<ServerConfig>>,
}

#[derive(Debug)]
struct State {
    agents_until: Timestamp,
    people_chain: Vec<CertificateDer<'static>>,
}

/// Where each port reads its configuration for the next connection.
#[derive(Debug)]
pub struct Configurations {
    /// The agents' port.
    pub agents: watch::Receiver<Arc<ServerConfig>>,
    /// The people's port.
    pub people: watch::Receiver<Arc<ServerConfig>>,
}

impl Certificates {
    /// Makes or reads both certificates.
    ///
    /// # Errors
    /// When one cannot be made, read or used.
    pub fn prepare(
        authority: Arc<Authority>,
        people: PeopleCertificate,
        clock: &Clock,
    ) -> Result<(Self, Configurations), AuthorityError> {
        let now = clock.now();
        let own = authority.issue_collector(now)?;
        let theirs = people.load(now)?;
        let state = State { agents_until: own.not_after, people_chain: theirs.chain.clone() };
        let (to_agents, for_agents) = watch::channel(agents::configuration(&authority, own, clock)?);
        let (to_people, for_people) = watch::channel(listener::configuration(theirs)?);
        let certificates = Self { authority, people, state: Mutex::new(state), to_agents, to_people };
        Ok((certificates, Configurations { agents: for_agents, people: for_people }))
    }

    /// How often to look.
    #[must_use]
    pub fn every(&self) -> Duration {
        let shortest = match &self.people {
            PeopleCertificate::Files { .. } => self.authority.lifetimes().collector,
            PeopleCertificate::SelfSigned { lifetime, .. } => self.authority.lifetimes().collector.min(*lifetime),
        };
        (shortest / 8).min(EVERY_MAX)
    }

    /// Renews what has reached half of its life, and takes over files that were replaced.
    ///
    /// # Errors
    /// When a certificate cannot be made, read or used; the old one stays in use.
    pub fn renew(&self, clock: &Clock) -> Result<(), AuthorityError> {
        let now = clock.now();
        let mut state = self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if now >= half_life(state.agents_until, self.authority.lifetimes().collector) {
            let own = self.authority.issue_collector(now)?;
            let until = own.not_after;
            self.to_agents.send_replace(agents::configuration(&self.authority, own, clock)?);
            state.agents_until = until;
            tracing::info!(%until, "the collector's certificate for agents was renewed");
        }
        let theirs = self.people.load(now)?;
        if theirs.chain != state.people_chain {
            let (chain, until) = (theirs.chain.clone(), theirs.not_after);
            self.to_people.send_replace(listener::configuration(theirs)?);
            state.people_chain = chain;
            tracing::info!(%until, "the certificate for people was replaced");
        }
        Ok(())
    }
}

/// The job. It reads and writes small files, which is why it runs on a thread that may wait.
pub(super) async fn renew<S: Store>(work: Arc<Work<S>>) -> Result<(), String> {
    tokio::task::spawn_blocking(move || work.certificates.renew(&work.clock))
        .await
        .map_err(|error| error.to_string())?
        .map_err(|error| error.to_string())
}
