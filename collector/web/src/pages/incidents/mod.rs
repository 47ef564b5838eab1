//! The list of incidents that the person may read.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use vedetta_core::incident::{Incident, IncidentState};
use vedetta_core::store::{Page as ListPage, Prefix, Store};

use crate::app::{App, Shared};
use crate::failure::Failure;
use crate::frame::{self, Frame, Section};
use crate::guard::{Person, Visit};
use crate::rome;
use crate::texts::Texts;

/// Most incidents of all organisations that are read to find those wanted.
const INCIDENTS_READ_MAX: usize = 100_000;
/// How many are read at once.
const READ_AT_ONCE: usize = 1_000;
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
    let (own, is_cut) =
        newest(&app, |incident| person.scope.sees_incidents(incident.organisation), INCIDENTS_MAX).await?;
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

/// The newest incidents that are wanted, and whether there may be more of them. Incidents of all organisations lie in one
/// list, so as many are read as it takes.
pub(crate) async fn newest<S: Store>(
    app: &App<S>,
    is_wanted: impl Fn(&Incident) -> bool,
    limit: usize,
) -> Result<(Vec<Incident>, bool), Failure> {
    let (mut wanted, mut after, mut read) = (Vec::new(), None, 0);
    while read < INCIDENTS_READ_MAX && wanted.len() <= limit {
        let page = ListPage { after, limit: READ_AT_ONCE, newest_first: true };
        let incidents = app.list::<Incident>(Prefix::All, page).await?;
        after = incidents.last().map(|incident| incident.id);
        read += incidents.len();
        let is_last = incidents.len() < READ_AT_ONCE;
        wanted.extend(incidents.into_iter().filter(&is_wanted));
        if is_last {
            let is_cut = wanted.len() > limit;
            wanted.truncate(limit);
            return Ok((wanted, is_cut));
        }
    }
    wanted.truncate(limit);
    Ok((wanted, true))
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
