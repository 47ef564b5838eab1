//! What is offered for what is installed, and whether that answer can be trusted.

use std::collections::BTreeSet;
use std::time::Instant;

use jiff::Timestamp;
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::cache::{self, Cached};
use super::dnf::{self, Advised, Dnf, Offer};
use super::installed::{self, RpmPackage};
use super::repositories::{self, Configuration, Repository};
use super::shadow::Shadow;
use super::versionlock::{self, Locks};
use crate::files::Root;
use crate::packages::facts::{ListsFacts, PendingPackage, SourceFacts};
use crate::packages::seen::{Answer, InstalledPackage, Looking};

/// One enabled repository with its cached metadata, or why there is none that can be used.
struct Known {
    repository: Repository,
    cached: Result<Cached, Unknown>,
}

/// Asks dnf, once per question, out of the metadata that the host has cached.
pub(super) fn read(
    looking: &Looking<'_>,
    shadow: &mut Shadow<'_>,
    packages: &[RpmPackage],
    end: Instant,
) -> Result<Answer, Unknown> {
    if let Some(unknown) = super::other_system(looking) {
        return Err(unknown);
    }
    let now = looking.context.now;
    let configuration = repositories::read(looking.root)?;
    let locks = versionlock::read(looking.root).map_err(|error| error.to_unknown())?;
    let cache = cache::folder(looking.root, configuration.cache.as_deref());
    let known = known(looking.root, &cache, &configuration)?;
    let origins =
        Unknown::new(Reason::NOT_ASKED, "rpm does not tell from which repository a package came, and dnf is not asked");
    let usable = known.iter().filter(|one| one.cached.is_ok()).count();
    let mut pending = Vec::new();
    if usable > 0 {
        let dnf = dnf::installed()?;
        let (_, generation) = dnf;
        let taken = shadow.add_configuration(configuration.main_path, &configuration.folders);
        taken.and_then(|()| shadow.add_cache(&cache, generation.cache())).map_err(|error| error.to_unknown())?;
        let without = known.iter().filter(|one| one.cached.is_err()).map(|one| one.repository.id.clone()).collect();
        let version = looking.os.as_ref().ok().map(|os| os.version_id.as_str()).filter(|version| !version.is_empty());
        let mut dnf = Dnf::new(shadow, dnf, without, version, end);
        pending = ask(&mut dnf, &configuration, &locks, packages)?;
    }
    pending.sort_by(|left, right| (&left.name, &left.architecture).cmp(&(&right.name, &right.architecture)));
    Ok(Answer {
        candidates: pending.iter().map(candidate).collect(),
        security_gap: security_gap(&known, &pending),
        pending,
        origins: Err(origins),
        kept_out: Vec::new(),
        lists: lists(&known, now),
        has_security_source: has_errata(&known),
        doubt: doubt(&known, now),
        gap: None,
    })
}

fn known(root: &Root, cache: &str, configuration: &Configuration) -> Result<Vec<Known>, Unknown> {
    let names = match root.names(cache) {
        Err(error) if error.is_not_found() => Vec::new(),
        names => names.map_err(|error| error.to_unknown())?,
    };
    let one = |repository: &Repository| Known {
        repository: repository.clone(),
        cached: cache::find(root, cache, &names, repository),
    };
    Ok(configuration.repositories.iter().map(one).collect())
}

fn ask(
    dnf: &mut Dnf<'_>,
    configuration: &Configuration,
    locks: &Locks,
    packages: &[RpmPackage],
) -> Result<Vec<PendingPackage>, Unknown> {
    let all = dnf.updates(true)?;
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let allowed = if configuration.excludes { dnf.updates(false)? } else { all.clone() };
    let advised = dnf.security_advisories()?;
    let is_held = |offer: &Offer| {
        let same = |other: &Offer| other.name == offer.name && other.architecture == offer.architecture;
        locks.holds(&offer.name) || !allowed.iter().any(same)
    };
    Ok(all.iter().filter_map(|offer| pending(offer, is_held(offer), &advised, packages)).collect())
}

/// The row of one offer; none when nothing that is installed would be replaced.
fn pending(offer: &Offer, held: bool, advised: &[Advised], packages: &[RpmPackage]) -> Option<PendingPackage> {
    let (name, architecture) = match &offer.replaces {
        Some((name, architecture)) => (name, architecture),
        None => (&offer.name, &offer.architecture),
    };
    let old = installed::newest(packages, name, architecture)?;
    // An advisory may name a version between the installed and the offered one: the offered one mends that fault too.
    let mends = |advised: &Advised| {
        let same = advised.name == offer.name && advised.architecture == offer.architecture;
        same && advised.evr <= offer.evr && (advised.evr > old.evr || offer.replaces.is_some())
    };
    Some(PendingPackage {
        name: name.clone(),
        architecture: old.architecture.clone(),
        installed: old.evr.to_string(),
        candidate: match &offer.replaces {
            Some(_) => format!("{}-{}", offer.name, offer.evr),
            None => offer.evr.to_string(),
        },
        security: advised.iter().any(mends),
        held,
        phased: false,
        pocket: offer.repository.clone(),
    })
}

