//! `probe`: what a probe sees, without judgement.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use jiff::Timestamp;
use vedetta_checks::target::Target;
use vedetta_checks::word::ProbeName;

use super::environment::{root_folder, roots, surroundings};
use crate::config::{Config, resolver};

/// Longest deadline that a person can give, in seconds.
const DEADLINE_SECONDS_MAX: u64 = 600;

#[derive(Debug, Args)]
#[command(after_help = "Esempio:  vedetta-agent probe tls tls://www.example.it:443")]
pub(super) struct Arguments {
    /// La sonda: tls, http, certificates, dns, packages, services, host
    kind: String,
    /// Il bersaglio: host, tls://NOME:PORTA[?starttls=smtp], un dominio
    #[arg(default_value = "host")]
    target: String,
    /// Server DNS da interrogare
    #[arg(long, value_name = "IP:PORTA", value_parser = resolver)]
    resolver: Option<SocketAddr>,
    /// Cartella che sta per /
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
    /// L'istante che vale come adesso (RFC 3339)
    #[arg(long, value_name = "ISTANTE")]
    now: Option<Timestamp>,
    /// Certificati fidati oltre a quelli pubblici (PEM)
    #[arg(long, value_name = "FILE")]
    roots: Option<PathBuf>,
    /// Tempo massimo
    #[arg(long, value_name = "SECONDI", value_parser = clap::value_parser!(u64).range(1..=DEADLINE_SECONDS_MAX))]
    deadline: Option<u64>,
    /// Anche le prove attive: solo con l'autorizzazione di chi gestisce il bersaglio
    #[arg(long)]
    active: bool,
    /// Porta del sito senza cifratura
    #[arg(long, value_name = "PORTA", default_value_t = 80, value_parser = clap::value_parser!(u16).range(1..))]
    http_port: u16,
    /// Formato: json
    #[arg(long, default_value = "json", value_parser = ["json"])]
    format: String,
}

pub(super) async fn run(arguments: Arguments, config: &Config) -> anyhow::Result<ExitCode> {
    let catalogue = vedetta_probes::catalogue();
    let known: Vec<&str> = catalogue.iter().map(|spec| spec.name.as_str()).collect();
    let spec = ProbeName::parse(&arguments.kind).ok().and_then(|name| catalogue.get(&name).cloned());
    let spec =
        spec.with_context(|| format!("there is no probe `{}`; there are: {}", arguments.kind, known.join(", ")))?;
    let target: Target = arguments.target.parse()?;
    let mut context = surroundings(config)?.context;
    context.deadline = arguments.deadline.map_or(spec.deadline, Duration::from_secs);
    context.now = arguments.now.unwrap_or(context.now);
    context.active = arguments.active;
    context.http_port = arguments.http_port;
    context.resolver = arguments.resolver.or(context.resolver);
    if let Some(file) = &arguments.roots {
        context.extra_roots.extend(roots(file)?);
    }
    if let Some(root) = &arguments.root {
        context.root = root_folder(root)?;
    }
    let observed_at = context.now;
    let outcome = crate::engine::observe(spec.name.clone(), target.clone(), context).await;
    let json = vedetta_probes::json::observation_to_json(&outcome, &target, &spec.name, observed_at);
    super::print(&format!("{}\n", serde_json::to_string_pretty(&json)?))?;
    Ok(if outcome.is_ok() { ExitCode::SUCCESS } else { ExitCode::from(2) })
}
