//! The admin socket: how the command line speaks to the running collector.
//!
//! A Unix socket of mode 0600 in the state folder. Whoever connects must be the collector's own user or root, as the
//! kernel says (SO_PEERCRED); what is changed stands in the audit under `console:<uid>`. One connection carries one
//! request and its answer, both JSON in a frame of four length bytes.
//!
//! A verb is one type in [`verbs`] with its request, its answer and what it does; it joins the one list there.

pub mod client;
pub mod frame;
pub mod lookup;
pub mod server;
pub mod verbs;
pub mod words;

use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use vedetta_core::actor::{Actor, Scope};
use vedetta_core::changes::Changes;
use vedetta_core::organisation::OrganisationGraph;
use vedetta_core::store::{CommitError, ReadError, Store};

use crate::intake::Shared;
use words::{Refusal, Words};

/// Name of the socket in the state folder.
pub const SOCKET_NAME: &str = "admin.sock";

/// One thing that the command line can ask for.
pub trait Verb {
    /// Its name on the socket: `incident.open`.
    const NAME: &'static str;
    /// What it needs to know.
    type Request: Serialize + DeserializeOwned + Clone + Send + Sync;
    /// What it answers.
    type Answer: Serialize + DeserializeOwned + Send;

    /// Does it. When somebody else was quicker ([`CommitError::Stale`]) it is done again from the start.
    fn run<S: Store>(
        context: &Context<S>,
        request: Self::Request,
    ) -> impl Future<Output = Result<Self::Answer, AdminError>> + Send;
}

/// What the person is told when something was not done.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// The store cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The store did not take the change.
    #[error(transparent)]
    Commit(Box<CommitError>),
    /// A rule of the domain says no, or what was asked for does not exist.
    #[error("{}", .0.en)]
    Refused(Words),
    /// The request is not what the verb needs.
    #[error("the request `{verb}` is wrong: {why}")]
    Request {
        /// Which verb.
        verb: String,
        /// What is wrong.
        why: String,
    },
}

impl From<CommitError> for AdminError {
    fn from(error: CommitError) -> Self {
        Self::Commit(Box::new(error))
    }
}

impl AdminError {
    /// A refusal of which nobody has written the Italian.
    pub fn refused(why: impl ToString) -> Self {
        Self::Refused(Words::untranslated(why))
    }

    /// A refusal in both languages.
    pub fn said(italian: impl Into<String>, english: impl Into<String>) -> Self {
        Self::Refused(Words::new(italian, english))
    }

    /// A refusal in the words of the rule.
    pub fn rule(refusal: impl Refusal) -> Self {
        Self::Refused(refusal.words())
    }

    /// What the person is told.
    #[must_use]
    pub fn words(&self) -> Words {
        match self {
            Self::Refused(words) => words.clone(),
            Self::Commit(error) => error.words(),
            Self::Read(error) => Words::new(format!("l'archivio non si può leggere: {error}"), error.to_string()),
            Self::Request { verb, why } => {
                Words::new(format!("la richiesta `{verb}` è sbagliata: {why}"), self.to_string())
            }
        }
    }
}

/// What a running collector tells of itself, and what verbs need beside the store.
#[derive(Clone)]
pub struct Facts {
    /// Where agents find it; written into enrolment codes.
    pub agents_addresses: Vec<String>,
    /// What people type.
    pub people_url: String,
    /// When it started.
    pub started_at: Timestamp,
    /// What the store said when it was opened.
    pub store_report: String,
    /// The embedded store, when it is the one in use.
    pub embedded: Option<vedetta_store::Embedded>,
}

/// What a verb works with.
pub struct Context<S> {
    /// Store, clock, authority, connections.
    pub shared: Arc<Shared<S>>,
    /// Addresses and start.
    pub facts: Arc<Facts>,
    /// The asking user on this host.
    pub uid: u32,
}

impl<S: Store> Context<S> {
    /// The organisations, and what the console may do with them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn scope(&self) -> Result<(OrganisationGraph, Scope), AdminError> {
        let graph = OrganisationGraph::new(lookup::all(&self.shared.store).await?);
        let scope = Scope::of_console(self.uid, &graph);
        Ok((graph, scope))
    }

    /// Commits what a person decided.
    ///
    /// # Errors
    /// When the store does not take it.
    pub async fn commit(&self, scope: Scope, changes: Changes) -> Result<(), AdminError> {
        self.shared.store.commit(&Actor::Person(scope), self.now(), changes).await?;
        Ok(())
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    /// A new id.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn new_id(&self) -> Result<uuid::Uuid, AdminError> {
        crate::chance::id(self.now()).map_err(AdminError::refused)
    }
}

#[cfg(test)]
mod tests;
