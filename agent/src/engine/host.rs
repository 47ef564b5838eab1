//! The facts of the host that every rule may read, taken from the probe `host`.

use std::time::Duration;

use vedetta_checks::catalogue::{Observation, ProbeError};
use vedetta_checks::judge::HOST_FACTS;
use vedetta_checks::value::{Record, Value};
use vedetta_checks::word::ProbeName;

/// The probe that sees them.
pub const HOST_PROBE: ProbeName = ProbeName::from_static("host");
/// Longest time for a look of their own.
pub(super) const DEADLINE: Duration = Duration::from_secs(10);

/// The record `host` of rules. What the probe did not see is left out, and counts as unknown.
#[must_use]
pub fn host_record(outcome: &Result<Observation, ProbeError>) -> Record {
    let mut record = Record::new();
    let observation = match outcome {
        Ok(observation) => observation,
        Err(error) => {
            tracing::warn!("the host's own facts are unknown: {error}");
            // What the program was built for is known without any look.
            record.insert("os_family".into(), Value::Text(std::env::consts::OS.to_owned()));
            return record;
        }
    };
    let Some(Value::Record(system)) = observation.facts.get("system") else { return record };
    for field in &HOST_FACTS.fields {
        if let Some(value) = system.get(field.name) {
            record.insert(field.name.into(), value.clone());
        }
    }
    record
}
