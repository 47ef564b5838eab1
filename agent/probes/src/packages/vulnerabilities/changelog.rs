//! What the changelog of an installed package says it mended: the proof, on the host itself, that a fix was taken back
//! into an older version.
//!
//! deb-changelog(5): entries from the newest to the oldest, each with a head `name (version) ...`, items, and an end with
//! the day. The newest item that speaks of a vulnerability decides: a fix that was taken out again is none.

use std::collections::BTreeSet;
use std::io::{BufRead, Read as _};

use super::super::version::version_less;

/// Longest line that is read, in bytes; a longer one ends the reading.
const LINE_BYTES_MAX: u64 = 64 * 1024;
/// How far before its own year a vulnerability may have been mended, in years: numbers are given out in advance.
const YEARS_BEFORE: i32 = 1;
/// Words of an item by which a fix was taken out again or never held.
const AGAINST: &[&str] = &[
    "revert",
    "reintroduce",
    "not fix",
    "n't fix",
    "cannot fix",
    "unfixed",
    "not yet fix",
    "not yet address",
    "not address",
    "not mitigate",
    "still vulnerable",
    "still affected",
    "remains open",
    "remains vulnerable",
    "disable the fix",
    "drop the fix",
    "remove the fix",
    "back out",
    "backed out",
    "incomplete fix",
    "incomplete patch",
    "partial fix",
    "partial mitigation",
    "partially fix",
    "partially address",
    "partially mitigate",
];
/// Words of an item that names a vulnerability without mending it there.
const BESIDE: &[&str] = &[
    "regression",
    "not affect",
    "n't affect",
    "not vulnerable",
    "unaffected",
    "follow-up",
    "drop cve",
    "drop patch",
    "remove cve",
    "remove patch",
    "document cve",
    "mention cve",
    "test for cve",
    "tests for cve",
    "test case for cve",
];

/// Whose changelog it is, as installed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owner<'a> {
    /// Name of its source package.
    pub(super) source: &'a str,
    /// Version of that source package.
    pub(super) version: &'a str,
}

/// Which of the wanted identifiers the changelog names as mended up to the installed version.
///
/// What cannot be read proves nothing: the reading ends there.
pub(super) fn mended(mut reader: impl BufRead, owner: Owner<'_>, wanted: &BTreeSet<&str>) -> BTreeSet<String> {
    let oldest_year = wanted.iter().filter_map(|id| year(id)).min().unwrap_or(i32::MAX);
    let mut reading = Reading { owner, wanted, decided: BTreeSet::new(), mended: BTreeSet::new(), item: String::new() };
    let (mut line, mut is_own_entry) = (Vec::new(), false);
    while reading.decided.len() < wanted.len() {
        line.clear();
        match reader.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line) {
            Ok(read) if read > 0 && line.ends_with(b"\n") => {}
            // The end, or a line that has none.
            Ok(_) | Err(_) => {
                reading.close(is_own_entry);
                break;
            }
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end();
        if text.starts_with(" -- ") {
            reading.close(is_own_entry);
            if year_of_end(text).is_some_and(|year| year < oldest_year.saturating_sub(YEARS_BEFORE)) {
                break;
            }
        } else if text.starts_with(|first: char| first.is_ascii_alphanumeric()) {
            reading.close(is_own_entry);
            is_own_entry = reading.is_own(text);
        } else {
            let trimmed = text.trim_start();
            if trimmed.is_empty() || ["*", "-", "+"].iter().any(|mark| trimmed.starts_with(mark)) {
                reading.close(is_own_entry);
            }
            reading.item.push_str(trimmed);
            reading.item.push(' ');
        }
    }
    reading.mended
}

struct Reading<'a> {
    owner: Owner<'a>,
    wanted: &'a BTreeSet<&'a str>,
    /// Identifiers of which the newest item that decides was read.
    decided: BTreeSet<String>,
    mended: BTreeSet<String>,
    item: String,
}

impl Reading<'_> {
    /// Whether the head of an entry is that of the installed source package, up to the installed version.
    fn is_own(&self, head: &str) -> bool {
        let Some((name, rest)) = head.split_once(" (") else { return false };
        let Some((version, _)) = rest.split_once(')') else { return false };
        if name == self.owner.source {
            return !version_less(self.owner.version, version);
        }
        // The signed copy of a kernel carries the kernel's own changelog, and `+` where the kernel's version has `-`.
        let is_signed_copy = name.starts_with(&format!("{}-signed", self.owner.source));
        let of_kernel = version.rsplit_once('+').map(|(upstream, revision)| format!("{upstream}-{revision}"));
        is_signed_copy && of_kernel.is_some_and(|of_kernel| !version_less(self.owner.version, &of_kernel))
    }

    /// Judges the item that ends here.
    fn close(&mut self, is_own_entry: bool) {
        let item = std::mem::take(&mut self.item);
        if !is_own_entry || !item.contains("CVE-") {
            return;
        }
        let lower = item.to_ascii_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
        let (is_against, is_beside) = (says(AGAINST), says(BESIDE));
        if is_beside && !is_against {
            return;
        }
        for id in identifiers(&item) {
            if self.wanted.contains(id) && self.decided.insert(id.to_owned()) && !is_against {
                self.mended.insert(id.to_owned());
            }
        }
    }
}

