//! From an incoming result to the current result, the transition and the finding under its key.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use vedetta_checks::verdict::Verdict;

use super::{Foreign, IncomingConfirmation, IncomingResult, IntakeState, RESULTS_PER_ASSET_MAX};
use crate::asset::AssetKey;
use crate::changes::Changes;
use crate::finding::{Finding, FindingState};
use crate::ids::FindingId;
use crate::result::{CurrentResult, LastJudged, ResultKey, Transition};

/// What a batch changes, while it is read from its first result to its last.
pub(super) struct Work<'a> {
    state: &'a IntakeState<'a>,
    now: Timestamp,
    current: BTreeMap<ResultKey, CurrentResult>,
    findings: BTreeMap<ResultKey, Finding>,
    transitions: Vec<Transition>,
    /// How many results each asset gets that it did not have.
    added: BTreeMap<AssetKey, usize>,
}

impl<'a> Work<'a> {
    pub(super) fn new(state: &'a IntakeState<'a>, now: Timestamp) -> Self {
        // The store keeps milliseconds; comparing finer ones would make two arrivals look apart that are stored as one.
        let now = Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now);
        Self {
            state,
            now,
            current: BTreeMap::new(),
            findings: BTreeMap::new(),
            transitions: Vec::new(),
            added: BTreeMap::new(),
        }
    }

    /// Gives the key back when its asset holds it already or has room for one more result.
    pub(super) fn room_for(&self, key: ResultKey) -> Result<ResultKey, Foreign> {
        if self.current_of(&key).is_some() {
            return Ok(key);
        }
        let held = self.state.held.get(&key.asset).copied().unwrap_or(RESULTS_PER_ASSET_MAX);
        let added = self.added.get(&key.asset).copied().unwrap_or_default();
        if held + added < RESULTS_PER_ASSET_MAX { Ok(key) } else { Err(Foreign::TooManyResults) }
    }

    /// Takes in one result.
    pub(super) fn result(&mut self, key: ResultKey, incoming: &IncomingResult, new_id: &mut dyn FnMut() -> FindingId) {
        let before = self.current_of(&key).cloned();
        if before.is_none() {
            *self.added.entry(key.asset).or_default() += 1;
        }
        let after = self.advance(key.clone(), before.as_ref(), incoming);
        let changed = before.as_ref().is_none_or(|before| !is_same(&before.result.verdict, &after.result.verdict));
        if changed {
            self.transitions.push(Transition {
                key: key.clone(),
                observed_at: after.confirmed_at,
                received_at: after.received_at,
                from: before.as_ref().map(|before| before.result.verdict.clone()),
                to: after.result.verdict.clone(),
            });
        }
        let finding = self.findings.get(&key).or_else(|| self.state.findings.get(&key).map(|stored| &stored.value));
        if let Some(finding) = next_finding(finding, before.as_ref(), &after, new_id) {
            self.findings.insert(key.clone(), finding);
        }
        self.current.insert(key, after);
    }

    /// Takes in one confirmation; `false`: the collector holds no such result.
    pub(super) fn confirmation(&mut self, key: &ResultKey, confirmation: &IncomingConfirmation) -> bool {
        let Some(mut current) =
            self.current_of(key).filter(|current| current.fingerprint == confirmation.fingerprint).cloned()
        else {
            return false;
        };
        current.confirmed_at = self.bounded(confirmation.observed_at);
        current.received_at = self.received_after(Some(&current));
        if current.result.verdict.is_judged() {
            current.last_judged =
                Some(LastJudged { verdict: current.result.verdict.clone(), observed_at: current.confirmed_at });
        }
        self.current.insert(key.clone(), current);
        true
    }

    /// Writes everything, each record once, and says what it relied on.
    pub(super) fn into_changes(self, changes: &mut Changes) {
        for (key, current) in self.current {
            changes.expect::<CurrentResult>(key.clone(), self.state.current.get(&key).map(|stored| stored.version));
            changes.put(current);
        }
        for (key, finding) in self.findings {
            changes.expect::<Finding>(key.clone(), self.state.findings.get(&key).map(|stored| stored.version));
            changes.put(finding);
        }
        for transition in self.transitions {
            changes.put(transition);
        }
    }

    fn current_of(&self, key: &ResultKey) -> Option<&CurrentResult> {
        self.current.get(key).or_else(|| self.state.current.get(key).map(|stored| &stored.value))
    }

    fn advance(&self, key: ResultKey, before: Option<&CurrentResult>, incoming: &IncomingResult) -> CurrentResult {
        let observed_at = self.bounded(incoming.result.observed_at);
        let verdict = &incoming.result.verdict;
        let last_judged = match verdict {
            Verdict::Pass | Verdict::Warn | Verdict::Fail => Some(LastJudged { verdict: verdict.clone(), observed_at }),
            Verdict::NotApplicable(_) => None,
            Verdict::Error(_) | Verdict::NotTested(_) => before.and_then(|before| before.last_judged.clone()),
        };
        let since =
            before.filter(|before| is_same(&before.result.verdict, verdict)).map_or(observed_at, |before| before.since);
        CurrentResult {
            key,
            result: incoming.result.clone(),
            fingerprint: incoming.fingerprint,
            received_at: self.received_after(before),
            confirmed_at: observed_at,
            since,
            last_judged,
        }
    }

    /// The host's time within what is possible: not before its enrolment, not after now. A clock that runs ahead must
    /// not keep an old result fresh. The result itself keeps the time that the host sent.
    fn bounded(&self, observed_at: Timestamp) -> Timestamp {
        observed_at.max(self.state.registry.enrolled_at).min(self.now)
    }

    /// The time of arrival, always later than that of the result before it, so that each transition has its own key.
    fn received_after(&self, before: Option<&CurrentResult>) -> Timestamp {
        let next = before.and_then(|before| before.received_at.checked_add(SignedDuration::from_millis(1)).ok());
        next.map_or(self.now, |next| next.max(self.now))
    }
}

