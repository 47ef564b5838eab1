//! Extensions of a content management system with the versions that their own files name.

use vedetta_checks::fact::Fact;
use vedetta_checks::word::Reason;

use super::super::facts::ExtensionFacts;
use super::super::folder::{self, Missed};
use super::super::installed_files::captured;
use super::systems::{Found, version_at_start};
use crate::files::Root;
use crate::persons::Persons;

/// Most extensions of one system.
const EXTENSIONS_MAX: usize = 500;
/// Most files of one plugin that are searched for its head.
const PLUGIN_FILES_MAX: usize = 20;
/// Beginnings of the products that public bodies add to Plone; the hundreds of others are its own libraries.
const PLONE_ADDED: &[&str] =
    &["collective.", "design.plone.", "iosanita.", "redturtle.", "rer.", "iw.", "eea.", "ftw."];

/// Where a system keeps one kind of extension, and which file of each names its version.
struct Kind {
    system: &'static str,
    word: &'static str,
    /// Folder of the extensions; gaps as in [`super::super::pattern`].
    folder: &'static str,
    /// File within the folder of the extension; `{}` stands for the extension's name, `{-}` for it without its prefix.
    files: &'static [&'static str],
    version: &'static str,
    /// A text whose presence means that the extension is part of the system itself.
    own: Option<&'static str>,
}

const JOOMLA_VERSION: &str = r"<version>\s*([^<\s]+)";
const JOOMLA_OWN: Option<&str> = Some("<author>Joomla! Project</author>");
const DRUPAL_VERSION: &str = r#"(?m)^\s*version\s*[:=]\s*['"]?([\w.+-]+)"#;
const DRUPAL_FILES: &[&str] = &["{}.info.yml", "{}.info"];

const KINDS: &[Kind] = &[
    Kind {
        system: "wordpress",
        word: "theme",
        folder: "wp-content/themes",
        files: &["style.css"],
        version: r"(?mi)^[ \t/*#@]*Version:\s*([^\s*]+)",
        own: None,
    },
    Kind {
        system: "joomla",
        word: "component",
        folder: "administrator/components",
        files: &["{-}.xml", "{}.xml", "manifest.xml"],
        version: JOOMLA_VERSION,
        own: JOOMLA_OWN,
    },
    Kind {
        system: "joomla",
        word: "module",
        folder: "modules",
        files: &["{}.xml"],
        version: JOOMLA_VERSION,
        own: JOOMLA_OWN,
    },
    Kind {
        system: "joomla",
        word: "module",
        folder: "administrator/modules",
        files: &["{}.xml"],
        version: JOOMLA_VERSION,
        own: JOOMLA_OWN,
    },
    Kind {
        system: "joomla",
        word: "plugin",
        folder: "plugins/*",
        files: &["{}.xml"],
        version: JOOMLA_VERSION,
        own: JOOMLA_OWN,
    },
    Kind {
        system: "joomla",
        word: "theme",
        folder: "templates",
        files: &["templateDetails.xml"],
        version: JOOMLA_VERSION,
        own: JOOMLA_OWN,
    },
    Kind {
        system: "drupal",
        word: "module",
        folder: "modules",
        files: DRUPAL_FILES,
        version: DRUPAL_VERSION,
        own: None,
    },
    Kind {
        system: "drupal",
        word: "module",
        folder: "modules/contrib",
        files: DRUPAL_FILES,
        version: DRUPAL_VERSION,
        own: None,
    },
    Kind {
        system: "drupal",
        word: "module",
        folder: "modules/custom",
        files: DRUPAL_FILES,
        version: DRUPAL_VERSION,
        own: None,
    },
    Kind {
        system: "drupal",
        word: "module",
        folder: "sites/*/modules",
        files: DRUPAL_FILES,
        version: DRUPAL_VERSION,
        own: None,
    },
    Kind {
        system: "drupal",
        word: "module",
        folder: "sites/*/modules/contrib",
        files: DRUPAL_FILES,
        version: DRUPAL_VERSION,
        own: None,
    },
    Kind { system: "drupal", word: "theme", folder: "themes", files: DRUPAL_FILES, version: DRUPAL_VERSION, own: None },
    Kind {
        system: "drupal",
        word: "theme",
        folder: "themes/contrib",
        files: DRUPAL_FILES,
        version: DRUPAL_VERSION,
        own: None,
    },
    Kind {
        system: "drupal",
        word: "theme",
        folder: "sites/*/themes",
        files: DRUPAL_FILES,
        version: DRUPAL_VERSION,
        own: None,
    },
    Kind {
        system: "typo3",
        word: "plugin",
        folder: "typo3conf/ext",
        files: &["ext_emconf.php"],
        version: r"'version'\s*=>\s*'([^']+)'",
        own: None,
    },
    Kind {
        system: "mediawiki",
        word: "plugin",
        folder: "extensions",
        files: &["extension.json"],
        version: r#""version"\s*:\s*"([^"]+)""#,
        own: None,
    },
    Kind {
        system: "prestashop",
        word: "module",
        folder: "modules",
        files: &["config.xml", "config_it.xml"],
        version: r"<version><!\[CDATA\[([^\]]+)",
        own: None,
    },
    Kind {
        system: "nextcloud",
        word: "plugin",
        folder: "custom_apps",
        files: &["appinfo/info.xml"],
        version: JOOMLA_VERSION,
        own: None,
    },
    Kind {
        system: "nextcloud",
        word: "plugin",
        folder: "apps",
        files: &["appinfo/info.xml"],
        version: JOOMLA_VERSION,
        own: None,
    },
];

