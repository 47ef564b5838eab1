//! The collector's own work, each piece at its interval. The one list of it is in [`start`].
//!
//! A host that went silent needs no job: how old a result is, is computed when somebody looks.

pub mod certificates;
pub mod logins;
pub mod retention;
pub mod roll_up;
pub mod workstations;

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use vedetta_core::store::Store;

use crate::clock::Clock;
use crate::stop::Stop;

/// Shortest time between two runs of a job, when short lives of certificates ask for more.
const EVERY_MIN: Duration = Duration::from_millis(500);

/// What jobs work on.
#[derive(Debug)]
pub struct Work<S> {
    /// The store.
    pub store: S,
    /// The clock.
    pub clock: Clock,
    /// The certificates of both ports.
    pub certificates: certificates::Certificates,
    /// The history that is kept; `None`: the store's engine keeps its own.
    pub history: Option<retention::History>,
}

/// Starts every job.
pub fn start<S: Store>(work: &Arc<Work<S>>, tasks: &mut JoinSet<()>, stop: &Stop) {
    let renewal = work.certificates.every().max(EVERY_MIN);
    tasks.spawn(run("certificates", renewal, Arc::clone(work), stop.clone(), certificates::renew));
    tasks.spawn(run("logins", logins::EVERY, Arc::clone(work), stop.clone(), logins::remove_expired));
    tasks.spawn(run("retention", retention::EVERY, Arc::clone(work), stop.clone(), retention::give_up_old));
    tasks.spawn(run("roll-up", roll_up::EVERY, Arc::clone(work), stop.clone(), roll_up::compute));
    tasks.spawn(run("workstations", workstations::EVERY, Arc::clone(work), stop.clone(), workstations::forget_old));
}

/// Runs one job now and then at its interval, until the collector stops. A failure is logged; the next run tries again.
async fn run<S, Job, Done, Error>(name: &'static str, every: Duration, work: Arc<Work<S>>, stop: Stop, job: Job)
where
    S: Store,
    Job: Fn(Arc<Work<S>>) -> Done + Send,
    Done: Future<Output = Result<(), Error>> + Send,
    Error: std::fmt::Display,
{
    let stopped = stop.wait();
    tokio::pin!(stopped);
    loop {
        // A job may be broken off anywhere: what it decided is committed whole or not at all.
        let outcome = tokio::select! {
            () = &mut stopped => return,
            outcome = job(Arc::clone(&work)) => outcome,
        };
        if let Err(error) = outcome {
            tracing::error!(job = name, %error, "a job failed; it will be tried again");
        }
        tokio::select! {
            () = &mut stopped => return,
            () = tokio::time::sleep(every) => {}
        }
    }
}

#[cfg(test)]
mod history_tests;
#[cfg(test)]
mod tests;
