//! What dpkg has installed, from its status file.

use std::collections::HashSet;

use super::deb822::{Stanza, StanzaError, Stanzas};
use crate::files::Root;
use crate::packages::seen::InstalledPackage;

/// Path of dpkg's status file.
pub(in super::super) const STATUS: &str = "/var/lib/dpkg/status";
/// Folder where dpkg notes steps that are not yet in the status file.
const UPDATES: &str = "/var/lib/dpkg/updates";
/// Folder where dpkg notes the files of each package, as `NAME.list`.
const NOTES: &str = "/var/lib/dpkg/info";
/// Most notes in it that are looked through; some six belong to each package.
const NOTES_MAX: usize = 300_000;
/// Most installed packages that are read; a large desktop has some 5,000.
const PACKAGES_MAX: usize = 50_000;

/// One package with its files on the host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Installed {
    /// Name.
    pub(super) name: String,
    /// Architecture: `amd64`, `all`.
    pub(super) architecture: String,
    /// Version.
    pub(super) version: String,
    /// Source package, with its version in brackets where that differs; empty when it has the same name.
    pub(super) source: String,
    /// Whether an administrator has put it on hold.
    pub(super) held: bool,
    /// Whether its installation was begun and not completed.
    pub(super) broken: bool,
    /// How far it serves packages of other architectures: `same`, `foreign`, `allowed`, or empty.
    pub(super) multi_arch: String,
    /// What it names of other packages.
    pub(super) relations: Relations,
}

/// What a package says of others, as the fields have it, deb-control(5).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Relations {
    /// `Pre-Depends`.
    pub(super) pre_depends: String,
    /// `Depends`.
    pub(super) depends: String,
    /// `Provides`.
    pub(super) provides: String,
    /// `Conflicts`.
    pub(super) conflicts: String,
    /// `Breaks`.
    pub(super) breaks: String,
}

/// The state of dpkg.
#[derive(Debug, Default)]
pub(super) struct DpkgState {
    /// Installed packages in the order of the file.
    pub(super) packages: Vec<Installed>,
    /// Architecture of the system itself: that of the package `dpkg`.
    pub(super) native: String,
    /// Names of packages of which nothing but settings is left, or nothing at all.
    pub(super) gone: Vec<String>,
    /// A package whose files dpkg has noted and that its state does not name: the state was cut.
    pub(super) unnamed: Option<String>,
    /// Whether dpkg was interrupted.
    pub(super) interrupted: bool,
}

/// Reads dpkg's state.
///
/// # Errors
/// [`StanzaError`] names the file and the line.
pub(super) fn read(root: &Root) -> Result<DpkgState, StanzaError> {
    let mut state = read_status(Stanzas::new(STATUS, Box::new(root.open(STATUS)?)).written_by_a_program())?;
    let notes = match root.names(UPDATES) {
        Err(error) if !error.is_not_found() => return Err(error.into()),
        names => names.unwrap_or_default(),
    };
    state.unnamed = unnamed(root, &state);
    state.interrupted = notes.iter().any(|name| name.bytes().all(|byte| byte.is_ascii_digit()));
    Ok(state)
}

/// A package whose files are noted in dpkg's folder and that its state does not name; none when it names all of them, or
/// the folder cannot be read: this is a second look at a state that was read.
fn unnamed(root: &Root, state: &DpkgState) -> Option<String> {
    let notes = root.names_up_to(NOTES, NOTES_MAX).ok()?;
    let installed = state.packages.iter().map(|package| package.name.as_str());
    let named: HashSet<&str> = installed.chain(state.gone.iter().map(String::as_str)).collect();
    let mut noted = notes.iter().filter_map(|name| name.strip_suffix(".list"));
    // Two architectures of one package have a list each: `libc6:i386.list`.
    noted.find(|name| !named.contains(name.split(':').next().unwrap_or(name))).map(str::to_owned)
}

/// Reads the stanzas of a status file.
pub(super) fn read_status(mut stanzas: Stanzas<'_>) -> Result<DpkgState, StanzaError> {
    let mut state = DpkgState::default();
    while let Some(stanza) = stanzas.read_next()? {
        let Some(package) = parse(&stanza)? else {
            let [name] = stanza.read(["package"])?;
            if state.gone.len() < PACKAGES_MAX {
                state.gone.push(name.to_owned());
            }
            continue;
        };
        if package.name == "dpkg" {
            state.native.clone_from(&package.architecture);
        }
        if state.packages.len() == PACKAGES_MAX {
            return Err(stanza.problem("more than 50000 installed packages"));
        }
        state.packages.push(package);
    }
    // dpkg is always among its own packages: without it the file was emptied or cut.
    if state.native.is_empty() {
        return Err(stanzas.at_end("the file ends here and does not name the package `dpkg`"));
    }
    Ok(state)
}

