//! Which version apt would install: its preferences, apt_preferences(5).

use std::io::Cursor;
use std::sync::LazyLock;

use super::apt_conf::AptConf;
use super::deb822::{StanzaError, Stanzas, without_comments};
use super::parts::parts;
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
struct PackageName {
    /// Whether it is the name of a source package.
    of_source: bool,
    pattern: NamePattern,
    /// Architecture; none for that of the system, which is apt's rule.
    architecture: Option<String>,
}

#[derive(Debug, Clone)]
enum NamePattern {
    /// The letters as they are, case included.
    Exact(String),
    Pattern(Pattern),
}

/// A pin for single packages.
#[derive(Debug, Clone)]
struct PackagePin {
    name: PackageName,
    pin: Pin,
    priority: i64,
}

/// The preferences of one host.
#[derive(Debug, Clone, Default)]
pub(super) struct Preferences {
    general: Vec<(Pin, i64)>,
    packages: Vec<PackagePin>,
}

/// A version of a package as the pins see it.
#[derive(Debug, Clone, Copy)]
pub(super) struct VersionIdentity<'a> {
    /// Name of the package.
    pub(super) name: &'a str,
    /// Its architecture; that of the system for `all`.
    pub(super) architecture: &'a str,
    /// Whether that is the architecture of the system.
    pub(super) is_native: bool,
    /// Name of the source package.
    pub(super) source: &'a str,
    /// Version.
    pub(super) version: &'a str,
}

/// The status file of dpkg as the pins see it.
pub(super) fn status_file() -> SourceIdentity<'static> {
    SourceIdentity { release: &STATUS_FILE, site: None, component: "now", architecture: "" }
}

impl Preferences {
    /// Reads the preferences of a host: the release that its settings prefer, the main file, then the parts by name.
    ///
    /// # Errors
    /// [`StanzaError`] names the file and the line. A missing file is no error.
    pub(super) fn read(root: &Root, conf: &AptConf) -> Result<Self, StanzaError> {
        let mut preferences = Self::default();
        let default_release = conf.get("apt::default-release");
        if !default_release.is_empty() {
            preferences.general.push((Pin::parse_release(default_release), PRIORITY_DEFAULT_RELEASE));
        }
        let main = conf.path("dir::etc::preferences", "/etc/apt/", "preferences");
        let folder = conf.path("dir::etc::preferencesparts", "/etc/apt/", "preferences.d");
        for path in [main].into_iter().chain(parts(root, &folder, &["", "pref"])?) {
            match root.read_text(&path, FILE_BYTES_MAX) {
                Err(error) if error.is_not_found() => {}
                text => preferences.parse(&path, &text?)?,
            }
        }
        Ok(preferences)
    }

    /// Adds the pins of one file.
    pub(super) fn parse(&mut self, path: &str, text: &str) -> Result<(), StanzaError> {
        let mut stanzas = Stanzas::new(path, Box::new(Cursor::new(without_comments(text))));
        while let Some(stanza) = stanzas.read_next()? {
            let [names, pin, priority] = stanza.read(["package", "pin", "pin-priority"])?;
            if names.is_empty() {
                return Err(stanza.problem("the stanza that begins here has no `Package` field"));
            }
            let pin = match Pin::parse(pin) {
                // A version says nothing of a source as a whole.
                None => continue,
                Some(Pin::Version(_)) if names == "*" => continue,
                Some(pin) => pin,
            };
            let is_word_never = priority == "never";
            let Some(priority) = parse_priority(priority) else {
                return Err(stanza.problem("the pin that begins here has no valid `Pin-Priority`"));
            };
            if is_word_never && names != "*" {
                return Err(stanza.problem("`Pin-Priority: never` is for `Package: *` alone"));
            }
            if names == "*" {
                self.general.push((pin, priority));
            } else {
                let names = names.split_ascii_whitespace().filter_map(PackageName::parse);
                self.packages.extend(names.map(|name| PackagePin { name, pin: pin.clone(), priority }));
            }
            if self.general.len() + self.packages.len() > PINS_MAX {
                return Err(stanza.problem("more than 10000 pins"));
            }
        }
        Ok(())
    }

