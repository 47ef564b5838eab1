//! `service`: the agent as a service of Windows.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::Subcommand;
use tokio::sync::watch;

use super::environment::surroundings;
use crate::config::Config;
use crate::identity::IdentityError;
use crate::platform::{make_private_folder, service_control};
use crate::service::{HomeError, Service};

/// Rest before the service looks again whether this host is enrolled.
const LOOK_FOR_IDENTITY_AFTER: Duration = Duration::from_secs(10);
/// Rest before the service tries again what failed.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(60);

#[derive(Debug, Clone, Copy, Subcommand)]
#[command(
    after_help = "Esempio:  vedetta-agent service install     come amministratore; poi `net start vedetta-agent`"
)]
pub(super) enum Arguments {
    /// Registra il servizio: parte con Windows, e aspetta l'iscrizione
    #[command(after_help = "Esempio:  vedetta-agent service install")]
    Install,
    /// Chiude la cartella dell'agente a chi non è amministratore
    #[command(after_help = "Esempio:  vedetta-agent service protect")]
    Protect,
    /// Fa riavviare il servizio da Windows quando si interrompe da solo
    #[command(after_help = "Esempio:  vedetta-agent service recover")]
    Recover,
    /// Ferma il servizio e lo toglie dal registro
    #[command(after_help = "Esempio:  vedetta-agent service remove")]
    Remove,
    /// Lavora come servizio: lo avvia Windows, non una persona
    #[command(after_help = "Esempio:  net start vedetta-agent")]
    Run,
}

pub(super) fn run(arguments: Arguments, config: &Config) -> anyhow::Result<ExitCode> {
    match arguments {
        Arguments::Install => {
            let program = std::env::current_exe().context("cannot tell where this program is")?;
            let program = program.to_str().context("the path of this program is no text")?;
            protect(config)?;
            service_control::install(program).context("cannot register the service; are you an administrator?")?;
            super::print("Il servizio vedetta-agent è registrato. Si avvia con:  net start vedetta-agent\n")?;
        }
        Arguments::Protect => protect(config)?,
        Arguments::Recover => {
            service_control::recover().context("cannot have Windows restart the service; are you an administrator?")?;
        }
        Arguments::Remove => {
            service_control::remove().context("cannot remove the service; are you an administrator?")?;
            super::print("Il servizio vedetta-agent non c'è più. Identità e coda restano.\n")?;
        }
        Arguments::Run => {
            let config = config.clone();
            service_control::run(move |stop| work(&config, stop))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn protect(config: &Config) -> anyhow::Result<()> {
    make_private_folder(&config.state).with_context(|| format!("cannot protect {}", config.state.display()))
}

/// Works until it is told to stop: waits for an identity, and tries again what failed.
fn work(config: &Config, mut stop: watch::Receiver<bool>) {
    let runtime = match super::runtime() {
        Ok(runtime) => runtime,
        Err(error) => return tracing::error!("cannot start: {error}"),
    };
    runtime.block_on(async {
        while !*stop.borrow() {
            let rest = match work_once(config, stop.clone()).await {
                Ok(()) => return,
                Err(error) if is_not_enrolled(&error) => LOOK_FOR_IDENTITY_AFTER,
                Err(error) => {
                    tracing::error!("{}", super::chain(&error));
                    TRY_AGAIN_AFTER
                }
            };
            tokio::select! {
                _ = stop.changed() => {}
                () = tokio::time::sleep(rest) => {}
            }
        }
    });
}

fn is_not_enrolled(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(HomeError::Identity(IdentityError::NotEnrolled)))
}

async fn work_once(config: &Config, mut stop: watch::Receiver<bool>) -> anyhow::Result<()> {
    let service = Service::open(config.clone(), surroundings(config)?).map_err(super::full_disk_explained)?;
    let stopped = async {
        // A sender that is gone stops too.
        let _told = stop.wait_for(|stop| *stop).await;
        tracing::info!("asked to stop");
    };
    super::run::work(service, config, stopped).await.map(drop)
}
