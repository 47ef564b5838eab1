//! The landing page: who needs help first, what one job would clear for many, and the roll-ups.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use vedetta_checks::score::Value;
use vedetta_checks::word::CheckId;
use vedetta_core::ids::OrganisationId;
use vedetta_core::organisation::{Organisation, OrganisationKind};
use vedetta_core::posture::{OrganisationView, group_view};
use vedetta_core::store::Store;

use crate::app::Shared;
use crate::failure::Failure;
use crate::figures::{FigureWords, Overview, check, figure_words, first_fix, grade_style};
use crate::frame::{self, Frame, Section};
use crate::guard::{Person, Visit};
use crate::pages::headline::{Headline, headline};
use crate::texts::Texts;

/// Longest filter, in characters; the rest is ignored.
const FILTER_CHARACTERS_MAX: usize = 60;
/// Fewest Comuni for which one job is called common.
const COMMON_COMUNI_MIN: usize = 2;
/// Most common jobs on the page.
const COMMON_MAX: usize = 5;

#[derive(Template)]
#[template(path = "pages/province/page.html")]
struct Page {
    frame: Frame,
    t: Texts,
    filter: String,
    rows: Vec<Row>,
    never: Vec<Link>,
    groups: Vec<Group>,
    common: Vec<Common>,
    is_empty: bool,
}

struct Link {
    name: String,
    path: String,
}

struct Row {
    name: String,
    path: String,
    is_demonstration: bool,
    figure: FigureWords,
    problems: String,
    first: Headline,
}

struct Group {
    name: String,
    path: String,
    kind: &'static str,
    mean: Option<(String, &'static str, &'static str)>,
    without: &'static str,
    members: String,
}

struct Common {
    title: String,
    comuni: String,
    names: String,
    effort: &'static str,
}

pub(crate) async fn show<S: Store>(
    State(app): State<Shared<S>>,
    Extension(visit): Extension<Visit>,
    Extension(person): Extension<Person>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    let t = visit.texts;
    let filter: String =
        query.get("cerca").map(String::as_str).unwrap_or_default().trim().chars().take(FILTER_CHARACTERS_MAX).collect();
    let overview = Overview::of(&app, &person.graph).await?;
    let seen: Vec<&Organisation> = person.graph.iter().filter(|node| person.scope.sees(node.id)).collect();
    let has_data = |node: &&Organisation| overview.views.get(&node.id).is_some_and(|view| view.last_received.is_some());
    let wanted = |node: &&Organisation| node.name.to_lowercase().contains(&filter.to_lowercase());
    let shown: Vec<&Organisation> = seen.iter().copied().filter(wanted).collect();
    let mut never: Vec<&Organisation> =
        shown.iter().copied().filter(|node| node.kind == OrganisationKind::Comune && !has_data(node)).collect();
    never.sort_by(|one, other| one.name.cmp(&other.name));
    let page = Page {
        frame: Frame::new(&visit, Some(&person), Section::Province, t.province_title()),
        t,
        rows: rows(&visit, &person, &overview, shown.iter().copied().filter(has_data)),
        never: never.into_iter().map(link).collect(),
        groups: groups(t, &person, &overview, &seen),
        common: common(t, &overview, &seen),
        is_empty: !seen.iter().any(has_data),
        filter,
    };
    frame::show(StatusCode::OK, &page)
}

fn link(node: &Organisation) -> Link {
    Link { name: node.name.clone(), path: format!("/comuni/{}", node.id) }
}

/// Who needs help first: the lowest total seen from inside; where there is none, the lowest ceiling that holds; then
/// the more failures. The two vantages are never ranked in one list.
fn rows<'a>(
    visit: &Visit,
    person: &Person,
    overview: &Overview,
    nodes: impl Iterator<Item = &'a Organisation>,
) -> Vec<Row> {
    let mut views: Vec<(&Organisation, &OrganisationView)> =
        nodes.filter_map(|node| Some((node, overview.views.get(&node.id)?))).collect();
    views.sort_by_cached_key(|(node, view)| {
        let figure = &view.inside.figure;
        let ceiling = figure.caps.iter().map(|hit| u32::from(hit.cap.ceiling) * 100).min();
        let urgency = figure.total.points().map(|points| points.0).or(ceiling).unwrap_or(u32::MAX);
        (urgency, std::cmp::Reverse(failing(view)), node.name.clone())
    });
    views.into_iter().map(|(node, view)| row(visit, person, overview, node, view)).collect()
}

