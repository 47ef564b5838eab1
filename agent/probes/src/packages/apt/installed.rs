//! What dpkg has installed, from its status file.

use std::io::BufReader;

use super::super::seen::InstalledPackage;
use super::deb822::{StanzaError, Stanzas};
use crate::files::Root;

/// Path of dpkg's status file.
pub(in super::super) const STATUS: &str = "/var/lib/dpkg/status";
/// Folder where dpkg notes steps that are not yet in the status file.
const UPDATES: &str = "/var/lib/dpkg/updates";
/// Most installed packages that are read; a large desktop has some 5,000.
const PACKAGES_MAX: usize = 50_000;

/// One package with its files on the host.
#[derive(Debug, Clone, PartialEq, Eq)]
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
}

/// The state of dpkg.
#[derive(Debug, Default)]
pub(super) struct DpkgState {
    /// Installed packages in the order of the file.
    pub(super) packages: Vec<Installed>,
    /// Architecture of the system itself: that of the package `dpkg`.
    pub(super) native: String,
    /// Whether dpkg was interrupted.
    pub(super) interrupted: bool,
}

/// Reads dpkg's state.
///
/// # Errors
/// [`StanzaError`] names the file and the line.
pub(super) fn read(root: &Root) -> Result<DpkgState, StanzaError> {
    let reader = Box::new(BufReader::new(root.open(STATUS)?));
    let mut state = read_status(Stanzas::new(STATUS, reader, WANTED).written_by_a_program())?;
    let notes = root.names(UPDATES).unwrap_or_default();
    state.interrupted = notes.iter().any(|name| name.bytes().all(|byte| byte.is_ascii_digit()));
    Ok(state)
}

const WANTED: &[&str] = &["package", "status", "architecture", "version", "source"];

fn read_status(mut stanzas: Stanzas<'_>) -> Result<DpkgState, StanzaError> {
    let mut state = DpkgState::default();
    let mut last_line = 0;
    while let Some(stanza) = stanzas.read_next()? {
        let line = stanza.first_line;
        let parsed = parse(&stanza);
        let package = parsed.map_err(|problem| stanzas.form_at(line, problem))?;
        if let Some(package) = package {
            if package.name == "dpkg" {
                state.native.clone_from(&package.architecture);
            }
            state.packages.push(package);
        }
        if state.packages.len() > PACKAGES_MAX {
            return Err(stanzas.form_at(line, "more than 50000 installed packages"));
        }
        last_line = line;
    }
    // dpkg is always among its own packages: without it the file was emptied or cut.
    if state.native.is_empty() {
        return Err(stanzas.form_at(last_line, "the file ends here and does not name the package `dpkg`"));
    }
    Ok(state)
}

/// The package of one stanza; none when no files of it are installed.
fn parse(stanza: &super::deb822::Stanza<'_>) -> Result<Option<Installed>, &'static str> {
    let name = stanza.get("package");
    if name.is_empty() {
        return Err("the stanza that begins here has no `Package` field");
    }
    let mut words = stanza.get("status").split_ascii_whitespace();
    let (Some(want), Some(error), Some(status)) = (words.next(), words.next(), words.next()) else {
        return Err("the stanza that begins here has no complete `Status` field");
    };
    let broken = match status {
        "not-installed" | "config-files" => return Ok(None),
        "installed" | "triggers-awaited" | "triggers-pending" => error == "reinstreq",
        "half-installed" | "unpacked" | "half-configured" => true,
        _unknown => return Err("the stanza that begins here has a `Status` that dpkg does not know"),
    };
    if stanza.get("version").is_empty() {
        return Err("the stanza that begins here is installed and has no `Version` field");
    }
    Ok(Some(Installed {
        name: name.to_owned(),
        architecture: stanza.get("architecture").to_owned(),
        version: stanza.get("version").to_owned(),
        source: stanza.get("source").to_owned(),
        held: want == "hold",
        broken,
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
        read_status(Stanzas::new(STATUS, Box::new(text.as_bytes()), WANTED).written_by_a_program())
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
            ("Package: a\nStatus: install ok installed\nVersion: 1\n", "/var/lib/dpkg/status, line 1: the file ends"),
            ("", "/var/lib/dpkg/status, line 0: the file ends"),
        ] {
            let error = read(text).map(|_| ()).expect_err(text);
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
