//! Which version apt would install: its preferences, apt_preferences(5).

use std::io::{BufReader, Cursor};
use std::sync::LazyLock;

use super::deb822::{StanzaError, Stanzas};
use super::pattern::Pattern;
use super::pin::{Pin, SourceIdentity};
use super::release::Release;
use crate::files::Root;

/// Largest preferences file, in bytes.
const FILE_BYTES_MAX: u64 = 1024 * 1024;
/// Most pins that are read.
const PINS_MAX: usize = 10_000;

/// Priority of a source that the preferences do not name.
const PRIORITY_DEFAULT: i64 = 500;
/// Priority of the installed version, and of a source that only keeps up to date what was installed from it.
const PRIORITY_INSTALLED: i64 = 100;
/// Priority of a source that nothing is installed from unasked.
const PRIORITY_NOT_AUTOMATIC: i64 = 1;
/// Priority of the release that `APT::Default-Release` names.
const PRIORITY_DEFAULT_RELEASE: i64 = 990;
/// Priority that `never` stands for: no pin for a single package lifts it.
pub(super) const PRIORITY_NEVER: i64 = i16::MIN as i64;

/// The status file of dpkg as the pins see it: a source that offers what is installed, in the archive `now`.
static STATUS_FILE: LazyLock<Release> = LazyLock::new(|| Release { suite: "now".to_owned(), ..Release::default() });

/// Which packages a pin for single packages names.
#[derive(Debug, Clone)]
enum PackageName {
    Binary(Pattern),
    Source(Pattern),
}

/// A pin for single packages.
#[derive(Debug, Clone)]
struct PackagePin {
    name: PackageName,
    architecture: Option<String>,
    pin: Pin,
    priority: i64,
}

/// The preferences of one host.
#[derive(Debug, Clone, Default)]
pub(super) struct Preferences {
    general: Vec<(Pin, i64)>,
    packages: Vec<PackagePin>,
}

/// A package as the pins see it.
#[derive(Debug, Clone, Copy)]
pub(super) struct PackageIdentity<'a> {
    /// Name of the package.
    pub(super) name: &'a str,
    /// Its architecture.
    pub(super) architecture: &'a str,
    /// Name of its source package.
    pub(super) source: &'a str,
}

/// The status file of dpkg as the pins see it.
pub(super) fn status_file() -> SourceIdentity<'static> {
    SourceIdentity { release: &STATUS_FILE, site: "", component: "" }
}

impl Preferences {
    /// Priority of what is installed, before pins for single packages: a pin may also name the status file.
    pub(super) fn installed_priority(&self) -> i64 {
        let status = status_file();
        let general = self.general.iter().find(|(pin, _)| pin.matches_source(&status));
        general.map_or(PRIORITY_INSTALLED, |(_, priority)| *priority)
    }

    /// Reads the preferences of a host; `default_release` is the value of `APT::Default-Release`, empty for none.
    ///
    /// # Errors
    /// [`StanzaError`] names the file and the line. A missing file is no error.
    pub(super) fn read(root: &Root, default_release: &str) -> Result<Self, StanzaError> {
        let mut preferences = Self::default();
        if !default_release.is_empty() {
            let pin = Pin::parse_release(default_release);
            preferences.general.extend(pin.map(|pin| (pin, PRIORITY_DEFAULT_RELEASE)));
        }
        preferences.read_if_there(root, "/etc/apt/preferences")?;
        let names = match root.names("/etc/apt/preferences.d") {
            Err(error) if !error.is_not_found() => return Err(error.into()),
            names => names.unwrap_or_default(),
        };
        for name in names.iter().filter(|name| is_read_by_apt(name)) {
            preferences.read_if_there(root, &format!("/etc/apt/preferences.d/{name}"))?;
        }
        Ok(preferences)
    }

    fn read_if_there(&mut self, root: &Root, path: &str) -> Result<(), StanzaError> {
        match root.read_text(path, FILE_BYTES_MAX) {
            Err(error) if error.is_not_found() => Ok(()),
            text => self.parse(path, text?),
        }
    }

