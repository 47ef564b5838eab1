//! What the package managers have installed: how much, which, and from where.

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::facts::ManagerFacts;
use crate::files::Root;
use crate::packages::inventory as packages;

/// Folder of the snaps.
const SNAPS: &str = "/var/lib/snapd/snaps";
/// Where snaps are mounted, by distribution.
const SNAP_MOUNTS: &[&str] = &["/snap", "/var/lib/snapd/snap"];
/// Folder of the applications of flatpak that are installed for the whole machine.
const FLATPAKS: &str = "/var/lib/flatpak/app";
/// Snaps that only carry others: run-times, the system, the manager itself.
const SNAP_BASES: &[&str] = &["bare", "core*", "gnome-#*", "gtk-common-themes", "kf#*", "mesa-#", "snapd", "snapd-*"];
/// Largest description of a snap, in bytes.
const SNAP_BYTES_MAX: u64 = 256 * 1024;

/// A package manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manager {
    Dpkg,
    Rpm,
    Snap,
    Flatpak,
    /// One whose packages are not read.
    Other,
}

impl Manager {
    /// Its name in facts and tables.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Dpkg => "dpkg",
            Self::Rpm => "rpm",
            Self::Snap => "snap",
            Self::Flatpak => "flatpak",
            Self::Other => "other",
        }
    }
}

/// One installed package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Package {
    /// Who installed it.
    pub(super) manager: Manager,
    /// Name.
    pub(super) name: String,
    /// Version as its manager writes it.
    pub(super) version: Fact<String>,
    /// Whether it comes from a source that is not the distribution's.
    pub(super) is_foreign: Fact<bool>,
    /// Whether it only carries others, or stayed behind when the distribution left it: nobody chose it.
    pub(super) is_base: bool,
}

/// Everything that is installed.
#[derive(Debug, Default)]
pub(super) struct Inventory {
    /// Each manager that is there, with its packages or why they could not be read.
    managers: Vec<(Manager, Result<Vec<Package>, Unknown>)>,
}

impl Inventory {
    /// The packages of the distribution's own manager, snaps and flatpaks.
    pub(super) fn read(root: &Root, own: packages::Inventory) -> Self {
        let mut managers: Vec<_> = of_distribution(own).into_iter().collect();
        if !root.is_absent(SNAPS) {
            managers.push((Manager::Snap, snaps(root)));
        }
        if !root.is_absent(FLATPAKS) {
            managers.push((Manager::Flatpak, flatpaks(root)));
        }
        Self { managers }
    }

    /// Every package that could be read.
    pub(super) fn packages(&self) -> impl Iterator<Item = &Package> {
        self.managers.iter().filter_map(|(_, packages)| packages.as_ref().ok()).flatten()
    }

    /// Why some packages could not be read.
    pub(super) fn unread(&self) -> Option<&Unknown> {
        self.managers.iter().find_map(|(_, packages)| packages.as_ref().err())
    }

    /// Why it cannot be told of some package where it came from.
    pub(super) fn untold_origin(&self) -> Option<&Unknown> {
        self.unread().or_else(|| self.packages().find_map(|package| unknown(&package.is_foreign)))
    }

    /// The managers as facts.
    pub(super) fn facts(&self) -> Vec<ManagerFacts> {
        let facts = self.managers.iter().map(|(manager, packages)| match packages {
            Ok(packages) => ManagerFacts {
                name: manager.word().to_owned(),
                count: Fact::Known(count(packages.len())),
                foreign_count: match packages.iter().find_map(|package| unknown(&package.is_foreign)) {
                    Some(why) => Fact::Unknown(why.clone()),
                    None => {
                        let foreign = packages.iter().filter(|package| package.is_foreign == Fact::Known(true));
                        Fact::Known(count(foreign.count()))
                    }
                },
            },
            Err(why) => ManagerFacts {
                name: manager.word().to_owned(),
                count: Fact::Unknown(why.clone()),
                foreign_count: Fact::Unknown(why.clone()),
            },
        });
        facts.collect()
    }
}

fn of_distribution(own: packages::Inventory) -> Option<(Manager, Result<Vec<Package>, Unknown>)> {
    let manager = match own.manager {
        "dpkg" => Manager::Dpkg,
        "rpm" => Manager::Rpm,
        "none" => return None,
        _other => Manager::Other,
    };
    let package = |package: packages::OriginatedPackage| Package {
        manager,
        name: package.name,
        version: Fact::Known(package.version),
        is_foreign: package.is_foreign,
        is_base: package.is_former,
    };
    Some((manager, own.packages.map(|packages| packages.into_iter().map(package).collect())))
}

pub(super) fn unknown<T>(fact: &Fact<T>) -> Option<&Unknown> {
    match fact {
        Fact::Known(_) => None,
        Fact::Unknown(why) => Some(why),
    }
}

pub(super) fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// One snap per name: older revisions lie beside the current one.
fn snaps(root: &Root) -> Result<Vec<Package>, Unknown> {
    let files = root.names(SNAPS).map_err(|error| error.to_unknown())?;
    let mut names: Vec<&str> =
        files.iter().filter_map(|file| Some(file.strip_suffix(".snap")?.rsplit_once('_')?.0)).collect();
    names.sort_unstable();
    names.dedup();
    let packages = names.into_iter().map(|name| Package {
        manager: Manager::Snap,
        name: name.to_owned(),
        version: snap_version(root, name),
        is_foreign: Fact::Known(true),
        is_base: SNAP_BASES.iter().any(|base| super::pattern::fits(base, name)),
    });
    Ok(packages.collect())
}

fn snap_version(root: &Root, name: &str) -> Fact<String> {
    let texts = SNAP_MOUNTS.iter().map(|mount| format!("{mount}/{name}/current/meta/snap.yaml"));
    let text = texts.filter_map(|path| root.read_text(&path, SNAP_BYTES_MAX).ok()).next();
    let line = text.as_deref().and_then(|text| text.lines().find_map(|line| line.strip_prefix("version:")));
    match line.map(|version| version.trim().trim_matches(['"', '\''])) {
        Some(version) if !version.is_empty() => Fact::Known(version.to_owned()),
        Some(_) | None => {
            Fact::unknown(Reason::NOT_FOUND, format!("the description of the snap {name} is not mounted"))
        }
    }
}

fn flatpaks(root: &Root) -> Result<Vec<Package>, Unknown> {
    let names = root.names(FLATPAKS).map_err(|error| error.to_unknown())?;
    let current = names.into_iter().filter(|name| root.link_text(&format!("{FLATPAKS}/{name}/current")).is_some());
    let packages = current.map(|name| Package {
        manager: Manager::Flatpak,
        version: Fact::unknown(Reason::NOT_FOUND, format!("the files of {name} do not name its version")),
        name,
        is_foreign: Fact::Known(true),
        is_base: false,
    });
    Ok(packages.collect())
}

#[cfg(test)]
impl Inventory {
    /// The packages of one manager.
    pub(super) fn of(manager: Manager, packages: Vec<Package>) -> Self {
        Self { managers: vec![(manager, Ok(packages))] }
    }
}
