//! Content management systems found by their files: version, extensions, and what should not lie there.
//!
//! A bounded walk, broad before deep, through the folders that web servers serve and the usual ones. A folder of persons is
//! entered only where a web server is set to serve it.

mod exposed;
mod extensions;
mod roots;
mod systems;

use std::collections::{HashSet, VecDeque};

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use self::roots::Place;
use super::end_of_life::{Ends, Life};
use super::facts::CmsFacts;
use super::folder::{self, Missed};
use super::inventory::Inventory;
use crate::files::Root;
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

/// The systems on a host.
#[derive(Debug)]
pub(super) struct Sites {
    /// Each of them, by path.
    pub(super) systems: Fact<Vec<CmsFacts>>,
    /// Whether these are all.
    pub(super) is_whole: Fact<bool>,
}

/// Looks for every system on the host.
pub(super) fn read(root: &Root, inventory: &Inventory, persons: &Persons, ends: Ends<'_>) -> Sites {
    let mut walk = Walk { root, persons, ends, inventory, seen: HashSet::new(), found: Vec::new(), doubt: None };
    let (places, missed) = roots::places(root);
    walk.missed(missed);
    for place in places {
        walk.place(&place);
    }
    let Walk { mut found, doubt, .. } = walk;
    found.sort_by(|left, right| left.path.cmp(&right.path));
    let is_whole = super::whole(doubt.as_ref());
    let systems = match doubt {
        // "None" is said only after every folder was looked into.
        Some(why) if found.is_empty() => Fact::Unknown(why),
        Some(_) | None => Fact::Known(found),
    };
    Sites { systems, is_whole }
}

