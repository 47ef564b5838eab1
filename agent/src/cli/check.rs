//! `check`: looks at this host once and says what to do.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use vedetta_checks::language::Language;
use vedetta_checks::result::{AssetReference, CheckResult, Vantage};
use vedetta_checks::target::Target;
use vedetta_checks::verdict::{Category, Verdict};

use super::environment::{Environment, root_folder, surroundings};
use super::network::NetworkArguments;
use crate::config::Config;
use crate::engine::{self, Look, Looked, PlanFilter};
use crate::packs::PackSet;
use crate::render::{self, Format, Report};
use crate::targets::AllowedTarget;

/// A target with what its results are filed under and from where it is seen.
type Assigned = (AssetReference, AllowedTarget, Vantage);

#[derive(Debug, Args)]
#[command(after_help = "Esempi:   vedetta-agent check --format html > controllo.html\n\
                        \u{20}         vedetta-agent check --targets comuni.csv --contact ced@provincia.example.it\n\
                        \u{20}         comuni.csv: dominio;ente;fornitore  (una riga per bersaglio)\n\
                        Uscita:   0 tutto a posto, 1 qualcosa non va, 2 non è stato possibile controllare")]
pub(super) struct Arguments {
    /// Pacchetto di controlli, o un file di controlli (vale come non firmato)
    #[arg(long, value_name = "DIR|FILE")]
    pack: Option<PathBuf>,
    /// Archivio delle vulnerabilità note, al posto di quello ricevuto
    #[arg(long, value_name = "DIR", conflicts_with_all = ["send", "list"], hide_short_help = true)]
    feed: Option<PathBuf>,
    /// Solo una categoria: patch, services, host, tls, dns, ...
    #[arg(long, value_name = "CATEGORIA", value_parser = category)]
    category: Option<Category>,
    /// Anche questo bersaglio, con --category o --letter solo questo: tls://NOME:PORTA o un dominio
    #[arg(long = "target", value_name = "BERSAGLIO")]
    targets: Vec<Target>,
    /// Un elenco di bersagli (CSV): domini e servizi di molti enti, guardati da fuori
    #[arg(long = "targets", value_name = "FILE", conflicts_with_all = ["targets", "send", "letter", "root"])]
    list: Option<PathBuf>,
    /// Cartella che sta per /
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
    /// Anche i controlli attivi: solo con l'autorizzazione di chi gestisce il bersaglio
    #[arg(long)]
    active: bool,
    /// Invia subito i risultati (computer iscritto)
    #[arg(long, conflicts_with_all = ["pack", "root", "category"])]
    send: bool,
    /// Formato: table, json, html; csv con --targets
    #[arg(long, value_name = "FORMATO", default_value = "table", value_parser = ["table", "json", "html", "csv"])]
    #[arg(hide_possible_values = true)]
    format: String,
    /// Scrive la lettera al fornitore che gestisce il sito o il servizio
    #[arg(long, conflicts_with = "format")]
    letter: bool,
    /// Lingua: it o en
    #[arg(long, value_name = "LINGUA", value_parser = language)]
    lang: Option<Language>,
    #[command(flatten)]
    batch: super::batch::BatchArguments,
    #[command(flatten)]
    network: NetworkArguments,
}

impl Arguments {
    /// Whether the results are sent, and so queued in the state folder.
    #[cfg(unix)]
    pub(super) const fn sends(&self) -> bool {
        self.send
    }
}

pub(super) async fn run(arguments: Arguments, config: &Config) -> anyhow::Result<ExitCode> {
    let environment = Environment::gather(config);
    let mut packs = match &arguments.pack {
        Some(path) => PackSet::local(path, &environment.catalogue)?,
        None => environment.packs(config),
    };
    if arguments.pack.is_some() || arguments.feed.is_some() {
        packs.compare_with(environment.feed(arguments.feed.as_deref(), config)?);
    }
    anyhow::ensure!(!packs.packs.is_empty(), "there is no pack of checks to run");
    let mut surroundings = surroundings(config)?;
    surroundings.active = arguments.active;
    arguments.network.apply(&mut surroundings)?;
    let language = arguments.lang.unwrap_or(config.language);
    if let Some(file) = &arguments.list {
        let filter = PlanFilter { category: arguments.category };
        let plan = super::batch::Plan { packs, catalogue: environment.catalogue, filter, surroundings, language };
        return super::batch::run(file, &arguments.batch, &arguments.format, plan).await;
    }
    let format = format(&arguments.format)?;
    if let Some(root) = &arguments.root {
        surroundings.context.root = root_folder(root)?;
    }
    let mut targets = environment.assignment.sort(&environment.allow).allowed;
    let assigned = targets.clone();
    let typed = arguments.targets.iter().filter(|target| !targets_contain(&targets, target)).cloned();
    let typed: Vec<_> = typed
        .map(|target| (AssetReference::OwnHost, AllowedTarget::typed_by_a_person(target), Vantage::Inside))
        .collect();
    targets.extend(typed);

    let filter = PlanFilter { category: arguments.category };
    let looks = engine::plan(&packs, &looked_at(&arguments, &targets), filter, &environment.catalogue);
    let looks = together(looks, arguments.active);
    let Looked { results, is_workstation } = engine::look(&looks, &packs, &surroundings).await;
    anyhow::ensure!(!results.is_empty(), "no check of the pack fits the targets; add one with --target");
    let report = Report {
        host_name: &environment.own.name,
        packs: &packs,
        results: &results,
        is_workstation,
        is_root: crate::reader::is_root(),
        unassigned: engine::unassigned(&packs, &targets, filter),
        at: surroundings.moment(),
        language,
    };
    let text = if arguments.letter { render::letter(&report) } else { render::render(&report, format)? };
    super::print(&text)?;
    if arguments.send {
        let (own, others) = sendable(results.clone(), &assigned);
        for target in others {
            super::tell(&format!("non inviato: bersaglio non assegnato: {target}"))?;
        }
        super::run::send(&Looked { results: own, is_workstation }, &packs, config).await?;
    }
    let failed = results.iter().any(|result| result.verdict == Verdict::Fail);
    Ok(ExitCode::from(u8::from(failed)))
}

