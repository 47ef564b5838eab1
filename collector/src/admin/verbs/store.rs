//! The store itself: how it is, a copy of what it knows, and whether its audit is whole.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use vedetta_core::agent::{Agent, AgentState};
use vedetta_core::asset::Asset;
use vedetta_core::audit::AuditRecord;
use vedetta_core::finding::{Finding, FindingState};
use vedetta_core::incident::{Incident, IncidentState};
use vedetta_core::organisation::Organisation;
use vedetta_core::result::CurrentResult;
use vedetta_core::store::{Page, Prefix, Store};

use super::incident::{OneRequest, Show as ShowIncident};
use super::organisation::List as ListOrganisations;
use super::results::current_to_json;
use crate::admin::{AdminError, Context, Verb, lookup};

/// Audit records that are read at once.
const AUDIT_PAGE: usize = 1_000;

/// `status`.
#[derive(Debug)]
pub struct Status;

/// How the collector is.
#[derive(Debug, Serialize, Deserialize)]
pub struct StatusAnswer {
    /// Version of the program.
    pub version: String,
    /// When it started.
    pub started_at: Timestamp,
    /// Position of the last commit.
    pub position: u64,
    /// What the store said when it was opened.
    pub store: String,
    /// Organisations.
    pub organisations: usize,
    /// Agents that may report.
    pub agents: usize,
    /// Report sessions that are open now.
    pub sessions: usize,
    /// Current results.
    pub results: usize,
    /// Open findings.
    pub open_findings: usize,
    /// Open incidents.
    pub open_incidents: usize,
    /// Where agents find it.
    pub agents_addresses: Vec<String>,
    /// What people type.
    pub people_url: String,
}

impl Verb for Status {
    const NAME: &'static str = "store.status";
    type Request = ();
    type Answer = StatusAnswer;

    async fn run<S: Store>(context: &Context<S>, (): ()) -> Result<StatusAnswer, AdminError> {
        let store = &context.shared.store;
        let agents = lookup::all::<Agent>(store).await?;
        let findings = lookup::all::<Finding>(store).await?;
        let incidents = lookup::all::<Incident>(store).await?;
        let is_open = |finding: &&Finding| matches!(finding.state, FindingState::Open { .. });
        Ok(StatusAnswer {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at: context.facts.started_at,
            position: store.position().0,
            store: context.facts.store_report.clone(),
            organisations: lookup::all::<Organisation>(store).await?.len(),
            agents: agents.iter().filter(|agent| agent.state == AgentState::Active).count(),
            sessions: context.shared.sessions.count(),
            results: lookup::all::<CurrentResult>(store).await?.len(),
            open_findings: findings.iter().filter(is_open).count(),
            open_incidents: incidents.iter().filter(|incident| incident.state == IncidentState::Open).count(),
            agents_addresses: context.facts.agents_addresses.clone(),
            people_url: context.facts.people_url.clone(),
        })
    }
}

/// `export`: what an organisation, or everybody, has here, as JSON for other programs.
#[derive(Debug)]
pub struct Export;

/// Whose.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ExportRequest {
    /// An organisation, with all that lie beneath; none: all.
    pub organisation: Option<String>,
}

impl Verb for Export {
    const NAME: &'static str = "store.export";
    type Request = ExportRequest;
    type Answer = Value;

    async fn run<S: Store>(context: &Context<S>, request: ExportRequest) -> Result<Value, AdminError> {
        let store = &context.shared.store;
        let (graph, _) = context.scope().await?;
        let wanted: Vec<_> = match &request.organisation {
            Some(named) => graph.beneath(lookup::organisation(&graph, named)?.id).into_iter().collect(),
            None => graph.iter().map(|node| node.id).collect(),
        };
        let (mut results, mut findings, mut assets) = (Vec::new(), Vec::new(), Vec::new());
        for id in &wanted {
            let prefix = Prefix::Organisation(*id);
            for stored in lookup::beneath::<CurrentResult>(store, prefix).await? {
                results.push(current_to_json(&stored.value));
            }
            for stored in lookup::beneath::<Finding>(store, prefix).await? {
                findings.push(finding_to_json(&stored.value));
            }
            for stored in lookup::beneath::<Asset>(store, prefix).await? {
                let key = stored.value.key;
                let (organisation, id) = (key.organisation.to_string(), key.asset.to_string());
                assets.push(json!({ "id": id, "organisation": organisation, "name": stored.value.name }));
            }
        }
        let mut incidents = Vec::new();
        for incident in lookup::all::<Incident>(store).await? {
            if wanted.contains(&incident.organisation) {
                let one = OneRequest { incident: incident.id.to_string() };
                incidents.push(ShowIncident::run(context, one).await?);
            }
        }
        let organisations: Vec<_> = ListOrganisations::run(context, ())
            .await?
            .into_iter()
            .filter(|line| wanted.iter().any(|id| id.to_string() == line.id))
            .collect();
        Ok(json!({
            "schema": 1,
            "at": context.now().to_string(),
            "organisations": organisations,
            "assets": assets,
            "results": results,
            "findings": findings,
            "incidents": incidents,
        }))
    }
}

