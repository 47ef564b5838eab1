//! Reading one file of a release: as a stream, keeping only the source packages that somebody asked for.

use jiff::civil::Date;

use super::packed::{Line, each_line};
use super::{FeedError, Group, Mend, Part, Release, SourcePackage, Vulnerability};
use crate::judge::version::VersionKind;

/// Most vulnerabilities that are kept of one release; Debian has some 50,000.
pub const VULNERABILITIES_MAX: usize = 200_000;
/// Longest identifier of a vulnerability and longest name of a source package, in bytes.
pub const NAME_BYTES_MAX: usize = 64;
/// What is left out before the identifiers of the common kind.
pub(super) const COMMON_ID_START: &str = "CVE-";
/// Highest chance of exploitation: certainty, in parts of 10,000.
pub const CHANCE_MAX: u16 = 10_000;

/// Adds what one file says of the wanted source packages.
///
/// # Errors
/// [`FeedError`] names the file and the line.
pub fn release(
    file: &str,
    packed: &[u8],
    (distribution, codename): (&str, &str),
    wanted: &dyn Fn(&str) -> bool,
    into: &mut Release,
) -> Result<(), FeedError> {
    let own = format!("release {distribution} {codename}");
    let mut kept: usize =
        into.sources.values().flat_map(|source| &source.groups).map(|g| g.vulnerabilities.len()).sum();
    let (mut is_own, mut has_lists, mut current): (bool, bool, Option<(String, SourcePackage)>) = (false, false, None);
    // Whether a source package began at all; one that nobody wants is passed over.
    let mut has_source = false;
    each_line(file, packed, |line| {
        if !is_own {
            is_own = line.text == own;
            return if is_own { Ok(()) } else { Err(line.wrong(format!("the second line must be `{own}`"))) };
        }
        if !has_lists {
            has_lists = true;
            return lists(line, into);
        }
        if let Some(rest) = line.text.strip_prefix("source ") {
            keep(into, current.take());
            has_source = true;
            let (name, source) = source(line, rest)?;
            if into.sources.contains_key(&name) {
                return Err(line.wrong(format!("the source package `{name}` stands twice")));
            }
            current = wanted(&name).then_some((name, source));
            return Ok(());
        }
        if !has_source {
            return Err(line.wrong("a line `source NAME` must come first"));
        }
        if let Some((_, source)) = &mut current {
            let group = group(line)?;
            kept += group.vulnerabilities.len();
            if kept > VULNERABILITIES_MAX {
                return Err(line.wrong(format!("more than {VULNERABILITIES_MAX} vulnerabilities")));
            }
            source.groups.push(group);
        }
        Ok(())
    })?;
    keep(into, current);
    if is_own {
        Ok(())
    } else {
        Err(FeedError::File { file: file.to_owned(), problem: format!("has no line `{own}`") })
    }
}

/// The line `with kev:20240712 epss` of the lists that went into the feed, with their days; `with -` of none.
fn lists(line: &Line<'_>, into: &mut Release) -> Result<(), FeedError> {
    let words = line.text.strip_prefix("with ").ok_or_else(|| line.wrong("the third line must be `with kev epss`"))?;
    for word in words.split(' ') {
        let (name, day) = word.split_once(':').map_or((word, None), |(name, day)| (name, Some(day)));
        let wrong = || line.wrong(format!("`{word}` is no list; write kev, epss or kev:20240712"));
        let day = day.map(|day| compact_day(day).ok_or_else(wrong)).transpose()?;
        match name {
            "kev" => into.exploited = Part::given(day),
            "epss" => into.chances = Part::given(day),
            "-" => {}
            _other => return Err(wrong()),
        }
    }
    Ok(())
}

fn keep(into: &mut Release, source: Option<(String, SourcePackage)>) {
    if let Some((name, source)) = source {
        into.sources.insert(name, source);
    }
}

fn source(line: &Line<'_>, rest: &str) -> Result<(String, SourcePackage), FeedError> {
    let (name, newest) = rest.split_once(' ').map_or((rest, None), |(name, newest)| (name, Some(newest)));
    if !is_source_name(name) {
        return Err(line.wrong("this is no name of a source package"));
    }
    let newest = newest.map(|newest| version(line, newest)).transpose()?;
    Ok((name.to_owned(), SourcePackage { newest, groups: Vec::new() }))
}

