//! The command line. Results go to standard output, logs and errors to standard error. Texts are Italian; `--lang en`
//! gives the results in English.

mod agent;
mod asset;
mod feed;
mod help;
mod incident;
mod maintenance;
mod organisation;
pub(crate) mod output;
mod pack;
mod posture;
mod results;
mod user;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{ArgAction, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::admin::client::ClientError;
use crate::clock::Clock;
use crate::config::{Config, FILE_DEFAULT, FILE_VARIABLE, Layers};
use crate::demo;
use crate::serve::serve;
use output::Output;
pub(crate) use posture::report;

#[derive(Debug, Parser)]
#[command(
    name = "vedetta-collector",
    version,
    about = "Raccoglie i risultati degli agenti di una provincia e li mostra",
    after_help = "Tutti: --state DIR --config FILE --set NOME=VALORE --format text|json --lang it|en --print-config\n\
                  Esempio:   vedetta-collector demo --agent ./vedetta-agent --state /tmp/vedetta",
    disable_help_subcommand = true,
    disable_help_flag = true,
    disable_version_flag = true,
    arg_required_else_help = true
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// File di configurazione
    #[arg(long, global = true, value_name = "FILE", env = FILE_VARIABLE, hide_env = true)]
    config: Option<PathBuf>,
    /// Cartella con archivio, chiavi e socket di amministrazione
    #[arg(long, global = true, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Un'altra impostazione, come agents.listen=0.0.0.0:7443
    #[arg(long, global = true, value_name = "NOME=VALORE")]
    set: Vec<String>,
    /// Mostra la configurazione che vale, e da dove viene ogni valore
    #[arg(long, global = true)]
    print_config: bool,
    #[command(flatten)]
    output: Output,
    /// Mostra questo aiuto
    #[arg(short, long, global = true, action = ArgAction::Help)]
    help: Option<bool>,
    /// Mostra la versione
    #[arg(short = 'V', long, action = ArgAction::Version)]
    version: Option<bool>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Avvia il collettore: ascolta agenti e persone finché non viene fermato
    #[command(after_help = "Esempio:  vedetta-collector serve --state /var/lib/vedetta-collector")]
    Serve,
    /// Prova Vedetta su questo computer: collettore, agente e primi risultati
    Demo(demo::Arguments),
    /// Dice come sta il collettore in funzione
    #[command(after_help = "Esempio:  vedetta-collector status --format json")]
    Status,
    /// Organizzazioni: elenco, aggiunta, perimetro, contatti
    #[command(subcommand)]
    Org(organisation::Arguments),
    /// Persone: chi può entrare e che cosa può fare
    #[command(subcommand)]
    User(user::Arguments),
    /// Codici per iscrivere un computer
    #[command(subcommand)]
    EnrolCode(agent::CodeArguments),
    /// Agenti: elenco, revoca, uscita dalla quarantena
    #[command(subcommand)]
    Agent(agent::Arguments),
    /// Beni: bersagli da guardare, ritiro
    #[command(subcommand)]
    Asset(asset::Arguments),
    /// Pacchetti di controlli
    #[command(subcommand)]
    Pack(pack::Arguments),
    /// Vulnerabilità note: crea l'archivio da file scaricati
    #[command(subcommand)]
    Feed(feed::Arguments),
    /// Incidenti: apertura, cronologia, chiusura
    #[command(subcommand)]
    Incident(incident::Arguments),
    /// I risultati come sono conservati
    Results(results::Arguments),
    /// Punteggio, copertura e rimedi di un'organizzazione
    Posture(posture::Arguments),
    /// Tutto ciò che è conservato, in JSON, per altri programmi
    Export(maintenance::ExportArguments),
    /// Copia dell'archivio in una cartella
    Backup(maintenance::BackupArguments),
    /// Nuovo archivio da una copia, a collettore fermo
    Restore(maintenance::RestoreArguments),
    /// Registro delle modifiche: è intero?
    #[command(subcommand)]
    Audit(maintenance::AuditArguments),
}

