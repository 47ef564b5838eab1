//! `enrol`: exchanges a code for an identity, reports a first time, and says what happens from now on.

mod ending;
mod unit;

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use vedetta_checks::target::Target;
use vedetta_proto::enrolment_code::EnrolmentCode;

use self::ending::First;
use self::unit::Unit;
use super::environment::surroundings;
use crate::config::Config;
use crate::identity::{self, IdentityError, PendingKey};
use crate::service::{self, Home, STATUS_FILE};
use crate::spool::{Epoch, Spool};
use crate::{assignment, chance, clock, counts, enrolment};

/// The key of an enrolment that was begun, in the state folder.
const PENDING_FILE: &str = "enrolling.json";
/// Most public targets at enrolment.
const PUBLIC_MAX: usize = 32;

#[derive(Debug, Args)]
#[command(after_help = "Esempio:  vedetta-agent enrol vedetta1.AbCd... --public www.comune.example.it\n\
                        Il codice vale una volta sola. Con `-` al posto del codice lo si legge dallo standard input.")]
pub(super) struct Arguments {
    /// Il codice ricevuto dalla Provincia
    code: String,
    /// Un nome pubblico del Comune che questo computer può guardare: dominio o tls://NOME:PORTA
    #[arg(long = "public", value_name = "BERSAGLIO")]
    public: Vec<Target>,
    /// Iscrive di nuovo, con una nuova identità
    #[arg(long)]
    again: bool,
    /// Non chiede conferma dei nomi pubblici
    #[arg(long)]
    yes: bool,
    /// Iscrive soltanto, senza controllare né riferire (per gli script)
    #[arg(long)]
    no_report: bool,
}

pub(super) async fn run(arguments: Arguments, config: &Config) -> anyhow::Result<ExitCode> {
    let text = if arguments.code == "-" { first_line()? } else { arguments.code.clone() };
    let code: EnrolmentCode = text.parse()?;
    anyhow::ensure!(arguments.public.len() <= PUBLIC_MAX, "at most {PUBLIC_MAX} public names");
    anyhow::ensure!(!arguments.public.contains(&Target::Host), "the host itself is no public name");
    if !arguments.again {
        match identity::load(&config.state) {
            Err(IdentityError::NotEnrolled) => {}
            Ok(known) => anyhow::bail!(
                "this host is already enrolled for {}; with --again it gets a new identity",
                known.organisation
            ),
            Err(error) => return Err(error.into()),
        }
    }
    if !arguments.public.is_empty() && !arguments.yes && !confirmed(&arguments.public)? {
        anyhow::bail!("not confirmed; nothing was sent");
    }
    let home = Home::open(&config.state)?;
    let pending = pending_key(config)?;
    let now = clock::system();
    // Opened before the code is used up: a full disk is said while the code is still good.
    let spool = home.spool(now).map_err(super::full_disk_explained)?;
    let own = crate::targets::OwnHost::read(std::path::Path::new("/"));
    let proxy = service::proxy(config)?;
    let identity = enrolment::enrol(&code, &pending, &arguments.public, &own.name, proxy.as_ref(), now).await?;
    forget(config, spool, chance::bytes()?)?;
    identity::save(&config.state, &identity)?;
    if let Err(error) = std::fs::remove_file(config.state.join(PENDING_FILE)) {
        tracing::debug!("{PENDING_FILE} stays: {error}");
    }
    drop(home);
    super::print(&format!("Questo computer ora è iscritto per: {}\n\n", identity.organisation))?;
    let first = if arguments.no_report { First::Skipped } else { ending::first_report(config, &own).await };
    let unit = Unit::found(config);
    super::print(&ending::text(&first, &identity, config, unit))?;
    Ok(ExitCode::SUCCESS)
}

/// Leaves nothing of a former identity: what it was assigned and what it had to report are not the new one's.
fn forget(config: &Config, mut spool: Spool, new_epoch: Epoch) -> anyhow::Result<()> {
    spool.start_over(new_epoch).context("cannot empty the queue of the former identity")?;
    for file in [assignment::FILE_NAME, STATUS_FILE, counts::TOKEN_FILE] {
        match std::fs::remove_file(config.state.join(file)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("cannot remove {file}"));
            }
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

/// The key of an enrolment that was begun, or a new one: a code whose answer was lost can be tried again with it.
fn pending_key(config: &Config) -> anyhow::Result<PendingKey> {
    let file = config.state.join(PENDING_FILE);
    if let Some(bytes) = crate::files::read(&file)?
        && let Ok(pending) = serde_json::from_slice(&bytes)
    {
        return Ok(pending);
    }
    let pending = identity::new_key()?;
    crate::files::replace(&file, &serde_json::to_vec(&pending)?)
        .with_context(|| format!("cannot write {}", file.display()))?;
    Ok(pending)
}

fn confirmed(public: &[Target]) -> anyhow::Result<bool> {
    if !std::io::stdin().is_terminal() {
        // Given on the command line of a script: that is the confirmation.
        return Ok(true);
    }
    let mut question = String::from("Questo computer potrà guardare questi nomi pubblici:\n");
    for target in public {
        question.push_str(&format!("  {target}\n"));
    }
    question.push_str("Confermi? [s/N] ");
    std::io::stderr().write_all(question.as_bytes())?;
    Ok(matches!(first_line()?.to_lowercase().as_str(), "s" | "si" | "sì" | "y" | "yes"))
}

fn first_line() -> anyhow::Result<String> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assignment::Assignment;
    use crate::config::Layers;

    #[test]
    fn a_new_identity_is_not_assigned_what_the_old_one_was() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().to_string_lossy().into_owned();
        let layers = Layers::defaults().with_flag("state", "--state", Some(state));
        let config = Config::from_layers(&layers).unwrap();
        Assignment { revision: 7, ..Assignment::default() }.save(&config.state).unwrap();
        std::fs::write(config.state.join(STATUS_FILE), "{\"set_aside_batches\":4}").unwrap();
        let limits = vedetta_journal::Options { free_bytes_reserve: 0, ..crate::spool::limits() };
        let open = || Spool::open(&config.state.join("spool"), limits, [1; 16], clock::system()).unwrap();
        forget(&config, open(), [2; 16]).unwrap();
        assert_eq!(Assignment::load(&config.state), Assignment::default());
        assert_eq!(crate::service::Status::load(&config.state).unwrap().set_aside_batches, 0);
        assert_eq!(open().epoch(), &[2; 16]);
    }
}
