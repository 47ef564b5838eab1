//! The table of computers, sites and domains, and which computers have an old agent.

use vedetta_checks::target::Target;
use vedetta_core::asset::AssetKind;
use vedetta_core::posture::{AssetLine, OrganisationView};

use crate::figures::Versions;
use crate::guard::Visit;
use crate::texts::Texts;

/// Name of the choice in the address that leaves only some rows.
pub(super) const FILTER: &str = "agente";
/// The choice: computers with an old agent.
pub(super) const OLD_AGENT: &str = "vecchio";

/// The table.
pub(super) struct AssetList {
    pub(super) rows: Vec<AssetRow>,
    /// Only computers with an old agent are shown.
    pub(super) is_filtered: bool,
}

/// One row.
pub(super) struct AssetRow {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) kind: &'static str,
    pub(super) open: u32,
    pub(super) last_seen: String,
    /// Version of its agent; empty where none works.
    pub(super) agent: String,
    pub(super) is_old: bool,
}

/// The rows of an organisation.
pub(super) fn asset_list(visit: &Visit, view: &OrganisationView, versions: &Versions, only_old: bool) -> AssetList {
    let t = visit.texts;
    let row = |line: &AssetLine| AssetRow {
        name: line.asset.name.clone(),
        path: format!("/comuni/{}/beni/{}", line.asset.key.organisation, line.asset.key.asset),
        kind: kind(t, &line.asset.kind),
        open: line.open_findings,
        last_seen: line.last_seen.map_or_else(|| t.never().to_owned(), |then| t.ago(then, visit.now)),
        agent: versions.on(line.asset.key).unwrap_or_default().to_owned(),
        is_old: versions.is_old(line.asset.key),
    };
    let rows = view.assets.iter().map(row).filter(|row| !only_old || row.is_old).collect();
    AssetList { rows, is_filtered: only_old }
}

/// How many computers have an old agent, as a sentence; empty when none has.
pub(super) fn old_agents(t: Texts, view: &OrganisationView, versions: &Versions) -> String {
    match view.assets.iter().filter(|line| versions.is_old(line.asset.key)).count() {
        0 => String::new(),
        hosts => t.old_agents(hosts, &versions.newest),
    }
}

/// What an asset is, as a word.
pub(crate) const fn kind(t: Texts, kind: &AssetKind) -> &'static str {
    match kind {
        AssetKind::Host | AssetKind::Public(Target::Host) => t.kind_host(),
        AssetKind::Public(Target::Endpoint(_) | Target::Ports(_)) => t.kind_endpoint(),
        AssetKind::Public(Target::Domain(_)) => t.kind_domain(),
    }
}
