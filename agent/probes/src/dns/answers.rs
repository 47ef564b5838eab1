//! One question and its answer: records, a name without such records, no such name, or the reason of the silence.

use std::time::Duration;

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::{Name, RData, RecordType};
use hickory_resolver::TokioResolver;
use hickory_resolver::net::{DnsError, NetError};
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::resolver::failure;

/// What the resolver said to one question.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// These records; never empty.
    Records(Vec<RData>),
    /// The name exists and has no record of that type.
    NoRecords,
    /// The name does not exist.
    NoName,
    /// No usable answer came.
    Failed(Unknown),
}

impl Answer {
    /// The records as facts, sorted; whatever `read` cannot use is left out.
    pub(crate) fn facts<T, K: Ord>(&self, read: impl Fn(&RData) -> Option<T>, key: impl Fn(&T) -> K) -> Fact<Vec<T>> {
        match self {
            Self::Records(records) => {
                let mut facts: Vec<T> = records.iter().filter_map(read).collect();
                facts.sort_by_key(key);
                Fact::Known(facts)
            }
            Self::NoRecords | Self::NoName => Fact::Known(Vec::new()),
            Self::Failed(unknown) => Fact::Unknown(unknown.clone()),
        }
    }
}

/// Asks one question and waits for its answer no longer than `time_max`.
pub(crate) async fn ask(resolver: &TokioResolver, name: &Name, kind: RecordType, time_max: Duration) -> Answer {
    let outcome = tokio::time::timeout(time_max, resolver.lookup(name.clone(), kind)).await;
    let failed = |reason: Reason, what: &dyn std::fmt::Display| {
        Answer::Failed(Unknown::new(reason, format!("{kind} of {name}: {what}")))
    };
    match outcome {
        Err(_elapsed) => failed(Reason::TIMEOUT, &format_args!("no answer within {} s", time_max.as_secs_f32())),
        Ok(Ok(lookup)) => {
            let of_kind = lookup.answers().iter().filter(|record| record.data.record_type() == kind);
            // All of them, so that a list that is cut later is known to be cut; a DNS message ends at 65,535 bytes.
            let records: Vec<RData> = of_kind.map(|record| record.data.clone()).collect();
            if records.is_empty() { Answer::NoRecords } else { Answer::Records(records) }
        }
        Ok(Err(NetError::Dns(DnsError::NoRecordsFound(nothing)))) => {
            let is_alias = nothing.query.name() != name;
            if nothing.response_code == ResponseCode::NoError {
                Answer::NoRecords
            } else if nothing.response_code != ResponseCode::NXDomain {
                failed(Reason::SERVER_FAILURE, &nothing.response_code)
            } else if is_alias {
                // An alias to a name that does not exist: the alias itself does exist.
                Answer::NoRecords
            } else {
                Answer::NoName
            }
        }
        Ok(Err(error)) => failed(failure(&error), &error),
    }
}
