//! Writing a feed: releases into packed files that fit the wire, and the `pack.yaml` beside them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::civil::Date;

use super::packed::pack;
use super::read::COMMON_ID_START;
use super::{FILE_END, FeedError, HEADER, Mend, Part, Release, SourcePackage, Vulnerability};

/// Longest line that is written, in bytes, but for the one identifier that passes it.
const LINE_BYTES: usize = 4 * 1024;
/// After so many bytes of text a new file begins; packed they are some 200 KiB.
const FILE_TEXT_BYTES: usize = 512 * 1024;
/// Id of the pack that is a feed: there is one, so that a newer one takes its place.
pub const FEED_ID: &str = "vulnerabilities";
/// A day without its strokes.
const DAY_FORMAT: &str = "%Y%m%d";
/// How long a feed is accepted after its day, in days: later it would call safe what is not.
pub const VALID_DAYS: i32 = 90;

/// The packed files of one release, by name.
///
/// # Errors
/// [`FeedError`] when a file would not fit into a pack.
pub fn release(distribution: &str, codename: &str, release: &Release) -> Result<Vec<(String, Vec<u8>)>, FeedError> {
    let lists = [("kev", release.exploited), ("epss", release.chances)];
    let lists: String = lists.into_iter().filter_map(|(name, part)| part_word(name, part)).collect();
    let lists = if lists.is_empty() { " -" } else { &lists };
    let head = format!("{HEADER}\nrelease {distribution} {codename}\nwith{lists}\n");
    let (mut files, mut text) = (Vec::new(), head.clone());
    for (name, source) in &release.sources {
        if text.len() > FILE_TEXT_BYTES {
            files.push(std::mem::replace(&mut text, head.clone()));
        }
        write_source(&mut text, name, source);
    }
    files.push(text);
    let named = files.into_iter().enumerate().map(|(index, text)| {
        let file = format!("{distribution}-{codename}-{}{FILE_END}", index + 1);
        pack(&file, text.as_bytes()).map(|packed| (file, packed))
    });
    named.collect()
}

fn part_word(name: &str, part: Part) -> Option<String> {
    match part {
        Part::Missing => None,
        Part::Undated => Some(format!(" {name}")),
        Part::Of(day) => Some(format!(" {name}:{}", day.strftime(DAY_FORMAT))),
    }
}

fn write_source(text: &mut String, name: &str, source: &SourcePackage) {
    let newest = source.newest.iter().map(|newest| format!(" {newest}")).collect::<String>();
    // Writing to a String cannot fail; the same holds below.
    let _ = writeln!(text, "source {name}{newest}");
    let mut by_mend: BTreeMap<&Mend, Vec<&Vulnerability>> = BTreeMap::new();
    for group in &source.groups {
        by_mend.entry(&group.mend).or_default().extend(&group.vulnerabilities);
    }
    for (mend, mut vulnerabilities) in by_mend {
        vulnerabilities.sort();
        vulnerabilities.dedup_by(|left, right| left.id == right.id);
        let mut length = LINE_BYTES;
        for vulnerability in vulnerabilities {
            if length >= LINE_BYTES {
                end_line(text);
                let start = text.len();
                write_mend(text, mend);
                length = text.len() - start;
            }
            let start = text.len();
            write_vulnerability(text, vulnerability);
            length += text.len() - start;
        }
    }
    end_line(text);
}

fn end_line(text: &mut String) {
    if !text.ends_with('\n') {
        text.push('\n');
    }
}

fn write_mend(text: &mut String, mend: &Mend) {
    match mend {
        Mend::From(version) => {
            let _ = write!(text, "from {version}");
        }
        Mend::Listed { from, available, versions } => {
            let from = from.as_deref().unwrap_or("-");
            let state = if *available { "available" } else { "awaited" };
            let versions = if versions.is_empty() { "-".to_owned() } else { versions.join(",") };
            let _ = write!(text, "listed {from} {state} {versions}");
        }
        Mend::Open => text.push_str("open"),
        Mend::NoAdvisory => text.push_str("no-dsa"),
        Mend::Postponed => text.push_str("postponed"),
        Mend::Ignored => text.push_str("ignored"),
        Mend::Unimportant => text.push_str("unimportant"),
        Mend::EndOfLife => text.push_str("end-of-life"),
    }
}

fn write_vulnerability(text: &mut String, vulnerability: &Vulnerability) {
    let id = vulnerability.id.strip_prefix(COMMON_ID_START).unwrap_or(&vulnerability.id);
    let chance = vulnerability.chance.map(|chance| chance.to_string()).unwrap_or_default();
    let _ = match vulnerability.exploited_due {
        Some(due) => write!(text, " {id}:{chance}:{}", due.strftime(DAY_FORMAT)),
        None if chance.is_empty() => write!(text, " {id}"),
        None => write!(text, " {id}:{chance}"),
    };
}

/// The `pack.yaml` of a feed; `publisher` names those whose data it holds, in one line.
///
/// # Errors
/// When the days lie beyond the calendar.
pub fn head(version: u32, published: Date, publisher: &str) -> Result<String, jiff::Error> {
    let expires = published.checked_add(jiff::Span::new().days(VALID_DAYS))?;
    Ok(format!(
        "id: {FEED_ID}\nkind: feed\nversion: {version}\nlanguage: 1\n\
         title: {{ it: Vulnerabilità note, en: Known vulnerabilities }}\n\
         publisher: {publisher}\n\
         published: {published}\nexpires: {expires}\n"
    ))
}
