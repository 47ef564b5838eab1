use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use vedetta_checks::pack::{Pack, PackFiles};
use vedetta_checks::result::Vantage;
use vedetta_checks::score::{Gain, Grade, Hundredths, Standing, Total};
use vedetta_checks::verdict::Verdict;

use super::*;
use crate::asset::{Asset, AssetKey, AssetKind, AssetState};
use crate::finding::{Finding, FindingState};
use crate::ids::{FindingId, OrganisationId};
use crate::organisation::{Organisation, OrganisationGraph, OrganisationKind, Perimeter};
use crate::result::{CurrentResult, LastJudged, ResultKey};
use crate::samples::{asset_key, graph, host, now, organisation, organisation_id, result};

/// The checks of these tests: id, severity, cap.
const CHECKS: [(&str, &str, Option<&str>); 7] = [
    ("patch.security", "critical", None),
    ("patch.reboot", "medium", None),
    ("services.database", "high", Some("database_open")),
    ("services.banner", "low", None),
    ("host.clock", "medium", None),
    ("tls.expiry", "critical", None),
    ("tls.key", "medium", None),
];

fn pack() -> Arc<Pack> {
    let mut checks = String::new();
    for (id, severity, cap) in CHECKS {
        let category = id.split('.').next().unwrap();
        let cap = cap.map(|cap| format!("  cap: {cap}\n")).unwrap_or_default();
        checks.push_str(&format!(
            "- id: {id}\n  probe: host\n  target: host\n  severity: {severity}\n  category: {category}\n{cap}  \
             owner_default: supplier\n  effort: hours\n  title: {{it: t, en: t}}\n  why: {{it: w, en: w}}\n  \
             fix: {{it: f, en: f}}\n  fail:\n    - id: bad\n      when: bad\n      message: {{it: m, en: m}}\n  \
             pass: {{it: p, en: p}}\n  evidence:\n    - {{label: bad, value: bad, title: {{it: b, en: b}}}}\n  every: 1d\n  timeout: 5s\n  maps: [{{namespace: absc, id: a, source: s, date: \"2026-01-01\", verified: false}}]\n  cases: []\n"
        ));
    }
    let mut files = PackFiles::new();
    let head = "id: sample\nversion: 1\nlanguage: 1\ntitle: {it: t, en: t}\npublisher: p\npublished: \"2026-01-01\"\n\
                expires: \"2030-01-01\"\ncaps:\n  - {name: database_open, ceiling: 50, title: {it: c, en: c}}\n";
    files.insert("pack.yaml", head).unwrap();
    files.insert("checks.yaml", checks).unwrap();
    Arc::new(Pack::parse(&files).unwrap())
}

/// One Comune with what the store would hold of it.
struct Comune {
    organisation: Organisation,
    assets: Vec<Asset>,
    results: Vec<CurrentResult>,
    findings: Vec<Finding>,
    packs: PacksByDigest,
}

impl Comune {
    /// A Comune with a server (asset 100) and a site (asset 200), each check with its verdict.
    fn new(number: u128, verdicts: [&str; 7]) -> Self {
        let pack = pack();
        let server = host(asset_key(number, 100), "server");
        let site = host(asset_key(number, 200), "www.example.it:443");
        let site = Asset { kind: AssetKind::Public("tls://www.example.it:443".parse().unwrap()), ..site };
        let mut comune = Self {
            organisation: graph().get(organisation_id(number)).unwrap().clone(),
            assets: vec![server, site],
            results: Vec::new(),
            findings: Vec::new(),
            packs: BTreeMap::from([(pack.digest, pack)]),
        };
        for ((check, _, _), word) in CHECKS.into_iter().zip(verdicts) {
            let asset = if check.starts_with("tls") { 200 } else { 100 };
            comune.add(asset_key(number, asset), check, word);
        }
        comune
    }

