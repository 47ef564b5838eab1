//! The command line. Results go to standard output, logs to standard error.

#[cfg(unix)]
mod account;
mod batch;
mod check;
mod enrol;
mod environment;
mod explain;
mod leave;
mod network;
mod outbox;
mod pack;
mod probe;
#[cfg(unix)]
mod reader;
mod run;
#[cfg(windows)]
mod service;
mod spf;
mod status;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::writer::BoxMakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use vedetta_journal::AppendError;

use crate::config::{Config, FILE_DEFAULT, Layers};
#[cfg(windows)]
use crate::platform::{STATE_FOLDER, service_control::Resting};
use crate::service::HomeError;
use crate::spool::SpoolError;
use crate::state_format;

/// Threads for looks; two, so that a look that reads a slow disk does not stop the others' clocks.
const WORKER_THREADS: usize = 2;

#[derive(Debug, Parser)]
#[command(
    name = "vedetta-agent",
    version,
    about = "Controlla la sicurezza di questo computer e la riferisce alla propria Provincia",
    after_help = "Esempio:  vedetta-agent check        controlla subito, senza iscriversi e senza inviare nulla",
    disable_help_subcommand = true,
    arg_required_else_help = true
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// File di configurazione
    #[arg(long, global = true, value_name = "FILE", env = "VEDETTA_CONFIG", hide_env = true)]
    config: Option<PathBuf>,
    /// Cartella con identità, coda e incarico
    #[arg(long, global = true, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Mostra la configurazione che vale, e da dove viene ogni valore
    #[arg(long, global = true)]
    print_config: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Controlla questo computer e mostra che cosa fare
    Check(check::Arguments),
    /// Mostra che cosa vede una sonda, senza giudizio
    Probe(probe::Arguments),
    /// Spiega un controllo: che cosa, perché, come rimediare
    Explain(explain::Arguments),
    /// Iscrive questo computer con un codice
    Enrol(enrol::Arguments),
    /// Controlla e riferisce, finché non viene fermato
    Run(run::Arguments),
    /// Il servizio di Windows: registrarlo, toglierlo
    #[cfg(windows)]
    #[command(subcommand)]
    Service(service::Arguments),
    /// Mostra iscrizione, coda e ultimi contatti
    Status(status::Arguments),
    /// Mostra ogni messaggio partito o in attesa
    Outbox(outbox::Arguments),
    /// Ritira questo computer: la sua storia resta
    Leave(leave::Arguments),
    /// Dice all'agente ciò che solo root può vedere: lo avvia systemd
    #[cfg(unix)]
    #[command(hide = true)]
    Reader(reader::Arguments),
    /// Strumenti per chi pubblica controlli
    #[command(subcommand)]
    Pack(pack::Arguments),
}

/// Runs the command line; the exit code is 2 when the command could not run.
#[must_use]
pub fn main() -> ExitCode {
    let is_whole = std::env::args_os().any(|argument| argument == "--help");
    let parsed = Cli::from_arg_matches(&command(is_whole).get_matches()).unwrap_or_else(|error| error.exit());
    match run_command(parsed) {
        Ok(code) => code,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "vedetta-agent: {}{}", chain(&error), remedy(&error));
            ExitCode::from(2)
        }
    }
}

/// The command line, also for those who write manual pages from it; `is_whole` shows the seldom used options too, in lines as
/// short as those of the others: `-h` fits a small screen, `--help` one page.
#[must_use]
pub fn command(is_whole: bool) -> clap::Command {
    let shown = |command: clap::Command| {
        command.mut_args(|argument| if is_whole { argument.hide_short_help(false) } else { argument })
    };
    Cli::command().mut_subcommand("check", shown).mut_subcommand("probe", shown)
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

/// What a person without the rights can do about it.
fn remedy(error: &anyhow::Error) -> &'static str {
    let is_denied = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::PermissionDenied)
    };
    if error.chain().any(is_denied) { crate::platform::AS_ADMINISTRATOR } else { "" }
}

