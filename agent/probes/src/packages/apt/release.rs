//! What a source of packages says of itself: its `InRelease` or `Release` file.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::deb822::StanzaError;
use super::options::switch;
use crate::files::Root;

/// Largest release file, in bytes; that of Debian sid has some 250 KB.
const FILE_BYTES_MAX: u64 = 8 * 1024 * 1024;
/// Size up to which a packed list may be empty, in bytes: that of an empty file packed by any packer.
const EMPTY_PACKED_BYTES_MAX: u64 = 64;
/// Most lists of which the size is kept.
const LISTS_MAX: usize = 10_000;
/// Lines around the signature of a signed text, RFC 9580 section 7.
const SIGNATURE_BEGIN: &str = "-----BEGIN PGP SIGNATURE-----";
const SIGNATURE_END: &str = "-----END PGP SIGNATURE-----";

/// The fields of a release file that tell sources apart; an absent field is an empty text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Release {
    /// `Origin`: who publishes it.
    pub(super) origin: String,
    /// `Label`: `Debian-Security`.
    pub(super) label: String,
    /// `Suite`: `oldstable-security`.
    pub(super) suite: String,
    /// `Codename`: `bookworm-security`.
    pub(super) codename: String,
    /// `Version`: `12.15`.
    pub(super) version: String,
    /// When it was made.
    pub(super) date: Option<Timestamp>,
    /// Until when it may be used.
    pub(super) valid_until: Option<Timestamp>,
    /// Whether nothing is to be installed from it unasked.
    pub(super) not_automatic: bool,
    /// Whether what was installed from it is kept up to date all the same.
    pub(super) but_automatic_upgrades: bool,
    /// The lists of packages that it names.
    pub(super) lists: BTreeMap<String, NamedList>,
}

/// What a release file says of one list of packages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct NamedList {
    /// Whether there is anything in it.
    has_packages: bool,
    /// Its size when it is not packed, in bytes; none when it is named packed alone.
    bytes: Option<u64>,
}

impl Release {
    /// Reads the release file whose path begins with `base`: `InRelease`, else `Release`; none when it has neither.
    ///
    /// # Errors
    /// [`StanzaError`] of a file that cannot be read, or that is signed and was cut: apt refuses to work with it.
    pub(super) fn read(root: &Root, base: &str) -> Result<Option<Self>, StanzaError> {
        for name in ["InRelease", "Release"] {
            let path = format!("{base}{name}");
            let text = match root.read_text(&path, FILE_BYTES_MAX) {
                Err(error) if error.is_not_found() => continue,
                text => text?,
            };
            let line = text.lines().count() as u64;
            return match cut(&text) {
                Some(problem) => Err(StanzaError::Form { path, line, problem }),
                None => Ok(Some(Self::parse(&text))),
            };
        }
        Ok(None)
    }

    /// Whether it is a source of security updates: by its label, suite, code name or origin.
    pub(super) fn is_security(&self) -> bool {
        self.label == "Debian-Security"
            || self.suite.ends_with("-security")
            || self.codename.ends_with("-security")
            || self.origin.starts_with("UbuntuESM")
    }

    /// Short name of the pocket: Debian tells pockets apart by code name, Ubuntu by suite.
    pub(super) fn pocket(&self) -> &str {
        if self.codename.is_empty() || (self.suite.starts_with(&self.codename) && !self.suite.is_empty()) {
            &self.suite
        } else {
            &self.codename
        }
    }

    /// Whether a list of this name (`main/binary-amd64/Packages`) has anything in it; none when it is not named at all.
    pub(super) fn has_packages(&self, name: &str) -> Option<bool> {
        self.lists.get(name).map(|list| list.has_packages)
    }

    /// Size of a list when it is not packed, in bytes; none when that is not said.
    pub(super) fn list_bytes(&self, name: &str) -> Option<u64> {
        self.lists.get(name)?.bytes
    }

    /// Whether it names any list of packages.
    pub(super) fn names_lists(&self) -> bool {
        !self.lists.is_empty()
    }

    /// Reads the fields up to a signature; what is no field is passed over.
    pub(super) fn parse(text: &str) -> Self {
        let mut release = Self::default();
        for line in text.lines().take_while(|line| *line != SIGNATURE_BEGIN) {
            if line.starts_with(' ') {
                release.keep_list(line);
                continue;
            }
            let Some((name, value)) = line.split_once(':') else { continue };
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "origin" => release.origin = value.to_owned(),
                "label" => release.label = value.to_owned(),
                "suite" => release.suite = value.to_owned(),
                "codename" => release.codename = value.to_owned(),
                "version" => release.version = value.to_owned(),
                "date" => release.date = parse_date(value),
                "valid-until" => release.valid_until = parse_date(value),
                "notautomatic" => release.not_automatic = switch(value) == Some(true),
                "butautomaticupgrades" => release.but_automatic_upgrades = switch(value) == Some(true),
                _other => {}
            }
        }
        release
    }

    /// Keeps what a line `hash size name` says of a list of packages.
    fn keep_list(&mut self, line: &str) {
        if !line.contains("Packages") {
            return;
        }
        let mut words = line.split_ascii_whitespace().skip(1);
        let (Some(Ok(size)), Some(name)) = (words.next().map(str::parse::<u64>), words.next()) else { return };
        let Some(end) = name.rfind("Packages").map(|at| at + "Packages".len()) else { return };
        let (list, ending) = name.split_at(end);
        let is_list = list == "Packages" || list.ends_with("/Packages");
        if is_list && !ending.contains('/') && self.lists.len() < LISTS_MAX {
            let named = self.lists.entry(list.to_owned()).or_default();
            named.has_packages |= size > if ending.is_empty() { 0 } else { EMPTY_PACKED_BYTES_MAX };
            if ending.is_empty() {
                named.bytes = Some(size);
            }
        }
    }
}