    /// Whether any pin names this source as a whole, or a version of a package in it.
    pub(super) fn source_priority(&self, source: &SourceIdentity<'_>) -> i64 {
        let general = self.general.iter().find(|(pin, _)| pin.matches_source(source));
        match general {
            Some((_, priority)) => *priority,
            None if source.site.is_none() || source.release.but_automatic_upgrades => PRIORITY_INSTALLED,
            None if source.release.not_automatic => PRIORITY_NOT_AUTOMATIC,
            None => PRIORITY_DEFAULT,
        }
    }

    /// Priority of one version that these sources offer. The status file is one of them for what is installed.
    pub(super) fn version_priority<'a>(
        &self,
        version: &VersionIdentity<'_>,
        sources: impl Iterator<Item = SourceIdentity<'a>> + Clone,
    ) -> i64 {
        let by_source = sources.clone().map(|source| self.source_priority(&source)).max().unwrap_or(PRIORITY_NEVER);
        let fits = |pin: &&PackagePin| {
            pin.name.names(version)
                && match &pin.pin {
                    Pin::Version(pattern) => pattern.matches(version.version),
                    Pin::Everything | Pin::Release(_) | Pin::Origin(_) => {
                        sources.clone().any(|source| pin.pin.matches_source(&source))
                    }
                    Pin::Nothing => false,
                }
        };
        match self.packages.iter().find(fits) {
            Some(pin) if by_source != PRIORITY_NEVER => pin.priority,
            Some(_) | None => by_source,
        }
    }
}

/// The number at the beginning, which must fit in 16 bits and not be 0; `never` is the lowest.
fn parse_priority(text: &str) -> Option<i64> {
    if text == "never" {
        return Some(PRIORITY_NEVER);
    }
    let is_part =
        |(place, character): &(usize, char)| character.is_ascii_digit() || (*place == 0 && "+-".contains(*character));
    let digits = text.char_indices().take_while(is_part).count();
    let number = text.get(..digits)?.parse::<i16>().ok()?;
    (number != 0).then_some(i64::from(number))
}

impl PackageName {
    /// Parses one word of `Package`: `lib*:any`, `src:linux`, `/^linux-/`; none when its expression is not valid.
    fn parse(word: &str) -> Option<Self> {
        let (of_source, word) = word.strip_prefix("src:").map_or((false, word), |source| (true, source));
        let (name, architecture) = match word.rsplit_once(':') {
            Some((name, architecture)) => (name, Some(architecture.to_owned())),
            None => (word, None),
        };
        let is_expression = name.len() > 1 && name.starts_with('/') && name.ends_with('/');
        let pattern = if is_expression || name.contains(['*', '[', '?']) {
            NamePattern::Pattern(Pattern::parse(name)?)
        } else {
            NamePattern::Exact(name.to_owned())
        };
        Some(Self { of_source, pattern, architecture })
    }

