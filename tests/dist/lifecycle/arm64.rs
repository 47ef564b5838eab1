//! The arm64 agent beneath qemu: the real program with the libraries of Debian 12 for arm64.

use std::fs;
use std::process::Command;

use serde_json::Value;
use vedetta_tests::program::{Answer, run};

use crate::packages::{VERSION, deb};
use crate::root::Root;

/// The emulator, which needs no library of the root.
const QEMU: &str = "/usr/bin/qemu-aarch64-static";

#[test]
#[ignore = "needs the packages: `make test-dist`"]
fn the_arm64_agent_checks_its_host() {
    let root = Root::new("arm64");
    let unpacked = root.folder().join("package");
    run(Command::new("dpkg-deb").arg("--extract").arg(deb("vedetta-agent", "arm64")).arg(&unpacked));
    fs::copy(unpacked.join("usr/bin/vedetta-agent"), root.path("/usr/bin/vedetta-agent")).unwrap();
    fs::copy(QEMU, root.path("/tmp/qemu")).unwrap_or_else(|error| panic!("{QEMU}: {error}"));

    let version = agent(&root, &["--version"]);
    assert_eq!(version.out.trim(), format!("vedetta-agent {VERSION}"), "{}", version.err);
    let checked = agent(&root, &["check", "--format", "json"]);
    // 0: all in order, 1: something is not.
    root.holds([0, 1].contains(&checked.code), "check", &format!("ended with {}", checked.code), &checked);
    let report: Value = checked.json();
    let results = report["results"].as_array().unwrap();
    let known =
        results.iter().filter(|result| ["pass", "fail"].contains(&result["verdict"].as_str().unwrap_or_default()));
    let (known, all) = (known.count(), results.len());
    println!("\narm64 beneath qemu: {all} results, {known} of them pass or fail");
    // The root holds little beside the libraries: most of it cannot be looked at, and says so.
    assert!(all > 10 && known > 0, "{all} results, {known} known: {}", checked.out);
}

/// Runs the agent in the root; nothing else there is of this machine's processor.
fn agent(root: &Root, words: &[&str]) -> Answer {
    let mounted = root.mounted();
    let emulated = ["chroot", mounted.to_str().unwrap(), "/tmp/qemu", "/usr/bin/vedetta-agent"];
    root.beside(&[&emulated, words].concat())
}
