//! Rows of the shipped tables: comment lines, one line of names, then rows of fields without quotes.

/// The rows of a table as fields.
pub(super) fn rows(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines().filter(|line| !line.starts_with('#')).skip(1).map(|line| line.split(',').collect())
}
