//! `status`, `export`, `backup`, `restore` and `audit`.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use vedetta_store::Embedded;

use super::output::Output;
use crate::admin::client::call;
use crate::admin::verbs::store::{
    Backup, BackupRequest, Export, ExportRequest, Status, VerifyAnswer, VerifyAudit, verify_audit,
};
use crate::authority::files;
use crate::state_format;

pub(super) async fn status(state: &Path, output: &Output) -> anyhow::Result<()> {
    let answer = call::<Status>(state, ()).await?;
    output.show(&answer, |output| {
        let lines = [
            (output.say("versione", "version"), answer.version.clone()),
            (output.say("in funzione dal", "running since"), output.when(answer.started_at)),
            (output.say("archivio", "store"), format!("{} @ {}", answer.store, answer.position)),
            (output.say("agenti si collegano a", "agents connect to"), answer.agents_addresses.join(", ")),
            (output.say("pagine", "pages"), answer.people_url.clone()),
            (output.say("organizzazioni", "organisations"), answer.organisations.to_string()),
            (output.say("agenti", "agents"), answer.agents.to_string()),
            (output.say("risultati", "results"), answer.results.to_string()),
            (output.say("problemi aperti", "open findings"), answer.open_findings.to_string()),
            (output.say("incidenti aperti", "open incidents"), answer.open_incidents.to_string()),
        ];
        lines.map(|(name, value)| format!("{name}: {value}")).join("\n")
    })
}

#[derive(Debug, Args)]
#[command(after_help = "Esempio:  vedetta-collector export --org \"Comune dimostrativo\" > comune.json")]
pub(super) struct ExportArguments {
    /// Solo questa organizzazione e ciò che sta sotto
    #[arg(long, value_name = "ORGANIZZAZIONE")]
    org: Option<String>,
}

pub(super) async fn export(arguments: ExportArguments, state: &Path, output: &Output) -> anyhow::Result<()> {
    let value = call::<Export>(state, ExportRequest { organisation: arguments.org }).await?;
    output.line(&serde_json::to_string_pretty(&value)?)
}

#[derive(Debug, Args)]
#[command(after_help = "Esempio:  vedetta-collector backup /var/backups/vedetta/2026-11-21")]
pub(super) struct BackupArguments {
    /// Cartella che riceve la copia
    folder: PathBuf,
}

pub(super) async fn backup(arguments: BackupArguments, state: &Path, output: &Output) -> anyhow::Result<()> {
    let folder = std::path::absolute(&arguments.folder).context("trovare la cartella della copia")?;
    let answer = call::<Backup>(state, BackupRequest { folder: folder.clone() }).await?;
    // The authority too: without its key no agent would know the restored collector again.
    copy_private(&state.join("authority"), &folder.join("authority"))?;
    output.show(&answer, |output| {
        let warning = output.say(
            "La copia contiene la chiave dell'autorità degli agenti: conservala come un segreto.",
            "The copy holds the key of the agents' authority: keep it as a secret.",
        );
        format!("{} {} @ {}\n{warning}", output.say("copia in", "copy in"), folder.display(), answer.position)
    })
}

#[derive(Debug, Args)]
#[command(
    after_help = "Esempio:  vedetta-collector restore /var/backups/vedetta/2026-11-21 --state /var/lib/vedetta-nuovo"
)]
pub(super) struct RestoreArguments {
    /// Cartella della copia
    folder: PathBuf,
}

pub(super) fn restore(arguments: &RestoreArguments, state: &Path, output: &Output) -> anyhow::Result<()> {
    files::private_folder(state)?;
    state_format::keep(state)?;
    let position = Embedded::restore(&arguments.folder, &state.join("store"))?;
    copy_private(&arguments.folder.join("authority"), &state.join("authority"))?;
    state_format::give_to_owner(state).context("dare i dati all'utente del collettore")?;
    output.show(&position.0, |output| {
        format!("{} {} @ {}", output.say("archivio ripristinato in", "store restored in"), state.display(), position.0)
    })
}

fn copy_private(from: &Path, to: &Path) -> anyhow::Result<()> {
    if let Some(pair) = files::read_pair(from, "ca")? {
        anyhow::ensure!(files::read_pair(to, "ca")?.is_none(), "{} contiene già un'autorità", to.display());
        files::write_pair(to, "ca", &pair)?;
    }
    Ok(())
}

#[derive(Debug, Subcommand)]
pub(super) enum AuditArguments {
    /// Segue la catena del registro dal primo all'ultimo
    #[command(
        after_help = "Esempio:  vedetta-collector audit verify\nA collettore fermo:  vedetta-collector audit verify --stopped"
    )]
    Verify {
        /// Apre l'archivio di un collettore fermo
        #[arg(long)]
        stopped: bool,
    },
}

pub(super) async fn audit(arguments: AuditArguments, state: &Path, output: &Output) -> anyhow::Result<()> {
    let AuditArguments::Verify { stopped } = arguments;
    let answer: VerifyAnswer = if stopped {
        let folder = state.join("store");
        anyhow::ensure!(folder.is_dir(), "{} non è un archivio", folder.display());
        state_format::check(state)?;
        let opening = tokio::task::spawn_blocking(move || Embedded::open(&folder, vedetta_store::Options::default()));
        let (store, _) = opening.await??;
        let answer = verify_audit(&store).await;
        tokio::task::spawn_blocking(move || store.close()).await?;
        state_format::give_to_owner(state).context("dare i dati all'utente del collettore")?;
        answer?
    } else {
        call::<VerifyAudit>(state, ()).await?
    };
    output.show(&answer, |output| {
        format!(
            "{}: {}\n{}: {}",
            output.say("voci intere e in ordine", "records whole and in order"),
            answer.records,
            output.say("ultima impronta", "last hash"),
            answer.head
        )
    })?;
    match answer.broken_at {
        Some(number) => anyhow::bail!("la voce {number} del registro manca o è stata cambiata"),
        None => Ok(()),
    }
}
