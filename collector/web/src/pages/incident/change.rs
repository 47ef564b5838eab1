//! What a person does with an incident. Two people may write at once: who came second decides again on the newer state.

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use vedetta_core::actor::Actor;
use vedetta_core::changes::Changes;
use vedetta_core::ids::{IncidentId, OrganisationId};
use vedetta_core::incident::{Incident, IncidentError, add_entry, attach_finding, close as close_incident};
use vedetta_core::store::{Store, Stored};

use super::{Typed, page, read};
use crate::address::Address;
use crate::app::{App, Shared};
use crate::failure::{Failure, go};
use crate::guard::{Person, Visit};
use crate::pages::incidents::path;
use crate::pages::new_incident::finding;
use crate::submitted::Submitted;
use crate::texts::Texts;

/// How often a change is decided again when somebody else was quicker.
const TRIES_MAX: usize = 4;

pub(crate) async fn add<S: Store>(
    State(app): State<Shared<S>>,
    Extension(visit): Extension<Visit>,
    Extension(person): Extension<Person>,
    address: Address,
    Extension(submitted): Extension<Submitted>,
) -> Result<Response, Failure> {
    let text = submitted.field("testo");
    let decide = |stored: &Stored<Incident>| add_entry(&person.scope, Some(stored), text, visit.now);
    match change(&app, &person, &address, decide).await? {
        Ok(incident) => Ok(go(&format!("{}#diario", path(&incident)))),
        Err((incident, error)) => {
            let typed = Typed { entry: text.to_owned(), ..Typed::default() };
            let texts = (visit.texts.timeline_empty(), visit.texts.timeline_long());
            page(&app, &visit, &person, incident, Some(problem(visit.texts, error, texts)), typed).await
        }
    }
}

pub(crate) async fn attach<S: Store>(
    State(app): State<Shared<S>>,
    Extension(visit): Extension<Visit>,
    Extension(person): Extension<Person>,
    address: Address,
    Extension(submitted): Extension<Submitted>,
) -> Result<Response, Failure> {
    let wanted = submitted.field("problema").parse().ok();
    let found = finding(&app, &person, address.part("organisation")?, wanted).await?;
    let decide = |stored: &Stored<Incident>| attach_finding(&person.scope, Some(stored), found.as_ref());
    match change(&app, &person, &address, decide).await? {
        Ok(incident) => Ok(go(&path(&incident))),
        Err((incident, error)) => {
            let texts = (visit.texts.incident_full(), visit.texts.incident_full());
            page(&app, &visit, &person, incident, Some(problem(visit.texts, error, texts)), Typed::default()).await
        }
    }
}

pub(crate) async fn close<S: Store>(
    State(app): State<Shared<S>>,
    Extension(visit): Extension<Visit>,
    Extension(person): Extension<Person>,
    address: Address,
    Extension(submitted): Extension<Submitted>,
) -> Result<Response, Failure> {
    let reason = submitted.field("motivo");
    let decide = |stored: &Stored<Incident>| close_incident(&person.scope, Some(stored), reason, visit.now);
    match change(&app, &person, &address, decide).await? {
        Ok(incident) => Ok(go(&path(&incident))),
        Err((incident, error)) => {
            let typed = Typed { reason: reason.to_owned(), ..Typed::default() };
            let texts = (visit.texts.close_empty(), visit.texts.close_long());
            page(&app, &visit, &person, incident, Some(problem(visit.texts, error, texts)), typed).await
        }
    }
}

/// What a form is told, with its own words for an empty and for a too long text.
const fn problem(t: Texts, error: IncidentError, texts: (&'static str, &'static str)) -> &'static str {
    match error {
        IncidentError::Empty { .. } | IncidentError::NotFound => texts.0,
        IncidentError::TooLong { .. } => texts.1,
        IncidentError::Full { .. } => t.incident_full(),
        IncidentError::NoticedInFuture => t.new_incident_future(),
        IncidentError::Closed => t.incident_closed(),
    }
}

/// Decides and commits; the incident as it was read comes back either way.
async fn change<S: Store>(
    app: &App<S>,
    person: &Person,
    address: &Address,
    decide: impl Fn(&Stored<Incident>) -> Result<Changes, IncidentError>,
) -> Result<Result<Incident, (Incident, IncidentError)>, Failure> {
    let (organisation, id): (OrganisationId, IncidentId) = (address.part("organisation")?, address.part("incident")?);
    for _ in 0..TRIES_MAX {
        let stored = read(app, organisation, id).await?;
        let changes = match decide(&stored) {
            Ok(changes) => changes,
            Err(IncidentError::NotFound) => return Err(Failure::NotFound),
            Err(error) => return Ok(Err((stored.value, error))),
        };
        match app.commit(&Actor::Person(person.scope.clone()), changes).await {
            Ok(()) => return Ok(Ok(stored.value)),
            Err(Failure::Conflict) => {}
            Err(other) => return Err(other),
        }
    }
    Err(Failure::Conflict)
}
