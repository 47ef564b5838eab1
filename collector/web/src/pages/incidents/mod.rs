//! The list of incidents that the person may read.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use vedetta_core::incident::{Incident, IncidentState};
use vedetta_core::store::{Page as ListPage, Prefix, Store};

use crate::app::Shared;
use crate::failure::Failure;
use crate::frame::{self, Frame, Section};
use crate::guard::{Person, Visit};
use crate::rome;
use crate::texts::Texts;

/// Most incidents that are read; the newest.
const INCIDENTS_READ_MAX: usize = 2_000;
/// Most incidents on the page.
const INCIDENTS_MAX: usize = 200;

#[derive(Template)]
#[template(path = "pages/incidents/page.html")]
struct Page {
    frame: Frame,
    t: Texts,
    rows: Vec<Row>,
    is_cut: bool,
}

struct Row {
    title: String,
    path: String,
    organisation: String,
    noticed: String,
    is_open: bool,
    state: &'static str,
}

pub(crate) async fn show<S: Store>(
    State(app): State<Shared<S>>,
    Extension(visit): Extension<Visit>,
    Extension(person): Extension<Person>,
) -> Result<Response, Failure> {
    if !person.sees_incidents() {
        return Err(Failure::NotFound);
    }
    let t = visit.texts;
    let read = app.list::<Incident>(Prefix::All, ListPage::newest(INCIDENTS_READ_MAX)).await?;
    let is_read_cut = read.len() == INCIDENTS_READ_MAX;
    let mut own: Vec<_> =
        read.into_iter().filter(|incident| person.scope.sees_incidents(incident.organisation)).collect();
    let is_cut = is_read_cut || own.len() > INCIDENTS_MAX;
    own.truncate(INCIDENTS_MAX);
    let rows = own
        .into_iter()
        .map(|incident| Row {
            path: path(&incident),
            organisation: person.graph.get(incident.organisation).map(|node| node.name.clone()).unwrap_or_default(),
            noticed: rome::moment(incident.noticed_at, t.language()),
            is_open: incident.state == IncidentState::Open,
            state: state_word(t, &incident.state),
            title: incident.title,
        })
        .collect();
    let frame = Frame::new(&visit, Some(&person), Section::Incidents, t.incidents_title());
    frame::show(StatusCode::OK, &Page { frame, t, rows, is_cut })
}

/// The page of one incident.
pub(crate) fn path(incident: &Incident) -> String {
    format!("/comuni/{}/incidenti/{}", incident.organisation, incident.id)
}

/// Where an incident stands, as a word.
pub(crate) const fn state_word(t: Texts, state: &IncidentState) -> &'static str {
    match state {
        IncidentState::Open => t.incident_open(),
        IncidentState::Closed { .. } => t.incident_closed(),
    }
}
