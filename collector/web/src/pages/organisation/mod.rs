//! One organisation: its posture, what to do today, what is checked, whom to call, what happened.

mod assets;
mod fixes;
mod trend;
mod workstations;

use std::collections::BTreeMap;

use askama::Template;
use axum::Extension;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use vedetta_checks::score::{CategoryFigure, CategoryState, Total};
use vedetta_checks::word::CheckId;
use vedetta_core::ids::OrganisationId;
use vedetta_core::organisation::{Contact, Organisation, OrganisationKind};
use vedetta_core::posture::{FigureView, GroupView, OrganisationView, group_view};
use vedetta_core::store::Store;

pub(crate) use self::assets::kind;
use self::assets::{AssetList, FILTER, OLD_AGENT, asset_list};
use self::fixes::{FixCard, fix_cards};
use self::trend::{Trend, trend};
use self::workstations::{CountRow, count_rows};
use crate::address::Address;
use crate::app::{App, Shared};
use crate::failure::Failure;
use crate::figures::{FigureWords, Known, Overview, Versions, figure_words, grade_style};
use crate::frame::{self, Frame, Section};
use crate::guard::{Person, Visit};
use crate::pages::incidents::{newest, path, state_word};
use crate::rome;
use crate::texts::Texts;

/// How many fixes stand under "fare oggi".
const TODAY_MAX: usize = 3;
/// Most incidents on the page.
const INCIDENTS_MAX: usize = 5;

#[derive(Template)]
#[template(path = "pages/organisation/page.html")]
struct Page {
    frame: Frame,
    t: Texts,
    name: String,
    kind: &'static str,
    is_demonstration: bool,
    id: OrganisationId,
    inside: FigureWords,
    outside: FigureWords,
    today: Vec<FixCard>,
    later: Vec<FixCard>,
    suppliers: Vec<FixCard>,
    suppliers_mean: Option<String>,
    is_never: bool,
    /// A read stopped at its limit: no total, and every count is at least so much.
    is_cut: bool,
    left_behind: u32,
    is_facilitator: bool,
    categories: Vec<CategoryRow>,
    unassigned: Vec<String>,
    workstations: Vec<CountRow>,
    assets: Option<AssetList>,
    /// How many computers have an old agent; empty when none has.
    old_agents: String,
    worst: Option<String>,
    contacts: Vec<Contact>,
    incidents: Option<Incidents>,
    trend: Option<Trend>,
    may_enrol: bool,
    members: Option<Members>,
}

struct CategoryRow {
    name: &'static str,
    points: Option<String>,
    why_not: &'static str,
    coverage: String,
}

/// The newest incidents, and whether there are more.
struct Incidents {
    rows: Vec<IncidentRow>,
    is_cut: bool,
}

struct IncidentRow {
    title: String,
    path: String,
    noticed: String,
    state: &'static str,
}

/// The Comuni of a group, and their mean.
struct Members {
    mean: Option<(String, &'static str, &'static str)>,
    count: String,
    comuni: Vec<(String, String)>,
}

pub(crate) async fn show<S: Store>(
    State(app): State<Shared<S>>,
    Extension(visit): Extension<Visit>,
    Extension(person): Extension<Person>,
    address: Address,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    let t = visit.texts;
    let id: OrganisationId = address.part("organisation")?;
    let organisation = person.graph.get(id).ok_or(Failure::NotFound)?;
    let known = Known::read(&app, organisation).await?;
    let view = known.view(visit.now);
    let versions = Versions::of(&app, id).await?;
    let only_old = query.get(FILTER).is_some_and(|wanted| wanted == OLD_AGENT);
    let sees_evidence = person.scope.sees_evidence(id);
    let (own, suppliers) = fix_cards(t, &known, &view, sees_evidence, visit.now);
    let mut today = own;
    let later = today.split_off(today.len().min(TODAY_MAX));
    let inside = &view.inside.figure;
    let page = Page {
        frame: Frame::new(&visit, Some(&person), Section::Province, organisation.name.clone())
            .under(t.nav_province(), "/")
            .at(id),
        t,
        name: organisation.name.clone(),
        kind: t.kind_word(organisation.kind),
        is_demonstration: organisation.is_demonstration,
        id,
        inside: figure_words(t, inside, &known.packs, visit.now),
        outside: outside(&visit, &known, &view),
        today,
        later,
        suppliers,
        suppliers_mean: inside.suppliers.or(view.outside.figure.suppliers).map(|mean| t.number(mean)),
        is_never: view.last_received.is_none(),
        is_cut: !view.is_complete,
        left_behind: view.left_with_open_failures,
        is_facilitator: !sees_evidence,
        categories: categories(t, &view.inside, &view.outside),
        unassigned: unassigned(t, &known, &view),
        workstations: count_rows(&app, t, &known, id, visit.now).await?,
        assets: sees_evidence.then(|| asset_list(&visit, &view, &versions, only_old)),
        old_agents: assets::old_agents(t, &view, &versions),
        worst: inside.worst_asset.as_ref().filter(|_| sees_evidence && view.assets.len() > 1).and_then(|worst| {
            Some(format!("{} ({} {})", known.asset(worst.asset)?.name, t.number(worst.mean), t.of_hundred()))
        }),
        contacts: organisation.contacts.clone(),
        incidents: if person.scope.sees_incidents(id) { Some(incidents(&app, &visit, id).await?) } else { None },
        trend: trend(&app, t, id).await?,
        may_enrol: person.scope.manages(id) && organisation.kind != OrganisationKind::ZonaSociale,
        members: members(&app, &person, organisation, t).await?,
    };
    frame::show(StatusCode::OK, &page)
}

