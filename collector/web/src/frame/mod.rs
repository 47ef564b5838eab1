//! What stands around every page: header, sections, "Nuovo incidente", footer.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use vedetta_core::ids::OrganisationId;

use crate::assets;
use crate::failure::Failure;
use crate::guard::{Person, Visit};
use crate::texts::Texts;

/// The section of the site that a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    Province,
    Incidents,
    Help,
    None,
}

/// One step of the path that leads to the page.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) name: String,
    pub(crate) path: String,
}

/// What the base template needs.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    pub(crate) t: Texts,
    pub(crate) title: String,
    pub(crate) section: Section,
    pub(crate) steps: Vec<Step>,
    pub(crate) here: String,
    pub(crate) login: Option<String>,
    pub(crate) form_secret: String,
    /// Whether the person reads any incidents.
    pub(crate) sees_incidents: bool,
    /// Where "Nuovo incidente" leads; `None` for whoever handles none.
    pub(crate) new_incident: Option<String>,
    pub(crate) bootstrap: String,
    pub(crate) style: String,
    pub(crate) logo: String,
    pub(crate) sprites: String,
}

impl Frame {
    pub(crate) fn new(visit: &Visit, person: Option<&Person>, section: Section, title: impl Into<String>) -> Self {
        let handles = |person: &&Person| person.graph.iter().any(|node| person.scope.handles_incidents(node.id));
        Self {
            t: visit.texts,
            title: title.into(),
            section,
            steps: Vec::new(),
            here: visit.here.clone(),
            login: person.map(|person| person.scope.login().to_owned()),
            form_secret: person.map(|person| person.form_secret.clone()).unwrap_or_default(),
            sees_incidents: person.is_some_and(Person::sees_incidents),
            new_incident: person.filter(handles).map(|_| "/incidenti/nuovo".to_owned()),
            bootstrap: assets::path("bootstrap-italia.min.css"),
            style: assets::path("vedetta.css"),
            logo: assets::path("logo.svg"),
            sprites: assets::path("sprites.svg"),
        }
    }

    /// The page beneath another one.
    pub(crate) fn under(mut self, name: impl Into<String>, path: impl Into<String>) -> Self {
        self.steps.push(Step { name: name.into(), path: path.into() });
        self
    }

    /// The page belongs to one organisation: "Nuovo incidente" starts there.
    pub(crate) fn at(mut self, organisation: OrganisationId) -> Self {
        self.new_incident = self.new_incident.map(|_| format!("/incidenti/nuovo?comune={organisation}"));
        self
    }

    /// A page that answers a form: its address for the other language is the page that the form stood on.
    pub(crate) fn read_at(mut self, path: &str) -> Self {
        self.here = format!("{path}?");
        self
    }
}

/// A template as an answer.
pub(crate) fn show(status: StatusCode, page: &impl Template) -> Result<Response, Failure> {
    let html = page.render().map_err(Failure::broken)?;
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    Ok((status, [(header::CONTENT_TYPE, kind)], html).into_response())
}
