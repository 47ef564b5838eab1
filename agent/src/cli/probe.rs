//! `probe`: what a probe sees, without judgement.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use vedetta_checks::target::Target;
use vedetta_checks::word::ProbeName;

use super::environment::{Environment, root_folder, surroundings};
use super::network::NetworkArguments;
use super::spf::{self, SpfArguments};
use crate::config::Config;

/// The probe that compares with known vulnerabilities.
const PACKAGES: &str = "packages";
/// Longest deadline that a person can give, in seconds.
const DEADLINE_SECONDS_MAX: u64 = 600;

#[derive(Debug, Args)]
#[command(after_help = "Esempi:   vedetta-agent probe tls tls://www.example.it:443\n\
                        \u{20}         vedetta-agent probe dns example.it")]
pub(super) struct Arguments {
    /// La sonda: tls, http, certificates, dns, mail, spf, packages, services, host, software, ports
    kind: String,
    /// Il bersaglio: host, tls://NOME:PORTA[?starttls=smtp], un dominio
    #[arg(default_value = "host")]
    target: String,
    /// Cartella che sta per /
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
    /// Archivio delle vulnerabilità note, al posto di quello ricevuto (per packages)
    #[arg(long, value_name = "DIR")]
    feed: Option<PathBuf>,
    /// Tempo massimo
    #[arg(long, value_name = "SECONDI", value_parser = clap::value_parser!(u64).range(1..=DEADLINE_SECONDS_MAX))]
    deadline: Option<u64>,
    /// Anche le prove attive: solo con l'autorizzazione di chi gestisce il bersaglio
    #[arg(long)]
    active: bool,
    /// Formato: json, o text per spf
    #[arg(long, value_name = "FORMATO", default_value = "json", value_parser = ["json", "text"])]
    #[arg(hide_possible_values = true)]
    format: String,
    #[command(flatten)]
    network: NetworkArguments,
    #[command(flatten)]
    spf: SpfArguments,
}

pub(super) async fn run(arguments: Arguments, config: &Config) -> anyhow::Result<ExitCode> {
    arguments.spf.belong_to(&arguments.kind)?;
    if arguments.kind == spf::KIND {
        return run_spf(arguments, config).await;
    }
    anyhow::ensure!(arguments.format == "json", "--format text is for `probe {}` only", spf::KIND);
    let catalogue = vedetta_probes::catalogue();
    let known: Vec<&str> = catalogue.iter().map(|spec| spec.name.as_str()).collect();
    let spec = ProbeName::parse(&arguments.kind).ok().and_then(|name| catalogue.get(&name).cloned());
    let spec =
        spec.with_context(|| format!("there is no probe `{}`; there are: {}", arguments.kind, known.join(", ")))?;
    let target: Target = arguments.target.parse()?;
    let surroundings = surroundings(config)?;
    let mut context = surroundings.context;
    let clock = context.now;
    context.deadline = arguments.deadline.map_or(spec.deadline, Duration::from_secs);
    context.active = arguments.active;
    arguments.network.apply_to(&mut context)?;
    anyhow::ensure!(
        arguments.feed.is_none() || spec.name.as_str() == PACKAGES,
        "--feed is for `probe {PACKAGES}` only"
    );
    if spec.name.as_str() == PACKAGES {
        context.feed = Environment::gather(config).feed(arguments.feed.as_deref(), config)?.feed();
    }
    if let Some(root) = &arguments.root {
        context.root = root_folder(root)?;
    }
    let observed_at = context.now;
    // The reader knows the clock alone, not a moment that a person gave.
    let reader = surroundings.reader.filter(|_| context.now == clock);
    let outcome = crate::engine::observe(spec.name.clone(), target.clone(), context, reader.as_ref()).await;
    let json = vedetta_probes::json::observation_to_json(&outcome, &target, &spec.name, observed_at);
    super::print(&format!("{}\n", serde_json::to_string_pretty(&json)?))?;
    Ok(if outcome.is_ok() { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

async fn run_spf(arguments: Arguments, config: &Config) -> anyhow::Result<ExitCode> {
    // The target has a default, which no person wrote.
    anyhow::ensure!(arguments.target == "host", "`probe {}` takes no target: the sender names the domain", spf::KIND);
    let mut context = surroundings(config)?.context;
    context.deadline = arguments.deadline.map_or(vedetta_probes::mail::spf::EVALUATION_TIME_MAX, Duration::from_secs);
    arguments.network.apply_to(&mut context)?;
    spf::run(arguments.spf, context, &arguments.format).await
}
