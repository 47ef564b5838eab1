//! `run`: looks and reports until it is stopped.

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use super::environment::surroundings;
use crate::config::Config;
use crate::engine::Looked;
use crate::packs::PackSet;
use crate::platform;
use crate::service::{self, Ended, HomeError, Service};
use crate::spool::OutboxFilter;

/// Rest before the spool is opened again after a failed write.
const REOPEN_AFTER: Duration = Duration::from_secs(30);

#[derive(Debug, Args)]
#[command(after_help = "Esempio:  vedetta-agent run --dry-run     mostra che cosa partirebbe, senza connettersi")]
pub(super) struct Arguments {
    /// Controlla, mette in coda e mostra che cosa partirebbe, senza connettersi
    #[arg(long)]
    dry_run: bool,
    /// Controlla tutto una volta, riferisce, e finisce quando tutto è confermato
    #[arg(long, conflicts_with = "dry_run")]
    once: bool,
}

pub(super) async fn run(arguments: Arguments, config: &Config) -> anyhow::Result<ExitCode> {
    let mut service = Service::open(config.clone(), surroundings(config)?).map_err(super::full_disk_explained)?;
    if arguments.dry_run {
        service.dry_run().await?;
        let hello = super::outbox::hello_to_json(&service.hello());
        drop(service);
        super::print(&format!("{hello}\n"))?;
        return super::outbox::show(config, OutboxFilter::Queued, usize::MAX);
    }
    if arguments.once {
        service.run_once().await?;
        return Ok(ExitCode::SUCCESS);
    }
    let stopped = platform::stopped()?;
    work(service, config, async {
        stopped.await;
        tracing::info!("asked to stop");
    })
    .await
}

/// Looks and reports until `stop` is ready.
pub(super) async fn work(
    mut service: Service,
    config: &Config,
    stop: impl Future<Output = ()>,
) -> anyhow::Result<ExitCode> {
    tokio::pin!(stop);
    loop {
        match service.run(stop.as_mut()).await {
            Ended::Stopped => return Ok(ExitCode::SUCCESS),
            Ended::SpoolBroken => {
                // Closed before it is opened again: its folder is locked by this very process.
                drop(service);
                service = loop {
                    tokio::select! {
                        () = stop.as_mut() => return Ok(ExitCode::SUCCESS),
                        () = tokio::time::sleep(REOPEN_AFTER) => {}
                    }
                    match Service::open(config.clone(), surroundings(config)?) {
                        Ok(service) => break service,
                        // It worked before: a disk that is full or away for now is waited for.
                        Err(error @ HomeError::Spool(_)) => {
                            tracing::warn!("{}", super::chain(&super::full_disk_explained(error)));
                        }
                        Err(error) => return Err(error.into()),
                    }
                };
            }
        }
    }
}

/// Sends results that `check` just made; when an agent is at work, asks it to look and report at once.
pub(super) async fn send(looked: &Looked, packs: &PackSet, config: &Config) -> anyhow::Result<()> {
    match Service::open(config.clone(), surroundings(config)?) {
        Ok(mut service) => Ok(service.send(looked, packs).await?),
        // The agent at work looks again by itself: one spool, one writer.
        Err(HomeError::Locked { .. }) => match service::ring(&config.state).await? {
            None => Ok(()),
            Some(failure) => Err(anyhow::anyhow!("the agent at work could not report: {failure}")),
        },
        Err(error) => Err(error.into()),
    }
}