/// Whether two verdicts say the same. The detail of a reason may flap (a port number, a duration) and is no change.
fn is_same(one: &Verdict, other: &Verdict) -> bool {
    one.word() == other.word() && one.reason().map(|why| &why.reason) == other.reason().map(|why| &why.reason)
}

/// The finding after a result; `None`: it stays as it is.
///
/// A pass closes a finding, and so does `not_applicable`, which was concluded from facts that were seen (the service is
/// gone). `error` and `not_tested` saw nothing and change nothing.
fn next_finding(
    finding: Option<&Finding>,
    before: Option<&CurrentResult>,
    after: &CurrentResult,
    new_id: &mut dyn FnMut() -> FindingId,
) -> Option<Finding> {
    let at = after.confirmed_at;
    match (&after.result.verdict, finding.map(|finding| (finding, &finding.state))) {
        (Verdict::Fail | Verdict::Warn, Some((_, FindingState::Open { .. }))) => None,
        (Verdict::Fail | Verdict::Warn, Some((finding, FindingState::Resolved { .. }))) => Some(Finding {
            id: finding.id,
            key: finding.key.clone(),
            state: FindingState::Open { since: at },
            last_passed: last_passed(before).or(finding.last_passed),
            times_opened: finding.times_opened.saturating_add(1),
        }),
        (Verdict::Fail | Verdict::Warn, None) => Some(Finding {
            id: new_id(),
            key: after.key.clone(),
            state: FindingState::Open { since: at },
            last_passed: last_passed(before),
            times_opened: 1,
        }),
        (Verdict::Pass, Some((finding, FindingState::Open { since }))) => Some(Finding {
            state: FindingState::Resolved { since: *since, at },
            last_passed: Some(at),
            ..finding.clone()
        }),
        (Verdict::NotApplicable(_), Some((finding, FindingState::Open { since }))) => {
            Some(Finding { state: FindingState::Resolved { since: *since, at }, ..finding.clone() })
        }
        (Verdict::Pass | Verdict::NotApplicable(_), Some((_, FindingState::Resolved { .. })) | None)
        | (Verdict::Error(_) | Verdict::NotTested(_), _) => None,
    }
}

fn last_passed(before: Option<&CurrentResult>) -> Option<Timestamp> {
    let judged = before?.last_judged.as_ref()?;
    (judged.verdict == Verdict::Pass).then_some(judged.observed_at)
}
