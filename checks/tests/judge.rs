//! From facts to a verdict: what was not visible never passes, and nothing that a pack can write breaks the judge.

mod support;

use support::{check_text, fact, fail_clause, host, judge, judge_with, pack_of, sample, unknown};
use vedetta_checks::catalogue::Observation;
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::pack::Params;
use vedetta_checks::target::Target;
use vedetta_checks::value::Value;
use vedetta_checks::verdict::Verdict;
use vedetta_checks::word::{ProbeName, Reason};

#[test]
fn a_clause_decides_by_what_was_seen() {
    // The `fail` clause, and the verdict that must come out.
    let cases = [
        ("count > 2", "fail"),
        ("count > 3", "pass"),
        ("count + 1 == 4 && name.startsWith('web')", "fail"),
        ("-count < 0 && count * 2 - 1 == 5 && count / 2 == 1 && count % 2 == 1", "fail"),
        ("'x' + name == 'xweb-01'", "fail"),
        ("size(name) == 6 && name.size() == 6", "fail"),
        ("name.matches('^web-[0-9]+$') && name.contains('-') && name.endsWith('1')", "fail"),
        ("days_between(now, not_after) < 30", "fail"),
        ("days_between(now, not_after) == 9", "fail"),
        ("not_after < now", "pass"),
        ("now < not_after", "fail"),
        ("in_cidr(address, '10.0.0.0/8')", "fail"),
        ("in_cidr(address, '192.168.0.0/16')", "pass"),
        ("version_less('dpkg', version, '2.36-9+deb12u10')", "fail"),
        ("version_less('semver', '1.0.0', '1.0.1') && count == 3", "fail"),
        ("'a' in tags", "fail"),
        ("name in ['web-01', 'web-02']", "fail"),
        ("!('a' in tags)", "pass"),
        ("size(tags) == 2", "fail"),
        ("items.exists(i, i.open && i.port == 22)", "fail"),
        ("size(items) > 0 && items.all(i, i.port < 1024)", "pass"),
        ("items.filter(i, i.open).size() == 2", "fail"),
        ("3306 in items.map(i, i.port)", "fail"),
        ("count == params.limit", "fail"),
        ("count == 3 && host.os_family == 'linux'", "fail"),
        ("(count > 2 ? 'many' : 'few') == 'many'", "fail"),
        ("certain", "fail"),
        ("items.exists(i, items.exists(j, i.port < j.port))", "fail"),
    ];
    for (when, expected) in cases {
        assert_eq!(judge(when, sample()).verdict.word(), expected, "{when}");
    }
}

#[test]
fn reading_an_unknown_is_never_a_pass() {
    for when in [
        "hidden",
        "!hidden",
        "hidden == false",
        "hidden != true",
        "hidden && count > 2",
        "count > 2 && hidden",
        "hidden || count > 3",
        "count > 3 || hidden",
        "hidden ? count > 2 : count > 3",
        "seen_items.exists(i, i.open)",
        "size(seen_items) > 9",
        "size(seen_items) > 0 && seen_items.all(i, i.open)",
        "items.exists(i, i.owner == 'mysqld')",
        "size(items) > 0 && items.all(i, i.owner != 'mysqld')",
        "items.filter(i, i.owner == 'mysqld').size() > 0",
    ] {
        let judgement = judge(when, unknown(sample()));
        assert_eq!(judgement.verdict.word(), "not_tested", "{when}");
        assert_eq!(judgement.verdict.reason().map(|why| &why.reason), Some(&Reason::NEEDS_PRIVILEGE), "{when}");
    }
}

#[test]
fn a_clause_that_is_decided_without_the_unknown_stands() {
    for (when, expected) in [
        ("hidden && count > 3", "pass"),
        ("count > 3 && hidden", "pass"),
        ("hidden || count > 2", "fail"),
        ("count > 2 || hidden", "fail"),
        ("count > 2 ? certain : hidden", "fail"),
        ("hidden ? count > 2 : count == 3", "fail"),
        ("items.exists(i, i.owner == 'sshd')", "fail"),
        ("size(items) > 0 && items.all(i, i.owner == 'nginx')", "pass"),
    ] {
        assert_eq!(judge(when, unknown(sample())).verdict.word(), expected, "{when}");
    }
}

#[test]
fn what_was_cut_from_a_list_counts_as_not_visible() {
    let long = || {
        let mut long = sample();
        long.tags = (0..1_200).map(|number| format!("t{number}")).collect();
        long
    };
    for (when, expected) in [
        ("'t3' in tags", "fail"),
        ("'absent' in tags", "not_tested"),
        ("tags.exists(t, t == 't7')", "fail"),
        ("tags.exists(t, t == 'absent')", "not_tested"),
        ("size(tags) > 0 && tags.all(t, t.startsWith('t'))", "not_tested"),
        ("size(tags) > 0 && tags.all(t, t == 't1')", "pass"),
        ("size(tags) == 1200", "fail"),
        ("tags.filter(t, t == 't1').size() == 1", "not_tested"),
    ] {
        assert_eq!(judge(when, long()).verdict.word(), expected, "{when}");
    }
}

