//! Looking and judging: one look per probe and target serves every check on it; one result per check and target.

mod host;
mod plan;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use vedetta_checks::catalogue::{Observation, ProbeError};
use vedetta_checks::pack::Params;
use vedetta_checks::result::CheckResult;
use vedetta_checks::target::Target;
use vedetta_checks::value::{Record, Value};
use vedetta_checks::verdict::Verdict;
use vedetta_checks::word::{ProbeName, Reason};
use vedetta_probes::ProbeContext;

use crate::clock::Clock;
use crate::packs::PackSet;
use crate::reader::Reader;

pub use host::{HOST_PROBE, host_record};
pub use plan::{Look, PlanFilter, PlannedCheck, Unassigned, plan, unassigned};

/// What every look is handed, beside its own deadline and time.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// Folder, resolver, trusted roots and name towards others.
    pub context: ProbeContext,
    /// Looks at the same time.
    pub concurrency: usize,
    /// Whether a person allowed crafted or log-in-like looks.
    pub active: bool,
    /// Where the time comes from.
    pub clock: Clock,
    /// The moment that counts as now for the looks, instead of the clock's, when a person gave one.
    pub now: Option<Timestamp>,
    /// Who sees what needs more rights than this process has, when there is somebody.
    pub reader: Option<Reader>,
}

impl Surroundings {
    /// The moment that counts as now.
    #[must_use]
    pub fn moment(&self) -> Timestamp {
        self.now.unwrap_or_else(self.clock)
    }

    /// The reader, unless another moment than the clock's counts as now: it knows the clock alone.
    fn reader(&self) -> Option<Reader> {
        self.reader.clone().filter(|_| self.now.is_none())
    }

    /// The same with nothing learnt yet: what looks of one run share grows old.
    fn fresh(&self) -> Self {
        let context = self.context.for_another_run();
        Self { context, ..self.clone() }
    }
}

/// What a run saw.
#[derive(Debug, Clone, Default)]
pub struct Looked {
    /// The results, in the order of the plan.
    pub results: Vec<CheckResult>,
    /// Whether this host is a workstation: of some checks only a count may leave it.
    pub is_workstation: bool,
}

type Seen = Result<Observation, ProbeError>;

/// Looks at everything in the plan and judges it. Results stand in the order of the plan.
pub async fn look(looks: &[Look], packs: &PackSet, surroundings: &Surroundings) -> Looked {
    let mut surroundings = surroundings.fresh();
    surroundings.context.feed = packs.feed();
    let seen = observe_all(looks, &surroundings).await;
    let own =
        looks.iter().enumerate().find(|(_, look)| look.probe == HOST_PROBE).and_then(|(index, _)| seen.get(&index));
    let host = match own {
        Some(outcome) => host_record(outcome),
        None => host_facts(&surroundings).await,
    };
    let is_workstation = host.get("role").is_some_and(|role| *role == Value::Text("workstation".into()));
    Looked { results: judge_all(looks, seen, packs, &host, &surroundings), is_workstation }
}

/// The same for one part of a larger run: what its parts learn of servers and names is shared, and so are the host's facts.
pub async fn look_at_part(
    looks: &[Look],
    packs: &PackSet,
    host: &Record,
    surroundings: &Surroundings,
) -> Vec<CheckResult> {
    let seen = observe_all(looks, surroundings).await;
    judge_all(looks, seen, packs, host, surroundings)
}

fn judge_all(
    looks: &[Look],
    mut seen: BTreeMap<usize, Seen>,
    packs: &PackSet,
    host: &Record,
    surroundings: &Surroundings,
) -> Vec<CheckResult> {
    let mut results = Vec::new();
    for (index, look) in looks.iter().enumerate() {
        seen.entry(index).or_insert_with(|| {
            Err(ProbeError::new("look", Reason::PROBE_FAILED, format!("the probe `{}` broke off", look.probe)))
        });
    }
    for (look, outcome) in looks.iter().zip(seen.values()) {
        let passive = if look.needs_active && !surroundings.active { passive(look, looks, &seen) } else { None };
        judge(look, outcome, passive, packs, host, surroundings, &mut results);
    }
    results
}

