//! Whether the answer can be trusted.
//!
//! "Nothing is pending" is said only when nothing speaks against it. What is found pending is told even in doubt: a newer
//! version on an old list is still newer than the installed one.

use vedetta_checks::fact::Unknown;
use vedetta_checks::word::Reason;

use super::apt_conf::AptConf;
use super::candidate::Policy;
use super::installed::{DpkgState, STATUS};
use super::known::KnownSource;
use super::pattern::Pattern;
use super::{coverage, dependencies};
use crate::host::os_release::OsRelease;

/// Why the answer as a whole cannot be trusted, the gravest reason first; none when it can.
pub(super) fn doubt(
    state: &DpkgState,
    conf: &AptConf,
    policy: &Policy<'_>,
    kept_out: &[String],
    os: Option<&OsRelease>,
) -> Option<Unknown> {
    broken(state)
        .or_else(|| unknown_release(conf, policy.sources))
        .or_else(|| missing_security(policy.sources, os))
        .or_else(|| excluded(policy, kept_out))
}

/// Why more could be pending than is known: a source that brings no security updates has no list, a list is cut, or
/// dpkg's state does not name all that is installed.
pub(super) fn gap(state: &DpkgState, sources: &[KnownSource], cut: Option<&Unknown>) -> Option<Unknown> {
    let unnamed = || {
        let name = state.unnamed.as_ref()?;
        let sentence = format!("{STATUS} was cut: it does not name {name}, whose files dpkg has installed");
        Some(Unknown::new(Reason::CORRUPT, sentence))
    };
    let missing = || sources.iter().filter(|source| !source.security).find_map(missing_list);
    unnamed().or_else(|| cut.cloned()).or_else(missing)
}

fn broken(state: &DpkgState) -> Option<Unknown> {
    let unknown = |sentence: String| Some(Unknown::new(Reason::BROKEN_PACKAGES, sentence));
    let names: Vec<&str> =
        state.packages.iter().filter(|package| package.broken).map(|package| &*package.name).collect();
    match names.as_slice() {
        [] => {}
        [one] => return unknown(format!("the package {one} is not completely installed: run `dpkg --configure -a`")),
        [first, ..] => {
            let count = names.len();
            return unknown(format!(
                "{count} packages are not completely installed, the first is {first}: run `dpkg --configure -a`"
            ));
        }
    }
    if state.interrupted {
        return unknown("dpkg was interrupted: run `dpkg --configure -a`".to_owned());
    }
    let problems = dependencies::problems(state);
    match problems.as_slice() {
        [] => None,
        [one] => unknown(format!("apt refuses to work until this is mended: {one}")),
        [first, ..] => {
            let count = problems.len();
            unknown(format!("apt refuses to work until {count} dependencies are mended, the first: {first}"))
        }
    }
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

fn missing_security(sources: &[KnownSource], os: Option<&OsRelease>) -> Option<Unknown> {
    let none = || Some(Unknown::new(Reason::NO_SECURITY_SOURCE, coverage::without_security(sources, os)?));
    none().or_else(|| sources.iter().filter(|source| source.security).find_map(missing_list))
}

fn missing_list(source: &KnownSource) -> Option<Unknown> {
    let list = source.missing_list.as_deref()?;
    let sentence = format!("the list {list} of {} is missing or empty on this host: run `apt update`", source.title());
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
    let sentence = match kept_out {
        [] => return None,
        [one] => format!("the preferences of apt keep out the security update of {one}"),
        [first, ..] => {
            let count = kept_out.len();
            format!("the preferences of apt keep out {count} security updates, the first is of {first}")
        }
    };
    Some(Unknown::new(Reason::PINNED_OUT, sentence))
}
