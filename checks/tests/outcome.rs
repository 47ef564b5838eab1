//! What comes out when the probe could not look, the host is another, a param was changed, or the agent is too old.

#![allow(clippy::expect_used, reason = "part of tests: a broken sample must stop them")]

mod support;

use support::{GOOD_CHECK, PACK_HEAD, catalogue, check_text, fail_clause, host, pack_of, sample};
use vedetta_checks::catalogue::{Observation, ProbeError};
use vedetta_checks::evidence::Evidence;
use vedetta_checks::judge::{CompiledPack, Judgement, NOT_LOOKED};
use vedetta_checks::language::Language;
use vedetta_checks::pack::{Pack, PackFiles, Params};
use vedetta_checks::target::Target;
use vedetta_checks::value::{Record, Value};
use vedetta_checks::word::{ProbeName, Reason};

fn observation() -> Observation {
    let now = "2026-01-01T12:00:00Z".parse().expect("a time");
    Observation::new(ProbeName::from_static("sample"), Target::Host, now, sample())
}

fn judge_on(host: &Record, checks: &str, seen: Result<&Observation, &ProbeError>) -> Judgement {
    let pack = pack_of(checks).expect("a good pack");
    let check = pack.checks().first().expect("one check");
    check.judge(seen, host, &Params::defaults(check.check()))
}

#[test]
fn a_probe_that_never_looked_gives_not_tested_and_one_that_failed_gives_error() {
    let checks = check_text(&fail_clause("count > 2"));
    for reason in
        [Reason::TIMEOUT, Reason::CLOSED, Reason::RESET, Reason::NAME_NOT_FOUND, Reason::CORRUPT, Reason::PROBE_FAILED]
    {
        let error = ProbeError::new("connect", reason.clone(), "x");
        let verdict = judge_on(&host(), &checks, Err(&error)).verdict;
        assert_eq!((verdict.word(), verdict.reason().map(|why| &why.reason)), ("error", Some(&reason)));
    }
    for reason in NOT_LOOKED {
        let error = ProbeError::new("connect", reason.clone(), "x");
        let verdict = judge_on(&host(), &checks, Err(&error)).verdict;
        assert_eq!((verdict.word(), verdict.reason().map(|why| &why.reason)), ("not_tested", Some(reason)));
    }
}

#[test]
fn the_reason_of_a_probe_names_no_home_folder() {
    let error = ProbeError::new("read", Reason::UNREADABLE, "/home/anna/.ssh/config: permission denied");
    let verdict = judge_on(&host(), &check_text(&fail_clause("count > 2")), Err(&error)).verdict;
    assert_eq!(verdict.reason().map(|why| why.detail.as_str()), Some("read: ~/.ssh/config: permission denied"));
}

#[test]
fn a_host_that_the_check_does_not_concern_is_not_applicable_even_when_looking_failed() {
    let checks = check_text(&format!("  applies_when: host.role == 'workstation'\n{}", fail_clause("count > 2")));
    let error = ProbeError::new("connect", Reason::TIMEOUT, "x");
    let seen = observation();
    for seen in [Ok(&seen), Err(&error)] {
        assert_eq!(judge_on(&host(), &checks, seen).verdict.word(), "not_applicable");
    }
}

#[test]
fn a_host_of_which_too_little_is_known_is_not_tested() {
    let checks = check_text(&format!("  applies_when: host.role == 'workstation'\n{}", fail_clause("count > 2")));
    let seen = observation();
    let mut unknown = host();
    unknown.remove("role");
    assert_eq!(judge_on(&unknown, &checks, Ok(&seen)).verdict.word(), "not_tested");
}

