//! Order of Debian versions, deb-version(7).

use std::cmp::Ordering;

/// Whether version `left` comes before version `right`.
#[must_use]
pub fn version_less(left: &str, right: &str) -> bool {
    compare(left, right) == Ordering::Less
}

/// Compares two versions `[epoch:]upstream[-revision]` as dpkg does. Any text has a place in the order; an epoch that is
/// no number counts as 0, as a version that dpkg itself would have refused.
#[must_use]
pub fn compare(left: &str, right: &str) -> Ordering {
    let (left_epoch, left_upstream, left_revision) = parts(left);
    let (right_epoch, right_upstream, right_revision) = parts(right);
    left_epoch
        .cmp(&right_epoch)
        .then_with(|| compare_part(left_upstream, right_upstream))
        .then_with(|| compare_part(left_revision, right_revision))
}

fn parts(version: &str) -> (u64, &str, &str) {
    let (epoch, rest) = version.split_once(':').unwrap_or(("0", version));
    let (upstream, revision) = rest.rsplit_once('-').unwrap_or((rest, "0"));
    (epoch.parse().unwrap_or(0), upstream, revision)
}

/// Alternates between a run without digits and a run of digits; digits compare as numbers of any length.
fn compare_part(left: &str, right: &str) -> Ordering {
    let mut left = left.as_bytes();
    let mut right = right.as_bytes();
    while !left.is_empty() || !right.is_empty() {
        let (left_text, left_rest) = split_run(left, |byte| !byte.is_ascii_digit());
        let (right_text, right_rest) = split_run(right, |byte| !byte.is_ascii_digit());
        let order = compare_text(left_text, right_text);
        if order.is_ne() {
            return order;
        }
        let (left_number, left_rest) = split_run(left_rest, u8::is_ascii_digit);
        let (right_number, right_rest) = split_run(right_rest, u8::is_ascii_digit);
        let (left_number, right_number) = (without_zeros(left_number), without_zeros(right_number));
        let order = left_number.len().cmp(&right_number.len()).then_with(|| left_number.cmp(right_number));
        if order.is_ne() {
            return order;
        }
        (left, right) = (left_rest, right_rest);
    }
    Ordering::Equal
}

fn split_run(bytes: &[u8], belongs: impl Fn(&u8) -> bool) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|byte| !belongs(byte)).unwrap_or(bytes.len());
    bytes.split_at_checked(end).unwrap_or((bytes, &[]))
}

fn without_zeros(digits: &[u8]) -> &[u8] {
    split_run(digits, |byte| *byte == b'0').1
}

fn compare_text(left: &[u8], right: &[u8]) -> Ordering {
    let weight = |byte: Option<&u8>| match byte {
        Some(b'~') => -1,
        None => 0,
        Some(byte) if byte.is_ascii_alphabetic() => i32::from(*byte),
        Some(byte) => i32::from(*byte) + 256,
    };
    (0..left.len().max(right.len()))
        .map(|place| weight(left.get(place)).cmp(&weight(right.get(place))))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Left, right, expected: `<`, `=` or `>`.
    const CASES: &[(&str, char, &str)] = &[
        ("1.0", '<', "1.1"),
        ("1.9", '<', "1.10"),
        ("1.0", '=', "1.00"),
        ("1.0", '=', "1.0-0"),
        ("1.0", '=', "0:1.0"),
        ("1:0.1", '>', "9.9"),
        ("1.0~rc1", '<', "1.0"),
        ("1.0~~", '<', "1.0~"),
        ("1.0~rc1-1", '<', "1.0-1"),
        ("1.0-1", '<', "1.0-1+b1"),
        ("1.0-1", '<', "1.0-1+deb12u1"),
        ("1.0-1+deb12u2", '>', "1.0-1+deb12u1"),
        ("1.0-1~bpo12+1", '<', "1.0-1"),
        ("1.0a", '<', "1.0+"),
        ("1.0", '<', "1.0a"),
        ("1.2-3-4", '>', "1.2-2-5"),
        ("20250419~deb12u2", '>', "20230311+deb12u1"),
        ("99999999999999999999999", '<', "100000000000000000000000"),
        ("", '<', "0a"),
    ];

    #[test]
    fn versions_stand_in_the_order_of_the_manual() {
        for (left, expected, right) in CASES {
            let expected = match expected {
                '<' => Ordering::Less,
                '=' => Ordering::Equal,
                _ => Ordering::Greater,
            };
            assert_eq!(compare(left, right), expected, "{left} {right}");
            assert_eq!(compare(right, left), expected.reverse(), "{right} {left}");
        }
    }

    #[test]
    fn every_order_of_generated_pairs_is_the_one_that_dpkg_gives() {
        const PAIRS: usize = 3_000;
        const PIECES: &[&str] = &["0", "1", "9", "10", "007", ".", "+", "~", "a", "b", "rc", "deb12u", "Z"];
        // A fixed generator (the constants of Knuth's MMIX), so that every run asks the same pairs.
        let mut state = 42_u64;
        let mut next = |limit: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).expect("31 bits") % limit
        };
        let mut version = || {
            let mut text = if next(4) == 0 { format!("{}:", next(3)) } else { String::new() };
            text.push_str(&next(3).to_string());
            (0..next(5)).for_each(|_| text.push_str(PIECES[next(PIECES.len())]));
            if next(2) == 0 {
                text.push_str("-1");
                (0..next(3)).for_each(|_| text.push_str(PIECES[next(PIECES.len())]));
            }
            text
        };
        let pairs: Vec<(String, String)> = (0..PAIRS).map(|_| (version(), version())).collect();
        // One shell for all pairs: starting dpkg 6,000 times from here is slower by far.
        let script: String = pairs
            .iter()
            .map(|(left, right)| {
                format!("if dpkg --compare-versions '{left}' lt '{right}'; then echo '<'; elif dpkg --compare-versions '{left}' eq '{right}'; then echo =; else echo '>'; fi\n")
            })
            .collect();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("pairs.sh");
        std::fs::write(&file, script).expect("a written script");
        let output = std::process::Command::new("sh").arg(&file).output().expect("sh and dpkg are installed");
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        let answers = String::from_utf8(output.stdout).expect("text");
        assert_eq!(answers.lines().count(), PAIRS);
        for ((left, right), answer) in pairs.iter().zip(answers.lines()) {
            let ours = match compare(left, right) {
                Ordering::Less => "<",
                Ordering::Equal => "=",
                Ordering::Greater => ">",
            };
            assert_eq!(ours, answer, "{left} {right}");
        }
    }
}