/// What would be installed; rpm does not tell its source package before it is.
fn candidate(pending: &PendingPackage) -> InstalledPackage {
    InstalledPackage {
        name: pending.name.clone(),
        architecture: pending.architecture.clone(),
        version: pending.candidate.clone(),
        source: String::new(),
        source_version: String::new(),
    }
}

fn has_errata(known: &[Known]) -> bool {
    known.iter().any(|one| one.cached.as_ref().is_ok_and(|cached| cached.has_errata))
}

/// Which repositories offer a pending package and do not say what their updates are for: any of those may be for security.
fn security_gap(known: &[Known], pending: &[PendingPackage]) -> Option<Unknown> {
    let has_errata = |id: &str| {
        let mut same = known.iter().filter(|one| one.repository.id == id);
        same.any(|one| one.cached.as_ref().is_ok_and(|cached| cached.has_errata))
    };
    let untold = pending.iter().filter(|package| !package.security && !has_errata(&package.pocket));
    let ids: BTreeSet<&str> = untold.map(|package| package.pocket.as_str()).collect();
    let ids: Vec<&str> = ids.into_iter().collect();
    let detail = format!("these repositories do not say which of their updates are for security: {}", ids.join(", "));
    (!ids.is_empty()).then(|| Unknown::new(Reason::NO_ERRATA, detail))
}

/// The first thing for which the answer cannot be trusted.
fn doubt(known: &[Known], now: Timestamp) -> Option<Unknown> {
    if known.is_empty() {
        return Some(Unknown::new(Reason::NO_SECURITY_SOURCE, "no repository of packages is enabled"));
    }
    let missing = known.iter().find_map(|one| one.cached.as_ref().err().cloned());
    let old = || known.iter().find_map(|one| one.cached.as_ref().ok()?.doubt(&one.repository, now));
    let untold = || {
        let ids: Vec<&str> = known.iter().map(|one| one.repository.id.as_str()).collect();
        let detail = format!("no repository says which updates are for security: {}", ids.join(", "));
        (!has_errata(known)).then(|| Unknown::new(Reason::NO_ERRATA, detail))
    };
    missing.or_else(old).or_else(untold)
}

/// Dates of the repositories with errata; of every repository when none has them.
fn lists(known: &[Known], now: Timestamp) -> ListsFacts {
    let any_errata = has_errata(known);
    let cached = known.iter().filter_map(|one| Some((&one.repository, one.cached.as_ref().ok()?)));
    let counts = cached.filter(|(_, cached)| cached.has_errata || !any_errata);
    let oldest = counts.min_by_key(|(_, cached)| cached.date.unwrap_or(cached.checked));
    let none = || Unknown::new(Reason::NO_LISTS, "no repository has a list of packages on this host");
    let date = oldest.map(|(_, cached)| cached.date.unwrap_or(cached.checked));
    let no_end = || Unknown::new(Reason::NOT_FOUND, "the configuration lets these lists be used for ever");
    ListsFacts {
        date: date.map_or_else(|| Fact::Unknown(none()), Fact::Known),
        valid_until: match oldest {
            Some((repository, cached)) => {
                cached.valid_until(repository).map_or_else(|| Fact::Unknown(no_end()), Fact::Known)
            }
            None => Fact::Unknown(none()),
        },
        age_days: date.map_or_else(
            || Fact::Unknown(none()),
            |date| Fact::Known(now.duration_since(date).as_hours().div_euclid(24)),
        ),
        sources: Fact::Known(known.iter().map(source).collect()),
    }
}

fn source(known: &Known) -> SourceFacts {
    SourceFacts {
        pocket: known.repository.id.clone(),
        site: known.repository.site.clone(),
        origin: String::new(),
        security: known.cached.as_ref().is_ok_and(|cached| cached.has_errata),
        has_list: known.cached.is_ok(),
        priority: known.repository.priority,
        date: match &known.cached {
            Ok(cached) => Fact::Known(cached.date.unwrap_or(cached.checked)),
            Err(unknown) => Fact::Unknown(unknown.clone()),
        },
    }
}
