use jiff::SignedDuration;
use vedetta_checks::verdict::Verdict;

use super::*;
use crate::finding::FindingState;
use crate::result::Transition;
use crate::samples::{
    agent, agent_id, asset_key, at, authenticated, grant, ids, now, relies_on, result, stored, written,
};

/// A collector in memory: what was committed so far.
struct Collector {
    registry: Agent,
    cursor: Option<Stored<AgentCursor>>,
    current: BTreeMap<ResultKey, Stored<CurrentResult>>,
    findings: BTreeMap<ResultKey, Stored<Finding>>,
    transitions: Vec<Transition>,
    held: BTreeMap<AssetKey, usize>,
    clock: Timestamp,
    new_ids: Box<dyn FnMut() -> Uuid>,
}

const EPOCH: Uuid = Uuid::from_u128(77);

impl Collector {
    fn new() -> Self {
        Self {
            registry: agent(),
            cursor: None,
            current: BTreeMap::new(),
            findings: BTreeMap::new(),
            transitions: Vec::new(),
            held: BTreeMap::from([(asset_key(1, 100), 0), (asset_key(2, 200), 0)]),
            clock: now(),
            new_ids: Box::new(ids()),
        }
    }

    fn accept(&mut self, batch: &IntakeBatch) -> Result<Intake, IntakeError> {
        let state = IntakeState {
            agent: &authenticated(&agent()),
            registry: &self.registry,
            cursor: self.cursor.as_ref(),
            grants: &[grant()],
            current: &self.current,
            findings: &self.findings,
            held: &self.held,
        };
        let intake = accept(&state, batch, self.clock, &mut self.new_ids)?;
        if let Intake::Accepted { changes, .. } = &intake {
            self.cursor = written::<AgentCursor>(changes).pop().map(stored);
            self.current
                .extend(written::<CurrentResult>(changes).into_iter().map(|one| (one.key.clone(), stored(one))));
            self.findings.extend(written::<Finding>(changes).into_iter().map(|one| (one.key.clone(), stored(one))));
            self.transitions.extend(written::<Transition>(changes));
        }
        Ok(intake)
    }

    /// Sends one result of one check in a batch of its own.
    fn see(&mut self, sequence: u64, word: &str) {
        let observed_at = self.clock;
        self.accept(&batch(sequence, vec![incoming(word, observed_at)])).unwrap();
        self.clock += SignedDuration::from_hours(1);
    }

    fn only_finding(&self) -> &Finding {
        assert_eq!(self.findings.len(), 1);
        &self.findings.values().next().unwrap().value
    }

    fn only_current(&self) -> &CurrentResult {
        assert_eq!(self.current.len(), 1);
        &self.current.values().next().unwrap().value
    }
}

fn incoming(word: &str, observed_at: Timestamp) -> IncomingResult {
    IncomingResult { result: result("patch.security", word, observed_at), fingerprint: word.len() as u64 }
}

/// A result under the grant of the agent.
fn granted(word: &str) -> IncomingResult {
    let mut own = incoming(word, now());
    own.result.asset = AssetReference::Granted(Uuid::from_u128(60));
    own.result.target = grant().target;
    own.result.vantage = Vantage::Outside;
    own
}

fn batch(sequence: u64, results: Vec<IncomingResult>) -> IntakeBatch {
    IntakeBatch { epoch: EPOCH, sequence, results, confirmations: Vec::new(), whole_state: false, counts: None }
}

fn confirmation(fingerprint: u64, observed_at: Timestamp) -> IncomingConfirmation {
    let IncomingResult { result, .. } = incoming("pass", observed_at);
    IncomingConfirmation {
        check: result.check,
        asset: result.asset,
        target: result.target,
        vantage: result.vantage,
        fingerprint,
        observed_at,
    }
}

fn is_whole_state_asked(intake: &Intake) -> bool {
    match intake {
        Intake::Accepted { send_whole_state, .. } => *send_whole_state,
        Intake::AlreadyDurable => panic!("the batch was a duplicate"),
    }
}

#[test]
fn a_batch_is_one_change_with_results_cursor_and_audit() {
    let mut collector = Collector::new();
    let Intake::Accepted { changes, send_whole_state, .. } =
        collector.accept(&batch(1, vec![incoming("fail", now())])).unwrap()
    else {
        panic!("the batch was taken for a duplicate");
    };
    assert!(!send_whole_state);
    assert_eq!(changes.audit[0].action, "intake.accept");
    assert!(relies_on::<AgentCursor>(&changes, agent_id(50), None));
    let current = collector.only_current();
    assert!(relies_on::<CurrentResult>(&changes, current.key.clone(), None));
    assert_eq!(current.key.asset, asset_key(1, 100));
    assert_eq!(current.result, incoming("fail", now()).result);
    assert_eq!(collector.only_finding().state, FindingState::Open { since: now() });
    assert_eq!(collector.transitions.len(), 1);
}