    fn parse(&mut self, path: &str, text: String) -> Result<(), StanzaError> {
        let reader = Box::new(BufReader::new(Cursor::new(text)));
        let mut stanzas = Stanzas::new(path, reader, &["package", "pin", "pin-priority"]);
        while let Some(stanza) = stanzas.read_next()? {
            let line = stanza.first_line;
            let (names, pin, priority) = (stanza.get("package"), stanza.get("pin"), stanza.get("pin-priority"));
            if names.is_empty() && pin.is_empty() {
                continue;
            }
            let priority = match priority {
                "never" => Some(PRIORITY_NEVER),
                number => number.parse::<i16>().ok().filter(|number| *number != 0).map(i64::from),
            };
            let pin = Pin::parse(pin);
            let names = names.to_owned();
            let (Some(priority), Some(pin)) = (priority, pin) else {
                return Err(stanzas.form_at(line, "the pin that begins here has no valid `Pin` and `Pin-Priority`"));
            };
            for name in names.split([' ', ',', '\n', '\t']).filter(|name| !name.is_empty()) {
                self.add(name, &pin, priority);
            }
            if self.general.len() + self.packages.len() > PINS_MAX {
                return Err(stanzas.form_at(line, "more than 10000 pins"));
            }
        }
        Ok(())
    }

    fn add(&mut self, name: &str, pin: &Pin, priority: i64) {
        if name == "*" {
            self.general.push((pin.clone(), priority));
            return;
        }
        let (of_source, name) = name.strip_prefix("src:").map_or((false, name), |source| (true, source));
        let expression = name.starts_with('/');
        let (name, architecture) = match name.rsplit_once(':') {
            Some((name, architecture)) if !expression => (name, Some(architecture.to_owned())),
            _ => (name, None),
        };
        let Some(pattern) = Pattern::parse(name) else { return };
        let name = if of_source { PackageName::Source(pattern) } else { PackageName::Binary(pattern) };
        let architecture = architecture.filter(|architecture| architecture != "any");
        self.packages.push(PackagePin { name, architecture, pin: pin.clone(), priority });
    }

    /// Priority of everything that a source offers, before pins for single packages.
    pub(super) fn source_priority(&self, source: &SourceIdentity<'_>) -> i64 {
        let general = self.general.iter().find(|(pin, _)| pin.matches_source(source));
        match general {
            Some((_, priority)) => *priority,
            None if source.release.not_automatic && source.release.but_automatic_upgrades => PRIORITY_INSTALLED,
            None if source.release.not_automatic => PRIORITY_NOT_AUTOMATIC,
            None => PRIORITY_DEFAULT,
        }
    }

    /// Priority that the first fitting pin for single packages gives to one version of a package, if any does.
    pub(super) fn package_priority<'a>(
        &self,
        package: &PackageIdentity<'_>,
        version: &str,
        sources: impl Iterator<Item = SourceIdentity<'a>> + Clone,
    ) -> Option<i64> {
        let fits = |pin: &&PackagePin| {
            pin.names(package)
                && match &pin.pin {
                    Pin::Version(pattern) => pattern.matches(version),
                    Pin::Release(_) | Pin::Origin(_) => sources.clone().any(|source| pin.pin.matches_source(&source)),
                    Pin::Nothing => false,
                }
        };
        self.packages.iter().find(fits).map(|pin| pin.priority)
    }
}

impl PackagePin {
    fn names(&self, package: &PackageIdentity<'_>) -> bool {
        let named = match &self.name {
            PackageName::Binary(pattern) => pattern.matches(package.name),
            PackageName::Source(pattern) => pattern.matches(package.source),
        };
        named && self.architecture.as_deref().is_none_or(|architecture| architecture == package.architecture)
    }
}

