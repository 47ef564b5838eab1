//! Waiting, with an end: for the collector to answer, for the agent's first full report.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::{Place, say, steps};
use crate::admin::client::ClientError;
use crate::admin::verbs::results;
use crate::admin::verbs::store::Status;

/// Longest wait for the collector; it may have to build its index anew.
const COLLECTOR_TIME_MAX: Duration = Duration::from_secs(120);
/// Longest wait for the report.
const REPORT_TIME_MAX: Duration = Duration::from_secs(300);
/// Time between two looks.
const PAUSE: Duration = Duration::from_millis(250);
/// How long nothing new must have come for a report to be whole.
const QUIET: Duration = Duration::from_secs(3);
/// Time between two words on the progress.
const WORD_EVERY: Duration = Duration::from_secs(5);

/// Waits until the collector answers.
pub(super) async fn for_collector(place: &Place) -> anyhow::Result<()> {
    let end = Instant::now() + COLLECTOR_TIME_MAX;
    loop {
        match place.ask::<Status>(()).await {
            Ok(status) => {
                say(&format!("il collettore risponde: {}", status.people_url));
                return Ok(());
            }
            Err(ClientError::Connect { .. }) if Instant::now() < end => sleep(PAUSE).await,
            Err(error) => return Err(error.into()),
        }
    }
}

/// Waits until the agent has reported on its own host and on every target, since it was started now.
pub(super) async fn for_report(
    place: &Place,
    agent: &str,
    targets: &[String],
    seen_before: Option<Timestamp>,
) -> anyhow::Result<()> {
    let end = Instant::now() + REPORT_TIME_MAX;
    let (mut count, mut changed, mut spoken) = (usize::MAX, Instant::now(), Instant::now());
    loop {
        let found = place.ask::<results::Show>(results::ShowRequest { of: agent.to_owned() }).await?;
        let looked_at: BTreeSet<&str> =
            found.iter().filter_map(|result| result.get("target").and_then(Value::as_str)).collect();
        if found.len() != count {
            (count, changed) = (found.len(), Instant::now());
        }
        let missing: Vec<_> = std::iter::once("host")
            .chain(targets.iter().map(String::as_str))
            .filter(|target| !looked_at.contains(target))
            .collect();
        let is_seen = steps::last_seen(place, agent).await? > seen_before;
        if missing.is_empty() && is_seen && changed.elapsed() >= QUIET {
            say(&format!("rapporto completo: {count} risultati"));
            return Ok(());
        }
        anyhow::ensure!(
            Instant::now() < end,
            "nessun rapporto completo entro {} s; manca: {}. Guarda {}",
            REPORT_TIME_MAX.as_secs(),
            if missing.is_empty() { "un contatto dell'agente".to_owned() } else { missing.join(", ") },
            place.file("agent.log").display()
        );
        if spoken.elapsed() >= WORD_EVERY {
            spoken = Instant::now();
            say(&format!("{count} risultati finora"));
        }
        sleep(PAUSE).await;
    }
}