    fn add(&mut self, asset: AssetKey, check: &str, word: &str) {
        let seen_at = now() - SignedDuration::from_hours(1);
        let mut result = result(check, word, seen_at);
        result.pack = *self.packs.keys().next().unwrap();
        if check.starts_with("tls") {
            result.target = "tls://www.example.it:443".parse().unwrap();
        }
        let key =
            ResultKey { asset, check: result.check.clone(), target: result.target.clone(), vantage: result.vantage };
        if matches!(result.verdict, Verdict::Fail | Verdict::Warn) {
            self.findings.push(Finding {
                id: FindingId::new(uuid::Uuid::from_u128(800 + self.findings.len() as u128)),
                key: key.clone(),
                state: FindingState::Open { since: seen_at },
                last_passed: None,
                times_opened: 1,
            });
        }
        self.results.push(CurrentResult {
            key,
            fingerprint: 0,
            received_at: seen_at,
            confirmed_at: seen_at,
            since: seen_at,
            last_judged: result
                .verdict
                .is_judged()
                .then(|| LastJudged { verdict: result.verdict.clone(), observed_at: seen_at }),
            result,
        });
    }

    fn material(&self) -> Material<'_> {
        Material {
            organisation: &self.organisation,
            assets: &self.assets,
            results: &self.results,
            findings: &self.findings,
            packs: &self.packs,
            is_complete: true,
        }
    }

    fn view(&self) -> OrganisationView {
        organisation_view(&self.material(), now())
    }

    fn total(&self) -> Option<Hundredths> {
        self.view().inside.figure.total.points()
    }

    fn age(&mut self, check: &str, observed_at: Timestamp) {
        for current in self.results.iter_mut().filter(|current| current.key.check.as_str() == check) {
            current.confirmed_at = observed_at;
        }
    }
}

/// The Comune of the worked example on the page of the score: 78.99.
///
/// patch (0 + 3) / 13 = 23.08; services (6 + 0.5) / 7 = 92.86; host 100; tls 10 / 10 = 100 (the other is not tested);
/// (23.08 + 92.86 + 100 + 100) / 4 = 78.985, rounded half up to 78.99.
fn uno() -> Comune {
    Comune::new(1, ["fail", "pass", "pass", "warn", "pass", "pass", "not_tested"])
}

/// patch 13 / 13 = 100; services (0 + 1) / 7 = 14.29; host 3 / 3 = 100; tls (10 + 0) / 13 = 76.92;
/// (100 + 14.29 + 100 + 76.92) / 4 = 72.8025, rounded to 72.80; the database open to the network caps it at 50.
fn due() -> Comune {
    Comune::new(2, ["pass", "pass", "fail", "pass", "pass", "pass", "fail"])
}

fn members(comuni: &[&Comune]) -> BTreeMap<OrganisationId, Member> {
    comuni.iter().map(|comune| (comune.organisation.id, comune.view().member())).collect()
}

#[test]
fn the_figures_of_two_comuni_come_out_as_computed_by_hand() {
    let figure = uno().view().inside.figure;
    let points = Hundredths(7899);
    assert_eq!(figure.total, Total::Score { points, uncapped: points, grade: Grade::B });
    assert_eq!(figure.coverage.share, Hundredths(8571));
    let figure = due().view().inside.figure;
    let expected = Total::Score { points: Hundredths(5000), uncapped: Hundredths(7280), grade: Grade::D };
    assert_eq!(figure.total, expected);
    assert_eq!(figure.caps[0].cap.name.as_str(), "database_open");
}

#[test]
fn zone_and_province_are_the_mean_of_their_measured_comuni() {
    let members = members(&[&uno(), &due()]);
    // (78.99 + 50.00) / 2 = 64.495, rounded half up to 64.50: grade C. The third Comune lies outside the Zona and was
    // never measured: it is counted beside the mean of the Provincia, not in it.
    let mean = Some((Hundredths(6450), Grade::C));
    for (top, comuni, never) in [(20, 2, 0), (10, 3, 1)] {
        let view = group_view(&graph(), organisation_id(top), &members);
        assert_eq!(view.comuni.len(), comuni, "{top}");
        let inside = view.inside;
        assert_eq!((inside.mean, inside.measured, inside.never_measured), (mean, 2, never), "{top}");
        assert_eq!((view.outside.mean, view.outside.never_measured), (None, u32::try_from(comuni).unwrap()));
    }
}

#[test]
fn the_comune_with_the_lowest_total_needs_help_first() {
    let view = group_view(&graph(), organisation_id(10), &members(&[&uno(), &due()]));
    assert_eq!(view.inside.help_first, [organisation_id(2), organisation_id(1)]);
}

