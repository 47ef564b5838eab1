//! The JSON API: thin, read-only, for whoever has a session. Described by the document at `/api/v1/openapi.json`.
//!
//! Shapes change only by adding. Times are RFC 3339 UTC. Score and coverage stand in hundredths, always together.

mod openapi;
mod shape;

use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::json;
use vedetta_core::ids::{AssetId, OrganisationId};
use vedetta_core::store::Store;

use crate::address::Address;
use crate::app::Shared;
use crate::failure::Failure;
use crate::figures::{Known, Overview};
use crate::guard::{Person, Visit};

/// Most results of one answer.
const RESULTS_MAX: usize = 1_000;

/// The OpenAPI document.
pub(crate) async fn document() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], openapi::document().to_string()).into_response()
}

/// Every organisation that the person may see, with its posture.
pub(crate) async fn organisations<S: Store>(
    State(app): State<Shared<S>>,
    Extension(person): Extension<Person>,
) -> Result<Response, Failure> {
    let overview = Overview::of(&app, &person.graph).await?;
    let seen = person.graph.iter().filter(|node| person.scope.sees(node.id));
    let items: Vec<_> =
        seen.filter_map(|node| Some(shape::organisation(node, overview.views.get(&node.id)?))).collect();
    Ok(Json(json!({ "schema": "vedetta.organisations.v1", "organisations": items })).into_response())
}

/// One organisation with its posture.
pub(crate) async fn organisation<S: Store>(
    State(app): State<Shared<S>>,
    Extension(visit): Extension<Visit>,
    Extension(person): Extension<Person>,
    address: Address,
) -> Result<Response, Failure> {
    let id: OrganisationId = address.part("organisation")?;
    let node = person.graph.get(id).ok_or(Failure::NotFound)?;
    let known = Known::read(&app, node).await?;
    Ok(Json(shape::organisation(node, &known.view(visit.now))).into_response())
}

/// The current results of one organisation, in pages of [`RESULTS_MAX`].
pub(crate) async fn results<S: Store>(
    State(app): State<Shared<S>>,
    Extension(person): Extension<Person>,
    address: Address,
    Query(query): Query<std::collections::BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    let number = |name: &str, default: usize| match query.get(name) {
        Some(text) => text.parse().map_err(|_| Failure::Malformed),
        None => Ok(default),
    };
    let limit = number("limit", RESULTS_MAX)?.clamp(1, RESULTS_MAX);
    let offset = number("offset", 0)?;
    let asset: Option<AssetId> = match query.get("asset") {
        Some(text) => Some(text.parse().map_err(|_| Failure::Malformed)?),
        None => None,
    };
    let id: OrganisationId = address.part("organisation")?;
    let node = person.graph.get(id).ok_or(Failure::NotFound)?;
    let known = Known::read(&app, node).await?;
    let wanted: Vec<_> =
        known.results.iter().filter(|current| asset.is_none_or(|asset| current.key.asset.asset == asset)).collect();
    let items: Vec<_> = wanted.iter().skip(offset).take(limit).map(|current| shape::result(current)).collect();
    let body = json!({
        "schema": "vedetta.results.v1",
        "organisation": id.to_string(),
        "total": wanted.len(),
        "offset": offset,
        "results": items,
    });
    Ok(Json(body).into_response())
}

#[cfg(test)]
mod tests;