fn finding_to_json(finding: &Finding) -> Value {
    let (state, since, resolved_at) = match finding.state {
        FindingState::Open { since } => ("open", since, None),
        FindingState::Resolved { since, at } => ("resolved", since, Some(at.to_string())),
    };
    json!({
        "id": finding.id.to_string(),
        "asset": finding.key.asset.asset.to_string(),
        "check": finding.key.check.as_str(),
        "target": finding.key.target.to_string(),
        "vantage": finding.key.vantage.word(),
        "state": state,
        "since": since.to_string(),
        "resolved_at": resolved_at,
        "last_passed": finding.last_passed.map(|at| at.to_string()),
        "times_opened": finding.times_opened,
    })
}

/// `audit verify`: whether every record of the audit is there and follows the one before.
#[derive(Debug)]
pub struct VerifyAudit;

/// What was found.
#[derive(Debug, Serialize, Deserialize)]
pub struct VerifyAnswer {
    /// Records that are whole and in order.
    pub records: u64,
    /// The number of the first record that is missing or was changed.
    pub broken_at: Option<u64>,
    /// Hash of the last whole record, to be written down elsewhere.
    pub head: String,
}

impl Verb for VerifyAudit {
    const NAME: &'static str = "store.verify-audit";
    type Request = ();
    type Answer = VerifyAnswer;

    async fn run<S: Store>(context: &Context<S>, (): ()) -> Result<VerifyAnswer, AdminError> {
        verify_audit(&context.shared.store).await
    }
}

/// Follows the chain of the audit from its first record.
///
/// # Errors
/// When the store cannot be read.
pub async fn verify_audit(store: &impl Store) -> Result<VerifyAnswer, AdminError> {
    let mut last: Option<AuditRecord> = None;
    loop {
        let after = last.as_ref().map(|record| record.number);
        let page =
            store.list::<AuditRecord>(Prefix::All, Page { after, limit: AUDIT_PAGE, newest_first: false }).await?;
        let is_last = page.len() < AUDIT_PAGE;
        for stored in page {
            if !stored.value.follows(last.as_ref()) {
                let whole = last.as_ref().map_or(0, |record| record.number);
                return Ok(VerifyAnswer { records: whole, broken_at: Some(whole + 1), head: head(last.as_ref()) });
            }
            last = Some(stored.value);
        }
        if is_last {
            let records = last.as_ref().map_or(0, |record| record.number);
            return Ok(VerifyAnswer { records, broken_at: None, head: head(last.as_ref()) });
        }
    }
}

fn head(record: Option<&AuditRecord>) -> String {
    let hash = record.map_or([0; 32], |record| record.hash.0);
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `backup`: the whole store, into a folder from which `restore` makes a new one.
#[derive(Debug)]
pub struct Backup;

/// Where to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BackupRequest {
    /// A folder on the collector's host; absolute.
    pub folder: PathBuf,
}

/// What was written.
#[derive(Debug, Serialize, Deserialize)]
pub struct BackupAnswer {
    /// The position up to which everything is in it.
    pub position: u64,
}

impl Verb for Backup {
    const NAME: &'static str = "store.backup";
    type Request = BackupRequest;
    type Answer = BackupAnswer;

    async fn run<S: Store>(context: &Context<S>, request: BackupRequest) -> Result<BackupAnswer, AdminError> {
        let embedded = context.facts.embedded.as_ref().ok_or_else(|| {
            AdminError::refused("this collector keeps its data in PostgreSQL: use that database's own backup")
        })?;
        let position = embedded.backup(&request.folder).await.map_err(AdminError::refused)?;
        Ok(BackupAnswer { position: position.0 })
    }
}
