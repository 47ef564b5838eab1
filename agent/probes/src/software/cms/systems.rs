//! The content management systems, each by files that only it has, and where it writes its own version.

use regex::Regex;

use super::super::folder::{self, Entry, Missed};
use super::super::installed_files::captured;
use crate::files::Root;

/// Largest file whose text is searched for a version, in bytes.
const TEXT_BYTES_MAX: u64 = 512 * 1024;
/// Beginning of the folder of Plone's own product, in a buildout or in an environment of Python.
const PLONE_CORE: &str = "Products.CMFPlone-";
/// Folders of Plone's products beneath its own folder.
const PLONE_PLACES: &[&str] = &[
    "eggs",
    "eggs/cp*",
    "buildout-cache/eggs",
    "buildout-cache/eggs/cp*",
    "lib/python#/site-packages",
    "venv/lib/python#/site-packages",
    "zeocluster/eggs",
    "zinstance/eggs",
];

/// Which folders of a system a web server is meant to serve.
#[derive(Debug, Clone, Copy)]
pub(super) enum Served {
    /// The system's own folder.
    Whole,
    /// These within it only.
    Below(&'static [&'static str]),
    /// None: the system answers by itself.
    Nothing,
}

/// One system.
pub(super) struct System {
    /// Its word.
    pub(super) name: &'static str,
    /// Names that its folder must hold.
    marks: &'static [&'static str],
    /// Files, one of which must be there, with the expression whose groups are the parts of its version.
    versions: &'static [(&'static str, &'static str)],
    /// Folders of its own, in which no other site lies.
    pub(super) own_folders: &'static [&'static str],
    /// What a web server is meant to serve of it.
    served: Served,
}

