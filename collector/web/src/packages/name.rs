//! Names of packages, parsed once: only a name of this form is ever joined with the folder.

use std::cmp::Ordering;

use vedetta_checks::judge::version::VersionKind;

/// Longest name, in bytes.
const NAME_BYTES_MAX: usize = 128;
/// Longest name of a processor, in bytes.
const PROCESSOR_BYTES_MAX: usize = 16;
/// What the names of all packages of the agent start with.
const PROGRAM: &str = "vedetta-agent";

/// What a file of the folder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// For Debian and Ubuntu.
    Deb,
    /// For Red Hat, Fedora and their kin.
    Rpm,
    /// For Windows.
    Msi,
    /// The program and its files without a package manager.
    Archive,
    /// SHA-256 of each package.
    Sums,
    /// The minisign signature of those.
    Signature,
}

impl Kind {
    /// The media type that it is served as.
    pub(crate) const fn media(self) -> &'static str {
        match self {
            Self::Deb => "application/vnd.debian.binary-package",
            Self::Rpm => "application/x-rpm",
            Self::Msi => "application/x-msi",
            Self::Archive => "application/gzip",
            Self::Sums | Self::Signature => "text/plain; charset=utf-8",
        }
    }
}

/// The name of a file that may be served: letters, digits and `._-~` only, of a form that `make dist` gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PackageName {
    text: String,
    kind: Kind,
    version: String,
    processor: String,
}

impl PackageName {
    /// The name, when it has one of the forms.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.len() > NAME_BYTES_MAX {
            return None;
        }
        let (kind, version, processor) = match text {
            "SHA256SUMS" => (Kind::Sums, "", ""),
            "SHA256SUMS.minisig" => (Kind::Signature, "", ""),
            _ => package(text.strip_prefix(PROGRAM)?)?,
        };
        let version = if version.is_empty() { String::new() } else { semantic(version)? };
        Some(Self { text: text.to_owned(), kind, version, processor: processor.to_owned() })
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) const fn kind(&self) -> Kind {
        self.kind
    }

    /// The version of the agent in it, as a semantic version; empty for what is no package.
    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    /// Whether it is for 64-bit ARM rather than x86-64.
    pub(crate) fn is_arm(&self) -> bool {
        matches!(self.processor.as_str(), "arm64" | "aarch64")
    }

    /// Which of two is newer.
    pub(crate) fn compare(&self, other: &Self) -> Ordering {
        VersionKind::Semver.compare(&self.version, &other.version).unwrap_or(Ordering::Equal)
    }
}

/// Kind, version as written and processor of a package, from what follows the program's name.
fn package(rest: &str) -> Option<(Kind, &str, &str)> {
    let (kind, version, processor) = if let Some(rest) = rest.strip_suffix(".deb") {
        // NAME_VERSION[-REVISION]_ARCHITECTURE.deb, deb(5) and Debian policy 5.6.12.
        let (version, processor) = rest.strip_prefix('_')?.split_once('_')?;
        (Kind::Deb, without_revision(version), processor)
    } else if let Some(rest) = rest.strip_suffix(".rpm") {
        // NAME-VERSION-RELEASE.ARCHITECTURE.rpm; neither VERSION nor RELEASE holds a `-`.
        let (rest, processor) = rest.strip_prefix('-')?.rsplit_once('.')?;
        let (version, release) = rest.split_once('-')?;
        let is_release = release.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
        (Kind::Rpm, version, Some(processor).filter(|_| is_release && !release.is_empty())?)
    } else if let Some(rest) = rest.strip_suffix(".msi") {
        let (version, processor) = rest.strip_prefix('-')?.rsplit_once('-')?;
        (Kind::Msi, version, processor)
    } else {
        let (version, processor) = rest.strip_suffix(".tar.gz")?.strip_prefix('-')?.rsplit_once("-linux-")?;
        (Kind::Archive, version, processor)
    };
    let is_processor = (1..=PROCESSOR_BYTES_MAX).contains(&processor.len())
        && processor.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    (is_processor && !version.is_empty()).then_some((kind, version, processor))
}

/// The upstream part of a Debian version.
fn without_revision(version: &str) -> &str {
    match version.rsplit_once('-') {
        Some((upstream, revision)) if revision.bytes().all(|byte| byte.is_ascii_digit()) => upstream,
        Some(_) | None => version,
    }
}

/// A package's version as a semantic one: packages write `~` where a pre-release begins.
fn semantic(version: &str) -> Option<String> {
    let version = version.replacen('~', "-", 1);
    let is_plain = version.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    let starts_with_digit = version.starts_with(|first: char| first.is_ascii_digit());
    (is_plain && starts_with_digit && VersionKind::Semver.compare(&version, &version).is_some()).then_some(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_of_name_tells_kind_version_and_processor() {
        for (text, kind, version, is_arm) in [
            ("vedetta-agent_0.1.0_amd64.deb", Kind::Deb, "0.1.0", false),
            ("vedetta-agent_0.2.0-1_arm64.deb", Kind::Deb, "0.2.0", true),
            ("vedetta-agent_0.2.0~rc.1_amd64.deb", Kind::Deb, "0.2.0-rc.1", false),
            ("vedetta-agent-0.1.0-1.x86_64.rpm", Kind::Rpm, "0.1.0", false),
            ("vedetta-agent-0.1.0-1.el9.aarch64.rpm", Kind::Rpm, "0.1.0", true),
            ("vedetta-agent-0.1.0-x64.msi", Kind::Msi, "0.1.0", false),
            ("vedetta-agent-0.1.0-linux-aarch64.tar.gz", Kind::Archive, "0.1.0", true),
            ("SHA256SUMS", Kind::Sums, "", false),
            ("SHA256SUMS.minisig", Kind::Signature, "", false),
        ] {
            let name = PackageName::parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((name.kind(), name.version(), name.is_arm()), (kind, version, is_arm), "{text}");
        }
    }

    #[test]
    fn any_other_name_is_none() {
        for text in [
            "",
            ".",
            "..",
            "../vedetta-agent_0.1.0_amd64.deb",
            "vedetta-agent_../../etc/shadow_amd64.deb",
            "vedetta-agent_0.1.0_../amd64.deb",
            "vedetta-agent_0.1.0_amd64.deb/..",
            "vedetta-agent_0.1.0_amd64.deb\0",
            "vedetta-agent_0.1.0_amd64.deb ",
            "vedetta-agent_0.1.0_amd64.exe",
            "vedetta-agent_0.1.0'; echo_amd64.deb",
            "vedetta-agent_0.1_amd64.deb",
            "vedetta-agent_v0.1.0_amd64.deb",
            "vedetta-agent__amd64.deb",
            "vedetta-agent-0.1.0-.x86_64.rpm",
            "vedetta-agent-0.1.0.cdx.json",
            "vedetta-collector_0.1.0_amd64.deb",
            "sha256sums",
            "SHA256SUMS.sig",
            "authority",
        ] {
            assert_eq!(PackageName::parse(text), None, "{text:?}");
        }
        let long = format!("vedetta-agent_0.1.0-{}_amd64.deb", "9".repeat(NAME_BYTES_MAX));
        assert_eq!(PackageName::parse(&long), None);
    }

    #[test]
    fn versions_are_ordered_as_numbers() {
        let name = |version: &str| PackageName::parse(&format!("vedetta-agent_{version}_amd64.deb")).unwrap();
        assert_eq!(name("0.10.0").compare(&name("0.9.1")), Ordering::Greater);
        assert_eq!(name("0.10.0~rc.1").compare(&name("0.10.0")), Ordering::Less);
    }
}