struct Walk<'a> {
    root: &'a Root,
    persons: &'a Persons,
    ends: Ends<'a>,
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
        let missed = Missed::default();
        let entries = match folder::entries(self.root, &path) {
            Ok(folder::Listing { entries, missed }) => {
                self.missed(missed);
                entries
            }
            // A link that leads to a file or nowhere is no folder.
            Err(error) if error.is_not_found() => return,
            Err(error) => return self.missed(Some(error.to_unknown())),
        };
        let found = systems::find(self.root, &path, &entries, &missed);
        self.missed(missed.first());
        let mut within = next.within;
        let own_folders = found.as_ref().map_or(&[][..], |found| found.own_folders);
        if let Some(found) = &found {
            let same = Some((found.name, found.version.clone()));
            // The public folder of a project shows the system that the project already is. A copy elsewhere is one more.
            if within != same || !path.ends_with("/public") {
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

    fn missed(&mut self, why: Option<Unknown>) {
        if let (Some(why), None) = (why, &self.doubt) {
            self.doubt = Some(Unknown::new(why.reason, self.persons.without(&why.detail)));
        }
    }

    fn facts(&self, found: &systems::Found, path: &str, entries: &[folder::Entry]) -> CmsFacts {
        let not_told =
            || Fact::unknown(Reason::NOT_FOUND, format!("the files of {} do not name its version", found.name));
        let version = found.version.clone().map_or_else(not_told, Fact::Known);
        let life = self.ends.life(found.name, &version);
        let ended = self.ended(path, &life);
        CmsFacts {
            name: found.name.to_owned(),
            version,
            path: self.persons.without(path),
            line: life.line,
            end: life.end,
            ended,
            extensions: extensions::read(self.root, found, path, self.persons),
            exposed_files: exposed::read(self.root, found, path, entries),
        }
    }

    /// Whether nobody mends a system any more: what the distribution packages, it mends.
    fn ended(&self, path: &str, life: &Life) -> Fact<bool> {
        let Some(name) = path.strip_prefix("/usr/share/") else { return life.ended.clone() };
        let is_own = |package: &&super::inventory::Package| {
            package.name.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest == "-core")
        };
        let origin = self.inventory.packages().find(is_own).map(|package| &package.is_foreign);
        match (origin, self.inventory.unread()) {
            (Some(Fact::Known(false)), _) => Fact::Known(false),
            (Some(Fact::Unknown(why)), _) | (None, Some(why)) if life.ended != Fact::Known(false) => {
                Fact::Unknown(why.clone())
            }
            (Some(Fact::Known(true) | Fact::Unknown(_)) | None, _) => life.ended.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::inventory::{Manager, Package};
    use super::*;

    fn seen(files: &[(&str, &str)]) -> Vec<String> {
        let folder = tempfile::tempdir().expect("a folder");
        for (path, text) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        }
        let now = "2026-11-22T00:00:00Z".parse().expect("a moment");
        let found = read(&Root::new(folder.path()), &Inventory::default(), &Persons::default(), Ends::new(now, None));
        let shown = found.systems.known().expect("every folder was looked into").iter().map(|cms| {
            let ended = cms.ended.known().map_or("?", |ended| if *ended { "ended" } else { "mended" });
            let extensions = cms.extensions.known().into_iter().flatten().map(|extension| {
                let version = extension.version.known().map_or("?", String::as_str);
                format!("{} {} {version}", extension.kind, extension.name)
            });
            let extensions: Vec<String> = extensions.collect();
            let version = cms.version.known().map_or("?", String::as_str);
            let exposed = cms.exposed_files.known().map(|files| files.join(" ")).unwrap_or_default();
            format!("{} {version} {ended} {} [{}] [{exposed}]", cms.name, cms.path, extensions.join(", "))
        });
        shown.collect()
    }

    #[test]
    fn every_system_is_told_by_its_files() {
        for (files, expected) in [
            (
                &[
                    ("var/www/html/wp-load.php", ""),
                    ("var/www/html/wp-includes/version.php", "<?php\n$wp_version = '6.4.2';"),
                    ("var/www/html/wp-content/plugins/cf7/main.php", "<?php /*\nPlugin Name: C\nVersion: 5.8\n*/"),
                    ("var/www/html/wp-content/plugins/old/readme.txt", "Stable tag: 1.2\n"),
                    ("var/www/html/wp-content/plugins/index.php", "<?php // silence"),
                    ("var/www/html/wp-content/plugins/hello.php", "<?php /*\nPlugin Name: H\nVersion: 1.7.2\n*/"),
                    ("var/www/html/wp-content/themes/agid/style.css", "/*\nTheme Name: A\nVersion: 3.1\n*/"),
                    ("var/www/html/wp-content/debug.log", ""),
                    ("var/www/html/.git/HEAD", ""),
                    ("var/www/html/anna.sql", ""),
                ][..],
                &[
                    "wordpress 6.4.2 ended /var/www/html [plugin cf7 5.8, plugin hello 1.7.2, plugin old 1.2, theme agid 3.1] \
                   [*.sql .git wp-content/*.log]",
                ][..],
            ),
            (
                &[
                    ("srv/sito/libraries/x", ""),
                    ("srv/sito/administrator/manifests/files/joomla.xml", "<extension><version>3.10.12</version>"),
                    ("srv/sito/administrator/components/com_akeeba/akeeba.xml", "<version>8.1.4</version>"),
                    (
                        "srv/sito/administrator/components/com_content/content.xml",
                        "<author>Joomla! Project</author><version>3.0.0</version>",
                    ),
                    ("srv/sito/plugins/system/t4/t4.xml", "<version>2.0</version>"),
                    ("srv/sito/installation/index.php", ""),
                ],
                &["joomla 3.10.12 ended /srv/sito [component com_akeeba 8.1.4, plugin t4 2.0] [installation]"],
            ),
            (
                &[
                    ("var/www/d8/web/core/lib/Drupal.php", "const VERSION = '10.6.1';"),
                    ("var/www/d8/web/modules/contrib/views_x/views_x.info.yml", "name: X\nversion: '8.x-1.2'\n"),
                    ("var/www/d7/includes/bootstrap.inc", "define('VERSION', '7.98');"),
                    ("var/www/d7/modules/node/node.info", "version = \"7.98\"\n"),
                    ("var/www/d7/sites/all/modules/ctools/ctools.info", "version = \"7.x-1.21\"\n"),
                    ("var/www/d7/sites/default/settings.php.bak", ""),
                ],
                &[
                    "drupal 7.98 ended /var/www/d7 [module ctools 7.x-1.21] [sites/default/settings.php.bak]",
                    "drupal 10.6.1 mended /var/www/d8/web [module views_x 8.x-1.2] []",
                ],
            ),
            (
                &[
                    ("opt/plone/zinstance/bin/instance", ""),
                    ("opt/plone/buildout-cache/eggs/cp38/Products.CMFPlone-5.2.4-py3.8.egg/x", ""),
                    ("opt/plone/buildout-cache/eggs/cp38/design.plone.policy-1.0.2-py3.8.egg/x", ""),
                    ("opt/sito/bin/python", ""),
                    ("opt/sito/lib/python3.11/site-packages/Products.CMFPlone-6.0.9.dist-info/METADATA", ""),
                ],
                &[
                    "plone 5.2.4 ended /opt/plone [plugin design.plone.policy 1.0.2] []",
                    "plone 6.0.9 mended /opt/sito [] []",
                ],
            ),
            (
                &[
                    ("var/www/t/typo3/sysext/core/Classes/Information/Typo3Version.php", "const VERSION = '11.5.30';"),
                    ("var/www/t/typo3conf/ext/news/ext_emconf.php", "'version' => '10.0.3',"),
                    ("var/www/cloud/version.php", "$OC_VersionString = '31.0.1';"),
                    ("var/www/cloud/occ", ""),
                    ("var/www/cloud/core/shipped.json", "[\"files\"]"),
                    ("var/www/cloud/apps/files/appinfo/info.xml", "<version>2.1</version>"),
                    ("var/www/cloud/apps/calendar/appinfo/info.xml", "<version>4.7</version>"),
                    ("var/www/altro/index.html", "<p>una pagina"),
                ],
                &[
                    "nextcloud 31.0.1 ended /var/www/cloud [plugin calendar 4.7] []",
                    "typo3 11.5.30 ended /var/www/t [plugin news 10.0.3] []",
                ],
            ),
        ] {
            assert_eq!(seen(files), expected);
        }
    }

    const WORDPRESS: &[(&str, &str)] = &[("wp-load.php", ""), ("wp-includes/version.php", "$wp_version = '6.1.9';")];

    fn wordpress_in(folder: &std::path::Path) {
        for (file, text) in WORDPRESS {
            let path = folder.join(file);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        }
    }

    fn sites(root: &std::path::Path, inventory: &Inventory) -> Sites {
        let now = "2026-11-22T00:00:00Z".parse().expect("a moment");
        read(&Root::new(root), inventory, &Persons::default(), Ends::new(now, None))
    }

    #[test]
    fn a_copy_of_a_site_within_it_is_one_more_even_in_the_same_version() {
        let folder = tempfile::tempdir().expect("a folder");
        for site in ["srv/sito", "srv/sito/vecchio"] {
            wordpress_in(&folder.path().join(site));
        }
        let sites = sites(folder.path(), &Inventory::default());
        let paths: Vec<&str> = sites.systems.known().expect("known").iter().map(|cms| cms.path.as_str()).collect();
        assert_eq!(paths, ["/srv/sito", "/srv/sito/vecchio"]);
        assert_eq!(sites.is_whole, Fact::Known(true));
    }

    #[test]
    fn a_folder_whose_name_is_no_text_leaves_the_rest_known_and_the_whole_unknown() {
        use std::os::unix::ffi::OsStrExt as _;
        let folder = tempfile::tempdir().expect("a folder");
        let name = std::ffi::OsStr::from_bytes(b"citt\xe0");
        wordpress_in(&folder.path().join("var/www").join(name));
        let none = sites(folder.path(), &Inventory::default());
        assert_eq!((none.systems.known(), none.is_whole.known()), (None, None));
        wordpress_in(&folder.path().join("var/www/sito"));
        let one = sites(folder.path(), &Inventory::default());
        assert_eq!((one.systems.known().map(Vec::len), one.is_whole.known()), (Some(1), None));
    }

    #[test]
    fn what_the_distribution_packages_has_not_ended_and_is_unknown_where_packages_cannot_be_read() {
        let package = |name: &str, is_foreign: Fact<bool>| {
            let version = Fact::Known("6.1.9+dfsg1-0+deb12u1".to_owned());
            Package { manager: Manager::Dpkg, name: name.to_owned(), version, is_foreign, is_base: false }
        };
        let no_lists = || Fact::unknown(Reason::NO_LISTS, "none");
        let folder = tempfile::tempdir().expect("a folder");
        wordpress_in(&folder.path().join("usr/share/wordpress"));
        for (packages, ended) in [
            (vec![package("wordpress", Fact::Known(false))], Some(false)),
            (vec![package("wordpress", Fact::Known(true))], Some(true)),
            (vec![package("wordpress", no_lists())], None),
            (vec![package("bash", Fact::Known(false))], Some(true)),
        ] {
            let sites = sites(folder.path(), &Inventory::of(Manager::Dpkg, packages));
            let [cms] = sites.systems.known().expect("known").as_slice() else { panic!("one system") };
            assert_eq!(cms.ended.known().copied(), ended, "{cms:?}");
        }
    }

    #[test]
    fn files_beside_what_is_served_are_not_within_reach() {
        const TYPO3: &str = "class Typo3Version { protected const VERSION = '13.4.1'; }";
        let found = seen(&[
            ("opt/plone/bin/instance", ""),
            ("opt/plone/eggs/Products.CMFPlone-6.0.9-py3.8.egg/x", ""),
            ("opt/plone/.git/config", ""),
            ("opt/plone/dati.tar.gz", ""),
            ("var/www/t/vendor/typo3/cms-core/Classes/Information/Typo3Version.php", TYPO3),
            ("var/www/t/public/typo3/sysext/core/Classes/Information/Typo3Version.php", TYPO3),
            ("var/www/t/.env", ""),
            ("var/www/t/.git/config", ""),
            ("var/www/t/public/anna.sql", ""),
        ]);
        let exposed: Vec<&str> = found.iter().filter_map(|line| line.rsplit_once(" [")).map(|(_, last)| last).collect();
        assert_eq!(exposed, ["]", "public/*.sql]"], "{found:?}");
    }

    #[test]
    fn a_folder_that_two_names_lead_to_is_one_system_and_a_circle_ends() {
        let folder = tempfile::tempdir().expect("a folder");
        let site = folder.path().join("srv/releases/1/wp-includes");
        std::fs::create_dir_all(&site).expect("a folder");
        std::fs::write(site.join("version.php"), "$wp_version = '7.1';").expect("a file");
        std::fs::write(folder.path().join("srv/releases/1/wp-load.php"), "").expect("a file");
        std::os::unix::fs::symlink("releases/1", folder.path().join("srv/current")).expect("a link");
        std::os::unix::fs::symlink("/srv", folder.path().join("srv/loop")).expect("a link");
        let found = sites(folder.path(), &Inventory::default());
        let paths: Vec<&str> = found.systems.known().expect("known").iter().map(|cms| cms.path.as_str()).collect();
        assert_eq!(paths, ["/srv/releases/1"]);
    }
}
