//! The two notices that every page links: accessibility and privacy.

use askama::Template;
use axum::Extension;
use axum::http::StatusCode;
use axum::response::Response;

use crate::failure::Failure;
use crate::frame::{self, Frame, Section};
use crate::guard::{Person, Visit};
use crate::texts::Texts;

#[derive(Template)]
#[template(path = "pages/notices/accessibility.html")]
struct Accessibility {
    frame: Frame,
    t: Texts,
}

#[derive(Template)]
#[template(path = "pages/notices/privacy.html")]
struct Privacy {
    frame: Frame,
    t: Texts,
    kept: [&'static str; 4],
    never: [&'static str; 3],
}

pub(crate) async fn accessibility(
    Extension(visit): Extension<Visit>,
    person: Option<Extension<Person>>,
) -> Result<Response, Failure> {
    let t = visit.texts;
    let person = person.as_ref().map(|Extension(person)| person);
    let frame = Frame::new(&visit, person, Section::None, t.accessibility_title());
    frame::show(StatusCode::OK, &Accessibility { frame, t })
}

pub(crate) async fn privacy(
    Extension(visit): Extension<Visit>,
    person: Option<Extension<Person>>,
) -> Result<Response, Failure> {
    let t = visit.texts;
    let person = person.as_ref().map(|Extension(person)| person);
    let frame = Frame::new(&visit, person, Section::None, t.privacy_title());
    let kept = [t.privacy_kept_1(), t.privacy_kept_2(), t.privacy_kept_3(), t.privacy_kept_4()];
    let never = [t.privacy_never_1(), t.privacy_never_2(), t.privacy_never_3()];
    frame::show(StatusCode::OK, &Privacy { frame, t, kept, never })
}
