//! The `tls` probe before real servers on loopback.

mod authority;
mod certificates;
mod misbehaviour;
mod server;
mod versions;

use std::net::SocketAddr;
use std::time::Duration;

use rustls_pki_types::CertificateDer;
use vedetta_checks::catalogue::{Observation, ProbeError};
use vedetta_checks::target::Target;
use vedetta_checks::value::Value;
use vedetta_probes::{ProbeContext, observe, tls};

/// Deadline of a look in these tests, unless the test is about the deadline.
const DEADLINE: Duration = Duration::from_secs(15);

fn context(roots: Vec<CertificateDer<'static>>) -> ProbeContext {
    let mut context = ProbeContext::new(authority::now(), DEADLINE);
    context.extra_roots = roots;
    context
}

/// Looks at `localhost` at an address.
async fn look(address: SocketAddr, context: ProbeContext) -> Result<Observation, ProbeError> {
    look_at(&format!("tls://{address}?sni=localhost"), context).await
}

async fn look_at(target: &str, context: ProbeContext) -> Result<Observation, ProbeError> {
    observe(tls::NAME, target.parse::<Target>().expect("a target"), context).await
}

/// One fact by its path, as `chain[0].key_bits`, for comparison: a known one as text, an unknown one as `unknown: WORD`.
fn fact(observation: &Observation, path: &str) -> String {
    let mut value = Value::Record(observation.facts.clone());
    for step in path.split(['.', '[']).map(|step| step.trim_end_matches(']')) {
        value = match value {
            Value::Record(mut record) => record.remove(step).unwrap_or_else(|| panic!("{path}: no field `{step}`")),
            Value::List(list) => list.items()[step.parse::<usize>().expect("a position")].clone(),
            other => panic!("{path}: `{step}` of {other:?}"),
        };
    }
    shown(&value)
}

fn shown(value: &Value) -> String {
    match value {
        Value::Bool(flag) => flag.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        Value::Time(moment) => moment.to_string(),
        Value::List(list) => list.items().iter().map(shown).collect::<Vec<_>>().join(" "),
        Value::Record(_) => "a record".to_owned(),
        Value::Unknown(why) => format!("unknown: {}", why.reason),
    }
}