/// Every system but Plone, which is not known by fixed files.
pub(super) const SYSTEMS: &[System] = &[
    System {
        name: "drupal",
        marks: &["core"],
        versions: &[("core/lib/Drupal.php", r"const VERSION\s*=\s*'([^']+)'")],
        own_folders: &["core", "modules", "themes", "profiles", "sites"],
        served: Served::Whole,
    },
    System {
        name: "drupal",
        marks: &["includes", "modules", "sites"],
        versions: &[("includes/bootstrap.inc", r"define\('VERSION',\s*'([^']+)'")],
        own_folders: &["includes", "misc", "modules", "profiles", "scripts", "sites", "themes"],
        served: Served::Whole,
    },
    System {
        name: "joomla",
        marks: &["administrator", "libraries"],
        versions: &[
            ("administrator/manifests/files/joomla.xml", r"<version>\s*([\d.]+)"),
            (
                "libraries/src/Version.php",
                r"(?s)MAJOR_VERSION\s*=\s*(\d+).*?MINOR_VERSION\s*=\s*(\d+).*?PATCH_VERSION\s*=\s*(\d+)",
            ),
            ("libraries/cms/version/version.php", r"(?s)RELEASE\s*=\s*'([\d.]+)'.*?DEV_LEVEL\s*=\s*'(\d+)'"),
            ("libraries/joomla/version.php", r"(?s)RELEASE\s*=\s*'([\d.]+)'.*?DEV_LEVEL\s*=\s*'(\d+)'"),
        ],
        own_folders: &[
            "administrator",
            "api",
            "cli",
            "components",
            "images",
            "includes",
            "installation",
            "language",
            "layouts",
            "libraries",
            "media",
            "modules",
            "plugins",
            "templates",
        ],
        served: Served::Whole,
    },
    System {
        name: "mediawiki",
        marks: &["includes", "api.php", "load.php"],
        versions: &[
            ("includes/Defines.php", r"define\(\s*'MW_VERSION',\s*'([^']+)'"),
            ("includes/DefaultSettings.php", r"\$wgVersion\s*=\s*'([^']+)'"),
        ],
        own_folders: &["extensions", "includes", "languages", "maintenance", "resources", "skins", "tests"],
        served: Served::Whole,
    },
    System {
        name: "moodle",
        marks: &["course", "lib", "mod", "version.php"],
        versions: &[("version.php", r"\$release\s*=\s*'(\d[\d.]*)")],
        own_folders: &["admin", "auth", "blocks", "course", "filter", "lib", "local", "mod", "question", "theme"],
        served: Served::Whole,
    },
    System {
        name: "nextcloud",
        marks: &["apps", "core", "occ", "version.php"],
        versions: &[("version.php", r"OC_VersionString\s*=\s*'([^']+)'")],
        own_folders: &[
            "3rdparty",
            "apps",
            "config",
            "core",
            "custom_apps",
            "data",
            "dist",
            "lib",
            "resources",
            "themes",
        ],
        served: Served::Whole,
    },
    System {
        name: "prestashop",
        marks: &["classes", "config", "modules", "themes"],
        versions: &[
            ("src/Core/Version.php", r"VERSION\s*=\s*'([\d.]+)'"),
            ("app/AppKernel.php", r"const VERSION\s*=\s*'([\d.]+)'"),
            ("config/settings.inc.php", r"_PS_VERSION_',\s*'([\d.]+)'"),
        ],
        own_folders: &["app", "classes", "config", "controllers", "modules", "src", "themes", "translations", "var"],
        served: Served::Whole,
    },
    System {
        name: "roundcube",
        marks: &["program", "skins"],
        versions: &[("program/include/iniset.php", r"RCMAIL_VERSION',\s*'([^']+)'")],
        own_folders: &["config", "plugins", "program", "skins"],
        served: Served::Whole,
    },
    System {
        name: "typo3",
        marks: &["typo3"],
        versions: &[
            ("typo3/sysext/core/Classes/Information/Typo3Version.php", r"VERSION\s*=\s*'([^']+)'"),
            ("typo3/sysext/core/Classes/Core/SystemEnvironmentBuilder.php", r"'TYPO3_version',\s*'([^']+)'"),
        ],
        own_folders: &["fileadmin", "t3lib", "typo3", "typo3_src", "typo3conf", "typo3temp", "uploads"],
        served: Served::Whole,
    },
    System {
        name: "typo3",
        marks: &["vendor"],
        versions: &[("vendor/typo3/cms-core/Classes/Information/Typo3Version.php", r"VERSION\s*=\s*'([^']+)'")],
        own_folders: &["config", "public", "var", "vendor"],
        served: Served::Below(&["public", "public/typo3conf"]),
    },
    System {
        name: "wordpress",
        marks: &["wp-includes", "wp-load.php"],
        versions: &[("wp-includes/version.php", r#"\$wp_version\s*=\s*['"]([^'"]+)"#)],
        own_folders: &["wp-admin", "wp-content", "wp-includes"],
        served: Served::Whole,
    },
];

/// A system found in a folder.
pub(super) struct Found {
    /// Its word.
    pub(super) name: &'static str,
    /// Its version, when its file names one.
    pub(super) version: Option<String>,
    /// Folders of its own, in which no other site lies.
    pub(super) own_folders: &'static [&'static str],
    /// What a web server is meant to serve of it.
    pub(super) served: Served,
    /// For Plone, the names of the folders of its products.
    pub(super) eggs: Vec<String>,
}

/// The system whose folder this is.
pub(super) fn find(root: &Root, path: &str, entries: &[Entry], missed: &Missed) -> Option<Found> {
    let has = |name: &str| entries.binary_search_by(|entry| entry.name.as_str().cmp(name)).is_ok();
    for system in SYSTEMS.iter().filter(|system| system.marks.iter().all(|mark| has(mark))) {
        let mut files = system
            .versions
            .iter()
            .filter(|(file, _)| folder::is_there(root, &format!("{path}/{file}"), missed))
            .peekable();
        if files.peek().is_none() {
            continue;
        }
        let version = files.find_map(|(file, pattern)| {
            let text = root.read_text(&format!("{path}/{file}"), TEXT_BYTES_MAX).ok()?;
            captured(pattern, &text)
        });
        let System { name, own_folders, served, .. } = *system;
        return Some(Found { name, version, own_folders, served, eggs: Vec::new() });
    }
    let may_be_plone =
        ["bin", "buildout.cfg", "buildout-cache", "eggs", "venv", "zinstance"].iter().any(|name| has(name));
    if may_be_plone { plone(root, path, missed) } else { None }
}

fn plone(root: &Root, path: &str, missed: &Missed) -> Option<Found> {
    for place in PLONE_PLACES.iter().flat_map(|place| folder::expand(root, &format!("{path}/{place}"), missed)) {
        let eggs = folder::names(root, &place, missed);
        let core = eggs.iter().find_map(|egg| egg.strip_prefix(PLONE_CORE));
        if let Some(version) = core.and_then(version_at_start) {
            return Some(Found {
                name: "plone",
                version: Some(version),
                own_folders: &["buildout-cache", "zeocluster", "zinstance", "venv"],
                served: Served::Nothing,
                eggs,
            });
        }
    }
    None
}

/// The version at the beginning of `5.2.4-py3.8.egg` or `6.0.9.dist-info`.
pub(super) fn version_at_start(text: &str) -> Option<String> {
    let numbers = Regex::new(r"^\d+(?:\.\d+)*(?:(?:a|b|rc)\d+)?").ok()?.find(text)?;
    Some(numbers.as_str().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_expression_compiles_and_every_list_is_sorted_for_the_search() {
        for (file, pattern) in SYSTEMS.iter().flat_map(|system| system.versions) {
            assert!(Regex::new(pattern).is_ok(), "{file} {pattern}");
        }
    }
}
