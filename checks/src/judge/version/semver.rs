//! The order of Semantic Versioning 2.0.0, section 11. A leading `v` is allowed, build metadata does not count.

use std::cmp::Ordering;

use super::digits;

/// Order of two semantic versions; none when one breaks the syntax.
pub(super) fn compare(left: &str, right: &str) -> Option<Ordering> {
    let (left, right) = (Parts::of(left)?, Parts::of(right)?);
    let core = left.core.iter().zip(&right.core).map(|(one, other)| digits(one.as_bytes(), other.as_bytes()));
    let by_core = core.into_iter().find(|order| *order != Ordering::Equal).unwrap_or(Ordering::Equal);
    Some(by_core.then_with(|| pre_release(left.pre_release, right.pre_release)))
}

struct Parts<'v> {
    core: [&'v str; 3],
    pre_release: Option<&'v str>,
}

impl<'v> Parts<'v> {
    fn of(version: &'v str) -> Option<Self> {
        let version = version.strip_prefix('v').unwrap_or(version);
        let without_build = version.split_once('+').map_or(version, |(before, _)| before);
        let (core, pre_release) = match without_build.split_once('-') {
            Some((core, pre_release)) => (core, Some(pre_release)),
            None => (without_build, None),
        };
        let mut numbers = core.split('.');
        let core = [numbers.next()?, numbers.next()?, numbers.next()?];
        let is_number = |text: &&str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let identifier =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let fits = numbers.next().is_none()
            && core.iter().all(is_number)
            && pre_release.is_none_or(|text| text.split('.').all(identifier));
        fits.then_some(Self { core, pre_release })
    }
}

fn pre_release(left: Option<&str>, right: Option<&str>) -> Ordering {
    let (left, right) = match (left, right) {
        (None, None) => return Ordering::Equal,
        (None, Some(_)) => return Ordering::Greater,
        (Some(_), None) => return Ordering::Less,
        (Some(left), Some(right)) => (left, right),
    };
    let (mut left, mut right) = (left.split('.'), right.split('.'));
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(one), Some(other)) => identifier(one, other),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

fn identifier(left: &str, right: &str) -> Ordering {
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match (is_number(left), is_number(right)) {
        (true, true) => digits(left.as_bytes(), right.as_bytes()),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => left.cmp(right),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of the standard, rising.
    const RISING: &[&str] = &[
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.beta",
        "1.0.0-beta",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
        "1.0.0-rc.1",
        "1.0.0",
        "1.0.1",
        "1.10.0",
        "2.0.0",
    ];

    #[test]
    fn the_examples_of_the_standard_rise() {
        for pair in RISING.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Some(Ordering::Less), "{} < {}", pair[0], pair[1]);
        }
    }

    #[test]
    fn build_metadata_and_a_leading_v_do_not_count() {
        assert_eq!(compare("1.0.0+a", "v1.0.0+b"), Some(Ordering::Equal));
    }

    #[test]
    fn what_is_no_semantic_version_is_refused() {
        for text in ["", "1", "1.0", "1.0.0.0", "1.0.x", "1.0.0-", "1.0.0-a..b"] {
            assert_eq!(compare(text, "1.0.0"), None, "{text}");
        }
    }
}
