//! The services probe beside `ss`, real rules and real connections, with listeners of its own.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot be set up must fail loudly")]

mod containers;
mod filters;
mod place;
mod sockets;
mod unix;

use std::time::Duration;

use vedetta_checks::target::Target;
use vedetta_checks::value::{Record, Value};
use vedetta_checks::word::{ProbeName, Reason};
use vedetta_probes::ProbeContext;

/// Longest time for one look, in seconds.
const LOOK_SECONDS_MAX: u64 = 60;

fn context() -> ProbeContext {
    #[expect(clippy::disallowed_methods, reason = "a look at the running host needs the running clock")]
    let now = jiff::Timestamp::now();
    ProbeContext::new(now, Duration::from_secs(LOOK_SECONDS_MAX))
}

fn observe(context: ProbeContext) -> Result<Record, vedetta_checks::catalogue::ProbeError> {
    let name = ProbeName::parse("services").expect("a word");
    let runtime = tokio::runtime::Runtime::new().expect("a run-time");
    runtime.block_on(vedetta_probes::observe(name, Target::Host, context)).map(|observation| observation.facts)
}

/// What the probe sees now.
fn seen() -> Record {
    observe(context()).expect("an observation")
}

fn records(record: &Record, field: &str) -> Vec<Record> {
    let Some(Value::List(list)) = record.get(field) else { panic!("{field}: {:?}", record.get(field)) };
    let record = |item: &Value| {
        let Value::Record(record) = item else { panic!("{item:?}") };
        record.clone()
    };
    list.items().iter().map(record).collect()
}

fn record<'a>(record: &'a Record, field: &str) -> &'a Record {
    match record.get(field) {
        Some(Value::Record(record)) => record,
        other => panic!("{field}: {other:?}"),
    }
}

fn text<'a>(record: &'a Record, field: &str) -> &'a str {
    match record.get(field) {
        Some(Value::Text(text)) => text,
        other => panic!("{field}: {other:?}"),
    }
}

fn number(record: &Record, field: &str) -> i64 {
    match record.get(field) {
        Some(Value::Int(number)) => *number,
        other => panic!("{field}: {other:?}"),
    }
}

/// A fact that may be unknown: its value, or the word of the reason.
fn fact(record: &Record, field: &str) -> Result<Value, String> {
    match record.get(field) {
        Some(Value::Unknown(unknown)) => Err(unknown.reason.as_str().to_owned()),
        Some(value) => Ok(value.clone()),
        None => panic!("no {field}"),
    }
}

#[test]
fn a_folder_has_no_sockets_and_says_so() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let error = observe(ProbeContext { root: folder.path().to_path_buf(), ..context() }).expect_err("no running host");
    assert_eq!(error.reason, Reason::DOES_NOT_APPLY);
}
