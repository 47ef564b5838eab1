//! Content management systems found by their files: version, extensions, and what should not lie there.
//!
//! A bounded walk, broad before deep, through the folders that web servers serve and the usual ones. A folder of persons is
//! entered only where a web server is set to serve it.

mod exposed;
mod extensions;
mod roots;
mod systems;

use std::collections::{HashSet, VecDeque};

use jiff::Timestamp;
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use self::roots::Place;
use super::end_of_life::life;
use super::facts::CmsFacts;
use super::folder;
use super::inventory::Inventory;
use crate::files::{FileError, Root};
use crate::persons::Persons;

/// Most folders that are looked into, all places together.
const FOLDERS_MAX: usize = 5_000;
/// Most folders beneath one usual place, so that one large share does not hide the others.
const FOLDERS_PER_PLACE_MAX: usize = 2_000;
/// Most systems on one host.
const SYSTEMS_MAX: usize = 200;
/// Folders in which no site lies, or only copies of files.
const PASSED_OVER: &[&str] = &[
    "bin",
    "cache",
    "include",
    "lib",
    "lib64",
    "log",
    "logs",
    "lost+found",
    "node_modules",
    "sbin",
    "share",
    "tmp",
    "uploads",
    "vendor",
];

/// Every system on the host, by path.
pub(super) fn read(root: &Root, inventory: &Inventory, persons: &Persons, now: Timestamp) -> Fact<Vec<CmsFacts>> {
    let mut walk = Walk { root, persons, now, inventory, seen: HashSet::new(), found: Vec::new(), doubt: None };
    for place in roots::places(root) {
        walk.place(&place);
    }
    let Walk { mut found, doubt, .. } = walk;
    found.sort_by(|left, right| left.path.cmp(&right.path));
    match doubt {
        // "None" is said only after every folder was looked into.
        Some(why) if found.is_empty() => Fact::Unknown(why),
        Some(_) | None => Fact::Known(found),
    }
}

struct Walk<'a> {
    root: &'a Root,
    persons: &'a Persons,
    now: Timestamp,
    inventory: &'a Inventory,
    /// Folders that were looked into, by their real paths.
    seen: HashSet<String>,
    found: Vec<CmsFacts>,
    /// Why some folder was not looked into.
    doubt: Option<Unknown>,
}

/// A folder that waits to be looked into.
struct Waiting {
    path: String,
    depth: usize,
    /// The system that it lies in, with its version.
    within: Option<(&'static str, Option<String>)>,
}

impl Walk<'_> {
    fn place(&mut self, place: &Place) {
        let mut waiting = VecDeque::from([Waiting { path: place.path.clone(), depth: place.depth, within: None }]);
        let mut count = 0;
        while let Some(next) = waiting.pop_front() {
            count += 1;
            if count > FOLDERS_PER_PLACE_MAX || self.seen.len() >= FOLDERS_MAX || self.found.len() >= SYSTEMS_MAX {
                let detail = format!("{}: more folders than are looked into", self.persons.without(&place.path));
                self.doubt.get_or_insert_with(|| Unknown::new(Reason::TOO_LARGE, detail));
                return;
            }
            self.folder(next, &mut waiting);
        }
    }

    fn folder(&mut self, next: Waiting, waiting: &mut VecDeque<Waiting>) {
        let Some(path) = folder::real_path(self.root, &next.path) else { return };
        if !self.seen.insert(path.clone()) {
            return;
        }
        let (entries, is_cut) = match folder::entries(self.root, &path) {
            Ok(listing) => listing,
            Err(error) => {
                self.unread(&error);
                return;
            }
        };
        if is_cut {
            let detail = format!("{}: more names than are read", self.persons.without(&path));
            self.doubt.get_or_insert_with(|| Unknown::new(Reason::TOO_LARGE, detail));
        }
        let found = systems::find(self.root, &path, &entries);
        let mut within = next.within;
        let own_folders = found.as_ref().map_or(&[][..], |found| found.own_folders);
        if let Some(found) = &found {
            let same = Some((found.name, found.version.clone()));
            // The public folder of a project shows the system that the project already is.
            if within != same {
                self.found.push(self.facts(found, &path, &entries));
            }
            within = same;
        }
        if next.depth == 0 {
            return;
        }
        for entry in entries.iter().filter(|entry| entry.may_be_folder) {
            let name = entry.name.as_str();
            if !name.starts_with('.')
                && !PASSED_OVER.contains(&name)
                && (!own_folders.contains(&name) || name == "public")
            {
                waiting.push_back(Waiting {
                    path: format!("{path}/{name}"),
                    depth: next.depth - 1,
                    within: within.clone(),
                });
            }
        }
    }

    fn unread(&mut self, error: &FileError) {
        // A link that leads to a file or nowhere is no folder.
        if error.is_not_found() {
            return;
        }
        let why = error.to_unknown();
        let detail = self.persons.without(&why.detail);
        self.doubt.get_or_insert_with(|| Unknown::new(why.reason, detail));
    }

    fn facts(&self, found: &systems::Found, path: &str, entries: &[folder::Entry]) -> CmsFacts {
        let not_told =
            || Fact::unknown(Reason::NOT_FOUND, format!("the files of {} do not name its version", found.name));
        let version = found.version.clone().map_or_else(not_told, Fact::Known);
        let life = life(found.name, &version, self.now);
        // What the distribution packages, it mends.
        let is_packaged = path.strip_prefix("/usr/share/").is_some_and(|name| {
            let mut packages = self.inventory.packages();
            packages.any(|package| package.name == name && package.is_foreign == Fact::Known(false))
        });
        CmsFacts {
            name: found.name.to_owned(),
            version,
            path: self.persons.without(path),
            line: life.line,
            end: life.end,
            ended: if is_packaged { Fact::Known(false) } else { life.ended },
            extensions: extensions::read(self.root, found, path, self.persons),
            exposed_files: Fact::Known(exposed::read(self.root, found.name, path, entries)),
        }
    }
}
