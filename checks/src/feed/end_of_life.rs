//! Until when the makers of products look after their releases: the table of endoflife.date inside a feed.
//!
//! ```text
//! vedetta-feed 1
//! product php
//! 8.2 2024-12-31 2026-12-31 -
//! ```
//!
//! One line a release: its name, the end of active support, the end of security support, the end of a further contract.
//! `-` is not offered or not known, `ended` and `open` stand where the source names no day.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::civil::Date;

use super::packed::{Line, each_line, pack};
use super::{END_OF_LIFE_FILE, FeedError, HEADER};

/// When something ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// On this day.
    On(Date),
    /// It ended; the source names no day.
    Ended,
    /// It has not ended; the source names no day.
    Open,
}

/// The ends of one release of a product; none: not offered, or not known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cycle {
    /// End of active support.
    pub active: Option<End>,
    /// End of security support for everybody.
    pub security: Option<End>,
    /// End of security support under a further contract.
    pub extended: Option<End>,
}

/// Products by name, with their releases by name.
pub type Table = BTreeMap<String, BTreeMap<String, Cycle>>;

/// The packed file of a table, with its name.
///
/// # Errors
/// [`FeedError`] when it would not fit into a pack.
pub fn write(table: &Table) -> Result<(String, Vec<u8>), FeedError> {
    let mut text = format!("{HEADER}\n");
    for (product, cycles) in table {
        // Writing to a String cannot fail; the same holds below.
        let _ = writeln!(text, "product {product}");
        for (cycle, ends) in cycles {
            let [active, security, extended] = [ends.active, ends.security, ends.extended].map(word);
            let _ = writeln!(text, "{cycle} {active} {security} {extended}");
        }
    }
    Ok((END_OF_LIFE_FILE.to_owned(), pack(END_OF_LIFE_FILE, text.as_bytes())?))
}

fn word(end: Option<End>) -> String {
    match end {
        None => "-".to_owned(),
        Some(End::On(day)) => day.to_string(),
        Some(End::Ended) => "ended".to_owned(),
        Some(End::Open) => "open".to_owned(),
    }
}

/// Whether a text can name a product or a release in the table: one word.
#[must_use]
pub fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= super::read::NAME_BYTES_MAX && text.bytes().all(|byte| byte.is_ascii_graphic())
}

pub(super) fn find(file: &str, packed: &[u8], product: &str, cycle: &str) -> Result<Option<Cycle>, FeedError> {
    let mut found = None;
    each(file, packed, |name, release, ends| {
        if name == product && release == cycle {
            found = Some(ends);
        }
    })?;
    Ok(found)
}

pub(super) fn count(file: &str, packed: &[u8]) -> Result<usize, FeedError> {
    let mut count = 0;
    each(file, packed, |_, _, _| count += 1)?;
    Ok(count)
}

fn each(file: &str, packed: &[u8], mut take: impl FnMut(&str, &str, Cycle)) -> Result<(), FeedError> {
    let mut product = String::new();
    each_line(file, packed, |line| {
        if let Some(name) = line.text.strip_prefix("product ") {
            name.clone_into(&mut product);
            return if is_name(name) { Ok(()) } else { Err(line.wrong("this is no name of a product")) };
        }
        let words: Vec<&str> = line.text.split(' ').collect();
        let [release, active, security, extended] = words.as_slice() else {
            return Err(line.wrong("the line must have four words: a release and its three ends"));
        };
        if product.is_empty() {
            return Err(line.wrong("a line `product NAME` must come first"));
        }
        let ends = Cycle { active: end(line, active)?, security: end(line, security)?, extended: end(line, extended)? };
        take(&product, release, ends);
        Ok(())
    })
}

fn end(line: &Line<'_>, word: &str) -> Result<Option<End>, FeedError> {
    Ok(match word {
        "-" => None,
        "ended" => Some(End::Ended),
        "open" => Some(End::Open),
        day => {
            let wrong = || line.wrong(format!("`{day}` is no day, nor `-`, `ended` or `open`"));
            Some(End::On(day.parse().map_err(|_| wrong())?))
        }
    })
}
