//! Hosts with dpkg and apt: read from their files alone, without libapt and without starting a program.

mod apt_conf;
mod architectures;
mod automatic;
mod candidate;
mod coverage;
mod deb822;
mod dependencies;
mod doubt;
mod freshness;
pub mod fuzz;
mod installed;
mod known;
mod offers;
mod options;
mod origins;
mod parts;
mod pattern;
mod pending;
mod phasing;
mod pin;
mod preferences;
mod release;
mod sources;
mod unpack;
mod words;

use vedetta_checks::fact::{Fact, Unknown};

use self::apt_conf::AptConf;
use self::candidate::Policy;
use self::deb822::StanzaError;
pub(super) use self::installed::STATUS;
use self::installed::{DpkgState, Installed};
use self::known::KnownSource;
use self::offers::{ListFile, Offer, Offered};
use self::phasing::Phasing;
use self::preferences::Preferences;
use super::facts::AutomaticFacts;
use super::seen::{Answer, Contract, InstalledPackage, Looking, Seen};
use super::{kernel, lifecycle};

/// Parts of Ubuntu whose packages get no security updates without a further contract.
const UNCOVERED_COMPONENTS: &[&str] = &["universe", "multiverse"];

/// Reads what dpkg and apt have on this host.
pub(super) fn read(looking: &Looking<'_>) -> Seen {
    let root = looking.root;
    let state = match installed::read(root) {
        Ok(state) => state,
        Err(error) => return Seen::nothing(looking, &error.to_unknown()),
    };
    let conf = AptConf::read(root).map_err(|error| error.to_unknown());
    let sources = conf.as_ref().map_err(Clone::clone).and_then(|conf| {
        known::read(root, conf, &state)
            .map(|(sources, lists)| (conf, sources, lists))
            .map_err(|error| error.to_unknown())
    });
    let offered = sources
        .as_ref()
        .map_err(Clone::clone)
        .and_then(|(_, _, lists)| offers::read(root, &state, lists).map_err(|error| error.to_unknown()));
    let answer = match (&sources, &offered) {
        (Ok((conf, sources, lists)), Ok(Offered { offers, cut })) => {
            answer(looking, &state, conf, Listed { sources, lists, offers, cut: cut.as_ref() })
                .map_err(|error| error.to_unknown())
        }
        (Err(unknown), _) | (Ok(_), Err(unknown)) => Err(unknown.clone()),
    };
    let packages: Vec<InstalledPackage> = state.packages.iter().map(Installed::to_package).collect();
    let kernel = kernel::facts(root, Ok(&packages));
    let broken = state.packages.iter().filter(|package| package.broken).map(|package| package.name.clone()).collect();
    Seen {
        installed: Ok(packages),
        answer,
        broken: Fact::Known(broken),
        interrupted: Fact::Known(state.interrupted),
        reboot: kernel::reboot(root, &kernel),
        kernel,
        automatic: match &conf {
            Ok(conf) => {
                let sources = sources.as_ref().map(|(_, sources, _)| sources.as_slice());
                automatic::facts(looking, conf, &state, sources)
            }
            Err(unknown) => AutomaticFacts::unknown(unknown),
        },
        contract: match (&sources, &offered) {
            (Ok((_, sources, lists)), Ok(Offered { offers, cut })) => {
                contract(&Listed { sources, lists, offers, cut: cut.as_ref() })
            }
            (Err(unknown), _) | (Ok(_), Err(unknown)) => Contract {
                has_extended_source: Fact::Unknown(unknown.clone()),
                uncovered_count: Fact::Unknown(unknown.clone()),
            },
        },
    }
}

/// What the configured sources offer.
struct Listed<'a> {
    sources: &'a [KnownSource],
    lists: &'a [ListFile],
    /// The offers for every installed package, in the order of the installed ones.
    offers: &'a [Vec<Offer>],
    /// Why a list is not whole.
    cut: Option<&'a Unknown>,
}

fn answer(looking: &Looking<'_>, state: &DpkgState, conf: &AptConf, listed: Listed<'_>) -> Result<Answer, StanzaError> {
    let (root, now) = (looking.root, looking.context.now);
    let Listed { sources, lists, offers, cut } = listed;
    let (preferences, phasing) = (Preferences::read(root, conf)?, Phasing::read(root, conf));
    let (native, os) = (state.native.as_str(), looking.os.as_ref().ok());
    let policy = Policy { preferences: &preferences, sources, lists, native, phasing: &phasing };
    let kept_out = pending::pinned_out(state, offers, &policy);
    let (pending, candidates) = pending::pending(state, offers, &policy);
    Ok(Answer {
        pending,
        candidates,
        origins: Ok(origins::origins(state, offers, &policy, os.map_or("", |os| &os.id))),
        lists: freshness::lists(&policy, now),
        has_security_source: coverage::has_security_source(sources, os),
        doubt: doubt::doubt(state, conf, &policy, &kept_out, os)
            .or_else(|| freshness::doubt(sources, lifecycle::last_free_moment(looking), now)),
        gap: doubt::gap(state, sources, cut),
        security_gap: None,
        kept_out,
    })
}

/// Whether a further contract covers this host, and how much of it nothing covers without one.
fn contract(listed: &Listed<'_>) -> Contract {
    let is_extended = |source: &&KnownSource| source.is_extended() && source.has_list;
    let has_applications = listed.sources.iter().filter(is_extended).any(|source| source.release.origin != "UbuntuESM");
    let is_uncovered = |offers: &&Vec<Offer>| {
        let lists = || offers.iter().flat_map(|offer| &offer.lists).filter_map(|list| listed.lists.get(*list));
        let from_ubuntu =
            |list: &&ListFile| listed.sources.get(list.source).is_some_and(|source| source.release.origin == "Ubuntu");
        let mut components = lists().filter(from_ubuntu).map(|list| list.component.as_str()).peekable();
        components.peek().is_some() && components.all(|component| UNCOVERED_COMPONENTS.contains(&component))
    };
    let uncovered = if has_applications { 0 } else { listed.offers.iter().filter(is_uncovered).count() };
    Contract {
        has_extended_source: Fact::Known(listed.sources.iter().any(|source| is_extended(&source))),
        uncovered_count: Fact::Known(i64::try_from(uncovered).unwrap_or(i64::MAX)),
    }
}
