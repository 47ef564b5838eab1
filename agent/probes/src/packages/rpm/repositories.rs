//! The repositories that are enabled, by the configuration of dnf.

use std::path::{Component, Path};
use std::time::Duration;

use vedetta_checks::fact::Unknown;
use vedetta_checks::word::Reason;

use super::ini::{self, Section};
use crate::files::{FileError, Root};

/// The configuration, the first one that is there (dnf.conf(5)).
const MAIN: &[&str] = &["/etc/dnf/dnf.conf", "/etc/yum.conf"];
/// Folders of repositories unless the configuration names others (`reposdir` of dnf.conf(5)).
const FOLDERS: &[&str] = &["/etc/yum.repos.d", "/etc/yum/repos.d", "/etc/distro.repos.d"];
/// Folder of what changes them (`dnf5 config-manager`).
const OVERRIDES: &str = "/etc/dnf/repos.override.d";
/// Ending of the files in them.
const ENDING: &str = ".repo";
/// Largest file of configuration, in bytes.
const FILE_BYTES_MAX: u64 = 1024 * 1024;
/// Most repositories.
const REPOSITORIES_MAX: usize = 1_000;
/// How long cached metadata is used when nothing says so (`metadata_expire` of dnf.conf(5)).
const EXPIRES_AFTER: Duration = Duration::from_hours(48);

/// What dnf is configured to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Configuration {
    /// The file of the main section; none when dnf has no configuration.
    pub(super) main_path: Option<&'static str>,
    /// Folders of repositories, then of what changes them.
    pub(super) folders: Vec<String>,
    /// Folder that `cachedir` names.
    pub(super) cache: Option<String>,
    /// Repositories that are enabled, in the order of their files.
    pub(super) repositories: Vec<Repository>,
    /// Whether anything excludes packages, or includes only some.
    pub(super) excludes: bool,
}

/// One enabled repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Repository {
    /// Its identifier: `baseos`.
    pub(super) id: String,
    /// Host that its packages come from; empty for a folder, or when only a variable tells.
    pub(super) site: String,
    /// How long its cached metadata is used; none for ever.
    pub(super) expires_after: Option<Duration>,
    /// Its weight: the lower, the more it counts (`priority` of dnf.conf(5)).
    pub(super) priority: i64,
}

/// Reads the configuration of dnf beneath a root.
pub(super) fn read(root: &Root) -> Result<Configuration, Unknown> {
    let main_path = MAIN.iter().copied().find(|path| !root.is_absent(path));
    let text = main_path.map_or_else(|| Ok(String::new()), |path| root.read_text(path, FILE_BYTES_MAX));
    let main_sections = ini::parse(&text.map_err(|error| error.to_unknown())?);
    let main = main_sections.iter().find(|section| section.name == "main");
    let mut sections: Vec<Section> = main_sections.iter().filter(|section| section.name != "main").cloned().collect();
    let folders = folders(main)?;
    for folder in &folders {
        add_folder(root, folder, &mut sections).map_err(|error| error.to_unknown())?;
    }
    let excludes = main.into_iter().chain(&sections).any(has_excludes);
    let expires_after = main.map_or(Some(EXPIRES_AFTER), |main| expires_after(main, Some(EXPIRES_AFTER)));
    let repository = |section: &Section| Repository {
        id: section.name.clone(),
        site: site(section),
        expires_after: self::expires_after(section, expires_after),
        priority: section.get("priority").and_then(|priority| priority.parse().ok()).unwrap_or(99),
    };
    Ok(Configuration {
        main_path,
        folders,
        cache: main.and_then(|main| main.get("cachedir")).map(|path| path.trim_end_matches('/').to_owned()),
        repositories: sections.iter().filter(|section| section.is_on("enabled", true)).map(repository).collect(),
        excludes,
    })
}

/// The folders that are named, else the usual ones. One that leads upwards is refused: dnf, asked about a root folder, would
/// look for it outside that root.
fn folders(main: Option<&Section>) -> Result<Vec<String>, Unknown> {
    let named = main.and_then(|main| main.get("reposdir")).unwrap_or_default().split([',', ' ']);
    let leads_upwards = |folder: &&str| Path::new(folder).components().any(|step| step == Component::ParentDir);
    if let Some(folder) = named.clone().find(leads_upwards) {
        let detail = format!("`reposdir` of the configuration of dnf names a folder by a way upwards: {folder}");
        return Err(Unknown::new(Reason::UNREADABLE, detail));
    }
    let named = named.filter(|folder| folder.starts_with('/'));
    let mut folders: Vec<String> = named.map(|folder| folder.trim_end_matches('/').to_owned()).collect();
    if folders.is_empty() {
        folders.extend(FOLDERS.iter().map(|folder| (*folder).to_owned()));
    }
    folders.push(OVERRIDES.to_owned());
    Ok(folders)
}

fn add_folder(root: &Root, folder: &str, sections: &mut Vec<Section>) -> Result<(), FileError> {
    let names = match root.names(folder) {
        Err(error) if error.is_not_found() => return Ok(()),
        names => names?,
    };
    for name in names.iter().filter(|name| name.ends_with(ENDING)) {
        let path = format!("{folder}/{name}");
        for section in ini::parse(&root.read_text(&path, FILE_BYTES_MAX)?) {
            if let Some(known) = sections.iter_mut().find(|known| known.name == section.name) {
                known.extend(section);
                continue;
            }
            if sections.len() == REPOSITORIES_MAX {
                return Err(FileError::TooMany { path, count_max: REPOSITORIES_MAX });
            }
            sections.push(section);
        }
    }
    Ok(())
}

