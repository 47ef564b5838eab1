//! Messages of the agents into what `core` decides on, and its answers back. Wrong fields are named here.

use jiff::Timestamp;
use uuid::Uuid;
use vedetta_checks::result::CheckResult;
use vedetta_checks::word::CheckId;
use vedetta_core::hello::{Greeting, Welcome};
use vedetta_core::ids::GrantId;
use vedetta_core::intake::{IncomingConfirmation, IncomingResult, IntakeBatch};
use vedetta_core::workstation::{ANSWERS_MAX, Answer, IncomingCounts, WorkstationToken};
use vedetta_proto::agent;
use vedetta_proto::limits::{PACKS_MAX, TARGETS_MAX};
use vedetta_proto::wire::{
    WireError, asset_from_wire, digest_from_wire, fingerprint, id_from_wire, target_from_wire, time_from_wire,
    time_to_wire, vantage_from_wire,
};

/// The greeting of a session.
///
/// # Errors
/// [`WireError`] names the field that is wrong.
pub fn greeting(hello: agent::Hello) -> Result<Greeting, WireError> {
    if hello.pack_digests.len() > PACKS_MAX {
        return Err(WireError::new("pack_digests", format!("more than {PACKS_MAX}")));
    }
    if hello.refused.len() > TARGETS_MAX {
        return Err(WireError::new("refused", format!("more than {TARGETS_MAX}")));
    }
    let refused = hello.refused.iter().map(|refused| {
        let grant = GrantId::new(id_from_wire("refused.grant", &refused.grant)?);
        Ok((grant, target_from_wire(&refused.target)?))
    });
    let packs = hello.pack_digests.iter().map(|digest| digest_from_wire("pack_digests", digest));
    Ok(Greeting {
        protocol_least: hello.protocol_least,
        protocol_greatest: hello.protocol_greatest,
        version: hello.agent_version,
        epoch: id_from_wire("spool_epoch", &hello.spool_epoch)?,
        last_sequence: hello.last_sequence,
        acknowledged: hello.acknowledged,
        boot_id: id_from_wire("boot_id", &hello.boot_id)?,
        packs: packs.collect::<Result<_, WireError>>()?,
        assignment_revision: hello.assignment_revision,
        gap_batches: hello.gap_batches,
        sent_at: time_from_wire("sent_at", hello.sent_at)?,
        refused: refused.collect::<Result<_, WireError>>()?,
    })
}

/// A batch of a session.
///
/// # Errors
/// [`WireError`] names the field that is wrong.
pub fn batch(epoch: Uuid, batch: agent::Batch) -> Result<IntakeBatch, WireError> {
    Ok(IntakeBatch {
        epoch,
        sequence: batch.sequence,
        results: batch.results.into_iter().map(result).collect::<Result<_, _>>()?,
        confirmations: batch.confirmations.iter().map(confirmation).collect::<Result<_, _>>()?,
        whole_state: batch.whole_state,
        counts: batch.counts.map(counts).transpose()?,
    })
}

fn counts(wire: agent::Counts) -> Result<IncomingCounts, WireError> {
    if wire.counts.len() > ANSWERS_MAX {
        return Err(WireError::new("counts.counts", format!("more than {ANSWERS_MAX}")));
    }
    let answer = |count: agent::Count| {
        let check = CheckId::parse(&count.check).map_err(|error| WireError::new("counts.check", error))?;
        let answer = match count.verdict() {
            agent::Verdict::Pass => Answer::Pass,
            agent::Verdict::Warn => Answer::Warn,
            agent::Verdict::Fail => Answer::Fail,
            agent::Verdict::NotApplicable => Answer::NotApplicable,
            agent::Verdict::Error | agent::Verdict::NotTested => Answer::NotSeen,
            agent::Verdict::Unspecified => {
                return Err(WireError::new("counts.verdict", format!("unknown number {}", count.verdict)));
            }
        };
        Ok((check, answer))
    };
    Ok(IncomingCounts {
        token: WorkstationToken(id_from_wire("counts.token", &wire.token)?.into_bytes()),
        day: wire.day.parse().map_err(|error: jiff::Error| WireError::new("counts.day", error))?,
        answers: wire.counts.into_iter().map(answer).collect::<Result<_, WireError>>()?,
    })
}

fn result(wire: agent::Result) -> Result<IncomingResult, WireError> {
    let result = CheckResult::try_from(wire)?;
    let fingerprint = fingerprint(&result);
    Ok(IncomingResult { result, fingerprint })
}

fn confirmation(wire: &agent::Confirmation) -> Result<IncomingConfirmation, WireError> {
    Ok(IncomingConfirmation {
        check: CheckId::parse(&wire.check).map_err(|error| WireError::new("confirmation.check", error))?,
        asset: asset_from_wire(&wire.grant)?,
        target: target_from_wire(&wire.target)?,
        vantage: vantage_from_wire(wire.vantage)?,
        fingerprint: wire.fingerprint,
        observed_at: time_from_wire("confirmation.observed_at", wire.observed_at)?,
    })
}

/// The answer to a greeting; with it the agent learns the newest version that people can get.
#[must_use]
pub fn welcome(welcome: &Welcome, newest_agent: String) -> agent::FromCollector {
    let message = agent::Welcome {
        protocol: welcome.protocol,
        spool_epoch: welcome.epoch.map(|epoch| epoch.as_bytes().to_vec()).unwrap_or_default(),
        cursor: welcome.cursor,
        send_whole_state: welcome.send_whole_state,
        received_at: time_to_wire(welcome.received_at),
        newest_agent,
    };
    from_collector(agent::from_collector::Message::Welcome(message))
}

/// What the collector says once a batch is durable.
#[must_use]
pub fn ack(sequence: u64, send_whole_state: bool) -> agent::FromCollector {
    from_collector(agent::from_collector::Message::Ack(agent::Ack { sequence, send_whole_state }))
}

/// "Send it again later."
#[must_use]
pub fn busy(retry_after: std::time::Duration) -> agent::FromCollector {
    let retry_after_milliseconds = u64::try_from(retry_after.as_millis()).unwrap_or(u64::MAX);
    from_collector(agent::from_collector::Message::Busy(agent::Busy { retry_after_milliseconds }))
}

/// Wraps a message of the collector.
#[must_use]
pub const fn from_collector(message: agent::from_collector::Message) -> agent::FromCollector {
    agent::FromCollector { message: Some(message) }
}

/// Whether a host's clock is so far off that its certificates will not work; shown to people, never a refusal.
#[must_use]
pub fn is_clock_far(sent_at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(sent_at).unsigned_abs() > crate::authority::BACKDATED
}
