//! `check --targets`: many targets of many organisations, looked at from outside.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use vedetta_checks::catalogue::ProbeCatalogue;
use vedetta_checks::language::Language;
use vedetta_checks::verdict::Verdict;

use crate::batch::progress::Progress;
use crate::batch::{Batch, BatchLimits, Excluded, RowState, TargetList};
use crate::engine::{PlanFilter, Surroundings};
use crate::packs::PackSet;
use crate::render::batch::{BatchReport, table, to_csv, to_json};
use crate::render::texts::pick;

/// Most targets at the same time.
const CONCURRENCY_MAX: u64 = 64;
/// Most targets a minute of one supplier.
const RATE_MAX: u64 = 6_000;

/// Options that only a list of targets has.
#[derive(Debug, Args)]
#[command(next_help_heading = "Con --targets")]
pub(super) struct BatchArguments {
    /// Nomi da non guardare, uno per riga: nome.it, *.nome.it
    #[arg(long, value_name = "FILE", requires = "list")]
    exclude: Option<PathBuf>,
    /// Recapito di chi misura: le sonde lo dicono ai server
    #[arg(long, value_name = "RECAPITO", requires = "list")]
    contact: Option<String>,
    /// Bersagli al minuto per fornitore; 0: senza pause
    #[arg(long, value_name = "N", default_value_t = 30, hide_short_help = true, value_parser = clap::value_parser!(u64).range(..=RATE_MAX))]
    rate: u64,
    /// Bersagli insieme
    #[arg(long, value_name = "N", default_value_t = 8, hide_short_help = true, value_parser = clap::value_parser!(u64).range(1..=CONCURRENCY_MAX))]
    together: u64,
}

/// What the command gathered before.
pub(super) struct Plan {
    pub(super) packs: PackSet,
    pub(super) catalogue: ProbeCatalogue,
    pub(super) filter: PlanFilter,
    pub(super) surroundings: Surroundings,
    pub(super) language: Language,
}

pub(super) async fn run(file: &Path, options: &BatchArguments, format: &str, plan: Plan) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(format != "html", "--format html: a list is written as table, json or csv");
    let Plan { packs, catalogue, filter, mut surroundings, language } = plan;
    anyhow::ensure!(
        !surroundings.active,
        "--active does not go with --targets: permission is given for one target at a time"
    );
    let list = TargetList::parse(&text(file)?).with_context(|| format!("--targets {}", file.display()))?;
    let excluded = match &options.exclude {
        Some(file) => Excluded::parse(&text(file)?).with_context(|| format!("--exclude {}", file.display()))?,
        None => Excluded::default(),
    };
    if let Some(contact) = &options.contact {
        surroundings.context.identification = super::environment::identification(contact);
    } else if !surroundings.context.identification.contains('(') {
        let missing = pick(
            language,
            "nessun recapito: aggiungete --contact, così chi gestisce i server sa chi misura",
            "no contact: add --contact, so that those who run the servers know who measures",
        );
        writeln!(std::io::stderr(), "{missing}")?;
    }
    surroundings.context.declared.domains = Arc::new(list.declared());
    let limits =
        BatchLimits { concurrency: usize::try_from(options.together)?, per_minute: u32::try_from(options.rate)? };
    let mut progress = Progress::new(list.entries.len(), language);
    let packs = Arc::new(packs);
    let at = surroundings.moment();
    let batch = Batch { packs: Arc::clone(&packs), catalogue, filter, surroundings, limits };
    let rows = crate::batch::run(batch, list.entries, &excluded, &mut progress).await;
    progress.end();
    let report = BatchReport { packs: &packs, rows: &rows, repeated: &list.repeated, at, language };
    let text = match format {
        "json" => format!("{}\n", serde_json::to_string_pretty(&to_json(&report))?),
        "csv" => to_csv(&report)?,
        _ => table(&report),
    };
    super::print(&text)?;
    let mut results = rows.iter().filter_map(|row| match &row.state {
        RowState::Looked(results) => Some(results),
        RowState::Excluded | RowState::BrokenOff => None,
    });
    Ok(ExitCode::from(u8::from(results.any(|results| results.iter().any(|result| result.verdict == Verdict::Fail)))))
}

fn text(file: &Path) -> anyhow::Result<String> {
    let reading = || format!("cannot read {}", file.display());
    let bytes = crate::files::read(file).with_context(reading)?;
    let bytes = bytes.ok_or_else(|| anyhow::anyhow!("the file is missing")).with_context(reading)?;
    String::from_utf8(bytes).map_err(|_| anyhow::anyhow!("it is not UTF-8; save it as CSV UTF-8")).with_context(reading)
}
