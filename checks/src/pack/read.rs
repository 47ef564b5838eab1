//! From the files of a pack to the pack: the rules that no probe is needed for.

use std::sync::Arc;

use jiff::civil::Date;

use crate::feed::Feed;
use crate::language::Localised;
use crate::parallel;
use crate::result::PackDigest;

use super::error::PackError;
use super::files::{PACK_FILE, PackFiles};
use super::raw::{RawKind, RawPack};
use super::read_check::check;
use super::read_newer::{self, AnyCheck, ChecksSeed};
use super::source::{Path, Source};
use super::{CHECKS_MAX, Cap, Check, Pack, manifest};

/// Longest text of a title, in bytes.
pub(crate) const TITLE_BYTES_MAX: usize = 160;
/// Longest text of `why` and `fix`, in bytes.
pub(crate) const PROSE_BYTES_MAX: usize = 2 * 1024;
/// Longest publisher, source or reference, in bytes.
pub(crate) const LINE_BYTES_MAX: usize = 256;

pub(super) fn pack(files: &PackFiles) -> Result<Pack, PackError> {
    let head = files.get(PACK_FILE).ok_or(PackError::NoPackFile)?;
    let source = Source::read(PACK_FILE, head)?;
    let raw = read_newer::head(&source)?;
    let kind = raw.kind;
    let mut pack = head_of(&source, raw)?;
    let listed: Vec<(&str, &[u8])> = files.listed().filter(|(path, _)| *path != PACK_FILE).collect();
    match kind {
        RawKind::Checks => add_checks(&mut pack, &source, &listed)?,
        RawKind::Feed => {
            if listed.is_empty() {
                return Err(
                    source.error(&Path::Top, "the feed has no files; `vedetta-collector feed build` makes them")
                );
            }
            pack.feed = Some(Arc::new(Feed::of_pack(pack.published, listed.into_iter())?));
        }
    }
    pack.digest = manifest::digest(&pack, files);
    Ok(pack)
}

fn add_checks(pack: &mut Pack, head: &Source, listed: &[(&str, &[u8])]) -> Result<(), PackError> {
    for read in parallel::map(listed, |(path, bytes)| read_checks(path, bytes)) {
        let (source, checks) = read?;
        for (index, check) in checks.into_iter().enumerate() {
            refuse_clashes(pack, &source, &Path::Top.item(index), &check)?;
            pack.checks.push(check);
        }
    }
    if pack.checks.is_empty() {
        return Err(head.error(&Path::Top, "the pack has no checks; add a file such as tls.yaml beside pack.yaml"));
    }
    Ok(())
}

fn head_of(source: &Source, raw: RawPack) -> Result<Pack, PackError> {
    let top = Path::Top;
    if raw.language == 0 {
        return Err(source.error(&top.key("language"), "versions of the language start at 1"));
    }
    if raw.version == 0 {
        return Err(source.error(&top.key("version"), "versions start at 1"));
    }
    localised(source, &top.key("title"), &raw.title, TITLE_BYTES_MAX)?;
    line(source, &top.key("publisher"), &raw.publisher)?;
    let published = day(source, &top.key("published"), &raw.published)?;
    let expires = day(source, &top.key("expires"), &raw.expires)?;
    if expires <= published {
        return Err(source.error(&top.key("expires"), "it must be after `published`"));
    }
    let list = top.key("caps");
    let mut caps: Vec<Cap> = Vec::new();
    for (index, cap) in raw.caps.into_iter().enumerate() {
        let item = list.item(index);
        if cap.ceiling > 100 {
            return Err(source.error(&item.key("ceiling"), "a ceiling is between 0 and 100"));
        }
        if caps.iter().any(|earlier| earlier.name == cap.name) {
            return Err(source.error(&item.key("name"), format!("the cap `{}` stands twice", cap.name)));
        }
        localised(source, &item.key("title"), &cap.title, TITLE_BYTES_MAX)?;
        caps.push(Cap { name: cap.name, ceiling: cap.ceiling, title: cap.title });
    }
    Ok(Pack {
        id: raw.id,
        version: raw.version,
        language: raw.language,
        title: raw.title,
        publisher: raw.publisher,
        published,
        expires,
        caps,
        retired: raw.retired,
        checks: Vec::new(),
        feed: None,
        digest: PackDigest::from_bytes([0; 32]),
    })
}

fn read_checks(path: &str, bytes: &[u8]) -> Result<(Source, Vec<Check>), PackError> {
    if !path.ends_with(".yaml") {
        let problem = "a pack holds YAML files only (ending in .yaml)".to_owned();
        return Err(PackError::File { path: path.to_owned(), problem });
    }
    let source = Source::read(path, bytes)?;
    let mut checks = Vec::new();
    for (index, raw) in source.typed(ChecksSeed(&source))?.into_iter().enumerate() {
        let item = Path::Top.item(index);
        checks.push(match raw {
            AnyCheck::Known(raw) => check(&source, &item, *raw)?,
            AnyCheck::Newer(raw) => read_newer::check(&source, &item, *raw)?,
        });
    }
    Ok((source, checks))
}

/// What a check may not share with the rest of its pack.
fn refuse_clashes(pack: &Pack, source: &Source, item: &Path<'_>, check: &Check) -> Result<(), PackError> {
    if let Some(earlier) = pack.check(&check.id) {
        let problem = format!("the check `{}` stands already at {}", check.id, earlier.place);
        return Err(source.error(&item.key("id"), problem));
    }
    if pack.retired.contains(&check.id) {
        let problem = format!("`{}` is a retired id; a new check needs a new id", check.id);
        return Err(source.error(&item.key("id"), problem));
    }
    if let Some(cap) = check.cap.as_ref().filter(|cap| pack.cap(cap).is_none()) {
        return Err(source.error(&item.key("cap"), format!("pack.yaml declares no cap `{cap}`")));
    }
    if pack.checks.len() >= CHECKS_MAX {
        return Err(source.error(item, format!("a pack holds at most {CHECKS_MAX} checks")));
    }
    Ok(())
}

/// Refuses a text that is empty in one language or too long.
pub(super) fn localised(source: &Source, path: &Path<'_>, text: &Localised, bytes_max: usize) -> Result<(), PackError> {
    for (key, text) in [("it", &text.it), ("en", &text.en)] {
        if text.trim().is_empty() {
            return Err(source.error(&path.key(key), "the text is empty; both languages are needed"));
        }
        if text.len() > bytes_max {
            let problem = format!("the text is {} bytes long, the limit is {bytes_max}", text.len());
            return Err(source.error(&path.key(key), problem));
        }
    }
    Ok(())
}

/// Refuses a line that is empty or too long.
pub(super) fn line(source: &Source, path: &Path<'_>, text: &str) -> Result<(), PackError> {
    if text.trim().is_empty() || text.len() > LINE_BYTES_MAX {
        return Err(source.error(path, format!("the text must have 1 to {LINE_BYTES_MAX} bytes")));
    }
    Ok(())
}

/// Reads a day such as `2026-11-21`.
pub(super) fn day(source: &Source, path: &Path<'_>, text: &str) -> Result<Date, PackError> {
    text.parse().map_err(|_| source.error(path, format!("`{text}` is no day; write it as 2026-11-21")))
}
