//! What went wrong, as a page in the reader's language; as JSON for programs.

use askama::Template;
use axum::extract::Request;
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::failure::{Failure, go};
use crate::frame::{Frame, Section, show};
use crate::guard::{Person, Visit};
use crate::texts::Texts;

#[derive(Template)]
#[template(path = "pages/failure/page.html")]
struct Page {
    frame: Frame,
    more: &'static str,
}

/// Dresses the failure of a handler or the guard. Whoever is not logged in is sent to the login page.
pub(crate) async fn dress(request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with("/api/");
    let visit = request.extensions().get::<Visit>().cloned();
    let response = next.run(request).await;
    let failure = response.extensions().get::<Failure>().copied();
    let (Some(failure), Some(visit)) = (failure, visit) else { return response };
    if is_api {
        let body = serde_json::json!({ "error": failure.word() }).to_string();
        return (failure.status(), [(header::CONTENT_TYPE, "application/json")], body).into_response();
    }
    if failure == Failure::SignIn {
        return go("/accesso");
    }
    let (title, more) = texts(visit.texts, failure);
    let person = response.extensions().get::<Person>();
    let page = Page { frame: Frame::new(&visit, person, Section::None, title), more };
    show(failure.status(), &page).unwrap_or(response)
}

const fn texts(t: Texts, failure: Failure) -> (&'static str, &'static str) {
    match failure {
        Failure::NotFound => (t.failure_not_found(), t.failure_not_found_more()),
        Failure::SignIn => (t.failure_sign_in(), t.failure_sign_in_more()),
        Failure::ForeignForm => (t.failure_foreign_form(), t.failure_foreign_form_more()),
        Failure::Malformed => (t.failure_malformed(), t.failure_malformed_more()),
        Failure::TooLarge => (t.failure_too_large(), t.failure_too_large_more()),
        Failure::TooMany => (t.failure_too_many(), t.failure_too_many_more()),
        Failure::Conflict => (t.failure_conflict(), t.failure_conflict_more()),
        Failure::DiskFull => (t.failure_disk_full(), t.failure_disk_full_more()),
        Failure::Broken => (t.failure_broken(), t.failure_broken_more()),
    }
}
