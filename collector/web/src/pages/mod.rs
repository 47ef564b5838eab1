//! The one list of pages: method, address, who may see it, handler. The router is made from it, and the tests walk it.

mod asset;
mod code;
mod failure;
mod headline;
mod help;
mod incident;
mod incidents;
mod install;
mod login;
mod new_incident;
mod notices;
mod organisation;
mod package;
mod passphrase;
mod piece;
mod province;

use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware;
use axum::routing::{MethodRouter, Router, get, post};
use vedetta_checks::pack::PackError;
use vedetta_core::duty::{DutyBook, DutyError};
use vedetta_core::store::Store;

use crate::api;
use crate::app::{App, Shared};
use crate::assets;
use crate::failure::Failure;
use crate::guard::{self, Permission, Who};
use crate::headers;
use crate::shelf::Shelf;
use crate::state::WebState;
use crate::submitted::BODY_BYTES_MAX;

/// One page of the list.
pub struct PageEntry<S> {
    /// `GET` shows, `POST` changes.
    pub method: Method,
    /// Its address; parts in braces are filled in.
    pub path: &'static str,
    /// Who may see it.
    pub who: Who,
    handler: MethodRouter<Shared<S>>,
}

/// Why the pages cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// A shipped pack cannot be read.
    #[error("cannot read a shipped pack: {0}")]
    Pack(#[from] PackError),
    /// The shipped duties cannot be read.
    #[error("cannot read the duties: {0}")]
    Duties(#[from] DutyError),
}

/// Every page. A new one is its folder and its line here.
#[must_use]
pub fn page_list<S: Store>() -> Vec<PageEntry<S>> {
    use Permission::{Evidence, Handling, Incidents, Managing, Posture};
    use Who::{Anyone, At, Person};
    vec![
        show("/", Person, province::show::<S>),
        show("/comuni/{organisation}", At(Posture), organisation::show::<S>),
        show("/comuni/{organisation}/beni/{asset}", At(Evidence), asset::show::<S>),
        change("/comuni/{organisation}/codici", At(Managing), code::make::<S>),
        show("/incidenti", Person, incidents::show::<S>),
        show("/incidenti/nuovo", Person, new_incident::show::<S>),
        change("/incidenti", Person, new_incident::open::<S>),
        show("/comuni/{organisation}/incidenti/{incident}", At(Incidents), incident::show::<S>),
        change("/comuni/{organisation}/incidenti/{incident}/diario", At(Handling), incident::add::<S>),
        change("/comuni/{organisation}/incidenti/{incident}/problemi", At(Handling), incident::attach::<S>),
        change("/comuni/{organisation}/incidenti/{incident}/chiusura", At(Handling), incident::close::<S>),
        show("/accesso", Anyone, login::show),
        change("/accesso", Anyone, login::with_passphrase::<S>),
        show("/accesso/{secret}", Anyone, login::show_link::<S>),
        change("/accesso/{secret}", Anyone, login::with_link::<S>),
        change("/uscita", Person, login::leave::<S>),
        show("/frase", Person, passphrase::show::<S>),
        change("/frase", Person, passphrase::save::<S>),
        show("/aiuto", Anyone, help::show),
        show("/accessibilita", Anyone, notices::accessibility),
        show("/privacy", Anyone, notices::privacy),
        show("/static/{hash}/{name}", Anyone, assets::serve),
        show("/packages/{name}", Anyone, package::serve::<S>),
        show("/api/v1/openapi.json", Anyone, api::document),
        show("/api/v1/organisations", Person, api::organisations::<S>),
        show("/api/v1/organisations/{organisation}", At(Posture), api::organisation::<S>),
        show("/api/v1/organisations/{organisation}/results", At(Evidence), api::results::<S>),
    ]
}

fn show<S: Store, H: Handler<T, Shared<S>>, T: 'static>(path: &'static str, who: Who, handler: H) -> PageEntry<S> {
    PageEntry { method: Method::GET, path, who, handler: get(handler) }
}

fn change<S: Store, H: Handler<T, Shared<S>>, T: 'static>(path: &'static str, who: Who, handler: H) -> PageEntry<S> {
    PageEntry { method: Method::POST, path, who, handler: post(handler) }
}

/// The pages and the API as one service.
///
/// # Errors
/// [`WebError`] when data that comes with the program cannot be read.
pub fn router<S: Store>(state: WebState<S>) -> Result<Router, WebError> {
    let app = App::new(state, Shelf::shipped()?, DutyBook::built_in()?);
    let mut router = Router::new();
    for page in page_list::<S>() {
        let guarded = page
            .handler
            .route_layer(middleware::from_fn_with_state((Shared::clone(&app), page.who), guard::guard::<S>));
        router = router.route(page.path, guarded);
    }
    Ok(router
        .fallback(async || Failure::NotFound)
        .method_not_allowed_fallback(async || Failure::NotFound)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn(failure::dress))
        .layer(middleware::from_fn_with_state(Shared::clone(&app), guard::language::<S>))
        .layer(middleware::from_fn(headers::add))
        .with_state(app))
}
