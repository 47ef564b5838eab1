//! `demo`: Vedetta on this very host, with what really is here and nothing else.
//!
//! Starts this program's own `serve` and the agent as separate processes with separate state folders, enrols the agent
//! for this host in the demonstration Comune, has it look at the collector's own HTTPS port, waits for the first full
//! report and says what came out. A second start on the same folder goes on where the first ended.
//!
//! ```text
//! DIR/collector/   state of the collector        DIR/collector.log   what it logged
//! DIR/agent/       state of the agent            DIR/agent.log       what it logged
//! DIR/demo.toml    the remembered ports          DIR/agent.toml      the agent's configuration
//! ```

mod child;
mod ports;
mod steps;
mod wait;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use tokio::signal::unix::{SignalKind, signal};
use vedetta_checks::target::DomainName;

use crate::admin::verbs::posture;
use crate::admin::verbs::user::{Link, LinkRequest};
use crate::admin::{Verb, client};
use crate::cli::output::Output;
use crate::cli::report;
use child::Child;
use ports::Ports;

/// How long the login link of the demonstration works, in seconds.
const LINK_SECONDS: i64 = 3_600;
/// Fixes that are printed.
const FIXES: usize = 3;
/// Longest time for a child to stop when asked.
const STOP_TIME_MAX: Duration = Duration::from_secs(15);

#[derive(Debug, Args)]
#[command(after_help = "Esempio:  vedetta-collector demo --agent ./vedetta-agent --state /tmp/vedetta --once")]
pub(crate) struct Arguments {
    /// Programma vedetta-agent
    #[arg(long, value_name = "FILE")]
    agent: PathBuf,
    /// Termina dopo il primo rapporto completo
    #[arg(long)]
    once: bool,
    /// Guarda anche questo dominio, con il DNS vero
    #[arg(long, value_name = "NOME", value_parser = domain)]
    domain: Option<DomainName>,
}

fn domain(text: &str) -> Result<DomainName, String> {
    DomainName::parse(text).map_err(|error| error.to_string())
}

/// The folders and files of one demonstration.
pub(crate) struct Place {
    root: PathBuf,
}

impl Place {
    fn collector(&self) -> PathBuf {
        self.root.join("collector")
    }

    fn agent(&self) -> PathBuf {
        self.root.join("agent")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Asks the collector of this demonstration.
    async fn ask<V: Verb>(&self, request: V::Request) -> Result<V::Answer, client::ClientError> {
        client::call::<V>(&self.collector(), request).await
    }
}

/// Says what is going on, on standard error.
fn say(text: &str) {
    // Progress is for whoever looks; a closed standard error stops nothing.
    let _closed = writeln!(std::io::stderr(), "· {text}").is_err();
}

pub(crate) async fn run(arguments: Arguments, state: &Path, output: &Output) -> anyhow::Result<()> {
    let place = Place { root: std::path::absolute(state).context("trovare la cartella --state")? };
    std::fs::create_dir_all(&place.root).with_context(|| format!("creare {}", place.root.display()))?;
    let agent = std::path::absolute(&arguments.agent).context("trovare il programma --agent")?;
    anyhow::ensure!(agent.is_file(), "{} non esiste: compila vedetta-agent, o indica dov'è", agent.display());
    let stop = told_to_stop()?;
    tokio::pin!(stop);

    let ports = Ports::remembered(&place)?;
    let mut collector = steps::start_collector(&place, &ports).await?;
    let mut running = None;
    // Ctrl-C reaches the children too: the wish to stop comes before the news that one of them has ended.
    let outcome = tokio::select! {
        biased;
        () = &mut stop => Ok(false),
        outcome = show(&place, &ports, &agent, &arguments, output, &mut running) => outcome,
        died = collector.ended() => Err(died),
    };
    let outcome = match (outcome, running.as_mut()) {
        (Ok(true), Some(agent)) if !arguments.once => {
            say("in funzione: Ctrl-C per fermare tutto");
            tokio::select! {
                biased;
                () = &mut stop => Ok(()),
                died = collector.ended() => Err(died),
                died = agent.ended() => Err(died),
            }
        }
        (outcome, _) => outcome.map(|_| ()),
    };
    say("fermo agente e collettore");
    if let Some(agent) = running {
        agent.stop(STOP_TIME_MAX).await?;
    }
    collector.stop(STOP_TIME_MAX).await?;
    outcome
}

/// Everything from the empty collector to the printed report; `true` when the report was printed.
async fn show(
    place: &Place,
    ports: &Ports,
    agent: &Path,
    arguments: &Arguments,
    output: &Output,
    running: &mut Option<Child>,
) -> anyhow::Result<bool> {
    wait::for_collector(place).await?;
    let comune = steps::seed(place).await?;
    steps::write_agent_configuration(place, arguments.domain.as_ref())?;
    let id = steps::enrol(place, agent, &comune).await?;
    let targets = steps::assign(place, &id, &comune, ports, arguments.domain.as_ref()).await?;
    let started = steps::last_seen(place, &id).await?;
    say("avvio l'agente e aspetto il primo rapporto completo");
    let child = running.insert(steps::start_agent(place, agent)?);
    tokio::select! {
        reported = wait::for_report(place, &id, &targets, started) => reported?,
        died = child.ended() => return Err(died),
    }
    place.ask::<posture::WriteRollUps>(()).await?;
    let posture = place.ask::<posture::Show>(posture::ShowRequest { organisation: comune }).await?;
    let link = place.ask::<Link>(LinkRequest { login: steps::LOGIN.to_owned(), valid_for: LINK_SECONDS }).await?;
    let status = place.ask::<crate::admin::verbs::store::Status>(()).await?;
    let text = format!(
        "\n{}\n{}: {}\n{}:\n  {}\n{}\n",
        report(&posture, FIXES, output),
        output.say("Pagine", "Pages"),
        status.people_url,
        output.say("Per entrare (vale una volta sola, un'ora)", "To enter (works once, for one hour)"),
        link.url,
        output.say(
            "Il certificato delle pagine è fatto in casa: il browser avvisa, ed è giusto che lo faccia.",
            "The certificate of the pages is self-signed: the browser warns, and rightly so.",
        ),
    );
    output.line(&text)?;
    Ok(true)
}

/// Ends when a person or the system asks for it.
fn told_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
