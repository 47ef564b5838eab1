//! What of the bundle stands open on this host.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use vedetta_checks::fact::Unknown;
use vedetta_checks::feed::{Release, Standing, Vulnerability};

use super::super::seen::{Answer, InstalledPackage};
use super::super::version::version_less;
use super::covered::{CoveredSource, covered, tracked_source};
use super::proof::Proofs;
use crate::files::Root;

/// One vulnerability that stands open.
#[derive(Debug, Clone, Copy)]
pub(super) struct Open<'a> {
    /// The source package.
    pub(super) source: &'a str,
    /// The installed package that stands for it.
    pub(super) package: &'a InstalledPackage,
    /// Which vulnerability.
    pub(super) vulnerability: &'a Vulnerability,
    /// The version of the source package that mends it; none: no version of the release does.
    pub(super) mended_in: Option<&'a str>,
    /// Whether a list of this host offers that version or a later one.
    pub(super) is_offered: bool,
}

/// Everything that the join found.
#[derive(Debug, Default)]
pub(super) struct Joined<'a> {
    /// What an update would mend, the gravest first.
    pub(super) fixable: Vec<Open<'a>>,
    /// What no version of the release mends.
    pub(super) unfixed: Vec<Open<'a>>,
    /// How many the bundle calls open and the installed changelog proves mended.
    pub(super) backported: usize,
    /// How many installed packages were left out.
    pub(super) left_out: usize,
}

/// Joins the installed packages with what the bundle says of their release.
pub(super) fn join<'a>(
    root: &Root,
    installed: &'a [InstalledPackage],
    answer: Result<&'a Answer, &Unknown>,
    codename: &str,
    release: &'a Release,
) -> Joined<'a> {
    let (origins, candidates) = answer.map_or((&[][..], &[][..]), |answer| {
        (answer.origins.as_deref().unwrap_or_default(), answer.candidates.as_slice())
    });
    let covered = covered(root, installed, origins, codename, release);
    let offered = newest_candidates(candidates);
    let mut joined = Joined { left_out: covered.left_out, ..Joined::default() };
    let mut proofs = Proofs::new(root);
    for (name, source) in &covered.sources {
        let open = open_of(name, source, offered.get(name).copied(), release);
        let mended = proofs.of(name, source, &open);
        let before = open.len();
        let open = open.into_iter().filter(|open| !mended.contains(&open.vulnerability.id));
        let (fixable, unfixed): (Vec<_>, Vec<_>) = open.partition(|open| open.mended_in.is_some());
        joined.backported += before - fixable.len() - unfixed.len();
        joined.fixable.extend(fixable);
        joined.unfixed.extend(unfixed);
    }
    joined.fixable.sort_by_key(|open| {
        let vulnerability = open.vulnerability;
        (vulnerability.exploited_due.is_none(), Reverse(vulnerability.chance), Reverse(&vulnerability.id), open.source)
    });
    joined
}

fn open_of<'a>(
    name: &'a str,
    source: &CoveredSource<'a>,
    offered: Option<&str>,
    release: &'a Release,
) -> Vec<Open<'a>> {
    let mut open: Vec<Open<'a>> = Vec::new();
    let groups = release.sources.get(name).map_or(&[][..], |known| known.groups.as_slice());
    for group in groups {
        let mended_in = match group.mend.standing(source.version) {
            Standing::Mended => continue,
            Standing::MendedIn(version) => Some(version),
            Standing::Unmended => None,
        };
        let is_offered = mended_in.zip(offered).is_some_and(|(mended, offered)| !version_less(offered, mended));
        let one = |vulnerability| Open { source: name, package: source.package, vulnerability, mended_in, is_offered };
        open.extend(group.vulnerabilities.iter().map(one));
    }
    // A vulnerability may stand in several groups of a damaged bundle: it counts once, and what can be mended first.
    open.sort_by_key(|open| (&open.vulnerability.id, open.mended_in.is_none()));
    open.dedup_by_key(|open| &open.vulnerability.id);
    open
}

/// The newest version of each source package that would be installed.
fn newest_candidates(candidates: &[InstalledPackage]) -> BTreeMap<&str, &str> {
    let mut newest: BTreeMap<&str, &str> = BTreeMap::new();
    for candidate in candidates {
        let (source, version) = tracked_source(candidate);
        let known = newest.entry(source).or_insert(version);
        if version_less(known, version) {
            *known = version;
        }
    }
    newest
}