/// The targets of this run: with a category or for a letter, those that a person typed and nothing else. A category that
/// says nothing of what was typed is looked at on the assigned targets too.
fn looked_at(arguments: &Arguments, targets: &[Assigned]) -> Vec<Assigned> {
    let kinds: BTreeSet<&Target> = arguments.targets.iter().collect();
    let only_typed = arguments.letter || arguments.category.is_some_and(is_of_targets);
    if kinds.is_empty() || !only_typed {
        return targets.to_vec();
    }
    targets.iter().filter(|(_, target, _)| kinds.contains(target.filed())).cloned().collect()
}

/// Whether a category is about sites, services and domains rather than about this host.
const fn is_of_targets(category: Category) -> bool {
    match category {
        Category::Tls | Category::Web | Category::Dns | Category::Mail => true,
        Category::Patch | Category::Services | Category::Host | Category::Software | Category::Governance => false,
    }
}

/// One look instead of two where active tests are allowed: it also sees what the passive one would.
fn together(looks: Vec<Look>, active: bool) -> Vec<Look> {
    let mut merged: Vec<Look> = Vec::new();
    for look in looks {
        let is_same = |own: &&mut Look| {
            (own.asset, &own.target, own.vantage, &own.probe) == (look.asset, &look.target, look.vantage, &look.probe)
        };
        match merged.iter_mut().find(is_same).filter(|_| active) {
            Some(own) => {
                own.needs_active |= look.needs_active;
                own.deadline = own.deadline.max(look.deadline);
                own.checks.extend(look.checks);
            }
            None => merged.push(look),
        }
    }
    merged
}

/// The results that this host reports, and the targets of the others: what a person typed is no target of the
/// assignment, and its results must not be filed as the host's own.
fn sendable(
    results: Vec<CheckResult>,
    assigned: &[(AssetReference, AllowedTarget, Vantage)],
) -> (Vec<CheckResult>, BTreeSet<String>) {
    let is_assigned = |result: &CheckResult| {
        assigned.iter().any(|(asset, target, _)| *asset == result.asset && *target.filed() == result.target)
    };
    let (own, others): (Vec<_>, Vec<_>) = results.into_iter().partition(is_assigned);
    (own, others.into_iter().map(|result| result.target.to_string()).collect())
}

fn targets_contain(targets: &[(AssetReference, AllowedTarget, Vantage)], target: &Target) -> bool {
    targets.iter().any(|(_, known, _)| known.filed() == target)
}

pub(super) fn language(text: &str) -> Result<Language, String> {
    match text {
        "it" => Ok(Language::It),
        "en" => Ok(Language::En),
        _ => Err("use `it` or `en`".to_owned()),
    }
}

fn category(text: &str) -> Result<Category, String> {
    let known = || Category::ALL.map(Category::word).join(", ");
    Category::ALL.into_iter().find(|category| category.word() == text).ok_or_else(|| format!("use one of: {}", known()))
}

fn format(text: &str) -> anyhow::Result<Format> {
    match text {
        "table" => Ok(Format::Table),
        "json" => Ok(Format::Json),
        "html" => Ok(Format::Html),
        _ => anyhow::bail!("--format {text}: only with --targets"),
    }
}

#[cfg(test)]
mod tests {
    use vedetta_checks::evidence::Evidence;
    use vedetta_checks::result::PackDigest;
    use vedetta_checks::word::CheckId;

    use super::*;

    fn result(target: &str) -> CheckResult {
        CheckResult {
            check: CheckId::parse("a.b").unwrap(),
            pack: PackDigest::from_bytes([1; 32]),
            asset: AssetReference::OwnHost,
            target: target.parse().unwrap(),
            vantage: Vantage::Inside,
            verdict: Verdict::Pass,
            clause: None,
            evidence: Evidence::empty(),
            observed_at: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn what_a_person_typed_is_not_sent_as_the_hosts_own() {
        let host = AllowedTarget::typed_by_a_person(Target::Host);
        let assigned = [(AssetReference::OwnHost, host, Vantage::Inside)];
        let (own, others) = sendable(vec![result("host"), result("dns:example.it")], &assigned);
        assert_eq!(own, [result("host")]);
        assert_eq!(others.into_iter().collect::<Vec<_>>(), ["dns:example.it"]);
    }
}
