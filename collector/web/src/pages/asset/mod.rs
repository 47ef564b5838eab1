//! One computer, site or domain: what is wrong and how to mend it, what could not be seen and why, what is in order.

mod line;
mod ports;
mod retired;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use vedetta_checks::score::{Standing, Value};
use vedetta_core::asset::{AssetKey, AssetState};
use vedetta_core::ids::{AssetId, OrganisationId};
use vedetta_core::posture::asset_view;
use vedetta_core::store::Store;

use self::line::{Line, line};
use self::ports::PortsTable;
use crate::address::Address;
use crate::app::Shared;
use crate::failure::Failure;
use crate::figures::{Known, Versions};
use crate::frame::{self, Frame, Section};
use crate::guard::{Person, Visit};
use crate::pages::install::{Install, install};
use crate::pages::organisation::kind;
use crate::texts::Texts;

#[derive(Template)]
#[template(path = "pages/asset/page.html")]
struct Page {
    frame: Frame,
    t: Texts,
    name: String,
    kind: &'static str,
    supplier: Option<String>,
    last_seen: String,
    summary: String,
    /// Version of its agent; empty where none works.
    agent: String,
    /// That a newer agent exists, and how to install it.
    update: Option<(String, Install)>,
    ports: Option<PortsTable>,
    wrong: Vec<Line>,
    blind: Vec<Line>,
    passed: Vec<Line>,
    not_applicable: Vec<Line>,
}

pub(crate) async fn show<S: Store>(
    State(app): State<Shared<S>>,
    Extension(visit): Extension<Visit>,
    Extension(person): Extension<Person>,
    address: Address,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let t = visit.texts;
    let organisation: OrganisationId = address.part("organisation")?;
    let asset: AssetId = address.part("asset")?;
    let node = person.graph.get(organisation).ok_or(Failure::NotFound)?;
    let known = Known::read(&app, node).await?;
    let key = AssetKey { organisation, asset };
    let own = known.asset(key).ok_or(Failure::NotFound)?;
    let frame = Frame::new(&visit, Some(&person), Section::Province, own.name.clone())
        .under(t.nav_province(), "/")
        .under(node.name.clone(), format!("/comuni/{organisation}"))
        .at(organisation);
    if let AssetState::Retired { at, reason } = &own.state {
        return retired::page(frame, &known, own, *at, reason);
    }
    let view = asset_view(&known.material(), key, visit.now).ok_or(Failure::NotFound)?;
    let versions = Versions::of(&app, organisation).await?;
    let agent = versions.on(key).unwrap_or_default().to_owned();
    let update = if versions.is_old(key) {
        Some((t.old_agent(&agent, &versions.newest), install(&app, t, &headers).await?))
    } else {
        None
    };
    let (mut wrong, mut blind, mut passed, mut not_applicable) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut fails, mut warns) = (0, 0);
    for result in &view.results {
        let Some(shown) = line(&visit, &known, result) else { continue };
        match result.standing {
            Standing::Seen(seen) | Standing::Held(seen) => match seen.value {
                Value::Fail => {
                    fails += 1;
                    wrong.push(shown);
                }
                Value::Warn => {
                    warns += 1;
                    wrong.push(shown);
                }
                Value::Pass => passed.push(shown),
            },
            Standing::Missing => blind.push(shown),
            Standing::NotApplicable => not_applicable.push(shown),
        }
    }
    let page = Page {
        frame,
        t,
        name: view.asset.name.clone(),
        kind: kind(t, &view.asset.kind),
        supplier: view.asset.supplier.clone(),
        last_seen: view.last_seen.map_or_else(|| t.never().to_owned(), |then| t.ago(then, visit.now)),
        summary: t.problems(fails, warns),
        agent,
        update,
        ports: view.ports.as_ref().map(|ports| ports::table(&visit, ports)),
        wrong,
        blind,
        passed,
        not_applicable,
    };
    frame::show(StatusCode::OK, &page)
}