#[test]
fn a_changed_param_counts_and_never_leaves_its_range() {
    let pack = pack_of(&check_text(&fail_clause("count > params.limit"))).expect("a good pack");
    let check = pack.checks().first().expect("one check");
    let seen = observation();
    let verdict = |limit| {
        let params = Params::with(check.check(), [("limit".to_owned(), Value::Int(limit))])?;
        Ok::<_, vedetta_checks::pack::ParamError>(check.judge(Ok(&seen), &host(), &params).verdict.word())
    };
    assert_eq!(verdict(3), Ok("pass"));
    assert_eq!(verdict(2), Ok("fail"));
    for limit in [0, 10, i64::MIN, i64::MAX] {
        assert!(verdict(limit).is_err(), "{limit}");
    }
    assert!(Params::with(check.check(), [("other".to_owned(), Value::Int(1))]).is_err());
    assert!(Params::with(check.check(), [("limit".to_owned(), Value::Text("3".to_owned()))]).is_err());
}

#[test]
fn a_check_for_a_newer_probe_or_language_is_not_tested_and_the_rest_of_the_pack_runs() {
    let newer_probe = GOOD_CHECK
        .replace("probe: sample", "probe: sample\n  probe_version: 9")
        .replace("sample.check", "sample.probe");
    let no_probe = GOOD_CHECK.replace("probe: sample", "probe: tarot").replace("sample.check", "sample.none");
    let newer_language = GOOD_CHECK
        .replace("probe: sample", "probe: sample\n  language: 2\n  colour: red")
        .replace("when: count > 3", "whenever: the moon is full")
        .replace("sample.check", "sample.language");
    let mut files = PackFiles::new();
    files.insert("pack.yaml", PACK_HEAD.replace("language: 1", "language: 2\nmascot: owl")).expect("a small file");
    files.insert("sample.yaml", [GOOD_CHECK, &newer_probe, &no_probe, &newer_language].concat()).expect("a small file");
    let pack = CompiledPack::compile(Pack::parse(&files).expect("it is read"), &catalogue()).expect("it compiles");
    let seen = observation();
    let outcomes: Vec<_> = pack
        .checks()
        .iter()
        .map(|check| {
            let verdict = check.judge(Ok(&seen), &host(), &Params::defaults(check.check())).verdict;
            (check.check().id.to_string(), verdict.word(), verdict.reason().map(|why| why.reason.to_string()))
        })
        .collect();
    let too_old = Some("agent_too_old".to_owned());
    assert_eq!(
        outcomes,
        [
            ("sample.check".to_owned(), "pass", None),
            ("sample.probe".to_owned(), "not_tested", too_old.clone()),
            ("sample.none".to_owned(), "not_tested", too_old.clone()),
            ("sample.language".to_owned(), "not_tested", too_old),
        ]
    );
}

#[test]
fn a_newer_check_of_this_language_may_not_hold_unknown_keys() {
    let unknown = GOOD_CHECK.replace("probe: sample", "probe: sample\n  colour: red");
    assert!(pack_of(&unknown).is_err());
}

#[test]
fn the_sentence_for_a_reader_is_the_clause_the_pass_or_the_reason() {
    let pack = pack_of(&check_text(&fail_clause("count > 2"))).expect("a good pack");
    let check = pack.checks().first().expect("one check");
    let seen = observation();
    let params = Params::defaults(check.check());
    let failed = check.judge(Ok(&seen), &host(), &params);
    let sentence = |judgement: &Judgement, language| {
        check.check().message(judgement.clause.as_ref(), &judgement.verdict, &judgement.evidence, language)
    };
    assert_eq!(sentence(&failed, Language::It), "male 3");
    assert_eq!(sentence(&failed, Language::En), "bad 3");
    let passed =
        Judgement { verdict: vedetta_checks::verdict::Verdict::Pass, clause: None, evidence: Evidence::empty() };
    assert_eq!(sentence(&passed, Language::It), "bene");
    let error = ProbeError::new("connect", Reason::TIMEOUT, "192.0.2.1:443");
    let silent = check.judge(Err(&error), &host(), &params);
    assert_eq!(sentence(&silent, Language::It), "nessuna risposta entro il tempo previsto (connect: 192.0.2.1:443)");
}