/// Every `CVE-2024-6387` in a text.
fn identifiers(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("CVE-").filter_map(|(at, start)| {
        let rest = text.get(at + start.len()..)?;
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let year = digits(rest);
        let number = digits(rest.get(year..)?.strip_prefix('-')?);
        let length = start.len() + year + 1 + number;
        (year == 4 && number >= 4).then(|| text.get(at..at + length)).flatten()
    })
}

fn year(id: &str) -> Option<i32> {
    id.strip_prefix("CVE-")?.get(..4)?.parse().ok()
}

/// The year of ` -- Name <address>  Mon, 01 Jan 2024 10:00:00 +0100`.
fn year_of_end(line: &str) -> Option<i32> {
    line.rsplit_once("  ")?.1.split_ascii_whitespace().nth(3)?.parse().ok()
}

/// The seam of the fuzz targets: any bytes as an unpacked changelog.
pub fn fuzz(bytes: &[u8]) {
    let owner = Owner { source: "a", version: "1.0-1" };
    let _ = mended(bytes, owner, &BTreeSet::from(["CVE-2024-6387", "CVE-2023-4911"]));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A changelog, newest entry first; what it says is made up, its form is deb-changelog(5)'s.
    const CHANGELOG: &str = "\
exim4 (4.96-15+deb12u9) bookworm; urgency=medium

  * Take CVE-2024-0009 in.

 -- Some Body <body@example.org>  Mon, 02 Mar 2026 10:00:00 +0100

exim4 (4.96-15+deb12u3) bookworm-security; urgency=high

  * Backport fixes from 4.96.2 (closes: #1):
    - CVE-2023-42115: write beyond a buffer,
      and CVE-2023-42116 with it
    - Revert the patch for CVE-2023-0001, it broke mail.
    - This update does not fix CVE-2023-0010, nor
      CVE-2023-0011.
    - A partial fix of CVE-2023-0012.
  * Mend a regression of the fix for CVE-2023-0002.
  * Note that this version is not affected by CVE-2023-0003.
  * Document CVE-2023-0013 in NEWS, and drop CVE-2023-0014.patch.

 -- Some Body <body@example.org>  Sun, 01 Oct 2023 10:00:00 +0200

exim4 (4.96-15+deb12u2) bookworm; urgency=medium

  * CVE-2023-0001, CVE-2023-0002.

 -- Some Body <body@example.org>  Thu, 01 Jun 2023 10:00:00 +0200

other (1.0-1) unstable; urgency=medium

  * CVE-2023-0004.

 -- Some Body <body@example.org>  Mon, 02 Jan 2023 10:00:00 +0200

exim4 (4.90-1) unstable; urgency=medium

  * CVE-2023-0005 mended years before it had a number.

 -- Some Body <body@example.org>  Mon, 02 Jan 2017 10:00:00 +0200

exim4 (4.80-1) unstable; urgency=medium

  * CVE-2023-0006.
";

    #[test]
    fn the_newest_item_that_speaks_of_a_vulnerability_decides() {
        for (id, expected, why) in [
            ("CVE-2023-42115", true, "an item names it"),
            ("CVE-2023-42116", true, "the second line of an item names it"),
            ("CVE-2023-4211", false, "it is the begin of another number"),
            ("CVE-2023-0001", false, "its fix was taken out again"),
            ("CVE-2023-0002", true, "a later regression does not undo it"),
            ("CVE-2023-0003", false, "it was named without being mended"),
            ("CVE-2023-0004", false, "another package mended it"),
            ("CVE-2023-0005", true, "an older entry of the package names it"),
            ("CVE-2023-0006", false, "it stands behind an end that is too old"),
            ("CVE-2023-0010", false, "an item says that it is not mended"),
            ("CVE-2023-0011", false, "the second line of such an item names it"),
            ("CVE-2023-0012", false, "only a part was mended"),
            ("CVE-2023-0013", false, "it is only mentioned"),
            ("CVE-2023-0014", false, "a patch that went away proves nothing"),
            ("CVE-2024-0009", false, "a version above the installed one names it"),
            ("CVE-2023-9999", false, "nothing names it"),
        ] {
            let owner = Owner { source: "exim4", version: "4.96-15+deb12u3" };
            let found = mended(CHANGELOG.as_bytes(), owner, &[id].into());
            assert_eq!(found.contains(id), expected, "{id}: {why}");
        }
    }

    #[test]
    fn the_changelog_of_a_signed_kernel_is_that_of_the_kernel() {
        let text = "linux-signed-amd64 (6.1.76+1) bookworm; urgency=medium\n\n  * Sign kernel from linux 6.1.76-1\n\n  \
            * netfilter: nf_tables: reject verdicts (CVE-2024-1086)\n";
        for (version, count) in [("6.1.76-1", 1), ("6.1.69-1", 0)] {
            let owner = Owner { source: "linux", version };
            assert_eq!(mended(text.as_bytes(), owner, &["CVE-2024-1086"].into()).len(), count, "{version}");
        }
    }

    #[test]
    fn a_line_without_end_ends_the_reading() {
        let text = format!("a (1) b; c=d\n\n  * {} CVE-2023-0001\n", "x".repeat(70_000));
        let owner = Owner { source: "a", version: "1" };
        assert!(mended(text.as_bytes(), owner, &["CVE-2023-0001"].into()).is_empty());
    }
}