#[test]
fn a_batch_seen_twice_has_no_second_effect() {
    let mut collector = Collector::new();
    collector.see(1, "fail");
    collector.see(2, "pass");
    for sequence in [1, 2] {
        let again = collector.accept(&batch(sequence, vec![incoming("warn", now())]));
        assert_eq!(again, Ok(Intake::AlreadyDurable));
    }
}

#[test]
fn a_new_epoch_starts_a_new_sequence() {
    let mut collector = Collector::new();
    collector.see(1, "fail");
    collector.see(2, "fail");
    let fresh = IntakeBatch { epoch: Uuid::from_u128(78), ..batch(1, vec![incoming("pass", now())]) };
    assert!(!is_whole_state_asked(&collector.accept(&fresh).unwrap()));
    let cursor = collector.cursor.unwrap().value;
    assert_eq!((cursor.epoch, cursor.sequence), (Uuid::from_u128(78), 1));
}

#[test]
fn a_gap_is_taken_in_audited_and_asks_for_the_whole_state() {
    let mut collector = Collector::new();
    collector.see(1, "fail");
    let intake = collector.accept(&batch(5, vec![incoming("pass", now())])).unwrap();
    assert!(is_whole_state_asked(&intake));
    let Intake::Accepted { changes, .. } = intake else { panic!("the batch was a duplicate") };
    let gap = changes.audit.iter().find(|entry| entry.action == "intake.gap").unwrap();
    assert!(gap.subject.ends_with("/2..4"), "{}", gap.subject);
}

#[test]
fn a_resent_whole_state_closes_a_gap_without_asking_again() {
    let mut collector = Collector::new();
    let whole = IntakeBatch { whole_state: true, ..batch(40, vec![incoming("pass", now())]) };
    assert!(!is_whole_state_asked(&collector.accept(&whole).unwrap()));
    assert!(!is_whole_state_asked(&collector.accept(&batch(41, Vec::new())).unwrap()));
}

#[test]
fn a_confirmation_refreshes_what_it_confirms() {
    let mut collector = Collector::new();
    collector.see(1, "pass");
    let later = collector.clock;
    let confirmed = IntakeBatch { confirmations: vec![confirmation(4, later)], ..batch(2, Vec::new()) };
    assert!(!is_whole_state_asked(&collector.accept(&confirmed).unwrap()));
    let current = collector.only_current();
    assert_eq!((current.confirmed_at, current.since), (later, now()));
    assert_eq!(current.last_judged.as_ref().map(|last| last.observed_at), Some(later));
    assert_eq!(current.result.observed_at, now());
    assert_eq!(collector.transitions.len(), 1);
}

#[test]
fn a_confirmation_of_something_else_asks_for_the_whole_state() {
    let mut collector = Collector::new();
    let unknown = IntakeBatch { confirmations: vec![confirmation(4, now())], ..batch(1, Vec::new()) };
    assert!(is_whole_state_asked(&collector.accept(&unknown).unwrap()));
    collector.see(2, "pass");
    let other = IntakeBatch { confirmations: vec![confirmation(99, now())], ..batch(3, Vec::new()) };
    assert!(is_whole_state_asked(&collector.accept(&other).unwrap()));
}

/// What was taken of a batch: its changes and what was left out.
fn taken(intake: Intake) -> (Changes, Vec<Refused>) {
    match intake {
        Intake::Accepted { changes, refused, .. } => (changes, refused),
        Intake::AlreadyDurable => panic!("the batch was a duplicate"),
    }
}

#[test]
fn a_batch_that_only_confirms_is_routine_and_any_other_is_audited() {
    let mut collector = Collector::new();
    collector.see(1, "pass");
    let confirmed = IntakeBatch { confirmations: vec![confirmation(4, now())], ..batch(2, Vec::new()) };
    let (changes, _) = taken(collector.accept(&confirmed).unwrap());
    assert!(changes.is_routine && changes.audit.is_empty() && changes.is_accounted_for());
    let gap = IntakeBatch { confirmations: vec![confirmation(4, now())], ..batch(9, Vec::new()) };
    let (changes, _) = taken(collector.accept(&gap).unwrap());
    assert!(!changes.is_routine && !changes.audit.is_empty());
}

#[test]
fn an_open_session_of_a_revoked_agent_is_cut() {
    let mut collector = Collector::new();
    collector.registry.state = AgentState::Revoked { at: now(), reason: "lost".to_owned() };
    let refused = collector.accept(&batch(1, vec![incoming("pass", now())]));
    assert_eq!(refused, Err(IntakeError::NotActive(agent_id(50))));
}