/// The figure from outside; one that nobody looks at says so in its own words.
fn outside(visit: &Visit, known: &Known, view: &OrganisationView) -> FigureWords {
    let figure = &view.outside.figure;
    let words = figure_words(visit.texts, figure, &known.packs, visit.now);
    if figure.total == Total::NeverMeasured {
        FigureWords { reason: visit.texts.outside_never().to_owned(), ..words }
    } else {
        words
    }
}

/// Every category once: its figure from inside, or from outside where only that one looks at it.
fn categories(t: Texts, inside: &FigureView, outside: &FigureView) -> Vec<CategoryRow> {
    let pairs = inside.figure.categories.iter().zip(&outside.figure.categories);
    pairs.map(|(inside, outside)| category(t, if has_target(inside) { inside } else { outside })).collect()
}

/// Checks that nothing was assigned to: listed, never scored.
fn unassigned(t: Texts, known: &Known, view: &OrganisationView) -> Vec<String> {
    let check = |id: &CheckId| known.packs.values().find_map(|pack| pack.check(id));
    view.unassigned.iter().filter_map(check).map(|check| check.title.get(t.language()).to_owned()).collect()
}

fn has_target(figure: &CategoryFigure) -> bool {
    figure.state != CategoryState::NoTarget
}

fn category(t: Texts, figure: &CategoryFigure) -> CategoryRow {
    let (points, why_not) = match figure.state {
        CategoryState::Measured(points) => (Some(t.number(points)), ""),
        CategoryState::NoTarget => (None, t.no_target()),
        CategoryState::NothingApplies => (None, t.nothing_applies()),
        CategoryState::NotSeen => (None, t.not_seen()),
        CategoryState::SuppliersOnly => (None, t.suppliers_only()),
    };
    let coverage = figure.coverage.map(|share| t.percent(share)).unwrap_or_default();
    CategoryRow { name: t.category_name(figure.category), points, why_not, coverage }
}

async fn incidents<S: Store>(app: &App<S>, visit: &Visit, id: OrganisationId) -> Result<Incidents, Failure> {
    let t = visit.texts;
    let (own, is_cut) = newest(app, |incident| incident.organisation == id, INCIDENTS_MAX).await?;
    let rows = own.into_iter().map(|incident| IncidentRow {
        path: path(&incident),
        noticed: rome::moment(incident.noticed_at, t.language()),
        state: state_word(t, &incident.state),
        title: incident.title,
    });
    Ok(Incidents { rows: rows.collect(), is_cut })
}

async fn members<S: Store>(
    app: &App<S>,
    person: &Person,
    organisation: &Organisation,
    t: Texts,
) -> Result<Option<Members>, Failure> {
    if organisation.kind == OrganisationKind::Comune {
        return Ok(None);
    }
    let overview = Overview::of(app, &person.graph).await?;
    let view: GroupView = group_view(&person.graph, organisation.id, &overview.members());
    let comune = |id: &OrganisationId| Some((person.graph.get(*id)?.name.clone(), format!("/comuni/{id}")));
    Ok(Some(Members {
        mean: view.inside.mean.map(|(mean, grade)| {
            let (letter, style) = grade_style(grade);
            (t.number(mean), letter, style)
        }),
        count: t.with_score(usize::try_from(view.inside.measured).unwrap_or(usize::MAX), view.comuni.len()),
        comuni: view.comuni.iter().filter_map(comune).collect(),
    }))
}
