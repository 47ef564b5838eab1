//! `outbox`: every message that left this host or waits to leave it, one JSON object a line.

use std::process::ExitCode;

use clap::Args;
use jiff::Timestamp;
use serde_json::{Value, json};
use vedetta_checks::contract::result_to_json;
use vedetta_checks::result::CheckResult;
use vedetta_proto::agent;

use crate::config::Config;
use crate::service::SPOOL_FOLDER;
use crate::spool::{OutboxEntry, OutboxFilter, Outboxed, read_outbox};

#[derive(Debug, Args)]
#[command(after_help = "Esempio:  vedetta-agent outbox --sent --last 1\n\
                        Ogni riga è un messaggio intero, in JSON, campo per campo come parte da questo computer.")]
pub(super) struct Arguments {
    /// Solo i messaggi che il collettore ha confermato
    #[arg(long)]
    sent: bool,
    /// Solo i messaggi in attesa
    #[arg(long, conflicts_with = "sent")]
    queued: bool,
    /// Solo gli ultimi N
    #[arg(long, value_name = "N")]
    last: Option<usize>,
}

pub(super) fn run(arguments: &Arguments, config: &Config) -> anyhow::Result<ExitCode> {
    let filter = match (arguments.sent, arguments.queued) {
        (true, _) => OutboxFilter::Sent,
        (false, true) => OutboxFilter::Queued,
        (false, false) => OutboxFilter::All,
    };
    show(config, filter, arguments.last.unwrap_or(usize::MAX))
}

pub(super) fn show(config: &Config, filter: OutboxFilter, last: usize) -> anyhow::Result<ExitCode> {
    let folder = config.state.join(SPOOL_FOLDER);
    anyhow::ensure!(
        folder.is_dir(),
        "there is no spool in {}: this host never looked for a collector",
        folder.display()
    );
    let mut text = String::new();
    for entry in read_outbox(&folder, filter, last)? {
        text.push_str(&format!("{}\n", entry_to_json(entry)?));
    }
    super::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn entry_to_json(entry: OutboxEntry) -> anyhow::Result<Value> {
    let status = match entry.status {
        Outboxed::Sent { .. } => "sent",
        Outboxed::Queued => "queued",
        Outboxed::QueuedAgain => "queued_again",
        Outboxed::NotSent => "not_sent",
    };
    let acknowledged_at = entry.status.acknowledged_at().map(|at| at.to_string());
    let mut results = Vec::new();
    for result in entry.batch.results {
        results.push(result_to_json(&CheckResult::try_from(result)?));
    }
    let confirmations: Vec<Value> = entry.batch.confirmations.iter().map(confirmation_to_json).collect();
    Ok(json!({
        "message": "batch",
        "status": status,
        "spool_epoch": hex(&entry.epoch),
        "sequence": entry.batch.sequence,
        "queued_at": time(entry.queued_at),
        "acknowledged_at": acknowledged_at,
        "whole_state": entry.batch.whole_state,
        "results": results,
        "confirmations": confirmations,
        "counts": entry.batch.counts.as_ref().map(counts_to_json),
    }))
}

/// Answers that only enter a count, each with its verdict as a word.
fn counts_to_json(counts: &agent::Counts) -> Value {
    let verdict = |count: &agent::Count| {
        let name = count.verdict().as_str_name();
        name.strip_prefix("VERDICT_").unwrap_or(name).to_lowercase()
    };
    let answers = counts.counts.iter().map(|count| json!({ "check": count.check, "verdict": verdict(count) }));
    json!({ "token": hex(&counts.token), "day": counts.day, "answers": answers.collect::<Vec<_>>() })
}

fn confirmation_to_json(confirmation: &agent::Confirmation) -> Value {
    json!({
        "check": confirmation.check,
        "asset": asset(&confirmation.grant),
        "target": confirmation.target,
        "vantage": vedetta_proto::wire::vantage_from_wire(confirmation.vantage).map_or("", vedetta_checks::result::Vantage::word),
        "fingerprint": format!("{:016x}", confirmation.fingerprint),
        "observed_at": time(confirmation.observed_at),
    })
}

/// The greeting of a session, as it would leave now.
pub(super) fn hello_to_json(hello: &agent::Hello) -> Value {
    let refused: Vec<Value> = hello
        .refused
        .iter()
        .map(|refused| json!({ "asset": asset(&refused.grant), "target": refused.target }))
        .collect();
    json!({
        "message": "hello",
        "protocol_least": hello.protocol_least,
        "protocol_greatest": hello.protocol_greatest,
        "agent_version": hello.agent_version,
        "spool_epoch": hex(&hello.spool_epoch),
        "last_sequence": hello.last_sequence,
        "acknowledged": hello.acknowledged,
        "boot_id": hex(&hello.boot_id),
        "pack_digests": hello.pack_digests.iter().map(|digest| hex(digest)).collect::<Vec<_>>(),
        "assignment_revision": hello.assignment_revision,
        "gap_batches": hello.gap_batches,
        "sent_at": time(hello.sent_at),
        "refused": refused,
    })
}

fn asset(grant: &[u8]) -> String {
    uuid::Uuid::from_slice(grant).map_or_else(|_| "host".to_owned(), |grant| grant.to_string())
}

fn time(milliseconds: i64) -> Option<String> {
    Timestamp::from_millisecond(milliseconds).ok().map(|time| time.to_string())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
