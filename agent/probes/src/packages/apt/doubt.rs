//! Whether the answer can be trusted.
//!
//! "Nothing is pending" is said only when nothing speaks against it. What is found pending is told even in doubt: a newer
//! version on an old list is still newer than the installed one.

use jiff::Timestamp;
use vedetta_checks::fact::Unknown;
use vedetta_checks::word::Reason;

use super::apt_conf::AptConf;
use super::candidate::Policy;
use super::dependencies;
use super::freshness;
use super::installed::DpkgState;
use super::known::KnownSource;
use super::pattern::Pattern;

/// Why the answer as a whole cannot be trusted, the gravest reason first; none when it can.
pub(super) fn doubt(
    state: &DpkgState,
    conf: &AptConf,
    policy: &Policy<'_>,
    kept_out: &[String],
    now: Timestamp,
) -> Option<Unknown> {
    broken(state)
        .or_else(|| unknown_release(conf, policy.sources))
        .or_else(|| missing_security(policy.sources))
        .or_else(|| excluded(policy, kept_out))
        .or_else(|| freshness::doubt(policy.sources, now))
}

/// Why more could be pending than is known: a source that brings no security updates has no list.
pub(super) fn gap(sources: &[KnownSource]) -> Option<Unknown> {
    sources.iter().filter(|source| !source.security).find_map(missing_list)
}

fn broken(state: &DpkgState) -> Option<Unknown> {
    let unknown = |sentence: String| Some(Unknown::new(Reason::BROKEN_PACKAGES, sentence));
    let names: Vec<&str> =
        state.packages.iter().filter(|package| package.broken).map(|package| &*package.name).collect();
    if let Some(first) = names.first() {
        return unknown(format!("{} packages are not completely installed, the first is {first}", names.len()));
    }
    if state.interrupted {
        return unknown("dpkg was interrupted: run `dpkg --configure -a`".to_owned());
    }
    let problems = dependencies::problems(state);
    let first = problems.first()?;
    unknown(format!("apt refuses to work until {} dependencies are mended: {first}", problems.len()))
}

/// apt does nothing at all when its settings prefer a release that no source has.
fn unknown_release(conf: &AptConf, sources: &[KnownSource]) -> Option<Unknown> {
    let name = conf.get("apt::default-release");
    if name.is_empty() || name.as_bytes().get(1) == Some(&b'=') || sources.is_empty() {
        return None;
    }
    let pattern = Pattern::parse(name);
    let fits = |text: &str| !text.is_empty() && pattern.as_ref().is_some_and(|pattern| pattern.matches(text));
    let is_there = sources
        .iter()
        .map(|source| &source.release)
        .any(|release| fits(&release.suite) || fits(&release.codename) || release.version == name);
    let sentence = || format!("apt refuses to work: its setting `APT::Default-Release` names {name}, no source does");
    (!is_there).then(|| Unknown::new(Reason::BROKEN_PACKAGES, sentence()))
}

fn missing_security(sources: &[KnownSource]) -> Option<Unknown> {
    if !sources.iter().any(|source| source.security) {
        return Some(Unknown::new(Reason::NO_SECURITY_SOURCE, "no configured source of apt brings security updates"));
    }
    sources.iter().filter(|source| source.security).find_map(missing_list)
}

fn missing_list(source: &KnownSource) -> Option<Unknown> {
    let list = source.missing_list.as_deref()?;
    let sentence = format!("the list {list} of {} is not on this host: run `apt update`", source.title());
    Some(Unknown::new(Reason::NO_LISTS, sentence))
}

fn excluded(policy: &Policy<'_>, kept_out: &[String]) -> Option<Unknown> {
    // A negative priority excludes even what is installed.
    let installed = policy.priority_of_status().max(0);
    let out = policy.sources.iter().find(|source| source.security && policy.source_priority(source) < installed);
    if let Some(source) = out {
        let (title, priority) = (source.title(), policy.source_priority(source));
        let sentence = format!("the preferences of apt give {title} the priority {priority}: nothing comes from it");
        return Some(Unknown::new(Reason::PINNED_OUT, sentence));
    }
    let first = kept_out.first()?;
    let sentence =
        format!("the preferences of apt keep out {} security updates, the first is of {first}", kept_out.len());
    Some(Unknown::new(Reason::PINNED_OUT, sentence))
}
