//! One pin of the preferences of apt: where it applies, apt_preferences(5).

use super::pattern::Pattern;
use super::release::Release;

/// What a pin for a source is matched against.
#[derive(Debug, Clone, Copy)]
pub(super) struct SourceIdentity<'a> {
    /// What the source says of itself.
    pub(super) release: &'a Release,
    /// Host of its address; empty for a folder.
    pub(super) site: &'a str,
    /// Component of one list of it.
    pub(super) component: &'a str,
}

/// Where a pin applies.
#[derive(Debug, Clone)]
pub(super) enum Pin {
    /// To sources whose release file fits every one of these.
    Release(Vec<(ReleaseField, Pattern)>),
    /// To sources on a host.
    Origin(Pattern),
    /// To versions that fit.
    Version(Pattern),
    /// To nothing: its pattern is no valid expression.
    Nothing,
}

/// A field of a release that a pin may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReleaseField {
    Version,
    Origin,
    Archive,
    Codename,
    ArchiveOrCodename,
    Label,
    Component,
}

impl Pin {
    /// Parses the value of `Pin`; none when its first word is not known.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_once([' ', '\t'])?;
        let rest = rest.trim();
        match kind {
            "release" => Some(Self::parse_release(rest).unwrap_or(Self::Nothing)),
            "origin" => Some(Pattern::parse(rest.trim_matches('"')).map_or(Self::Nothing, Self::Origin)),
            "version" => Some(Pattern::parse(rest).map_or(Self::Nothing, Self::Version)),
            _unknown => None,
        }
    }

    /// Parses what follows `release`: `n=bookworm,l=Debian`, a bare suite or version, or `*`.
    pub(super) fn parse_release(text: &str) -> Option<Self> {
        if !text.contains('=') {
            let field = if text.starts_with(|first: char| first.is_ascii_digit()) {
                ReleaseField::Version
            } else {
                ReleaseField::ArchiveOrCodename
            };
            return match text {
                "*" => Some(Self::Release(Vec::new())),
                _ => Some(Self::Release(vec![(field, Pattern::parse(text)?)])),
            };
        }
        let mut fields = Vec::new();
        for part in text.split(',') {
            let (name, value) = part.trim().split_once('=')?;
            let field = match name.trim() {
                "v" => ReleaseField::Version,
                "o" => ReleaseField::Origin,
                "a" => ReleaseField::Archive,
                "n" => ReleaseField::Codename,
                "l" => ReleaseField::Label,
                "c" => ReleaseField::Component,
                // The architecture of the list: no source of ours mixes several in one pin.
                "b" => continue,
                _unknown => return None,
            };
            fields.push((field, Pattern::parse(value.trim())?));
        }
        Some(Self::Release(fields))
    }

    /// Whether it applies to everything that a source offers.
    pub(super) fn matches_source(&self, source: &SourceIdentity<'_>) -> bool {
        match self {
            Self::Release(fields) => fields.iter().all(|(field, pattern)| field.matches(pattern, source)),
            Self::Origin(pattern) => pattern.matches(source.site),
            Self::Version(_) | Self::Nothing => false,
        }
    }
}

impl ReleaseField {
    fn matches(self, pattern: &Pattern, source: &SourceIdentity<'_>) -> bool {
        let release = source.release;
        let said = |text: &str| !text.is_empty() && pattern.matches(text);
        match self {
            Self::Version => said(&release.version),
            Self::Origin => said(&release.origin),
            Self::Archive => said(&release.suite),
            Self::Codename => said(&release.codename),
            Self::ArchiveOrCodename => said(&release.suite) || said(&release.codename),
            Self::Label => said(&release.label),
            Self::Component => said(source.component),
        }
    }
}
