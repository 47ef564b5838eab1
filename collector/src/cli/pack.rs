//! `pack`.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Subcommand;
use vedetta_checks::pack::files::FILE_BYTES_MAX;

use super::output::{Output, table};
use crate::admin::client::call;
use crate::admin::verbs::pack::{Add, AddRequest, List, PackLine};

/// Most files that are read from a folder.
const FILES_MAX: usize = 128;
/// Deepest folder in a pack.
const DEPTH_MAX: usize = 4;

#[derive(Debug, Subcommand)]
pub(super) enum Arguments {
    /// Elenca i pacchetti di controlli
    #[command(after_help = "Esempio:  vedetta-collector pack list")]
    List,
    /// Aggiunge un pacchetto firmato, che gli agenti scaricano
    #[command(after_help = "Esempio:  vedetta-collector pack add ./pacchetto-firmato")]
    Add {
        /// Cartella con i file, pack.manifest e la sua firma
        folder: PathBuf,
    },
}

pub(super) async fn run(arguments: Arguments, state: &Path, output: &Output) -> anyhow::Result<()> {
    match arguments {
        Arguments::List => {
            let lines = call::<List>(state, ()).await?;
            output.show(&lines, |output| rows(&lines, output))
        }
        Arguments::Add { folder } => {
            let mut files = Vec::new();
            read(&folder, "", 0, &mut files)?;
            let line = call::<Add>(state, AddRequest { files }).await?;
            output.show(&line, |output| rows(std::slice::from_ref(&line), output))
        }
    }
}

fn read(folder: &Path, prefix: &str, depth: usize, into: &mut Vec<(String, Vec<u8>)>) -> anyhow::Result<()> {
    anyhow::ensure!(depth < DEPTH_MAX, "{}: più di {DEPTH_MAX} cartelle una nell'altra", folder.display());
    for entry in std::fs::read_dir(folder).with_context(|| format!("leggere {}", folder.display()))? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            read(&entry.path(), &format!("{name}/"), depth + 1, into)?;
            continue;
        }
        let too_large = entry.metadata()?.len() > u64::try_from(FILE_BYTES_MAX).unwrap_or(u64::MAX);
        anyhow::ensure!(!too_large, "{name}: più di {FILE_BYTES_MAX} byte");
        anyhow::ensure!(into.len() < FILES_MAX, "{}: più di {FILES_MAX} file", folder.display());
        let bytes = std::fs::read(entry.path()).with_context(|| format!("leggere {name}"))?;
        into.push((name, bytes));
    }
    Ok(())
}

fn rows(lines: &[PackLine], output: &Output) -> String {
    let heading = [
        output.say("pacchetto", "pack"),
        output.say("versione", "version"),
        output.say("controlli", "checks"),
        output.say("origine", "origin"),
        "digest",
    ];
    let unreadable = || output.say("illeggibile", "unreadable").to_owned();
    let rows: Vec<_> = lines
        .iter()
        .map(|line| {
            vec![
                line.id.clone().unwrap_or_else(unreadable),
                line.version.map(|version| version.to_string()).unwrap_or_default(),
                match line.checks {
                    Some(_) if line.is_feed => output.say("vulnerabilità", "vulnerabilities").to_owned(),
                    checks => checks.map(|checks| checks.to_string()).unwrap_or_default(),
                },
                if line.signed {
                    output.say("firmato", "signed")
                } else {
                    output.say("nel programma", "in the program")
                }
                .to_owned(),
                line.digest.clone(),
            ]
        })
        .collect();
    table(&heading, &rows)
}
