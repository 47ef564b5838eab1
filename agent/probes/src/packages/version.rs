//! Order of Debian versions, deb-version(7): that of the checks, made total.

use std::cmp::Ordering;

use vedetta_checks::judge::version::VersionKind;

/// Whether version `left` comes before version `right`.
#[must_use]
pub fn version_less(left: &str, right: &str) -> bool {
    compare(left, right) == Ordering::Less
}

/// Compares two versions `[epoch:]upstream[-revision]` as dpkg does.
///
/// What is no version comes before every version, by its bytes: lists and status files of third parties may hold any
/// text, and sorting needs a place for each.
#[must_use]
pub fn compare(left: &str, right: &str) -> Ordering {
    let is_version = |text| VersionKind::Dpkg.compare(text, text).is_some();
    VersionKind::Dpkg.compare(left, right).unwrap_or_else(|| (is_version(left), left).cmp(&(is_version(right), right)))
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
        ("", '<', "0"),
        ("not a version", '<', "0"),
        ("1_0", '<', "1_1"),
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
