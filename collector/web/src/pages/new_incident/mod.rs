//! "Nuovo incidente": what, where and when suffice.

use std::collections::BTreeMap;

use askama::Template;
use axum::Extension;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use vedetta_checks::fact::clean_text;
use vedetta_checks::verdict::Verdict;
use vedetta_core::actor::Actor;
use vedetta_core::finding::Finding;
use vedetta_core::ids::{FindingId, IncidentId, OrganisationId};
use vedetta_core::incident::{IncidentError, NewIncident, TITLE_BYTES_MAX, open as open_incident};
use vedetta_core::result::CurrentResult;
use vedetta_core::store::{Prefix, Store};

use crate::app::{App, Shared};
use crate::failure::{Failure, go};
use crate::figures::all;
use crate::frame::{self, Frame, Section};
use crate::guard::{Person, Visit};
use crate::pages::incidents::path;
use crate::rome;
use crate::submitted::Submitted;
use crate::texts::Texts;

/// Most findings of one organisation among which one is looked for.
pub(crate) const FINDINGS_READ_MAX: usize = 100_000;

#[derive(Template)]
#[template(path = "pages/new_incident/page.html")]
struct Page {
    frame: Frame,
    t: Texts,
    title: String,
    title_max: usize,
    when: String,
    places: Vec<Place>,
    finding: Option<(FindingId, String)>,
    problem: Option<&'static str>,
}

struct Place {
    id: OrganisationId,
    name: String,
    is_chosen: bool,
}

/// What was typed so far.
#[derive(Default)]
struct Typed {
    title: String,
    organisation: Option<OrganisationId>,
    when: String,
    finding: Option<FindingId>,
}

pub(crate) async fn show<S: Store>(
    State(app): State<Shared<S>>,
    Extension(visit): Extension<Visit>,
    Extension(person): Extension<Person>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    let mut typed = Typed {
        organisation: query.get("comune").and_then(|id| id.parse().ok()),
        finding: query.get("problema").and_then(|id| id.parse().ok()),
        when: rome::field(visit.now),
        ..Typed::default()
    };
    if let Some((_, title)) = shown_finding(&app, &visit, &person, &typed).await? {
        typed.title = title;
    }
    form(&app, &visit, &person, typed, None).await
}

pub(crate) async fn open<S: Store>(
    State(app): State<Shared<S>>,
    Extension(visit): Extension<Visit>,
    Extension(person): Extension<Person>,
    Extension(submitted): Extension<Submitted>,
) -> Result<Response, Failure> {
    let t = visit.texts;
    let typed = Typed {
        title: submitted.field("titolo").to_owned(),
        organisation: submitted.field("comune").parse().ok(),
        when: submitted.field("quando").to_owned(),
        finding: submitted.field("problema").parse().ok(),
    };
    let Some(organisation) = typed.organisation else {
        return form(&app, &visit, &person, typed, Some(t.new_incident_no_place())).await;
    };
    let Some(noticed_at) = rome::from_field(&typed.when) else {
        return form(&app, &visit, &person, typed, Some(t.new_incident_no_time())).await;
    };
    let found = finding(&app, &person, organisation, typed.finding).await?;
    let command = NewIncident { title: &typed.title, noticed_at, finding: found.as_ref() };
    let id = IncidentId::new(app.id()?);
    match open_incident(&person.scope, person.graph.get(organisation), &command, id, visit.now) {
        Ok((incident, changes)) => {
            app.commit(&Actor::Person(person.scope.clone()), changes).await?;
            Ok(go(&path(&incident)))
        }
        Err(IncidentError::NotFound) => Err(Failure::NotFound),
        Err(error) => form(&app, &visit, &person, typed, Some(problem(t, error))).await,
    }
}

const fn problem(t: Texts, error: IncidentError) -> &'static str {
    match error {
        IncidentError::TooLong { .. } => t.new_incident_long_title(),
        IncidentError::NoticedInFuture => t.new_incident_future(),
        IncidentError::Empty { .. } | IncidentError::NotFound | IncidentError::Closed | IncidentError::Full { .. } => {
            t.new_incident_no_title()
        }
    }
}

async fn form<S: Store>(
    app: &App<S>,
    visit: &Visit,
    person: &Person,
    typed: Typed,
    problem: Option<&'static str>,
) -> Result<Response, Failure> {
    let t = visit.texts;
    let handled = person.graph.iter().filter(|node| person.scope.handles_incidents(node.id));
    let mut places: Vec<Place> = handled
        .map(|node| Place { id: node.id, name: node.name.clone(), is_chosen: typed.organisation == Some(node.id) })
        .collect();
    if places.is_empty() {
        return Err(Failure::NotFound);
    }
    places.sort_by(|one, other| one.name.cmp(&other.name));
    let finding = shown_finding(app, visit, person, &typed).await?;
    let page = Page {
        frame: Frame::new(visit, Some(person), Section::Incidents, t.new_incident())
            .under(t.nav_incidents(), "/incidenti")
            .read_at("/incidenti/nuovo"),
        t,
        title: typed.title,
        title_max: TITLE_BYTES_MAX,
        when: typed.when,
        places,
        finding,
        problem,
    };
    frame::show(if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, &page)
}

/// The finding that the incident starts from, with what it says.
async fn shown_finding<S: Store>(
    app: &App<S>,
    visit: &Visit,
    person: &Person,
    typed: &Typed,
) -> Result<Option<(FindingId, String)>, Failure> {
    let Some(organisation) = typed.organisation else { return Ok(None) };
    let found = finding(app, person, organisation, typed.finding).await?;
    match found {
        Some(finding) => Ok(Some((finding.id, finding_words(app, visit.texts, &finding).await?))),
        None => Ok(None),
    }
}

/// What a finding says, in one line: the message of its current result; what its check expects when that is gone.
pub(crate) async fn finding_words<S: Store>(app: &App<S>, t: Texts, finding: &Finding) -> Result<String, Failure> {
    let id = &finding.key.check;
    let Some(current) = app.get::<CurrentResult>(&finding.key).await? else { return Ok(id.to_string()) };
    let result = current.value.result;
    let pack = app.shelf.pack(result.pack, &app.hooks.store).await?;
    let Some(check) = pack.as_deref().and_then(|pack| pack.check(id)) else { return Ok(id.to_string()) };
    let words = match result.verdict {
        Verdict::Fail | Verdict::Warn => {
            check.message(result.clause.as_ref(), &result.verdict, &result.evidence, t.language())
        }
        Verdict::Pass | Verdict::NotApplicable(_) | Verdict::Error(_) | Verdict::NotTested(_) => {
            check.title.get(t.language()).to_owned()
        }
    };
    Ok(clean_text(&words, TITLE_BYTES_MAX))
}

/// One finding of an organisation by its id, if the person handles incidents there.
pub(crate) async fn finding<S: Store>(
    app: &App<S>,
    person: &Person,
    organisation: OrganisationId,
    id: Option<FindingId>,
) -> Result<Option<Finding>, Failure> {
    let Some(id) = id.filter(|_| person.scope.handles_incidents(organisation)) else { return Ok(None) };
    let findings = all::<S, Finding>(app, Prefix::Organisation(organisation), FINDINGS_READ_MAX).await?;
    Ok(findings.into_iter().find(|finding| finding.id == id))
}
