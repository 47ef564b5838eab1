//! Incidents from the command line: the same use cases as on the pages.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use vedetta_checks::language::Localised;
use vedetta_core::duty::{self, Duty, DutyBook, Stance};
use vedetta_core::finding::Finding;
use vedetta_core::ids::IncidentId;
use vedetta_core::incident::{self, Incident, IncidentState, NewIncident, TimelineEntry};
use vedetta_core::organisation::OrganisationGraph;
use vedetta_core::store::{Prefix, Store, Stored};

use crate::admin::{AdminError, Context, Verb, lookup};

/// `incident open`.
#[derive(Debug)]
pub struct Open;

/// What suffices to open one.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OpenRequest {
    /// Whose.
    pub organisation: String,
    /// One line on what happens.
    pub title: String,
    /// When it was noticed; none: now.
    pub noticed_at: Option<Timestamp>,
    /// The id of a finding that it starts from.
    pub finding: Option<String>,
}

/// The new incident.
#[derive(Debug, Serialize, Deserialize)]
pub struct OpenAnswer {
    /// Its id.
    pub incident: String,
}

impl Verb for Open {
    const NAME: &'static str = "incident.open";
    type Request = OpenRequest;
    type Answer = OpenAnswer;

    async fn run<S: Store>(context: &Context<S>, request: OpenRequest) -> Result<OpenAnswer, AdminError> {
        let (graph, scope) = context.scope().await?;
        let organisation = lookup::organisation(&graph, &request.organisation)?;
        let mut finding = None;
        if let Some(named) = &request.finding {
            let prefix = Prefix::Organisation(organisation.id);
            let all = lookup::beneath::<Finding>(&context.shared.store, prefix).await?;
            let found = all.into_iter().map(|stored| stored.value).find(|finding| finding.id.to_string() == *named);
            finding = Some(found.ok_or_else(|| {
                AdminError::said(format!("il problema `{named}` non esiste"), format!("there is no finding `{named}`"))
            })?);
        }
        let now = context.now();
        let command = NewIncident {
            title: &request.title,
            noticed_at: request.noticed_at.unwrap_or(now),
            finding: finding.as_ref(),
        };
        let id = IncidentId::new(context.new_id()?);
        let (_, changes) = incident::open(&scope, Some(organisation), &command, id, now).map_err(AdminError::rule)?;
        context.commit(scope, changes).await?;
        Ok(OpenAnswer { incident: id.to_string() })
    }
}

/// `incident list`.
#[derive(Debug)]
pub struct List;

/// Whose, and which.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ListRequest {
    /// An organisation, with all that lie beneath; none: all.
    pub organisation: Option<String>,
    /// Whether only open ones.
    pub only_open: bool,
}

/// One incident.
#[derive(Debug, Serialize, Deserialize)]
pub struct IncidentLine {
    /// Its id.
    pub id: String,
    /// Whose.
    pub organisation: String,
    /// One line on what happens.
    pub title: String,
    /// When it was noticed.
    pub noticed_at: Timestamp,
    /// When it was written down.
    pub opened_at: Timestamp,
    /// Who wrote it down.
    pub opened_by: String,
    /// When and why it was closed.
    pub closed: Option<(Timestamp, String)>,
    /// Findings that belong to it.
    pub findings: Vec<String>,
    /// How many timeline entries it has.
    pub entries: u64,
}

fn line(incident: &Incident, graph: &OrganisationGraph) -> IncidentLine {
    IncidentLine {
        id: incident.id.to_string(),
        organisation: graph.get(incident.organisation).map(|node| node.name.clone()).unwrap_or_default(),
        title: incident.title.clone(),
        noticed_at: incident.noticed_at,
        opened_at: incident.opened_at,
        opened_by: incident.opened_by.clone(),
        closed: match &incident.state {
            IncidentState::Open => None,
            IncidentState::Closed { at, reason } => Some((*at, reason.clone())),
        },
        findings: incident.findings.iter().map(ToString::to_string).collect(),
        entries: incident.entries,
    }
}

impl Verb for List {
    const NAME: &'static str = "incident.list";
    type Request = ListRequest;
    type Answer = Vec<IncidentLine>;

    async fn run<S: Store>(context: &Context<S>, request: ListRequest) -> Result<Vec<IncidentLine>, AdminError> {
        let (graph, _) = context.scope().await?;
        let wanted = match &request.organisation {
            Some(named) => Some(graph.beneath(lookup::organisation(&graph, named)?.id)),
            None => None,
        };
        Ok(lookup::all::<Incident>(&context.shared.store)
            .await?
            .iter()
            .filter(|incident| wanted.as_ref().is_none_or(|wanted| wanted.contains(&incident.organisation)))
            .filter(|incident| !request.only_open || incident.state == IncidentState::Open)
            .map(|incident| line(incident, &graph))
            .collect())
    }
}

/// Which incident.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OneRequest {
    /// Its id.
    pub incident: String,
}

