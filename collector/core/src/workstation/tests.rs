use jiff::civil::date;

use super::*;
use crate::samples::{organisation_id, stored, written};

const CHECK: CheckId = CheckId::from_static("software.product.supported");
const TODAY: Date = date(2026, 11, 21);

fn key(token: u8) -> WorkstationKey {
    WorkstationKey { organisation: organisation_id(1), token: WorkstationToken([token; 16]) }
}

fn incoming(answer: Answer, day: Date) -> IncomingCounts {
    IncomingCounts { token: WorkstationToken([1; 16]), day, answers: BTreeMap::from([(CHECK, answer)]) }
}

fn held(token: u8, answer: Answer, day: Date) -> WorkstationAnswers {
    WorkstationAnswers { key: key(token), answers: BTreeMap::from([(CHECK, (answer, day))]) }
}

/// What is held after an answer; `None`: it changed nothing.
fn after(before: Option<WorkstationAnswers>, incoming: &IncomingCounts) -> Option<WorkstationAnswers> {
    let before = before.map(stored);
    let changes = count(key(1), incoming, before.as_ref(), 0, TODAY)?;
    assert!(changes.is_accounted_for() && changes.audit.is_empty());
    assert_eq!(changes.puts.len(), 1, "nothing but the answers");
    written(&changes).pop()
}

#[test]
fn a_later_answer_replaces_the_earlier_one_and_the_same_again_changes_nothing() {
    let first = after(None, &incoming(Answer::Fail, TODAY));
    assert_eq!(first, Some(held(1, Answer::Fail, TODAY)));
    assert_eq!(after(first.clone(), &incoming(Answer::Fail, TODAY)), None);
    assert_eq!(after(first, &incoming(Answer::Pass, TODAY)), Some(held(1, Answer::Pass, TODAY)));
}

#[test]
fn an_answer_of_an_earlier_day_that_comes_late_replaces_nothing() {
    let yesterday = TODAY.yesterday().unwrap();
    assert_eq!(after(Some(held(1, Answer::Pass, TODAY)), &incoming(Answer::Fail, yesterday)), None);
}

#[test]
fn a_clock_that_runs_ahead_or_years_behind_keeps_nothing_alive() {
    let ahead = after(None, &incoming(Answer::Fail, date(2030, 1, 1)));
    assert_eq!(ahead, Some(held(1, Answer::Fail, TODAY)));
    assert_eq!(after(None, &incoming(Answer::Fail, date(2020, 1, 1))), None);
}

#[test]
fn a_full_organisation_takes_no_new_workstation_but_renews_those_it_has() {
    let new = incoming(Answer::Fail, TODAY);
    assert_eq!(count(key(1), &new, None, WORKSTATIONS_MAX, TODAY), None);
    assert!(count(key(1), &new, None, WORKSTATIONS_MAX - 1, TODAY).is_some());
    let before = stored(held(1, Answer::Pass, TODAY));
    assert!(count(key(1), &new, Some(&before), WORKSTATIONS_MAX, TODAY).is_some());
}

#[test]
fn a_workstation_answers_to_a_bounded_number_of_checks() {
    let answers = (0..ANSWERS_MAX + 5).map(|number| (CheckId::parse(&format!("a.b{number}")).unwrap(), Answer::Fail));
    let many = IncomingCounts { answers: answers.collect(), ..incoming(Answer::Fail, TODAY) };
    assert_eq!(after(None, &many).map(|held| held.answers.len()), Some(ANSWERS_MAX));
}

#[test]
fn what_nobody_renews_for_thirty_days_is_forgotten_and_no_longer_counted() {
    let (last, over) = (date(2026, 10, 22), date(2026, 10, 21));
    let all = [held(1, Answer::Fail, last), held(2, Answer::Fail, over)];
    assert_eq!(counts(&all, TODAY).get(&CHECK).map(|count| (count.failing, count.newest)), Some((1, last)));
    let keys: Vec<_> = expired(&all.map(stored), TODAY).into_iter().map(|(key, _)| key).collect();
    assert_eq!(keys, [key(2)]);
}

#[test]
fn every_answer_is_counted_once_and_those_that_do_not_apply_not_at_all() {
    let answers = [Answer::Fail, Answer::Fail, Answer::Warn, Answer::Pass, Answer::NotSeen, Answer::NotApplicable];
    let all: Vec<_> = (1..).zip(answers).map(|(token, answer)| held(token, answer, TODAY)).collect();
    let expected = WorkstationCount { failing: 2, warning: 1, passing: 1, not_seen: 1, newest: TODAY };
    assert_eq!(counts(&all, TODAY), BTreeMap::from([(CHECK, expected)]));
    assert_eq!(expected.judged(), 4);
    assert!(counts(&all[5..], TODAY).is_empty());
}
