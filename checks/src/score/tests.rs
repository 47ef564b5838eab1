mod blind;

use super::*;
use crate::fact::Unknown;
use crate::word::Reason;

const DAY: Duration = Duration::from_secs(24 * 3600);

fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

fn days_ago(days: i64) -> Timestamp {
    now() - jiff::SignedDuration::from_hours(24 * days)
}

fn verdict(word: &str) -> Verdict {
    let why = || Unknown::new(Reason::TIMEOUT, "");
    match word {
        "pass" => Verdict::Pass,
        "warn" => Verdict::Warn,
        "fail" => Verdict::Fail,
        "not_applicable" => Verdict::NotApplicable(why()),
        "error" => Verdict::Error(why()),
        "not_tested" => Verdict::NotTested(why()),
        other => panic!("{other} is no verdict"),
    }
}

/// A result of `asset`, seen one hour ago from inside; the category is the check's first label.
fn input(asset: &'static str, check: &'static str, severity: Severity, word: &str) -> Input<&'static str> {
    let category = Category::ALL.into_iter().find(|own| Some(own.word()) == check.split('.').next()).unwrap();
    let target = match category {
        Category::Tls | Category::Web => "tls://www.example.it:443",
        Category::Dns | Category::Mail => "dns:example.it",
        Category::Patch | Category::Services | Category::Host | Category::Software | Category::Governance => "host",
    };
    Input {
        asset,
        check: CheckId::from_static(check),
        target: target.parse().unwrap(),
        vantage: Vantage::Inside,
        category,
        severity,
        cap: None,
        every: DAY,
        is_supplier_owned: false,
        verdict: verdict(word),
        observed_at: now() - jiff::SignedDuration::from_hours(1),
        last_judged: None,
    }
}

/// The worked example of the page.
fn example() -> Vec<Input<&'static str>> {
    vec![
        input("server", "patch.security", Severity::Critical, "fail"),
        input("server", "patch.reboot", Severity::Medium, "pass"),
        input("server", "services.database", Severity::High, "pass"),
        input("server", "services.banner", Severity::Low, "warn"),
        input("server", "host.clock", Severity::Medium, "pass"),
        input("site", "tls.expiry", Severity::Critical, "pass"),
        input("site", "tls.key", Severity::Medium, "not_tested"),
    ]
}

fn cap(name: &'static str, ceiling: u8) -> Option<CapRule> {
    Some(CapRule { ceiling, name: CapName::from_static(name) })
}