#[test]
fn a_calculation_that_fails_is_an_error_and_says_so() {
    for when in [
        "count * 9223372036854775807 > 0",
        "-(count - 3 - 9223372036854775807 - 1) > 0",
        "1 / (count - 3) > 0",
        "1 % (count - 3) > 0",
        "in_cidr(name, '10.0.0.0/8')",
        "version_less('dpkg', name + ' ', '1')",
    ] {
        let verdict = judge(when, sample()).verdict;
        assert_eq!(verdict.word(), "error", "{when}");
        assert_eq!(verdict.reason().map(|why| &why.reason), Some(&Reason::EXPRESSION_FAILED), "{when}");
    }
}

#[test]
fn an_expression_that_takes_too_many_steps_is_an_error() {
    let mut long = sample();
    long.tags = (0..1_000).map(|number| "x".repeat(4_000) + &number.to_string()).collect();
    let when = "size(tags) > 0 && tags.all(t, size(tags) > 0 && tags.all(u, (t + u).matches('^x')))";
    let verdict = judge(when, long).verdict;
    assert_eq!(verdict.word(), "error");
    assert!(verdict.reason().is_some_and(|why| why.detail.contains("steps")), "{verdict:?}");
}

#[test]
fn the_first_true_clause_decides_and_an_unknown_before_it_decides_too() {
    let clauses = "  not_applicable:\n    - {id: none, when: \"size(items) == 0\", reason: does_not_apply, message: {it: a, en: a}}\n  fail:\n    - {id: first, when: \"hidden\", message: {it: a, en: a}}\n    - {id: second, when: \"count > 2\", message: {it: a, en: a}}\n  warn:\n    - {id: third, when: \"count > 1\", message: {it: a, en: a}}\n";
    let unseen = judge_with(clauses, unknown(sample()));
    assert_eq!((unseen.verdict.word(), unseen.clause), ("not_tested", None));
    let seen = judge_with(clauses, sample());
    assert_eq!(seen.clause.as_ref().map(|clause| clause.as_str()), Some("second"));
    let mut none = sample();
    none.items = Fact::Known(vec![]);
    assert_eq!(judge_with(clauses, none).verdict.word(), "not_applicable");
    let mut few = sample();
    few.count = fact(2);
    let few = judge_with(clauses, few);
    assert_eq!((few.verdict.word(), few.clause.as_ref().map(|clause| clause.as_str())), ("warn", Some("third")));
}

#[test]
fn evidence_is_redacted_and_what_was_not_visible_keeps_its_reason() {
    let judgement = judge("count > 2", unknown(sample()));
    let shown = |label: &str| format!("{:?}", judgement.evidence.get(label));
    assert!(shown("path").contains("~/secret"), "{}", shown("path"));
    assert!(!shown("path").contains("anna"), "{}", shown("path"));
    assert!(shown("hidden").contains("needs_privilege"), "{}", shown("hidden"));
    assert!(shown("open_ports").contains("22"), "{}", shown("open_ports"));
}

#[test]
fn a_count_is_judged_on_any_host_that_knows_what_it_is() {
    let text = check_text(&fail_clause("count > 3")).replacen("effort:", "workstation: count\n  effort:", 1);
    let pack = pack_of(&text).expect("a pack");
    let compiled = pack.checks().first().expect("a check");
    let now = "2026-01-01T12:00:00Z".parse().expect("a time");
    let seen = Observation::new(ProbeName::from_static("sample"), Target::Host, now, sample());
    let verdict_with = |role: Option<Value>| {
        let mut host = host();
        match role {
            Some(role) => host.insert("role".into(), role),
            None => host.remove("role"),
        };
        compiled.judge(Ok(&seen), &host, &Params::defaults(compiled.check())).verdict
    };
    let server = verdict_with(Some(Value::Text("server".into())));
    assert!(server.is_judged());
    assert_eq!(verdict_with(Some(Value::Text("workstation".into()))), server);
    let unseen = Unknown::new(Reason::NOT_FOUND, "/etc");
    assert_eq!(verdict_with(Some(Value::Unknown(unseen.clone()))), Verdict::NotTested(unseen));
    assert_eq!(verdict_with(None), Verdict::NotTested(Unknown::new(Reason::NOT_FOUND, "host.role")));
}
