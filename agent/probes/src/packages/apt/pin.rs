//! One pin of the preferences of apt: where it applies, apt_preferences(5).

use super::pattern::Pattern;
use super::release::Release;

/// What a pin for a source is matched against.
#[derive(Debug, Clone, Copy)]
pub(super) struct SourceIdentity<'a> {
    /// What the source says of itself.
    pub(super) release: &'a Release,
    /// Host of its address, empty for a folder; none for the status file of dpkg.
    pub(super) site: Option<&'a str>,
    /// Component of one list of it.
    pub(super) component: &'a str,
    /// Architecture of that list.
    pub(super) architecture: &'a str,
}

/// Where a pin applies.
#[derive(Debug, Clone)]
pub(super) enum Pin {
    /// To every source.
    Everything,
    /// To sources whose release file fits every one of these, of which there is at least one.
    Release(Vec<(ReleaseField, VersionPattern)>),
    /// To sources on a host.
    Origin(Pattern),
    /// To versions that fit.
    Version(VersionPattern),
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
    Architecture,
}

/// What a version, or another word, is compared with: a pattern, or a beginning where the text ends in `*`.
#[derive(Debug, Clone)]
pub(super) struct VersionPattern {
    beginning: Option<String>,
    pattern: Pattern,
}

impl VersionPattern {
    /// Of a version; apt takes a last `*` off and compares the rest both as a beginning and as a pattern.
    fn of_version(text: &str) -> Option<Self> {
        match text.strip_suffix('*') {
            Some(rest) => Some(Self { beginning: Some(rest.to_owned()), pattern: Pattern::parse(rest)? }),
            None => Self::of_word(text),
        }
    }

    /// Of any other word.
    fn of_word(text: &str) -> Option<Self> {
        Some(Self { beginning: None, pattern: Pattern::parse(text)? })
    }

    /// Whether the text fits.
    pub(super) fn matches(&self, text: &str) -> bool {
        let begins = |beginning: &String| {
            let start = text.get(..beginning.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(beginning))
        };
        self.beginning.as_ref().is_some_and(begins) || self.pattern.matches(text)
    }
}

impl Pin {
    /// Parses the value of `Pin`; none when its first word is not known: apt passes over such a pin.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_once([' ', '\t']).unwrap_or((text, ""));
        let rest = rest.trim();
        match kind.to_ascii_lowercase().as_str() {
            "release" => Some(Self::parse_release(rest)),
            "origin" => {
                let bare = rest.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')).unwrap_or(rest);
                Some(Pattern::parse(bare).map_or(Self::Nothing, Self::Origin))
            }
            "version" => Some(VersionPattern::of_version(rest).map_or(Self::Nothing, Self::Version)),
            _unknown => None,
        }
    }

    /// Parses what follows `release`: `n=bookworm,l=Debian`, a bare suite or version, or `*`.
    pub(super) fn parse_release(text: &str) -> Self {
        if text == "*" {
            return Self::Everything;
        }
        let fields = if text.contains('=') { parse_fields(text) } else { parse_bare(text) };
        match fields {
            Some(fields) if !fields.is_empty() => Self::Release(fields),
            Some(_) | None => Self::Nothing,
        }
    }

    /// Whether it applies to everything that a source offers.
    pub(super) fn matches_source(&self, source: &SourceIdentity<'_>) -> bool {
        match self {
            Self::Everything => true,
            Self::Release(fields) => fields.iter().all(|(field, pattern)| field.matches(pattern, source)),
            Self::Origin(pattern) => source.site.is_some_and(|site| pattern.matches(site)),
            Self::Version(_) | Self::Nothing => false,
        }
    }
}

fn parse_bare(text: &str) -> Option<Vec<(ReleaseField, VersionPattern)>> {
    if text.is_empty() {
        return None;
    }
    let parsed = if text.starts_with(|first: char| first.is_ascii_digit()) {
        (ReleaseField::Version, VersionPattern::of_version(text)?)
    } else {
        (ReleaseField::ArchiveOrCodename, VersionPattern::of_word(text)?)
    };
    Some(vec![parsed])
}

/// `n=bookworm,l=Debian`; an unknown letter is passed over, and of one letter the last counts, as apt has it.
fn parse_fields(text: &str) -> Option<Vec<(ReleaseField, VersionPattern)>> {
    let mut fields: Vec<(ReleaseField, VersionPattern)> = Vec::new();
    for part in text.split(',') {
        let Some((name, value)) = part.trim().split_once('=').filter(|(_, value)| !value.is_empty()) else { continue };
        let field = match name.to_ascii_lowercase().as_str() {
            "v" => ReleaseField::Version,
            "o" => ReleaseField::Origin,
            "a" => ReleaseField::Archive,
            "n" => ReleaseField::Codename,
            "l" => ReleaseField::Label,
            "c" => ReleaseField::Component,
            "b" => ReleaseField::Architecture,
            _unknown => continue,
        };
        let pattern = match field {
            ReleaseField::Version => VersionPattern::of_version(value)?,
            ReleaseField::Origin
            | ReleaseField::Archive
            | ReleaseField::Codename
            | ReleaseField::ArchiveOrCodename
            | ReleaseField::Label
            | ReleaseField::Component
            | ReleaseField::Architecture => VersionPattern::of_word(value)?,
        };
        fields.retain(|(other, _)| *other != field);
        fields.push((field, pattern));
    }
    Some(fields)
}

impl ReleaseField {
    fn matches(self, pattern: &VersionPattern, source: &SourceIdentity<'_>) -> bool {
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
            Self::Architecture => said(source.architecture),
        }
    }
}
