//! One incident: duties with their deadlines, whom to call, the timeline, what is attached, and its end.

mod change;

pub(crate) use change::{add, attach, close};

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use vedetta_core::duty::{Duty, Stance, duties};
use vedetta_core::finding::{Finding, FindingState};
use vedetta_core::ids::{FindingId, IncidentId, OrganisationId};
use vedetta_core::incident::{Incident, IncidentState, TimelineEntry};
use vedetta_core::organisation::Contact;
use vedetta_core::store::{Page as ListPage, Prefix, Store, Stored};

use super::incidents::state_word;
use super::new_incident::{FINDINGS_READ_MAX, finding_words};
use crate::address::Address;
use crate::app::{App, Shared};
use crate::failure::Failure;
use crate::figures::all;
use crate::frame::{self, Frame, Section};
use crate::guard::{Person, Visit};
use crate::rome;
use crate::texts::Texts;

/// Most open findings that the page offers to attach.
const ATTACHABLE_MAX: usize = 100;
/// Most entries of the timeline on the page; the newest.
const ENTRIES_SHOWN_MAX: usize = 500;

#[derive(Template)]
#[template(path = "pages/incident/page.html")]
struct Page {
    frame: Frame,
    t: Texts,
    path: String,
    title: String,
    organisation: String,
    organisation_path: String,
    state: &'static str,
    is_open: bool,
    closed: Option<(String, String)>,
    noticed: String,
    opened: String,
    opened_by: String,
    duties: Vec<DutyRow>,
    contacts: Vec<Contact>,
    entries: Vec<Entry>,
    is_cut: bool,
    attached: Vec<Attached>,
    attachable: Vec<Attached>,
    may_handle: bool,
    problem: Option<&'static str>,
    typed: Typed,
}

/// What was typed into a form that was not accepted.
#[derive(Debug, Default)]
pub(crate) struct Typed {
    pub(crate) entry: String,
    pub(crate) reason: String,
}

struct DutyRow {
    title: String,
    regime: String,
    note: String,
    to: String,
    stance: &'static str,
    is_to_assess: bool,
    due: Option<(String, String)>,
    source: String,
    is_unverified: bool,
}

struct Entry {
    at: String,
    machine: String,
    by: String,
    lines: Vec<String>,
}

struct Attached {
    id: FindingId,
    title: String,
    asset_path: String,
}

pub(crate) async fn show<S: Store>(
    State(app): State<Shared<S>>,
    Extension(visit): Extension<Visit>,
    Extension(person): Extension<Person>,
    address: Address,
) -> Result<Response, Failure> {
    let incident = read(&app, address.part("organisation")?, address.part("incident")?).await?.value;
    page(&app, &visit, &person, incident, None, Typed::default()).await
}

/// The incident of that organisation; another's answers as if it were not there.
pub(crate) async fn read<S: Store>(
    app: &App<S>,
    organisation: OrganisationId,
    id: IncidentId,
) -> Result<Stored<Incident>, Failure> {
    let found = app.get::<Incident>(&id).await?;
    found.filter(|stored| stored.value.organisation == organisation).ok_or(Failure::NotFound)
}

/// The page, with what was wrong with a form if one was not accepted.
pub(crate) async fn page<S: Store>(
    app: &App<S>,
    visit: &Visit,
    person: &Person,
    incident: Incident,
    problem: Option<&'static str>,
    typed: Typed,
) -> Result<Response, Failure> {
    let t = visit.texts;
    let language = t.language();
    let node = person.graph.get(incident.organisation).ok_or(Failure::NotFound)?;
    let mut entries =
        app.list::<TimelineEntry>(Prefix::Incident(incident.id), ListPage::newest(ENTRIES_SHOWN_MAX)).await?;
    entries.reverse();
    let findings = all::<S, Finding>(app, Prefix::Organisation(node.id), FINDINGS_READ_MAX).await?;
    let is_attached = |finding: &&Finding| incident.findings.contains(&finding.id);
    let is_attachable =
        |finding: &&Finding| !is_attached(finding) && matches!(finding.state, FindingState::Open { .. });
    let path = super::incidents::path(&incident);
    let organisation_path = format!("/comuni/{}", node.id);
    let page = Page {
        frame: Frame::new(visit, Some(person), Section::Incidents, incident.title.clone())
            .under(t.nav_incidents(), "/incidenti")
            .at(node.id)
            .read_at(&path),
        t,
        path,
        organisation: node.name.clone(),
        organisation_path,
        state: state_word(t, &incident.state),
        is_open: incident.state == IncidentState::Open,
        closed: match &incident.state {
            IncidentState::Open => None,
            IncidentState::Closed { at, reason } => Some((rome::moment(*at, language), reason.clone())),
        },
        noticed: rome::moment(incident.noticed_at, language),
        opened: rome::moment(incident.opened_at, language),
        opened_by: incident.opened_by.clone(),
        duties: duties(&app.duties, node, &incident, visit.now).iter().map(|duty| duty_row(t, duty)).collect(),
        contacts: node.contacts.clone(),
        is_cut: entries.len() == ENTRIES_SHOWN_MAX,
        entries: entries.iter().map(|entry| self::entry(t, entry)).collect(),
        attached: shown(app, t, findings.iter().filter(is_attached)).await?,
        attachable: shown(app, t, findings.iter().filter(is_attachable).take(ATTACHABLE_MAX)).await?,
        may_handle: person.scope.handles_incidents(node.id),
        problem,
        typed,
        title: incident.title,
    };
    frame::show(if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, &page)
}

fn duty_row(t: Texts, duty: &Duty) -> DutyRow {
    let language = t.language();
    let (stance, is_to_assess) = match duty.stance {
        Stance::ToAssess => (t.duty_to_assess(), true),
        Stance::Due => (t.duty_due(), true),
        Stance::Voluntary => (t.duty_voluntary(), false),
    };
    DutyRow {
        title: duty.title.get(language).to_owned(),
        regime: duty.regime.get(language).to_owned(),
        note: duty.note.get(language).to_owned(),
        to: duty.to.get(language).to_owned(),
        stance,
        is_to_assess,
        due: duty.due_at.zip(duty.left).map(|(at, left)| (rome::moment(at, language), t.left(left))),
        source: format!("{} ({})", duty.provenance.source, rome::date(duty.provenance.date, language)),
        is_unverified: !duty.provenance.verified,
    }
}

fn entry(t: Texts, entry: &TimelineEntry) -> Entry {
    Entry {
        at: rome::moment(entry.at, t.language()),
        machine: rome::machine(entry.at),
        by: entry.by.clone(),
        lines: entry.text.lines().map(str::to_owned).collect(),
    }
}

async fn shown<S: Store>(
    app: &App<S>,
    t: Texts,
    findings: impl Iterator<Item = &Finding>,
) -> Result<Vec<Attached>, Failure> {
    let mut shown = Vec::new();
    for finding in findings {
        let key = finding.key.asset;
        shown.push(Attached {
            id: finding.id,
            title: finding_words(app, t, finding).await?,
            asset_path: format!("/comuni/{}/beni/{}", key.organisation, key.asset),
        });
    }
    Ok(shown)
}