/// The extensions of a system, sorted by kind and name.
pub(super) fn read(root: &Root, found: &Found, path: &str, persons: &Persons) -> Fact<Vec<ExtensionFacts>> {
    let mut extensions = Vec::new();
    let missed = Missed::default();
    match found.name {
        "moodle" | "roundcube" => {
            let detail = format!("the extensions of {} are not told apart from its own parts", found.name);
            return Fact::unknown(Reason::UNSUPPORTED_SYSTEM, detail);
        }
        "typo3" if root.is_absent(&format!("{path}/typo3conf/ext")) => {
            let detail = "the extensions of a TYPO3 that Composer installed are not read";
            return Fact::unknown(Reason::UNSUPPORTED_SYSTEM, detail);
        }
        "plone" => extensions.extend(found.eggs.iter().filter_map(|egg| plone(egg))),
        "wordpress" => {
            for plugins in ["wp-content/plugins", "wp-content/mu-plugins", "../app/plugins"] {
                extensions.extend(wordpress(root, &format!("{path}/{plugins}"), &missed));
            }
        }
        _other => {}
    }
    let shipped = if found.name == "nextcloud" { shipped_apps(root, path) } else { String::new() };
    for kind in KINDS.iter().filter(|kind| kind.system == found.name) {
        // Drupal 7 keeps its own modules where its successors keep those that are added.
        if found.name == "drupal" && !found.own_folders.contains(&"core") && !kind.folder.starts_with("sites") {
            continue;
        }
        extensions.extend(
            of_kind(root, path, kind, &missed)
                .filter(|extension| !shipped.contains(&format!("\"{}\"", extension.name))),
        );
    }
    if extensions.len() > EXTENSIONS_MAX {
        return Fact::unknown(Reason::TOO_LARGE, format!("more than {EXTENSIONS_MAX} extensions"));
    }
    if let Some(why) = missed.first() {
        return Fact::unknown(why.reason, persons.without(&why.detail));
    }
    for extension in &mut extensions {
        extension.name = persons.without(&extension.name);
    }
    extensions.sort_by(|left, right| (&left.kind, &left.name).cmp(&(&right.kind, &right.name)));
    extensions.dedup();
    Fact::Known(extensions)
}

