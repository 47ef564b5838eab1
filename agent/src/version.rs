//! The version of this program beside the newest that people can get. The agent only says so: packages update it.

use std::cmp::Ordering;

use vedetta_checks::judge::version::VersionKind;

/// The version of this program.
pub const OWN: &str = env!("CARGO_PKG_VERSION");
/// Longest version that is taken from a collector, in bytes.
const TOLD_BYTES_MAX: usize = 64;

/// The version that a collector names, when it is a semantic version (Semantic Versioning 2.0.0); an old collector names
/// none, and anything else is ignored.
#[must_use]
pub fn told(text: &str) -> Option<String> {
    // Build metadata takes no part in the order, so its bytes are not looked at there.
    let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-+".contains(&byte));
    let is_version = text.len() <= TOLD_BYTES_MAX && VersionKind::Semver.compare(text, text).is_some();
    (is_plain && is_version).then(|| text.to_owned())
}

/// The newest version, when it is newer than this program.
#[must_use]
pub fn newer(newest: Option<&str>) -> Option<&str> {
    newest.filter(|newest| VersionKind::Semver.compare(newest, OWN) == Some(Ordering::Greater))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_higher_version_is_newer() {
        assert_eq!(newer(Some("999.0.0")), Some("999.0.0"));
        for told in [Some(OWN), Some("0.0.1"), Some("latest"), None] {
            assert_eq!(newer(told), None, "{told:?}");
        }
    }

    #[test]
    fn what_is_no_version_is_ignored() {
        assert_eq!(told("1.2.3-rc.1"), Some("1.2.3-rc.1".to_owned()));
        for text in
            ["", "1.2", "v", "1.2.3 ", "1.2.3\n", "1.2.3+\u{1b}[2J", &format!("1.2.{}", "3".repeat(TOLD_BYTES_MAX))]
        {
            assert_eq!(told(text), None, "{text:?}");
        }
    }
}