    fn names(&self, version: &VersionIdentity<'_>) -> bool {
        let name = if self.of_source { version.source } else { version.name };
        let named = match &self.pattern {
            NamePattern::Exact(exact) => exact == name,
            NamePattern::Pattern(pattern) => pattern.matches(name),
        };
        named
            && match self.architecture.as_deref() {
                None | Some("native") => version.is_native,
                Some("any" | "*" | "linux-any") => true,
                Some(other) => other == version.architecture,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preferences(text: &str) -> Preferences {
        let mut preferences = Preferences::default();
        preferences.parse("/etc/apt/preferences", text).expect("valid preferences");
        preferences
    }

    fn source<'a>(release: &'a Release, site: &'a str) -> SourceIdentity<'a> {
        SourceIdentity { release, site: Some(site), component: "main", architecture: "amd64" }
    }

    const SECURITY: &str = "Origin: Debian\nLabel: Debian-Security\nSuite: oldstable-security\n\
        Codename: bookworm-security\nVersion: 12\n";

    #[test]
    fn a_general_pin_sets_the_priority_of_the_sources_it_names() {
        let release = Release::parse(SECURITY);
        for (pin, expected) in [
            ("release n=bookworm-security", -10),
            ("release a=oldstable-security", -10),
            ("release l=Debian-Security, o=Debian", -10),
            ("release n=bookworm*", -10),
            ("release bookworm-security", -10),
            ("release 12*", -10),
            ("release v=1*", -10),
            ("release c=main", -10),
            ("release b=amd64", -10),
            ("release b=i386", 500),
            ("release x=unknown,n=bookworm-security", -10),
            ("release n=other,n=bookworm-security", -10),
            ("release x=unknown", 500),
            ("release *", -10),
            ("origin deb.debian.org", -10),
            ("origin \"deb.debian.org\"", -10),
            ("origin \"\"", 500),
            ("release n=bookworm", 500),
            ("release l=Debian", 500),
            ("release c=contrib", 500),
            ("origin example.org", 500),
            ("version 1.*", 500),
            ("moon n=x", 500),
        ] {
            let preferences = preferences(&format!("Explanation: why\nPackage: *\nPin: {pin}\nPin-Priority: -10\n"));
            assert_eq!(preferences.source_priority(&source(&release, "deb.debian.org")), expected, "{pin}");
        }
    }

    #[test]
    fn the_first_general_pin_and_the_first_package_pin_win() {
        let release = Release::parse(SECURITY);
        let source = source(&release, "x");
        let text = "Package: *\nPin: release *\nPin-Priority: 200\n\nPackage: *\nPin: release *\nPin-Priority: 300\n\n\
            Package: lib* openssl\nPin: version 3.0*\nPin-Priority: 1001\n\n\
            Package: openssl\nPin: release n=bookworm-security\nPin-Priority: -1\n\n\
            Package: src:curl:any\nPin: release *\nPin-Priority: -9\n";
        let preferences = preferences(text);
        assert_eq!(preferences.source_priority(&source), 200);
        let priority = |name, architecture, source_package, version| {
            let is_native = architecture == "amd64";
            let version = VersionIdentity { name, architecture, is_native, source: source_package, version };
            preferences.version_priority(&version, [source].into_iter())
        };
        assert_eq!(priority("openssl", "amd64", "openssl", "3.0.1"), 1001);
        assert_eq!(priority("openssl", "amd64", "openssl", "3.1.1"), -1);
        assert_eq!(
            priority("openssl", "i386", "openssl", "3.0.1"),
            200,
            "a name alone means the system's architecture"
        );
        assert_eq!(priority("libcurl4", "i386", "curl", "8"), -9);
        assert_eq!(priority("bash", "amd64", "bash", "5"), 200);
    }

    #[test]
    fn a_source_that_is_not_automatic_has_its_low_priority() {
        for (but_automatic_upgrades, expected) in [(false, 1), (true, 100)] {
            let release = Release { not_automatic: true, but_automatic_upgrades, ..Release::default() };
            assert_eq!(Preferences::default().source_priority(&source(&release, "")), expected);
        }
    }

    #[test]
    fn a_pin_that_apt_refuses_is_named_by_file_and_line() {
        for second in [
            "Package: b\nPin: release *\n",
            "Package: b\nPin: release *\nPin-Priority: 70000\n",
            "Package: b\nPin: release *\nPin-Priority: never\n",
            "Pin: release *\n",
        ] {
            let text = format!("# why\nPackage: a\nPin: release *\nPin-Priority: 5\n\n{second}");
            let error = Preferences::default().parse("/etc/apt/preferences", &text).expect_err("not valid");
            assert!(error.to_string().starts_with("/etc/apt/preferences, line 6: "), "{error}");
        }
    }
}
