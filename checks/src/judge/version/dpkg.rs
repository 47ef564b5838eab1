//! Debian's order: deb-version(7), section "Sorting algorithm".

use std::cmp::Ordering;

use super::{digits, take};

/// Order of two Debian versions; none when one breaks the syntax.
pub(super) fn compare(left: &str, right: &str) -> Option<Ordering> {
    let (left, right) = (Parts::of(left)?, Parts::of(right)?);
    let by_epoch = left.epoch.cmp(&right.epoch);
    Some(by_epoch.then_with(|| part(left.upstream, right.upstream)).then_with(|| part(left.revision, right.revision)))
}

struct Parts<'v> {
    epoch: u32,
    upstream: &'v [u8],
    revision: &'v [u8],
}

impl<'v> Parts<'v> {
    fn of(version: &'v str) -> Option<Self> {
        let (epoch, rest) = match version.split_once(':') {
            Some((epoch, rest)) => (epoch.parse().ok()?, rest),
            None => (0, version),
        };
        let (upstream, revision) = rest.rsplit_once('-').unwrap_or((rest, ""));
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'+' | b'-' | b'~' | b':');
        let fits = !upstream.is_empty() && rest.bytes().all(allowed);
        fits.then_some(Self { epoch, upstream: upstream.as_bytes(), revision: revision.as_bytes() })
    }
}

/// Compares alternating runs of non-digits and digits.
fn part(mut left: &[u8], mut right: &[u8]) -> Ordering {
    while !left.is_empty() || !right.is_empty() {
        let (left_text, left_rest) = take(left, |byte| !byte.is_ascii_digit());
        let (right_text, right_rest) = take(right, |byte| !byte.is_ascii_digit());
        let (left_number, left_after) = take(left_rest, u8::is_ascii_digit);
        let (right_number, right_after) = take(right_rest, u8::is_ascii_digit);
        let order = text(left_text, right_text).then_with(|| digits(left_number, right_number));
        if order != Ordering::Equal {
            return order;
        }
        (left, right) = (left_after, right_after);
    }
    Ordering::Equal
}

/// `~` sorts before everything, even the end; letters before all else that is no letter.
fn text(left: &[u8], right: &[u8]) -> Ordering {
    let weight = |byte: Option<&u8>| -> i32 {
        match byte {
            None => 0,
            Some(b'~') => -1,
            Some(letter) if letter.is_ascii_alphabetic() => i32::from(*letter),
            Some(other) => i32::from(*other) + 256,
        }
    };
    (0..left.len().max(right.len()))
        .map(|index| weight(left.get(index)).cmp(&weight(right.get(index))))
        .find(|order| *order != Ordering::Equal)
        .unwrap_or(Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each line: the smaller version, then the greater.
    const RISING: &[(&str, &str)] = &[
        ("1.0~beta1", "1.0"),
        ("1.0~~", "1.0~~a"),
        ("1.0~~a", "1.0~"),
        ("1.0~", "1.0"),
        ("1.0", "1.0a"),
        ("1.0a", "1.0+1"),
        ("1.2.9", "1.2.10"),
        ("9", "1:0"),
        ("1.0-1", "1.0-1+deb12u1"),
        ("1.0-1~bpo12+1", "1.0-1"),
        ("2.36-9+deb12u9", "2.36-9+deb12u10"),
        ("1.0", "1.0-1"),
        ("6.1.0-18", "6.1.0-21"),
        ("99999999999999999999998", "99999999999999999999999"),
    ];

    #[test]
    fn debian_versions_are_ordered_as_in_the_manual() {
        for (less, more) in RISING {
            assert_eq!(compare(less, more), Some(Ordering::Less), "{less} < {more}");
            assert_eq!(compare(more, less), Some(Ordering::Greater), "{more} > {less}");
        }
    }

    #[test]
    fn leading_zeros_and_a_missing_epoch_or_revision_count_as_nothing() {
        for (one, other) in [("1.0", "0:1.0"), ("1.01", "1.1"), ("1.0-0", "1.0"), ("1.0", "1.0")] {
            assert_eq!(compare(one, other), Some(Ordering::Equal), "{one} = {other}");
        }
    }

    #[test]
    fn what_is_no_debian_version_is_refused() {
        for text in ["", "a:1", "1 0", "1_0", ":1", "-1"] {
            assert_eq!(compare(text, "1"), None, "{text}");
        }
    }
}