/// The package of one stanza; none when no files of it are installed.
fn parse(stanza: &Stanza<'_>) -> Result<Option<Installed>, StanzaError> {
    let [name, status, architecture, version, source] =
        stanza.read(["package", "status", "architecture", "version", "source"])?;
    if name.is_empty() {
        return Err(stanza.problem("the stanza that begins here has no `Package` field"));
    }
    let mut words = status.split_ascii_whitespace();
    let (Some(want), Some(error), Some(status)) = (words.next(), words.next(), words.next()) else {
        return Err(stanza.problem("the stanza that begins here has no complete `Status` field"));
    };
    let broken = match status {
        "not-installed" | "config-files" => return Ok(None),
        "installed" | "triggers-awaited" | "triggers-pending" => error == "reinstreq",
        "half-installed" | "unpacked" | "half-configured" => true,
        _unknown => return Err(stanza.problem("the stanza that begins here has a `Status` that dpkg does not know")),
    };
    if version.is_empty() {
        return Err(stanza.problem("the stanza that begins here is installed and has no `Version` field"));
    }
    let [pre_depends, depends, provides, conflicts, breaks, multi_arch] =
        stanza.read(["pre-depends", "depends", "provides", "conflicts", "breaks", "multi-arch"])?.map(str::to_owned);
    Ok(Some(Installed {
        name: name.to_owned(),
        architecture: architecture.to_owned(),
        version: version.to_owned(),
        source: source.to_owned(),
        held: want == "hold",
        broken,
        multi_arch,
        relations: Relations { pre_depends, depends, provides, conflicts, breaks },
    }))
}

impl Installed {
    /// Name and version of its source package.
    pub(super) fn source(&self) -> (&str, &str) {
        source_of(&self.name, &self.version, &self.source)
    }

    /// The same in the words of every package manager.
    pub(super) fn to_package(&self) -> InstalledPackage {
        let (source, source_version) = self.source();
        InstalledPackage {
            name: self.name.clone(),
            architecture: self.architecture.clone(),
            version: self.version.clone(),
            source: source.to_owned(),
            source_version: source_version.to_owned(),
        }
    }
}

/// Name and version of the source package by the field `Source`, which names them only where they differ.
pub(super) fn source_of<'a>(name: &'a str, version: &'a str, field: &'a str) -> (&'a str, &'a str) {
    let mut words = field.split([' ', '(', ')']).filter(|word| !word.is_empty());
    (words.next().unwrap_or(name), words.next().unwrap_or(version))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &'static str) -> Result<DpkgState, String> {
        read_status(Stanzas::new(STATUS, Box::new(text.as_bytes())).written_by_a_program())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn only_packages_with_their_files_on_the_host_count() {
        let state = read(include_str!("cases/status_of_every_state")).expect("readable");
        let seen: Vec<_> =
            state.packages.iter().map(|package| (package.name.as_str(), package.held, package.broken)).collect();
        let expected = [
            ("dpkg", false, false),
            ("held", true, false),
            ("triggered", false, false),
            ("half-configured", false, true),
            ("unpacked", false, true),
            ("needs-reinstallation", false, true),
        ];
        assert_eq!(seen, expected);
        assert_eq!(state.native, "amd64");
    }

    #[test]
    fn a_damaged_status_file_is_named_by_file_and_line() {
        for (text, expected) in [
            ("Package: a\nStatus: install ok installed\nVersion: 1\n\nVersion: 2\n", "/var/lib/dpkg/status, line 5: "),
            ("Package: a\nStatus: install ok\nVersion: 1\n", "/var/lib/dpkg/status, line 1: "),
            ("Package: a\nStatus: install ok broken\n", "/var/lib/dpkg/status, line 1: "),
            ("Package: a\nStatus: install ok installed\n\n", "/var/lib/dpkg/status, line 1: "),
            ("Package: a\nStat", "/var/lib/dpkg/status, line 2: "),
            ("Package: a\nStatus: install ok installed\nVersion: 1\n", "/var/lib/dpkg/status, line 3: the file ends"),
            ("", "/var/lib/dpkg/status, line 0: the file ends"),
        ] {
            let error = read(text).map(|_| ()).expect_err(text);
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