#[test]
fn the_check_that_fails_in_most_comuni_is_named() {
    let mut tre = uno();
    tre.organisation = graph().get(organisation_id(3)).unwrap().clone();
    let view = group_view(&graph(), organisation_id(10), &members(&[&uno(), &due(), &tre]));
    let common = view.inside.common_failure.unwrap();
    assert_eq!((common.check.as_str(), common.comuni), ("patch.security", 2));
}

#[test]
fn a_demonstration_never_counts_in_a_group() {
    let mut demonstration = organisation(2, OrganisationKind::Comune, "Comune dimostrativo", &[10, 20]);
    demonstration.is_demonstration = true;
    let nodes = graph().iter().filter(|node| node.id != organisation_id(2)).cloned().collect::<Vec<_>>();
    let graph = OrganisationGraph::new(nodes.into_iter().chain([demonstration]));
    let view = group_view(&graph, organisation_id(20), &members(&[&uno(), &due()]));
    assert_eq!((view.comuni, view.inside.mean), (vec![organisation_id(1)], Some((Hundredths(7899), Grade::B))));
}

#[test]
fn a_comune_without_data_was_never_measured_and_never_zero() {
    let mut empty = uno();
    empty.results.clear();
    empty.findings.clear();
    let view = empty.view();
    assert_eq!(view.inside.figure.total, Total::NeverMeasured);
    assert_eq!((view.last_received, view.unassigned.len()), (None, CHECKS.len()));
    let group = group_view(&graph(), organisation_id(20), &members(&[&empty, &due()]));
    assert_eq!((group.inside.measured, group.inside.never_measured), (1, 1));
    assert_eq!(group.inside.mean, Some((Hundredths(5000), Grade::D)));
}

#[test]
fn too_few_categories_count_as_insufficient_beside_the_mean() {
    let mut few = uno();
    few.results.retain(|current| !current.key.check.as_str().starts_with("tls"));
    let group = group_view(&graph(), organisation_id(20), &members(&[&few, &due()]));
    assert_eq!((group.inside.measured, group.inside.insufficient, group.inside.never_measured), (1, 1, 0));
}

#[test]
fn the_first_fix_lifts_the_cap_and_names_its_finding_and_pack() {
    let due = due();
    let view = due.view();
    let first = &view.inside.fixes[0];
    assert_eq!(first.fix.check.as_str(), "services.database");
    assert_eq!(first.finding, Some(due.findings[0].id));
    assert!(due.packs.contains_key(&first.pack));
    // Mended: services 100, so (100 + 100 + 100 + 76.92) / 4 = 94.23, from 50.00.
    assert_eq!(first.fix.gain, Gain::Points(Hundredths(4423)));
    assert_eq!(view.findings[0].id, due.findings[0].id);
}

#[test]
fn a_silent_hosts_failure_stays_until_its_asset_is_retired() {
    let mut comune = uno();
    comune.age("patch.security", now() - SignedDuration::from_hours(24 * 9));
    assert_eq!(comune.total(), Some(Hundredths(7899)));
    let unseen = comune.view().inside.figure.fixes[0].unseen_since;
    assert_eq!(unseen, Some(now() - SignedDuration::from_hours(24 * 9)));
    comune.assets[0].state = AssetState::Retired { at: now(), reason: "dismesso".to_owned() };
    let view = comune.view();
    assert_eq!(view.inside.figure.total, Total::TooFewCategories { measured: 1 });
    assert!(view.findings.is_empty() && view.assets.len() == 1);
}

#[test]
fn a_failure_does_not_vanish_with_its_pack() {
    let mut comune = uno();
    for current in &mut comune.results {
        current.result.pack = vedetta_checks::result::PackDigest::from_bytes([1; 32]);
    }
    assert_eq!(comune.total(), Some(Hundredths(7899)));
}

#[test]
fn the_default_owner_of_a_check_takes_nothing_out_of_the_mean_but_a_named_supplier_does() {
    let mut comune = uno();
    comune.assets[1].supplier = Some("Fornitore".to_owned());
    let figure = comune.view().inside.figure;
    assert_eq!(figure.total, Total::TooFewCategories { measured: 3 });
    assert_eq!(figure.suppliers, Some(Hundredths::FULL));
}

