//! Which crate may know which.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use crate::tree::{read, root};

/// Every edge that the design allows between our crates (not for tests).
const EDGES: &[(&str, &[&str])] = &[
    ("vedetta-checks", &[]),
    ("vedetta-journal", &[]),
    ("vedetta-probes", &["vedetta-checks"]),
    ("vedetta-proto", &["vedetta-checks"]),
    ("vedetta-core", &["vedetta-checks"]),
    ("vedetta-store", &["vedetta-checks", "vedetta-core", "vedetta-journal", "vedetta-proto"]),
    ("vedetta-web", &["vedetta-checks", "vedetta-core"]),
    ("vedetta-agent", &["vedetta-checks", "vedetta-journal", "vedetta-probes", "vedetta-proto"]),
    ("vedetta-collector", &["vedetta-checks", "vedetta-core", "vedetta-proto", "vedetta-store", "vedetta-web"]),
];

/// Crates that must not reach a pure crate: whatever opens a socket, a file store or a run-time.
const IMPURE: &[&str] = &["tokio", "sled", "axum", "tonic", "hyper", "rustls"];

/// Dependencies of each of our crates, for shipping.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo is needed to read the crates");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let shipped = |dependency: &&Value| dependency["kind"].is_null();
    metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| {
            let names = package["dependencies"].as_array().unwrap().iter().filter(shipped);
            (text(&package["name"]), names.map(|dependency| text(&dependency["name"])).collect())
        })
        .collect()
}

#[test]
fn our_crates_know_only_whom_the_design_allows() {
    let dependencies = dependencies();
    for (name, found) in &dependencies {
        if name == "vedetta-tests" {
            continue;
        }
        let allowed =
            EDGES.iter().find(|(own, _)| own == name).unwrap_or_else(|| panic!("{name} is not in the list")).1;
        let ours: Vec<_> = found.iter().filter(|dependency| dependency.starts_with("vedetta-")).collect();
        for edge in ours {
            assert!(allowed.contains(&edge.as_str()), "{name} must not know {edge}");
        }
    }
    assert_eq!(dependencies.len(), EDGES.len() + 1);
}

#[test]
fn the_pure_crates_reach_no_socket_no_database_and_no_run_time() {
    let dependencies = dependencies();
    for name in ["vedetta-checks", "vedetta-core", "vedetta-journal"] {
        for impure in IMPURE {
            assert!(!dependencies[name].contains(*impure), "{name} must not know {impure}");
        }
    }
}

#[test]
fn only_the_store_names_a_storage_engine() {
    for (name, found) in dependencies() {
        assert!(name == "vedetta-store" || !found.contains("sled"), "{name} must not know sled");
    }
}

#[test]
fn every_dependency_says_why_it_is_there() {
    let manifest = read("Cargo.toml");
    let section = manifest.split("[workspace.dependencies]").nth(1).unwrap().split("\n[").next().unwrap();
    let silent: Vec<_> = section
        .lines()
        .filter(|line| line.contains(" = ") && !line.starts_with("vedetta-") && !line.contains("# "))
        .collect();
    assert!(silent.is_empty(), "without a reason: {silent:?}");
}
