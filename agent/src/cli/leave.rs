//! `leave`: retires this host at the collector and removes its identity.

use std::process::ExitCode;

use clap::Args;

use crate::config::Config;
use crate::service::{self, Home, STATUS_FILE};
use crate::{assignment, chance, clock, enrolment, identity};

#[derive(Debug, Args)]
#[command(after_help = "Esempio:  vedetta-agent leave --reason \"computer dismesso\"")]
pub(super) struct Arguments {
    /// Il motivo, per chi legge la storia
    #[arg(long, default_value = "ritirato da chi lo gestisce", value_name = "TESTO")]
    reason: String,
    /// Toglie l'identità anche se il collettore non risponde
    #[arg(long)]
    force: bool,
}

pub(super) async fn run(arguments: Arguments, config: &Config) -> anyhow::Result<ExitCode> {
    let home = Home::open(&config.state)?;
    let known = identity::load(&config.state);
    match known {
        Ok(identity) => {
            let proxy = service::proxy(config)?;
            match enrolment::leave(&identity, &arguments.reason, proxy.as_ref()).await {
                Ok(()) => {}
                Err(error) if arguments.force || error.is_final() => tracing::warn!("{error}"),
                Err(error) => {
                    return Err(anyhow::Error::from(error)
                        .context("the collector was not told; with --force the identity is removed nevertheless"));
                }
            }
        }
        Err(identity::IdentityError::NotEnrolled) => anyhow::bail!("this host is not enrolled"),
        // A damaged identity can only be removed here; the collector's people retire the host there.
        Err(error) if arguments.force => tracing::warn!("{error}"),
        Err(error) => return Err(error.into()),
    }
    for file in [identity::FILE_NAME, assignment::FILE_NAME, STATUS_FILE] {
        match std::fs::remove_file(config.state.join(file)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            Ok(()) | Err(_) => {}
        }
    }
    // Nothing of this identity waits for the next one. Enrolling empties the queue too, so failing here is no harm.
    let emptied = home.spool(clock::system()).and_then(|mut spool| Ok(spool.start_over(chance::bytes()?)?));
    if let Err(error) = emptied {
        tracing::warn!("the queue could not be emptied: {error}");
    }
    super::print(
        "Questo computer è ritirato: non riferisce più nulla, e la sua chiave è stata tolta.\n\
         La storia già inviata resta alla Provincia. I messaggi partiti si leggono ancora con `vedetta-agent outbox`.\n",
    )?;
    Ok(ExitCode::SUCCESS)
}
