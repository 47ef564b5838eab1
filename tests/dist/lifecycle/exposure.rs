//! How much of the host a break-out of each unit would reach, by systemd's own measure.

use std::process::Command;

use tempfile::TempDir;
use vedetta_tests::program::{ask, printed};

use crate::packages::repository;

/// A unit file, and the greatest exposure that it may have: systemd's figure of 0 (nothing) to 10 (everything), times ten.
/// The reader is root's eye, which is its purpose: it keeps three of root's rights.
const BOUNDS: &[(&str, u32)] = &[
    ("agent/packaging/vedetta-agent.service", 25),
    ("agent/packaging/vedetta-agent-reader@.service", 32),
    ("collector/packaging/vedetta-collector.service", 15),
];

#[test]
#[ignore = "systemd-analyze may be missing: `make test-dist`"]
fn the_units_expose_little_of_the_host() {
    let version = printed(Command::new("systemd-analyze").arg("--version"));
    println!("\nsystemd-analyze security, {}", version.lines().next().unwrap_or_default());
    let mut over = Vec::new();
    for (file, bound) in BOUNDS {
        let exposure = exposure(file);
        println!("{file:<52} {:.1} of 10, at most {:.1}", f64::from(exposure) / 10.0, f64::from(*bound) / 10.0);
        if exposure > *bound {
            over.push(file);
        }
    }
    assert!(over.is_empty(), "above their bound: {over:?}; `systemd-analyze security --offline=true FILE` says why");
}

/// The figure of one unit file, times ten.
fn exposure(file: &str) -> u32 {
    // A template has no figure, an instance of it has.
    let folder = TempDir::new().unwrap();
    let name = file.rsplit('/').next().unwrap().replace("@.", "@1.");
    let unit = folder.path().join(name);
    std::fs::copy(repository(file), &unit).unwrap_or_else(|error| panic!("{file}: {error}"));
    let answer = ask(Command::new("systemd-analyze").args(["security", "--offline=true", "--no-pager"]).arg(unit));
    let line = answer.out.lines().find(|line| line.contains("Overall exposure level"));
    let line = line.unwrap_or_else(|| panic!("{file} has no figure: {}{}", answer.out, answer.err));
    let figure = line.rsplit(": ").next().and_then(|rest| rest.split(' ').next()).unwrap_or_default();
    figure.replace('.', "").parse().unwrap_or_else(|error| panic!("{file}: {line}: {error}"))
}
