//! Help: what the words mean, and how the score is computed.

use askama::Template;
use axum::Extension;
use axum::http::StatusCode;
use axum::response::Response;

use crate::failure::Failure;
use crate::frame::{self, Frame, Section};
use crate::guard::{Person, Visit};
use crate::texts::Texts;

#[derive(Template)]
#[template(path = "pages/help/page.html")]
struct Page {
    frame: Frame,
    t: Texts,
    words: Vec<(&'static str, &'static str)>,
    rules: [&'static str; 6],
}

pub(crate) async fn show(
    Extension(visit): Extension<Visit>,
    person: Option<Extension<Person>>,
) -> Result<Response, Failure> {
    let t = visit.texts;
    let words = vec![
        (t.help_score_word(), t.help_score_text()),
        (t.help_coverage_word(), t.help_coverage_text()),
        (t.help_never_word(), t.help_never_text()),
        (t.help_insufficient_word(), t.help_insufficient_text()),
        (t.help_unseen_word(), t.help_unseen_text()),
        (t.help_cap_word(), t.help_cap_text()),
        (t.help_inside_word(), t.help_inside_text()),
    ];
    let rules = [t.help_how_1(), t.help_how_2(), t.help_how_3(), t.help_how_4(), t.help_how_5(), t.help_how_6()];
    let person = person.as_ref().map(|Extension(person)| person);
    let frame = Frame::new(&visit, person, Section::Help, t.help_title());
    frame::show(StatusCode::OK, &Page { frame, t, words, rules })
}
