//! `status`: enrolment, queue, last contact, and what was refused.

use std::process::ExitCode;

use clap::Args;
use jiff::Timestamp;
use serde_json::json;
use vedetta_checks::rome::ROME;

use crate::assignment::Assignment;
use crate::clock;
use crate::config::Config;
use crate::identity;
use crate::service::{SPOOL_FOLDER, Status};
use crate::spool::{OutboxFilter, read_outbox};
use crate::version;

#[derive(Debug, Args)]
#[command(
    after_help = "Esempio:  vedetta-agent status\nUscita:   0 iscritto, 1 non iscritto, o ultimo rapporto o coda non riusciti"
)]
pub(super) struct Arguments {
    /// Formato: table, json
    #[arg(long, default_value = "table", value_parser = ["table", "json"])]
    format: String,
}

pub(super) fn run(arguments: &Arguments, config: &Config) -> anyhow::Result<ExitCode> {
    let status = Status::load(&config.state)?;
    let spool = config.state.join(SPOOL_FOLDER);
    // Counted from the spool itself: the status is only as fresh as the agent's last word.
    let waiting = if spool.is_dir() { read_outbox(&spool, OutboxFilter::Queued, usize::MAX)?.len() } else { 0 };
    let identity = identity::load(&config.state);
    let healthy = identity.is_ok() && status.failure.is_none() && status.spool_error.is_none();
    let text = if arguments.format == "json" {
        let enrolled = identity.as_ref().ok().map(|identity| {
            json!({
                "agent_id": identity.agent_id,
                "organisation": identity.organisation,
                "addresses": identity.addresses,
                "certificate_until": identity.not_after.to_string(),
                "renew_at": identity.renew_at().to_string(),
                "public_names": identity.public_names.iter().map(ToString::to_string).collect::<Vec<_>>(),
            })
        });
        let error = identity.as_ref().err().map(ToString::to_string);
        let assignment = Assignment::load(&config.state).revision;
        format!(
            "{}\n",
            json!({ "schema": 1, "version": version::OWN, "newer_version": version::newer(status.newest_agent.as_deref()), "enrolled": enrolled, "identity_error": error, "waiting": waiting, "assignment_revision": assignment, "agent": status })
        )
    } else {
        table(&identity, &status, waiting)
    };
    super::print(&text)?;
    Ok(ExitCode::from(u8::from(!healthy)))
}

fn table(identity: &Result<identity::Identity, identity::IdentityError>, status: &Status, waiting: usize) -> String {
    let mut lines = Vec::new();
    match identity {
        Ok(identity) => {
            lines.push(format!("Iscritto per       {}", identity.organisation));
            lines.push(format!("Identità           {}", identity.agent_id));
            lines.push(format!("Collettore         {}", identity.addresses.join(", ")));
            let expired =
                if identity.is_expired(clock::system()) { "  SCADUTO: si rinnova al prossimo contatto" } else { "" };
            lines.push(format!("Certificato fino a {}{expired}", moment(Some(identity.not_after))));
        }
        Err(error) => lines.push(format!("Non iscritto       {error}")),
    }
    lines.push(format!("Versione           {}", version::OWN));
    if let Some(newer) = version::newer(status.newest_agent.as_deref()) {
        lines.push(format!("                   È disponibile la versione {newer}: {}", upgrade(newer)));
    }
    lines.push(format!("Ultimo rapporto    {}", moment(status.last_report)));
    if let Some(failure) = &status.failure {
        lines.push(format!("Non riuscito       {}: {failure}", moment(status.last_failure)));
    }
    lines.push(format!("Prossimo entro     {}", moment(status.next_report)));
    lines.push(format!("In attesa          {waiting} messaggi, {} byte in coda", status.spool_bytes));
    if status.gap_batches > 0 {
        lines.push(format!("Persi              {} messaggi vecchi: la coda era piena", status.gap_batches));
    }
    if let Some(last) = &status.set_aside {
        let count = status.set_aside_batches;
        lines.push(format!("Non accettati      {count} risultati messi da parte; l'ultimo: {last}"));
    }
    if let Some(error) = &status.spool_error {
        lines.push(format!("Coda               {error}"));
    }
    if status.clock_ahead_milliseconds.unsigned_abs() > 60_000 {
        let seconds = status.clock_ahead_milliseconds / 1000;
        lines.push(format!("Orologio           differisce di {seconds} s da quello del collettore"));
    }
    lines.push(format!("Controlli          {}", status.packs.join(", ")));
    lines.push(format!("Guarda             {}", status.targets.join(", ")));
    for (pack, why) in status.refused_packs.iter().chain(&status.refused_bundles) {
        lines.push(format!("Pacchetto rifiutato  {pack}: {why}"));
    }
    for refused in &status.refused_targets {
        lines.push(format!("Bersaglio rifiutato  {refused}"));
    }
    format!("{}\n", lines.join("\n"))
}

/// Who installs a newer version, and with which command: the agent itself never does.
fn upgrade(newer: &str) -> String {
    let is_there = |program: &str| std::path::Path::new(program).exists();
    let how = if cfg!(windows) {
        format!("msiexec /i vedetta-agent-{newer}-x64.msi")
    } else if is_there("/usr/bin/apt-get") {
        "sudo apt-get install ./vedetta-agent.deb".to_owned()
    } else if is_there("/usr/bin/dnf") {
        "sudo dnf install ./vedetta-agent.rpm".to_owned()
    } else {
        "il pacchetto nuovo".to_owned()
    };
    format!(
        "chi gestisce questo computer la installa con\n                   {how} (il comando intero è nella pagina di questo computer in Vedetta)"
    )
}

fn moment(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "mai".to_owned(), |at| at.to_zoned(ROME.clone()).strftime("%d/%m/%Y %H:%M:%S").to_string())
}
