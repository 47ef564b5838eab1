//! `reader`: what systemd starts when the agent asks for what only root can see.

use std::path::Path;
use std::process::ExitCode;

use clap::Args;

use super::environment::surroundings;
use crate::config::Config;
use crate::reader::serve::serve;

#[derive(Debug, Args)]
#[command(after_help = "Esempio:  systemctl status vedetta-agent-reader.socket     lo avvia systemd, mai una persona")]
pub(super) struct Arguments {}

pub(super) fn run(_arguments: &Arguments, config: &Config, configuration: &Path) -> anyhow::Result<ExitCode> {
    serve(surroundings(config)?.context, configuration)?;
    Ok(ExitCode::SUCCESS)
}
