//! Hosts with dpkg and apt: read from their files alone, without libapt and without starting a program.

mod apt_conf;
mod candidate;
mod deb822;
mod installed;
mod offers;
mod pattern;
mod pending;
mod pin;
mod preferences;
mod release;
mod sources;

use jiff::Timestamp;
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use self::apt_conf::AptConf;
use self::candidate::{KnownSource, Policy};
use self::deb822::StanzaError;
pub(super) use self::installed::STATUS;
use self::installed::{DpkgState, Installed};
use self::offers::ListFile;
use self::preferences::Preferences;
use self::release::Release;
use super::facts::AutomaticFacts;
use super::kernel;
use super::seen::{Answer, Contract, InstalledPackage, Looking, Seen};
use crate::files::Root;

/// Reads what dpkg and apt have on this host.
pub(super) fn read(looking: &Looking<'_>) -> Seen {
    let state = match installed::read(looking.root) {
        Ok(state) => state,
        Err(error) => return Seen::nothing(looking, &error.to_unknown()),
    };
    let root = looking.root;
    let conf = AptConf::read(root).map_err(|error| error.to_unknown());
    let packages: Vec<InstalledPackage> = state.packages.iter().map(Installed::to_package).collect();
    let kernel = kernel::facts(root, Ok(&packages));
    let answer = conf
        .as_ref()
        .map_err(Clone::clone)
        .and_then(|conf| read_answer(root, &state, conf, looking.context.now).map_err(|error| error.to_unknown()));
    let not_read = Unknown::new(Reason::UNSUPPORTED_SYSTEM, "not looked at");
    let broken = state.packages.iter().filter(|package| package.broken).map(|package| package.name.clone()).collect();
    Seen {
        installed: Ok(packages),
        answer,
        broken: Fact::Known(broken),
        interrupted: Fact::Known(state.interrupted),
        reboot: kernel::reboot(root, &kernel),
        kernel,
        automatic: AutomaticFacts::unknown(&not_read),
        contract: Contract {
            has_extended_source: Fact::Unknown(not_read.clone()),
            uncovered_count: Fact::Unknown(not_read),
        },
    }
}

fn read_answer(root: &Root, state: &DpkgState, conf: &AptConf, now: Timestamp) -> Result<Answer, StanzaError> {
    let preferences = Preferences::read(root, conf.get("apt::default-release"))?;
    let (sources, lists) = known_sources(root, state)?;
    let policy = Policy { preferences: &preferences, sources: &sources, lists: &lists };
    let offers = offers::read(root, state, &lists)?;
    let kept_out = pending::pinned_out(state, &offers, &policy);
    Ok(Answer {
        pending: pending::pending(state, &offers, &policy),
        candidates: Vec::new(),
        gap: None,
        lists: pending::lists(&sources, &policy, now),
        has_security_source: sources.iter().any(|source| source.security),
        doubt: pending::doubt(state, &policy, &kept_out, now),
        kept_out,
    })
}

/// The configured sources with their release files, and the lists of packages that are on the host.
fn known_sources(root: &Root, state: &DpkgState) -> Result<(Vec<KnownSource>, Vec<ListFile>), StanzaError> {
    let mut architectures: Vec<String> = vec![state.native.clone()];
    for package in &state.packages {
        if package.architecture != "all" && !architectures.contains(&package.architecture) {
            architectures.push(package.architecture.clone());
        }
    }
    let (mut known, mut lists) = (Vec::new(), Vec::new());
    for source in sources::read(root)? {
        let release = match Release::read(root, &source.base) {
            Err(error) if error.is_not_found() => None,
            release => Some(release?),
        };
        let before = lists.len();
        for (component, path) in source.list_paths(&architectures) {
            let path = offers::find_list(root, &path);
            lists.extend(path.map(|path| ListFile { source: known.len(), component: component.to_owned(), path }));
        }
        let security = release.as_ref().map_or_else(|| source.looks_like_security(), Release::is_security);
        known.push(KnownSource {
            has_release: release.is_some(),
            release: release.unwrap_or_default(),
            security,
            has_list: lists.len() > before,
            site: source.site,
            suite: source.suite,
        });
    }
    Ok((known, lists))
}