fn inside(inputs: &[Input<&'static str>]) -> Figure<&'static str> {
    posture(inputs, Declared::default(), now()).inside
}

fn points(inputs: &[Input<&'static str>]) -> Option<u32> {
    inside(inputs).total.points().map(|points| points.0)
}

fn find<'a>(inputs: &'a mut [Input<&'static str>], check: &str) -> &'a mut Input<&'static str> {
    inputs.iter_mut().find(|input| input.check.as_str() == check).unwrap()
}

fn state(figure: &Figure<&'static str>, category: Category) -> CategoryState {
    figure.categories.iter().find(|own| own.category == category).unwrap().state
}

#[test]
fn the_worked_example_of_the_page_comes_out_as_written() {
    let figure = inside(&example());
    assert_eq!(state(&figure, Category::Patch), CategoryState::Measured(Hundredths(2308)));
    assert_eq!(state(&figure, Category::Services), CategoryState::Measured(Hundredths(9286)));
    assert_eq!(state(&figure, Category::Host), CategoryState::Measured(Hundredths(10_000)));
    assert_eq!(state(&figure, Category::Tls), CategoryState::Measured(Hundredths(10_000)));
    let not_measured: Vec<_> =
        figure.categories.iter().filter(|own| own.state == CategoryState::NoTarget).map(|own| own.category).collect();
    assert_eq!(not_measured, [Category::Web, Category::Dns, Category::Mail, Category::Software, Category::Governance]);
    let total = Hundredths(7899);
    assert_eq!(figure.total, Total::Score { points: total, uncapped: total, grade: Grade::B });
    assert_eq!((figure.coverage.judged, figure.coverage.asked), (6, 7));
    assert_eq!((figure.coverage.share, figure.coverage.perimeter), (Hundredths(8571), None));
    let gains: Vec<_> = figure.fixes.iter().map(|fix| (fix.check.as_str(), fix.gain.clone())).collect();
    assert_eq!(
        gains,
        [("patch.security", Gain::Points(Hundredths(1923))), ("services.banner", Gain::Points(Hundredths(178)))]
    );
}

#[test]
fn a_cap_holds_the_total_by_name_until_its_failure_is_mended() {
    let mut inputs = example();
    find(&mut inputs, "patch.security").cap = cap("known_exploited", 50);
    let figure = inside(&inputs);
    assert_eq!(figure.total, Total::Score { points: Hundredths(5000), uncapped: Hundredths(7899), grade: Grade::D });
    assert_eq!(figure.caps[0].cap.name.as_str(), "known_exploited");
    assert_eq!(figure.caps[0].by, [("server", CheckId::from_static("patch.security"))]);
    assert_eq!(figure.fixes[0].gain, Gain::Points(Hundredths(4822)));
    assert_eq!(figure.fixes[1].gain, Gain::NothingWhile(vec![CapName::from_static("known_exploited")]));
}

#[test]
fn of_two_caps_the_lower_holds_and_each_alone_gives_nothing_or_little() {
    let mut inputs = example();
    find(&mut inputs, "patch.security").cap = cap("known_exploited", 50);
    let expiry = find(&mut inputs, "tls.expiry");
    expiry.verdict = Verdict::Fail;
    expiry.cap = cap("certificate_expired", 30);
    let figure = inside(&inputs);
    assert_eq!(figure.total.points(), Some(Hundredths(3000)));
    let first: Vec<_> = figure.fixes.iter().take(2).map(|fix| (fix.check.as_str(), fix.gain.clone())).collect();
    assert_eq!(
        first,
        [
            ("tls.expiry", Gain::Points(Hundredths(2000))),
            ("patch.security", Gain::NothingWhile(vec![CapName::from_static("certificate_expired")]))
        ]
    );
}

#[test]
fn a_warning_sets_no_cap() {
    let mut inputs = example();
    let security = find(&mut inputs, "patch.security");
    security.cap = cap("known_exploited", 50);
    security.verdict = Verdict::Warn;
    assert!(inside(&inputs).caps.is_empty());
}

#[test]
fn not_applicable_leaves_the_sum_and_the_coverage() {
    let mut inputs = example();
    find(&mut inputs, "services.banner").verdict = verdict("not_applicable");
    let figure = inside(&inputs);
    assert_eq!(state(&figure, Category::Services), CategoryState::Measured(Hundredths(10_000)));
    assert_eq!((figure.coverage.judged, figure.coverage.asked), (5, 6));
}

#[test]
fn error_and_not_tested_leave_the_sum_and_lower_the_coverage() {
    for word in ["error", "not_tested"] {
        let mut inputs = example();
        find(&mut inputs, "services.banner").verdict = verdict(word);
        let figure = inside(&inputs);
        assert_eq!(state(&figure, Category::Services), CategoryState::Measured(Hundredths(10_000)), "{word}");
        assert_eq!((figure.coverage.judged, figure.coverage.asked), (5, 7), "{word}");
    }
}

#[test]
fn a_category_without_a_judged_result_has_no_figure_and_says_why() {
    let cases = [
        ("not_applicable", CategoryState::NothingApplies),
        ("error", CategoryState::NotSeen),
        ("not_tested", CategoryState::NotSeen),
    ];
    for (word, expected) in cases {
        let mut inputs = example();
        find(&mut inputs, "host.clock").verdict = verdict(word);
        assert_eq!(state(&inside(&inputs), Category::Host), expected, "{word}");
    }
}

#[test]
fn all_not_applicable_is_no_score() {
    let mut inputs = example();
    inputs.iter_mut().for_each(|input| input.verdict = verdict("not_applicable"));
    assert_eq!(inside(&inputs).total, Total::NeverMeasured);
    assert_eq!(inside(&[]).total, Total::NeverMeasured);
}

#[test]
fn three_categories_are_not_enough() {
    let mut inputs = example();
    inputs.retain(|input| input.category != Category::Host);
    assert_eq!(inside(&inputs).total, Total::TooFewCategories { measured: 3 });
    assert_eq!(inside(&inputs).fixes[0].gain, Gain::NoTotal);
}

#[test]
fn under_the_floor_of_coverage_no_total_is_printed() {
    let mut inputs = example();
    for (count, expected) in [(1, true), (2, true), (3, true), (4, false)] {
        let mut blind = input("server", "patch.reboot", Severity::Low, "error");
        blind.target = format!("dns:blind{count}.example.it").parse().unwrap();
        inputs.push(blind);
        // 6 of 8, 6 of 9, 6 of 10 (60 %), 6 of 11 (54.55 %).
        assert_eq!(points(&inputs).is_some(), expected, "{count}");
    }
    assert_eq!(inside(&inputs).total, Total::CoverageTooLow);
}

#[test]
fn a_declared_perimeter_lowers_the_coverage_by_what_was_not_measured() {
    let declared = |hosts| Declared { hosts: Some(hosts), domains: Some(3), sites: None };
    let coverage = |hosts| posture(&example(), declared(hosts), now()).inside.coverage;
    assert_eq!(coverage(2).perimeter, Some(PerimeterCoverage { measured: 1, declared: 2 }));
    assert_eq!(coverage(2).share, Hundredths(4286));
    assert_eq!(coverage(1).share, Hundredths(8571));
}

#[test]
fn a_result_older_than_three_intervals_is_not_tested() {
    let mut inputs = example();
    find(&mut inputs, "host.clock").observed_at = days_ago(3);
    assert_eq!(state(&inside(&inputs), Category::Host), CategoryState::Measured(Hundredths::FULL));
    find(&mut inputs, "host.clock").observed_at = days_ago(4);
    assert_eq!(state(&inside(&inputs), Category::Host), CategoryState::NotSeen);
}

#[test]
fn a_failure_that_nobody_sees_any_more_stays_and_says_since_when() {
    type Vanish = fn(&mut Input<&'static str>);
    let cases: [(&str, Vanish); 3] = [
        ("silent", |input| input.observed_at = days_ago(9)),
        ("error", |input| {
            input.verdict = verdict("error");
            input.last_judged = Some(LastSeen { value: Value::Fail, at: days_ago(9) });
        }),
        ("not tested", |input| {
            input.verdict = verdict("not_tested");
            input.last_judged = Some(LastSeen { value: Value::Fail, at: days_ago(9) });
        }),
    ];
    for (name, vanish) in cases {
        let mut inputs = example();
        vanish(find(&mut inputs, "patch.security"));
        let figure = inside(&inputs);
        assert_eq!(figure.total.points(), Some(Hundredths(7899)), "{name}");
        assert_eq!(figure.fixes[0].unseen_since, Some(days_ago(9)), "{name}");
        assert_eq!((figure.coverage.judged, figure.coverage.asked), (5, 7), "{name}");
    }
}

#[test]
fn a_judged_verdict_replaces_the_held_one() {
    let mut inputs = example();
    find(&mut inputs, "patch.security").verdict = Verdict::Pass;
    assert_eq!(points(&inputs), Some(9822));
    find(&mut inputs, "patch.security").verdict = verdict("not_applicable");
    assert_eq!(points(&inputs), Some(9822));
}

#[test]
fn of_several_targets_of_one_check_the_worst_counts_once() {
    let mut inputs = example();
    for (name, word) in [("a", "pass"), ("b", "warn"), ("c", "pass")] {
        let mut more = input("site", "tls.expiry", Severity::Critical, word);
        more.target = format!("tls://{name}.example.it:443").parse().unwrap();
        inputs.push(more);
    }
    let figure = inside(&inputs);
    assert_eq!(state(&figure, Category::Tls), CategoryState::Measured(Hundredths(5000)));
    let fix = figure.fixes.iter().find(|fix| fix.check.as_str() == "tls.expiry").unwrap();
    assert_eq!(fix.targets, ["tls://b.example.it:443".parse().unwrap()]);
}

#[test]
fn the_worst_asset_stands_beside_the_mean() {
    let mut inputs = example();
    inputs.push(input("pc", "patch.security", Severity::Critical, "fail"));
    inputs.push(input("pc", "host.clock", Severity::Medium, "pass"));
    let figure = inside(&inputs);
    // patch: server 23.08, pc 0.
    assert_eq!(state(&figure, Category::Patch), CategoryState::Measured(Hundredths(1154)));
    let worst = figure.worst_asset.unwrap();
    assert_eq!((worst.asset, worst.mean), ("pc", Hundredths(5000)));
}

#[test]
fn what_a_supplier_runs_stands_apart_and_caps_only_the_figure_from_outside() {
    let mut inputs = example();
    let expiry = find(&mut inputs, "tls.expiry");
    expiry.is_supplier_owned = true;
    expiry.verdict = Verdict::Fail;
    expiry.cap = cap("certificate_expired", 40);
    inputs.extend(example().into_iter().map(|mut input| {
        input.check = CheckId::parse(&format!("{}.again", input.check)).unwrap();
        input
    }));
    let figure = inside(&inputs);
    assert_eq!(figure.suppliers, Some(Hundredths(0)));
    assert_eq!(figure.total.points(), Some(Hundredths(7899)));
    assert!(figure.caps.is_empty());
    let supplied = figure.fixes.iter().find(|fix| fix.is_supplier_owned).unwrap();
    assert_eq!(supplied.gain, Gain::SuppliersLine);

    inputs.iter_mut().for_each(|input| input.vantage = Vantage::Outside);
    let outside = posture(&inputs, Declared::default(), now()).outside;
    assert_eq!(outside.total.points(), Some(Hundredths(4000)));
}

#[test]
fn inside_and_outside_are_never_mixed() {
    let mut inputs = example();
    let before = points(&inputs);
    let mut outside = input("site", "web.redirect", Severity::Critical, "fail");
    outside.vantage = Vantage::Outside;
    inputs.push(outside);
    assert_eq!(points(&inputs), before);
}

#[test]
fn fixes_come_by_cap_then_severity_and_exposure_then_points() {
    let mut inputs = vec![
        input("server", "host.low", Severity::Low, "fail"),
        input("server", "patch.high", Severity::High, "warn"),
        input("server", "services.high", Severity::High, "fail"),
        input("site", "tls.high", Severity::High, "fail"),
        input("server", "software.capped", Severity::Medium, "fail"),
    ];
    find(&mut inputs, "software.capped").cap = cap("end_of_life", 60);
    let figure = inside(&inputs);
    let order: Vec<_> = figure.fixes.iter().map(|fix| fix.check.as_str()).collect();
    assert_eq!(order, ["software.capped", "tls.high", "services.high", "patch.high", "host.low"]);
}

#[test]
fn the_digest_changes_with_the_packs_and_not_with_their_order() {
    let pack = |byte| crate::result::PackDigest::from_bytes([byte; 32]);
    assert_eq!(rules_digest([pack(1), pack(2)]), rules_digest([pack(2), pack(1), pack(2)]));
    assert_ne!(rules_digest([pack(1)]), rules_digest([pack(2)]));
}

#[test]
fn grades_start_at_their_border() {
    for (points, grade) in
        [(10_000, 'A'), (9_000, 'A'), (8_999, 'B'), (7_500, 'B'), (6_000, 'C'), (4_000, 'D'), (0, 'E')]
    {
        assert_eq!(Grade::of(Hundredths(points)).letter(), grade, "{points}");
    }
}

#[test]
fn means_and_shares_round_half_up() {
    for (part, whole, expected) in
        [(1, 3, Some(3333)), (2, 3, Some(6667)), (1, 8, Some(1250)), (0, 5, Some(0)), (1, 0, None)]
    {
        assert_eq!(Hundredths::share(part, whole), expected.map(Hundredths), "{part}/{whole}");
    }
    assert_eq!(Hundredths::mean([Hundredths(1), Hundredths(2)]), Some(Hundredths(2)));
    assert_eq!(Hundredths::mean([]), None);
}

#[test]
fn both_pages_say_the_numbers_of_the_code() {
    let weights = [Severity::Low, Severity::Medium, Severity::High, Severity::Critical].map(severity_weight);
    let [low, medium, high, critical] = weights;
    let english = [
        format!("low {low}, medium {medium}, high {high}, critical {critical}"),
        "A from 90, B from 75, C from 60, D from 40".to_owned(),
        format!("{} %", COVERAGE_FLOOR.0 / 100),
    ];
    let italian = [
        format!("bassa {low}, media {medium}, alta {high}, critica {critical}"),
        "A da 90, B da 75, C da 60, D da 40".to_owned(),
        format!("{} %", COVERAGE_FLOOR.0 / 100),
    ];
    for (page, sentences) in [(PAGE_EN, english), (PAGE_IT, italian)] {
        for sentence in sentences {
            assert!(page.replace("\n   ", "").contains(&sentence), "{sentence}");
        }
    }
    assert_eq!((STALE_INTERVALS, CATEGORIES_MIN), (3, 4), "the pages say three intervals and four categories");
}

#[test]
fn the_italian_page_has_the_same_figures_as_the_english_one() {
    let figures = |page: &str| -> Vec<String> {
        let page = page.replace(',', ".");
        let tokens = page.split(|character: char| !(character.is_ascii_digit() || character == '.'));
        tokens.map(|token| token.trim_matches('.')).filter(|token| token.contains('.')).map(str::to_owned).collect()
    };
    assert_eq!(figures(PAGE_IT), figures(PAGE_EN));
    assert!(figures(PAGE_EN).contains(&"64.50".to_owned()));
}