fn row(visit: &Visit, person: &Person, overview: &Overview, node: &Organisation, view: &OrganisationView) -> Row {
    let t = visit.texts;
    let fails = failing(view);
    let warns = view.inside.fixes.len() + view.outside.fixes.len() - fails;
    let check = first_fix(view).and_then(|line| check(&overview.packs, line.pack, &line.fix.check));
    let found = overview.firsts.get(&node.id).filter(|_| person.scope.sees_evidence(node.id));
    Row {
        name: node.name.clone(),
        path: format!("/comuni/{}", node.id),
        is_demonstration: node.is_demonstration,
        figure: figure_words(t, &view.inside.figure, &overview.packs, visit.now),
        problems: t.problems(fails, warns),
        first: check.map(|check| headline(t, check, found.map(|found| &found.result))).unwrap_or_default(),
    }
}

fn failing(view: &OrganisationView) -> usize {
    view.inside.fixes.iter().chain(&view.outside.fixes).filter(|line| line.fix.value == Value::Fail).count()
}

fn groups(t: Texts, person: &Person, overview: &Arc<Overview>, seen: &[&Organisation]) -> Vec<Group> {
    let members = overview.members();
    let mut nodes: Vec<_> = seen.iter().copied().filter(|node| node.kind != OrganisationKind::Comune).collect();
    nodes.sort_by(|one, other| other.kind.cmp(&one.kind).then_with(|| one.name.cmp(&other.name)));
    nodes
        .into_iter()
        .map(|node| {
            let view = group_view(&person.graph, node.id, &members);
            let scored = usize::try_from(view.inside.measured).unwrap_or(usize::MAX);
            Group {
                name: node.name.clone(),
                path: format!("/comuni/{}", node.id),
                kind: t.kind_word(node.kind),
                mean: view.inside.mean.map(|(mean, grade)| {
                    let (letter, style) = grade_style(grade);
                    (t.number(mean), letter, style)
                }),
                without: if view.inside.insufficient > 0 { t.insufficient() } else { t.never_measured() },
                members: t.with_score(scored, view.comuni.len()),
            }
        })
        .collect()
}

/// The same failing check in several Comuni.
fn common(t: Texts, overview: &Overview, seen: &[&Organisation]) -> Vec<Common> {
    let mut by_check: BTreeMap<&CheckId, BTreeSet<OrganisationId>> = BTreeMap::new();
    for node in seen.iter().filter(|node| node.kind == OrganisationKind::Comune) {
        let Some(view) = overview.views.get(&node.id) else { continue };
        for line in view.inside.fixes.iter().chain(&view.outside.fixes) {
            by_check.entry(&line.fix.check).or_default().insert(node.id);
        }
    }
    let mut common: Vec<_> = by_check.into_iter().filter(|(_, comuni)| comuni.len() >= COMMON_COMUNI_MIN).collect();
    common.sort_by_key(|(check, comuni)| (std::cmp::Reverse(comuni.len()), *check));
    common
        .into_iter()
        .take(COMMON_MAX)
        .filter_map(|(id, comuni)| {
            let check = overview.packs.values().find_map(|pack| pack.check(id))?;
            let names = seen.iter().filter(|node| comuni.contains(&node.id)).map(|node| node.name.as_str());
            Some(Common {
                title: t.to_put_right(check.title.get(t.language())),
                comuni: t.in_comuni(comuni.len()),
                names: names.collect::<Vec<_>>().join(", "),
                effort: t.effort_word(check.effort),
            })
        })
        .collect()
}
