//! Versions of rpm: epoch, version and release, and their order.

use std::cmp::Ordering;
use std::fmt;

/// What distinguishes one build of a package from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Evr {
    epoch: u64,
    version: String,
    release: String,
}

impl Evr {
    /// From its three parts.
    pub(super) fn new(epoch: u64, version: &str, release: &str) -> Self {
        Self { epoch, version: version.to_owned(), release: release.to_owned() }
    }

    /// Reads `1:3.0.7-24.el9`; without an epoch it is 0. None when there is no release.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (epoch, rest) = match text.split_once(':') {
            Some((epoch, rest)) => (epoch.parse().ok()?, rest),
            None => (0, text),
        };
        let (version, release) = rest.split_once('-')?;
        (!version.is_empty() && !release.is_empty()).then(|| Self::new(epoch, version, release))
    }

    /// Version and release without the epoch, as a running kernel names itself.
    pub(super) fn without_epoch(&self) -> String {
        format!("{}-{}", self.version, self.release)
    }
}

impl fmt::Display for Evr {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.epoch > 0 {
            write!(formatter, "{}:", self.epoch)?;
        }
        write!(formatter, "{}-{}", self.version, self.release)
    }
}

impl Ord for Evr {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_epoch = self.epoch.cmp(&other.epoch);
        let by_version = || compare(&self.version, &other.version);
        by_epoch.then_with(by_version).then_with(|| compare(&self.release, &other.release))
    }
}

impl PartialOrd for Evr {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Compares two versions or releases as rpm does (rpm-version(7)): pieces of digits by number, pieces of letters by byte,
/// digits above letters; `~` sorts before the end, `^` after the end and before anything else.
fn compare(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left, right);
    'pieces: loop {
        left = left.trim_start_matches(is_separator);
        right = right.trim_start_matches(is_separator);
        for (mark, order_of_mark) in [('~', Ordering::Less), ('^', Ordering::Greater)] {
            match (left.strip_prefix(mark), right.strip_prefix(mark)) {
                (Some(left_rest), Some(right_rest)) => {
                    (left, right) = (left_rest, right_rest);
                    continue 'pieces;
                }
                (Some(_), None) => {
                    return if mark == '^' && !right.is_empty() { Ordering::Less } else { order_of_mark };
                }
                (None, Some(_)) => {
                    return if mark == '^' && !left.is_empty() { Ordering::Greater } else { order_of_mark.reverse() };
                }
                (None, None) => {}
            }
        }
        if left.is_empty() || right.is_empty() {
            return left.len().cmp(&right.len());
        }
        let by_number = left.starts_with(|first: char| first.is_ascii_digit());
        let (left_piece, left_rest) = piece(left, by_number);
        let (right_piece, right_rest) = piece(right, by_number);
        if right_piece.is_empty() {
            return if by_number { Ordering::Greater } else { Ordering::Less };
        }
        let order = if by_number { compare_numbers(left_piece, right_piece) } else { left_piece.cmp(right_piece) };
        if order != Ordering::Equal {
            return order;
        }
        (left, right) = (left_rest, right_rest);
    }
}

fn is_separator(character: char) -> bool {
    !character.is_ascii_alphanumeric() && character != '~' && character != '^'
}

/// The digits, or the letters, that a text begins with, and the rest.
fn piece(text: &str, of_digits: bool) -> (&str, &str) {
    let belongs = |character: char| {
        if of_digits { character.is_ascii_digit() } else { character.is_ascii_alphabetic() }
    };
    text.split_at(text.find(|character| !belongs(character)).unwrap_or(text.len()))
}

/// Numbers of any length, by value.
fn compare_numbers(left: &str, right: &str) -> Ordering {
    let (left, right) = (left.trim_start_matches('0'), right.trim_start_matches('0'));
    left.len().cmp(&right.len()).then_with(|| left.cmp(right))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// No `-` and no `:`: rpm itself would part version and release there.
    const PIECES: &[&str] = &[
        "",
        "0",
        "1",
        "01",
        "2",
        "10",
        "9",
        "a",
        "rc1",
        "el9",
        "~",
        "~rc",
        "^",
        "^git1",
        ".",
        "_",
        "99999999999999999999",
        "Z",
        "+",
        "~~",
        "1~",
        "1^",
        "è",
    ];

    /// Every pair out of joined pieces, in the order of the real rpm.
    #[test]
    fn every_pair_is_in_the_order_of_rpm_itself() {
        /// Pairs given to rpm at once: an argument of a program may have 128 KiB.
        const PAIRS_A_RUN: usize = 1_000;
        let mut words = Vec::new();
        for first in PIECES {
            for second in PIECES {
                words.push(format!("{first}{second}"));
                words.push(format!("1.{first}.{second}"));
            }
        }
        // Every word beside its neighbours in three orders gives near and far pairs, of a number that takes seconds.
        let steps = [1, 2, 3, 7, 23, 48, 101, 577];
        let pairs: Vec<(&str, &str)> = (0..words.len())
            .flat_map(|at| steps.map(|step| (at, (at + step) % words.len())))
            .map(|(left, right)| (words[left].as_str(), words[right].as_str()))
            .filter(|(left, right)| !left.is_empty() && !right.is_empty())
            .collect();
        assert!(pairs.len() > 8_000, "{}", pairs.len());
        for pairs in pairs.chunks(PAIRS_A_RUN) {
            let calls: String =
                pairs.iter().map(|(left, right)| format!("print(rpm.vercmp('{left}','{right}')..' ')")).collect();
            let output = Command::new("rpm").arg("--eval").arg(format!("%{{lua:{calls}}}")).output();
            let output = output.expect("this test needs `rpm` (run `make setup-test`)");
            let said = String::from_utf8(output.stdout).unwrap();
            let orders: Vec<i32> = said.split_whitespace().map(|order| order.parse().unwrap()).collect();
            assert_eq!(orders.len(), pairs.len(), "{said}");
            for ((left, right), order) in pairs.iter().zip(orders) {
                assert_eq!(compare(left, right) as i32, order, "{left} beside {right}");
            }
        }
    }

    #[test]
    fn the_epoch_comes_first_and_is_shown_only_when_set() {
        let old = Evr::parse("3.0.7-24.el9").unwrap();
        let new = Evr::parse("1:1.1-1").unwrap();
        assert!(new > old);
        assert_eq!((old.to_string(), new.to_string()), ("3.0.7-24.el9".to_owned(), "1:1.1-1".to_owned()));
        assert_eq!(Evr::parse("3.0.7"), None);
        assert_eq!(Evr::parse("x:3.0.7-1"), None);
    }
}