/// Runs the command line; the exit code is 1 when the collector said no, 2 when the command could not run.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::from_arg_matches(&command().get_matches());
    let cli = cli.unwrap_or_else(|error| error.exit());
    let output = cli.output.clone();
    match start(cli) {
        Ok(code) => code,
        Err(error) => {
            let (text, code) = match error.downcast_ref() {
                Some(ClientError::Failed(words)) => (output.say(&words.it, &words.en).to_owned(), 1),
                Some(ClientError::Connect { .. } | ClientError::Frame(_)) | None => (chain(&error), 2),
            };
            // Nobody is left to tell when standard error is gone.
            let _gone = writeln!(std::io::stderr(), "vedetta-collector: {text}").is_err();
            ExitCode::from(code)
        }
    }
}

/// The command line, also for those who write manual pages from it.
#[must_use]
pub fn command() -> clap::Command {
    help::italian(Cli::command())
}

/// An error with its causes in one line, each said once.
fn chain(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

fn start(cli: Cli) -> anyhow::Result<ExitCode> {
    let layers = layers(&cli)?;
    let config = Config::read(&layers)?;
    if cli.print_config {
        cli.output.line(&layers)?;
        return Ok(ExitCode::SUCCESS);
    }
    let Some(command) = cli.command else { anyhow::bail!("manca il comando; `vedetta-collector --help` li elenca") };
    let is_serve = matches!(command, Command::Serve);
    let filter: Result<Targets, _> = if is_serve { &config.log } else { "warn" }.parse();
    let filter = filter.unwrap_or_else(|_| Targets::new().with_default(LevelFilter::INFO));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_target(false);
    tracing_subscriber::registry().with(filter).with(lines).init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(run(command, config, &cli.output))?;
    Ok(ExitCode::SUCCESS)
}

fn layers(cli: &Cli) -> anyhow::Result<Layers> {
    let mut layers = Layers::defaults();
    match &cli.config {
        Some(file) => layers = layers.file(file)?,
        None if Path::new(FILE_DEFAULT).exists() => layers = layers.file(Path::new(FILE_DEFAULT))?,
        None => {}
    }
    let variables =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let mut flags = Vec::new();
    for pair in &cli.set {
        let (key, value) = pair
            .split_once('=')
            .ok_or_else(|| anyhow::anyhow!("--set {pair}: serve NOME=VALORE, come agents.listen=0.0.0.0:7443"))?;
        flags.push((key.to_owned(), value.to_owned()));
    }
    if let Some(state) = &cli.state {
        flags.push(("state".to_owned(), state.to_string_lossy().into_owned()));
    }
    Ok(layers.environment(variables)?.flags(flags)?)
}

async fn run(command: Command, config: Config, output: &Output) -> anyhow::Result<()> {
    let state = config.state.clone();
    match command {
        Command::Serve => serve(config, Clock::system()).await,
        Command::Demo(arguments) => demo::run(arguments, &state, output).await,
        Command::Status => maintenance::status(&state, output).await,
        Command::Org(arguments) => organisation::run(arguments, &state, output).await,
        Command::User(arguments) => user::run(arguments, &state, output).await,
        Command::EnrolCode(arguments) => agent::code(arguments, &state, output).await,
        Command::Agent(arguments) => agent::run(arguments, &state, output).await,
        Command::Asset(arguments) => asset::run(arguments, &state, output).await,
        Command::Pack(arguments) => pack::run(arguments, &state, output).await,
        Command::Feed(arguments) => feed::run(arguments, &Clock::system(), output),
        Command::Incident(arguments) => incident::run(arguments, &state, output).await,
        Command::Results(arguments) => results::run(arguments, &state, output).await,
        Command::Posture(arguments) => posture::run(arguments, &state, output).await,
        Command::Export(arguments) => maintenance::export(arguments, &state, output).await,
        Command::Backup(arguments) => maintenance::backup(arguments, &state, output).await,
        Command::Restore(arguments) => maintenance::restore(&arguments, &state, output),
        Command::Audit(arguments) => maintenance::audit(arguments, &state, output).await,
    }
}

/// Seconds of a duration on the command line, such as `24h`.
fn seconds(text: &str) -> Result<i64, String> {
    crate::config::duration(text).map(|duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests;
