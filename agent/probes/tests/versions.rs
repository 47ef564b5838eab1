//! The order of versions beside dpkg's own, on versions of this machine's own lists and status, mutated.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot be set up must fail loudly")]

use std::cmp::Ordering;
use std::io::Write;
use std::process::{Command, Stdio};

use vedetta_probes::packages::version::compare;

/// How many pairs must have an answer of dpkg.
const PAIRS: usize = 100_000;
/// How many more are made, because dpkg refuses some mutated ones.
const MARGIN: usize = 60_000;
/// What a mutation puts in.
const PIECES: &[&str] = &["0", "1", "9", "10", "00", ".", "+", "~", "-", "a", "Z", "~~", "+b1", "deb12u", "1:", "rc"];

/// A fixed generator (the constants of Knuth's MMIX), so that every run asks the same pairs.
struct Generator(u64);

impl Generator {
    fn next(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % limit.max(1)
    }

    /// The text with up to three characters taken out, put in or doubled.
    fn mutate(&mut self, version: &str) -> String {
        let mut text = version.to_owned();
        for _change in 0..self.next(4) {
            let at = self.next(text.len() + 1);
            match self.next(3) {
                0 if at < text.len() => drop(text.remove(at)),
                1 if at < text.len() => text.insert(at, char::from(text.as_bytes()[at])),
                _ => text.insert_str(at, PIECES[self.next(PIECES.len())]),
            }
        }
        text
    }
}

/// Whether what stands before a colon is a number and something follows it: dpkg refuses other versions, its module does
/// not in every case.
fn has_valid_epoch(version: &str) -> bool {
    version.split_once(':').is_none_or(|(epoch, rest)| {
        !epoch.is_empty() && epoch.bytes().all(|byte| byte.is_ascii_digit()) && !rest.is_empty()
    })
}

fn run(program: &str, arguments: &[&str], input: &str) -> String {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("this test needs `{program}`: {error}"));
    let mut stdin = child.stdin.take().expect("a pipe");
    let input = input.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().expect("ended");
    writer.join().expect("no panic").expect("written");
    assert!(output.status.success(), "{program}");
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn a_hundred_thousand_mutated_pairs_stand_in_the_order_that_dpkg_gives() {
    let installed = run("dpkg-query", &["-W", "-f", "${Version}\n"], "");
    let offered = run("apt-cache", &["dumpavail"], "");
    let offered = offered.lines().filter_map(|line| line.strip_prefix("Version: "));
    let mut versions: Vec<&str> = installed.lines().chain(offered).filter(|version| version.is_ascii()).collect();
    versions.sort_unstable();
    versions.dedup();
    assert!(versions.len() > 200, "{}", versions.len());
    let mut generator = Generator(42);
    let pairs: Vec<(String, String)> = (0..PAIRS + MARGIN)
        .map(|_| {
            let left = versions[generator.next(versions.len())];
            // Mutations of one version lie close together, which is where orders differ.
            let right = if generator.next(4) == 0 { versions[generator.next(versions.len())] } else { left };
            (generator.mutate(left), generator.mutate(right))
        })
        .filter(|(left, right)| has_valid_epoch(left) && has_valid_epoch(right))
        .collect();
    let input: String = pairs.iter().map(|(left, right)| format!("{left} {right}\n")).collect();
    // dpkg's own module, one process for all pairs; `!` where it takes one of them for no version.
    let script = "use Dpkg::Version; while (<STDIN>) { chomp; my ($x, $y) = split / /, $_, 2; \
        my ($l, $r) = map { Dpkg::Version->new($_, check => 1) } ($x, $y); \
        print((defined $l && defined $r) ? ($l <=> $r) : '!', \"\\n\"); }";
    let answers = run("perl", &["-e", script], &input);
    assert_eq!(answers.lines().count(), pairs.len());
    let mut compared = 0;
    for ((left, right), answer) in pairs.iter().zip(answers.lines()) {
        let expected = match answer {
            "-1" => Ordering::Less,
            "0" => Ordering::Equal,
            "1" => Ordering::Greater,
            _refused => continue,
        };
        compared += 1;
        assert_eq!(compare(left, right), expected, "{left} {right}");
    }
    assert!(compared >= PAIRS, "only {compared} pairs of versions");
}