/// Why a release file cannot be whole; none when nothing shows it.
fn cut(text: &str) -> Option<&'static str> {
    if text.trim().is_empty() {
        return Some("the file is empty");
    }
    // The first line itself may be cut; no field of an unsigned file begins so.
    let is_open = text.starts_with('-') && !text.lines().any(|line| line == SIGNATURE_END);
    is_open.then_some("the file is cut: its signature has no end")
}

/// A date as in RFC 5322 section 3.3, with the zone `UTC`, which that form does not know by name.
fn parse_date(text: &str) -> Option<Timestamp> {
    let text = text.strip_suffix("UTC").map_or_else(|| text.to_owned(), |rest| format!("{rest}+0000"));
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNED: &str = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nOrigin: Debian\nLabel: Debian-Security\n\
        Suite: oldstable-security\nCodename: bookworm-security\nVersion: 12\nDate: Sat, 21 Nov 2026 20:30:07 UTC\n\
        Valid-Until: Sat, 28 Nov 2026 20:30:07 UTC\nSHA256:\n 00 1 main/x\n-----BEGIN PGP SIGNATURE-----\nLabel: forged\n";

    #[test]
    fn a_signed_release_file_is_read_up_to_its_signature() {
        let release = Release::parse(SIGNED);
        assert_eq!(release.date, "2026-11-21T20:30:07Z".parse().ok());
        assert_eq!(release.valid_until, "2026-11-28T20:30:07Z".parse().ok());
        assert!(release.is_security());
        assert_eq!(release.pocket(), "bookworm-security");
    }

    #[test]
    fn security_pockets_are_told_apart_by_label_suite_and_origin() {
        for (text, security, pocket) in [
            ("Origin: Debian\nLabel: Debian\nSuite: stable\nCodename: trixie\n", false, "trixie"),
            ("Origin: Ubuntu\nLabel: Ubuntu\nSuite: noble-security\nCodename: noble\n", true, "noble-security"),
            ("Origin: Ubuntu\nLabel: Ubuntu\nSuite: noble-updates\nCodename: noble\n", false, "noble-updates"),
            ("Origin: UbuntuESM\nSuite: focal-infra-updates\nCodename: focal\n", true, "focal-infra-updates"),
            ("Label: Debian-Security\nSuite: x\n", true, "x"),
            ("Codename: nodistro\n", false, "nodistro"),
        ] {
            let release = Release::parse(text);
            assert_eq!((release.is_security(), release.pocket()), (security, pocket), "{text}");
        }
    }

    #[test]
    fn a_signed_release_file_that_was_cut_is_told_from_a_whole_one() {
        let whole = format!("{SIGNED}\n-----END PGP SIGNATURE-----\n");
        for (text, expected) in [
            (whole.as_str(), false),
            (SIGNED, true),
            (&SIGNED[..90], true),
            (&SIGNED[..9], true),
            ("\n", true),
            ("Origin: unsigned\nDate: Sat, 21 Nov 2026 20:30:07 UTC\n", false),
        ] {
            assert_eq!(cut(text).is_some(), expected, "{text}");
        }
    }

    #[test]
    fn a_release_that_is_not_automatic_says_so_in_any_word_for_yes() {
        for (text, not_automatic, but_automatic_upgrades) in [
            ("NotAutomatic: yes\n", true, false),
            ("NotAutomatic: Yes\nButAutomaticUpgrades: true\n", true, true),
            ("notautomatic: 1\n", true, false),
            ("NotAutomatic: no\n", false, false),
        ] {
            let release = Release::parse(text);
            let seen = (release.not_automatic, release.but_automatic_upgrades);
            assert_eq!(seen, (not_automatic, but_automatic_upgrades), "{text}");
        }
    }

    #[test]
    fn the_lists_that_have_anything_in_them_are_told() {
        let text = "SHA256:\n aa 12 main/binary-amd64/Packages\n aa 0 contrib/binary-amd64/Packages\n\
            \x20aa 20 contrib/binary-amd64/Packages.gz\n aa 900 non-free/binary-amd64/Packages.xz\n\
            \x20aa 900 other/binary-amd64/Packages.diff/Index\n";
        let release = Release::parse(text);
        for (name, expected) in
            [("main", Some(true)), ("contrib", Some(false)), ("non-free", Some(true)), ("other", None)]
        {
            assert_eq!(release.has_packages(&format!("{name}/binary-amd64/Packages")), expected, "{name}");
        }
        let sizes = ["main", "non-free"].map(|name| release.list_bytes(&format!("{name}/binary-amd64/Packages")));
        assert_eq!(sizes, [Some(12), None]);
    }
}
