//! `explain`: what a check expects, why, how to mend it, and which controls it gives evidence for.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use vedetta_checks::language::Language;
use vedetta_checks::pack::{Check, ClauseKind, Pack};
use vedetta_checks::word::CheckId;

use super::environment::Environment;
use crate::config::Config;
use crate::packs::PackSet;
use crate::render::texts;

#[derive(Debug, Args)]
#[command(after_help = "Esempio:  vedetta-agent explain patch.security.pending")]
pub(super) struct Arguments {
    /// Il controllo, come scritto nei risultati
    check: String,
    /// Pacchetto di controlli da usare al posto di quelli del programma
    #[arg(long, value_name = "DIR|FILE")]
    pack: Option<PathBuf>,
    /// Lingua: it o en
    #[arg(long, value_name = "LINGUA", value_parser = super::check::language)]
    lang: Option<Language>,
}

pub(super) fn run(arguments: &Arguments, config: &Config) -> anyhow::Result<ExitCode> {
    let environment = Environment::gather(config);
    let packs = match &arguments.pack {
        Some(path) => PackSet::local(path, &environment.catalogue)?,
        None => environment.packs(config),
    };
    let language = arguments.lang.unwrap_or(config.language);
    let id = CheckId::parse(&arguments.check)?;
    let found = packs.packs.iter().find_map(|pack| Some((pack.compiled.pack(), pack.compiled.check(&id)?.check())));
    let (pack, check) = found.with_context(|| {
        let all: Vec<&str> =
            packs.packs.iter().flat_map(|pack| pack.compiled.checks()).map(|check| check.check().id.as_str()).collect();
        format!("there is no check `{id}`; there are: {}", all.join(", "))
    })?;
    super::print(&explained(pack, check, language))?;
    Ok(ExitCode::SUCCESS)
}

fn explained(pack: &Pack, check: &Check, language: Language) -> String {
    let words = |it: &'static str, en: &'static str| match language {
        Language::It => it,
        Language::En => en,
    };
    let mut text = format!(
        "{}\n{}  [{}, {}]  {} {}\n\n",
        check.title.get(language),
        check.id,
        texts::severity(check.severity, language),
        texts::category(check.category, language),
        pack.title.get(language),
        pack.version,
    );
    let mut part = |title: &str, body: &str| text.push_str(&format!("{title}\n{}\n\n", texts::wrapped(body, 2)));
    part(words("Perché conta", "Why it matters"), check.why.get(language));
    part(words("Come rimediare", "How to mend it"), check.fix.get(language));
    let clauses: Vec<String> = check
        .clauses
        .iter()
        .map(|clause| {
            let verdict = match clause.kind {
                ClauseKind::NotApplicable => words("non riguarda", "does not apply"),
                ClauseKind::NotTested => words("non verificato", "not tested"),
                ClauseKind::Fail => words("non a posto", "failed"),
                ClauseKind::Warn => words("attenzione", "warning"),
            };
            format!("{verdict}: {}\n    {}", clause.message.get(language), clause.when.text)
        })
        .collect();
    part(words("Come si decide", "How it is decided"), &clauses.join("\n"));
    let maps: Vec<String> = check
        .maps
        .iter()
        .map(|map| {
            let unverified = if map.verified { "" } else { words(" (da verificare)", " (to be verified)") };
            format!("{} {}{unverified}  ({}, {})", map.namespace, map.id, map.source, map.date)
        })
        .collect();
    if !maps.is_empty() {
        part(words("Controlli di riferimento", "Controls it maps to"), &maps.join("\n"));
    }
    if !check.references.is_empty() {
        part(words("Per approfondire", "Further reading"), &check.references.join("\n"));
    }
    format!("{}\n", text.trim_end())
}
