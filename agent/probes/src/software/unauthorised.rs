//! Software that is not from the distribution and that the organisation has not declared.

use std::collections::BTreeSet;

use vedetta_checks::fact::Fact;
use vedetta_checks::word::Reason;

use super::facts::{AiFacts, ProductFacts};
use super::folder::{self, Missed};
use super::inventory::{Inventory, Manager};
use super::pattern::fits_loosely;
use crate::files::Root;
use crate::persons::Persons;

/// Where software lies that no package manager brought (Filesystem Hierarchy Standard, 3.13).
const ADDED: &str = "/opt";
/// Folders there that a daemon of a package makes when it runs, so that no package lists them.
const MADE_BY_DAEMONS: &[&str] = &["containerd"];
/// Largest list of a package's files, in bytes.
const LIST_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// The names, each once; unknown when nothing is declared, and when "none" cannot be told.
pub(super) fn read(
    root: &Root,
    declared: Option<&[String]>,
    inventory: &Inventory,
    products: &[ProductFacts],
    ai: &AiFacts,
    persons: &Persons,
) -> Fact<Vec<String>> {
    let Some(declared) = declared else {
        return Fact::unknown(Reason::NOT_DECLARED, "the configuration does not declare which software is allowed");
    };
    let mut names: BTreeSet<String> = BTreeSet::new();
    for package in inventory.packages().filter(|package| package.is_foreign == Fact::Known(true) && !package.is_base) {
        names.insert(package.name.clone());
    }
    let by_files = products.iter().filter(|product| product.origin == "files");
    names.extend(by_files.map(|product| product.name.clone()));
    names.extend([&ai.servers, &ai.applications].into_iter().filter_map(Fact::known).flatten().cloned());
    let missed = Missed::default();
    names.extend(added(root, inventory, &missed));
    let names: BTreeSet<String> = names
        .into_iter()
        .filter(|name| !declared.iter().any(|allowed| fits_loosely(allowed, name)))
        .map(|name| persons.without(&name))
        .collect();
    match inventory.untold_origin().cloned().or(missed.first()) {
        Some(why) if names.is_empty() => Fact::Unknown(why),
        Some(_) | None => Fact::Known(names.into_iter().collect()),
    }
}

/// The folders of `/opt` that no foreign package put there: its package is told already.
fn added(root: &Root, inventory: &Inventory, missed: &Missed) -> Vec<String> {
    let mut folders = folder::names(root, ADDED, missed);
    folders.retain(|name| !MADE_BY_DAEMONS.contains(&name.as_str()) && !is_empty(root, name));
    if folders.is_empty() {
        return folders;
    }
    for package in inventory.packages().filter(|package| package.manager == Manager::Dpkg) {
        if package.is_foreign == Fact::Known(false) {
            continue;
        }
        let Some(files) = files_of(root, &package.name) else { continue };
        folders.retain(|name| {
            let path = format!("{ADDED}/{name}");
            !files.lines().any(|line| line == path)
        });
    }
    folders
}

/// Whether an added folder surely holds nothing: one that may not be looked into is taken to hold something.
fn is_empty(root: &Root, name: &str) -> bool {
    match folder::entries(root, &format!("{ADDED}/{name}")) {
        Ok(listing) => listing.entries.is_empty() && listing.missed.is_none(),
        Err(error) => error.is_not_found(),
    }
}

fn files_of(root: &Root, package: &str) -> Option<String> {
    let lists = [format!("/var/lib/dpkg/info/{package}.list"), format!("/var/lib/dpkg/info/{package}:amd64.list")];
    lists.iter().find_map(|list| root.read_text(list, LIST_BYTES_MAX).ok())
}

#[cfg(test)]
mod tests {
    use super::super::inventory::Package;
    use super::*;

    fn seen(declared: Option<&[&str]>, is_foreign: Fact<bool>) -> Fact<Vec<String>> {
        let folder = tempfile::tempdir().expect("a folder");
        for (path, text) in [
            ("opt/teamviewer/x", ""),
            ("opt/portale/x", ""),
            ("opt/containerd/bin/x", ""),
            ("var/lib/dpkg/info/teamviewer.list", "/.\n/opt\n/opt/teamviewer\n"),
        ] {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        }
        std::fs::create_dir(folder.path().join("opt/empty")).expect("a folder");
        let package = |name: &str, is_foreign: Fact<bool>| Package {
            manager: Manager::Dpkg,
            name: name.to_owned(),
            version: Fact::Known("1".to_owned()),
            is_foreign,
            is_base: false,
        };
        let packages = vec![package("teamviewer", is_foreign), package("bash", Fact::Known(false))];
        let none = || Fact::Known(Vec::new());
        let ai = AiFacts {
            servers: none(),
            server_count: Fact::Known(0),
            applications: none(),
            application_count: Fact::Known(0),
            is_whole: Fact::Known(true),
            reachable_server_count: Fact::Known(0),
        };
        let declared: Option<Vec<String>> = declared.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
        let inventory = Inventory::of(Manager::Dpkg, packages);
        let root = Root::new(folder.path());
        read(&root, declared.as_deref(), &inventory, &[], &ai, &Persons::default())
    }

    fn names(names: &[&str]) -> Fact<Vec<String>> {
        Fact::Known(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn what_is_foreign_and_not_declared_is_named() {
        let foreign = || Fact::Known(true);
        assert_eq!(seen(Some(&[]), foreign()), names(&["portale", "teamviewer"]));
        assert_eq!(seen(Some(&["Team*"]), foreign()), names(&["portale"]));
        assert_eq!(seen(Some(&["*"]), foreign()), names(&[]));
    }

    #[test]
    fn nothing_declared_and_origins_untold_are_unknown_and_not_none() {
        let reason = |fact: Fact<Vec<String>>| match fact {
            Fact::Known(_) => None,
            Fact::Unknown(why) => Some(why.reason),
        };
        assert_eq!(reason(seen(None, Fact::Known(true))), Some(Reason::NOT_DECLARED));
        let untold = || Fact::unknown(Reason::NO_LISTS, "none");
        assert_eq!(reason(seen(Some(&["portale"]), untold())), Some(Reason::NO_LISTS));
        assert_eq!(seen(Some(&[]), untold()), names(&["portale"]));
    }
}
