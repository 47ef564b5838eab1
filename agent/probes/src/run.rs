//! One look with its deadline; a panic inside a probe becomes an error of that look only.

use std::path::PathBuf;
use std::time::Duration;

use vedetta_checks::catalogue::{Observation, ProbeError};
use vedetta_checks::target::{Target, TargetKind};
use vedetta_checks::word::{ProbeName, Reason};

use crate::files::Root;
use crate::persons::Persons;
use crate::{ProbeContext, registry};

/// Looks at one target with one compiled probe, within the context's deadline.
///
/// # Errors
/// [`ProbeError`] with the stage and the reason: unknown probe, wrong kind of target, deadline passed, or whatever kept
/// the probe from looking.
pub async fn observe(name: ProbeName, target: Target, context: ProbeContext) -> Result<Observation, ProbeError> {
    let deadline = context.deadline;
    let probe = registry()
        .into_iter()
        .find(|probe| probe.spec().name == name)
        .ok_or_else(|| ProbeError::new("choose the probe", Reason::UNKNOWN_PROBE, name.as_str()))?;
    if probe.spec().target != target.kind() {
        let detail = format!("the probe `{name}` does not look at {target}");
        return Err(ProbeError::new("choose the target", Reason::DOES_NOT_APPLY, detail));
    }
    let (of, root) = (target.clone(), context.root.clone());
    guarded(&name, of, root, deadline, async move { probe.observe(&target, &context).await }).await
}

/// Runs a look within its deadline; names of persons are left out of what it saw of a host.
///
/// # Errors
/// That of the look, or that it took too long or broke off.
pub(crate) async fn guarded(
    name: &ProbeName,
    target: Target,
    root: PathBuf,
    deadline: Duration,
    look: impl Future<Output = Result<Observation, ProbeError>> + Send + 'static,
) -> Result<Observation, ProbeError> {
    // A task of its own: a panic ends the task, not the agent.
    let look = tokio::spawn(async move {
        let outcome = look.await;
        if target.kind() == TargetKind::Host { Persons::read(&Root::new(&root)).clean(outcome) } else { outcome }
    });
    let abort = look.abort_handle();
    match tokio::time::timeout(deadline, look).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_panicked)) => {
            Err(ProbeError::new("look", Reason::PROBE_FAILED, format!("the probe `{name}` broke off")))
        }
        Err(_elapsed) => {
            abort.abort();
            Err(ProbeError::new("look", Reason::TIMEOUT, format!("no answer within {} s", deadline.as_secs_f32())))
        }
    }
}