/// Whether apt reads a file of its `.d` folders: no ending or `.pref`, and no other character in the name.
fn is_read_by_apt(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let stem = name.strip_suffix(".pref").unwrap_or(name);
    !name.starts_with('.') && name.bytes().all(allowed) && !stem.contains('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preferences(text: &str) -> Preferences {
        let mut preferences = Preferences::default();
        preferences.parse("/etc/apt/preferences", text.to_owned()).expect("valid preferences");
        preferences
    }

    fn security() -> Release {
        Release {
            origin: "Debian".to_owned(),
            label: "Debian-Security".to_owned(),
            suite: "oldstable-security".to_owned(),
            codename: "bookworm-security".to_owned(),
            version: "12".to_owned(),
            ..Release::default()
        }
    }

    #[test]
    fn a_general_pin_sets_the_priority_of_the_sources_it_names() {
        let release = security();
        let source = SourceIdentity { release: &release, site: "deb.debian.org", component: "main" };
        for (pin, expected) in [
            ("release n=bookworm-security", -10),
            ("release a=oldstable-security", -10),
            ("release l=Debian-Security, o=Debian", -10),
            ("release n=bookworm*", -10),
            ("release bookworm-security", -10),
            ("release 12*", -10),
            ("release c=main", -10),
            ("release *", -10),
            ("origin deb.debian.org", -10),
            ("origin \"deb.debian.org\"", -10),
            ("release n=bookworm", 500),
            ("release l=Debian", 500),
            ("release c=contrib", 500),
            ("origin example.org", 500),
            ("version 1.*", 500),
        ] {
            let preferences = preferences(&format!("Explanation: why\nPackage: *\nPin: {pin}\nPin-Priority: -10\n"));
            assert_eq!(preferences.source_priority(&source), expected, "{pin}");
        }
    }

    #[test]
    fn the_first_general_pin_and_the_first_package_pin_win() {
        let release = security();
        let source = SourceIdentity { release: &release, site: "x", component: "main" };
        let text = "Package: *\nPin: release *\nPin-Priority: 200\n\nPackage: *\nPin: release *\nPin-Priority: 300\n\n\
            Package: lib* openssl\nPin: version 3.0*\nPin-Priority: 1001\n\n\
            Package: openssl\nPin: release n=bookworm-security\nPin-Priority: -1\n\n\
            Package: src:curl:any\nPin: release *\nPin-Priority: never\n";
        let preferences = preferences(text);
        assert_eq!(preferences.source_priority(&source), 200);
        let priority = |name, source_package, version| {
            let package = PackageIdentity { name, architecture: "amd64", source: source_package };
            preferences.package_priority(&package, version, [source].into_iter())
        };
        assert_eq!(priority("openssl", "openssl", "3.0.1"), Some(1001));
        assert_eq!(priority("openssl", "openssl", "3.1.1"), Some(-1));
        assert_eq!(priority("libcurl4", "curl", "8"), Some(PRIORITY_NEVER));
        assert_eq!(priority("bash", "bash", "5"), None);
    }

    #[test]
    fn a_source_that_is_not_automatic_has_its_low_priority() {
        for (but_automatic_upgrades, expected) in [(false, 1), (true, 100)] {
            let release = Release { not_automatic: true, but_automatic_upgrades, ..Release::default() };
            let source = SourceIdentity { release: &release, site: "", component: "" };
            assert_eq!(Preferences::default().source_priority(&source), expected);
        }
    }

    #[test]
    fn a_pin_that_cannot_be_read_is_named_by_file_and_line() {
        let text = "Package: a\nPin: release *\nPin-Priority: 5\n\nPackage: b\nPin: moon n=x\nPin-Priority: 5\n";
        let error = Preferences::default().parse("/etc/apt/preferences", text.to_owned()).expect_err("unknown pin");
        assert!(error.to_string().starts_with("/etc/apt/preferences, line 5: "), "{error}");
    }

    #[test]
    fn files_that_apt_leaves_out_are_left_out() {
        for (name, expected) in
            [("nodejs", true), ("10-x.pref", true), ("x.disabled", false), (".x", false), ("x~", false)]
        {
            assert_eq!(is_read_by_apt(name), expected, "{name}");
        }
    }
}
