//! A code that connects one computer, with the exact two commands: get the package and install it; enrol.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use jiff::SignedDuration;
use vedetta_core::actor::Actor;
use vedetta_core::enrolment::{CodeError, issue_code};
use vedetta_core::ids::OrganisationId;
use vedetta_core::store::Store;

use crate::address::Address;
use crate::app::Shared;
use crate::failure::Failure;
use crate::frame::{self, Frame, Section};
use crate::guard::{Person, Visit};
use crate::pages::install::{Install, install};
use crate::rome;
use crate::texts::Texts;

/// Life of a code made on a page.
const CODE_VALID: SignedDuration = SignedDuration::from_hours(24);

#[derive(Template)]
#[template(path = "pages/code/page.html")]
struct Page {
    frame: Frame,
    t: Texts,
    organisation: String,
    code: String,
    valid_until: String,
    /// Page of the organisation, where the first report will show.
    page: String,
    install: Install,
}

pub(crate) async fn make<S: Store>(
    State(app): State<Shared<S>>,
    Extension(visit): Extension<Visit>,
    Extension(person): Extension<Person>,
    address: Address,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let t = visit.texts;
    let id: OrganisationId = address.part("organisation")?;
    let organisation = person.graph.get(id).ok_or(Failure::NotFound)?;
    // Before the code: a page that cannot be made must not leave a code behind.
    let install = install(&app, t, &headers).await?;
    let code = app.hooks.enrolment.make().map_err(Failure::broken)?;
    let issued = issue_code(&person.scope, Some(organisation), code.secret, CODE_VALID, visit.now);
    let (record, changes) = issued.map_err(|error| match error {
        CodeError::NotFound | CodeError::NoHosts(_) => Failure::NotFound,
        CodeError::Validity => Failure::broken(error),
    })?;
    app.commit(&Actor::Person(person.scope.clone()), changes).await?;
    let path = format!("/comuni/{id}");
    let page = Page {
        frame: Frame::new(&visit, Some(&person), Section::Province, t.code_title())
            .under(t.nav_province(), "/")
            .under(organisation.name.clone(), path.clone())
            .at(id)
            .read_at(&path),
        t,
        organisation: organisation.name.clone(),
        code: code.text,
        valid_until: rome::moment(record.expires_at, t.language()),
        page: path,
        install,
    };
    frame::show(StatusCode::OK, &page)
}