/// Whether a text can be the name of a source package: deb-src-control(5).
#[must_use]
pub fn is_source_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+-.".contains(&byte);
    !name.is_empty() && name.len() <= NAME_BYTES_MAX && name.bytes().all(fits)
}

/// Whether a text is a version of Debian, deb-version(7).
#[must_use]
pub fn is_version(text: &str) -> bool {
    VersionKind::Dpkg.compare(text, text).is_some()
}

fn version(line: &Line<'_>, text: &str) -> Result<String, FeedError> {
    if is_version(text) { Ok(text.to_owned()) } else { Err(line.wrong(format!("`{text}` is no version of Debian"))) }
}

fn group(line: &Line<'_>) -> Result<Group, FeedError> {
    let mut words = line.text.split(' ');
    let mend = match words.next().unwrap_or_default() {
        "from" => Mend::From(version(line, words.next().unwrap_or_default())?),
        "listed" => listed(line, &mut words)?,
        "open" => Mend::Open,
        "no-dsa" => Mend::NoAdvisory,
        "postponed" => Mend::Postponed,
        "ignored" => Mend::Ignored,
        "unimportant" => Mend::Unimportant,
        "end-of-life" => Mend::EndOfLife,
        other => return Err(line.wrong(format!("`{other}` is no word that begins a line"))),
    };
    let vulnerabilities = words.map(|word| vulnerability(line, word)).collect::<Result<Vec<_>, _>>()?;
    if vulnerabilities.is_empty() {
        return Err(line.wrong("the line names no vulnerability"));
    }
    Ok(Group { mend, vulnerabilities })
}

fn listed<'a>(line: &Line<'_>, words: &mut impl Iterator<Item = &'a str>) -> Result<Mend, FeedError> {
    let from = words.next().filter(|word| *word != "-").map(|word| version(line, word)).transpose()?;
    let available = match words.next() {
        Some("available") => true,
        Some("awaited") => false,
        _other => return Err(line.wrong("the third word must be `available` or `awaited`")),
    };
    let versions = match words.next() {
        None => return Err(line.wrong("the fourth word must list versions, or be `-`")),
        Some("-") => Vec::new(),
        Some(all) => all.split(',').map(|text| version(line, text)).collect::<Result<_, _>>()?,
    };
    Ok(Mend::Listed { from, available, versions })
}

fn vulnerability(line: &Line<'_>, word: &str) -> Result<Vulnerability, FeedError> {
    let wrong = || line.wrong(format!("`{word}` is no vulnerability; write 2024-6387, 2024-6387:4312 or with a day"));
    let mut parts = word.splitn(3, ':');
    let id = parts.next().unwrap_or_default();
    let id = if id.starts_with(|first: char| first.is_ascii_digit()) {
        format!("{COMMON_ID_START}{id}")
    } else {
        id.to_owned()
    };
    if !is_id(&id) {
        return Err(wrong());
    }
    let chance = match parts.next() {
        None | Some("") => None,
        Some(text) => Some(text.parse().ok().filter(|chance| *chance <= CHANCE_MAX).ok_or_else(wrong)?),
    };
    let exploited_due = parts.next().map(|text| compact_day(text).ok_or_else(wrong)).transpose()?;
    Ok(Vulnerability { id, chance, exploited_due })
}

/// Whether a text is an identifier of a vulnerability that a feed carries.
#[must_use]
pub fn is_id(id: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if id.len() > NAME_BYTES_MAX {
        return false;
    }
    match id.strip_prefix(COMMON_ID_START) {
        Some(rest) => {
            rest.split_once('-').is_some_and(|(year, number)| year.len() == 4 && is_number(year) && is_number(number))
        }
        None => id.strip_prefix("TEMP-").is_some_and(|rest| {
            !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        }),
    }
}

/// A day without its strokes: `20240722`.
fn compact_day(text: &str) -> Option<Date> {
    let is_compact = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    let part = |range| text.get::<std::ops::Range<usize>>(range).filter(|_| is_compact);
    Date::new(part(0..4)?.parse().ok()?, part(4..6)?.parse().ok()?, part(6..8)?.parse().ok()?).ok()
}
