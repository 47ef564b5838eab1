//! The tables of releases that the host itself carries (package `distro-info-data`), for days that the shipped table
//! does not have, or has older.

use std::io::Read;

use jiff::Timestamp;
use jiff::civil::Date;

use super::end_of_life::{EndOfLife, last_moment};
use crate::files::Root;
use crate::host::os_release::OsRelease;

/// Folder of the tables, one for each distribution.
const FOLDER: &str = "/usr/share/distro-info";
/// Largest table, in bytes.
const TABLE_BYTES_MAX: u64 = 256 * 1024;
/// Where the package says of which day it is.
const CHANGELOGS: &[&str] =
    &["/usr/share/doc/distro-info-data/changelog.gz", "/usr/share/doc/distro-info-data/changelog.Debian.gz"];
/// How much of the beginning of that text is read, in bytes.
const CHANGELOG_BYTES_MAX: u64 = 16 * 1024;

/// What the host's own table says of its release.
pub(super) struct OwnTable {
    /// Last days of the release.
    pub(super) ends: EndOfLife,
    /// Day of the table, when the package tells it.
    pub(super) date: Option<Date>,
}

/// Looks the release of the host up in its own table; none without a table or a row.
pub(super) fn find(root: &Root, os: &OsRelease) -> Option<OwnTable> {
    let is_word = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !is_word(&os.id) {
        return None;
    }
    let text = root.read_text(&format!("{FOLDER}/{}.csv", os.id), TABLE_BYTES_MAX).ok()?;
    Some(OwnTable { ends: row(&text, os)?, date: date(root) })
}

/// The row of a release, by version or by code name; the columns are those that the first line names.
fn row(text: &str, os: &OsRelease) -> Option<EndOfLife> {
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next()?.split(',').collect();
    let field = |row: &[&str], name: &str| {
        let place = names.iter().position(|other| *other == name)?;
        row.get(place).copied().filter(|value| !value.is_empty()).map(str::to_owned)
    };
    let mut rows = lines.map(|line| line.split(',').collect::<Vec<&str>>());
    let row = rows.find(|row| {
        let version = field(row, "version").unwrap_or_default();
        // `24.04 LTS`
        let version = version.split(' ').next().unwrap_or_default();
        let has_codename =
            !os.version_codename.is_empty() && field(row, "series").as_ref() == Some(&os.version_codename);
        has_codename || (!os.version_id.is_empty() && version == os.version_id)
    })?;
    let day = |name: &str| field(&row, name).and_then(|day| last_moment(&day));
    let standard = day("eol");
    let free = [standard, day("eol-lts"), day("eol-server")].into_iter().flatten().max();
    Some(EndOfLife { standard, free, paid: day("eol-elts").or_else(|| day("eol-esm")) })
}

/// Of which day the table is: that of the newest entry in the package's list of changes.
fn date(root: &Root) -> Option<Date> {
    let file = CHANGELOGS.iter().find_map(|path| root.open(path).ok())?;
    let mut text = Vec::new();
    // A text that is cut at the limit still has its first entry.
    let _ = flate2::read::MultiGzDecoder::new(file).take(CHANGELOG_BYTES_MAX).read_to_end(&mut text).ok()?;
    let text = String::from_utf8_lossy(&text);
    let signed = text.lines().find_map(|line| line.strip_prefix(" -- ")?.split_once(">  ").map(|(_, date)| date))?;
    let moment: Timestamp = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(signed.trim()).ok()?;
    Some(moment.to_zoned(jiff::tz::TimeZone::UTC).date())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_found_by_version_or_code_name() {
        let debian = "version,codename,series,created,release,eol,eol-lts,eol-elts\n\
            12,Bookworm,bookworm,2021-08-14,2023-06-10,2026-07-11,2028-06-30,2033-06-30\n\
            14,Forky,forky,2025-08-09\n";
        let ubuntu = "version,codename,series,created,release,eol,eol-server,eol-esm\n\
            22.04 LTS,Jammy Jellyfish,jammy,2021-10-14,2022-04-21,2027-06-01,2027-06-01,2032-04-09\n";
        let days = |table: &str, version: &str, codename: &str| {
            let os = OsRelease {
                version_id: version.to_owned(),
                version_codename: codename.to_owned(),
                ..OsRelease::default()
            };
            row(table, &os).map(|ends| {
                [ends.standard, ends.free, ends.paid]
                    .map(|at| at.map(|at| at.to_string()[..10].to_owned()).unwrap_or_default())
            })
        };
        let bookworm = ["2026-07-11", "2028-06-30", "2033-06-30"].map(str::to_owned);
        assert_eq!(days(debian, "12", "bookworm"), Some(bookworm.clone()));
        assert_eq!(days(debian, "12", ""), Some(bookworm));
        assert_eq!(days(debian, "", "forky"), Some([const { String::new() }; 3]));
        assert_eq!(days(debian, "", ""), None);
        assert_eq!(days(ubuntu, "22.04", ""), Some(["2027-06-01", "2027-06-01", "2032-04-09"].map(str::to_owned)));
    }
}