fn run_command(cli: Cli) -> anyhow::Result<ExitCode> {
    let layers = Layers::defaults();
    let layers = match &cli.config {
        Some(file) => layers.with_file(file, true)?,
        None => layers.with_file(Path::new(FILE_DEFAULT), false)?,
    };
    let state = cli.state.map(|state| state.to_string_lossy().into_owned());
    let variables =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let layers = layers.with_environment(variables)?.with_flag("state", "--state", state);
    let config = Config::from_layers(&layers)?;
    if cli.print_config {
        print(&printed(&layers))?;
        return Ok(ExitCode::SUCCESS);
    }
    let filter = config.log.parse().unwrap_or_else(|_| Targets::new().with_default(LevelFilter::WARN));
    let lines = tracing_subscriber::fmt::layer().with_writer(log_writer(cli.command.as_ref())).with_target(false);
    tracing_subscriber::registry().with(filter).with(lines).init();
    #[cfg(unix)]
    if let Some(work) = cli.command.as_ref().and_then(Command::work)
        && let Some(code) = account::hand_over(&config.state, work)?
    {
        return Ok(code);
    }
    #[cfg(windows)]
    let _resting = match &cli.command {
        Some(Command::Enrol(_) | Command::Leave(_)) if config.state == Path::new(STATE_FOLDER) => Resting::begin()?,
        Some(_) | None => None,
    };
    let runtime = runtime()?;
    match cli.command {
        None => Err(anyhow::anyhow!("no command; `vedetta-agent --help` lists them")),
        Some(Command::Check(arguments)) => runtime.block_on(check::run(arguments, &config)),
        Some(Command::Probe(arguments)) => runtime.block_on(probe::run(arguments, &config)),
        Some(Command::Explain(arguments)) => explain::run(&arguments, &config),
        Some(Command::Enrol(arguments)) => runtime.block_on(enrol::run(arguments, &config)),
        Some(Command::Run(arguments)) => runtime.block_on(run::run(arguments, &config)),
        #[cfg(windows)]
        Some(Command::Service(arguments)) => {
            drop(runtime);
            service::run(arguments, &config)
        }
        Some(Command::Status(arguments)) => {
            state_format::check(&config.state)?;
            status::run(&arguments, &config)
        }
        Some(Command::Outbox(arguments)) => {
            state_format::check(&config.state)?;
            outbox::run(&arguments, &config)
        }
        Some(Command::Leave(arguments)) => runtime.block_on(leave::run(arguments, &config)),
        Some(Command::Pack(arguments)) => pack::run(arguments, &config),
        #[cfg(unix)]
        Some(Command::Reader(arguments)) => {
            drop(runtime);
            let configuration = cli.config.as_deref().unwrap_or(std::path::Path::new(FILE_DEFAULT));
            reader::run(&arguments, &config, configuration)
        }
    }
}

#[cfg(unix)]
impl Command {
    /// What it does to the state folder, so that root does it as the folder's owner.
    const fn work(&self) -> Option<account::Work> {
        match self {
            Self::Enrol(_) | Self::Leave(_) => Some(account::Work::OnTheIdentity),
            Self::Run(_) | Self::Status(_) | Self::Outbox(_) => Some(account::Work::InTheState),
            Self::Check(arguments) if arguments.sends() => Some(account::Work::InTheState),
            Self::Check(_) | Self::Probe(_) | Self::Explain(_) | Self::Pack(_) | Self::Reader(_) => None,
        }
    }
}

/// Where the log goes: to standard error, which nobody hears of a service of Windows; that has a file.
#[cfg_attr(not(windows), expect(unused_variables, reason = "only Windows has a command whose standard error is lost"))]
fn log_writer(command: Option<&Command>) -> BoxMakeWriter {
    #[cfg(windows)]
    if let Some(Command::Service(service::Arguments::Run)) = command
        && let Ok(file) = crate::platform::LogFile::open()
    {
        return BoxMakeWriter::new(move || file.clone());
    }
    BoxMakeWriter::new(std::io::stderr)
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(WORKER_THREADS).enable_all().build()
}

/// The configuration as a file would say it, each line with the source of its value.
fn printed(layers: &Layers) -> String {
    let mut text = String::new();
    for (key, values, source) in layers.iter() {
        let quoted: Vec<String> = values.iter().map(|value| format!("{value:?}")).collect();
        let value = match quoted.as_slice() {
            [] => "(unset)".to_owned(),
            [one] => one.clone(),
            several => format!("[{}]", several.join(", ")),
        };
        text.push_str(&format!("{key} = {value}    # {source}\n"));
    }
    text
}

/// Says what to do when the disk has no room for the agent's queue.
fn full_disk_explained(error: HomeError) -> anyhow::Error {
    let HomeError::Spool(SpoolError::Append(AppendError::DiskFull { folder, free_bytes_reserve, .. })) = &error else {
        return error.into();
    };
    let explanation = format!(
        "Il disco è pieno e l'agente non può iniziare: liberare spazio dove si trova {} (devono restare liberi almeno \
         {} MiB) e ripetere il comando",
        folder.display(),
        free_bytes_reserve.div_ceil(1024 * 1024)
    );
    anyhow::Error::from(error).context(explanation)
}

/// Says something to the person beside the result, on standard error.
fn tell(text: &str) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stderr(), "{text}")?)
}

/// Writes a result to standard output. A reader that went away is no error.
fn print(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        outcome => Ok(outcome?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines of a screen that every `-h` fits.
    const SCREEN_LINES: usize = 36;
    /// Lines of a page that every `--help` fits.
    const PAGE_LINES: usize = 50;

    #[test]
    fn every_help_fits_its_screen_and_shows_an_example() {
        for (is_whole, lines_max) in [(false, SCREEN_LINES), (true, PAGE_LINES)] {
            let mut whole = command(is_whole);
            // Hands the options that all commands have down to each of them.
            whole.build();
            let mut commands = vec![whole];
            while let Some(mut command) = commands.pop() {
                commands.extend(command.get_subcommands().cloned());
                let help = command.render_help().to_string();
                let (name, lines) = (command.get_name().to_owned(), help.lines().count());
                assert!(lines <= lines_max, "{name}: {lines} lines\n{help}");
                assert!(help.contains("Esempi"), "{name}:\n{help}");
                let mut own = command.get_arguments().filter(|argument| argument.get_id() != "help");
                let is_long = own.any(|argument| argument.get_long_help().is_some());
                assert!(!is_long, "{name}: an option with two helps");
                assert!(
                    !is_whole || command.get_arguments().all(|argument| !argument.is_hide_short_help_set()),
                    "{name}"
                );
            }
        }
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