#[test]
fn a_declared_perimeter_lowers_the_coverage() {
    let mut comune = uno();
    comune.organisation.perimeter = Perimeter { servers: Some(1), workstations: Some(9), ..Perimeter::default() };
    let figure = comune.view().inside.figure;
    assert_eq!(figure.coverage.share, Hundredths(857));
    assert_eq!(figure.total, Total::CoverageTooLow);
}

#[test]
fn the_page_of_a_host_shows_its_results_worst_first() {
    let comune = uno();
    let view = asset_view(&comune.material(), asset_key(1, 100), now()).unwrap();
    let order: Vec<_> = view.results.iter().map(|line| line.result.key.check.as_str()).collect();
    let expected = ["patch.security", "services.banner", "services.database", "host.clock", "patch.reboot"];
    assert_eq!(order, expected);
    assert!(matches!(view.results[0].standing, Standing::Seen(_)) && view.results[0].finding.is_some());
    assert_eq!(asset_view(&comune.material(), asset_key(2, 100), now()), None);
}

#[test]
fn assets_are_listed_with_what_was_seen_of_them() {
    let view = uno().view();
    let lines: Vec<_> =
        view.assets.iter().map(|line| (line.asset.name.as_str(), line.open_findings, line.seen, line.asked)).collect();
    assert_eq!(lines, [("server", 2, 5, 5), ("www.example.it:443", 0, 1, 2)]);
}

#[test]
fn a_roll_up_keeps_the_figure_of_its_day_with_the_digest_of_its_rules() {
    let view = uno().view();
    let day = jiff::civil::date(2026, 11, 21);
    let roll_up = view.roll_up(day);
    assert_eq!((roll_up.score, roll_up.coverage, roll_up.open_findings), (Some(7899), 8571, 2));
    assert_eq!((roll_up.key.day, roll_up.rules), (day, view.rules));
}

#[test]
fn inside_and_outside_are_two_figures() {
    let mut comune = uno();
    for current in comune.results.iter_mut().filter(|current| current.key.asset == asset_key(1, 200)) {
        current.key.vantage = Vantage::Outside;
    }
    let view = comune.view();
    assert_eq!(view.inside.figure.total, Total::TooFewCategories { measured: 3 });
    assert_eq!(view.outside.figure.total, Total::TooFewCategories { measured: 1 });
}

#[test]
fn a_part_of_the_material_has_no_total_and_promises_no_points() {
    let comune = Comune::new(1, ["fail", "pass", "pass", "pass", "pass", "pass", "pass"]);
    let whole = organisation_view(&comune.material(), now());
    assert!(whole.is_complete && whole.inside.figure.total.points().is_some());
    let part = organisation_view(&Material { is_complete: false, ..comune.material() }, now());
    assert!(!part.is_complete);
    assert_eq!(part.inside.figure.total, Total::CoverageTooLow);
    assert_eq!(part.inside.fixes[0].fix.gain, Gain::NoTotal);
    assert_eq!(part.roll_up("2026-11-21".parse().unwrap()).score, None);
    let members = BTreeMap::from([(organisation_id(1), part.member())]);
    let group = group_view(&graph(), organisation_id(10), &members);
    assert_eq!((group.inside.measured, group.inside.insufficient), (0, 1));
    let asset = asset_view(&Material { is_complete: false, ..comune.material() }, asset_key(1, 100), now()).unwrap();
    assert_eq!(asset.posture.inside.total, Total::CoverageTooLow);
}

#[test]
fn a_host_that_left_with_open_failures_is_counted() {
    let retired = |asset: &mut Asset| {
        asset.state = crate::asset::AssetState::Retired { at: now(), reason: "dismesso".to_owned() };
    };
    let mut comune = Comune::new(1, ["fail", "pass", "pass", "pass", "pass", "fail", "pass"]);
    assert_eq!(organisation_view(&comune.material(), now()).left_with_open_failures, 0);
    comune.assets.iter_mut().for_each(retired);
    let view = organisation_view(&comune.material(), now());
    assert_eq!((view.left_with_open_failures, view.findings.len()), (1, 0));
    let mut mended = Comune::new(1, ["pass", "pass", "pass", "pass", "pass", "pass", "pass"]);
    mended.assets.iter_mut().for_each(retired);
    assert_eq!(organisation_view(&mended.material(), now()).left_with_open_failures, 0);
}
