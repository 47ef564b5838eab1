//! A computer, site or domain that was retired: links of old incidents lead here, so it still says what it was.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use vedetta_core::asset::Asset;
use vedetta_core::finding::{Finding, FindingState};

use crate::failure::Failure;
use crate::figures::{Known, check};
use crate::frame::{self, Frame, Section};
use crate::pages::headline::headline;
use crate::pages::organisation::kind;
use crate::rome;
use crate::texts::Texts;

/// Most problems on the page.
const LEFT_MAX: usize = 200;

#[derive(Template)]
#[template(path = "pages/asset/retired.html")]
struct Page {
    frame: Frame,
    t: Texts,
    name: String,
    kind: &'static str,
    at: String,
    reason: String,
    /// The problems that were open when it left.
    left: Vec<String>,
}

pub(super) fn page(
    frame: Frame,
    known: &Known,
    asset: &Asset,
    at: Timestamp,
    reason: &str,
) -> Result<Response, Failure> {
    let t = frame.t;
    let is_left = |one: &&Finding| one.key.asset == asset.key && matches!(one.state, FindingState::Open { .. });
    let left = known.findings.iter().filter(is_left).take(LEFT_MAX).map(|finding| words(t, known, finding)).collect();
    let (at, reason) = (rome::moment(at, t.language()), reason.to_owned());
    frame::show(
        StatusCode::OK,
        &Page { frame, t, name: asset.name.clone(), kind: kind(t, &asset.kind), at, reason, left },
    )
}

fn words(t: Texts, known: &Known, finding: &Finding) -> String {
    let found = known.results.iter().find(|current| current.key == finding.key).and_then(|current| {
        let check = check(&known.packs, current.result.pack, &current.key.check)?;
        Some(headline(t, check, Some(&current.result)).text)
    });
    found.unwrap_or_else(|| finding.key.check.to_string())
}