fn has_excludes(section: &Section) -> bool {
    let keys = ["exclude", "excludepkgs", "includepkgs"];
    keys.iter().any(|key| section.get(key).is_some_and(|packages| !packages.is_empty()))
}

/// Host of the first address that a repository names.
fn site(section: &Section) -> String {
    let address = ["baseurl", "metalink", "mirrorlist"].iter().find_map(|key| section.get(key)).unwrap_or_default();
    let rest = address.split_once("://").map_or("", |(scheme, rest)| if scheme == "file" { "" } else { rest });
    let host = rest.split(['/', ' ', ',']).next().unwrap_or_default();
    // A name and a password may stand before the host.
    let host = host.rsplit('@').next().unwrap_or_default();
    if host.contains('$') { String::new() } else { host.to_owned() }
}

/// Seconds, or a number with one of `s`, `m`, `h`, `d`, `w`; `never` and -1 are for ever. What cannot be read counts as
/// not set.
fn expires_after(section: &Section, default: Option<Duration>) -> Option<Duration> {
    let Some(text) = section.get("metadata_expire").map(str::trim) else { return default };
    if text == "never" || text == "-1" {
        return None;
    }
    let digits = text.trim_end_matches(|character: char| character.is_ascii_alphabetic());
    let unit: u64 = match text.get(digits.len()..) {
        Some("" | "s") => 1,
        Some("m") => 60,
        Some("h") => 3_600,
        Some("d") => 86_400,
        Some("w") => 604_800,
        Some(_) | None => return default,
    };
    digits.trim().parse::<u64>().map_or(default, |count| Some(Duration::from_secs(count.saturating_mul(unit))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_files(files: &[(&str, &str)]) -> Configuration {
        try_files(files).unwrap()
    }

    fn try_files(files: &[(&str, &str)]) -> Result<Configuration, Unknown> {
        let folder = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        read(&Root::new(folder.path()))
    }

    #[test]
    fn only_enabled_repositories_count_and_an_override_has_the_last_word() {
        let configuration = read_files(&[
            ("etc/dnf/dnf.conf", "[main]\ncachedir=/srv/cache/\n"),
            ("etc/yum.repos.d/a.repo", "[a]\nbaseurl=https://user:secret@a.example.org/x\n[b]\nenabled=0\n"),
            ("etc/yum.repos.d/c.repo.rpmsave", "[c]\n"),
            ("etc/yum.repos.d/d.repo", "[d]\nmetalink=https://$host/x\n"),
            ("etc/dnf/repos.override.d/9.repo", "[d]\nenabled=0\n[b]\nenabled=1\nbaseurl=file:///srv/b\n"),
        ]);
        let seen: Vec<_> = configuration.repositories.iter().map(|one| (one.id.as_str(), one.site.as_str())).collect();
        assert_eq!(seen, [("a", "a.example.org"), ("b", "")]);
        assert_eq!(configuration.cache.as_deref(), Some("/srv/cache"));
        assert!(!configuration.excludes);
    }

    #[test]
    fn repositories_may_lie_in_other_folders() {
        let configuration = read_files(&[
            ("etc/dnf/dnf.conf", "[main]\nreposdir=/etc/a.d/, /etc/b.d\n"),
            ("etc/a.d/a.repo", "[a]\n"),
            ("etc/b.d/b.repo", "[b]\n"),
            ("etc/yum.repos.d/c.repo", "[c]\n"),
        ]);
        let seen: Vec<_> = configuration.repositories.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(seen, ["a", "b"]);
        assert_eq!(configuration.folders, ["/etc/a.d", "/etc/b.d", "/etc/dnf/repos.override.d"]);
    }

    #[test]
    fn a_folder_of_repositories_that_leads_upwards_is_refused_by_name() {
        for folder in ["/../../x", "../x", "/etc/../x"] {
            let text = format!("[main]\nreposdir=/etc/a.d, {folder}\n");
            let refused = try_files(&[("etc/dnf/dnf.conf", &text), ("x/a.repo", "[a]\n")]).unwrap_err();
            let detail = format!("`reposdir` of the configuration of dnf names a folder by a way upwards: {folder}");
            assert_eq!(refused, Unknown::new(Reason::UNREADABLE, detail));
        }
    }

    #[test]
    fn the_life_of_metadata_is_read_in_every_unit() {
        for (text, seconds) in [
            ("3600", Some(3_600)),
            ("90m", Some(5_400)),
            ("6h", Some(21_600)),
            ("2d", Some(172_800)),
            ("1w", Some(604_800)),
            ("never", None),
            ("-1", None),
            ("soon", Some(172_800)),
        ] {
            let configuration = read_files(&[("etc/yum.repos.d/a.repo", &format!("[a]\nmetadata_expire={text}\n"))]);
            assert_eq!(configuration.repositories[0].expires_after, seconds.map(Duration::from_secs), "{text}");
        }
    }

    #[test]
    fn excluded_packages_are_noticed_in_any_section() {
        assert!(read_files(&[("etc/yum.conf", "[main]\nexclude=kernel*\n")]).excludes);
        assert!(read_files(&[("etc/yum.repos.d/a.repo", "[a]\nincludepkgs=bash\n")]).excludes);
    }
}
