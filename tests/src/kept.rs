//! What a stopped collector keeps: its store opened by the store's own code.

use std::path::Path;

use vedetta_core::agent::{Agent, AgentCursor};
use vedetta_core::aggregate::Aggregate;
use vedetta_core::audit::AuditRecord;
use vedetta_core::finding::Finding;
use vedetta_core::result::{CurrentResult, Transition};
use vedetta_core::store::{Page, Prefix, Store as _};
use vedetta_store::{Embedded, OpenReport, Options};

/// Most records of one kind that a journey looks at.
const RECORDS_MAX: usize = 100_000;

/// The contents of a store.
pub struct Kept {
    /// What opening it found and mended.
    pub opened: OpenReport,
    /// SHA-256 over every record and its version.
    pub digest: [u8; 32],
    /// Current results.
    pub results: Vec<CurrentResult>,
    /// Every change of a verdict.
    pub transitions: Vec<Transition>,
    /// Findings, open and resolved.
    pub findings: Vec<Finding>,
    /// The agents.
    pub agents: Vec<Agent>,
    /// How far each agent's results are durable.
    pub cursors: Vec<AgentCursor>,
    /// The audit.
    pub audit: Vec<AuditRecord>,
}

impl Kept {
    /// Opens the store of a stopped collector's state folder, reads it and closes it.
    pub fn read(state: &Path) -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let (store, opened) = Embedded::open(&state.join("store"), Options::default()).unwrap();
        let kept = runtime.block_on(async {
            Self {
                opened,
                digest: store.digest().unwrap(),
                results: all(&store).await,
                transitions: all(&store).await,
                findings: all(&store).await,
                agents: all(&store).await,
                cursors: all(&store).await,
                audit: all(&store).await,
            }
        });
        store.close();
        kept
    }

    /// The audit records of one action.
    pub fn audited(&self, action: &str) -> Vec<&AuditRecord> {
        self.audit.iter().filter(|record| record.action == action).collect()
    }
}

async fn all<A: Aggregate>(store: &Embedded) -> Vec<A> {
    let stored = store.list::<A>(Prefix::All, Page::first(RECORDS_MAX)).await.unwrap();
    assert!(stored.len() < RECORDS_MAX);
    stored.into_iter().map(|stored| stored.value).collect()
}