async fn read<S: Store>(context: &Context<S>, named: &str) -> Result<Stored<Incident>, AdminError> {
    let missing =
        || AdminError::said(format!("l'incidente `{named}` non esiste"), format!("there is no incident `{named}`"));
    let id: IncidentId = named.parse().map_err(|_| missing())?;
    context.shared.store.get::<Incident>(&id).await?.ok_or_else(missing)
}

/// `incident show`.
#[derive(Debug)]
pub struct Show;

/// One entry of a timeline.
#[derive(Debug, Serialize, Deserialize)]
pub struct EntryLine {
    /// Counts from 1.
    pub number: u64,
    /// When it was written.
    pub at: Timestamp,
    /// Who wrote it.
    pub by: String,
    /// What happened or was done.
    pub text: String,
}

/// One obligation that the incident may bring.
#[derive(Debug, Serialize, Deserialize)]
pub struct DutyLine {
    /// Its id: `gdpr.33`.
    pub id: String,
    /// What is to be done.
    pub title: Localised,
    /// When it applies.
    pub note: Localised,
    /// To whom.
    pub to: Localised,
    /// `to_assess`, `due`, `voluntary`.
    pub stance: String,
    /// When it is due; none: no fixed term.
    pub due_at: Option<Timestamp>,
    /// Law and article.
    pub source: String,
    /// Whether a person compared the rule with the official text.
    pub verified: bool,
}

/// An incident with what it may oblige to, whom to call, and its timeline.
#[derive(Debug, Serialize, Deserialize)]
pub struct ShowAnswer {
    /// The incident.
    pub incident: IncidentLine,
    /// What it may oblige to, the earliest term first.
    pub duties: Vec<DutyLine>,
    /// Role, name and address of the organisation's contacts.
    pub contacts: Vec<[String; 3]>,
    /// Its timeline.
    pub timeline: Vec<EntryLine>,
}

impl Verb for Show {
    const NAME: &'static str = "incident.show";
    type Request = OneRequest;
    type Answer = ShowAnswer;

    async fn run<S: Store>(context: &Context<S>, request: OneRequest) -> Result<ShowAnswer, AdminError> {
        let (graph, _) = context.scope().await?;
        let incident = read(context, &request.incident).await?.value;
        let book = DutyBook::built_in().map_err(AdminError::refused)?;
        let (mut duties, mut contacts) = (Vec::new(), Vec::new());
        if let Some(node) = graph.get(incident.organisation) {
            duties.extend(duty::duties(&book, node, &incident, context.now()).into_iter().map(duty_line));
            contacts.extend(node.contacts.iter().cloned().map(|contact| [contact.role, contact.name, contact.reach]));
        }
        let entries = lookup::beneath::<TimelineEntry>(&context.shared.store, Prefix::Incident(incident.id)).await?;
        let timeline = entries
            .into_iter()
            .map(|Stored { value, .. }| EntryLine {
                number: value.key.number,
                at: value.at,
                by: value.by,
                text: value.text,
            })
            .collect();
        Ok(ShowAnswer { incident: line(&incident, &graph), duties, contacts, timeline })
    }
}

fn duty_line(duty: Duty) -> DutyLine {
    let stance = match duty.stance {
        Stance::ToAssess => "to_assess",
        Stance::Due => "due",
        Stance::Voluntary => "voluntary",
    };
    DutyLine {
        id: duty.id,
        title: duty.title,
        note: duty.note,
        to: duty.to,
        stance: stance.to_owned(),
        due_at: duty.due_at,
        source: duty.provenance.source,
        verified: duty.provenance.verified,
    }
}

/// `incident entry`: adds to the timeline.
#[derive(Debug)]
pub struct AddEntry;

/// Which incident, and what to write.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TextRequest {
    /// Its id.
    pub incident: String,
    /// The entry, or the reason for closing.
    pub text: String,
}

impl Verb for AddEntry {
    const NAME: &'static str = "incident.entry";
    type Request = TextRequest;
    type Answer = ();

    async fn run<S: Store>(context: &Context<S>, request: TextRequest) -> Result<(), AdminError> {
        let (_, scope) = context.scope().await?;
        let stored = read(context, &request.incident).await?;
        let changes =
            incident::add_entry(&scope, Some(&stored), &request.text, context.now()).map_err(AdminError::rule)?;
        context.commit(scope, changes).await
    }
}

/// `incident close`.
#[derive(Debug)]
pub struct Close;

impl Verb for Close {
    const NAME: &'static str = "incident.close";
    type Request = TextRequest;
    type Answer = ();

    async fn run<S: Store>(context: &Context<S>, request: TextRequest) -> Result<(), AdminError> {
        let (_, scope) = context.scope().await?;
        let stored = read(context, &request.incident).await?;
        let changes = incident::close(&scope, Some(&stored), &request.text, context.now()).map_err(AdminError::rule)?;
        context.commit(scope, changes).await
    }
}
