//! RPM's order: rpm-version(7), epoch, then version, then release where both name one.

use std::cmp::Ordering;

use super::{digits, take};

/// Order of two RPM versions `[epoch:]version[-release]`; none when one is empty or holds other characters.
pub(super) fn compare(left: &str, right: &str) -> Option<Ordering> {
    let (left_epoch, left_version, left_release) = parts(left)?;
    let (right_epoch, right_version, right_release) = parts(right)?;
    let by_version = left_epoch.cmp(&right_epoch).then_with(|| segments(left_version, right_version));
    Some(match (left_release, right_release) {
        (Some(left), Some(right)) => by_version.then_with(|| segments(left, right)),
        (Some(_), None) | (None, Some(_)) | (None, None) => by_version,
    })
}

/// Epoch, version, and release where it is named.
type Parts<'v> = (u32, &'v [u8], Option<&'v [u8]>);

fn parts(version: &str) -> Option<Parts<'_>> {
    let (epoch, rest) = match version.split_once(':') {
        Some((epoch, rest)) => (epoch.parse().ok()?, rest),
        None => (0, version),
    };
    let (version, release) = match rest.split_once('-') {
        Some((version, release)) => (version, Some(release)),
        None => (rest, None),
    };
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'+' | b'~' | b'^');
    let fits = |text: &str| !text.is_empty() && text.bytes().all(allowed);
    let all_fit = fits(version) && release.is_none_or(fits);
    all_fit.then_some((epoch, version.as_bytes(), release.map(str::as_bytes)))
}

/// Compares runs of digits and of letters; other characters only part them, save `~` (earlier) and `^` (later).
fn segments(mut left: &[u8], mut right: &[u8]) -> Ordering {
    let is_separator = |byte: &u8| !byte.is_ascii_alphanumeric() && !matches!(byte, b'~' | b'^');
    loop {
        left = take(left, is_separator).1;
        right = take(right, is_separator).1;
        match (left.first(), right.first()) {
            (Some(b'~'), Some(b'~')) | (Some(b'^'), Some(b'^')) => {
                left = left.get(1..).unwrap_or_default();
                right = right.get(1..).unwrap_or_default();
                continue;
            }
            (Some(b'~'), _) => return Ordering::Less,
            (_, Some(b'~')) => return Ordering::Greater,
            (Some(b'^'), None) => return Ordering::Greater,
            (None, Some(b'^')) => return Ordering::Less,
            (Some(b'^'), Some(_)) => return Ordering::Less,
            (Some(_), Some(b'^')) => return Ordering::Greater,
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(one), Some(other)) => {
                let order = match (one.is_ascii_digit(), other.is_ascii_digit()) {
                    (true, false) => return Ordering::Greater,
                    (false, true) => return Ordering::Less,
                    (is_number, _) => run(&mut left, &mut right, is_number),
                };
                if order != Ordering::Equal {
                    return order;
                }
            }
        }
    }
}

/// Compares and takes one run of digits or of letters from both sides.
fn run(left: &mut &[u8], right: &mut &[u8], is_number: bool) -> Ordering {
    let same = |byte: &u8| if is_number { byte.is_ascii_digit() } else { byte.is_ascii_alphabetic() };
    let (left_run, left_rest) = take(left, same);
    let (right_run, right_rest) = take(right, same);
    (*left, *right) = (left_rest, right_rest);
    if is_number { digits(left_run, right_run) } else { left_run.cmp(right_run) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each line: the smaller version, then the greater.
    const RISING: &[(&str, &str)] = &[
        ("1.0", "2.0"),
        ("2.0", "2.0.1"),
        ("5.5p1", "5.5p2"),
        ("5.5p1", "5.5p10"),
        ("10xyz", "10.1xyz"),
        ("xyz.4", "8"),
        ("1.0~rc1", "1.0"),
        ("1.0~rc1", "1.0~rc2"),
        ("1.0", "1.0^"),
        ("1.0^git1", "1.01"),
        ("1.0^20240101", "1.0.1"),
        ("1.0-1.el9", "1.0-2.el9"),
        ("9.9", "1:0.1"),
        ("2.34-100.el9", "2.34-100.el9_4.2"),
    ];

    #[test]
    fn rpm_versions_are_ordered_as_in_the_manual() {
        for (less, more) in RISING {
            assert_eq!(compare(less, more), Some(Ordering::Less), "{less} < {more}");
            assert_eq!(compare(more, less), Some(Ordering::Greater), "{more} > {less}");
        }
    }

    #[test]
    fn separators_and_leading_zeros_count_as_nothing() {
        for (one, other) in [("1.0", "1_0"), ("1.01", "1.1"), ("1.0", "1.0-5"), ("0:1", "1")] {
            assert_eq!(compare(one, other), Some(Ordering::Equal), "{one} = {other}");
        }
    }

    #[test]
    fn what_is_no_rpm_version_is_refused() {
        for text in ["", "x:1", "1 0", "1-", "-1"] {
            assert_eq!(compare(text, "1"), None, "{text}");
        }
    }
}