/// What the passive look of the same probe at the same target saw.
fn passive<'a>(look: &Look, looks: &[Look], seen: &'a BTreeMap<usize, Seen>) -> Option<&'a Observation> {
    let is_same = |own: &Look| {
        (own.asset, &own.target, own.vantage, &own.probe) == (look.asset, &look.target, look.vantage, &look.probe)
    };
    let index = looks.iter().position(|own| !own.needs_active && is_same(own))?;
    seen.get(&index)?.as_ref().ok()
}

/// One look; what of the host needs more rights than this process has is left to the reader, when there is one.
///
/// # Errors
/// [`ProbeError`] when the probe could not look.
pub async fn observe(probe: ProbeName, target: Target, context: ProbeContext, reader: Option<&Reader>) -> Seen {
    if let Some(reader) = reader.filter(|_| target == Target::Host)
        && let Some(seen) = reader.observe(&probe, &context).await
    {
        return Ok(seen);
    }
    vedetta_probes::observe(probe, target, context).await
}

async fn observe_all(looks: &[Look], surroundings: &Surroundings) -> BTreeMap<usize, Seen> {
    let permits = Arc::new(Semaphore::new(surroundings.concurrency.max(1)));
    let mut running = JoinSet::new();
    let mut seen = BTreeMap::new();
    for (index, look) in looks.iter().enumerate() {
        if look.needs_active && !surroundings.active {
            let error = ProbeError::new("choose the target", Reason::NEEDS_ACTIVE, look.target.filed().to_string());
            seen.insert(index, Err(error));
            continue;
        }
        let (probe, target, permits) = (look.probe.clone(), look.target.look_at().clone(), Arc::clone(&permits));
        let mut context = surroundings.context.clone();
        context.deadline = look.deadline;
        context.active = look.needs_active;
        let (clock, fixed, reader) = (surroundings.clock, surroundings.now, surroundings.reader());
        running.spawn(async move {
            // The semaphore is never closed.
            let _permit = permits.acquire_owned().await;
            context.now = fixed.unwrap_or_else(clock);
            (index, observe(probe, target, context, reader.as_ref()).await)
        });
    }
    while let Some(finished) = running.join_next().await {
        match finished {
            Ok((index, outcome)) => {
                seen.insert(index, outcome);
            }
            Err(error) => tracing::error!("a look broke off: {error}"),
        }
    }
    seen
}

/// The facts of this host that any rule may read, from a look of their own.
pub async fn host_facts(surroundings: &Surroundings) -> Record {
    let mut context = surroundings.context.clone();
    context.now = surroundings.moment();
    context.deadline = host::DEADLINE;
    host_record(&observe(HOST_PROBE, Target::Host, context, surroundings.reader().as_ref()).await)
}

/// Judges every check of a look. Where permission for it is missing, what the passive look saw may still tell that a check
/// does not apply; it decides nothing else.
fn judge(
    look: &Look,
    outcome: &Seen,
    passive: Option<&Observation>,
    packs: &PackSet,
    host: &Record,
    surroundings: &Surroundings,
    results: &mut Vec<CheckResult>,
) {
    let observed_at = outcome.as_ref().map_or_else(|_| surroundings.moment(), |observation| observation.observed_at);
    // The wire's unit is the millisecond: a result must read the same on both sides.
    let observed_at = jiff::Timestamp::from_millisecond(observed_at.as_millisecond()).unwrap_or(observed_at);
    for planned in &look.checks {
        let Some(pack) = packs.packs.get(planned.pack) else { continue };
        let Some(compiled) = pack.compiled.check(&planned.check) else { continue };
        let params = Params::defaults(compiled.check());
        let judged = passive.map(|observation| compiled.judge(Ok(observation), host, &params));
        let judgement = judged
            .filter(|judgement| matches!(judgement.verdict, Verdict::NotApplicable(_)))
            .unwrap_or_else(|| compiled.judge(outcome.as_ref(), host, &params));
        results.push(CheckResult {
            check: planned.check.clone(),
            pack: pack.compiled.pack().digest,
            asset: look.asset,
            target: look.target.filed().clone(),
            vantage: look.vantage,
            verdict: judgement.verdict,
            clause: judgement.clause,
            evidence: judgement.evidence,
            observed_at,
        });
    }
}

#[cfg(test)]
mod tests;