fn of_kind<'a>(
    root: &'a Root,
    path: &'a str,
    kind: &'a Kind,
    missed: &'a Missed,
) -> impl Iterator<Item = ExtensionFacts> + 'a {
    let folders = folder::expand(root, &format!("{path}/{}", kind.folder), missed);
    folders.into_iter().flat_map(move |within| {
        let names = folder::names(root, &within, missed).into_iter();
        names.filter_map(move |name| {
            let bare = name.split_once('_').map_or(name.as_str(), |(_, bare)| bare);
            let files = kind.files.iter().map(|file| file.replace("{-}", bare).replace("{}", &name));
            let text = files.filter_map(|file| folder::head(root, &format!("{within}/{name}/{file}"))).next()?;
            if kind.own.is_some_and(|own| text.contains(own)) {
                return None;
            }
            Some(extension(kind.word, &name, captured(kind.version, &text)))
        })
    })
}

fn extension(kind: &str, name: &str, version: Option<String>) -> ExtensionFacts {
    let not_told = || Fact::unknown(Reason::NOT_FOUND, format!("no file of {name} names its version"));
    ExtensionFacts { name: name.to_owned(), kind: kind.to_owned(), version: version.map_or_else(not_told, Fact::Known) }
}

/// Plugins of WordPress: a folder with a file that has the head of a plugin, or such a file alone.
fn wordpress(root: &Root, path: &str, missed: &Missed) -> Vec<ExtensionFacts> {
    let mut extensions = Vec::new();
    for name in folder::names(root, path, missed) {
        let within = format!("{path}/{name}");
        if let Some(bare) = name.strip_suffix(".php") {
            let version = folder::head(root, &within).and_then(|text| plugin_version(&text));
            extensions.extend(version.map(|version| extension("plugin", bare, version)));
            continue;
        }
        let files = folder::names(root, &within, missed);
        if files.is_empty() {
            continue;
        }
        // The main file is mostly named like the folder.
        let main = format!("{name}.php");
        let others = files.iter().filter(|file| file.ends_with(".php") && **file != main).take(PLUGIN_FILES_MAX);
        let heads =
            std::iter::once(&main).chain(others).filter_map(|file| folder::head(root, &format!("{within}/{file}")));
        let version = heads.filter_map(|text| plugin_version(&text)).next().flatten().or_else(|| {
            let readme = folder::head(root, &format!("{within}/readme.txt"))?;
            captured(r"(?mi)^\s*Stable tag:\s*(\d[^\s]*)", &readme)
        });
        extensions.push(extension("plugin", &name, version));
    }
    extensions
}

/// The version in the head of a plugin; the outer nothing when there is no such head.
fn plugin_version(text: &str) -> Option<Option<String>> {
    text.contains("Plugin Name:").then(|| captured(r"(?mi)^[ \t/*#@]*Version:\s*([^\s*]+)", text))
}

/// A product of Plone by the name of its folder: `collective.cookie-1.0-py3.8.egg`, `design.plone.policy-4.1.dist-info`.
fn plone(egg: &str) -> Option<ExtensionFacts> {
    let (name, rest) = egg.split_once('-')?;
    let is_added = PLONE_ADDED.iter().any(|beginning| name.starts_with(beginning));
    is_added.then(|| extension("plugin", name, version_at_start(rest)))
}

/// The list of the apps that Nextcloud itself brings.
fn shipped_apps(root: &Root, path: &str) -> String {
    root.read_text(&format!("{path}/core/shipped.json"), 256 * 1024).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_expression_compiles() {
        for kind in KINDS {
            assert!(regex::Regex::new(kind.version).is_ok(), "{}", kind.version);
        }
    }

    #[test]
    fn heads_of_extensions_name_their_versions() {
        let head = "<?php\n/**\n * Plugin Name: Calendario\n * Version: 2.1.0\n */\n";
        assert_eq!(plugin_version(head), Some(Some("2.1.0".to_owned())));
        assert_eq!(plugin_version("<?php // Version: 3"), None);
        assert_eq!(captured(DRUPAL_VERSION, "name: Views\nversion: '8.x-1.2'\n").as_deref(), Some("8.x-1.2"));
        assert_eq!(captured(DRUPAL_VERSION, "core = 7.x\nversion = \"7.x-3.29\"\n").as_deref(), Some("7.x-3.29"));
        let egg = plone("collective.cookieconsent-1.2-py3.8.egg").expect("added");
        assert_eq!((egg.name.as_str(), egg.version), ("collective.cookieconsent", Fact::Known("1.2".to_owned())));
    }
}