#[test]
fn limits_of_a_batch_are_named() {
    let mut collector = Collector::new();
    assert_eq!(collector.accept(&batch(0, Vec::new())), Err(IntakeError::Sequence));
    let many = vec![incoming("pass", now()); BATCH_ITEMS_MAX + 1];
    assert_eq!(collector.accept(&batch(1, many)), Err(IntakeError::TooMany { items: 501 }));
}

#[test]
fn a_clock_that_is_wrong_neither_keeps_a_result_fresh_nor_dates_it_before_the_enrolment() {
    for (sent, expected) in [("2031-01-01T00:00:00Z", now()), ("1970-01-01T00:00:00Z", agent().enrolled_at)] {
        let mut collector = Collector::new();
        collector.accept(&batch(1, vec![incoming("fail", at(sent))])).unwrap();
        let current = collector.only_current();
        assert_eq!((current.confirmed_at, current.since), (expected, expected), "{sent}");
        assert_eq!(current.result.observed_at, at(sent));
        assert_eq!(collector.only_finding().state, FindingState::Open { since: expected });
    }
}

#[test]
fn a_finding_opens_resolves_and_keeps_its_id_when_it_fails_again() {
    let mut collector = Collector::new();
    collector.see(1, "pass");
    assert!(collector.findings.is_empty());
    collector.see(2, "warn");
    let id = collector.only_finding().id;
    assert_eq!(collector.only_finding().last_passed, Some(now()));
    collector.see(3, "fail");
    let since = now() + SignedDuration::from_hours(1);
    assert_eq!(collector.only_finding().state, FindingState::Open { since });
    collector.see(4, "pass");
    let passed = now() + SignedDuration::from_hours(3);
    assert_eq!(collector.only_finding().state, FindingState::Resolved { since, at: passed });
    collector.see(5, "fail");
    let finding = collector.only_finding();
    assert_eq!((finding.id, finding.times_opened, finding.last_passed), (id, 2, Some(passed)));
}

#[test]
fn only_what_was_seen_closes_a_finding() {
    for (word, closes) in [("pass", true), ("not_applicable", true), ("error", false), ("not_tested", false)] {
        let mut collector = Collector::new();
        collector.see(1, "fail");
        collector.see(2, word);
        let is_closed = matches!(collector.only_finding().state, FindingState::Resolved { .. });
        assert_eq!(is_closed, closes, "{word}");
    }
}

#[test]
fn the_last_judged_verdict_is_kept_while_nothing_can_be_seen() {
    for (word, kept) in [("error", Some(Verdict::Fail)), ("not_tested", Some(Verdict::Fail)), ("not_applicable", None)]
    {
        let mut collector = Collector::new();
        collector.see(1, "fail");
        collector.see(2, word);
        collector.see(3, "error");
        let last = collector.only_current().last_judged.as_ref();
        assert_eq!(last.map(|last| last.verdict.clone()), kept, "{word}");
        assert!(last.is_none_or(|last| last.observed_at == now()));
    }
}

#[test]
fn a_transition_is_written_for_a_change_only_and_another_detail_is_none() {
    let mut collector = Collector::new();
    collector.see(1, "not_tested");
    let mut flapping = incoming("not_tested", collector.clock);
    if let Verdict::NotTested(why) = &mut flapping.result.verdict {
        why.detail = "after 6 s".to_owned();
    }
    collector.accept(&batch(2, vec![flapping])).unwrap();
    collector.see(3, "error");
    collector.see(4, "error");
    let changes: Vec<_> = collector.transitions.iter().map(|one| one.to.word()).collect();
    assert_eq!(changes, ["not_tested", "error"]);
    assert_eq!(collector.transitions[1].from.as_ref().map(Verdict::word), Some("not_tested"));
}

#[test]
fn two_changes_of_one_check_in_one_batch_are_two_transitions_and_one_result() {
    let mut collector = Collector::new();
    let both = vec![incoming("fail", now()), incoming("pass", now())];
    let intake = collector.accept(&batch(1, both)).unwrap();
    let Intake::Accepted { changes, .. } = intake else { panic!("the batch was a duplicate") };
    assert_eq!(written::<CurrentResult>(&changes).len(), 1);
    let keys: BTreeSet<_> = written::<Transition>(&changes).iter().map(crate::aggregate::Aggregate::key).collect();
    assert_eq!(keys.len(), 2);
    assert!(matches!(collector.only_finding().state, FindingState::Resolved { .. }));
}

mod foreign;
